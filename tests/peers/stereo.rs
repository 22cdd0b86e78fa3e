//! Wideners: what is left of a mono signal when a phone adds left and right up again.

use crate::{Table, ffmpeg, impulse, magnitude_db, node};
use deadwax_tests::Channels;

const RATE: u32 = 44_100;

/// The highest and the lowest level of left plus right, in dB against the input's, from 100 Hz to 15 kHz.
fn ripple(out: &Channels) -> Vec<f64> {
    let sum: Vec<f64> = out[0].iter().zip(&out[1]).map(|(l, r)| 0.5 * (l + r)).collect();
    let levels = (0..=600).map(|n| 100.0 + 25.0 * f64::from(n)).map(|hz| magnitude_db(&sum, hz, RATE));
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for level in levels {
        (low, high) = (low.min(level), high.max(level));
    }
    vec![high, low]
}

#[test]
#[ignore = "opt-in: compares with ffmpeg"]
fn a_mono_sum_that_stays() {
    let input = vec![impulse(1 << 14); 2];
    let mut table = Table::new("Mono fold-down of a widened mono signal, in dB", &["highest", "lowest"]);
    let ours = ripple(&node("Widener(amount: 0.7)", RATE, &input)[0]);
    assert!(ours.iter().all(|db| db.abs() < 1e-9), "{ours:?}");
    table.row("ours, 70 %", Some(ours));
    for filter in ["haas", "stereowiden", "extrastereo", "adecorrelate"] {
        table.row(&format!("ffmpeg {filter}"), ffmpeg(filter, RATE, &input).map(|out| ripple(&out)));
    }
    table.print();
}
