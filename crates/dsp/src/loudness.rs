//! K-weighting: how loud a sound is to the ear, roughly, by frequency.
//!
//! ITU-R BS.1770-5 gives the two sections of the filter at 48 kHz only: a shelf of +4 dB (the head) and a high-pass at
//! 38 Hz. At 48 kHz its coefficients are used as they stand. At any other rate the magnitude of those is fitted, so
//! that a programme reads the same at every rate; a plain bilinear transform of the analog filter would not (5 to
//! 20 kHz come out up to 0.07 dB apart).

use crate::equalizer::fit_magnitude;
use crate::svf::{Cascade, Section, Unstable, response};

/// The rate for which the standard gives coefficients, in Hz.
const STANDARD_HZ: f64 = 48_000.0;
/// Beyond, the standard's response has run into half its rate; a fit at a higher rate goes on flat.
const FLAT_FROM_HZ: f64 = 23_000.0;

/// b and a of the head's shelf (BS.1770-5, table 1).
const SHELF: ([f64; 3], [f64; 3]) = (
    [1.535_124_859_586_97, -2.691_696_189_406_38, 1.198_392_810_852_85],
    [1.0, -1.690_659_293_182_41, 0.732_480_774_215_85],
);
/// b and a of the high-pass (BS.1770-5, table 2).
const HIGH_PASS: ([f64; 3], [f64; 3]) =
    ([1.0, -2.0, 1.0], [1.0, -1.990_047_454_833_98, 0.990_072_250_366_21]);

/// The sections of the K-weighting filter at a sample rate of `rate_hz`. Within 0.001 dB of the standard's
/// response at 48 kHz up to 20 kHz, or to 45 % of the rate where that is lower; at 8 kHz within 0.01 dB.
///
/// # Errors
/// When `rate_hz` is no rate for which there is such a filter.
pub fn k_weighting(rate_hz: f64) -> Result<Vec<Section>, Unstable> {
    let standard = [Section::from_biquad(SHELF.0, SHELF.1)?, Section::from_biquad(HIGH_PASS.0, HIGH_PASS.1)?];
    if rate_hz == STANDARD_HZ {
        return Ok(standard.to_vec());
    }
    // A section is a polynomial in s = j·tan(π f / rate), for low frequencies proportional to f / rate.
    let ratio = rate_hz / STANDARD_HZ;
    let moved = |[c2, c1, c0]: [f64; 3]| [c2 * ratio * ratio, c1 * ratio, c0];
    let mut seed = Vec::with_capacity(2);
    for section in &standard {
        seed.push(Section::new(moved(section.numerator()), moved(section.denominator()))?);
    }
    let target = |hz: f64| response(&standard, hz.min(FLAT_FROM_HZ), STANDARD_HZ).norm();
    Ok(fit_magnitude(&target, rate_hz, &seed))
}

/// The K-weighting filter, running on a number of channels.
#[derive(Clone, Debug)]
pub struct KWeighting {
    cascade: Cascade,
}

impl KWeighting {
    /// Silent filters for `channels` channels at `rate_hz`.
    ///
    /// # Errors
    /// As [`k_weighting`].
    pub fn new(rate_hz: f64, channels: usize) -> Result<Self, Unstable> {
        Ok(Self { cascade: Cascade::new(&k_weighting(rate_hz)?, channels) })
    }

    /// Back to silence.
    pub fn reset(&mut self) {
        self.cascade.reset();
    }

    /// Filters the next frames of `channel` in place.
    ///
    /// # Panics
    /// When there is no such channel.
    pub fn process(&mut self, channel: usize, block: &mut [f64]) {
        self.cascade.process(channel, block);
    }

    /// Filters the next frames of `channel` and the one behind it: the same bits as two calls of
    /// [`process`](Self::process), in about half the time.
    ///
    /// # Panics
    /// When there is no such pair.
    pub fn process_pair(&mut self, channel: usize, left: &mut [f64], right: &mut [f64]) {
        self.cascade.process_pair(channel, left, right);
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;

    /// The gain in dB of b/a at `hz`, straight from the definition.
    fn biquad_db(b: [f64; 3], a: [f64; 3], hz: f64) -> f64 {
        let angle = std::f64::consts::TAU * hz / 48_000.0;
        let power = |c: [f64; 3]| {
            let re = c[0] + c[1] * angle.cos() + c[2] * (2.0 * angle).cos();
            let im = c[1] * angle.sin() + c[2] * (2.0 * angle).sin();
            re * re + im * im
        };
        10.0 * (power(b) / power(a)).log10()
    }

    fn standard_db(hz: f64) -> f64 {
        biquad_db(SHELF.0, SHELF.1, hz) + biquad_db(HIGH_PASS.0, HIGH_PASS.1, hz)
    }

    #[test]
    fn the_standard_filter_has_the_published_gains() {
        for (hz, db) in [(25.0, -10.39), (100.0, -1.13), (997.0, 0.69), (10_000.0, 4.04)] {
            assert!((standard_db(hz) - db).abs() < 0.006, "{hz} Hz: {}", standard_db(hz));
        }
    }

    #[test]
    fn every_rate_weighs_alike_within_0_005_db_to_20_khz() {
        for rate in [
            8_000.0, 16_000.0, 22_050.0, 32_000.0, 44_100.0, 48_000.0, 88_200.0, 96_000.0, 192_000.0,
            384_000.0,
        ] {
            let sections = k_weighting(rate).unwrap();
            let mut hz = 10.0;
            let mut worst = (0.0_f64, 0.0);
            while hz <= f64::min(20_000.0, 0.45 * rate) {
                let error = 20.0 * response(&sections, hz, rate).norm().log10() - standard_db(hz);
                if error.abs() > worst.0 {
                    worst = (error.abs(), hz);
                }
                hz *= 1.01;
            }
            let allowed = if rate < 16_000.0 { 0.01 } else { 0.001 };
            assert!(worst.0 <= allowed, "{rate} Hz: {} dB off at {} Hz", worst.0, worst.1);
        }
    }

    #[test]
    fn at_48_khz_the_filter_is_the_standards_recurrence() {
        let mut noise = 12_345_u32;
        let input: Vec<f64> = (0..5_000)
            .map(|_| {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                f64::from(noise) / f64::from(u32::MAX) - 0.5
            })
            .collect();
        let mut expected = input.clone();
        for (b, a) in [SHELF, HIGH_PASS] {
            let (mut x, mut y) = ([0.0; 2], [0.0; 2]);
            for sample in &mut expected {
                let now = b[0] * *sample + b[1] * x[0] + b[2] * x[1] - a[1] * y[0] - a[2] * y[1];
                x = [*sample, x[0]];
                y = [now, y[0]];
                *sample = now;
            }
        }
        let mut filter = KWeighting::new(48_000.0, 1).unwrap();
        let mut output = input;
        filter.process(0, &mut output);
        for (a, b) in output.iter().zip(&expected) {
            assert!((a - b).abs() < 1e-10, "{a} {b}");
        }
    }
}
