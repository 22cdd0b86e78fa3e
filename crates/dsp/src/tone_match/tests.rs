#![allow(clippy::disallowed_methods, reason = "an independent reference")]

use super::*;
use crate::equalizer::{Band, fit_bands};
use crate::noise::Noise;
use crate::svf::Cascade;

const BOUNDS: Bounds =
    Bounds { smooth_oct: 1.0 / 6.0, amount: 1.0, max_gain_db: 6.0, range_hz: (20.0, 20_000.0) };

fn noise(frames: usize) -> Vec<f64> {
    (0..frames as u64).map(|frame| 0.3 * Noise::new(4, 0).uniform(frame)).collect()
}

fn tone(rate_hz: f64, signal: &[f64]) -> Tone {
    let mut meter = ToneMeter::new(rate_hz, Kind::Fast);
    for chunk in signal.chunks(1000) {
        meter.push(chunk, chunk);
    }
    let [first, second] = meter.finish();
    let (first, second) = (first.unwrap(), second.unwrap());
    assert!(first.powers().iter().zip(second.powers()).all(|(a, b)| (a - b).abs() <= 1e-9 * a));
    first
}

fn filtered(signal: &[f64], bands: &[Band], rate_hz: f64) -> Vec<f64> {
    let sections: Vec<_> = bands.iter().flat_map(|band| band.design(rate_hz).unwrap()).collect();
    let mut out = signal.to_vec();
    Cascade::new(&sections, 1).process(0, &mut out);
    out
}

fn magnitude_db(taps: &[f64], hz: f64, rate_hz: f64) -> f64 {
    let (mut re, mut im) = (0.0, 0.0);
    for (n, tap) in taps.iter().enumerate() {
        let (sin, cos) = (2.0 * PI * (hz / rate_hz * n as f64).fract()).sin_cos();
        re += tap * cos;
        im -= tap * sin;
    }
    10.0 * (re * re + im * im).log10()
}

const SHAPE: [Band; 3] = [
    Band::LowShelf { freq_hz: 150.0, gain_db: 3.0, q: 0.707 },
    Band::Bell { freq_hz: 1200.0, gain_db: -3.0, q: 1.0 },
    Band::HighShelf { freq_hz: 6000.0, gain_db: 2.5, q: 0.707 },
];

#[test]
fn the_difference_of_two_tones_is_the_filter_between_them() {
    for rate in [44_100.0, 96_000.0] {
        let signal = noise(12 * rate as usize);
        let (from, to) = (tone(rate, &signal), tone(rate, &filtered(&signal, &SHAPE, rate)));
        let correction = Correction::new(&from, &to, &BOUNDS);
        let wanted = |hz: f64| SHAPE.iter().map(|band| 20.0 * band.response(hz).norm().log10()).sum::<f64>();
        let offsets: Vec<f64> = (5..220)
            .map(|band| band_hz(f64::from(band)))
            .map(|hz| correction.gain_db(hz) - wanted(hz))
            .collect();
        let mean = offsets.iter().sum::<f64>() / offsets.len() as f64;
        let worst = offsets.iter().map(|x| (x - mean).abs()).fold(0.0, f64::max);
        assert!(worst < 0.35, "{rate}: {worst} dB");
        assert!(correction.loudness_change_db(&from).abs() < 1e-4);
    }
}

#[test]
fn bounds_hold() {
    let rate = 44_100.0;
    let signal = noise(6 * rate as usize);
    let big = [Band::Bell { freq_hz: 1000.0, gain_db: 15.0, q: 0.7 }];
    let (from, to) = (tone(rate, &signal), tone(rate, &filtered(&signal, &big, rate)));
    let all = |c: &Correction| (0..BANDS).map(|b| c.gain_db(band_hz(b as f64))).collect::<Vec<_>>();
    assert!(all(&Correction::new(&from, &to, &BOUNDS)).iter().all(|gain| gain.abs() <= 6.0));
    let half = Correction::new(&from, &to, &Bounds { amount: 0.0, ..BOUNDS });
    assert!(half.is_flat());
    let part = Correction::new(&from, &to, &Bounds { range_hz: (500.0, 2000.0), ..BOUNDS });
    assert!(part.gain_db(240.0).abs() < 1e-9 && part.gain_db(4100.0).abs() < 1e-9);
    assert!(part.gain_db(1000.0) > 1.0);
    assert_eq!(Correction::none().gain_db(1000.0), 0.0);
}

#[test]
fn taps_have_the_gains_of_the_correction_with_either_phase() {
    for rate in [44_100.0, 48_000.0, 88_200.0, 96_000.0, 192_000.0] {
        let signal = noise(4 * rate as usize);
        let (from, to) = (tone(rate, &signal), tone(rate, &filtered(&signal, &SHAPE, rate)));
        let correction = Correction::new(&from, &to, &Bounds { smooth_oct: 1.0 / 3.0, ..BOUNDS });
        for linear in [true, false] {
            let taps = correction.taps(rate, linear);
            for hz in [31.0, 63.0, 125.0, 1000.0, 4000.0, 12_000.0, 19_000.0] {
                let gap = magnitude_db(&taps, hz, rate) - correction.gain_db(hz);
                assert!(gap.abs() < 0.1, "{hz} Hz at {rate}, linear {linear}: {gap} dB");
            }
            if linear {
                assert!(taps.iter().zip(taps.iter().rev()).all(|(a, b)| a == b));
            } else {
                let energy = |taps: &[f64]| taps.iter().map(|tap| tap * tap).sum::<f64>();
                assert!(energy(&taps[..taps.len() / 64]) > 0.99 * energy(&taps));
            }
        }
    }
}

#[test]
fn ordinary_bands_follow_the_correction() {
    let rate = 48_000.0;
    let signal = noise(12 * rate as usize);
    let (from, to) = (tone(rate, &signal), tone(rate, &filtered(&signal, &SHAPE, rate)));
    let correction = Correction::new(&from, &to, &Bounds { smooth_oct: 1.0 / 3.0, ..BOUNDS });
    let curve: Vec<(f64, f64)> = (0..BANDS)
        .step_by(2)
        .map(|band| band_hz(band as f64))
        .map(|hz| (hz, correction.gain_db(hz)))
        .collect();
    let fitted = fit_bands(&curve, 8);
    assert!(fitted.len() <= 8 && !fitted.is_empty());
    let gap = |(hz, db): &(f64, f64)| {
        fitted.iter().map(|band| 20.0 * band.response(*hz).norm().log10()).sum::<f64>() - db
    };
    let rms = (curve.iter().map(|point| gap(point).powi(2)).sum::<f64>() / curve.len() as f64).sqrt();
    assert!(rms < 0.3, "{rms} dB by {fitted:?}");
    assert!(fit_bands(&curve.iter().map(|(hz, _)| (*hz, 0.0)).collect::<Vec<_>>(), 8).is_empty());
}

#[test]
fn silence_has_no_tone_and_short_sounds_have_one() {
    let mut meter = ToneMeter::new(44_100.0, Kind::Portable);
    meter.push(&[0.0; 50_000], &[0.0; 50_000]);
    assert_eq!(meter.finish(), [None, None]);
    let mut meter = ToneMeter::new(44_100.0, Kind::Portable);
    meter.push(&noise(500), &[0.0; 500]);
    let [some, none] = meter.finish();
    assert!(some.is_some() && none.is_none());
}

#[test]
fn a_profile_of_levels_is_a_tone() {
    let tone = Tone::of_levels(&[(100.0, -10.0), (1000.0, -20.0), (10_000.0, -40.0)]);
    let db = |hz: f64| {
        let band = (BANDS_PER_OCTAVE * (hz / LOWEST_HZ).log2()).round();
        (10.0 * tone.powers()[band as usize].log10(), band_hz(band))
    };
    for (hz, wanted) in [(50.0, -10.0), (316.0, -15.0), (3162.0, -30.0), (16_000.0, -40.0)] {
        let (found, _) = db(hz);
        assert!((found - wanted).abs() < 0.3, "{hz}: {found}");
    }
}

#[test]
fn a_passage_of_something_else_does_not_bend_the_tone() {
    let rate = 8000.0;
    let mut signal = noise(120 * 8000);
    let before = tone(rate, &signal);
    for (n, x) in signal[40 * 8000..52 * 8000].iter_mut().enumerate() {
        *x += 3.0 * (2.0 * PI * 440.0 / 8000.0 * n as f64).sin();
    }
    let behind = tone(rate, &signal);
    for (a, b) in before.powers().iter().zip(behind.powers()).take(180) {
        assert!((10.0 * (a / b).log10()).abs() < 1.0, "{a} {b}");
    }
}
