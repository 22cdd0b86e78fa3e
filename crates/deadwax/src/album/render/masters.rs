//! The masters of tracks: each made once, and kept by what it is made of, so that what has not changed is not rendered again.

use super::error::AlbumError;
use super::hold::NEW;
use super::{AlbumSettings, Step};
use crate::album::opened::{OpenedAlbum, TrackGraph};
use crate::recipe::hex;
use crate::render::{Job, RecipePlace, Settings, recipe_before, render};
use deadwax_audio::{Decoder, Encoding, Existing};
use deadwax_graph::{Graph, Memory, Overrides, load};
use deadwax_node::Registry;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// The folder, beside what is delivered, in which masters are kept.
pub const MASTERS: &str = ".masters";

/// A recording at the rate of the timeline, through its graph.
#[derive(Clone, Debug)]
pub(in crate::album) struct Master {
    pub(in crate::album) path: PathBuf,
    /// What it is made of, as a hash.
    pub(super) key: String,
    /// The gains that nodes found by hearing it, in dB, by the node's name.
    gains: Gains,
}

/// Gains of nodes, in dB, by the node's name.
type Gains = BTreeMap<String, f64>;

/// A graph that changes nothing.
const THROUGH: &str = "Graph(format: 1, nodes: { through: Gain }, wires: [\"input -> through -> output\"])";

/// One recording that is wanted.
struct Wanted<'a> {
    name: String,
    input: &'a Path,
    graph: Option<&'a TrackGraph>,
    /// What nodes of the graph have found in the recording that it is a version of.
    gains: Gains,
}

/// A version that is asked for, and the masters of the usual one.
pub(super) type Version<'a> = (&'a str, &'a [Option<Master>]);

/// Makes the masters of all tracks, of the version that is asked for where they have it, and of what is hidden, which comes last.
/// A version gets the gains that were found for the usual one: without its voice a song stays as loud as it was.
pub(in crate::album) fn masters(
    opened: &OpenedAlbum,
    version: Option<Version<'_>>,
    settings: &AlbumSettings<'_>,
    registry: &Registry,
) -> Result<Vec<Option<Master>>, AlbumError> {
    let folder = settings.output.join(MASTERS);
    let tracks = opened.album.tracks.iter().zip(&opened.tracks).enumerate();
    let mut wanted: Vec<Option<Wanted<'_>>> = tracks
        .map(|(number, (track, found))| {
            let found = found.as_ref()?;
            let other = version.and_then(|(version, usual)| {
                let (_, path) = found.versions.iter().find(|(name, _)| name == version)?;
                Some((path, usual[number].as_ref().map(|usual| usual.gains.clone())))
            });
            let (input, gains) = other.unwrap_or((&found.path, None));
            let name = track.name.value.clone();
            Some(Wanted { name, input, graph: found.graph.as_ref(), gains: gains.unwrap_or_default() })
        })
        .collect();
    let hidden = opened.hidden.as_ref();
    wanted.push(hidden.map(|found| Wanted {
        name: "hidden".into(),
        input: &found.path,
        graph: None,
        gains: Gains::new(),
    }));
    let make = |wanted: Option<Wanted<'_>>| {
        wanted.map(|one| master(&one, opened, &folder, settings, registry)).transpose()
    };
    match rayon::ThreadPoolBuilder::new().num_threads(settings.workers).build() {
        Ok(pool) => pool.install(|| wanted.into_par_iter().map(make).collect()),
        Err(_) => wanted.into_iter().map(make).collect(),
    }
}

fn master(
    wanted: &Wanted<'_>,
    opened: &OpenedAlbum,
    folder: &Path,
    settings: &AlbumSettings<'_>,
    registry: &Registry,
) -> Result<Master, AlbumError> {
    if settings.cancel.load(Ordering::Relaxed) {
        return Err(AlbumError::Interrupted);
    }
    let graph = match wanted.graph {
        Some(graph) => graph.graph.load(registry, &graph.overrides),
        None => through(registry, THROUGH),
    };
    let mut graph = graph.map_err(AlbumError::Graph)?;
    know(&mut graph, &wanted.gains, registry);
    let plain = Settings {
        workers: 1,
        encoding: Some(Encoding::Float64),
        existing: Existing::Replace,
        measure: false,
        recipe: RecipePlace::None,
        keep_tags: false,
        ..Settings::default()
    };
    let recipe = recipe_before(&graph, wanted.input, &plain)?;
    let key = hex(&Sha256::digest(recipe.as_bytes()));
    let path = folder.join(format!("{key}.wav"));
    let step = Step { what: &wanted.name, input: wanted.input };
    let gains = run(&graph, wanted.input, &path, &plain, settings, step)?;
    let source_hz = Decoder::open(&path)?.info().rate_hz;
    if source_hz == opened.rate_hz {
        return Ok(Master { path, key, gains });
    }
    let text = format!(
        "Graph(format: 1, nodes: {{ rate: Resample(rate_hz: {}) }}, wires: [\"input -> rate -> output\"])",
        opened.rate_hz
    );
    let rate = through(registry, &text).map_err(AlbumError::Graph)?;
    let key = hex(&Sha256::digest(format!("{key} at {}", opened.rate_hz)));
    let converted = folder.join(format!("{key}.wav"));
    run(&rate, &path, &converted, &plain, settings, Step { what: &wanted.name, input: &path })?;
    Ok(Master { path: converted, key, gains })
}

/// Renders `input` to `path`, if it is not there, and tells the gains that nodes found. A file there is whole: it took its
/// place when it was, and what is told beside it before.
fn run(
    graph: &Graph,
    input: &Path,
    path: &Path,
    plain: &Settings,
    settings: &AlbumSettings<'_>,
    step: Step<'_>,
) -> Result<Gains, AlbumError> {
    let beside = path.with_extension("gains.json");
    // A master without what was found for it is made again.
    let kept = std::fs::read_to_string(&beside).ok().and_then(|text| serde_json::from_str(&text).ok());
    if let Some(gains) = kept.filter(|_| path.is_file()) {
        return Ok(gains);
    }
    // Two tracks may have one master, and be made at one time.
    let job = Job { input: input.to_owned(), output: path.with_extension(format!("{}.{NEW}", step.what)) };
    let cancel: &AtomicBool = settings.cancel;
    let done = render(graph, &job, plain, cancel, &|progress| (settings.progress)(step, Some(progress)));
    (settings.progress)(step, None);
    let outcome = match done {
        Err(_) if cancel.load(Ordering::Relaxed) => return Err(AlbumError::Interrupted),
        done => done?,
    };
    let told = outcome.reports.iter().chain(&outcome.goals);
    let gains: Gains = told
        .filter_map(|(name, report)| Some((name.clone(), report.to_json()["gain_db"].as_f64()?)))
        .collect();
    let text = serde_json::to_string(&gains).unwrap_or_default();
    std::fs::write(&beside, text).map_err(AlbumError::io(&beside))?;
    std::fs::rename(&job.output, path).map_err(AlbumError::io(path))?;
    Ok(gains)
}

/// Tells nodes that would hear the programme for their gain, and can be told it, what it is.
fn know(graph: &mut Graph, gains: &Gains, registry: &Registry) {
    for node in &mut graph.nodes {
        let Some(gain_db) = gains.get(&node.name) else { continue };
        let mut data = node.node.to_json();
        if data.get("gain_db").is_some_and(serde_json::Value::is_null) {
            data["gain_db"] = (*gain_db).into();
            let known = registry.get(node.node.about().kind).and_then(|kind| kind.from_json(data).ok());
            if let Some(known) = known {
                node.node = known;
            }
        }
    }
}

/// A graph of the program's own, from its text.
pub(super) fn through(registry: &Registry, text: &str) -> Result<Graph, deadwax_graph::Errors> {
    load(registry, &Memory::new().with("album.ron", text), "album.ron", &Overrides::none())
}
