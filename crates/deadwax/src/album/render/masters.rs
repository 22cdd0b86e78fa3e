//! The masters of tracks: each made once, and kept by what it is made of, so that what has not changed is not rendered again.

use super::error::AlbumError;
use super::{AlbumSettings, Step};
use crate::album::open::{OpenedAlbum, TrackGraph};
use crate::recipe::hex;
use crate::render::{Job, RecipePlace, Settings, recipe_before, render};
use deadwax_audio::{Decoder, Encoding, Existing};
use deadwax_graph::{Memory, Overrides, load};
use deadwax_node::Registry;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// The folder, beside what is delivered, in which masters are kept.
pub const MASTERS: &str = ".masters";

/// A recording at the rate of the timeline, through its graph.
#[derive(Clone, Debug)]
pub(super) struct Master {
    pub(super) path: PathBuf,
    /// What it is made of, as a hash.
    pub(super) key: String,
}

/// A graph that changes nothing.
const THROUGH: &str = "Graph(format: 1, nodes: { through: Gain }, wires: [\"input -> through -> output\"])";

/// One recording that is wanted.
struct Wanted<'a> {
    name: String,
    input: &'a Path,
    graph: Option<&'a TrackGraph>,
}

/// Makes the masters of all tracks, of the version that is asked for where they have it, and of what is hidden, which comes last.
pub(super) fn masters(
    opened: &OpenedAlbum,
    version: Option<&str>,
    settings: &AlbumSettings<'_>,
    registry: &Registry,
) -> Result<Vec<Option<Master>>, AlbumError> {
    let folder = settings.output.join(MASTERS);
    std::fs::create_dir_all(&folder).map_err(AlbumError::io(&folder))?;
    let tracks = opened.album.tracks.iter().zip(&opened.tracks);
    let mut wanted: Vec<Option<Wanted<'_>>> = tracks
        .map(|(track, found)| {
            let found = found.as_ref()?;
            let other = version.and_then(|version| found.versions.iter().find(|(name, _)| name == version));
            Some(Wanted {
                name: track.name.value.clone(),
                input: other.map_or(&found.path, |(_, path)| path),
                graph: found.graph.as_ref(),
            })
        })
        .collect();
    let hidden = opened.hidden.as_ref();
    wanted.push(hidden.map(|found| Wanted { name: "hidden".into(), input: &found.path, graph: None }));
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
    let graph = graph.map_err(AlbumError::Graph)?;
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
    run(&graph, wanted.input, &path, &plain, settings, step)?;
    let source_hz = Decoder::open(&path)?.info().rate_hz;
    if source_hz == opened.rate_hz {
        return Ok(Master { path, key });
    }
    let text = format!(
        "Graph(format: 1, nodes: {{ rate: Resample(rate_hz: {}) }}, wires: [\"input -> rate -> output\"])",
        opened.rate_hz
    );
    let rate = through(registry, &text).map_err(AlbumError::Graph)?;
    let key = hex(&Sha256::digest(format!("{key} at {}", opened.rate_hz)));
    let converted = folder.join(format!("{key}.wav"));
    run(&rate, &path, &converted, &plain, settings, Step { what: &wanted.name, input: &path })?;
    Ok(Master { path: converted, key })
}

/// Renders `input` to `path`, if it is not there. A file there is whole: it took its place when it was.
fn run(
    graph: &deadwax_graph::Graph,
    input: &Path,
    path: &Path,
    plain: &Settings,
    settings: &AlbumSettings<'_>,
    step: Step<'_>,
) -> Result<(), AlbumError> {
    if path.is_file() {
        return Ok(());
    }
    let job = Job { input: input.to_owned(), output: path.to_owned() };
    let cancel: &AtomicBool = settings.cancel;
    let done = render(graph, &job, plain, cancel, &|progress| (settings.progress)(step, Some(progress)));
    (settings.progress)(step, None);
    match done {
        Err(_) if cancel.load(Ordering::Relaxed) => Err(AlbumError::Interrupted),
        Err(error) => Err(error.into()),
        Ok(_) => Ok(()),
    }
}

/// A graph of the program's own, from its text.
pub(super) fn through(
    registry: &Registry,
    text: &str,
) -> Result<deadwax_graph::Graph, deadwax_graph::Errors> {
    load(registry, &Memory::new().with("album.ron", text), "album.ron", &Overrides::none())
}
