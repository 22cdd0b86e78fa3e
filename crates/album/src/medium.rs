//! How much music fits on a side.
//!
//! Figures for records are those that pressing plants publish (Pressing Business, GMR, Zenith, Predisc; collected in 2026): up to
//! `good_s` a side is cut as loud as it was made, up to `fair_s` it becomes softer, beyond `most_s` few will cut it. A cassette
//! has half of its minutes a side, and duplicators ask for half a minute to spare.

use crate::document::Medium;

/// The level of a sine's peak at 1 kHz that is cut at 5 cm/s, in dBFS, where a document says nothing: what the lathe control
/// Space/Time Control is set to at first (its level calibration manual, read in 2026). It lies 4 dB above
/// the alignment level of EBU R 68, −18 dBFS.
pub const REFERENCE_DBFS: f64 = -14.0;

/// How much fits on a side, in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Room {
    /// Good: nothing is lost.
    pub good_s: f64,
    /// Fair: something is.
    pub fair_s: f64,
    /// The most.
    pub most_s: f64,
}

/// What somebody should know of a side of some length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// It fits.
    Good,
    /// It fits, at the price of level.
    Fair,
    /// It hardly fits.
    Tight,
    /// It does not fit.
    Beyond,
}

impl Medium {
    /// How much fits on a side.
    #[must_use]
    pub fn room(self) -> Room {
        let minutes = |good: f64, fair: f64, most: f64| Room {
            good_s: good * 60.0,
            fair_s: fair * 60.0,
            most_s: most * 60.0,
        };
        match self {
            Self::Lp12 { rpm: 45 } => minutes(12.0, 14.5, 17.0),
            Self::Lp12 { .. } => minutes(18.0, 22.0, 26.0),
            Self::Lp10 { rpm: 45 } => minutes(9.0, 10.0, 12.0),
            Self::Lp10 { .. } => minutes(12.0, 13.5, 16.0),
            Self::Lp7 { rpm: 33 } => minutes(5.0, 7.0, 8.0),
            Self::Lp7 { .. } => minutes(4.0, 5.0, 6.0),
            Self::Cassette { minutes: both } => {
                let side = f64::from(both) / 2.0;
                minutes(side - 0.5, side - 0.5, side)
            }
        }
    }

    /// How a side of so many seconds fits.
    #[must_use]
    pub fn fits(self, seconds: f64) -> Fit {
        let Room { good_s, fair_s, most_s } = self.room();
        match seconds {
            s if s <= good_s => Fit::Good,
            s if s <= fair_s => Fit::Fair,
            s if s <= most_s => Fit::Tight,
            _ => Fit::Beyond,
        }
    }

    /// What people call it.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Lp12 { rpm } => format!("12-inch record, {rpm} rpm"),
            Self::Lp10 { rpm } => format!("10-inch record, {rpm} rpm"),
            Self::Lp7 { rpm } => format!("7-inch record, {rpm} rpm"),
            Self::Cassette { minutes } => format!("cassette C{minutes}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_fit_as_plants_say() {
        let lp = Medium::Lp12 { rpm: 33 };
        assert_eq!(
            [18.0, 22.0, 26.0, 26.1].map(|minutes| lp.fits(minutes * 60.0)),
            [Fit::Good, Fit::Fair, Fit::Tight, Fit::Beyond]
        );
        let tape = Medium::Cassette { minutes: 46 };
        assert_eq!(
            [22.5, 22.6, 23.1].map(|minutes| tape.fits(minutes * 60.0)),
            [Fit::Good, Fit::Tight, Fit::Beyond]
        );
    }
}
