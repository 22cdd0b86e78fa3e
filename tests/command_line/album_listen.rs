//! `deadwax album listen-list`: the moments to listen to, and a tape of them.

use super::{deadwax, err, out};
use deadwax_tests::{mix, write_wav};
use serde_json::Value;

const ALBUM: &str = r#"Album(
    format: 1,
    tracks: {
        one: Track(title: "One", source: "1.wav", fade_out: Fade(length: Seconds(4))),
        two: Track(title: "Two", source: "2.wav"),
        three: Track(title: "Three", source: "3.wav"),
    },
    layout: [Side("A"), "one", Gap(Seconds(2)), "two", Side("B"), "three"],
)
"#;

fn samples(path: &std::path::Path) -> Vec<i32> {
    hound::WavReader::open(path).unwrap().into_samples::<i32>().map(Result::unwrap).collect()
}

#[test]
fn moments_are_listed_and_a_tape_has_them_one_behind_the_other() {
    let folder = tempfile::tempdir().unwrap();
    for (name, seconds) in [("1", 60.0), ("2", 40.0), ("3", 50.0)] {
        write_wav(&folder.path().join(format!("{name}.wav")), 44_100, &mix(44_100, seconds));
    }
    std::fs::write(folder.path().join("album.ron"), ALBUM).unwrap();
    let list = ["album", "listen-list", "album.ron", "--tape", "listen.wav"];
    let output = deadwax(folder.path(), &list);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    insta::assert_snapshot!("album_listen_list", out(&output));
    let told: Value = serde_json::from_slice(
        &deadwax(folder.path(), &["album", "listen-list", "album.ron", "--json"]).stdout,
    )
    .unwrap();
    let moments = told["moments"].as_array().unwrap();
    let reasons: Vec<&str> = moments
        .iter()
        .flat_map(|one| one["why"].as_array().unwrap())
        .map(|why| why.as_str().unwrap())
        .collect();
    for part in [
        "it begins: 1 One",
        "1 One goes out over 4.0 s",
        "1 One → 2 Two: a gap of 2.0 s",
        "2 Two → 3 Three: the side ends, the next begins",
        "it ends: 3 Three",
    ] {
        assert!(reasons.contains(&part), "{part}: {reasons:?}");
    }
    for title in ["1 One is loudest", "2 Two is loudest", "3 Three is loudest"] {
        assert_eq!(reasons.iter().filter(|why| why.starts_with(title)).count(), 1, "{title}");
    }
    // Moments follow each other and do not meet; the tape is as long as they are, with a second between.
    let at = |one: &Value, key: &str| one[key].as_f64().unwrap();
    assert!(moments.windows(2).all(|pair| at(&pair[0], "end_s") < at(&pair[1], "begin_s")));
    let heard: f64 = moments.iter().map(|one| at(one, "end_s") - at(one, "begin_s")).sum();
    let tape = samples(&folder.path().join("listen.wav"));
    let seconds = tape.len() as f64 / 2.0 / 44_100.0;
    assert!((seconds - heard - (moments.len() - 1) as f64).abs() < 0.01, "{seconds} {heard}");
    // What is on the tape is the album there: the loudest moment of the second track, which nothing turns.
    let moment = moments.iter().find(|one| one["why"].to_string().contains("2 Two is loudest")).unwrap();
    let (from, to) = (at(moment, "begin_s"), at(moment, "tape_s"));
    let frame = |seconds: f64| (seconds * 44_100.0).round() as usize;
    let mix = samples(&folder.path().join("2.wav"));
    let inside = 2 * (frame(from) - frame(62.0))..2 * (frame(from) - frame(62.0) + 44_100);
    let taped = 2 * frame(to)..2 * (frame(to) + 44_100);
    let far = mix[inside].iter().zip(&tape[taped]).map(|(a, b)| (a - b).abs());
    assert!(far.max().unwrap() <= 2, "the tape is dithered, and nothing else");
    // A tape is not replaced unasked, and no mix ever.
    assert_eq!(deadwax(folder.path(), &list).status.code(), Some(5));
    let over = ["album", "listen-list", "album.ron", "--tape", "2.wav", "-f"];
    assert_eq!(deadwax(folder.path(), &over).status.code(), Some(5));
    assert_eq!(samples(&folder.path().join("2.wav")), mix);
}
