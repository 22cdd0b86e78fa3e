//! A part of the programme, by its times.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;
use thiserror::Error;

/// Nanoseconds in a second.
const SECOND: u64 = 1_000_000_000;

/// From one time of the programme to another, or to its end. Written `1:04..1:20`, `64.5..80` or `2:31..`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    from_ns: u64,
    to_ns: Option<u64>,
}

/// A text that is no stretch of time.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StretchError {
    /// There are not two times with `..` between them.
    #[error("write two times with `..` between them, as in `1:04..1:20`; the second may be left out")]
    Shape,
    /// A time cannot be read.
    #[error("`{0}` is no time; write minutes and seconds, `1:04.5`, or seconds, `64.5`")]
    Time(String),
    /// It ends before it begins.
    #[error("it ends before it begins")]
    Backwards,
}

/// `1:02:03.5`, `2:03.5` or `123.5` in nanoseconds.
fn time(text: &str) -> Result<u64, StretchError> {
    let wrong = || StretchError::Time(text.to_owned());
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let mut seconds = 0_u64;
    let places: Vec<&str> = whole.split(':').collect();
    if places.len() > 3 {
        return Err(wrong());
    }
    for (number, digits) in places.iter().enumerate() {
        let value: u64 =
            digits.parse().ok().filter(|_| digits.bytes().all(|b| b.is_ascii_digit())).ok_or_else(wrong)?;
        // Only what stands first may be 60 or more.
        if number > 0 && (value >= 60 || digits.len() != 2) {
            return Err(wrong());
        }
        seconds = seconds.checked_mul(60).and_then(|s| s.checked_add(value)).ok_or_else(wrong)?;
    }
    if part.len() > 9 || !part.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    let nanos: u64 = format!("{part:0<9}").parse().map_err(|_| wrong())?;
    seconds.checked_mul(SECOND).and_then(|s| s.checked_add(nanos)).ok_or_else(wrong)
}

impl FromStr for Stretch {
    type Err = StretchError;

    fn from_str(text: &str) -> Result<Self, StretchError> {
        let (from, to) = text.split_once("..").ok_or(StretchError::Shape)?;
        let (from, to) = (from.trim(), to.trim());
        if from.is_empty() && to.is_empty() {
            return Err(StretchError::Shape);
        }
        let from_ns = if from.is_empty() { 0 } else { time(from)? };
        let to_ns = if to.is_empty() { None } else { Some(time(to)?) };
        if to_ns.is_some_and(|to| to <= from_ns) {
            return Err(StretchError::Backwards);
        }
        Ok(Self { from_ns, to_ns })
    }
}

impl Stretch {
    /// The frames at `rate_hz`, each time at the nearest frame; open at the end: `u64::MAX`.
    #[must_use]
    pub fn frames(&self, rate_hz: u32) -> Range<u64> {
        let frame = |ns: u64| {
            let frame = (u128::from(ns) * u128::from(rate_hz) + u128::from(SECOND / 2)) / u128::from(SECOND);
            u64::try_from(frame).unwrap_or(u64::MAX)
        };
        frame(self.from_ns)..self.to_ns.map_or(u64::MAX, frame)
    }
}

impl fmt::Display for Stretch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = |ns: u64| {
            let (seconds, part) = (ns / SECOND, ns % SECOND);
            let shown = format!("{}:{:02}", seconds / 60, seconds % 60);
            let part = format!("{part:09}");
            match part.trim_end_matches('0') {
                "" => shown,
                part => format!("{shown}.{part}"),
            }
        };
        write!(f, "{}..{}", time(self.from_ns), self.to_ns.map(time).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::{Stretch, StretchError};

    #[test]
    fn times_are_read_as_people_write_them() {
        for (text, frames, shown) in [
            ("1:04..1:20", 64 * 48_000..80 * 48_000, "1:04..1:20"),
            ("64.5..80", 3_096_000..3_840_000, "1:04.5..1:20"),
            ("..0:10", 0..480_000, "0:00..0:10"),
            ("1:00:00..", 3600 * 48_000..u64::MAX, "60:00.."),
            ("0.00001..1", 0..48_000, "0:00.00001..0:01"),
        ] {
            let stretch: Stretch = text.parse().unwrap();
            assert_eq!((stretch.frames(48_000), stretch.to_string()), (frames, shown.to_owned()), "{text}");
            assert_eq!(shown.parse(), Ok(stretch));
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in
            ["", "..", "1:04", "4", "a..b", "1:60..2:00", "1:4..2:00", "-1..2", "1:2:3:4..", "1.2.3.."]
        {
            assert!(text.parse::<Stretch>().is_err(), "{text}");
        }
        assert_eq!("1:20..1:04".parse::<Stretch>(), Err(StretchError::Backwards));
        assert_eq!("5..5".parse::<Stretch>(), Err(StretchError::Backwards));
        let huge = format!("0..{}", u64::MAX);
        assert!(matches!(huge.parse::<Stretch>(), Err(StretchError::Time(_))));
    }
}
