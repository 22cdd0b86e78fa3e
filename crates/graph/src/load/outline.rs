//! What a graph file says about itself and names, without its nodes being known.

use super::Errors;
use super::document::{AssetDecl, AssetSource, UseDecl};
use super::sections;
use crate::diagnostic::{Diagnostic, SourceMap, sort};
use crate::model::About;
use crate::tree::parse;

/// What a graph file says about itself, and the files it names, as it writes them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// What it says about itself.
    pub about: About,
    /// The graphs it uses.
    pub used: Vec<String>,
    /// The recordings it declares; those that it asks a person for are no files of its own.
    pub assets: Vec<String>,
    /// The files with what its nodes have learnt.
    pub learned: Vec<String>,
}

/// Reads the outline of the graph file `name` from its `text`. Kinds of nodes and wires are not looked at.
///
/// # Errors
/// What is wrong with the parts of the file.
pub fn outline(name: &str, text: &str) -> Result<Outline, Errors> {
    let (mut diagnostics, mut sources) = (Vec::new(), SourceMap::default());
    let number = sources.add(name.to_owned(), text.to_owned());
    let root = parse(text, number, &mut diagnostics);
    let document = sections::read(text, &root, number, &mut diagnostics);
    match document {
        Some(document) if !diagnostics.iter().any(Diagnostic::is_error) => {
            let paths = |all: Vec<UseDecl>| all.into_iter().map(|one| one.path).collect();
            Ok(Outline {
                about: document.about,
                used: paths(document.uses),
                assets: document.assets.into_iter().filter_map(own).collect(),
                learned: paths(document.learned),
            })
        }
        _ => {
            sort(&mut diagnostics);
            Err(Errors { diagnostics, sources })
        }
    }
}

/// The file of a recording, if it is not asked for.
fn own(asset: AssetDecl) -> Option<String> {
    match asset.source {
        AssetSource::Path(path) => Some(path),
        AssetSource::Ask(_) => None,
    }
}
