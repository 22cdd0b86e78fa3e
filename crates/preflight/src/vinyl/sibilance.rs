//! Sharp consonants, and what is like them: bursts between 6 and 10 kHz.

use super::groove::fill;
use crate::side::{CHUNK, high_pass, low_pass};
use deadwax_dsp::math::exp;
use deadwax_dsp::svf::{Cascade, Unstable};
use serde::Serialize;

/// Where sibilance is, in Hz.
const BAND_HZ: [f64; 2] = [6000.0, 10_000.0];
/// The order of both filters.
const ORDER: u32 = 4;
/// Looked at so often in a second.
const WINDOWS_PER_S: u32 = 100;
/// A burst has so many times the power that the band has at the mean of some seconds: 6 dB.
const CREST: f64 = 4.0;
/// Those seconds.
const MEAN_S: f64 = 3.0;
/// A burst is as fast as this, in cm/s. Our estimate: twice the level that test records are traced at.
pub(crate) const LEAST_CM_S: f64 = 10.0;
/// Bursts nearer to each other, in windows, are one.
const APART: u64 = 5;
/// So many of the worst are told.
const WORST: usize = 5;

/// A burst.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Hiss {
    /// When it begins, in seconds.
    pub at_s: f64,
    /// The highest speed of the stylus in it, in the band, in cm/s.
    pub peak_cm_s: f64,
}

/// The bursts of a side, at the reference level.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Sibilance {
    /// How many there are.
    pub bursts: u64,
    /// How many in a minute.
    pub per_minute: f64,
    /// The worst of them, in the order of time.
    pub worst: Vec<Hiss>,
}

/// Finds them.
#[derive(Clone, Debug)]
pub(crate) struct SibilanceMeter {
    filter: Cascade,
    work: [Vec<f64>; 2],
    window: u64,
    filled: u64,
    /// Of the window under way.
    power: f64,
    peak: f64,
    bursts: Bursts,
}

impl SibilanceMeter {
    pub(crate) fn new(rate_hz: u32) -> Result<Self, Unstable> {
        let mut band = high_pass(ORDER, BAND_HZ[0], rate_hz)?;
        band.extend(low_pass(ORDER, BAND_HZ[1], rate_hz)?);
        let window = u64::from(rate_hz / WINDOWS_PER_S);
        Ok(Self {
            filter: Cascade::new(&band, 2),
            work: [Vec::with_capacity(CHUNK), Vec::with_capacity(CHUNK)],
            window,
            filled: 0,
            power: 0.0,
            peak: 0.0,
            bursts: Bursts::new(window as f64 / f64::from(rate_hz)),
        })
    }

    /// Sees the velocity of both walls, in cm/s.
    pub(crate) fn see(&mut self, left: &[f64], right: &[f64]) {
        fill(&mut self.work, [left, right]);
        let [left, right] = &mut self.work;
        self.filter.process_pair(0, left, right);
        for (left, right) in left.iter().zip(right.iter()) {
            let square = left * left + right * right;
            self.power += square;
            self.peak = self.peak.max(square);
            self.filled += 1;
            if self.filled == self.window {
                self.bursts.turn(self.power / self.window as f64, self.peak.sqrt());
                (self.power, self.peak, self.filled) = (0.0, 0.0, 0);
            }
        }
    }

    /// The bursts, on a side of which so many seconds were heard.
    pub(crate) fn finish(mut self, seconds: f64) -> Sibilance {
        self.bursts.end();
        let Bursts { count, worst, .. } = self.bursts;
        let per_minute = if seconds > 0.0 { 60.0 * count as f64 / seconds } else { 0.0 };
        Sibilance { bursts: count, per_minute, worst }
    }
}

/// Bursts, by windows.
#[derive(Clone, Debug)]
struct Bursts {
    window_s: f64,
    /// The mean power of some seconds, and how much of it a window leaves.
    mean: f64,
    kept: f64,
    windows: u64,
    /// The burst under way, and the last window that belongs to it.
    now: Option<(Hiss, u64)>,
    count: u64,
    worst: Vec<Hiss>,
}

impl Bursts {
    fn new(window_s: f64) -> Self {
        Self {
            window_s,
            mean: 0.0,
            kept: exp(-window_s / MEAN_S),
            windows: 0,
            now: None,
            count: 0,
            worst: Vec::new(),
        }
    }

    /// Takes a window.
    fn turn(&mut self, power: f64, peak_cm_s: f64) {
        let at = self.windows;
        if peak_cm_s >= LEAST_CM_S && power >= CREST * self.mean {
            match &mut self.now {
                Some((hiss, last)) => {
                    hiss.peak_cm_s = hiss.peak_cm_s.max(peak_cm_s);
                    *last = at;
                }
                now => *now = Some((Hiss { at_s: at as f64 * self.window_s, peak_cm_s }, at)),
            }
        } else if self.now.is_some_and(|(_, last)| at - last >= APART) {
            self.end();
        }
        self.mean = self.kept * self.mean + (1.0 - self.kept) * power;
        self.windows += 1;
    }

    /// Counts the burst that has ended.
    fn end(&mut self) {
        let Some((hiss, _)) = self.now.take() else { return };
        self.count += 1;
        self.worst.push(hiss);
        if self.worst.len() > WORST {
            let heights = self.worst.iter().map(|hiss| hiss.peak_cm_s).enumerate();
            if let Some((least, _)) = heights.min_by(|a, b| a.1.total_cmp(&b.1)) {
                self.worst.remove(least);
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    /// Twelve seconds of a soft tone in the band, with a burst of 30 ms in the middle of every second, at `cm_s`.
    fn found(cm_s: f64, hz: f64) -> Sibilance {
        let rate = 48_000_u32;
        let mut meter = SibilanceMeter::new(rate).unwrap();
        let wall: Vec<f64> = (0..12 * rate)
            .map(|n| {
                let t = f64::from(n) / f64::from(rate);
                let level = if (0.5..0.53).contains(&(t % 1.0)) { cm_s } else { 0.5 };
                level * (TAU * hz * t).sin()
            })
            .collect();
        for block in wall.chunks(CHUNK) {
            meter.see(block, block);
        }
        meter.finish(12.0)
    }

    #[test]
    fn a_train_of_bursts_is_counted_and_the_worst_are_named() {
        let sibilance = found(20.0, 8000.0);
        assert_eq!((sibilance.bursts, sibilance.worst.len()), (12, WORST), "{sibilance:?}");
        assert!((sibilance.per_minute - 60.0).abs() < 1e-9);
        for hiss in &sibilance.worst {
            // Both walls: √2 of one, less what the filters take in the middle of the band.
            assert!(
                (hiss.at_s % 1.0 - 0.5).abs() < 0.011 && (22.5..28.3).contains(&hiss.peak_cm_s),
                "{hiss:?}"
            );
        }
    }

    #[test]
    fn soft_bursts_low_ones_and_a_steady_tone_are_none() {
        assert_eq!(found(5.0, 8000.0).bursts, 0);
        assert_eq!(found(20.0, 2000.0).bursts, 0);
        let mut meter = SibilanceMeter::new(48_000).unwrap();
        let wall: Vec<f64> = (0..480_000).map(|n| 20.0 * (TAU * f64::from(n) / 6.0).sin()).collect();
        for block in wall.chunks(CHUNK) {
            meter.see(block, block);
        }
        // Its beginning is one.
        assert_eq!(meter.finish(10.0).bursts, 1);
    }
}
