//! Makes loud passages quieter: the level above a threshold grows more slowly than it did.
//!
//! One reaches for it to hold a mix together (a low ratio, slow attack), to tame a band in a multiband graph, or to let
//! one signal make room for another (the `key` port). The curve works on the level in decibels and the attack and release
//! behind it, so that times are times of the gain itself, whatever the ratio. With `PeakHold` a steady tone gets a steady
//! gain and is not distorted at all, as long as half its period fits into the window (10 ms: 50 Hz).
//!
//! `attack_ms` and `release_ms` are the times in which the gain does 63 % of a step; a release takes about attack plus
//! release. `lookahead_ms` delays the signal, so that the gain is down when a peak arrives: with five times the attack it
//! is there to within 1 % of the step. At a ratio of 1, and at a mix of 0, every sample passes untouched but for that
//! delay.
//!
//! With `topology: Feedback` it listens to what it has just put out, as many old units do: the louder the signal, the
//! faster the gain goes down (up to `ratio` times as fast as `attack_ms` says), and it lets go more gently. With `ms` it
//! hears and turns mid and side in place of left and right; at a `link` below 1 each gets a gain of its own.

use super::keyed::{self, DynamicsDetector, LinkLaw};
use deadwax_dsp::dynamics::{Curve, KeyFilter, Law, Settings, Smoothing, Topology};
use deadwax_node::{About, Family, Node, NodeError, Ports, Prepared, Problem, Setup, params};

/// Parameters of `Compressor`.
#[params]
pub struct Compressor {
    #[param(default = -18.0, range = -80.0..=0.0, help = "the level above which it works")]
    pub threshold_db: f64,
    #[param(default = 2.0, range = 1.0..=1000.0, help = "how many dB in make one dB out; 1 does nothing, 1000 is infinite")]
    pub ratio: f64,
    #[param(default = 6.0, range = 0.0..=36.0, help = "how wide the bend at the threshold is")]
    pub knee_db: f64,
    #[param(default = 20.0, range = 0.0..=500.0, help = "how fast the gain goes down")]
    pub attack_ms: f64,
    #[param(default = 200.0, range = 1.0..=5000.0, help = "how fast it comes back")]
    pub release_ms: f64,
    #[param(default = false, help = "come back more slowly from long reduction than from a short peak")]
    pub auto_release: bool,
    #[param(default = 0.0, range = 0.0..=500.0, help = "how long it stays down before it comes back")]
    pub hold_ms: f64,
    #[param(help = "what counts as the level")]
    pub detector: DynamicsDetector,
    #[param(default = 10.0, range = 1.0..=300.0, help = "over how long PeakHold and Rms look")]
    pub window_ms: f64,
    #[param(help = "where it listens")]
    pub topology: CompressorTopology,
    #[param(help = "how attack and release share the work")]
    pub ballistics: CompressorBallistics,
    #[param(default = 0.0, range = 0.0..=50.0, help = "how far ahead it hears; adds as much latency")]
    pub lookahead_ms: f64,
    #[param(range = 10.0..=20000.0, help = "below this it hears little, so that bass does not rule it")]
    pub key_high_pass_hz: Option<f64>,
    #[param(range = 10.0..=20000.0, help = "above this it hears little")]
    pub key_low_pass_hz: Option<f64>,
    #[param(default = 0.0, range = -6.0..=6.0, help = "how much more it hears of each higher octave; 0 dB at 1 kHz")]
    pub key_tilt_db_oct: f64,
    #[param(default = 1.0, range = 0.0..=1.0, help = "how far channels share their level; 1: all have the same gain")]
    pub link: f64,
    #[param(help = "which level they share")]
    pub link_law: LinkLaw,
    #[param(default = false, help = "work on mid and side in place of left and right")]
    pub ms: bool,
    #[param(default = 0.0, range = -24.0..=24.0, help = "gain behind the reduction")]
    pub makeup_db: f64,
    #[param(default = 1.0, range = 0.0..=1.0, help = "how much of the result is compressed; the rest is dry")]
    pub mix: f64,
    #[param(default = 60.0, range = 0.0..=60.0, help = "the most the gain may go down")]
    pub range_db: f64,
}

/// Where a compressor listens.
#[params]
pub enum CompressorTopology {
    /// to the signal before it: exact
    #[default]
    FeedForward,
    /// to its own output: the vintage way
    Feedback,
}

/// How attack and release share the work.
#[params]
pub enum CompressorBallistics {
    /// one after the other: clean
    #[default]
    Decoupled,
    /// one at a time: quicker, and rougher on low tones
    Branching,
}

/// From here on a ratio is taken for infinite: the output does not rise above the threshold at all.
pub const INFINITE_RATIO: f64 = 1000.0;

/// A ratio as the curve takes it.
pub(super) fn real_ratio(ratio: f64) -> f64 {
    if ratio >= INFINITE_RATIO { f64::INFINITY } else { ratio }
}

/// The highest ratio at which a loop does what the ratio says.
const MOST_FEEDBACK_RATIO: f64 = 20.0;

impl Compressor {
    fn settings(&self, rate_hz: f64) -> Result<Settings, NodeError> {
        let key = KeyFilter {
            high_pass_hz: self.key_high_pass_hz,
            low_pass_hz: self.key_low_pass_hz,
            tilt_db_oct: self.key_tilt_db_oct,
        };
        let ratio = real_ratio(self.ratio);
        let curve = Curve::compressor(self.threshold_db, ratio, self.knee_db, self.range_db);
        Ok(Settings {
            topology: match self.topology {
                CompressorTopology::FeedForward => Topology::FeedForward,
                CompressorTopology::Feedback => Topology::Feedback,
            },
            smoothing: match self.ballistics {
                CompressorBallistics::Decoupled => Smoothing::Decoupled,
                CompressorBallistics::Branching => Smoothing::Branching,
            },
            auto_release: self.auto_release,
            mid_side: self.ms,
            makeup_db: self.makeup_db,
            ..keyed::settings!(self, Law::Compress(curve), key, rate_hz)
        })
    }

    /// What stands against listening to the output, with what to write instead.
    fn against_feedback(&self) -> Vec<(&'static str, &'static str, &'static str)> {
        let rules = [
            (self.lookahead_ms > 0.0, "lookahead_ms", "what comes out cannot be heard ahead", "write 0"),
            (
                self.detector != DynamicsDetector::Peak,
                "detector",
                "a detector with a window answers too late for a loop",
                "write `detector: Peak`",
            ),
            (
                self.ballistics != CompressorBallistics::Branching,
                "ballistics",
                "a loop with a release ahead of the attack goes too far down",
                "write `ballistics: Branching`",
            ),
            (self.hold_ms > 0.0, "hold_ms", "a loop that holds goes too far down", "write 0"),
            (
                self.ratio > MOST_FEEDBACK_RATIO,
                "ratio",
                "a loop does not get beyond a ratio of 20",
                "write 20",
            ),
        ];
        let broken = rules.into_iter().filter(|(broken, ..)| *broken);
        broken.map(|(_, field, reason, help)| (field, reason, help)).collect()
    }
}

impl Node for Compressor {
    const ABOUT: About = About {
        kind: "Compressor",
        family: Family::Dynamics,
        summary: "Makes what is above a threshold quieter, to hold a signal together.",
        since: "0.1",
        algorithm: 1,
        example: "Compressor(threshold_db: -20, ratio: 2, attack_ms: 30, release_ms: 180)",
    };

    fn ports(&self) -> Ports {
        keyed::ports()
    }

    fn check(&self, problems: &mut Vec<Problem>) {
        if self.topology == CompressorTopology::Feedback {
            for (field, reason, help) in self.against_feedback() {
                problems.push(Problem::rule(field, format!("with `topology: Feedback`, {reason}"), help));
            }
        }
    }

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let format = setup.main();
        if self.ms && format.channels() != 2 {
            return Err(NodeError::field(
                "ms",
                format!("mid and side are those of stereo; here it is {format}"),
            ));
        }
        if self.topology == CompressorTopology::Feedback && keyed::is_keyed(setup) {
            return Err(NodeError::field("topology", "with a signal at `key` it does not hear its output"));
        }
        Ok(keyed::prepare(&self.settings(f64::from(format.rate_hz))?, setup))
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
    use deadwax_node::{AnyNode, Format};

    const SECOND: usize = 44_100;

    fn node() -> Compressor {
        Compressor { threshold_db: -20.0, ratio: 4.0, knee_db: 0.0, ..Compressor::default() }
    }

    /// What steady levels come out as, the second behind them heard, with the gain's report.
    fn out(node: &Compressor, main: [f64; 2], key: Option<[f64; 2]>) -> (Vec<Vec<f64>>, GainReport) {
        run(node, steady(main, SECOND), key.map(|key| steady(key, SECOND)))
    }

    #[test]
    fn a_key_makes_room() {
        let (alone, _) = out(&node(), [0.01, 0.01], None);
        assert_eq!(alone[0][44_099], 0.01);
        let (keyed, _) = out(&node(), [0.01, 0.01], Some([0.0, 1.0]));
        let gain_db = gain_to_db(keyed[0][44_099] / 0.01);
        assert!((gain_db + 15.0).abs() < 1e-6, "{gain_db} dB");
        assert_eq!(keyed[0], keyed[1]);
    }

    #[test]
    fn a_mix_is_of_dry_and_compressed_in_time() {
        let half = Compressor { mix: 0.5, lookahead_ms: 10.0, ..node() };
        let (out, _) = out(&half, [1.0, 1.0], None);
        assert!(out[0][..441].iter().all(|x| *x == 0.0));
        let expected = 0.5 + 0.5 * db_to_gain(-15.0);
        assert!((out[0][44_099] - expected).abs() < 1e-9);
    }

    #[test]
    fn the_report_says_how_far_it_went_and_draws_it() {
        let (_, report) = out(&node(), [1.0, 1.0], None);
        assert!((report.deepest_db + 15.0).abs() < 1e-6, "{report:?}");
        assert_eq!(report.highest_db, 0.0);
        let curve = report.gain_curve;
        assert_eq!((curve.hop_s, curve.gain_db.len()), (0.01, 100));
        // The furthest of the first 10 ms of an attack of 20 ms, and the end.
        let begun = -15.0 * (1.0 - deadwax_dsp::math::exp(-0.5)) as f32;
        assert!((curve.gain_db[0] - begun).abs() < 1e-3 && (curve.gain_db[99] + 15.0).abs() < 1e-5);
    }

    #[test]
    fn the_top_ratio_lets_nothing_rise_above_the_threshold() {
        let (out, _) = out(&Compressor { ratio: INFINITE_RATIO, ..node() }, [0.9, 0.9], None);
        assert!((gain_to_db(out[0][44_099]) + 20.0).abs() < 1e-6);
    }

    #[test]
    fn mid_and_side_have_gains_of_their_own_and_a_ratio_of_one_touches_no_bit() {
        // The mid is at 0 dB, the side at −46: only the mid is turned down, by 15 dB.
        let (mid, side) = (1.0, 0.005);
        let own = Compressor { ms: true, link: 0.0, ..node() };
        let (out, _) = out(&own, [mid + side, mid - side], None);
        let (l, r) = (out[0][44_099], out[1][44_099]);
        assert!((gain_to_db((l + r) / 2.0) + 15.0).abs() < 1e-6, "{l} {r}");
        assert!(((l - r) / 2.0 - side).abs() < 1e-9, "{l} {r}");
        let noise: Vec<Vec<f64>> = [7919, 104_729]
            .map(|m| (0..4000).map(|n| (n * m % 1009) as f64 / 997.3 - 0.5).collect())
            .to_vec();
        let still = Compressor { ms: true, link: 0.3, ratio: 1.0, ..node() };
        assert_eq!(run::<GainReport>(&still, noise.clone(), None).0, noise);
    }

    #[test]
    fn listening_to_the_output_comes_to_the_same_level() {
        let feedback = Compressor {
            topology: CompressorTopology::Feedback,
            ballistics: CompressorBallistics::Branching,
            detector: DynamicsDetector::Peak,
            ..node()
        };
        let (_, report) = out(&feedback, [1.0, 1.0], None);
        assert!((report.deepest_db + 15.0).abs() < 1e-6, "{report:?}");
        let broken =
            Compressor { lookahead_ms: 1.0, hold_ms: 1.0, ratio: 30.0, ..feedback.clone() }.problems();
        let paths: Vec<_> = broken.iter().map(|problem| problem.path.as_str()).collect();
        assert_eq!(paths, ["lookahead_ms", "hold_ms", "ratio"]);
        let keyed = deadwax_node::conformance::Rig::new(&feedback, Format::stereo(44_100), true);
        assert!(keyed.err().unwrap().to_string().contains("key"));
    }

    #[test]
    fn key_filters_that_do_not_work_at_a_rate_are_named() {
        let node = Compressor { key_low_pass_hz: Some(18_000.0), ..node() };
        let error = deadwax_node::conformance::Rig::new(&node, Format::stereo(32_000), false).err().unwrap();
        assert!(error.to_string().starts_with("`key_low_pass_hz`"), "{error}");
    }
}
