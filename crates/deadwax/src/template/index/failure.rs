//! Why a folder of templates cannot be indexed.

use super::super::error::TemplateError;
use crate::promise::{HearError, Promise, Step};
use deadwax_audio::WriteError;
use deadwax_graph::Errors;
use deadwax_graph::diagnostic::{Code, Diagnostic, SourceMap};
use deadwax_template::{IndexError, ROOT};
use std::path::PathBuf;
use thiserror::Error;

/// A version that cannot be offered.
#[derive(Debug)]
pub struct Refused {
    /// Where the template is.
    pub path: PathBuf,
    /// Its name.
    pub name: String,
    /// The version that is out; of one that is out itself, that one.
    pub before: semver::Version,
    /// The version.
    pub version: semver::Version,
    /// What changed since.
    pub promise: Promise,
    /// The text of the graph.
    pub text: String,
}

impl Refused {
    /// What the version would have to be, at least.
    #[must_use]
    pub fn proposed(&self) -> semver::Version {
        self.promise.needed().after(&self.before)
    }
}

/// Why a folder cannot be indexed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum IndexFailure {
    /// A template is none, or does not compile.
    #[error(transparent)]
    Template(Box<TemplateError>),
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
        cause: Box<IndexError>,
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
    #[error("`{}` {} is out already, and was not the same", .0.name, .0.version)]
    Out(Box<Refused>),
    /// The step from the version before is too small for what changed.
    #[error("`{}` {} promises more than it keeps", .0.name, .0.version)]
    TooSmall(Box<Refused>),
    /// Its sound cannot be heard.
    #[error("`{name}`: {cause}")]
    Hear {
        /// The template.
        name: String,
        /// Why.
        #[source]
        cause: Box<HearError>,
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
            Self::Hear { cause, .. } => match *cause {
                HearError::Graph(errors) => errors,
                HearError::Run(_) => {
                    general(Code::NodeFailed, "render the demo mix through it to see where it stops")
                }
            },
            Self::Out(refused) => {
                let help = format!("give it a new version: {}, at least", refused.proposed());
                at_version(&refused, Code::VersionOut, message, "this version is out").helped(help)
            }
            Self::TooSmall(refused) => {
                let Refused { before, version, promise, .. } = &*refused;
                let step = Step::between(before, version);
                let label = format!("a {step} step on from {before}");
                let mut errors = at_version(&refused, Code::PromiseBroken, message, &label);
                for reason in promise.beyond(step) {
                    errors = errors.noted(format!("a {} step, because {}", reason.step, reason.what));
                }
                errors.helped(format!("call it {}, or undo what changed", refused.proposed()))
            }
        }
    }
}

impl From<TemplateError> for IndexFailure {
    fn from(error: TemplateError) -> Self {
        Self::Template(Box::new(error))
    }
}

/// An error at the version that a graph says.
fn at_version(refused: &Refused, code: Code, message: String, label: &str) -> One {
    let Refused { path, text, .. } = refused;
    let mut sources = SourceMap::default();
    let file = if path.is_dir() { path.join(ROOT) } else { path.to_owned() };
    let number = sources.add(file.display().to_string(), text.as_str());
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
