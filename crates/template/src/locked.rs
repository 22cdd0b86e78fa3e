//! What the lock beside a graph pins, for graphs to use: looked for in `templates/` beside it, then in the store, and
//! held against its hash each time.

use crate::lock::{LOCK, Lock, LockError, MOST_BYTES, Pin};
use crate::name::{NameError, Release, TemplateName, Wanted};
use crate::package::ROOT;
use crate::store::{Kept, Store, StoreError, read_at_most, verified};
use deadwax_graph::model::UsedTemplate;
use deadwax_graph::{Code, LoadError, Loader, NoTemplate, Template};
use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
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
        wanted: Box<Wanted>,
        /// What is locked.
        version: semver::Version,
    },
    /// It is neither in the folder of copies nor in the store.
    #[error("{release} is locked, and not on this machine")]
    NotHere {
        /// Which.
        release: Box<Release>,
    },
    /// A copy is not what the lock says.
    #[error("{release} is not what deadwax.lock pins: {cause}")]
    Changed {
        /// Which.
        release: Box<Release>,
        /// What is wrong.
        #[source]
        cause: StoreError,
    },
    /// The content is what the lock says, and calls itself otherwise.
    #[error("{release} is not what deadwax.lock pins: what has that content calls itself {says}")]
    Otherwise {
        /// Which.
        release: Box<Release>,
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
        cause: Arc<ReadLockError>,
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

/// What is pinned in one place, for graphs there and for the templates inside each other.
#[derive(Clone, Debug)]
pub struct Pinned {
    pins: Rc<Pins>,
}

#[derive(Debug)]
struct Pins {
    /// The folder of the lock, where it has one.
    folder: Option<PathBuf>,
    /// Read when it is first asked for.
    lock: OnceCell<Result<Option<Lock>, Arc<ReadLockError>>>,
    store: Option<Store>,
    /// What has been found to be right already.
    kept: RefCell<BTreeMap<TemplateName, Kept>>,
}

impl Pinned {
    /// What the lock in `folder` pins; it is read when it is needed.
    #[must_use]
    pub fn beside(folder: &Path, store: Option<Store>) -> Self {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        Self::new(Some(folder), OnceCell::new(), store)
    }

    /// What `lock` pins, whatever file lies in `folder`.
    #[must_use]
    pub fn by(lock: Lock, folder: &Path, store: Option<Store>) -> Self {
        Self::new(Some(folder), OnceCell::from(Ok(Some(lock))), store)
    }

    fn new(
        folder: Option<&Path>,
        lock: OnceCell<Result<Option<Lock>, Arc<ReadLockError>>>,
        store: Option<Store>,
    ) -> Self {
        let kept = RefCell::default();
        Self { pins: Rc::new(Pins { folder: folder.map(Path::to_owned), lock, store, kept }) }
    }

    /// The lock.
    ///
    /// # Errors
    /// When there is one that cannot be used.
    pub fn lock(&self) -> Result<Option<&Lock>, LockedError> {
        let read = self.pins.lock.get_or_init(|| {
            self.pins.folder.as_deref().map_or(Ok(None), |folder| Lock::in_folder(folder).map_err(Arc::new))
        });
        read.as_ref().map(Option::as_ref).map_err(|cause| LockedError::Lock {
            place: self.pins.folder.as_deref().unwrap_or(Path::new("")).join(LOCK),
            cause: Arc::clone(cause),
        })
    }

    /// Where a copy of a template lies, when `deadwax template vendor` has made one.
    #[must_use]
    pub fn vendored(&self, name: &TemplateName, pin: &Pin) -> Option<PathBuf> {
        self.pins.folder.as_deref().map(|folder| vendored(folder, name, pin))
    }

    /// The files that `name` stands for, held against their hash.
    ///
    /// # Errors
    /// When it is not locked, not here, or not what was locked.
    pub fn kept(&self, name: &TemplateName) -> Result<Kept, LockedError> {
        if let Some(kept) = self.pins.kept.borrow().get(name) {
            return Ok(kept.clone());
        }
        let lock = self.lock()?.ok_or_else(|| LockedError::NoLock { name: name.clone() })?;
        let pin = lock.pins.get(name).ok_or_else(|| LockedError::NotLocked { name: name.clone() })?;
        let release = name.release(&pin.version);
        let changed = |cause| LockedError::Changed { release: release.clone(), cause };
        let mut found = match self.vendored(name, pin) {
            Some(place) => verified(place, &pin.content).map_err(changed)?,
            None => None,
        };
        if let (None, Some(store)) = (&found, &self.pins.store) {
            found = store.get(&pin.content).map_err(changed)?;
        }
        let Some(kept) = found else { return Err(LockedError::NotHere { release }) };
        let about = kept.package.about();
        if about.name != name.name() || *kept.package.version() != pin.version {
            let says = format!("{} {}", about.name, about.version);
            return Err(LockedError::Otherwise { release, says });
        }
        self.pins.kept.borrow_mut().insert(name.clone(), kept.clone());
        Ok(kept)
    }

    /// The template that a graph names.
    ///
    /// # Errors
    /// When it cannot be had, as an error that a graph's place can be given to.
    pub fn template(&self, named: &str) -> Result<Template, NoTemplate> {
        let find = || {
            let wanted: Wanted = named.parse()?;
            let kept = self.kept(&wanted.name)?;
            if wanted.fits(kept.package.version()) {
                Ok((wanted, kept))
            } else {
                let version = kept.package.version().clone();
                Err(LockedError::OtherVersion { version, wanted: Box::new(wanted) })
            }
        };
        let (wanted, kept) = find().map_err(|error: LockedError| error.told())?;
        let version = kept.package.version().to_string();
        let called = format!("{}@{version}", wanted.name);
        let content = kept.package.content_hash().to_string();
        let files = kept.package.loader().called(called).recordings_in(kept.place);
        Ok(Template {
            used: UsedTemplate { name: wanted.name.to_string(), version, content },
            files: Rc::new(Locked { files, pinned: self.clone() }),
            entry: ROOT.to_owned(),
            preset: wanted.preset,
        })
    }
}

/// Where the copy of a template lies that is kept beside the lock in `folder`.
pub(crate) fn vendored(folder: &Path, name: &TemplateName, pin: &Pin) -> PathBuf {
    folder.join(VENDORED).join(name.source()).join(format!("{}-{}", name.name(), pin.version))
}

impl LockedError {
    /// What kind of error it is.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Name(_) => Code::BadName,
            Self::Lock { .. } => Code::LockNotUsed,
            Self::Changed { .. } | Self::Otherwise { .. } => Code::TemplateChanged,
            Self::NoLock { .. }
            | Self::NotLocked { .. }
            | Self::OtherVersion { .. }
            | Self::NotHere { .. } => Code::NotLocked,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::Name(_) => "a template is named `source/name@requirement#preset`, a file ends in `.ron`".into(),
            Self::NoLock { name } | Self::NotLocked { name } => {
                format!("`deadwax template add {name}` fetches it and writes it down")
            }
            Self::OtherVersion { wanted, .. } => {
                format!("`deadwax template add \"{}@{}\"` locks one that fits", wanted.name, wanted.requirement)
            }
            Self::NotHere { .. } => "`deadwax template add` fetches everything that deadwax.lock pins".into(),
            Self::Changed { .. } => {
                "remove that copy and fetch it again with `deadwax template add`; to keep a change, copy the graph \
                 and use it by its path"
                    .into()
            }
            Self::Otherwise { .. } => "the lock was edited: take it from version control, or add the template anew".into(),
            Self::Lock { .. } => "take it from version control, or remove it and add the templates anew".into(),
        }
    }

    /// The same, for a graph to show at a place of its own.
    #[must_use]
    pub fn told(self) -> NoTemplate {
        NoTemplate { code: self.code(), help: self.help(), cause: Box::new(self) }
    }
}

/// Files that may use templates: those that are pinned beside them.
#[derive(Clone, Debug)]
pub struct Locked<L> {
    files: L,
    pinned: Pinned,
}

impl<L: Loader> Locked<L> {
    /// Files, and what is pinned for them.
    pub fn new(files: L, pinned: Pinned) -> Self {
        Self { files, pinned }
    }
}

impl<L: Loader> Loader for Locked<L> {
    fn read(&self, path: &str, allowed: usize) -> Result<String, LoadError> {
        self.files.read(path, allowed)
    }

    fn locate(&self, path: &str) -> Result<PathBuf, LoadError> {
        self.files.locate(path)
    }

    fn template(&self, named: &str) -> Result<Template, NoTemplate> {
        self.pinned.template(named)
    }

    fn name(&self, path: &str) -> String {
        self.files.name(path)
    }
}
