//! How a mix will do elsewhere: in mono, on a phone, in a club.
//!
//! All of it is the programme's integrated loudness against that of what such a place leaves of it.

use crate::{IntegratedMeter, MeasureError, SpectrumMeter};
use deadwax_dsp::equalizer::{Band, Shape};
use deadwax_dsp::fft::Kind;
use deadwax_dsp::math::power_to_db;
use deadwax_dsp::svf::Cascade;
use serde::Serialize;

/// A phone's loudspeaker gives nothing below this …
const PHONE_HZ: f64 = 300.0;
/// … and a club's system is at its strongest here.
const CLUB_HZ: (f64, f64) = (30.0, 60.0);

/// How a mix will do elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Translation {
    /// How much loudness is lost in mono, in LU. What is the same on both sides loses nothing; what has nothing in common
    /// loses 3. `None` for silence and for mono.
    pub lost_in_mono_lu: Option<f64>,
    /// How much loudness is lost on a small speaker that begins at 300 Hz, in LU.
    pub lost_on_phone_lu: Option<f64>,
    /// How much of the power lies between 30 and 60 Hz, in dB below all of it.
    pub deep_bass_db: Option<f64>,
}

/// Measures how a mix will do elsewhere. Any cutting of it into blocks gives the same bits.
#[derive(Clone, Debug)]
pub struct TranslationMeter {
    whole: IntegratedMeter,
    mono: Option<IntegratedMeter>,
    phone: IntegratedMeter,
    high_pass: Cascade,
    spectra: Vec<SpectrumMeter>,
    work: Vec<Vec<f64>>,
}

/// So many frames are worked on at once.
const CHUNK: usize = 1024;

impl TranslationMeter {
    /// A meter for `channels` channels, in WAV order, at `rate_hz`.
    ///
    /// # Errors
    /// When loudness cannot be measured at that rate, or there is no channel.
    pub fn new(rate_hz: u32, channels: usize, kind: Kind) -> Result<Self, MeasureError> {
        let band = Band::HighPass { freq_hz: PHONE_HZ, slope_db_oct: 24, shape: Shape::LinkwitzRiley };
        let sections = band.design(f64::from(rate_hz)).map_err(|_| MeasureError::SampleRate { rate_hz })?;
        Ok(Self {
            whole: IntegratedMeter::new(rate_hz, channels)?,
            mono: (channels == 2).then(|| IntegratedMeter::new(rate_hz, 2)).transpose()?,
            phone: IntegratedMeter::new(rate_hz, channels)?,
            high_pass: Cascade::new(&sections, channels),
            spectra: vec![SpectrumMeter::new(rate_hz, kind); channels],
            work: vec![vec![0.0; CHUNK]; channels],
        })
    }

    /// Hears the next frames: a slice per channel, all of the same length.
    ///
    /// # Panics
    /// When the number of channels is another, or their lengths differ.
    pub fn push(&mut self, block: &[&[f64]]) {
        let frames = block.first().map_or(0, |channel| channel.len());
        self.whole.push(block);
        for (spectrum, channel) in self.spectra.iter_mut().zip(block) {
            spectrum.push(channel);
        }
        for begin in (0..frames).step_by(CHUNK) {
            let range = begin..frames.min(begin + CHUNK);
            let count = range.len();
            if let ([left, right], Some(mono)) = (block, &mut self.mono) {
                let middle = &mut self.work[0][..count];
                for (m, (l, r)) in
                    middle.iter_mut().zip(left[range.clone()].iter().zip(&right[range.clone()]))
                {
                    *m = 0.5 * (l + r);
                }
                mono.push(&[middle, middle]);
            }
            for (work, channel) in self.work.iter_mut().zip(block) {
                work[..count].copy_from_slice(&channel[range.clone()]);
            }
            self.high_pass.process_all(self.work.iter_mut().map(|work| &mut work[..count]));
            let high: Vec<&[f64]> = self.work.iter().map(|work| &work[..count]).collect();
            self.phone.push(&high);
        }
    }

    /// What was found.
    #[must_use]
    pub fn translation(&self) -> Translation {
        let whole = self.whole.lufs();
        let lost = |lufs: Option<f64>| whole.zip(lufs).map(|(whole, left)| whole - left);
        let power = |from_hz: f64, to_hz: f64| -> f64 {
            self.spectra.iter().map(|spectrum| spectrum.power(from_hz, to_hz)).sum()
        };
        let (deep, all) = (power(CLUB_HZ.0, CLUB_HZ.1), power(20.0, 20_000.0));
        Translation {
            lost_in_mono_lu: self.mono.as_ref().and_then(|mono| lost(mono.lufs())),
            lost_on_phone_lu: lost(self.phone.lufs()),
            deep_bass_db: (deep > 0.0 && all > 0.0).then(|| power_to_db(deep / all)),
        }
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;
    use deadwax_dsp::noise::Noise;
    use std::f64::consts::TAU;

    fn measured(left: &[f64], right: &[f64]) -> Translation {
        let mut meter = TranslationMeter::new(48_000, 2, Kind::Portable).unwrap();
        for (l, r) in left.chunks(777).zip(right.chunks(777)) {
            meter.push(&[l, r]);
        }
        meter.translation()
    }

    fn sine(hz: f64) -> Vec<f64> {
        (0..48_000 * 4).map(|n| 0.3 * (TAU * hz / 48_000.0 * f64::from(n)).sin()).collect()
    }

    #[test]
    fn mono_loses_what_the_sides_do_not_share() {
        let noise = |seed| (0..48_000 * 4).map(|n| Noise::new(seed, 0).uniform(n) * 0.2).collect::<Vec<_>>();
        let (a, b) = (noise(1), noise(2));
        assert!(measured(&a, &a).lost_in_mono_lu.unwrap().abs() < 1e-9);
        assert!((measured(&a, &b).lost_in_mono_lu.unwrap() - 3.01).abs() < 0.1);
    }

    /// A Linkwitz–Riley high-pass of 24 dB/oct has 1 / (1 + (300 / f)⁴) of a tone's amplitude.
    #[test]
    fn a_phone_loses_the_bass() {
        for hz in [100.0, 300.0, 1000.0] {
            let tone = sine(hz);
            let lost = measured(&tone, &tone).lost_on_phone_lu.unwrap();
            let expected = 20.0 * (1.0 + (300.0 / hz).powi(4)).log10();
            assert!((lost - expected).abs() < 0.05, "{hz} Hz: {lost} LU instead of {expected}");
        }
    }

    #[test]
    fn deep_bass_is_the_power_from_30_to_60_hz() {
        let both: Vec<f64> = sine(45.0).iter().zip(sine(1000.0)).map(|(a, b)| a + b).collect();
        let share = measured(&both, &both).deep_bass_db.unwrap();
        assert!((share + 3.01).abs() < 0.05, "{share}");
    }
}
