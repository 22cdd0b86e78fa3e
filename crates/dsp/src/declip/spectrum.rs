//! The spectrum of a frame with as many zeros behind it: a tight frame of redundancy 2.
//!
//! A real frame of `size` samples is packed into the real and imaginary parts of half as many complex points (Sorensen et al.,
//! *Real-valued fast Fourier transform algorithms*, 1987), so that the transform of twice its length costs one complex
//! transform of `size` points.

use crate::fft::{Kind, Transform};
use crate::math::{cos, sin};
use rustfft::num_complex::Complex;
use std::f64::consts::PI;

/// The transform of frames of one size, scaled so that it keeps the energy.
#[derive(Clone, Debug)]
pub(super) struct Redundant {
    size: usize,
    transform: Transform,
    packed: Vec<Complex<f64>>,
    /// e^(−πi k / size) for the lower half of the bins.
    turns: Vec<Complex<f64>>,
}

impl Redundant {
    /// For frames of `size` samples, a multiple of 4.
    pub(super) fn new(size: usize, kind: Kind) -> Self {
        let turn = |k: usize| PI * k as f64 / size as f64;
        Self {
            size,
            transform: Transform::new(size, kind),
            packed: vec![Complex::default(); size],
            turns: (0..=size / 2).map(|k| Complex::new(cos(turn(k)), -sin(turn(k)))).collect(),
        }
    }

    /// How many bins there are, from 0 to half the sample rate.
    pub(super) fn bins(&self) -> usize {
        self.size + 1
    }

    /// The spectrum of `frame`.
    pub(super) fn analyse(&mut self, frame: &[f64], bins: &mut [Complex<f64>]) {
        let (size, half) = (self.size, self.size / 2);
        for (point, pair) in self.packed.iter_mut().zip(frame.as_chunks::<2>().0) {
            *point = Complex::new(pair[0], pair[1]);
        }
        self.packed[half..].fill(Complex::default());
        self.transform.forward(&mut self.packed);
        let scale = 1.0 / (2.0 * size as f64).sqrt();
        let first = self.packed[0];
        bins[0] = Complex::new(scale * (first.re + first.im), 0.0);
        bins[size] = Complex::new(scale * (first.re - first.im), 0.0);
        let (low, high) = bins.split_at_mut(half + 1);
        let upper = high[..half - 1].iter_mut().rev();
        for (k, (low, high)) in (1..half).zip(low[1..half].iter_mut().zip(upper)) {
            let (a, b) = (self.packed[k], self.packed[size - k].conj());
            let (even, odd) = (a + b, a - b);
            // −i · turn · odd
            let turn = self.turns[k];
            let odd = Complex::new(turn.re * odd.im + turn.im * odd.re, turn.im * odd.im - turn.re * odd.re);
            *low = (even + odd) * (0.5 * scale);
            *high = (even - odd).conj() * (0.5 * scale);
        }
        // In the middle: turn = −i.
        bins[half] = self.packed[half].conj() * scale;
    }

    /// The frame whose spectrum is nearest to `bins`: undoes [`analyse`](Self::analyse).
    pub(super) fn synthesise(&mut self, bins: &[Complex<f64>], frame: &mut [f64]) {
        let (size, half) = (self.size, self.size / 2);
        // The transform divides by its points; of the two halves of the longer transform one is kept.
        let scale = (2.0 * size as f64).sqrt();
        self.packed[0] = Complex::new(bins[0].re + bins[size].re, bins[0].re - bins[size].re) * (0.5 * scale);
        for k in 1..half {
            let (a, b) = (bins[k], bins[size - k].conj());
            let (even, odd) = (a + b, a - b);
            let turn = self.turns[k].conj();
            // i · turn · odd
            let odd =
                Complex::new(-(turn.re * odd.im + turn.im * odd.re), turn.re * odd.re - turn.im * odd.im);
            self.packed[k] = (even + odd) * (0.5 * scale);
            self.packed[size - k] = (even - odd).conj() * (0.5 * scale);
        }
        self.packed[half] = bins[half].conj() * scale;
        self.transform.inverse(&mut self.packed);
        for (pair, point) in frame.as_chunks_mut::<2>().0.iter_mut().zip(&self.packed) {
            *pair = [point.re, point.im];
        }
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;
    use deadwax_measure::signals::uniform;

    const SIZE: usize = 64;

    /// By the sum that defines it.
    fn direct(frame: &[f64]) -> Vec<Complex<f64>> {
        let term = |k: usize, n: usize| Complex::from_polar(frame[n], -PI * (k * n) as f64 / SIZE as f64);
        let scale = 1.0 / (2.0 * SIZE as f64).sqrt();
        (0..=SIZE).map(|k| (0..SIZE).map(|n| term(k, n)).sum::<Complex<f64>>() * scale).collect()
    }

    /// The inner product of two spectra: all bins but the first and the last stand for their mirror images, too.
    fn product(a: &[Complex<f64>], b: &[Complex<f64>]) -> f64 {
        let weight = |k: usize| if k == 0 || k == SIZE { 1.0 } else { 2.0 };
        a.iter().zip(b).enumerate().map(|(k, (a, b))| weight(k) * (a.re * b.re + a.im * b.im)).sum()
    }

    #[test]
    fn it_is_the_transform_of_the_frame_with_zeros_behind_it_and_keeps_the_energy() {
        let frame = uniform(SIZE, 1);
        let mut transform = Redundant::new(SIZE, Kind::Fast);
        let mut bins = vec![Complex::default(); transform.bins()];
        transform.analyse(&frame, &mut bins);
        for (k, (bin, expected)) in bins.iter().zip(direct(&frame)).enumerate() {
            assert!((bin - expected).norm() < 1e-12, "{k}: {bin} {expected}");
        }
        let energy: f64 = frame.iter().map(|x| x * x).sum();
        assert!((product(&bins, &bins) / energy - 1.0).abs() < 1e-12);
    }

    #[test]
    fn the_way_back_is_the_adjoint_and_undoes_it() {
        let frame = uniform(SIZE, 2);
        let mut transform = Redundant::new(SIZE, Kind::Portable);
        let mut bins = vec![Complex::default(); transform.bins()];
        transform.analyse(&frame, &mut bins);
        let mut back = vec![0.0; SIZE];
        transform.synthesise(&bins, &mut back);
        assert!(frame.iter().zip(&back).all(|(x, y)| (x - y).abs() < 1e-12));
        // A spectrum that belongs to no frame: ⟨A x, c⟩ = ⟨x, Aᵀ c⟩.
        let parts = uniform(2 * bins.len(), 3);
        let mut other: Vec<_> =
            parts.as_chunks::<2>().0.iter().map(|[re, im]| Complex::new(*re, *im)).collect();
        (other[0].im, other[SIZE].im) = (0.0, 0.0);
        transform.synthesise(&other, &mut back);
        let sum: f64 = frame.iter().zip(&back).map(|(x, y)| x * y).sum();
        assert!((product(&bins, &other) - sum).abs() < 1e-12);
    }
}
