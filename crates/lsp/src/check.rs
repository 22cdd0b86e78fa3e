//! What is wrong with a graph: everything that is told without hearing a sample.

use deadwax_engine::{Assets, Options, Plan, compile};
use deadwax_graph::diagnostic::{Code, Diagnostic, SourceMap, sort};
use deadwax_graph::{Graph, Overrides, load};
use deadwax_node::{Format, Recording};
use serde_json::Value;
use std::sync::Arc;

use crate::outline::World;

/// The sample rate graphs are compiled at.
const RATE_HZ: u32 = 44_100;
/// Graphs of more nodes are only loaded: to prepare them takes longer than anyone would wait behind a key press.
const MOST_NODES: usize = 256;
/// Frames in a block: little memory, since nothing is heard.
const BLOCK: usize = 256;

/// What was found.
#[derive(Debug)]
pub struct Checked {
    /// What is wrong, in reading order; warnings are among it.
    pub diagnostics: Vec<Diagnostic>,
    /// The files; number 0 is the graph itself.
    pub sources: SourceMap,
    /// What will be done at stereo and 44.1 kHz, where nothing is wrong.
    pub plan: Option<Plan>,
}

/// Loads the graph `entry`, and compiles it for stereo at 44.1 kHz. Recordings that it names are not read.
#[must_use]
pub fn check(world: &World<'_>, entry: &str) -> Checked {
    let mut graph = match load(world.registry, world.loader, entry, &Overrides::none()) {
        Ok(graph) => graph,
        Err(errors) => {
            return Checked { diagnostics: errors.diagnostics, sources: errors.sources, plan: None };
        }
    };
    let (mut diagnostics, sources) =
        (std::mem::take(&mut graph.warnings), std::mem::take(&mut graph.sources));
    let mut plan = None;
    if graph.nodes.len() <= MOST_NODES {
        let options = Options { block: BLOCK, assets: stand_ins(&graph), ..Options::default() };
        match compile(&graph, Format::stereo(RATE_HZ), &options) {
            Ok(compiled) => plan = Some(compiled.plan),
            Err(errors) => {
                let found = errors.iter().map(deadwax_engine::CompileError::diagnostic);
                diagnostics.extend(found.filter(|diagnostic| !is_about_a_recording(diagnostic, &graph)));
            }
        }
    }
    sort(&mut diagnostics);
    Checked { diagnostics, sources, plan }
}

/// A click in the place of every recording.
fn stand_ins(graph: &Graph) -> Assets {
    let channel = || (0..RATE_HZ).map(|frame| if frame == 0 { 1.0 } else { 0.0 }).collect::<Vec<f64>>();
    let click = Arc::new(Recording { rate_hz: RATE_HZ, channels: vec![channel(), channel()] });
    let each = graph.assets.iter().map(|asset| ((asset.origin.file, asset.name.clone()), click.clone()));
    each.collect()
}

/// Whether a node refuses what only stands in the place of its recording.
fn is_about_a_recording(diagnostic: &Diagnostic, graph: &Graph) -> bool {
    let Some((file, span)) = diagnostic.at.as_ref().filter(|_| diagnostic.code == Code::NotAtThisFormat)
    else {
        return false;
    };
    let here = graph.nodes.iter().find(|node| node.origin.file == *file && node.origin.span == *span);
    here.is_some_and(|node| {
        let fields = node.node.to_json();
        graph.assets.iter().any(|asset| mentions(&fields, &asset.name))
    })
}

fn mentions(value: &Value, name: &str) -> bool {
    match value {
        Value::String(text) => text == name,
        Value::Array(items) => items.iter().any(|item| mentions(item, name)),
        Value::Object(entries) => entries.values().any(|entry| mentions(entry, name)),
        _ => false,
    }
}
