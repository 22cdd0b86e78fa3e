//! Archives in the place of graph files.

use super::error::TemplateError;
use deadwax_template::{Package, PackageLoader};
use std::path::Path;

/// The package at `path`.
pub(crate) fn package_at(path: &Path) -> Result<Package, TemplateError> {
    Package::read(path).map_err(|cause| TemplateError::Package { path: path.to_owned(), cause })
}

/// Loads the graph of a package that was found at `path`.
pub(crate) fn loader_of(package: &Package, path: &Path) -> Result<PackageLoader, TemplateError> {
    Ok(package.loader().called(path.display().to_string()))
}
