//! Delays: by whole frames, which changes no bit, and by fractions of a frame.
//!
//! A fraction is a sinc of 72 taps under a Kaiser window (Laakso, Välimäki, Karjalainen and Laine, *Splitting the unit
//! delay*, 1996): up to 0.45 of the rate it is within 10⁻⁴ dB of flat and within 10⁻⁴ of a frame on time.

use crate::math::sin;
use crate::window::kaiser;
use std::f64::consts::PI;
use std::sync::OnceLock;

/// Gives back what it was given so many frames ago; silence before that.
#[derive(Clone, Debug)]
pub struct Line {
    memory: Vec<f64>,
    at: usize,
}

impl Line {
    /// A silent line of `frames`.
    #[must_use]
    pub fn new(frames: usize) -> Self {
        Self { memory: vec![0.0; frames], at: 0 }
    }

    /// By how many frames it delays.
    #[must_use]
    pub fn frames(&self) -> usize {
        self.memory.len()
    }

    /// Back to silence.
    pub fn reset(&mut self) {
        self.memory.fill(0.0);
        self.at = 0;
    }

    /// Replaces the next frames by the delayed ones.
    pub fn process(&mut self, mut block: &mut [f64]) {
        while !self.memory.is_empty() && !block.is_empty() {
            let count = block.len().min(self.memory.len() - self.at);
            let (now, later) = block.split_at_mut(count);
            self.memory[self.at..self.at + count].swap_with_slice(now);
            self.at = if self.at + count == self.memory.len() { 0 } else { self.at + count };
            block = later;
        }
    }
}

/// Taps of a fractional delay.
pub const TAPS: usize = 72;
/// Half of them: by so many frames, less one, plus the fraction, it is late.
pub const HALF: usize = TAPS / 2;
/// Shape of the window: ripple and edge are both within the figures.
const BETA: f64 = 11.2;
/// Frames that are worked on side by side.
const LANES: usize = 8;

/// The weights for a delay of [`HALF`] − 1 + `fraction` frames, oldest sample first; a fraction from 0 to 1. Exact, a
/// single one, at both ends.
#[must_use]
pub fn fractional(fraction: f64) -> [f64; TAPS] {
    if fraction == 0.0 || fraction == 1.0 {
        let one = if fraction == 0.0 { HALF } else { HALF - 1 };
        return std::array::from_fn(|index| f64::from(u8::from(index == one)));
    }
    let turned = sin(PI * fraction) / PI;
    let mut taps = std::array::from_fn(|index| {
        // How far the sample lies behind the point asked for, in frames.
        let at = HALF as f64 - fraction - index as f64;
        let sign = if index % 2 == HALF % 2 { -1.0 } else { 1.0 };
        sign * turned / at * kaiser(at / HALF as f64, BETA)
    });
    // A constant stays as it is.
    let sum: f64 = taps.iter().sum();
    taps.iter_mut().for_each(|tap| *tap /= sum);
    taps
}

/// Delays by a fraction of a frame, and [`HALF`] − 1 whole ones.
#[derive(Clone, Debug)]
pub struct Fraction {
    taps: [f64; TAPS],
    samples: Vec<f64>,
}

/// The most frames of [`Fraction`] that are worked on at once.
const CHUNK: usize = 256;

impl Fraction {
    /// For a fraction from 0 to 1.
    #[must_use]
    pub fn new(fraction: f64) -> Self {
        Self { taps: fractional(fraction), samples: vec![0.0; TAPS - 1 + CHUNK] }
    }

    /// Back to silence.
    pub fn reset(&mut self) {
        self.samples.fill(0.0);
    }

    /// Replaces the next frames by the delayed ones.
    pub fn process(&mut self, block: &mut [f64]) {
        for part in block.chunks_mut(CHUNK) {
            self.samples[TAPS - 1..][..part.len()].copy_from_slice(part);
            weigh(&self.taps, &self.samples, part);
            self.samples.copy_within(part.len()..part.len() + TAPS - 1, 0);
        }
    }
}

/// Fractions for which [`Varying`] holds weights; between them it takes the straight line, which is within 10⁻⁶.
const FRACTIONS: usize = 1024;

fn fractions() -> &'static [[f64; TAPS]] {
    static TABLE: OnceLock<Vec<[f64; TAPS]>> = OnceLock::new();
    TABLE.get_or_init(|| (0..=FRACTIONS).map(|n| fractional(n as f64 / FRACTIONS as f64)).collect())
}

/// A delay that changes from frame to frame.
#[derive(Clone, Debug)]
pub struct Varying {
    most: usize,
    samples: Vec<f64>,
}

impl Varying {
    /// For delays of [`HALF`] − 1 to `most` frames.
    #[must_use]
    pub fn new(most: usize) -> Self {
        let _ = fractions();
        let most = most.max(HALF);
        Self { most, samples: vec![0.0; most + HALF + CHUNK] }
    }

    /// Back to silence.
    pub fn reset(&mut self) {
        self.samples.fill(0.0);
    }

    /// Replaces the next frames by the delayed ones, each by its own number of frames; what is out of range counts as
    /// its end.
    pub fn process(&mut self, block: &mut [f64], delays: &[f64]) {
        let (table, old) = (fractions(), self.most + HALF);
        for (part, delays) in block.chunks_mut(CHUNK).zip(delays.chunks(CHUNK)) {
            self.samples[old..old + part.len()].copy_from_slice(part);
            for (frame, (out, delay)) in part.iter_mut().zip(delays).enumerate() {
                let delay = delay.clamp((HALF - 1) as f64, self.most as f64);
                let whole = (delay as usize).min(self.most - 1);
                let at = (delay - whole as f64) * FRACTIONS as f64;
                let index = (at as usize).min(FRACTIONS - 1);
                let begin = old + frame - whole - HALF;
                let window = &self.samples[begin..begin + TAPS];
                let [low, high] = dot([&table[index], &table[index + 1]], window);
                *out = low + (at - index as f64) * (high - low);
            }
            self.samples.copy_within(part.len()..part.len() + old, 0);
        }
    }
}

/// Two weighed sums over the same samples.
fn dot(taps: [&[f64; TAPS]; 2], samples: &[f64]) -> [f64; 2] {
    let mut sums = [[0.0; LANES]; 2];
    for (index, x) in samples.as_chunks::<LANES>().0.iter().enumerate() {
        for (sums, taps) in sums.iter_mut().zip(taps) {
            for (lane, sum) in sums.iter_mut().enumerate() {
                *sum += taps[index * LANES + lane] * x[lane];
            }
        }
    }
    sums.map(|s| ((s[0] + s[4]) + (s[1] + s[5])) + ((s[2] + s[6]) + (s[3] + s[7])))
}

/// Each output the sum of as many samples as there are taps, weighed, from its own place on. All sums have the same order.
pub(crate) fn weigh(taps: &[f64], samples: &[f64], output: &mut [f64]) {
    let mut begin = 0;
    let mut lanes = output.chunks_exact_mut(LANES);
    for out in lanes.by_ref() {
        let window = &samples[begin..begin + taps.len() + LANES - 1];
        let mut sums = [0.0; LANES];
        for (index, tap) in taps.iter().enumerate() {
            for (sum, x) in sums.iter_mut().zip(&window[index..index + LANES]) {
                *sum += tap * x;
            }
        }
        out.copy_from_slice(&sums);
        begin += LANES;
    }
    for (index, out) in lanes.into_remainder().iter_mut().enumerate() {
        let window = &samples[begin + index..];
        *out = taps.iter().zip(window).fold(0.0, |sum, (tap, x)| sum + tap * x);
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;
    use rustfft::num_complex::Complex;
    use std::f64::consts::TAU;

    #[test]
    fn a_line_delays_by_its_frames_however_it_is_fed() {
        for frames in [0, 1, 5, 64] {
            let mut whole: Vec<f64> = (1..200).map(f64::from).collect();
            let expected: Vec<f64> = [vec![0.0; frames], whole.clone()].concat();
            let mut cut = whole.clone();
            let mut line = Line::new(frames);
            line.process(&mut whole);
            assert_eq!(whole, expected[..199]);
            line.reset();
            cut.chunks_mut(7).for_each(|part| line.process(part));
            assert_eq!(whole, cut);
        }
    }

    #[test]
    fn a_fraction_is_flat_within_1e_4_db_and_on_time_within_1e_4_frames_to_0_45_of_the_rate() {
        let (mut level, mut time) = (0.0_f64, 0.0_f64);
        for step in 0..=64 {
            let fraction = f64::from(step) / 64.0;
            let taps = fractional(fraction);
            for step in 1..=450 {
                let turns = f64::from(step) / 1000.0;
                let late = |index: usize| (TAPS - 1 - index) as f64 - (HALF as f64 - 1.0 + fraction);
                let sum: Complex<f64> =
                    (0..TAPS).map(|n| Complex::from_polar(taps[n], -TAU * turns * late(n))).sum();
                level = level.max((20.0 * sum.norm().log10()).abs());
                time = time.max((sum.arg() / TAU / turns).abs());
            }
        }
        assert!(level <= 1e-4, "{level:e} dB");
        assert!(time <= 1e-4, "{time:e} frames");
    }

    #[test]
    fn a_varying_delay_is_at_every_frame_what_it_says() {
        let delay = |n: usize| 60.0 + 20.0 * (n as f64 / 300.0).sin();
        let tone = |t: f64| (TAU * 0.2 * t).sin();
        let mut whole: Vec<f64> = (0..3_000).map(|n| tone(n as f64)).collect();
        let mut cut = whole.clone();
        let delays: Vec<f64> = (0..3_000).map(delay).collect();
        let mut varying = Varying::new(90);
        varying.process(&mut whole, &delays);
        for n in 200..3_000 {
            let error = (whole[n] - tone(n as f64 - delays[n])).abs();
            assert!(error < 1e-5, "{n}: {error:e}");
        }
        varying.reset();
        cut.chunks_mut(31).zip(delays.chunks(31)).for_each(|(part, delays)| varying.process(part, delays));
        assert!(whole == cut);
        // A whole number of frames changes no bit, out of range it counts as the end.
        let ramp: Vec<f64> = (0..500).map(f64::from).collect();
        for (asked, given) in [(40.0, 40), (90.0, 90), (5.0, HALF - 1), (1e9, 90)] {
            let mut out = ramp.clone();
            Varying::new(90).process(&mut out, &[asked; 500]);
            assert!(out[given..] == ramp[..500 - given], "{asked}");
        }
    }

    #[test]
    fn a_running_fraction_is_the_plain_sum_for_any_blocks() {
        let input: Vec<f64> = (0..700).map(|n| f64::from(n * n % 89) / 44.0 - 1.0).collect();
        let taps = fractional(0.37);
        let mut whole = input.clone();
        Fraction::new(0.37).process(&mut whole);
        let at = |n: usize, k: usize| if k <= n { input[n - k] } else { 0.0 };
        for (n, y) in whole.iter().enumerate() {
            let sum: f64 = taps.iter().rev().enumerate().map(|(k, tap)| tap * at(n, k)).sum();
            assert!((y - sum).abs() < 1e-14);
        }
        let (mut cut, mut running) = (input, Fraction::new(0.37));
        cut.chunks_mut(13).for_each(|part| running.process(part));
        assert!(whole == cut);
    }
}
