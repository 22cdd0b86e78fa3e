//! How much land the grooves take, and how much the length of the side leaves.

use super::geometry::Record;
use crate::side::Peak;
use deadwax_dsp::math::db_to_gain;
use serde::Serialize;
use std::f64::consts::FRAC_1_SQRT_2;

/// The width of a groove in silence, at the surface, in µm: 2 mil, which cutters keep so that cheap players stay in it.
pub const BASE_WIDTH_UM: f64 = 50.0;
/// No groove becomes narrower, in µm: 1 mil (IEC 98: the instantaneous width of a stereophonic groove is 25 µm at the least).
const LEAST_WIDTH_UM: f64 = 25.0;
/// What stays between two grooves, in µm, so that no wall bends under its neighbour. Our estimate.
const BETWEEN_UM: f64 = 10.0;
/// How far the level is looked for, in dB to either side.
const MOST_DB: f64 = 40.0;

/// The most that one revolution moves the groove, at the reference level, in µm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Revolution {
    /// Sideways, from its middle.
    pub lateral_um: f64,
    /// Up, towards the surface: the groove becomes narrower.
    pub up_um: f64,
    /// The inner edge towards the label.
    pub inward_um: f64,
    /// The outer edge towards the rim.
    pub outward_um: f64,
}

impl Revolution {
    /// How much land this revolution takes at so many times the reference level, in µm.
    #[must_use]
    pub fn takes_um(&self, gain: f64) -> f64 {
        let width = BASE_WIDTH_UM.max(LEAST_WIDTH_UM + 2.0 * gain * self.up_um);
        width + gain * (self.inward_um + self.outward_um) + BETWEEN_UM
    }
}

/// The land of a side.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Land {
    /// What a revolution may take at the mean, in µm.
    pub has_um: f64,
    /// What a revolution takes at the mean, at the reference level, in µm.
    pub takes_um: f64,
    /// How much louder than at the reference level the side can be cut, in dB; less than 0 where it has to be softer. Between −40
    /// and 40.
    pub change_db: f64,
    /// The most sideways, in µm.
    pub lateral_um: Peak,
    /// The most upwards, in µm.
    pub up_um: Peak,
    /// Every revolution, from the rim to the label.
    pub revolutions: Vec<Revolution>,
}

impl Land {
    /// What `revolutions` take of what a side of `length_s` seconds leaves.
    #[must_use]
    pub fn of(record: Record, length_s: f64, revolutions: Vec<Revolution>) -> Self {
        let count = revolutions.len().max(1) as f64;
        let mean = |gain: f64| revolutions.iter().map(|turn| turn.takes_um(gain)).sum::<f64>() / count;
        let has_um = record.mean_pitch_um(length_s);
        let (mut low, mut high) = (-MOST_DB, MOST_DB);
        for _ in 0..40 {
            let middle = 0.5 * (low + high);
            if mean(db_to_gain(middle)) <= has_um { low = middle } else { high = middle }
        }
        let takes_um = mean(1.0);
        let (lateral_um, up_um) = (Peak::default(), Peak::default());
        Self { has_um, takes_um, change_db: low, lateral_um, up_um, revolutions }
    }
}

/// Measures revolutions.
#[derive(Clone, Debug)]
pub(crate) struct LandMeter {
    record: Record,
    rate_hz: u32,
    at: u64,
    ends: u64,
    now: Revolution,
    lateral: Peak,
    up: Peak,
    revolutions: Vec<Revolution>,
}

impl LandMeter {
    pub(crate) fn new(record: Record, rate_hz: u32) -> Self {
        let mut meter = Self {
            record,
            rate_hz,
            at: 0,
            ends: 0,
            now: Revolution::default(),
            lateral: Peak::default(),
            up: Peak::default(),
            revolutions: Vec::new(),
        };
        meter.ends = meter.end(0);
        meter
    }

    /// The frame with which revolution `number` has ended.
    fn end(&self, number: u64) -> u64 {
        (number + 1) * u64::from(self.rate_hz) * self.record.three_turns_in_20ths() / 60
    }

    /// Sees how far the walls have moved, in µm. The left wall is the inner one (IEC 98); a positive sample moves both towards the
    /// label, which widens the groove for the left wall and narrows it for the right.
    pub(crate) fn see(&mut self, left: &[f64], right: &[f64]) {
        let mut from = 0;
        while from < left.len() {
            let count = (left.len() - from).min((self.ends - self.at) as usize);
            let range = from..from + count;
            self.look(&left[range.clone()], &right[range]);
            from += count;
            if self.at == self.ends {
                self.turn();
            }
        }
    }

    fn look(&mut self, left: &[f64], right: &[f64]) {
        let Revolution { mut lateral_um, mut up_um, inward_um, outward_um } = self.now;
        let (mut most_left, mut least_right) = (FRAC_1_SQRT_2 * inward_um, -FRAC_1_SQRT_2 * outward_um);
        for (at, (left, right)) in left.iter().zip(right).enumerate() {
            let (lateral, up) = ((FRAC_1_SQRT_2 * (left + right)).abs(), FRAC_1_SQRT_2 * (right - left));
            most_left = f64::max(most_left, *left);
            least_right = f64::min(least_right, *right);
            if lateral > lateral_um {
                lateral_um = lateral;
                self.lateral.take(lateral, self.at + at as u64, self.rate_hz);
            }
            if up > up_um {
                up_um = up;
                self.up.take(up, self.at + at as u64, self.rate_hz);
            }
        }
        // At the surface an edge of a wall of 45° moves by √2 of what the wall does.
        let (inward_um, outward_um) = (most_left / FRAC_1_SQRT_2, -least_right / FRAC_1_SQRT_2);
        self.now = Revolution { lateral_um, up_um, inward_um, outward_um };
        self.at += left.len() as u64;
    }

    fn turn(&mut self) {
        self.revolutions.push(std::mem::take(&mut self.now));
        self.ends = self.end(self.revolutions.len() as u64);
    }

    /// The land, on a side of `length_s` seconds.
    pub(crate) fn finish(mut self, length_s: f64) -> Land {
        let begun = self.revolutions.last().map_or(0, |_| self.end(self.revolutions.len() as u64 - 1));
        if self.at > begun {
            self.turn();
        }
        let land = Land::of(self.record, length_s, self.revolutions);
        Land { lateral_um: self.lateral, up_um: self.up, ..land }
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::super::geometry::{Size, Speed};
    use super::*;
    use deadwax_dsp::math::gain_to_db;
    use std::f64::consts::{SQRT_2, TAU};

    const LP: Record = Record { size: Size::Inch12, speed: Speed::Rpm33 };
    /// Enough for lengths; velocity is measured elsewhere.
    const RATE: u32 = 4000;

    /// A side of so many minutes whose walls move by a sine of so many µm; the right one times `right`.
    fn side(minutes: u32, um: f64, right: f64) -> Land {
        let wall = |n: u32| um * (TAU * 80.0 * f64::from(n) / f64::from(RATE)).sin();
        let left: Vec<f64> = (0..minutes * 60 * RATE).map(wall).collect();
        let other: Vec<f64> = left.iter().map(|x| right * x).collect();
        let mut meter = LandMeter::new(LP, RATE);
        meter.see(&left, &other);
        meter.finish(60.0 * f64::from(minutes))
    }

    #[test]
    fn bass_in_the_middle_moves_the_groove_sideways_and_the_land_is_what_is_left() {
        let land = side(20, 30.0, 1.0);
        // 20 min at 1.8 s.
        assert_eq!(land.revolutions.len(), 667);
        assert!((land.lateral_um.value - 30.0 * SQRT_2).abs() < 0.1, "{:?}", land.lateral_um);
        assert!(land.up_um.value < 1e-9, "{:?}", land.up_um);
        let takes = BASE_WIDTH_UM + 2.0 * 30.0 * SQRT_2 + BETWEEN_UM;
        assert!((land.takes_um - takes).abs() < 0.3, "{} µm, not {takes}", land.takes_um);
        // What is left beside the groove itself, against what it moves by.
        let wanted = gain_to_db((land.has_um - 60.0) / (2.0 * 30.0 * SQRT_2));
        assert!((land.change_db - wanted).abs() < 0.03, "{} dB, not {wanted}", land.change_db);
    }

    #[test]
    fn bass_out_of_phase_lifts_the_stylus_and_wants_a_deeper_groove() {
        let land = side(2, 30.0, -1.0);
        assert!(land.lateral_um.value < 1e-9 && (land.up_um.value - 30.0 * SQRT_2).abs() < 0.1);
        let takes = LEAST_WIDTH_UM + 2.0 * 30.0 * SQRT_2 + 2.0 * 30.0 * SQRT_2 + BETWEEN_UM;
        assert!((land.takes_um - takes).abs() < 0.5, "{} µm, not {takes}", land.takes_um);
    }

    #[test]
    fn a_quiet_short_side_has_land_to_spare_and_a_loud_long_one_has_not() {
        assert!(side(10, 10.0, 1.0).change_db > 15.0);
        let long = side(26, 60.0, 1.0);
        assert!(long.change_db < -6.0 && long.takes_um > long.has_um, "{} dB", long.change_db);
        // Silence fits at any level, and never more than 40 dB are spoken of.
        assert!((side(1, 0.0, 1.0).change_db - 40.0).abs() < 1e-6);
    }
}
