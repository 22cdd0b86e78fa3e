//! Shorter words: dither, noise shaping, rounding.
//!
//! Rounding alone makes an error that follows the signal: distortion, and noise that comes and goes with it. Triangular
//! dither of ±1 LSB makes mean and power of the error independent of the signal (Lipshitz, Wannamaker and Vanderkooy,
//! *Quantization and dither*, 1992), at the price of 4.8 dB more noise. Noise shaping feeds earlier errors back, so
//! that the noise lies where the ear hears it least. Its filter is the predictor that minimises the noise after a
//! weighting (Gerzon and Craven, *Optimal noise shaping and dither of digital signals*, 1989), solved by Levinson's
//! recursion for the sample rate at hand.

mod shaping;

pub use shaping::{Shape, hearing, itu_r_468, noise_shaper};

use crate::noise::Noise;
use shaping::ORDER;

/// What is added before rounding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dither {
    /// Nothing: plain rounding.
    None,
    /// Noise with uniform density, ±½ LSB: no distortion, but noise that comes and goes with the signal.
    Rectangular,
    /// Noise with triangular density, ±1 LSB.
    Triangular,
    /// The same, each number less the one before: less of it below, more of it above.
    HighPassTriangular,
    /// Noise with (nearly) Gaussian density, as large as an analog source of ½ LSB.
    Gaussian,
}

impl Dither {
    /// The largest number it draws, in steps.
    fn most(self) -> f64 {
        match self {
            Self::None => 0.0,
            Self::Rectangular => 0.5,
            Self::Triangular | Self::HighPassTriangular => 1.0,
            Self::Gaussian => GAUSSIAN * 4.0,
        }
    }
}

/// Eight uniform numbers of ±½ have a mean square of 8/12; this brings their sum to ½.
const GAUSSIAN: f64 = 0.612_372_435_695_794_5;

/// The sum of eight uniform numbers from −½ to ½, scaled to a mean square of ¼.
fn gaussian(noise: &Noise, frame: u64) -> f64 {
    let (first, second) = (noise.bits(2 * frame), noise.bits(2 * frame + 1));
    let sum: u64 =
        (0..4).map(|part| (first >> (16 * part) & 0xffff) + (second >> (16 * part) & 0xffff)).sum();
    // Each is from 0 to 65535, its mean 32767.5.
    (sum as f64 - 8.0 * 32_767.5) / 65_536.0 * GAUSSIAN
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
    /// The largest error there is without saturation: half a step of rounding and the dither. What a clipped sample is
    /// off by must not be made good by the ones after it.
    most_error: f64,
    /// After so many silent frames a channel becomes exactly silent; and how many silent frames each ends with.
    blank_after: Option<u64>,
    silent: Vec<u64>,
}

/// Added and taken away again, this rounds to a whole number (ties to even) anything below 2⁵¹.
const ROUND: f64 = 6_755_399_441_055_744.0;
/// Nothing larger than this is rounded.
const MOST: f64 = 1e15;

/// Whether all samples are words of `bits` bits as they are: whole steps within full scale.
#[must_use]
pub fn are_words(samples: &[f64], bits: u32) -> bool {
    let scale = (1_u64 << (bits.clamp(2, 32) - 1)) as f64;
    let fits = |x: &f64| {
        let scaled = x * scale;
        (scaled + ROUND) - ROUND == scaled && scaled >= -scale && scaled < scale
    };
    samples.iter().all(fits)
}

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
            most_error: 0.5 + settings.dither.most(),
            blank_after: None,
            silent: vec![0; channels],
        }
    }

    /// The same, and after so many silent frames a channel becomes exactly silent.
    #[must_use]
    pub fn blanking_after(self, frames: u64) -> Self {
        Self { blank_after: Some(frames), ..self }
    }

    /// Forgets the last errors.
    pub fn reset(&mut self) {
        self.errors.fill([0.0; ORDER]);
        self.silent.fill(0);
    }

    /// Quantises the next frames of `channel` in place; `start` is the number of the first.
    ///
    /// # Panics
    /// When there is no such channel.
    pub fn process(&mut self, channel: usize, start: u64, block: &mut [f64]) {
        let Some(blank_after) = self.blank_after else { return self.words(channel, start, block) };
        // Silence that is long enough stays as it is; what comes behind it begins afresh.
        let mut begin = 0;
        while begin < block.len() {
            if self.silent[channel] >= blank_after {
                let silent = block[begin..].iter().take_while(|x| **x == 0.0).count();
                begin += silent;
                if begin < block.len() {
                    (self.silent[channel], self.errors[channel]) = (0, [0.0; ORDER]);
                }
                continue;
            }
            let mut end = begin;
            while end < block.len() && self.silent[channel] < blank_after {
                self.silent[channel] = if block[end] == 0.0 { self.silent[channel] + 1 } else { 0 };
                end += 1;
            }
            self.words(channel, start + begin as u64, &mut block[begin..end]);
            begin = end;
        }
    }

    fn words(&mut self, channel: usize, start: u64, block: &mut [f64]) {
        let noise = self.noise[channel];
        match self.settings.dither {
            Dither::None => self.run(channel, start, block, |_| 0.0),
            Dither::Rectangular => self.run(channel, start, block, |frame| 0.5 * noise.uniform(frame)),
            Dither::Triangular => self.run(channel, start, block, |frame| noise.triangular(frame)),
            Dither::HighPassTriangular => self
                .run(channel, start, block, |frame| 0.5 * (noise.uniform(frame + 1) - noise.uniform(frame))),
            Dither::Gaussian => self.run(channel, start, block, |frame| gaussian(&noise, frame)),
        }
    }

    fn run(&mut self, channel: usize, start: u64, block: &mut [f64], dither: impl Fn(u64) -> f64) {
        let (scale, step, most_error) = (self.scale, 1.0 / self.scale, self.most_error);
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
            errors[0] = (rounded - wanted).clamp(-most_error, most_error);
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
