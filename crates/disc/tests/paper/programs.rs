//! What other people's programs say of what is written. Each test says that it was not run, where its program is not on the
//! machine: cdrdao, cd-info (libcdio), shnsplit (shntool), cueconvert (cuetools), md5sum (coreutils), and libcdio through Python.

#![allow(clippy::print_stderr, reason = "a test that was not run says so")]

use crate::discs::full;
use deadwax_disc::checksum::{Checksums, MD5_LIST, md5_list};
use deadwax_disc::cue::{Audio, for_ddp, for_players};
use deadwax_disc::{Disc, cd_text, ddp, toc};
use std::fs;
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

/// As a WAV file with the plainest header there is.
fn wav(samples: &[u8]) -> Vec<u8> {
    let length = samples.len() as u32;
    let mut file = b"RIFF".to_vec();
    file.extend((length + 36).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0\x02\0");
    file.extend(44_100_u32.to_le_bytes());
    file.extend(176_400_u32.to_le_bytes());
    file.extend(b"\x04\0\x10\0data");
    file.extend(length.to_le_bytes());
    file.extend(samples);
    file
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

#[test]
fn libcdio_reads_the_cd_text() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("CDTEXT.BIN"), cd_text::packs(&full()).unwrap().bytes).unwrap();
    let output = Command::new("python3").args(["-c", LIBCDIO]).current_dir(folder.path()).output();
    let Ok(output) = output else {
        eprintln!("not run: python3 is not on this machine");
        return;
    };
    let code = output.status.code();
    if code == Some(3) {
        eprintln!("not run: libcdio is not on this machine");
        return;
    }
    let said: String = [output.stdout, output.stderr].concat().into_iter().map(char::from).collect();
    assert_eq!(code, Some(0), "{said}");
    let mut said: Vec<&str> = said.lines().collect();
    said.sort_unstable();
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
