//! The minimum-requirement signals of EBU Tech 3341:2023 and 3342:2023 that can be made from a description, each at
//! 44.1 to 192 kHz: loudness to within 0.02 LU where the standard allows 0.1 (and 1 for a range), true peak to within
//! the standard's own +0.2 and −0.4 dB.
#![allow(missing_docs)]

use deadwax_measure::signals::ebu::{Case, Figure, cases, peak_cases};
use deadwax_measure::{Measured, Meter, Wanted};
use std::ops::ControlFlow;

const RATES: [u32; 5] = [44_100, 48_000, 88_200, 96_000, 192_000];

fn heard(rate_hz: u32, case: &Case) -> Measured {
    let wanted = Wanted { true_peak: false, psr: false, ..Wanted::ALL };
    let mut meter = Meter::new(rate_hz, case.offsets_db.len(), wanted).unwrap();
    case.play(rate_hz, &mut |block| {
        meter.push(block);
        ControlFlow::Continue(())
    });
    meter.finish()
}

/// The largest distance of any figure of the cases whose names begin so.
fn all(rates: &[u32], names: &[&str]) {
    let cases: Vec<Case> = cases().into_iter().filter(|case| names.contains(&number(&case.name))).collect();
    assert!(cases.len() >= names.len());
    for rate in rates {
        for case in &cases {
            let measured = heard(*rate, case);
            for (figure, expected) in &case.expected {
                let value = match figure {
                    Figure::Integrated => measured.integrated_lufs,
                    Figure::ShortTerm => measured.max_short_term_lufs,
                    Figure::Momentary => measured.max_momentary_lufs,
                    Figure::Range => measured.loudness_range_lu,
                };
                let value = value.unwrap_or(f64::NAN);
                assert!(
                    (value - expected).abs() <= 0.02,
                    "{} at {rate}: {figure:?} {value}, not {expected}",
                    case.name
                );
            }
        }
    }
}

fn number(name: &str) -> &str {
    name.split(',').next().unwrap_or(name)
}

#[test]
fn cases_3341_1_to_6_steady_tones_gates_and_surround() {
    all(&RATES, &["3341-1", "3341-2", "3341-3", "3341-4", "3341-5", "3341-6"]);
}

#[test]
fn cases_3341_9_and_12_short_term_and_momentary_are_steady() {
    all(&RATES, &["3341-9", "3341-12"]);
    let nine = cases().into_iter().find(|case| case.name == "3341-9").unwrap();
    for rate in RATES {
        for value in heard(rate, &nine).history.unwrap().lufs {
            assert!((value.unwrap() + 23.0).abs() <= 0.02, "at {rate}: {value:?}");
        }
    }
}

#[test]
fn cases_3341_10_and_13_maxima_wherever_they_lie() {
    all(&RATES, &["3341-10", "3341-13"]);
}

#[test]
fn cases_3341_11_and_14_maxima_of_rising_tones() {
    all(&RATES, &["3341-11", "3341-14"]);
}

#[test]
fn cases_3342_1_to_4_loudness_range() {
    all(&RATES, &["3342-1", "3342-2", "3342-3", "3342-4"]);
}

#[test]
fn cases_3341_15_to_23_true_peak_by_both_meters() {
    for rate in RATES {
        for case in peak_cases(rate) {
            let wanted = Wanted { windows: false, history: false, psr: false, ..Wanted::ALL };
            let mut meter = Meter::new(rate, 2, wanted).unwrap();
            meter.push(&[&case.channel, &case.channel]);
            let read = meter.finish();
            for value in [read.true_peak_dbtp, read.true_peak_reference_dbtp, read.true_peak_annex_2_dbtp] {
                let off = value.unwrap() - case.expected_dbtp;
                assert!((-0.4..=0.2).contains(&off), "case {} at {rate}: {value:?} dBTP", case.number);
            }
        }
    }
}
