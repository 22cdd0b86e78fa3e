//! What stands in front of the samples of an AIFF file, and behind them.

use crate::metadata::{Marker, Metadata, id3};
use crate::write::Spec;

/// Sizes are 32 bit numbers; this much is left for everything else.
pub(crate) const MOST_BYTES: u64 = u32::MAX as u64 - (64 << 20);

/// When AIFF-C was settled, as the format wants it said.
const AIFC_VERSION: u32 = 0xa280_5140;

/// Text chunks, and the tags in them.
pub(super) const TEXTS: [(&[u8; 4], &str); 4] =
    [(b"NAME", "TITLE"), (b"AUTH", "ARTIST"), (b"(c) ", "COPYRIGHT"), (b"ANNO", "COMMENT")];

fn chunk(id: &[u8; 4], mut body: Vec<u8>) -> Vec<u8> {
    let size = body.len() as u32;
    if !body.len().is_multiple_of(2) {
        body.push(0);
    }
    [&id[..], &size.to_be_bytes(), &body].concat()
}

/// Bytes in front of the samples.
pub(crate) fn room(spec: &Spec) -> usize {
    head(spec, 0).len()
}

fn head(spec: &Spec, data_bytes: u64) -> Vec<u8> {
    let frames = data_bytes / spec.frame_bytes();
    let mut common = (spec.channels as u16).to_be_bytes().to_vec();
    common.extend_from_slice(&(frames as u32).to_be_bytes());
    common.extend_from_slice(&spec.encoding.bits().to_be_bytes());
    common.extend_from_slice(&extended(spec.rate_hz));
    let mut head = b"FORM\0\0\0\0".to_vec();
    if spec.encoding.is_integer() {
        head.extend_from_slice(b"AIFF");
    } else {
        head.extend_from_slice(b"AIFC");
        head.extend_from_slice(&chunk(b"FVER", AIFC_VERSION.to_be_bytes().to_vec()));
        let double = spec.encoding.bits() == 64;
        // The name is counted, and even with its count.
        common.extend_from_slice(if double { b"fl64\x0c64-bit float\0" } else { b"fl32\x0c32-bit float\0" });
    }
    head.extend_from_slice(&chunk(b"COMM", common));
    head.extend_from_slice(b"SSND");
    head.extend_from_slice(&(data_bytes as u32 + 8).to_be_bytes());
    head.extend_from_slice(&[0; 8]);
    head
}

/// The bytes in front of `data_bytes` of samples, and those behind.
pub(crate) fn ends(spec: &Spec, data_bytes: u64, metadata: &Metadata) -> (Vec<u8>, Vec<u8>) {
    let mut head = head(spec, data_bytes);
    let mut tail = if data_bytes % 2 == 1 { vec![0] } else { Vec::new() };
    if !metadata.markers.is_empty() {
        tail.extend_from_slice(&chunk(b"MARK", marks(&metadata.markers)));
    }
    for (id, key) in TEXTS {
        // These know ASCII only; everything is in the ID3 tag, too.
        if let Some(text) = metadata.get(key).filter(|text| text.is_ascii()) {
            tail.extend_from_slice(&chunk(id, text.as_bytes().to_vec()));
        }
    }
    let tag = id3::write(metadata);
    if !tag.is_empty() {
        tail.extend_from_slice(&chunk(b"ID3 ", tag));
    }
    let form = head.len() as u64 - 8 + data_bytes + tail.len() as u64;
    head[4..8].copy_from_slice(&(form as u32).to_be_bytes());
    (head, tail)
}

/// A rate as a floating point number of 80 bits.
fn extended(rate_hz: u32) -> [u8; 10] {
    let shift = rate_hz.leading_zeros();
    let exponent = (16_383 + 31 - shift) as u16;
    let mut bytes = [0; 10];
    bytes[..2].copy_from_slice(&exponent.to_be_bytes());
    bytes[2..6].copy_from_slice(&(rate_hz << shift).to_be_bytes());
    bytes
}

/// The body of a `MARK` chunk: points only, a stretch keeps its start.
fn marks(markers: &[Marker]) -> Vec<u8> {
    let markers = &markers[..markers.len().min(32_000)];
    let mut body = (markers.len() as u16).to_be_bytes().to_vec();
    for (number, marker) in markers.iter().enumerate() {
        body.extend_from_slice(&(number as u16 + 1).to_be_bytes());
        body.extend_from_slice(&u32::try_from(marker.at).unwrap_or(u32::MAX).to_be_bytes());
        let mut end = marker.label.len().min(254);
        while !marker.label.is_char_boundary(end) {
            end -= 1;
        }
        let name = &marker.label.as_bytes()[..end];
        body.push(name.len() as u8);
        body.extend_from_slice(name);
        // The length and the name together are even.
        if name.len().is_multiple_of(2) {
            body.push(0);
        }
    }
    body
}

/// What of `metadata` an AIFF file has no place for.
pub(crate) fn left_out(metadata: &Metadata) -> Vec<String> {
    let mut left_out = metadata.of_wav_only();
    if metadata.markers.iter().any(|marker| marker.length > 0) {
        left_out.push("lengths of markers".into());
    }
    let blobs = metadata.blobs.iter();
    left_out.extend(blobs.map(|blob| format!("application block `{}`", String::from_utf8_lossy(&blob.id))));
    left_out
}
