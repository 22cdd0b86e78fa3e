//! Left against right, in all of it and in three bands.

use deadwax_dsp::crossover::{Crossover, Slope};
use deadwax_measure::MeasureError;
use serde::Serialize;

/// Where the bands meet, in Hz; at low rates the upper corner lies lower.
const CORNERS_HZ: [f64; 2] = [200.0, 4000.0];
const CORNER_OF_RATE: f64 = 0.4;
/// Sums are taken over hops of this length, in seconds, and a correlation over so many of them.
const HOP_S: f64 = 0.1;
const HOPS: usize = 4;
/// Channels work against each other below this. What has nothing in common swings about zero, and is not meant.
const AGAINST: f64 = -0.1;
/// Both channels are at least so loud, as a mean square: −60 dBFS …
const LEAST_POWER: f64 = 1e-6;
/// … and a band has at least this part of the power of all of it: −30 dB.
const LEAST_PART: f64 = 1e-3;
/// From this on a stretch counts, in seconds.
const LEAST_S: f64 = 1.0;
/// The most stretches that are listed of a band.
const MOST: usize = 100;

/// Part of the spectrum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PhaseBand {
    /// All of it.
    Whole,
    /// Below 200 Hz.
    Low,
    /// 200 Hz to 4 kHz.
    Middle,
    /// Above 4 kHz.
    High,
}

/// A second or more in which left and right work against each other.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Against {
    /// In which band.
    pub band: PhaseBand,
    /// Where it begins, in seconds.
    pub at_s: f64,
    /// How long it lasts, in seconds.
    pub s: f64,
    /// The lowest correlation of 400 ms.
    pub least: f64,
}

/// Left against right.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PhaseFigures {
    /// Correlation of all of it, −1 … 1; `None` when a channel is silent.
    pub whole: Option<f64>,
    /// The same below 200 Hz, up to 4 kHz, and above.
    pub bands: [Option<f64>; 3],
    /// Stretches in which they work against each other, band by band; the first hundred of each.
    pub against: Vec<Against>,
}

/// Sums of products.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    left: f64,
    right: f64,
    both: f64,
}

impl Sums {
    fn add(&mut self, left: &[f64], right: &[f64]) {
        for (l, r) in left.iter().zip(right) {
            self.left += l * l;
            self.right += r * r;
            self.both += l * r;
        }
    }

    fn plus(self, other: Self) -> Self {
        let Self { left, right, both } = other;
        Self { left: self.left + left, right: self.right + right, both: self.both + both }
    }

    fn correlation(&self) -> Option<f64> {
        let size = (self.left * self.right).sqrt();
        (size > 0.0).then(|| (self.both / size).clamp(-1.0, 1.0))
    }
}

/// One band over time.
#[derive(Clone, Debug, Default)]
struct Course {
    all: Sums,
    hop: Sums,
    latest: [Sums; HOPS],
    /// The stretch that is under way: its first hop, how many, and its least.
    open: Option<(u64, u64, f64)>,
    found: Vec<(u64, u64, f64)>,
}

impl Course {
    /// Ends the hop with number `hop`. Gives back the power of what is heard now.
    fn look(&mut self, hop: u64, frames: f64, least: f64) -> f64 {
        self.all = self.all.plus(self.hop);
        self.latest[(hop % HOPS as u64) as usize] = std::mem::take(&mut self.hop);
        let now = self.latest.iter().fold(Sums::default(), |sums, one| sums.plus(*one));
        let quieter = now.left.min(now.right) / (frames * HOPS as f64);
        let correlation = now.correlation().filter(|c| quieter >= least && *c < AGAINST);
        match (correlation, &mut self.open) {
            (Some(c), Some((_, hops, lowest))) => (*hops, *lowest) = (*hops + 1, lowest.min(c)),
            (Some(c), None) => self.open = Some((hop, 1, c)),
            (None, _) => self.close(),
        }
        quieter
    }

    fn close(&mut self) {
        if let Some(open) = self.open.take()
            && open.1 as f64 * HOP_S >= LEAST_S
            && self.found.len() < MOST
        {
            self.found.push(open);
        }
    }
}

/// Follows the correlation.
pub(super) struct Phase {
    crossover: Crossover,
    rest: [Vec<f64>; 2],
    bands: [[Vec<f64>; 2]; 2],
    courses: [Course; 4],
    hop_frames: usize,
    filled: usize,
    hops: u64,
}

impl Phase {
    pub(super) fn new(rate_hz: u32) -> Result<Self, MeasureError> {
        let rate = f64::from(rate_hz);
        let corners = CORNERS_HZ.map(|hz| hz.min(CORNER_OF_RATE * rate));
        let crossover = Crossover::new(&corners, Slope::Lr4, rate, 2)
            .map_err(|_| MeasureError::SampleRate { rate_hz })?;
        Ok(Self {
            crossover,
            rest: Default::default(),
            bands: Default::default(),
            courses: Default::default(),
            hop_frames: ((rate * HOP_S) as usize).max(1),
            filled: 0,
            hops: 0,
        })
    }

    pub(super) fn push(&mut self, left: &[f64], right: &[f64]) {
        let frames = left.len();
        for (channel, samples) in [left, right].into_iter().enumerate() {
            self.rest[channel].clear();
            self.rest[channel].extend_from_slice(samples);
            for index in 0..2 {
                let band = &mut self.bands[index][channel];
                band.resize(frames, 0.0);
                self.crossover.take(index, channel, &mut self.rest[channel], band);
            }
        }
        let mut at = 0;
        while at < frames {
            let count = (self.hop_frames - self.filled).min(frames - at);
            let part = at..at + count;
            self.courses[0].hop.add(&left[part.clone()], &right[part.clone()]);
            for (course, band) in self.courses[1..].iter_mut().zip(self.bands.iter().chain([&self.rest])) {
                course.hop.add(&band[0][part.clone()], &band[1][part.clone()]);
            }
            (at, self.filled) = (at + count, self.filled + count);
            if self.filled == self.hop_frames {
                let frames = self.hop_frames as f64;
                let power = self.courses[0].look(self.hops, frames, LEAST_POWER);
                let least = LEAST_POWER.max(power * LEAST_PART);
                self.courses[1..].iter_mut().for_each(|course| _ = course.look(self.hops, frames, least));
                (self.filled, self.hops) = (0, self.hops + 1);
            }
        }
    }

    pub(super) fn finish(mut self) -> PhaseFigures {
        let mut against = Vec::new();
        let all = [PhaseBand::Whole, PhaseBand::Low, PhaseBand::Middle, PhaseBand::High];
        for (course, band) in self.courses.iter_mut().zip(all) {
            course.all = course.all.plus(course.hop);
            course.close();
            against.extend(course.found.iter().map(|(hop, hops, least)| Against {
                band,
                at_s: *hop as f64 * HOP_S,
                s: *hops as f64 * HOP_S,
                least: *least,
            }));
        }
        let [whole, low, middle, high] = &self.courses;
        PhaseFigures {
            whole: whole.all.correlation(),
            bands: [low, middle, high].map(|course| course.all.correlation()),
            against,
        }
    }
}
