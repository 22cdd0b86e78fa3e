//! K-weighted power in steps of 10 ms, on a grid that begins with the programme.

use crate::{MeasureError, lanes::energy};
use deadwax_dsp::loudness::KWeighting;

/// How many steps make a second.
pub(crate) const HOPS_PER_SECOND: u64 = 100;
/// How many steps there are in a momentary window (400 ms), in a short-term window (3 s), and from one gating block to
/// the next (100 ms).
pub(crate) const MOMENTARY_HOPS: usize = 40;
pub(crate) const SHORT_TERM_HOPS: usize = 300;
pub(crate) const BLOCK_HOPS: u64 = 10;

/// Filters what it is given and hands over the energy of each step: the channel-weighted sum of squares.
#[derive(Clone, Debug)]
pub(crate) struct Hops {
    rate_hz: u64,
    filter: KWeighting,
    weights: Vec<f64>,
    /// Channels that are filtered together (or one alone), those of weight 0 left out.
    groups: Vec<(usize, bool)>,
    /// The filtered frames of the step that is under way, by channel.
    filtered: Vec<Vec<f64>>,
    filled: usize,
    hop: u64,
}

impl Hops {
    pub(crate) fn new(rate_hz: u32, weights: &[f64]) -> Result<Self, MeasureError> {
        let channels = weights.len();
        let refused = MeasureError::SampleRate { rate_hz };
        if !(8_000..=768_000).contains(&rate_hz) {
            return Err(refused);
        }
        if channels == 0 {
            return Err(MeasureError::NoChannels);
        }
        let mut groups = Vec::new();
        let mut channel = 0;
        while channel < channels {
            let pair = channel + 1 < channels && weights[channel] != 0.0 && weights[channel + 1] != 0.0;
            if weights[channel] != 0.0 {
                groups.push((channel, pair));
            }
            channel += 1 + usize::from(pair);
        }
        let longest = u64::from(rate_hz).div_ceil(HOPS_PER_SECOND) as usize;
        Ok(Self {
            rate_hz: u64::from(rate_hz),
            filter: KWeighting::new(f64::from(rate_hz), channels).map_err(|_| refused)?,
            weights: weights.to_vec(),
            groups,
            filtered: vec![vec![0.0; longest]; channels],
            filled: 0,
            hop: 0,
        })
    }

    pub(crate) fn channels(&self) -> usize {
        self.weights.len()
    }

    /// The number of the first frame of step `hop`.
    pub(crate) fn begin(&self, hop: u64) -> u64 {
        hop * self.rate_hz / HOPS_PER_SECOND
    }

    /// The mean square of `energy`, gathered over the `hops` steps that end before step `end`.
    pub(crate) fn mean(&self, energy: f64, end: u64, hops: u64) -> f64 {
        energy / (self.begin(end) - self.begin(end - hops)) as f64
    }

    /// Takes the next frames from `from` on, at most up to the end of a step; gives back how many those were, and the
    /// step's energy when it is complete.
    pub(crate) fn take(&mut self, block: &[&[f64]], from: usize) -> (usize, Option<f64>) {
        let size = (self.begin(self.hop + 1) - self.begin(self.hop)) as usize;
        let frames = (size - self.filled).min(block[0].len() - from);
        let range = self.filled..self.filled + frames;
        for &(channel, pair) in &self.groups {
            let (before, behind) = self.filtered.split_at_mut(channel + 1);
            let first = &mut before[channel][range.clone()];
            first.copy_from_slice(&block[channel][from..from + frames]);
            if pair {
                let second = &mut behind[0][range.clone()];
                second.copy_from_slice(&block[channel + 1][from..from + frames]);
                self.filter.process_pair(channel, first, second);
            } else {
                self.filter.process(channel, first);
            }
        }
        self.filled += frames;
        if self.filled < size {
            return (frames, None);
        }
        let sums = self.weights.iter().zip(&self.filtered).filter(|(weight, _)| **weight != 0.0);
        let total = sums.fold(0.0, |sum, (weight, channel)| sum + weight * energy(&channel[..size]));
        self.filled = 0;
        self.hop += 1;
        (frames, Some(total))
    }
}

/// The energies of the latest steps, and sums over them.
#[derive(Clone, Debug)]
pub(crate) struct Latest {
    energies: Vec<f64>,
    /// Number of steps so far.
    count: u64,
}

impl Latest {
    pub(crate) fn new(hops: usize) -> Self {
        Self { energies: vec![0.0; hops], count: 0 }
    }

    pub(crate) fn push(&mut self, energy: f64) {
        let place = (self.count % self.energies.len() as u64) as usize;
        self.energies[place] = energy;
        self.count += 1;
    }

    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// The sum over the last `hops` steps, oldest first. `None` when there have not been so many.
    pub(crate) fn sum(&self, hops: usize) -> Option<f64> {
        let length = self.energies.len() as u64;
        let begin = self.count.checked_sub(hops as u64)?;
        let at = (begin % length) as usize;
        let first = (self.energies.len() - at).min(hops);
        let (old, new) = (&self.energies[at..at + first], &self.energies[..hops - first]);
        Some(old.iter().chain(new).sum())
    }
}
