//! Why an album is not rendered.

use crate::render::{RenderError, read_diagnostic, write_diagnostic};
use deadwax_audio::{ReadError, WriteError};
use deadwax_disc::ddp;
use deadwax_engine::Cause;
use deadwax_graph::Errors;
use deadwax_graph::diagnostic::{Code, Diagnostic};
use std::path::PathBuf;
use thiserror::Error;

/// An album that cannot be rendered. What was finished before is whole; what was not is not there.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum AlbumError {
    /// A recording cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Something cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A file or folder cannot be made or moved.
    #[error("{}: {cause}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// A graph does not load.
    #[error("a graph of the album does not load")]
    Graph(Errors),
    /// A graph stopped.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// `Match` would have to limit, or to turn by too much.
    #[error("{}", .0.join("; "))]
    Refused(Vec<String>),
    /// A deliverable is there already, and is another.
    #[error("{} is there already, and was made of something else", .0.display())]
    There(PathBuf),
    /// Something is in the place of a deliverable that is not of deadwax's making.
    #[error("{} holds something that is no part of the deliverable that was made there", .0.display())]
    Foreign(PathBuf),
    /// Another program works in the folder.
    #[error("{} is being worked in by another deadwax", .0.display())]
    Busy(PathBuf),
    /// A disc cannot be told on paper.
    #[error("the papers of the disc cannot be written: {0}")]
    Paper(#[source] Cause),
    /// A master cannot be heard.
    #[error("a master cannot be heard: {0}")]
    Unheard(#[source] Cause),
    /// No such deliverable.
    #[error("the album has no deliverable `{name}`")]
    NoDeliverable {
        /// The name.
        name: String,
        /// Those that there are.
        names: Vec<String>,
    },
    /// Somebody asked to stop.
    #[error("interrupted")]
    Interrupted,
}

impl AlbumError {
    /// What is wrong, for people, and the files it is in.
    #[must_use]
    pub fn told(&self) -> Errors {
        let general = |diagnostic| Errors { diagnostics: vec![diagnostic], sources: Default::default() };
        general(match self {
            Self::Graph(errors) => return errors.clone(),
            Self::Render(error) => {
                return Errors { diagnostics: error.diagnostics(), sources: Default::default() };
            }
            Self::Read(error) => read_diagnostic(error),
            Self::Write(error) => write_diagnostic(error),
            Self::Io { .. } => Diagnostic::general(Code::NotWritten, self.to_string()),
            Self::Refused(reasons) => {
                let first = reasons.first().cloned().unwrap_or_default();
                let diagnostic = Diagnostic::general(Code::MatchRefused, first);
                let diagnostic =
                    reasons.iter().skip(1).fold(diagnostic, |told, reason| told.note(reason.clone()));
                diagnostic.help("lower the target, master the track louder, or call it an `interlude`")
            }
            Self::There(_) => Diagnostic::general(Code::Exists, self.to_string())
                .help("name another folder with `-o`, or replace it with `-f`"),
            Self::Busy(_) => Diagnostic::general(Code::NotWritten, self.to_string())
                .help("wait until it is done, or name another folder with `-o`"),
            Self::Foreign(_) => Diagnostic::general(Code::Exists, self.to_string())
                .help("move it away, or name another folder with `-o`: it is not replaced"),
            Self::Unheard(_) => Diagnostic::general(Code::AudioNotRead, self.to_string())
                .help("remove the folder of kept masters, and try again"),
            Self::Paper(_) => Diagnostic::general(Code::BadDisc, self.to_string()),
            Self::NoDeliverable { names, .. } => Diagnostic::general(Code::UnknownTrack, self.to_string())
                .help(format!("there are {}", names.join(", "))),
            Self::Interrupted => Diagnostic::general(Code::Interrupted, self.to_string()),
        })
    }

    pub(super) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |cause| Self::Io { path, cause }
    }

    pub(super) fn paper(error: impl Into<Cause>) -> Self {
        Self::Paper(error.into())
    }

    /// Why something was not read or written to its end.
    pub(in crate::album) fn of(cause: Cause) -> Self {
        match cause.downcast::<ReadError>().map_err(|cause| cause.downcast::<WriteError>()) {
            Ok(error) => Self::Read(*error),
            Err(Ok(error)) => Self::Write(*error),
            Err(Err(cause)) => Self::Unheard(cause),
        }
    }
}

/// The name of the image in a fileset.
pub(super) const IMAGE: &str = ddp::IMAGE;
