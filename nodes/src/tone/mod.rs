//! Equalisation.

mod equalizer;

pub use equalizer::{BellBand, Equalizer, EqualizerBand, PassBand, PassShape, QBand, ShelfBand};
