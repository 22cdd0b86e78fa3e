//! Shorter words: dither, noise shaping, rounding.
//!
//! Rounding alone makes an error that follows the signal: distortion, and noise that comes and goes with it. Triangular
//! dither of ±1 LSB makes mean and power of the error independent of the signal (Lipshitz, Wannamaker and Vanderkooy,
//! *Quantization and dither*, 1992), at the price of 4.8 dB more noise. Noise shaping feeds earlier errors back, so
//! that the noise lies where the ear hears it least. Its filter is the predictor that minimises the noise after a
//! weighting (Gerzon and Craven, *Optimal noise shaping and dither of digital signals*, 1989), solved by Levinson's
//! recursion for the sample rate at hand.

mod shaping;

pub use shaping::{Shape, noise_shaper};

use crate::noise::Noise;
use shaping::ORDER;

/// What is added before rounding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dither {
    /// Nothing: plain rounding.
    None,
    /// Noise with triangular density, ±1 LSB.
    Triangular,
}

/// How to quantise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// The length of a word, 2 … 32.
    pub bits: u32,
    /// What is added before rounding.
    pub dither: Dither,
    /// Where the noise goes.
    pub shape: Shape,
    /// Sample rate, in Hz.
    pub rate_hz: f64,
    /// What the dither is drawn from, with channel and frame.
    pub seed: u64,
}

/// Rounds samples to words of fewer bits: every output is a whole multiple of 2^−(bits − 1), from −1 to one step below
/// +1.
#[derive(Clone, Debug)]
pub struct Quantizer {
    settings: Settings,
    /// Steps per full scale.
    scale: f64,
    /// What of the last errors is fed back, latest first. Empty: nothing.
    taps: Option<[f64; ORDER]>,
    noise: Vec<Noise>,
    /// The last errors of each channel, in steps, latest first.
    errors: Vec<[f64; ORDER]>,
}

/// The largest error there is without saturation: half a step of rounding and one of dither. What a clipped sample is
/// off by must not be made good by the ones after it.
const MOST_ERROR: f64 = 1.5;
/// Added and taken away again, this rounds to a whole number (ties to even) anything below 2⁵¹.
const ROUND: f64 = 6_755_399_441_055_744.0;
/// Nothing larger than this is rounded.
const MOST: f64 = 1e15;

impl Quantizer {
    /// A quantiser for `channels` channels.
    ///
    /// # Panics
    /// When `bits` is not from 2 to 32.
    #[must_use]
    pub fn new(settings: Settings, channels: usize) -> Self {
        assert!((2..=32).contains(&settings.bits), "{} bits", settings.bits);
        Self {
            settings,
            scale: (1_u64 << (settings.bits - 1)) as f64,
            taps: noise_shaper(settings.shape, settings.rate_hz),
            noise: (0..channels).map(|channel| Noise::new(settings.seed, channel)).collect(),
            errors: vec![[0.0; ORDER]; channels],
        }
    }

    /// Forgets the last errors.
    pub fn reset(&mut self) {
        self.errors.fill([0.0; ORDER]);
    }

    /// Quantises the next frames of `channel` in place; `start` is the number of the first.
    ///
    /// # Panics
    /// When there is no such channel.
    pub fn process(&mut self, channel: usize, start: u64, block: &mut [f64]) {
        let noise = self.noise[channel];
        match self.settings.dither {
            Dither::None => self.run(channel, start, block, |_| 0.0),
            Dither::Triangular => self.run(channel, start, block, |frame| noise.triangular(frame)),
        }
    }

    fn run(&mut self, channel: usize, start: u64, block: &mut [f64], dither: impl Fn(u64) -> f64) {
        let (scale, step) = (self.scale, 1.0 / self.scale);
        let round = |x: f64| ((x.clamp(-MOST, MOST) + ROUND) - ROUND).clamp(-scale, scale - 1.0);
        let Some(taps) = self.taps else {
            for (sample, frame) in block.iter_mut().zip(start..) {
                *sample = round(*sample * scale + dither(frame)) * step;
            }
            return;
        };
        let mut errors = self.errors[channel];
        for (sample, frame) in block.iter_mut().zip(start..) {
            let wanted = *sample * scale + feedback(&taps, &errors);
            let rounded = round(wanted + dither(frame));
            errors.copy_within(..ORDER - 1, 1);
            errors[0] = (rounded - wanted).clamp(-MOST_ERROR, MOST_ERROR);
            *sample = rounded * step;
        }
        self.errors[channel] = errors;
    }
}

/// Σ taps · errors, in four lanes.
#[inline]
fn feedback(taps: &[f64; ORDER], errors: &[f64; ORDER]) -> f64 {
    let mut lanes = [0.0; 4];
    for (taps, errors) in taps.as_chunks::<4>().0.iter().zip(errors.as_chunks::<4>().0) {
        for lane in 0..4 {
            lanes[lane] += taps[lane] * errors[lane];
        }
    }
    (lanes[0] + lanes[2]) + (lanes[1] + lanes[3])
}

#[cfg(test)]
mod tests;
