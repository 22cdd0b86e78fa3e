//! What other people's programs say of what is written. Each test says that it was not run, where its program is not on the
//! machine: cdrdao, cd-info (libcdio), shnsplit (shntool), cueconvert (cuetools), md5sum (coreutils), and libcdio through Python.

#![allow(clippy::print_stderr, reason = "a test that was not run says so")]

use crate::cue_reader;
use crate::discs::{full, sound};
use deadwax_disc::cd_text::{self, Kind};
use deadwax_disc::checksum::{Checksums, MD5_LIST, md5_list};
use deadwax_disc::cue::{Audio, for_ddp, for_players};
use deadwax_disc::{Disc, TextKind, Texts, ddp, latin1, toc};
use proptest::prelude::*;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

/// What a program says, on both streams, and whether it is content; `None`, and a word about it, where there is no such program.
fn ask(program: &str, arguments: &[&str], folder: &Path) -> Option<(bool, String)> {
    let output = Command::new(program).args(arguments).current_dir(folder).env("LC_ALL", "C").output();
    let Ok(output) = output else {
        eprintln!("not run: {program} is not on this machine");
        return None;
    };
    let said = [output.stdout, output.stderr].concat().into_iter().map(char::from).collect();
    Some((output.status.success(), said))
}

/// The audio of a disc: no two sectors alike.
fn music(disc: &Disc) -> Vec<u8> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..disc.lead_out.bytes()).map(|_| next()).collect()
}

/// The plainest header of a WAV file of so many bytes.
fn header(length: u32) -> Vec<u8> {
    let mut header = b"RIFF".to_vec();
    header.extend((length + 36).to_le_bytes());
    header.extend(b"WAVEfmt \x10\0\0\0\x01\0\x02\0");
    header.extend(44_100_u32.to_le_bytes());
    header.extend(176_400_u32.to_le_bytes());
    header.extend(b"\x04\0\x10\0data");
    header.extend(length.to_le_bytes());
    header
}

/// A WAV file as long as a disc, of silence that takes no room.
fn silence(disc: &Disc, path: &Path) {
    let mut file = fs::File::create(path).unwrap();
    file.write_all(&header(disc.lead_out.bytes() as u32)).unwrap();
    file.set_len(44 + disc.lead_out.bytes()).unwrap();
}

/// Samples as a WAV file.
fn wav(samples: &[u8]) -> Vec<u8> {
    [&header(samples.len() as u32), samples].concat()
}

#[test]
fn cdrdao_reads_the_toc() {
    let (disc, folder) = (full(), tempfile::tempdir().unwrap());
    fs::write(folder.path().join("disc.wav"), wav(&music(&disc))).unwrap();
    fs::write(folder.path().join("disc.toc"), toc::toc(&disc, "disc.wav").unwrap()).unwrap();
    let Some((content, said)) = ask("cdrdao", &["show-toc", "disc.toc"], folder.path()) else { return };
    assert!(content && !said.contains("ERROR") && !said.contains("WARNING"), "{said}");
    says(
        &said,
        &[
            "CATALOG NUMBER: 0036000291452",
            "TRACK 1 Mode AUDIO",
            "ISRC GB AAA 26 00001",
            "COPY NOT PERMITTED",
            "PREGAP 00:10:00",
            "START 00:10:00",
            "END 00:24:00",
            "TRACK 2",
            "ISRC GB AAA 26 00002",
            "COPY PERMITTED",
            "PREGAP 00:02:01",
            "START 00:26:01",
            "INDEX 2 00:28:00",
            "INDEX 3 00:29:25",
            "END 00:32:01",
            "TRACK 3",
            "PRE-EMPHASIS",
            "START 00:32:01",
            "END 00:38:50",
            "TRACK 4",
            "ISRC GB AAA 26 00004",
            "FOUR CHANNEL AUDIO",
            "PREGAP 00:01:00",
            "START 00:39:50",
            "INDEX 2 00:43:49",
            "END 00:45:25",
        ],
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn cdrdao_finds_every_track_of_any_disc(disc in sound()) {
        let folder = tempfile::tempdir().unwrap();
        silence(&disc, &folder.path().join("disc.wav"));
        fs::write(folder.path().join("disc.toc"), toc::toc(&disc, "disc.wav").unwrap()).unwrap();
        if let Some((content, said)) = ask("cdrdao", &["show-toc", "disc.toc"], folder.path()) {
            prop_assert!(content && !said.contains("ERROR"), "{}", said);
            let starts: Vec<String> = disc.tracks.iter().map(|track| format!("START {}", track.start)).collect();
            says(&said, &starts.iter().map(String::as_str).collect::<Vec<_>>());
        }
    }

    #[test]
    fn toc2cddb_reads_every_title_of_any_disc(mut disc in sound()) {
        let folder = tempfile::tempdir().unwrap();
        // Who plays would be part of what it prints.
        disc.texts.performer = "Nobody".into();
        disc.tracks.iter_mut().for_each(|track| track.texts.performer.clear());
        fs::write(folder.path().join("disc.toc"), toc::toc(&disc, "disc.wav").unwrap()).unwrap();
        silence(&disc, &folder.path().join("disc.wav"));
        if let Some((content, said)) = ask("toc2cddb", &["disc.toc"], folder.path()) {
            prop_assert!(content && !said.contains("ERROR"), "{}", said);
            let kept = cd_text::packs(&disc).unwrap().left_out.first() != Some(&Kind::Text(TextKind::Title));
            for (number, track) in disc.tracks.iter().enumerate() {
                let title = latin1::encode(&track.texts.title).ok().filter(|_| kept).unwrap_or_default();
                let title: String = title.into_iter().map(char::from).collect();
                // A long one goes on in another line of the same name.
                let name = format!("TTITLE{number}=");
                let found: String = said.lines().filter_map(|line| line.strip_prefix(&name)).collect();
                prop_assert_eq!(found, title);
            }
        }
    }

    #[test]
    fn cueconvert_finds_every_title_of_any_disc(disc in sound()) {
        let folder = tempfile::tempdir().unwrap();
        let sheet = for_players(&disc, "disc.wav", Audio::Wave).unwrap();
        let titles: Vec<String> = cue_reader::read(&sheet)
            .tracks
            .iter()
            .filter_map(|track| track.texts.get("TITLE"))
            .map(|title| title.iter().copied().map(char::from).collect())
            .collect();
        fs::write(folder.path().join("disc.cue"), sheet).unwrap();
        if let Some((content, said)) = ask("cueconvert", &["-i", "cue", "-o", "toc", "disc.cue"], folder.path()) {
            prop_assert!(content && !said.contains("error"), "{}", said);
            prop_assert_eq!(said.matches("TRACK AUDIO\n").count(), disc.tracks.len());
            let (_, tracks) = said.split_once("TRACK AUDIO\n").unwrap();
            let found = tracks.lines().filter_map(|line| line.strip_prefix("\t\tTITLE \"")?.strip_suffix('"'));
            prop_assert_eq!(found.collect::<Vec<_>>(), titles);
        }
    }
}

/// Whether lines that begin so stand behind each other, however they are spaced and whatever is between them.
fn says(said: &str, lines: &[&str]) {
    let all: Vec<String> =
        said.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let mut rest = all.iter();
    for line in lines {
        assert!(rest.any(|said| said.starts_with(line)), "no `{line}` at its place in\n{said}");
    }
}

#[test]
fn cd_info_reads_both_cue_sheets() {
    let (disc, folder) = (full(), tempfile::tempdir().unwrap());
    let music = music(&disc);
    let image = [vec![0; 150 * 2352], music.clone()].concat();
    let players = for_players(&disc, "players.bin", Audio::Binary).unwrap();
    // libcdio reads the file with the sheet's name, whatever FILE says.
    for (name, sheet, bytes) in [("players", players, &music), ("IMAGE", for_ddp(&disc).unwrap(), &image)] {
        fs::write(folder.path().join(format!("{name}.bin")), bytes).unwrap();
        fs::write(folder.path().join(format!("{name}.cue")), sheet).unwrap();
    }
    let starts = |first: [&'static str; 5]| {
        let rest = [
            "Media Catalog Number (MCN): 0036000291452",
            "CD-TEXT for Disc:",
            "TITLE: Run-out",
            "PERFORMER: The Cutters",
            "SONGWRITER: A. Lathe",
            "CD-TEXT for Track 1:",
            "TITLE: Run-in",
            "CD-TEXT for Track 2:",
            "TITLE: Locked 'groove'",
            "CD-TEXT for Track 3:",
            "TITLE: Straight in",
            "CD-TEXT for Track 4:",
            "TITLE: Coda",
        ];
        first.into_iter().chain(rest).collect::<Vec<_>>()
    };
    // It adds the pause itself, so that to it the sheet for players has the places of the disc.
    let players = starts([
        "1: 00:12:00 000750 audio false no 2 no",
        "2: 00:28:01 001951 audio false yes 2 no",
        "3: 00:34:01 002401 audio false no 2 yes",
        "4: 00:41:50 002975 audio false no 4 yes",
        "170: 00:47:25 003400 leadout",
    ]);
    let image = starts([
        "1: 00:14:00 000900 audio",
        "2: 00:30:01 002101 audio",
        "3: 00:36:01 002551 audio",
        "4: 00:43:50 003125 audio",
        "170: 00:49:25 003550 leadout",
    ]);
    for (sheet, lines) in [("players.cue", players), ("IMAGE.cue", image)] {
        let arguments = ["--no-header", "--no-device-info", "--no-cddb", "--cue-file", sheet];
        let Some((content, said)) = ask("cd-info", &arguments, folder.path()) else { return };
        assert!(content, "{said}");
        says(&said, &lines);
    }
}

#[test]
fn shnsplit_cuts_the_image_where_tracks_are_split() {
    let (disc, folder) = (full(), tempfile::tempdir().unwrap());
    let music = music(&disc);
    fs::write(folder.path().join("disc.wav"), wav(&music)).unwrap();
    fs::write(folder.path().join("disc.cue"), for_players(&disc, "disc.wav", Audio::Wave).unwrap()).unwrap();
    // Without a file of settings of whoever runs this.
    let arguments = ["-q", "-f", "disc.cue", "-o", "wav", "-a", "track", "disc.wav"];
    let Some((content, said)) = ask("shnsplit", &arguments, folder.path()) else { return };
    assert!(content, "{said}");
    // What is hidden in front of track 1 is a file of its own to shnsplit.
    let hidden = disc.tracks[0].start.bytes() as usize;
    let mut parts = vec![&music[..hidden]];
    for number in 1..=disc.tracks.len() {
        let (begin, end) = disc.split(number);
        parts.push(&music[(begin.bytes() as usize).max(hidden)..end.bytes() as usize]);
    }
    for (number, part) in parts.iter().enumerate() {
        let file = fs::read(folder.path().join(format!("track{number:02}.wav"))).unwrap();
        assert!(file.ends_with(part) && file.len() == part.len() + 44, "track {number}");
    }
    assert_eq!(parts.concat().len(), music.len());
}

#[test]
fn cueconvert_takes_both_sheets_over_into_a_toc() {
    let (disc, folder) = (full(), tempfile::tempdir().unwrap());
    // Its INDEX 02 and on are not looked at: cuetools 1.4.1 counts them from the gap, and cdrdao does not.
    let players = ["FILE \"disc.wav\" 0 00:24:00", "START 00:10:00", "FILE \"disc.wav\" 00:24:00 00:08:01"];
    let image = ["FILE \"IMAGE.DAT\" 0 00:26:00", "START 00:12:00", "FILE \"IMAGE.DAT\" 00:26:00 00:08:01"];
    let sheet = for_players(&disc, "disc.wav", Audio::Wave).unwrap();
    for (sheet, [first, start, second]) in [(sheet, players), (for_ddp(&disc).unwrap(), image)] {
        fs::write(folder.path().join("disc.cue"), sheet).unwrap();
        let arguments = ["-i", "cue", "-o", "toc", "disc.cue"];
        let Some((content, said)) = ask("cueconvert", &arguments, folder.path()) else { return };
        assert!(content, "{said}");
        says(
            &said,
            &[
                "CATALOG \"0036000291452\"",
                "TITLE \"Run-out\"",
                "ISRC \"GBAAA2600001\"",
                "TITLE \"Run-in\"",
                first,
                start,
                "COPY",
                "TITLE \"Locked 'groove'\"",
                "SONGWRITER \"Dé Bütant\"",
                second,
                "START 00:02:01",
                "PRE_EMPHASIS",
                "TITLE \"Straight in\"",
                "FOUR_CHANNEL_AUDIO",
                "TITLE \"Coda\"",
                "START 00:01:00",
            ],
        );
    }
}

#[test]
fn md5sum_finds_every_file_as_its_list_says() {
    let (disc, folder) = (full(), tempfile::tempdir().unwrap());
    let fileset = ddp::fileset(&disc).unwrap();
    let image = music(&disc);
    let files: Vec<(&str, &[u8])> = fileset.files().into_iter().chain([(ddp::IMAGE, &image[..])]).collect();
    let sums: Vec<(&str, Checksums)> =
        files.iter().map(|(name, bytes)| (*name, Checksums::of(bytes))).collect();
    for (name, bytes) in &files {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    fs::write(folder.path().join(MD5_LIST), md5_list(&sums).unwrap()).unwrap();
    let Some((content, said)) = ask("md5sum", &["--strict", "-c", MD5_LIST], folder.path()) else { return };
    assert!(content && said.matches(": OK").count() == 5, "{said}");
    fs::write(folder.path().join(ddp::ID), "DDP 1.00").unwrap();
    let Some((content, said)) = ask("md5sum", &["-c", MD5_LIST], folder.path()) else { return };
    assert!(!content && said.contains("DDPID: FAILED"), "{said}");
}

/// Prints every text that libcdio finds: field, track, text.
const LIBCDIO: &str = r#"
import ctypes, sys
try:
    cdio = ctypes.CDLL("libcdio.so.19")
except OSError:
    sys.exit(3)
cdio.cdtext_init.restype = ctypes.c_void_p
cdio.cdtext_get.restype = ctypes.c_void_p
cdio.cdtext_get.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_uint8]
cdio.cdtext_data_init.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t]
cdio.cdtext_field2str.restype = ctypes.c_char_p
packs = open("CDTEXT.BIN", "rb").read()
text = cdio.cdtext_init()
if cdio.cdtext_data_init(text, packs, len(packs)) != 0:
    sys.exit("libcdio does not take the packs")
for track in range(100):
    for field in range(10):
        found = cdio.cdtext_get(text, field, track)
        if found:
            said = ctypes.string_at(found).decode("utf-8")
            if said:
                name = cdio.cdtext_field2str(field).decode()
                sys.stdout.buffer.write(f"{track} {name}: {said}\n".encode("latin-1"))
"#;

/// What libcdio finds in packs, sorted; `None`, and a word about it, where it is not on the machine.
fn libcdio(packs: &[u8]) -> Option<Vec<String>> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("CDTEXT.BIN"), packs).unwrap();
    let output = Command::new("python3").args(["-c", LIBCDIO]).current_dir(folder.path()).output();
    let Ok(output) = output else {
        eprintln!("not run: python3 is not on this machine");
        return None;
    };
    if output.status.code() == Some(3) {
        eprintln!("not run: libcdio is not on this machine");
        return None;
    }
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said: String = output.stdout.into_iter().map(char::from).collect();
    let mut lines: Vec<String> = said.split_terminator('\n').map(str::to_owned).collect();
    lines.sort_unstable();
    Some(lines)
}

#[test]
fn libcdio_reads_the_cd_text() {
    let Some(said) = libcdio(&cd_text::packs(&full()).unwrap().bytes) else { return };
    assert_eq!(
        said,
        [
            "0 ARRANGER: C. Helium",
            "0 COMPOSER: B. Stylus",
            "0 MESSAGE: Play it loud",
            "0 PERFORMER: The Cutters",
            "0 SONGWRITER: A. Lathe",
            "0 TITLE: Run-out",
            "0 UPC_EAN: 0036000291452",
            "1 ISRC: GBAAA2600001",
            "1 PERFORMER: The Cutters",
            "1 TITLE: Run-in",
            "2 ISRC: GBAAA2600002",
            "2 SONGWRITER: Dé Bütant",
            "2 TITLE: Locked \"groove\"",
            "3 TITLE: Straight in",
            "4 ISRC: GBAAA2600004",
            "4 MESSAGE: Thank you",
            "4 TITLE: Coda",
        ]
    );
}

/// Puts something where nothing is said that CD-TEXT can say.
fn fill(disc: &mut Disc) {
    let tell = |texts: &mut Texts| {
        let Texts { title, performer, songwriter, composer, arranger, message } = texts;
        for text in [title, performer, songwriter, composer, arranger, message] {
            if text.is_empty() || latin1::encode(text).is_err() {
                *text = "none".into();
            }
        }
    };
    tell(&mut disc.texts);
    disc.barcode = "4006381333931".parse().ok();
    for (track, number) in disc.tracks.iter_mut().zip(1..) {
        tell(&mut track.texts);
        track.isrc = format!("GBAAA26{number:05}").parse().ok();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    /// With a text for every track: libcdio 2.1.0 loses count of tracks at empty strings.
    #[test]
    fn libcdio_reads_the_cd_text_of_any_disc_that_tells_all(mut disc in sound()) {
        fill(&mut disc);
        let bytes = cd_text::packs(&disc).unwrap().bytes;
        if !bytes.is_empty() && let Some(said) = libcdio(&bytes) {
            let name = |kind: u8, track: usize| match (kind, track) {
                (0x8e, 0) => "UPC_EAN",
                (0x8e, _) => "ISRC",
                (kind, _) => TextKind::ALL[usize::from(kind - 0x80)].word(),
            };
            let mut lines: Vec<String> = crate::packs::read(&bytes)
                .into_iter()
                .filter(|(_, text)| !text.is_empty())
                .map(|((kind, track), text)| (name(kind, track), track, text.into_iter().map(char::from)))
                .map(|(name, track, text)| format!("{track} {name}: {}", text.collect::<String>()))
                .collect();
            lines.sort_unstable();
            prop_assert_eq!(said, lines);
        }
    }
}
