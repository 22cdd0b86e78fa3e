//! True peak: how far the signal goes between its samples.
//!
//! Two interpolators look. The *reference* is a sinc of 96 taps under a Kaiser window (β = 12) at 32 points a frame: it
//! follows the band-limited signal to within 0.01 dB up to 20 kHz at 44.1 kHz. *Annex 2* is the 48-tap interpolator of
//! ITU-R BS.1770-5, Annex 2, at four points a frame, as most meters have it: it reads up to 0.2 dB too much around a
//! quarter of the sample rate, and too little near half of it. Who wants to be safe looks at both, and at the samples.
//!
//! [`PeakMeter`] finds the highest values of a programme, [`PeakFinder`] those of every frame that exceed a ceiling.
//! Both leave out the interpolation wherever a bound shows that it cannot matter (`bound`); what they give
//! is the same as without.

mod bound;
mod finder;
pub(crate) mod kernel;
mod meter;

pub use finder::PeakFinder;
pub use meter::{PeakMeter, Peaks};

/// How many frames behind a frame must be known before its peak is: the reach of the reference interpolator.
pub const LOOKAHEAD_FRAMES: usize = kernel::HALF;

#[cfg(test)]
mod tests;
