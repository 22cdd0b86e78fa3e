//! What a record or a tape will make of sides.

use super::super::deliver::Making;
use super::super::error::AlbumError;
use super::super::manifest::ManifestFile;
use super::super::slices::Slice;
use deadwax_album::document::Medium;
use deadwax_preflight::Finding;
use std::path::Path;

impl Making<'_> {
    pub(super) fn findings_of_sides(
        &self,
        _medium: Medium,
        _folder: &Path,
        _files: &[ManifestFile],
        _slices: &[Slice],
    ) -> Result<Vec<Finding>, AlbumError> {
        Ok(Vec::new())
    }
}
