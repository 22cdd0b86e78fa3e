//! The highest values of a programme.

use super::bound::{Bounds, Survey};
use super::kernel::{ANNEX_2_HALF, Folded, HALF, Kernel, LANES, Lanes, PHASES, TAPS};

/// Frames per look.
const CHUNK: usize = 512;

/// The highest values of one channel, as amplitudes (1 is full scale).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Peaks {
    /// The largest sample.
    pub sample: f64,
    /// The largest value of the reference interpolator, or sample.
    pub reference: f64,
    /// The largest value of the Annex 2 interpolator, or sample.
    pub annex_2: f64,
}

impl Peaks {
    /// The largest value of all: what a limiter has to hold.
    #[must_use]
    pub fn largest(&self) -> f64 {
        self.reference.max(self.annex_2).max(self.sample)
    }

    /// The larger of each.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self {
            sample: self.sample.max(other.sample),
            reference: self.reference.max(other.reference),
            annex_2: self.annex_2.max(other.annex_2),
        }
    }

    fn take_samples(&mut self, value: f64) {
        self.sample = self.sample.max(value);
        self.reference = self.reference.max(value);
        self.annex_2 = self.annex_2.max(value);
    }
}

/// Finds the highest values of one channel, silence before and after it included (a signal that begins or ends
/// abruptly swings there too).
///
/// ```
/// use deadwax_dsp::true_peak::PeakMeter;
/// // A quarter of the sample rate, sampled 45° off its peaks, faded in and out.
/// let fade = |n: usize| (n.min(4799 - n) as f64 / 480.0).min(1.0);
/// let tone: Vec<f64> = (0..4800).map(|n| [0.5, 0.5, -0.5, -0.5][n % 4] * fade(n)).collect();
/// let mut meter = PeakMeter::new();
/// meter.push(&tone[..1000]);
/// meter.push(&tone[1000..]);
/// let peaks = meter.finish();
/// assert_eq!(peaks.sample, 0.5);
/// assert!((peaks.reference / 0.5_f64.sqrt() - 1.0).abs() < 0.01);
/// ```
#[derive(Clone, Debug)]
pub struct PeakMeter {
    kernel: &'static Kernel,
    bounds: &'static Bounds,
    /// The last [`TAPS`] samples already looked at, then new ones up to `filled`.
    samples: Vec<f64>,
    filled: usize,
    survey: Survey,
    folded: Folded<HALF>,
    folded_short: Folded<ANNEX_2_HALF>,
    peaks: Peaks,
    course: Option<Course>,
}

/// The highest values of stretches of equal length.
#[derive(Clone, Debug)]
struct Course {
    /// How many chunks make a stretch, and how many of the one under way have been looked at.
    chunks: usize,
    looked: usize,
    /// The highest values of all stretches before it.
    before: Peaks,
    largest: Vec<f64>,
}

impl Default for PeakMeter {
    fn default() -> Self {
        Self::new()
    }
}

impl PeakMeter {
    /// A meter that has heard nothing.
    #[must_use]
    pub fn new() -> Self {
        Self {
            kernel: Kernel::shared(),
            bounds: Bounds::shared(),
            samples: vec![0.0; TAPS + CHUNK],
            filled: TAPS,
            survey: Survey::new(CHUNK),
            folded: Folded::EMPTY,
            folded_short: Folded::EMPTY,
            peaks: Peaks::default(),
            course: None,
        }
    }

    /// The same, and it keeps the largest value of every stretch of so many times [`PeakMeter::CHUNK_FRAMES`] frames.
    ///
    /// # Panics
    /// When `chunks` is 0.
    #[must_use]
    pub fn with_course(self, chunks: usize) -> Self {
        assert!(chunks > 0);
        let course = Course { chunks, looked: 0, before: Peaks::default(), largest: Vec::new() };
        Self { course: Some(course), ..self }
    }

    /// The frames of the shortest stretch of a course.
    pub const CHUNK_FRAMES: usize = CHUNK;

    /// The same, but it leaves nothing out.
    #[cfg(test)]
    pub(super) fn looking_everywhere(self) -> Self {
        Self { bounds: &Bounds::NONE, ..self }
    }

    /// Hears the next samples.
    pub fn push(&mut self, mut samples: &[f64]) {
        while !samples.is_empty() {
            let (now, later) = samples.split_at(samples.len().min(TAPS + CHUNK - self.filled));
            self.samples[self.filled..self.filled + now.len()].copy_from_slice(now);
            self.filled += now.len();
            samples = later;
            if self.filled == self.samples.len() {
                self.look();
            }
        }
    }

    /// The highest values of all that was heard, and of the silence behind it. The meter is as new then.
    pub fn finish(&mut self) -> Peaks {
        self.finish_course().0
    }

    /// The same, and the largest value of every stretch, if they were to be kept: stretch n begins at frame n · its
    /// length − [`LOOKAHEAD_FRAMES`](super::LOOKAHEAD_FRAMES), the last may be shorter.
    pub fn finish_course(&mut self) -> (Peaks, Vec<f64>) {
        self.push(&[0.0; TAPS]);
        if self.filled > TAPS {
            self.samples[self.filled..].fill(0.0);
            self.look();
        }
        self.samples.fill(0.0);
        self.filled = TAPS;
        let last = std::mem::take(&mut self.peaks);
        let Some(course) = &mut self.course else { return (last, Vec::new()) };
        let mut largest = std::mem::take(&mut course.largest);
        if std::mem::take(&mut course.looked) > 0 {
            largest.push(last.largest());
        }
        (last.max(std::mem::take(&mut course.before)), largest)
    }

    /// Looks at a full chunk and keeps its end for the next.
    fn look(&mut self) {
        self.survey.look(&self.samples, CHUNK);
        for group in 0..CHUNK / LANES {
            self.peaks.take_samples(self.survey.level(group));
        }
        for group in 0..CHUNK / LANES {
            let around = self.survey.around(group);
            let level = self.survey.level(group);
            let begin = group * LANES;
            if self.bounds.reference.above(level, &around) > self.peaks.reference {
                self.folded.load(&self.samples[begin + 1..]);
                let [quarter, three_quarters] = self.folded.both(self.kernel.phase(PHASES / 4));
                let half = self.folded.middle(self.kernel.phase(PHASES / 2));
                let known = level.max(largest(&[quarter, half, three_quarters]));
                self.peaks.reference = self.peaks.reference.max(known);
                if self.bounds.between_quarters.above(known, &around) > self.peaks.reference {
                    self.look_closely();
                }
            }
            if self.bounds.annex_2.above(level, &around) > self.peaks.annex_2 {
                self.folded_short.load(&self.samples[begin + HALF + 1 - ANNEX_2_HALF..]);
                for pair in &self.kernel.annex_2 {
                    let highest = largest(&self.folded_short.both(pair));
                    self.peaks.annex_2 = self.peaks.annex_2.max(highest);
                }
            }
        }
        self.samples.copy_within(CHUNK.., 0);
        self.filled = TAPS;
        if let Some(course) = &mut self.course {
            course.looked += 1;
            if course.looked == course.chunks {
                course.looked = 0;
                course.largest.push(self.peaks.largest());
                course.before = course.before.max(std::mem::take(&mut self.peaks));
            }
        }
    }

    /// All phases between the quarters, of the group that is folded.
    fn look_closely(&mut self) {
        for phase in (1..PHASES / 2).filter(|phase| *phase != PHASES / 4) {
            let highest = largest(&self.folded.both(self.kernel.phase(phase)));
            self.peaks.reference = self.peaks.reference.max(highest);
        }
    }
}

fn largest(values: &[Lanes]) -> f64 {
    values.as_flattened().iter().fold(0.0, |most: f64, x| most.max(x.abs()))
}
