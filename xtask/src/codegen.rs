//! The reference page of every node, and the schemas: made from the roster.

use crate::portrait::{self, Picture};
use crate::{TaskError, albums, graphs, read, root};
use deadwax_node::Kind;
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
        let pictures = portrait::pictures(kind);
        files.push((folder.join(format!("{}.md", kind.name())), page(kind, &pictures)));
        for picture in pictures {
            files.push((folder.join(picture_path(kind, &picture)), picture.svg));
        }
    }
    files.push((folder.join("README.md"), index));
    let schema = serde_json::to_string_pretty(&deadwax_node::graph_schema(&registry)).unwrap_or_default();
    files.push((root().join("docs/schema/nodes.json"), schema + "\n"));
    let graph = serde_json::to_string_pretty(&deadwax_graph::schema(&registry)).unwrap_or_default();
    files.push((root().join("docs/schema/graph.json"), graph + "\n"));
    files
}

/// Where a picture lies, seen from the pages.
fn picture_path(kind: &Kind, picture: &Picture) -> String {
    format!("pictures/{}-{}.svg", kind.name(), picture.name)
}

/// The page of a kind, with what was measured of its example.
fn page(kind: &Kind, pictures: &[Picture]) -> String {
    let mut page = kind.page();
    if !pictures.is_empty() {
        page.push_str("\n## Measured\n\nThe example at 44.1 kHz.\n");
    }
    for picture in pictures {
        let _ = write!(page, "\n![{}]({})\n", picture.caption, picture_path(kind, picture));
        let _ = write!(page, "\n{}\n", picture.caption);
    }
    page
}

/// The same, and what is generated about the shipped graphs and about albums.
fn all() -> Result<Vec<(PathBuf, String)>, TaskError> {
    let mut files = files();
    files.extend(graphs::files()?);
    files.extend(albums::files()?);
    Ok(files)
}

/// Writes them.
pub(crate) fn write() -> Result<(), TaskError> {
    all()?.iter().try_for_each(|(path, text)| crate::write(path, text))
}

/// Sees that all generated files are fresh, and that none is there whose node or graph is gone.
pub(crate) fn check() -> Result<(), TaskError> {
    let files = all()?;
    for (path, text) in &files {
        if read(path).ok().as_deref() != Some(text) {
            return Err(TaskError::Stale(format!("{} is stale: run `cargo xtask codegen`", path.display())));
        }
    }
    for folder in ["docs/nodes", "docs/nodes/pictures", "graphs/pictures"].map(|folder| root().join(folder)) {
        let listed = std::fs::read_dir(&folder);
        for entry in listed.map_err(|cause| TaskError::Io { path: folder.clone(), cause })?.flatten() {
            if entry.path().is_file() && !files.iter().any(|(path, _)| *path == entry.path()) {
                let message = format!("{} is about nothing that is there: remove it", entry.path().display());
                return Err(TaskError::Stale(message));
            }
        }
    }
    Ok(())
}
