//! What a template does and costs, before it is used.

use super::opened::{Opened, planned};
use crate::levels::Nowhere;
use crate::render::{Settings, plan};
use deadwax_engine::{MemorySource, RunOptions, Sink, run};
use deadwax_graph::Graph;
use deadwax_measure::signals::Music;
use deadwax_node::{Format, Layout};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Rates that are tried, in hertz.
const RATES_HZ: [u32; 4] = [44_100, 48_000, 96_000, 192_000];
/// The length of the signal whose render is timed, in seconds.
const SIGNAL_S: f64 = 4.0;
/// A template from a stranger gets no more time than this.
const MOST_TIME: Duration = Duration::from_secs(10);
/// What a render of that signal may keep between passes, in bytes.
const MOST_KEPT: u64 = 1 << 30;

/// What a template does and costs.
#[derive(Clone, Debug, PartialEq)]
pub struct Portrait {
    /// Nodes, those of used graphs among them.
    pub nodes: usize,
    /// How many of them belong to each graph in the place of a node.
    pub inside: BTreeMap<String, usize>,
    /// Kinds of the nodes.
    pub kinds: BTreeSet<&'static str>,
    /// Passes over the programme.
    pub passes: usize,
    /// By how much, in milliseconds, the latest wire is late. The engine aligns them.
    pub late_ms: f64,
    /// Memory of all blocks, in bytes.
    pub block_bytes: u64,
    /// Bytes kept between passes for each minute of programme.
    pub kept_per_minute: u64,
    /// How much faster than the programme it is on this machine; `None` when it took too long to tell.
    pub x_realtime: Option<f64>,
    /// What programmes it takes.
    pub takes: Reach,
    /// Recordings and lessons that it reads, as paths in the package, and their bytes.
    pub reads: Vec<(String, usize)>,
    /// Its outputs, as wires name them.
    pub writes: Vec<String>,
}

/// What programmes a graph takes, of those that are tried.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// Layouts.
    pub layouts: Vec<Layout>,
    /// Rates, in hertz.
    pub rates_hz: Vec<u32>,
}

impl Reach {
    /// Whether every rate that is tried is among them.
    #[must_use]
    pub fn any_rate(&self) -> bool {
        self.rates_hz == RATES_HZ
    }
}

/// Looks at a template: compiles its graph for several formats, and runs it over a short signal on `workers` workers.
#[must_use]
pub fn portrait(opened: &Opened, workers: usize) -> Portrait {
    let Opened { package, graph, plan, .. } = opened;
    let mut inside = BTreeMap::new();
    for node in &graph.nodes {
        if let Some((outer, _)) = node.name.split_once('/') {
            *inside.entry(outer.to_owned()).or_insert(0) += 1;
        }
    }
    let data = |path: &&str| {
        let recording = path.ends_with(".flac") || path.ends_with(".wav");
        !path.starts_with("preview/") && (recording || is_lesson(graph, path))
    };
    let size = |path: &str| package.file(path).map_or(0, <[u8]>::len);
    let writes = graph.outputs.iter();
    Portrait {
        nodes: graph.nodes.len(),
        inside,
        kinds: graph.nodes.iter().map(|node| node.node.about().kind).collect(),
        passes: plan.passes.len(),
        late_ms: plan.wires.iter().map(|wire| wire.late_ms).fold(0.0, f64::max),
        block_bytes: plan.block_bytes,
        kept_per_minute: plan.spool_bytes(u64::from(plan.input.rate_hz) * 60),
        x_realtime: speed(graph, plan.input, workers),
        takes: reach(graph, plan.input),
        reads: package.paths().filter(data).map(|path| (path.to_owned(), size(path))).collect(),
        writes: writes
            .map(|name| if name == "output" { name.clone() } else { format!("output.{name}") })
            .collect(),
    }
}

/// Whether a file of the package says what a node has learnt. Its name in the source map ends in its path.
fn is_lesson(graph: &Graph, path: &str) -> bool {
    let name = |file: usize| graph.sources.get(file).map_or("", |source| source.name.as_str());
    graph.lessons.iter().any(|lesson| name(lesson.file).rsplit(':').next() == Some(path))
}

/// Which layouts it takes at the rate it was compiled for, and which rates in that layout.
fn reach(graph: &Graph, known: Format) -> Reach {
    let takes = |format: Format| format == known || planned(graph, format).is_ok();
    let layouts = [Layout::Mono, Layout::Stereo];
    Reach {
        layouts: layouts.into_iter().filter(|layout| takes(Format::new(known.rate_hz, *layout))).collect(),
        rates_hz: RATES_HZ.into_iter().filter(|rate_hz| takes(Format::new(*rate_hz, known.layout))).collect(),
    }
}

/// How much faster than the programme the graph runs.
fn speed(graph: &Graph, format: Format, workers: usize) -> Option<f64> {
    let settings = Settings { workers, ..Settings::default() };
    let mut compiled = plan(graph, format, &settings).ok()?;
    let music = Music { rate_hz: f64::from(format.rate_hz), seconds: SIGNAL_S, seed: 1 }.render();
    let channels = music.into_iter().take(format.channels()).collect();
    let mut source = MemorySource::new(format, channels);
    let mut sinks: Vec<Nowhere> = compiled.plan.outputs.iter().map(|_| Nowhere).collect();
    let mut taken: Vec<&mut dyn Sink> = sinks.iter_mut().map(|sink| sink as &mut dyn Sink).collect();
    let (begun, cancel) = (Instant::now(), AtomicBool::new(false));
    let progress = |_| {
        if begun.elapsed() > MOST_TIME {
            cancel.store(true, Ordering::Relaxed);
        }
    };
    let options =
        RunOptions { spool_memory: MOST_KEPT, spool_limit: MOST_KEPT, cancel: &cancel, progress: &progress };
    run(&mut compiled, &mut source, &mut taken, &options).ok()?;
    Some(SIGNAL_S / begun.elapsed().as_secs_f64().max(1e-6))
}
