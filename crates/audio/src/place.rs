//! A file's place: it is taken whole, or not at all.

use crate::error::WriteError;
use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// What to do when a file of the name is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Existing {
    /// Refuse.
    #[default]
    Keep,
    /// Replace it, once the new one is whole.
    Replace,
}

/// Whether both paths lead to the same file, through links too. Two paths that lead nowhere are not the same.
#[must_use]
pub fn same_file(a: &Path, b: &Path) -> bool {
    match (a.canonicalize(), b.canonicalize()) {
        (Ok(a), Ok(b)) if a == b => true,
        (Ok(a), Ok(b)) => same_inode(&a, &b),
        _ => false,
    }
}

#[cfg(unix)]
fn same_inode(a: &Path, b: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let id = |path: &Path| path.metadata().ok().map(|data| (data.dev(), data.ino()));
    id(a).is_some() && id(a) == id(b)
}

#[cfg(not(unix))]
fn same_inode(_: &Path, _: &Path) -> bool {
    false
}

/// A place, and a temporary file beside it that will take it.
#[derive(Debug)]
pub(crate) struct Place {
    path: PathBuf,
    existing: Existing,
    temporary: NamedTempFile,
}

impl Place {
    /// Prepares a file at `path`. It must not be one of `inputs`, under whatever name.
    pub(crate) fn new(path: &Path, existing: Existing, inputs: &[PathBuf]) -> Result<Self, WriteError> {
        if inputs.iter().any(|input| same_file(input, path)) {
            return Err(WriteError::IsInput { path: path.to_owned() });
        }
        if existing == Existing::Keep && path.symlink_metadata().is_ok() {
            return Err(WriteError::Exists { path: path.to_owned() });
        }
        let temporary = temporary_beside(path)?;
        Ok(Self { path: path.to_owned(), existing, temporary })
    }

    /// The place.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where the file is as long as it has not taken its place.
    pub(crate) fn temporary(&self) -> &Path {
        self.temporary.path()
    }

    /// The file, from its start.
    pub(crate) fn open(&self) -> Result<File, WriteError> {
        self.reopen().map_err(|cause| self.io(cause))
    }

    /// The same, with the system's own error. Not by its name, which may have gone with its folder.
    pub(crate) fn reopen(&self) -> std::io::Result<File> {
        let mut file = self.temporary.as_file().try_clone()?;
        file.seek(SeekFrom::Start(0))?;
        Ok(file)
    }

    /// The file, emptied.
    pub(crate) fn empty(&self) -> Result<File, WriteError> {
        let file = self.open()?;
        file.set_len(0).map_err(|cause| self.io(cause))?;
        Ok(file)
    }

    /// A second file beside the first, which takes over from it.
    pub(crate) fn another(&mut self) -> Result<File, WriteError> {
        self.temporary = temporary_beside(&self.path)?;
        self.open()
    }

    /// Another file for the same place, beside this one.
    pub(crate) fn beside(&self) -> Result<Self, WriteError> {
        let temporary = temporary_beside(&self.path)?;
        Ok(Self { path: self.path.clone(), existing: self.existing, temporary })
    }

    /// Takes the place.
    pub(crate) fn take(self) -> Result<(), WriteError> {
        let path = self.path;
        let io = |cause| WriteError::Io { path: path.clone(), cause };
        self.temporary.as_file().sync_all().map_err(io)?;
        let placed = match self.existing {
            Existing::Replace => self.temporary.persist(&path),
            Existing::Keep => self.temporary.persist_noclobber(&path),
        };
        match placed {
            Ok(_) => Ok(()),
            Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => {
                Err(WriteError::Exists { path })
            }
            Err(error) => Err(WriteError::Io { path: path.clone(), cause: error.error }),
        }
    }

    pub(crate) fn io(&self, cause: std::io::Error) -> WriteError {
        WriteError::Io { path: self.path.clone(), cause }
    }
}

/// Writes a text at `path`, whole or not at all, and never over one of `inputs`.
///
/// # Errors
/// When a file is there already, is an input, or cannot be made.
pub fn write_text(path: &Path, text: &str, existing: Existing, inputs: &[PathBuf]) -> Result<(), WriteError> {
    write_bytes(path, text.as_bytes(), existing, inputs)
}

/// Writes a file of `bytes` at `path`, whole or not at all, and never over one of `inputs`.
///
/// # Errors
/// When a file is there already, is an input, or cannot be made.
pub fn write_bytes(
    path: &Path,
    bytes: &[u8],
    existing: Existing,
    inputs: &[PathBuf],
) -> Result<(), WriteError> {
    let place = Place::new(path, existing, inputs)?;
    place.open()?.write_all(bytes).map_err(|cause| place.io(cause))?;
    place.take()
}

/// Copies the file `from` to `path`, whole or not at all.
///
/// # Errors
/// When `from` cannot be read, or a file is there already or cannot be made.
pub fn copy_file(from: &Path, path: &Path, existing: Existing) -> Result<(), WriteError> {
    let place = Place::new(path, existing, &[from.to_owned()])?;
    let mut source = File::open(from).map_err(|cause| WriteError::Io { path: from.to_owned(), cause })?;
    std::io::copy(&mut source, &mut place.open()?).map_err(|cause| place.io(cause))?;
    place.take()
}

/// A temporary file in the same folder, with the rights that a new file usually has, instead of those of a private one.
fn temporary_beside(path: &Path) -> Result<NamedTempFile, WriteError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".deadwax-").suffix(".part");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The system's mask takes away from this what it takes from every new file.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    // The kind alone: the name of the temporary file in the message would help nobody.
    let failed = |error: std::io::Error| WriteError::Io { path: path.to_owned(), cause: error.kind().into() };
    builder.tempfile_in(folder).map_err(failed)
}
