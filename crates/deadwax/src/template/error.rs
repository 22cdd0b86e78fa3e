//! What may be wrong with templates.

use crate::promise::HearError;
use crate::render::write_diagnostic;
use deadwax_audio::WriteError;
use deadwax_graph::diagnostic::{Code, Diagnostic, SourceMap};
use deadwax_graph::{Errors, NoTemplate};
use deadwax_template::{
    LockError, LockedError, NameError, PackageError, ShelfError, StoreError, TemplateName,
};
use std::path::PathBuf;
use thiserror::Error;

/// A template that cannot be used or made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TemplateError {
    /// It is no sound package.
    #[error("{}: {cause}", path.display())]
    Package {
        /// Where it was looked for.
        path: PathBuf,
        /// Why not.
        #[source]
        cause: PackageError,
    },
    /// Its graph does not load or does not compile.
    #[error("{}: {errors}", path.display())]
    Graph {
        /// Where it was looked for.
        path: PathBuf,
        /// What is wrong.
        errors: Errors,
    },
    /// The lock in it cannot be used.
    #[error("{}: its deadwax.lock: {cause}", path.display())]
    Lock {
        /// Where it was looked for.
        path: PathBuf,
        /// Why not.
        #[source]
        cause: LockError,
    },
    /// It cannot be kept on this machine.
    #[error("{} cannot be kept: {cause}", path.display())]
    Store {
        /// Where it was looked for.
        path: PathBuf,
        /// Why not.
        #[source]
        cause: StoreError,
    },
    /// It cannot be heard.
    #[error("{}: {cause}", path.display())]
    Hear {
        /// Where it was looked for.
        path: PathBuf,
        /// Why not.
        #[source]
        cause: Box<HearError>,
    },
    /// An archive cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// Its recordings have no place to lie in while they are read.
    #[error("there is no room for its recordings: {0}")]
    NoRoom(#[source] std::io::Error),
    /// A template of a source cannot be had.
    #[error(transparent)]
    Named(NoTemplate),
    /// Sources, or the lock, cannot be used.
    #[error(transparent)]
    Shelf(Box<ShelfError>),
    /// It is not locked, and nothing else may be used.
    #[error("`{name}` is not in deadwax.lock here, and --locked forbids to take another")]
    NotLocked {
        /// The template.
        name: TemplateName,
    },
    /// The lock would change, and may not.
    #[error("deadwax.lock would change, and --locked forbids that: {}", changes.join(", "))]
    LockWouldChange {
        /// What would change.
        changes: Vec<String>,
    },
    /// There is no place for templates.
    #[error(
        "this system has no folder for templates; name one with the variable `{}`",
        deadwax_template::VARIABLE
    )]
    NoStore,
}

impl TemplateError {
    /// A name that is none.
    #[must_use]
    pub fn name(error: NameError) -> Self {
        Self::Named(LockedError::Name(error).told())
    }

    /// What is wrong with sources or a lock.
    #[must_use]
    pub fn shelf(error: ShelfError) -> Self {
        Self::Shelf(Box::new(error))
    }

    /// What is wrong, in reading order, and the files it is in.
    #[must_use]
    pub fn told(self) -> Errors {
        let general =
            |diagnostic: Diagnostic| Errors { diagnostics: vec![diagnostic], sources: SourceMap::default() };
        match self {
            Self::Package { cause: PackageError::Graph { errors, .. }, .. } => *errors,
            Self::Graph { errors, .. } => errors,
            Self::Hear { path, cause } => match *cause {
                HearError::Graph(errors) => errors,
                HearError::Run(error) => {
                    general(Diagnostic::general(Code::NodeFailed, format!("{}: {error}", path.display())))
                }
            },
            Self::Package { path, cause } => general(package_diagnostic(&path.display().to_string(), &cause)),
            Self::Write(error) => general(write_diagnostic(&error)),
            Self::Named(NoTemplate { code, cause, help }) => {
                general(Diagnostic::general(code, cause.to_string()).help(help))
            }
            Self::Shelf(error) => {
                let diagnostic = Diagnostic::general(error.code(), error.to_string());
                general(match error.help() {
                    Some(help) => diagnostic.help(help),
                    None => diagnostic,
                })
            }
            Self::NotLocked { ref name } => {
                let help = format!("`deadwax template add {name}` without --locked writes it down");
                general(Diagnostic::general(Code::LockNotUsed, self.to_string()).help(help))
            }
            Self::LockWouldChange { .. } => {
                let help = "leave --locked out, and keep the new lock with the graphs";
                general(Diagnostic::general(Code::LockNotUsed, self.to_string()).help(help))
            }
            Self::NoStore => general(Diagnostic::general(Code::SourceNotRead, self.to_string())),
            Self::Lock { .. } => general(Diagnostic::general(Code::LockNotUsed, self.to_string())),
            Self::Store { cause: StoreError::Changed { ref place, .. }, .. } => {
                let help = format!("remove {}; it is made again", place.display());
                general(Diagnostic::general(Code::TemplateChanged, self.to_string()).help(help))
            }
            Self::Store { .. } | Self::NoRoom(_) => {
                general(Diagnostic::general(Code::NotWritten, self.to_string()))
            }
        }
    }
}

/// What is wrong with the package that people call `name`.
fn package_diagnostic(name: &str, error: &PackageError) -> Diagnostic {
    // The name stands in front, except where the error names the very same.
    let message = match error {
        PackageError::Io { path, cause } if path.display().to_string() == name => format!("{name}: {cause}"),
        PackageError::NoPackage { .. } => error.to_string(),
        _ => format!("{name}: {error}"),
    };
    let diagnostic = Diagnostic::general(error.code(), message);
    match error.help() {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}
