//! Transcendental functions with the same bits on every CPU, and the decibel.
//!
//! `std`'s `exp`, `ln`, `sin` … call the platform's C library, which picks a fused variant where the CPU has one:
//! the last bit then depends on the machine. The `libm` crate is plain arithmetic, so a render is the same
//! everywhere. `sqrt` is exact by IEEE 754 and may be taken from `std`.

pub use libm::{atan, cos, cosh, exp, exp2, expm1, log as ln, log10, log1p, log2, pow, sin, sinh, tan, tanh};

/// 20·log10(e): natural logarithm of an amplitude to decibels.
const DB_PER_NEPER: f64 = 8.685_889_638_065_037;

/// The amplitude that `db` decibels stand for: 10^(db/20). Exactly 1 at 0 dB; 0 at −∞.
///
/// ```
/// assert_eq!(deadwax_dsp::math::db_to_gain(0.0), 1.0);
/// assert_eq!(deadwax_dsp::math::db_to_gain(f64::NEG_INFINITY), 0.0);
/// ```
#[inline]
#[must_use]
pub fn db_to_gain(db: f64) -> f64 {
    exp(db / DB_PER_NEPER)
}

/// The level of an amplitude in decibels: 20·log10(|gain|). −∞ for 0.
///
/// ```
/// assert!((deadwax_dsp::math::gain_to_db(0.5) + 6.0206).abs() < 1e-4);
/// ```
#[inline]
#[must_use]
pub fn gain_to_db(gain: f64) -> f64 {
    20.0 * log10(gain.abs())
}

/// The level of a power in decibels: 10·log10(power). −∞ for 0.
#[inline]
#[must_use]
pub fn power_to_db(power: f64) -> f64 {
    10.0 * log10(power)
}
