//! What is left when one file is taken from the other.

use deadwax_dsp::fft::Kind;
use deadwax_dsp::math::{db_to_gain, gain_to_db, power_to_db};
use deadwax_measure::SpectrumMeter;
use serde::Serialize;

/// Steps in which the course of the difference is kept, in seconds.
const STEP_S: f64 = 0.1;
/// The stretch in which the difference is largest is so long, in seconds.
const STRETCH_S: f64 = 5.0;
/// The frequencies that hold so much of the difference's power are where it mostly is.
const MOSTLY: f64 = 0.7;

/// The tone of both in one third octave.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ToneBand {
    /// The middle, in Hz.
    pub hz: f64,
    /// The level in A, in dB: a full-scale sine is 0.
    pub a_db: Option<f64>,
    /// The level in B, matched.
    pub b_db: Option<f64>,
    /// How much more B has of it than A, in dB.
    pub change_db: Option<f64>,
    /// The level of the difference, in dB.
    pub difference_db: Option<f64>,
}

/// What is left when B, matched, is taken from A.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// How long both lie over each other, in seconds.
    pub overlap_s: f64,
    /// How much more power the difference has than A, in dB: the lower, the more alike. `None` when nothing is left.
    pub null_db: Option<f64>,
    /// The level of the difference, in dB below that of a full-scale sine.
    pub rms_dbfs: Option<f64>,
    /// Its largest sample, in dBFS.
    pub peak_dbfs: Option<f64>,
    /// The 5 s in which it is largest, in seconds of A.
    pub largest_s: Option<(f64, f64)>,
    /// The frequencies where it mostly is, in Hz.
    pub mostly_hz: Option<(f64, f64)>,
    /// The tone, in third octaves.
    pub tone: Vec<ToneBand>,
    /// How much more power the sides have than the middle in A, in dB. `None` for anything but stereo.
    pub a_side_to_mid_db: Option<f64>,
    /// The same in B.
    pub b_side_to_mid_db: Option<f64>,
}

/// Sums over one signal.
struct Heard {
    spectra: Vec<SpectrumMeter>,
    power: f64,
    middle: f64,
    sides: f64,
}

impl Heard {
    fn new(rate_hz: u32, channels: usize) -> Self {
        let spectra = vec![SpectrumMeter::new(rate_hz, Kind::Fast); channels];
        Self { spectra, power: 0.0, middle: 0.0, sides: 0.0 }
    }

    fn push(&mut self, planes: &[Vec<f64>]) -> f64 {
        let mut power = 0.0;
        for (spectrum, plane) in self.spectra.iter_mut().zip(planes) {
            spectrum.push(plane);
            power += plane.iter().map(|x| x * x).sum::<f64>();
        }
        if let [left, right] = planes {
            for (l, r) in left.iter().zip(right) {
                self.middle += (l + r) * (l + r);
                self.sides += (l - r) * (l - r);
            }
        }
        self.power += power;
        power
    }

    /// The power in each third octave, all channels together; by the middle of the band.
    fn bands(&self) -> Vec<(f64, f64)> {
        let each: Vec<_> = self.spectra.iter().map(SpectrumMeter::bands).collect();
        let count = each.first().map_or(0, Vec::len);
        let power = |db: Option<f64>| db.map_or(0.0, |db| db_to_gain(2.0 * db));
        let sum = |band: usize| each.iter().map(|bands| power(bands[band].level_db)).sum::<f64>();
        (0..count).map(|band| (each[0][band].hz, sum(band))).collect()
    }

    fn side_to_mid_db(&self) -> Option<f64> {
        level(power_to_db(self.sides / self.middle))
    }
}

/// Takes one signal from the other.
pub(super) struct DifferenceMeter {
    rate_hz: u32,
    a: Heard,
    b: Heard,
    left: Heard,
    peak: f64,
    frames: u64,
    step: usize,
    filled: usize,
    under_way: f64,
    course: Vec<f64>,
}

impl DifferenceMeter {
    pub(super) fn new(rate_hz: u32, channels: usize) -> Self {
        let heard = || Heard::new(rate_hz, channels);
        Self {
            rate_hz,
            a: heard(),
            b: heard(),
            left: heard(),
            peak: 0.0,
            frames: 0,
            step: (f64::from(rate_hz) * STEP_S) as usize,
            filled: 0,
            under_way: 0.0,
            course: Vec::new(),
        }
    }

    /// Hears blocks of both, B matched, and their difference, all of the same length.
    pub(super) fn push(&mut self, a: &[Vec<f64>], b: &[Vec<f64>], difference: &[Vec<f64>]) {
        self.a.push(a);
        self.b.push(b);
        self.left.push(difference);
        let frames = difference.first().map_or(0, Vec::len);
        self.frames += frames as u64;
        let mut from = 0;
        while from < frames {
            let to = frames.min(from + self.step - self.filled);
            for plane in difference {
                for x in &plane[from..to] {
                    self.peak = self.peak.max(x.abs());
                    self.under_way += x * x;
                }
            }
            self.filled += to - from;
            if self.filled == self.step {
                self.filled = 0;
                self.course.push(std::mem::take(&mut self.under_way));
            }
            from = to;
        }
    }

    /// What there is to say; A begins `begin_s` into its file.
    pub(super) fn finish(mut self, begin_s: f64) -> Difference {
        if self.filled > 0 {
            self.course.push(self.under_way);
        }
        let samples = (self.frames * self.left.spectra.len() as u64).max(1) as f64;
        let nothing = self.left.power == 0.0;
        let (a, b, left) = (self.a.bands(), self.b.bands(), self.left.bands());
        let change = |a: f64, b: f64| level(power_to_db(b / a));
        let band = |n: usize| ToneBand {
            hz: a[n].0,
            a_db: level(power_to_db(a[n].1)),
            b_db: level(power_to_db(b[n].1)),
            change_db: change(a[n].1, b[n].1),
            difference_db: level(power_to_db(left[n].1)),
        };
        let overlap_s = self.frames as f64 / f64::from(self.rate_hz);
        Difference {
            overlap_s,
            null_db: level(power_to_db(self.left.power / self.a.power)),
            rms_dbfs: level(power_to_db(2.0 * self.left.power / samples)),
            peak_dbfs: level(gain_to_db(self.peak)),
            largest_s: (!nothing).then(|| {
                let (from, to) = largest(&self.course);
                (begin_s + from, begin_s + to.min(overlap_s))
            }),
            mostly_hz: if nothing { None } else { mostly(&left) },
            tone: (0..a.len()).map(band).collect(),
            a_side_to_mid_db: self.a.side_to_mid_db(),
            b_side_to_mid_db: self.b.side_to_mid_db(),
        }
    }
}

fn level(db: f64) -> Option<f64> {
    db.is_finite().then_some(db)
}

/// From when to when the difference is largest, in seconds.
fn largest(course: &[f64]) -> (f64, f64) {
    let length = (STRETCH_S / STEP_S).round() as usize;
    let length = length.min(course.len()).max(1);
    let sums = course.windows(length).map(|window| window.iter().sum::<f64>());
    let at = sums.enumerate().max_by(|a, b| a.1.total_cmp(&b.1)).map_or(0, |(at, _)| at);
    (at as f64 * STEP_S, (at + length) as f64 * STEP_S)
}

/// The narrowest run of third octaves that holds most of the power, edge to edge.
fn mostly(bands: &[(f64, f64)]) -> Option<(f64, f64)> {
    let total: f64 = bands.iter().map(|band| band.1).sum();
    let half = db_to_gain(1.0);
    (1..=bands.len()).find_map(|length| {
        let sum = |run: &[(f64, f64)]| run.iter().map(|band| band.1).sum::<f64>();
        let best = bands.windows(length).max_by(|a, b| sum(a).total_cmp(&sum(b)))?;
        (total > 0.0 && sum(best) >= MOSTLY * total).then(|| (best[0].0 / half, best[length - 1].0 * half))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_most_of_it_is_and_when() {
        let bands = [(100.0, 0.1), (125.0, 3.0), (160.0, 4.0), (200.0, 0.5)];
        let (from, to) = mostly(&bands).unwrap();
        assert!((from - 111.4).abs() < 0.1 && (to - 179.5).abs() < 0.1, "{from} {to}");
        let mut course = vec![0.0; 100];
        course[60..63].fill(1.0);
        let (from, to) = largest(&course);
        assert!(from <= 6.0 && to >= 6.3 && (to - from - 5.0).abs() < 1e-9, "{from} {to}");
    }
}
