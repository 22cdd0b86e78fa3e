//! `deadwax new album` and `deadwax album check`.

use super::{deadwax, err, out};
use deadwax_tests::{mix, write_wav};
use serde_json::Value;
use std::path::Path;

/// A folder with mixes of so many seconds.
fn folder(seconds: &[f64]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("mixes")).unwrap();
    for (number, seconds) in seconds.iter().enumerate() {
        let path = folder.path().join(format!("mixes/0{} - Song {number}.wav", number + 1));
        write_wav(&path, 44_100, &mix(44_100, *seconds));
    }
    folder
}

fn write(folder: &Path, text: &str) {
    std::fs::write(folder.join("album.ron"), text).unwrap();
}

const ALBUM: &str = r#"Album(
    format: 1,
    about: (title: "Run-out", artist: "The Cutters", upc: "0123456789012"),
    graph: "streaming",
    tracks: {
        one: Track(title: "Opening", isrc: "USABC2600001", source: "mixes/01 - Song 0.wav", set: { loudness: -16 }),
        two: Track(title: "Middle", source: "mixes/02 - Song 1.wav", trim: (head: Samples(100))),
        three: Track(title: "夜明け", source: "mixes/03 - Song 2.wav"),
    },
    layout: [Side("A"), "one", Gap(Seconds(2)), "two", Side("B"), "three"],
    deliver: {
        stream: Tracks(format: Wav(bits: 24)),
        cd: Disc(),
        single: Sides(medium: Lp7(rpm: 45)),
    },
)
"#;

#[test]
fn an_album_of_mixes_is_begun_and_passes() {
    let folder = folder(&[5.0, 6.0]);
    let arguments = ["new", "album", "album.ron", "mixes/01 - Song 0.wav", "mixes/02 - Song 1.wav"];
    let output = deadwax(folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let text = std::fs::read_to_string(folder.path().join("album.ron")).unwrap();
    assert!(text.contains("t02: Track(title: \"Song 1\", source: \"mixes/02 - Song 1.wav\")"), "{text}");
    let output = deadwax(folder.path(), &["album", "check", "album.ron"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    // It is not replaced.
    assert_eq!(deadwax(folder.path(), &arguments).status.code(), Some(5));
    // A mix that lies elsewhere could not be found by anyone else.
    let elsewhere = super::folder();
    let mix = elsewhere.path().join("mix.wav");
    let output = deadwax(folder.path(), &["new", "album", "other.ron", mix.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2), "{}", err(&output));
}

#[test]
fn an_album_is_told_as_a_list_with_what_it_is_to_become() {
    let folder = folder(&[5.0, 6.0, 7.0]);
    write(folder.path(), ALBUM);
    let output = deadwax(folder.path(), &["album", "check", "album.ron"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    insta::assert_snapshot!("album_check", format!("{}\n{}", out(&output), err(&output)));
    let told: Value =
        serde_json::from_slice(&deadwax(folder.path(), &["album", "check", "album.ron", "--json"]).stdout)
            .unwrap();
    assert_eq!(told["ok"], true);
    // 5 s, a gap of 2 s, 6 s less 100 samples, and the next side without a gap.
    let three = told["tracks"][2]["mark_s"].as_f64().unwrap();
    assert!((three - (13.0 - 100.0 / 44_100.0)).abs() < 1e-12, "{three}");
    assert_eq!(told["discs"][0]["lead_out"], "00:22:00");
    assert_eq!(told["discs"][0]["moved"][0]["track"], 3);
    assert_eq!(told["diagnostics"][0]["code"], "DW0711", "the title that CD-TEXT does not have");
}

#[test]
fn everything_that_an_album_names_is_looked_at() {
    let folder = folder(&[5.0, 3.9, 7.0]);
    let text = ALBUM
        .replace("set: { loudness: -16 }", "set: { loudnes: -16 }")
        .replace("mixes/03 - Song 2.wav", "mixes/gone.wav")
        .replace("cd: Disc()", "cd: Disc(post: \"vinyl-premastr\")");
    write(folder.path(), &text);
    let output = deadwax(folder.path(), &["album", "check", "album.ron"]);
    assert_eq!(output.status.code(), Some(3));
    insta::assert_snapshot!("album_wrong", err(&output));
    // A disc has no tracks of less than four seconds.
    write(folder.path(), ALBUM);
    let output = deadwax(folder.path(), &["album", "check", "album.ron"]);
    assert!(err(&output).contains("track 2 is 00:0"), "{}", err(&output));
    assert_eq!(output.status.code(), Some(3));
}

#[test]
fn recordings_and_graphs_lie_below_the_album() {
    let folder = folder(&[5.0, 5.0, 5.0]);
    for (from, to, said) in [
        ("mixes/01 - Song 0.wav", "../elsewhere/01 - Song 0.wav", "below the folder of the album"),
        ("mixes/01 - Song 0.wav", "/etc/passwd", "below the folder of the album"),
        ("\"streaming\"", "\"../house.ron\"", "is no path an album may use"),
    ] {
        write(folder.path(), &ALBUM.replace(from, to));
        let output = deadwax(folder.path(), &["album", "check", "album.ron"]);
        assert!(err(&output).contains(said), "{}", err(&output));
        assert!(!output.status.success());
    }
}

#[test]
fn silence_at_both_ends_is_trimmed_at_a_floor() {
    let folder = folder(&[]);
    let mut sides = mix(44_100, 6.0);
    for side in &mut sides {
        side[..22_050].fill(0.0);
        side[5 * 44_100..].fill(0.0);
        (side[22_050], side[5 * 44_100 - 1]) = (0.5, 0.5);
    }
    write_wav(&folder.path().join("mixes/a.wav"), 44_100, &sides);
    let floor = "Floor(level_dbfs: -60, hold: Seconds(0.1))";
    write(
        folder.path(),
        &format!(
            "Album(format: 1, tracks: {{ a: Track(source: \"mixes/a.wav\", trim: (head: {floor}, tail: {floor})) }}, layout: [\"a\"])"
        ),
    );
    let told: Value =
        serde_json::from_slice(&deadwax(folder.path(), &["album", "check", "album.ron", "--json"]).stdout)
            .unwrap();
    // From 0.5 s to 5 s, and a tenth of a second on either side.
    assert!((told["length_s"].as_f64().unwrap() - 4.7).abs() < 1e-9, "{told}");
}

const DELIVERED: &str = r#"Album(
    format: 1,
    about: (title: "Run-out", artist: "The Cutters", upc: "0123456789012"),
    loudness: KeepRelative(anchor: LoudestTrack, target_lufs: -16),
    tracks: {
        one: Track(title: "Opening", isrc: "USABC2600001", source: "mixes/01 - Song 0.wav", fade_out: Fade(length: Seconds(1))),
        two: Track(title: "Middle", source: "mixes/02 - Song 1.wav", trim: (head: Samples(100)), offset_db: -2),
        three: Track(title: "End/Fin", source: "mixes/03 - Song 2.wav"),
    },
    layout: [Side("A"), "one", Gap(Seconds(2)), "two", Side("B"), "three"],
    deliver: {
        stream: Tracks(format: Wav(bits: 24), check: ["spotify"]),
        flac: Tracks(format: Flac(bits: 16), gap: Drop, rate_hz: 48000),
        cd: Disc(dither: Balanced),
        lp: Sides(medium: Lp12(rpm: 33), post: "vinyl-premaster"),
    },
)
"#;

/// Every file below a folder, but for the masters, with its bytes.
fn tree(folder: &Path) -> std::collections::BTreeMap<String, Vec<u8>> {
    let mut files = std::collections::BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(place) = open.pop() {
        for entry in std::fs::read_dir(&place).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.file_name().is_some_and(|name| name == ".masters") {
                continue;
            }
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                files.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    files
}

/// The samples of a WAV file, as the bytes that they are.
fn samples(file: &[u8]) -> &[u8] {
    let data = file.windows(4).position(|four| four == b"data").unwrap();
    let length = u32::from_le_bytes(file[data + 4..data + 8].try_into().unwrap()) as usize;
    &file[data + 8..data + 8 + length]
}

#[test]
fn an_album_becomes_everything_in_one_command() {
    let folder = folder(&[5.0, 6.0, 7.0]);
    write(folder.path(), DELIVERED);
    let output = deadwax(folder.path(), &["album", "render", "album.ron", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", out(&output));
    let files = tree(&folder.path().join("album"));
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    for name in [
        "stream/01 Opening.wav",
        "stream/03 End_Fin.wav",
        "flac/02 Middle.flac",
        "cd/image.wav",
        "cd/image.cue",
        "cd/image.toc",
        "cd/pq.html",
        "cd/pq.csv",
        "cd/ddp/DDPID",
        "cd/ddp/DDPMS",
        "cd/ddp/IMAGE.DAT",
        "cd/ddp/CHECKSUM.MD5",
        "lp/side A.wav",
        "lp/MANIFEST.json",
    ] {
        assert!(names.contains(&name), "{name} is missing in {names:?}");
    }
    // The tracks of the disc are its image, byte for byte, and the fileset has the same behind its pause.
    let image = samples(&files["cd/image.wav"]);
    let tracks: Vec<u8> = files
        .iter()
        .filter(|(name, _)| name.starts_with("cd/tracks/"))
        .flat_map(|(_, file)| samples(file).to_vec())
        .collect();
    assert!(tracks == image, "{} and {} bytes", tracks.len(), image.len());
    let ddp = &files["cd/ddp/IMAGE.DAT"];
    assert!(ddp[..150 * 2352].iter().all(|byte| *byte == 0) && ddp[150 * 2352..] == *image);
    assert_eq!(image.len() % 2352, 0);
    // Sides are the album without what lies between them: nothing does here.
    let length = |name: &str| samples(&files[name]).len();
    let stream = ["stream/01 Opening.wav", "stream/02 Middle.wav", "stream/03 End_Fin.wav"].map(length);
    assert_eq!(length("lp/side A.wav") + length("lp/side B.wav"), stream.iter().sum::<usize>());
    assert_eq!(stream[0], 7 * 44_100 * 6, "the gap belongs to the track before it");
    // The manifest has what every file measures.
    let manifest: Value = serde_json::from_slice(&files["stream/MANIFEST.json"]).unwrap();
    for file in manifest["files"].as_array().unwrap() {
        let number = |key: &str| file[key].as_f64().unwrap();
        assert!((number("true_peak_dbtp") - number("integrated_lufs") - number("plr_lu")).abs() < 1e-9);
        assert_eq!((file["md5"].as_str().unwrap().len(), file["sha256"].as_str().unwrap().len()), (32, 64));
    }
    // What the services that it names will do is told.
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let service = &told["deliverables"][0]["services"][0];
    assert_eq!(
        (&service["service"], service["tracks"].as_array().map(Vec::len)),
        (&"spotify".into(), Some(3)),
        "{service}"
    );
    let gain = service["album"]["gain_db"].as_f64().unwrap();
    let album = told["deliverables"][0]["integrated_lufs"].as_f64().unwrap();
    assert!((album + gain + 14.0).abs() < 0.02 || gain < -14.0 - album, "{album} LUFS, {gain} dB");
    // Other programs find the sums right, where they are here.
    let others: [(&str, &[&str], &str); 2] = [
        ("md5sum", &["--strict", "-c", "CHECKSUM.MD5"], "album/cd/ddp"),
        ("flac", &["-s", "-t", "01 Opening.flac", "02 Middle.flac", "03 End_Fin.flac"], "album/flac"),
    ];
    for (program, arguments, place) in others {
        let run = std::process::Command::new(program)
            .args(arguments)
            .current_dir(folder.path().join(place))
            .output();
        if let Ok(run) = run {
            assert!(run.status.success(), "{program}: {}{}", out(&run), err(&run));
        }
    }
}

#[test]
fn tracks_keep_their_distances_in_loudness() {
    let folder = folder(&[5.0, 6.0, 7.0]);
    write(folder.path(), DELIVERED);
    let told = |arguments: &[&str]| -> Value {
        serde_json::from_slice(&deadwax(folder.path(), arguments).stdout).unwrap()
    };
    let lufs = |told: &Value| -> Vec<f64> {
        let files = told["deliverables"][0]["files"].as_array().unwrap();
        files.iter().map(|file| file["integrated_lufs"].as_f64().unwrap()).collect()
    };
    let kept = lufs(&told(&["album", "render", "album.ron", "--only", "stream", "--json"]));
    let as_they_are = DELIVERED.replace("KeepRelative(anchor: LoudestTrack, target_lufs: -16)", "AsMastered");
    write(folder.path(), &as_they_are);
    let before = lufs(&told(&["album", "render", "album.ron", "--only", "stream", "-o", "plain", "--json"]));
    let loudest = kept.iter().copied().fold(f64::MIN, f64::max);
    assert!((loudest + 16.0).abs() < 0.01, "{kept:?}");
    for pair in [[0, 1], [1, 2], [0, 2]] {
        let [was, is] = [&before, &kept].map(|lufs| lufs[pair[0]] - lufs[pair[1]]);
        assert!((was - is).abs() < 0.02, "{before:?} {kept:?}");
    }
    // To the same loudness each, where that takes no limiting.
    write(
        folder.path(),
        &as_they_are
            .replace("AsMastered", "Match(target_lufs: -24)")
            .replace("offset_db: -2", "offset_db: 0"),
    );
    let equal = lufs(&told(&["album", "render", "album.ron", "--only", "stream", "-o", "equal", "--json"]));
    assert!(equal.iter().all(|lufs| (lufs + 24.0).abs() < 0.02), "{equal:?}");
    write(folder.path(), &as_they_are.replace("AsMastered", "Match(target_lufs: -3, max_gain_db: 40)"));
    let output = deadwax(folder.path(), &["album", "render", "album.ron", "--only", "stream", "-o", "loud"]);
    assert_eq!(output.status.code(), Some(6), "{}", err(&output));
    assert!(err(&output).contains("it has to be limited"), "{}", err(&output));
}

#[test]
fn an_album_is_the_same_at_any_number_of_workers_and_is_not_made_again() {
    let folder = folder(&[5.0, 6.0, 7.0]);
    write(folder.path(), DELIVERED);
    for (workers, place) in [("1", "a"), ("3", "b")] {
        let output =
            deadwax(folder.path(), &["album", "render", "album.ron", "-j", workers, "-o", place, "-q"]);
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    }
    let (one, three) = (tree(&folder.path().join("a")), tree(&folder.path().join("b")));
    assert_eq!(one.keys().collect::<Vec<_>>(), three.keys().collect::<Vec<_>>());
    assert!(one.iter().all(|(name, bytes)| three[name] == *bytes));
    // What was made of the same is left as it is; of something else it is not replaced unasked.
    let again = deadwax(folder.path(), &["album", "render", "album.ron", "-o", "a"]);
    assert_eq!(out(&again).matches("as it was").count(), 4, "{}", out(&again));
    write(folder.path(), &DELIVERED.replace("offset_db: -2", "offset_db: -3"));
    let other = deadwax(folder.path(), &["album", "render", "album.ron", "-o", "a"]);
    assert_eq!(other.status.code(), Some(5), "{}", err(&other));
    assert!(tree(&folder.path().join("a")) == one);
    let forced = deadwax(folder.path(), &["album", "render", "album.ron", "-o", "a", "-f"]);
    assert_eq!(forced.status.code(), Some(0), "{}", err(&forced));
    assert!(tree(&folder.path().join("a")) != one);
    // What somebody else put there is never taken away, whatever is asked.
    std::fs::write(folder.path().join("a/cd/letter.txt"), "to the plant").unwrap();
    write(folder.path(), DELIVERED);
    let foreign = deadwax(folder.path(), &["album", "render", "album.ron", "-o", "a", "-f", "--only", "cd"]);
    assert_eq!(foreign.status.code(), Some(5), "{}", err(&foreign));
    assert!(folder.path().join("a/cd/letter.txt").exists());
    std::fs::create_dir(folder.path().join("stream")).unwrap();
    let foreign =
        deadwax(folder.path(), &["album", "render", "album.ron", "-o", ".", "-f", "--only", "stream"]);
    assert_eq!(foreign.status.code(), Some(5), "{}", err(&foreign));
}

#[test]
fn an_album_that_was_interrupted_goes_on_to_the_same_bytes() {
    let folder = folder(&[20.0, 20.0, 20.0]);
    let heavy = DELIVERED.replace("    loudness:", "    graph: \"restore-vinyl\",\n    loudness:");
    write(folder.path(), &heavy);
    let arguments = ["album", "render", "album.ron", "-q", "-o", "broken"];
    let mut child = super::command(folder.path(), &arguments).spawn().unwrap();
    // Until a first master is there, or somebody is very quick.
    for _ in 0..600 {
        let masters = std::fs::read_dir(folder.path().join("broken/.masters"));
        let done = masters.is_ok_and(|entries| {
            entries.flatten().any(|entry| entry.path().extension().is_some_and(|ending| ending == "wav"))
        });
        if done || child.try_wait().unwrap().is_some() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let _ = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    child.wait().unwrap();
    let half = tree(&folder.path().join("broken"));
    // Whole deliverables, or none: nothing half made is left.
    let begun: std::collections::BTreeSet<&str> =
        half.keys().filter_map(|name| name.split('/').next()).collect();
    assert!(begun.iter().all(|name| half.contains_key(&format!("{name}/MANIFEST.json"))), "{begun:?}");
    for place in ["broken", "whole"] {
        let output = deadwax(folder.path(), &["album", "render", "album.ron", "-q", "-o", place]);
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    }
    assert!(tree(&folder.path().join("broken")) == tree(&folder.path().join("whole")));
}
