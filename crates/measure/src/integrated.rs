//! Integrated loudness and nothing else: for those who measure a programme again and again.

use crate::gate::integrated_lufs;
use crate::hops::{BLOCK_HOPS, Hops, Latest, MOMENTARY_HOPS};
use crate::{MeasureError, channel_weights, planar::assert_planar};

/// Measures integrated loudness (BS.1770-5). Any cutting of the programme into blocks gives the same bits.
#[derive(Clone, Debug)]
pub struct IntegratedMeter {
    hops: Hops,
    latest: Latest,
    blocks: Vec<f64>,
}

impl IntegratedMeter {
    /// A meter for `channels` channels, in WAV order, at `rate_hz`.
    ///
    /// # Errors
    /// When loudness cannot be measured at that rate, or there is no channel.
    pub fn new(rate_hz: u32, channels: usize) -> Result<Self, MeasureError> {
        Ok(Self {
            hops: Hops::new(rate_hz, &channel_weights(channels))?,
            latest: Latest::new(MOMENTARY_HOPS),
            blocks: Vec::new(),
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
            if let Some(energy) = energy {
                self.latest.push(energy);
                if self.latest.count().is_multiple_of(BLOCK_HOPS)
                    && let Some(sum) = self.latest.sum(MOMENTARY_HOPS)
                {
                    self.blocks.push(self.hops.mean(sum, self.latest.count(), MOMENTARY_HOPS as u64));
                }
            }
        }
    }

    /// The integrated loudness so far, in LUFS. `None` for silence, and for less than 400 ms.
    #[must_use]
    pub fn lufs(&self) -> Option<f64> {
        integrated_lufs(&self.blocks)
    }
}
