//! What a clipped frame was like: A-SPADE.
//!
//! Of all frames that agree with the samples that are left, and are at least as loud as the level where they are clipped, the one
//! whose spectrum has the fewest bins is looked for, by the alternating direction method of multipliers: the spectrum is reduced
//! to its strongest bins, the frame is made to agree again, and so on, with more bins each time.

use super::spectrum::Redundant;
use crate::fft::Kind;
use crate::math::pow;
use rustfft::num_complex::Complex;

/// The spectrum and the frame are as good as one when they differ by this, in parts of the clip level.
const EPSILON: f64 = 0.1;
/// Bins to begin with.
const FIRST_BINS: f64 = 4.0;
/// The part of the bins that there are in the last round.
const LAST_PART: f64 = 0.5;
/// They get more by a factor a round, a larger one in the first rounds: 1 would be the same in all.
const BEND: f64 = 0.7;

/// Restores frames of one size.
#[derive(Clone, Debug)]
pub(super) struct Solver {
    transform: Redundant,
    /// How many bins there are in each round: more by a factor, and at least by one.
    schedule: Vec<usize>,
    /// The frame as the spectrum has it.
    estimate: Vec<f64>,
    /// The spectrum of the frame.
    bins: Vec<Complex<f64>>,
    /// What the spectra have differed by so far, added up.
    gap: Vec<Complex<f64>>,
    /// The strongest bins.
    sparse: Vec<Complex<f64>>,
    /// The power of each bin as bits, which order as the powers do.
    powers: Vec<u64>,
    ranked: Vec<u64>,
}

impl Solver {
    /// For frames of `size` samples, with so many rounds at the most.
    pub(super) fn new(size: usize, rounds: usize, kind: Kind) -> Self {
        let transform = Redundant::new(size, kind);
        let count = transform.bins();
        let factor = LAST_PART * count as f64 / FIRST_BINS;
        let mut last = 0;
        let schedule = (0..rounds).map(|round| {
            let grown = FIRST_BINS * pow(factor, pow(round as f64 / rounds.max(1) as f64, BEND));
            last = (grown as usize).max(last + 1).min(count - 1);
            last
        });
        let schedule = schedule.collect();
        let bins = vec![Complex::default(); count];
        Self {
            transform,
            schedule,
            estimate: vec![0.0; size],
            gap: bins.clone(),
            sparse: bins.clone(),
            bins,
            powers: vec![0; count],
            ranked: vec![0; count],
        }
    }

    /// Changes `frame` into one that lies between `low` and `high`, sample by sample.
    pub(super) fn restore(&mut self, frame: &mut [f64], low: &[f64], high: &[f64]) {
        self.gap.fill(Complex::default());
        self.transform.analyse(frame, &mut self.bins);
        for round in 0..self.schedule.len() {
            self.reduce(self.schedule[round]);
            self.transform.synthesise(&self.bins, &mut self.estimate);
            let between = low.iter().zip(high).zip(&self.estimate);
            for (x, ((low, high), estimate)) in frame.iter_mut().zip(between) {
                *x = estimate.max(*low).min(*high);
            }
            self.transform.analyse(frame, &mut self.bins);
            if self.differ() <= EPSILON * EPSILON {
                break;
            }
        }
        self.join(frame, low, high);
    }

    /// Where a sample is known it is not quite what the spectrum makes of it. That difference is faded into the clipped samples
    /// beside it, from either side, so that there is no step where they begin.
    fn join(&self, frame: &mut [f64], low: &[f64], high: &[f64]) {
        let known = |n: usize| low[n] >= high[n];
        let size = frame.len();
        let rest = |n: usize| if n < size { low[n] - self.estimate[n] } else { 0.0 };
        let mut begin = 0;
        while let Some(first) = (begin..frame.len()).find(|n| !known(*n)) {
            let end = (first..frame.len()).find(|n| known(*n)).unwrap_or(frame.len());
            let (before, behind) = (if first > 0 { rest(first - 1) } else { 0.0 }, rest(end));
            let step = 1.0 / (end + 1 - first) as f64;
            for n in first..end {
                let part = step * (n + 1 - first) as f64;
                let fade = before + part * (behind - before);
                frame[n] = (self.estimate[n] + fade).max(low[n]).min(high[n]);
            }
            begin = end;
        }
    }

    /// Keeps the `count` strongest bins of spectrum and gap together; what the frame is to be made of goes to `bins`.
    fn reduce(&mut self, count: usize) {
        let sums = self.sparse.iter_mut().zip(&self.bins).zip(&self.gap);
        for (((sum, bin), gap), power) in sums.zip(&mut self.powers) {
            *sum = bin + gap;
            *power = sum.norm_sqr().to_bits();
        }
        self.ranked.copy_from_slice(&self.powers);
        let place = self.ranked.len() - count;
        let least = *self.ranked.select_nth_unstable(place).1;
        let kept = self.sparse.iter_mut().zip(&self.powers);
        for (((sum, power), gap), bin) in kept.zip(&self.gap).zip(&mut self.bins) {
            let keep = if *power < least { 0.0 } else { 1.0 };
            *sum *= keep;
            *bin = *sum - gap;
        }
    }

    /// Adds the difference between the frame's spectrum and the strongest bins to the gap, and gives back its energy.
    fn differ(&mut self) -> f64 {
        let mut sums = [0.0; 4];
        let all = self.gap.chunks_mut(4).zip(self.bins.chunks(4)).zip(self.sparse.chunks(4));
        for ((gap, bins), sparse) in all {
            for (((gap, bin), kept), sum) in gap.iter_mut().zip(bins).zip(sparse).zip(&mut sums) {
                let rest = bin - kept;
                *gap += rest;
                *sum += rest.norm_sqr();
            }
        }
        // Every bin stands for its mirror image, too.
        2.0 * (sums[0] + sums[1] + sums[2] + sums[3])
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;

    /// Three tones and nothing else, clipped at half their peak: nearly all of it is known again.
    #[test]
    fn a_frame_of_a_few_tones_comes_back() {
        const SIZE: usize = 1024;
        let tone = |n: usize, turns: f64| (std::f64::consts::TAU * turns * n as f64 / SIZE as f64).sin();
        let window = |n: usize| (std::f64::consts::PI * (n as f64 + 0.5) / SIZE as f64).sin();
        let clean: Vec<f64> =
            (0..SIZE).map(|n| tone(n, 10.0) + 0.6 * tone(n, 23.0) + 0.3 * tone(n, 57.0)).collect();
        let level = 0.9;
        let at = |f: &dyn Fn(f64) -> f64| -> Vec<f64> {
            clean.iter().enumerate().map(|(n, x)| f(*x) * window(n)).collect()
        };
        let truth = at(&|x| x);
        let mut frame = at(&|x| x.clamp(-level, level));
        let low = at(&|x| if x <= -level { -10.0 } else { x.min(level) });
        let high = at(&|x| if x >= level { 10.0 } else { x.max(-level) });
        let error = |frame: &[f64]| truth.iter().zip(frame).map(|(x, y)| (x - y) * (x - y)).sum::<f64>();
        let before = error(&frame);
        Solver::new(SIZE, 100, Kind::Fast).restore(&mut frame, &low, &high);
        let gain = 10.0 * (before / error(&frame)).log10();
        assert!(gain > 30.0, "{gain:.1} dB");
        let between = frame.iter().zip(&low).zip(&high).all(|((x, low), high)| low <= x && x <= high);
        assert!(between);
    }

    #[test]
    fn there_are_more_bins_each_round_and_never_more_than_there_are() {
        for (size, rounds) in [(64, 200), (2048, 50), (4096, 100), (16_384, 200)] {
            let schedule = Solver::new(size, rounds, Kind::Fast).schedule;
            assert_eq!(schedule.len(), rounds);
            assert!(schedule.windows(2).all(|pair| pair[0] < pair[1] || pair[1] == size), "{size}");
            assert!(schedule.iter().all(|count| (1..=size).contains(count)));
        }
    }
}
