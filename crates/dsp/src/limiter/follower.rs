//! From what is needed to the gain.

use super::means::Means;
use super::{CHUNK, Release};
use crate::dynamics::{Max, Sliding};
use crate::math::{exp, fast_exp2};

/// A reduction below this (10⁻⁶ dB) is none.
const NOTHING: f64 = 1.7e-7;

/// Follows one need: holds it, lets it go, rounds the corners. All in powers of two, 0 or above.
#[derive(Clone, Debug)]
pub(super) struct Follower {
    /// As long as the means take.
    held: Sliding<Max>,
    fast_hold: Sliding<Max>,
    slow_hold: Sliding<Max>,
    fast: f64,
    slow: f64,
    /// What of the distance to the target is left after a frame.
    fast_release: f64,
    slow_attack: f64,
    slow_release: f64,
    means: Means,
    /// So many gains of 1 fill the means with ones. The windows are empty before: a need in one is a gain below 1.
    memory: usize,
    /// Gains of 1 since the last other one that went into the means.
    idle: usize,
    /// The gains of this round, and whether any is not 1.
    gains: Vec<f64>,
    working: bool,
    slow_targets: Vec<f64>,
}

impl Follower {
    /// `attack`: how many frames the means take; `hold`: over how many a need is held for them.
    pub(super) fn new(attack: usize, hold: usize, release: &Release, rate_hz: f64) -> Self {
        let frames = |seconds: f64| (seconds * rate_hz).round().max(0.0) as usize + 1;
        let left = |seconds: f64| if seconds > 0.0 { exp(-1.0 / (seconds * rate_hz)) } else { 0.0 };
        let (fast, slow) = (frames(release.fast_hold_s), frames(release.slow_hold_s));
        let memory = attack + 2;
        Self {
            held: Sliding::new(hold),
            fast_hold: Sliding::new(fast),
            slow_hold: Sliding::new(slow),
            fast: 0.0,
            slow: 0.0,
            fast_release: left(release.fast_release_s),
            slow_attack: left(release.slow_attack_s),
            slow_release: left(release.slow_release_s),
            means: Means::new(attack),
            memory,
            idle: memory,
            gains: vec![1.0; CHUNK],
            working: false,
            slow_targets: vec![0.0; CHUNK],
        }
    }

    /// At rest: nothing but ones and zeros anywhere, so that frames without need change nothing.
    fn rests(&self) -> bool {
        self.idle >= self.memory
    }

    pub(super) fn reset(&mut self) {
        self.held.reset();
        self.fast_hold.reset();
        self.slow_hold.reset();
        (self.fast, self.slow) = (0.0, 0.0);
        self.means.reset();
        self.idle = self.memory;
        self.working = false;
    }

    /// The gains of the last round, if they are not all 1.
    pub(super) fn gains(&self, frames: usize) -> Option<&[f64]> {
        self.working.then_some(&self.gains[..frames])
    }

    /// Works out the gains of the next frames from their needs; `None`: there are none.
    pub(super) fn follow(&mut self, needs: Option<&mut [f64]>, frames: usize) {
        self.working = needs.is_some() || !self.rests();
        if !self.working {
            return;
        }
        let gains = &mut self.gains[..frames];
        match needs {
            Some(needs) => gains.copy_from_slice(needs),
            None => gains.fill(0.0),
        }
        self.held.run(gains);
        let slow_targets = &mut self.slow_targets[..frames];
        slow_targets.copy_from_slice(gains);
        self.fast_hold.run(gains);
        self.slow_hold.run(slow_targets);
        self.let_go(frames);
        let ones = self.gains[..frames].iter().rev().position(|depth| *depth > 0.0);
        self.idle = ones.unwrap_or_else(|| self.idle.saturating_add(frames));
        for gain in &mut self.gains[..frames] {
            *gain = fast_exp2(-*gain);
        }
        self.means.run(&mut self.gains[..frames]);
    }

    /// From the fast branch's targets (in place) and the slow one's to the deeper of both branches.
    fn let_go(&mut self, frames: usize) {
        let (mut fast, mut slow) = (self.fast, self.slow);
        for (depth, slow_target) in self.gains[..frames].iter_mut().zip(&self.slow_targets) {
            let (target, slow_target) = (*depth, *slow_target);
            let falling = target + (fast - target) * self.fast_release;
            fast = if target >= fast { target } else { falling };
            let left = if slow_target > slow { self.slow_attack } else { self.slow_release };
            slow = slow_target + (slow - slow_target) * left;
            if target == 0.0 && fast < NOTHING {
                fast = 0.0;
            }
            if slow_target == 0.0 && slow < NOTHING {
                slow = 0.0;
            }
            *depth = if slow > fast { slow } else { fast };
        }
        (self.fast, self.slow) = (fast, slow);
    }
}
