//! Where on a record each moment of a side lies, and how fast the groove passes there.

use serde::Serialize;
use std::f64::consts::TAU;

/// No pitch is wider than this, in µm: a short side ends further out and is not spread to the label. Our estimate, more than
/// twice the pitch of a loud side of 14 minutes.
pub const MOST_PITCH_UM: f64 = 400.0;

/// How large a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Size {
    /// 30 cm.
    Inch12,
    /// 25 cm.
    Inch10,
    /// 17 cm.
    Inch7,
}

/// How fast it turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Speed {
    /// 33⅓ in a minute.
    Rpm33,
    /// 45 in a minute.
    Rpm45,
}

/// A kind of record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Record {
    /// How large it is.
    pub size: Size,
    /// How fast it turns.
    pub speed: Speed,
}

impl Record {
    /// The radius at which music may begin, in mm: half the outer diameters of the recorded surface in IEC 98 (1987), 8.5, which are
    /// 292.6, 241.8 and 168.3 mm.
    #[must_use]
    pub fn outer_mm(self) -> f64 {
        match self.size {
            Size::Inch12 => 146.3,
            Size::Inch10 => 120.9,
            Size::Inch7 => 84.15,
        }
    }

    /// The radius at which it has to end, in mm: 2⅜ inches for large records (IEC 98, 1958), 2⅛ for small ones (RIAA
    /// dimensional standards).
    #[must_use]
    pub fn inner_mm(self) -> f64 {
        match self.size {
            Size::Inch12 | Size::Inch10 => 60.325,
            Size::Inch7 => 53.975,
        }
    }

    /// The width of what can be recorded, in mm.
    #[must_use]
    pub fn band_mm(self) -> f64 {
        self.outer_mm() - self.inner_mm()
    }

    /// Three revolutions take so many seconds: a whole number of both.
    pub(crate) fn three_turns_in_20ths(self) -> u64 {
        match self.speed {
            // 5.4 s and 4 s, in 20ths of a second.
            Speed::Rpm33 => 108,
            Speed::Rpm45 => 80,
        }
    }

    /// One revolution, in seconds.
    #[must_use]
    pub fn turn_s(self) -> f64 {
        self.three_turns_in_20ths() as f64 / 60.0
    }

    /// The mean distance of grooves that a side of `length_s` seconds leaves, in µm, spread over all of the band.
    #[must_use]
    pub fn mean_pitch_um(self, length_s: f64) -> f64 {
        1000.0 * self.band_mm() / (length_s / self.turn_s()).max(1.0)
    }

    /// The radius at `at_s` of a side of `length_s` seconds, in mm: it falls evenly, by the mean pitch or by
    /// [`MOST_PITCH_UM`] at the most.
    #[must_use]
    pub fn radius_mm(self, at_s: f64, length_s: f64) -> f64 {
        let pitch_mm = self.mean_pitch_um(length_s).min(MOST_PITCH_UM) / 1000.0;
        (self.outer_mm() - pitch_mm * at_s / self.turn_s()).max(self.inner_mm())
    }

    /// How fast the groove passes at a radius of `radius_mm`, in cm/s.
    #[must_use]
    pub fn groove_cm_s(self, radius_mm: f64) -> f64 {
        TAU * 0.1 * radius_mm / self.turn_s()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LP: Record = Record { size: Size::Inch12, speed: Speed::Rpm33 };

    #[test]
    fn a_large_record_slows_down_from_51_to_21_cm_s() {
        let at = |minutes: f64| LP.groove_cm_s(LP.radius_mm(60.0 * minutes, 60.0 * 22.0));
        assert!((at(0.0) - 51.1).abs() < 0.1 && (at(22.0) - 21.1).abs() < 0.1);
        let single = Record { size: Size::Inch12, speed: Speed::Rpm45 };
        assert!((single.groove_cm_s(single.outer_mm()) - 69.0).abs() < 0.1);
        assert!((LP.turn_s() - 1.8).abs() < 1e-12 && (single.turn_s() - 4.0 / 3.0).abs() < 1e-12);
    }

    /// What plants print of the mean pitch (Zenith's table, in whole µm).
    #[test]
    fn the_mean_pitch_is_what_the_length_leaves() {
        for (minutes, pitch) in [(14.0, 184.0), (18.0, 143.0), (20.0, 129.0), (22.0, 117.0), (26.0, 99.0)] {
            let found = LP.mean_pitch_um(60.0 * minutes);
            assert!((found - pitch).abs() < 1.0, "{minutes} min: {found} µm");
        }
    }

    #[test]
    fn a_short_side_ends_further_out() {
        let end = LP.radius_mm(180.0, 180.0);
        assert!((end - (LP.outer_mm() - 40.0)).abs() < 1e-9, "{end}");
    }
}
