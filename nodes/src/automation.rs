//! From a field that may change over time to the kernel that follows it.

use deadwax_dsp::automation::{Curve, Point, Shape};
use deadwax_dsp::math::db_to_gain;
use deadwax_node::Auto;

/// The curve of `field` at a sample rate of `rate_hz`.
#[must_use]
pub fn curve(field: &Auto, rate_hz: f64) -> Curve {
    let points = field.points().into_iter().map(|point| Point {
        at_s: point.at_s,
        value: point.value,
        shape: match point.shape {
            deadwax_node::Shape::Linear => Shape::Linear,
            deadwax_node::Shape::Step => Shape::Step,
            deadwax_node::Shape::Log => Shape::Log,
            deadwax_node::Shape::Smooth => Shape::Smooth,
        },
    });
    Curve::new(&points.collect::<Vec<_>>(), rate_hz)
}

/// How many frames are worked on at once.
pub(crate) const CHUNK: usize = 64;

/// A factor over time, from a level in dB.
#[derive(Debug)]
pub(crate) struct Factor {
    level_db: Curve,
    /// The factor while the level does not change.
    fixed: Option<f64>,
    work: [f64; CHUNK],
}

impl Factor {
    pub(crate) fn new(level_db: &Auto, rate_hz: f64) -> Self {
        let level_db = curve(level_db, rate_hz);
        Self { fixed: level_db.as_fixed().map(db_to_gain), level_db, work: [0.0; CHUNK] }
    }

    /// Scales the frames from `start` on, of all channels.
    pub(crate) fn scale(&mut self, start: u64, mut block: deadwax_node::BlockMut<'_>) {
        if let Some(factor) = self.fixed {
            for sample in block.iter_mut().flatten() {
                *sample *= factor;
            }
            return;
        }
        block.each_part(CHUNK, |begin, mut part| {
            let (at, frames) = (start + begin as u64, part.frames());
            let factors = &mut self.work[..frames];
            if self.level_db.moves(at, frames) {
                self.level_db.fill(at, factors);
                factors.iter_mut().for_each(|factor| *factor = db_to_gain(*factor));
            } else {
                factors.fill(db_to_gain(self.level_db.at(at as f64)));
            }
            for channel in part.iter_mut() {
                for (sample, factor) in channel.iter_mut().zip(factors.iter()) {
                    *sample *= factor;
                }
            }
        });
    }
}
