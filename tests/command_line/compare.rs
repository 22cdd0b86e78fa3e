//! `deadwax compare`: alignment, the difference, exit codes.

use super::{deadwax, err, folder, names, out};
use deadwax_tests::{Channels, mix, write_wav};
use serde_json::Value;
use std::path::Path;

fn json(folder: &Path, more: &[&str]) -> Value {
    let mut arguments = vec!["compare", "mix.wav", "b.wav", "--json"];
    arguments.extend(more);
    serde_json::from_slice(&deadwax(folder, &arguments).stdout).unwrap()
}

/// Writes `b.wav` beside the mix: the mix, changed.
fn other(folder: &Path, change: impl Fn(&mut Channels)) {
    let mut channels = mix(44_100, 6.0);
    change(&mut channels);
    write_wav(&folder.join("b.wav"), 44_100, &channels);
}

#[test]
fn the_same_file_has_no_difference_at_all() {
    let folder = folder();
    other(folder.path(), |_| {});
    let output = deadwax(folder.path(), &["compare", "mix.wav", "b.wav", "--max-diff", "-200"]);
    assert_eq!(output.status.code(), Some(0));
    insta::assert_snapshot!("compare_same", out(&output));
    let value = json(folder.path(), &[]);
    assert_eq!(value["difference"]["null_db"], Value::Null);
    assert_eq!(value["aligned"]["offset_frames"], 0);
    let keys: Vec<&String> = value.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "a",
            "b",
            "aligned",
            "match_gain_db",
            "difference",
            "null_file",
            "null_clipped_samples",
            "schema",
            "ok",
            "diagnostics"
        ]
    );
}

#[test]
fn delay_and_gain_are_taken_out_and_what_was_changed_is_left() {
    let folder = folder();
    other(folder.path(), |channels| {
        for channel in channels {
            channel.iter_mut().for_each(|x| *x *= 0.5);
            channel.splice(0..0, vec![0.0; 1234]);
        }
    });
    let value = json(folder.path(), &[]);
    assert_eq!(value["aligned"]["offset_frames"], 1234);
    assert!((value["match_gain_db"].as_f64().unwrap() - 6.0206).abs() < 1e-4, "{value}");
    // Both were rounded to 24 bit.
    assert!(value["difference"]["null_db"].as_f64().unwrap() < -95.0, "{value}");
    // Without the match half of it is left: 6 dB under.
    let unmatched = json(folder.path(), &["--no-match"]);
    assert!((unmatched["difference"]["null_db"].as_f64().unwrap() + 6.02).abs() < 0.01);
    let output = deadwax(folder.path(), &["compare", "mix.wav", "b.wav", "--no-match", "--max-diff", "-20"]);
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn where_it_differs_is_told_and_written() {
    let folder = folder();
    other(folder.path(), |channels| {
        for n in 0..11_025 {
            let at = 44_100 * 3 + n;
            let tone = 0.05 * deadwax_dsp::math::sin(std::f64::consts::TAU * 3000.0 * n as f64 / 44_100.0);
            channels.iter_mut().for_each(|channel| channel[at] += tone);
        }
    });
    let value = json(folder.path(), &["--no-match", "--null", "null.wav"]);
    let difference = &value["difference"];
    let range = |key: &str| [0, 1].map(|at| difference[key][at].as_f64().unwrap());
    let [from, to] = range("mostly_hz");
    assert!(from < 3000.0 && to > 3000.0 && to / from < 1.3, "{from} {to}");
    let [from, to] = range("largest_s");
    assert!(from <= 3.0 && to >= 3.25, "{from} {to}");
    // What was written is the tone, upside down, and nothing else.
    let null: Vec<i32> = hound::WavReader::open(folder.path().join("null.wav"))
        .unwrap()
        .samples()
        .map(Result::unwrap)
        .collect();
    assert_eq!(null.len(), 44_100 * 6 * 2);
    assert!(null[..44_100 * 3 * 2].iter().all(|x| *x == 0));
    let peak = null.iter().map(|x| x.abs()).max().unwrap();
    assert!((f64::from(peak) / 8_388_608.0 - 0.05).abs() < 1e-3);
}

#[test]
fn nothing_is_written_over_and_strangers_end_in_errors() {
    let folder = folder();
    other(folder.path(), |_| {});
    let before = std::fs::read(folder.path().join("mix.wav")).unwrap();
    let run = |more: &[&str]| {
        let mut arguments = vec!["compare", "mix.wav", "b.wav"];
        arguments.extend(more);
        deadwax(folder.path(), &arguments)
    };
    let output = run(&["--null", "mix.wav", "-f"]);
    assert_eq!(output.status.code(), Some(5));
    assert!(err(&output).contains("DW0503"), "{}", err(&output));
    assert!(std::fs::read(folder.path().join("mix.wav")).unwrap() == before);
    std::fs::write(folder.path().join("there.wav"), "mine").unwrap();
    assert_eq!(run(&["--null", "there.wav"]).status.code(), Some(5));
    assert_eq!(std::fs::read(folder.path().join("there.wav")).unwrap(), b"mine");
    std::fs::remove_file(folder.path().join("there.wav")).unwrap();
    write_wav(&folder.path().join("b.wav"), 48_000, &mix(48_000, 1.0));
    let output = run(&["--null", "null.wav"]);
    assert_eq!(output.status.code(), Some(4));
    assert!(err(&output).contains("DW0530") && err(&output).contains("48 kHz"), "{}", err(&output));
    std::fs::write(folder.path().join("b.wav"), "RIFF....WAVEjunk").unwrap();
    assert_eq!(run(&["--null", "null.wav"]).status.code(), Some(4));
    assert_eq!(names(folder.path()), ["b.wav", "mix.wav"], "no file of a difference that was not found");
    assert_eq!(run(&["--max-diff", "much"]).status.code(), Some(2));
}
