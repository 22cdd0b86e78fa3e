//! One doubling of the rate, and one halving.

use crate::math::sin;
use crate::window::{kaiser, kaiser_beta};
use std::f64::consts::PI;

/// What the filters keep away, in dB.
const ATTENUATION_DB: f64 = 140.0;
/// Frames that are worked on side by side.
const LANES: usize = 8;

/// A half-band low-pass: every second tap but the middle one is zero, the rest is symmetric. Held are the taps that
/// are neither, from the outermost to the middle, for a gain of 1 over both phases.
#[derive(Clone, Debug)]
pub(super) struct HalfBand {
    taps: Vec<f64>,
}

impl HalfBand {
    /// Of `length` taps, which is four times a number, less one.
    pub(super) fn new(length: usize) -> Self {
        let half = length.div_ceil(2);
        let beta = kaiser_beta(ATTENUATION_DB);
        let tap = |index: usize| {
            let at = half as f64 - 1.0 - 2.0 * index as f64;
            0.5 * sin(0.5 * PI * at) / (0.5 * PI * at) * kaiser(at / half as f64, beta)
        };
        let mut taps: Vec<f64> = (0..half / 2).map(tap).collect();
        // Both phases pass a constant alike.
        let sum: f64 = taps.iter().sum();
        taps.iter_mut().for_each(|tap| *tap *= 0.25 / sum);
        Self { taps }
    }

    /// How many samples of the lower rate before the newest one it looks at.
    pub(super) fn reach(&self) -> usize {
        2 * self.taps.len() - 1
    }

    #[cfg(test)]
    pub(super) fn taps(&self) -> &[f64] {
        &self.taps
    }

    /// By how many samples of the higher rate it is late.
    pub(super) fn delay(&self) -> usize {
        self.reach()
    }

    /// How many samples of the lower rate the middle tap is behind the newest one.
    fn middle(&self) -> usize {
        self.taps.len()
    }

    /// Both phases at the higher rate, in turn. `samples` begins with [`reach`](Self::reach) old ones.
    pub(super) fn up(&self, samples: &[f64], output: &mut [f64]) {
        let frames = output.len() / 2;
        let middle = &samples[self.middle()..][..frames];
        self.folded(samples, frames, |begin, sums| {
            let out = &mut output[2 * begin..2 * (begin + sums.len())];
            for ((out, sum), middle) in out.chunks_exact_mut(2).zip(sums).zip(&middle[begin..]) {
                (out[0], out[1]) = (2.0 * sum, *middle);
            }
        });
    }

    /// Samples at the lower rate, of the even and the odd ones at the higher. `even` begins with
    /// [`reach`](Self::reach) old ones, `odd` with half as many, rounded up.
    pub(super) fn down(&self, even: &[f64], odd: &[f64], output: &mut [f64]) {
        let frames = output.len();
        self.folded(even, frames, |begin, sums| {
            for ((out, sum), middle) in output[begin..].iter_mut().zip(sums).zip(&odd[begin..]) {
                *out = sum + 0.5 * middle;
            }
        });
    }

    /// Hands over, in order, what the taps beside the middle give for each of `frames` samples.
    #[inline]
    fn folded(&self, samples: &[f64], frames: usize, take: impl FnMut(usize, &[f64])) {
        // A fixed number of taps can be unrolled.
        match self.taps[..] {
            [a, b, c, d, e, f] => folded(&[a, b, c, d, e, f], samples, frames, take),
            [a, b, c, d, e, f, g] => folded(&[a, b, c, d, e, f, g], samples, frames, take),
            [a, b, c, d, e, f, g, h, i] => folded(&[a, b, c, d, e, f, g, h, i], samples, frames, take),
            _ => folded(&self.taps, samples, frames, take),
        }
    }
}

/// Sums over `taps` and their mirror image. Each sum has the same order, however many are worked out at once.
#[inline(always)]
fn folded<T: AsRef<[f64]>>(taps: &T, samples: &[f64], frames: usize, mut take: impl FnMut(usize, &[f64])) {
    let taps = taps.as_ref();
    let reach = 2 * taps.len() - 1;
    let samples = &samples[..reach + frames];
    let mut begin = 0;
    while begin + LANES <= frames {
        let window = &samples[begin..begin + reach + LANES];
        let mut sums = [0.0; LANES];
        for (index, tap) in taps.iter().enumerate() {
            let (old, new) = (&window[index..index + LANES], &window[reach - index..reach - index + LANES]);
            for lane in 0..LANES {
                sums[lane] += tap * (old[lane] + new[lane]);
            }
        }
        take(begin, &sums);
        begin += LANES;
    }
    for begin in begin..frames {
        let window = &samples[begin..=begin + reach];
        let mut sum = 0.0;
        for (index, tap) in taps.iter().enumerate() {
            sum += tap * (window[index] + window[reach - index]);
        }
        take(begin, &[sum]);
    }
}

/// What one channel's filters of a stage remember.
#[derive(Clone, Debug)]
pub(super) struct Memory {
    low: Vec<f64>,
    even: Vec<f64>,
    odd: Vec<f64>,
}

impl Memory {
    /// For blocks of up to `most` samples of the lower rate.
    pub(super) fn new(filter: &HalfBand, most: usize) -> Self {
        let (reach, middle) = (filter.reach(), filter.middle());
        Self { low: vec![0.0; reach + most], even: vec![0.0; reach + most], odd: vec![0.0; middle + most] }
    }

    pub(super) fn reset(&mut self) {
        for memory in [&mut self.low, &mut self.even, &mut self.odd] {
            memory.fill(0.0);
        }
    }

    /// Doubles the rate of `input`.
    pub(super) fn up(&mut self, filter: &HalfBand, input: &[f64], output: &mut [f64]) {
        let reach = filter.reach();
        self.low[reach..][..input.len()].copy_from_slice(input);
        filter.up(&self.low, output);
        self.low.copy_within(input.len()..input.len() + reach, 0);
    }

    /// Halves the rate of `input`, an even number of samples.
    pub(super) fn down(&mut self, filter: &HalfBand, input: &[f64], output: &mut [f64]) {
        let (reach, middle, frames) = (filter.reach(), filter.middle(), input.len() / 2);
        let (even, odd) = (&mut self.even[reach..], &mut self.odd[middle..]);
        for (pair, (even, odd)) in input.chunks_exact(2).zip(even.iter_mut().zip(odd)) {
            (*even, *odd) = (pair[0], pair[1]);
        }
        filter.down(&self.even, &self.odd, &mut output[..frames]);
        self.even.copy_within(frames..frames + reach, 0);
        self.odd.copy_within(frames..frames + middle, 0);
    }
}
