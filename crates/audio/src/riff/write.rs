//! What stands in front of the samples of a WAV file, and behind them.

use super::{ELSEWHERE, SUB_FORMAT, TAG_EXTENSIBLE, TAG_FLOAT, TAG_PCM, chunk, points, text};
use crate::container::Container;
use crate::metadata::{Metadata, id3};
use crate::write::Spec;

/// Room for `ds64`, with its head.
const DS64: usize = 36;

/// Room beyond what is known before the samples are: a longer title, a number or two.
const SLACK: usize = 1024;

/// The size of the part in front of the samples, for a file that is going to say about what `metadata` says.
pub(crate) fn room(spec: &Spec, metadata: &Metadata) -> usize {
    let known: usize = in_front(spec, metadata).iter().map(Vec::len).sum();
    (12 + DS64 + known + SLACK + 8).next_multiple_of(2)
}

/// The usual mask of so many channels; 0 where none is usual.
pub(crate) fn usual_mask(channels: usize) -> u32 {
    match channels {
        1 => 0x4,
        2 => 0x3,
        3 => 0x7,
        4 => 0x33,
        5 => 0x37,
        6 => 0x3f,
        8 => 0x63f,
        _ => 0,
    }
}

/// The bytes in front of `data_bytes` of samples, exactly `room` of them, and those behind.
pub(crate) fn ends(spec: &Spec, data_bytes: u64, metadata: &Metadata, room: usize) -> (Vec<u8>, Vec<u8>) {
    let mut head = vec![0; 12];
    head.extend_from_slice(&chunk(b"JUNK", vec![0; DS64 - 8]));
    let mut tail = if data_bytes % 2 == 1 { vec![0] } else { Vec::new() };
    for part in in_front(spec, metadata) {
        // What is left in front must take a chunk of its own, or be nothing.
        let left = room.saturating_sub(head.len() + part.len() + 8);
        if head.len() + part.len() + 8 <= room && (left == 0 || left >= 8) {
            head.extend_from_slice(&part);
        } else {
            tail.extend_from_slice(&part);
        }
    }
    let left = room - 8 - head.len();
    if left > 0 {
        head.extend_from_slice(&chunk(b"JUNK", vec![0; left - 8]));
    }
    for part in behind(metadata) {
        tail.extend_from_slice(&part);
    }
    let riff_bytes = room as u64 - 8 + data_bytes + tail.len() as u64;
    let large = riff_bytes >= u64::from(ELSEWHERE);
    let form = match spec.container {
        Container::Bw64 => b"BW64",
        Container::Rf64 => b"RF64",
        _ if large => b"RF64",
        _ => b"RIFF",
    };
    let wide = form != b"RIFF";
    let size = |bytes: u64| u32::try_from(bytes).ok().filter(|_| !wide).unwrap_or(ELSEWHERE).to_le_bytes();
    head.extend_from_slice(b"data");
    head.extend_from_slice(&size(data_bytes));
    head[..4].copy_from_slice(form);
    head[4..8].copy_from_slice(&size(riff_bytes));
    head[8..12].copy_from_slice(b"WAVE");
    if wide {
        head[12..16].copy_from_slice(b"ds64");
        head[20..28].copy_from_slice(&riff_bytes.to_le_bytes());
        head[28..36].copy_from_slice(&data_bytes.to_le_bytes());
        head[36..44].copy_from_slice(&(data_bytes / spec.frame_bytes()).to_le_bytes());
    }
    // `fact` counts frames, too, as far as it can.
    if let Some(at) = head.windows(8).position(|bytes| bytes == b"fact\x04\0\0\0") {
        let frames = u32::try_from(data_bytes / spec.frame_bytes()).unwrap_or(ELSEWHERE);
        head[at + 8..at + 12].copy_from_slice(&frames.to_le_bytes());
    }
    (head, tail)
}

/// The chunks that belong in front of the samples, in order.
fn in_front(spec: &Spec, metadata: &Metadata) -> Vec<Vec<u8>> {
    let extensible = is_extensible(spec);
    let mut parts = vec![format(spec, extensible)];
    if extensible || !spec.encoding.is_integer() {
        parts.push(chunk(b"fact", vec![0; 4]));
    }
    if let Some(bext) = text::bext(spec, metadata) {
        parts.push(chunk(b"bext", bext));
    }
    if let Some(ixml) = &metadata.ixml {
        parts.push(chunk(b"iXML", text::ixml(ixml, spec, metadata).into_bytes()));
    }
    if let Some(isrc) = metadata.get("ISRC") {
        parts.push(chunk(b"axml", text::axml(isrc, metadata.get("TITLE")).into_bytes()));
    }
    for blob in metadata.blobs.iter().filter(|blob| blob.id == *b"dwxr") {
        parts.push(chunk(&blob.id, blob.data.clone()));
    }
    parts
}

/// The chunks that belong behind the samples, in order.
fn behind(metadata: &Metadata) -> Vec<Vec<u8>> {
    let mut parts = Vec::new();
    if let Some(info) = text::info(metadata) {
        parts.push(chunk(b"LIST", info));
    }
    if !metadata.markers.is_empty() {
        parts.push(chunk(b"cue ", points::cue(&metadata.markers)));
        parts.push(chunk(b"LIST", points::adtl(&metadata.markers)));
    }
    let tag = id3::write(metadata);
    if !tag.is_empty() {
        parts.push(chunk(b"id3 ", tag));
    }
    parts
}

/// Up to two channels of up to 16 bits are as they always were; everything else says exactly what it is.
fn is_extensible(spec: &Spec) -> bool {
    spec.channels > 2 || spec.encoding.bits() > 16
}

fn format(spec: &Spec, extensible: bool) -> Vec<u8> {
    let bits = spec.encoding.bits();
    let tag = if spec.encoding.is_integer() { TAG_PCM } else { TAG_FLOAT };
    let mut body = Vec::new();
    body.extend_from_slice(&(if extensible { TAG_EXTENSIBLE } else { tag }).to_le_bytes());
    body.extend_from_slice(&(spec.channels as u16).to_le_bytes());
    body.extend_from_slice(&spec.rate_hz.to_le_bytes());
    let second = u64::from(spec.rate_hz) * spec.frame_bytes();
    body.extend_from_slice(&u32::try_from(second).unwrap_or(ELSEWHERE).to_le_bytes());
    body.extend_from_slice(&(spec.frame_bytes() as u16).to_le_bytes());
    body.extend_from_slice(&bits.to_le_bytes());
    if extensible {
        let mask = spec.mask.filter(|mask| mask.count_ones() as usize <= spec.channels);
        body.extend_from_slice(&22_u16.to_le_bytes());
        body.extend_from_slice(&bits.to_le_bytes());
        body.extend_from_slice(&mask.unwrap_or_else(|| usual_mask(spec.channels)).to_le_bytes());
        body.extend_from_slice(&tag.to_le_bytes());
        body.extend_from_slice(&SUB_FORMAT);
    }
    chunk(b"fmt ", body)
}

/// What of `metadata` a WAV file has no place for.
pub(crate) fn left_out(metadata: &Metadata) -> Vec<String> {
    let blobs = metadata.blobs.iter().filter(|blob| blob.id != *b"dwxr");
    blobs.map(|blob| format!("application block `{}`", String::from_utf8_lossy(&blob.id))).collect()
}
