//! Clipped samples, found and restored.
//!
//! [`ClipDetector`] hears a programme and tells at which levels it was clipped, if it was. [`Declipper`] restores what is at or
//! above given levels, frame by frame, by A-SPADE: of all frames that agree with the samples that were not clipped, and are at
//! least as loud as the clipped ones, the one with the sparsest spectrum (Kitić, Bertin and Gribonval, *Sparsity and cosparsity
//! for audio declipping*, 2015; Záviška, Rajmic, Průša and Veselý, *Revisiting synthesis model in sparse audio declipper*,
//! 2018). Samples that are not clipped stay to the bit.

mod detect;
mod solve;
mod spectrum;

pub use detect::{ChannelClips, ClipDetector, Clipped, Run};

use crate::fft::Kind;
use crate::math::sin;
use rayon::prelude::*;
use solve::Solver;
use std::f64::consts::PI;

/// The rate for which the sizes of frames are given, in Hz.
const REFERENCE_HZ: f64 = 44_100.0;
/// Frames overlap so many times.
const OVERLAP: usize = 4;
/// The part of a frame at either end where it says little, and three others say more: it is not restored for a clip there.
const EDGE: usize = 8;
/// So many frames of each channel are restored together.
const BATCH: usize = 16;
/// No sample is restored beyond this many times the clip level: 24 dB, which music never needs.
const MOST_TIMES: f64 = 16.0;

/// How much work goes into a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// Samples in a frame at 44.1 kHz: a power of 2. Frames last as long at every rate.
    pub frame: usize,
    /// The most rounds for a frame.
    pub rounds: usize,
}

impl Effort {
    /// Quick: short frames, few rounds.
    pub const QUICK: Self = Self { frame: 2048, rounds: 50 };
    /// What most material needs.
    pub const NORMAL: Self = Self { frame: 4096, rounds: 100 };
    /// What little there is to gain beyond that.
    pub const THOROUGH: Self = Self { frame: 4096, rounds: 200 };
}

/// As loud as this or louder is clipped, by side of a channel, without sign. Infinite where nothing was.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Levels {
    /// Of the positive samples.
    pub above: f64,
    /// Of the negative samples.
    pub below: f64,
}

impl Levels {
    /// Nothing was clipped.
    pub const NONE: Self = Self { above: f64::INFINITY, below: f64::INFINITY };

    /// Whether anything was clipped.
    #[must_use]
    pub fn any(&self) -> bool {
        self.scale().is_finite()
    }

    /// Whether a sample is clipped.
    #[inline]
    fn clip(&self, x: f64) -> bool {
        x >= self.above || x <= -self.below
    }

    /// What frames are measured by.
    fn scale(&self) -> f64 {
        self.above.min(self.below)
    }
}

impl From<&ChannelClips> for Levels {
    fn from(clips: &ChannelClips) -> Self {
        let level = |side: &Option<Clipped>| side.as_ref().map_or(f64::INFINITY, |side| side.level);
        Self { above: level(&clips.above), below: level(&clips.below) }
    }
}

/// What was restored of a channel.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Restored {
    /// How many samples.
    pub samples: u64,
    /// How many runs of them.
    pub runs: u64,
    /// The highest restored sample, without sign; 0 if there was none.
    pub peak: f64,
}

/// One channel's samples on their way through.
#[derive(Clone, Debug)]
struct Lane {
    levels: Levels,
    /// The frames of a batch and what lies behind them.
    held: Vec<f64>,
    /// Restored frames, windowed and added up, and the windows' squares.
    sums: Vec<f64>,
    weights: Vec<f64>,
    /// A batch of restored frames on its way out.
    ready: Vec<f64>,
    last_clipped: bool,
    restored: Restored,
}

/// A frame to be restored: of which channel, and where in what is held.
#[derive(Clone, Copy, Debug)]
struct Job {
    lane: usize,
    begin: usize,
}

/// A worker with all it needs, and the frames it restores.
#[derive(Clone, Debug)]
struct Worker {
    solver: Solver,
    low: Vec<f64>,
    high: Vec<f64>,
    jobs: Vec<(Job, Vec<f64>)>,
    used: usize,
}

/// Restores clipped samples. What comes out is [`latency`](Self::latency) frames late.
#[derive(Clone, Debug)]
pub struct Declipper {
    size: usize,
    hop: usize,
    window: Vec<f64>,
    lanes: Vec<Lane>,
    workers: Vec<Worker>,
    /// How many frames are held.
    filled: usize,
    audition: bool,
}

impl Declipper {
    /// For a channel for each of `levels`, at `rate_hz`. More `workers` than one work side by side in the thread pool that calls;
    /// the bits are the same. With `audition`, what is taken away comes out.
    #[must_use]
    pub fn new(levels: &[Levels], effort: Effort, rate_hz: f64, workers: usize, kind: Kind) -> Self {
        let size = frame_size(effort, rate_hz);
        let hop = size / OVERLAP;
        let window: Vec<f64> = (0..size).map(|n| sin(PI * (n as f64 + 0.5) / size as f64)).collect();
        let held = BATCH * hop + (size - hop);
        let lane = |levels: &Levels| Lane {
            levels: *levels,
            held: vec![0.0; held],
            sums: vec![0.0; held],
            weights: vec![0.0; held],
            ready: vec![0.0; BATCH * hop],
            last_clipped: false,
            restored: Restored::default(),
        };
        let workers = workers.clamp(1, BATCH * levels.len().max(1));
        let jobs = (BATCH * levels.len()).div_ceil(workers);
        let worker = Worker {
            solver: Solver::new(size, effort.rounds, kind),
            low: vec![0.0; size],
            high: vec![0.0; size],
            jobs: vec![(Job { lane: 0, begin: 0 }, vec![0.0; size]); jobs],
            used: 0,
        };
        Self {
            size,
            hop,
            window,
            lanes: levels.iter().map(lane).collect(),
            workers: vec![worker; workers],
            filled: size - hop,
            audition: false,
        }
    }

    /// Puts out what is taken away, which is the input less the output.
    #[must_use]
    pub fn audition(self, audition: bool) -> Self {
        Self { audition, ..self }
    }

    /// How many frames late what comes out is.
    #[must_use]
    pub fn latency(&self) -> usize {
        BATCH * self.hop + self.size - self.hop
    }

    /// The latency that there will be.
    #[must_use]
    pub fn latency_of(effort: Effort, rate_hz: f64) -> usize {
        let size = frame_size(effort, rate_hz);
        size + (BATCH - 1) * (size / OVERLAP)
    }

    /// What was restored so far, by channel.
    pub fn restored(&self) -> impl Iterator<Item = Restored> {
        self.lanes.iter().map(|lane| lane.restored)
    }

    /// How many frames may be exchanged before the next [`advance`](Self::advance): one at least.
    #[must_use]
    pub fn room(&self) -> usize {
        self.latency() - self.filled
    }

    /// Takes the next frames of a channel, at most [`room`](Self::room), and puts those that are due in their place.
    ///
    /// # Panics
    /// When there is no such channel, or no such room.
    pub fn exchange(&mut self, channel: usize, part: &mut [f64]) {
        let (lane, begin) = (&mut self.lanes[channel], self.filled);
        lane.held[begin..begin + part.len()].copy_from_slice(part);
        // What goes out lies as far in the last batch as what comes in will lie in this one.
        let out = begin - (self.size - self.hop);
        part.copy_from_slice(&lane.ready[out..out + part.len()]);
    }

    /// So many frames of every channel have been exchanged: if a batch is complete, it is restored.
    pub fn advance(&mut self, frames: usize) {
        self.filled += frames;
        if self.filled == self.latency() {
            self.batch();
            self.filled = self.size - self.hop;
        }
    }

    /// Goes back to how it was made.
    pub fn reset(&mut self) {
        self.filled = self.size - self.hop;
        for lane in &mut self.lanes {
            for samples in [&mut lane.held, &mut lane.sums, &mut lane.weights, &mut lane.ready] {
                samples.fill(0.0);
            }
            (lane.last_clipped, lane.restored) = (false, Restored::default());
        }
    }

    /// Restores the frames that begin in this batch, and puts out what no later frame will change.
    fn batch(&mut self) {
        self.give_out();
        let (lanes, window) = (&self.lanes, &self.window[..]);
        if self.workers.len() > 1 {
            self.workers.par_iter_mut().for_each(|worker| worker.work(lanes, window));
        } else {
            self.workers.iter_mut().for_each(|worker| worker.work(lanes, window));
        }
        let count = self.workers.len();
        let jobs: usize = self.workers.iter().map(|worker| worker.used).sum();
        for number in 0..jobs {
            let (job, frame) = &self.workers[number % count].jobs[number / count];
            self.lanes[job.lane].add(job.begin, frame, &self.window);
        }
        for lane in &mut self.lanes {
            lane.put_out(BATCH * self.hop, self.audition);
        }
    }

    /// Hands the frames that have clipped samples to the workers, one after the other.
    fn give_out(&mut self) {
        self.workers.iter_mut().for_each(|worker| worker.used = 0);
        let (count, mut number) = (self.workers.len(), 0);
        for (index, lane) in self.lanes.iter().enumerate() {
            for begin in (0..BATCH * self.hop).step_by(self.hop) {
                let middle = begin + self.size / EDGE..begin + self.size - self.size / EDGE;
                if lane.held[middle].iter().any(|x| lane.levels.clip(*x)) {
                    let worker = &mut self.workers[number % count];
                    worker.jobs[worker.used].0 = Job { lane: index, begin };
                    worker.used += 1;
                    number += 1;
                }
            }
        }
    }
}

/// The size of frames at a rate: they last about as long at every rate.
fn frame_size(effort: Effort, rate_hz: f64) -> usize {
    let wanted = effort.frame as f64 * rate_hz / REFERENCE_HZ;
    let above = (wanted.max(64.0) as usize).next_power_of_two();
    // The nearer one, by ratio.
    if above as f64 > wanted * std::f64::consts::SQRT_2 { above / 2 } else { above }
}

impl Worker {
    fn work(&mut self, lanes: &[Lane], window: &[f64]) {
        for (job, frame) in &mut self.jobs[..self.used] {
            let lane = &lanes[job.lane];
            let scale = 1.0 / lane.levels.scale();
            let samples = &lane.held[job.begin..job.begin + window.len()];
            let bounds = self.low.iter_mut().zip(&mut self.high).zip(frame.iter_mut());
            for ((((low, high), x), sample), weight) in bounds.zip(samples).zip(window) {
                *x = scale * sample * weight;
                let most = MOST_TIMES * scale * weight;
                *low = if *sample <= -lane.levels.below { (-most * lane.levels.below).min(*x) } else { *x };
                *high = if *sample >= lane.levels.above { (most * lane.levels.above).max(*x) } else { *x };
            }
            self.solver.restore(frame, &self.low, &self.high);
        }
    }
}

impl Lane {
    fn add(&mut self, begin: usize, frame: &[f64], window: &[f64]) {
        let scale = self.levels.scale();
        let sums = self.sums[begin..].iter_mut().zip(&mut self.weights[begin..]);
        for (((sum, weight), x), w) in sums.zip(frame).zip(window) {
            *sum += scale * x * w;
            *weight += w * w;
        }
    }

    /// The first `count` frames go out, and what is behind them to the front.
    fn put_out(&mut self, count: usize, audition: bool) {
        for n in 0..count {
            let x = self.held[n];
            let mut out = x;
            let clipped = self.levels.clip(x);
            if clipped && self.weights[n] > 0.0 {
                let most = MOST_TIMES * if x > 0.0 { self.levels.above } else { self.levels.below };
                let restored = (self.sums[n] / self.weights[n]).clamp(-most, most);
                // A sample was at least as loud as what is left of it; so it is, too, where numbers were too large to work with.
                out = if x > 0.0 { restored.max(x) } else { restored.min(x) };
                self.restored.samples += 1;
                self.restored.runs += u64::from(!self.last_clipped);
                self.restored.peak = self.restored.peak.max(out.abs());
            }
            self.last_clipped = clipped;
            self.ready[n] = if audition { x - out } else { out };
        }
        for samples in [&mut self.held, &mut self.sums, &mut self.weights] {
            samples.copy_within(count.., 0);
            let rest = samples.len() - count;
            samples[rest..].fill(0.0);
        }
    }
}

#[cfg(test)]
mod tests;
