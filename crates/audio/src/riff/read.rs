//! What is where in a WAV, RF64, BW64 or W64 file.
//!
//! Strangers' headers: nothing that they say is believed before the file's own length bears it out, and nothing takes more
//! memory than what is really there.

use super::{ELSEWHERE, SUB_FORMAT, TAG_EXTENSIBLE, TAG_FLOAT, TAG_PCM, u16_at, u32_at, u64_at};
use crate::pcm::Word;
use std::fs::File;
use std::io::{Read, Result as IoResult, Seek, SeekFrom};

/// The most chunks that are looked at.
const MOST_CHUNKS: usize = 4096;

/// The most bytes of a chunk that are read at all.
pub(crate) const MOST_TEXT: u64 = 32 << 20;

/// A chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    /// Its name.
    pub(crate) id: [u8; 4],
    /// Where its body begins.
    pub(crate) at: u64,
    /// Bytes of its body, as far as they are in the file.
    pub(crate) size: u64,
}

/// What a `fmt ` chunk says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Format {
    pub(crate) rate_hz: u32,
    pub(crate) channels: usize,
    /// `None` for codecs other than plain samples.
    pub(crate) word: Option<Word>,
    pub(crate) bits: u32,
    pub(crate) mask: Option<u32>,
    pub(crate) tag: u16,
}

/// A file's chunks.
#[derive(Clone, Debug)]
pub(crate) struct Riff {
    pub(crate) format: Format,
    /// Where samples begin.
    pub(crate) data: u64,
    /// Bytes of samples that the file says it has; more than there are in a file that was cut off.
    pub(crate) data_bytes: u64,
    /// Frames by the `fact` chunk.
    pub(crate) fact: Option<u64>,
    /// Everything else.
    pub(crate) pieces: Vec<Piece>,
}

/// Why a file that begins like one of ours cannot be read.
#[derive(Debug)]
pub(crate) enum Fault {
    Io(std::io::Error),
    /// What is wrong, in a sentence.
    Header(String),
}

impl From<std::io::Error> for Fault {
    fn from(cause: std::io::Error) -> Self {
        Self::Io(cause)
    }
}

fn fault<T>(reason: &str) -> Result<T, Fault> {
    Err(Fault::Header(reason.to_owned()))
}

/// The four GUIDs of W64 that matter, by their first four bytes, which are names; what follows is the same but for `riff`.
const W64: [u8; 16] =
    [b'r', b'i', b'f', b'f', 0x2e, 0x91, 0xcf, 0x11, 0xa5, 0xd6, 0x28, 0xdb, 0x04, 0xc1, 0x00, 0x00];

/// Reads up to `count` bytes at `at`; fewer at the end of the file.
pub(crate) fn bytes_at(file: &mut File, at: u64, count: u64) -> IoResult<Vec<u8>> {
    file.seek(SeekFrom::Start(at))?;
    let mut bytes = Vec::new();
    file.take(count).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The chunks of `file`; `None` when it is something else.
pub(crate) fn scan(file: &mut File) -> Result<Option<Riff>, Fault> {
    let length = file.seek(SeekFrom::End(0))?;
    let head = bytes_at(file, 0, 40)?;
    if head.starts_with(&W64) {
        return Scan::new(file, length, Kind::W64).run(40).map(Some);
    }
    if head.get(8..12) != Some(b"WAVE") {
        return Ok(None);
    }
    let kind = match &head[..4] {
        b"RIFF" => Kind::Riff,
        b"RF64" | b"BW64" => Kind::Wide,
        _ => return Ok(None),
    };
    let mut scan = Scan::new(file, length, kind);
    scan.riff_size = u32_at(&head, 4).unwrap_or(0);
    scan.run(12).map(Some)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Riff,
    Wide,
    W64,
}

struct Scan<'a> {
    file: &'a mut File,
    length: u64,
    kind: Kind,
    riff_size: u32,
    /// From `ds64`: bytes of everything, of samples, and of other large chunks.
    wide_riff: u64,
    wide_data: Option<u64>,
    wide_others: Vec<([u8; 4], u64)>,
    format: Option<Format>,
    /// Where samples begin, and how many bytes they take.
    data: Option<(u64, u64)>,
    fact: Option<u64>,
    pieces: Vec<Piece>,
}

impl<'a> Scan<'a> {
    fn new(file: &'a mut File, length: u64, kind: Kind) -> Self {
        Self {
            file,
            length,
            kind,
            riff_size: 0,
            wide_riff: 0,
            wide_data: None,
            wide_others: Vec::new(),
            format: None,
            data: None,
            fact: None,
            pieces: Vec::new(),
        }
    }

    fn run(mut self, mut at: u64) -> Result<Riff, Fault> {
        for _ in 0..MOST_CHUNKS {
            let Some((id, body, declared)) = self.head(at)? else { break };
            let there = self.length.saturating_sub(body);
            let mut size = declared.min(there);
            match &id {
                b"fmt " if self.format.is_none() => {
                    let bytes = bytes_at(self.file, body, size.min(64))?;
                    self.format = Some(format(&bytes)?);
                }
                b"ds64" => self.sizes(body, size)?,
                b"fact" => {
                    let bytes = bytes_at(self.file, body, size.min(8))?;
                    self.fact = u32_at(&bytes, 0).map(u64::from);
                }
                b"data" if self.data.is_none() => {
                    let said = self.said(declared, there);
                    self.data = Some((body, said));
                    size = said.min(there);
                }
                _ => self.pieces.push(Piece { id, at: body, size }),
            }
            let end = body + size;
            if end >= self.length {
                break;
            }
            at = self.next(end)?;
        }
        let Some(format) = self.format else { return fault("it has no `fmt ` chunk") };
        let Some((data, data_bytes)) = self.data else { return fault("it has no `data` chunk") };
        Ok(Riff { format, data, data_bytes, fact: self.fact, pieces: self.pieces })
    }

    /// Name, place and declared size of the body of the chunk at `at`; `None` where there is none.
    fn head(&mut self, at: u64) -> IoResult<Option<([u8; 4], u64, u64)>> {
        let size = if self.kind == Kind::W64 { 24 } else { 8 };
        let bytes = bytes_at(self.file, at, size)?;
        let Some(id) = bytes.first_chunk::<4>().copied() else { return Ok(None) };
        if !id.iter().all(|c| (b' '..=b'~').contains(c)) {
            return Ok(None);
        }
        Ok(match self.kind {
            Kind::W64 => u64_at(&bytes, 16).map(|size| (id, at + 24, size.saturating_sub(24))),
            _ => u32_at(&bytes, 4).map(|declared| {
                let wide = self.wide_others.iter().find(|(name, _)| *name == id);
                let size = match wide {
                    Some((_, size)) if declared == ELSEWHERE => *size,
                    _ => u64::from(declared),
                };
                (id, at + 8, size)
            }),
        })
    }

    /// Bytes of samples: what the header says, unless it was written before anybody knew.
    fn said(&self, declared: u64, there: u64) -> u64 {
        if let Some(wide) = self.wide_data.filter(|_| declared == u64::from(ELSEWHERE)) {
            // A recorder that was cut off leaves zeros.
            return if wide == 0 && self.wide_riff == 0 { there } else { wide };
        }
        if self.kind == Kind::W64 {
            // Into a pipe goes none, or the largest number.
            return if declared == 0 || declared >= 1 << 62 { there } else { declared };
        }
        // Programs that write into a pipe put the largest number there, or one near the largest that is signed, or none.
        let near_the_end = |size: u32| size >= 0xffff_0000 || (0x7fff_0000..0x8000_0000).contains(&size);
        let open = self.riff_size == 0 || near_the_end(self.riff_size);
        let endless = u32::try_from(declared).is_ok_and(near_the_end) && declared > there && open;
        let ends_here = u64::from(self.riff_size) + 8 <= self.length.saturating_sub(there);
        let unknown = declared == 0 && (open || ends_here);
        if endless || declared == u64::from(ELSEWHERE) || unknown { there } else { declared }
    }

    /// Where the chunk behind one that ends at `end` begins. Some programs forget the byte behind odd sizes.
    fn next(&mut self, end: u64) -> IoResult<u64> {
        if self.kind == Kind::W64 {
            return Ok(end.next_multiple_of(8));
        }
        if end.is_multiple_of(2) {
            return Ok(end);
        }
        let bytes = bytes_at(self.file, end, 9)?;
        let name = |at: usize| {
            bytes.get(at..at + 4).is_some_and(|id| id.iter().all(|c| c.is_ascii_alphanumeric() || *c == b' '))
        };
        Ok(if bytes.first() != Some(&0) && name(0) && !(name(1) && bytes[0] == b' ') { end } else { end + 1 })
    }

    /// Reads `ds64`.
    fn sizes(&mut self, body: u64, size: u64) -> IoResult<()> {
        let bytes = bytes_at(self.file, body, size.min(28 + 12 * 256))?;
        self.wide_riff = u64_at(&bytes, 0).unwrap_or(0);
        self.wide_data = u64_at(&bytes, 8);
        for entry in bytes.get(28..).unwrap_or(&[]).chunks_exact(12) {
            if let (Some(id), Some(size)) = (entry.first_chunk::<4>(), u64_at(entry, 4)) {
                self.wide_others.push((*id, size));
            }
        }
        Ok(())
    }
}

/// What the body of a `fmt ` chunk says.
fn format(body: &[u8]) -> Result<Format, Fault> {
    let (Some(mut tag), Some(channels), Some(rate_hz), Some(frame)) =
        (u16_at(body, 0), u16_at(body, 2), u32_at(body, 4), u16_at(body, 12))
    else {
        return fault("its `fmt ` chunk is too short");
    };
    let bits = u16_at(body, 14).unwrap_or(0);
    let (mut valid, mut mask) = (bits, None);
    if tag == TAG_EXTENSIBLE {
        if let (Some(said), Some(sub)) = (u16_at(body, 18), u16_at(body, 24)) {
            if body.get(26..40) != Some(&SUB_FORMAT) {
                return fault("its samples are of a kind of their own (an unknown sub-format)");
            }
            tag = sub;
            mask = u32_at(body, 20);
            valid = if said == 0 || said > bits { bits } else { said };
        } else {
            return fault("its `fmt ` chunk is too short for an extensible one");
        }
    }
    let channels = usize::from(channels);
    let size = usize::from(frame).checked_div(channels).unwrap_or(0);
    let even = channels > 0 && size * channels == usize::from(frame);
    let word = match (tag, bits, size) {
        (TAG_PCM, 1..=8, 1) => Some(Word::Unsigned8),
        (TAG_PCM, 1..=64, 1..=8) if usize::from(bits) <= size * 8 => Some(Word::Signed(size)),
        (TAG_FLOAT, 32, 4) => Some(Word::Float32),
        (TAG_FLOAT, 64, 8) => Some(Word::Float64),
        (6, _, 1) => Some(Word::ALaw),
        (7, _, 1) => Some(Word::MuLaw),
        (TAG_PCM | TAG_FLOAT | 6 | 7, ..) => {
            return Err(Fault::Header(format!(
                "samples of {bits} bits in frames of {frame} bytes for {channels} channels make no sense"
            )));
        }
        _ => None,
    };
    if word.is_some() && !even {
        return fault("its frames are not made of whole samples");
    }
    Ok(Format { rate_hz, channels, word, bits: u32::from(valid), mask, tag })
}

/// Goes through the chunks in the body of a LIST.
pub(crate) fn sub_chunks(mut bytes: &[u8], mut each: impl FnMut(&[u8; 4], &[u8])) {
    while let (Some(id), Some(size)) = (bytes.first_chunk::<4>(), u32_at(bytes, 4)) {
        let body = &bytes[8..];
        let size = (size as usize).min(body.len());
        each(id, &body[..size]);
        bytes = body.get(size.next_multiple_of(2)..).unwrap_or(&[]);
    }
}
