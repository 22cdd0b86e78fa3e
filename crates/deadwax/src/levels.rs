//! How loud every wire of a graph is: for its picture.
//!
//! A copy of the graph gets a meter behind every output that a wire leaves. The meters pass every sample untouched and add no
//! latency, so what is rendered through the copy is what the graph itself renders.

use crate::files::FileSource;
use crate::render::{RenderError, Settings, plan, stopped};
use deadwax_dsp::math::power_to_db;
use deadwax_engine::{Cause, MemorySource, Progress, RunOptions, Sink, Source, run};
use deadwax_graph::Graph;
use deadwax_graph::model::{From, Node as Placed, NodeId, To, Wire};
use deadwax_measure::signals::{DEMO_RATE_HZ, Demo};
use deadwax_node::{
    About, Block, Family, Format, Io, Lane, MAX_CHANNELS, Node, NodeError, Prepared, Report, Setup, Stream,
    params,
};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// The level of what leaves an input or a node's port, in dB below that of a full-scale sine; `None` for silence.
pub type Levels = BTreeMap<From, Option<f64>>;

/// A meter's parameters: none.
#[params]
struct WireMeter {}

impl Node for WireMeter {
    const ABOUT: About = About {
        kind: "WireMeter",
        family: Family::Probe,
        summary: "Hears how loud a wire is.",
        since: "0.2",
        algorithm: 1,
        example: "WireMeter",
    };

    fn prepare(&self, _: &Setup) -> Result<Prepared, NodeError> {
        Ok(Prepared::stream(Squares::default(), 0.5))
    }
}

/// The sum of squares, and how many there were. Added frame by frame, so that no block size changes it.
#[derive(Default)]
struct Squares {
    sums: [f64; MAX_CHANNELS],
    count: u64,
}

impl Stream for Squares {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        for (sum, channel) in self.sums.iter_mut().zip(io.main().as_block().iter()) {
            channel.iter().for_each(|x| *sum += x * x);
            self.count += channel.len() as u64;
        }
        Ok(())
    }

    fn reset(&mut self) {
        *self = Self::default();
    }

    fn report(&self) -> Option<Report> {
        // A full-scale sine has a mean square of one half.
        let db = power_to_db(2.0 * self.sums.iter().sum::<f64>() / self.count.max(1) as f64);
        Some(Report::new(Level(db.is_finite().then_some(db))))
    }
}

/// What a meter heard.
#[derive(Debug, serde::Serialize)]
struct Level(Option<f64>);

/// A graph with meters, and where each of them stands.
pub(crate) struct Metered {
    pub(crate) graph: Graph,
    places: BTreeMap<String, From>,
}

/// A copy of `graph` with a meter behind every output that a wire leaves.
pub(crate) fn metered(graph: &Graph) -> Metered {
    let mut nodes = graph.nodes.clone();
    let (mut wires, mut behind, mut places) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
    for wire in &graph.wires {
        let meter = *behind.entry(wire.from).or_insert_with(|| {
            let id = NodeId(nodes.len());
            // No node of a file has a blank in its name.
            let name = format!("level {}", id.0);
            places.insert(name.clone(), wire.from);
            let (node, origin) = (Box::new(WireMeter {}), wire.origin.clone());
            nodes.push(Placed { name, node, on: true, lane: Lane::Both, note: None, origin: origin.clone() });
            wires.push(Wire { from: wire.from, to: To::Node(id, 0), origin });
            id
        });
        wires.push(Wire { from: From::Node(meter, 0), ..wire.clone() });
    }
    let graph = Graph { nodes, wires, ..graph.clone() };
    Metered { graph, places }
}

impl Metered {
    /// Takes what the meters told out of `reports`.
    pub(crate) fn read(&self, reports: &mut Vec<(String, Report)>) -> Levels {
        let mut levels = Levels::new();
        reports.retain(|(name, report)| match (self.places.get(name), report.get::<Level>()) {
            (Some(from), Some(level)) => {
                levels.insert(*from, level.0);
                false
            }
            _ => true,
        });
        levels
    }
}

/// Takes frames, and keeps none: a graph that makes a programme longer fills no memory.
pub(crate) struct Nowhere;

impl Sink for Nowhere {
    fn start(&mut self, _: Format) -> Result<(), Cause> {
        Ok(())
    }

    fn write(&mut self, _: Block<'_>) -> Result<(), Cause> {
        Ok(())
    }
}

/// How loud every wire of `graph` is while the file at `mix` goes through it. Nothing is written.
///
/// # Errors
/// When the file cannot be read, the graph does not run on it, or somebody asked to stop.
pub fn hear_levels(
    graph: &Graph,
    mix: &Path,
    settings: &Settings,
    cancel: &AtomicBool,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Levels, RenderError> {
    levels_of(graph, &mut FileSource::open(mix, false)?, settings, cancel, progress)
}

/// How loud every wire of `graph` is while a demo signal goes through it.
///
/// # Errors
/// When the graph does not run on stereo.
pub fn levels_of_demo(graph: &Graph, demo: &Demo, settings: &Settings) -> Result<Levels, RenderError> {
    let mut programme = MemorySource::new(Format::stereo(DEMO_RATE_HZ), demo.channels.to_vec());
    levels_of(graph, &mut programme, settings, &AtomicBool::new(false), &|_| {})
}

fn levels_of(
    graph: &Graph,
    source: &mut dyn Source,
    settings: &Settings,
    cancel: &AtomicBool,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Levels, RenderError> {
    let metered = metered(graph);
    let mut compiled = plan(&metered.graph, source.format(), settings).map_err(RenderError::Compile)?;
    let mut sinks: Vec<Nowhere> = compiled.plan.outputs.iter().map(|_| Nowhere).collect();
    let mut taken: Vec<&mut dyn Sink> = sinks.iter_mut().map(|sink| sink as &mut dyn Sink).collect();
    let (spool_memory, spool_limit) = (settings.spool_memory, settings.spool_limit);
    let options = RunOptions { spool_memory, spool_limit, cancel, progress };
    let mut outcome =
        run(&mut compiled, source, &mut taken, &options).map_err(|error| stopped(error, graph))?;
    Ok(metered.read(&mut outcome.reports))
}
