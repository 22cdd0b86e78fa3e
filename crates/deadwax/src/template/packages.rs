//! Archives in the place of graph files.

use super::error::TemplateError;
use super::opened::has_recordings;
use deadwax_template::{Locked, Package, PackageLoader, Pinned, Store};
use std::path::Path;

/// The package at `path`.
pub(crate) fn package_at(path: &Path) -> Result<Package, TemplateError> {
    Package::read(path).map_err(|cause| TemplateError::Package { path: path.to_owned(), cause })
}

/// Loads the graph of a package that was found at `path`. Its recordings lie in the store from then on; templates that it
/// uses are those of its own lock.
pub(crate) fn loader_of(package: &Package, path: &Path) -> Result<Locked<PackageLoader>, TemplateError> {
    let (mut loader, store) = (package.loader().called(path.display().to_string()), Store::of_user());
    if has_recordings(package) {
        let store = store.as_ref().ok_or(TemplateError::NoStore)?;
        loader = loader.recordings_in(store.put(package)?.place);
    }
    Ok(Locked::new(loader, Pinned::of_package(package, store)))
}
