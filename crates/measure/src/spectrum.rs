//! The long-term average spectrum, in third octaves.
//!
//! Welch's method (1967): Hann windows that overlap by half, on a grid that begins with the first frame, their powers
//! averaged. The bands are those of IEC 61260 with base ten, 25 Hz to 20 kHz; a bin that lies across the edge of two bands is
//! shared between them.

use deadwax_dsp::fft::{Kind, Transform};
use deadwax_dsp::math::{cos, pow, power_to_db};
use rustfft::num_complex::Complex;
use serde::Serialize;
use std::f64::consts::TAU;

/// Windows are about this long, in seconds, so that the lowest band has several bins.
const WINDOW_S: f64 = 0.35;

/// The number of the first and the last band: 10^(n/10) Hz is its middle.
const BANDS: std::ops::RangeInclusive<i32> = 14..=43;

/// A third octave and how loud it is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Band {
    /// The middle, in Hz, as it is usually written (25, 31.5, 40 …).
    pub hz: f64,
    /// The level, in dB: a full-scale sine in the band is 0. `None` for silence, and above half the sample rate.
    pub level_db: Option<f64>,
}

/// Measures the average spectrum of one signal. Any cutting of it into blocks gives the same bits.
#[derive(Clone, Debug)]
pub struct SpectrumMeter {
    rate_hz: f64,
    transform: Transform,
    window: Vec<f64>,
    /// What has come of the next window.
    held: Vec<f64>,
    points: Vec<Complex<f64>>,
    power: Vec<f64>,
    windows: u64,
}

impl SpectrumMeter {
    /// Nothing heard, at `rate_hz`.
    #[must_use]
    pub fn new(rate_hz: u32, kind: Kind) -> Self {
        let size = ((f64::from(rate_hz) * WINDOW_S) as usize).next_power_of_two();
        let window = (0..size).map(|n| 0.5 - 0.5 * cos(TAU * n as f64 / size as f64)).collect();
        Self {
            rate_hz: f64::from(rate_hz),
            transform: Transform::new(size, kind),
            window,
            held: Vec::with_capacity(size),
            points: vec![Complex::default(); size],
            power: vec![0.0; size / 2 + 1],
            windows: 0,
        }
    }

    /// Hears the next samples.
    pub fn push(&mut self, mut samples: &[f64]) {
        let size = self.window.len();
        while !samples.is_empty() {
            let count = samples.len().min(size - self.held.len());
            self.held.extend_from_slice(&samples[..count]);
            samples = &samples[count..];
            if self.held.len() == size {
                self.look();
                self.held.copy_within(size / 2.., 0);
                self.held.truncate(size / 2);
            }
        }
    }

    /// Adds the power of the window that is full.
    fn look(&mut self) {
        for (point, (x, weight)) in self.points.iter_mut().zip(self.held.iter().zip(&self.window)) {
            *point = Complex::new(x * weight, 0.0);
        }
        self.transform.forward(&mut self.points);
        for (power, point) in self.power.iter_mut().zip(&self.points) {
            *power += point.norm_sqr();
        }
        self.windows += 1;
    }

    /// The meter itself; or, where not even one window was filled, the meter with that one filled up with silence.
    fn whole(&self) -> Self {
        let mut whole = self.clone();
        if whole.windows == 0 && !whole.held.is_empty() {
            whole.held.resize(whole.window.len(), 0.0);
            whole.look();
        }
        whole
    }

    /// The power between two frequencies, in Hz: that of a full-scale sine is 1.
    #[must_use]
    pub fn power(&self, from_hz: f64, to_hz: f64) -> f64 {
        self.whole().share(from_hz, to_hz)
    }

    fn share(&self, from_hz: f64, to_hz: f64) -> f64 {
        let size = self.window.len() as f64;
        let bin_hz = self.rate_hz / size;
        let sum: f64 = self
            .power
            .iter()
            .enumerate()
            .map(|(bin, power)| {
                let middle = bin as f64 * bin_hz;
                let low = (middle - bin_hz / 2.0).max(from_hz);
                let high = (middle + bin_hz / 2.0).min(to_hz).min(self.rate_hz / 2.0);
                power * ((high - low) / bin_hz).max(0.0)
            })
            .sum();
        // Both halves of the spectrum, over the window's energy (3/8 of its length) and a sine's mean square of one half.
        sum * 2.0 / (size * size * 0.375) * 2.0 / self.windows.max(1) as f64
    }

    /// All third octaves.
    #[must_use]
    pub fn bands(&self) -> Vec<Band> {
        let whole = self.whole();
        let band = |number: i32| {
            let middle = pow(10.0, f64::from(number) / 10.0);
            let half = pow(10.0, 0.05);
            let power = whole.share(middle / half, middle * half);
            let heard = middle / half < whole.rate_hz / 2.0 && power > 0.0;
            Band { hz: nominal(number), level_db: heard.then(|| power_to_db(power)) }
        };
        BANDS.map(band).collect()
    }
}

/// The frequency of band `number` as it is usually written.
fn nominal(number: i32) -> f64 {
    const DECADE: [f64; 10] = [1.0, 1.25, 1.6, 2.0, 2.5, 3.15, 4.0, 5.0, 6.3, 8.0];
    let scale = [1.0, 10.0, 100.0, 1000.0, 10_000.0];
    DECADE[number.rem_euclid(10) as usize] * scale[number.div_euclid(10) as usize]
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;
    use deadwax_dsp::noise::Noise;

    fn meter(rate_hz: u32, signal: impl Iterator<Item = f64>) -> SpectrumMeter {
        let mut meter = SpectrumMeter::new(rate_hz, Kind::Portable);
        meter.push(&signal.collect::<Vec<_>>());
        meter
    }

    #[test]
    fn a_full_scale_sine_is_0_db_in_its_band_at_any_rate_and_nowhere_else() {
        for rate_hz in [44_100, 48_000, 96_000, 192_000] {
            for (hz, at) in [(31.6, 31.5), (1000.0, 1000.0), (12_600.0, 12_500.0)] {
                let sine = (0..rate_hz * 3).map(|n| (TAU * hz / f64::from(rate_hz) * f64::from(n)).sin());
                for band in meter(rate_hz, sine).bands() {
                    let level = band.level_db.unwrap_or(f64::NEG_INFINITY);
                    if band.hz == at {
                        // At 31.5 Hz the skirts of the window reach into the neighbours.
                        assert!(
                            level.abs() < if hz < 100.0 { 0.12 } else { 0.005 },
                            "{hz} Hz at {rate_hz}: {level}"
                        );
                    } else if !(at * 0.6..at * 1.7).contains(&band.hz) {
                        assert!(level < -60.0, "{hz} Hz at {rate_hz}: {level} at {}", band.hz);
                    }
                }
            }
        }
    }

    #[test]
    fn white_noise_rises_by_3_db_an_octave_and_has_the_power_it_has() {
        let noise = Noise::new(1, 0);
        let meter = meter(48_000, (0..48_000 * 20).map(|n| noise.uniform(n)));
        // Uniform from −1 to 1: a mean square of a third, over a sine's half.
        let total = meter.power(0.0, 24_000.0);
        assert!((10.0 * (total / (2.0 / 3.0)).log10()).abs() < 0.05, "{total}");
        let bands = meter.bands();
        let level = |hz: f64| bands.iter().find(|band| band.hz == hz).unwrap().level_db.unwrap();
        assert!((level(8000.0) - level(500.0) - 12.04).abs() < 0.3);
    }

    #[test]
    fn blocks_change_no_bit_and_short_signals_are_heard() {
        let signal: Vec<f64> = (0..50_000).map(|n| Noise::new(2, 0).uniform(n)).collect();
        let whole = meter(44_100, signal.iter().copied());
        let mut cut = SpectrumMeter::new(44_100, Kind::Portable);
        signal.chunks(333).for_each(|chunk| cut.push(chunk));
        assert_eq!(whole.bands(), cut.bands());
        assert!(meter(44_100, signal[..100].iter().copied()).bands()[16].level_db.is_some());
        assert!(meter(44_100, std::iter::repeat_n(0.0, 1000)).bands().iter().all(|b| b.level_db.is_none()));
    }
}
