//! The Fourier transform, fast or the same everywhere.
//!
//! `rustfft` picks code for the CPU it runs on, whose last bits differ from those of its plain code. Where those bits
//! reach a sample that is rounded afterwards, or a design that must not depend on the machine, [`Kind::Portable`] takes
//! the plain code, at about half the speed.

use rustfft::num_complex::Complex;
use rustfft::{Fft, FftPlanner, FftPlannerScalar};
use std::fmt;
use std::sync::Arc;

/// Which code runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The fastest for this CPU.
    Fast,
    /// The same bits on every CPU.
    Portable,
}

/// A complex transform of one size, in place.
#[derive(Clone)]
pub struct Transform {
    forward: Arc<dyn Fft<f64>>,
    inverse: Arc<dyn Fft<f64>>,
    scratch: Vec<Complex<f64>>,
}

impl Transform {
    /// A transform of `size` points (any number but 0; products of small primes are fast).
    #[must_use]
    pub fn new(size: usize, kind: Kind) -> Self {
        let (forward, inverse) = match kind {
            Kind::Fast => {
                let mut planner = FftPlanner::new();
                (planner.plan_fft_forward(size), planner.plan_fft_inverse(size))
            }
            Kind::Portable => {
                let mut planner = FftPlannerScalar::new();
                (planner.plan_fft_forward(size), planner.plan_fft_inverse(size))
            }
        };
        let scratch = forward.get_inplace_scratch_len().max(inverse.get_inplace_scratch_len());
        Self { forward, inverse, scratch: vec![Complex::default(); scratch] }
    }

    /// The number of points.
    #[must_use]
    pub fn size(&self) -> usize {
        self.forward.len()
    }

    /// X(k) = Σ x(n) e^(−2πi k n / size).
    ///
    /// # Panics
    /// When there are not just [`size`](Self::size) points.
    pub fn forward(&mut self, points: &mut [Complex<f64>]) {
        assert_eq!(points.len(), self.size());
        self.forward.process_with_scratch(points, &mut self.scratch);
    }

    /// x(n) = Σ X(k) e^(2πi k n / size) / size: undoes [`forward`](Self::forward).
    ///
    /// # Panics
    /// When there are not just [`size`](Self::size) points.
    pub fn inverse(&mut self, points: &mut [Complex<f64>]) {
        assert_eq!(points.len(), self.size());
        self.inverse.process_with_scratch(points, &mut self.scratch);
        let factor = 1.0 / self.size() as f64;
        for point in points {
            *point *= factor;
        }
    }
}

impl fmt::Debug for Transform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transform").field("size", &self.size()).finish_non_exhaustive()
    }
}

/// The autocorrelation, at lags 0 … `lags` − 1, of what has the power spectrum `power`: samples of it at frequencies
/// k / (2 · (count − 1)) of the sample rate, from 0 up to half the rate. The same on every machine.
#[must_use]
pub fn autocorrelation(power: &[f64], lags: usize) -> Vec<f64> {
    let half = power.len().saturating_sub(1);
    if half == 0 {
        return vec![power.first().copied().unwrap_or(0.0); lags];
    }
    let mirrored = power.iter().chain(power[1..half].iter().rev());
    let mut points: Vec<_> = mirrored.map(|p| Complex::new(*p, 0.0)).collect();
    Transform::new(points.len(), Kind::Portable).inverse(&mut points);
    (0..lags).map(|lag| points[lag % points.len()].re).collect()
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_give_the_sum_that_defines_the_transform_and_its_inverse() {
        let size = 60;
        let input: Vec<_> = (0..size).map(|n| Complex::new((n * n % 17) as f64, (n % 5) as f64)).collect();
        let term = |k: usize, n: usize| {
            input[n] * Complex::from_polar(1.0, -std::f64::consts::TAU * (k * n) as f64 / size as f64)
        };
        for kind in [Kind::Fast, Kind::Portable] {
            let mut transform = Transform::new(size, kind);
            let mut points = input.clone();
            transform.forward(&mut points);
            for (k, point) in points.iter().enumerate() {
                let sum: Complex<f64> = (0..size).map(|n| term(k, n)).sum();
                assert!((point - sum).norm() < 1e-10, "{kind:?}: {point} {sum}");
            }
            transform.inverse(&mut points);
            for (point, x) in points.iter().zip(&input) {
                assert!((point - x).norm() < 1e-12);
            }
        }
    }

    #[test]
    fn the_autocorrelation_of_a_first_order_spectrum_decays_by_its_pole() {
        let spectrum: Vec<f64> =
            (0..=512).map(|k| 1.0 / (1.25 - (std::f64::consts::PI * f64::from(k) / 512.0).cos())).collect();
        let lags = autocorrelation(&spectrum, 5);
        for pair in lags.windows(2) {
            assert!((pair[1] / pair[0] - 0.5).abs() < 1e-12);
        }
    }
}
