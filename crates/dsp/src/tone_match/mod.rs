//! Bringing the tone of one programme near to that of another.
//!
//! The tone is a long-term spectrum in narrow bands ([`ToneMeter`]); the correction is the difference of two of them,
//! smoothed over a part of an octave, bounded, and shifted so that the loudness stays ([`Correction`]). It becomes a
//! filter of linear or of minimum phase ([`Correction::taps`]), or ordinary bands of an equaliser
//! ([`fit_bands`](crate::equalizer::fit_bands)).

mod listen;

pub use listen::{Tone, ToneMeter};

use crate::equalizer::Kernels;
use crate::fft::{Kind, Transform};
use crate::loudness::k_weighting;
use crate::math::{cos, db_to_gain, exp, exp2, ln, log2, power_to_db};
use crate::svf::response;
use rustfft::num_complex::Complex;
use std::f64::consts::PI;

/// Bands an octave, the middle of the lowest, and how many there are: up to 20 kHz.
pub const BANDS_PER_OCTAVE: f64 = 24.0;
/// The middle of the lowest band, in Hz.
pub const LOWEST_HZ: f64 = 20.0;
/// The number of bands.
pub const BANDS: usize = 240;
/// A band this far below the whole programme holds nothing to be corrected, in dB.
const NOTHING_DB: f64 = -100.0;
/// Outside its range the correction goes back to nothing within so many octaves.
const FADE_OCT: f64 = 1.0;

/// The middle of band `band`, in Hz.
#[must_use]
pub fn band_hz(band: f64) -> f64 {
    LOWEST_HZ * exp2(band / BANDS_PER_OCTAVE)
}

/// How far a correction goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Over how many octaves the spectra are smoothed.
    pub smooth_oct: f64,
    /// How much of the difference is made good, 0 to 1.
    pub amount: f64,
    /// The most gain, up and down, in dB.
    pub max_gain_db: f64,
    /// The range of frequencies, in Hz.
    pub range_hz: (f64, f64),
}

/// A gain by frequency.
#[derive(Clone, Debug, PartialEq)]
pub struct Correction {
    /// In dB, for every band.
    gains_db: Vec<f64>,
    range_hz: (f64, f64),
}

impl Correction {
    /// What brings `from` near to `to`, as far as `bounds` allow.
    #[must_use]
    pub fn new(from: &Tone, to: &Tone, bounds: &Bounds) -> Self {
        let (own, other) =
            (smoothed(from.powers(), bounds.smooth_oct), smoothed(to.powers(), bounds.smooth_oct));
        let floor = |tone: &Tone| tone.powers().iter().sum::<f64>() * db_to_gain(2.0 * NOTHING_DB);
        let floors = (floor(from), floor(to));
        let known = |band: usize| own[band] > floors.0 && other[band] > floors.1;
        let difference: Vec<Option<f64>> =
            (0..BANDS).map(|band| known(band).then(|| power_to_db(other[band] / own[band]))).collect();
        let wanted = held(&difference);
        let mut correction = Self { gains_db: vec![0.0; BANDS], range_hz: bounds.range_hz };
        let mut offset = 0.0;
        // The shift changes what the bound cuts off, and that the shift: it settles quickly.
        for _ in 0..20 {
            for (gain, wanted) in correction.gains_db.iter_mut().zip(&wanted) {
                *gain = (bounds.amount * (wanted - offset)).clamp(-bounds.max_gain_db, bounds.max_gain_db);
            }
            let louder = correction.loudness_change_db(from);
            if louder.abs() < 1e-6 || bounds.amount == 0.0 {
                break;
            }
            offset += louder / bounds.amount;
        }
        correction
    }

    /// No correction at all.
    #[must_use]
    pub fn none() -> Self {
        Self { gains_db: vec![0.0; BANDS], range_hz: (LOWEST_HZ, band_hz(BANDS as f64)) }
    }

    /// Whether it changes nothing.
    #[must_use]
    pub fn is_flat(&self) -> bool {
        self.gains_db.iter().all(|gain| *gain == 0.0)
    }

    /// The gain at `hz`, in dB.
    #[must_use]
    pub fn gain_db(&self, hz: f64) -> f64 {
        let place = (BANDS_PER_OCTAVE * log2(hz.max(1.0) / LOWEST_HZ)).clamp(0.0, (BANDS - 1) as f64);
        let (below, part) = (place.floor() as usize, place - place.floor());
        let (low, high) = (self.gains_db[below], self.gains_db[(below + 1).min(BANDS - 1)]);
        let (from_hz, to_hz) = self.range_hz;
        let outside = (log2(from_hz / hz.max(1.0))).max(log2(hz.max(1.0) / to_hz)).clamp(0.0, FADE_OCT);
        (low + part * (high - low)) * (0.5 + 0.5 * cos(PI * outside / FADE_OCT))
    }

    /// By how many dB a programme of that tone becomes louder, weighted as loudness meters do.
    fn loudness_change_db(&self, tone: &Tone) -> f64 {
        let (mut before, mut behind) = (0.0, 0.0);
        for (band, power) in tone.powers().iter().enumerate() {
            let hz = band_hz(band as f64);
            let weighted = power * k_weight(hz);
            before += weighted;
            behind += weighted * db_to_gain(2.0 * self.gain_db(hz));
        }
        if before > 0.0 { power_to_db(behind / before) } else { 0.0 }
    }

    /// What a programme of tone `tone` becomes.
    #[must_use]
    pub fn applied(&self, tone: &Tone) -> Tone {
        let powers = tone.powers().iter().enumerate();
        Tone::new(
            powers
                .map(|(band, power)| power * db_to_gain(2.0 * self.gain_db(band_hz(band as f64))))
                .collect(),
        )
    }

    /// The taps of a filter with these gains at a sample rate of `rate_hz`: 2^n − 1 of them, symmetric about the middle one or
    /// as early as can be.
    #[must_use]
    pub fn taps(&self, rate_hz: f64, linear: bool) -> Vec<f64> {
        let length = Self::length(rate_hz);
        let gain = |hz: f64| db_to_gain(self.gain_db(hz));
        if linear {
            let target = |hz: f64| [gain(hz); 2];
            return Kernels::of_length(&[&target], rate_hz, length).taps.remove(0);
        }
        minimum_phase(&gain, rate_hz, length)
    }

    /// How many taps there are.
    #[must_use]
    pub fn length(rate_hz: f64) -> usize {
        // A sixth of a second: enough for bends of a third of an octave at 20 Hz.
        ((0.12 * rate_hz) as usize).next_power_of_two() - 1
    }
}

/// The power by which loudness meters weigh `hz`.
fn k_weight(hz: f64) -> f64 {
    // The filter at its own rate always exists.
    k_weighting(48_000.0).map_or(1.0, |sections| response(&sections, hz, 48_000.0).norm_sqr())
}

/// A window of half a cosine to either side, as wide at half its height as `octaves`; the mean power under it.
fn smoothed(powers: &[f64], octaves: f64) -> Vec<f64> {
    let half = (octaves * BANDS_PER_OCTAVE).max(1.0);
    let reach = half as usize;
    let weight = |away: usize| 0.5 + 0.5 * cos(PI * away as f64 / half);
    let weights: Vec<f64> = (0..=reach).map(weight).collect();
    let mean = |middle: usize| {
        let (mut sum, mut total) = (0.0, 0.0);
        for band in middle.saturating_sub(reach)..(middle + reach + 1).min(powers.len()) {
            let weight = weights[band.abs_diff(middle)];
            sum += weight * powers[band];
            total += weight;
        }
        sum / total
    };
    (0..powers.len()).map(mean).collect()
}

/// Where nothing is known, the nearest value that is; 0 where nothing is at all.
fn held(values: &[Option<f64>]) -> Vec<f64> {
    let known: Vec<(usize, f64)> =
        values.iter().enumerate().filter_map(|(band, value)| Some((band, (*value)?))).collect();
    let nearest =
        |band: usize| known.iter().min_by_key(|(at, _)| at.abs_diff(band)).map_or(0.0, |(_, value)| *value);
    (0..values.len()).map(nearest).collect()
}

/// The minimum-phase filter of a magnitude, from its cepstrum folded to the right (Oppenheim and Schafer,
/// *Discrete-Time Signal Processing*, ch. 13).
fn minimum_phase(gain: &dyn Fn(f64) -> f64, rate_hz: f64, length: usize) -> Vec<f64> {
    let size = 8 * (length + 1);
    let mut transform = Transform::new(size, Kind::Portable);
    let mut points: Vec<Complex<f64>> = (0..size)
        .map(|bin| {
            let hz = bin.min(size - bin) as f64 * rate_hz / size as f64;
            Complex::new(ln(gain(hz)), 0.0)
        })
        .collect();
    transform.inverse(&mut points);
    for (n, point) in points.iter_mut().enumerate() {
        let fold = match n {
            0 => 1.0,
            _ if n == size / 2 => 1.0,
            _ if n < size / 2 => 2.0,
            _ => 0.0,
        };
        *point = Complex::new(fold * point.re, 0.0);
    }
    transform.forward(&mut points);
    for point in &mut points {
        let size = exp(point.re);
        *point = Complex::new(size * cos(point.im), size * crate::math::sin(point.im));
    }
    transform.inverse(&mut points);
    // What is left at the end goes out along half a cosine.
    let fade = |n: usize| {
        let part = (n as f64 / length as f64 - 0.75).max(0.0) * 4.0;
        0.5 + 0.5 * cos(PI * part)
    };
    (0..length).map(|n| points[n].re * fade(n)).collect()
}

#[cfg(test)]
mod tests;
