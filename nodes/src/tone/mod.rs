//! Equalisation.

mod bands;
mod chain;
mod equalizer;
mod linear;

pub use bands::{BandLane, BellBand, EqualizerBand, PassBand, PassShape, QBand, ShelfBand, TiltBand};
pub use equalizer::{Equalizer, EqualizerPhase, EqualizerReport};
