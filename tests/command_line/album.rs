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
