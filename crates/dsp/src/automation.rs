//! Numbers that change over the time of a programme.
//!
//! A [`Curve`] gives the value at any frame, counted from the start of the programme: the same whatever was asked
//! before, so blocks of any size and a start in the middle agree. At each point it has the point's value to the bit.

use crate::math::{cos, exp, ln};
use std::f64::consts::PI;

/// How a curve comes to a point from the one before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shape {
    /// In a straight line.
    #[default]
    Linear,
    /// It stays, and goes when the point's time has come, within [`STEP_S`].
    Step,
    /// By equal ratios in equal times.
    Log,
    /// Along half a cosine.
    Smooth,
}

/// A step is half a cosine of this length, in seconds, that begins at its point: faster would click.
pub const STEP_S: f64 = 0.005;

/// A point of a curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// When, in seconds from the start of the programme.
    pub at_s: f64,
    /// The value there (for a step: after it).
    pub value: f64,
    /// How the curve comes here.
    pub shape: Shape,
}

/// What lies between two neighbouring points.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    /// In frames; a step ends when it is over, not at the next point.
    begin: f64,
    end: f64,
    from: f64,
    to: f64,
    shape: Shape,
}

/// A value over time.
#[derive(Clone, Debug)]
pub struct Curve {
    first: f64,
    stretches: Vec<Stretch>,
}

impl Curve {
    /// Through `points` in order of time, at a sample rate of `rate_hz`; no points are a constant zero. A step that is not
    /// over when the next stretch begins is cut short there.
    #[must_use]
    pub fn new(points: &[Point], rate_hz: f64) -> Self {
        let mut stretches = Vec::with_capacity(points.len());
        for pair in points.windows(2) {
            let (begin, end) = (pair[0].at_s * rate_hz, pair[1].at_s * rate_hz);
            let (begin, end) = match pair[1].shape {
                Shape::Step => (end, end + STEP_S * rate_hz),
                _ => (begin, end),
            };
            let shape = pair[1].shape;
            stretches.push(Stretch { begin, end, from: pair[0].value, to: pair[1].value, shape });
        }
        Self { first: points.first().map_or(0.0, |point| point.value), stretches }
    }

    /// The same value at all times.
    #[must_use]
    pub fn fixed(value: f64) -> Self {
        Self { first: value, stretches: Vec::new() }
    }

    /// The value, if it is the same at all times.
    #[must_use]
    pub fn as_fixed(&self) -> Option<f64> {
        self.stretches.iter().all(|stretch| stretch.to == self.first).then_some(self.first)
    }

    /// The least and the most of all values.
    #[must_use]
    pub fn range(&self) -> (f64, f64) {
        let ends = self.stretches.iter().map(|stretch| stretch.to);
        ends.fold((self.first, self.first), |(low, high), value| (low.min(value), high.max(value)))
    }

    /// The value at `frame`.
    #[must_use]
    pub fn at(&self, frame: f64) -> f64 {
        self.value(self.index(frame), frame)
    }

    /// Writes the values of the frames from `start` on.
    pub fn fill(&self, start: u64, values: &mut [f64]) {
        let mut index = self.index(start as f64);
        for (n, value) in values.iter_mut().enumerate() {
            let frame = (start + n as u64) as f64;
            while self.stretches.get(index).is_some_and(|next| next.begin <= frame) {
                index += 1;
            }
            *value = self.value(index, frame);
        }
    }

    /// Whether the value changes between the frames `start` and `start + frames`.
    #[must_use]
    pub fn moves(&self, start: u64, frames: usize) -> bool {
        let (begin, end) = (start as f64, (start + frames as u64) as f64);
        self.stretches.iter().any(|s| s.from != s.to && s.begin < end && s.end > begin)
    }

    /// Frames at which a stretch begins or ends, in order.
    #[must_use]
    pub fn corners(&self) -> Vec<f64> {
        let mut corners: Vec<f64> = self.stretches.iter().flat_map(|s| [s.begin, s.end]).collect();
        corners.sort_by(f64::total_cmp);
        corners.dedup();
        corners
    }

    /// How many stretches have begun at `frame`.
    fn index(&self, frame: f64) -> usize {
        self.stretches.partition_point(|stretch| stretch.begin <= frame)
    }

    /// The value at `frame`, when `index` stretches have begun.
    fn value(&self, index: usize, frame: f64) -> f64 {
        let Some(stretch) = index.checked_sub(1).map(|last| &self.stretches[last]) else { return self.first };
        if frame >= stretch.end {
            return stretch.to;
        }
        let part = (frame - stretch.begin) / (stretch.end - stretch.begin);
        let (from, to) = (stretch.from, stretch.to);
        match stretch.shape {
            Shape::Linear => from + part * (to - from),
            Shape::Log if from > 0.0 && to > 0.0 => from * exp(part * ln(to / from)),
            Shape::Log => from + part * (to - from),
            Shape::Smooth | Shape::Step => from + (0.5 - 0.5 * cos(PI * part)) * (to - from),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(at_s: f64, value: f64, shape: Shape) -> Point {
        Point { at_s, value, shape }
    }

    fn curve() -> Curve {
        let points = [
            point(1.0, -6.0, Shape::Linear),
            point(2.0, 3.0, Shape::Linear),
            point(3.0, 1.0, Shape::Smooth),
            point(4.0, 8.0, Shape::Log),
            point(5.0, 0.5, Shape::Step),
        ];
        Curve::new(&points, 1000.0)
    }

    #[test]
    fn ramps_reach_their_points_to_1e_12() {
        let curve = curve();
        for (frame, value) in [
            (0.0, -6.0),
            (1000.0, -6.0),
            (2000.0, 3.0),
            (3000.0, 1.0),
            (4000.0, 8.0),
            (5005.0, 0.5),
            (1e9, 0.5),
        ] {
            assert!((curve.at(frame) - value).abs() <= 1e-12, "{frame}: {}", curve.at(frame));
            let before = curve.at(frame - 1e-7);
            assert!((before - value).abs() <= 1e-4, "{frame}: comes from {before}");
        }
    }

    #[test]
    fn half_way_every_shape_is_where_it_says() {
        let curve = curve();
        let middle = 8.0_f64.sqrt();
        for (frame, value) in [(1500.0, -1.5), (2500.0, 2.0), (3500.0, middle), (4999.0, 8.0), (5002.5, 4.25)]
        {
            assert!((curve.at(frame) - value).abs() <= 1e-12, "{frame}: {}", curve.at(frame));
        }
    }

    #[test]
    fn blocks_give_the_values_of_single_frames() {
        let curve = curve();
        let mut values = vec![0.0; 6000];
        for (index, block) in values.chunks_mut(333).enumerate() {
            curve.fill(333 * index as u64, block);
        }
        for (frame, value) in values.iter().enumerate() {
            assert_eq!(*value, curve.at(frame as f64));
        }
        assert!(curve.moves(1500, 1) && !curve.moves(4000, 999) && curve.moves(5004, 10));
        assert_eq!((curve.range(), curve.as_fixed()), ((-6.0, 8.0), None));
    }
}
