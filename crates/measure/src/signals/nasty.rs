//! Signals that limiters fail on.

use super::{gaussian, uniform};
use deadwax_dsp::math::{bessel_i0, exp, ln, pow, sin};
use std::f64::consts::{PI, TAU};

/// How long each signal of the set is meant to last, in seconds.
pub const NASTY_S: f64 = 2.0;

/// The pass-band of all of them but `white` ends at this part of the sample rate: 20 kHz at 44.1.
pub const PASS_OF_RATE: f64 = 0.4535;

/// Taps on either side of the middle of the low-pass.
const REACH: usize = 127;

/// `input` through a linear-phase low-pass of 255 taps at [`PASS_OF_RATE`], not delayed.
#[must_use]
pub fn band_limited(input: &[f64]) -> Vec<f64> {
    let tap = |k: i32| {
        let at = f64::from(k) * PASS_OF_RATE;
        let sinc = if k == 0 { 1.0 } else { sin(TAU * at) / (TAU * at) };
        let inside = f64::from(k) / (REACH as f64 + 0.5);
        2.0 * PASS_OF_RATE * sinc * bessel_i0(9.0 * (1.0 - inside * inside).sqrt()) / bessel_i0(9.0)
    };
    let taps: Vec<f64> = (-(REACH as i32)..=REACH as i32).map(tap).collect();
    let mut padded = vec![0.0; REACH];
    padded.extend_from_slice(input);
    padded.extend([0.0; REACH]);
    passed(&padded, &taps)
}

/// What the symmetric `taps` make of `input`, for as long as it covers all of them.
pub(super) fn passed(input: &[f64], taps: &[f64]) -> Vec<f64> {
    let filtered = |window: &[f64]| {
        let mut sums = [0.0; 8];
        for (taps, x) in taps.chunks(8).zip(window.chunks(8)) {
            for (sum, (tap, x)) in sums.iter_mut().zip(taps.iter().zip(x)) {
                *sum += tap * x;
            }
        }
        sums.iter().sum()
    };
    input.windows(taps.len()).map(filtered).collect()
}

/// Kicks every half second and bursts of noise between, with peaks at +10 dBFS.
#[must_use]
pub fn drums(rate_hz: f64, seconds: f64) -> Vec<f64> {
    let noise = gaussian((seconds * rate_hz) as usize, 77);
    let hit = |(n, noise): (usize, &f64)| {
        let time = n as f64 / rate_hz;
        let (kick, burst) = (time % 0.5, (time + 0.25) % 0.5);
        let phase = TAU * (50.0 * kick + 2.0 * (1.0 - exp(-kick * 30.0)));
        0.8 * exp(-kick * 30.0) * sin(phase) + 0.25 * exp(-burst * 15.0) * noise
    };
    let mut drums = band_limited(&noise.iter().enumerate().map(hit).collect::<Vec<_>>());
    let peak = drums.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
    drums.iter_mut().for_each(|x| *x *= pow(10.0, 0.5) / peak);
    drums
}

/// Ten signals with their names, scaled with the rate:
///
/// `quarter`: a quarter of the rate, sampled 45° off its peaks, at +6 dB; `step`: the same, from 0.1 to 2 in the middle;
/// `white`: Gaussian noise with σ = 1, the only one up to half the rate; `bits`: ±1.5 at random; `pattern`: 16
/// samples of alternating sign, a flip, and 16 more, at 2; `square`: 997 Hz at +6 dB; `sweep`: 20 Hz to the end of the
/// pass-band at +12 dB; `drums`: [`drums`]; `impulses` of 3; `twin`: two tones just below the end of the pass-band.
#[must_use]
pub fn nasty(rate_hz: f64, seconds: f64) -> Vec<(&'static str, Vec<f64>)> {
    let length = (seconds * rate_hz) as usize;
    let make = |f: &dyn Fn(usize) -> f64| (0..length).map(f).collect::<Vec<f64>>();
    let quarter = |n: usize| sin(PI / 2.0 * n as f64 + PI / 4.0);
    let bits = uniform(length, 2);
    let octaves = ln(PASS_OF_RATE * rate_hz / 20.0);
    let sweep = |n: usize| {
        let time = n as f64 / length as f64;
        4.0 * sin(TAU * 20.0 * seconds / octaves * (exp(octaves * time) - 1.0))
    };
    let pattern = |n: usize| match n % 4001 {
        n @ 100..116 => [2.0, -2.0][n % 2],
        n @ 116..132 => [-2.0, 2.0][n % 2],
        _ => 0.0,
    };
    let twin = |hz: f64, n: usize| sin(TAU * hz / 44_100.0 * n as f64);
    vec![
        ("quarter", band_limited(&make(&|n| 2.0 * quarter(n)))),
        ("step", band_limited(&make(&|n| if n < length / 2 { 0.1 } else { 2.0 } * quarter(n)))),
        ("white", gaussian(length, 1)),
        ("bits", band_limited(&make(&|n| 1.5 * bits[n].signum()))),
        ("pattern", band_limited(&make(&pattern))),
        ("square", band_limited(&make(&|n| 2.0 * sin(TAU * 997.0 / rate_hz * n as f64).signum()))),
        ("sweep", make(&sweep)),
        ("drums", drums(rate_hz, seconds)),
        ("impulses", band_limited(&make(&|n| if n % 997 == 50 { 3.0 } else { 0.0 }))),
        ("twin", make(&|n| twin(19_000.0, n) + twin(19_990.0, n))),
    ]
}
