//! Filesets, read back.

use crate::discs::{even, example, full, sound};
use crate::reader::{Read, read};
use deadwax_disc::cd_text::Kind;
use deadwax_disc::ddp::{Fileset, fileset};
use deadwax_disc::{Disc, Flags, Problem, Refused, Sectors, TextKind, Texts, cue, latin1};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn files(fileset: &Fileset) -> BTreeMap<String, Vec<u8>> {
    fileset.files().into_iter().map(|(name, bytes)| (name.to_owned(), bytes.to_vec())).collect()
}

/// What a reader should say of a disc.
fn expected(disc: &Disc, left_out: &[Kind]) -> Read {
    let number = |place: Sectors| place.0 + 150;
    let mut read = Read {
        barcode: disc.barcode.map(|code| code.to_string()).unwrap_or_default(),
        master_id: disc.master_id.trim().to_owned(),
        sectors: number(disc.lead_out),
        pause: number(disc.tracks[0].start),
        image: "IMAGE.DAT".into(),
        lead_out: number(disc.lead_out),
        ..Read::default()
    };
    for (track, n) in disc.tracks.iter().zip(1..) {
        let entry = read.tracks.entry(n).or_default();
        entry.isrc = track.isrc.map(|code| code.to_string()).unwrap_or_default();
        let Flags { copy_permitted, pre_emphasis, four_channels, serial_copy } = track.flags;
        let nibble = u8::from(pre_emphasis) | u8::from(copy_permitted) << 1 | u8::from(four_channels) << 3;
        entry.control = format!("{nibble:X}{}", if serial_copy { "S" } else { "1" });
        entry.indexes.insert(1, number(track.start));
        entry.indexes.extend((2..).zip(track.indexes.iter().map(|place| number(*place))));
        match track.gap {
            _ if n == 1 => _ = entry.indexes.insert(0, 0),
            Some(gap) if gap < track.start => _ = entry.indexes.insert(0, number(gap)),
            _ => {}
        }
    }
    read.texts = expected_texts(disc, left_out);
    read
}

/// The kinds that any has, with a string for each; none, if only codes are left.
fn expected_texts(disc: &Disc, left_out: &[Kind]) -> BTreeMap<(u8, usize), Vec<u8>> {
    let of = |texts: &Texts, kind: TextKind| latin1::encode(texts.get(kind)).unwrap_or_default();
    let mut all: Vec<(u8, Vec<Vec<u8>>)> = Vec::new();
    for (kind, number) in TextKind::ALL.into_iter().zip(0x80..) {
        if !left_out.contains(&Kind::Text(kind)) {
            let tracks = disc.tracks.iter().map(|track| of(&track.texts, kind));
            all.push((number, std::iter::once(of(&disc.texts, kind)).chain(tracks).collect()));
        }
    }
    if !left_out.contains(&Kind::Codes) {
        let codes = disc.tracks.iter().map(|track| track.isrc.map(|code| code.to_string()));
        let codes = std::iter::once(disc.barcode.map(|code| code.to_string())).chain(codes);
        all.push((0x8e, codes.map(|code| code.unwrap_or_default().into_bytes()).collect()));
    }
    all.retain(|(_, strings)| strings.iter().any(|text| !text.is_empty()));
    if all.iter().all(|(kind, _)| *kind == 0x8e) {
        all.clear();
    }
    let strings = |(kind, strings): (u8, Vec<Vec<u8>>)| {
        strings.into_iter().enumerate().map(move |(track, text)| ((kind, track), text))
    };
    all.into_iter().flat_map(strings).collect()
}

#[test]
fn every_field_of_a_disc_with_everything_comes_back() {
    let disc = full();
    let fileset = fileset(&disc).unwrap();
    let read = read(&files(&fileset));
    assert_eq!(read, expected(&disc, &[]));
    // And in figures, so that nothing is right only because both sides compute it alike.
    assert_eq!((read.barcode.as_str(), read.pause, read.sectors), ("0036000291452", 900, 3550));
    let controls: Vec<&str> = read.tracks.values().map(|track| track.control.as_str()).collect();
    assert_eq!(controls, ["01", "21", "1S", "91"]);
    assert_eq!(read.tracks[&1].indexes, [(0, 0), (1, 900)].into());
    assert_eq!(read.tracks[&2].indexes, [(0, 1950), (1, 2101), (2, 2250), (3, 2350)].into());
    assert_eq!(read.tracks[&3].indexes, [(1, 2551)].into());
    assert_eq!(read.tracks[&4].indexes, [(0, 3050), (1, 3125), (2, 3424)].into());
    assert_eq!(read.texts[&(0x82, 2)], b"D\xe9 B\xfctant");
    assert_eq!(read.texts[&(0x8e, 2)], b"GBAAA2600002");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn every_field_of_any_disc_comes_back(disc in sound()) {
        let fileset = fileset(&disc).unwrap();
        let read = read(&files(&fileset));
        prop_assert_eq!(&read, &expected(&disc, &fileset.left_out));
        // Where the lead-out is, the image ends.
        prop_assert_eq!(read.lead_out, read.sectors);
        prop_assert_eq!(fileset.sectors.0, read.sectors);
        prop_assert_eq!(read.pause, read.tracks[&1].indexes[&1]);
    }

    #[test]
    fn the_times_of_sheets_are_those_of_the_descriptor(disc in sound()) {
        let read = read(&files(&fileset(&disc).unwrap()));
        let beside = crate::cue_reader::read(&cue::for_ddp(&disc).unwrap());
        let players = crate::cue_reader::read(&cue::for_players(&disc, "disc.wav", cue::Audio::Wave).unwrap());
        for ((number, track), (beside, players)) in read.tracks.iter().zip(beside.tracks.iter().zip(&players.tracks)) {
            prop_assert_eq!(&beside.indexes, &track.indexes);
            let mut later: BTreeMap<u32, u32> = players.indexes.iter().map(|(index, at)| (*index, at + 150)).collect();
            if *number == 1 {
                // To players, nothing is in front of the first track but what is hidden there.
                prop_assert_eq!(later.insert(0, 0).is_some(), disc.tracks[0].start > Sectors(0));
            }
            prop_assert_eq!(&later, &track.indexes);
        }
        prop_assert_eq!((beside.tracks.len(), players.tracks.len()), (read.tracks.len(), read.tracks.len()));
    }
}

/// A record of the public description: texts at their offsets.
fn record(bytes: usize, fields: &[(usize, &str)]) -> Vec<u8> {
    let mut record = vec![b' '; bytes];
    for (at, text) in fields {
        record[*at..at + text.len()].copy_from_slice(text.as_bytes());
    }
    record
}

#[test]
fn the_example_of_the_description_is_written_byte_for_byte() {
    let fileset = fileset(&example()).unwrap();
    assert_eq!(fileset.id, record(128, &[(0, "DDP 2.00"), (8, "0123456789012"), (87, "CD")]));
    // Of CD-TEXT there are two packs of titles, three of codes and three of sizes.
    let map = [
        record(
            128,
            &[(0, "VVVMS0"), (14, "00000144"), (30, "CDTEXT"), (55, "00"), (71, "017"), (74, "CDTEXT.BIN")],
        ),
        record(128, &[(0, "VVVMS0"), (14, "00000448"), (30, "PQ DESCR"), (71, "017"), (74, "PQDESCR")]),
        record(
            128,
            &[
                (0, "VVVMD0"),
                (14, "00001650"),
                (22, "00000000"),
                (38, "DA70"),
                (46, "0150"),
                (71, "017"),
                (74, "IMAGE.DAT"),
            ],
        ),
    ];
    assert_eq!(fileset.map, map.concat());
    let pq = [
        record(64, &[(0, "VVVS0000  00000001"), (32, "0123456789012")]),
        record(64, &[(0, "VVVS0100  00000001  USABC1234567")]),
        record(64, &[(0, "VVVS0101  00020001  USABC1234567")]),
        record(64, &[(0, "VVVS0200  00100001")]),
        record(64, &[(0, "VVVS0201  00120001")]),
        record(64, &[(0, "VVVSAA01  00220001")]),
        record(64, &[(0, "VVVSAA01  00220001")]),
    ];
    assert_eq!(fileset.pq, pq.concat());
}

#[test]
fn another_writers_fileset_of_the_same_disc_says_the_same() {
    // As cue2ddp writes the example: numbers padded with spaces, the ISRC once, other names, no codes in the CD-TEXT.
    let ours = files(&fileset(&example()).unwrap());
    let cd_text = [&ours["CDTEXT.BIN"][..]].concat();
    let length = format!("{:8}", cd_text.len());
    let map = [
        record(
            128,
            &[(0, "VVVMS0"), (14, &length), (30, "CDTEXT"), (55, "00"), (71, " 17"), (74, "CDTEXT.BIN")],
        ),
        record(128, &[(0, "VVVMS0"), (14, "     448"), (30, "PQ DESCR"), (71, " 17"), (74, "SD")]),
        record(
            128,
            &[(0, "VVVMD0"), (14, "    1650"), (38, "DA71"), (46, " 150"), (71, " 17"), (74, "IMAGE.DAT")],
        ),
    ];
    let pq = [
        record(64, &[(0, "VVVS0000  00000001"), (32, "0123456789012")]),
        record(64, &[(0, "VVVS0100  00000001  USABC1234567")]),
        record(64, &[(0, "VVVS0101  00020001")]),
        record(64, &[(0, "VVVS0200  00100001")]),
        record(64, &[(0, "VVVS0201  00120001")]),
        record(64, &[(0, "VVVSAA01  00220001")]),
        record(64, &[(0, "VVVSAA01  00220001")]),
    ];
    let theirs = [
        ("DDPID", record(128, &[(0, "DDP 2.00"), (8, "0123456789012"), (87, "CD")])),
        ("DDPMS", map.concat()),
        ("SD", pq.concat()),
        ("CDTEXT.BIN", cd_text),
    ];
    let theirs = theirs.into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect();
    assert_eq!(read(&theirs), read(&ours));
}

#[test]
fn a_disc_without_texts_has_no_cd_text() {
    let mut disc = even(2, 400);
    disc.barcode = "4006381333931".parse().ok();
    let fileset = fileset(&disc).unwrap();
    let names: Vec<&str> = fileset.files().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["DDPID", "DDPMS", "PQDESCR"]);
    assert_eq!(fileset.map.len(), 2 * 128);
    assert_eq!(read(&files(&fileset)), expected(&disc, &[]));
}

#[test]
fn more_hidden_than_four_digits_can_say_is_no_fileset_but_a_sheet() {
    let mut disc = even(1, 10_000);
    disc.tracks[0].start = Sectors(9_849);
    disc.lead_out = Sectors(20_000);
    assert_eq!(read(&files(&fileset(&disc).unwrap())).pause, 9_999);
    disc.tracks[0].start = Sectors(9_850);
    assert_eq!(fileset(&disc), Err(Refused::Disc(Problem::Hidden(Sectors(9_850)))));
    assert!(cue::for_players(&disc, "disc.wav", cue::Audio::Wave).is_ok());
}
