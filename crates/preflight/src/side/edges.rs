//! What is below and above hearing, and the mean.

use super::{CHUNK, high_pass, low_pass};
use deadwax_dsp::math::power_to_db;
use deadwax_dsp::svf::{Cascade, Unstable};
use serde::Serialize;

/// Below this a record or a tape has nothing but rumble and flutter, in Hz.
const LOW_HZ: f64 = 20.0;
/// Above this cutters and tapes give up, in Hz: plants ask for little above 15 to 18 kHz.
const HIGH_HZ: f64 = 18_000.0;
/// The order of both filters: a bass of 40 Hz, an octave above, leaves −48 dB below 20 Hz.
const ORDER: u32 = 8;

/// What is at the edges of the spectrum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Edges {
    /// The mean of the left and of the right channel; 1 is full scale.
    pub dc: [f64; 2],
    /// The power below 20 Hz, the mean left out, in dB of all of it. `None` for silence.
    pub below_20_hz_db: Option<f64>,
    /// The power above 18 kHz, in dB of all of it. `None` for silence.
    pub above_18_khz_db: Option<f64>,
}

/// Measures them.
#[derive(Clone, Debug)]
pub(crate) struct EdgesMeter {
    low: Cascade,
    high: Cascade,
    work: [Vec<f64>; 2],
    frames: u64,
    sums: [f64; 2],
    power: f64,
    below: f64,
    above: f64,
}

impl EdgesMeter {
    pub(crate) fn new(rate_hz: u32) -> Result<Self, Unstable> {
        Ok(Self {
            low: Cascade::new(&low_pass(ORDER, LOW_HZ, rate_hz)?, 2),
            high: Cascade::new(&high_pass(ORDER, HIGH_HZ, rate_hz)?, 2),
            work: [Vec::with_capacity(CHUNK), Vec::with_capacity(CHUNK)],
            frames: 0,
            sums: [0.0; 2],
            power: 0.0,
            below: 0.0,
            above: 0.0,
        })
    }

    pub(crate) fn hear(&mut self, left: &[f64], right: &[f64]) {
        self.frames += left.len() as u64;
        for (sum, samples) in self.sums.iter_mut().zip([left, right]) {
            *sum += samples.iter().sum::<f64>();
        }
        self.power += energy(left) + energy(right);
        for (filter, power) in [(&mut self.low, &mut self.below), (&mut self.high, &mut self.above)] {
            for (work, samples) in self.work.iter_mut().zip([left, right]) {
                work.clear();
                work.extend_from_slice(samples);
            }
            let [left, right] = &mut self.work;
            filter.process_pair(0, left, right);
            *power += energy(left) + energy(right);
        }
    }

    pub(crate) fn finish(&self) -> Edges {
        let frames = self.frames.max(1) as f64;
        let dc = self.sums.map(|sum| sum / frames);
        let still = frames * (dc[0] * dc[0] + dc[1] * dc[1]);
        let share = |power: f64| (self.power > 0.0).then(|| power_to_db((power / self.power).max(1e-12)));
        Edges { dc, below_20_hz_db: share(self.below - still), above_18_khz_db: share(self.above) }
    }
}

fn energy(samples: &[f64]) -> f64 {
    samples.iter().map(|sample| sample * sample).sum()
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    #[test]
    fn each_edge_is_the_share_of_its_tone_and_a_mean_is_no_tone() {
        let rate = 48_000;
        let tone = |hz: f64, level: f64, n: u32| level * (TAU * hz * f64::from(n) / f64::from(rate)).sin();
        let mut meter = EdgesMeter::new(rate).unwrap();
        // A tone of 1 kHz, one 20 dB below it at 10 Hz, one 30 dB below it at 20 kHz, and a mean on the left.
        let signal: Vec<f64> = (0..rate * 20)
            .map(|n| tone(1000.0, 0.5, n) + tone(10.0, 0.05, n) + tone(20_000.0, 0.5 * 0.031_623, n))
            .collect();
        let left: Vec<f64> = signal.iter().map(|x| x + 0.01).collect();
        for (left, right) in left.chunks(CHUNK).zip(signal.chunks(CHUNK)) {
            meter.hear(left, right);
        }
        let edges = meter.finish();
        assert!((edges.dc[0] - 0.01).abs() < 1e-6 && edges.dc[1].abs() < 1e-6, "{edges:?}");
        assert!((edges.below_20_hz_db.unwrap() + 20.05).abs() < 0.1, "{edges:?}");
        assert!((edges.above_18_khz_db.unwrap() + 30.1).abs() < 0.2, "{edges:?}");
        assert_eq!(EdgesMeter::new(rate).unwrap().finish().below_20_hz_db, None);
    }
}
