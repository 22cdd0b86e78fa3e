//! Exact times: a number of seconds as a fraction.

use std::cmp::Ordering;
use std::ops::{Add, Sub};

/// A non-negative or negative fraction in lowest terms. Large enough for any sum of latencies at audio rates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Seconds {
    num: i128,
    den: i128,
}

fn gcd(a: i128, b: i128) -> i128 {
    if b == 0 { a.abs().max(1) } else { gcd(b, a % b) }
}

impl Seconds {
    pub(crate) const ZERO: Self = Self { num: 0, den: 1 };

    /// `frames` at `rate_hz`.
    pub(crate) fn of_frames(frames: u64, rate_hz: u32) -> Self {
        Self::reduced(i128::from(frames), i128::from(rate_hz.max(1)))
    }

    fn reduced(num: i128, den: i128) -> Self {
        let shared = gcd(num, den);
        Self { num: num / shared, den: den / shared }
    }

    /// The time in frames at `rate_hz`, rounded up.
    pub(crate) fn frames_up(self, rate_hz: u32) -> u64 {
        let frames = self.num * i128::from(rate_hz);
        u64::try_from(frames.max(0).div_euclid(self.den) + i128::from(frames.max(0) % self.den != 0))
            .unwrap_or(u64::MAX)
    }

    /// The time in milliseconds, for people.
    pub(crate) fn millis(self) -> f64 {
        self.num as f64 * 1000.0 / self.den as f64
    }
}

impl Add for Seconds {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self::reduced(self.num * other.den + other.num * self.den, self.den * other.den)
    }
}

impl Sub for Seconds {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self::reduced(self.num * other.den - other.num * self.den, self.den * other.den)
    }
}

impl PartialOrd for Seconds {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Seconds {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.num * other.den).cmp(&(other.num * self.den))
    }
}

#[cfg(test)]
mod tests {
    use super::Seconds;

    #[test]
    fn frames_of_different_rates_add_exactly() {
        let sum = Seconds::of_frames(147, 44_100) + Seconds::of_frames(160, 48_000);
        assert_eq!(sum, Seconds::of_frames(640, 96_000));
        assert_eq!(sum.frames_up(44_100), 294);
        assert_eq!((sum + Seconds::of_frames(1, 192_000)).frames_up(44_100), 295);
        assert_eq!((Seconds::ZERO - sum).frames_up(44_100), 0);
    }
}
