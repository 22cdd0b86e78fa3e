//! Makes loud passages quieter: the level above a threshold grows more slowly than it did.
//!
//! One reaches for it to hold a mix together (a low ratio, slow attack), to tame a band in a multiband graph, or to let
//! one signal make room for another (the `key` port). The curve works on the level in decibels and the attack and release
//! behind it, so that times are times of the gain itself, whatever the ratio. With `PeakHold` a steady tone gets a steady
//! gain and is not distorted at all, as long as half its period fits into the window (10 ms: 50 Hz).
//!
//! `attack_ms` and `release_ms` are the times in which the gain does 63 % of a step; a release takes about attack plus
//! release. `lookahead_ms` delays the signal, so that the gain is down when a peak arrives. At a ratio of 1, and at a
//! mix of 0, every sample passes untouched but for that delay.

use deadwax_dsp::dynamics::{self, CHUNK, Curve, Detector, Settings, Topology};
use deadwax_node::{
    About, Channels, Family, Io, Node, NodeError, Port, Ports, Prepared, Report, Setup, Stream, params,
};
use serde::Serialize;

/// Parameters of `Compressor`.
#[params]
pub struct Compressor {
    #[param(default = -18.0, range = -80.0..=0.0, help = "the level above which it works")]
    pub threshold_db: f64,
    #[param(default = 2.0, range = 1.0..=100.0, help = "how many dB in make one dB out; 1 does nothing")]
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
    pub detector: CompressorDetector,
    #[param(default = 10.0, range = 1.0..=300.0, help = "over how long PeakHold and Rms look")]
    pub window_ms: f64,
    #[param(default = 0.0, range = 0.0..=50.0, help = "how far ahead it hears; adds as much latency")]
    pub lookahead_ms: f64,
    #[param(default = 1.0, range = 0.0..=1.0, help = "how far channels share their level; 1: all have the same gain")]
    pub link: f64,
    #[param(default = 0.0, range = -24.0..=24.0, help = "gain behind the reduction")]
    pub makeup_db: f64,
    #[param(default = 1.0, range = 0.0..=1.0, help = "how much of the result is compressed; the rest is dry")]
    pub mix: f64,
    #[param(default = 60.0, range = 0.0..=60.0, help = "the most the gain may go down")]
    pub range_db: f64,
}

/// What counts as the level.
#[params]
pub enum CompressorDetector {
    /// the size of each sample: fast, and roughens low tones
    Peak,
    /// the largest sample within the window: clean on steady tones
    #[default]
    PeakHold,
    /// the root of the mean square over the window: nearer to loudness
    Rms,
}

/// What a compressor did.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct CompressorReport {
    /// The furthest the gain went down, in dB (0 or below), without make-up.
    pub deepest_db: f64,
}

impl Compressor {
    fn settings(&self) -> Settings {
        let window_s = self.window_ms / 1000.0;
        Settings {
            curve: Curve::compressor(self.threshold_db, self.ratio, self.knee_db, self.range_db),
            detector: match self.detector {
                CompressorDetector::Peak => Detector::Peak,
                CompressorDetector::PeakHold => Detector::PeakHold { window_s },
                CompressorDetector::Rms => Detector::Rms { window_s },
            },
            topology: Topology::Decoupled,
            attack_s: self.attack_ms / 1000.0,
            release_s: self.release_ms / 1000.0,
            auto_release: self.auto_release,
            hold_s: self.hold_ms / 1000.0,
            lookahead_s: self.lookahead_ms / 1000.0,
            link: self.link,
            makeup_db: self.makeup_db,
            mix: self.mix,
        }
    }
}

/// The number of the `key` port.
const KEY: usize = 1;

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
        let key = Port::new("key", Channels::Any, "what is heard instead of the signal itself");
        Ports::through().with_input(key.optional())
    }

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let channels = setup.main().channels();
        let key = setup.inputs.get(KEY).copied().flatten();
        let keys = key.map_or(channels, |format| format.channels());
        let rate_hz = f64::from(setup.main().rate_hz);
        let kernel = dynamics::Compressor::new(&self.settings(), rate_hz, channels, keys);
        let latency = kernel.latency() as u64;
        let followers = if self.link < 1.0 && keys == channels { channels } else { 1 };
        let cost_ns = 12.0 * followers as f64 + 3.0 * (channels + keys) as f64;
        Ok(Prepared::stream(Gain { kernel, keyed: key.is_some() }, cost_ns).with_latency(latency))
    }

    fn neutral() -> Option<Self> {
        Some(Self { ratio: 1.0, lookahead_ms: 5.0, ..Self::default() })
    }
}

/// Detector windows, the gain, and the delayed signal.
struct Gain {
    kernel: dynamics::Compressor,
    keyed: bool,
}

impl Stream for Gain {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        let key = io.input(KEY).filter(|_| self.keyed);
        let mut main = io.main();
        let frames = main.frames();
        for begin in (0..frames).step_by(CHUNK) {
            let mut part = main.part_mut(begin, CHUNK.min(frames - begin));
            let heard = key.map_or(part.as_block(), |key| key.part(begin, part.frames()));
            for (index, channel) in heard.iter().enumerate() {
                self.kernel.hear(index, channel);
            }
            self.kernel.follow(part.frames());
            for (index, channel) in part.iter_mut().enumerate() {
                self.kernel.apply(index, channel);
            }
        }
        Ok(())
    }

    fn reset(&mut self) {
        self.kernel.reset();
    }

    fn report(&self) -> Option<Report> {
        Some(Report::new(CompressorReport { deepest_db: self.kernel.deepest_db() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use deadwax_node::Format;
    use deadwax_node::conformance::Rig;

    /// Stereo at 44.1 kHz through `node`; `key`, if there is one, at the other port.
    fn run(node: &Compressor, main: [f64; 2], key: Option<[f64; 2]>) -> Vec<Vec<f64>> {
        let steady = |levels: [f64; 2]| levels.map(|level| vec![level; 44_100]).to_vec();
        let mut rig = Rig::new(node, Format::stereo(44_100), key.is_some()).unwrap();
        let wires: Vec<_> = std::iter::once(main).chain(key).map(steady).collect();
        rig.run(&wires, &[44_100]).unwrap().remove(0)
    }

    fn node() -> Compressor {
        Compressor { threshold_db: -20.0, ratio: 4.0, knee_db: 0.0, ..Compressor::default() }
    }

    #[test]
    fn a_key_makes_room() {
        let alone = run(&node(), [0.01, 0.01], None);
        assert_eq!(alone[0][44_099], 0.01);
        let keyed = run(&node(), [0.01, 0.01], Some([0.0, 1.0]));
        let gain_db = deadwax_dsp::math::gain_to_db(keyed[0][44_099] / 0.01);
        assert!((gain_db + 15.0).abs() < 1e-6, "{gain_db} dB");
        assert_eq!(keyed[0], keyed[1]);
    }

    #[test]
    fn a_mix_is_of_dry_and_compressed_in_time() {
        let half = Compressor { mix: 0.5, lookahead_ms: 10.0, ..node() };
        let out = run(&half, [1.0, 1.0], None);
        assert!(out[0][..441].iter().all(|x| *x == 0.0));
        let expected = 0.5 + 0.5 * deadwax_dsp::math::db_to_gain(-15.0);
        assert!((out[0][44_099] - expected).abs() < 1e-9);
    }

    #[test]
    fn the_report_says_how_far_it_went() {
        let mut rig = Rig::new(&node(), Format::stereo(44_100), false).unwrap();
        rig.run(&[vec![vec![1.0; 44_100]; 2]], &[44_100]).unwrap();
        let deadwax_node::Body::Stream(stream) = &rig.prepared().body else { unreachable!() };
        let report = stream.report().unwrap();
        let deepest = report.get::<CompressorReport>().unwrap().deepest_db;
        assert!((deepest + 15.0).abs() < 1e-6, "{deepest} dB");
    }
}
