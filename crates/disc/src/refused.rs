//! Why there can be no such sheet or fileset.

use crate::address::Sectors;
use crate::check::{Problem, check};
use crate::disc::Disc;
use thiserror::Error;

/// Why nothing was written. What is only a warning of [`check`] is no reason, but for what a format has no room for.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Refused {
    /// No such disc can be made.
    #[error(transparent)]
    Disc(#[from] Problem),
    /// The name of the audio file cannot stand in a sheet.
    #[error("`{name}` cannot stand in a sheet of a disc: a file beside it, named in plain letters")]
    FileName {
        /// The name.
        name: String,
    },
    /// cdrdao takes every other file for samples without a header, the high byte first, and makes noise of it.
    #[error("`{name}` is no file for a TOC: cdrdao takes it for a WAV only if its name ends in `.wav`")]
    NotWav {
        /// The name.
        name: String,
    },
}

/// Whether `disc` can be made at all.
pub(crate) fn can_be_made(disc: &Disc) -> Result<(), Refused> {
    match check(disc, Sectors(u32::MAX)).into_iter().find(Problem::is_error) {
        Some(problem) => Err(problem.into()),
        None => Ok(()),
    }
}

/// Whether every reader finds the file of that name. Letters beyond ASCII have other bytes in a sheet (ISO 8859-1) than in most
/// file systems (UTF-8), and a folder is written differently everywhere.
pub(crate) fn can_be_named(name: &str) -> Result<(), Refused> {
    let plain = |letter: char| matches!(letter, ' '..='~') && !matches!(letter, '"' | '/' | '\\' | ':');
    if !name.trim().is_empty() && name.chars().all(plain) {
        Ok(())
    } else {
        Err(Refused::FileName { name: name.to_owned() })
    }
}
