//! Albums are laid out and edited like graphs, and know their recordings again.

use super::{deadwax, err, names, out};
use deadwax_tests::{mix, write_wav};
use std::path::Path;

const ALBUM: &str = r#"// Mine.
Album(
    format: 1,
    about: (title: "Run-out", artist: "The Cutters"),
    tracks: {
        one: Track(title: "Opening", source: "mixes/01.wav"),  // loud
        two: Track(title: "Middle", source: "mixes/02.wav", set: { loudness: -16 }),
    },
    layout: ["one", Gap(Seconds(2)), "two"],
    deliver: { cd: Disc },
)
"#;

fn written(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("album.ron"), text).unwrap();
    folder
}

fn text(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("album.ron")).unwrap()
}

#[test]
fn set_changes_the_bytes_of_a_value_and_no_others() {
    for (values, from, to) in [
        (
            &["about.title=Hush", "tracks.one.isrc=GBAAA2600001"][..],
            &["\"Run-out\"", "\"Opening\","][..],
            &["\"Hush\"", "\"Opening\", isrc: \"GBAAA2600001\","][..],
        ),
        (&["tracks.two.set.loudness=-12"], &["-16"], &["-12"]),
        (&["tracks.one.offset_db=-1.50"], &["01.wav\""], &["01.wav\", offset_db: -1.50"]),
        (
            &["loudness=Match(target_lufs: -16)"],
            &["    tracks"],
            &["    loudness: Match(target_lufs: -16),\n    tracks"],
        ),
        (&["deliver.cd.limit=74:00:00"], &["Disc"], &["Disc(limit: \"74:00:00\")"]),
    ] {
        let folder = written(ALBUM);
        let output = deadwax(folder.path(), &[&["set", "album.ron"], values].concat());
        assert_eq!(output.status.code(), Some(0), "{values:?}: {}", err(&output));
        let expected =
            from.iter().zip(to).fold(ALBUM.to_owned(), |text, (from, to)| text.replacen(from, to, 1));
        assert_eq!(text(folder.path()), expected, "{values:?}");
    }
    let folder = written(ALBUM);
    let output = deadwax(folder.path(), &["set", "album.ron", "about.title=Hush", "tracks.one.offset_db=-2"]);
    insta::assert_snapshot!("set_album", out(&output));
}

#[test]
fn what_would_break_an_album_is_refused_and_leaves_the_file_alone() {
    let folder = written(ALBUM);
    let mut said = String::new();
    for value in [
        "tracks.one.titel=x",
        "tracks.three.title=x",
        "tracks.one.isrc=GB",
        "tracks.one.offset_db=-1)",
        "tracks.one.offset_db=400",
        "layout.0=three",
        "deliver.cd=Disk",
    ] {
        let output = deadwax(folder.path(), &["set", "album.ron", "about.title=Hush", value]);
        assert_eq!(output.status.code(), Some(3), "{value}");
        said.push_str(&format!("$ deadwax set album.ron {value}\n{}\n", err(&output)));
        assert_eq!(text(folder.path()), ALBUM, "{value}");
    }
    insta::assert_snapshot!("set_album_refused", said);
    assert_eq!(names(folder.path()), ["album.ron"]);
    // What was broken may be mended, one thing after the other.
    let broken = ALBUM.replace("Disc", "Disk").replace("Gap(Seconds(2))", "Gap(Seconds(-2))");
    let folder = written(&broken);
    let output = deadwax(folder.path(), &["set", "album.ron", "deliver.cd=Disc"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert_eq!(text(folder.path()), broken.replace("Disk", "Disc"));
}

#[test]
fn an_album_is_laid_out_once_and_then_is() {
    let folder = written(&ALBUM.replace(": ", " :  ").replace("deliver :", "// What for\ndeliver :"));
    let check = || deadwax(folder.path(), &["fmt", "album.ron", "--check"]).status.code();
    assert_eq!(check(), Some(1));
    let output = deadwax(folder.path(), &["fmt", "album.ron"]);
    assert_eq!((output.status.code(), out(&output).trim()), (Some(0), "laid out  album.ron"));
    assert_eq!(text(folder.path()), ALBUM.replace("    deliver:", "    // What for\n    deliver:"));
    assert_eq!(check(), Some(0));
}

fn mixes(folder: &Path, seconds: &[f64]) -> Vec<String> {
    std::fs::create_dir(folder.join("mixes")).unwrap();
    let name = |number: usize| {
        format!("mixes/{number:02} A title that goes on and on until nothing else has room.wav")
    };
    for (number, seconds) in seconds.iter().enumerate() {
        write_wav(&folder.join(name(number)), 44_100, &mix(44_100, *seconds));
    }
    (0..seconds.len()).map(name).collect()
}

#[test]
fn an_album_that_is_begun_is_laid_out() {
    for count in 0..3 {
        for hash in [&[][..], &["--hash"]] {
            let folder = tempfile::tempdir().unwrap();
            let mixes = mixes(folder.path(), &[4.0, 4.5, 5.0][..count]);
            let mixes: Vec<&str> = mixes.iter().map(String::as_str).collect();
            let output = deadwax(folder.path(), &[&["new", "album", "album.ron"], hash, &mixes[..]].concat());
            assert_eq!(output.status.code(), Some(0), "{}", err(&output));
            assert_eq!(text(folder.path()).matches("sha256: ").count(), hash.len() * count);
            let output = deadwax(folder.path(), &["fmt", "album.ron", "--check"]);
            assert_eq!(output.status.code(), Some(0), "{}", text(folder.path()));
        }
    }
}

#[test]
fn a_recording_that_is_another_file_is_told_where_the_document_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let paths = mixes(folder.path(), &[4.0, 4.5]);
    let [one, two] = [&*paths[0], &*paths[1]];
    let output = deadwax(folder.path(), &["new", "album", "album.ron", "--hash", one, two]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let said = text(folder.path());
    let check = || deadwax(folder.path(), &["album", "check", "album.ron"]);
    assert_eq!(check().status.code(), Some(0), "{}", err(&check()));
    // Bounced again: as long as before, and not the same.
    let mut other = mix(44_100, 4.5);
    other[0][1000] += 0.01;
    write_wav(&folder.path().join(two), 44_100, &other);
    let output = check();
    assert_eq!(output.status.code(), Some(3));
    let told = err(&output);
    assert_eq!((told.matches("error[DW0714]").count(), told.contains(one)), (1, false), "{told}");
    assert!(told.contains(&format!("{two} is not the file")), "{told}");
    // In the line where its source begins; its path is in the next, for it is long.
    let line = said.lines().position(|line| line.contains(two)).unwrap();
    assert!(told.contains(&format!("album.ron:{line}:")), "{told}");
    // It is not rendered either; and the hash that is told makes it right.
    let output = deadwax(folder.path(), &["album", "render", "album.ron"]);
    assert!(!output.status.success() && err(&output).contains("DW0714"), "{}", err(&output));
    assert!(!folder.path().join("album/cd").exists());
    let hash = told.split("write `sha256: \"").nth(1).unwrap().split('"').next().unwrap();
    let output = deadwax(folder.path(), &["set", "album.ron", &format!("tracks.t02.source.sha256={hash}")]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert_eq!(check().status.code(), Some(0), "{}", err(&check()));
}

/// The first album on the page about albums.
fn album_of_the_page() -> String {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/albums.md")).unwrap();
    page.split("```ron\n").nth(1).unwrap().split("```").next().unwrap().to_owned()
}

#[test]
fn the_album_on_its_page_passes_and_is_laid_out() {
    let folder = written(&album_of_the_page());
    std::fs::create_dir(folder.path().join("mixes")).unwrap();
    for (name, seconds) in [("01", 6.0), ("01-instrumental", 6.0), ("02", 7.0), ("03", 8.0)] {
        write_wav(&folder.path().join(format!("mixes/{name}.wav")), 44_100, &mix(44_100, seconds));
    }
    let output = deadwax(folder.path(), &["album", "check", "album.ron"]);
    assert_eq!((output.status.code(), err(&output)), (Some(0), String::new()));
    let output = deadwax(folder.path(), &["fmt", "album.ron", "--check"]);
    assert_eq!(output.status.code(), Some(0), "{}", out(&output));
    // And what it says of `set`.
    let arguments = [
        "set",
        "album.ron",
        "tracks.locked.offset_db=-2",
        "deliver.cd.limit=74:00:00",
        "about.date=2026-11-30",
        "tracks.coda.set.loudness=-16",
    ];
    let output = deadwax(folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let changed = text(folder.path());
    for part in [
        "offset_db: -2,  // against",
        "cd: Disc(limit: \"74:00:00\", dither: Balanced)",
        "        date: \"2026-11-30\",\n        engineer:",
    ] {
        assert!(changed.contains(part), "{part}: {changed}");
    }
    assert_eq!(deadwax(folder.path(), &["album", "check", "album.ron"]).status.code(), Some(0));
}

#[test]
fn albums_that_are_shown_elsewhere_are_laid_out() {
    let readme = include_str!("../../README.md");
    let shown = readme.split("```ron\n").filter(|block| block.starts_with("Album("));
    let shown: Vec<&str> = shown.map(|block| block.split("```").next().unwrap()).collect();
    assert!(!shown.is_empty());
    for text in shown {
        let folder = written(text);
        let output = deadwax(folder.path(), &["fmt", "album.ron", "--check"]);
        assert_eq!(output.status.code(), Some(0), "{}{}", out(&output), err(&output));
    }
}

#[test]
fn a_track_is_moved_and_nothing_else_changes() {
    let folder = written(ALBUM);
    let run =
        |arguments: &[&str]| deadwax(folder.path(), &[&["album", "move", "album.ron"], arguments].concat());
    let output = run(&["two", "--before", "one"]);
    assert_eq!(
        (output.status.code(), out(&output).trim()),
        (Some(0), "moved  two in front of one"),
        "{}",
        err(&output)
    );
    let moved = ALBUM.replace("[\"one\", Gap(Seconds(2)), \"two\"]", "[\"two\", Gap(Seconds(2)), \"one\"]");
    assert_eq!(text(folder.path()), moved);
    let mut said = String::new();
    for arguments in
        [&["too", "--after", "one"][..], &["one", "--side", "B"], &["one", "--after", "one"], &["one"]]
    {
        let output = run(arguments);
        assert!(!output.status.success());
        said.push_str(&format!("$ deadwax album move album.ron {}\n{}\n", arguments.join(" "), err(&output)));
        assert_eq!(text(folder.path()), moved, "{arguments:?}");
    }
    insta::assert_snapshot!("move_refused", said);
}

#[test]
fn the_schema_of_albums_is_the_one_in_the_documents() {
    let folder = tempfile::tempdir().unwrap();
    let printed = out(&deadwax(folder.path(), &["album", "schema"]));
    let kept = include_str!("../../docs/schema/album.json");
    assert!(printed == kept, "run `cargo xtask codegen`");
}

#[test]
fn help_texts() {
    let folder = tempfile::tempdir().unwrap();
    for (name, arguments) in
        [("move", &["album", "move", "--help"][..]), ("new_album", &["new", "album", "--help"])]
    {
        insta::assert_snapshot!(format!("help_{name}"), out(&deadwax(folder.path(), arguments)));
    }
}
