//! The meter for everything.

use crate::gate::{integrated_lufs, lufs, range_lu};
use crate::hops::{BLOCK_HOPS, HOPS_PER_SECOND, Hops, Latest, MOMENTARY_HOPS, SHORT_TERM_HOPS};
use crate::lanes::Sum;
use crate::planar::assert_planar;
use crate::{ChannelMeasured, MeasureError, Measured, ShortTermHistory};
use deadwax_dsp::math::{gain_to_db, power_to_db};
use deadwax_dsp::true_peak::{PeakMeter, Peaks};

/// What to measure beyond integrated loudness, sample peak, DC and correlation, which come always.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Momentary and short-term maxima, loudness range.
    pub windows: bool,
    /// True peak, by both meters: most of the cost.
    pub true_peak: bool,
    /// The course of the short-term loudness.
    pub history: bool,
}

impl Wanted {
    /// Everything.
    pub const ALL: Self = Self { windows: true, true_peak: true, history: true };
    /// All loudness figures, no true peak, no history.
    pub const LOUDNESS: Self = Self { windows: true, true_peak: false, history: false };
}

/// Measures a programme. Any cutting of it into blocks gives the same bits.
#[derive(Clone, Debug)]
pub struct Meter {
    rate_hz: u32,
    wanted: Wanted,
    frames: u64,
    hops: Hops,
    latest: Latest,
    /// Mean squares of the gating blocks, and of 3 s windows in steps of 100 ms.
    blocks: Vec<f64>,
    windows: Vec<f64>,
    /// The largest mean squares of 400 ms and of 3 s; below 0 before there was one.
    max_momentary: f64,
    max_short_term: f64,
    channels: Vec<Channel>,
    /// Σ left · right.
    cross: Sum,
    /// One per channel, if they are wanted.
    true_peaks: Vec<PeakMeter>,
}

/// What is gathered of one channel.
#[derive(Clone, Debug, Default)]
struct Channel {
    peak: f64,
    sum: Sum,
    squares: Sum,
}

impl Meter {
    /// A meter for `channels` channels, in WAV order, at `rate_hz`.
    ///
    /// # Errors
    /// When loudness cannot be measured at that rate, or there is no channel.
    pub fn new(rate_hz: u32, channels: usize, wanted: Wanted) -> Result<Self, MeasureError> {
        Ok(Self {
            rate_hz,
            wanted,
            frames: 0,
            hops: Hops::new(rate_hz, channels)?,
            latest: Latest::new(SHORT_TERM_HOPS),
            blocks: Vec::new(),
            windows: Vec::new(),
            max_momentary: -1.0,
            max_short_term: -1.0,
            channels: vec![Channel::default(); channels],
            cross: Sum::default(),
            true_peaks: if wanted.true_peak { vec![PeakMeter::new(); channels] } else { Vec::new() },
        })
    }

    /// Hears the next frames: a slice per channel, all of the same length.
    ///
    /// # Panics
    /// When the number of channels is another, or their lengths differ.
    pub fn push(&mut self, block: &[&[f64]]) {
        assert_planar(block, self.channels.len());
        for (channel, samples) in self.channels.iter_mut().zip(block) {
            channel.peak = samples.iter().fold(channel.peak, |peak, sample| peak.max(sample.abs()));
            channel.sum.add(samples);
            channel.squares.add_products(samples, samples);
        }
        if let [left, right] = block {
            self.cross.add_products(left, right);
        }
        for (meter, samples) in self.true_peaks.iter_mut().zip(block) {
            meter.push(samples);
        }
        self.frames += block[0].len() as u64;
        let mut from = 0;
        while from < block[0].len() {
            let (taken, energy) = self.hops.take(block, from);
            from += taken;
            if let Some(energy) = energy {
                self.latest.push(energy);
                self.look();
            }
        }
    }

    /// Looks at the windows that end with the step just completed.
    fn look(&mut self) {
        let now = self.latest.count();
        let on_grid = now.is_multiple_of(BLOCK_HOPS);
        if !on_grid && !self.wanted.windows {
            return;
        }
        if let Some(sum) = self.latest.sum(MOMENTARY_HOPS) {
            let power = self.hops.mean(sum, now, MOMENTARY_HOPS as u64);
            self.max_momentary = self.max_momentary.max(power);
            if on_grid {
                self.blocks.push(power);
            }
        }
        if !self.wanted.windows && !self.wanted.history {
            return;
        }
        if let Some(sum) = self.latest.sum(SHORT_TERM_HOPS) {
            let power = self.hops.mean(sum, now, SHORT_TERM_HOPS as u64);
            self.max_short_term = self.max_short_term.max(power);
            if on_grid {
                self.windows.push(power);
            }
        }
    }

    /// Mean squares of the gating blocks.
    pub(crate) fn blocks(&self) -> &[f64] {
        &self.blocks
    }

    /// Mean squares of the 3 s windows, in steps of 100 ms.
    pub(crate) fn windows(&self) -> &[f64] {
        &self.windows
    }

    /// The figures.
    #[must_use]
    pub fn finish(mut self) -> Measured {
        let integrated = integrated_lufs(&self.blocks);
        let peaks: Vec<_> = self.true_peaks.iter_mut().map(PeakMeter::finish).collect();
        let all = (!peaks.is_empty()).then(|| peaks.iter().copied().fold(Peaks::default(), Peaks::max));
        let sample_peak = self.channels.iter().fold(0.0, |most: f64, channel| most.max(channel.peak));
        let highest = all.map_or(sample_peak, |all| all.largest());
        let channels = self.channels.iter().enumerate();
        let channels = channels.map(|(c, channel)| channel.measured(self.frames, peaks.get(c))).collect();
        let windows = self.wanted.windows;
        let window = |power: f64| level(lufs(power.max(0.0))).filter(|_| windows);
        Measured {
            rate_hz: self.rate_hz,
            frames: self.frames,
            integrated_lufs: integrated,
            max_momentary_lufs: window(self.max_momentary),
            max_short_term_lufs: window(self.max_short_term),
            loudness_range_lu: range_lu(&self.windows).filter(|_| windows),
            sample_peak_dbfs: level(gain_to_db(sample_peak)),
            true_peak_dbtp: all.and_then(|all| level(gain_to_db(all.largest()))),
            true_peak_reference_dbtp: all.and_then(|all| level(gain_to_db(all.reference))),
            true_peak_annex_2_dbtp: all.and_then(|all| level(gain_to_db(all.annex_2))),
            plr_lu: level(gain_to_db(highest)).zip(integrated).map(|(peak, loudness)| peak - loudness),
            correlation: self.correlation(),
            balance_db: self.balance_db(),
            history: self.history(),
            channels,
        }
    }

    fn correlation(&self) -> Option<f64> {
        let [left, right] = self.channels.as_slice() else { return None };
        let both = (left.squares.total() * right.squares.total()).sqrt();
        (both > 0.0).then(|| (self.cross.total() / both).clamp(-1.0, 1.0))
    }

    fn balance_db(&self) -> Option<f64> {
        let [left, right] = self.channels.as_slice() else { return None };
        level(power_to_db(right.squares.total()) - power_to_db(left.squares.total()))
    }

    fn history(&self) -> Option<ShortTermHistory> {
        let seconds = |hops: u64| hops as f64 / HOPS_PER_SECOND as f64;
        self.wanted.history.then(|| ShortTermHistory {
            first_s: seconds(SHORT_TERM_HOPS as u64),
            step_s: seconds(BLOCK_HOPS),
            lufs: self.windows.iter().map(|power| level(lufs(*power))).collect(),
        })
    }
}

impl Channel {
    fn measured(&self, frames: u64, peaks: Option<&Peaks>) -> ChannelMeasured {
        let count = frames.max(1) as f64;
        let dc = self.sum.total() / count;
        // A full-scale sine has a mean square of one half.
        let rms_dbfs = level(power_to_db(2.0 * self.squares.total() / count));
        ChannelMeasured {
            sample_peak_dbfs: level(gain_to_db(self.peak)),
            true_peak_dbtp: peaks.and_then(|peaks| level(gain_to_db(peaks.largest()))),
            dc,
            dc_dbfs: level(gain_to_db(dc)),
            rms_dbfs,
        }
    }
}

/// A level, if there is one.
fn level(db: f64) -> Option<f64> {
    db.is_finite().then_some(db)
}
