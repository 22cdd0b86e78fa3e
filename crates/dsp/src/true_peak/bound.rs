//! What an interpolated value cannot exceed, from a few maxima of the samples around it.
//!
//! An interpolated value is a mean of the two samples beside it plus a sum over all samples whose weights add up to
//! (almost) nothing. Such a sum is one over the *steps* from sample to sample, whose weights are the running sums of
//! the first weights (Abel). Music steps little compared with its level, so the bound is close. The steps beside the
//! value count most and get a maximum of their own.

use super::kernel::{ANNEX_2_HALF, HALF, Kernel, LANES, PHASES, TAPS};
use std::sync::OnceLock;

/// The samples are looked at in groups of as many as there are lanes.
const REACH: usize = HALF / LANES;
/// How many groups the interpolators reach over for one group of frames: the group, as many as the reach on either
/// side, and one for the last frame's newest sample.
const WIDE: usize = 2 * REACH + 1;
/// A sample at most so far from a frame lies in the frame's group or a neighbour of it.
const NEAR: usize = LANES;

/// Room for rounding in the interpolators: the bound of a value, and the value, are sums of about a hundred products.
const ROUNDING: f64 = 1.0 + 1e-12;

/// The bound of a set of phases: weights of the maxima.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bound {
    near_step: f64,
    far_step: f64,
    /// What is left because the weights do not add up to nothing.
    rest: f64,
    /// The other bound, better where the signal is near half the sample rate: no steps, all samples.
    near_level: f64,
    far_level: f64,
}

impl Bound {
    /// Widens the bound to a phase with these weights, seen against a mean of points that are known: `residue` is the
    /// weights less those of that mean.
    fn include(&mut self, weights: &[f64; TAPS], residue: &[f64; TAPS]) {
        let near = |tap: usize| (HALF - 1 - NEAR..HALF - 1 + NEAR).contains(&tap);
        let (mut near_step, mut far_step, mut near_level, mut far_level) = (0.0, 0.0, 0.0, 0.0);
        let mut running = 0.0;
        for tap in 0..TAPS {
            running += residue[tap];
            if tap + 1 < TAPS {
                *(if near(tap) { &mut near_step } else { &mut far_step }) += f64::abs(running);
            }
            *(if near(tap) { &mut near_level } else { &mut far_level }) += f64::abs(weights[tap]);
        }
        self.rest = self.rest.max(f64::abs(running));
        // Larger far weights with smaller near ones are not covered by a maximum of each alone: it is on the safe side.
        self.near_step = self.near_step.max(near_step);
        self.far_step = self.far_step.max(far_step);
        self.near_level = self.near_level.max(near_level);
        self.far_level = self.far_level.max(far_level);
    }

    /// A bound so high that nothing but silence is ever left out.
    #[cfg(test)]
    const NONE: Self =
        Self { near_step: 1e100, far_step: 1e100, rest: 1e100, near_level: 1e100, far_level: 1e100 };

    /// What no value of these phases exceeds where the known points beside it are at most `known`.
    #[inline]
    pub(crate) fn above(&self, known: f64, around: &Around) -> f64 {
        let steps = known
            + self.near_step * around.near_step
            + self.far_step * around.far_step
            + self.rest * around.far_level;
        let levels = self.near_level * around.near_level + self.far_level * around.far_level;
        steps.min(levels).max(known) * ROUNDING
    }
}

/// The bounds of all interpolators.
#[derive(Debug)]
pub(crate) struct Bounds {
    /// All phases of the reference interpolator, from the samples.
    pub(crate) reference: Bound,
    /// The same from its values at four points a frame.
    pub(crate) between_quarters: Bound,
    /// All phases of the Annex 2 interpolator, from the samples.
    pub(crate) annex_2: Bound,
}

impl Bounds {
    /// Bounds with which nothing but silence is ever left out.
    #[cfg(test)]
    pub(super) const NONE: Self =
        Self { reference: Bound::NONE, between_quarters: Bound::NONE, annex_2: Bound::NONE };

    /// The one table all meters and limiters share.
    pub(crate) fn shared() -> &'static Self {
        static BOUNDS: OnceLock<Bounds> = OnceLock::new();
        BOUNDS.get_or_init(|| {
            let kernel = Kernel::shared();
            Self {
                reference: from_grid(PHASES),
                between_quarters: from_grid(PHASES / 4),
                annex_2: annex_2(kernel),
            }
        })
    }
}

/// The reference interpolator's weights at any phase from 0 to 32.
fn weights(phase: usize) -> [f64; TAPS] {
    let kernel = Kernel::shared();
    std::array::from_fn(|tap| match phase {
        0 => f64::from(tap == HALF - 1),
        PHASES => f64::from(tap == HALF),
        _ if phase <= PHASES / 2 => kernel.phase(phase).weight(tap, false),
        _ => kernel.phase(PHASES - phase).weight(tap, true),
    })
}

/// The bound of the reference interpolator where every `grid`-th phase is known.
fn from_grid(grid: usize) -> Bound {
    let mut bound = Bound::default();
    for phase in (1..PHASES).filter(|phase| phase % grid != 0) {
        let before = phase / grid * grid;
        let (a, b) = (weights(before), weights(before + grid));
        let part = (phase - before) as f64 / grid as f64;
        let this = weights(phase);
        let residue = std::array::from_fn(|tap| this[tap] - ((1.0 - part) * a[tap] + part * b[tap]));
        bound.include(&this, &residue);
    }
    bound
}

fn annex_2(kernel: &Kernel) -> Bound {
    let mut bound = Bound::default();
    let first = HALF - ANNEX_2_HALF;
    for (pair, part) in kernel.annex_2.iter().zip([0.125, 0.375]) {
        for mirror in [false, true] {
            let this = std::array::from_fn(|tap| match tap.checked_sub(first) {
                Some(own) if own < 2 * ANNEX_2_HALF => pair.weight(own, mirror),
                _ => 0.0,
            });
            let part = if mirror { 1.0 - part } else { part };
            let mean = |tap| f64::from(tap == HALF - 1) * (1.0 - part) + f64::from(tap == HALF) * part;
            bound.include(&this, &std::array::from_fn(|tap| this[tap] - mean(tap)));
        }
    }
    bound
}

/// The maxima around one group of frames.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Around {
    near_step: f64,
    far_step: f64,
    near_level: f64,
    far_level: f64,
}

/// Maxima of a stretch of samples, group by group.
#[derive(Clone, Debug)]
pub(crate) struct Survey {
    level: Vec<f64>,
    step: Vec<f64>,
}

impl Survey {
    /// Room for stretches of up to `frames` frames and the reach of the interpolators.
    pub(crate) fn new(frames: usize) -> Self {
        let groups = frames.div_ceil(LANES) + WIDE;
        Self { level: vec![0.0; groups], step: vec![0.0; groups] }
    }

    /// Looks at `frames` frames, of which the first is `samples[HALF]`; there are [`TAPS`] samples more than frames.
    pub(crate) fn look(&mut self, samples: &[f64], frames: usize) {
        let groups = frames.div_ceil(LANES) + WIDE - 1;
        for group in 0..groups {
            let begin = (group * LANES).min(samples.len());
            let own = &samples[begin..(begin + LANES + 1).min(samples.len())];
            let (mut level, mut step) = (0.0_f64, 0.0_f64);
            if let Ok(own) = <&[f64; LANES + 1]>::try_from(own) {
                (level, step) = maxima(own);
            } else {
                for pair in own.windows(2) {
                    step = step.max((pair[1] - pair[0]).abs());
                }
                level = own.iter().fold(level, |most, x| most.max(x.abs()));
            }
            (self.level[group], self.step[group]) = (level, step);
        }
    }

    /// The maxima around group `group` of frames.
    #[inline]
    pub(crate) fn around(&self, group: usize) -> Around {
        let largest = |of: &[f64]| of.iter().fold(0.0, |most: f64, x| if *x > most { *x } else { most });
        let near = group + REACH - 1..group + REACH + 2;
        let wide = group..group + WIDE;
        Around {
            near_step: largest(&self.step[near.clone()]),
            far_step: largest(&self.step[wide.clone()]),
            near_level: largest(&self.level[near]),
            far_level: largest(&self.level[wide]),
        }
    }

    /// The largest sample of group `group` of frames, and of the one behind it.
    #[inline]
    pub(crate) fn level(&self, group: usize) -> f64 {
        self.level[group + REACH]
    }
}

/// The largest size of nine samples, and of the eight steps between them.
#[inline]
fn maxima(samples: &[f64; LANES + 1]) -> (f64, f64) {
    let (mut level, mut step) = ([0.0; LANES], [0.0; LANES]);
    for lane in 0..LANES {
        level[lane] = samples[lane].abs();
        step[lane] = (samples[lane + 1] - samples[lane]).abs();
    }
    let tree = |x: [f64; LANES]| {
        let max = |a: f64, b: f64| if a > b { a } else { b };
        let [a, b, c, d] = std::array::from_fn(|i| max(x[i], x[i + 4]));
        max(max(a, c), max(b, d))
    };
    let last = samples[LANES].abs();
    let level = tree(level);
    (if last > level { last } else { level }, tree(step))
}
