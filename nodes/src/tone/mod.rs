//! Equalisation.

mod bands;
mod baxandall;
mod chain;
mod dynamic_equalizer;
mod emphasis;
mod equalizer;
mod graphic_equalizer;
mod linear;
mod match_equalizer;
mod match_report;
mod phase;

pub use bands::{BandLane, BellBand, EqualizerBand, PassBand, PassShape, QBand, ShelfBand, TiltBand};
pub use baxandall::Baxandall;
pub use dynamic_equalizer::{
    DynamicBand, DynamicBandReport, DynamicDetect, DynamicEqualizer, DynamicEqualizerBand,
    DynamicEqualizerReport, DynamicWhen,
};
pub use emphasis::{Emphasis, EmphasisCurve, EmphasisMode};
pub use equalizer::Equalizer;
pub use graphic_equalizer::{GraphicEqualizer, GraphicEqualizerLayout};
pub use match_equalizer::{MatchEqualizer, MatchPhase};
pub use match_report::{MatchEqualizerReport, MatchedLane};
pub use phase::{EqualizerPhase, EqualizerReport};
