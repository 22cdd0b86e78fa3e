//! The packed form of a template, `.dwx`: a ZIP file with nothing in it that could be read in two ways.
//!
//! Written after PKWARE's APPNOTE. Files stand in the order of their paths, without times, so that the same files make the
//! same bytes. What is read must be as plain: one entry behind another from the first byte on, the directory at the end
//! telling the same as the entries themselves, and nothing before, between or behind them.

mod error;
mod read;
mod record;
mod write;

pub use error::ArchiveError;
pub(crate) use read::read;
pub(crate) use write::write;

/// Whether the bytes begin as an archive does.
pub(crate) fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(&record::LOCAL.to_le_bytes())
}
