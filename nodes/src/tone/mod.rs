//! Equalisation.

mod bands;
mod baxandall;
mod chain;
mod emphasis;
mod equalizer;
mod graphic_equalizer;
mod linear;
mod phase;

pub use bands::{BandLane, BellBand, EqualizerBand, PassBand, PassShape, QBand, ShelfBand, TiltBand};
pub use baxandall::Baxandall;
pub use emphasis::{Emphasis, EmphasisCurve, EmphasisMode};
pub use equalizer::Equalizer;
pub use graphic_equalizer::{GraphicEqualizer, GraphicEqualizerLayout};
pub use phase::{EqualizerPhase, EqualizerReport};
