//! Where the noise of rounding goes.

use crate::fft::autocorrelation;
use crate::math::{exp, log10, pow};

/// The most errors that are fed back.
pub(super) const ORDER: usize = 12;
/// Into how many steps half the sample rate is cut for the weighting.
const GRID: usize = 4096;

/// Where the noise of rounding goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Nowhere: white.
    None,
    /// A little out of the middle: least noise by ITU-R BS.468's weighting that three taps give.
    Mild,
    /// Least noise by ITU-R BS.468's weighting, twelve taps.
    Balanced,
    /// Least noise over the threshold of hearing, twelve taps: much more noise above 16 kHz.
    Deep,
}

impl Shape {
    /// How many errors are fed back.
    fn order(self) -> usize {
        match self {
            Self::None => 0,
            Self::Mild => 3,
            Self::Balanced | Self::Deep => ORDER,
        }
    }

    /// By how much all noise together may grow, in dB: at high sample rates there is so much room above hearing that
    /// the optimum would fill it to clipping.
    fn most_growth_db(self) -> f64 {
        match self {
            Self::None => 0.0,
            Self::Mild => 8.0,
            Self::Balanced => 16.0,
            Self::Deep => 27.5,
        }
    }

    /// The power by which noise at `hz` counts.
    fn weight(self, hz: f64) -> f64 {
        match self {
            Self::None => 1.0,
            Self::Mild | Self::Balanced => itu_r_468(hz),
            Self::Deep => hearing(hz),
        }
    }
}

/// The power gain of the weighting network of ITU-R BS.468-4, 1 at 1 kHz: the transfer function of its circuit.
#[must_use]
pub fn itu_r_468(hz: f64) -> f64 {
    let square = hz * hz;
    let even = 1.0
        + square
            * (-1.363_894_795_463_638e-7
                + square * (2.043_828_333_606_125e-15 - square * 4.737_338_981_378_384e-24));
    let odd = hz
        * (5.559_488_023_498_642e-4
            + square * (-2.118_150_887_518_656e-11 + square * 1.306_612_257_412_824e-19));
    let gain = 1.246_332_637_532_143e-4 * hz;
    // 18.2 dB at 1 kHz.
    66.069_344_800_759_6 * gain * gain / (even * even + odd * odd)
}

/// The inverse of the power at the threshold of hearing (Terhardt, *Calculating virtual pitch*, 1979).
#[must_use]
pub fn hearing(hz: f64) -> f64 {
    let khz = hz.max(10.0) / 1000.0;
    let square = khz * khz;
    let bump = khz - 3.3;
    let threshold_db = 3.64 * pow(khz, -0.8) - 6.5 * exp(-0.6 * bump * bump) + 1e-3 * square * square;
    pow(10.0, -threshold_db.min(300.0) / 10.0)
}

/// What of the last errors is added to a sample so that the noise has its shape; latest first. `None` for white noise.
///
/// The noise is then filtered by 1 + Σ tap·z⁻ⁿ, the predictor for the weighting's spectrum.
#[must_use]
pub fn noise_shaper(shape: Shape, rate_hz: f64) -> Option<[f64; ORDER]> {
    if shape == Shape::None {
        return None;
    }
    let step_hz = rate_hz / 2.0 / GRID as f64;
    let weights: Vec<f64> = (0..=GRID).map(|k| shape.weight(k as f64 * step_hz)).collect();
    let lags = autocorrelation(&weights, shape.order() + 1);
    // White noise in the weighting holds the growth down: as little of it as will do.
    let mut white = 1e-13;
    loop {
        let taps = levinson(&lags, white);
        if growth_db(&taps) <= shape.most_growth_db() || white > 1.0 {
            return Some(taps);
        }
        white *= 1.25;
    }
}

/// By how much white noise grows in 1 + Σ tap·z⁻ⁿ, in dB.
fn growth_db(taps: &[f64; ORDER]) -> f64 {
    10.0 * log10(1.0 + taps.iter().map(|tap| tap * tap).sum::<f64>())
}

/// Levinson's recursion: the coefficients after the leading 1 of the filter that leaves least of what has the
/// autocorrelation `lags`, plus white noise of `white` times its power.
fn levinson(lags: &[f64], white: f64) -> [f64; ORDER] {
    let mut taps = [0.0; ORDER];
    let mut left = lags[0] * (1.0 + white);
    for order in 0..lags.len() - 1 {
        let known: f64 = (0..order).map(|i| taps[i] * lags[order - i]).sum();
        let reflection = -(lags[order + 1] + known) / left;
        let before = taps;
        for i in 0..order {
            taps[i] = before[i] + reflection * before[order - 1 - i];
        }
        taps[order] = reflection;
        left *= 1.0 - reflection * reflection;
    }
    taps
}
