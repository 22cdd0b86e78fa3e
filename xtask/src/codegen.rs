//! The reference page of every node, and the schema of all: made from the roster.

use crate::{TaskError, read, root};
use deadwax_nodes::registry;
use std::fmt::Write as _;
use std::path::PathBuf;

/// Every generated file, with what belongs in it.
fn files() -> Vec<(PathBuf, String)> {
    let registry = registry();
    let folder = root().join("docs/nodes");
    let mut index = String::from(
        "# Nodes\n\nMade from the roster by `cargo xtask codegen`; edit the nodes, not these pages.\n",
    );
    let mut kinds: Vec<_> = registry.kinds().collect();
    kinds.sort_by_key(|kind| kind.about.family);
    let mut family = None;
    let mut files = Vec::new();
    for kind in kinds {
        if family.replace(kind.about.family) != Some(kind.about.family) {
            let _ = write!(index, "\n## {:?}\n\n", kind.about.family);
        }
        let _ = writeln!(index, "- [{0}]({0}.md): {1}", kind.name(), kind.about.summary);
        files.push((folder.join(format!("{}.md", kind.name())), kind.page()));
    }
    files.push((folder.join("README.md"), index));
    let schema = serde_json::to_string_pretty(&deadwax_node::graph_schema(&registry)).unwrap_or_default();
    files.push((root().join("docs/schema/nodes.json"), schema + "\n"));
    files
}

/// Writes them.
pub(crate) fn write() -> Result<(), TaskError> {
    files().iter().try_for_each(|(path, text)| crate::write(path, text))
}

/// Sees that all generated files are fresh, and that none is there whose node is gone.
pub(crate) fn check() -> Result<(), TaskError> {
    let files = files();
    for (path, text) in &files {
        if read(path).ok().as_deref() != Some(text) {
            return Err(TaskError::Stale(format!("{} is stale: run `cargo xtask codegen`", path.display())));
        }
    }
    let folder = root().join("docs/nodes");
    let listed = std::fs::read_dir(&folder).map_err(|cause| TaskError::Io { path: folder.clone(), cause })?;
    for entry in listed.flatten() {
        if !files.iter().any(|(path, _)| *path == entry.path()) {
            return Err(TaskError::Stale(format!("{} is about no node: remove it", entry.path().display())));
        }
    }
    Ok(())
}
