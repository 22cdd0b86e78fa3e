//! WAV and its larger kin: RF64 (EBU Tech 3306), BW64 (ITU-R BS.2088) and Sony's W64.
//!
//! This module owns chunks and sizes; what is in the chunks about the programme is in [`text`] and [`points`].

pub(crate) mod points;
pub(crate) mod read;
pub(crate) mod text;
pub(crate) mod write;

/// The tag of a `fmt ` chunk for integers.
const TAG_PCM: u16 = 1;
/// For floating point.
const TAG_FLOAT: u16 = 3;
/// For what has its format further down.
const TAG_EXTENSIBLE: u16 = 0xfffe;

/// What follows the two bytes of a tag in the sub-format of an EXTENSIBLE `fmt ` chunk.
const SUB_FORMAT: [u8; 14] = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71];

/// In the place of sizes that do not fit in 32 bits.
const ELSEWHERE: u32 = u32::MAX;

/// A chunk, whole. Its length as it is declared is even.
fn chunk(id: &[u8; 4], mut body: Vec<u8>) -> Vec<u8> {
    if !body.len().is_multiple_of(2) {
        body.push(0);
    }
    let mut chunk = Vec::with_capacity(8 + body.len());
    chunk.extend_from_slice(id);
    chunk.extend_from_slice(&u32::try_from(body.len()).unwrap_or(ELSEWHERE).to_le_bytes());
    chunk.append(&mut body);
    chunk
}

/// Two bytes of `bytes` at `at`, low byte first.
fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

/// Four bytes of `bytes` at `at`, low byte first.
fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// Eight bytes of `bytes` at `at`, low byte first.
fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}
