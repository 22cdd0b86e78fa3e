//! Finding out whether a programme was clipped, and at which levels.
//!
//! Where a wave was cut off its top is flat: samples in a row at the highest value of all. A wave that only just reaches that
//! value is round there; it leaves it slowly, while a wave that was cut leaves it at a slope. So a flat top counts only if the
//! wave is well below it, on both sides, half its own length away. A limiter, too, makes many peaks as high as one another; but
//! those are touched by one sample and not by a row of them, and a square wave falls off a cliff: neither was clipped.
//!
//! The level is found again in a programme that was made quieter after it was clipped, and rounded to 16 bit.

/// Samples this near to the highest are as high as it: two steps and a half of 16 bit, so that a dithered top is still flat.
const AS_HIGH: f64 = 2.5 / 32_768.0;
/// What a step of 16 bit hides on either side.
const ROUNDING: f64 = 0.5 / 32_768.0;
/// How many times as deep as it is rough the wave must fall beside a flat top.
const STEEP: f64 = 8.0;
/// A wave falls off a cliff when it loses this part of its height from one sample to the next.
const CLIFF: f64 = 0.5;
/// The farthest the slope beside a flat top is looked for, in frames.
const REACH: usize = 8192;
/// Below this nothing is looked for: −60 dBFS.
const LEAST: f64 = 0.001;
/// So many samples more than two in a row, all runs together, are no accident.
const EVIDENCE: u64 = 2;
/// At least this part of the places where the highest value is reached must be rows.
const RUNS_OF_TOUCHES: f64 = 0.2;
/// When more than this part of the runs end in cliffs, it is a square wave.
const MOST_CLIFFS: f64 = 0.5;

/// A row of samples at the clip level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its first frame.
    pub start: u64,
    /// How many frames it lasts; two at least.
    pub frames: u64,
}

/// What was clipped on one side, above or below, of one channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Clipped {
    /// The lowest height of a clipped sample, without sign: as loud as this or louder is clipped.
    pub level: f64,
    /// How many flat tops there are.
    pub count: u64,
    /// How many samples they have together.
    pub frames: u64,
    /// The longest of them, in frames.
    pub longest: u64,
    /// Where they are, in order; the first of them, up to the number the detector was told to keep.
    pub runs: Vec<Run>,
}

/// What was clipped of one channel; `None` where nothing was.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChannelClips {
    /// Of the positive samples.
    pub above: Option<Clipped>,
    /// Of the negative samples.
    pub below: Option<Clipped>,
}

impl ChannelClips {
    /// The sides that were clipped.
    pub fn sides(&self) -> impl Iterator<Item = &Clipped> {
        self.above.iter().chain(&self.below)
    }
}

/// Hears a programme, and says in the end whether it was clipped, for each side of each channel. Needs memory for the runs it
/// keeps, and for nothing else that grows; any cutting into blocks gives the same.
#[derive(Clone, Debug)]
pub struct ClipDetector {
    channels: Vec<[Side; 2]>,
}

impl ClipDetector {
    /// For `channels` channels. Of each side's runs no more than `keep` are remembered by their place; all are counted.
    #[must_use]
    pub fn new(channels: usize, keep: usize) -> Self {
        Self { channels: (0..channels).map(|_| [Side::new(1.0, keep), Side::new(-1.0, keep)]).collect() }
    }

    /// Hears the next frames of a channel.
    ///
    /// # Panics
    /// When there is no such channel.
    pub fn push(&mut self, channel: usize, samples: &[f64]) {
        self.channels[channel].iter_mut().for_each(|side| side.push(samples));
    }

    /// What was clipped, by channel.
    #[must_use]
    pub fn finish(self) -> Vec<ChannelClips> {
        let each = |[above, below]: [Side; 2]| ChannelClips { above: above.finish(), below: below.finish() };
        self.channels.into_iter().map(each).collect()
    }
}

/// Samples in a row that are as high as the highest.
#[derive(Clone, Copy, Debug)]
struct Row {
    start: u64,
    frames: u64,
    lowest: f64,
    highest: f64,
}

impl Row {
    /// The wave must have come below this.
    fn foot(&self) -> f64 {
        self.highest - STEEP * (self.highest - self.lowest).max(ROUNDING)
    }

    /// How far from the row that must be.
    fn reach(&self) -> usize {
        (self.frames as usize / 2).clamp(1, REACH)
    }
}

/// A row that ended, with so many frames left to see whether the wave falls.
#[derive(Clone, Copy, Debug)]
struct Ended {
    row: Row,
    left: usize,
    cliff: bool,
}

/// One side of one channel, turned so that it is above.
#[derive(Clone, Debug)]
struct Side {
    sign: f64,
    keep: usize,
    frame: u64,
    top: f64,
    /// The last samples, in a ring by the frame number.
    past: Vec<f64>,
    row: Option<Row>,
    ended: Option<Ended>,
    found: Clipped,
    /// Places where the top is reached at all.
    touches: u64,
    /// Samples of rows beyond the second.
    evidence: u64,
    cliffs: u64,
}

/// Nothing clipped yet.
const NOTHING: Clipped = Clipped { level: f64::INFINITY, count: 0, frames: 0, longest: 0, runs: Vec::new() };

impl Side {
    fn new(sign: f64, keep: usize) -> Self {
        Self {
            sign,
            keep,
            frame: 0,
            top: LEAST,
            past: vec![f64::NEG_INFINITY; REACH],
            row: None,
            ended: None,
            found: NOTHING,
            touches: 0,
            evidence: 0,
            cliffs: 0,
        }
    }

    fn push(&mut self, samples: &[f64]) {
        for sample in samples {
            let height = self.sign * sample;
            if height >= self.top - AS_HIGH {
                self.high(height);
            } else {
                self.low(height);
            }
            self.past[self.frame as usize % REACH] = height;
            self.frame += 1;
        }
    }

    fn high(&mut self, height: f64) {
        // A row so near to the last that this one's slope was not seen says nothing.
        self.ended = None;
        if height > self.top + AS_HIGH {
            // All that was as high as the highest is so no more.
            (self.row, self.found) = (None, NOTHING);
            (self.touches, self.evidence, self.cliffs) = (0, 0, 0);
        }
        self.top = self.top.max(height);
        let row =
            self.row.get_or_insert(Row { start: self.frame, frames: 0, lowest: height, highest: height });
        row.frames += 1;
        row.lowest = row.lowest.min(height);
        row.highest = row.highest.max(height);
    }

    fn low(&mut self, height: f64) {
        if let Some(row) = self.row.take() {
            self.touches += 1;
            let before = self.before(&row);
            if row.frames >= 2 && before < row.foot() {
                let first = self.past[(row.start.wrapping_sub(1)) as usize % REACH];
                let edge = row.highest * (1.0 - CLIFF);
                let cliff = first < edge && height < edge;
                self.ended = Some(Ended { row, left: row.reach(), cliff });
            }
        }
        if let Some(ended) = &mut self.ended {
            ended.left -= 1;
            let (ended, fallen) = (*ended, height < ended.row.foot());
            if fallen || ended.left == 0 {
                self.ended = None;
            }
            if fallen {
                self.count(ended);
            }
        }
    }

    /// The lowest sample in reach before `row`; the row's own height where there was none.
    fn before(&self, row: &Row) -> f64 {
        let reach = (row.reach() as u64).min(row.start).min((REACH as u64).saturating_sub(row.frames));
        let past = (row.start - reach..row.start).map(|frame| self.past[frame as usize % REACH]);
        past.fold(row.highest, f64::min)
    }

    fn count(&mut self, Ended { row, cliff, .. }: Ended) {
        let found = &mut self.found;
        found.level = found.level.min(row.lowest);
        found.count += 1;
        found.frames += row.frames;
        found.longest = found.longest.max(row.frames);
        if found.runs.len() < self.keep {
            found.runs.push(Run { start: row.start, frames: row.frames });
        }
        self.evidence += row.frames - 2;
        self.cliffs += u64::from(cliff);
    }

    fn finish(self) -> Option<Clipped> {
        let runs = self.found.count as f64;
        let clipped = self.evidence >= EVIDENCE
            && runs >= RUNS_OF_TOUCHES * self.touches as f64
            && self.cliffs as f64 <= MOST_CLIFFS * runs;
        clipped.then_some(self.found)
    }
}
