//! From a graph file to a [`Graph`].

mod connect;
mod dials;
mod document;
mod expand;
mod files;
mod flatten;
mod ghosts;
mod loader;
mod loops;
mod macros;
mod outline;
mod params;
mod recordings;
mod sections;
mod templates;
mod typing;

pub(crate) use params::same_value;
pub(crate) use sections::FORMAT;

pub use loader::{Folder, LoadError, Loader, Memory, NoTemplate, Template, below, names_template};
pub use outline::{Outline, outline};

use crate::diagnostic::{Code, Diagnostic, SourceMap, sort};
use crate::ghost::Ghosts;
use crate::model::Graph;
use deadwax_node::Registry;
use std::collections::HashMap;
use std::rc::Rc;

/// Values set from outside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// A preset of the graph.
    pub preset: Option<String>,
    /// Params, or fields as in `glue.ratio`, and values as one would write them. They come after the preset.
    pub values: Vec<(String, String)>,
}

impl Overrides {
    /// No values from outside.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }
}

/// Why a graph did not load: everything that is wrong, in reading order, and the files it is in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} errors in the graph", diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count())]
pub struct Errors {
    /// What is wrong; warnings are among it.
    pub diagnostics: Vec<Diagnostic>,
    /// The files.
    pub sources: SourceMap,
}

/// Used graphs, by the name they are used by.
type Interfaces = HashMap<String, Rc<files::File>>;

/// Reads the graph `entry` and all that it uses, through `loader`.
///
/// # Errors
/// Everything that is wrong with the files; nothing of that is a panic, whatever they hold.
pub fn load(
    registry: &Registry,
    loader: &dyn Loader,
    entry: &str,
    overrides: &Overrides,
) -> Result<Graph, Errors> {
    load_with_ghosts(registry, loader, entry, overrides, Ghosts::Refuse)
}

/// The same, and says what is done with nodes of a kind that `registry` does not know.
///
/// # Errors
/// As there.
pub fn load_with_ghosts(
    registry: &Registry,
    loader: &dyn Loader,
    entry: &str,
    overrides: &Overrides,
    ghosts: Ghosts,
) -> Result<Graph, Errors> {
    let mut expansion = expand::Expansion::new(registry, loader, ghosts);
    let graph = expansion.whole(entry, overrides);
    let (mut diagnostics, sources) = expansion.into_parts();
    diagnostics.extend(graph.iter().flat_map(crate::lint::lint));
    leave_out_follow_ups(&mut diagnostics);
    sort(&mut diagnostics);
    match graph {
        Some(mut graph) if !diagnostics.iter().any(Diagnostic::is_error) => {
            (graph.sources, graph.warnings) = (sources, diagnostics);
            Ok(graph)
        }
        _ => Err(Errors { diagnostics, sources }),
    }
}

/// Leaves out what is only the consequence of something else that is said.
fn leave_out_follow_ups(diagnostics: &mut Vec<Diagnostic>) {
    // Beyond a limit of the text nothing more of it is known.
    if let Some(limit) = diagnostics.iter().find(|d| matches!(d.code, Code::TooDeep | Code::TooLarge)) {
        *diagnostics = vec![limit.clone()];
        return;
    }
    let has = |codes: &[Code]| diagnostics.iter().any(|diagnostic| codes.contains(&diagnostic.code));
    // Where the text itself is broken, wires seem to be missing that are only hidden.
    let broken_text = diagnostics.iter().any(|diagnostic| diagnostic.code < Code::Duplicate);
    // A wire that cannot be read connects nothing.
    let broken_wire = has(&[Code::UnknownPort, Code::UnknownNode, Code::BadWire, Code::PortInTheMiddle]);
    // A text or comment without its end swallows the brackets behind it.
    let swallowed = has(&[Code::TextNotClosed, Code::CommentNotClosed]);
    let no_way = has(&[Code::NoWay]);
    let taken: Vec<_> =
        diagnostics.iter().filter(|d| d.code == Code::TakenName).map(|d| d.at.clone()).collect();
    let misread: Vec<_> =
        diagnostics.iter().filter(|d| d.code == Code::UnexpectedCharacter).map(|d| d.at.clone()).collect();
    diagnostics.retain(|diagnostic| match diagnostic.code {
        code if broken_text && (200..300).contains(&code.number()) => false,
        // What is no number has been called so already.
        Code::WrongType => !misread.contains(&diagnostic.at),
        Code::NeverClosed | Code::MissingComma | Code::Unexpected => !swallowed,
        Code::Unconnected | Code::NoWay => !broken_wire,
        Code::Unheard => !broken_wire && !no_way,
        Code::BadName => !taken.contains(&diagnostic.at),
        _ => true,
    });
}

/// The longest name that is looked for among others, in bytes.
const LONGEST: usize = 64;

/// The name nearest to `word`, if any is near.
pub(crate) fn nearest<'n>(word: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    if word.len() > LONGEST {
        return None;
    }
    let word = word.to_lowercase();
    let names = names.into_iter().filter(|name| name.len() <= LONGEST);
    let scored = names.map(|name| (name, strsim::jaro_winkler(&word, &name.to_lowercase())));
    scored.filter(|(_, score)| *score > 0.8).max_by(|a, b| a.1.total_cmp(&b.1)).map(|(name, _)| name)
}

/// The label at a name that means nothing: the one that is near, or else `other`.
pub(crate) fn did_you_mean(near: Option<&str>, other: &str) -> String {
    near.map_or_else(|| other.to_owned(), |near| format!("did you mean `{near}`?"))
}

/// A kind with its article, as in ``an `Equalizer` ``.
pub(crate) fn a(kind: &str) -> String {
    let article = if kind.starts_with(['A', 'E', 'I', 'O', 'a', 'e', 'i', 'o']) { "an" } else { "a" };
    format!("{article} `{kind}`")
}

/// A number of entries, as in `1 entry`.
pub(crate) fn entries(count: usize) -> String {
    if count == 1 { "1 entry".to_owned() } else { format!("{count} entries") }
}
