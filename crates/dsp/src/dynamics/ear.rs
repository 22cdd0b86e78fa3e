//! The detector: from samples to levels.

use super::{Max, Sliding, Sum};
use crate::equalizer::{Band, DesignError, Shape, fit_magnitude};
use crate::math::{exp, fast_log2, log2, pow};
use crate::svf::Section;
use std::f64::consts::TAU;

/// 20·log10(2): decibels per octave of amplitude.
pub(super) const DB_PER_OCTAVE: f64 = 6.020_599_913_279_624;
/// Levels below this count as this.
const LEAST_LEVEL: f64 = 1e-30;
/// The same in dB: the level of silence.
pub(super) const SILENCE_DB: f64 = -600.0;

/// What counts as the level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Detector {
    /// The size of the sample.
    Peak,
    /// The largest sample within a window, in seconds: a steady tone whose half period fits in gets a steady gain.
    PeakHold {
        /// The window.
        window_s: f64,
    },
    /// The root of the mean square over a window, in seconds, so that a sine reads 3 dB below its peak.
    Rms {
        /// The window.
        window_s: f64,
    },
    /// What is heard is a level already.
    Given,
}

/// What one channel is heard with.
#[derive(Clone, Debug)]
pub(super) enum Ear {
    Given,
    Peak,
    PeakHold(Sliding<Max>),
    Rms(Sliding<Sum>),
}

impl Ear {
    pub(super) fn new(detector: Detector, rate_hz: f64) -> Self {
        let frames = |seconds: f64| (seconds * rate_hz + 0.5) as usize;
        match detector {
            Detector::Given => Self::Given,
            Detector::Peak => Self::Peak,
            Detector::PeakHold { window_s } => Self::PeakHold(Sliding::new(frames(window_s))),
            Detector::Rms { window_s } => Self::Rms(Sliding::new(frames(window_s))),
        }
    }

    pub(super) fn reset(&mut self) {
        match self {
            Self::Given | Self::Peak => {}
            Self::PeakHold(window) => window.reset(),
            Self::Rms(window) => window.reset(),
        }
    }

    /// Replaces samples by levels (amplitudes).
    pub(super) fn run(&mut self, samples: &mut [f64]) {
        match self {
            Self::Given => {}
            Self::Peak => samples.iter_mut().for_each(|x| *x = x.abs()),
            Self::PeakHold(window) => {
                samples.iter_mut().for_each(|x| *x = x.abs());
                window.run(samples);
            }
            Self::Rms(window) => {
                let scale = 1.0 / window.length() as f64;
                samples.iter_mut().for_each(|x| *x = *x * *x);
                window.run(samples);
                samples.iter_mut().for_each(|x| *x = (*x * scale).sqrt());
            }
        }
    }
}

/// Amplitudes to decibels.
pub(super) fn to_db(levels: &mut [f64]) {
    for level in levels {
        let audible = if *level > LEAST_LEVEL { *level } else { LEAST_LEVEL };
        *level = DB_PER_OCTAVE * fast_log2(audible);
    }
}

/// Filters between the key and the detector; what is heard of the signal, not the signal, goes through them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct KeyFilter {
    /// Below this the detector hears less and less (12 dB per octave).
    pub high_pass_hz: Option<f64>,
    /// Above this the detector hears less and less (12 dB per octave).
    pub low_pass_hz: Option<f64>,
    /// By how much louder every octave is heard than the one below; 0 dB at 1 kHz.
    pub tilt_db_oct: f64,
}

/// A tilt is made of so many sections …
const TILT_SECTIONS: usize = 5;
/// … between these frequencies, of which the upper one is also held below this part of the rate.
const TILT_HZ: [f64; 2] = [14.0, 24_000.0];
const TILT_TOP: f64 = 0.45;

impl KeyFilter {
    /// The filters at a sample rate of `rate_hz`; none where nothing is set.
    ///
    /// # Errors
    /// When a corner does not work at this rate.
    pub fn design(&self, rate_hz: f64) -> Result<Vec<Section>, DesignError> {
        let (slope_db_oct, shape) = (12, Shape::Butterworth);
        let high_pass = self.high_pass_hz.map(|freq_hz| Band::HighPass { freq_hz, slope_db_oct, shape });
        let low_pass = self.low_pass_hz.map(|freq_hz| Band::LowPass { freq_hz, slope_db_oct, shape });
        let mut sections = Vec::new();
        for band in [high_pass, low_pass].into_iter().flatten() {
            sections.extend(band.design(rate_hz)?);
        }
        if self.tilt_db_oct != 0.0 {
            sections.extend(tilt(self.tilt_db_oct, rate_hz)?);
        }
        Ok(sections)
    }
}

/// Poles and zeros in equal steps of pitch, offset against each other by the slope (Smith, *Closed form fractional
/// integration and differentiation via real exponentially spaced pole-zero pairs*, 2016), then fitted.
fn tilt(db_oct: f64, rate_hz: f64) -> Result<Vec<Section>, DesignError> {
    let octaves = db_oct / DB_PER_OCTAVE;
    let top = TILT_HZ[1].min(TILT_TOP * rate_hz);
    let step = log2(top / TILT_HZ[0]) / (2 * TILT_SECTIONS) as f64;
    let root = |place: f64| exp(-TAU * TILT_HZ[0] * pow(2.0, place * step) / rate_hz);
    let pair = |index: usize, offset: f64| {
        let at = |k: usize| root((2 * index + k) as f64 + 0.5 + offset);
        let (a, b) = (at(0), at(1));
        [1.0, -(a + b), a * b]
    };
    let seed: Vec<Section> = (0..TILT_SECTIONS)
        .map(|index| Section::from_biquad(pair(index, -octaves / 2.0), pair(index, octaves / 2.0)))
        .collect::<Result<_, _>>()?;
    Ok(fit_magnitude(&|hz| pow(hz / 1000.0, octaves), rate_hz, &seed))
}
