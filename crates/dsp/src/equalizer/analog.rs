//! Analog prototypes: what a band is meant to be, at every frequency, whatever the sample rate.
//!
//! Bells, shelves, notches, band-passes and all-passes have the Q of Bristow-Johnson's cookbook (*Cookbook formulae for
//! audio EQ biquad filter coefficients*); low- and high-passes are Butterworth's (1930) or Linkwitz and Riley's (1976).

use crate::math::{cos, cosh, exp, sin, sinh, tan, tanh};
use crate::svf::{Section, Unstable};
use rustfft::num_complex::Complex;
use std::f64::consts::PI;

/// ln(10) / 40: half of a gain in decibels to the natural logarithm of an amplitude.
const NEPER_PER_HALF_DB: f64 = std::f64::consts::LN_10 / 40.0;

/// A second-order analog section in s / (2π f₀), highest power first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prototype {
    /// The corner or centre f₀, in Hz.
    pub freq_hz: f64,
    /// The numerator.
    pub numerator: [f64; 3],
    /// The denominator.
    pub denominator: [f64; 3],
}

impl Prototype {
    /// A bell: `gain_db` at `freq_hz`, unity far away on both sides.
    #[must_use]
    pub fn bell(freq_hz: f64, gain_db: f64, q: f64) -> Self {
        let a = exp(gain_db * NEPER_PER_HALF_DB);
        Self { freq_hz, numerator: [1.0, a / q, 1.0], denominator: [1.0, 1.0 / (a * q), 1.0] }
    }

    /// A low shelf: `gain_db` far below `freq_hz`, half of it there, unity far above.
    #[must_use]
    pub fn low_shelf(freq_hz: f64, gain_db: f64, q: f64) -> Self {
        let high = Self::high_shelf(freq_hz, gain_db, q);
        let turn = |[c2, c1, c0]: [f64; 3]| [c0, c1, c2];
        Self { freq_hz, numerator: turn(high.numerator), denominator: turn(high.denominator) }
    }

    /// A high shelf: unity far below `freq_hz`, half of `gain_db` there, all of it far above.
    #[must_use]
    pub fn high_shelf(freq_hz: f64, gain_db: f64, q: f64) -> Self {
        let a = exp(gain_db * NEPER_PER_HALF_DB);
        let root = a.sqrt() / q;
        Self { freq_hz, numerator: [a * a, a * root, a], denominator: [1.0, root, a] }
    }

    /// A low shelf as gentle as a first-order filter: `gain_db` far below `freq_hz`, half of it there, unity far above.
    /// Widened by a common factor.
    #[must_use]
    pub fn gentle_low_shelf(freq_hz: f64, gain_db: f64) -> Self {
        let high = Self::gentle_high_shelf(freq_hz, gain_db);
        let turn = |[c2, c1, c0]: [f64; 3]| [c0, c1, c2];
        Self { freq_hz, numerator: turn(high.numerator), denominator: turn(high.denominator) }
    }

    /// A high shelf as gentle as a first-order filter: unity far below `freq_hz`, half of `gain_db` there, all of it far
    /// above. Widened by a common factor.
    #[must_use]
    pub fn gentle_high_shelf(freq_hz: f64, gain_db: f64) -> Self {
        // (a x + 1) / (x/a + 1), each times (x + 1), with a² the gain.
        let a = exp(gain_db * NEPER_PER_HALF_DB);
        Self { freq_hz, numerator: [a, a + 1.0, 1.0], denominator: [1.0 / a, 1.0 / a + 1.0, 1.0] }
    }

    /// A tilt: half of `gain_db` far above `freq_hz`, as much less far below, unity there; as steep as a first-order
    /// filter can be, which is 6 dB per octave at the most. Widened by a common factor.
    #[must_use]
    pub fn tilt(freq_hz: f64, gain_db: f64) -> Self {
        // (a x + 1/a) / (x/a + a), each times (x + 1), with a⁴ the gain.
        let a = exp(gain_db * NEPER_PER_HALF_DB / 2.0);
        let middle = a + 1.0 / a;
        Self { freq_hz, numerator: [a, middle, 1.0 / a], denominator: [1.0 / a, middle, a] }
    }

    /// A second-order low-pass.
    #[must_use]
    pub fn low_pass(freq_hz: f64, q: f64) -> Self {
        Self { freq_hz, numerator: [0.0, 0.0, 1.0], denominator: [1.0, 1.0 / q, 1.0] }
    }

    /// A second-order high-pass.
    #[must_use]
    pub fn high_pass(freq_hz: f64, q: f64) -> Self {
        Self { freq_hz, numerator: [1.0, 0.0, 0.0], denominator: [1.0, 1.0 / q, 1.0] }
    }

    /// A first-order low-pass, widened by a common factor.
    #[must_use]
    pub fn low_pass_1(freq_hz: f64) -> Self {
        Self { freq_hz, numerator: [0.0, 1.0, 1.0], denominator: [1.0, 2.0, 1.0] }
    }

    /// A first-order high-pass, widened by a common factor.
    #[must_use]
    pub fn high_pass_1(freq_hz: f64) -> Self {
        Self { freq_hz, numerator: [1.0, 1.0, 0.0], denominator: [1.0, 2.0, 1.0] }
    }

    /// A notch: silence at `freq_hz`.
    #[must_use]
    pub fn notch(freq_hz: f64, q: f64) -> Self {
        Self { freq_hz, numerator: [1.0, 0.0, 1.0], denominator: [1.0, 1.0 / q, 1.0] }
    }

    /// A band-pass: unity at `freq_hz`.
    #[must_use]
    pub fn band_pass(freq_hz: f64, q: f64) -> Self {
        Self { freq_hz, numerator: [0.0, 1.0 / q, 0.0], denominator: [1.0, 1.0 / q, 1.0] }
    }

    /// An all-pass: unity everywhere, half a turn at `freq_hz`.
    #[must_use]
    pub fn all_pass(freq_hz: f64, q: f64) -> Self {
        Self { freq_hz, numerator: [1.0, -1.0 / q, 1.0], denominator: [1.0, 1.0 / q, 1.0] }
    }

    /// The complex gain at `hz`.
    #[must_use]
    pub fn response(&self, hz: f64) -> Complex<f64> {
        let x = hz / self.freq_hz;
        let at = |[c2, c1, c0]: [f64; 3]| Complex::new(c0 - c2 * x * x, c1 * x);
        at(self.numerator) / at(self.denominator)
    }

    /// The gain at `hz`.
    #[must_use]
    pub fn magnitude(&self, hz: f64) -> f64 {
        self.response(hz).norm_sqr().sqrt()
    }

    /// The section whose poles and zeros are those of the prototype, mapped by z = exp(s / rate): right in frequency and
    /// bandwidth, wrong near half the sample rate. A zero at infinity becomes one at z = 0.
    ///
    /// # Errors
    /// When the prototype is not stable.
    pub fn matched(&self, rate_hz: f64) -> Result<Section, Unstable> {
        let scale = 2.0 * PI * self.freq_hz / rate_hz;
        Section::new(matched(self.numerator, scale), matched(self.denominator, scale))
    }

    /// The section by the bilinear transform, right at `freq_hz` exactly.
    ///
    /// # Errors
    /// When the prototype is not stable.
    pub fn bilinear(&self, rate_hz: f64) -> Result<Section, Unstable> {
        let g = tan(PI * self.freq_hz / rate_hz);
        let warp = |[c2, c1, c0]: [f64; 3]| [c2, c1 * g, c0 * g * g];
        Section::new(warp(self.numerator), warp(self.denominator))
    }
}

/// A polynomial in s, of `scale` radians per sample, mapped to one in (z − 1) / (z + 1) by z = exp(s): each root r goes
/// to tanh(r / 2).
fn matched(polynomial: [f64; 3], scale: f64) -> [f64; 3] {
    /// No pole beyond this angle: the mapping would fold it.
    const MOST_ANGLE: f64 = 0.99 * PI;
    let real = |root: f64| tanh((root * scale / 2.0).clamp(-20.0, 20.0));
    let [c2, c1, c0] = polynomial;
    let product = |a: f64, b: f64| [1.0, -(a + b), a * b];
    if c2 == 0.0 {
        return if c1 == 0.0 { [1.0, 2.0, 1.0] } else { product(-1.0, real(-c0 / c1)) };
    }
    let (half, square) = (c1 / (2.0 * c2), c0 / c2);
    let under = half * half - square;
    if under >= 0.0 {
        let large = -half - under.sqrt().copysign(half);
        let small = if large == 0.0 { 0.0 } else { square / large };
        return product(real(large), real(small));
    }
    let angle = (under.abs().sqrt() * scale).min(MOST_ANGLE);
    let decay = (-half * scale).clamp(-40.0, 40.0);
    let below = cosh(decay) + cos(angle);
    [1.0, -2.0 * sinh(decay) / below, (cosh(decay) - cos(angle)) / below]
}

/// 1/Q of the second-order sections of a Butterworth filter of `order`, the most damped first. The first-order section of
/// an odd order is not among them.
pub(crate) fn butterworth_dampings(order: u32) -> impl Iterator<Item = f64> {
    (1..=order / 2).rev().map(move |k| 2.0 * sin(PI * f64::from(2 * k - 1) / f64::from(2 * order)))
}
