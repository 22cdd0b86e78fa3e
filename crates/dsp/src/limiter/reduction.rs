//! What a limiter did to the level, as a person would ask: how far down, where, and for how long.

use crate::dynamics::GainTrace;
use crate::math::gain_to_db;

/// The gain reduction of all frames that came out, the latency not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reduction {
    /// The furthest any gain went down, in dB (0 or below).
    pub deepest_db: f64,
    /// The frame of the programme where it first was there; 0 where nothing was reduced.
    pub deepest_at: u64,
    /// The frames in which any channel was more than 1 dB down.
    pub frames_over_1_db: u64,
    /// All frames of the programme so far.
    pub frames: u64,
}

impl Reduction {
    /// The part of the programme that was more than 1 dB down, 0 to 1.
    #[must_use]
    pub fn over_1_db_share(&self) -> f64 {
        if self.frames == 0 { 0.0 } else { self.frames_over_1_db as f64 / self.frames as f64 }
    }
}

/// A gain of -1 dB.
const MINUS_1_DB: f64 = 0.891_250_938_133_745_5;

/// Counts along.
#[derive(Clone, Debug)]
pub(super) struct Tally {
    /// Frames that come out before the first of the programme.
    latency: u64,
    /// Frames that came out.
    out: u64,
    lowest: f64,
    lowest_at: u64,
    over_1_db: u64,
    trace: GainTrace,
}

impl Tally {
    pub(super) fn new(latency: usize, rate_hz: f64) -> Self {
        let trace = GainTrace::new(rate_hz, latency);
        Self { latency: latency as u64, out: 0, lowest: 1.0, lowest_at: 0, over_1_db: 0, trace }
    }

    pub(super) fn reset(&mut self) {
        (self.out, self.lowest, self.lowest_at, self.over_1_db) = (0, 1.0, 0, 0);
        self.trace.reset();
    }

    /// The gain over time, the lowest of all channels.
    pub(super) fn trace(&self) -> &GainTrace {
        &self.trace
    }

    /// Takes the next frames, at a gain of 1.
    pub(super) fn untouched(&mut self, frames: usize) {
        self.out += frames as u64;
        self.trace.rest(frames);
    }

    /// Takes the next frames, each at the lowest gain of all channels.
    pub(super) fn reduced(&mut self, gains: &[f64]) {
        let early = self.latency.saturating_sub(self.out).min(gains.len() as u64) as usize;
        let first = (self.out + early as u64).saturating_sub(self.latency);
        self.out += gains.len() as u64;
        self.trace.push_reduction(gains);
        let gains = &gains[early..];
        self.over_1_db += gains.iter().filter(|gain| **gain < MINUS_1_DB).count() as u64;
        let lowest = gains.iter().fold(self.lowest, |low, gain| if *gain < low { *gain } else { low });
        if lowest < self.lowest {
            self.lowest = lowest;
            self.lowest_at = first + gains.iter().position(|gain| *gain == lowest).unwrap_or(0) as u64;
        }
    }

    pub(super) fn reduction(&self) -> Reduction {
        Reduction {
            deepest_db: if self.lowest < 1.0 { gain_to_db(self.lowest) } else { 0.0 },
            deepest_at: self.lowest_at,
            frames_over_1_db: self.over_1_db,
            frames: self.out.saturating_sub(self.latency),
        }
    }
}
