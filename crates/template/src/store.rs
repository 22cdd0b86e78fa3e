//! Where templates are kept on this machine: packages by the hash of what they hold, and what sources have told.

use crate::content::ContentHash;
use crate::error::PackageError;
use crate::package::Package;
use std::io::Write;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// The variable that names the folder.
pub const VARIABLE: &str = "DEADWAX_TEMPLATES";

/// A folder of templates. Several programs may use one at once: everything appears in it whole or not at all, and is
/// looked through again each time it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    folder: PathBuf,
}

/// A package, and where its files lie.
#[derive(Clone, Debug)]
pub struct Kept {
    /// What it holds, read and found to be right.
    pub package: Package,
    /// The folder it lies in.
    pub place: PathBuf,
}

/// The store cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The disk refuses.
    #[error("{}: {cause}", path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// What lies there is not what was put there.
    #[error("{} has been changed: {reason}", place.display())]
    Changed {
        /// Where.
        place: PathBuf,
        /// What it is now.
        reason: String,
    },
    /// A package cannot be put there.
    #[error(transparent)]
    Package(#[from] PackageError),
}

impl Store {
    /// The store in `folder`, which is made when it is needed.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The store of whoever runs the program: the folder that `DEADWAX_TEMPLATES` names, else one in the system's place
    /// for such. `None` where the system has none.
    #[must_use]
    pub fn of_user() -> Option<Self> {
        let named = std::env::var_os(VARIABLE).filter(|named| !named.is_empty()).map(PathBuf::from);
        Some(Self::new(named.or_else(|| Some(dirs::data_dir()?.join("deadwax").join("templates")))?))
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder in which a package of that content lies, if it is there.
    #[must_use]
    pub fn place(&self, content: &ContentHash) -> PathBuf {
        self.folder.join("packages").join(content.digits())
    }

    /// Puts a package in. One that is there already is looked through.
    ///
    /// # Errors
    /// When the disk refuses, or what is there is not the same.
    pub fn put(&self, package: &Package) -> Result<Kept, StoreError> {
        let place = self.place(&package.content_hash());
        match package.unpack_to(&place) {
            Ok(()) => Ok(Kept { package: package.clone(), place }),
            Err(PackageError::Occupied { .. }) => {
                Err(StoreError::Changed { reason: "it does not hold what its name says".into(), place })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The package of that content; `None` when it is not there.
    ///
    /// # Errors
    /// When it cannot be read, or has been changed.
    pub fn get(&self, content: &ContentHash) -> Result<Option<Kept>, StoreError> {
        verified(self.place(content), content)
    }

    /// Writes a file of the store, whole or not at all.
    pub(crate) fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
        let place = self.folder.join(path);
        let failed = |cause| StoreError::Io { path: place.clone(), cause };
        let parent = place.parent().unwrap_or(&self.folder);
        std::fs::create_dir_all(parent).map_err(failed)?;
        let mut file = tempfile::NamedTempFile::new_in(parent).map_err(failed)?;
        file.write_all(bytes).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
        file.persist(&place).map(drop).map_err(|error| failed(error.error))
    }

    /// Reads a file of the store; `None` when it is not there.
    pub(crate) fn read(&self, path: &Path, most: usize) -> Result<Option<Vec<u8>>, StoreError> {
        let place = self.folder.join(path);
        match read_at_most(&place, most) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(StoreError::Io { path: place, cause }),
        }
    }
}

/// The package in the folder `place`, if its content is `content`; `None` when nothing lies there.
///
/// # Errors
/// When it cannot be read, or is something else.
pub fn verified(place: PathBuf, content: &ContentHash) -> Result<Option<Kept>, StoreError> {
    match std::fs::symlink_metadata(&place) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(cause) => return Err(StoreError::Io { path: place, cause }),
        Ok(_) => {}
    }
    let package = match Package::from_folder(&place) {
        Ok(package) => package,
        Err(error) => return Err(StoreError::Changed { place, reason: error.to_string() }),
    };
    let found = package.content_hash();
    if found == *content {
        Ok(Some(Kept { package, place }))
    } else {
        Err(StoreError::Changed { place, reason: format!("its content is {found} and not {content}") })
    }
}

/// The bytes of a plain file that has no more of them than `most`.
pub(crate) fn read_at_most(path: &Path, most: usize) -> std::io::Result<Vec<u8>> {
    use std::io::Read;
    let too_large = || std::io::Error::other(format!("it has more than {most} bytes"));
    let metadata = std::fs::metadata(path)?;
    if !metadata.is_file() {
        return Err(std::io::Error::other("it is no file"));
    }
    if metadata.len() > most as u64 {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    // The file may grow while it is read.
    std::fs::File::open(path)?.take(most as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > most { Err(too_large()) } else { Ok(bytes) }
}
