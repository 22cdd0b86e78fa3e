//! Attack and release: how fast the gain follows the curve.

use crate::math::expm1;

/// How attack and release share the work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Smoothing {
    /// One smoother, whose speed depends on the direction.
    Branching,
    /// A release with instant attack, then a smoother with the attack time: the ripple of a tone passes both, so it
    /// is the cleaner one. Release takes about attack + release.
    #[default]
    Decoupled,
}

/// The slow branch of the automatic release averages over so many release times …
const SLOW_ATTACK: f64 = 2.0;
/// … and lets go over so many.
const SLOW_RELEASE: f64 = 8.0;

/// Smooths a gain in dB with attack (on the way down) and release.
///
/// Times are those after which 63 % (1 − 1/e) of a step are done. With an automatic release, gain that has been down
/// for long comes back eight times as slowly: short peaks still recover in the release time, sustained reduction does
/// not pump. It is the deeper of two branches, as in the limiter.
#[derive(Clone, Debug)]
pub struct Ballistics {
    smoothing: Smoothing,
    attack: f64,
    release: f64,
    slow: Option<[f64; 2]>,
    rest_db: f64,
    /// The gain behind the release, and behind the attack; and that of the slow branch.
    released_db: f64,
    gain_db: f64,
    slow_db: f64,
}

impl Ballistics {
    /// At rest at 0 dB, for times in seconds and a sample rate in Hz.
    #[must_use]
    pub fn new(
        smoothing: Smoothing,
        attack_s: f64,
        release_s: f64,
        auto_release: bool,
        rate_hz: f64,
    ) -> Self {
        let part = |seconds: f64| if seconds > 0.0 { -expm1(-1.0 / (seconds * rate_hz)) } else { 1.0 };
        Self {
            smoothing,
            attack: part(attack_s),
            release: part(release_s),
            slow: auto_release.then(|| [part(SLOW_ATTACK * release_s), part(SLOW_RELEASE * release_s)]),
            rest_db: 0.0,
            released_db: 0.0,
            gain_db: 0.0,
            slow_db: 0.0,
        }
    }

    /// The same, at rest at another gain: the one that silence gets.
    #[must_use]
    pub fn resting_at(mut self, rest_db: f64) -> Self {
        self.rest_db = rest_db;
        self.reset();
        self
    }

    /// Makes no step larger than this part of the way to the target.
    pub(super) fn slow_down_to(&mut self, most: f64) {
        (self.attack, self.release) = (self.attack.min(most), self.release.min(most));
    }

    /// Back to rest.
    pub fn reset(&mut self) {
        (self.released_db, self.gain_db, self.slow_db) = (self.rest_db, self.rest_db, self.rest_db);
    }

    /// Replaces each target by the gain that follows it.
    pub fn run(&mut self, targets_db: &mut [f64]) {
        if let Some([fall, rise]) = self.slow {
            let mut slow = self.slow_db;
            for target in targets_db.iter_mut() {
                let speed = if *target < slow { fall } else { rise };
                slow = settled(slow + speed * (*target - slow));
                *target = target.min(slow);
            }
            self.slow_db = slow;
        }
        match self.smoothing {
            Smoothing::Branching => self.branching(targets_db),
            Smoothing::Decoupled => self.decoupled(targets_db),
        }
    }

    fn branching(&mut self, targets_db: &mut [f64]) {
        let mut gain = self.gain_db;
        for target in targets_db {
            let speed = if *target < gain { self.attack } else { self.release };
            gain = settled(gain + speed * (*target - gain));
            *target = gain;
        }
        self.gain_db = gain;
    }

    fn decoupled(&mut self, targets_db: &mut [f64]) {
        let (mut released, mut gain) = (self.released_db, self.gain_db);
        for target in targets_db {
            let back = settled(released + self.release * (*target - released));
            released = if *target < back { *target } else { back };
            gain = settled(gain + self.attack * (released - gain));
            *target = gain;
        }
        (self.released_db, self.gain_db) = (released, gain);
    }
}

/// A gain this close to 0 dB, in dB, is at rest: no denormals, and silence passes at exactly unity in the end.
const AT_REST_DB: f64 = 1e-12;

/// `gain_db`, or 0 dB close to it.
#[inline(always)]
fn settled(gain_db: f64) -> f64 {
    if gain_db.abs() < AT_REST_DB { 0.0 } else { gain_db }
}
