//! Holds the true peak at a ceiling: no sample, and nothing a converter will make between them, goes beyond it.
//!
//! The last stage before the word length is set. It is meant not to be heard: the gain is down exactly when a peak
//! arrives, comes back within milliseconds from a single one, and stays where it is under a steady tone, which is then not
//! distorted. The signal itself is only multiplied by the gain; below the ceiling it passes to the bit.
//!
//! `ceiling_dbtp` holds by both meters in use: a close reading of the band-limited signal, and the coarser one of ITU-R
//! BS.1770-5 that most delivery checks run (`detector: Strict`). A later change of sample rate or a lossy coder makes new
//! peaks: leave a decibel for them. `gain_db` drives the signal into the ceiling.

use deadwax_dsp::limiter::{self, CHUNK, Detector, Release, Settings};
use deadwax_dsp::math::db_to_gain;
use deadwax_node::{
    About, BlockMut, Family, GainCurve, Io, Node, NodeError, Prepared, Problem, Report, Setup, Stream, params,
};
use serde::Serialize;

/// Parameters of `Limiter`.
#[params]
pub struct Limiter {
    #[param(default = -1.0, range = -24.0..=0.0, help = "what no peak exceeds")]
    pub ceiling_dbtp: f64,
    #[param(default = 0.0, range = 0.0..=48.0, help = "how far the signal is driven into the ceiling")]
    pub gain_db: f64,
    #[param(default = 2.0, range = 0.5..=20.0, help = "how long the gain takes to go down; adds as much latency")]
    pub lookahead_ms: f64,
    #[param(help = "how the gain comes back")]
    pub release: LimiterRelease,
    #[param(default = 0.5, range = 0.0..=100.0, help = "Manual: how long the fast branch stays down")]
    pub fast_hold_ms: f64,
    #[param(default = 5.0, range = 0.5..=1000.0, help = "Manual: how fast the fast branch comes back")]
    pub fast_release_ms: f64,
    #[param(default = 12.5, range = 0.0..=100.0, help = "Manual: half the period of the lowest clean tone")]
    pub slow_hold_ms: f64,
    #[param(default = 120.0, range = 1.0..=2000.0, help = "Manual: how long a need lasts to move the slow branch")]
    pub slow_attack_ms: f64,
    #[param(default = 500.0, range = 10.0..=5000.0, help = "Manual: how fast the slow branch comes back")]
    pub slow_release_ms: f64,
    #[param(default = 1.0, range = 0.0..=1.0, help = "how far channels share their gain; 1 keeps the stereo image")]
    pub link: f64,
    #[param(help = "what counts as a peak")]
    pub detector: LimiterDetector,
    #[param(default = 0.003, range = 0.0..=1.0, help = "how much further than needed the gain goes down")]
    pub margin_db: f64,
}

/// How the gain comes back.
#[params]
pub enum LimiterRelease {
    /// at once from single peaks, slowly from what lasts
    #[default]
    Auto,
    /// the same two branches with the times of one's own choice; the deeper branch counts
    Manual,
}

/// What counts as a peak.
#[params]
pub enum LimiterDetector {
    /// samples alone: peaks between them get through
    Sample,
    /// the band-limited signal between the samples
    TruePeak,
    /// that, and what a BS.1770-5 meter reads
    #[default]
    Strict,
}

/// What a limiter did.
#[derive(Clone, Debug, Serialize)]
pub struct LimiterReport {
    /// The furthest the gain went down, in dB (0 or below).
    pub deepest_db: f64,
    /// Where it first was there, in seconds from the programme's start.
    pub deepest_at_s: f64,
    /// The part of the programme that was more than 1 dB down, 0 to 1.
    pub over_1_db_share: f64,
    /// The gain over time, the lowest of all channels; the drive is not in it.
    pub gain_curve: GainCurve,
}

impl Limiter {
    fn settings(&self) -> Settings {
        Settings {
            ceiling_dbtp: self.ceiling_dbtp,
            lookahead_s: self.lookahead_ms / 1000.0,
            release: match self.release {
                LimiterRelease::Auto => Release::default(),
                LimiterRelease::Manual => Release {
                    fast_hold_s: self.fast_hold_ms / 1000.0,
                    fast_release_s: self.fast_release_ms / 1000.0,
                    slow_hold_s: self.slow_hold_ms / 1000.0,
                    slow_attack_s: self.slow_attack_ms / 1000.0,
                    slow_release_s: self.slow_release_ms / 1000.0,
                },
            },
            link: self.link,
            detector: match self.detector {
                LimiterDetector::Sample => Detector::Sample,
                LimiterDetector::TruePeak => Detector::TruePeak,
                LimiterDetector::Strict => Detector::Strict,
            },
            margin_db: self.margin_db,
        }
    }

    /// The times of a manual release, by name.
    fn times(&self) -> [(&'static str, f64); 5] {
        [
            ("fast_hold_ms", self.fast_hold_ms),
            ("fast_release_ms", self.fast_release_ms),
            ("slow_hold_ms", self.slow_hold_ms),
            ("slow_attack_ms", self.slow_attack_ms),
            ("slow_release_ms", self.slow_release_ms),
        ]
    }
}

impl Node for Limiter {
    const ABOUT: About = About {
        kind: "Limiter",
        family: Family::Dynamics,
        summary: "Holds the true peak at a ceiling.",
        since: "0.1",
        algorithm: 1,
        example: "Limiter(ceiling_dbtp: -1, gain_db: 3)",
    };

    fn check(&self, problems: &mut Vec<Problem>) {
        if self.release == LimiterRelease::Auto {
            for ((name, time), (_, usual)) in self.times().into_iter().zip(Self::default().times()) {
                if time != usual {
                    problems.push(Problem::rule(
                        name,
                        "this time counts only where the release is manual",
                        "write `release: Manual`, or leave the time out",
                    ));
                }
            }
        }
    }

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let format = setup.main();
        let rate_hz = f64::from(format.rate_hz);
        let kernel = limiter::Limiter::new(&self.settings(), rate_hz, format.channels());
        let latency = kernel.latency() as u64;
        let cost_ns = 15.0 * format.channels() as f64 + 10.0;
        let gain = db_to_gain(self.gain_db);
        Ok(Prepared::stream(Ceiling { kernel, gain, rate_hz }, cost_ns).with_latency(latency))
    }

    fn neutral() -> Option<Self> {
        Some(Self::default())
    }
}

/// Runs a limiter over a block of any length.
pub(crate) fn limit(kernel: &mut limiter::Limiter, mut main: BlockMut<'_>) {
    main.each_part(CHUNK, |_, mut part| {
        for (index, channel) in part.iter_mut().enumerate() {
            kernel.hear(index, channel);
        }
        kernel.follow(part.frames());
        for (index, channel) in part.iter_mut().enumerate() {
            kernel.apply(index, channel);
        }
    });
}

struct Ceiling {
    kernel: limiter::Limiter,
    gain: f64,
    rate_hz: f64,
}

impl Stream for Ceiling {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        let mut main = io.main();
        for sample in main.iter_mut().flatten() {
            *sample *= self.gain;
        }
        limit(&mut self.kernel, main);
        Ok(())
    }

    fn reset(&mut self) {
        self.kernel.reset();
    }

    fn report(&self) -> Option<Report> {
        let reduction = self.kernel.reduction();
        Some(Report::new(LimiterReport {
            deepest_db: reduction.deepest_db,
            deepest_at_s: reduction.deepest_at as f64 / self.rate_hz,
            over_1_db_share: reduction.over_1_db_share(),
            gain_curve: super::keyed::gain_curve(self.kernel.trace()),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use deadwax_node::AnyNode;
    use deadwax_node::conformance::Rig;
    use deadwax_node::{Body, Format};

    /// Two channels at fs/4, 45° off their peaks, faded in and out, through `node`: the largest true peak of the louder
    /// one, and the report.
    fn run(node: &Limiter, level: f64) -> (f64, LimiterReport) {
        let fade = |n: usize| (n.min(40_000_usize.saturating_sub(n)) as f64 / 441.0).min(1.0);
        let tone = |level: f64| -> Vec<f64> {
            (0..44_100).map(|n| level * [1.0, 1.0, -1.0, -1.0][n % 4] * fade(n)).collect()
        };
        let mut rig = Rig::new(node, Format::stereo(44_100), false).unwrap();
        let output = rig.run(&[vec![tone(level), tone(0.1 * level)]], &[44_100]).unwrap().remove(0);
        let mut meter = deadwax_dsp::true_peak::PeakMeter::new();
        meter.push(&output[0]);
        let Body::Stream(stream) = &rig.prepared().body else { unreachable!() };
        let report = stream.report().unwrap().get::<LimiterReport>().unwrap().clone();
        (deadwax_dsp::math::gain_to_db(meter.finish().largest()), report)
    }

    #[test]
    fn it_holds_the_ceiling_and_says_how() {
        let (peak_dbtp, report) = run(&Limiter { gain_db: 6.0, ..Limiter::default() }, 0.7);
        // The tone's true peak is √2 times its samples; Annex 2 reads a tenth of a dB more.
        assert!((-1.1..=-0.99).contains(&peak_dbtp), "{peak_dbtp} dBTP");
        assert!((-7.3..=-6.9).contains(&report.deepest_db), "{report:?}");
        // The fade is over at 0.01 s, and the gain is down a frame or two earlier. The tone lasts 0.907 s of 1 s, and the
        // slow branch comes back behind it.
        assert!((0.009_9..=0.010_1).contains(&report.deepest_at_s), "{report:?}");
        assert!((0.9..=1.0).contains(&report.over_1_db_share), "{report:?}");
        let curve = &report.gain_curve;
        assert_eq!((curve.hop_s, curve.gain_db.len()), (0.01, 100));
        assert!(curve.gain_db[50] < -6.8 && curve.gain_db[99] > curve.gain_db[50], "{curve:?}");
    }

    #[test]
    fn manual_times_hold_the_ceiling_and_need_manual_release() {
        let manual = Limiter {
            release: LimiterRelease::Manual,
            fast_hold_ms: 0.0,
            slow_release_ms: 2000.0,
            lookahead_ms: 0.5,
            link: 0.5,
            ..Limiter::default()
        };
        assert!(manual.problems().is_empty());
        let (peak_dbtp, _) = run(&manual, 2.0);
        assert!((-1.2..=-0.99).contains(&peak_dbtp), "{peak_dbtp} dBTP");
        let broken: Vec<_> = Limiter { release: LimiterRelease::Auto, ..manual }.problems();
        let paths: Vec<_> = broken.iter().map(|problem| problem.path.as_str()).collect();
        assert_eq!(paths, ["fast_hold_ms", "slow_release_ms"]);
    }

    #[test]
    fn below_the_ceiling_it_reports_nothing() {
        let report = run(&Limiter::default(), 0.5).1;
        assert_eq!((report.deepest_db, report.deepest_at_s, report.over_1_db_share), (0.0, 0.0, 0.0));
        assert_eq!(report.gain_curve.gain_db, [0.0; 100]);
    }
}
