//! Packages in the place of graph files.

use super::error::TemplateError;
use deadwax_graph::Loader;
use deadwax_template::{LOCK, Lock, Locked, Package, Pinned, Store};
use std::path::Path;
use std::rc::Rc;

/// The package at `path`.
pub(crate) fn package_at(path: &Path) -> Result<Package, TemplateError> {
    Package::read(path).map_err(|cause| TemplateError::Package { path: path.to_owned(), cause })
}

/// Loads the graph of the package that was found at `path`, and the templates that are
/// `pinned`, by its own lock where nothing is said. Its recordings are read
/// from files below `unpacked`; where nothing is said, it is put into the store for them, and stays there.
pub(crate) fn loader_of(
    package: &Package,
    path: &Path,
    unpacked: Option<&Path>,
    pinned: Option<Pinned>,
) -> Result<Rc<dyn Loader>, TemplateError> {
    let store = Store::of_user();
    let loader = package.loader().found_at(path);
    let loader = match (unpacked, &store) {
        (Some(folder), _) => loader.recordings_in(folder),
        (None, Some(store)) if has_recordings(package) => {
            let kept = store.put(package);
            let failed = |cause| TemplateError::Store { path: path.to_owned(), cause };
            loader.recordings_in(kept.map_err(failed)?.place)
        }
        _ => loader,
    };
    if let Some(pinned) = pinned {
        return Ok(Rc::new(Locked::new(loader, pinned)));
    }
    let Some(text) = package.file(LOCK) else { return Ok(Rc::new(loader)) };
    // A package holds text there, and nothing else.
    let lock = Lock::read(std::str::from_utf8(text).unwrap_or_default())
        .map_err(|cause| TemplateError::Lock { path: path.to_owned(), cause })?;
    let beside = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
    Ok(Rc::new(Locked::new(loader, Pinned::by(lock, beside, store))))
}

/// Whether a graph in the package may ask for recordings.
pub(crate) fn has_recordings(package: &Package) -> bool {
    let mut paths = package.paths().filter(|path| !path.starts_with("preview/"));
    paths.any(|path| path.ends_with(".flac") || path.ends_with(".wav"))
}
