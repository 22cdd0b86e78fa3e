//! What nodes learnt, kept beside the graph.

use crate::GraphRef;
use deadwax_audio::{Existing, WriteError, write_text};
use deadwax_graph::Graph;
use deadwax_graph::edit::{EditError, set_learned};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Where what a node learns is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LessonPlace {
    /// The node.
    pub node: String,
    /// The file, beside the graph.
    pub path: PathBuf,
    /// The same as the graph names it.
    pub name: String,
}

/// What was learnt cannot be kept.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LearnError {
    /// The graph comes with the program.
    #[error("`{name}` comes with deadwax: there is no folder to keep beside it what is learnt")]
    BuiltIn {
        /// The graph.
        name: String,
    },
    /// The graph is in an archive.
    #[error("`{name}` is packed: what is learnt cannot be kept in it")]
    Packed {
        /// The archive.
        name: String,
    },
    /// No node of the graph's own learns anything.
    #[error("no node of {name} learns anything")]
    Nothing {
        /// The graph.
        name: String,
    },
    /// A file cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The graph cannot be read again.
    #[error("{}: {cause}", path.display())]
    Graph {
        /// The graph.
        path: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// The graph cannot be told where the files are.
    #[error("{}: {cause}", path.display())]
    Edit {
        /// The graph.
        path: PathBuf,
        /// Why.
        #[source]
        cause: EditError,
    },
}

/// Where what the nodes of `graph` learn is to be kept. Nodes of graphs that it uses keep nothing: their file is not this
/// one.
///
/// # Errors
/// When there is no such place, or a file is in it that may not be replaced.
pub fn lesson_places(
    reference: &GraphRef,
    graph: &Graph,
    existing: Existing,
) -> Result<Vec<LessonPlace>, LearnError> {
    let name = reference.origin();
    let file = match reference {
        GraphRef::File(file) => file,
        GraphRef::BuiltIn(_) => return Err(LearnError::BuiltIn { name: graph.name.clone() }),
        GraphRef::Package { .. } | GraphRef::Named(_) => return Err(LearnError::Packed { name }),
    };
    let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let own = graph.nodes.iter().filter(|node| node.on && node.node.learns() && !node.name.contains('/'));
    let place = |node: &deadwax_graph::model::Node| {
        let name = format!("{stem}.{}.ron", node.name);
        LessonPlace { node: node.name.clone(), path: file.with_file_name(&name), name }
    };
    let places: Vec<LessonPlace> = own.map(place).collect();
    if places.is_empty() {
        return Err(LearnError::Nothing { name });
    }
    match places.iter().find(|place| existing == Existing::Keep && place.path.symlink_metadata().is_ok()) {
        Some(taken) => Err(WriteError::Exists { path: taken.path.clone() }.into()),
        None => Ok(places),
    }
}

/// Writes what nodes learnt to its places, and lets the graph name the files. Gives back the places that were needed.
///
/// # Errors
/// When a file or the graph cannot be written.
pub fn write_lessons(
    graph: &Path,
    places: &[LessonPlace],
    lessons: &[(String, String)],
    existing: Existing,
) -> Result<Vec<LessonPlace>, LearnError> {
    let read = std::fs::read_to_string(graph);
    let mut text = read.map_err(|cause| LearnError::Graph { path: graph.to_owned(), cause })?;
    let mut kept = Vec::new();
    // All is worked out before the first file is written.
    for place in places {
        let Some((_, lesson)) = lessons.iter().find(|(node, _)| *node == place.node) else { continue };
        text = set_learned(&text, &place.node, &place.name)
            .map_err(|cause| LearnError::Edit { path: graph.to_owned(), cause })?
            .text;
        kept.push((place.clone(), lesson));
    }
    for (place, lesson) in &kept {
        write_text(&place.path, lesson, existing, &[])?;
    }
    write_text(graph, &text, Existing::Replace, &[])?;
    Ok(kept.into_iter().map(|(place, _)| place).collect())
}
