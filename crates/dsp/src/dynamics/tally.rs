//! What a gain did, as reports tell it.

use super::GainTrace;

/// Follows the gains of all channels; those of frames before the programme's first do not count.
#[derive(Clone, Debug)]
pub struct Tally {
    latency: usize,
    /// Frames before the first of the programme that are still to come.
    early: usize,
    lowest_db: f64,
    highest_db: f64,
    trace: GainTrace,
    furthest: Vec<f64>,
}

impl Tally {
    /// Nothing heard; notes of up to `chunk` frames are taken at once.
    pub(super) fn new(rate_hz: f64, latency: usize, chunk: usize) -> Self {
        Self {
            latency,
            early: latency,
            lowest_db: 0.0,
            highest_db: 0.0,
            trace: GainTrace::new(rate_hz, latency),
            furthest: vec![0.0; chunk],
        }
    }

    pub(super) fn reset(&mut self) {
        (self.early, self.lowest_db, self.highest_db) = (self.latency, 0.0, 0.0);
        self.trace.reset();
    }

    /// Takes the gains of the next frames, in dB, of each channel (or one for all).
    pub(super) fn note<'a>(&mut self, frames: usize, gains_db: impl Iterator<Item = &'a [f64]>) {
        let furthest = &mut self.furthest[..frames];
        for (channel, gains) in gains_db.enumerate() {
            if channel == 0 {
                furthest.copy_from_slice(gains);
                continue;
            }
            for (most, gain) in furthest.iter_mut().zip(gains) {
                *most = if gain.abs() > most.abs() { *gain } else { *most };
            }
        }
        self.trace.push_db(furthest);
        let early = self.early.min(frames);
        self.early -= early;
        for gain in &furthest[early..] {
            self.lowest_db = if *gain < self.lowest_db { *gain } else { self.lowest_db };
            self.highest_db = if *gain > self.highest_db { *gain } else { self.highest_db };
        }
    }

    /// The furthest the gain has gone down, in dB (0 or below).
    #[must_use]
    pub fn deepest_db(&self) -> f64 {
        self.lowest_db
    }

    /// The furthest it has gone up, in dB (0 or above).
    #[must_use]
    pub fn highest_db(&self) -> f64 {
        self.highest_db
    }

    /// The gain over the time of the programme; of several gains the one furthest from 0 dB.
    #[must_use]
    pub fn trace(&self) -> &GainTrace {
        &self.trace
    }
}
