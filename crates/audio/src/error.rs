//! What may be wrong with files.

use std::path::PathBuf;
use thiserror::Error;

/// A file that cannot be read as audio.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReadError {
    /// It is not there, or may not be read.
    #[error("{}: {cause}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// It is no audio file of a kind that is read here.
    #[error("{}: no audio that can be read here ({reason})", path.display())]
    Unsupported {
        /// The file.
        path: PathBuf,
        /// What is not supported.
        reason: String,
    },
    /// It says nothing, or nothing sensible, about its rate or channels.
    #[error("{}: {reason}", path.display())]
    Header {
        /// The file.
        path: PathBuf,
        /// What is wrong, in a sentence.
        reason: String,
    },
    /// It is damaged.
    #[error("{}: damaged {seconds:.3} s into the programme: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// How far it could be read, in seconds.
        seconds: f64,
        /// What is wrong.
        reason: String,
    },
    /// It ends before it should.
    #[error("{}: ends after {got} frames, and says that it has {expected}", path.display())]
    Truncated {
        /// The file.
        path: PathBuf,
        /// Frames it says it has.
        expected: u64,
        /// Frames that are there.
        got: u64,
    },
}

impl ReadError {
    /// Whether the file could not even be opened, so that nothing is known about what is in it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Open { .. })
    }
}

/// A file that cannot be written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum WriteError {
    /// A file of that name is there, and nobody said that it may be replaced.
    #[error("{} is there already", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The file is one of the inputs.
    #[error("{} is an input: it is never overwritten", path.display())]
    IsInput {
        /// The file.
        path: PathBuf,
    },
    /// It cannot be made or written.
    #[error("{}: {cause}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// The samples take more room than an AIFF file has.
    #[error("{}: {bytes} bytes of samples do not fit in an AIFF file, which holds 4 GiB", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Bytes that would be needed.
        bytes: u64,
    },
    /// The kind of file does not hold samples like these, or is none that is written.
    #[error("{}: {reason}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
        /// What does.
        help: String,
    },
    /// The program that makes files of this kind is not on this machine.
    #[error("{}: {format} is made by another program, and none of {} is here", path.display(), programs.join(", "))]
    NoEncoder {
        /// The file.
        path: PathBuf,
        /// The kind of file.
        format: &'static str,
        /// The programs that could make it.
        programs: Vec<&'static str>,
    },
    /// The program that makes files of this kind failed.
    #[error("{}: `{program}` failed: {said}", path.display())]
    Encoder {
        /// The file.
        path: PathBuf,
        /// The program.
        program: &'static str,
        /// What it said last.
        said: String,
    },
}
