//! Templates as packages: a graph with everything it names, as a folder, as one file of its own, or as a `.dwx` archive.
//!
//! [`Package`] holds the files of one, whatever it was read from, checked against [`limits`] and [`path`] rules; its
//! [`ContentHash`] is the same in every form. [`Index`] lists what a source of templates offers.

mod archive;
mod content;
mod error;
mod gather;
mod index;
pub mod limits;
mod loader;
mod package;
pub mod path;
mod unpack;

pub use archive::ArchiveError;
pub use content::{BadHash, ContentHash};
pub use error::PackageError;
pub use index::{Index, IndexError, Listed, Version};
pub use loader::PackageLoader;
pub use package::{Package, ROOT, is_kebab};
