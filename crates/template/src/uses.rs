//! Which templates graphs ask for, found without their nodes being known.

use crate::name::{NameError, Wanted};
use deadwax_graph::{Folder, Loader, below, limits, names_template, outline};
use std::collections::BTreeSet;
use std::path::Path;

/// Graph files that are looked through at the most.
const MOST_FILES: usize = 1024;

/// The templates that the graph `entry` and its own parts name, in the order of their names. What cannot be read is left
/// out: it says so itself when it is used.
///
/// # Errors
/// When a name is none.
pub(crate) fn uses(loader: &dyn Loader, entry: &str) -> Result<Vec<Wanted>, NameError> {
    let (mut seen, mut open) = (BTreeSet::new(), vec![entry.to_owned()]);
    let (mut all, mut left) = (BTreeSet::new(), limits::TOTAL_BYTES);
    while let Some(path) = open.pop() {
        if seen.len() >= MOST_FILES || !seen.insert(path.clone()) {
            continue;
        }
        let Ok(text) = loader.read(&path, limits::FILE_BYTES.min(left)) else { continue };
        left -= text.len();
        let Ok(outline) = outline(&path, &text) else { continue };
        for used in outline.used {
            if names_template(&used) {
                all.insert(used);
            } else {
                open.extend(below(&path, &used));
            }
        }
    }
    all.iter().map(|used| used.parse()).collect()
}

/// What each graph in `folder` asks for, with the name of its file. Graphs in folders below are parts of these, or none of
/// their business.
///
/// # Errors
/// When a name is none.
pub(crate) fn asked_in(folder: &Path) -> Result<Vec<(String, Wanted)>, NameError> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let mut graphs: Vec<String> =
        names.filter(|name| name.ends_with(".ron") && !name.starts_with('.')).collect();
    graphs.sort();
    let (loader, mut all) = (Folder::new(folder), Vec::new());
    for graph in graphs.into_iter().take(MOST_FILES) {
        all.extend(uses(&loader, &graph)?.into_iter().map(|wanted| (graph.clone(), wanted)));
    }
    Ok(all)
}
