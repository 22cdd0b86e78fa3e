//! Kinds of files, what is said in them, and what is left of them when something goes wrong.

use super::{command, deadwax, err, folder, names, out};
use deadwax_audio::read_metadata;
use deadwax_tests::{mix, samples, write_wav};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

#[test]
fn the_ending_says_what_kind_of_file_it_is_and_the_samples_are_the_same() {
    let folder = folder();
    let render = |name: &str| {
        let output = deadwax(folder.path(), &["render", "mix.wav", "-q", "-g", "cd", "-o", name]);
        assert!(output.status.success(), "{}", err(&output));
        (std::fs::read(folder.path().join(name)).unwrap(), samples(&folder.path().join(name)))
    };
    let (wav, expected) = render("a.wav");
    assert_eq!(&wav[..4], b"RIFF");
    for (name, magic) in
        [("a.flac", &b"fLaC"[..]), ("a.aiff", b"FORM"), ("a.rf64", b"RF64"), ("a.BW64", b"BW64")]
    {
        let (bytes, read) = render(name);
        assert!(bytes.starts_with(magic), "{name}");
        assert!(read == expected, "{name}");
    }
    for (name, more, code, said) in [
        ("a.xyz", &[][..], 5, "`.xyz`"),
        ("a", &[][..], 5, "ending"),
        ("b.flac", &["--bits", "float"][..], 5, "DW0520"),
    ] {
        let output = deadwax(folder.path(), &[&["render", "mix.wav", "-o", name][..], more].concat());
        assert_eq!(output.status.code(), Some(code), "{name}");
        assert!(err(&output).contains(said), "{}", err(&output));
        assert!(!folder.path().join(name).exists());
    }
}

#[test]
fn what_the_mix_says_is_kept_what_the_user_says_is_set_and_what_is_lost_is_told() {
    let folder = folder();
    let run = |arguments: &[&str]| {
        let output = deadwax(folder.path(), &[&["render"], arguments].concat());
        assert!(output.status.success(), "{}", err(&output));
        out(&output)
    };
    let tags = ["--tag", "title=Dawn", "--tag", "isrc=DEA012300001", "--tag", "track=3/12"];
    run(&[&["mix.wav", "-o", "first.wav"][..], &tags].concat());
    // A chunk that nobody knows, behind the others.
    let path = folder.path().join("first.wav");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes.extend_from_slice(b"smpl\x04\0\0\0abcd");
    std::fs::write(&path, bytes).unwrap();

    let said = run(&["first.wav", "-o", "second.flac", "--tag", "artist=Me", "--tag", "track="]);
    assert!(said.contains("title, isrc, tracktotal, artist"), "{said}");
    assert!(said.contains("not kept: chunk `smpl`, bext"), "{said}");
    let told = read_metadata(&folder.path().join("second.flac")).unwrap();
    assert_eq!(told.get("ISRC"), Some("DEA012300001"));
    assert_eq!(told.get("ARTIST"), Some("Me"));
    assert_eq!(told.get("TRACKNUMBER"), None);
    // The gain is that of this file, once: what it measures, to −18 LUFS.
    let gain: Vec<f64> = told
        .all("REPLAYGAIN_TRACK_GAIN")
        .map(|gain| gain.strip_suffix(" dB").unwrap().parse().unwrap())
        .collect();
    assert!(gain.len() == 1 && (gain[0] + 4.0).abs() < 0.06, "{gain:?}");

    let json = run(&["first.wav", "-o", "third.wav", "--json"]);
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    let file = &value["files"][0]["files"][0];
    assert_eq!(file["not_kept"], serde_json::json!(["chunk `smpl`"]));
    assert_eq!(file["container"], "WAV");
    assert_eq!(file["tags"][0], serde_json::json!(["TITLE", "Dawn"]));

    run(&["first.wav", "-o", "bare.wav", "--no-tags"]);
    let told = read_metadata(&folder.path().join("bare.wav")).unwrap();
    assert!(told.is_empty() && told.dropped.is_empty(), "{told:?}");
}

/// Previews are made by other programs, which stand in for themselves here.
#[cfg(unix)]
#[test]
fn an_encoder_program_that_is_missing_or_fails_is_an_error_and_leaves_nothing() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let programs = folder.path().join("programs");
    std::fs::create_dir(&programs).unwrap();
    let run = || {
        let mut command = command(folder.path(), &["render", "mix.wav", "-o", "preview.mp3", "--no-measure"]);
        command.env("PATH", format!("{}:/usr/bin:/bin", programs.display())).output().unwrap()
    };
    let with = |script: &str| {
        let path = programs.join("lame");
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    };
    let mut none = command(folder.path(), &["render", "mix.wav", "-o", "preview.mp3"]);
    let output = none.env("PATH", &programs).output().unwrap();
    assert_eq!(output.status.code(), Some(5));
    let said = err(&output);
    assert!(said.contains("DW0521") && said.contains("install lame or ffmpeg"), "{said}");

    // It writes half of a file, says something, and gives up. The output is the last argument.
    with("for last; do :; done; echo half > \"$last\"; echo 'no room on the disk' >&2; exit 1");
    let output = run();
    assert_eq!(output.status.code(), Some(5));
    assert!(err(&output).contains("`lame` failed: no room on the disk"), "{}", err(&output));
    assert_eq!(names(folder.path()), ["mix.wav", "programs"]);

    with("for last; do :; done; exit 0");
    assert!(err(&run()).contains("empty file"));
    assert_eq!(names(folder.path()), ["mix.wav", "programs"]);

    with("for last; do :; done; echo coded > \"$last\"");
    let output = run();
    assert!(output.status.success(), "{}", err(&output));
    assert!(out(&output).contains("MP3 by `lame`, lossy"), "{}", out(&output));
    // A lossy file has no room for its recipe.
    assert_eq!(names(folder.path()), ["mix.wav", "preview.dwr.json", "preview.mp3", "programs"]);
    assert!(std::fs::read(folder.path().join("preview.mp3")).unwrap().ends_with(b"coded\n"));
}

/// The shell's limit on the size of files does what a full disk does: a write is refused in the middle.
#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_fills_leaves_nothing_and_harms_no_input() {
    let folder = tempfile::tempdir().unwrap();
    write_wav(&folder.path().join("mix.wav"), 44_100, &mix(44_100, 4.0));
    let mix_bytes = std::fs::read(folder.path().join("mix.wav")).unwrap();
    let program = env!("CARGO_BIN_EXE_deadwax");
    // In blocks of 512 bytes: in the header, early, and near the end.
    for (name, limits) in
        [("out.wav", [1, 300, 2_060]), ("out.flac", [8, 60, 150]), ("out.aiff", [1, 300, 2_060])]
    {
        for limit in limits {
            let script = format!(
                "trap '' XFSZ; ulimit -f {limit}; exec '{program}' render mix.wav -g cd --bits 24 -o {name}"
            );
            let output = Command::new("sh")
                .args(["-c", &script])
                .current_dir(folder.path())
                .env_remove("RUST_BACKTRACE")
                .output()
                .unwrap();
            assert_eq!(output.status.code(), Some(5), "{name} {limit}: {}", err(&output));
            assert!(err(&output).contains("DW0504"), "{}", err(&output));
            assert_eq!(names(folder.path()), ["mix.wav"], "{name} {limit}");
        }
    }
    assert!(std::fs::read(folder.path().join("mix.wav")).unwrap() == mix_bytes);
}

/// The folder of the output goes while the samples are written.
#[cfg(unix)]
#[test]
fn a_folder_that_vanishes_is_an_error() {
    let folder = folder();
    let out = folder.path().join("masters");
    for name in ["out.wav", "out.flac"] {
        std::fs::create_dir(&out).unwrap();
        let target = format!("masters/{name}");
        let arguments = ["render", "mix.wav", "-j", "1", "--block", "16", "-o", &target];
        let mut child =
            command(folder.path(), &arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let begun = Instant::now();
        while names(&out).is_empty() && begun.elapsed() < Duration::from_secs(20) {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::fs::remove_dir_all(&out).unwrap();
        let status = child.wait().unwrap();
        assert_eq!(status.code(), Some(5), "{name}");
        assert_eq!(names(folder.path()), ["mix.wav"], "{name}");
    }
}

/// No signal can be less polite than this one: the program does nothing more.
#[cfg(unix)]
#[test]
fn a_kill_at_any_moment_leaves_no_part_under_the_name() {
    let folder = folder();
    let expected = {
        let output = deadwax(folder.path(), &["render", "mix.wav", "-g", "cd", "-q", "-o", "whole.wav"]);
        assert!(output.status.success(), "{}", err(&output));
        std::fs::read(folder.path().join("whole.wav")).unwrap()
    };
    let mix_bytes = std::fs::read(folder.path().join("mix.wav")).unwrap();
    let began = Instant::now();
    let output = deadwax(folder.path(), &["render", "mix.wav", "-g", "cd", "-q", "-f", "-o", "whole.wav"]);
    assert!(output.status.success());
    let takes = began.elapsed();
    let mut whole = 0;
    for moment in 0..24 {
        let arguments = ["render", "mix.wav", "-g", "cd", "-q", "-o", "killed.wav"];
        let mut child =
            command(folder.path(), &arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(takes * moment / 20);
        let _ = child.kill();
        child.wait().unwrap();
        let path = folder.path().join("killed.wav");
        if path.exists() {
            assert!(std::fs::read(&path).unwrap() == expected, "a part of it after {moment}/20");
            std::fs::remove_file(&path).unwrap();
            whole += 1;
        }
    }
    assert!(whole < 24, "none was killed in time");
    assert!(std::fs::read(folder.path().join("mix.wav")).unwrap() == mix_bytes);
}

#[test]
fn a_part_and_what_is_on_wires_are_files_of_their_own() {
    let folder = folder();
    let arguments = [
        "render",
        "mix.wav",
        "-g",
        "three-band-glue",
        "--range",
        "0:01..0:02.5",
        "--tap",
        "split.low",
        "--tap",
        "input",
    ];
    let output = deadwax(folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let expected = [
        "mix.three-band-glue.tap-input.wav",
        "mix.three-band-glue.tap-split-low.wav",
        "mix.three-band-glue.wav",
        "mix.wav",
    ];
    assert_eq!(names(folder.path()), expected);
    assert!(out(&output).contains("part  0:01..0:02.5"), "{}", out(&output));
    let wrong = deadwax(folder.path(), &["render", "mix.wav", "--range", "0:09..0:12"]);
    assert_eq!(wrong.status.code(), Some(2), "{}", err(&wrong));
    assert!(err(&wrong).contains("DW0407"), "{}", err(&wrong));
    let wrong = deadwax(folder.path(), &["render", "mix.wav", "--range", "12"]);
    assert_eq!(wrong.status.code(), Some(2));
}
