//! Treble that a tape cannot hold at the level of the rest.

use crate::side::{CHUNK, Peak, high_pass, low_pass};
use deadwax_dsp::math::gain_to_db;
use deadwax_dsp::svf::{Cascade, Unstable};
use serde::Serialize;

/// An octave to either side of 315 Hz, the tone that the level of tapes is set by (IEC 60094), in Hz.
const MIDDLE_HZ: [f64; 2] = [157.5, 630.0];
/// The highs that saturate first, in Hz: SOL is given at 10 kHz.
const TREBLE_HZ: f64 = 10_000.0;
/// The order of the filters.
const ORDER: u32 = 4;
/// Peaks below this are none, in dBFS.
const LEAST_DBFS: f64 = -120.0;

/// Peaks in the middle and in the treble.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Saturation {
    /// The highest peak around 315 Hz, in dBFS.
    pub middle_dbfs: f64,
    /// The highest peak above 10 kHz, in dBFS.
    pub treble_dbfs: f64,
    /// Where that is, in seconds.
    pub treble_at_s: f64,
}

impl Saturation {
    /// How far the treble is above the middle, in dB.
    #[must_use]
    pub fn treble_over_middle_db(&self) -> f64 {
        self.treble_dbfs - self.middle_dbfs
    }
}

/// Measures them.
#[derive(Clone, Debug)]
pub(crate) struct SaturationMeter {
    rate_hz: u32,
    middle: Cascade,
    treble: Cascade,
    work: [Vec<f64>; 2],
    at: u64,
    highest: [Peak; 2],
}

impl SaturationMeter {
    pub(crate) fn new(rate_hz: u32) -> Result<Self, Unstable> {
        let mut middle = high_pass(ORDER, MIDDLE_HZ[0], rate_hz)?;
        middle.extend(low_pass(ORDER, MIDDLE_HZ[1], rate_hz)?);
        Ok(Self {
            rate_hz,
            middle: Cascade::new(&middle, 2),
            treble: Cascade::new(&high_pass(ORDER, TREBLE_HZ, rate_hz)?, 2),
            work: [Vec::with_capacity(CHUNK), Vec::with_capacity(CHUNK)],
            at: 0,
            highest: [Peak::default(); 2],
        })
    }

    pub(crate) fn hear(&mut self, left: &[f64], right: &[f64]) {
        for (filter, highest) in [&mut self.middle, &mut self.treble].into_iter().zip(&mut self.highest) {
            for (work, samples) in self.work.iter_mut().zip([left, right]) {
                work.clear();
                work.extend_from_slice(samples);
            }
            let [left, right] = &mut self.work;
            filter.process_pair(0, left, right);
            for (at, (left, right)) in (self.at..).zip(left.iter().zip(right.iter())) {
                highest.take(left.abs().max(right.abs()), at, self.rate_hz);
            }
        }
        self.at += left.len() as u64;
    }

    pub(crate) fn finish(&self) -> Saturation {
        let [middle, treble] = self.highest;
        let level = |peak: Peak| gain_to_db(peak.value).max(LEAST_DBFS);
        Saturation { middle_dbfs: level(middle), treble_dbfs: level(treble), treble_at_s: treble.at_s }
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    #[test]
    fn each_peak_is_that_of_its_tone_and_is_found_where_it_is() {
        let rate = 48_000;
        let mut meter = SaturationMeter::new(rate).unwrap();
        let side: Vec<f64> = (0..4 * rate)
            .map(|n| {
                let t = f64::from(n) / f64::from(rate);
                let high = if (2.0..2.5).contains(&t) { 0.2 } else { 0.01 };
                0.5 * (TAU * 315.0 * t).sin() + high * (TAU * 14_000.0 * t).sin()
            })
            .collect();
        for block in side.chunks(CHUNK) {
            meter.hear(block, block);
        }
        let found = meter.finish();
        // Filters ring a little where a tone begins.
        assert!((found.middle_dbfs + 6.02).abs() < 0.7, "{found:?}");
        assert!(
            (found.treble_dbfs + 13.98).abs() < 0.7 && (2.0..2.51).contains(&found.treble_at_s),
            "{found:?}"
        );
        assert!((found.treble_over_middle_db() + 7.96).abs() < 1.2);
    }
}
