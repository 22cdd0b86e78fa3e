//! Everything a page shows of one file, gathered in one reading and in bounded memory.

use deadwax_dsp::fft::Kind;
use deadwax_dsp::math::{db_to_gain, power_to_db};
use deadwax_measure::{
    Band, ClipRuns, FloorMeter, MeasureError, Measured, Meter, Pool, SampleMeter, SpectrumMeter, Translation,
    TranslationMeter, Wanted,
};

/// The first steps of courses are so long, in seconds.
const STEP_S: f64 = 0.01;
/// With so many steps, two and two become one.
const MOST_STEPS: usize = 4096;
/// What is softer at the beginning and the end is silence: −60 dBFS.
const SILENCE_DB: f64 = -60.0;
/// The stereo picture has so many cells to each side.
pub(crate) const FIELD: usize = 48;

/// One stretch of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Step {
    pub(crate) low: f64,
    pub(crate) high: f64,
    left: f64,
    right: f64,
    cross: f64,
}

impl Step {
    const NONE: Self = Self { low: 0.0, high: 0.0, left: 0.0, right: 0.0, cross: 0.0 };

    fn with(self, other: Self) -> Self {
        Self {
            low: self.low.min(other.low),
            high: self.high.max(other.high),
            left: self.left + other.left,
            right: self.right + other.right,
            cross: self.cross + other.cross,
        }
    }

    /// Correlation of both channels. `None` where one is silent.
    pub(crate) fn correlation(self) -> Option<f64> {
        let both = (self.left * self.right).sqrt();
        (both > 1e-12).then(|| (self.cross / both).clamp(-1.0, 1.0))
    }
}

/// What a page shows of one file.
#[derive(Clone, Debug)]
pub struct Portrait {
    /// Loudness, peaks and their course.
    pub measured: Measured,
    /// Noise floor, in dBFS.
    pub floor_dbfs: Option<f64>,
    /// The average spectrum of all channels, in third octaves.
    pub spectrum: Vec<Band>,
    /// What is lost in mono, on a phone, in a club.
    pub translation: Option<Translation>,
    /// Runs of clipped samples, of all channels.
    pub clipped: ClipRuns,
    /// Bits that are really used. `None` when they are finer than 32 bit.
    pub used_bits: Option<u32>,
    /// Silence at the beginning and at the end, in seconds.
    pub silence_s: (f64, f64),
    /// The length of a step, in seconds.
    pub(crate) step_s: f64,
    pub(crate) steps: Vec<Step>,
    /// How often the stereo picture was in which cell, rows from the top. Empty for anything but stereo.
    pub(crate) field: Vec<u32>,
}

/// Gathers it.
pub struct PortraitMeter {
    meter: Meter,
    floor: FloorMeter,
    samples: Vec<SampleMeter>,
    spectra: Vec<SpectrumMeter>,
    translation: Option<TranslationMeter>,
    rate_hz: f64,
    frames: u64,
    first_loud: Option<u64>,
    last_loud: u64,
    step_frames: usize,
    filled: usize,
    step: Step,
    steps: Vec<Step>,
    field: Vec<u32>,
}

impl std::fmt::Debug for PortraitMeter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PortraitMeter").field("frames", &self.frames).finish_non_exhaustive()
    }
}

impl PortraitMeter {
    /// Nothing heard; true peaks above `ceiling_dbtp` are marked.
    ///
    /// # Errors
    /// When loudness cannot be measured at that rate, or there is no channel.
    pub fn new(rate_hz: u32, channels: usize, ceiling_dbtp: f64) -> Result<Self, MeasureError> {
        let wanted = Wanted { overs_above_dbtp: Some(ceiling_dbtp), ..Wanted::ALL };
        Ok(Self {
            meter: Meter::new(rate_hz, channels, wanted)?,
            floor: FloorMeter::new(rate_hz, channels),
            samples: vec![SampleMeter::new(); channels],
            spectra: vec![SpectrumMeter::new(rate_hz, Kind::Fast); channels],
            translation: TranslationMeter::new(rate_hz, channels, Kind::Fast).ok(),
            rate_hz: f64::from(rate_hz),
            frames: 0,
            first_loud: None,
            last_loud: 0,
            step_frames: ((f64::from(rate_hz) * STEP_S) as usize).max(1),
            filled: 0,
            step: Step::NONE,
            steps: Vec::new(),
            field: if channels == 2 { vec![0; FIELD * FIELD] } else { Vec::new() },
        })
    }

    /// Hears the next frames: a slice per channel, all of the same length.
    ///
    /// # Panics
    /// When the number of channels is another, or their lengths differ.
    pub fn push(&mut self, block: &[&[f64]]) {
        self.meter.push(block);
        self.floor.push(block);
        for ((samples, spectrum), channel) in self.samples.iter_mut().zip(&mut self.spectra).zip(block) {
            samples.push(channel);
            spectrum.push(channel);
        }
        if let Some(translation) = &mut self.translation {
            translation.push(block);
        }
        self.silence(block);
        if let [left, right] = block {
            self.place(left, right);
        }
        let frames = block[0].len();
        let mut from = 0;
        while from < frames {
            let to = frames.min(from + self.step_frames - self.filled);
            self.draw(block, from, to);
            self.filled += to - from;
            if self.filled == self.step_frames {
                self.end_step();
            }
            from = to;
        }
        self.frames += frames as u64;
    }

    fn silence(&mut self, block: &[&[f64]]) {
        let least = db_to_gain(SILENCE_DB);
        let loud = |n: &usize| block.iter().any(|channel| channel[*n].abs() > least);
        if self.first_loud.is_none() {
            self.first_loud = (0..block[0].len()).find(loud).map(|n| self.frames + n as u64);
        }
        if let Some(last) = (0..block[0].len()).rev().find(loud) {
            self.last_loud = self.frames + last as u64 + 1;
        }
    }

    /// Middle upwards, left to the left, as a goniometer shows it. Every fourth frame is enough.
    fn place(&mut self, left: &[f64], right: &[f64]) {
        let half = FIELD as f64 / 2.0;
        for (l, r) in left.iter().zip(right).step_by(4) {
            if l.abs().max(r.abs()) < 1e-4 {
                continue;
            }
            let (across, up) = (0.5 * (r - l), 0.5 * (l + r));
            let cell = |x: f64| ((x * half + half) as usize).min(FIELD - 1);
            let count = &mut self.field[(FIELD - 1 - cell(up)) * FIELD + cell(across)];
            *count = count.saturating_add(1);
        }
    }

    fn draw(&mut self, block: &[&[f64]], from: usize, to: usize) {
        for channel in block {
            for x in &channel[from..to] {
                self.step.low = self.step.low.min(*x);
                self.step.high = self.step.high.max(*x);
            }
        }
        if let [left, right] = block {
            for (l, r) in left[from..to].iter().zip(&right[from..to]) {
                self.step.left += l * l;
                self.step.right += r * r;
                self.step.cross += l * r;
            }
        }
    }

    fn end_step(&mut self) {
        self.steps.push(std::mem::replace(&mut self.step, Step::NONE));
        self.filled = 0;
        if self.steps.len() == MOST_STEPS {
            self.steps = self.steps.chunks(2).map(|two| two[0].with(two[1])).collect();
            self.step_frames *= 2;
        }
    }

    /// What there is to show.
    #[must_use]
    pub fn finish(self) -> Portrait {
        self.finish_into(&mut Pool::new())
    }

    /// The same, and the pool takes the file into its album.
    #[must_use]
    pub fn finish_into(mut self, album: &mut Pool) -> Portrait {
        if self.filled > 0 {
            self.steps.push(self.step);
        }
        let samples = self.samples.iter().map(SampleMeter::clipped);
        let clipped = samples.fold(ClipRuns::default(), |all, one| ClipRuns {
            runs: all.runs + one.runs,
            longest: all.longest.max(one.longest),
            samples: all.samples + one.samples,
        });
        let bits: Vec<Option<u32>> = self.samples.iter().map(SampleMeter::used_bits).collect();
        let head = self.first_loud.unwrap_or(self.frames) as f64 / self.rate_hz;
        let tail = (self.frames - self.last_loud) as f64 / self.rate_hz;
        Portrait {
            measured: album.take(self.meter),
            floor_dbfs: self.floor.floor_dbfs(),
            spectrum: mean(&self.spectra),
            translation: self.translation.map(|translation| translation.translation()),
            clipped,
            used_bits: bits.into_iter().reduce(|a, b| Some(a?.max(b?))).flatten(),
            silence_s: (head, tail),
            step_s: self.step_frames as f64 / self.rate_hz,
            steps: self.steps,
            field: self.field,
        }
    }
}

/// The mean power of all channels.
fn mean(spectra: &[SpectrumMeter]) -> Vec<Band> {
    let each: Vec<Vec<Band>> = spectra.iter().map(SpectrumMeter::bands).collect();
    let band = |n: usize| {
        let powers = each.iter().filter_map(|bands| bands[n].level_db).map(|db| db_to_gain(2.0 * db));
        let power = powers.sum::<f64>() / each.len() as f64;
        Band { hz: each[0][n].hz, level_db: (power > 0.0).then(|| power_to_db(power)) }
    };
    (0..each.first().map_or(0, Vec::len)).map(band).collect()
}

impl Portrait {
    /// How long it is, in seconds.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.measured.frames as f64 / f64::from(self.measured.rate_hz.max(1))
    }

    /// The steps, so many become one that there are at most `most`, and when each begins, in seconds.
    pub(crate) fn columns(&self, most: usize) -> Vec<(f64, Step)> {
        let together = self.steps.len().div_ceil(most).max(1);
        let column = |(n, steps): (usize, &[Step])| {
            let one = steps[1..].iter().fold(steps[0], |all, step| all.with(*step));
            (n as f64 * together as f64 * self.step_s, one)
        };
        self.steps.chunks(together).enumerate().map(column).collect()
    }

    /// The course of short-term loudness, thinned: when and how loud, in LUFS.
    pub(crate) fn loudness(&self, most: usize) -> Vec<(f64, Option<f64>)> {
        let Some(history) = &self.measured.history else { return Vec::new() };
        let together = history.lufs.len().div_ceil(most).max(1);
        let at = |n: usize| history.first_s + history.step_s * n as f64;
        let point = |(n, values): (usize, &[Option<f64>])| {
            // The loudest of those that become one, so that no peak is lost.
            (at(n * together), values.iter().flatten().copied().reduce(f64::max))
        };
        history.lufs.chunks(together).enumerate().map(point).collect()
    }

    /// Short-term loudness of all windows above −70 LUFS.
    pub(crate) fn windows(&self) -> Vec<f64> {
        let history = self.measured.history.iter();
        history
            .flat_map(|history| history.lufs.iter().flatten())
            .copied()
            .filter(|lufs| *lufs > -70.0)
            .collect()
    }

    /// The true peak of every 3 s, in dBTP.
    pub(crate) fn peaks(&self) -> Vec<f64> {
        let history = self.measured.history.iter();
        let each = history.flat_map(|history| history.lufs.iter().zip(&history.psr_lu));
        each.filter_map(|(lufs, psr)| Some((*lufs)? + (*psr)?)).collect()
    }

    /// From the 10th to the 95th percentile of short-term loudness above the gate, as loudness range is measured.
    pub(crate) fn range(&self) -> Option<(f64, f64)> {
        let gate = self.measured.integrated_lufs? - 20.0;
        let mut kept: Vec<f64> = self.windows().into_iter().filter(|lufs| *lufs > gate).collect();
        kept.sort_by(f64::total_cmp);
        let last = kept.len().checked_sub(1)? as f64;
        Some((kept[(last * 0.1).round() as usize], kept[(last * 0.95).round() as usize]))
    }
}
