//! Loudness step by step, for those who ride it.

use crate::gate::integrated_lufs;
use crate::hops::{BLOCK_HOPS, Hops, Latest, MOMENTARY_HOPS};
use crate::{MeasureError, channel_weights, planar::assert_planar};

/// From one step to the next, in seconds.
pub const COURSE_STEP_S: f64 = 0.1;

/// Measures the power of every 100 ms, weighted as BS.1770-5 has it, and integrated loudness beside. Any cutting of the
/// programme into blocks gives the same bits.
#[derive(Clone, Debug)]
pub struct CourseMeter {
    hops: Hops,
    latest: Latest,
    blocks: Vec<f64>,
    powers: Vec<f64>,
}

impl CourseMeter {
    /// A meter for `channels` channels, in WAV order, at `rate_hz`.
    ///
    /// # Errors
    /// When loudness cannot be measured at that rate, or there is no channel.
    pub fn new(rate_hz: u32, channels: usize) -> Result<Self, MeasureError> {
        Ok(Self {
            hops: Hops::new(rate_hz, &channel_weights(channels))?,
            latest: Latest::new(MOMENTARY_HOPS),
            blocks: Vec::new(),
            powers: Vec::new(),
        })
    }

    /// Hears the next frames: a slice per channel, all of the same length.
    ///
    /// # Panics
    /// When the number of channels is another, or their lengths differ.
    pub fn push(&mut self, block: &[&[f64]]) {
        assert_planar(block, self.hops.channels());
        let mut from = 0;
        while from < block[0].len() {
            let (taken, energy) = self.hops.take(block, from);
            from += taken;
            let Some(energy) = energy else { continue };
            self.latest.push(energy);
            let now = self.latest.count();
            if !now.is_multiple_of(BLOCK_HOPS) {
                continue;
            }
            if let Some(sum) = self.latest.sum(BLOCK_HOPS as usize) {
                self.powers.push(self.hops.mean(sum, now, BLOCK_HOPS));
            }
            if let Some(sum) = self.latest.sum(MOMENTARY_HOPS) {
                self.blocks.push(self.hops.mean(sum, now, MOMENTARY_HOPS as u64));
            }
        }
    }

    /// The integrated loudness so far, in LUFS. `None` for silence, and for less than 400 ms.
    #[must_use]
    pub fn lufs(&self) -> Option<f64> {
        integrated_lufs(&self.blocks)
    }

    /// The weighted mean square of every [`COURSE_STEP_S`], from the first on; [`power_lufs`] makes loudness of it.
    #[must_use]
    pub fn powers(&self) -> &[f64] {
        &self.powers
    }
}

/// The loudness, in LUFS, of a weighted mean square. −∞ for 0.
#[must_use]
pub fn power_lufs(power: f64) -> f64 {
    crate::gate::lufs(power)
}
