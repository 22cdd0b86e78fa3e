//! What the tests of files share.

#![allow(dead_code, reason = "each test file uses a part")]

use deadwax_audio::{Container, Decoder, Encoding, Existing, Metadata, ReadError, Spec, Writer, Written};
use std::path::Path;

/// Every frame of the file, `[channel][frame]`.
pub(crate) fn read_all(path: &Path) -> Result<Vec<Vec<f64>>, ReadError> {
    let mut decoder = Decoder::open(path)?;
    let mut planes = vec![Vec::new(); decoder.info().channels];
    while let Some(block) = decoder.read()? {
        for (plane, block) in planes.iter_mut().zip(block) {
            plane.extend_from_slice(block);
        }
    }
    Ok(planes)
}

/// Numbers that are whole steps of 16 bits, other ones in each channel.
pub(crate) fn steps(channels: usize, frames: usize) -> Vec<Vec<f64>> {
    let sample = |channel: usize, n: usize| {
        f64::from((n * 7_919 + channel * 104_729) as u32 % 65_536) / 32_768.0 - 1.0
    };
    (0..channels).map(|channel| (0..frames).map(|n| sample(channel, n)).collect()).collect()
}

pub(crate) fn spec(container: Container, channels: usize, encoding: Encoding) -> Spec {
    Spec { container, rate_hz: 48_000, channels, encoding, mask: None }
}

/// Writes `planes` in uneven blocks.
pub(crate) fn write(path: &Path, spec: Spec, planes: &[Vec<f64>], metadata: &Metadata) -> Written {
    let mut writer = Writer::create(path, spec, metadata, Existing::Replace, &[]).unwrap();
    let frames = planes.first().map_or(0, Vec::len);
    for from in (0..frames).step_by(997) {
        let to = frames.min(from + 997);
        let block: Vec<&[f64]> = planes.iter().map(|plane| &plane[from..to]).collect();
        writer.write(&block).unwrap();
    }
    writer.finish(metadata).unwrap()
}

/// The chunks of a RIFF file: names, where their bodies begin, and declared sizes. Looks at nothing but the bytes.
pub(crate) fn chunks(bytes: &[u8]) -> Vec<(String, usize, u64)> {
    let (mut found, mut at) = (Vec::new(), 12);
    let wide = &bytes[..4] != b"RIFF";
    while at + 8 <= bytes.len() {
        let name = String::from_utf8_lossy(&bytes[at..at + 4]).into_owned();
        let mut size = u64::from(u32::from_le_bytes(bytes[at + 4..at + 8].try_into().unwrap()));
        if wide && name == "data" {
            size = u64::from_le_bytes(bytes[28..36].try_into().unwrap());
        }
        found.push((name, at + 8, size));
        at += 8 + (size.next_multiple_of(2)) as usize;
    }
    assert_eq!(at, bytes.len(), "chunks end where the file does: {found:?}");
    found
}

pub(crate) fn everything() -> Metadata {
    use deadwax_audio::{Broadcast, Loudness, Marker, Picture};
    let mut metadata = Metadata::default();
    for (key, value) in [
        ("TITLE", "Dämmerung"),
        ("ARTIST", "One"),
        ("ARTIST", "Two"),
        ("ALBUM", "Runout"),
        ("ALBUMARTIST", "Various"),
        ("TRACKNUMBER", "3/12"),
        ("DISCNUMBER", "1/2"),
        ("DATE", "2026-11-24"),
        ("GENRE", "Ambient"),
        ("COMMENT", "cut with care"),
        ("COPYRIGHT", "2026 Nobody"),
        ("ISRC", "DEA012300001"),
        ("BARCODE", "4006381333931"),
        ("COMPOSER", "Someone"),
        ("MY OWN", "kept, too"),
    ] {
        metadata.add(key, value);
    }
    metadata.pictures.push(Picture {
        kind: 3,
        media_type: "image/png".into(),
        description: "cover".into(),
        data: PNG.to_vec(),
    });
    metadata.markers = vec![
        Marker { at: 100, length: 0, label: "verse".into() },
        Marker { at: 2_000, length: 500, label: "chorus".into() },
    ];
    metadata.broadcast = Some(Broadcast {
        description: "a mix".into(),
        originator: "studio".into(),
        reference: "NO1".into(),
        date: "2026-11-24".into(),
        time: "12:34:56".into(),
        time_reference: 172_800_000,
        coding_history: "A=ANALOGUE,M=stereo,T=tape".into(),
    });
    metadata.ixml = Some("<BWFXML><SPEED><FILE_SAMPLE_RATE>44100</FILE_SAMPLE_RATE></SPEED></BWFXML>".into());
    metadata.loudness = Some(Loudness {
        integrated_lufs: Some(-14.0),
        range_lu: Some(6.5),
        true_peak_dbtp: Some(-1.0),
        max_momentary_lufs: Some(-10.0),
        max_short_term_lufs: None,
    });
    metadata
}

/// One white point.
pub(crate) const PNG: [u8; 69] = [
    0x89, b'P', b'N', b'G', 13, 10, 26, 10, 0, 0, 0, 13, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0, 0, 1, 8,
    2, 0, 0, 0, 0x90, 0x77, 0x53, 0xde, 0, 0, 0, 12, b'I', b'D', b'A', b'T', 0x08, 0xd7, 0x63, 0xf8, 0xff,
    0xff, 0x3f, 0, 0x05, 0xfe, 0x02, 0xfe, 0xdc, 0xcc, 0x59, 0xe7, 0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xae,
    0x42, 0x60, 0x82,
];
