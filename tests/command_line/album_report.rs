//! `deadwax album report`: which tracks stand out, and whether what it says brings them in.

#![allow(clippy::disallowed_methods, reason = "an independent reference")]

use super::{deadwax, err, out};
use deadwax_tests::{mix, write_wav};
use serde_json::Value;
use std::path::Path;

const SECONDS: f64 = 6.0;

/// The high half of a signal, made louder by one pole around 4 kHz, as a tone knob does.
fn brighter(side: &mut [f64], gain: f64) {
    let (mut low, keep) = (0.0, 0.57);
    for sample in side {
        low = keep * low + (1.0 - keep) * *sample;
        *sample = low + gain * (*sample - low);
    }
}

/// Five mixes of one sound: the second soft, the third bright, the fifth narrow.
fn album(graph: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for number in 1..=5 {
        let mut sides = mix(44_100, SECONDS);
        let loud = if number == 2 { 0.25 } else { 0.5 };
        sides.iter_mut().flatten().for_each(|sample| *sample *= loud);
        if number == 3 {
            sides.iter_mut().for_each(|side| brighter(side, 2.6));
        }
        if number == 5 {
            for frame in 0..sides[0].len() {
                let (l, r) = (sides[0][frame], sides[1][frame]);
                let (middle, side) = (0.5 * (l + r), 0.5 * 0.3 * (l - r));
                (sides[0][frame], sides[1][frame]) = (middle + side, middle - side);
            }
        }
        write_wav(&folder.path().join(format!("{number}.wav")), 44_100, &sides);
    }
    std::fs::write(folder.path().join("house.ron"), HOUSE).unwrap();
    write(folder.path(), graph, &[""; 5], &[0.0; 5]);
    folder
}

const HOUSE: &str = r#"Graph(
    format: 1,
    params: {
        air: Param(sets: ["tone.air.gain_db"], min: -12, max: 12, help: "More or less on top"),
        wide: Param(sets: ["room.amount"], min: 0, max: 2, help: "How wide"),
    },
    nodes: {
        tone: Equalizer(bands: {
            body: LowShelf(freq_hz: 150, gain_db: 0),
            air: HighShelf(freq_hz: 5000, gain_db: 0),
        }),
        room: Width(amount: 0.5),
    },
    wires: ["input -> tone -> room -> output"],
)
"#;

/// Writes the album with a graph, what is set in it for each track, and the offset of each track.
fn write(folder: &Path, graph: &str, set: &[&str; 5], offsets: &[f64; 5]) {
    let tracks: String = (1..=5)
        .map(|n| {
            let (set, offset) = (set[n - 1], offsets[n - 1]);
            format!("t{n}: Track(title: \"Song {n}\", source: \"{n}.wav\", offset_db: {offset}{set}),\n")
        })
        .collect();
    let graph = if graph.is_empty() { String::new() } else { format!("graph: \"{graph}\",\n") };
    let text = format!(
        "Album(format: 1, about: (title: \"Even\"),\n{graph}tracks: {{\n{tracks}}},\nlayout: [\"t1\", \"t2\", \"t3\", \"t4\", \"t5\"])\n"
    );
    std::fs::write(folder.join("album.ron"), text).unwrap();
}

fn told(folder: &Path) -> Value {
    let output = deadwax(folder, &["album", "report", "album.ron", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", out(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn what_stands_out_is_named_and_comes_in_by_what_is_advised() {
    let folder = album("house.ron");
    let before = told(folder.path());
    let changes = before["changes"].as_array().unwrap();
    let change = |track: &str, aspect: &str| {
        let found = changes.iter().find(|change| {
            change["track"] == track && change["outlier"]["aspect"].to_string().contains(aspect)
        });
        found.unwrap_or_else(|| panic!("{track} {aspect}: {before:#}"))
    };
    let value = |change: &Value, path: &str| -> f64 {
        assert_eq!(change["remedy"]["path"], path, "{change}");
        change["remedy"]["to"].as_str().unwrap().parse().unwrap()
    };
    let offset = value(change("t2", "loudness"), "tracks.t2.offset_db");
    assert!((offset - 5.0).abs() < 0.2, "half of the amplitude is 6 dB, and 1 LU is left: {offset}");
    let air = value(change("t3", "treble"), "tracks.t3.set.air");
    assert!((-6.0..-2.0).contains(&air), "{air}");
    let wide = value(change("t5", "width"), "tracks.t5.set.wide");
    assert!((wide - 0.5 / 0.3 / 1.259).abs() < 0.1, "{wide}");
    assert!(changes.iter().all(|change| change["track"] != "t1" && change["track"] != "t4"), "{before:#}");
    // All of it done, nothing stands out any more.
    let (air, wide) = (format!(", set: {{ air: {air} }}"), format!(", set: {{ wide: {wide} }}"));
    write(folder.path(), "house.ron", &["", "", &air, "", &wide], &[0.0, offset, 0.0, 0.0, 0.0]);
    let after = told(folder.path());
    assert_eq!(after["outliers"].as_array().map(Vec::len), Some(0), "{after:#}");
}

#[test]
fn the_report_is_a_table_with_a_mark_at_what_stands_out() {
    let folder = album("");
    let output = deadwax(folder.path(), &["album", "report", "album.ron"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    insta::assert_snapshot!("album_report", out(&output));
    // Two tracks have no middle.
    let two = "Album(format: 1, tracks: { a: Track(source: \"1.wav\"), b: Track(source: \"2.wav\") }, layout: [\"a\", \"b\"])";
    std::fs::write(folder.path().join("album.ron"), two).unwrap();
    let output = deadwax(folder.path(), &["album", "report", "album.ron"]);
    assert!(out(&output).contains("fewer than three tracks"), "{}", out(&output));
}

#[test]
fn the_report_is_a_page_as_well() {
    let folder = album("house.ron");
    let text = std::fs::read_to_string(folder.path().join("album.ron")).unwrap();
    let text = text.replace("\"Even\"", "\"<i>Even</i>\"");
    let deliver = text.trim_end().strip_suffix(')').unwrap().to_owned()
        + ",\ndeliver: { stream: Tracks(format: Flac(bits: 16), check: [\"spotify\"]) })\n";
    std::fs::write(folder.path().join("album.ron"), deliver).unwrap();
    let report = ["album", "report", "album.ron", "--page", "page.html"];
    let rendered = deadwax(folder.path(), &["album", "render", "album.ron", "-q"]);
    assert_eq!(rendered.status.code(), Some(0), "{}", err(&rendered));
    let output = deadwax(folder.path(), &report);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let page = std::fs::read_to_string(folder.path().join("page.html")).unwrap();
    for part in [
        "Some tracks stand out",
        "tracks.t2.offset_db",
        "What services do",
        "02 Song 2.flac",
        "The album over time",
    ] {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("<i>Even"), "nothing of a document becomes markup");
    let numbers = page.split_once("id=\"deadwax\">").unwrap().1.split_once("</script>").unwrap().0;
    assert_eq!(serde_json::from_str::<Value>(numbers).unwrap()["tracks"].as_array().unwrap().len(), 5);
    // Nothing that the album is read from is written over, whatever is asked.
    for input in ["album.ron", "house.ron", "1.wav"] {
        let before = std::fs::read(folder.path().join(input)).unwrap();
        let over =
            deadwax(folder.path(), &["album", "report", "album.ron", "--quick", "--page", input, "-f"]);
        assert_eq!(over.status.code(), Some(5), "{input}: {}", err(&over));
        assert!(std::fs::read(folder.path().join(input)).unwrap() == before, "{input}");
    }
    // It is not replaced unasked.
    assert_eq!(deadwax(folder.path(), &report).status.code(), Some(5));
    assert_eq!(deadwax(folder.path(), &[&report[..], &["-f"]].concat()).status.code(), Some(0));
}

#[test]
fn album_loudness_is_gated_over_all_tracks_together() {
    let folder = album("");
    let told = told(folder.path());
    let tracks = told["tracks"].as_array().unwrap();
    let power: f64 = tracks
        .iter()
        .map(|track| 10_f64.powf(track["integrated_lufs"].as_f64().unwrap() / 10.0))
        .sum::<f64>()
        / 5.0;
    let all = told["all"]["integrated_lufs"].as_f64().unwrap();
    // The soft track is within 10 LU: gated together it counts by its power, not by its decibels.
    assert!((all - 10.0 * power.log10()).abs() < 0.1, "{all}");
}
