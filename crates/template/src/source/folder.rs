//! A source that is a folder of this machine.

use super::SourceError;
use crate::limits::INDEX_BYTES;
use crate::store::read_at_most;
use std::path::Path;

/// The bytes of the index.
pub(super) fn index(folder: &str) -> Result<Vec<u8>, SourceError> {
    file(Path::new(folder), "index.json", INDEX_BYTES)
}

/// The bytes of an archive.
pub(super) fn archive(folder: &str, path: &str, most: usize) -> Result<Vec<u8>, SourceError> {
    file(Path::new(folder), path, most)
}

fn file(folder: &Path, path: &str, most: usize) -> Result<Vec<u8>, SourceError> {
    let place = folder.join(path);
    let failed = |cause| SourceError::Folder { place: place.clone(), cause };
    let root = folder.canonicalize().map_err(failed)?;
    let real = root.join(path).canonicalize().map_err(failed)?;
    if !real.starts_with(&root) {
        return Err(SourceError::Outside { place });
    }
    read_at_most(&real, most).map_err(failed)
}
