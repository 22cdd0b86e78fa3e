//! Which files a render writes, how, and what they say of the programme.

use super::taps::TAP;
use super::{Job, Settings};
use crate::files::Target;
use crate::recipe::forget;
use deadwax_audio::{Container, Encoding, Info, Metadata, WriteError, read_metadata};
use deadwax_graph::Graph;
use deadwax_graph::model::{From, To};
use deadwax_node::Format;
use std::path::{Path, PathBuf};

/// What a master at `ratio` times the rate of the mix is to say about the programme.
fn said(graph: &Graph, job: &Job, settings: &Settings, ratio: f64) -> Metadata {
    let mut metadata = Metadata::default();
    if settings.keep_tags {
        // A mix that can be heard is rendered, whatever its tags are like.
        metadata = read_metadata(&job.input).unwrap_or_default();
        forget(&mut metadata);
        metadata.pass_on(
            ratio,
            settings.range.is_some() || graph.nodes.iter().any(|node| node.on && node.node.cuts()),
        );
    }
    for (key, value) in &settings.tags {
        metadata.set(key, value);
    }
    metadata
}

/// The files of all `outputs`, in order: where they go, how they are written, and about what they will say.
pub(super) fn targets(
    graph: &Graph,
    outputs: &[(String, Format)],
    job: &Job,
    settings: &Settings,
    input: &Info,
) -> Result<Vec<Target>, WriteError> {
    let mut targets = Vec::new();
    for (number, (name, format)) in outputs.iter().enumerate() {
        let mut target = target(graph, number, name, job, settings)?;
        target.mask = input.mask.filter(|_| format.channels() == input.channels);
        target.spec(*format).check(&target.path)?;
        target.expected = said(graph, job, settings, f64::from(format.rate_hz) / f64::from(input.rate_hz));
        target.range = settings.range.map(|stretch| stretch.frames(format.rate_hz));
        targets.push(target);
    }
    Ok(targets)
}

/// How output `number` of the graph is to be written.
fn target(
    graph: &Graph,
    number: usize,
    name: &str,
    job: &Job,
    settings: &Settings,
) -> Result<Target, WriteError> {
    let path = if number == 0 { job.output.clone() } else { with_name(&job.output, name) };
    let container = Container::of_path(&path)?;
    let bits = dithered_to(graph, number);
    let encoding = settings.encoding.unwrap_or(match bits {
        _ if !container.is_lossless() => Encoding::Float32,
        Some(..=16) => Encoding::Int16,
        // A wire inside the graph may go beyond full scale.
        _ if name.starts_with(TAP) && container.holds(Encoding::Float32) => Encoding::Float32,
        _ => Encoding::Int24,
    });
    let dither = encoding.is_integer() && bits.is_none_or(|bits| bits > u64::from(encoding.bits()));
    let recordings = graph.assets.iter().filter_map(|asset| asset.location.clone());
    let (existing, inputs) = (settings.existing, recordings.chain([job.input.clone()]).collect());
    let expected = Metadata::default();
    Ok(Target { path, container, encoding, dither, existing, inputs, mask: None, range: None, expected })
}

/// The word length that the graph itself dithers an output to, if the last node before it is a `Dither`.
fn dithered_to(graph: &Graph, output: usize) -> Option<u64> {
    let wire = graph.wires.iter().find(|wire| wire.to == To::Output(output))?;
    let From::Node(node, _) = wire.from else { return None };
    let node = &graph.nodes[node.0];
    (node.on && node.node.about().kind == "Dither").then(|| node.node.to_json()["bits"].as_u64())?
}

/// `mix.wav` and `cd` make `mix.cd.wav`.
fn with_name(path: &Path, name: &str) -> PathBuf {
    let ending = path.extension().map_or("wav".into(), |ending| ending.to_string_lossy());
    path.with_extension(format!("{name}.{ending}"))
}

/// Where the master of `input` through the graph called `graph` goes when nobody says: beside the input, and never in
/// the place of another file (`mix.streaming.wav`, then `mix.streaming.r2.wav`, …).
#[must_use]
pub fn default_output(input: &Path, graph: &str) -> PathBuf {
    let stem = input.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let named = |take: usize| match take {
        1 => input.with_file_name(format!("{stem}.{graph}.wav")),
        take => input.with_file_name(format!("{stem}.{graph}.r{take}.wav")),
    };
    (1..).map(named).find(|path| path.symlink_metadata().is_err()).unwrap_or_else(|| named(1))
}
