//! What services and players will make of files.

use super::super::deliver::Making;
use super::super::error::AlbumError;
use super::super::manifest::ManifestFile;
use super::super::slices::Slice;
use deadwax_preflight::Finding;
use std::path::Path;

impl Making<'_> {
    pub(super) fn findings_of_tracks(
        &self,
        _folder: &Path,
        _files: &[ManifestFile],
        _slices: &[Slice],
    ) -> Result<Vec<Finding>, AlbumError> {
        Ok(Vec::new())
    }
}
