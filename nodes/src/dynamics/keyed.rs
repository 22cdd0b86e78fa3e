//! What the dynamics nodes share: the `key` port, the run of the kernel over a block, the report.

use deadwax_dsp::dynamics::{CHUNK, Detector, Dynamics, GainTrace, KeyFilter, Settings, Tally, Topology};
use deadwax_dsp::equalizer::MAX_FREQ_OF_RATE;
use deadwax_dsp::svf::Section;
use deadwax_node::{
    BlockMut, Channels, GainCurve, Io, NodeError, Port, Ports, Prepared, Report, Setup, Stream, params,
};
use serde::Serialize;

/// The number of the `key` port.
pub(super) const KEY: usize = 1;

/// One input, one output, and the optional `key`.
pub(super) fn ports() -> Ports {
    let key = Port::new("key", Channels::Any, "what is heard instead of the signal itself");
    Ports::through().with_input(key.optional())
}

/// What counts as the level.
#[params]
pub enum DynamicsDetector {
    /// the size of each sample: fast, and roughens low tones
    Peak,
    /// the largest sample within the window: clean on steady tones
    #[default]
    PeakHold,
    /// the root of the mean square over the window: nearer to loudness
    Rms,
}

impl DynamicsDetector {
    pub(super) fn over(&self, window_ms: f64) -> Detector {
        let window_s = window_ms / 1000.0;
        match self {
            Self::Peak => Detector::Peak,
            Self::PeakHold => Detector::PeakHold { window_s },
            Self::Rms => Detector::Rms { window_s },
        }
    }
}

/// Which level linked channels share.
#[params]
pub enum LinkLaw {
    /// that of the loudest channel
    #[default]
    Max,
    /// the mean power of all channels
    Mean,
}

impl LinkLaw {
    pub(super) fn law(&self) -> deadwax_dsp::dynamics::LinkLaw {
        match self {
            Self::Max => deadwax_dsp::dynamics::LinkLaw::Max,
            Self::Mean => deadwax_dsp::dynamics::LinkLaw::Mean,
        }
    }
}

/// What a dynamics node did, without make-up gain.
#[derive(Clone, Debug, Serialize)]
pub struct GainReport {
    /// The furthest the gain went down, in dB (0 or below).
    pub deepest_db: f64,
    /// The furthest it went up, in dB (0 or above).
    pub highest_db: f64,
    /// The gain over time; of several channels the one that moved most.
    pub gain_curve: GainCurve,
}

/// A trace as reports draw it.
pub(crate) fn gain_curve(trace: &GainTrace) -> GainCurve {
    GainCurve { hop_s: trace.hop_s(), gain_db: trace.points_db() }
}

/// The key's filters at a sample rate of `rate_hz`.
///
/// # Errors
/// When a corner does not work at this rate; the error names its field.
pub(super) fn key_sections(filter: &KeyFilter, rate_hz: f64) -> Result<Vec<Section>, NodeError> {
    let most_hz = MAX_FREQ_OF_RATE * rate_hz;
    for (field, corner) in
        [("key_high_pass_hz", filter.high_pass_hz), ("key_low_pass_hz", filter.low_pass_hz)]
    {
        if corner.is_some_and(|hz| hz > most_hz) {
            let reason = format!("at this sample rate a corner lies at {} Hz at the most", most_hz.floor());
            return Err(NodeError::field(field, reason));
        }
    }
    filter.design(rate_hz).map_err(|error| NodeError::field("key_tilt_db_oct", error.to_string()))
}

/// The kernel's settings from the fields that the nodes with a threshold have in common; the rest as usual.
macro_rules! settings {
    ($node:expr, $law:expr, $key:expr, $rate_hz:expr) => {
        deadwax_dsp::dynamics::Settings {
            law: $law,
            detector: $node.detector.over($node.window_ms),
            key: $crate::dynamics::keyed::key_sections(&$key, $rate_hz)?,
            attack_s: $node.attack_ms / 1000.0,
            hold_s: $node.hold_ms / 1000.0,
            release_s: $node.release_ms / 1000.0,
            lookahead_s: $node.lookahead_ms / 1000.0,
            link: $node.link,
            link_law: $node.link_law.law(),
            mix: $node.mix,
            ..deadwax_dsp::dynamics::Settings::default()
        }
    };
}
pub(super) use settings;

/// How many channels are heard.
pub(super) fn keys(setup: &Setup) -> usize {
    let key = setup.inputs.get(KEY).copied().flatten();
    key.map_or(setup.main().channels(), |format| format.channels())
}

/// Whether something is connected to the key.
pub(super) fn is_keyed(setup: &Setup) -> bool {
    setup.inputs.get(KEY).copied().flatten().is_some()
}

/// What finds a gain and applies it, in rounds of up to [`CHUNK`] frames.
pub(super) trait Kernel: Send + 'static {
    /// Hears the next frames of a key channel.
    fn hear(&mut self, key: usize, block: &[f64]);
    /// Works out the gains.
    fn follow(&mut self, frames: usize);
    /// Delays all channels and applies them.
    fn apply(&mut self, part: BlockMut<'_>);
    /// Back to rest.
    fn reset(&mut self);
    /// What the gain did.
    fn tally(&self) -> &Tally;
}

impl Kernel for Dynamics {
    fn hear(&mut self, key: usize, block: &[f64]) {
        self.hear(key, block);
    }

    fn follow(&mut self, frames: usize) {
        self.follow(frames);
    }

    fn apply(&mut self, mut part: BlockMut<'_>) {
        self.apply(part.iter_mut());
    }

    fn reset(&mut self) {
        self.reset();
    }

    fn tally(&self) -> &Tally {
        self.tally()
    }
}

/// Makes the common kernel ready.
pub(super) fn prepare(settings: &Settings, setup: &Setup) -> Prepared {
    let (channels, keys) = (setup.main().channels(), keys(setup));
    let kernel = Dynamics::new(settings, f64::from(setup.main().rate_hz), channels, keys);
    let latency = kernel.latency() as u64;
    let followers = if settings.link < 1.0 && keys == channels { channels } else { 1 };
    let looped = if settings.topology == Topology::Feedback { 5.0 } else { 1.0 };
    let cost_ns = looped * 14.0 * followers as f64
        + 3.0 * (channels + keys) as f64
        + 1.3 * (keys * settings.key.len()) as f64;
    Prepared::stream(Keyed::new(kernel, setup), cost_ns).with_latency(latency)
}

/// Hears the key, or where there is none the signal, and applies the gain.
pub(super) struct Keyed<K> {
    kernel: K,
    keyed: bool,
}

impl<K> Keyed<K> {
    pub(super) fn new(kernel: K, setup: &Setup) -> Self {
        Self { kernel, keyed: is_keyed(setup) }
    }
}

impl<K: Kernel> Stream for Keyed<K> {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        let key = io.input(KEY).filter(|_| self.keyed);
        let mut main = io.main();
        main.each_part(CHUNK, |begin, part| {
            let heard = key.map_or(part.as_block(), |key| key.part(begin, part.frames()));
            for (index, channel) in heard.iter().enumerate() {
                self.kernel.hear(index, channel);
            }
            self.kernel.follow(part.frames());
            self.kernel.apply(part);
        });
        Ok(())
    }

    fn reset(&mut self) {
        self.kernel.reset();
    }

    fn report(&self) -> Option<Report> {
        let tally = self.kernel.tally();
        Some(Report::new(GainReport {
            deepest_db: tally.deepest_db(),
            highest_db: tally.highest_db(),
            gain_curve: gain_curve(tally.trace()),
        }))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use deadwax_node::conformance::Rig;
    use deadwax_node::{AnyNode, Body, Format};

    /// Runs stereo at 44.1 kHz through `node`, with `key`, if there is one, at the other port; with what it reports.
    pub(in super::super) fn run<R: Clone + 'static>(
        node: &dyn AnyNode,
        main: Vec<Vec<f64>>,
        key: Option<Vec<Vec<f64>>>,
    ) -> (Vec<Vec<f64>>, R) {
        assert!(node.problems().is_empty(), "{:?}", node.problems());
        let mut rig = Rig::new(node, Format::stereo(44_100), key.is_some()).unwrap();
        let frames = main[0].len();
        let wires: Vec<_> = std::iter::once(main).chain(key).collect();
        let out = rig.run(&wires, &[frames]).unwrap().remove(0);
        let Body::Stream(stream) = &rig.prepared().body else { unreachable!() };
        (out, stream.report().unwrap().get::<R>().unwrap().clone())
    }

    /// Two channels of `frames` frames, all at these values.
    pub(in super::super) fn steady(levels: [f64; 2], frames: usize) -> Vec<Vec<f64>> {
        levels.map(|level| vec![level; frames]).to_vec()
    }
}
