//! A package as a folder on disk.

use crate::error::PackageError;
use crate::gather;
use std::collections::BTreeMap;
use std::path::Path;

/// Writes `files` into `folder`, which appears whole or not at all.
pub(crate) fn unpack(files: &BTreeMap<String, Vec<u8>>, folder: &Path) -> Result<(), PackageError> {
    if folder.symlink_metadata().is_ok() {
        return holds(files, folder);
    }
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let failed = |cause| PackageError::Io { path: folder.to_owned(), cause };
    std::fs::create_dir_all(parent).map_err(failed)?;
    let temporary = temporary_in(parent).map_err(failed)?;
    for (path, bytes) in files {
        let place = temporary.path().join(path);
        if let Some(parent) = place.parent() {
            std::fs::create_dir_all(parent).map_err(failed)?;
        }
        std::fs::write(&place, bytes).map_err(failed)?;
    }
    match std::fs::rename(temporary.path(), folder) {
        Ok(()) => {
            // It is no temporary folder any more.
            let _ = temporary.keep();
            Ok(())
        }
        // Somebody else was faster.
        Err(_) if folder.symlink_metadata().is_ok() => holds(files, folder),
        Err(cause) => Err(failed(cause)),
    }
}

/// Whether a folder that is there has just these files.
fn holds(files: &BTreeMap<String, Vec<u8>>, folder: &Path) -> Result<(), PackageError> {
    match gather::folder(folder) {
        Ok(there) if there == *files => Ok(()),
        _ => Err(PackageError::Occupied { path: folder.to_owned() }),
    }
}

/// A temporary folder, with the rights that a new folder usually has, instead of those of a private one.
fn temporary_in(parent: &Path) -> std::io::Result<tempfile::TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".deadwax-").suffix(".part");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The system's mask takes away from this what it takes from every new folder.
        builder.permissions(std::fs::Permissions::from_mode(0o777));
    }
    builder.tempdir_in(parent)
}
