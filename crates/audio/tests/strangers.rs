//! WAV files as other programs write them, well and badly.

mod common;

use common::{read_all, spec, steps, write};
use deadwax_audio::{Container, Decoder, Encoding, Metadata, ReadError, read_metadata};
use proptest::prelude::*;
use std::path::{Path, PathBuf};

/// A `fmt ` chunk of the old kind.
fn fmt(tag: u16, channels: u16, bits: u16, frame: u16) -> Vec<u8> {
    let mut body = Vec::new();
    for part in [tag, channels] {
        body.extend_from_slice(&part.to_le_bytes());
    }
    body.extend_from_slice(&48_000_u32.to_le_bytes());
    body.extend_from_slice(&(48_000 * u32::from(frame)).to_le_bytes());
    for part in [frame, bits] {
        body.extend_from_slice(&part.to_le_bytes());
    }
    body
}

/// A chunk that declares `size`, whatever there is.
fn sized(id: &str, size: u32, body: &[u8]) -> Vec<u8> {
    [id.as_bytes(), &size.to_le_bytes(), body].concat()
}

/// A chunk as it should be.
fn chunk(id: &str, body: &[u8]) -> Vec<u8> {
    let pad: &[u8] = if body.len() % 2 == 1 { &[0] } else { &[] };
    [&sized(id, body.len() as u32, body), pad].concat()
}

fn riff(parts: &[Vec<u8>]) -> Vec<u8> {
    let body = parts.concat();
    [&sized("RIFF", body.len() as u32 + 4, b"WAVE"), &body[..]].concat()
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join("in.wav");
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn read(&self, bytes: &[u8]) -> Result<Vec<Vec<f64>>, ReadError> {
        read_all(&self.file(bytes))
    }
}

/// Four frames of two channels, 16 bit, and what they are.
fn four() -> (Vec<u8>, Vec<Vec<f64>>) {
    let words: [i16; 8] = [0, 100, -200, 300, 16_384, -16_384, 32_767, -32_768];
    let bytes = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    let plane =
        |at: usize| words.iter().skip(at).step_by(2).map(|word| f64::from(*word) / 32_768.0).collect();
    (bytes, vec![plane(0), plane(1)])
}

#[test]
fn chunks_in_any_order_odd_and_unpadded_are_read() {
    let folder = Folder::new();
    let (data, planes) = four();
    let (fmt, data) = (chunk("fmt ", &fmt(1, 2, 16, 4)), chunk("data", &data));
    let odd = chunk("odd ", b"123");
    let unpadded = sized("oddr", 3, b"123");
    for parts in [
        vec![chunk("JUNK", &[0; 28]), fmt.clone(), data.clone()],
        vec![odd.clone(), odd.clone(), fmt.clone(), odd.clone(), data.clone(), odd.clone()],
        vec![unpadded.clone(), fmt.clone(), unpadded.clone(), data.clone()],
        vec![chunk("bext", &[0; 602]), fmt.clone(), chunk("fact", &[9; 4]), data.clone()],
        vec![fmt.clone(), data.clone(), b"LIST\xff\xff\xff".to_vec()],
        vec![fmt.clone(), data.clone(), b"garbage behind the end, of no form".to_vec()],
        vec![fmt.clone(), data.clone(), chunk("fmt ", &[0; 16]), chunk("data", &[1; 16])],
    ] {
        assert_eq!(folder.read(&riff(&parts)).unwrap(), planes);
    }
    // An odd number of bytes of samples, without a byte behind, and tags behind that.
    let mono = chunk("fmt ", &self::fmt(1, 1, 24, 3));
    let info = chunk("LIST", b"INFOINAM\x05\0\0\0Dawn\0\0");
    for data in [sized("data", 3, &[0, 0, 0x40]), chunk("data", &[0, 0, 0x40])] {
        let bytes = riff(&[mono.clone(), data, info.clone()]);
        assert_eq!(folder.read(&bytes).unwrap(), [[0.5]]);
        assert_eq!(read_metadata(&folder.file(&bytes)).unwrap().get("TITLE"), Some("Dawn"));
    }
}

#[test]
fn sizes_that_a_pipe_left_open_mean_the_rest_of_the_file() {
    let folder = Folder::new();
    let (data, planes) = four();
    let fmt = chunk("fmt ", &fmt(1, 2, 16, 4));
    for (whole, size) in [
        (u32::MAX, u32::MAX),
        (0, 0),
        (0x7fff_f024, 0x7fff_f000),
        (u32::MAX, 0),
        (0, u32::MAX),
        // A recorder that never came back to its header.
        (36, 0),
    ] {
        let body = [sized("RIFF", whole, b"WAVE"), fmt.clone(), sized("data", size, &data)].concat();
        assert_eq!(folder.read(&body).unwrap(), planes, "{whole:x} {size:x}");
        // What a pipe cut in the middle of a frame does not count.
        assert_eq!(folder.read(&[&body[..], &[1, 2, 3]].concat()).unwrap(), planes);
    }
    let empty = riff(&[fmt.clone(), sized("data", 0, &[]), chunk("LIST", b"INFO")]);
    assert_eq!(folder.read(&empty).unwrap(), vec![vec![0.0; 0]; 2]);
    // A size that somebody meant, and that is not there, is damage.
    for size in [17, 0x1000_0000, 0xc000_0000] {
        let bytes = [sized("RIFF", size + 36, b"WAVE"), fmt.clone(), sized("data", size, &data)].concat();
        let read = folder.read(&bytes);
        if size == 17 {
            assert_eq!(read.unwrap(), planes, "part of a frame is none");
        } else {
            assert!(matches!(read, Err(ReadError::Truncated { got: 4, .. })), "{size:x}");
        }
    }
}

#[test]
fn rf64_bw64_and_w64_are_read() {
    let folder = Folder::new();
    let (data, planes) = four();
    let fmt = chunk("fmt ", &fmt(1, 2, 16, 4));
    for form in ["RF64", "BW64"] {
        for (sizes, table) in [(16_u64, 0_u32), (16, 1)] {
            let mut ds64 = Vec::new();
            for size in [200, sizes, 4] {
                ds64.extend_from_slice(&size.to_le_bytes());
            }
            ds64.extend_from_slice(&table.to_le_bytes());
            if table == 1 {
                ds64.extend_from_slice(&[&b"big "[..], &6_u64.to_le_bytes()].concat());
            }
            let big = sized("big ", if table == 1 { u32::MAX } else { 6 }, b"abcdef");
            let parts = [
                sized(form, u32::MAX, b"WAVE"),
                chunk("ds64", &ds64),
                big,
                fmt.clone(),
                sized("data", u32::MAX, &data),
                chunk("LIST", b"INFOINAM\x05\0\0\0Dawn\0\0"),
            ];
            let bytes = parts.concat();
            assert_eq!(folder.read(&bytes).unwrap(), planes, "{form} {table}");
            assert_eq!(read_metadata(&folder.file(&bytes)).unwrap().get("TITLE"), Some("Dawn"));
        }
    }
    let tail = [0xf3, 0xac, 0xd3, 0x11, 0x8c, 0xd1, 0x00, 0xc0, 0x4f, 0x8e, 0xdb, 0x8a];
    let piece = |id: &[u8], body: &[u8]| {
        let mut piece = [id, &tail, &(24 + body.len() as u64).to_le_bytes(), body].concat();
        piece.resize(piece.len().next_multiple_of(8), 0);
        piece
    };
    let mut w64 = b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\0\0".to_vec();
    w64.extend_from_slice(&200_u64.to_le_bytes());
    w64.extend_from_slice(&[&b"wave"[..], &tail].concat());
    w64.extend_from_slice(&piece(b"junk", b"12345"));
    w64.extend_from_slice(&piece(b"fmt ", &self::fmt(1, 2, 16, 4)));
    w64.extend_from_slice(&piece(b"data", &data));
    assert_eq!(folder.read(&w64).unwrap(), planes);
    // Into a pipe.
    let at = w64.len() - 16 - 8;
    for size in [0, u64::MAX >> 1, u64::MAX] {
        w64[at..at + 8].copy_from_slice(&size.to_le_bytes());
        assert_eq!(folder.read(&w64).unwrap(), planes, "{size:x}");
    }
}

#[test]
fn every_width_and_kind_of_sample_is_read() {
    let folder = Folder::new();
    let half = |tag, bits, frame, bytes: &[u8]| {
        riff(&[chunk("fmt ", &fmt(tag, 1, bits, frame)), chunk("data", bytes)])
    };
    for (tag, bits, bytes) in [
        (1, 8, &[192_u8][..]),
        (1, 12, &[0, 0x40]),
        (1, 16, &[0, 0x40]),
        (1, 20, &[0, 0, 0x40]),
        (1, 24, &[0, 0, 0x40]),
        (1, 24, &[0, 0, 0, 0x40]),
        (1, 32, &[0, 0, 0, 0x40]),
        (1, 64, &[0, 0, 0, 0, 0, 0, 0, 0x40]),
        (3, 32, &0.5_f32.to_le_bytes()),
        (3, 64, &0.5_f64.to_le_bytes()),
    ] {
        let read = folder.read(&half(tag, bits, bytes.len() as u16, bytes));
        assert_eq!(read.unwrap(), [[0.5]], "{tag} {bits} in {} bytes", bytes.len());
    }
    assert_eq!(folder.read(&half(6, 8, 1, &[0xaa])).unwrap(), [[32_256.0 / 32_768.0]]);
    assert_eq!(folder.read(&half(7, 8, 1, &[0x80])).unwrap(), [[32_124.0 / 32_768.0]]);
    // EXTENSIBLE: 20 bits in a word of 24, and loudspeakers.
    let mut body = fmt(0xfffe, 1, 24, 3);
    body.extend_from_slice(&[
        22, 0, 20, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71,
    ]);
    let bytes = riff(&[chunk("fmt ", &body), chunk("data", &[0, 0, 0x40])]);
    let decoder = Decoder::open(&folder.file(&bytes)).unwrap();
    assert_eq!((decoder.info().bits, decoder.info().mask), (Some(20), Some(4)));
    assert_eq!(folder.read(&bytes).unwrap(), [[0.5]]);
}

#[test]
fn headers_that_make_no_sense_say_what_is_wrong() {
    let folder = Folder::new();
    let data = chunk("data", &[0; 64]);
    for (parts, reason) in [
        (vec![data.clone()], "fmt"),
        (vec![chunk("fmt ", &fmt(1, 2, 16, 4))], "data"),
        (vec![chunk("fmt ", &[1, 0, 2]), data.clone()], "too short"),
        (vec![chunk("fmt ", &fmt(1, 0, 16, 4)), data.clone()], "0 channels"),
        (vec![chunk("fmt ", &fmt(1, 2, 16, 0)), data.clone()], "no sense"),
        (vec![chunk("fmt ", &fmt(1, 3, 16, 7)), data.clone()], "whole samples"),
        (vec![chunk("fmt ", &fmt(1, 1, 32, 2)), data.clone()], "no sense"),
        (vec![chunk("fmt ", &fmt(3, 1, 16, 2)), data.clone()], "no sense"),
        (vec![chunk("fmt ", &fmt(1, 64, 16, 128)), data.clone()], "64 channels"),
        (vec![chunk("fmt ", &fmt(0xfffe, 1, 16, 2)), data.clone()], "extensible"),
    ] {
        let error = folder.read(&riff(&parts)).unwrap_err();
        assert!(matches!(error, ReadError::Header { .. }), "{error}");
        assert!(error.to_string().contains(reason), "`{reason}` is not in: {error}");
    }
    for bytes in [&b"RIFF"[..], b"RIFF\0\0\0\0WAVE", b"RF64\xff\xff\xff\xffWAVEds64", b"FORM\0\0\0\0AIFF"] {
        assert!(folder.read(bytes).is_err());
    }
}

#[test]
fn chunks_that_nobody_knows_are_told() {
    let folder = Folder::new();
    let (data, _) = four();
    let bytes = riff(&[
        chunk("fmt ", &fmt(1, 2, 16, 4)),
        chunk("data", &data),
        chunk("smpl", &[0; 36]),
        chunk("LIST", b"INFOISRC\x04\0\0\0a CDISFT\x06\0\0\0Studio"),
    ]);
    let told = read_metadata(&folder.file(&bytes)).unwrap();
    assert_eq!(told.dropped, ["chunk `smpl`", "INFO ISRC: a CD"], "an INFO ISRC is a source, no code");
    assert_eq!(told.get("ENCODER"), Some("Studio"));
}

/// A file of some kind with everything in it.
fn whole(folder: &Path, which: usize) -> (PathBuf, Vec<u8>) {
    let (name, container, encoding) = [
        ("a.wav", Container::Wav, Encoding::Int24),
        ("b.wav", Container::Rf64, Encoding::Float64),
        ("c.flac", Container::Flac, Encoding::Int16),
        ("d.aiff", Container::Aiff, Encoding::Int16),
        ("e.aiff", Container::Aiff, Encoding::Float32),
    ][which];
    let path = folder.join(name);
    write(&path, spec(container, 2, encoding), &steps(2, 500), &common::everything());
    let bytes = std::fs::read(&path).unwrap();
    (path, bytes)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any damage to a header ends in an error or in audio, and in bounded memory.
    #[test]
    fn no_damage_makes_the_reader_panic_or_grow(
        which in 0_usize..5,
        at in prop::collection::vec((0.0_f64..1.0, prop_oneof![any::<u8>(), Just(0xff), Just(0)]), 1..16),
        head in any::<bool>(),
        cut in prop_oneof![Just(1.0_f64), 0.0_f64..1.0],
    ) {
        let folder = tempfile::tempdir().unwrap();
        let (path, mut bytes) = whole(folder.path(), which);
        let reach = if head { 120 } else { bytes.len() };
        for (place, value) in at {
            bytes[(place * reach as f64) as usize] = value;
        }
        bytes.truncate((cut * bytes.len() as f64) as usize);
        std::fs::write(&path, &bytes).unwrap();
        if let Ok(planes) = read_all(&path) {
            prop_assert!(planes.iter().map(Vec::len).sum::<usize>() <= 8 * bytes.len());
        }
        if let Ok(told) = read_metadata(&path) {
            let size: usize = told.tags.iter().map(|(key, value)| key.len() + value.len()).sum();
            let pictures: usize = told.pictures.iter().map(|picture| picture.data.len()).sum();
            prop_assert!(size + pictures <= 16 * bytes.len());
            // What was read can be written.
            let again = folder.path().join("again.wav");
            write(&again, spec(Container::Wav, 2, Encoding::Int16), &steps(2, 10), &told);
            prop_assert!(read_all(&again).is_ok());
            let again = folder.path().join("again.flac");
            write(&again, spec(Container::Flac, 2, Encoding::Int16), &steps(2, 10), &told);
            let read = read_all(&again);
            prop_assert!(read.is_ok(), "{:?} of {:?}", read.err(), told.pictures);
        }
    }
}

#[test]
fn a_decoder_is_told_the_frames_of_adpcm_by_fact() {
    // Nothing but the header matters here: symphonia decodes the blocks.
    let mut body = fmt(0x11, 1, 4, 256);
    body.extend_from_slice(&[2, 0, 0xf9, 1]);
    let bytes =
        riff(&[chunk("fmt ", &body), chunk("fact", &400_u32.to_le_bytes()), chunk("data", &[0; 256])]);
    let folder = Folder::new();
    let planes = folder.read(&bytes).unwrap();
    assert_eq!(planes[0].len(), 400, "505 frames are in the block");
}

#[test]
fn a_written_file_with_no_word_about_it_has_no_word_about_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plain.wav");
    write(&path, spec(Container::Wav, 2, Encoding::Int16), &steps(2, 10), &Metadata::default());
    assert_eq!(read_metadata(&path).unwrap(), Metadata::default());
}
