//! What may be wrong with an archive.

use crate::limits::{ARCHIVE_BYTES, BYTES, FILES};
use thiserror::Error;

/// An archive that is not read. Names are shown as they stand in it, up to a hundred letters of them.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// Beyond [`ARCHIVE_BYTES`].
    #[error("the archive has {bytes} bytes; {ARCHIVE_BYTES} are allowed")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// It does not begin as an archive, or does not end as one.
    #[error("this is no archive of a template")]
    NoArchive,
    /// It ends before its directory does.
    #[error("the archive is cut off: it does not end in its directory")]
    Truncated,
    /// Bytes stand before the first entry, between two, or before the directory.
    #[error("{bytes} bytes before byte {at} of the archive belong to nothing")]
    Gap {
        /// Where they end.
        at: usize,
        /// How many there are.
        bytes: usize,
    },
    /// Bytes stand behind the end, or a comment does.
    #[error("{bytes} bytes stand behind the end of the archive")]
    Trailing {
        /// How many there are.
        bytes: usize,
    },
    /// Two entries share bytes.
    #[error("the entry `{name}` begins within another")]
    Overlap {
        /// The second of them.
        name: String,
    },
    /// An entry goes on beyond the directory.
    #[error("the entry `{name}` does not end where the directory begins, or before")]
    BeyondDirectory {
        /// The entry.
        name: String,
    },
    /// The directory is not as long as the end says, or has other records in it.
    #[error("the directory of the archive is not what its end says")]
    Directory,
    /// The end speaks of other disks.
    #[error("the archive is one of several parts")]
    Parts,
    /// It is so large that another form of the records is needed.
    #[error("the archive is a ZIP64 one, which no template needs")]
    Zip64,
    /// More entries than a package may have.
    #[error("the archive has {entries} entries; {FILES} files are allowed, and as many folders")]
    TooManyEntries {
        /// How many it has.
        entries: usize,
    },
    /// More bytes than a package may have, by what the entries say.
    #[error("the files in the archive have {bytes} bytes; {BYTES} are allowed")]
    TooManyBytes {
        /// How many they have.
        bytes: u64,
    },
    /// The entry and the directory differ.
    #[error("the entry `{name}` and the directory of the archive say different things of it")]
    Differs {
        /// The entry.
        name: String,
    },
    /// No entry begins where the directory says.
    #[error("no entry begins where `{name}` should")]
    NoEntry {
        /// The entry.
        name: String,
    },
    /// A name is no text.
    #[error("a name in the archive is not in UTF-8, or does not say so: `{name}`")]
    NameNotText {
        /// The name, as far as it can be shown.
        name: String,
    },
    /// A name stands twice.
    #[error("`{name}` stands twice in the archive")]
    Duplicate {
        /// The name.
        name: String,
    },
    /// It is encrypted.
    #[error("`{name}` is encrypted")]
    Encrypted {
        /// The entry.
        name: String,
    },
    /// Sizes stand behind the entry.
    #[error("the sizes of `{name}` stand behind it; write the archive in one go, to a file")]
    Descriptor {
        /// The entry.
        name: String,
    },
    /// Bits that mean something else.
    #[error("`{name}` has flags {flags:#06x}, which no template needs")]
    Flags {
        /// The entry.
        name: String,
        /// All of them.
        flags: u16,
    },
    /// It is packed in another way.
    #[error("`{name}` is packed by method {method}; only stored and deflated files are read")]
    Method {
        /// The entry.
        name: String,
        /// The method's number.
        method: u16,
    },
    /// It needs a newer version of the format.
    #[error("`{name}` needs version {}.{} of the ZIP format", needs / 10, needs % 10)]
    Version {
        /// The entry.
        name: String,
        /// The version, times ten.
        needs: u16,
    },
    /// It has more fields than an ordinary archive.
    #[error("`{name}` has an extra field {id:#06x}, or one that is broken")]
    Extra {
        /// The entry.
        name: String,
        /// The number of the field.
        id: u16,
    },
    /// An entry has a comment.
    #[error("`{name}` has a comment")]
    Comment {
        /// The entry.
        name: String,
    },
    /// It is a link.
    #[error("`{name}` is a link")]
    Link {
        /// The entry.
        name: String,
    },
    /// It is neither a file nor a folder, or says that it is both.
    #[error("`{name}` is neither a file nor a folder")]
    NotPlain {
        /// The entry.
        name: String,
    },
    /// It has another size than it says.
    #[error("`{name}` has not the size it says")]
    Size {
        /// The entry.
        name: String,
    },
    /// It cannot be unpacked.
    #[error("`{name}` is damaged: it cannot be unpacked")]
    Damaged {
        /// The entry.
        name: String,
    },
    /// Its bytes are not those that were packed.
    #[error("`{name}` is damaged: its check sum is wrong")]
    CheckSum {
        /// The entry.
        name: String,
    },
}
