//! The hum as plain data.

use super::Base;
use super::follow::Turns;
use crate::math::{atan2, cos, db_to_gain, gain_to_db, sin};
use rustfft::num_complex::Complex;
use std::f64::consts::PI;
use thiserror::Error;

/// The hum of a programme.
#[derive(Clone, Debug, PartialEq)]
pub struct Track {
    /// The mains.
    pub base: Base,
    /// The frequency of the first harmonic: time in seconds, frequency in Hz; straight lines between, constant outside.
    /// Phases count from the programme's first frame.
    pub freq_hz: Vec<(f64, f64)>,
    /// How much louder or softer all of it is over time: time in seconds, dB; between the points the amplitude goes in straight
    /// lines, outside it is constant. At [`OFF_DB`] there is none. Without a point it is 0 dB throughout.
    pub level_db: Vec<(f64, f64)>,
    /// The harmonics.
    pub harmonics: Vec<Harmonic>,
}

/// A harmonic on one channel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Harmonic {
    /// The channel, from 0.
    pub channel: usize,
    /// Which: 1 is the mains frequency itself.
    pub number: u32,
    /// The amplitude, in dB: a sine that reaches full scale has 0.
    pub level_db: f64,
    /// Against a cosine that has its crest at the programme's first frame.
    pub phase_deg: f64,
}

/// A level as low as this is none.
pub const OFF_DB: f64 = -120.0;

/// The highest level that makes sense.
const TOP_DB: f64 = 20.0;

impl Harmonic {
    /// The nearest there is to an amplitude: a lesson that is read again has to give the same bits.
    pub(super) fn new(channel: usize, number: u32, a: Complex<f64>) -> Self {
        let round = |x: f64, steps: f64| (x * steps).round() / steps;
        let phase_deg = round(atan2(a.im, a.re) * 180.0 / PI, 10.0);
        Self { channel, number, level_db: round(gain_to_db(a.norm()), 100.0), phase_deg }
    }

    pub(super) fn amplitude(&self) -> Complex<f64> {
        let angle = self.phase_deg * PI / 180.0;
        Complex::new(cos(angle), sin(angle)) * gain(self.level_db)
    }
}

/// The gain that a level stands for.
pub(super) fn gain(level_db: f64) -> f64 {
    if level_db <= OFF_DB { 0.0 } else { db_to_gain(level_db) }
}

/// What is wrong with a track: where, as in `harmonics.3.number`, and why, in words for a person.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{path}`: {reason}")]
pub struct Fault {
    /// Fields by name, items of a list by number from 0.
    pub path: String,
    /// What is wrong there.
    pub reason: String,
}

impl Fault {
    fn at(path: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { path: path.into(), reason: reason.into() }
    }
}

impl Track {
    /// Whether the track can be used for `channels` channels at `rate_hz`.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn check(&self, channels: usize, rate_hz: f64) -> Result<(), Fault> {
        in_order("freq_hz", &self.freq_hz)?;
        in_order("level_db", &self.level_db)?;
        if self.freq_hz.is_empty() && !self.harmonics.is_empty() {
            return Err(Fault::at("freq_hz", "harmonics need a frequency: at least one point"));
        }
        let base = self.base.hz();
        if let Some(index) = self.freq_hz.iter().position(|(_, hz)| (hz / base - 1.0).abs() > 0.05) {
            return Err(Fault::at(
                format!("freq_hz.{index}.1"),
                format!("it is not within 5 % of {base} Hz"),
            ));
        }
        if let Some(index) = self.level_db.iter().position(|(_, db)| !(OFF_DB..=TOP_DB).contains(db)) {
            return Err(Fault::at(
                format!("level_db.{index}.1"),
                format!("levels go from {OFF_DB} to {TOP_DB} dB"),
            ));
        }
        for (index, harmonic) in self.harmonics.iter().enumerate() {
            let wrong =
                |field: &str, reason: String| Err(Fault::at(format!("harmonics.{index}.{field}"), reason));
            let Harmonic { channel, number, level_db, phase_deg } = *harmonic;
            if channel >= channels {
                return wrong("channel", format!("there are channels 0 to {}", channels.saturating_sub(1)));
            }
            let top_hz = self.freq_hz.iter().fold(0.0, |top: f64, (_, hz)| top.max(*hz)) * f64::from(number);
            if number == 0 || top_hz >= 0.5 * rate_hz {
                return wrong(
                    "number",
                    format!("numbers go from 1, and stay below half the sample rate of {rate_hz} Hz"),
                );
            }
            if self.harmonics[..index].iter().any(|other| (other.number, other.channel) == (number, channel))
            {
                return wrong("number", format!("harmonic {number} of channel {channel} stands there twice"));
            }
            if !(f64::MIN..=TOP_DB).contains(&level_db) {
                return wrong("level_db", format!("a number up to {TOP_DB} dB"));
            }
            if !phase_deg.is_finite() {
                return wrong("phase_deg", "an angle in degrees".to_owned());
            }
        }
        Ok(())
    }

    /// The level of the hum on a channel where it is loudest, as a mean square in dB re 1 (−∞ for none).
    #[must_use]
    pub fn level_dbfs(&self, channel: usize) -> f64 {
        let loudest = self.level_db.iter().map(|(_, db)| *db).reduce(f64::max).unwrap_or(0.0);
        let own = self.harmonics.iter().filter(|harmonic| harmonic.channel == channel);
        let power: f64 = own.map(|harmonic| harmonic.amplitude().norm_sqr() / 2.0).sum();
        gain_to_db(gain(loudest) * power.sqrt())
    }

    /// The mean of its frequency's points, in Hz; the base if there is none.
    #[must_use]
    pub fn mean_hz(&self) -> f64 {
        let sum: f64 = self.freq_hz.iter().map(|(_, hz)| hz).sum();
        if self.freq_hz.is_empty() { self.base.hz() } else { sum / self.freq_hz.len() as f64 }
    }

    /// The numbers of its harmonics, in order.
    #[must_use]
    pub fn numbers(&self) -> Vec<u32> {
        let mut numbers: Vec<u32> = self.harmonics.iter().map(|harmonic| harmonic.number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }
}

/// Whether all are numbers, and times go up.
fn in_order(list: &str, points: &[(f64, f64)]) -> Result<(), Fault> {
    let mut before = f64::NEG_INFINITY;
    for (index, (at_s, value)) in points.iter().enumerate() {
        if !value.is_finite() {
            return Err(Fault::at(format!("{list}.{index}.1"), "it is no number"));
        }
        if !at_s.is_finite() || *at_s <= before {
            return Err(Fault::at(
                format!("{list}.{index}.0"),
                "a time in seconds, later than the one before",
            ));
        }
        before = *at_s;
    }
    Ok(())
}

/// How far the track's first harmonic has turned up to a time: the integral of its frequency. Asked in order of times, it is
/// quick.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    freq_hz: Vec<(f64, f64)>,
    /// The turns up to each point.
    turns: Vec<f64>,
}

impl Clock {
    pub(super) fn new(freq_hz: &[(f64, f64)]) -> Self {
        // From the first frame to the first point the frequency is that of the point.
        let mut turns = freq_hz.first().map_or(0.0, |(at_s, hz)| at_s * hz);
        let mut all = vec![turns];
        for pair in freq_hz.windows(2) {
            turns += 0.5 * (pair[0].1 + pair[1].1) * (pair[1].0 - pair[0].0);
            all.push(turns);
        }
        Self { freq_hz: freq_hz.to_vec(), turns: all }
    }

    pub(super) fn turns(&self, at_s: f64) -> f64 {
        let index = self.freq_hz.partition_point(|point| point.0 <= at_s).saturating_sub(1);
        let Some((begin_s, hz)) = self.freq_hz.get(index).copied() else { return 0.0 };
        let since = at_s - begin_s;
        let slope = match self.freq_hz.get(index + 1) {
            Some(next) if since > 0.0 => (next.1 - hz) / (next.0 - begin_s),
            _ => 0.0,
        };
        self.turns[index] + since * (hz + 0.5 * slope * since)
    }
}

/// The value at a time of straight lines between points, if there are any.
pub(super) fn between(points: &[(f64, f64)], at_s: f64) -> Option<f64> {
    let index = points.partition_point(|point| point.0 <= at_s);
    match (index.checked_sub(1).map(|index| points[index]), points.get(index)) {
        (Some(before), Some(behind)) => {
            Some(before.1 + (behind.1 - before.1) * (at_s - before.0) / (behind.0 - before.0))
        }
        (Some(point), None) => Some(point.1),
        (None, point) => point.map(|point| point.1),
    }
}

/// A list of frequencies whose integral is near `turns` (beyond those of the base, at each hop): points as far apart as that
/// allows, rounded so that no error adds up.
pub(super) fn frequencies(
    base: Base,
    turns: &Turns,
    hop_s: f64,
    seconds: f64,
    highest: usize,
) -> Vec<(f64, f64)> {
    /// The highest harmonic may be off by so much of a turn.
    const OFF: f64 = 0.004;
    let mut points = Vec::new();
    for step_s in [8.0, 4.0, 2.0, 1.0, 0.5] {
        points = spaced(base, turns, hop_s, seconds, step_s);
        let clock = Clock::new(&points);
        let off = |hop: usize| {
            let at_s = hop as f64 * hop_s;
            clock.turns(at_s) - base.hz() * at_s - turns[hop]
        };
        let offs: Vec<f64> = (0..turns.len()).map(off).collect();
        // A constant does not count: phases take it up.
        let middle = offs.iter().sum::<f64>() / offs.len().max(1) as f64;
        let worst = offs.iter().fold(0.0, |worst: f64, off| worst.max((off - middle).abs()));
        if worst * highest as f64 <= OFF {
            break;
        }
    }
    points
}

fn spaced(base: Base, turns: &Turns, hop_s: f64, seconds: f64, step_s: f64) -> Vec<(f64, f64)> {
    /// Hertz are rounded to steps of 1 over this.
    const PER_HZ: f64 = 1e5;
    let count = (seconds / step_s).ceil().max(1.0) as usize + 1;
    let at = |point: f64| {
        let hop = (point * step_s / hop_s).clamp(0.0, turns.len() as f64 - 1.0);
        let (index, part) = (hop as usize, hop.fract());
        let next = turns.get(index + 1).unwrap_or(&turns[index]);
        turns[index] + part * (next - turns[index])
    };
    // The integral of straight lines through these differences is their [1 2 1] mean: sharpened against that before.
    let sharp = |point: usize| {
        let (point, last) = (point as f64, (count - 1) as f64);
        let bend = if point > 0.0 && point < last {
            at(point - 1.0) - 2.0 * at(point) + at(point + 1.0)
        } else {
            0.0
        };
        let unit = 2.0 * step_s / PER_HZ;
        ((at(point) - 0.25 * bend) / unit).round() * unit
    };
    let phases: Vec<f64> = (0..count).map(sharp).collect();
    let slope = |from: usize, to: usize| (phases[to] - phases[from]) / ((to - from) as f64 * step_s);
    let mut hz: Vec<f64> = (0..count).map(|n| slope(n.saturating_sub(1), (n + 1).min(count - 1))).collect();
    if count > 2 {
        (hz[0], hz[count - 1]) =
            (2.0 * slope(0, 1) - hz[1], 2.0 * slope(count - 2, count - 1) - hz[count - 2]);
    }
    let point = |(n, off): (usize, &f64)| (n as f64 * step_s, ((base.hz() + off) * PER_HZ).round() / PER_HZ);
    hz.iter().enumerate().map(point).collect()
}
