//! Designs of filters that delay every frequency alike: symmetric and antisymmetric responses.

use crate::fft::autocorrelation;
use crate::math::{cos, pow};
use crate::window::{kaiser, kaiser_beta};
use std::f64::consts::PI;

/// How near a Hilbert transformer's gain is to 1, in dB of the difference.
const HILBERT_DB: f64 = 100.0;

/// An odd number of taps that turn every frequency from `low_hz` to as far below half the rate by −90°, at a gain of 1
/// within 3·10⁻⁵, and delay it by the middle tap: the ideal transformer under a Kaiser window.
#[must_use]
pub fn hilbert(low_hz: f64, rate_hz: f64) -> Vec<f64> {
    // Kaiser's formula, for a transition from −low to low.
    let half = ((HILBERT_DB - 7.95) / (14.36 * 2.0 * low_hz / rate_hz) / 2.0).ceil() as i32 | 1;
    let beta = kaiser_beta(HILBERT_DB);
    let tap = |at: i32| {
        let ideal = if at % 2 == 0 { 0.0 } else { 2.0 / (PI * f64::from(at)) };
        ideal * kaiser(f64::from(at) / f64::from(half + 1), beta)
    };
    (-half..=half).map(tap).collect()
}

/// An odd number of symmetric taps with the gain 1 / (1 + (f / `freq_hz`)^`order`): what a Linkwitz–Riley low-pass passes, in
/// time. One less it is the high-pass. A constant passes exactly.
#[must_use]
pub fn low_pass(freq_hz: f64, order: i32, rate_hz: f64) -> Vec<f64> {
    /// So many periods of the corner to either side, after which no more than 10⁻⁷ is left of the higher orders.
    const PERIODS: f64 = 4.0;
    let half = (PERIODS * rate_hz / freq_hz).ceil() as usize;
    let size = (4 * half).next_power_of_two();
    let gain = |k: usize| {
        let hz = k as f64 * rate_hz / (2 * size) as f64;
        1.0 / (1.0 + pow(hz / freq_hz, f64::from(order)))
    };
    let side = autocorrelation(&(0..=size).map(gain).collect::<Vec<_>>(), half + 1);
    let faded = |at: usize| {
        let into = (4.0 * at as f64 / half as f64 - 3.0).max(0.0);
        side[at] * (0.5 + 0.5 * cos(PI * into))
    };
    let mut taps: Vec<f64> = (0..=2 * half).map(|index| faded(index.abs_diff(half))).collect();
    let sum: f64 = taps.iter().sum();
    taps.iter_mut().for_each(|tap| *tap /= sum);
    taps
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    /// The part of the response that is symmetric about the middle, and the part that is not.
    fn response(taps: &[f64], turns: f64) -> (f64, f64) {
        let half = (taps.len() / 2) as f64;
        let sum = |of: fn(f64) -> f64| {
            taps.iter().enumerate().map(|(n, tap)| tap * of(TAU * turns * (n as f64 - half))).sum()
        };
        (sum(f64::cos), sum(f64::sin))
    }

    #[test]
    fn the_hilbert_transformer_is_flat_from_20_hz_to_20_khz() {
        for rate in [44_100.0, 48_000.0, 88_200.0, 96_000.0, 192_000.0] {
            let taps = hilbert(20.0, rate);
            for hz in [20.0, 21.0, 50.0, 997.0, 10_000.0, 19_000.0, 20_000.0] {
                let (even, odd) = response(&taps, hz / rate);
                // Of x = cos the answer is sin: odd taps with a positive slope in front.
                assert!((odd - 1.0).abs() < 3e-5 && even.abs() < 1e-12, "{hz} Hz at {rate}: {even:e} {odd}");
            }
        }
    }

    #[test]
    fn the_low_pass_is_that_of_linkwitz_and_riley_without_its_phase() {
        for rate in [44_100.0, 192_000.0] {
            for freq in [20.0, 120.0, 500.0] {
                for (order, tolerance) in [(1, 0.03), (2, 1e-4), (4, 1e-5)] {
                    let taps = low_pass(freq, order, rate);
                    for ratio in [0.25, 0.5, 1.0, 2.0, 8.0_f64] {
                        let (even, odd) = response(&taps, ratio * freq / rate);
                        let wanted = 1.0 / (1.0 + ratio.powi(order));
                        let error = (even - wanted).abs();
                        assert!(error < tolerance && odd.abs() < 1e-9, "order {order}, {ratio}: {error:e}");
                    }
                }
            }
        }
    }
}
