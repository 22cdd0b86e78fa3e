//! The meter for everything.

use crate::gate::{integrated_lufs, lufs, range_lu};
use crate::hops::{BLOCK_HOPS, HOPS_PER_SECOND, Hops, Latest, MOMENTARY_HOPS, SHORT_TERM_HOPS};
use crate::lanes::Sum;
use crate::overs::OverMeter;
use crate::planar::assert_planar;
use crate::ratio::Ratios;
use crate::{ChannelMeasured, MeasureError, Measured, ShortTermHistory, channel_weights};
use deadwax_dsp::math::{gain_to_db, power_to_db};
use deadwax_dsp::true_peak::{LOOKAHEAD_FRAMES, PeakMeter, Peaks};

/// What to measure beyond integrated loudness, sample peak, DC and correlation, which come always.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wanted {
    /// Momentary and short-term maxima, loudness range.
    pub windows: bool,
    /// True peak, by both meters: most of the cost.
    pub true_peak: bool,
    /// The course of the short-term loudness, and of its distance to the true peak where that is measured.
    pub history: bool,
    /// The peak to short-term loudness ratio. Needs `windows` and `true_peak`.
    pub psr: bool,
    /// Where the true peak is above this ceiling, in dBTP.
    pub overs_above_dbtp: Option<f64>,
}

impl Wanted {
    /// Everything for which no ceiling has to be said.
    pub const ALL: Self =
        Self { windows: true, true_peak: true, history: true, psr: true, overs_above_dbtp: None };
    /// All loudness figures, no true peak, no history.
    pub const LOUDNESS: Self = Self { true_peak: false, history: false, psr: false, ..Self::ALL };
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
    /// The frames of a stretch of whose peaks the course is kept.
    stretch: u64,
    overs: Option<OverMeter>,
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
        Self::with_weights(rate_hz, &channel_weights(channels), wanted)
    }

    /// A meter for channels of any layout: `weights` says how much the power of each counts (0 for an LFE); see
    /// [`position_weight`](crate::position_weight) and [`mask_weights`](crate::mask_weights).
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_weights(rate_hz: u32, weights: &[f64], wanted: Wanted) -> Result<Self, MeasureError> {
        let channels = weights.len();
        // About a tenth of a second.
        let chunks = (rate_hz as usize / 10).div_ceil(PeakMeter::CHUNK_FRAMES);
        let peaks = PeakMeter::new();
        let peaks = if wanted.psr { peaks.with_course(chunks) } else { peaks };
        Ok(Self {
            rate_hz,
            wanted,
            frames: 0,
            hops: Hops::new(rate_hz, weights)?,
            latest: Latest::new(SHORT_TERM_HOPS),
            blocks: Vec::new(),
            windows: Vec::new(),
            max_momentary: -1.0,
            max_short_term: -1.0,
            channels: vec![Channel::default(); channels],
            cross: Sum::default(),
            true_peaks: if wanted.true_peak { vec![peaks; channels] } else { Vec::new() },
            stretch: (chunks * PeakMeter::CHUNK_FRAMES) as u64,
            overs: wanted.overs_above_dbtp.map(|ceiling| OverMeter::new(rate_hz, channels, ceiling)),
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
        if let Some(overs) = &mut self.overs {
            overs.push(block);
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

    /// The loudness of the last 400 ms, in LUFS, on the grid of 10 ms. `None` for silence and before there were so many.
    #[must_use]
    pub fn momentary_lufs(&self) -> Option<f64> {
        self.window_lufs(MOMENTARY_HOPS)
    }

    /// The loudness of the last 3 s, in LUFS, on the grid of 10 ms. `None` for silence and before there were so many.
    #[must_use]
    pub fn short_term_lufs(&self) -> Option<f64> {
        self.window_lufs(SHORT_TERM_HOPS)
    }

    /// The integrated loudness so far, in LUFS. `None` for silence.
    #[must_use]
    pub fn integrated_lufs(&self) -> Option<f64> {
        integrated_lufs(&self.blocks)
    }

    fn window_lufs(&self, hops: usize) -> Option<f64> {
        let sum = self.latest.sum(hops)?;
        level(lufs(self.hops.mean(sum, self.latest.count(), hops as u64)))
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
        let (peaks, courses): (Vec<_>, Vec<_>) =
            self.true_peaks.iter_mut().map(PeakMeter::finish_course).unzip();
        let ratios = self.ratios(&courses);
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
            psr_lu: ratios.as_ref().and_then(|ratios| ratios.median_lu),
            min_psr_lu: ratios.as_ref().and_then(|ratios| ratios.least_lu),
            correlation: self.correlation(),
            balance_db: self.balance_db(),
            history: self.history(ratios.map(|ratios| ratios.course_lu).unwrap_or_default()),
            channels,
            overs: self.overs.take().map(OverMeter::finish),
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

    /// What lies between the peaks and the loudness of every window.
    fn ratios(&self, courses: &[Vec<f64>]) -> Option<Ratios> {
        if !self.wanted.psr || !self.wanted.windows || courses.is_empty() {
            return None;
        }
        let stretches = courses.iter().map(Vec::len).max().unwrap_or(0);
        let at =
            |n: usize| courses.iter().filter_map(|course| course.get(n)).fold(0.0, |a: f64, b| a.max(*b));
        let peaks: Vec<f64> = (0..stretches).map(at).collect();
        let first = SHORT_TERM_HOPS as u64;
        let window = |(index, power): (usize, &f64)| {
            let end = first + index as u64 * BLOCK_HOPS;
            // Stretches that reach into the window.
            let ahead = LOOKAHEAD_FRAMES as u64;
            let from = (self.hops.begin(end - first) + ahead) / self.stretch;
            let to = ((self.hops.begin(end) + ahead) / self.stretch + 1).min(stretches as u64);
            let peak = peaks[from as usize..to as usize].iter().fold(0.0, |a: f64, b| a.max(*b));
            (*power, peak)
        };
        Some(Ratios::new(self.windows.iter().enumerate().map(window)))
    }

    fn history(&self, psr_lu: Vec<Option<f64>>) -> Option<ShortTermHistory> {
        let seconds = |hops: u64| hops as f64 / HOPS_PER_SECOND as f64;
        self.wanted.history.then(|| ShortTermHistory {
            first_s: seconds(SHORT_TERM_HOPS as u64),
            step_s: seconds(BLOCK_HOPS),
            lufs: self.windows.iter().map(|power| level(lufs(*power))).collect(),
            psr_lu,
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
