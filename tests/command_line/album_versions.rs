//! Versions of tracks: an instrumental is the song without its voice, and nothing else.

#![allow(clippy::disallowed_methods, reason = "an independent reference")]

use super::{deadwax, err};
use deadwax_tests::{mix, write_wav};
use std::path::Path;

const SECONDS: f64 = 8.0;
/// Where somebody sings, in frames.
const VOICE: std::ops::Range<usize> = 88_200..220_500;

const HOUSE: &str = r#"Graph(
    format: 1,
    nodes: { warm: Equalizer(bands: { body: LowShelf(freq_hz: 150, gain_db: 1.5) }), level: Loudness(target_lufs: -16) },
    wires: ["input -> warm -> level -> output"],
)
"#;

fn album(loudness: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let instrumental = mix(44_100, SECONDS);
    let mut song = instrumental.clone();
    for side in &mut song {
        for (n, sample) in side[VOICE].iter_mut().enumerate() {
            *sample += 0.4 * (std::f64::consts::TAU * 700.0 * n as f64 / 44_100.0).sin();
        }
    }
    write_wav(&folder.path().join("song.wav"), 44_100, &song);
    write_wav(&folder.path().join("instrumental.wav"), 44_100, &instrumental);
    write_wav(&folder.path().join("other.wav"), 44_100, &mix(44_100, 5.0));
    std::fs::write(folder.path().join("house.ron"), HOUSE).unwrap();
    let text = format!(
        r#"Album(
    format: 1,
    loudness: {loudness},
    graph: "house.ron",
    tracks: {{
        song: Track(source: "song.wav", versions: {{ instrumental: "instrumental.wav" }}),
        other: Track(source: "other.wav"),
    }},
    layout: ["song", "other"],
    deliver: {{
        usual: Tracks(format: Wav(bits: 32)),
        instrumental: Tracks(version: "instrumental", format: Wav(bits: 32)),
    }},
)
"#
    );
    std::fs::write(folder.path().join("album.ron"), text).unwrap();
    folder
}

fn samples(path: &Path) -> Vec<f32> {
    hound::WavReader::open(path).unwrap().into_samples::<f32>().map(Result::unwrap).collect()
}

#[test]
fn an_instrumental_nulls_against_the_song_where_nobody_sings() {
    for loudness in ["AsMastered", "KeepRelative(anchor: LoudestTrack, target_lufs: -14)"] {
        let folder = album(loudness);
        let output = deadwax(folder.path(), &["album", "render", "album.ron", "-q"]);
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
        let file = |deliverable: &str, name: &str| {
            samples(&folder.path().join(format!("album/{deliverable}/{name}")))
        };
        let (usual, own) = (file("usual", "01 song.wav"), file("instrumental", "01 song.wav"));
        let far = |range: std::ops::Range<usize>| {
            let range = 2 * range.start..2 * range.end;
            let pairs = usual[range.clone()].iter().zip(&own[range]);
            pairs.map(|(a, b)| (a - b).abs()).fold(0.0_f32, f32::max)
        };
        assert_eq!(far(0..VOICE.start), 0.0, "{loudness}: before anybody sings they are one");
        // The shelf rings a little behind the voice.
        assert!(far(VOICE.end + 22_050..usual.len() / 2) < 1e-6, "{loudness}");
        assert!(far(VOICE) > 0.1, "{loudness}: the voice is gone");
        assert!(file("usual", "02 other.wav") == file("instrumental", "02 other.wav"), "it has no version");
    }
}

#[test]
fn masters_that_are_kept_know_their_gains() {
    let folder = album("AsMastered");
    let render = |only: &str, place: &str| {
        let output =
            deadwax(folder.path(), &["album", "render", "album.ron", "-q", "--only", only, "-o", place]);
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    };
    render("usual", "two-runs");
    render("instrumental", "two-runs");
    render("instrumental", "one-run");
    let bytes =
        |place: &str| std::fs::read(folder.path().join(place).join("instrumental/01 song.wav")).unwrap();
    assert!(bytes("two-runs") == bytes("one-run"));
    // Where somebody took that away, they are found again.
    let masters = std::fs::read_dir(folder.path().join("two-runs/.masters")).unwrap().map(Result::unwrap);
    let gains =
        masters.map(|entry| entry.path()).filter(|path| path.to_string_lossy().ends_with(".gains.json"));
    gains.for_each(|path| std::fs::remove_file(path).unwrap());
    std::fs::remove_dir_all(folder.path().join("two-runs/instrumental")).unwrap();
    render("instrumental", "two-runs");
    assert!(bytes("two-runs") == bytes("one-run"));
}
