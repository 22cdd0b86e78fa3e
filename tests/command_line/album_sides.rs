//! What `deadwax album render` tells of sides before they are cut or copied, and the sheet that goes with them.

use super::{deadwax, err, out};
use deadwax_dsp::math::{exp, sin};
use deadwax_measure::signals::uniform;
use deadwax_tests::{Channels, write_wav};
use serde_json::Value;
use std::f64::consts::TAU;
use std::path::Path;

const RATE: u32 = 44_100;

/// A second of silence, and music as clean as a cutter likes it.
fn music(seconds: u32) -> Channels {
    let noise = uniform((seconds * RATE) as usize, 7);
    let tone = |hz: f64, t: f64| sin(TAU * hz * t);
    let mut channels = vec![Vec::new(), Vec::new()];
    for (n, noise) in noise.into_iter().enumerate() {
        let t = n as f64 / f64::from(RATE);
        let heard = if t < 1.0 { 0.0 } else { 0.6 + 0.4 * sin(TAU * t / 4.0) };
        let brush = 0.004 * exp(-(t % 0.5) * 20.0) * noise;
        let middle = 0.10 * tone(55.0, t) + 0.05 * tone(330.0, t) + brush;
        channels[0].push(heard * (middle + 0.03 * tone(440.0, t) + 0.004 * tone(2200.0, t)));
        channels[1].push(heard * (middle + 0.03 * tone(550.0, t) + 0.004 * tone(2750.0, t)));
    }
    channels
}

/// Changes every sample of both channels: by its time, whether it is the right one, and what it was.
fn changed(mut channels: Channels, change: impl Fn(f64, bool, f64) -> f64) -> Channels {
    for (right, channel) in channels.iter_mut().enumerate() {
        for (n, sample) in channel.iter_mut().enumerate() {
            *sample = change(n as f64 / f64::from(RATE), right == 1, *sample);
        }
    }
    channels
}

fn album(folder: &Path, tracks: &[(&str, Channels)], layout: &str, deliver: &str) {
    let mut named = String::new();
    for (number, (title, channels)) in tracks.iter().enumerate() {
        write_wav(&folder.join(format!("{number}.wav")), RATE, channels);
        named.push_str(&format!("t{number}: Track(title: {title:?}, source: \"{number}.wav\"), "));
    }
    let text = format!(
        "Album(format: 1, about: (title: \"Run-out\", artist: \"The Cutters\", catalogue: \"DW-1\"), tracks: {{ {named} }}, \
         layout: [{layout}], deliver: {{ {deliver} }})"
    );
    std::fs::write(folder.join("album.ron"), text).unwrap();
}

fn rendered(folder: &Path, more: &[&str]) -> Value {
    let output = deadwax(folder, &[&["album", "render", "album.ron", "--json"], more].concat());
    assert_eq!(output.status.code(), Some(0), "{}{}", out(&output), err(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What was found in a deliverable: what, in which file, and where.
fn found(told: &Value, deliverable: usize) -> Vec<(String, String, Option<f64>)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let findings = told["deliverables"][deliverable]["findings"].as_array().unwrap();
    findings.iter().map(|one| (text(&one["check"]), text(&one["file"]), one["at_s"].as_f64())).collect()
}

const BOTH: &str =
    "lp: Sides(medium: Lp12(rpm: 33)), mc: Sides(medium: Cassette(minutes: 46), lead: Seconds(0))";

#[test]
fn nothing_is_told_of_clean_sides_and_their_sheet_has_everything() {
    let folder = tempfile::tempdir().unwrap();
    let tracks = [("Opening", music(9)), ("=Middle, <b>", music(6)), ("End", music(8)), ("Coda", music(5))];
    // The gap at the turn is on neither side.
    let [a, b] =
        ["Side(\"A\"), \"t0\", Gap(Seconds(2)), \"t1\"", "Side(\"B<i>\"), \"t2\", Gap(Seconds(2)), \"t3\""];
    album(folder.path(), &tracks, &format!("{a}, Gap(Seconds(3)), {b}"), BOTH);
    let told = rendered(folder.path(), &[]);
    assert_eq!((found(&told, 0), found(&told, 1)), (vec![], vec![]));
    // The sheet: every track where it is in its file, and the sums of the files.
    let csv = std::fs::read_to_string(folder.path().join("album/lp/pq.csv")).unwrap();
    let rows: Vec<&str> = csv.lines().collect();
    assert!(
        rows.contains(&"medium,\"12-inch record, 33 rpm\"") && rows.contains(&"catalogue number,DW-1"),
        "{csv}"
    );
    assert!(rows.contains(&"A,1,0:00.000,0:09.000,,,Opening,The Cutters"), "{csv}");
    assert!(rows.contains(&"A,2,0:11.000,0:06.000,2.000,,\"'=Middle, <b>\",The Cutters"), "{csv}");
    assert!(rows.contains(&"B<i>,3,0:00.000,0:08.000,,,End,The Cutters"), "{csv}");
    assert!(rows.contains(&"B<i>,4,0:10.000,0:05.000,2.000,,Coda,The Cutters"), "{csv}");
    let files = told["deliverables"][0]["files"].as_array().unwrap();
    assert!(
        csv.contains(files[0]["md5"].as_str().unwrap()) && csv.contains("A,side A.wav,0:17.000,"),
        "{csv}"
    );
    let names: Vec<&str> = files.iter().map(|file| file["path"].as_str().unwrap()).collect();
    assert_eq!(names, ["side A.wav", "side B_i_.wav", "pq.csv", "pq.html"]);
    let html = std::fs::read_to_string(folder.path().join("album/lp/pq.html")).unwrap();
    assert!(
        html.contains("=Middle, &lt;b&gt;") && html.contains("Side B&lt;i&gt;: land of every turn"),
        "{html}"
    );
    let tape = std::fs::read_to_string(folder.path().join("album/mc/pq.csv")).unwrap();
    assert!(tape.contains("A,silence in front,1.0"), "{tape}");
}

#[test]
fn faults_of_sides_are_told_where_they_are() {
    let folder = tempfile::tempdir().unwrap();
    // Bass that moves the channels against each other from 2 to 4 s.
    let first = changed(music(7), |t, right, sample| {
        let bass = if (2.0..4.0).contains(&t) { 0.25 * sin(TAU * 70.0 * t) } else { 0.0 };
        sample + if right { -bass } else { bass }
    });
    // Esses twice a second.
    let second = changed(music(8), |t, _, sample| {
        let ess = t > 1.0 && (0.2..0.24).contains(&(t % 0.5));
        sample + if ess { 0.2 * sin(TAU * 8000.0 * t) } else { 0.0 }
    });
    // Clipped, with a mean and rumble, and no silence in front.
    let third = changed(music(17), |t, _, sample| {
        let now = if t < 1.0 { 0.02 * sin(TAU * 330.0 * t) } else { sample };
        (6.0 * now + 0.1 * sin(TAU * 11.0 * t)).clamp(-0.7, 0.7) + 0.01
    });
    let tracks = [("Opening", first), ("Middle", second), ("End", third)];
    album(
        folder.path(),
        &tracks,
        "Side(\"A\"), \"t0\", Gap(Seconds(0.5)), \"t1\", Side(\"B\"), \"t2\"",
        BOTH,
    );
    let told = rendered(folder.path(), &[]);
    let lp = found(&told, 0);
    let at = |check: &str, file: &str| -> Vec<f64> {
        let of = |one: &&(String, String, Option<f64>)| one.0 == check && one.1 == file;
        lp.iter().filter(of).map(|one| one.2.unwrap_or(-1.0)).collect()
    };
    let bass = at("bass-phase", "side A.wav");
    assert!(bass.iter().any(|at| (at - 2.0).abs() < 0.2), "{lp:?}");
    // 7 s and half a second; the second of silence that the track begins with belongs to the band.
    assert_eq!(at("bands", "side A.wav"), [7.5], "{lp:?}");
    assert!(at("sibilance", "side A.wav").iter().all(|at| ((at - 7.5) % 0.5 - 0.2).abs() < 0.02), "{lp:?}");
    assert_eq!((at("sibilance", "side A.wav").len(), at("order", "side A.wav").len()), (1, 1), "{lp:?}");
    for check in ["clipping", "offset", "subsonic"] {
        assert_eq!(at(check, "side B.wav").len(), 1, "{check}: {lp:?}");
        assert_eq!(at(check, "side A.wav").len(), 0, "{check}: {lp:?}");
    }
    let mc = found(&told, 1);
    let of_tape =
        |check: &str| mc.iter().filter(|one| one.0 == check).map(|one| one.1.as_str()).collect::<Vec<_>>();
    assert_eq!((of_tape("balance"), of_tape("lead")), (vec![""], vec!["side B.wav"]), "{mc:?}");
    assert_eq!(of_tape("saturation"), ["side A.wav"], "{mc:?}");
    // They are kept with the deliverable, and said on the sheet.
    let again = rendered(folder.path(), &[]);
    assert_eq!(again["deliverables"][0]["as_it_was"], true);
    assert_eq!(found(&again, 0), lp);
    let html = std::fs::read_to_string(folder.path().join("album/lp/pq.html")).unwrap();
    assert!(html.contains("the channels move against each other"), "{html}");
}

#[test]
fn a_side_is_judged_by_the_level_it_is_cut_at_and_its_audio_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let layout = "Side(\"A\"), \"t0\"";
    let bright =
        changed(music(5), |t, _, sample| if t < 1.0 { 0.0 } else { sample + 0.16 * sin(TAU * 9000.0 * t) });
    for (reference, count) in [(-6, 0), (-20, 1)] {
        let deliver = format!("lp: Sides(medium: Lp12(rpm: 33), reference_dbfs: {reference})");
        album(folder.path(), &[("One", bright.clone())], layout, &deliver);
        let told = rendered(folder.path(), &["-f"]);
        assert_eq!(told["deliverables"][0]["as_it_was"], false);
        let treble = found(&told, 0).iter().filter(|one| one.0 == "treble").count().min(1);
        assert_eq!(treble, count, "{reference} dBFS: {:?}", found(&told, 0));
    }
    // At a rate that nobody cuts from it is not looked through, and that is told.
    let low = "lp: Sides(medium: Lp12(rpm: 33), rate_hz: 32000)";
    album(folder.path(), &[("One", bright)], layout, low);
    let told = rendered(folder.path(), &["-f"]);
    assert_eq!(found(&told, 0), [("rate".into(), "side A.wav".into(), None)]);
}
