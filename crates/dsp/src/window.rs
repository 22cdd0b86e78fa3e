//! The Kaiser window, under which sincs become filters of a known quality.
//!
//! Kaiser, *Nonrecursive digital filter design using the I₀-sinh window function*, 1974; the shape for a wanted
//! attenuation is his empirical formula.

use crate::math::bessel_i0;

/// The window at `at`, from −1 (its beginning) over 0 (its middle, where it is 1) to 1. Zero beyond.
#[must_use]
pub fn kaiser(at: f64, beta: f64) -> f64 {
    let inside = 1.0 - at * at;
    if inside < 0.0 { 0.0 } else { bessel_i0(beta * inside.sqrt()) / bessel_i0(beta) }
}

/// The shape β that keeps a filter's ripple `attenuation_db` below its pass band. For 50 dB and more.
#[must_use]
pub fn kaiser_beta(attenuation_db: f64) -> f64 {
    0.1102 * (attenuation_db - 8.7)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_one_in_the_middle_and_falls_to_both_sides() {
        assert_eq!(kaiser(0.0, 10.0), 1.0);
        assert_eq!(kaiser(1.5, 10.0), 0.0);
        // 1 / I₀(10), from tables of the Bessel function: I₀(10) = 2815.716628.
        assert!((kaiser(1.0, 10.0) * 2_815.716_628 - 1.0).abs() < 1e-9);
        assert_eq!(kaiser(-0.3, 8.0), kaiser(0.3, 8.0));
        assert!((kaiser_beta(140.0) - 14.469).abs() < 1e-3);
    }
}
