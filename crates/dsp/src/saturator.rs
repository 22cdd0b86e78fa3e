//! Curves that warm: smooth ones, whose harmonics fade fast, applied at a higher rate.
//!
//! All have slope 1 at zero, so that drive is all there is to how far they bend, whatever the rate. They have no corner,
//! so that at eight times the rate aliases need nothing further.

use crate::equalizer::{Prototype, fit_magnitude};
use crate::math::{exp, exp2, fast_log2, fast_tanh};
use crate::svf::{Section, Unstable};
use std::f64::consts::LN_2;

/// A curve through zero, of slope 1 there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    /// The hyperbolic tangent: odd harmonics, ±1 in the end.
    Tanh,
    /// The same, but one side bends before the other: even harmonics too, the more the louder. A triode's way.
    Tube,
    /// The inverse hyperbolic sine, the voltage across a pair of diodes: bends early and grows without end.
    Diode,
    /// A polynomial of third and fifth order up to where it is flat: two harmonics, until it is driven beyond.
    Poly,
}

/// How far the tube bends to one side.
const TUBE_BEND: f64 = 0.3;
/// Where the polynomial is flat: it goes to ±1 there.
const FLAT_FROM: f64 = 1.875;

impl Curve {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Tanh, Self::Tube, Self::Diode, Self::Poly];

    /// The curve at `v`.
    #[inline(always)]
    #[must_use]
    pub fn value(self, v: f64) -> f64 {
        match self {
            Self::Tanh => fast_tanh(v),
            Self::Tube => {
                let square = (v * v).min(1e30);
                fast_tanh(v + TUBE_BEND * square / (1.0 + square).sqrt())
            }
            Self::Diode => {
                let size = v.abs();
                (LN_2 * fast_log2(size + (size * size + 1.0).sqrt())).copysign(v)
            }
            Self::Poly => {
                let u = (v / FLAT_FROM).clamp(-1.0, 1.0);
                let square = u * u;
                FLAT_FROM * u * (1.0 + square * (square / 5.0 - 2.0 / 3.0))
            }
        }
    }

    /// Replaces every sample v by the curve at v + `bias`, less what it is at `bias`: silence stays silence.
    pub fn apply(self, bias: f64, samples: &mut [f64]) {
        fn all(samples: &mut [f64], bias: f64, of: impl Fn(f64) -> f64) {
            let rest = of(bias);
            samples.iter_mut().for_each(|v| *v = of(*v + bias) - rest);
        }
        match self {
            Self::Tanh => all(samples, bias, |v| Self::Tanh.value(v)),
            Self::Tube => all(samples, bias, |v| Self::Tube.value(v)),
            Self::Diode => all(samples, bias, |v| Self::Diode.value(v)),
            Self::Poly => all(samples, bias, |v| Self::Poly.value(v)),
        }
    }

    /// The factor that brings a programme back to its level behind drive and curve. The programme is normally
    /// distributed, as dense music nearly is, with an RMS level of −18 dBFS; what the bias adds at 0 Hz does not count.
    #[must_use]
    pub fn makeup(self, drive: f64, bias: f64) -> f64 {
        /// −18 dBFS.
        const PROGRAMME: f64 = 0.125_892_541_179_416_73;
        const STEPS: i32 = 120;
        let mut values = [0.0; 2 * STEPS as usize + 1];
        let at = |step: i32| 6.0 * f64::from(step) / f64::from(STEPS);
        for (value, step) in values.iter_mut().zip(-STEPS..) {
            *value = drive * PROGRAMME * at(step);
        }
        self.apply(bias, &mut values);
        let [mut weights, mut sum, mut squares] = [0.0; 3];
        for (value, step) in values.iter().zip(-STEPS..) {
            let weight = exp(-0.5 * at(step) * at(step));
            weights += weight;
            sum += weight * value;
            squares += weight * value * value;
        }
        let (mean, square) = (sum / weights, squares / weights);
        PROGRAMME / (square - mean * mean).max(1e-12).sqrt()
    }
}

/// A straight line on the logarithmic scale: `slope_db_oct` from 20 Hz to 20 kHz, 0 dB at 1 kHz, flat beyond. A pole and
/// a zero for every octave (Oustaloup's way to a fractional power of s). No sections for a slope of 0.
///
/// # Errors
/// When the rate is none for audio, or the slope is beyond ±6 dB per octave.
pub fn tilt(slope_db_oct: f64, rate_hz: f64) -> Result<Vec<Section>, Unstable> {
    if slope_db_oct == 0.0 {
        return Ok(Vec::new());
    }
    let part = 0.5 * slope_db_oct / DB_PER_OCTAVE;
    // Zeros half a part below the middle of their octave and poles above it, two octaves to a section.
    let pair = |index: i32| {
        let middle = 20.0 * exp2(f64::from(index) + 0.5);
        (middle * exp2(-part), middle * exp2(part))
    };
    let prototypes: Vec<Prototype> = (0..5)
        .map(|index| {
            let [(z1, p1), (z2, p2)] = [pair(2 * index), pair(2 * index + 1)];
            let freq_hz = (p1 * p2).sqrt();
            let polynomial = |a: f64, b: f64| [1.0, (a + b) / freq_hz, a * b / (freq_hz * freq_hz)];
            Prototype { freq_hz, numerator: polynomial(z1, z2), denominator: polynomial(p1, p2) }
        })
        .collect();
    let all = |hz: f64| prototypes.iter().map(|prototype| prototype.magnitude(hz)).product::<f64>();
    let level = all(1_000.0);
    let seed = prototypes.iter().map(|p| p.matched(rate_hz)).collect::<Result<Vec<_>, _>>()?;
    Ok(fit_magnitude(&|hz| all(hz) / level, rate_hz, &seed))
}

/// 20·log10(2).
const DB_PER_OCTAVE: f64 = 6.020_599_913_279_624;

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;
    use crate::oversampler::{Factor, Oversampler, alias};
    use crate::svf::response;

    #[test]
    fn curves_are_smooth_rising_and_of_slope_one_at_zero() {
        for curve in Curve::ALL {
            assert_eq!(curve.value(0.0), 0.0);
            let slope = (curve.value(1e-4) - curve.value(-1e-4)) / 2e-4;
            assert!((slope - 1.0).abs() < 1e-7, "{curve:?}: {slope}");
            let at = |n: i32| curve.value(f64::from(n) / 500.0);
            for n in -5_000..5_000 {
                assert!(at(n + 1) >= at(n) - 1e-12, "{curve:?} falls at {n}");
                let bend = at(n + 1) - 2.0 * at(n) + at(n - 1);
                assert!(bend.abs() < 6e-6, "{curve:?} has a corner at {n}: {bend:e}");
            }
            for wild in [1e9, -1e9, 1e150, -1e150] {
                assert!(curve.value(wild).is_finite() && curve.value(wild) * wild > 0.0, "{curve:?}");
            }
        }
        for v in [-3.0, -0.2, 0.7, 20.0_f64] {
            assert!((Curve::Tanh.value(v) - v.tanh()).abs() < 1e-15);
            assert!((Curve::Diode.value(v) - v.asinh()).abs() < 1e-11);
        }
    }

    #[test]
    fn aliases_stay_below_the_targets_of_the_specification() {
        // DSP specification, 3.5: a sine at drive 4, worst alias up to 20 kHz, tanh at eight times the rate.
        for rate in [44_100, 48_000, 88_200, 96_000, 192_000] {
            for (hz, target, others) in
                [(1_244, -180.0, -100.0), (4_999, -150.0, -80.0), (9_973, -110.0, -80.0)]
            {
                for curve in Curve::ALL {
                    let mut oversampler = Oversampler::new(Factor::X8, 0, 1);
                    let spectrum = alias::spectrum((rate, hz, 4.0), 1_000, |signal| {
                        oversampler.process(0, signal, |high| curve.apply(0.0, high));
                    });
                    let alias = alias::worst_alias_dbc(&spectrum, hz);
                    let allowed = if curve == Curve::Tanh { target } else { others };
                    assert!(alias <= allowed, "{curve:?}, {hz} Hz at {rate} Hz: {alias} dBc");
                }
            }
        }
    }

    #[test]
    fn silence_stays_silence_at_any_bias() {
        for curve in Curve::ALL {
            for bias in [-1.0, 0.3, 1.0] {
                let mut samples = [0.0; 3];
                curve.apply(bias, &mut samples);
                assert_eq!(samples, [0.0; 3]);
            }
        }
    }

    #[test]
    fn the_makeup_keeps_a_normally_distributed_programme_within_0_1_db() {
        let mut state = 11_u64;
        let mut uniform = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        // Box and Muller.
        let mut normal =
            move || (-2.0 * (1.0 - uniform()).ln()).sqrt() * (std::f64::consts::TAU * uniform()).cos();
        let level = 10_f64.powf(-18.0 / 20.0);
        let programme: Vec<f64> = (0..100_000).map(|_| level * normal()).collect();
        let rms = |x: &[f64]| {
            let mean = x.iter().sum::<f64>() / x.len() as f64;
            (x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / x.len() as f64).sqrt()
        };
        for curve in Curve::ALL {
            for (drive, bias) in [(1.0, 0.0), (4.0, 0.5), (63.0, -1.0), (63.0, 0.0)] {
                let mut out: Vec<f64> = programme.iter().map(|x| drive * x).collect();
                curve.apply(bias, &mut out);
                let kept_db = 20.0 * (curve.makeup(drive, bias) * rms(&out) / rms(&programme)).log10();
                assert!(kept_db.abs() < 0.1, "{curve:?} at {drive}, {bias}: {kept_db} dB");
            }
        }
    }

    #[test]
    fn a_tilt_is_straight_within_0_4_db_from_100_hz_to_5_khz() {
        for rate in [44_100.0, 48_000.0, 96_000.0, 192_000.0] {
            for slope in [-6.0, -1.5, 3.0, 6.0] {
                let sections = tilt(slope, rate).unwrap();
                for hz in [100.0, 333.0, 1_000.0, 2_500.0, 5_000.0] {
                    let is = 20.0 * response(&sections, hz, rate).norm().log10();
                    let off = is - slope * f64::log2(hz / 1_000.0);
                    assert!(off.abs() < 0.4, "{slope} dB/oct at {rate} Hz: {off} dB off at {hz} Hz");
                }
            }
        }
        assert!(tilt(0.0, 44_100.0).unwrap().is_empty());
    }
}
