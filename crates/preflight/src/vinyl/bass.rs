//! Bass: how much of it is not the same in both channels.
//!
//! It is looked at as the groove has it, by how far the walls move: the lower, the further. So what a filter leaves near its corner
//! does not count as much as what it was there for.

use super::groove::fill;
use crate::side::{CHUNK, low_pass};
use deadwax_dsp::math::power_to_db;
use deadwax_dsp::svf::{Cascade, Unstable};
use serde::Serialize;

/// Below this bass is to be in the middle, in Hz: plants say 100 to 150, one of them 300.
const BASS_HZ: f64 = 150.0;
/// The order of the filter.
const ORDER: u32 = 4;
/// Channels are held against each other in windows of this part of a second: three periods of 30 Hz.
const WINDOWS_PER_S: u32 = 10;
/// The mean square of both walls together, in µm², below which there is no bass.
const LEAST_POWER: f64 = 0.01;
/// The same, below which it may go up and down as it likes: 2.5 µm each, a tenth of the depth of a groove.
const LEAST_AGAINST: f64 = 12.5;
/// A ratio is told up to so many dB.
const MOST_DB: f64 = 120.0;

/// A stretch of a side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Stretch {
    /// Where it begins, in seconds.
    pub at_s: f64,
    /// How long it is, in seconds.
    pub length_s: f64,
}

/// What is in the bass, below 150 Hz.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Bass {
    /// The power of what differs, in dB of the power of what both channels share. `None` where there is no bass.
    pub side_to_mid_db: Option<f64>,
    /// The correlation of the channels, −1 to 1. `None` where one of them has no bass.
    pub correlation: Option<f64>,
    /// The longest stretch, in steps of 100 ms, in which the walls move against each other, and far enough to matter.
    pub against: Stretch,
}

/// Products of both channels.
#[derive(Clone, Copy, Debug, Default)]
struct Products {
    left: f64,
    right: f64,
    cross: f64,
}

impl Products {
    fn add(&mut self, other: Self) {
        self.left += other.left;
        self.right += other.right;
        self.cross += other.cross;
    }
}

/// Measures it.
#[derive(Clone, Debug)]
pub(crate) struct BassMeter {
    filter: Cascade,
    work: [Vec<f64>; 2],
    rate_hz: u32,
    window: u64,
    filled: u64,
    frames: u64,
    turns: Windows,
}

/// The windows so far.
#[derive(Clone, Debug, Default)]
struct Windows {
    now: Products,
    all: Products,
    count: u64,
    /// The window with which the stretch under way has begun.
    since: Option<u64>,
    longest: (u64, u64),
}

impl Windows {
    /// Ends a window of so many frames.
    fn turn(&mut self, frames: u64) {
        let now = std::mem::take(&mut self.now);
        self.all.add(now);
        let far = now.left + now.right > LEAST_AGAINST * frames as f64;
        if far && now.cross < 0.0 {
            let begin = *self.since.get_or_insert(self.count);
            if self.count + 1 - begin > self.longest.1 - self.longest.0 {
                self.longest = (begin, self.count + 1);
            }
        } else {
            self.since = None;
        }
        self.count += 1;
    }
}

impl BassMeter {
    pub(crate) fn new(rate_hz: u32) -> Result<Self, Unstable> {
        Ok(Self {
            filter: Cascade::new(&low_pass(ORDER, BASS_HZ, rate_hz)?, 2),
            work: [Vec::with_capacity(CHUNK), Vec::with_capacity(CHUNK)],
            rate_hz,
            window: u64::from(rate_hz / WINDOWS_PER_S),
            filled: 0,
            frames: 0,
            turns: Windows::default(),
        })
    }

    /// Sees how far the walls have moved, in µm.
    pub(crate) fn see(&mut self, left: &[f64], right: &[f64]) {
        fill(&mut self.work, [left, right]);
        let [left, right] = &mut self.work;
        self.filter.process_pair(0, left, right);
        let mut from = 0;
        while from < left.len() {
            let count = (left.len() - from).min((self.window - self.filled) as usize);
            for (left, right) in left[from..from + count].iter().zip(&right[from..from + count]) {
                let now = &mut self.turns.now;
                now.left += left * left;
                now.right += right * right;
                now.cross += left * right;
            }
            from += count;
            self.filled += count as u64;
            self.frames += count as u64;
            if self.filled == self.window {
                self.turns.turn(self.window);
                self.filled = 0;
            }
        }
    }

    pub(crate) fn finish(mut self) -> Bass {
        self.turns.all.add(self.turns.now);
        let Products { left, right, cross } = self.turns.all;
        let heard = left + right > LEAST_POWER * self.frames as f64;
        let (side, mid) = ((left + right - 2.0 * cross).max(0.0), (left + right + 2.0 * cross).max(0.0));
        let ratio = power_to_db(side) - power_to_db(mid);
        let step = self.window as f64 / f64::from(self.rate_hz);
        let (begin, end) = self.turns.longest;
        Bass {
            side_to_mid_db: heard.then(|| ratio.clamp(-MOST_DB, MOST_DB)),
            correlation: (heard && left > 0.0 && right > 0.0).then(|| cross / (left * right).sqrt()),
            against: Stretch { at_s: begin as f64 * step, length_s: (end - begin) as f64 * step },
        }
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    /// Three seconds of a tone of so many µm; from 1 s to 2 s the right channel is turned over.
    fn heard(um: f64, hz: f64, right: f64, turned: f64) -> Bass {
        let rate = 44_100;
        let mut meter = BassMeter::new(rate).unwrap();
        let left: Vec<f64> =
            (0..3 * rate).map(|n| um * (TAU * hz * f64::from(n) / f64::from(rate)).sin()).collect();
        let second = rate as usize..2 * rate as usize;
        let right =
            left.iter().enumerate().map(|(n, x)| if second.contains(&n) { turned * x } else { right * x });
        let right: Vec<f64> = right.collect();
        for (left, right) in left.chunks(CHUNK).zip(right.chunks(CHUNK)) {
            meter.see(left, right);
        }
        meter.finish()
    }

    #[test]
    fn bass_that_both_channels_share_has_no_side() {
        let bass = heard(12.0, 60.0, 1.0, 1.0);
        assert_eq!((bass.side_to_mid_db, bass.against.length_s), (Some(-MOST_DB), 0.0));
        assert!((bass.correlation.unwrap() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_stretch_out_of_phase_is_found_where_it_is() {
        let bass = heard(12.0, 60.0, 1.0, -1.0);
        assert!(
            (bass.against.at_s - 1.0).abs() < 0.11 && (bass.against.length_s - 1.0).abs() < 0.11,
            "{bass:?}"
        );
        // One second of three.
        assert!((bass.side_to_mid_db.unwrap() + 3.01).abs() < 0.1, "{bass:?}");
        assert!((bass.correlation.unwrap() - 1.0 / 3.0).abs() < 0.01, "{bass:?}");
    }

    #[test]
    fn one_channel_alone_has_as_much_side_as_middle_and_treble_is_no_bass() {
        assert!(heard(12.0, 60.0, 0.0, 0.0).side_to_mid_db.unwrap().abs() < 1e-9);
        assert_eq!(heard(12.0, 60.0, 0.0, 0.0).correlation, None);
        // But for the thump with which it begins.
        let treble = heard(12.0, 3000.0, -1.0, -1.0);
        assert!(treble.against.length_s < 0.11 && treble.side_to_mid_db.is_none(), "{treble:?}");
    }
    #[test]
    fn walls_that_hardly_move_may_move_against_each_other() {
        let bass = heard(2.0, 60.0, 1.0, -1.0);
        assert!(bass.against.length_s == 0.0 && bass.side_to_mid_db.unwrap() > -3.2, "{bass:?}");
    }
}
