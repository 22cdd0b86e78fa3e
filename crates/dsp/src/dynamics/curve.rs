//! The static curve: which gain belongs to which level.

/// A compressor's curve above a threshold, with a quadratic knee.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Curve {
    threshold_db: f64,
    /// By how much the gain falls for each decibel above the threshold: 1/ratio − 1.
    slope: f64,
    half_knee_db: f64,
    /// slope / (2 · knee); 0 without a knee.
    bend: f64,
    floor_db: f64,
}

impl Curve {
    /// Above `threshold_db` the level rises by 1 dB for every `ratio` dB (from 1 on; ∞ is a limiter); the bend is
    /// `knee_db` wide; the gain never falls by more than `range_db`.
    #[must_use]
    pub fn compressor(threshold_db: f64, ratio: f64, knee_db: f64, range_db: f64) -> Self {
        let slope = 1.0 / ratio.max(1.0) - 1.0;
        let bend = if knee_db > 0.0 { slope / (2.0 * knee_db) } else { 0.0 };
        Self { threshold_db, slope, half_knee_db: knee_db.max(0.0) / 2.0, bend, floor_db: -range_db.abs() }
    }

    /// The gain in dB, never above 0, for a level in dB.
    #[inline(always)]
    #[must_use]
    pub fn gain_db(&self, level_db: f64) -> f64 {
        let over = level_db - self.threshold_db;
        let into = (over + self.half_knee_db).max(0.0);
        let gain = if over < self.half_knee_db { self.bend * (into * into) } else { self.slope * over };
        // A slope of zero leaves −0.
        gain.max(self.floor_db) + 0.0
    }
}
