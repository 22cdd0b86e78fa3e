//! Makes the whole signal louder or quieter.
//!
//! One reaches for it to set the level into a stage that minds it (a compressor, a saturator), to trim a branch before a
//! `Mix`, or to make room. At 0 dB every sample passes untouched. With a `Curve` it is the engineer's hand on the fader:
//! a chorus half a decibel up, a breath down.

use crate::automation::Factor;
use deadwax_node::{About, Auto, Family, Io, Node, NodeError, Prepared, Setup, Stream, params};

/// Parameters of `Gain`.
#[params]
pub struct Gain {
    #[param(default = Auto::Fixed(0.0), range = -120.0..=48.0, help = "how much louder; negative is quieter")]
    pub gain_db: Auto,
}

impl Node for Gain {
    const ABOUT: About = About {
        kind: "Gain",
        family: Family::Gain,
        summary: "Makes the signal louder or quieter.",
        since: "0.1",
        algorithm: 1,
        example: "Gain(gain_db: -3)",
    };

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let factor = Factor::new(&self.gain_db, f64::from(setup.main().rate_hz));
        Ok(Prepared::stream(Scale { factor }, 0.5))
    }

    fn neutral() -> Option<Self> {
        Some(Self::default())
    }
}

/// The factor follows the number of the frame: no state.
struct Scale {
    factor: Factor,
}

impl Stream for Scale {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        let start = io.start();
        self.factor.scale(start, io.main());
        Ok(())
    }

    fn reset(&mut self) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use deadwax_dsp::math::db_to_gain;
    use deadwax_node::conformance::Rig;
    use deadwax_node::{Breakpoint, Format, Shape, auto::Drawn};

    #[test]
    fn the_fader_is_at_every_point_when_its_time_has_come() {
        let point = |at_s, value, shape| Breakpoint { at_s, value, shape };
        let points = vec![
            point(0.1, -6.0, Shape::Linear),
            point(0.2, 0.0, Shape::Linear),
            point(0.3, -3.0, Shape::Step),
            point(0.31, -3.0, Shape::Linear),
            point(0.4, 3.0, Shape::Smooth),
        ];
        let node = Gain { gain_db: Auto::Drawn(Drawn::Curve(points)) };
        let mut rig = Rig::new(&node, Format::stereo(48_000), false).unwrap();
        let ones = vec![vec![vec![1.0; 24_000]; 2]];
        let out = rig.run(&ones, &[1000; 24]).unwrap();
        for (frame, level_db) in
            [(0, -6.0), (4800, -6.0), (7200, -3.0), (9600, 0.0), (14_399, 0.0), (14_640, -3.0), (19_200, 3.0)]
        {
            let error = (out[0][1][frame] - db_to_gain(level_db)).abs();
            assert!(error < 1e-12, "{frame}: {error:e}");
        }
    }
}
