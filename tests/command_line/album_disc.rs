//! What an album becomes on a disc and on sides, read back: by readers written for tests, and by other people's programs.

use super::ddp_reader::{Read, read};
use super::{deadwax, err, out};
use deadwax_tests::{mix, write_wav};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// Frames of a sector.
const SECTOR: usize = 588;

/// Writes a 24-bit mix of so many frames.
fn song(folder: &Path, name: &str, frames: usize) {
    let mut sides = mix(44_100, frames as f64 / 44_100.0 + 0.1);
    sides.iter_mut().for_each(|side| side.truncate(frames));
    write_wav(&folder.join(name), 44_100, &sides);
}

fn render(folder: &Path, arguments: &[&str]) {
    let output = deadwax(folder, &[&["album", "render", "album.ron", "-q"], arguments].concat());
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
}

/// The samples of a WAV file, as bytes.
fn samples(path: &Path) -> Vec<u8> {
    let file = std::fs::read(path).unwrap();
    let data = file.windows(4).position(|four| four == b"data").unwrap();
    let length = u32::from_le_bytes(file[data + 4..data + 8].try_into().unwrap()) as usize;
    file[data + 8..data + 8 + length].to_vec()
}

/// What a program says, and whether it is content; `None` where it is not on the machine.
fn ask(folder: &Path, program: &str, arguments: &[&str]) -> Option<(bool, String)> {
    let output =
        Command::new(program).args(arguments).current_dir(folder).env("LC_ALL", "C").output().ok()?;
    let said = [output.stdout, output.stderr].concat();
    Some((output.status.success(), String::from_utf8_lossy(&said).into_owned()))
}

const ALBUM: &str = r#"Album(
    format: 1,
    about: (title: "Run-out", artist: "The Cutters", songwriter: "A. Lathe", upc: "0123456789012"),
    tracks: {
        one: Track(title: "Opening", isrc: "USABC2600001", source: "1.wav", indexes: [Seconds(4)]),
        two: Track(title: "Middle", artist: "Guest", isrc: "USABC2600002", source: "2.wav", flags: [CopyPermitted]),
        three: Track(title: "Crossed", isrc: "USABC2600003", source: "3.wav"),
        four: Track(title: "End", isrc: "USABC2600004", source: "4.wav"),
    },
    layout: [
        Hidden("0.wav"), Side("A"), "one", Gap(CdFrames(150)), "two", Cross(length: Seconds(1)), "three",
        Side("B"), Gap(Seconds(3)), "four",
    ],
    deliver: {
        cd: Disc(master_id: "DWX-0001"),
        stream: Tracks(format: Wav(bits: 24)),
        lp: Sides(medium: Lp12(rpm: 33), format: Wav(bits: 24)),
        mc: Sides(medium: Cassette(minutes: 46), format: Wav(bits: 24)),
    },
)
"#;

fn album() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, sectors) in [("0", 375), ("1", 600), ("2", 525), ("3", 450), ("4", 300)] {
        song(folder.path(), &format!("{name}.wav"), sectors * SECTOR);
    }
    std::fs::write(folder.path().join("album.ron"), ALBUM).unwrap();
    folder
}

fn fileset(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path()).unwrap()))
        .collect()
}

/// `INDEX 01 mm:ss:ff` of a sheet, in sectors, in their order.
fn indexes(cue: &str) -> Vec<(String, u32)> {
    let of = |line: &str| {
        let mut words = line.split_whitespace().skip(1);
        let (index, time) = (words.next().unwrap().to_owned(), words.next().unwrap());
        let parts: Vec<u32> = time.split(':').map(|part| part.parse().unwrap()).collect();
        (index, (parts[0] * 60 + parts[1]) * 75 + parts[2])
    };
    cue.lines().map(str::trim).filter(|line| line.starts_with("INDEX")).map(of).collect()
}

#[test]
fn a_fileset_of_a_rendered_album_reads_back_every_field_and_the_audio() {
    let folder = album();
    render(folder.path(), &["--only", "cd"]);
    let cd = folder.path().join("album/cd");
    let files = fileset(&cd.join("ddp"));
    let Read { barcode, master_id, sectors, pause, image, tracks, lead_out, texts } = read(&files);
    assert_eq!((barcode.as_str(), master_id.as_str()), ("0123456789012", "DWX-0001"));
    // 5 s are hidden; a crossing of a second is marked in its middle, at 14.5 sectors and so at 14; a gap of 3 s lies between the sides.
    let hidden = 375;
    let starts = [hidden, hidden + 600 + 150, hidden + 750 + 525 - 38, hidden + 750 + 525 - 75 + 450 + 225];
    let all = starts[3] + 300;
    let of = |track: u32| &tracks[&track];
    assert_eq!(tracks.len(), 4);
    for (number, start) in (1..).zip(starts) {
        assert_eq!(of(number).indexes[&1], start + 150, "track {number}");
        assert_eq!(of(number).isrc, format!("USABC260000{number}"));
    }
    assert_eq!(of(1).indexes, [(0, 0), (1, starts[0] + 150), (2, starts[0] + 150 + 300)].into());
    assert_eq!(of(2).indexes[&0], starts[1]);
    assert_eq!(of(4).indexes[&0], starts[3] + 150 - 225);
    assert_eq!([1, 2, 3, 4].map(|track| of(track).control.as_str()), ["01", "21", "01", "01"]);
    // The lead-out is where the audio of the map ends, and that is what the file holds.
    assert_eq!((lead_out, sectors, pause), (all + 150, all + 150, hidden + 150));
    assert_eq!(files[&image].len(), sectors as usize * 2352);
    assert_eq!(texts[&(0x80, 0)], b"Run-out");
    assert_eq!(texts[&(0x80, 3)], b"Crossed");
    assert_eq!(texts[&(0x81, 2)], b"Guest");
    assert_eq!(texts[&(0x81, 4)], b"The Cutters");
    // The sheet for players is the same, 150 sectors earlier.
    let cue = std::fs::read_to_string(cd.join("image.cue")).unwrap();
    let mut of_cue = indexes(&cue);
    let mut of_pq: Vec<(String, u32)> = tracks
        .values()
        .flat_map(|track| {
            track.indexes.iter().map(|(index, at)| (format!("{index:02}"), at.saturating_sub(150)))
        })
        .collect();
    of_cue.sort();
    of_pq.sort();
    assert_eq!(of_cue, of_pq);
    let wav = samples(&cd.join("image.wav"));
    assert!(files[&image][150 * 2352..] == wav[..]);
    // What is hidden is heard in front of the first track.
    let first = samples(&cd.join("tracks/01 Opening.wav"));
    assert_eq!(first.len(), 2352 * (hidden as usize + 600 + 150), "with the gap behind it");
}

#[test]
fn sides_are_the_album_without_its_turns() {
    let folder = album();
    render(folder.path(), &["--only", "stream", "--only", "lp"]);
    let at = |name: &str| samples(&folder.path().join("album").join(name));
    let names = ["01 Opening", "02 Middle", "03 Crossed", "04 End"];
    let tracks: Vec<Vec<u8>> = names.iter().map(|name| at(&format!("stream/{name}.wav"))).collect();
    let (a, b) = (at("lp/side A.wav"), at("lp/side B.wav"));
    let turn = 225 * SECTOR * 6;
    let whole = tracks.concat();
    assert_eq!(a.len() + b.len() + turn, whole.len());
    // The same dither on the same frames: side A is the album up to the turn, byte for byte. Behind it the frames have other
    // numbers, and so other dither.
    assert!(whole[..a.len()] == a[..]);
    let three = |bytes: &[u8]| i32::from_le_bytes([0, bytes[0], bytes[1], bytes[2]]) >> 8;
    // A cassette has a second of silence in front of each side, and then the same.
    render(folder.path(), &["--only", "mc"]);
    let lead = 75 * SECTOR * 6;
    for (name, side) in [("A", &a), ("B", &b)] {
        let tape = at(&format!("mc/side {name}.wav"));
        assert_eq!(tape.len(), side.len() + lead);
        assert!(tape[..lead].chunks(3).all(|word| three(word).abs() <= 2), "dither alone");
        let far = tape[lead..].chunks(3).zip(side.chunks(3)).map(|(x, y)| (three(x) - three(y)).abs());
        assert!(far.max().unwrap() <= 3, "side {name}");
    }
    let far = whole[a.len() + turn..].chunks(3).zip(b.chunks(3)).map(|(x, y)| (three(x) - three(y)).abs());
    assert!(far.max().unwrap() <= 3, "side B is what is behind the turn, but for its dither");
}

#[test]
fn other_programs_read_a_rendered_disc_as_it_is_told() {
    let folder = album();
    render(folder.path(), &[]);
    let cd = folder.path().join("album/cd");
    let image = samples(&cd.join("image.wav"));
    if let Some((content, said)) = ask(&cd, "cdrdao", &["show-toc", "image.toc"]) {
        assert!(content && said.matches("Mode AUDIO").count() == 4, "{said}");
    }
    // libcdio looks for the audio beside the sheet, as a plain file of its name.
    std::fs::write(cd.join("plain.bin"), &image).unwrap();
    let sheet = std::fs::read_to_string(cd.join("image.cue")).unwrap();
    std::fs::write(cd.join("plain.cue"), sheet.replace("\"image.wav\" WAVE", "\"plain.bin\" BINARY"))
        .unwrap();
    let info = ["--no-header", "--no-device-info", "--no-cddb", "--cue-file", "plain.cue"];
    if let Some((content, said)) = ask(&cd, "cd-info", &info) {
        for part in [
            "Media Catalog Number (MCN): 0123456789012",
            "TITLE: Run-out",
            "TITLE: Crossed",
            "PERFORMER: Guest",
        ] {
            assert!(content && said.contains(part), "{part}: {said}");
        }
    }
    // shntool cuts the image where we cut it; what is hidden is a file of its own to it.
    if let Some((content, said)) =
        ask(&cd, "shnsplit", &["-q", "-f", "image.cue", "-o", "wav", "-a", "cut", "image.wav"])
    {
        assert!(content, "{said}");
        let cut: Vec<u8> = (0..=4).flat_map(|n| samples(&cd.join(format!("cut{n:02}.wav")))).collect();
        assert!(cut == image);
        for (number, name) in [(2, "02 Middle"), (3, "03 Crossed"), (4, "04 End")] {
            let theirs = samples(&cd.join(format!("cut{number:02}.wav")));
            assert!(theirs == samples(&cd.join(format!("tracks/{name}.wav"))), "{name}");
        }
    }
    if let Some((content, said)) = ask(&cd.join("ddp"), "md5sum", &["--strict", "-c", "CHECKSUM.MD5"]) {
        assert!(content && said.matches(": OK").count() >= 4, "{said}");
    }
    let stream = folder.path().join("album/stream");
    let probe = [
        "-v",
        "error",
        "-show_entries",
        "stream=duration_ts,bits_per_raw_sample:format_tags",
        "02 Middle.wav",
    ];
    if let Some((content, said)) = ask(&stream, "ffprobe", &probe) {
        // 7 s, of which half a second belongs to the next track.
        let frames = (525 - 38) * SECTOR + SECTOR / 2;
        assert!(content && said.contains(&format!("duration_ts={frames}")), "{frames}: {said}");
        assert!(said.contains("TAG:title=Middle") && said.contains("TAG:artist=Guest"), "{said}");
    }
    if let Some((content, said)) = ask(&stream, "mediainfo", &["02 Middle.wav"]) {
        assert!(content && said.contains("24 bits") && said.contains("Middle"), "{said}");
    }
    // The recording code stands where broadcasters look for it.
    let wav = std::fs::read(stream.join("02 Middle.wav")).unwrap();
    let axml = wav.windows(4).position(|four| four == b"axml").unwrap();
    let length = u32::from_le_bytes(wav[axml + 4..axml + 8].try_into().unwrap()) as usize;
    let ebu_core = String::from_utf8_lossy(&wav[axml + 8..axml + 8 + length]).into_owned();
    assert!(ebu_core.contains("ISRC:USABC2600002"), "{ebu_core}");
}

#[test]
fn ninety_nine_tracks_are_an_album_and_a_disc() {
    let folder = tempfile::tempdir().unwrap();
    song(folder.path(), "one.wav", 300 * SECTOR);
    let tracks: String =
        (1..=99).map(|n| format!("t{n}: Track(title: \"Song {n}\", source: \"one.wav\"),\n")).collect();
    let layout: String = (1..=99).map(|n| format!("\"t{n}\", ")).collect();
    let text = format!(
        "Album(format: 1, about: (title: \"Many\"), tracks: {{\n{tracks}}},\nlayout: [{layout}],\ndeliver: {{ cd: Disc }})\n"
    );
    std::fs::write(folder.path().join("album.ron"), &text).unwrap();
    render(folder.path(), &[]);
    let cd = folder.path().join("album/cd");
    let files = fileset(&cd.join("ddp"));
    let found = read(&files);
    assert_eq!((found.tracks.len(), found.lead_out), (99, 150 + 99 * 300));
    assert!((1..=99).all(|track| found.tracks[&track].indexes[&1] == 150 + (track - 1) * 300));
    assert_eq!(found.texts[&(0x80, 99)], b"Song 99");
    if let Some((content, said)) = ask(&cd, "cdrdao", &["show-toc", "image.toc"]) {
        assert!(content && said.contains("TRACK 99"), "{said}");
    }
    // One more is no disc.
    let more = text
        .replace("tracks: {\n", "tracks: {\nt100: Track(source: \"one.wav\"),\n")
        .replace("layout: [", "layout: [\"t100\", ");
    std::fs::write(folder.path().join("album.ron"), more).unwrap();
    let output = deadwax(folder.path(), &["album", "check", "album.ron"]);
    assert_eq!(output.status.code(), Some(3), "{}", out(&output));
    assert!(err(&output).contains("these are 100"), "{}", err(&output));
}

#[test]
fn a_track_of_299_sectors_is_refused_and_one_of_300_is_not() {
    for (sectors, code) in [(299, 3), (300, 0)] {
        let folder = tempfile::tempdir().unwrap();
        song(folder.path(), "one.wav", sectors * SECTOR);
        let text = "Album(format: 1, tracks: { one: Track(source: \"one.wav\") }, layout: [\"one\"], deliver: { cd: Disc })";
        std::fs::write(folder.path().join("album.ron"), text).unwrap();
        let output = deadwax(folder.path(), &["album", "render", "album.ron"]);
        assert_eq!(output.status.code(), Some(code), "{sectors}: {}", err(&output));
        assert_eq!(folder.path().join("album/cd").exists(), code == 0, "nothing is made of what is refused");
        assert_eq!(err(&output).contains("00:03:74"), code == 3, "{}", err(&output));
    }
}
