//! Files that are written: their bytes, and what comes back.

mod common;

use common::{chunks, everything, read_all, spec, steps, write};
use deadwax_audio::{
    Container, Decoder, Encoding, Existing, Metadata, Spec, WriteError, Writer, read_metadata,
};

const WAVS: [Container; 3] = [Container::Wav, Container::Rf64, Container::Bw64];

#[test]
fn every_container_gives_back_every_sample_of_every_encoding() {
    let folder = tempfile::tempdir().unwrap();
    let encodings = [Encoding::Int16, Encoding::Int24, Encoding::Int32, Encoding::Float32, Encoding::Float64];
    for container in [WAVS.as_slice(), &[Container::Aiff, Container::Flac]].concat() {
        for encoding in encodings.into_iter().filter(|encoding| container.holds(*encoding)) {
            for (channels, frames) in [(1, 1_001), (2, 1_000), (6, 333), (1, 0), (2, 1)] {
                if container == Container::Flac && frames == 0 {
                    continue;
                }
                let path = folder.path().join("out");
                let planes = steps(channels, frames);
                let spec = spec(container, channels, encoding);
                let written = write(&path, spec, &planes, &everything());
                let case = format!("{container:?} {encoding:?} {channels} × {frames}");
                assert_eq!((written.frames, written.clipped), (frames as u64, 0), "{case}");
                assert_eq!(read_all(&path).unwrap(), planes, "{case}");
                let info = Decoder::open(&path).unwrap().info().clone();
                assert_eq!(info.frames, Some(frames as u64), "{case}");
                assert_eq!((info.rate_hz, info.bits), (48_000, Some(u32::from(encoding.bits()))), "{case}");
            }
        }
    }
}

#[test]
fn chunks_are_in_order_and_even_and_the_data_is_padded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.wav");
    for (channels, encoding) in [(1, Encoding::Int24), (2, Encoding::Int16), (2, Encoding::Float32)] {
        write(&path, spec(Container::Wav, channels, encoding), &steps(channels, 1_001), &everything());
        let bytes = std::fs::read(&path).unwrap();
        let found = chunks(&bytes);
        let names: Vec<&str> = found.iter().map(|(name, ..)| name.as_str()).collect();
        let fact: &[&str] = if encoding == Encoding::Int16 { &[] } else { &["fact"] };
        let expected = [
            &["JUNK", "fmt "],
            fact,
            &["bext", "iXML", "axml", "JUNK", "data", "LIST", "cue ", "LIST", "id3 "],
        ]
        .concat();
        assert_eq!(names, expected);
        assert_eq!(found[0].2, 28, "the reserve that becomes ds64");
        assert!(found.iter().all(|(name, _, size)| name == "data" || size % 2 == 0), "{found:?}");
        let size = u32::from_le_bytes(bytes[4..8].try_into().unwrap());
        assert_eq!(size as usize + 8, bytes.len());
    }
}

#[test]
fn the_format_chunk_is_the_old_one_only_where_that_says_everything() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.wav");
    // Channels, encoding; tag, mask.
    for (channels, encoding, tag, mask) in [
        (1, Encoding::Int16, 1, None),
        (2, Encoding::Int16, 1, None),
        (1, Encoding::Int24, 0xfffe, Some(0x4)),
        (2, Encoding::Int24, 0xfffe, Some(0x3)),
        (2, Encoding::Float32, 0xfffe, Some(0x3)),
        (6, Encoding::Int16, 0xfffe, Some(0x3f)),
        (8, Encoding::Float64, 0xfffe, Some(0x63f)),
        (7, Encoding::Int24, 0xfffe, Some(0)),
    ] {
        let mut wanted = spec(Container::Wav, channels, encoding);
        write(&path, wanted, &steps(channels, 10), &Metadata::default());
        let bytes = std::fs::read(&path).unwrap();
        let (_, at, size) = chunks(&bytes).into_iter().find(|(name, ..)| name == "fmt ").unwrap();
        let short = |at: usize| u16::from_le_bytes(bytes[at..at + 2].try_into().unwrap());
        assert_eq!(short(at), tag, "{channels} {encoding:?}");
        assert_eq!(size, if mask.is_some() { 40 } else { 16 });
        assert_eq!(short(at + 12) as usize, channels * usize::from(encoding.bits()) / 8);
        if let Some(mask) = mask {
            assert_eq!(u32::from(short(at + 20)), mask, "{channels} {encoding:?}");
            assert_eq!(short(at + 24), if encoding.is_integer() { 1 } else { 3 });
            let (_, fact, _) = chunks(&bytes).into_iter().find(|(name, ..)| name == "fact").unwrap();
            assert_eq!(short(fact), 10);
        }
        // The side channels of a mix stay what they were.
        if channels == 6 {
            wanted.mask = Some(0x60f);
            write(&path, wanted, &steps(6, 10), &Metadata::default());
            assert_eq!(Decoder::open(&path).unwrap().info().mask, Some(0x60f));
        }
    }
}

#[test]
fn bext_has_its_figures_where_the_standard_wants_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.wav");
    write(&path, spec(Container::Wav, 2, Encoding::Int24), &steps(2, 100), &everything());
    let bytes = std::fs::read(&path).unwrap();
    let (_, at, _) = chunks(&bytes).into_iter().find(|(name, ..)| name == "bext").unwrap();
    let bext = &bytes[at..];
    let figure = |at: usize| i16::from_le_bytes([bext[at], bext[at + 1]]);
    assert_eq!(&bext[..6], b"a mix\0");
    assert_eq!(&bext[256..263], b"studio\0");
    assert_eq!(&bext[320..338], b"2026-11-2412:34:56");
    assert_eq!(u64::from_le_bytes(bext[338..346].try_into().unwrap()), 172_800_000);
    assert_eq!(figure(346), 2, "version");
    assert_eq!([412, 414, 416, 418, 420].map(figure), [-1400, 650, -100, -1000, 0x7fff]);
    let history = b"A=ANALOGUE,M=stereo,T=tape\r\nA=PCM,F=48000,W=24,M=stereo,T=deadwax\r\n";
    assert_eq!(&bext[602..602 + history.len()], history);
}

/// The samples of a sparse file are a hole: it takes no room and no time.
#[test]
fn beyond_4_gib_a_wav_file_becomes_rf64_by_itself_and_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.wav");
    let wanted = Spec { rate_hz: 192_000, ..spec(Container::Wav, 2, Encoding::Int24) };
    let frames = 5 * (1_u64 << 30) / 6 + 1;
    let mut writer = Writer::create(&path, wanted, &everything(), Existing::Keep, &[]).unwrap();
    writer.silence(frames).unwrap();
    writer.finish(&everything()).unwrap();
    let mut file = std::fs::File::open(&path).unwrap();
    let mut head = [0; 80];
    std::io::Read::read_exact(&mut file, &mut head).unwrap();
    assert_eq!((&head[..8], &head[8..16]), (&b"RF64\xff\xff\xff\xff"[..], &b"WAVEds64"[..]));
    let long = |at: usize| u64::from_le_bytes(head[at..at + 8].try_into().unwrap());
    assert_eq!(long(20) + 8, file.metadata().unwrap().len());
    assert_eq!((long(28), long(36)), (frames * 6, frames));
    assert_eq!(Decoder::open(&path).unwrap().info().frames, Some(frames));
    let told = read_metadata(&path).unwrap();
    assert_eq!(told.get("TITLE"), Some("Dämmerung"), "what stands behind the samples is found");
}

#[test]
fn metadata_comes_back_from_every_container() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out");
    let said = everything();
    for container in [Container::Wav, Container::Rf64, Container::Flac, Container::Aiff] {
        let written = write(&path, spec(container, 2, Encoding::Int24), &steps(2, 3_000), &said);
        let told = read_metadata(&path).unwrap();
        let sorted = |metadata: &Metadata| {
            let mut tags = metadata.tags.clone();
            tags.sort();
            tags
        };
        assert_eq!(sorted(&told), sorted(&said), "{container:?}");
        assert_eq!(told.pictures, said.pictures, "{container:?}");
        assert_eq!(told.dropped, [""; 0], "{container:?}");
        let expected: &[&str] = match container {
            Container::Flac => &["bext", "iXML", "2 markers"],
            Container::Aiff => &["bext", "iXML", "lengths of markers"],
            _ => &[],
        };
        assert_eq!(written.left_out, expected, "{container:?}");
        if container == Container::Wav {
            assert_eq!(told.markers, said.markers);
            let broadcast = told.broadcast.unwrap();
            assert_eq!(broadcast.reference, "NO1");
            assert_eq!(broadcast.time_reference, 172_800_000);
            assert!(told.ixml.unwrap().contains("<FILE_SAMPLE_RATE>48000<"), "put right");
        }
    }
}

#[test]
fn more_than_was_expected_fits_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out");
    let mut said = everything();
    said.pictures[0].data.resize(300_001, 7);
    said.broadcast.as_mut().unwrap().coding_history = "A=PCM\r\n".repeat(2_000);
    for container in [Container::Wav, Container::Flac, Container::Aiff] {
        let wanted = spec(container, 2, Encoding::Int16);
        let planes = steps(2, 5_000);
        let nothing = Metadata::default();
        let mut writer = Writer::create(&path, wanted, &nothing, Existing::Replace, &[]).unwrap();
        writer.write(&[&planes[0], &planes[1]]).unwrap();
        writer.finish(&said).unwrap();
        assert_eq!(read_all(&path).unwrap(), planes, "{container:?}");
        assert_eq!(read_metadata(&path).unwrap().pictures, said.pictures, "{container:?}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}

#[test]
fn a_cue_sheet_and_application_blocks_live_in_flac() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.flac");
    let mut said = Metadata::default();
    let sheet = "CATALOG 4006381333931\nFILE \"a.wav\" WAVE\n  TRACK 01 AUDIO\n    ISRC DEA012300001\n    INDEX 01 00:00:00\n  TRACK 02 AUDIO\n    INDEX 01 00:02:00\n";
    said.set("CUESHEET", sheet);
    said.blobs.push(deadwax_audio::Blob { id: *b"dwxr", data: b"Recipe()".to_vec() });
    let wanted = Spec { rate_hz: 44_100, ..spec(Container::Flac, 2, Encoding::Int16) };
    write(&path, wanted, &steps(2, 588 * 300), &said);
    let told = read_metadata(&path).unwrap();
    assert_eq!(told.blobs, said.blobs);
    let again = told.get("CUESHEET").unwrap();
    for part in ["4006381333931", "DEA012300001", "INDEX 01 00:02:00"] {
        assert!(again.contains(part), "{again}");
    }
}

#[test]
fn what_a_container_does_not_hold_is_refused_before_anything_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out");
    for (container, channels, encoding, reason) in [
        (Container::Flac, 2, Encoding::Float32, "32 bit float"),
        (Container::Flac, 2, Encoding::Int32, "32 bit"),
        (Container::Flac, 9, Encoding::Int24, "9"),
        (Container::Wav, 33, Encoding::Int24, "33"),
        (Container::Wav, 0, Encoding::Int24, "0"),
        (Container::Mp3, 2, Encoding::Int16, "word length"),
    ] {
        let wanted = spec(container, channels, encoding);
        let refused = Writer::create(&path, wanted, &Metadata::default(), Existing::Keep, &[]).unwrap_err();
        assert!(matches!(refused, WriteError::Format { .. }), "{refused}");
        assert!(refused.to_string().contains(reason), "{refused}");
    }
    let wanted = spec(Container::Flac, 2, Encoding::Int16);
    let empty = Writer::create(&path, wanted, &Metadata::default(), Existing::Keep, &[]).unwrap();
    assert!(matches!(empty.finish(&Metadata::default()), Err(WriteError::Format { .. })));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_mixs_metadata_become_its_masters() {
    let mut metadata = everything();
    metadata.add("REPLAYGAIN_ALBUM_GAIN", "-9 dB");
    metadata.add("ENCODER", "some program");
    metadata.pass_on(2.0, false);
    assert_eq!((metadata.get("REPLAYGAIN_ALBUM_GAIN"), metadata.get("ENCODER")), (None, None));
    assert_eq!((metadata.markers[1].at, metadata.markers[1].length), (4_000, 1_000));
    assert_eq!(metadata.broadcast.as_ref().unwrap().time_reference, 345_600_000);
    assert_eq!(metadata.loudness, None);
    metadata.measured(everything().loudness.unwrap());
    assert_eq!(metadata.get("REPLAYGAIN_TRACK_GAIN"), Some("-4.00 dB"));
    assert_eq!(metadata.get("REPLAYGAIN_TRACK_PEAK"), Some("0.891251"));
    metadata.pass_on(1.0, true);
    assert!(metadata.markers.is_empty() && metadata.dropped.len() == 1);
    metadata.set("title", "");
    assert_eq!(metadata.get("TITLE"), None);
}

#[test]
fn an_mp3_file_tells_what_its_tags_say() {
    let folder = tempfile::tempdir().unwrap();
    let said = everything();
    let path = folder.path().join("out.wav");
    write(&path, spec(Container::Wav, 2, Encoding::Int16), &steps(2, 10), &said);
    let bytes = std::fs::read(&path).unwrap();
    let (_, at, size) = chunks(&bytes).into_iter().find(|(name, ..)| name == "id3 ").unwrap();
    let tag = &bytes[at..at + size as usize];
    let bare = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/chirp.mp3");
    let samples = std::fs::read(bare).unwrap();
    // The old encoder's own tag, if there is one, stands behind ours and is not looked at.
    let path = folder.path().join("tagged.mp3");
    std::fs::write(&path, [tag, &samples].concat()).unwrap();
    let told = read_metadata(&path).unwrap();
    assert_eq!((&told.tags, &told.pictures), (&said.tags, &said.pictures));
    assert_eq!(read_all(&path).unwrap(), read_all(bare.as_ref()).unwrap());
}

#[test]
fn what_was_taken_back_leaves_nothing_in_any_container() {
    let folder = tempfile::tempdir().unwrap();
    for container in [Container::Wav, Container::Flac, Container::Aiff] {
        let wanted = spec(container, 2, Encoding::Int16);
        let (planes, other) = (steps(2, 9_000), steps(4, 20_000));
        let (again, straight) = (folder.path().join("again"), folder.path().join("straight"));
        let mut writer = Writer::create(&again, wanted, &everything(), Existing::Replace, &[]).unwrap();
        for _ in 0..2 {
            writer.write(&[&other[2], &other[3]]).unwrap();
            writer.restart().unwrap();
        }
        writer.write(&[&planes[0], &planes[1]]).unwrap();
        writer.finish(&everything()).unwrap();
        write(&straight, wanted, &planes, &everything());
        assert!(std::fs::read(&again).unwrap() == std::fs::read(&straight).unwrap(), "{container:?}");
        assert_eq!(read_all(&again).unwrap(), planes, "{container:?}");
    }
}
