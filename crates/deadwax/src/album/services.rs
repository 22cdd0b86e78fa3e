//! What services will do with the files of an album.

use super::opened::OpenedAlbum;
use super::render::Delivered;
use deadwax_album::document::Kind;
use deadwax_platforms::{Facts, Platforms, Playback, Scope};
use serde::Serialize;

/// What one service will do.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ServiceOutcome {
    /// The service, as `platforms` calls it.
    pub service: String,
    /// What it does with the album as a whole, where it takes one so; `None` where it does not, or nobody knows.
    pub album: Option<Playback>,
    /// What it does with each file by itself, in their order; `None` where nobody knows.
    pub tracks: Vec<Option<Playback>>,
}

/// What the services that the deliverable names will do with it.
#[must_use]
pub fn services(opened: &OpenedAlbum, delivered: &Delivered) -> Vec<ServiceOutcome> {
    let found = opened.album.deliverables.iter().find(|one| one.name.value == delivered.name);
    let Some(Kind::Tracks { check, .. }) = found.map(|one| &one.kind) else { return Vec::new() };
    let platforms = Platforms::built_in();
    let facts =
        |integrated_lufs, true_peak_dbtp| Facts { integrated_lufs, true_peak_dbtp, ..Facts::default() };
    let files: Vec<_> = delivered.files.iter().filter(|file| file.integrated_lufs.is_some()).collect();
    let loudest = files.iter().filter_map(|file| file.integrated_lufs).fold(f64::MIN, f64::max);
    let outcome = |name: &str| {
        let rule = platforms.get(name)?;
        let whole = match rule.scope {
            Scope::Album | Scope::AlbumInOrder => delivered.integrated_lufs,
            Scope::LoudestTrack => Some(loudest).filter(|lufs| lufs.is_finite() && *lufs > f64::MIN),
            Scope::Track | Scope::Unknown => None,
        };
        let album = whole.and_then(|lufs| rule.playback(&facts(Some(lufs), delivered.true_peak_dbtp)));
        let tracks =
            files.iter().map(|file| rule.playback(&facts(file.integrated_lufs, file.true_peak_dbtp)));
        Some(ServiceOutcome { service: name.to_owned(), album, tracks: tracks.collect() })
    };
    check.iter().filter_map(|name| outcome(&name.value.to_lowercase())).collect()
}
