//! Takes out crackle: many small ticks, close together, below the music.
//!
//! One reaches for it behind `DeClick` on a worn record. It looks for shorter and weaker disturbances than `DeClick`, and twice: with
//! the first ones gone, the others stand out. What is no tick passes to the bit. `audition: true` puts out what is taken away.

use super::de_click::threshold;
use super::patching;
use deadwax_dsp::declick::Settings;
use deadwax_node::{About, Family, Node, NodeError, Prepared, Setup, params};

/// Parameters of `DeCrackle`.
#[params]
pub struct DeCrackle {
    #[param(default = 5.0, range = 0.0..=10.0, help = "how weak a tick may be to be taken out")]
    pub strength: f64,
    #[param(default = 0.4, range = 0.02..=1.0, help = "the longest tick")]
    pub max_ms: f64,
    #[param(default = false, help = "put out what is taken away")]
    pub audition: bool,
}

/// The threshold in the middle of the range: lower than that of a click.
const THRESHOLD: f64 = 4.5;

impl Node for DeCrackle {
    const ABOUT: About = About {
        kind: "DeCrackle",
        family: Family::Repair,
        summary: "Takes out the crackle of a worn record.",
        since: "0.2",
        algorithm: 2,
        example: "DeCrackle(strength: 5)",
    };

    const LEARNS: bool = true;

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let settings = Settings {
            threshold: threshold(THRESHOLD, self.strength),
            max_s: self.max_ms / 1000.0,
            trains: false,
            passes: 2,
            ..Settings::default()
        };
        patching::prepare(Self::ABOUT.kind, settings, self.audition, setup)
    }
}
