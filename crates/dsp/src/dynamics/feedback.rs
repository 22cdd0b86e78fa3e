//! A detector behind the gain.

use super::ear::DB_PER_OCTAVE;
use crate::math::fast_exp2;

/// What a loop remembers: the last frame that came out, and what is heard while a chunk is worked out.
#[derive(Clone, Debug)]
pub(super) struct Loop {
    /// What was heard of the chunk, by channel: here the signal itself.
    pub(super) heard: Vec<Vec<f64>>,
    /// The gains of the chunk so far, by follower.
    pub(super) gains_db: Vec<Vec<f64>>,
    /// The last frame that came out.
    last: Vec<f64>,
}

impl Loop {
    pub(super) fn new(channels: usize, chunk: usize) -> Self {
        let chunks = vec![vec![0.0; chunk]; channels];
        Self { heard: chunks.clone(), gains_db: chunks, last: vec![0.0; channels] }
    }

    pub(super) fn reset(&mut self) {
        self.last.fill(0.0);
    }

    /// What the detector hears of `channel`.
    pub(super) fn last(&self, channel: usize) -> f64 {
        self.last[channel]
    }

    /// Frame `index` of `channel` comes out at a gain in dB.
    pub(super) fn put(&mut self, channel: usize, index: usize, gain_db: f64) {
        self.last[channel] = self.heard[channel][index] * fast_exp2(gain_db * (1.0 / DB_PER_OCTAVE));
    }
}
