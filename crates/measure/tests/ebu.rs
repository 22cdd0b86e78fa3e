//! The minimum-requirement signals of EBU Tech 3341:2023 and 3342:2023 that can be made from a description, each at
//! 44.1, 48 and 96 kHz, to within 0.02 LU where the standard allows 0.1.
#![allow(clippy::disallowed_methods, reason = "an independent reference")]
#![allow(missing_docs)]

mod signals;

use deadwax_measure::{Measured, Wanted};
use signals::{Programme, measure, stereo, tones};

const RATES: [u32; 3] = [44_100, 48_000, 96_000];

fn heard(rate_hz: u32, programme: &Programme) -> Measured {
    let wanted = Wanted { windows: true, true_peak: false, history: true };
    measure(rate_hz, programme, wanted, 4096)
}

#[track_caller]
fn near(what: &str, value: Option<f64>, expected: f64, tolerance: f64) {
    let value = value.unwrap_or(f64::NAN);
    assert!((value - expected).abs() <= tolerance, "{what}: {value}, not {expected}");
}

#[test]
fn case_3341_1_and_2_steady_tones() {
    for rate in RATES {
        for level in [-23.0, -33.0] {
            let measured = heard(rate, &stereo(rate, &[(20.0, level)]));
            near("I", measured.integrated_lufs, level, 0.02);
            near("S", measured.max_short_term_lufs, level, 0.02);
            near("M", measured.max_momentary_lufs, level, 0.02);
        }
    }
}

#[test]
fn case_3341_3_4_and_5_gating() {
    let three = [(10.0, -36.0), (60.0, -23.0), (10.0, -36.0)];
    let mut four = three.to_vec();
    four.insert(0, (10.0, -72.0));
    four.push((10.0, -72.0));
    let five = [(20.0, -26.0), (20.1, -20.0), (20.0, -26.0)];
    for rate in RATES {
        for (number, parts) in [(3, &three[..]), (4, &four), (5, &five)] {
            let measured = heard(rate, &stereo(rate, parts));
            // 10 log₁₀((40 · 10^−2.6 + 20.1 · 10⁻²) / 60.1), the fifth to the third digit.
            let expected = if number == 5 { -22.996 } else { -23.0 };
            near(&format!("case {number} at {rate}"), measured.integrated_lufs, expected, 0.02);
        }
    }
}

#[test]
fn case_3341_6_surround_weights() {
    for rate in RATES {
        let five: Programme =
            [-28.0, -28.0, -24.0, -30.0, -30.0].iter().map(|db| tones(rate, &[(20.0, *db)])).collect();
        near("5.0", heard(rate, &five).integrated_lufs, -23.0, 0.02);
        let mut with_lfe = five;
        with_lfe.insert(3, tones(rate, &[(20.0, -10.0)]));
        near("5.1", heard(rate, &with_lfe).integrated_lufs, -23.0, 0.02);
    }
}

#[test]
fn case_3341_9_short_term_is_steady() {
    for rate in RATES {
        let parts: Vec<_> = [(1.34, -20.0), (1.66, -30.0)].repeat(5);
        let measured = heard(rate, &stereo(rate, &parts));
        for value in measured.history.unwrap().lufs {
            near("S", value, -23.0, 0.02);
        }
        near("max S", measured.max_short_term_lufs, -23.0, 0.02);
    }
}

#[test]
fn case_3341_10_max_short_term_wherever_it_lies() {
    for rate in RATES {
        for i in 0..20 {
            let parts = [(0.15 * f64::from(i), -200.0), (3.0, -23.0), (1.0, -200.0)];
            let measured = heard(rate, &stereo(rate, &parts));
            near(&format!("file {i} at {rate}"), measured.max_short_term_lufs, -23.0, 0.02);
        }
    }
}

/// What was loudest in one programme of ever louder tones is the last one: so each file ends with its tone.
#[test]
fn case_3341_11_and_14_maxima_of_rising_tones() {
    for rate in RATES {
        for (length, step) in [(3.0, 0.15), (0.4, 0.02)] {
            let mut parts = Vec::new();
            for i in 0..20 {
                let (offset, level) = (step * f64::from(i), -38.0 + f64::from(i));
                parts.extend([(offset, -200.0), (length, level), (length - offset, -200.0)]);
                if i % 4 != 3 {
                    continue;
                }
                let measured = heard(rate, &stereo(rate, &parts));
                let max =
                    if length > 1.0 { measured.max_short_term_lufs } else { measured.max_momentary_lufs };
                near(&format!("tone {i} at {rate}"), max, level, 0.02);
            }
        }
    }
}

#[test]
fn case_3341_12_momentary_is_steady() {
    for rate in RATES {
        let parts: Vec<_> = [(0.18, -20.0), (0.22, -30.0)].repeat(25);
        // 10 log₁₀((0.18 · 10⁻² + 0.22 · 10⁻³) / 0.4): what the signal has to the third digit.
        near("max M", heard(rate, &stereo(rate, &parts)).max_momentary_lufs, -22.967, 0.02);
    }
}

#[test]
fn case_3341_13_max_momentary_wherever_it_lies() {
    for rate in RATES {
        for i in 0..20 {
            let parts = [(0.02 * f64::from(i), -200.0), (0.4, -23.0), (1.0, -200.0)];
            let measured = heard(rate, &stereo(rate, &parts));
            near(&format!("file {i} at {rate}"), measured.max_momentary_lufs, -23.0, 0.02);
        }
    }
}

#[test]
fn case_3342_1_to_4_loudness_range() {
    let cases: [(&[f64], f64); 4] = [
        (&[-20.0, -30.0], 10.0),
        (&[-20.0, -15.0], 5.0),
        (&[-40.0, -20.0], 20.0),
        (&[-50.0, -35.0, -20.0, -35.0, -50.0], 15.0),
    ];
    for rate in RATES {
        for (levels, expected) in cases {
            let parts: Vec<_> = levels.iter().map(|level| (20.0, *level)).collect();
            near("LRA", heard(rate, &stereo(rate, &parts)).loudness_range_lu, expected, 0.02);
        }
    }
}

/// The rates at which 15 to 23 are due.
const TRUE_PEAK_RATES: [u32; 5] = [44_100, 48_000, 88_200, 96_000, 192_000];

#[track_caller]
fn true_peak(what: &str, rate: u32, channel: Vec<f64>, expected: f64) {
    let wanted = Wanted { windows: false, true_peak: true, history: false };
    let measured = measure(rate, &vec![channel.clone(), channel], wanted, 4096);
    for value in [measured.true_peak_dbtp, measured.true_peak_reference_dbtp, measured.true_peak_annex_2_dbtp]
    {
        let value = value.unwrap();
        assert!(
            value <= expected + 0.2 && value >= expected - 0.4,
            "{what} at {rate}: {value} dBTP, not {expected}"
        );
    }
}

#[test]
fn case_3341_15_to_19_true_peak_of_tones_off_their_samples() {
    let cases = [
        (15, 4, 0.0, 0.5, -6.0),
        (16, 4, 45.0, 0.5, -6.0),
        (17, 6, 60.0, 0.5, -6.0),
        (18, 8, 67.5, 0.5, -6.0),
        (19, 4, 45.0, 1.41, 3.0),
    ];
    for rate in TRUE_PEAK_RATES {
        for (number, period, degrees, gain, expected) in cases {
            let (frames, taper) = (rate as usize, f64::from(rate) / 100.0);
            let sample = |n: usize| {
                let edge = (n.min(frames - 1 - n) as f64 / taper).min(1.0);
                let turns = (n % period) as f64 / f64::from(period as u32) + degrees / 360.0;
                edge * gain * (std::f64::consts::TAU * turns).sin()
            };
            true_peak(&format!("case {number}"), rate, (0..frames).map(sample).collect(), expected);
        }
    }
}

/// A sine of six samples a period at four times the rate, one period of four samples and twice the size put in at a
/// rising zero; low-passed; of which every fourth sample from the first, second, third or fourth on remains.
#[test]
fn case_3341_20_to_23_true_peak_of_a_burst() {
    let before = 24 * 40;
    let tone = |n: usize, period: usize| (std::f64::consts::TAU * n as f64 / period as f64).sin();
    let mut fine: Vec<f64> = (0..before).map(|n| 0.5 * tone(n % 24, 24)).collect();
    fine.extend((0..16).map(|n| tone(n, 16)));
    fine.extend((0..before).map(|n| 0.5 * tone(n % 24, 24)));
    // 511 taps, Kaiser window β = 10, cut off at 0.475 of the final rate.
    let bessel = |x: f64| {
        let (mut term, mut sum) = (1.0, 1.0);
        for k in 1..60 {
            term *= (x / 2.0 / f64::from(k)).powi(2);
            sum += term;
        }
        sum
    };
    let cut = 0.475 / 4.0 * 2.0;
    let taps: Vec<f64> = (-255..=255)
        .map(|n| {
            let x = std::f64::consts::PI * cut * f64::from(n);
            let sinc = if n == 0 { 1.0 } else { x.sin() / x };
            cut * sinc * bessel(10.0 * (1.0 - (f64::from(n) / 255.0).powi(2)).sqrt()) / bessel(10.0)
        })
        .collect();
    let filtered: Vec<f64> = (0..fine.len() - 511)
        .map(|n| taps.iter().zip(&fine[n..]).map(|(tap, sample)| tap * sample).sum())
        .collect();
    for offset in 0..4 {
        let channel = filtered[offset..].iter().step_by(4).copied().collect();
        true_peak(&format!("case {}", 20 + offset), 48_000, channel, 0.0);
    }
}
