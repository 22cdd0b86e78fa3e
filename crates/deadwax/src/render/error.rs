//! Why a render came to nothing, for programs and for people.

use super::stretch::Stretch;
use crate::inspect::clock;
use deadwax_audio::{ReadError, WriteError};
use deadwax_engine::RunError;
use deadwax_graph::Graph;
use deadwax_graph::diagnostic::{Code, Diagnostic};
use thiserror::Error;

/// Why a job came to nothing. No output file is there then.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RenderError {
    /// The mix cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// An output cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The graph does not work for this mix.
    #[error("the graph does not work for this file")]
    Compile(Vec<Diagnostic>),
    /// The run stopped.
    #[error("{error}")]
    Run {
        /// Why.
        error: RunError,
        /// The same, with its place in the graph.
        diagnostic: Box<Diagnostic>,
    },
    /// The stretch that is wanted lies behind the end.
    #[error("--range {stretch}: the programme is only {} long", clock(*seconds))]
    Beyond {
        /// What is wanted.
        stretch: Stretch,
        /// Seconds that the programme lasts.
        seconds: f64,
    },
    /// Somebody asked to stop.
    #[error("interrupted")]
    Interrupted,
}

impl RenderError {
    /// The error as diagnostics.
    #[must_use]
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        match self {
            Self::Compile(diagnostics) => diagnostics.clone(),
            Self::Run { diagnostic, .. } => vec![(**diagnostic).clone()],
            Self::Read(error) => vec![read_diagnostic(error)],
            Self::Write(error) => vec![write_diagnostic(error)],
            Self::Beyond { .. } => vec![
                Diagnostic::general(Code::BeyondProgramme, self.to_string())
                    .help("name an earlier time, as in `--range 0:10..0:30`"),
            ],
            Self::Interrupted => vec![Diagnostic::general(Code::Interrupted, self.to_string())],
        }
    }
}

/// An input that cannot be read, for people.
#[must_use]
pub fn read_diagnostic(error: &ReadError) -> Diagnostic {
    let message = error.to_string();
    match error {
        ReadError::Open { .. } => Diagnostic::general(Code::AudioNotRead, message).help("is the name right?"),
        ReadError::Damaged { .. } | ReadError::Truncated { .. } => {
            Diagnostic::general(Code::AudioDamaged, message)
                .help("nothing is rendered from a damaged file; export or copy it again")
        }
        _ => Diagnostic::general(Code::AudioNotRead, message)
            .help("WAV, RF64, W64, AIFF, FLAC, MP3, AAC and ALAC in MP4, Ogg Vorbis and CAF are read"),
    }
}

/// An output that cannot be written, for people.
#[must_use]
pub fn write_diagnostic(error: &WriteError) -> Diagnostic {
    let message = error.to_string();
    match error {
        WriteError::IsInput { .. } => {
            Diagnostic::general(Code::WouldOverwriteInput, message).help("choose another name with `-o`")
        }
        WriteError::Exists { .. } => Diagnostic::general(Code::Exists, message)
            .help("choose another name with `-o`, or replace it with `-f`"),
        WriteError::TooLarge { .. } => Diagnostic::general(Code::AudioTooLarge, message)
            .help("write WAV, which grows to RF64, or render at fewer bits or a lower rate"),
        WriteError::Format { help, .. } => Diagnostic::general(Code::FormatNotHeld, message).help(help),
        WriteError::NoEncoder { programs, .. } => Diagnostic::general(Code::NoEncoder, message)
            .help(format!("install {}, or write .wav or .flac", programs.join(" or "))),
        WriteError::Encoder { .. } => Diagnostic::general(Code::EncoderFailed, message)
            .help("does it run by itself? a .wav or .flac needs no other program"),
        _ => Diagnostic::general(Code::NotWritten, message)
            .help("is the folder there, and is there room on the disk?"),
    }
}

/// Errors of files come through the engine wrapped up: takes them out again.
pub(crate) fn stopped(error: RunError, graph: &Graph) -> RenderError {
    match error {
        RunError::Interrupted => RenderError::Interrupted,
        RunError::Source { at, cause } => match cause.downcast::<ReadError>() {
            Ok(error) => RenderError::Read(*error),
            Err(cause) => located(RunError::Source { at, cause }, graph),
        },
        RunError::Sink { output, at, cause } => match cause.downcast::<WriteError>() {
            Ok(error) => RenderError::Write(*error),
            Err(cause) => located(RunError::Sink { output, at, cause }, graph),
        },
        error => located(error, graph),
    }
}

fn located(error: RunError, graph: &Graph) -> RenderError {
    let diagnostic = Box::new(error.diagnostic(graph));
    RenderError::Run { error, diagnostic }
}
