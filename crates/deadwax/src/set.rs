//! One value of a graph or an album, set by whoever says so: only its bytes change.

use crate::GraphRef;
use crate::builtin::beside;
use deadwax_album::edit as album;
use deadwax_album::{MoveError, To, is_album, read};
use deadwax_audio::{Existing, WriteError, write_text};
use deadwax_graph::diagnostic::Diagnostic;
use deadwax_graph::edit::{EditError, part_at, set, set_part, value_at};
use deadwax_graph::{Errors, Folder, Graph, LoadError, Loader, NoTemplate, Overrides, Template, load};
use deadwax_node::Registry;
use deadwax_template::Locked;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// A value that was set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// Where, as in `glue.ratio`.
    pub path: String,
    /// What stood there, if anything did.
    pub before: Option<String>,
    /// What stands there now.
    pub after: String,
}

/// Values that cannot be set. The file is as it was.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SetError {
    /// The graph comes with the program.
    #[error("`{0}` comes with deadwax and is not changed")]
    BuiltIn(String),
    /// The graph is in an archive.
    #[error("`{0}` is packed and is not changed")]
    Packed(String),
    /// The file cannot be read.
    #[error("{}: {cause}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// A value cannot be put there.
    #[error("`{path}={value}`: {cause}")]
    Edit {
        /// Where.
        path: String,
        /// What.
        value: String,
        /// Why.
        #[source]
        cause: EditError,
    },
    /// A value cannot be put there in an album.
    #[error("`{path}={value}`: {cause}")]
    Part {
        /// Where.
        path: String,
        /// What.
        value: String,
        /// Why.
        #[source]
        cause: EditError,
    },
    /// A track cannot be moved.
    #[error(transparent)]
    Move(#[from] MoveError),
    /// The graph would have errors that it did not have.
    #[error("the graph would have errors")]
    Graph(Errors),
    /// The album would have errors that it did not have.
    #[error("the album would have errors")]
    Album(Errors),
    /// The file cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// The files of a folder, of which one has another text than on the disk.
struct Edited<'a> {
    folder: Locked<Folder>,
    entry: String,
    text: &'a str,
}

impl Loader for Edited<'_> {
    fn read(&self, path: &str, allowed: usize) -> Result<String, LoadError> {
        if path == self.entry { Ok(self.text.to_owned()) } else { self.folder.read(path, allowed) }
    }

    fn locate(&self, path: &str) -> Result<PathBuf, LoadError> {
        self.folder.locate(path)
    }

    fn template(&self, named: &str) -> Result<Template, NoTemplate> {
        self.folder.template(named)
    }

    fn name(&self, path: &str) -> String {
        self.folder.name(path)
    }
}

fn loaded(file: &Path, text: &str, registry: &Registry) -> Result<Graph, Errors> {
    let (folder, entry) = Folder::of(file);
    let folder = Locked::new(folder, beside(file));
    let loader = Edited { folder, entry: entry.clone(), text };
    load(registry, &loader, &entry, &Overrides::none())
}

/// Sets `values` in the file of `graph`: params (`loudness`), fields (`glue.ratio`), or parts of the document
/// (`about.title`, `params.glue.max`, `presets.dense.air`). Where the file is an album, they are parts of it
/// (`tracks.one.title`, `deliver.cd.limit`). All of them, or none.
///
/// # Errors
/// When a value cannot be set, or the document would have errors that it did not have.
pub fn set_values(
    graph: &GraphRef,
    values: &[(String, String)],
    registry: &Registry,
) -> Result<Vec<Changed>, SetError> {
    let file = match graph {
        GraphRef::File(file) => file.as_path(),
        GraphRef::BuiltIn(name) => return Err(SetError::BuiltIn((*name).to_owned())),
        GraphRef::Package { .. } | GraphRef::Named(_) => return Err(SetError::Packed(graph.origin())),
    };
    let text = graph.text().map_err(|cause| SetError::Read { path: file.to_owned(), cause })?;
    if is_album(&text) {
        return set_in_album(file, &text, values);
    }
    let before = loaded(file, &text, registry);
    let (mut now, mut changed) = (text.clone(), Vec::new());
    for (path, value) in values {
        let params = before.as_ref().map(|graph| &graph.params[..]).unwrap_or_default();
        let param = params.iter().find(|param| param.name == *path && !path.contains('.'));
        let targets = match param {
            None => vec![(path.clone(), false)],
            // The number of a macro stands in the macro itself.
            Some(param) if param.sets.is_empty() => vec![(format!("params.{path}.default"), true)],
            Some(param) => param.sets.iter().map(|path| (path.clone(), false)).collect(),
        };
        for (target, is_part) in targets {
            let (text, one) = set_one(&now, (&target, is_part), value)?;
            now = text;
            changed.push(one);
        }
    }
    let had = before.as_ref().err().map_or(0, errors_of);
    match loaded(file, &now, registry) {
        // What was broken may be mended, and is not refused for what is still broken.
        Err(found) if errors_of(&found) > had || had == 0 => return Err(SetError::Graph(found)),
        _ => {}
    }
    write(file, &text, &now)?;
    Ok(changed)
}

fn errors_of(errors: &Errors) -> usize {
    errors.diagnostics.iter().filter(|found| found.is_error()).count()
}

fn write(file: &Path, before: &str, now: &str) -> Result<(), WriteError> {
    if now == before {
        return Ok(());
    }
    // A link stays one: what it leads to is written.
    let place = file.canonicalize().unwrap_or_else(|_| file.to_owned());
    write_text(&place, now, Existing::Replace, &[])
}

/// Sets `values` in the album with this `text`. What it names is not opened: that is for `deadwax album check`.
fn set_in_album(file: &Path, text: &str, values: &[(String, String)]) -> Result<Vec<Changed>, SetError> {
    let (mut now, mut changed) = (text.to_owned(), Vec::new());
    for (path, value) in values {
        let refused = |cause| SetError::Part { path: path.clone(), value: value.clone(), cause };
        let before = album::value_at(&now, path).map_err(refused)?.map(str::to_owned);
        let edited = album::set(&now, path, value).map_err(refused)?;
        let after = edited.text[edited.span.clone()].to_owned();
        changed.push(Changed { path: path.clone(), before, after });
        now = edited.text;
    }
    replace_album(file, text, &now)?;
    Ok(changed)
}

/// Writes `now` in the place of an album, unless it would have errors that it did not have.
fn replace_album(file: &Path, text: &str, now: &str) -> Result<(), SetError> {
    let name = file.display().to_string();
    let had = read(&name, text).as_ref().err().map_or(0, errors_of);
    match read(&name, now) {
        Err(found) if errors_of(&found) > had || had == 0 => return Err(SetError::Album(found)),
        _ => {}
    }
    Ok(write(file, text, now)?)
}

/// Moves `track` to another place in the layout of the album at `file`, as [`deadwax_album::move_track`] does.
///
/// # Errors
/// When it cannot be moved there, or the album would have errors that it did not have.
pub fn move_track(file: &Path, track: &str, to: To<'_>) -> Result<(), SetError> {
    let graph = GraphRef::File(file.to_owned());
    let text = graph.text().map_err(|cause| SetError::Read { path: file.to_owned(), cause })?;
    let moved = deadwax_album::move_track(&text, track, to)?;
    replace_album(file, &text, &moved.text)
}

/// Sets the value at `path`; `is_part` is whether that is of the whole document, whatever nodes are called.
fn set_one(text: &str, (path, is_part): (&str, bool), value: &str) -> Result<(String, Changed), SetError> {
    let refused = |cause| SetError::Edit { path: path.to_owned(), value: value.to_owned(), cause };
    let before = if is_part { part_at(text, path) } else { value_at(text, path) };
    let before = before.map_err(refused)?.map(str::to_owned);
    let is_text =
        before.as_ref().is_some_and(|before| before.starts_with(['"', 'r']) && before.ends_with(['"', '#']));
    // In front of a shell nobody wants to quote twice.
    let quoted = ["\"", "r\"", "r#"].iter().any(|start| value.starts_with(start));
    let value = match is_text && !quoted {
        true => format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"")),
        false => value.to_owned(),
    };
    let first = path.split('.').next().unwrap_or_default();
    let is_node = !is_part && value_at(text, &format!("nodes.{first}")).map_err(refused)?.is_some();
    let edited = if is_node { set(text, path, &value) } else { set_part(text, path, &value) };
    let edited = edited.map_err(refused)?;
    let after = edited.text[edited.span.clone()].to_owned();
    Ok((edited.text, Changed { path: path.to_owned(), before, after }))
}

impl SetError {
    /// The error as diagnostics without a place.
    #[must_use]
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        use deadwax_graph::Code;
        let message = self.to_string();
        match self {
            Self::BuiltIn(name) | Self::Packed(name) => {
                let help = format!("make a copy of your own: `deadwax new graph mine.ron --from {name}`");
                vec![Diagnostic::general(Code::GraphNotRead, message).help(help)]
            }
            Self::Read { .. } => {
                vec![Diagnostic::general(Code::GraphNotRead, message).help("is the name right?")]
            }
            Self::Edit { cause: EditError::BadValue { .. }, .. } => {
                vec![Diagnostic::general(Code::BadValue, message).help("write it as it stands in a graph")]
            }
            Self::Edit { .. } => vec![
                Diagnostic::general(Code::UnknownParam, message)
                    .help("set a param, a field as in `glue.ratio=2`, or a part as in `about.title=Warm`"),
            ],
            Self::Part { cause: EditError::BadValue { .. }, .. } => {
                vec![Diagnostic::general(Code::BadValue, message).help("write it as it stands in an album")]
            }
            Self::Part { .. } => vec![
                Diagnostic::general(Code::UnknownField, message)
                    .help("set a part of the album, as in `about.title=Warm`, `tracks.one.offset_db=-1.5` or `deliver.cd.limit=74:00:00`"),
            ],
            Self::Move(error) => {
                let (code, near) = match error {
                    MoveError::NoTrack { near, .. } => (Code::UnknownTrack, near.as_ref()),
                    MoveError::NoSide { near, .. } => (Code::BadLayout, near.as_ref()),
                    _ => (Code::BadLayout, None),
                };
                let diagnostic = Diagnostic::general(code, message);
                vec![match near {
                    Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
                    None => diagnostic,
                }]
            }
            Self::Graph(errors) | Self::Album(errors) => errors.diagnostics.clone(),
            Self::Write(error) => vec![crate::write_diagnostic(error)],
        }
    }
}
