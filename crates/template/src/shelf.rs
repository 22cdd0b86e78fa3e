//! A folder of graphs with its lock: templates are added to it, moved to newer versions, and copied beside the graphs.

use crate::index::{Index, Version};
use crate::lock::{LOCK, Lock, Pin};
use crate::locked::{Pinned, vendored};
use crate::name::{NameError, Release, TemplateName, Wanted};
use crate::package::ROOT;
use crate::resolve::{Asker, Needs, Offers, ResolveError, Resolved, Root, resolve};
use crate::source::{Access, Origin, Source, SourceError, Sources, listed};
use crate::store::{Kept, Store};
use crate::uses::{asked_in, uses};
use crate::{LockedError, PackageError};
use deadwax_graph::Code;
use semver::{Comparator, Op, VersionReq};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use thiserror::Error;

/// A folder of graphs with its lock, and the sources of this machine.
#[derive(Debug)]
pub struct Shelf {
    folder: PathBuf,
    store: Store,
    sources: Sources,
    access: Access,
    indexes: RefCell<BTreeMap<String, Rc<Index>>>,
}

/// Something cannot be done with the templates of a folder.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ShelfError {
    /// No set of versions could be found.
    #[error(transparent)]
    Resolve(#[from] ResolveError),
    /// The lock, or what it pins, cannot be used.
    #[error(transparent)]
    Locked(#[from] LockedError),
    /// A graph of the folder names a template in no way that is one.
    #[error(transparent)]
    Name(#[from] NameError),
    /// A copy cannot be made.
    #[error("{release} cannot be copied: {cause}")]
    Vendor {
        /// Which.
        release: Box<Release>,
        /// Why.
        #[source]
        cause: PackageError,
    },
}

impl From<SourceError> for ShelfError {
    fn from(error: SourceError) -> Self {
        Self::Resolve(error.into())
    }
}

impl ShelfError {
    /// What kind of error it is.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Resolve(error) => error.code(),
            Self::Locked(error) => error.code(),
            Self::Name(_) => Code::BadName,
            Self::Vendor { cause: PackageError::Occupied { .. }, .. } => Code::TemplateChanged,
            Self::Vendor { .. } => Code::NotWritten,
        }
    }

    /// What to do about it, where there is something.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Resolve(error) => error.help(),
            Self::Locked(error) => Some(error.help()),
            Self::Name(_) => Some("a template is named as in `house/tape@^1#dense`".into()),
            Self::Vendor { .. } => Some("move that folder away, so that nothing of it is lost".into()),
        }
    }
}

impl Shelf {
    /// The folder `folder`, and the sources that `store` knows.
    ///
    /// # Errors
    /// When the names of sources cannot be read.
    pub fn new(folder: &Path, store: Store, access: Access) -> Result<Self, SourceError> {
        let (folder, sources) = (folder.to_owned(), Sources::read(&store)?);
        Ok(Self { folder, store, sources, access, indexes: RefCell::default() })
    }

    /// The sources.
    #[must_use]
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// What the lock pins; nothing, where there is none.
    ///
    /// # Errors
    /// When it cannot be used.
    pub fn lock(&self) -> Result<Lock, LockedError> {
        Ok(self.pinned().lock()?.cloned().unwrap_or_default())
    }

    /// The file of the lock.
    #[must_use]
    pub fn lock_file(&self) -> PathBuf {
        self.folder.join(LOCK)
    }

    /// What is pinned here, for graphs to use.
    #[must_use]
    pub fn pinned(&self) -> Pinned {
        Pinned::beside(&self.folder, Some(self.store.clone()))
    }

    /// What `lock` pins, for graphs to use, though it is not that of the folder.
    #[must_use]
    pub fn pinned_by(&self, lock: Lock) -> Pinned {
        Pinned::by(lock, &self.folder, Some(self.store.clone()))
    }

    /// What a source offers; it is asked once.
    ///
    /// # Errors
    /// When it cannot be used.
    pub fn index(&self, source: &str) -> Result<Rc<Index>, SourceError> {
        if let Some(known) = self.indexes.borrow().get(source) {
            return Ok(known.clone());
        }
        let index = Rc::new(self.source(source)?.index()?);
        self.indexes.borrow_mut().insert(source.to_owned(), index.clone());
        Ok(index)
    }

    fn source(&self, name: &str) -> Result<Source, SourceError> {
        self.sources.get(name, self.access)
    }

    /// The lock with `wanted` in it, and all that it uses. What is pinned already stays where it fits. Everything is
    /// fetched; the lock is not written.
    ///
    /// # Errors
    /// When it cannot be had, or does not go with the rest.
    pub fn add(&self, wanted: &Wanted) -> Result<Lock, ShelfError> {
        let before = self.lock()?;
        let mut roots = self.roots(&before)?;
        roots.retain(|root| root.by != Asker::Person || root.wanted.name != wanted.name);
        roots.push(Root { by: Asker::Person, wanted: wanted.clone() });
        let mut lock = self.settled(&roots, &before, &before)?;
        // Who asks for any version means those that go with the one that he gets.
        if let Some(pin) = lock.pins.get_mut(&wanted.name).filter(|_| wanted.requirement == VersionReq::STAR)
        {
            let (op, version) = (Op::Caret, &pin.version);
            let (minor, patch, pre) = (Some(version.minor), Some(version.patch), version.pre.clone());
            let comparators = vec![Comparator { op, major: version.major, minor, patch, pre }];
            pin.asked = Some(VersionReq { comparators });
        }
        Ok(lock)
    }

    /// The lock of `wanted` and what it uses alone, whatever the folder pins.
    ///
    /// # Errors
    /// When it cannot be had.
    pub fn alone(&self, wanted: &Wanted) -> Result<Lock, ShelfError> {
        let none = Lock::default();
        let root = Root { by: Asker::Person, wanted: wanted.clone() };
        Ok(self.settled(&[root], &none, &none)?)
    }

    /// The lock with the highest versions of `name`, or of every template, that fit all who ask. It is not written.
    ///
    /// # Errors
    /// When they cannot be had, or do not go together.
    pub fn update(&self, name: Option<&TemplateName>) -> Result<Lock, ShelfError> {
        let before = self.lock()?;
        if let Some(name) = name.filter(|name| !before.pins.contains_key(name)) {
            return Err(LockedError::NotLocked { name: name.clone() }.into());
        }
        let mut kept = before.clone();
        for (name, pin) in before.pins.iter().filter(|(known, _)| name.is_none_or(|name| name == *known)) {
            // A version that is there still has the bytes that it had.
            self.not_moved(name, pin)?;
            kept.pins.remove(name);
        }
        Ok(self.settled(&self.roots(&before)?, &kept, &before)?)
    }

    /// Fetches everything that is locked and not here yet, from where it came from.
    ///
    /// # Errors
    /// When something cannot be had, or is not what is locked.
    pub fn fetch(&self) -> Result<Vec<(TemplateName, Pin)>, ShelfError> {
        let (lock, pinned, mut fetched) = (self.lock()?, self.pinned(), Vec::new());
        for (name, pin) in lock.pins {
            match pinned.kept(&name) {
                Ok(_) => continue,
                Err(LockedError::NotHere { .. }) => {}
                Err(error) => return Err(error.into()),
            }
            let source = Source::new(name.source(), pin.origin.clone(), &self.store, self.access)?;
            let index = source.index()?;
            let found = listed(&index, &name)?.versions.iter().find(|one| one.version == pin.version);
            let Some(found) = found else {
                return Err(SourceError::NoVersion { release: name.release(&pin.version) }.into());
            };
            moved(&name, &pin, found)?;
            source.fetch(&name, found)?;
            fetched.push((name, pin));
        }
        Ok(fetched)
    }

    /// Copies everything that is locked beside the graphs. Copies that are there are looked through.
    ///
    /// # Errors
    /// When something is not here, or a folder holds something else.
    pub fn vendor(&self) -> Result<Vec<PathBuf>, ShelfError> {
        self.fetch()?;
        let (pinned, mut places) = (self.pinned(), Vec::new());
        for (name, pin) in self.lock()?.pins {
            let kept = pinned.kept(&name)?;
            let place = vendored(&self.folder, &name, &pin);
            let release = name.release(&pin.version);
            kept.package.unpack_to(&place).map_err(|cause| ShelfError::Vendor { release, cause })?;
            places.push(place);
        }
        Ok(places)
    }

    /// What persons and graphs ask for here.
    fn roots(&self, lock: &Lock) -> Result<Vec<Root>, ShelfError> {
        let asked = lock.pins.iter().filter_map(|(name, pin)| {
            let wanted = Wanted { name: name.clone(), requirement: pin.asked.clone()?, preset: None };
            Some(Root { by: Asker::Person, wanted })
        });
        let mut roots: Vec<Root> = asked.collect();
        // A graph may ask for what is still to be added: what it asks counts for what is there, then.
        let known = |name: &TemplateName| lock.pins.contains_key(name);
        for (file, wanted) in asked_in(&self.folder)?.into_iter().filter(|(_, wanted)| known(&wanted.name)) {
            roots.push(Root { by: Asker::Graph(file), wanted });
        }
        Ok(roots)
    }

    /// One version of each template, as a lock.
    fn settled(&self, roots: &[Root], kept: &Lock, before: &Lock) -> Result<Lock, ResolveError> {
        let resolved: Resolved = resolve(roots, kept, self)?;
        let mut lock = Lock::default();
        for (name, version) in resolved {
            let asked = roots.iter().find(|root| root.by == Asker::Person && root.wanted.name == name);
            let origin = self.source(name.source())?.origin().clone();
            // Who had it from elsewhere is told, not followed. Folders lie elsewhere on every machine.
            let differs = |pin: &&Pin| {
                let folders = matches!((&pin.origin, &origin), (Origin::Folder(_), Origin::Folder(_)));
                pin.origin != origin && !folders
            };
            if let Some(pin) = before.pins.get(&name).filter(differs) {
                let was = pin.origin.clone();
                return Err(ResolveError::OtherOrigin { name, was, is: origin });
            }
            let asked = asked.map(|root| root.wanted.requirement.clone());
            let pin = Pin { version: version.version, asked, origin, content: version.content };
            lock.pins.insert(name, pin);
        }
        Ok(lock)
    }

    fn not_moved(&self, name: &TemplateName, pin: &Pin) -> Result<(), ResolveError> {
        let versions = match self.versions(name) {
            // Perhaps it is not needed any more; else that is said when it is looked for.
            Err(SourceError::NoTemplate { .. }) => return Ok(()),
            versions => versions?,
        };
        let offered = versions.into_iter().find(|one| one.version == pin.version);
        offered.map_or(Ok(()), |one| moved(name, pin, &one))
    }
}

/// Whether a source offers with other bytes what is locked.
fn moved(name: &TemplateName, pin: &Pin, offered: &Version) -> Result<(), ResolveError> {
    if offered.content == pin.content {
        return Ok(());
    }
    Err(ResolveError::Moved { release: name.release(&pin.version), was: pin.content, is: offered.content })
}

impl Shelf {
    /// A version of a template, fetched where it is not here yet.
    ///
    /// # Errors
    /// When it cannot be had, or is not what its source says.
    pub fn kept(&self, name: &TemplateName, version: &Version) -> Result<Kept, SourceError> {
        self.source(name.source())?.fetch(name, version)
    }
}

impl Offers for Shelf {
    fn versions(&self, name: &TemplateName) -> Result<Vec<Version>, SourceError> {
        Ok(listed(&*self.index(name.source())?, name)?.versions.clone())
    }

    fn needs(&self, name: &TemplateName, version: &Version) -> Result<Needs, ResolveError> {
        let kept = self.kept(name, version)?;
        let by = || format!("{name} {}", version.version);
        let wanted =
            uses(&kept.package.loader(), ROOT).map_err(|cause| ResolveError::Name { by: by(), cause })?;
        let own = kept.package.file(LOCK).map(|bytes| Lock::read(&String::from_utf8_lossy(bytes)));
        let lock = own.transpose().map_err(|cause| ResolveError::Lock { by: by(), cause })?;
        Ok(Needs { wanted, lock })
    }
}
