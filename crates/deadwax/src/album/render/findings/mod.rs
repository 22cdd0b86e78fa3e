//! What somebody should know of a deliverable before it is sent off.

mod sides;
mod tracks;

use super::deliver::Making;
use super::error::AlbumError;
use super::manifest::ManifestFile;
use super::slices::Slice;
use deadwax_album::document::Kind;
use deadwax_preflight::Finding;
use std::path::Path;

impl Making<'_> {
    /// What was found in `files` in `folder`, which are the `slices` of the programme, in their order.
    pub(super) fn findings(
        &self,
        folder: &Path,
        files: &[ManifestFile],
        slices: &[Slice],
    ) -> Result<Vec<Finding>, AlbumError> {
        match &self.one.kind {
            Kind::Sides { medium, .. } => self.findings_of_sides(*medium, folder, files, slices),
            Kind::Tracks { .. } | Kind::Disc { .. } => self.findings_of_tracks(folder, files, slices),
        }
    }
}
