//! Templates as packages: a graph with everything it names, as a folder, as one file of its own, or as a `.dwx` archive.
//!
//! [`Package`] holds the files of one, whatever it was read from, checked against [`limits`] and [`path`] rules; its
//! [`ContentHash`] is the same in every form. [`Index`] lists what a source of templates offers.
//!
//! Templates are used by their names ([`Wanted`]). A [`Source`] offers them, [`resolve`] finds one version for all that ask
//! for one, a [`Lock`] pins it, the [`Store`] keeps it, and [`Locked`] gives it to graphs that use it.

mod archive;
mod content;
mod error;
mod gather;
mod index;
pub mod limits;
mod loader;
mod lock;
mod locked;
mod name;
mod package;
pub mod path;
mod resolve;
mod shelf;
mod source;
mod store;
mod unpack;
mod uses;

pub use archive::ArchiveError;
pub use content::{BadHash, ContentHash};
pub use error::PackageError;
pub use index::{Index, IndexError, Listed, Version};
pub use loader::PackageLoader;
pub use lock::{LOCK, Lock, LockError, Pin};
pub use locked::{Locked, LockedError, Pinned, ReadLockError, VENDORED};
pub use name::{NameError, Release, TemplateName, Wanted, is_source_name};
pub use package::{Package, ROOT, is_kebab};
pub use resolve::{Asker, Needs, Offers, ResolveError, Resolved, Root, resolve};
pub use shelf::{Shelf, ShelfError};
pub use source::{Access, Origin, OriginError, Source, SourceError, Sources};
pub use store::{Kept, Store, StoreError, VARIABLE, verified};
