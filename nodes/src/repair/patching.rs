//! What `DeClick` and `DeCrackle` share: a listener that finds and fills, and a stream that puts the patches in place.

use deadwax_dsp::declick::{Listener, Patch, Patcher, Settings};
use deadwax_node::{Analyze, Block, Body, Io, NodeError, Prepared, Report, Setup, Stream, Tail, Whole};
use serde::Serialize;

/// What was repaired.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RepairReport {
    /// How many places, over all channels.
    pub repaired: usize,
    /// How many of them in a minute, on average over the programme.
    pub per_minute: f64,
    /// The share of all samples that was filled, 0 to 1.
    pub filled_share: f64,
    /// The places: channel, beginning in seconds, length in milliseconds. The first thousand of them.
    pub places: Vec<(usize, f64, f64)>,
}

/// The most places that a report lists.
const MOST_PLACES: usize = 1000;

/// Patches, and how long the programme was.
#[derive(Clone, Debug)]
pub(super) struct Found {
    patches: Vec<Patch>,
    frames: u64,
}

// What a listener hands to its stream is read by nothing else; people read the stream's report.
impl Serialize for Found {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer
            .collect_seq(self.patches.iter().map(|patch| (patch.channel, patch.start, patch.samples.len())))
    }
}

/// Prepares a node that finds clicks by `settings`, and puts out what it took away if `audition` says so.
pub(super) fn prepare(settings: Settings, audition: bool, setup: &Setup) -> Prepared {
    let format = setup.main();
    let rate_hz = f64::from(format.rate_hz);
    let whole = Finding { settings, rate_hz, channels: format.channels(), audition };
    Prepared { body: Body::Whole(Box::new(whole)), latency: 0, tail: Tail::NONE, cost_ns: 1.0 }
}

struct Finding {
    settings: Settings,
    rate_hz: f64,
    channels: usize,
    audition: bool,
}

impl Whole for Finding {
    fn listener(&self) -> Box<dyn Analyze> {
        Box::new(Hearing {
            listener: Listener::seeking(self.settings, self.rate_hz, self.channels),
            frames: 0,
        })
    }

    fn stream(&mut self, heard: &Report) -> Result<Box<dyn Stream>, NodeError> {
        let found = heard.get::<Found>().ok_or(NodeError::ForeignReport)?;
        let patcher = Patcher::new(&found.patches, self.channels, self.audition);
        let report = report(found, self.rate_hz, self.channels);
        Ok(Box::new(Patching { patcher, report }))
    }
}

fn report(found: &Found, rate_hz: f64, channels: usize) -> RepairReport {
    let patches = &found.patches;
    let filled: usize = patches.iter().map(|patch| patch.samples.len()).sum();
    let all = (found.frames as f64 * channels as f64).max(1.0);
    let minutes = found.frames as f64 / rate_hz / 60.0;
    let place = |patch: &Patch| {
        (patch.channel, patch.start as f64 / rate_hz, patch.samples.len() as f64 / rate_hz * 1000.0)
    };
    RepairReport {
        repaired: patches.len(),
        per_minute: if minutes > 0.0 { patches.len() as f64 / minutes } else { 0.0 },
        filled_share: filled as f64 / all,
        places: patches.iter().take(MOST_PLACES).map(place).collect(),
    }
}

struct Hearing {
    listener: Listener,
    frames: u64,
}

impl Analyze for Hearing {
    fn hear(&mut self, _: u64, block: Block<'_>) -> Result<(), NodeError> {
        let planes: Vec<&[f64]> = block.iter().collect();
        self.listener.push(&planes);
        self.frames += block.frames() as u64;
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Report, NodeError> {
        Ok(Report::new(Found { patches: self.listener.finish(), frames: self.frames }))
    }
}

/// The patches lie at frames of the programme: no state.
struct Patching {
    patcher: Patcher,
    report: RepairReport,
}

impl Stream for Patching {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        let start = io.start();
        for (index, channel) in io.main().iter_mut().enumerate() {
            self.patcher.process(index, start, channel);
        }
        Ok(())
    }

    fn reset(&mut self) {}

    fn report(&self) -> Option<Report> {
        Some(Report::new(self.report.clone()))
    }
}
