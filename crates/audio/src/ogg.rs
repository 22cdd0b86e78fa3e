//! Ogg files that say too early that they end.
//!
//! Old encoders set the end-of-stream flag on each of the last pages of a stream, and symphonia stops at the first: some
//! tenths of a second would be lost. A stream ends with its last page (RFC 3533, 6), so the flag is taken away, while the
//! file is read, from every page that another of the same stream follows.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read, Result, Seek, SeekFrom};
use symphonia::core::io::MediaSource;

const HEADER: usize = 27;
const FLAGS: u64 = 5;
const SERIAL: usize = 14;
const CHECKSUM: usize = 22;
const END_OF_STREAM: u8 = 4;

/// A file, some of whose bytes are read as others.
pub(crate) struct Mended {
    file: File,
    at: u64,
    /// What is read instead, by place.
    instead: BTreeMap<u64, u8>,
}

impl Mended {
    /// The file as it is, unless it is an Ogg file with flags too many. The file is left at its start.
    pub(crate) fn new(file: File) -> Result<Self> {
        let mut reader = BufReader::with_capacity(1 << 16, file);
        let instead = early_ends(&mut reader)?;
        let mut file = reader.into_inner();
        file.seek(SeekFrom::Start(0))?;
        Ok(Self { file, at: 0, instead })
    }
}

impl Read for Mended {
    fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        let count = self.file.read(into)?;
        let end = self.at + count as u64;
        for (place, byte) in self.instead.range(self.at..end) {
            into[(place - self.at) as usize] = *byte;
        }
        self.at = end;
        Ok(count)
    }
}

impl Seek for Mended {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        self.at = self.file.seek(to)?;
        Ok(self.at)
    }
}

impl MediaSource for Mended {
    fn is_seekable(&self) -> bool {
        self.file.is_seekable()
    }

    fn byte_len(&self) -> Option<u64> {
        self.file.byte_len()
    }
}

/// Places and values of the bytes to be read otherwise: flags and checksums of pages that do not really end a stream.
fn early_ends(reader: &mut BufReader<File>) -> Result<BTreeMap<u64, u8>> {
    let mut instead = BTreeMap::new();
    // For every stream, its latest page if that is flagged as the last: where it begins, and all of its bytes.
    let mut flagged: BTreeMap<u32, (u64, Vec<u8>)> = BTreeMap::new();
    let mut at = 0_u64;
    while let Some((header, segments)) = page_header(reader)? {
        let serial =
            u32::from_le_bytes([header[SERIAL], header[SERIAL + 1], header[SERIAL + 2], header[SERIAL + 3]]);
        let body: usize = segments.iter().map(|size| usize::from(*size)).sum();
        if let Some((place, page)) = flagged.remove(&serial) {
            mend(place, page, &mut instead);
        }
        if header[FLAGS as usize] & END_OF_STREAM != 0 {
            let mut page = [&header[..], &segments].concat();
            let begin = page.len();
            page.resize(begin + body, 0);
            if reader.read_exact(&mut page[begin..]).is_err() {
                break;
            }
            flagged.insert(serial, (at, page));
        } else {
            reader.seek_relative(body as i64)?;
        }
        at += (HEADER + segments.len() + body) as u64;
    }
    Ok(instead)
}

/// The next page's header and sizes of segments; `None` where there is no page.
fn page_header(reader: &mut BufReader<File>) -> Result<Option<([u8; HEADER], Vec<u8>)>> {
    let mut header = [0; HEADER];
    if reader.read_exact(&mut header).is_err() || &header[..4] != b"OggS" {
        return Ok(None);
    }
    let mut segments = vec![0; usize::from(header[HEADER - 1])];
    Ok(reader.read_exact(&mut segments).is_ok().then_some((header, segments)))
}

/// Takes the flag away from a page, and puts the checksum right; a page whose checksum was wrong is left as it is.
fn mend(place: u64, mut page: Vec<u8>, instead: &mut BTreeMap<u64, u8>) {
    let stored: [u8; 4] = [page[CHECKSUM], page[CHECKSUM + 1], page[CHECKSUM + 2], page[CHECKSUM + 3]];
    page[CHECKSUM..CHECKSUM + 4].fill(0);
    if checksum(&page) != u32::from_le_bytes(stored) {
        return;
    }
    page[FLAGS as usize] &= !END_OF_STREAM;
    instead.insert(place + FLAGS, page[FLAGS as usize]);
    for (number, byte) in checksum(&page).to_le_bytes().into_iter().enumerate() {
        instead.insert(place + (CHECKSUM + number) as u64, byte);
    }
}

/// The checksum of Ogg pages: CRC-32 with the polynomial 0x04c11db7, from 0, bits not turned around (RFC 3533, 6).
fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte) << 24, |crc, _| {
            if crc >> 31 == 1 { crc << 1 ^ 0x04c1_1db7 } else { crc << 1 }
        })
    })
}
