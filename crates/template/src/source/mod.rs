//! Where templates come from: a folder, a git repository or a web folder with an [`Index`] at its root.

mod error;
mod folder;
mod git;
mod named;
mod origin;
mod web;

pub use error::SourceError;
pub use named::Sources;
pub use origin::{Origin, OriginError};

use crate::content::hex;
use crate::index::{Index, Listed, Version};
use crate::limits::ARCHIVE_BYTES;
use crate::name::TemplateName;
use crate::package::Package;
use crate::store::{Kept, Store};
use sha2::{Digest, Sha256};

/// What may be asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// Nothing that needs the network.
    pub offline: bool,
    /// Sources are asked anew, and what they told before is not enough.
    pub anew: bool,
}

/// A source of templates.
#[derive(Clone, Debug)]
pub struct Source {
    name: String,
    origin: Origin,
    store: Store,
    access: Access,
}

impl Source {
    /// The source `name`, which lies at `origin`. What it tells is kept in `store`.
    ///
    /// # Errors
    /// When the address is none that may be asked.
    pub fn new(name: &str, origin: Origin, store: &Store, access: Access) -> Result<Self, SourceError> {
        origin.check()?;
        Ok(Self { name: name.to_owned(), origin, store: store.clone(), access })
    }

    /// Its name on this machine.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it lies.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// What it offers.
    ///
    /// # Errors
    /// When it cannot be reached, or its index cannot be read.
    pub fn index(&self) -> Result<Index, SourceError> {
        let bytes = match &self.origin {
            Origin::Folder(folder) => folder::index(folder),
            Origin::Git(_) => self.repository().index(),
            Origin::Web(address) => web::index(address, &self.store, self.access),
        }?;
        Index::read(&bytes)
            .map_err(|cause| SourceError::Index { name: self.name.clone(), cause: Box::new(cause) })
    }

    /// A version of a template, held against what the index says of it, and put into the store.
    ///
    /// # Errors
    /// When it cannot be had, or is not what the index says.
    pub fn fetch(&self, name: &TemplateName, version: &Version) -> Result<Kept, SourceError> {
        if let Some(kept) = self.store.get(&version.content)? {
            return Ok(kept);
        }
        let limit = usize::try_from(version.bytes).unwrap_or(usize::MAX).min(ARCHIVE_BYTES);
        let bytes = match &self.origin {
            Origin::Folder(folder) => folder::archive(folder, &version.archive, limit),
            Origin::Git(_) => self.repository().archive(&version.archive, limit),
            Origin::Web(address) => web::archive(address, &version.archive, limit, self.access),
        }?;
        let wrong = |reason: String| SourceError::Wrong {
            release: name.release(&version.version),
            origin: self.origin.clone(),
            reason,
        };
        let found = hex(&Sha256::digest(&bytes));
        if bytes.len() as u64 != version.bytes || found != version.archive_sha256 {
            let promised = &version.archive_sha256;
            return Err(wrong(format!("the archive has the hash {found}, and the index says {promised}")));
        }
        let package = Package::from_archive(&bytes).map_err(|error| wrong(error.to_string()))?;
        let content = package.content_hash();
        if content != version.content {
            return Err(wrong(format!("its content is {content}, and the index says {}", version.content)));
        }
        if package.about().name != name.name() || *package.version() != version.version {
            return Err(wrong(format!("it calls itself {} {}", package.about().name, package.version())));
        }
        Ok(self.store.put(&package)?)
    }

    fn repository(&self) -> git::Repository<'_> {
        git::Repository::new(&self.origin, &self.store, self.access)
    }
}

/// The template of that name in an index.
///
/// # Errors
/// When it is not there.
pub(crate) fn listed<'i>(index: &'i Index, name: &TemplateName) -> Result<&'i Listed, SourceError> {
    index.get(name.name()).ok_or_else(|| {
        let near = index.templates.iter().map(|listed| &listed.name);
        let near = near.map(|known| (known, strsim::jaro_winkler(known, name.name())));
        let near = near.filter(|(_, score)| *score > 0.8).max_by(|a, b| a.1.total_cmp(&b.1));
        SourceError::NoTemplate { name: name.clone(), near: near.map(|(name, _)| name.clone()) }
    })
}

/// A name for what is kept of an address.
fn key(address: &str) -> String {
    hex(&Sha256::digest(address.as_bytes())[..16])
}
