//! Signals that limiters fail on. Two seconds each at any rate, scaled with it, band-limited to 0.4535 of the rate
//! (20 kHz at 44.1) except `white`.

use crate::math::bessel_i0;
use std::f64::consts::{PI, TAU};

/// Uniform in −1 … 1.
pub(super) fn random(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }
}

/// A linear-phase low-pass of 255 taps at 0.4535 of the rate.
fn band_limited(input: &[f64]) -> Vec<f64> {
    let cutoff = 0.4535;
    let taps: Vec<f64> = (-127..=127)
        .map(|k| {
            let at = f64::from(k) * cutoff;
            let sinc = if k == 0 { 1.0 } else { (TAU * at).sin() / (TAU * at) };
            2.0 * cutoff * sinc * bessel_i0(9.0 * (1.0 - (f64::from(k) / 127.5).powi(2)).sqrt())
                / bessel_i0(9.0)
        })
        .collect();
    let mut padded = vec![0.0; 127];
    padded.extend_from_slice(input);
    padded.extend([0.0; 127]);
    padded
        .windows(255)
        .map(|window| {
            let mut sums = [0.0; 8];
            for (taps, x) in taps.chunks(8).zip(window.chunks(8)) {
                for (sum, (tap, x)) in sums.iter_mut().zip(taps.iter().zip(x)) {
                    *sum += tap * x;
                }
            }
            sums.iter().sum()
        })
        .collect()
}

pub(super) fn sine(rate: f64, seconds: f64, hz: f64, amplitude: f64) -> Vec<f64> {
    (0..(rate * seconds) as usize).map(|n| amplitude * (TAU * hz / rate * n as f64).sin()).collect()
}

/// Kicks every half second and noise bursts between, with peaks at +10 dBFS.
pub(super) fn drums(rate: f64) -> Vec<f64> {
    let mut noise = random(77);
    let length = (2.0 * rate) as usize;
    let raw: Vec<f64> = (0..length)
        .map(|n| {
            let time = n as f64 / rate;
            let (kick, burst) = (time % 0.5, (time + 0.25) % 0.5);
            let phase = TAU * (50.0 * kick + 2.0 * (1.0 - (-kick * 30.0).exp()));
            let gauss = (0..12).map(|_| noise()).sum::<f64>() / 2.0;
            0.8 * (-kick * 30.0).exp() * phase.sin() + 0.25 * (-burst * 15.0).exp() * gauss
        })
        .collect();
    let raw = band_limited(&raw);
    let peak = raw.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
    raw.iter().map(|x| x / peak * 10_f64.powf(0.5)).collect()
}

pub(super) fn nasty(rate: f64) -> Vec<(&'static str, Vec<f64>)> {
    let length = (2.0 * rate) as usize;
    let make = |f: &mut dyn FnMut(usize) -> f64| (0..length).map(f).collect::<Vec<f64>>();
    let quarter = |n: usize| (PI / 2.0 * n as f64 + PI / 4.0).sin();
    let mut gauss = random(1);
    let mut bits = random(2);
    let sweep = |n: usize| {
        let (time, octaves) = (n as f64 / length as f64, (0.4535 * rate / 20.0).ln());
        4.0 * (TAU * 20.0 * 2.0 / octaves * ((octaves * time).exp() - 1.0)).sin()
    };
    let pattern = |n: usize| match n % 4001 {
        n @ 100..116 => [2.0, -2.0][n % 2],
        n @ 116..132 => [-2.0, 2.0][n % 2],
        _ => 0.0,
    };
    vec![
        ("quarter", band_limited(&make(&mut |n| 2.0 * quarter(n)))),
        ("step", band_limited(&make(&mut |n| if n < length / 2 { 0.1 } else { 2.0 } * quarter(n)))),
        ("white", make(&mut |_| (0..12).map(|_| gauss()).sum::<f64>() / 2.0)),
        ("bits", band_limited(&make(&mut |_| 1.5 * bits().signum()))),
        ("pattern", band_limited(&make(&mut |n| pattern(n)))),
        ("square", band_limited(&make(&mut |n| 2.0 * (TAU * 997.0 / rate * n as f64).sin().signum()))),
        ("sweep", make(&mut |n| sweep(n))),
        ("drums", drums(rate)),
        ("impulses", band_limited(&make(&mut |n| if n % 997 == 50 { 3.0 } else { 0.0 }))),
        (
            "twin",
            make(&mut |n| {
                (TAU * 19_000.0 / 44_100.0 * n as f64).sin() + (TAU * 19_990.0 / 44_100.0 * n as f64).sin()
            }),
        ),
    ]
}
