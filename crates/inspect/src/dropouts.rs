//! Moments without a signal: what a bad transfer, a lost packet or a scratched disc leaves.

use crate::fault::{MOST_PLACES, clock};
use crate::{About, Detector, Fault, FaultKind, Place, Severity};
use deadwax_dsp::math::{db_to_gain, exp};

/// From the shortest that is heard to the longest that nobody made on purpose, in seconds.
const LENGTH_S: [f64; 2] = [0.001, 0.3];
/// The level on either side is at least this, in dBFS.
const LEAST_DBFS: f64 = -50.0;
/// The signal stops, and comes back, with a sample of at least this share of its level: a pause is faded into.
const ABRUPT: f64 = 0.05;
/// The time constant of the level, in seconds.
const LEVEL_S: f64 = 0.005;

/// One channel: exact zeros amid a signal.
#[derive(Clone, Debug)]
struct Watch {
    /// The mean square in front of the run of zeros, and of what comes behind it.
    power: f64,
    before: f64,
    /// The last sample that was not zero.
    last: f64,
    /// Zeros so far.
    zeros: u64,
    /// A run that waits for what comes behind it: begin, frames, frames still to hear.
    waiting: Option<(u64, u64, u32)>,
    found: Vec<(u64, u64)>,
    count: usize,
}

pub(crate) struct Dropouts {
    watches: Vec<Watch>,
    /// What is left of the mean square after a frame.
    kept: f64,
    frames: [u64; 2],
    wait: u32,
    frame: u64,
}

impl Dropouts {
    pub(crate) fn new(rate_hz: u32, channels: usize) -> Self {
        let rate = f64::from(rate_hz);
        let watch = Watch {
            power: 0.0,
            before: 0.0,
            last: 0.0,
            zeros: 0,
            waiting: None,
            found: Vec::new(),
            count: 0,
        };
        Self {
            watches: vec![watch; channels],
            kept: exp(-1.0 / (LEVEL_S * rate)),
            frames: LENGTH_S.map(|seconds| (seconds * rate) as u64),
            wait: (2.0 * LEVEL_S * rate) as u32,
            frame: 0,
        }
    }
}

impl Watch {
    fn hear(&mut self, samples: &[f64], start: u64, kept: f64, length: [u64; 2], wait: u32) {
        let least = db_to_gain(LEAST_DBFS) * db_to_gain(LEAST_DBFS);
        for (frame, sample) in (start..).zip(samples) {
            if *sample == 0.0 {
                if self.zeros == 0 {
                    self.before = self.power;
                }
                self.zeros += 1;
                self.power *= kept;
                continue;
            }
            if self.zeros > 0 {
                let abrupt = ABRUPT * self.before.sqrt();
                let sudden = self.last.abs().max(sample.abs()) > abrupt;
                if (length[0]..=length[1]).contains(&self.zeros) && self.before > least && sudden {
                    self.waiting = Some((frame - self.zeros, self.zeros, wait));
                    self.power = 0.0;
                }
                self.zeros = 0;
            }
            self.last = *sample;
            self.power = kept * self.power + (1.0 - kept) * sample * sample;
            if let Some((begin, frames, left)) = &mut self.waiting {
                *left -= 1;
                if *left == 0 {
                    if self.power > least {
                        self.count += 1;
                        if self.found.len() < MOST_PLACES {
                            self.found.push((*begin, *frames));
                        }
                    }
                    self.waiting = None;
                }
            }
        }
    }
}

impl Detector for Dropouts {
    fn hear(&mut self, block: &[&[f64]]) {
        for (watch, samples) in self.watches.iter_mut().zip(block) {
            watch.hear(samples, self.frame, self.kept, self.frames, self.wait);
        }
        self.frame += block.first().map_or(0, |samples| samples.len()) as u64;
    }

    fn finish(self: Box<Self>, about: &About) -> Vec<Fault> {
        let count: usize = self.watches.iter().map(|watch| watch.count).sum();
        let each = self.watches.iter().enumerate().flat_map(|(channel, watch)| {
            watch.found.iter().map(move |(begin, frames)| (channel, *begin, *frames))
        });
        let place = |(channel, begin, frames)| Place {
            channel: (about.channels > 1).then_some(channel),
            at_s: about.at_s(begin),
            s: about.at_s(frames),
        };
        let mut places: Vec<Place> = each.map(place).collect();
        places.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
        places.truncate(MOST_PLACES);
        let Some(first) = places.first() else { return Vec::new() };
        let longest = places.iter().map(|place| place.s).fold(0.0, f64::max);
        vec![Fault {
            kind: FaultKind::Dropouts,
            severity: Severity::of(longest, 0.003, 0.02),
            what: format!(
                "the signal is gone {count} times, for up to {:.1} ms; first at {}",
                longest * 1000.0,
                clock(first.at_s)
            ),
            count,
            places,
            // Nothing brings back what is not there.
            remedy: None,
        }]
    }
}
