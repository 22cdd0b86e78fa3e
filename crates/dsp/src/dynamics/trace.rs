//! A gain over the time of a programme, kept small enough to draw.

use crate::math::gain_to_db;

/// A curve has at most so many points; a longer programme has longer hops.
pub const MOST_POINTS: usize = 4096;

/// Hops begin at this length, in seconds.
const FIRST_HOP_S: f64 = 0.01;

/// Keeps, for every hop, the gain that was furthest from 0 dB. When the memory is full, neighbours are joined and the hop
/// is twice as long from then on: bounded memory, no allocation, and hops that lie on the programme's own frames.
#[derive(Clone, Debug)]
pub struct GainTrace {
    rate_hz: f64,
    first_hop: u64,
    hop: u64,
    latency: u64,
    /// Frames before the first of the programme that are still to come.
    early: u64,
    /// Frames of the hop that have come, and the gain furthest from 0 dB among them.
    filled: u64,
    furthest_db: f64,
    points_db: Vec<f32>,
}

impl GainTrace {
    /// Nothing heard. The first `latency` frames are before the programme and are not kept.
    #[must_use]
    pub fn new(rate_hz: f64, latency: usize) -> Self {
        let hop = ((FIRST_HOP_S * rate_hz) as u64).max(1);
        Self {
            rate_hz,
            first_hop: hop,
            hop,
            latency: latency as u64,
            early: latency as u64,
            filled: 0,
            furthest_db: 0.0,
            points_db: Vec::with_capacity(MOST_POINTS),
        }
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        (self.hop, self.early, self.filled, self.furthest_db) = (self.first_hop, self.latency, 0, 0.0);
        self.points_db.clear();
    }

    /// Takes the gains of the next frames, in dB.
    pub fn push_db(&mut self, gains_db: &[f64]) {
        let mut rest = self.past_latency(gains_db.len(), gains_db);
        while !rest.is_empty() {
            let count = rest.len().min((self.hop - self.filled) as usize);
            let (now, later) = rest.split_at(count);
            self.furthest_db = now.iter().fold(self.furthest_db, |most, gain| further(most, *gain));
            self.advance(count as u64);
            rest = later;
        }
    }

    /// Takes the gains of the next frames, linear and 1 at the most.
    pub fn push_reduction(&mut self, gains: &[f64]) {
        let mut rest = self.past_latency(gains.len(), gains);
        while !rest.is_empty() {
            let count = rest.len().min((self.hop - self.filled) as usize);
            let (now, later) = rest.split_at(count);
            let lowest = now.iter().fold(1.0, |low: f64, gain| if *gain < low { *gain } else { low });
            if lowest < 1.0 {
                self.furthest_db = further(self.furthest_db, gain_to_db(lowest));
            }
            self.advance(count as u64);
            rest = later;
        }
    }

    /// Takes the next frames, at 0 dB.
    pub fn rest(&mut self, frames: usize) {
        let early = self.early.min(frames as u64);
        self.early -= early;
        let mut left = frames as u64 - early;
        while left > 0 {
            let count = left.min(self.hop - self.filled);
            self.advance(count);
            left -= count;
        }
    }

    /// The length of a hop, in seconds.
    #[must_use]
    pub fn hop_s(&self) -> f64 {
        self.hop as f64 / self.rate_hz
    }

    /// The gain of each hop, in dB; the last hop may be cut short by the end.
    #[must_use]
    pub fn points_db(&self) -> Vec<f32> {
        let begun = (self.filled > 0).then_some(self.furthest_db as f32);
        self.points_db.iter().copied().chain(begun).collect()
    }

    fn past_latency<'a>(&mut self, frames: usize, gains: &'a [f64]) -> &'a [f64] {
        let early = self.early.min(frames as u64);
        self.early -= early;
        &gains[early as usize..]
    }

    fn advance(&mut self, frames: u64) {
        self.filled += frames;
        if self.filled < self.hop {
            return;
        }
        self.points_db.push(self.furthest_db as f32);
        (self.filled, self.furthest_db) = (0, 0.0);
        if self.points_db.len() == MOST_POINTS {
            for index in 0..MOST_POINTS / 2 {
                let pair = [self.points_db[2 * index], self.points_db[2 * index + 1]];
                self.points_db[index] = if pair[1].abs() > pair[0].abs() { pair[1] } else { pair[0] };
            }
            self.points_db.truncate(MOST_POINTS / 2);
            self.hop *= 2;
        }
    }
}

fn further(a: f64, b: f64) -> f64 {
    if b.abs() > a.abs() { b } else { a }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hop_has_its_furthest_gain_however_it_came() {
        let mut whole = GainTrace::new(1000.0, 3);
        let gains: Vec<f64> = (0..38).map(|n| if n == 15 { -4.0 } else { 0.25 * f64::from(n % 3) }).collect();
        whole.push_db(&gains);
        whole.rest(5);
        let mut cut = GainTrace::new(1000.0, 3);
        gains.chunks(7).for_each(|chunk| cut.push_db(chunk));
        (0..5).for_each(|_| cut.rest(1));
        assert_eq!(whole.points_db(), [0.5, -4.0, 0.5, 0.5]);
        assert_eq!((whole.points_db(), whole.hop_s()), (cut.points_db(), 0.01));
    }

    #[test]
    fn reductions_are_kept_as_the_same_gains_in_decibels() {
        let gains: Vec<f64> = (0..500).map(|n| 1.0 - 0.5 * f64::from(n % 37) / 37.0).collect();
        let (mut linear, mut db) = (GainTrace::new(1000.0, 3), GainTrace::new(1000.0, 3));
        gains.chunks(7).for_each(|chunk| linear.push_reduction(chunk));
        db.push_db(&gains.iter().map(|gain| gain_to_db(*gain)).collect::<Vec<_>>());
        assert_eq!(linear.points_db(), db.points_db());
    }

    #[test]
    fn a_long_programme_keeps_its_deepest_moment_in_few_points() {
        let mut trace = GainTrace::new(100.0, 0);
        for n in 0..100_000 {
            trace.push_db(&[if n == 77_777 { -12.0 } else { -1.0 }]);
        }
        let (points, hop_s) = (trace.points_db(), trace.hop_s());
        assert!(points.len() <= MOST_POINTS && points.len() > MOST_POINTS / 2 - 2);
        let at = points.iter().position(|db| *db == -12.0).unwrap();
        assert!((at as f64 * hop_s..(at + 1) as f64 * hop_s).contains(&777.77));
        trace.reset();
        assert!(trace.points_db().is_empty() && trace.hop_s() == 0.01);
    }
}
