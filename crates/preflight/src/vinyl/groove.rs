//! From samples to the groove: velocity and displacement of its walls.

use crate::side::{CHUNK, SideError};
use deadwax_dsp::emphasis::Emphasis;
use deadwax_dsp::math::{db_to_gain, tan};
use deadwax_dsp::svf::{Cascade, Section};
use std::f64::consts::{PI, SQRT_2};

/// The velocity of the reference level, in cm/s: peak, of each wall by itself, at 1 kHz. The level of stereophonic test records (NAB
/// 1964); both walls in phase move the stylus sideways at √2 times as much, 7.07 cm/s.
pub const REFERENCE_CM_S: f64 = 5.0;

/// Below this the groove does not follow, in Hz: cutting amplifiers and players have a high-pass there (IEC 98, amendment of
/// 1976: 7950 µs, of the first order; here of the second).
const LEAST_HZ: f64 = 20.0;

/// µm in a cm.
const UM_PER_CM: f64 = 1e4;

/// Makes the groove, piece by piece.
#[derive(Clone, Debug)]
pub(crate) struct Groove {
    curve: Cascade,
    integral: Cascade,
    /// The velocity of the inner (left) and the outer (right) wall, in cm/s.
    pub(crate) velocity: [Vec<f64>; 2],
    /// How far they have moved, in µm.
    pub(crate) displacement: [Vec<f64>; 2],
}

impl Groove {
    /// A groove where a sine whose peak is at `reference_dbfs` is cut at [`REFERENCE_CM_S`] at 1 kHz.
    pub(crate) fn new(rate_hz: u32, reference_dbfs: f64) -> Result<Self, SideError> {
        let mut curve = Emphasis::Riaa.encode(f64::from(rate_hz))?;
        let scale = REFERENCE_CM_S / db_to_gain(reference_dbfs);
        if let Some(first) = curve.first_mut() {
            *first = first.scaled(scale);
        }
        // Half a frame over s is an integral by the trapezoidal rule; behind a high-pass it forgets.
        let half = 0.5 * UM_PER_CM / f64::from(rate_hz);
        let corner = tan(PI * LEAST_HZ / f64::from(rate_hz));
        let integral = Section::new([0.0, half, 0.0], [1.0, SQRT_2 * corner, corner * corner])?;
        let empty = || [Vec::with_capacity(CHUNK), Vec::with_capacity(CHUNK)];
        Ok(Self {
            curve: Cascade::new(&curve, 2),
            integral: Cascade::new(&[integral], 2),
            velocity: empty(),
            displacement: empty(),
        })
    }

    /// Cuts the next frames.
    pub(crate) fn cut(&mut self, left: &[f64], right: &[f64]) {
        fill(&mut self.velocity, [left, right]);
        let [left, right] = &mut self.velocity;
        self.curve.process_pair(0, left, right);
        fill(&mut self.displacement, [left, right]);
        let [left, right] = &mut self.displacement;
        self.integral.process_pair(0, left, right);
    }
}

/// Puts copies of `samples` into `work`.
pub(crate) fn fill(work: &mut [Vec<f64>; 2], samples: [&[f64]; 2]) {
    for (work, samples) in work.iter_mut().zip(samples) {
        work.clear();
        work.extend_from_slice(samples);
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    /// The largest velocity and displacement of the second second of a sine.
    fn cut(hz: f64, level: f64, rate: u32) -> [f64; 2] {
        let mut groove = Groove::new(rate, -14.0).unwrap();
        let sine: Vec<f64> =
            (0..2 * rate).map(|n| level * (TAU * hz * f64::from(n) / f64::from(rate)).sin()).collect();
        let mut most = [0.0_f64; 2];
        for (at, block) in sine.chunks(CHUNK).enumerate() {
            groove.cut(block, block);
            for (most, wall) in most.iter_mut().zip([&groove.velocity[0], &groove.displacement[1]]) {
                if at * CHUNK > rate as usize {
                    *most = wall.iter().fold(*most, |most, x| most.max(x.abs()));
                }
            }
        }
        most
    }

    #[test]
    fn a_sine_of_1_khz_at_the_reference_level_moves_each_wall_at_5_cm_s_by_8_um() {
        let level = 10_f64.powf(-14.0 / 20.0);
        for rate in [44_100, 48_000, 96_000, 192_000] {
            let [velocity, displacement] = cut(1000.0, level, rate);
            assert!((velocity - 5.0).abs() < 0.02, "{rate}: {velocity}");
            // v / 2πf
            assert!((displacement - 7.958).abs() < 0.05, "{rate}: {displacement}");
        }
    }

    /// The curve by its three time constants, from 20 Hz to 20 kHz.
    #[test]
    fn the_recording_curve_is_the_analog_one_within_a_tenth_of_a_db() {
        let part = |hz: f64, micros: f64| 10.0 * (1.0 + (TAU * hz * micros * 1e-6).powi(2)).log10();
        let curve = |hz: f64| part(hz, 3180.0) + part(hz, 75.0) - part(hz, 318.0);
        for (hz, printed) in
            [(20.0, -19.27), (100.0, -13.09), (1000.0, 0.0), (10_000.0, 13.73), (20_000.0, 19.62)]
        {
            let wanted = curve(hz) - curve(1000.0);
            assert!((wanted - printed).abs() < 0.01, "the reference is off at {hz} Hz: {wanted}");
            // At 96 kHz a sine of 20 kHz is seen near its peak often enough.
            let [velocity, displacement] = cut(hz, 0.1, 96_000);
            let found = 20.0 * (velocity / (0.1 * REFERENCE_CM_S / 10_f64.powf(-14.0 / 20.0))).log10();
            assert!((found - wanted).abs() < 0.1, "{hz} Hz: {found} dB, not {wanted}");
            if hz > 50.0 && hz < 10_000.0 {
                let plain = UM_PER_CM * velocity / (TAU * hz);
                assert!((displacement / plain - 1.0).abs() < 0.01, "{hz} Hz: {displacement} µm, not {plain}");
            }
        }
    }

    #[test]
    fn a_mean_moves_the_groove_nowhere() {
        let mut groove = Groove::new(48_000, -14.0).unwrap();
        for _ in 0..48 {
            groove.cut(&[0.1; CHUNK], &[0.1; CHUNK]);
        }
        assert!(groove.displacement[0].iter().all(|x| x.abs() < 1e-3), "{:?}", groove.displacement[0][0]);
    }
}
