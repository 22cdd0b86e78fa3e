//! What is where in an AIFF or AIFF-C file.

use super::write::TEXTS;
use crate::metadata::{Marker, Metadata, id3};
use crate::pcm::{Order, Word};
use crate::riff::read::{Fault, MOST_TEXT, Piece, bytes_at};
use std::fs::File;
use std::io::{Result, Seek, SeekFrom};

/// The most chunks that are looked at.
const MOST_CHUNKS: usize = 4096;

/// A file's chunks.
#[derive(Clone, Debug)]
pub(crate) struct Aiff {
    pub(crate) rate_hz: u32,
    pub(crate) channels: usize,
    /// `None` for codecs other than plain samples.
    pub(crate) word: Option<(Word, Order)>,
    pub(crate) bits: u32,
    /// Frames that the file says it has.
    pub(crate) frames: u64,
    /// Where samples begin.
    pub(crate) data: u64,
    pub(crate) pieces: Vec<Piece>,
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// The chunks of `file`; `None` when it is something else.
pub(crate) fn scan(file: &mut File) -> std::result::Result<Option<Aiff>, Fault> {
    let length = file.seek(SeekFrom::End(0))?;
    let head = bytes_at(file, 0, 12)?;
    let kind = match (head.get(..4), head.get(8..12)) {
        (Some(b"FORM"), Some(b"AIFF")) => false,
        (Some(b"FORM"), Some(b"AIFC")) => true,
        _ => return Ok(None),
    };
    let (mut common, mut data, mut pieces, mut at) = (None, None, Vec::new(), 12);
    for _ in 0..MOST_CHUNKS {
        let bytes = bytes_at(file, at, 8)?;
        let (Some(id), Some(size)) = (bytes.first_chunk::<4>(), u32_at(&bytes, 4)) else { break };
        let size = u64::from(size).min(length.saturating_sub(at + 8));
        match id {
            b"COMM" if common.is_none() => common = Some(bytes_at(file, at + 8, size.min(64))?),
            b"SSND" if data.is_none() => {
                let offset = u32_at(&bytes_at(file, at + 8, 8)?, 0).unwrap_or(0);
                data = Some(at + 16 + u64::from(offset));
            }
            _ => pieces.push(Piece { id: *id, at: at + 8, size }),
        }
        at += 8 + size.next_multiple_of(2);
    }
    let header = |reason: &str| Err(Fault::Header(reason.to_owned()));
    let Some(common) = common else { return header("it has no COMM chunk") };
    let (Some(channels), Some(frames), Some(bits), Some(rate)) =
        (u16_at(&common, 0), u32_at(&common, 2), u16_at(&common, 6), common.get(8..18))
    else {
        return header("its COMM chunk is too short");
    };
    let Some(data) = data.or((frames == 0).then_some(length)) else {
        return header("it has no SSND chunk");
    };
    let codec = if kind { common.get(18..22).unwrap_or(b"NONE") } else { b"NONE" };
    Ok(Some(Aiff {
        rate_hz: rate_of(rate),
        channels: usize::from(channels),
        word: word(codec, bits),
        bits: u32::from(bits),
        frames: u64::from(frames),
        data,
        pieces,
    }))
}

/// A rate from a floating point number of 80 bits; 0 for what is none.
fn rate_of(bytes: &[u8]) -> u32 {
    let exponent = i32::from(u16_at(bytes, 0).unwrap_or(0));
    let top = u32_at(bytes, 2).unwrap_or(0);
    match 16_383 + 31 - exponent {
        shift @ 0..=31 => top >> shift,
        _ => 0,
    }
}

fn word(codec: &[u8], bits: u16) -> Option<(Word, Order)> {
    let size = usize::from(bits.div_ceil(8));
    Some(match codec {
        b"NONE" | b"twos" if (1..=4).contains(&size) => (Word::Signed(size), Order::Big),
        b"in24" => (Word::Signed(3), Order::Big),
        b"in32" => (Word::Signed(4), Order::Big),
        b"sowt" if (1..=4).contains(&size) => (Word::Signed(size), Order::Little),
        b"fl32" | b"FL32" => (Word::Float32, Order::Big),
        b"fl64" | b"FL64" => (Word::Float64, Order::Big),
        b"alaw" | b"ALAW" => (Word::ALaw, Order::Big),
        b"ulaw" | b"ULAW" => (Word::MuLaw, Order::Big),
        b"raw " => (Word::Unsigned8, Order::Big),
        _ => return None,
    })
}

/// Reads what the file says about the programme.
pub(crate) fn describe(file: &mut File, aiff: &Aiff, metadata: &mut Metadata) -> Result<()> {
    // The ID3 tag first, which says the same at full length.
    let (tags, others): (Vec<&Piece>, Vec<&Piece>) =
        aiff.pieces.iter().partition(|piece| &piece.id == b"ID3 ");
    for piece in tags.into_iter().chain(others) {
        match &piece.id {
            b"ID3 " => id3::read(&bytes_at(file, piece.at, piece.size.min(MOST_TEXT))?, metadata),
            b"MARK" => {
                let bytes = bytes_at(file, piece.at, piece.size.min(MOST_TEXT))?;
                metadata.markers = marks(&bytes);
            }
            b"FVER" | b"PEAK" | b"CHAN" | b"FLLR" => {}
            id => match TEXTS.iter().find(|(text, _)| *text == id) {
                Some((_, key)) => {
                    let text = id3::latin(&bytes_at(file, piece.at, piece.size.min(MOST_TEXT))?);
                    if metadata.get(key).is_none() {
                        metadata.add(key, &text);
                    }
                }
                None => metadata.dropped.push(format!("chunk `{}`", String::from_utf8_lossy(id))),
            },
        }
    }
    Ok(())
}

fn marks(bytes: &[u8]) -> Vec<Marker> {
    let (mut markers, mut rest) = (Vec::new(), bytes.get(2..).unwrap_or(&[]));
    while let (Some(at), Some(size)) = (u32_at(rest, 2), rest.get(6)) {
        let size = usize::from(*size);
        let label = rest.get(7..7 + size).map(id3::latin).unwrap_or_default();
        markers.push(Marker { at: u64::from(at), length: 0, label });
        rest = rest.get(6 + (1 + size).next_multiple_of(2)..).unwrap_or(&[]);
    }
    markers.sort_by_key(|marker| marker.at);
    markers
}
