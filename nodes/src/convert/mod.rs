//! Sample rate and word length.

mod dither;
mod resample;

pub use dither::{Dither, DitherNoise, DitherReport, DitherShape};
pub use resample::{Resample, ResamplePhase, ResampleQuality};
