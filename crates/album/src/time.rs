//! Exact time. Sums of lengths in samples, seconds and 75ths of a second are fractions, and stay so: nothing is rounded before
//! it is known on which grid it lands.

use deadwax_disc::{SECTORS_PER_S, Sectors};
use num_rational::Ratio;
use std::ops::{Add, Sub};
use thiserror::Error;

/// The longest time that a document may name, in seconds: a day.
pub const MOST_S: u32 = 86_400;

/// A moment or a length, in seconds, as a fraction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(Ratio<i128>);

/// A text that is no time.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BadTime {
    /// It is no plain number.
    #[error("`{0}` is no number of seconds: write digits, a point, and up to nine digits behind it")]
    Shape(String),
    /// It is longer than a day.
    #[error("`{0}` is longer than a day")]
    Long(String),
}

impl Time {
    /// The beginning, or no length.
    pub const ZERO: Self = Self(Ratio::new_raw(0, 1));

    /// `1.5` and the like, exactly as it is written.
    ///
    /// # Errors
    /// When it is no plain decimal number, or longer than a day.
    pub fn of_seconds(text: &str) -> Result<Self, BadTime> {
        let wrong = || BadTime::Shape(text.to_owned());
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || whole.len() > 9 || part.len() > 9 || !digits(whole) || !digits(part) {
            return Err(wrong());
        }
        let all: i128 = format!("{whole}{part}").parse().map_err(|_| wrong())?;
        let time = Self(Ratio::new(all, 10_i128.pow(part.len() as u32)));
        if time > Self::of_frames(u64::from(MOST_S), 1) {
            Err(BadTime::Long(text.to_owned()))
        } else {
            Ok(time)
        }
    }

    /// So many frames at a sample rate.
    #[must_use]
    pub fn of_frames(frames: u64, rate_hz: u32) -> Self {
        Self(Ratio::new(i128::from(frames), i128::from(rate_hz.max(1))))
    }

    /// So many sectors of a disc.
    #[must_use]
    pub fn of_sectors(sectors: u32) -> Self {
        Self::of_frames(u64::from(sectors), SECTORS_PER_S)
    }

    /// The frame at a sample rate in which it lies, and whether it is exactly its beginning. A time before the beginning
    /// lies in the first.
    #[must_use]
    pub fn frame(self, rate_hz: u32) -> (u64, bool) {
        let exact = self.0 * i128::from(rate_hz);
        (u64::try_from(exact.floor().to_integer()).unwrap_or(0), exact.is_integer() && self >= Self::ZERO)
    }

    /// The sector of a disc in which it lies, and by how much its beginning is earlier.
    #[must_use]
    pub fn sector(self) -> (Sectors, Self) {
        let (sector, _) = self.frame(SECTORS_PER_S);
        let sector = Sectors(u32::try_from(sector).unwrap_or(u32::MAX));
        (sector, self - Self::of_sectors(sector.0))
    }

    /// The first sector of a disc that begins then or later: where what ends then has ended.
    #[must_use]
    pub fn sector_behind(self) -> Sectors {
        let (sector, earlier) = self.sector();
        if earlier > Self::ZERO { sector + Sectors(1) } else { sector }
    }

    /// Half of it.
    #[must_use]
    pub fn half(self) -> Self {
        Self(self.0 / 2)
    }

    /// In seconds, rounded: for people.
    #[must_use]
    pub fn seconds(self) -> f64 {
        *self.0.numer() as f64 / *self.0.denom() as f64
    }
}

impl Add for Time {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Time {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

/// A length as a document says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// So many samples, at the rate of the timeline.
    Samples(u64),
    /// So many seconds.
    Seconds(Time),
    /// So many 75ths of a second: what a disc calls frames.
    CdFrames(u32),
}

impl Length {
    /// How long that is on a timeline of `rate_hz`.
    #[must_use]
    pub fn time(self, rate_hz: u32) -> Time {
        match self {
            Self::Samples(frames) => Time::of_frames(frames, rate_hz),
            Self::Seconds(time) => time,
            Self::CdFrames(frames) => Time::of_sectors(frames),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn seconds_are_what_is_written_and_not_what_a_float_makes_of_it() {
        let tenth = Time::of_seconds("0.1").unwrap();
        let sum = (0..10).fold(Time::ZERO, |sum, _| sum + tenth);
        assert_eq!(sum, Time::of_seconds("1").unwrap());
        assert_eq!(Time::of_seconds("0.1").unwrap().frame(44_100), (4410, true));
        assert_eq!(Time::of_seconds("0.33333").unwrap().frame(44_100), (14_699, false));
        for text in ["", ".5", "-1", "1e3", "1.0000000001", "a", "inf", "1.5.5"] {
            assert_eq!(Time::of_seconds(text), Err(BadTime::Shape(text.into())));
        }
        assert_eq!(Time::of_seconds("86400.1"), Err(BadTime::Long("86400.1".into())));
    }

    proptest! {
        #[test]
        fn a_boundary_moves_to_the_sector_it_lies_in_and_says_by_how_much(frames in 0_u64..(90 * 60 * 44_100)) {
            let time = Time::of_frames(frames, 44_100);
            let (sector, earlier) = time.sector();
            prop_assert_eq!(sector.frames() + earlier.frame(44_100).0, frames);
            prop_assert!(earlier >= Time::ZERO && earlier < Time::of_sectors(1));
            prop_assert_eq!(time.sector_behind().0, (frames.div_ceil(588)) as u32);
        }

        #[test]
        fn sums_of_any_lengths_are_exact(lengths in proptest::collection::vec((0_u64..10_000_000, 0_usize..4), 1..50)) {
            let rates = [44_100, 48_000, 96_000, 75];
            let sum = lengths.iter().fold(Time::ZERO, |sum, (frames, rate)| sum + Time::of_frames(*frames, rates[*rate]));
            let back = lengths.iter().rev().fold(sum, |left, (frames, rate)| left - Time::of_frames(*frames, rates[*rate]));
            prop_assert_eq!(back, Time::ZERO);
        }
    }
}
