//! Albums whose rendering ends before its time: by a full disk, by being killed, by somebody else in the same folder.

use super::{command, deadwax, err};
use deadwax_tests::{mix, write_wav};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

const ALBUM: &str = r#"Album(
    format: 1,
    graph: "streaming",
    tracks: { one: Track(source: "1.wav"), two: Track(source: "2.wav") },
    layout: ["one", Gap(Seconds(1)), "two"],
    deliver: { short: Tracks(format: Flac(bits: 16)), cd: Disc, wide: Tracks(format: Wav(bits: 32), rate_hz: 192000) },
)
"#;

fn album(seconds: f64) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["1.wav", "2.wav"] {
        write_wav(&folder.path().join(name), 44_100, &mix(44_100, seconds));
    }
    std::fs::write(folder.path().join("album.ron"), ALBUM).unwrap();
    folder
}

/// Every file below a folder but the masters, with its bytes.
fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let (mut files, mut open) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(place) = open.pop() {
        for entry in std::fs::read_dir(&place).into_iter().flatten().map(Result::unwrap) {
            let path = entry.path();
            match path.is_dir() {
                true if path.ends_with(".masters") => {}
                true => open.push(path),
                false => {
                    let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                    files.insert(name, std::fs::read(&path).unwrap());
                }
            }
        }
    }
    files
}

fn render(folder: &Path, place: &str) {
    let output = deadwax(folder, &["album", "render", "album.ron", "-q", "-o", place]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
}

/// Deliverables that are there have everything that their manifest lists.
fn assert_whole(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().map(Result::unwrap) {
        let path = entry.path();
        if !path.is_dir() || entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        let text = std::fs::read_to_string(path.join("MANIFEST.json")).unwrap();
        let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
        for file in manifest["files"].as_array().unwrap() {
            let about = std::fs::metadata(path.join(file["path"].as_str().unwrap())).unwrap();
            assert_eq!(Some(about.len()), file["bytes"].as_u64());
        }
    }
}

#[cfg(unix)]
#[test]
fn where_there_is_no_room_finished_deliverables_are_whole_and_others_absent() {
    let folder = album(8.0);
    // No file may have more than six million bytes, and writing more is an error: as on a full disk. The last deliverable has
    // files of more than eight.
    let program = env!("CARGO_BIN_EXE_deadwax");
    let line = format!("trap '' XFSZ; ulimit -f 11718; exec '{program}' album render album.ron -q -o full");
    let run = Command::new("sh").args(["-c", &line]).current_dir(folder.path()).output().unwrap();
    assert_eq!(run.status.code(), Some(5), "{}", err(&run));
    assert!(err(&run).contains("DW"), "{}", err(&run));
    let half = tree(&folder.path().join("full"));
    assert!(
        half.contains_key("short/MANIFEST.json") && half.contains_key("cd/MANIFEST.json"),
        "{:?}",
        half.keys()
    );
    assert!(half.keys().all(|name| !name.starts_with("wide") && !name.starts_with('.')), "{:?}", half.keys());
    assert_whole(&folder.path().join("full"));
    // With room again it goes on to what it would have been.
    render(folder.path(), "full");
    render(folder.path(), "whole");
    assert!(tree(&folder.path().join("full")) == tree(&folder.path().join("whole")));
}

#[cfg(unix)]
#[test]
fn what_was_killed_half_way_goes_on_to_the_same_bytes_and_leaves_nothing_behind() {
    let folder = album(20.0);
    let mut child =
        command(folder.path(), &["album", "render", "album.ron", "-q", "-o", "killed"]).spawn().unwrap();
    // Until a deliverable is being made.
    let killed = folder.path().join("killed");
    for _ in 0..1200 {
        let making = std::fs::read_dir(&killed).is_ok_and(|entries| {
            entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with(".making-"))
        });
        if making || child.try_wait().unwrap().is_some() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    child.kill().unwrap();
    assert!(!child.wait().unwrap().success(), "it was killed before its end");
    assert_whole(&killed);
    render(folder.path(), "killed");
    render(folder.path(), "whole");
    assert!(tree(&killed) == tree(&folder.path().join("whole")));
    let masters = std::fs::read_dir(killed.join(".masters")).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(masters.into_iter().all(|name| !name.to_string_lossy().contains("new.wav")));
}

#[test]
fn two_programs_do_not_work_in_one_folder() {
    let folder = album(20.0);
    let arguments = ["album", "render", "album.ron", "-q", "-o", "one"];
    let mut child = command(folder.path(), &arguments).spawn().unwrap();
    let lock = folder.path().join("one/.masters/lock");
    for _ in 0..1200 {
        if lock.exists() || child.try_wait().unwrap().is_some() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    std::thread::sleep(std::time::Duration::from_millis(200));
    let second = deadwax(folder.path(), &arguments);
    assert!(child.wait().unwrap().success());
    assert_eq!(second.status.code(), Some(5), "{}", err(&second));
    assert!(err(&second).contains("worked in by another deadwax"), "{}", err(&second));
    // It is free again.
    render(folder.path(), "one");
}
