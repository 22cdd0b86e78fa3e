//! Makes soft passages softer: below a threshold the level falls faster than it did.
//!
//! One reaches for it to push back noise, spill or room between the notes without the switch of a gate: a ratio of 1.5 to
//! 2 and a range of 6 to 12 dB are hardly heard at work. `attack_ms` is how fast it opens when the sound comes,
//! `release_ms` how fast it closes behind it, `hold_ms` how long it waits with that. Once open it stays so until the level
//! is `hysteresis_db` below the threshold, so that a level at the edge does not chatter. With `lookahead_ms` it is open
//! when the sound arrives. What is above the threshold passes untouched, to the bit.

use super::keyed::{self, DynamicsDetector, LinkLaw};
use deadwax_dsp::dynamics::{Expand, KeyFilter, Law};
use deadwax_node::{About, Family, Node, NodeError, Ports, Prepared, Setup, params};

/// Parameters of `Expander`.
#[params]
pub struct Expander {
    #[param(default = -45.0, range = -100.0..=0.0, help = "the level below which it works")]
    pub threshold_db: f64,
    #[param(default = 2.0, range = 1.0..=20.0, help = "how many dB out one dB in makes below; 1 does nothing")]
    pub ratio: f64,
    #[param(default = 6.0, range = 0.0..=36.0, help = "how wide the bend at the threshold is")]
    pub knee_db: f64,
    #[param(default = 18.0, range = 0.0..=120.0, help = "the most the gain may go down")]
    pub range_db: f64,
    #[param(default = 3.0, range = 0.0..=24.0, help = "how far below the threshold it closes, once open")]
    pub hysteresis_db: f64,
    #[param(default = 2.0, range = 0.0..=500.0, help = "how fast it opens")]
    pub attack_ms: f64,
    #[param(default = 20.0, range = 0.0..=2000.0, help = "how long it stays open behind the sound")]
    pub hold_ms: f64,
    #[param(default = 150.0, range = 1.0..=5000.0, help = "how fast it closes")]
    pub release_ms: f64,
    #[param(help = "what counts as the level")]
    pub detector: DynamicsDetector,
    #[param(default = 10.0, range = 1.0..=300.0, help = "over how long PeakHold and Rms look")]
    pub window_ms: f64,
    #[param(default = 0.0, range = 0.0..=50.0, help = "how far ahead it hears; adds as much latency")]
    pub lookahead_ms: f64,
    #[param(range = 10.0..=20000.0, help = "below this it hears little, so that rumble does not open it")]
    pub key_high_pass_hz: Option<f64>,
    #[param(range = 10.0..=20000.0, help = "above this it hears little")]
    pub key_low_pass_hz: Option<f64>,
    #[param(default = 1.0, range = 0.0..=1.0, help = "how far channels share their level; 1: all have the same gain")]
    pub link: f64,
    #[param(help = "which level they share")]
    pub link_law: LinkLaw,
    #[param(default = 1.0, range = 0.0..=1.0, help = "how much of the result is expanded; the rest is dry")]
    pub mix: f64,
}

impl Node for Expander {
    const ABOUT: About = About {
        kind: "Expander",
        family: Family::Dynamics,
        summary: "Makes what is below a threshold quieter, to push back noise between the notes.",
        since: "0.2",
        algorithm: 1,
        example: "Expander(threshold_db: -40, ratio: 2, range_db: 12, lookahead_ms: 2)",
    };

    fn ports(&self) -> Ports {
        keyed::ports()
    }

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let (high_pass_hz, low_pass_hz) = (self.key_high_pass_hz, self.key_low_pass_hz);
        let key = KeyFilter { high_pass_hz, low_pass_hz, tilt_db_oct: 0.0 };
        let curve =
            Expand::expander(self.threshold_db, self.ratio, self.knee_db, self.range_db, self.hysteresis_db);
        let settings = keyed::settings!(self, Law::Expand(curve), key, f64::from(setup.main().rate_hz));
        Ok(keyed::prepare(&settings, setup))
    }

    fn neutral() -> Option<Self> {
        Some(Self { ratio: 1.0, lookahead_ms: 5.0, ..Self::default() })
    }
}

#[cfg(test)]
mod tests {
    use super::super::keyed::GainReport;
    use super::super::keyed::tests::{run, steady};
    use super::*;

    #[test]
    fn it_pushes_back_what_is_soft_and_a_key_may_open_it() {
        let node = Expander { knee_db: 0.0, ..Expander::default() };
        let frames = 2 * 44_100;
        let (soft, report) = run::<GainReport>(&node, steady([0.001, 0.001], frames), None);
        // At −60 dB, 15 dB below: 2:1 takes as much again.
        let gain_db = deadwax_dsp::math::gain_to_db(soft[0][frames - 1] / 0.001);
        assert!((gain_db + 15.0).abs() < 1e-4, "{gain_db} dB");
        assert!((report.gain_curve.gain_db.last().unwrap() + 15.0).abs() < 1e-4);
        let (open, _) =
            run::<GainReport>(&node, steady([0.001, 0.001], frames), Some(steady([0.0, 0.5], frames)));
        assert_eq!(open[0][frames - 1], 0.001);
        assert_eq!(open[0], open[1]);
    }
}
