//! Transcendental functions with the same bits on every CPU, and the decibel.
//!
//! `std`'s `exp`, `ln`, `sin` … call the platform's C library, which picks a fused variant where the CPU has one:
//! the last bit then depends on the machine. The `libm` crate is plain arithmetic, so a render is the same
//! everywhere. `sqrt` is exact by IEEE 754 and may be taken from `std`.

pub use libm::{
    atan, atan2, cos, cosh, exp, exp2, expm1, log as ln, log1p, log2, log10, pow, sin, sinh, tan, tanh,
};

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

/// The modified Bessel function of order zero, by its power series (all terms positive): the shape of
/// Kaiser's window.
#[must_use]
pub fn bessel_i0(x: f64) -> f64 {
    let quarter = 0.25 * x * x;
    let (mut term, mut sum, mut k) = (1.0, 1.0, 1.0);
    while term > 1e-18 * sum {
        term *= quarter / (k * k);
        sum += term;
        k += 1.0;
    }
    sum
}

/// log₂ of a positive normal number, to within 10⁻¹² (plus rounding of large results): the polynomial of a hot loop,
/// free of branches. Exactly 0 at 1.
#[inline]
#[must_use]
pub fn fast_log2(x: f64) -> f64 {
    // Added to the bits, this carries into the exponent from a mantissa of √2 on.
    const TO_SQRT_2: u64 = 0x0009_5f61_9980_c433;
    const EXPONENT: u64 = 0xfff0_0000_0000_0000;
    const ONE: u64 = 0x3ff0_0000_0000_0000;
    // 2⁵² in floating point: an integer in the bits below reads as 2⁵² + integer.
    const INTEGER: u64 = 0x4330_0000_0000_0000;
    let bits = x.to_bits();
    let carried = bits.wrapping_add(TO_SQRT_2);
    let exponent = f64::from_bits((carried >> 52) | INTEGER) - (4_503_599_627_370_496.0 + 1023.0);
    let mantissa = f64::from_bits(bits.wrapping_sub((carried & EXPONENT).wrapping_sub(ONE)));
    // ln m = 2 artanh((m − 1) / (m + 1)), of which |…| ≤ 0.1716.
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let q = s * s;
    let mut sum = 1.0 / 15.0;
    for odd in [13.0, 11.0, 9.0, 7.0, 5.0, 3.0, 1.0] {
        sum = sum * q + 1.0 / odd;
    }
    exponent + 2.0 * std::f64::consts::LOG2_E * (s * sum)
}

/// 2ˣ for |x| ≤ 1000 (beyond, as at the nearer end), to within 10⁻¹² of itself: the polynomial of a hot loop, free of
/// branches. Exactly 1 at 0.
#[inline]
#[must_use]
pub fn fast_exp2(x: f64) -> f64 {
    // Added to a small number, this leaves the nearest integer in the low bits.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    /// ln(2)ⁿ / n!
    const TAYLOR: [f64; 12] = [
        1.0,
        std::f64::consts::LN_2,
        0.240_226_506_959_100_72,
        0.055_504_108_664_821_58,
        0.009_618_129_107_628_477,
        0.001_333_355_814_642_844_3,
        0.000_154_035_303_933_816_1,
        1.525_273_380_405_984e-5,
        1.321_548_679_014_431e-6,
        1.017_808_600_923_97e-7,
        7.054_911_620_801_123e-9,
        4.445_538_271_870_811e-10,
    ];
    let x = x.clamp(-1000.0, 1000.0);
    let rounded = x + ROUND;
    let rest = x - (rounded - ROUND);
    let power = TAYLOR.iter().rev().fold(0.0, |sum, term| sum * rest + term);
    f64::from_bits(power.to_bits().wrapping_add(rounded.to_bits() << 52))
}

/// tanh x, to within 10⁻¹⁵ of itself (smaller for a small x: no digits are lost there): the form of a hot loop, free of
/// branches. ±1 far out.
#[inline]
#[must_use]
pub fn fast_tanh(x: f64) -> f64 {
    // e^(2x) − 1 over e^(2x) + 1.
    let grown = fast_expm1((2.0 * x).clamp(-80.0, 80.0));
    grown / (grown + 2.0)
}

/// eˣ − 1 for |x| ≤ 700 (beyond, as at the nearer end), to within 10⁻¹⁵ of itself: the polynomial of a hot loop, free
/// of branches. Exactly 0 at 0.
#[inline]
#[must_use]
pub fn fast_expm1(x: f64) -> f64 {
    const ROUND: f64 = 6_755_399_441_055_744.0;
    /// ln 2 in two parts, of which the first has so few digits that its multiples are exact.
    const LN_2: [f64; 2] = [0.693_147_180_369_123_8, 1.908_214_929_270_587_7e-10];
    /// 1 / n! for n from 2 to 13.
    const TAYLOR: [f64; 12] = [
        0.5,
        1.0 / 6.0,
        1.0 / 24.0,
        1.0 / 120.0,
        1.0 / 720.0,
        1.0 / 5_040.0,
        1.0 / 40_320.0,
        1.0 / 362_880.0,
        1.0 / 3_628_800.0,
        1.0 / 39_916_800.0,
        1.0 / 479_001_600.0,
        1.0 / 6_227_020_800.0,
    ];
    let x = x.clamp(-700.0, 700.0);
    let rounded = x * std::f64::consts::LOG2_E + ROUND;
    let whole = rounded - ROUND;
    let rest = (x - whole * LN_2[0]) - whole * LN_2[1];
    // In pairs, so that fewer steps wait for each other.
    let square = rest * rest;
    let pairs = TAYLOR.as_chunks::<2>().0.iter().rev();
    let sum = pairs.fold(0.0, |sum, [even, odd]| sum * square + (even + rest * odd));
    let power = f64::from_bits(1_f64.to_bits().wrapping_add(rounded.to_bits() << 52));
    power * (rest + square * sum) + (power - 1.0)
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;

    #[test]
    fn the_fast_logarithm_is_within_its_error() {
        let mut x = 1e-300;
        while x < 1e300 {
            let error = (fast_log2(x) - x.log2()).abs();
            assert!(error <= 1e-12 + x.log2().abs() * 2.5e-16, "log2({x:e}): {error:e}");
            x *= 1.000_917;
        }
        for x in [0.5, 1.0, 2.0, 1024.0] {
            assert_eq!(fast_log2(x), f64::log2(x));
        }
    }

    #[test]
    fn the_fast_power_is_within_its_error() {
        let mut x = -999.5;
        while x < 999.5 {
            let error = (fast_exp2(x) / x.exp2() - 1.0).abs();
            assert!(error <= 1e-12, "exp2({x}): {error:e}");
            x += 0.010_37;
        }
        assert_eq!((fast_exp2(0.0), fast_exp2(-0.0), fast_exp2(10.0)), (1.0, 1.0, 1024.0));
    }

    #[test]
    fn the_fast_hyperbolic_tangent_and_exponential_are_within_their_error() {
        let mut x = 1e-300;
        while x < 300.0 {
            for x in [x, -x] {
                let error = (fast_tanh(x) / f64::tanh(x) - 1.0).abs();
                assert!(error <= 2e-15, "tanh({x}): {error:e}");
                let error = (fast_expm1(x) / f64::exp_m1(x) - 1.0).abs();
                assert!(error <= 2e-15, "expm1({x}): {error:e}");
            }
            x *= 1.003;
        }
        assert_eq!((fast_tanh(0.0), fast_expm1(0.0), fast_tanh(1e9)), (0.0, 0.0, 1.0));
    }
}
