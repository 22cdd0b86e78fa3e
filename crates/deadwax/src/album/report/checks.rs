//! What an album was made of and what was made of it, looked through: mixes for what a master hides, files for what coders
//! make of them.

use crate::album::opened::OpenedAlbum;
use crate::album::render::{AlbumError, AlbumSettings, Delivered, Step, delivered_before};
use crate::codecs::{CodecsError, FileCodecs, codec_overs};
use crate::preflight::source_findings;
use deadwax_album::document::Kind;
use deadwax_engine::Progress;
use deadwax_preflight::Finding;
use rayon::prelude::*;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

/// What was found in the mix of a track.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SourceFound {
    /// The track, as the document calls it.
    pub track: String,
    /// The mix, as the document names it.
    pub file: String,
    /// What was found in it.
    pub findings: Vec<Finding>,
}

/// A deliverable that is there.
#[derive(Clone, Debug)]
pub struct DeliverableChecked {
    /// As it was made.
    pub delivered: Delivered,
    /// What coders make of its files; empty where nobody codes it.
    pub codecs: Vec<FileCodecs>,
}

/// An album that was looked through.
#[derive(Clone, Debug, Default)]
pub struct AlbumChecks {
    /// Mixes in which something was found.
    pub sources: Vec<SourceFound>,
    /// What was made of the album.
    pub deliverables: Vec<DeliverableChecked>,
    /// Deliverables that are not there.
    pub missing: Vec<String>,
}

/// Looks through the mixes of `opened`, and through what is there of what is made of it in the folder of `settings`. With
/// `deep: false` nothing is read but manifests.
///
/// # Errors
/// A file that cannot be read; and when it is interrupted.
pub fn check_album(
    opened: &OpenedAlbum,
    settings: &AlbumSettings<'_>,
    deep: bool,
) -> Result<AlbumChecks, AlbumError> {
    let work = || -> Result<AlbumChecks, AlbumError> {
        let mut checks = AlbumChecks::default();
        if deep {
            checks.sources = sources(opened, settings)?;
        }
        for delivered in delivered_before(opened, &settings.output) {
            let codecs = if deep { codecs(opened, &delivered, settings)? } else { Vec::new() };
            checks.deliverables.push(DeliverableChecked { delivered, codecs });
        }
        let there = |name: &String| checks.deliverables.iter().any(|one| one.delivered.name == *name);
        let names = opened.album.deliverables.iter().map(|one| one.name.value.clone());
        checks.missing = names.filter(|name| !there(name)).collect();
        Ok(checks)
    };
    match rayon::ThreadPoolBuilder::new().num_threads(settings.workers).build() {
        Ok(pool) => pool.install(work),
        Err(_) => work(),
    }
}

fn sources(opened: &OpenedAlbum, settings: &AlbumSettings<'_>) -> Result<Vec<SourceFound>, AlbumError> {
    let tracks: Vec<_> = opened.album.tracks.iter().zip(&opened.tracks).collect();
    let each = tracks.into_par_iter().map(|(track, found)| {
        let Some(found) = found else { return Ok(None) };
        if settings.cancel.load(Ordering::Relaxed) {
            return Err(AlbumError::Interrupted);
        }
        let (name, file) = (track.name.value.clone(), track.source.value.path.clone());
        Ok(Some(SourceFound { track: name, file, findings: source_findings(&found.path)? }))
    });
    let all: Vec<Option<SourceFound>> = each.collect::<Result<_, AlbumError>>()?;
    Ok(all.into_iter().flatten().filter(|source| !source.findings.is_empty()).collect())
}

/// Files for services go through their coders.
fn codecs(
    opened: &OpenedAlbum,
    delivered: &Delivered,
    settings: &AlbumSettings<'_>,
) -> Result<Vec<FileCodecs>, AlbumError> {
    let kind = opened.album.deliverables.iter().find(|one| one.name.value == delivered.name);
    if !matches!(kind.map(|one| &one.kind), Some(Kind::Tracks { .. })) {
        return Ok(Vec::new());
    }
    let audio = delivered.files.iter().filter(|file| file.integrated_lufs.is_some());
    let files: Vec<PathBuf> = audio.map(|file| delivered.folder.join(&file.path)).collect();
    let step = Step { what: &delivered.name, input: Path::new("") };
    let progress = |done: usize, all: usize| {
        let part = Progress { pass: done.clamp(1, all.max(1)), passes: all, round: 1, seconds: done as f64 };
        (settings.progress)(step, (done < all).then_some(part));
    };
    codec_overs(&files, settings.cancel, &progress).map_err(|error| match error {
        CodecsError::Read(error) => AlbumError::Read(error),
        _ => AlbumError::Interrupted,
    })
}
