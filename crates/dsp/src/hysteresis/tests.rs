//! The magnet against the equation it stands for, and what a tape or a core is known for.

use super::*;
use crate::oversampler::alias;
use deadwax_measure::signals::uniform;
use std::f64::consts::TAU;

const TAPE: Material = Material { pinning: 0.3, reversible: 0.6 };

/// Jiles and Atherton's equation by many small steps of Runge and Kutta's method, with `std`'s functions.
fn reference(material: Material, field: &[f64]) -> Vec<f64> {
    const PARTS: usize = 200;
    let langevin = |x: f64| if x.abs() < 1e-3 { x / 3.0 } else { 1.0 / x.tanh() - 1.0 / x };
    let bend = |x: f64| if x.abs() < 1e-3 { 1.0 / 3.0 } else { 1.0 / (x * x) - 1.0 / x.sinh().powi(2) };
    let slope = |h: f64, m: f64, direction: f64| {
        let q = (h + COUPLING * m) * 3.0;
        let (c, away) = (material.reversible, langevin(q) - m);
        let held = if away * direction > 0.0 { (1.0 - c) * away } else { 0.0 };
        let irreversible = held / ((1.0 - c) * direction * material.pinning - COUPLING * away);
        (irreversible + c * 3.0 * bend(q)) / (1.0 - c * COUPLING * 3.0 * bend(q))
    };
    let (mut h, mut m) = (0.0, 0.0);
    field
        .iter()
        .map(|next| {
            let way = (next - h) / PARTS as f64;
            let direction = if way < 0.0 { -1.0 } else { 1.0 };
            for _ in 0..PARTS {
                let a = slope(h, m, direction);
                let b = slope(h + 0.5 * way, m + 0.5 * way * a, direction);
                let c = slope(h + 0.5 * way, m + 0.5 * way * b, direction);
                let d = slope(h + way, m + way * c, direction);
                m += way / 6.0 * (a + 2.0 * b + 2.0 * c + d);
                h += way;
            }
            m
        })
        .collect()
}

fn sine(frames: usize, period: f64, amplitude: f64) -> Vec<f64> {
    (0..frames).map(|n| amplitude * (TAU * n as f64 / period).sin()).collect()
}

fn magnetised(material: Material, field: &[f64]) -> Vec<f64> {
    let mut out = field.to_vec();
    Hysteresis::new(material, 1).process(0, &mut out);
    out
}

#[test]
fn langevins_curve_and_its_slope_are_his() {
    let mut x = 1e-6;
    while x < 300.0 {
        let (value, slope) = langevin(x);
        if x > 0.05 {
            assert!((value - (1.0 / f64::tanh(x) - 1.0 / x)).abs() < 1e-12, "{x}");
        }
        let d = 1e-5 * x.max(1e-2);
        let numeric = (langevin(x + d).0 - langevin(x - d).0) / (2.0 * d);
        assert!((slope - numeric).abs() < 1e-8, "{x}: {slope} {numeric}");
        assert_eq!(langevin(-x).0, -value);
        x *= 1.01;
    }
    assert_eq!(langevin(0.0), (0.0, 1.0 / 3.0));
    let (below, above) = (langevin(0.3 - 1e-12), langevin(0.3 + 1e-12));
    assert!((below.0 - above.0).abs() < 1e-10 && (below.1 - above.1).abs() < 1e-8);
}

#[test]
fn the_implicit_step_follows_the_equation() {
    for material in
        [TAPE, Material { pinning: 0.05, reversible: 0.9 }, Material { pinning: 0.5, reversible: 0.1 }]
    {
        for amplitude in [0.05, 0.5, 3.0] {
            let field = sine(1_500, 400.0, amplitude);
            let (out, expected) = (magnetised(material, &field), reference(material, &field));
            let error = out.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            assert!(error < 2e-3 * amplitude.min(1.0), "{material:?} at {amplitude}: {error:e}");
        }
    }
}

#[test]
fn the_loop_is_open_and_wider_the_firmer_the_pinning() {
    let area = |pinning: f64| {
        let field = sine(4_000, 1_000.0, 2.0);
        let out = magnetised(Material { pinning, reversible: 0.3 }, &field);
        let turn = (3_000..3_999).map(|n| 0.5 * (out[n] + out[n + 1]) * (field[n + 1] - field[n]));
        // Energy is lost: M lags behind H.
        -turn.sum::<f64>()
    };
    let areas = [0.05, 0.2, 0.5].map(area);
    assert!(areas[0] > 0.05 && areas[1] > 2.0 * areas[0] && areas[2] > 1.5 * areas[1], "{areas:?}");
    // A wide loop is as wide as the pinning: M = 0 at H = ±k, nearly, where hardly anything follows at once.
    let field = sine(4_000, 1_000.0, 5.0);
    let out = magnetised(Material { pinning: 0.3, reversible: 0.02 }, &field);
    let crossing = (3_001..4_000).find(|n| out[n - 1] < 0.0 && out[*n] >= 0.0).unwrap();
    assert!((field[crossing] - 0.3).abs() < 0.1, "{}", field[crossing]);
}

#[test]
fn odd_harmonics_rise_with_drive_and_there_are_no_even_ones() {
    let harmonic = |amplitude: f64, number: f64| {
        let out = magnetised(TAPE, &sine(8_000, 1_000.0, amplitude));
        let (mut re, mut im) = (0.0, 0.0);
        for (n, m) in out[4_000..].iter().enumerate() {
            re += m * (TAU * number * n as f64 / 1_000.0).cos();
            im += m * (TAU * number * n as f64 / 1_000.0).sin();
        }
        (re * re + im * im).sqrt() / 2_000.0
    };
    let mut before = [0.0; 2];
    for amplitude in [0.5, 1.0, 2.0, 4.0] {
        let odd = [3.0, 5.0].map(|number| harmonic(amplitude, number) / harmonic(amplitude, 1.0));
        assert!(odd[0] > before[0] && odd[1] > before[1], "{amplitude}: {odd:?} after {before:?}");
        assert!(harmonic(amplitude, 2.0) < 2e-3 && harmonic(amplitude, 4.0) < 2e-3, "{amplitude}");
        before = odd;
    }
}

#[test]
fn it_stays_finite_and_within_saturation_whatever_comes() {
    let noise = uniform(2_000, 5);
    for pinning in [0.01, 0.3, 2.0] {
        for reversible in [0.0, 0.5, 0.98] {
            for level in [1e-310, 1e-9, 0.1, 1.0, 30.0, 1e6, 1e300] {
                let field: Vec<f64> = noise.iter().map(|x| level * x).collect();
                let out = magnetised(Material { pinning, reversible }, &field);
                assert!(out.iter().all(|m| m.abs() <= 1.0), "{pinning} {reversible} {level:e}");
            }
        }
    }
    assert!(magnetised(TAPE, &[0.0; 100]).iter().all(|m| *m == 0.0));
}

#[test]
fn the_makeup_keeps_the_level_and_pairs_are_the_same_as_alone() {
    for amplitude in [0.1, 1.0, 5.0] {
        let gain = Hysteresis::makeup(TAPE, amplitude);
        let out = magnetised(TAPE, &sine(8_000, 800.0, amplitude));
        let part = |of: fn(f64) -> f64| {
            let terms = out[4_000..].iter().enumerate().map(|(n, m)| m * of(TAU * n as f64 / 800.0));
            terms.sum::<f64>() / 2_000.0
        };
        let level = gain * part(f64::sin).hypot(part(f64::cos)) / amplitude;
        assert!((level - 1.0).abs() < 0.005, "{amplitude}: {level}");
    }
    let (mut left, mut right) = (sine(500, 90.0, 2.0), sine(500, 31.0, 0.4));
    let alone = [magnetised(TAPE, &left), magnetised(TAPE, &right)];
    Hysteresis::new(TAPE, 2).process_pair(0, [&mut left, &mut right]);
    assert!(alone == [left, right]);
}

#[test]
fn aliases_stay_90_to_125_db_below_the_tone() {
    for (hz, allowed) in [(1_244, -125.0), (4_999, -100.0), (9_973, -90.0)] {
        let mut magnet = Hysteresis::new(TAPE, 1);
        let mut oversampler = Oversampler::new(Factor::X16, 0, 1);
        let spectrum = alias::spectrum((44_100, hz, 2.0), 2_000, |signal| {
            oversampler.process(0, signal, |high| magnet.process(0, high));
        });
        let alias = alias::worst_alias_dbc(&spectrum, hz);
        assert!(alias <= allowed, "{hz} Hz: {alias} dBc");
    }
}

#[test]
fn a_magnet_at_the_programmes_rate_keeps_the_nominal_level() {
    for drive in [1.0, 4.0, 15.0] {
        let mut magnet = Magnet::new(TAPE, drive, Factor::X8, 2);
        let mut both = [sine(4_000, 100.0, NOMINAL), sine(4_000, 50.0, 0.01)];
        let [left, right] = &mut both;
        magnet.process_all([&mut left[..], &mut right[..]]);
        let part = |of: fn(f64) -> f64| {
            let terms = both[0][2_000..].iter().enumerate().map(|(n, y)| y * of(TAU * n as f64 / 100.0));
            terms.sum::<f64>() / 1_000.0
        };
        let level = 20.0 * (part(f64::sin).hypot(part(f64::cos)) / NOMINAL).log10();
        assert!(level.abs() < 0.05, "{drive}: {level} dB");
        magnet.reset();
        let mut alone = sine(4_000, 100.0, NOMINAL);
        magnet.process_all([&mut alone[..]]);
        assert!(alone == both[0]);
    }
}
