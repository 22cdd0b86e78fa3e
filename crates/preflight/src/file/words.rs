//! What the words of a file tell: how many bits they use, whether they were cut off without dither, whether one was held.
//!
//! *Cut off.* Where a signal is only a few steps high, words that were rounded with dither change at random: whatever the signal,
//! a word of triangular dither is the same as the one before it in six of ten cases at the most (its density is ¾, ⅛ and ⅛ at a
//! signal in the middle of a step). Without dither they stay where they are until the wave has gone a whole step, and eight
//! of ten are the same or more. So 10 ms that are between one and four steps of 16 bit high are held against that. Exact silence,
//! which fades often end in, is left out. What is noise by itself, or high and loud enough to change words all the time, needs no
//! dither and is not told; a master of more than 16 bit whose last bits were cut off is not told either: nobody can hear it.

use deadwax_measure::SampleMeter;
use serde::Serialize;

/// The step that words are held against: that of 16 bit.
const STEP: f64 = 1.0 / 32_768.0;
/// A quiet stretch is at most so many steps high.
const QUIET_STEPS: f64 = 4.0;
/// Stretches of this length are looked at, in seconds.
const WINDOW_S: f64 = 0.01;
/// From so many equal neighbours on, words do not change as dither has them.
const STILL: f64 = 0.8;
/// A stretch with fewer pairs of neighbours says nothing.
const LEAST_PAIRS: usize = 64;
/// So many zeros in a row are silence, and no signal.
const BLACK: usize = 32;
/// A word that is held for so long is stuck, in seconds.
const STUCK_S: f64 = 0.01;
/// The most places that are listed of a channel.
const MOST: usize = 100;

/// A word that was held.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Stuck {
    /// The channel, from 0.
    pub channel: usize,
    /// Where it begins, in seconds.
    pub at_s: f64,
    /// How long it lasts, in seconds.
    pub s: f64,
    /// The word: 1 is full scale.
    pub value: f64,
}

/// What words tell.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WordFigures {
    /// How many bits are used: 16 for words of 16 bit in a file of 24, 0 for silence. `None` when they are finer than 32 bit.
    pub used_bits: Option<u32>,
    /// Samples that are no numbers, or infinite, of all channels together: floating point has such.
    pub not_numbers: u64,
    /// How long it is between one and four steps of 16 bit high, in seconds, all channels together.
    pub quiet_s: f64,
    /// How much of that has words that stand still, as without dither.
    pub still_s: f64,
    /// Where that begins, in seconds.
    pub still_at_s: Option<f64>,
    /// The longest run of equal words in it, exact silence left out.
    pub longest_run: usize,
    /// Words that were held, in order of time; the first hundred of each channel.
    pub stuck: Vec<Stuck>,
}

/// One channel.
#[derive(Clone, Debug, Default)]
struct Channel {
    samples: SampleMeter,
    not_numbers: u64,
    window: Vec<f64>,
    quiet: u64,
    still: u64,
    first_still: Option<u64>,
    longest: usize,
    /// The word that may be held, and since which frame.
    held: f64,
    since: u64,
    stuck: Vec<Stuck>,
}

/// Looks at them.
pub(super) struct Words {
    rate_hz: f64,
    window: usize,
    least_stuck: u64,
    frames: u64,
    channels: Vec<Channel>,
}

impl Words {
    pub(super) fn new(rate_hz: u32, channels: usize) -> Self {
        let rate_hz = f64::from(rate_hz);
        Self {
            rate_hz,
            window: ((rate_hz * WINDOW_S) as usize).max(1),
            least_stuck: ((rate_hz * STUCK_S) as u64).max(2),
            frames: 0,
            channels: vec![Channel::default(); channels],
        }
    }

    pub(super) fn push(&mut self, planes: &[&[f64]]) {
        for (number, (channel, samples)) in self.channels.iter_mut().zip(planes).enumerate() {
            channel.samples.push(samples);
            channel.not_numbers += samples.iter().filter(|sample| !sample.is_finite()).count() as u64;
            for (frame, sample) in (self.frames..).zip(*samples) {
                if *sample != channel.held {
                    channel.end_held(number, frame, self.least_stuck, self.rate_hz);
                    (channel.held, channel.since) = (*sample, frame);
                }
            }
            let mut at = 0;
            while at < samples.len() {
                let count = (self.window - channel.window.len()).min(samples.len() - at);
                channel.window.extend_from_slice(&samples[at..at + count]);
                at += count;
                if channel.window.len() == self.window {
                    channel.look(self.frames + at as u64 - self.window as u64);
                    channel.window.clear();
                }
            }
        }
        self.frames += planes[0].len() as u64;
    }

    pub(super) fn finish(mut self) -> WordFigures {
        for (number, channel) in self.channels.iter_mut().enumerate() {
            channel.end_held(number, self.frames, self.least_stuck, self.rate_hz);
        }
        let seconds = |windows: u64| (windows * self.window as u64) as f64 / self.rate_hz;
        let channels = &self.channels;
        let used = channels.iter().map(|channel| channel.samples.used_bits());
        let mut stuck: Vec<Stuck> = channels.iter().flat_map(|channel| channel.stuck.clone()).collect();
        stuck.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
        let first = channels.iter().filter_map(|channel| channel.first_still).min();
        WordFigures {
            used_bits: used.reduce(|a, b| a.zip(b).map(|(a, b)| a.max(b))).flatten(),
            not_numbers: channels.iter().map(|channel| channel.not_numbers).sum(),
            quiet_s: seconds(channels.iter().map(|channel| channel.quiet).sum()),
            still_s: seconds(channels.iter().map(|channel| channel.still).sum()),
            still_at_s: first.map(|frame| frame as f64 / self.rate_hz),
            longest_run: channels.iter().map(|channel| channel.longest).max().unwrap_or(0),
            stuck,
        }
    }
}

impl Channel {
    /// A word was held up to `frame`.
    fn end_held(&mut self, number: usize, frame: u64, least: u64, rate_hz: f64) {
        let frames = frame - self.since;
        // What is that quiet may well stand still.
        if frames >= least && self.held.abs() > QUIET_STEPS * STEP && self.stuck.len() < MOST {
            self.stuck.push(Stuck {
                channel: number,
                at_s: self.since as f64 / rate_hz,
                s: frames as f64 / rate_hz,
                value: self.held,
            });
        }
    }

    /// Looks at a stretch, which begins with `frame`.
    fn look(&mut self, frame: u64) {
        let peak = self.window.iter().fold(0.0, |peak: f64, x| peak.max(x.abs()));
        if !(STEP..=QUIET_STEPS * STEP).contains(&peak) {
            return;
        }
        let (mut pairs, mut equal, mut longest) = (0, 0, 0);
        for run in self.window.chunk_by(|a, b| a == b) {
            if run[0] == 0.0 && run.len() >= BLACK {
                continue;
            }
            // A run of n words has n − 1 pairs of equal ones, and one of unequal ones with what is behind it.
            pairs += run.len();
            equal += run.len() - 1;
            longest = longest.max(run.len());
        }
        if pairs < LEAST_PAIRS {
            return;
        }
        self.quiet += 1;
        if equal as f64 >= STILL * pairs as f64 {
            self.still += 1;
            self.first_still.get_or_insert(frame);
            self.longest = self.longest.max(longest);
        }
    }
}
