//! What the lock beside a graph pins, for graphs to use: looked for in `templates/` beside it, then in the store, and
//! held against its hash each time.

use crate::error::PackageError;
use crate::loader::PackageLoader;
use crate::lock::{LOCK, Lock, LockError, MOST_BYTES, Pin};
use crate::name::{NameError, TemplateName, Wanted};
use crate::package::ROOT;
use crate::store::{Kept, Store, StoreError, read_at_most, verified};
use deadwax_graph::model::UsedTemplate;
use deadwax_graph::{Code, LoadError, Loader, NoTemplate, Template};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use thiserror::Error;

/// The folder beside a graph in which `deadwax template vendor` puts copies.
pub const VENDORED: &str = "templates";

/// Why a name stands for no template here.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LockedError {
    /// It is no name.
    #[error(transparent)]
    Name(#[from] NameError),
    /// There is no lock.
    #[error("`{name}` is not locked: there is no deadwax.lock beside the graph")]
    NoLock {
        /// The template.
        name: TemplateName,
    },
    /// The lock does not have it.
    #[error("`{name}` is not locked: it does not stand in deadwax.lock")]
    NotLocked {
        /// The template.
        name: TemplateName,
    },
    /// Another version is locked.
    #[error("deadwax.lock pins {} {version}, and {} is asked for", wanted.name, wanted.requirement)]
    OtherVersion {
        /// What is asked for.
        wanted: Wanted,
        /// What is locked.
        version: semver::Version,
    },
    /// It is neither in the folder of copies nor in the store.
    #[error("{name} {version} is locked, and not on this machine")]
    NotHere {
        /// The template.
        name: TemplateName,
        /// The version.
        version: semver::Version,
    },
    /// A copy is not what the lock says.
    #[error("{name} {version} is not what deadwax.lock pins: {cause}")]
    Changed {
        /// The template.
        name: TemplateName,
        /// The version.
        version: semver::Version,
        /// What is wrong.
        #[source]
        cause: StoreError,
    },
    /// The content is what the lock says, and calls itself otherwise.
    #[error("{name} {version} is not what deadwax.lock pins: what has that content calls itself {says}")]
    Otherwise {
        /// The template.
        name: TemplateName,
        /// The version.
        version: semver::Version,
        /// What it calls itself.
        says: String,
    },
    /// The lock itself is no good.
    #[error("{}: {cause}", place.display())]
    Lock {
        /// The file.
        place: PathBuf,
        /// Why.
        #[source]
        cause: Rc<ReadLockError>,
    },
}

/// A file that is no lock.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReadLockError {
    /// It cannot be read.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// It is no text.
    #[error("it is no UTF-8 text")]
    NotText,
    /// It is no lock.
    #[error(transparent)]
    Lock(#[from] LockError),
}

impl Lock {
    /// Reads the lock in `folder`; `None` where there is none.
    ///
    /// # Errors
    /// When it cannot be read, or is none.
    pub fn in_folder(folder: &Path) -> Result<Option<Self>, ReadLockError> {
        match read_at_most(&folder.join(LOCK), MOST_BYTES) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
            Ok(bytes) => {
                let text = String::from_utf8(bytes).map_err(|_| ReadLockError::NotText)?;
                Ok(Some(Self::read(&text)?))
            }
        }
    }
}
