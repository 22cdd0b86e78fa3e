//! Files before they are sent off: `deadwax preflight`, `deadwax codecs`, and what `album render` tells of its tracks.

use super::{deadwax, err, out};
use deadwax_measure::signals::gaussian;
use deadwax_tests::{Channels, write_wav};
use serde_json::Value;
use std::path::Path;
use std::process::Output;

/// Noise, mostly in the middle, that comes in and fades out.
fn programme(seconds: f64, seed: u64) -> Channels {
    let frames = (44_100.0 * seconds) as usize;
    let (middle, sides) = (gaussian(frames, 2 * seed), gaussian(frames, 2 * seed + 1));
    let ramp = |n: usize| (n as f64 / 22_050.0).min(1.0);
    let gain = |n: usize| 0.05 * ramp(n) * ramp(frames - 1 - n);
    let side = |sign: f64| (0..frames).map(|n| gain(n) * (middle[n] + sign * 0.3 * sides[n])).collect();
    vec![side(1.0), side(-1.0)]
}

/// The right channel upside down, from so many frames on to so many before the end.
fn spoilt(seconds: f64, seed: u64) -> Channels {
    let mut channels = programme(seconds, seed);
    channels[1].iter_mut().for_each(|x| *x = -*x);
    channels.into_iter().map(|channel| channel[30_000..channel.len() - 30_000].to_vec()).collect()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The kinds of what was found, with the files it was found in.
fn checks(findings: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let findings = findings.as_array().unwrap().iter();
    findings.map(|finding| (text(&finding["file"]), text(&finding["check"]))).collect()
}

#[test]
fn an_album_with_a_faulty_track_tells_it_and_a_clean_one_has_nothing_to_tell() {
    let folder = tempfile::tempdir().unwrap();
    for (number, name) in (0..).zip(["one", "two", "three"]) {
        write_wav(&folder.path().join(format!("{name}.wav")), 44_100, &programme(5.0, number));
    }
    write_wav(&folder.path().join("bad.wav"), 44_100, &spoilt(6.0, 9));
    let album = |second: &str| {
        let text = format!(
            "Album(format: 1, tracks: {{ one: Track(source: \"one.wav\"), two: Track(source: \"{second}\"), \
             three: Track(source: \"three.wav\") }}, layout: [\"one\", Gap(Seconds(2)), \"two\", Gap(Seconds(1)), \"three\"], \
             deliver: {{ stream: Tracks(format: Flac(bits: 16), check: [\"spotify\"]), cd: Disc(), \
             next: Tracks(gap: ToNext, format: Wav(bits: 24)), drop: Tracks(gap: Drop, format: Wav(bits: 24)) }})"
        );
        std::fs::write(folder.path().join("album.ron"), text).unwrap();
        let output = deadwax(folder.path(), &["album", "render", "album.ron", "--json", "-f"]);
        assert_eq!(output.status.code(), Some(0), "{}", out(&output));
        json(&output)["deliverables"].clone()
    };
    for one in album("two.wav").as_array().unwrap() {
        assert_eq!(one["findings"], Value::Array(Vec::new()), "{one}");
    }
    for one in album("bad.wav").as_array().unwrap() {
        let told = checks(&one["findings"]);
        assert!(told.iter().all(|(file, _)| file.contains("02 two")), "{told:?}");
        let kinds: Vec<&str> = told.iter().map(|(_, check)| check.as_str()).collect();
        assert_eq!(kinds, ["head", "tail", "phase", "mono"], "{one}");
    }
    // It is kept with the files, and told by people's way too.
    let manifest = std::fs::read_to_string(folder.path().join("album/stream/MANIFEST.json")).unwrap();
    let manifest: Value = serde_json::from_str(&manifest).unwrap();
    assert_eq!(checks(&manifest["findings"]).len(), 4);
    let again = out(&deadwax(folder.path(), &["album", "render", "album.ron"]));
    assert!(again.contains("! 02 two.flac at 0:00.000: begins within a sound"), "{again}");
}

#[test]
fn tracks_that_go_on_without_a_gap_have_no_seam_unless_something_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let whole = programme(8.0, 3);
    let part = |from: usize, to: usize| -> Channels {
        whole.iter().map(|channel| channel[from..to].to_vec()).collect()
    };
    let frames = whole[0].len();
    write_wav(&folder.path().join("a.wav"), 44_100, &part(0, 150_000));
    write_wav(&folder.path().join("b.wav"), 44_100, &part(150_000, frames));
    let mut padded = part(150_000, frames);
    padded.iter_mut().for_each(|channel| _ = channel.splice(0..0, vec![0.0; 576]));
    write_wav(&folder.path().join("padded.wav"), 44_100, &padded);
    let findings = |files: &[&str]| {
        let told = json(&deadwax(folder.path(), &[&["preflight", "--json"], files].concat()));
        let files = told["files"].as_array().unwrap().iter();
        files
            .map(|file| checks(&file["findings"]).into_iter().map(|one| one.1).collect())
            .collect::<Vec<Vec<_>>>()
    };
    assert_eq!(findings(&["a.wav", "b.wav", "--gapless"]), [[""; 0], []]);
    assert_eq!(findings(&["a.wav", "b.wav"]), [["tail"], ["head"]]);
    assert_eq!(findings(&["a.wav", "padded.wav", "--gapless"]), [vec![], vec!["seam"]]);
    // The same in an album, where the document says what follows what.
    for (second, seams) in [("b.wav", 0), ("padded.wav", 1)] {
        let text = format!(
            "Album(format: 1, tracks: {{ a: Track(source: \"a.wav\"), b: Track(source: \"{second}\") }}, \
             layout: [\"a\", \"b\"], deliver: {{ stream: Tracks(format: Wav(bits: 16), dither: Round) }})"
        );
        std::fs::write(folder.path().join("album.ron"), text).unwrap();
        let output = deadwax(folder.path(), &["album", "render", "album.ron", "--json", "-f"]);
        let told = checks(&json(&output)["deliverables"][0]["findings"]);
        let count = told.iter().filter(|(file, check)| file == "02 b.wav" && check == "seam").count();
        assert_eq!((count, told.len()), (seams, seams), "{told:?}");
    }
}

#[test]
fn files_are_told_by_themselves_and_held_against_services() {
    let folder = tempfile::tempdir().unwrap();
    write_wav(&folder.path().join("clean.wav"), 44_100, &programme(5.0, 1));
    let loud = programme(5.0, 2).iter().map(|c| c.iter().map(|x| 4.2 * x).collect()).collect();
    write_wav(&folder.path().join("loud.wav"), 44_100, &loud);
    write_wav(&folder.path().join("bad.wav"), 44_100, &spoilt(6.0, 4));
    let output =
        deadwax(folder.path(), &["preflight", "clean.wav", "bad.wav", "loud.wav", "--for", "spotify"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    insta::assert_snapshot!("preflight", out(&output));
    let told = json(&deadwax(folder.path(), &["preflight", "clean.wav", "--json"]));
    assert_eq!(told["schema"], "deadwax.preflight/1");
    let keys: Vec<&String> = told["files"][0]["figures"].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["measured", "ends", "offset", "phase", "lost_in_mono_lu", "words", "source", "faults"]);
    let unknown = deadwax(folder.path(), &["preflight", "clean.wav", "--for", "spotifi"]);
    assert_eq!(unknown.status.code(), Some(2), "{}", err(&unknown));
    let missing = deadwax(folder.path(), &["preflight", "none.wav", "clean.wav"]);
    assert_eq!(missing.status.code(), Some(4));
    assert!(out(&missing).contains("nothing to tell"), "what can be read is told all the same");
}

/// The codecs of a file, by the command in `folder` with the programs of `path`.
fn codecs(folder: &Path, path: Option<&Path>, arguments: &[&str]) -> Output {
    let mut command = super::command(folder, &[&["codecs"], arguments].concat());
    if let Some(path) = path {
        command.env("PATH", path);
    }
    command.output().unwrap()
}

#[test]
fn without_an_encoder_nothing_is_measured_and_that_is_no_pass() {
    let folder = tempfile::tempdir().unwrap();
    write_wav(&folder.path().join("mix.wav"), 44_100, &programme(1.0, 1));
    let nothing = tempfile::tempdir().unwrap();
    let plain = codecs(folder.path(), Some(nothing.path()), &["mix.wav"]);
    assert_eq!(plain.status.code(), Some(0), "{}", err(&plain));
    insta::assert_snapshot!("codecs_without_ffmpeg", out(&plain));
    let asked = codecs(folder.path(), Some(nothing.path()), &["mix.wav", "--fail-over", "3", "--json"]);
    assert_eq!(asked.status.code(), Some(1));
    let told = json(&asked);
    assert_eq!(told["ok"], false);
    let each = told["files"][0]["codecs"].as_array().unwrap();
    assert_eq!(each.len(), 6);
    assert!(each.iter().all(|one| one["state"] == "not-measured"), "{told}");
    assert_eq!(codecs(folder.path(), None, &["none.wav"]).status.code(), Some(4));
}

fn has_ffmpeg() -> bool {
    let asked =
        std::process::Command::new("ffmpeg").args(["-hide_banner", "-v", "error", "-encoders"]).output();
    asked.is_ok_and(|asked| String::from_utf8_lossy(&asked.stdout).contains(" aac "))
}

#[test]
fn peaks_behind_coders_are_measured_with_their_places() {
    if !has_ffmpeg() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    // Loud in its third second only, and cut off there: coders make more of it.
    let mut hot = programme(4.0, 5);
    for channel in &mut hot {
        channel[88_200..132_300].iter_mut().for_each(|x| *x = (20.0 * *x).clamp(-0.98, 0.98));
    }
    // A name that could be an option.
    write_wav(&folder.path().join("-y.wav"), 44_100, &hot);
    write_wav(&folder.path().join("soft.wav"), 96_000, &programme(2.0, 6));
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 44_100,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut broken = hound::WavWriter::create(folder.path().join("broken.wav"), spec).unwrap();
    (0..44_100).for_each(|n| broken.write_sample(if n == 9000 { f32::NAN } else { 0.1 }).unwrap());
    broken.finalize().unwrap();
    let nothing = json(&codecs(folder.path(), None, &["broken.wav", "--json"]));
    let states = nothing["files"][0]["codecs"].as_array().unwrap().iter();
    assert!(states.into_iter().all(|one| one["state"] == "not-measured"), "what is no number has no peak");
    let output = codecs(folder.path(), None, &["--overs", "overs.csv", "--json", "--", "-y.wav", "soft.wav"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let told = json(&output);
    let measured = |file: usize| {
        let each = told["files"][file]["codecs"].as_array().unwrap().iter();
        each.filter(|one| one["state"] == "measured").cloned().collect::<Vec<_>>()
    };
    let (loud, soft) = (measured(0), measured(1));
    let aac = |each: &[Value]| each.iter().find(|one| one["codec"] == "AAC 128").cloned().unwrap();
    let one = aac(&loud);
    let peak = one["true_peak_dbtp"].as_f64().unwrap();
    assert!(peak > 0.5 && one["overs"].as_u64().unwrap() > 0, "{one}");
    assert!(
        one["samples_over"].as_u64().unwrap() > 10,
        "floating point keeps what is beyond full scale: {one}"
    );
    let lower = one["lower_db"].as_f64().unwrap();
    assert!(lower >= peak && lower < peak + 0.1001, "{one}");
    let places = one["places"].as_array().unwrap();
    assert!(places.iter().all(|place| (1.95..3.05).contains(&place["at_s"].as_f64().unwrap())), "{places:?}");
    assert!(
        loud.iter().all(|one| one["true_peak_dbtp"].as_f64().unwrap() > -1.5),
        "all hear the same file: {loud:?}"
    );
    assert!(
        soft.iter().all(|one| one["overs"] == 0 && one["true_peak_dbtp"].as_f64().unwrap() < -6.0),
        "{soft:?}"
    );
    let csv = std::fs::read_to_string(folder.path().join("overs.csv")).unwrap();
    assert!(csv.starts_with("file,codec,encoder,channel,at_s,") && csv.contains("'-y.wav,AAC 128,"), "{csv}");
    // It is not replaced, and an input never is.
    let again = |arguments: &[&str]| codecs(folder.path(), None, arguments).status.code();
    assert_eq!(again(&["soft.wav", "--overs", "overs.csv"]), Some(5));
    assert_eq!(again(&["soft.wav", "--overs", "soft.wav", "-f"]), Some(5));
    // Soft passes where every coder was there.
    let expected = if soft.len() == 6 { 0 } else { 1 };
    assert_eq!(again(&["soft.wav", "--fail-over", "0"]), Some(expected));
    assert_eq!(again(&["./-y.wav", "--fail-over", "0"]), Some(1));
}

/// At a rate of bits at which nothing is to be seen in a spectrum, and in words of 24 bit again.
#[test]
fn a_file_that_was_aac_or_vorbis_is_told_and_the_one_it_was_made_of_is_not() {
    if !has_ffmpeg() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    write_wav(&folder.path().join("mix.wav"), 44_100, &programme(14.0, 8));
    let ffmpeg = |arguments: &[&str]| {
        let plain = ["-v", "error", "-nostdin", "-y", "-i"];
        let mut run = std::process::Command::new("ffmpeg");
        run.args(plain).args(arguments).current_dir(folder.path());
        run.status().unwrap().success()
    };
    assert!(ffmpeg(&["mix.wav", "-c:a", "aac", "-b:a", "256k", "-f", "adts", "mix.aac"]));
    assert!(ffmpeg(&["mix.aac", "-c:a", "pcm_s24le", "was-aac.wav"]));
    let told = |file: &str| json(&deadwax(folder.path(), &["preflight", "--json", file]))["files"][0].clone();
    let (was, mix) = (told("was-aac.wav"), told("mix.wav"));
    assert_eq!(was["figures"]["source"]["grid"]["coder"], "aac", "{was}");
    assert!(checks(&was["findings"]).iter().any(|(_, check)| check == "lossy"), "{was}");
    assert!(mix["figures"]["source"]["grid"].is_null() && checks(&mix["findings"]).is_empty(), "{mix}");
}

#[cfg(unix)]
mod other_programs {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    /// A folder with a program called ffmpeg that has every encoder and does this with files.
    fn program(does: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ffmpeg");
        let encoders =
            "case \"$*\" in *-encoders*) echo ' A..... aac x'; echo ' A..... libvorbis x'; exit 0;; esac";
        std::fs::write(&path, format!("#!/bin/sh\n{encoders}\n{does}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        folder
    }

    #[test]
    fn a_program_that_fails_or_never_stops_talking_has_measured_nothing() {
        let folder = tempfile::tempdir().unwrap();
        write_wav(&folder.path().join("mix.wav"), 44_100, &programme(1.0, 1));
        for (does, reason) in [
            ("exit 1", "gives nothing back"),
            ("/bin/cat > /dev/null", "gives nothing back"),
            ("exec /bin/cat /dev/zero", "gives back more than it was given"),
        ] {
            let path = program(does);
            let output = codecs(folder.path(), Some(path.path()), &["mix.wav", "--json"]);
            assert_eq!(output.status.code(), Some(0), "{}", err(&output));
            let told = json(&output);
            let each = told["files"][0]["codecs"].as_array().unwrap();
            assert!(each.iter().all(|one| one["state"] == "not-measured"), "{does}: {told}");
            assert!(each[0]["reason"].as_str().unwrap().contains(reason), "{does}: {told}");
            assert_eq!(each[4]["reason"], "this ffmpeg has no encoder for Opus");
        }
    }

    #[test]
    fn ctrl_c_ends_programs_that_hang() {
        let folder = tempfile::tempdir().unwrap();
        write_wav(&folder.path().join("mix.wav"), 44_100, &programme(1.0, 1));
        let path = program("exec /bin/sleep 100");
        let mut command = super::super::command(folder.path(), &["codecs", "mix.wav"]);
        let begun = std::time::Instant::now();
        let mut child = command
            .env("PATH", path.path())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(1500));
        let killed =
            std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        assert!(killed.success());
        assert_eq!(child.wait().unwrap().code(), Some(130));
        assert!(begun.elapsed().as_secs() < 30);
    }
}
