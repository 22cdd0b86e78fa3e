//! Reference signals: what the project's figures are measured on.
//!
//! All are seeded and computed with portable functions, so that they are the same samples on every machine; all exist at
//! any sample rate. None is longer than a few seconds need be: a suite that runs often finds more.
//!
//! - [`nasty`]: what limiters fail on.
//! - [`Music`]: a small mix without a noise floor, the ground truth of restoration.
//! - [`Clicks`], [`hiss`], [`Hum`], [`Plosives`]: what records, tapes, mains and microphones add to it.
//! - [`demos`]: what templates are measured on.
//! - [`ebu`]: what a loudness meter must read right.

mod damage;
mod demo;
pub mod ebu;
mod music;
mod nasty;

pub use damage::{Click, Clicks, HUM_DRIFT_HZ, HUM_HARMONICS, HUM_HZ, Hum, Plosives, hiss};
pub use demo::{DEMO_RATE_HZ, DEMO_S, Demo, demos};
pub use music::Music;
use nasty::passed;
pub use nasty::{NASTY_S, PASS_OF_RATE, band_limited, drums, nasty};

use deadwax_dsp::math::sin;
use deadwax_dsp::noise::Noise;
use std::f64::consts::TAU;

/// A sine of `amplitude` that begins at 0, at a sample rate of `rate_hz`.
#[must_use]
pub fn sine(rate_hz: f64, seconds: f64, hz: f64, amplitude: f64) -> Vec<f64> {
    (0..(rate_hz * seconds) as usize).map(|n| amplitude * sin(TAU * hz / rate_hz * n as f64)).collect()
}

/// White noise, uniform from −1 to 1.
#[must_use]
pub fn uniform(frames: usize, seed: u64) -> Vec<f64> {
    let noise = Noise::new(seed, 0);
    (0..frames as u64).map(|frame| noise.uniform(frame)).collect()
}

/// White noise, nearly Gaussian (a sum of twelve uniform numbers), with a mean square of 1; no sample is beyond ±6.
#[must_use]
pub fn gaussian(frames: usize, seed: u64) -> Vec<f64> {
    let noise = Noise::new(seed, 0);
    let draw = |frame: u64| (0..12).map(|part| noise.uniform(12 * frame + part)).sum::<f64>() / 2.0;
    (0..frames as u64).map(draw).collect()
}

#[cfg(test)]
mod tests;
