//! From an album to everything that is made of it.
//!
//! Tracks go through their graphs, side by side, and their masters are kept. A deliverable is one programme: the tracks in their
//! places with their gains, through its graph, brought to its rate once and to its words once, and only then cut into files. It
//! is made beside its place and takes it when all of it is there.

mod deliver;
mod error;
mod findings;
pub(in crate::album) mod gains;
pub(in crate::album) mod hold;
mod manifest;
pub(in crate::album) mod masters;
mod papers;
pub(in crate::album) mod programme;
mod side_figures;
mod side_papers;
mod slices;
pub(in crate::album) mod stream;

pub use error::AlbumError;
pub use manifest::{MANIFEST, ManifestFile};
pub use masters::MASTERS;

use super::opened::OpenedAlbum;
use deadwax_audio::Existing;
use deadwax_engine::Progress;
use deadwax_node::Registry;
use deadwax_preflight::Finding;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// What is being done.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// The track or deliverable.
    pub what: &'a str,
    /// What is read for it.
    pub input: &'a Path,
}

/// How an album is rendered.
pub struct AlbumSettings<'a> {
    /// The folder for everything that is made.
    pub output: PathBuf,
    /// The deliverables that are wanted; all, if none is named.
    pub only: Vec<String>,
    /// What to do with a deliverable that is there and was made of something else.
    pub existing: Existing,
    /// How many workers. The result is the same for any number.
    pub workers: usize,
    /// Set by anyone to stop.
    pub cancel: &'a AtomicBool,
    /// Told how far a step is, and `None` when it is done.
    pub progress: &'a (dyn Fn(Step<'_>, Option<Progress>) + Sync),
}

/// A deliverable that is there.
#[derive(Clone, Debug)]
pub struct Delivered {
    /// Its name.
    pub name: String,
    /// Its folder.
    pub folder: PathBuf,
    /// Whether it was there before, made of the same.
    pub as_it_was: bool,
    /// Its files.
    pub files: Vec<ManifestFile>,
    /// The integrated loudness of all of it, in LUFS.
    pub integrated_lufs: Option<f64>,
    /// Its highest true peak, in dBTP.
    pub true_peak_dbtp: Option<f64>,
    /// What somebody should know before it is sent off.
    pub findings: Vec<Finding>,
}

/// What is there already of what is made of `opened`, as it was made; nothing is held against the document.
#[must_use]
pub fn delivered_before(opened: &OpenedAlbum, output: &Path) -> Vec<Delivered> {
    opened.album.deliverables.iter().filter_map(|one| deliver::before(one, output)).collect()
}

/// Renders `opened` to everything that is made of it, or to what is wanted.
///
/// # Errors
/// The first thing that went wrong. Deliverables that were finished before are whole.
pub fn render_album(
    opened: &OpenedAlbum,
    registry: &Registry,
    settings: &AlbumSettings<'_>,
) -> Result<Vec<Delivered>, AlbumError> {
    let names: Vec<String> = opened.album.deliverables.iter().map(|one| one.name.value.clone()).collect();
    if let Some(name) = settings.only.iter().find(|name| !names.contains(name)) {
        return Err(AlbumError::NoDeliverable { name: name.clone(), names });
    }
    let _held = hold::Hold::take(&settings.output)?;
    let (mut usual, mut versions) = (None, BTreeMap::new());
    let mut delivered = Vec::new();
    for (number, one) in opened.album.deliverables.iter().enumerate() {
        if !settings.only.is_empty() && !settings.only.contains(&one.name.value) {
            continue;
        }
        if settings.cancel.load(Ordering::Relaxed) {
            return Err(AlbumError::Interrupted);
        }
        let version = one.version.as_ref().map(|version| version.value.clone());
        // Gains are those of the usual version, so that another one is heard as loud beside it.
        if usual.is_none() {
            usual = Some(masters::masters(opened, None, settings, registry)?);
        }
        let Some(usual) = &usual else { continue };
        let own = match &version {
            None => usual,
            Some(name) => match versions.entry(name.clone()) {
                Entry::Occupied(place) => place.into_mut(),
                Entry::Vacant(place) => {
                    place.insert(masters::masters(opened, Some((name, usual)), settings, registry)?)
                }
            },
        };
        delivered.push(deliver::deliver(opened, number, (usual, own), settings, registry)?);
    }
    Ok(delivered)
}
