//! A new graph: the copy of another.

use crate::GraphRef;
use deadwax_graph::edit::{EditError, names_of_other_files, set_about_name};
use std::path::Path;
use thiserror::Error;

/// A new graph cannot be made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NewError {
    /// The graph to begin with cannot be read.
    #[error("{from}: {cause}")]
    Read {
        /// The graph.
        from: String,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// It has errors.
    #[error("{from}: {cause}")]
    Broken {
        /// The graph.
        from: String,
        /// Why.
        #[source]
        cause: EditError,
    },
    /// It names files that lie beside it and not beside the new one.
    #[error("{from} names files beside it, which the new graph would not find: {}", names.join(", "))]
    NamesOthers {
        /// The graph.
        from: String,
        /// The files.
        names: Vec<String>,
    },
}

/// The text of a graph for the file `path`: that of `from`, with a name of its own.
///
/// # Errors
/// When there is no such graph, it has errors, or it names files that lie elsewhere.
pub fn new_graph(from: &GraphRef, path: &Path) -> Result<String, NewError> {
    let origin = match from {
        GraphRef::BuiltIn(name) => (*name).to_owned(),
        other => other.origin(),
    };
    let text = from.text().map_err(|cause| NewError::Read { from: origin.clone(), cause })?;
    let broken = |cause| NewError::Broken { from: origin.clone(), cause };
    let folder = |path: &Path| path.parent().map(|folder| folder.join(".").canonicalize().ok());
    let moved = match from {
        GraphRef::BuiltIn(_) => false,
        GraphRef::File(file) => folder(file) != folder(path),
        GraphRef::Package { .. } | GraphRef::Named(_) => true,
    };
    let names = names_of_other_files(&text).map_err(broken)?;
    if moved && !names.is_empty() {
        return Err(NewError::NamesOthers { from: origin, names });
    }
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    set_about_name(&text, &stem).map_err(broken)
}
