//! Makes soft passages louder: below a threshold the level falls more slowly than it did.
//!
//! One reaches for it to bring out room, detail and the ends of notes while peaks stay exactly as they were: the other half
//! of what parallel compression does, without its sum. What is above the threshold passes untouched, to the bit;
//! `range_db` is the most that anything gets louder. Below `floor_db` it lets go again, so that silence and noise are not
//! pulled up. `attack_ms` is how fast the gain goes away when something loud comes, `release_ms` how fast it comes.

use super::compressor::real_ratio;
use super::keyed::{self, DynamicsDetector, LinkLaw};
use deadwax_dsp::dynamics::{KeyFilter, Law, Lift};
use deadwax_node::{About, Family, Node, NodeError, Ports, Prepared, Problem, Setup, params};

/// Parameters of `UpwardCompressor`.
#[params]
pub struct UpwardCompressor {
    #[param(default = -30.0, range = -80.0..=0.0, help = "the level below which it works")]
    pub threshold_db: f64,
    #[param(default = 2.0, range = 1.0..=1000.0, help = "how many dB in make one dB out; 1 does nothing, 1000 is infinite")]
    pub ratio: f64,
    #[param(default = 6.0, range = 0.0..=36.0, help = "how wide the bend at the threshold is")]
    pub knee_db: f64,
    #[param(default = 6.0, range = 0.0..=36.0, help = "the most the gain may go up")]
    pub range_db: f64,
    #[param(default = -60.0, range = -120.0..=0.0, help = "the level below which it lets go, by a dB for each dB")]
    pub floor_db: f64,
    #[param(default = 10.0, range = 0.0..=500.0, help = "how fast the gain goes when it gets loud")]
    pub attack_ms: f64,
    #[param(default = 0.0, range = 0.0..=500.0, help = "how long it then stays away")]
    pub hold_ms: f64,
    #[param(default = 200.0, range = 1.0..=5000.0, help = "how fast the gain comes when it gets soft")]
    pub release_ms: f64,
    #[param(help = "what counts as the level")]
    pub detector: DynamicsDetector,
    #[param(default = 10.0, range = 1.0..=300.0, help = "over how long PeakHold and Rms look")]
    pub window_ms: f64,
    #[param(default = 0.0, range = 0.0..=50.0, help = "how far ahead it hears; adds as much latency")]
    pub lookahead_ms: f64,
    #[param(range = 10.0..=20000.0, help = "below this it hears little")]
    pub key_high_pass_hz: Option<f64>,
    #[param(range = 10.0..=20000.0, help = "above this it hears little")]
    pub key_low_pass_hz: Option<f64>,
    #[param(default = 0.0, range = -6.0..=6.0, help = "how much more it hears of each higher octave; 0 dB at 1 kHz")]
    pub key_tilt_db_oct: f64,
    #[param(default = 1.0, range = 0.0..=1.0, help = "how far channels share their level; 1: all have the same gain")]
    pub link: f64,
    #[param(help = "which level they share")]
    pub link_law: LinkLaw,
    #[param(default = 1.0, range = 0.0..=1.0, help = "how much of the result is compressed; the rest is dry")]
    pub mix: f64,
}

impl Node for UpwardCompressor {
    const ABOUT: About = About {
        kind: "UpwardCompressor",
        family: Family::Dynamics,
        summary: "Makes what is below a threshold louder, and leaves the peaks alone.",
        since: "0.2",
        algorithm: 1,
        example: "UpwardCompressor(threshold_db: -28, ratio: 2, range_db: 4, release_ms: 300)",
    };

    fn ports(&self) -> Ports {
        keyed::ports()
    }

    fn check(&self, problems: &mut Vec<Problem>) {
        if self.floor_db > self.threshold_db {
            let reason = format!("it lets go below {} dB, and begins below that", self.floor_db);
            problems.push(Problem::rule("floor_db", reason, "write a level below threshold_db"));
        }
    }

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let key = KeyFilter {
            high_pass_hz: self.key_high_pass_hz,
            low_pass_hz: self.key_low_pass_hz,
            tilt_db_oct: self.key_tilt_db_oct,
        };
        let ratio = real_ratio(self.ratio);
        let curve = Lift::new(self.threshold_db, ratio, self.knee_db, self.range_db, self.floor_db);
        let settings = keyed::settings!(self, Law::Lift(curve), key, f64::from(setup.main().rate_hz));
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
    use deadwax_dsp::math::{db_to_gain, gain_to_db};
    use deadwax_node::AnyNode;

    #[test]
    fn soft_gets_louder_loud_stays_and_noise_is_let_go() {
        let node = UpwardCompressor { knee_db: 0.0, ..UpwardCompressor::default() };
        let frames = 4 * 44_100;
        for (level_db, gain_db) in [(-10.0, 0.0), (-38.0, 4.0), (-50.0, 6.0), (-63.0, 3.0), (-80.0, 0.0)] {
            let level = db_to_gain(level_db);
            let (out, report) = run::<GainReport>(&node, steady([level, level], frames), None);
            let found = gain_to_db(out[0][frames - 1] / level);
            assert!((found - gain_db).abs() < 1e-6, "{level_db} dB: {found} dB");
            assert!((report.highest_db - gain_db).abs() < 1e-6 && report.deepest_db == 0.0, "{report:?}");
        }
        // A loud key says: nothing is soft.
        let soft = steady([0.01, 0.02], frames);
        let (out, _) = run::<GainReport>(&node, soft.clone(), Some(steady([1.0, 0.0], frames)));
        assert_eq!(out, soft);
        let upside_down = UpwardCompressor { floor_db: -20.0, ..node };
        assert_eq!(upside_down.problems()[0].path, "floor_db");
    }
}
