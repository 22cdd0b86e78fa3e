//! One program at a time works in the folder of an album, and takes away what one that was killed has left half made.

use super::error::AlbumError;
use super::masters::MASTERS;
use std::fs::{File, TryLockError};
use std::path::Path;

/// What deliverables are called while they are made.
pub(super) const MAKING: &str = ".making-";

/// What masters are called while they are made.
pub(super) const NEW: &str = "new.wav";

/// A folder that nobody else works in, as long as this lives. The system takes the lock away from a program that is gone.
pub(in crate::album) struct Hold {
    _lock: File,
}

impl Hold {
    /// Takes the folder `output`, which is there.
    ///
    /// # Errors
    /// [`AlbumError::Busy`] when another program works in it, and when the folder of masters cannot be made.
    pub(in crate::album) fn take(output: &Path) -> Result<Self, AlbumError> {
        let masters = output.join(MASTERS);
        std::fs::create_dir_all(&masters).map_err(AlbumError::io(&masters))?;
        let place = masters.join("lock");
        let lock = File::options().create(true).append(true).open(&place).map_err(AlbumError::io(&place))?;
        match lock.try_lock() {
            Ok(()) => sweep(output, &masters),
            Err(TryLockError::WouldBlock) => return Err(AlbumError::Busy(output.to_owned())),
            // Some file systems have no locks: then nothing is swept, for it may be somebody's.
            Err(TryLockError::Error(_)) => {}
        }
        Ok(Self { _lock: lock })
    }
}

/// Takes away what was begun and not finished. That it stays where it cannot be taken away hurts nobody.
fn sweep(output: &Path, masters: &Path) {
    let entries = |folder: &Path| std::fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries(output).filter(|entry| entry.file_name().to_string_lossy().starts_with(MAKING)) {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
    for entry in entries(masters) {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(NEW) || (name.starts_with(".deadwax-") && name.ends_with(".part")) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}
