//! A wave that is off its middle.
//!
//! A drum has a mean, and a programme of drums has one, too; an offset is there in between as well. So beside the mean of all of a
//! channel stands the median of the means of 100 ms.

use serde::Serialize;

/// Means are taken over so many seconds.
const WINDOW_S: f64 = 0.1;
/// They are counted in steps of this, from −[`MOST`] to it.
const STEP: f64 = 0.000_2;
const MOST: f64 = 0.1;

/// How far a channel is off its middle; 1 is full scale.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct OffsetFigures {
    /// The mean of all samples.
    pub mean: f64,
    /// The median of the means of 100 ms, to two thousandths of a per cent; no more than a tenth either way.
    pub median: f64,
    /// Its standard error: what is left of low notes and noise in it.
    pub error: f64,
}

/// One channel.
#[derive(Clone, Debug)]
struct Channel {
    counts: Vec<u32>,
    sum: f64,
    all: f64,
}

/// Follows the means.
pub(super) struct Offset {
    window: usize,
    filled: usize,
    windows: u64,
    frames: u64,
    channels: Vec<Channel>,
}

impl Offset {
    pub(super) fn new(rate_hz: u32, channels: usize) -> Self {
        let counts = vec![0; (2.0 * MOST / STEP) as usize + 1];
        let channel = Channel { counts, sum: 0.0, all: 0.0 };
        Self {
            window: ((f64::from(rate_hz) * WINDOW_S) as usize).max(1),
            filled: 0,
            windows: 0,
            frames: 0,
            channels: vec![channel; channels],
        }
    }

    pub(super) fn push(&mut self, planes: &[&[f64]]) {
        let (frames, mut at) = (planes[0].len(), 0);
        while at < frames {
            let count = (self.window - self.filled).min(frames - at);
            for (channel, plane) in self.channels.iter_mut().zip(planes) {
                channel.sum += plane[at..at + count].iter().sum::<f64>();
            }
            (at, self.filled) = (at + count, self.filled + count);
            if self.filled == self.window {
                self.channels.iter_mut().for_each(|channel| channel.look(self.window));
                (self.filled, self.windows) = (0, self.windows + 1);
            }
        }
        self.frames += frames as u64;
    }

    pub(super) fn finish(self) -> Vec<OffsetFigures> {
        let (frames, windows) = (self.frames.max(1) as f64, self.windows);
        let each = self.channels.into_iter().map(|channel| {
            let [low, median, high] = [0.25, 0.5, 0.75].map(|share| channel.quantile(windows, share));
            // Of a normal distribution: its deviation is 1 / 1.35 of the distance of its quartiles, the median's error 1.25 of that.
            let error = 1.25 * (high - low) / 1.35 / (windows.max(1) as f64).sqrt();
            OffsetFigures { mean: (channel.all + channel.sum) / frames, median, error }
        });
        each.collect()
    }
}

impl Channel {
    fn look(&mut self, window: usize) {
        let mean = (self.sum / window as f64).clamp(-MOST, MOST);
        let step = ((mean + MOST) / STEP).round() as usize;
        let last = self.counts.len() - 1;
        self.counts[step.min(last)] += 1;
        self.all += std::mem::take(&mut self.sum);
    }

    /// What so great a share of the means does not exceed.
    fn quantile(&self, windows: u64, share: f64) -> f64 {
        let (mut seen, wanted) = (0, windows as f64 * share);
        let step = self.counts.iter().position(|count| {
            seen += u64::from(*count);
            seen as f64 > wanted
        });
        step.map_or(0.0, |step| step as f64 * STEP - MOST)
    }
}
