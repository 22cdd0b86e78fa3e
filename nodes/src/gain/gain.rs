//! Makes the whole signal louder or quieter.
//!
//! One reaches for it to set the level into a stage that minds it (a compressor, a saturator), to trim a branch before a
//! `Mix`, or to make room. At 0 dB every sample passes untouched.

use deadwax_dsp::math::db_to_gain;
use deadwax_node::{About, Family, Io, Node, NodeError, Prepared, Setup, Stream, params};

/// Parameters of `Gain`.
#[params]
pub struct Gain {
    #[param(default = 0.0, range = -120.0..=48.0, help = "how much louder; negative is quieter")]
    pub gain_db: f64,
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

    fn prepare(&self, _: &Setup) -> Result<Prepared, NodeError> {
        Ok(Prepared::stream(Scale { factor: db_to_gain(self.gain_db) }, 0.5))
    }

    fn neutral() -> Option<Self> {
        Some(Self::default())
    }
}

/// The factor is all there is: no state.
struct Scale {
    factor: f64,
}

impl Stream for Scale {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        for channel in io.main().iter_mut() {
            for sample in channel {
                *sample *= self.factor;
            }
        }
        Ok(())
    }

    fn reset(&mut self) {}
}
