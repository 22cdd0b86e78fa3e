//! Puts silence in front of the programme and behind it.
//!
//! One reaches for it to give a track its pause, or to leave room behind the end for what rings on: a reverb behind a
//! `Pad` is not cut off. The programme becomes longer, so what was not padded cannot be added to it any more.

use deadwax_node::{About, Cut, Family, Io, Node, NodeError, Prepared, Setup, Stream, params};

/// Parameters of `Pad`.
#[params]
pub struct Pad {
    #[param(default = 0.0, range = 0.0..=600.0, help = "silence in front")]
    pub before_s: f64,
    #[param(default = 0.0, range = 0.0..=600.0, help = "silence behind")]
    pub after_s: f64,
}

impl Node for Pad {
    const ABOUT: About = About {
        kind: "Pad",
        family: Family::Time,
        summary: "Puts silence in front of the programme and behind it.",
        since: "0.2",
        algorithm: 1,
        example: "Pad(before_s: 0.5, after_s: 2)",
    };

    const CUTS: bool = true;

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let frames = |seconds: f64| (seconds * f64::from(setup.main().rate_hz)).round() as u64;
        let cut = Cut {
            silence_before: frames(self.before_s),
            silence_behind: frames(self.after_s),
            ..Cut::NOTHING
        };
        Ok(Prepared::stream(Longer(cut), 0.1))
    }

    fn neutral() -> Option<Self> {
        Some(Self::default())
    }
}

/// No state: the engine adds the frames.
struct Longer(Cut);

impl Stream for Longer {
    fn process(&mut self, _: &mut Io<'_>) -> Result<(), NodeError> {
        Ok(())
    }

    fn reset(&mut self) {}

    fn cut(&self) -> Cut {
        self.0
    }
}
