//! Turns the signal upside down.
//!
//! One reaches for it when a microphone or a cable was the wrong way round, and two signals cancel where they meet. With
//! `lane: Right` it turns one side alone.

use deadwax_node::{About, Family, Io, Node, NodeError, Prepared, Setup, Stream, params};

/// Parameters of `Polarity`.
#[params]
pub struct Polarity {
    #[param(default = true, help = "whether to turn it around")]
    pub invert: bool,
}

impl Node for Polarity {
    const ABOUT: About = About {
        kind: "Polarity",
        family: Family::Stereo,
        summary: "Turns the signal upside down.",
        since: "0.2",
        algorithm: 1,
        example: "Polarity(invert: true)",
    };

    fn prepare(&self, _: &Setup) -> Result<Prepared, NodeError> {
        Ok(Prepared::stream(Turn { invert: self.invert }, 0.3))
    }

    fn neutral() -> Option<Self> {
        Some(Self { invert: false })
    }
}

/// No state.
struct Turn {
    invert: bool,
}

impl Stream for Turn {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        if self.invert {
            // Subtracted, so that silence stays a positive zero.
            io.main().iter_mut().flatten().for_each(|sample| *sample = 0.0 - *sample);
        }
        Ok(())
    }

    fn reset(&mut self) {}
}
