//! Places and lengths on a disc, in sectors: 75 a second, 588 frames each.

use std::fmt;
use std::ops::{Add, Sub};
use std::str::FromStr;
use thiserror::Error;

/// The sample rate of a disc, in Hz.
pub const RATE_HZ: u32 = 44_100;
/// Sectors in a second.
pub const SECTORS_PER_S: u32 = 75;
/// Frames in a sector.
pub const FRAMES_PER_SECTOR: u32 = 588;
/// Bytes of audio in a sector.
pub const BYTES_PER_SECTOR: u32 = 2352;
/// The pause in front of the first track.
pub const PAUSE: Sectors = Sectors(150);
/// The shortest track: 4 s.
pub const SHORTEST_TRACK: Sectors = Sectors(300);
/// Where the lead-out of a disc begins at the latest, by what plants take: 79:57:00.
pub const PLANT_LIMIT: Sectors = Sectors((79 * 60 + 57) * SECTORS_PER_S);
/// The highest address there is: 99:59:74.
pub const HIGHEST: Sectors = Sectors(100 * 60 * SECTORS_PER_S - 1);

/// A number of sectors: a length, or a place counted from some beginning. Shown and read as `mm:ss:ff`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sectors(pub u32);

/// A text that is no address.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{0}` is no address: write minutes, seconds and 75ths as in `79:57:00`")]
pub struct BadAddress(pub String);

impl Sectors {
    /// The whole sectors in so many frames, and the frames that are left.
    #[must_use]
    pub fn of_frames(frames: u64) -> (Self, u32) {
        let sectors = u32::try_from(frames / u64::from(FRAMES_PER_SECTOR)).unwrap_or(u32::MAX);
        (Self(sectors), (frames % u64::from(FRAMES_PER_SECTOR)) as u32)
    }

    /// How many frames that is.
    #[must_use]
    pub fn frames(self) -> u64 {
        u64::from(self.0) * u64::from(FRAMES_PER_SECTOR)
    }

    /// How many bytes of audio that is.
    #[must_use]
    pub fn bytes(self) -> u64 {
        u64::from(self.0) * u64::from(BYTES_PER_SECTOR)
    }

    /// How many seconds that is.
    #[must_use]
    pub fn seconds(self) -> f64 {
        f64::from(self.0) / f64::from(SECTORS_PER_S)
    }

    /// Minutes, seconds and 75ths.
    #[must_use]
    pub fn parts(self) -> (u32, u32, u32) {
        let seconds = self.0 / SECTORS_PER_S;
        (seconds / 60, seconds % 60, self.0 % SECTORS_PER_S)
    }
}

impl Add for Sectors {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Sectors {
    type Output = Self;

    /// The difference; nothing, where the second is larger.
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl fmt::Display for Sectors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (minutes, seconds, frames) = self.parts();
        write!(f, "{minutes:02}:{seconds:02}:{frames:02}")
    }
}

impl FromStr for Sectors {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Self, BadAddress> {
        let wrong = || BadAddress(text.to_owned());
        let part = |part: &str| {
            let digits =
                !part.is_empty() && part.len() <= 2 && part.bytes().all(|byte| byte.is_ascii_digit());
            part.parse::<u32>().ok().filter(|_| digits).ok_or_else(wrong)
        };
        let parts: Vec<&str> = text.split(':').collect();
        let [minutes, seconds, frames] = parts[..] else { return Err(wrong()) };
        let (minutes, seconds, frames) = (part(minutes)?, part(seconds)?, part(frames)?);
        if seconds >= 60 || frames >= SECTORS_PER_S {
            return Err(wrong());
        }
        Ok(Self((minutes * 60 + seconds) * SECTORS_PER_S + frames))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_address_is_read_as_it_is_written(sectors in 0..=HIGHEST.0) {
            let sectors = Sectors(sectors);
            prop_assert_eq!(sectors.to_string().parse(), Ok(sectors));
        }

        #[test]
        fn any_text_is_an_address_or_an_error(text in ".{0,12}") {
            if let Ok(sectors) = text.parse::<Sectors>() {
                prop_assert!(sectors <= HIGHEST);
            }
        }
    }

    #[test]
    fn the_limits_are_those_of_the_book() {
        assert_eq!(PLANT_LIMIT.0, 359_775);
        assert_eq!((HIGHEST.to_string().as_str(), PAUSE.to_string().as_str()), ("99:59:74", "00:02:00"));
        assert_eq!(Sectors::of_frames(588 * 3 + 587), (Sectors(3), 587));
    }
}
