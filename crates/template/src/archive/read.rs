//! Reading archives, strictly: everything is checked before a byte is unpacked.

use super::error::ArchiveError;
use super::record::{
    CENTRAL_BYTES, Central, DEFLATED, DESCRIPTOR, EFFORT, ENCRYPTED, END, END_BYTES, End, LOCAL, LOCAL_BYTES,
    Local, STORED, UTF8, u16_at,
};
use crate::error::PackageError;
use crate::limits::{ARCHIVE_BYTES, BYTES, FILES};
use crate::path::check_plain;
use flate2::{Crc, Decompress, FlushDecompress, Status};
use std::collections::{BTreeMap, BTreeSet};

/// The most entries: files, and folders that some programs list as well.
const ENTRIES: usize = 2 * FILES;
/// Extra fields that ordinary programs write: times, and the numbers of user and group.
const EXTRAS: [u16; 3] = [0x5455, 0x5855, 0x7875];
/// The extra field of ZIP64.
const ZIP64: u16 = 1;
/// The longest stretch behind the end in which the end is looked for: a comment may be so long.
const COMMENT: usize = u16::MAX as usize;
/// Bytes that are unpacked at once.
const STEP: usize = 64 << 10;
/// Deflate makes at most this many bytes of one.
const RATIO: usize = 1032;

/// The files in an archive.
pub(crate) fn read(bytes: &[u8]) -> Result<BTreeMap<String, Vec<u8>>, PackageError> {
    let end = find_end(bytes)?;
    let entries = directory(bytes, &end)?;
    laid_out(bytes, &entries, end.offset as usize)?;
    for entry in &entries {
        let path = entry.name.strip_suffix('/').unwrap_or(&entry.name);
        check_plain(path).map_err(|cause| PackageError::Path { path: entry.shown(), cause })?;
    }
    let total: u64 = entries.iter().map(|entry| u64::from(entry.record.shared.unpacked)).sum();
    if total > BYTES as u64 {
        return Err(ArchiveError::TooManyBytes { bytes: total }.into());
    }
    let files = entries.iter().filter(|entry| !entry.is_folder());
    Ok(files
        .map(|entry| Ok((entry.name.clone(), entry.unpack(bytes)?)))
        .collect::<Result<_, ArchiveError>>()?)
}

/// The end of the directory, which must be the end of the archive.
fn find_end(bytes: &[u8]) -> Result<End, ArchiveError> {
    if bytes.len() > ARCHIVE_BYTES {
        return Err(ArchiveError::TooLarge { bytes: bytes.len() });
    }
    let last = bytes.len().checked_sub(END_BYTES).ok_or(ArchiveError::NoArchive)?;
    match End::read(&bytes[last..]) {
        Some(end) if end.comment_bytes == 0 => checked_end(end, last),
        // A comment longer than the file: the file is cut off within it.
        Some(_) => Err(ArchiveError::Truncated),
        None => Err(no_end(bytes, last)),
    }
}

/// Why there is no end where one should be.
fn no_end(bytes: &[u8], last: usize) -> ArchiveError {
    let mark = END.to_le_bytes();
    let from = last.saturating_sub(COMMENT);
    let found = bytes[from..].windows(mark.len()).rposition(|window| window == mark);
    match found {
        Some(at) if from + at < last => ArchiveError::Trailing { bytes: last - from - at },
        Some(_) => ArchiveError::Truncated,
        None if bytes.starts_with(&LOCAL.to_le_bytes()) => ArchiveError::Truncated,
        None => ArchiveError::NoArchive,
    }
}

fn checked_end(end: End, at: usize) -> Result<End, ArchiveError> {
    if end.entries == u16::MAX || end.bytes == u32::MAX || end.offset == u32::MAX {
        return Err(ArchiveError::Zip64);
    }
    if end.disk != 0 || end.directory_disk != 0 || end.entries_here != end.entries {
        return Err(ArchiveError::Parts);
    }
    let entries = usize::from(end.entries);
    if entries > ENTRIES {
        return Err(ArchiveError::TooManyEntries { entries });
    }
    let behind = end.offset as usize + end.bytes as usize;
    match behind.cmp(&at) {
        std::cmp::Ordering::Equal => Ok(end),
        std::cmp::Ordering::Less => Err(ArchiveError::Gap { at, bytes: at - behind }),
        std::cmp::Ordering::Greater => Err(ArchiveError::Directory),
    }
}

/// An entry as the directory tells of it.
struct Entry {
    name: String,
    record: Central,
}

/// Every entry of the directory.
fn directory(bytes: &[u8], end: &End) -> Result<Vec<Entry>, ArchiveError> {
    let mut rest = &bytes[end.offset as usize..][..end.bytes as usize];
    let mut names = BTreeSet::new();
    let mut entries = Vec::new();
    for _ in 0..end.entries {
        let record = Central::read(rest).ok_or(ArchiveError::Directory)?;
        let [name, extra, comment] =
            [record.shared.name_bytes, record.extra_bytes, record.comment_bytes].map(usize::from);
        let behind = rest.get(CENTRAL_BYTES..).ok_or(ArchiveError::Directory)?;
        let variable = behind.get(..name + extra + comment).ok_or(ArchiveError::Directory)?;
        let entry = Entry { name: name_of(&variable[..name], record.shared.flags)?, record };
        entry.check()?;
        entry.check_extra(&variable[name..name + extra])?;
        if !names.insert(entry.name.clone()) {
            return Err(ArchiveError::Duplicate { name: entry.shown() });
        }
        entries.push(entry);
        rest = &behind[variable.len()..];
    }
    if rest.is_empty() { Ok(entries) } else { Err(ArchiveError::Directory) }
}

/// The name, in letters that mean the same everywhere.
fn name_of(bytes: &[u8], flags: u16) -> Result<String, ArchiveError> {
    match std::str::from_utf8(bytes) {
        Ok(name) if name.is_ascii() || flags & UTF8 != 0 => Ok(name.to_owned()),
        _ => Err(ArchiveError::NameNotText { name: shown(&String::from_utf8_lossy(bytes)) }),
    }
}

/// A name from a stranger as it may be shown.
fn shown(name: &str) -> String {
    name.chars().take(100).flat_map(char::escape_debug).collect()
}

impl Entry {
    fn shown(&self) -> String {
        shown(&self.name)
    }

    fn is_folder(&self) -> bool {
        self.name.ends_with('/')
    }

    /// What the record alone tells.
    fn check(&self) -> Result<(), ArchiveError> {
        let (name, record, shared) = (self.shown(), &self.record, &self.record.shared);
        let (flags, method, needs) = (shared.flags, shared.method, shared.needs);
        if flags & ENCRYPTED != 0 {
            return Err(ArchiveError::Encrypted { name });
        }
        if flags & DESCRIPTOR != 0 {
            return Err(ArchiveError::Descriptor { name });
        }
        if flags & !(UTF8 | EFFORT) != 0 {
            return Err(ArchiveError::Flags { name, flags });
        }
        if shared.packed == u32::MAX || shared.unpacked == u32::MAX || record.offset == u32::MAX {
            return Err(ArchiveError::Zip64);
        }
        if method != STORED && method != DEFLATED {
            return Err(ArchiveError::Method { name, method });
        }
        if needs > 20 {
            return Err(ArchiveError::Version { name, needs });
        }
        if record.disk != 0 {
            return Err(ArchiveError::Parts);
        }
        if record.comment_bytes != 0 {
            return Err(ArchiveError::Comment { name });
        }
        self.check_kind()?;
        let (packed, unpacked) = (shared.packed as usize, shared.unpacked as usize);
        let possible = match method {
            STORED => packed == unpacked,
            _ => unpacked <= packed.saturating_mul(RATIO),
        };
        if possible { Ok(()) } else { Err(ArchiveError::Size { name }) }
    }

    /// Whether it is a file, or a folder and nothing else.
    fn check_kind(&self) -> Result<(), ArchiveError> {
        let name = self.shown();
        let (mode, dos) = (self.record.attributes >> 16, self.record.attributes & 0xffff);
        // Reparse points are the links of Windows.
        if mode & 0o170_000 == 0o120_000 || dos & 0x400 != 0 {
            return Err(ArchiveError::Link { name });
        }
        let says_folder = mode & 0o170_000 == 0o040_000 || dos & 0x10 != 0;
        let says_file = mode & 0o170_000 == 0o100_000;
        let says_other = !matches!(mode & 0o170_000, 0 | 0o100_000 | 0o040_000);
        let empty = self.record.shared.packed == 0 && self.record.shared.crc == 0;
        let wrong = if self.is_folder() { says_file || !empty } else { says_folder };
        if wrong || says_other { Err(ArchiveError::NotPlain { name }) } else { Ok(()) }
    }

    /// Extra fields: whole, and only those that do no harm.
    fn check_extra(&self, mut extra: &[u8]) -> Result<(), ArchiveError> {
        while !extra.is_empty() {
            let id = u16_at(extra, 0).unwrap_or_default();
            if id == ZIP64 {
                return Err(ArchiveError::Zip64);
            }
            let length = u16_at(extra, 2).map(usize::from);
            let rest = length.and_then(|length| extra.get(4 + length..));
            extra = match rest {
                Some(rest) if EXTRAS.contains(&id) => rest,
                _ => return Err(ArchiveError::Extra { name: self.shown(), id }),
            };
        }
        Ok(())
    }

    /// Where the bytes of the file begin, if the record in front of it says the same as the directory.
    fn data(&self, bytes: &[u8]) -> Result<usize, ArchiveError> {
        let name = || self.shown();
        let start = self.record.offset as usize;
        let here = bytes.get(start..).unwrap_or_default();
        let local = Local::read(here).ok_or_else(|| ArchiveError::NoEntry { name: name() })?;
        let (name_bytes, extra_bytes) = (self.name.len(), usize::from(local.extra_bytes));
        let variable = here.get(LOCAL_BYTES..LOCAL_BYTES + name_bytes + extra_bytes);
        let variable = variable.ok_or_else(|| ArchiveError::BeyondDirectory { name: name() })?;
        if local.shared != self.record.shared || variable[..name_bytes] != *self.name.as_bytes() {
            return Err(ArchiveError::Differs { name: name() });
        }
        self.check_extra(&variable[name_bytes..])?;
        Ok(start + LOCAL_BYTES + variable.len())
    }

    /// The bytes of the file. The entry has been found to lie within `bytes`.
    fn unpack(&self, bytes: &[u8]) -> Result<Vec<u8>, ArchiveError> {
        let (shared, start) = (&self.record.shared, self.data(bytes)?);
        let packed = bytes.get(start..start + shared.packed as usize).unwrap_or_default();
        let unpacked = match shared.method {
            STORED => packed.to_vec(),
            _ => self.inflate(packed, shared.unpacked as usize)?,
        };
        let mut crc = Crc::new();
        crc.update(&unpacked);
        let name = self.shown();
        if crc.sum() == shared.crc { Ok(unpacked) } else { Err(ArchiveError::CheckSum { name }) }
    }

    /// Inflates `packed`, which must be used up by just `wanted` bytes. No more than these are ever kept.
    fn inflate(&self, packed: &[u8], wanted: usize) -> Result<Vec<u8>, ArchiveError> {
        let mut inflater = Decompress::new(false);
        let (mut unpacked, mut step) = (Vec::new(), vec![0; STEP.min(wanted + 1)]);
        let mut read = 0;
        loop {
            let (read_before, made_before) = (inflater.total_in(), inflater.total_out());
            let status = inflater
                .decompress(&packed[read..], &mut step, FlushDecompress::None)
                .map_err(|_| ArchiveError::Damaged { name: self.shown() })?;
            let consumed = (inflater.total_in() - read_before) as usize;
            let made = (inflater.total_out() - made_before) as usize;
            read += consumed;
            if unpacked.len() + made > wanted {
                return Err(ArchiveError::Size { name: self.shown() });
            }
            unpacked.extend_from_slice(&step[..made]);
            match status {
                Status::StreamEnd if read == packed.len() && unpacked.len() == wanted => return Ok(unpacked),
                Status::StreamEnd => return Err(ArchiveError::Size { name: self.shown() }),
                // All was read, and it wants more.
                _ if consumed == 0 && made == 0 => return Err(ArchiveError::Damaged { name: self.shown() }),
                _ => {}
            }
        }
    }
}

/// Entries lie one behind the other, from the first byte to the directory.
fn laid_out(bytes: &[u8], entries: &[Entry], directory: usize) -> Result<(), ArchiveError> {
    let mut order: Vec<&Entry> = entries.iter().collect();
    order.sort_by_key(|entry| entry.record.offset);
    let mut at = 0;
    for entry in order {
        let start = entry.record.offset as usize;
        if start < at {
            return Err(ArchiveError::Overlap { name: entry.shown() });
        }
        if start > at {
            return Err(ArchiveError::Gap { at: start, bytes: start - at });
        }
        at = entry.data(bytes)? + entry.record.shared.packed as usize;
        if at > directory {
            return Err(ArchiveError::BeyondDirectory { name: entry.shown() });
        }
    }
    if at < directory { Err(ArchiveError::Gap { at: directory, bytes: directory - at }) } else { Ok(()) }
}
