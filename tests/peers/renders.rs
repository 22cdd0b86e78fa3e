//! Every track of a folder, delivered at two loudnesses, and ffmpeg's two-pass loudnorm beside it. The folder is named by the
//! variable `DEADWAX_MUSIC`.

use crate::Table;
use deadwax::{GraphRef, Job, Overrides, Settings, measure, registry, render};
use deadwax_measure::Measured;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::AtomicBool;

/// What no peak goes beyond, in dBTP.
const CEILING: f64 = -1.0;

pub(crate) fn tracks() -> Vec<PathBuf> {
    let Some(folder) = std::env::var_os("DEADWAX_MUSIC") else { return Vec::new() };
    // Who names tracks wants them heard: without ffmpeg they would all be left out, and every test of them would pass.
    let ffmpeg = std::process::Command::new("ffmpeg").arg("-version").output();
    assert!(ffmpeg.is_ok(), "DEADWAX_MUSIC names tracks, and ffmpeg, which decodes them, is not here");
    let listed = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let audio = |path: &PathBuf| {
        path.extension().is_some_and(|ending| ["ogg", "wav", "flac"].iter().any(|known| ending == *known))
    };
    let mut tracks: Vec<PathBuf> = listed.filter(audio).collect();
    tracks.sort();
    tracks
}

/// Loudness, and by how much either meter exceeds the ceiling.
fn figures(measured: &Measured) -> Vec<f64> {
    let over = |peak: Option<f64>| peak.map_or(f64::NAN, |peak| peak - CEILING);
    vec![
        measured.integrated_lufs.unwrap_or(f64::NAN),
        over(measured.true_peak_annex_2_dbtp),
        over(measured.true_peak_reference_dbtp),
    ]
}

/// Ours, and whether the goal was reached.
fn ours(track: &Path, target: f64, folder: &Path) -> (Vec<f64>, bool) {
    let overrides = Overrides { preset: None, values: vec![("loudness".into(), target.to_string())] };
    let graph = GraphRef::parse("streaming").unwrap().load(&registry(), &overrides).unwrap();
    let output = folder.join("ours.wav");
    let job = Job { input: track.to_owned(), output };
    let settings = Settings { existing: deadwax::Existing::Replace, ..Settings::default() };
    let done = render(&graph, &job, &settings, &AtomicBool::new(false), &|_| {}).unwrap();
    let reached = done.goals.iter().all(|(_, report)| report.to_json()["reached"] == true);
    (figures(done.files[0].after.as_ref().unwrap()), reached)
}

/// ffmpeg's loudnorm in two passes, back at the track's own rate.
fn theirs(track: &Path, target: f64, folder: &Path) -> Option<Vec<f64>> {
    let path = track.display().to_string();
    let first = format!("loudnorm=I={target}:TP={CEILING}:LRA=11:print_format=json");
    let hear = ["-hide_banner", "-nostats", "-i", &path, "-af", &first, "-f", "null", "-"];
    let told = Command::new("ffmpeg").args(hear).output().ok()?;
    let text = String::from_utf8_lossy(&told.stderr).into_owned();
    let json: serde_json::Value = serde_json::from_str(&text[text.rfind('{')?..=text.rfind('}')?]).ok()?;
    let of = |key: &str| json[key].as_str().unwrap_or("0").to_owned();
    let second = format!(
        "loudnorm=I={target}:TP={CEILING}:LRA=11:linear=true:measured_I={}:measured_LRA={}:measured_TP={}:\
         measured_thresh={}:offset={}",
        of("input_i"),
        of("input_lra"),
        of("input_tp"),
        of("input_thresh"),
        of("target_offset")
    );
    let output = folder.join("theirs.wav");
    let out = output.display().to_string();
    let made = [
        "-v",
        "error",
        "-y",
        "-i",
        &path,
        "-af",
        &second,
        "-ar",
        "44100",
        "-ac",
        "2",
        "-c:a",
        "pcm_f32le",
        &out,
    ];
    assert!(Command::new("ffmpeg").args(made).status().ok()?.success());
    Some(figures(&measure(&output).unwrap().1))
}

#[test]
#[ignore = "opt-in: needs a folder of music in DEADWAX_MUSIC; compares with ffmpeg"]
fn every_track_at_two_loudnesses() {
    let folder = tempfile::tempdir().unwrap();
    for target in [-14.0, -10.0] {
        let title = if target == -14.0 {
            "Delivered at −14 LUFS, −1 dBTP"
        } else {
            "Delivered at −10 LUFS, −1 dBTP"
        };
        let heads = [
            "ours, LUFS",
            "over, Annex 2",
            "over, reference",
            "loudnorm, LUFS",
            "over, Annex 2",
            "over, reference",
        ];
        let mut table = Table::new(title, &heads);
        for track in tracks() {
            let name = track.file_stem().unwrap().to_string_lossy().into_owned();
            let (mut row, reached) = ours(&track, target, folder.path());
            assert!(!reached || (row[0] - target).abs() <= 0.05, "{name}: {} LUFS", row[0]);
            assert!(row[1] <= 0.01 && row[2] <= 0.01, "{name}: {row:?}");
            row.extend(theirs(&track, target, folder.path()).unwrap_or(vec![f64::NAN; 3]));
            let name = if reached { name } else { format!("{name} (told as unreachable)") };
            table.row(&name, Some(row));
        }
        table.print();
    }
}
