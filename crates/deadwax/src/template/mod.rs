//! Templates: graphs with everything they need, packed, checked, and looked at before they are used.

mod describe;
mod error;
mod index;
mod named;
mod opened;
mod pack;
mod packages;
mod portrait;
mod preview;

pub use deadwax_graph::model::UsedTemplate;
pub use deadwax_template::{
    Access, ContentHash, Index, LOCK, Listed, Lock, Origin, Package, PackageError, Pin, Shelf, Source,
    SourceError, Sources, Store, TemplateName, Version, Wanted,
};
pub use describe::{describe, size};
pub use error::TemplateError;
pub use index::{IndexFailure, Indexed, Listing, News, PACKS, Refused, index};
pub use named::{Allowed, Named, shelf};
pub use opened::Opened;
pub use pack::{Packed, default_archive, pack};
pub(crate) use packages::{loader_of, package_at};
pub use portrait::{Portrait, Reach, portrait};
pub use preview::{DRAWING, MEASURED};
