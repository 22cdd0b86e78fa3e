//! Sample rate and word length.

mod dither;

pub use dither::{Dither, DitherNoise, DitherShape};
