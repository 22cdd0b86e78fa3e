//! The peak of every frame that exceeds a ceiling.

use super::bound::{Bounds, Survey};
use super::kernel::{ANNEX_2_HALF, Folded, HALF, Kernel, LANES, Lanes, PHASES, TAPS};

/// Points per frame.
const POINTS: usize = 8;
/// A parabola through three points adds at most this factor to the highest: between points of a signal below half the
/// sample rate there is no more to be found, 1 / cos(π / 16).
const MOST_REFINED: f64 = 1.02;
/// Below this part of the ceiling a point is not refined.
const REFINE_FROM: f64 = 0.97;

/// Finds peaks: for each frame, the largest value from the frame up to the next one. The reference interpolator at
/// eight points a frame, its highest points refined by a parabola; on request the Annex 2 interpolator as well.
#[derive(Clone, Debug)]
pub struct PeakFinder {
    kernel: &'static Kernel,
    bounds: &'static Bounds,
    annex_2: bool,
    survey: Survey,
    folded: Folded<HALF>,
    folded_short: Folded<ANNEX_2_HALF>,
    /// The end of a block, padded to whole groups.
    padded: [f64; TAPS + LANES],
}

impl PeakFinder {
    /// How many samples before the first frame [`PeakFinder::find`] wants to see.
    pub const BEFORE: usize = HALF;
    /// How many samples behind the last frame it wants to see.
    pub const BEHIND: usize = HALF;

    /// A finder for blocks of up to `most_frames` frames. `annex_2`: whether that interpolator counts too.
    #[must_use]
    pub fn new(annex_2: bool, most_frames: usize) -> Self {
        Self {
            kernel: Kernel::shared(),
            bounds: Bounds::shared(),
            annex_2,
            survey: Survey::new(most_frames),
            folded: Folded::EMPTY,
            folded_short: Folded::EMPTY,
            padded: [0.0; TAPS + LANES],
        }
    }

    /// The same, but it leaves nothing out.
    #[cfg(test)]
    pub(super) fn looking_everywhere(self) -> Self {
        Self { bounds: &Bounds::NONE, ..self }
    }

    /// Writes the peak of each frame into `peaks` where it is above `ceiling`; elsewhere anything from 0 to the
    /// ceiling. Gives back whether any is above. `samples` begins [`BEFORE`](Self::BEFORE) samples before the first
    /// frame and ends [`BEHIND`](Self::BEHIND) behind the last. How a signal is cut into blocks does not matter.
    ///
    /// # Panics
    /// When the lengths do not fit, or the block is longer than the finder was made for.
    pub fn find(&mut self, samples: &[f64], ceiling: f64, peaks: &mut [f64]) -> bool {
        assert_eq!(samples.len(), peaks.len() + TAPS);
        self.survey.look(samples, peaks.len());
        let mut any = false;
        for (group, peaks) in peaks.chunks_mut(LANES).enumerate() {
            let around = self.survey.around(group);
            let level = self.survey.level(group);
            let reference = self.bounds.reference.above(level, &around) * MOST_REFINED > ceiling;
            let annex_2 = self.annex_2 && self.bounds.annex_2.above(level, &around) > ceiling;
            let mut highest = [0.0; LANES];
            if reference || annex_2 {
                let begin = group * LANES;
                if let Some(own) = samples.get(begin..begin + TAPS + LANES) {
                    self.look(own, ceiling, [reference, annex_2], &mut highest);
                } else {
                    self.padded.fill(0.0);
                    self.padded[..samples.len() - begin].copy_from_slice(&samples[begin..]);
                    let own = self.padded;
                    self.look(&own, ceiling, [reference, annex_2], &mut highest);
                }
            }
            peaks.copy_from_slice(&highest[..peaks.len()]);
            any |= peaks.iter().any(|peak| *peak > ceiling);
        }
        any
    }

    /// The peaks of one group of frames, of which the first is `own[HALF]`.
    #[inline(never)]
    fn look(&mut self, own: &[f64], ceiling: f64, [reference, annex_2]: [bool; 2], highest: &mut Lanes) {
        if reference {
            let mut points = [[0.0; LANES]; POINTS + 1];
            points[0].copy_from_slice(&own[HALF..HALF + LANES]);
            points[POINTS].copy_from_slice(&own[HALF + 1..HALF + 1 + LANES]);
            self.folded.load(&own[1..]);
            for point in 1..POINTS / 2 {
                let pair = self.kernel.phase(point * PHASES / POINTS);
                [points[point], points[POINTS - point]] = self.folded.both(pair);
            }
            points[POINTS / 2] = self.folded.middle(self.kernel.phase(PHASES / 2));
            for values in &points {
                raise(highest, values);
            }
            if highest.iter().any(|peak| *peak > REFINE_FROM * ceiling) {
                let before = self.point_before(own);
                refine(&points, before, REFINE_FROM * ceiling, highest);
            }
        }
        if annex_2 {
            self.folded_short.load(&own[HALF + 1 - ANNEX_2_HALF..]);
            for pair in &self.kernel.annex_2 {
                for values in self.folded_short.both(pair) {
                    raise(highest, &values);
                }
            }
        }
    }

    /// The last point before the group's first frame. In the same order as for all others: the bits are the same
    /// wherever a group begins.
    fn point_before(&self, own: &[f64]) -> f64 {
        let own = &own[..TAPS];
        let (even, odd) = self.kernel.phase(PHASES / POINTS).one(own);
        even - odd
    }
}

/// The larger of `highest` and the size of `values`.
#[inline(always)]
fn raise(highest: &mut Lanes, values: &Lanes) {
    for lane in 0..LANES {
        let size = values[lane].abs();
        highest[lane] = if size > highest[lane] { size } else { highest[lane] };
    }
}

/// Raises `highest` to the tops of parabolas through points that are not lower than their neighbours. `before` is the
/// point before the first one of the first frame.
fn refine(points: &[Lanes; POINTS + 1], before: f64, from: f64, highest: &mut Lanes) {
    for point in 0..POINTS {
        for lane in 0..LANES {
            let here = points[point][lane];
            let size = here.abs();
            if size <= from {
                continue;
            }
            let left = match (point, lane) {
                (0, 0) => before,
                (0, _) => points[POINTS - 1][lane - 1],
                _ => points[point - 1][lane],
            };
            let sign = here.signum();
            let (left, right) = (sign * left, sign * points[point + 1][lane]);
            if size >= left && size >= right && size > left.min(right) {
                let bend = (size - left) + (size - right);
                let slope = right - left;
                let top = (size + slope * slope / (8.0 * bend)).min(MOST_REFINED * size);
                highest[lane] = highest[lane].max(top);
            }
        }
    }
}
