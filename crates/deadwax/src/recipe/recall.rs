//! From a recipe back to the graph, and to the samples.

use super::{Recipe, RecipeGraph};
use crate::measure::programme_of;
use crate::render::{Job, RecipePlace, RenderError, Settings, render};
use crate::{GraphRef, Overrides};
use deadwax_audio::{Existing, ReadError, WriteError, copy_file, write_text};
use deadwax_engine::Progress;
use deadwax_graph::Errors;
use deadwax_graph::model::NotAsked;
use deadwax_node::Registry;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use thiserror::Error;

/// What a recipe's graph was written as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recalled {
    /// The graph.
    pub graph: PathBuf,
    /// What nodes had learnt, beside it.
    pub lessons: Vec<PathBuf>,
    /// Recordings that the graph needs and the recipe does not hold: where they are to lie, and the hash of each.
    pub missing: Vec<(PathBuf, String)>,
}

/// Writes the graph of `recipe` into `folder`, which is made when it is needed. A file that is there and says the same is
/// left.
///
/// # Errors
/// When a file is there that says something else, and `existing` keeps it; or the disk refuses.
pub fn write_recalled(recipe: &Recipe, folder: &Path, existing: Existing) -> Result<Recalled, WriteError> {
    std::fs::create_dir_all(folder).map_err(|cause| WriteError::Io { path: folder.to_owned(), cause })?;
    let RecipeGraph { name, text, lessons, recordings, .. } = &recipe.graph;
    let write = |path: PathBuf, text: &str| {
        if std::fs::read_to_string(&path).is_ok_and(|there| there == text) {
            return Ok(path);
        }
        write_text(&path, text, existing, &[]).map(|()| path)
    };
    let mut written = Vec::new();
    for (file, text) in lessons {
        // A recipe may be a stranger's: only plain names beside the graph.
        written.push(write(folder.join(plain(file)), text)?);
    }
    // A recipe is short; a graph is read by people.
    let laid_out = deadwax_graph::format::format(text).unwrap_or_else(|_| text.clone());
    let graph = write(folder.join(format!("{}.ron", plain(name))), &laid_out)?;
    let missing = recordings
        .iter()
        .map(|(path, hash)| (place_of(folder, path), hash.clone()))
        .filter(|(path, _)| !path.is_file());
    Ok(Recalled { graph, lessons: written, missing: missing.collect() })
}

/// A recording that cannot be laid beside a recalled graph.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RecordingError {
    /// The recipe needs none of that name.
    #[error("the recipe needs no recording `{}`", .0.name)]
    NotNeeded(NotAsked),
    /// It is another than the recipe was made with.
    #[error("{} is another recording than the `{name}` of the recipe", path.display())]
    Other {
        /// The name.
        name: String,
        /// The file.
        path: PathBuf,
    },
    /// It cannot be read.
    #[error("{}: {cause}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// It cannot be copied.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// Lays recordings that a person names beside the graph which [`write_recalled`] writes into `folder`: each only when it
/// is the very file that the recipe was made with.
///
/// # Errors
/// When one is not needed, is another, or cannot be copied.
pub fn lay_recordings(
    recipe: &Recipe,
    folder: &Path,
    given: &[(String, PathBuf)],
    existing: Existing,
) -> Result<(), RecordingError> {
    let named = |path: &str| Path::new(path).file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let recordings = &recipe.graph.recordings;
    for (name, from) in given {
        let found = recordings.iter().find(|(path, _)| named(path).as_deref() == Some(name));
        let Some((path, hash)) = found else {
            let asked = recordings.keys().filter_map(|path| named(path)).collect();
            return Err(RecordingError::NotNeeded(NotAsked { name: name.clone(), asked, brought: false }));
        };
        let unread = |cause| RecordingError::Read { path: from.clone(), cause };
        let mut file = std::fs::File::open(from).map_err(unread)?;
        let is =
            super::hash_of_file(&mut file).ok_or_else(|| unread(std::io::ErrorKind::InvalidData.into()))?;
        if is != *hash {
            return Err(RecordingError::Other { name: name.clone(), path: from.clone() });
        }
        let place = place_of(folder, path);
        if std::fs::File::open(&place)
            .is_ok_and(|mut file| super::hash_of_file(&mut file).as_ref() == Some(hash))
        {
            continue;
        }
        let assets = place.parent().unwrap_or(folder);
        std::fs::create_dir_all(assets).map_err(|cause| WriteError::Io { path: assets.to_owned(), cause })?;
        copy_file(from, &place, existing)?;
    }
    Ok(())
}

/// Where a recording of a recipe lies beside its graph: a recipe may be a stranger's.
fn place_of(folder: &Path, path: &str) -> PathBuf {
    folder.join("assets").join(plain(path.trim_start_matches("assets/")))
}

/// A name that leads nowhere else: letters, digits, `-`, `_` and dots, of which none stands first.
fn plain(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' };
    let name: String = name.trim_start_matches('.').chars().map(plain).take(100).collect();
    if name.is_empty() { "recalled".to_owned() } else { name }
}

/// Whether a recipe still makes the same samples, and what is known about it if not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether the samples are the same.
    pub same: bool,
    /// What is different: another mix, other algorithms, another program or CPU.
    pub differences: Vec<String>,
}

/// A recipe cannot be tried.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The mix cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The graph cannot be loaded any more.
    #[error("the recalled graph has errors")]
    Graph(Errors),
    /// The render came to nothing.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// There is no folder for the second render.
    #[error("no temporary folder can be made: {0}")]
    Temporary(#[source] std::io::Error),
}

/// Renders `mix` through the recalled graph once more, and compares the samples with those of the recipe.
///
/// # Errors
/// When that cannot be tried.
pub fn verify(
    recipe: &Recipe,
    recalled: &Recalled,
    mix: &Path,
    registry: &Registry,
    settings: &Settings,
    (cancel, progress): (&AtomicBool, &(dyn Fn(Progress) + Sync)),
) -> Result<Verdict, VerifyError> {
    let mut differences = differences(recipe, registry);
    let (info, programme) = programme_of(mix)?;
    if programme.sha256 != recipe.input.sha256 {
        let told = format!(
            "another mix: that one had {} frames at {} Hz, this one has {} at {}{}",
            recipe.input.frames,
            recipe.input.rate_hz,
            programme.frames,
            info.rate_hz,
            if programme.frames == recipe.input.frames { ", and other samples" } else { "" }
        );
        differences.insert(0, told);
        return Ok(Verdict { same: false, differences });
    }
    let graph = GraphRef::File(recalled.graph.clone());
    let graph = graph.load(registry, &Overrides::none()).map_err(VerifyError::Graph)?;
    let folder = tempfile::tempdir().map_err(VerifyError::Temporary)?;
    let job = Job { input: mix.to_owned(), output: folder.path().join("again.wav") };
    let settings = Settings {
        portable: recipe.fft == "portable",
        encoding: recipe.encoding(),
        range: recipe.range.as_ref().and_then(|range| range.parse().ok()),
        recipe: RecipePlace::Sidecar,
        measure: false,
        stages: None,
        ledger: None,
        keep_tags: false,
        taps: Vec::new(),
        levels: false,
        tags: Vec::new(),
        ..settings.clone()
    };
    let outcome = render(&graph, &job, &settings, cancel, progress)?;
    let file = outcome.files.iter().find(|file| file.name == recipe.output);
    let again = file.and_then(|file| file.recipe.as_ref()).map(|again| &again.file.samples.sha256);
    Ok(Verdict { same: again == Some(&recipe.file.samples.sha256), differences })
}

/// What is otherwise in this program than in the one that made the file.
fn differences(recipe: &Recipe, registry: &Registry) -> Vec<String> {
    let mut all = Vec::new();
    for (kind, then) in &recipe.graph.algorithms {
        match registry.get(kind).map(|kind| kind.about.algorithm) {
            Some(now) if now == *then => {}
            Some(now) => all.push(format!("`{kind}` had algorithm {then}, and has {now}")),
            None => all.push(format!("there is no `{kind}` in this program")),
        }
    }
    if recipe.engine != env!("CARGO_PKG_VERSION") {
        all.push(format!("made by deadwax {}, and this is {}", recipe.engine, env!("CARGO_PKG_VERSION")));
    }
    if recipe.fft != "portable" && recipe.fft != super::cpu() {
        all.push(format!("made on {}, and this is {}", recipe.fft, super::cpu()));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn names_of_strangers_lead_nowhere_else() {
        for (name, expected) in [
            ("warm", "warm"),
            ("../../etc/passwd", "-..-etc-passwd"),
            ("a/b", "a-b"),
            ("C:\\x", "C--x"),
            ("...", "recalled"),
            ("", "recalled"),
        ] {
            assert_eq!(plain(name), expected, "{name}");
        }
    }
}
