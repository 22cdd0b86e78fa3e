//! What somebody should know of a deliverable before it is sent off.

mod sides;
mod tracks;

pub(super) use sides::{SideFigures, SideSeen};

use super::deliver::Making;
use super::error::AlbumError;
use super::manifest::ManifestFile;
use super::slices::Slice;
use deadwax_album::document::Kind;
use deadwax_preflight::Finding;
use std::path::Path;

/// What was found in a deliverable.
pub(super) struct Found {
    /// What somebody should know.
    pub(super) findings: Vec<Finding>,
    /// Its sides, where it has any, for their papers.
    pub(super) sides: Vec<SideSeen>,
}

impl Making<'_> {
    /// What was found in `files` in `folder`, which are the `slices` of the programme, in their order.
    pub(super) fn findings(
        &self,
        folder: &Path,
        files: &[ManifestFile],
        slices: &[Slice],
    ) -> Result<Found, AlbumError> {
        match &self.one.kind {
            Kind::Sides { medium, reference_dbfs, .. } => {
                let seen = self.sides_seen(*medium, *reference_dbfs, folder, files, slices)?;
                let each = seen.iter().flat_map(|side| side.findings.iter().cloned());
                let findings = sides::together(*medium, &seen).into_iter().chain(each).collect();
                Ok(Found { findings, sides: seen })
            }
            Kind::Tracks { .. } | Kind::Disc { .. } => {
                let findings = self.findings_of_tracks(folder, files, slices)?;
                Ok(Found { findings, sides: Vec::new() })
            }
        }
    }
}
