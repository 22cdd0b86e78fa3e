//! Writing archives.

use super::record::{
    CENTRAL_BYTES, Central, DEFLATED, END_BYTES, End, LOCAL_BYTES, Local, STORED, Shared, UTF8,
};
use flate2::{Compression, Crc};
use std::collections::BTreeMap;
use std::io::Write;

/// The 1st of January 1980, where MS-DOS begins to count.
const NO_DATE: u16 = 1 << 5 | 1;
/// Made on a Unix, after version 2.0 of the format.
const MADE_BY: u16 = 3 << 8 | 20;
/// A file that everybody may read and its owner may write.
const MODE: u32 = 0o100_644 << 16;

/// The archive of `files`, whose numbers and sizes are within the limits of a package.
pub(crate) fn write(files: &BTreeMap<String, Vec<u8>>) -> Vec<u8> {
    let names: usize = files.keys().map(String::len).sum();
    let contents: usize = files.values().map(Vec::len).sum();
    let records = files.len() * (LOCAL_BYTES + CENTRAL_BYTES) + 2 * names + END_BYTES;
    let (mut archive, mut directory) = (Vec::with_capacity(contents / 2 + records), Vec::new());
    for (path, bytes) in files {
        let (method, packed) = match deflated(path, bytes) {
            Some(packed) => (DEFLATED, packed),
            None => (STORED, bytes.clone()),
        };
        let offset = small(archive.len());
        let shared = shared(path, bytes, method, packed.len());
        Local { shared: shared.clone(), extra_bytes: 0 }.write(&mut archive);
        archive.extend(path.as_bytes());
        archive.extend(packed);
        let record = Central {
            made_by: MADE_BY,
            shared,
            extra_bytes: 0,
            comment_bytes: 0,
            disk: 0,
            attributes: MODE,
            offset,
        };
        record.write(&mut directory);
        directory.extend(path.as_bytes());
    }
    let entries = u16::try_from(files.len()).unwrap_or(u16::MAX);
    let end = End {
        disk: 0,
        directory_disk: 0,
        entries_here: entries,
        entries,
        bytes: small(directory.len()),
        offset: small(archive.len()),
        comment_bytes: 0,
    };
    archive.extend(directory);
    end.write(&mut archive);
    archive
}

/// The file packed, where that is worth it. FLAC is packed already.
fn deflated(path: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    if path.ends_with(".flac") {
        return None;
    }
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), Compression::new(9));
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok().filter(|packed| packed.len() < bytes.len())
}

fn shared(path: &str, bytes: &[u8], method: u16, packed: usize) -> Shared {
    let mut crc = Crc::new();
    crc.update(bytes);
    Shared {
        needs: if method == DEFLATED { 20 } else { 10 },
        flags: if path.is_ascii() { 0 } else { UTF8 },
        method,
        time: 0,
        date: NO_DATE,
        crc: crc.sum(),
        packed: small(packed),
        unpacked: small(bytes.len()),
        name_bytes: u16::try_from(path.len()).unwrap_or(u16::MAX),
    }
}

/// A size within a package, which has some MiB at the most.
fn small(size: usize) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}
