//! The gain that is best for the logarithm of the amplitude (Ephraim and Malah, 1985): ξ/(1+ξ) · exp(E₁(v)/2).

use crate::math::{exp, ln};

/// Euler's constant.
const EULER: f64 = 0.577_215_664_901_532_9;

/// The exponential integral E₁(x) = ∫ₓ^∞ e⁻ᵗ/t dt of a positive `x`: the power series up to 1, the continued fraction beyond
/// (Abramowitz and Stegun, 5.1.11 and 5.1.22).
#[must_use]
pub fn exponential_integral(x: f64) -> f64 {
    if x <= 1.0 {
        let (mut term, mut sum, mut k) = (1.0, 0.0, 1.0);
        loop {
            term *= -x / k;
            let step = term / k;
            sum -= step;
            if step.abs() < 1e-18 {
                return sum - EULER - ln(x);
            }
            k += 1.0;
        }
    }
    // From the inside out; so many levels are more than enough at 1, and at all above.
    let fraction = (1..=120).rev().fold(0.0, |inner, k| {
        let k = f64::from(k);
        k * k / (x + 2.0 * k + 1.0 - inner)
    });
    exp(-x) / (x + 1.0 - fraction)
}

/// log₂ of exp(E₁(v)/2), read from a table over log₂ v: within 10⁻⁵, which is 6·10⁻⁵ dB.
#[derive(Clone, Debug)]
pub(super) struct HalfIntegral {
    table: Vec<f64>,
}

/// The table's first and last log₂ v. Below, the integral is that of the first point (no gain is that small); above, it is
/// as good as nothing.
const FIRST: f64 = -50.0;
const LAST: f64 = 5.0;
/// Points in an octave.
const POINTS: f64 = 64.0;

impl HalfIntegral {
    pub(super) fn new() -> Self {
        let count = ((LAST - FIRST) * POINTS) as usize;
        let at = |index: usize| {
            let v = crate::math::exp2(FIRST + index as f64 / POINTS);
            0.5 * std::f64::consts::LOG2_E * exponential_integral(v)
        };
        // One more, so that what is read between the last two is there.
        Self { table: (0..count + 2).map(at).collect() }
    }

    #[inline]
    pub(super) fn at(&self, log2_v: f64) -> f64 {
        let place = (log2_v.clamp(FIRST, LAST) - FIRST) * POINTS;
        let index = place as usize;
        let (low, high) = (self.table[index], self.table[index + 1]);
        low + (high - low) * (place - index as f64)
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;

    #[test]
    fn the_exponential_integral_is_that_of_the_tables() {
        // Abramowitz and Stegun, tables 5.1 and 5.2.
        for (x, expected) in [
            (0.01, 4.037_929_576_5),
            (0.1, 1.822_923_958_4),
            (0.5, 0.559_773_594_8),
            (1.0, 0.219_383_934_4),
            (2.0, 0.048_900_510_7),
            (5.0, 1.148_295_591e-3),
            (10.0, 4.156_968_930e-6),
        ] {
            let error = exponential_integral(x) / expected - 1.0;
            assert!(error.abs() < 1e-8, "E1({x}): {error:e}");
        }
        let (below, above) = (exponential_integral(1.0), exponential_integral(1.0 + 1e-12));
        assert!((below - above).abs() < 1e-11, "the two halves meet");
    }

    #[test]
    fn the_table_is_within_its_error() {
        let table = HalfIntegral::new();
        let mut v = 1e-15;
        while v < 40.0 {
            let exact = 0.5 * exponential_integral(v) * std::f64::consts::LOG2_E;
            let error = table.at(v.log2()) - exact;
            assert!(error.abs() < 1e-5, "at {v:e}: {error:e}");
            v *= 1.013;
        }
        assert!(table.at(300.0) < 1e-5 && table.at(-300.0) > 20.0);
    }
}
