//! Why a folder of templates cannot be indexed.

use super::super::error::TemplateError;
use crate::promise::{HearError, Promise, Step};
use deadwax_audio::WriteError;
use deadwax_graph::Errors;
use deadwax_graph::diagnostic::{Code, Diagnostic, SourceMap};
use deadwax_template::{IndexError, ROOT};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why a folder cannot be indexed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum IndexFailure {
    /// A template is none, or does not compile.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The folder cannot be read.
    #[error("{}: {cause}", path.display())]
    Io {
        /// The folder or file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// The index that is there cannot be used, or the new one has no room.
    #[error("{}: {cause}", path.display())]
    Index {
        /// The index.
        path: PathBuf,
        /// Why.
        #[source]
        cause: IndexError,
    },
    /// There is no template.
    #[error("{} holds no template: no graph file, and no folder with a {ROOT}", .0.display())]
    Nothing(PathBuf),
    /// An archive that the index lists is gone or is another.
    #[error("{}: {what}", path.display())]
    Archive {
        /// The archive.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// Two templates have one name.
    #[error("{} and {} are both called `{name}`", first.display(), second.display())]
    Twice {
        /// The name.
        name: String,
        /// One.
        first: PathBuf,
        /// The other.
        second: PathBuf,
    },
    /// A version is out already, and was something else then.
    #[error("`{name}` {version} is out already, and was not the same")]
    Out {
        /// Where it is now.
        path: PathBuf,
        /// The template.
        name: String,
        /// The version.
        version: semver::Version,
        /// What a new version would have to be, at least.
        proposed: semver::Version,
        /// The text of the graph.
        text: String,
    },
    /// The step from the version before is too small for what changed.
    #[error("`{name}` {version} promises more than it keeps")]
    TooSmall {
        /// Where it is.
        path: PathBuf,
        /// The template.
        name: String,
        /// The version before.
        before: semver::Version,
        /// The version.
        version: semver::Version,
        /// What changed.
        promise: Promise,
        /// What the version would have to be, at least.
        proposed: semver::Version,
        /// The text of the graph.
        text: String,
    },
    /// Its sound cannot be heard.
    #[error("`{name}`: {cause}")]
    Hear {
        /// The template.
        name: String,
        /// Why.
        #[source]
        cause: HearError,
    },
    /// It cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl IndexFailure {
    /// What is wrong, and the files it is in.
    #[must_use]
    pub fn told(self) -> Errors {
        let message = self.to_string();
        let general = |code, help: &str| Errors {
            diagnostics: vec![Diagnostic::general(code, message.clone()).help(help)],
            sources: SourceMap::default(),
        };
        match self {
            Self::Template(error) => error.told(),
            Self::Write(error) => Errors {
                diagnostics: vec![crate::render::write_diagnostic(&error)],
                sources: SourceMap::default(),
            },
            Self::Io { .. } => general(Code::TemplateNotRead, "look at the path, and whether it may be read"),
            Self::Index { .. } => {
                general(Code::IndexNotRead, "take back the index that was there, or begin a new one")
            }
            Self::Nothing(_) => general(Code::TemplateNotRead, "`deadwax new graph warm.ron` makes one"),
            Self::Archive { .. } => general(
                Code::ArchiveWrong,
                "take back the archive that was there: what is out must stay what it was",
            ),
            Self::Twice { .. } => general(Code::TemplateUnnamed, "give one of them another name in `about`"),
            Self::Hear { cause: HearError::Graph(errors), .. } => errors,
            Self::Hear { .. } => {
                general(Code::NodeFailed, "render the demo mix through it to see where it stops")
            }
            Self::Out { path, proposed, text, .. } => {
                let help = format!("give it a new version: {proposed}, at least");
                at_version(&path, &text, Code::VersionOut, message, "this version is out").helped(help)
            }
            Self::TooSmall { path, before, version, promise, proposed, text, .. } => {
                let step = Step::between(&before, &version);
                let label = format!("a {step} step on from {before}");
                let mut errors = at_version(&path, &text, Code::PromiseBroken, message, &label);
                for reason in promise.beyond(step) {
                    errors = errors.noted(format!("a {} step, because {}", reason.step, reason.what));
                }
                errors.helped(format!("call it {proposed}, or undo what changed"))
            }
        }
    }
}

/// An error at the version that a graph says.
fn at_version(path: &Path, text: &str, code: Code, message: String, label: &str) -> One {
    let mut sources = SourceMap::default();
    let file = if path.is_dir() { path.join(ROOT) } else { path.to_owned() };
    let number = sources.add(file.display().to_string(), text);
    let tree = deadwax_graph::tree::parse(text, number, &mut Vec::new());
    let diagnostic = match tree.at_path("about.version") {
        Some(value) => Diagnostic::new(code, message, (number, value.span.clone()), label),
        None => Diagnostic::general(code, message),
    };
    One { diagnostic, sources }
}

struct One {
    diagnostic: Diagnostic,
    sources: SourceMap,
}

impl One {
    fn noted(self, note: String) -> Self {
        Self { diagnostic: self.diagnostic.note(note), ..self }
    }

    fn helped(self, help: String) -> Errors {
        Errors { diagnostics: vec![self.diagnostic.help(help)], sources: self.sources }
    }
}
