//! Second-order filter sections as state-variable filters.
//!
//! A [`Section`] is any stable second-order transfer function; a [`Cascade`] runs some of them, one after the other,
//! over blocks of one or two channels. The topology is the trapezoidal state-variable filter (Zavalishin, *The Art of
//! VA Filter Design*, 2012; Simper's form of it) whose input and two integrators are mixed to give the numerator. Its
//! states keep their meaning and their precision where a direct form does not: low frequencies at high sample rates.
//!
//! Internally everything is a polynomial in s = (z − 1) / (z + 1), in which the unit circle is the imaginary axis,
//! s = j·tan(π f / rate), and no coefficient of a low filter hides in the difference of two numbers near one.

mod cascade;

pub use cascade::Cascade;
pub(crate) use cascade::in_pairs;

use crate::math::{log1p, tan};
use rustfft::num_complex::Complex;
use std::f64::consts::PI;
use thiserror::Error;

/// A transfer function that no stable section has.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[error("the denominator {denominator:?} has a root on or outside the unit circle, or is not finite")]
pub struct Unstable {
    /// The denominator as it was given.
    pub denominator: [f64; 3],
}

/// A second-order transfer function in s = (z − 1) / (z + 1), highest power first, poles inside the unit circle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Section {
    numerator: [f64; 3],
    denominator: [f64; 3],
}

impl Section {
    /// Passes everything as it is.
    pub const UNITY: Self = Self { numerator: [1.0, 2.0, 1.0], denominator: [1.0, 2.0, 1.0] };

    /// (n₀ s² + n₁ s + n₂) / (d₀ s² + d₁ s + d₂) with s = (z − 1) / (z + 1).
    ///
    /// # Errors
    /// When not all coefficients are finite and those of the denominator have not all the same sign (then the section
    /// is not stable).
    pub fn new(numerator: [f64; 3], denominator: [f64; 3]) -> Result<Self, Unstable> {
        let sign = denominator[0];
        let stable = denominator.iter().all(|d| d * sign > 0.0 && d.is_finite());
        if !stable || numerator.iter().any(|n| !n.is_finite()) {
            return Err(Unstable { denominator });
        }
        Ok(Self { numerator, denominator })
    }

    /// The same, of a denominator that is known to be positive.
    pub(crate) const fn of_positive(numerator: [f64; 3], denominator: [f64; 3]) -> Self {
        Self { numerator, denominator }
    }

    /// (n₀ s + n₁) / (d₀ s + d₁): a first-order function, made second-order by a common factor s + 1 (a pole and a zero
    /// at z = 0).
    ///
    /// # Errors
    /// As [`Section::new`].
    pub fn first_order(numerator: [f64; 2], denominator: [f64; 2]) -> Result<Self, Unstable> {
        let widen = |[a, b]: [f64; 2]| [a, a + b, b];
        Self::new(widen(numerator), widen(denominator))
    }

    /// (b₀ + b₁ z⁻¹ + b₂ z⁻²) / (a₀ + a₁ z⁻¹ + a₂ z⁻²).
    ///
    /// # Errors
    /// As [`Section::new`].
    pub fn from_biquad(b: [f64; 3], a: [f64; 3]) -> Result<Self, Unstable> {
        let bilinear = |[c0, c1, c2]: [f64; 3]| [(c0 + c2) - c1, 2.0 * (c0 - c2), (c0 + c2) + c1];
        Self::new(bilinear(b), bilinear(a)).map_err(|_| Unstable { denominator: a })
    }

    /// The coefficients (b, a) in powers of z⁻¹, a₀ = 1.
    #[must_use]
    pub fn to_biquad(&self) -> ([f64; 3], [f64; 3]) {
        let delay = |[c2, c1, c0]: [f64; 3]| [c2 + c0 + c1, 2.0 * (c0 - c2), c2 + c0 - c1];
        let (b, a) = (delay(self.numerator), delay(self.denominator));
        (b.map(|x| x / a[0]), a.map(|x| x / a[0]))
    }

    /// The numerator in s, highest power first.
    #[must_use]
    pub fn numerator(&self) -> [f64; 3] {
        self.numerator
    }

    /// The denominator in s, highest power first.
    #[must_use]
    pub fn denominator(&self) -> [f64; 3] {
        self.denominator
    }

    /// The same section `factor` times louder.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        Self { numerator: self.numerator.map(|n| n * factor), denominator: self.denominator }
    }

    /// How many frames it takes until what rings has fallen by `db`.
    #[must_use]
    pub fn decay_frames(&self, db: f64) -> f64 {
        let [d2, d1, d0] = self.denominator;
        let under = d1 * d1 - 4.0 * d2 * d0;
        // Natural logarithm of the larger pole's distance from the centre of the unit circle.
        let log_radius = if under <= 0.0 {
            0.5 * log1p(-2.0 * d1 / (d2 + d1 + d0))
        } else {
            let large = (d1 + under.sqrt()) / (2.0 * d2);
            let small = d0 / (d2 * large);
            let log = |s: f64| if s < 1.0 { log1p(-2.0 * s / (1.0 + s)) } else { log1p(-2.0 / (1.0 + s)) };
            log(large).max(log(small))
        };
        // A pole at z = 0 is gone after a frame.
        db / DB_PER_NEPER / (-log_radius).clamp(1e-12, 40.0) + 1.0
    }

    /// The section that undoes this one.
    ///
    /// # Errors
    /// When this one has a zero on or outside the unit circle.
    pub fn inverse(&self) -> Result<Self, Unstable> {
        Self::new(self.denominator, self.numerator)
    }

    /// The complex gain at `hz`, at a sample rate of `rate_hz`.
    #[must_use]
    pub fn response(&self, hz: f64, rate_hz: f64) -> Complex<f64> {
        let w = tan(PI * hz / rate_hz);
        // The circle is the same for 1/s: above a quarter of the rate both polynomials are divided by s².
        let at = |[c2, c1, c0]: [f64; 3]| {
            if w.abs() <= 1.0 {
                Complex::new(c0 - c2 * w * w, c1 * w)
            } else {
                let v = 1.0 / w;
                Complex::new(c2 - c0 * v * v, -c1 * v)
            }
        };
        at(self.numerator) / at(self.denominator)
    }
}

/// Decibels of a factor e.
const DB_PER_NEPER: f64 = 20.0 * std::f64::consts::LOG10_E;

/// A bound for the number of frames until what rings in `sections`, one after the other, has fallen by `db`.
#[must_use]
pub fn decay_frames(sections: &[Section], db: f64) -> u64 {
    sections.iter().map(|section| section.decay_frames(db)).sum::<f64>() as u64
}

/// The complex gain of several sections, one after the other, at `hz`, at a sample rate of `rate_hz`.
#[must_use]
pub fn response(sections: &[Section], hz: f64, rate_hz: f64) -> Complex<f64> {
    sections.iter().map(|section| section.response(hz, rate_hz)).product()
}

/// The numbers that run a section: one step of the trapezoidal rule, written as increments of the two integrators.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Step {
    /// How much of the input, and less of the second integrator, the first one takes; and of the first the second.
    pub(crate) feed: f64,
    /// How much the first integrator loses.
    pub(crate) loss: f64,
    /// How much of the input, and less of itself, the second integrator takes.
    pub(crate) pull: f64,
    /// The output: of the input, the first and the second integrator.
    pub(crate) mix: [f64; 3],
}

impl Step {
    /// The step of the filter with poles d₀ s² + d₁ s + d₂ and the numerator of `section`.
    pub(crate) fn of(section: &Section) -> Self {
        let [d2, d1, d0] = section.denominator;
        let [n2, n1, n0] = section.numerator;
        // s² + (g k) s + g², the filter's corner g and damping k.
        let g = (d0 / d2).sqrt();
        let k = (d1 / d2) / g;
        let direct = 1.0 / (1.0 + g * (g + k));
        let first = g * direct;
        let second = g * first;
        // The numerator is high·(s² + g k s + g²) + band·g s + low·g².
        let high = n2 / d2;
        let band = (n1 / d2) / g - high * k;
        let low = n0 / d0 - high;
        Self {
            feed: 2.0 * first,
            loss: 2.0 * first * (g + k),
            pull: 2.0 * second,
            mix: [
                high + band * first + low * second,
                band * direct + low * first,
                low * (1.0 - second) - band * first,
            ],
        }
    }

    /// The step the part `t` of the way from this one to `to`. Every step takes the pair of integrators to no larger a
    /// sum of squares (it is the trapezoidal rule on a circuit that gives off energy), and so does every such mean: a
    /// filter on its way from one stable one to another, at any speed, is stable.
    #[inline(always)]
    pub(crate) fn toward(&self, to: &Self, t: f64) -> Self {
        let mean = |a: f64, b: f64| a + t * (b - a);
        Self {
            feed: mean(self.feed, to.feed),
            loss: mean(self.loss, to.loss),
            pull: mean(self.pull, to.pull),
            mix: [mean(self.mix[0], to.mix[0]), mean(self.mix[1], to.mix[1]), mean(self.mix[2], to.mix[2])],
        }
    }
}

/// One frame of `L` channels side by side. The sums are ordered so that only three operations lie between one frame's
/// states and the next frame's.
#[inline(always)]
pub(crate) fn tick<const L: usize>(step: &Step, state: &mut [[f64; L]; 2], x: [f64; L]) -> [f64; L] {
    let [first, second] = *state;
    let mut y = [0.0; L];
    for lane in 0..L {
        let (x, a, b) = (x[lane], first[lane], second[lane]);
        y[lane] = step.mix[0] * x + (step.mix[1] * a + step.mix[2] * b);
        state[0][lane] = (a + step.feed * x) - (step.loss * a + step.feed * b);
        state[1][lane] = (b + step.pull * x) + (step.feed * a - step.pull * b);
    }
    y
}

/// States below this are set to zero, so that no filter ever works on denormal numbers.
pub(crate) const SILENT_STATE: f64 = 1e-60;

/// So often, counted from the first frame, small states are looked for.
pub(crate) const TICK_FRAMES: usize = 32;

/// Sets small states to zero.
#[inline]
pub(crate) fn flush<const L: usize>(state: &mut [[f64; L]; 2]) {
    for value in state.as_flattened_mut() {
        if value.abs() < SILENT_STATE {
            *value = 0.0;
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
