//! The designer of equaliser bands: digital filters with the magnitude of analog ones, up to half the sample rate.
//!
//! The bilinear transform narrows and flattens a band near half the sample rate; a bell at 16 kHz is then off by more
//! than 4 dB at 44.1 kHz. Here a band's analog [`Prototype`]s are mapped by z = exp(s / rate) (right in frequency and
//! bandwidth, as in Vicanek, *Matched second order digital filters*, 2016), joined by one more section, and all
//! coefficients are then moved until the magnitude is the analog one ([`fit_magnitude`]). The filters are
//! minimum-phase and add no latency; above a quarter of the sample rate their phase still differs from the analog one.
//!
//! A cut is its boost with numerator and denominator swapped, so that one undoes the other.

mod analog;
mod fit;
mod fit_bands;
mod graphic;
mod linear;
mod moving;

pub use analog::Prototype;
pub(crate) use analog::butterworth_dampings;
pub use fit::fit_magnitude;
pub use fit_bands::fit_bands;
pub use graphic::GraphicLayout;
pub use linear::{Kernels, Magnitude, Target};
pub use moving::{Drawn, Gained, MOST_DESIGNS, Moving, Path, PathError, Plan};
pub(crate) use moving::{GainTable, State, apart, run_pair, side_by_side};

use crate::math::log10;
use crate::svf::{Section, Unstable, response};
use rustfft::num_complex::Complex;
use thiserror::Error;

/// The lowest frequency of a band, in Hz.
pub const MIN_FREQ_HZ: f64 = 1.0;
/// The highest frequency of a band, as a part of the sample rate.
pub const MAX_FREQ_OF_RATE: f64 = 0.49;
/// The steepest low- or high-pass, in dB per octave.
pub const MAX_SLOPE_DB_OCT: u32 = 96;
/// The sections of the prototypes alone do, where they follow this closely, in dB …
const CLOSE_DB: f64 = 5e-4;
/// … which is worth a try for corners below this part of the sample rate.
const LOW: f64 = 0.025;

/// How the sections of a low- or high-pass stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// As flat as can be, −3 dB at the corner.
    Butterworth,
    /// Two equal Butterworth filters, −6 dB at the corner; slopes of 12, 24 … dB per octave.
    LinkwitzRiley,
}

/// One band of an equaliser. Frequencies in Hz, gains in dB; Q as in Bristow-Johnson's cookbook.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are those of the prototypes, which say what they are")]
pub enum Band {
    /// [`Prototype::bell`].
    Bell { freq_hz: f64, gain_db: f64, q: f64 },
    /// [`Prototype::low_shelf`].
    LowShelf { freq_hz: f64, gain_db: f64, q: f64 },
    /// [`Prototype::high_shelf`].
    HighShelf { freq_hz: f64, gain_db: f64, q: f64 },
    /// [`Prototype::tilt`].
    Tilt { freq_hz: f64, gain_db: f64 },
    /// [`Prototype::gentle_low_shelf`].
    GentleLowShelf { freq_hz: f64, gain_db: f64 },
    /// [`Prototype::gentle_high_shelf`].
    GentleHighShelf { freq_hz: f64, gain_db: f64 },
    /// A low-pass of any order: 6 to 96 dB per octave.
    LowPass { freq_hz: f64, slope_db_oct: u32, shape: Shape },
    /// A high-pass of any order: 6 to 96 dB per octave.
    HighPass { freq_hz: f64, slope_db_oct: u32, shape: Shape },
    /// [`Prototype::notch`].
    Notch { freq_hz: f64, q: f64 },
    /// [`Prototype::band_pass`].
    BandPass { freq_hz: f64, q: f64 },
    /// [`Prototype::all_pass`].
    AllPass { freq_hz: f64, q: f64 },
}

/// A band that cannot be built.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
pub enum DesignError {
    /// The frequency is too low or too high for the sample rate.
    #[error("{freq_hz} Hz is outside {MIN_FREQ_HZ} … {max_hz} Hz")]
    Frequency {
        /// The frequency asked for.
        freq_hz: f64,
        /// The highest one at this sample rate.
        max_hz: f64,
    },
    /// The Q or the gain is not a usable number.
    #[error("Q {q} or gain {gain_db} dB is not usable")]
    Value {
        /// The Q asked for.
        q: f64,
        /// The gain asked for.
        gain_db: f64,
    },
    /// There is no such slope.
    #[error("{slope_db_oct} dB/oct: slopes go in steps of {step}, up to {MAX_SLOPE_DB_OCT}")]
    Slope {
        /// The slope asked for.
        slope_db_oct: u32,
        /// 6, or 12 for Linkwitz–Riley.
        step: u32,
    },
    /// The numbers leave no stable filter.
    #[error(transparent)]
    Unstable(#[from] Unstable),
}

impl Band {
    /// The band's frequency, in Hz.
    #[must_use]
    pub fn freq_hz(&self) -> f64 {
        match *self {
            Self::Bell { freq_hz, .. }
            | Self::LowShelf { freq_hz, .. }
            | Self::HighShelf { freq_hz, .. }
            | Self::Tilt { freq_hz, .. }
            | Self::GentleLowShelf { freq_hz, .. }
            | Self::GentleHighShelf { freq_hz, .. }
            | Self::LowPass { freq_hz, .. }
            | Self::HighPass { freq_hz, .. }
            | Self::Notch { freq_hz, .. }
            | Self::BandPass { freq_hz, .. }
            | Self::AllPass { freq_hz, .. } => freq_hz,
        }
    }

    /// The gain of a bell, shelf or tilt, in dB.
    #[must_use]
    pub fn gain_db(&self) -> Option<f64> {
        match *self {
            Self::Bell { gain_db, .. }
            | Self::LowShelf { gain_db, .. }
            | Self::HighShelf { gain_db, .. }
            | Self::Tilt { gain_db, .. }
            | Self::GentleLowShelf { gain_db, .. }
            | Self::GentleHighShelf { gain_db, .. } => Some(gain_db),
            _ => None,
        }
    }

    /// Whether the band does nothing: a bell, shelf or tilt of 0 dB.
    #[must_use]
    pub fn is_flat(&self) -> bool {
        self.gain_db() == Some(0.0)
    }

    /// The analog sections of the band, one after the other.
    #[must_use]
    pub fn prototypes(&self) -> Vec<Prototype> {
        match *self {
            Self::Bell { freq_hz, gain_db, q } => vec![Prototype::bell(freq_hz, gain_db, q)],
            Self::LowShelf { freq_hz, gain_db, q } => vec![Prototype::low_shelf(freq_hz, gain_db, q)],
            Self::HighShelf { freq_hz, gain_db, q } => vec![Prototype::high_shelf(freq_hz, gain_db, q)],
            Self::Tilt { freq_hz, gain_db } => vec![Prototype::tilt(freq_hz, gain_db)],
            Self::GentleLowShelf { freq_hz, gain_db } => vec![Prototype::gentle_low_shelf(freq_hz, gain_db)],
            Self::GentleHighShelf { freq_hz, gain_db } => {
                vec![Prototype::gentle_high_shelf(freq_hz, gain_db)]
            }
            Self::Notch { freq_hz, q } => vec![Prototype::notch(freq_hz, q)],
            Self::BandPass { freq_hz, q } => vec![Prototype::band_pass(freq_hz, q)],
            Self::AllPass { freq_hz, q } => vec![Prototype::all_pass(freq_hz, q)],
            Self::LowPass { freq_hz, slope_db_oct, shape } => shape.repeated(slope_db_oct, |order| {
                let first = (order % 2 == 1).then(|| Prototype::low_pass_1(freq_hz));
                let rest = butterworth_dampings(order).map(|k| Prototype::low_pass(freq_hz, 1.0 / k));
                first.into_iter().chain(rest).collect()
            }),
            Self::HighPass { freq_hz, slope_db_oct, shape } => shape.repeated(slope_db_oct, |order| {
                let first = (order % 2 == 1).then(|| Prototype::high_pass_1(freq_hz));
                let rest = butterworth_dampings(order).map(|k| Prototype::high_pass(freq_hz, 1.0 / k));
                first.into_iter().chain(rest).collect()
            }),
        }
    }

    /// The analog complex gain of the band at `hz`: what the digital filter aims at.
    #[must_use]
    pub fn response(&self, hz: f64) -> Complex<f64> {
        self.prototypes().iter().map(|prototype| prototype.response(hz)).product()
    }

    /// The digital filter at a sample rate of `rate_hz`. No sections for a band that does nothing.
    ///
    /// # Errors
    /// When the values do not work at this rate.
    pub fn design(&self, rate_hz: f64) -> Result<Vec<Section>, DesignError> {
        self.check(rate_hz)?;
        if self.is_flat() {
            return Ok(Vec::new());
        }
        match *self {
            // Its magnitude is right by any mapping; this one keeps the phase right at the centre.
            Self::AllPass { freq_hz, q } => Ok(vec![Prototype::all_pass(freq_hz, q).bilinear(rate_hz)?]),
            Self::LowPass { shape: Shape::LinkwitzRiley, .. }
            | Self::HighPass { shape: Shape::LinkwitzRiley, .. } => {
                let both = self.prototypes();
                Ok(fitted(&both[..both.len() / 2], rate_hz)?.repeat(2))
            }
            _ if self.gain_db().is_some_and(|gain_db| gain_db < 0.0) => {
                let boost = fitted(&self.turned().prototypes(), rate_hz)?;
                Ok(boost.iter().map(Section::inverse).collect::<Result<_, _>>()?)
            }
            _ => fitted(&self.prototypes(), rate_hz),
        }
    }

    /// The same band with the opposite gain.
    fn turned(&self) -> Self {
        self.with_gain(-self.gain_db().unwrap_or(0.0))
    }

    /// The same band with another gain, where it has one.
    fn with_gain(&self, new_db: f64) -> Self {
        let mut band = *self;
        if let Self::Bell { gain_db, .. }
        | Self::LowShelf { gain_db, .. }
        | Self::HighShelf { gain_db, .. }
        | Self::Tilt { gain_db, .. }
        | Self::GentleLowShelf { gain_db, .. }
        | Self::GentleHighShelf { gain_db, .. } = &mut band
        {
            *gain_db = new_db;
        }
        band
    }

    /// Whether the band can be built at a sample rate of `rate_hz`.
    ///
    /// # Errors
    /// When its values do not work there.
    pub fn check(&self, rate_hz: f64) -> Result<(), DesignError> {
        let (freq_hz, max_hz) = (self.freq_hz(), MAX_FREQ_OF_RATE * rate_hz);
        if !(MIN_FREQ_HZ..=max_hz).contains(&freq_hz) {
            return Err(DesignError::Frequency { freq_hz, max_hz });
        }
        match *self {
            Self::Bell { gain_db, q, .. }
            | Self::LowShelf { gain_db, q, .. }
            | Self::HighShelf { gain_db, q, .. } => value(q, gain_db),
            Self::Tilt { gain_db, .. }
            | Self::GentleLowShelf { gain_db, .. }
            | Self::GentleHighShelf { gain_db, .. } => value(1.0, gain_db),
            Self::Notch { q, .. } | Self::BandPass { q, .. } | Self::AllPass { q, .. } => value(q, 0.0),
            Self::LowPass { slope_db_oct, shape, .. } | Self::HighPass { slope_db_oct, shape, .. } => {
                let step = shape.step();
                let exists = slope_db_oct > 0 && slope_db_oct <= MAX_SLOPE_DB_OCT && slope_db_oct % step == 0;
                exists.then_some(()).ok_or(DesignError::Slope { slope_db_oct, step })
            }
        }
    }
}

fn value(q: f64, gain_db: f64) -> Result<(), DesignError> {
    let usable = (0.01..=1000.0).contains(&q) && gain_db.abs() <= 120.0;
    usable.then_some(()).ok_or(DesignError::Value { q, gain_db })
}

impl Shape {
    /// Slopes go in steps of so many dB per octave.
    #[must_use]
    pub fn step(self) -> u32 {
        match self {
            Self::Butterworth => 6,
            Self::LinkwitzRiley => 12,
        }
    }

    fn repeated(self, slope_db_oct: u32, butterworth: impl Fn(u32) -> Vec<Prototype>) -> Vec<Prototype> {
        match self {
            Self::Butterworth => butterworth(slope_db_oct / 6),
            Self::LinkwitzRiley => butterworth(slope_db_oct / 12).repeat(2),
        }
    }
}

/// The section that is added, as it begins: zeros and poles far up and well damped, since what is missing is a gentle
/// bend towards half the rate. The second beginning is tried where the first one ends badly.
const ADDED: [([f64; 3], [f64; 3]); 2] =
    [([1.0, 8.0, 16.0], [1.0, 10.0, 25.0]), ([1.0, 4.0, 4.0], [1.0, 5.0, 6.25])];
/// A first end is good enough when the filter follows this closely, in dB.
const GOOD_DB: f64 = 4e-3;

/// The sections of `prototypes`, and one more where they alone do not follow.
pub(crate) fn fitted(prototypes: &[Prototype], rate_hz: f64) -> Result<Vec<Section>, DesignError> {
    let target = |hz: f64| prototypes.iter().map(|p| p.magnitude(hz)).product::<f64>();
    let seed = matched(prototypes, rate_hz)?;
    if prototypes.iter().all(|p| p.freq_hz < LOW * rate_hz) {
        let alone = fit_magnitude(&target, rate_hz, &seed);
        if distance_db(&alone, &target, rate_hz) < CLOSE_DB {
            return Ok(alone);
        }
    }
    joined(&target, rate_hz, seed)
}

/// The seeds of a fit.
fn matched(prototypes: &[Prototype], rate_hz: f64) -> Result<Vec<Section>, Unstable> {
    prototypes.iter().map(|prototype| prototype.matched(rate_hz)).collect()
}

/// The sections of `seed` and one more, with the magnitude of `target`.
fn joined(
    target: &dyn Fn(f64) -> f64,
    rate_hz: f64,
    mut seed: Vec<Section>,
) -> Result<Vec<Section>, DesignError> {
    let own = seed.len();
    let (mut best, mut least) = (Vec::new(), f64::INFINITY);
    for (numerator, denominator) in ADDED {
        seed.truncate(own);
        seed.push(Section::new(numerator, denominator)?);
        let sections = fit_magnitude(target, rate_hz, &seed);
        let distance = distance_db(&sections, target, rate_hz);
        if distance < least {
            (best, least) = (sections, distance);
        }
        if least < GOOD_DB {
            break;
        }
    }
    Ok(best)
}

/// The largest difference from the target in dB, wherever it can be heard.
fn distance_db(sections: &[Section], target: &dyn Fn(f64) -> f64, rate_hz: f64) -> f64 {
    let top = (rate_hz / 2.0).min(20_000.0);
    let distance = |i: i32| {
        let hz = top * f64::from(i * i) / 4096.0;
        let (is, wanted) = (response(sections, hz, rate_hz).norm_sqr(), target(hz));
        if wanted < 1e-3 { 0.0 } else { (10.0 * log10(is / (wanted * wanted))).abs() }
    };
    (0..=64).map(distance).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests;
