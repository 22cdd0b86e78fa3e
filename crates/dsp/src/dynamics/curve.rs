//! The static curves: which gain belongs to which level.

/// Above a threshold the gain goes down: a compressor's curve, with a quadratic knee.
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

    /// The same gain, for the level that comes out with it: what a detector behind the gain goes by.
    #[must_use]
    pub fn gain_from_output_db(&self, level_db: f64) -> f64 {
        let over = level_db - self.threshold_db;
        let knee_end = (1.0 + self.slope) * self.half_knee_db;
        let gain = if over <= -self.half_knee_db {
            0.0
        } else if over < knee_end {
            // The input's way into the knee solves u + bend · u² = the output's way into it.
            let out = over + self.half_knee_db;
            let root = (1.0 + 4.0 * self.bend * out).max(0.0).sqrt();
            out - 2.0 * out / (1.0 + root)
        } else {
            // At a ratio of ∞ any excess asks for all there is.
            let slope = self.slope / (1.0 + self.slope).max(1e-9);
            slope * over
        };
        gain.max(self.floor_db) + 0.0
    }

    /// By how much the gain falls, at the most, for each decibel that the output is too loud: ratio − 1.
    pub(super) fn loop_gain(&self) -> f64 {
        -self.slope / (1.0 + self.slope).max(1e-9)
    }
}

/// Below a threshold the gain goes up: an upward compressor's curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lift {
    /// The mirror image of a curve above a threshold.
    mirrored: Curve,
    floor_db: f64,
}

impl Lift {
    /// Below `threshold_db` the level falls by 1 dB for every `ratio` dB; the bend is `knee_db` wide; the gain never
    /// rises by more than `range_db`. Below `floor_db` it comes back by 1 dB for each dB, so that what is as soft as
    /// noise stays as soft.
    #[must_use]
    pub fn new(threshold_db: f64, ratio: f64, knee_db: f64, range_db: f64, floor_db: f64) -> Self {
        Self { mirrored: Curve::compressor(-threshold_db, ratio, knee_db, range_db), floor_db }
    }

    /// The gain in dB, never below 0, for a level in dB.
    #[inline(always)]
    #[must_use]
    pub fn gain_db(&self, level_db: f64) -> f64 {
        let lost = (self.floor_db - level_db).max(0.0);
        (-self.mirrored.gain_db(-level_db) - lost).max(0.0)
    }
}

/// Below a threshold the gain goes down: an expander's curve, or at a ratio of ∞ a gate's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Expand {
    threshold_db: f64,
    hysteresis_db: f64,
    /// By how much the gain falls for each decibel below the threshold: ratio − 1.
    slope: f64,
    half_knee_db: f64,
    bend: f64,
    floor_db: f64,
}

impl Expand {
    /// Below `threshold_db` the level falls by `ratio` dB for every dB; the bend is `knee_db` wide; the gain never falls
    /// by more than `range_db`. Once the level has been above the threshold, it counts as below only
    /// `hysteresis_db` further down.
    #[must_use]
    pub fn expander(threshold_db: f64, ratio: f64, knee_db: f64, range_db: f64, hysteresis_db: f64) -> Self {
        let slope = ratio.max(1.0) - 1.0;
        let bend = if knee_db > 0.0 { slope / (2.0 * knee_db) } else { 0.0 };
        let (half_knee_db, floor_db) = (knee_db.max(0.0) / 2.0, -range_db.abs());
        Self { threshold_db, hysteresis_db, slope, half_knee_db, bend, floor_db }
    }

    /// Open above `threshold_db` (0 dB), and until the level falls `hysteresis_db` below it; closed elsewhere
    /// (−`range_db`).
    #[must_use]
    pub fn gate(threshold_db: f64, range_db: f64, hysteresis_db: f64) -> Self {
        Self::expander(threshold_db, f64::INFINITY, 0.0, range_db, hysteresis_db)
    }

    /// The gain in dB, never above 0, for a level in dB; `open` is whether the last level counted as above.
    #[inline(always)]
    #[must_use]
    pub fn gain_db(&self, level_db: f64, open: &mut bool) -> f64 {
        let lower = self.threshold_db - self.hysteresis_db;
        *open = level_db >= if *open { lower } else { self.threshold_db };
        let under = if *open { lower } else { self.threshold_db } - level_db;
        if self.slope == f64::INFINITY {
            return if *open { 0.0 } else { self.floor_db };
        }
        let into = (under + self.half_knee_db).max(0.0);
        let fall = if under < self.half_knee_db { self.bend * (into * into) } else { self.slope * under };
        (-fall).max(self.floor_db) + 0.0
    }
}

/// Which gain belongs to which level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Law {
    /// What is loud gets quieter.
    Compress(Curve),
    /// What is soft gets louder.
    Lift(Lift),
    /// What is soft gets quieter.
    Expand(Expand),
}

impl Law {
    /// Replaces levels by gains, in dB.
    pub(super) fn run(&self, levels_db: &mut [f64], open: &mut bool) {
        match self {
            Self::Compress(curve) => levels_db.iter_mut().for_each(|x| *x = curve.gain_db(*x)),
            Self::Lift(lift) => levels_db.iter_mut().for_each(|x| *x = lift.gain_db(*x)),
            Self::Expand(expand) => levels_db.iter_mut().for_each(|x| *x = expand.gain_db(*x, open)),
        }
    }

    /// Whether the attack is the way up.
    pub(super) fn opens(&self) -> bool {
        matches!(self, Self::Expand(_))
    }

    /// The gain of silence.
    pub(super) fn rest_db(&self) -> f64 {
        let mut level = [super::ear::SILENCE_DB];
        self.run(&mut level, &mut false);
        level[0]
    }
}
