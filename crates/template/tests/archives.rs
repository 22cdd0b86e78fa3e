//! Archives, right ones and those made to hurt: each ends in a package or in an error that says what is wrong.

mod zip;

use deadwax_template::{ArchiveError, Package, PackageError, limits, path::PathError};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::process::Command;
use zip::{Entry, GRAPH, blocks, end, with};

/// What is wrong with an archive, where it is the archive itself.
fn wrong(bytes: &[u8]) -> ArchiveError {
    match Package::from_archive(bytes) {
        Err(PackageError::Archive(error)) => error,
        other => panic!("{other:?}"),
    }
}

/// What is wrong with a path.
fn wrong_path(name: &str) -> PathError {
    match Package::from_archive(&with(Entry::stored(name, b"text"))) {
        Err(PackageError::Path { cause, .. }) => cause,
        other => panic!("{name:?}: {other:?}"),
    }
}

fn text() -> Entry {
    Entry::stored("README.md", b"warm\n")
}

fn name() -> String {
    "README.md".into()
}

fn graph() -> Entry {
    Entry::stored("graph.ron", GRAPH.as_bytes())
}

fn good() -> Package {
    let files: BTreeMap<String, Vec<u8>> = [
        ("graph.ron", GRAPH.as_bytes().to_vec()),
        ("LICENSE", "free, as in air\n".repeat(50).into_bytes()),
        ("README.md", b"warm\n".to_vec()),
        ("assets/Räume/hall.flac", [&b"fLaC"[..], &[7; 400]].concat()),
    ]
    .map(|(path, bytes)| (path.to_owned(), bytes))
    .into();
    Package::new(files).unwrap()
}

#[test]
fn what_is_packed_is_read_again_and_packs_to_the_same_bytes() {
    let package = good();
    let archive = package.archive();
    let again = Package::from_archive(&archive).unwrap();
    assert_eq!(again, package);
    assert_eq!(again.content_hash(), package.content_hash());
    assert_eq!(again.archive(), archive);
    assert_eq!(again.file("README.md"), Some(&b"warm\n"[..]));
    assert_eq!(again.about().name, "tape-warm");
}

#[test]
fn the_bytes_of_an_archive_are_these_on_every_machine() {
    // In order, no times, the mode of a plain file; a short text is not made longer by packing it.
    let files =
        [("graph.ron", GRAPH), ("LICENSE", "free\n")].map(|(path, text)| (path.to_owned(), text.into()));
    let mut expected = zip::zip(&[Entry::stored("LICENSE", b"free\n"), {
        let archive = Package::new(files.clone().into()).unwrap().archive();
        // Deflate is another's: its bytes are taken as they are, and are right, as the other tests show.
        let start = 30 + 7 + 5 + 30 + 9;
        let packed = u32::from_le_bytes(archive[42 + 18..42 + 22].try_into().unwrap()) as usize;
        Entry::deflated("graph.ron", GRAPH.as_bytes(), archive[start..start + packed].to_vec())
    }]);
    assert_eq!(Package::new(files.into()).unwrap().archive(), expected);
    expected.push(0);
    assert!(Package::from_archive(&expected).is_err());
}

#[test]
fn flac_is_stored_and_text_is_deflated() {
    let archive = good().archive();
    let method_of = |name: &str| {
        let at = archive.windows(name.len()).position(|window| window == name.as_bytes()).unwrap();
        u16::from_le_bytes(archive[at - 22..at - 20].try_into().unwrap())
    };
    assert_eq!(method_of("assets/Räume/hall.flac"), 0);
    assert_eq!(method_of("LICENSE"), 8);
    assert!(archive.len() < 400 + 700 + GRAPH.len(), "{}", archive.len());
}

#[test]
fn archives_of_other_programs_open() {
    // Sizes in the record itself, times, mode bits or none, an effort bit, folders, extra fields of times and users.
    let times = [b"UT\x05\0\x03abcd", &b"ux\x0b\0\x01\x04aaaa\x04bbbb"[..]].concat();
    let folder = Entry { attributes: 0o040_755 << 16 | 0x10, ..Entry::stored("parts/", b"") };
    let entries = [
        folder,
        Entry { flags: 0b10, ..Entry::deflated("graph.ron", GRAPH.as_bytes(), blocks(GRAPH.as_bytes())) },
        Entry { time: 0x6000, extra: times.clone(), local_extra: times, attributes: 0, ..text() },
    ];
    let package = Package::from_archive(&zip::zip(&entries)).unwrap();
    assert_eq!(package.paths().collect::<Vec<_>>(), ["README.md", "graph.ron"]);
}

#[test]
fn info_zip_and_this_program_read_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let run = |program: &str, arguments: &[&str]| {
        Command::new(program).args(arguments).current_dir(folder.path()).output().ok()
    };
    if run("zip", &["-v"]).is_none() || run("unzip", &["-v"]).is_none() {
        return;
    }
    std::fs::create_dir(folder.path().join("parts")).unwrap();
    std::fs::write(folder.path().join("graph.ron"), GRAPH).unwrap();
    std::fs::write(folder.path().join("parts/a.ron"), GRAPH.repeat(20)).unwrap();
    for arguments in [&["-X", "-r"][..], &["-r"], &["-X", "-D", "-9", "-r"], &["-0", "-r"]] {
        let _ = std::fs::remove_file(folder.path().join("x.dwx"));
        let whole = [arguments, &["x.dwx", "graph.ron", "parts"]].concat();
        assert!(run("zip", &whole).unwrap().status.success());
        let package = Package::read(&folder.path().join("x.dwx")).unwrap();
        assert_eq!(package.paths().collect::<Vec<_>>(), ["graph.ron", "parts/a.ron"], "{arguments:?}");
    }
    std::fs::write(folder.path().join("ours.dwx"), good().archive()).unwrap();
    let told = run("unzip", &["-t", "ours.dwx"]).unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stdout));
}

#[test]
fn a_bomb_is_refused_by_what_it_says_and_by_what_it_holds() {
    // It says that it is large.
    let large = limits::BYTES as u32;
    let bomb = Entry { unpacked_bytes: large, ..Entry::deflated("a.txt", b"", vec![0; 40_000]) };
    let bytes = u64::from(large) + GRAPH.len() as u64;
    assert_eq!(wrong(&with(bomb)), ArchiveError::TooManyBytes { bytes });
    // Many that are small enough each.
    let each = Entry { unpacked_bytes: large / 4, ..Entry::deflated("", b"", vec![0; 8000]) };
    let many: Vec<Entry> =
        (0..5).map(|n| Entry { name: format!("{n}.txt").into_bytes(), ..each.clone() }).collect();
    assert_eq!(wrong(&zip::zip(&many)), ArchiveError::TooManyBytes { bytes: 5 * u64::from(large / 4) });
    // It says that it is small, and is not.
    let bomb = Entry { unpacked_bytes: 10, ..Entry::deflated("a.txt", b"", blocks(&[b'x'; 100_000])) };
    assert_eq!(wrong(&with(bomb)), ArchiveError::Size { name: "a.txt".into() });
    // It says more than Deflate could make of its bytes.
    let bomb = Entry { unpacked_bytes: 1_000_000, ..Entry::deflated("a.txt", b"", blocks(b"x")) };
    assert_eq!(wrong(&with(bomb)), ArchiveError::Size { name: "a.txt".into() });
}

#[test]
fn sizes_that_lie_are_found() {
    let one = b"warm\n";
    let stored = Entry { unpacked_bytes: 6, ..text() };
    assert_eq!(wrong(&with(stored)), ArchiveError::Size { name: name() });
    let shorter = Entry { unpacked_bytes: 4, ..Entry::deflated("README.md", one, blocks(one)) };
    assert_eq!(wrong(&with(shorter)), ArchiveError::Size { name: name() });
    let longer = Entry { unpacked_bytes: 6, ..Entry::deflated("README.md", one, blocks(one)) };
    assert_eq!(wrong(&with(longer)), ArchiveError::Size { name: name() });
    let behind = Entry::deflated("README.md", one, [blocks(one), b"more".to_vec()].concat());
    assert_eq!(wrong(&with(behind)), ArchiveError::Size { name: name() });
    // The packed size reaches into the directory, or beyond the file.
    let reaching = Entry { packed_bytes: 9, unpacked_bytes: 9, ..text() };
    assert_eq!(wrong(&with(reaching)), ArchiveError::BeyondDirectory { name: name() });
    let beyond = Entry { packed_bytes: 1 << 20, unpacked_bytes: 1 << 20, ..text() };
    assert_eq!(wrong(&with(beyond)), ArchiveError::BeyondDirectory { name: name() });
}

#[test]
fn damage_is_found() {
    let flipped = Entry { packed: b"wurm\n".to_vec(), ..text() };
    assert_eq!(wrong(&with(flipped)), ArchiveError::CheckSum { name: name() });
    let mut packed = blocks(b"warm\n");
    packed[0] = 0b111;
    let garbled = Entry::deflated("README.md", b"warm\n", packed);
    assert_eq!(wrong(&with(garbled)), ArchiveError::Damaged { name: name() });
    let mut packed = blocks(b"warm\n");
    packed.truncate(8);
    let cut = Entry::deflated("README.md", b"warm\n", packed);
    assert_eq!(wrong(&with(cut)), ArchiveError::Damaged { name: name() });
}

#[test]
fn paths_lead_nowhere_else() {
    for dots in ["../a.ron", "parts/../../a.ron", "parts/./a.ron", ".."] {
        assert_eq!(wrong_path(dots), PathError::Dots, "{dots}");
    }
    assert_eq!(wrong_path("/etc/a.ron"), PathError::Absolute);
    assert_eq!(wrong_path("C:/a.ron"), PathError::Character(':'));
    assert_eq!(wrong_path("..\\a.ron"), PathError::Character('\\'));
    assert_eq!(wrong_path("a\0.ron"), PathError::Character('\0'));
    assert_eq!(wrong_path("a\u{1b}[2J.ron"), PathError::Character('\u{1b}'));
    assert_eq!(wrong_path("nul.ron"), PathError::Device("nul".into()));
    assert_eq!(wrong_path("e\u{301}.ron"), PathError::NotNormal);
    assert_eq!(wrong_path(".profile"), PathError::Hidden);
    assert_eq!(wrong_path(""), PathError::Empty);
    assert_eq!(wrong_path(&format!("{}a.ron", "d/".repeat(60))), PathError::TooDeep);
    assert_eq!(wrong_path(&format!("{}.ron", "x".repeat(60_000))), PathError::TooLong);
}

#[test]
fn a_folder_has_a_plain_path_too_and_is_nothing_but_a_folder() {
    let folder = |name: &str| Entry { attributes: 0o040_755 << 16, ..Entry::stored(name, b"") };
    let cause = match Package::from_archive(&with(folder("../up/"))) {
        Err(PackageError::Path { cause, .. }) => cause,
        other => panic!("{other:?}"),
    };
    assert_eq!(cause, PathError::Dots);
    let full = Entry { attributes: 0, ..Entry::stored("parts/", b"full") };
    assert_eq!(wrong(&with(full)), ArchiveError::NotPlain { name: "parts/".into() });
    assert_eq!(wrong(&with(folder("README.md"))), ArchiveError::NotPlain { name: name() });
    let file = Entry { attributes: 0o100_644 << 16, ..Entry::stored("parts/", b"") };
    assert_eq!(wrong(&with(file)), ArchiveError::NotPlain { name: "parts/".into() });
}

#[test]
fn links_and_devices_are_refused() {
    for attributes in [0o120_777 << 16, 0x400] {
        let link = Entry { attributes, ..text() };
        assert_eq!(wrong(&with(link)), ArchiveError::Link { name: name() });
    }
    for kind in [0o010_644_u32, 0o020_644, 0o060_644, 0o140_644] {
        let device = Entry { attributes: kind << 16, ..text() };
        assert_eq!(wrong(&with(device)), ArchiveError::NotPlain { name: name() });
    }
}

#[test]
fn a_name_stands_once_whatever_its_capitals() {
    assert_eq!(wrong(&zip::zip(&[graph(), text(), text()])), ArchiveError::Duplicate { name: name() });
    for (first, second) in [
        ("a/Tape.ron", "a/tape.ron"),
        ("A/x.ron", "a/y.ron"),
        ("strasse.md", "STRAßE.md"),
        ("x.ron", "x.ron/y.ron"),
        ("X.ron", "x.ron/y.ron"),
    ] {
        for [first, second] in [[first, second], [second, first]] {
            let entries = [graph(), Entry::stored(first, b"one"), Entry::stored(second, b"two")];
            let told = Package::from_archive(&zip::zip(&entries));
            assert!(matches!(told, Err(PackageError::Clash { .. })), "{first} {second}: {told:?}");
        }
    }
}

#[test]
fn a_name_is_the_same_in_both_places_and_is_text() {
    let other = Entry { local_name: Some(b"READYOU.md".to_vec()), ..text() };
    assert_eq!(wrong(&with(other)), ArchiveError::Differs { name: name() });
    let same_length = Entry { local_name: Some(b"WRITE.txt".to_vec()), ..text() };
    assert_eq!(wrong(&with(same_length)), ArchiveError::Differs { name: name() });
    let latin = Entry { name: b"R\xe4ume.md".to_vec(), flags: 1 << 11, ..text() };
    assert_eq!(wrong(&with(latin)), ArchiveError::NameNotText { name: "R\u{fffd}ume.md".into() });
    let unsaid = Entry { flags: 0, ..Entry::stored("Räume.md", b"") };
    assert_eq!(wrong(&with(unsaid)), ArchiveError::NameNotText { name: "Räume.md".into() });
}

#[test]
fn every_field_is_the_same_in_both_places() {
    let lies: [fn(&mut Entry); 7] = [
        |e| e.needs = 20,
        |e| e.flags = 2,
        |e| e.method = 8,
        |e| e.time = 1,
        |e| e.crc ^= 1,
        |e| e.packed_bytes -= 1,
        |e| e.unpacked_bytes += 1,
    ];
    for (number, local) in lies.into_iter().enumerate() {
        let lie = Entry { local, ..text() };
        assert_eq!(wrong(&with(lie)), ArchiveError::Differs { name: name() }, "field {number}");
    }
}

#[test]
fn entries_lie_one_behind_the_other_and_nothing_lies_between() {
    let gap = Entry { before: b"quiet".to_vec(), ..text() };
    let at = 30 + 9 + GRAPH.len() + 5;
    assert_eq!(wrong(&with(gap)), ArchiveError::Gap { at, bytes: 5 });
    let first = Entry { before: b"#!/bin/sh\n".to_vec(), ..graph() };
    assert_eq!(wrong(&zip::zip(&[first])), ArchiveError::Gap { at: 10, bytes: 10 });
    // Bytes in front that no offset counts.
    let leading = [b"#!/bin/sh\n".to_vec(), with(text())].concat();
    assert!(matches!(wrong(&leading), ArchiveError::Gap { bytes: 10, .. }), "{:?}", wrong(&leading));
    // Bytes before the directory.
    let whole = with(text());
    let directory = whole.len() - 22 - 2 * (46 + 9);
    let mut between = whole[..directory].to_vec();
    between.extend(b"hidden");
    between.extend(&whole[directory..whole.len() - 22]);
    between.extend(end(2, 2 * (46 + 9), directory as u32 + 6));
    assert_eq!(wrong(&between), ArchiveError::Gap { at: directory + 6, bytes: 6 });
    // And behind it.
    let mut behind = whole[..whole.len() - 22].to_vec();
    behind.extend(b"hidden");
    behind.extend(end(2, 2 * (46 + 9), directory as u32));
    assert!(matches!(wrong(&behind), ArchiveError::Gap { bytes: 6, .. }));
}

#[test]
fn two_entries_share_no_bytes() {
    let twice = Entry { offset: Some(0), ..Entry::stored("second.ron", GRAPH.as_bytes()) };
    assert_eq!(wrong(&with(twice)), ArchiveError::Overlap { name: "second.ron".into() });
    // A bomb by quoting: the first entry holds the second as a block of its own, and both end in the same bytes.
    let inner = Entry::deflated("b.txt", b"", blocks(b"kernel"));
    let quoted = zip::zip(std::slice::from_ref(&inner));
    let local = &quoted[..30 + 5 + inner.packed.len()];
    let mut packed = vec![0];
    packed.extend((30 + 5_u16).to_le_bytes());
    packed.extend((!(30 + 5_u16)).to_le_bytes());
    let offset = (30 + 9 + GRAPH.len() + 30 + 5 + packed.len()) as u32;
    packed.extend(local);
    let bytes = [&local[..35], b"kernel"].concat();
    let outer = Entry::deflated("a.txt", &bytes, packed);
    let second = Entry { offset: Some(offset), packed: Vec::new(), ..inner };
    // The second has its record inside the first only: what stands behind the first is cut away.
    let mut bomb = zip::zip(&[graph(), outer, second]);
    let behind = 30 + 9 + GRAPH.len() + 30 + 5 + (5 + local.len());
    let tail = bomb.split_off(behind)[35..].to_vec();
    bomb.extend(&tail[..tail.len() - 22]);
    bomb.extend(end(3, (tail.len() - 22) as u32, behind as u32));
    assert_eq!(wrong(&bomb), ArchiveError::Overlap { name: "b.txt".into() });
}

#[test]
fn an_offset_leads_to_an_entry() {
    let aside = Entry { offset: Some(1), ..graph() };
    assert_eq!(wrong(&zip::zip(&[aside])), ArchiveError::Gap { at: 1, bytes: 1 });
    let mut broken = zip::zip(&[graph()]);
    broken[0] = b'Q';
    assert_eq!(wrong(&broken), ArchiveError::NoEntry { name: "graph.ron".into() });
    let beyond = Entry { offset: Some(1 << 30), ..graph() };
    assert!(matches!(wrong(&zip::zip(&[beyond])), ArchiveError::Gap { .. }));
}

#[test]
fn an_archive_begins_and_ends_where_the_file_does() {
    let whole = with(text());
    for cut in 22..whole.len() {
        let told = wrong(&whole[..cut]);
        assert!(matches!(told, ArchiveError::Truncated), "{cut}: {told:?}");
    }
    for cut in 0..22 {
        assert_eq!(wrong(&whole[..cut]), ArchiveError::NoArchive, "{cut}");
    }
    let trailing = [whole.clone(), vec![0; 3]].concat();
    assert_eq!(wrong(&trailing), ArchiveError::Trailing { bytes: 3 });
    let mut comment = [whole.clone(), b"hi".to_vec()].concat();
    let at = comment.len() - 4;
    comment[at] = 2;
    assert_eq!(wrong(&comment), ArchiveError::Trailing { bytes: 2 });
    let mut promised = whole.clone();
    promised[whole.len() - 2] = 9;
    assert_eq!(wrong(&promised), ArchiveError::Truncated);
    assert_eq!(wrong(b"no archive at all, but some text"), ArchiveError::NoArchive);
}

#[test]
fn the_directory_is_what_its_end_says() {
    let whole = with(text());
    let (start, bytes) = (whole.len() - 22 - 110, 110);
    let ended = |entries: u16, bytes: u32, offset: u32| {
        [&whole[..whole.len() - 22], &end(entries, bytes, offset)].concat()
    };
    assert_eq!(ended(2, bytes, start as u32), whole);
    assert_eq!(wrong(&ended(1, bytes, start as u32)), ArchiveError::Directory);
    assert_eq!(wrong(&ended(3, bytes, start as u32)), ArchiveError::Directory);
    assert_eq!(wrong(&ended(2, bytes + 1, start as u32)), ArchiveError::Directory);
    assert_eq!(wrong(&ended(2, bytes, 0xffff_fff0)), ArchiveError::Directory);
    let mut parts = whole.clone();
    parts[whole.len() - 18] = 1;
    assert_eq!(wrong(&parts), ArchiveError::Parts);
    let other_disk = Entry { disk: 1, ..text() };
    assert_eq!(wrong(&with(other_disk)), ArchiveError::Parts);
}

#[test]
fn what_no_template_needs_is_refused() {
    let refused = |entry: Entry| wrong(&with(entry));
    for bit in [0, 6, 13] {
        assert_eq!(refused(Entry { flags: 1 << bit, ..text() }), ArchiveError::Encrypted { name: name() });
    }
    assert_eq!(refused(Entry { flags: 1 << 3, ..text() }), ArchiveError::Descriptor { name: name() });
    assert_eq!(refused(Entry { flags: 1 << 5, ..text() }), ArchiveError::Flags { name: name(), flags: 32 });
    assert_eq!(refused(Entry { method: 14, ..text() }), ArchiveError::Method { name: name(), method: 14 });
    assert_eq!(refused(Entry { needs: 45, ..text() }), ArchiveError::Version { name: name(), needs: 45 });
    assert_eq!(refused(Entry { comment: b"hi".to_vec(), ..text() }), ArchiveError::Comment { name: name() });
    let zip64 = b"\x01\0\x08\0aaaaaaaa".to_vec();
    assert_eq!(refused(Entry { extra: zip64.clone(), ..text() }), ArchiveError::Zip64);
    assert_eq!(refused(Entry { local_extra: zip64, ..text() }), ArchiveError::Zip64);
    assert_eq!(refused(Entry { packed_bytes: u32::MAX, ..text() }), ArchiveError::Zip64);
    let other_name = Entry { extra: b"up\x01\0a".to_vec(), ..text() };
    assert_eq!(refused(other_name), ArchiveError::Extra { name: name(), id: 0x7075 });
    let broken = Entry { extra: b"UT\xff\0a".to_vec(), ..text() };
    assert_eq!(refused(broken), ArchiveError::Extra { name: name(), id: 0x5455 });
    let mut zip64 = with(text());
    let at = zip64.len() - 14;
    zip64[at..at + 4].fill(0xff);
    assert_eq!(wrong(&zip64), ArchiveError::Zip64);
}

#[test]
fn other_kinds_of_files_are_refused_whatever_they_are_called() {
    for kind in ["a.zip", "a.dwx", "a.tar.gz", "a.exe", "a.sh", "Makefile", "a.RON", "a.html"] {
        assert_eq!(wrong_path(kind), PathError::Kind, "{kind}");
    }
    for (name, bytes) in
        [("a.wav", &b"PK\x03\x04"[..]), ("a.flac", b"RIFF"), ("a.md", b"\xff\xfe"), ("a.ron", b"\x80")]
    {
        let told = Package::from_archive(&with(Entry::stored(name, bytes)));
        assert!(matches!(told, Err(PackageError::NotItsKind { .. })), "{name}: {told:?}");
    }
}

#[test]
fn there_are_no_more_files_and_bytes_than_allowed() {
    let files = |count: usize| -> Vec<Entry> {
        (1..count).map(|n| Entry::stored(&format!("assets/{n}.txt"), b"")).chain([graph()]).collect()
    };
    assert!(Package::from_archive(&zip::zip(&files(limits::FILES))).is_ok());
    let told = Package::from_archive(&zip::zip(&files(limits::FILES + 1)));
    assert!(matches!(told, Err(PackageError::TooManyFiles)), "{told:?}");
    let most = limits::FILES * 2;
    assert_eq!(wrong(&zip::zip(&files(most + 1))), ArchiveError::TooManyEntries { entries: most + 1 });
    let large = vec![b'x'; limits::BYTES - GRAPH.len()];
    assert!(Package::from_archive(&with(Entry::stored("a.txt", &large))).is_ok());
    let larger = [large, b"x".to_vec()].concat();
    let told = wrong(&with(Entry::stored("a.txt", &larger)));
    assert_eq!(told, ArchiveError::TooManyBytes { bytes: limits::BYTES as u64 + 1 });
    let bytes = limits::ARCHIVE_BYTES + 1;
    assert_eq!(wrong(&vec![0; bytes]), ArchiveError::TooLarge { bytes });
}

#[test]
fn an_archive_holds_a_template() {
    let told = Package::from_archive(&zip::zip(&[text()]));
    assert!(matches!(told, Err(PackageError::NoGraph)), "{told:?}");
    let told = Package::from_archive(&zip::zip(&[]));
    assert!(matches!(told, Err(PackageError::NoGraph)), "{told:?}");
    let told = Package::from_archive(&zip::zip(&[Entry::stored("graph.ron", b"Graph(format: 1")]));
    assert!(matches!(told, Err(PackageError::Graph { .. })), "{told:?}");
}

proptest! {
    #[test]
    fn random_bytes_are_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        prop_assert!(Package::from_archive(&bytes).is_err());
        let marked = [b"PK\x03\x04", &bytes[..], &end(1, bytes.len() as u32 / 2, bytes.len() as u32 / 2)].concat();
        prop_assert!(Package::from_archive(&marked).is_err());
    }

    #[test]
    fn a_good_archive_with_other_bytes_is_the_same_package_or_an_error(
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..6),
        cut in proptest::option::weighted(0.2, any::<proptest::sample::Index>()),
    ) {
        let package = good();
        let mut archive = package.archive();
        for (at, byte) in changes {
            let at = at.index(archive.len());
            archive[at] = byte;
        }
        if let Some(cut) = cut {
            archive.truncate(cut.index(archive.len()));
        }
        // What is not covered by a check sum is said twice, or means nothing: times, for one. A name is what it is
        // when it is changed in both places, which hits here hardly ever do.
        if let Ok(read) = Package::from_archive(&archive) {
            prop_assert_eq!(read.content_hash(), package.content_hash());
        }
    }
}
