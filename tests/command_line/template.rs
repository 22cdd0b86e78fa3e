//! `deadwax template pack`, `verify` and `show`, and archives in the place of graphs.

use super::{deadwax, err, folder, names, out};
use std::fs;
use std::path::Path;

const TAPE: &str = "Graph(
    format: 1,
    about: (name: \"tape\", version: \"0.1.0\"),
    params: { drive: Param(sets: [\"sat.drive_db\"]) },
    nodes: { sat: Saturator(drive_db: 3) },
    wires: [\"input -> sat -> output\"],
)
";

const WARM: &str = "Graph(
    format: 1,
    about: (
        name: \"warm-room\",
        version: \"1.2.0\",
        title: \"A warm room\",
        description: \"Tape, and a little of a room.\",
        authors: [\"Somebody\"],
        license: \"CC0-1.0\",
    ),
    use: { tape: \"parts/tape.ron\" },
    assets: { room: \"assets/room.wav\" },
    params: {
        heat: Param(sets: [\"tape.drive\"], max: 9, help: \"How hot the tape is\"),
        level: Param(sets: [\"trim.gain_db\"]),
    },
    presets: { \"hot\": { heat: 8 } },
    nodes: {
        tape: tape(drive: 2),
        hall: Convolver(asset: \"room\"),
        trim: Gain(gain_db: -6),
    },
    wires: [
        \"input -> tape -> hall -> trim -> output\",
    ],
)
";

/// A folder with a mix, and a graph that uses another, and a recording.
fn warm() -> tempfile::TempDir {
    let folder = folder();
    let at = |path: &str| folder.path().join(path);
    fs::create_dir(at("parts")).unwrap();
    fs::create_dir(at("assets")).unwrap();
    fs::write(at("warm.ron"), WARM).unwrap();
    fs::write(at("warm.md"), "A warm room.\n").unwrap();
    fs::write(at("LICENSE"), "CC0\n").unwrap();
    fs::write(at("parts/tape.ron"), TAPE).unwrap();
    let room: Vec<f64> = (0..2000).map(|n| if n % 97 == 0 { 0.5 / f64::from(n + 1) } else { 0.0 }).collect();
    deadwax_tests::write_wav(&at("assets/room.wav"), 44_100, &vec![room.clone(), room]);
    folder
}

/// Everything that was said, without what differs from machine to machine, or with the drawing.
fn told(folder: &Path, arguments: &[&str]) -> String {
    let output = deadwax(folder, arguments);
    let said = out(&output) + &err(&output);
    let mut told = said;
    for (changing, instead) in [
        ("about [0-9.]+×", "about N×"),
        ("sha256:[0-9a-f]{64}", "sha256:…"),
        ("dwx · [0-9.]+ kB", "dwx · N kB"),
        ("drawing.svg +[0-9.]+ kB", "drawing.svg   N kB"),
        ("files, [0-9.]+ kB", "files, N kB"),
    ] {
        let changing = regex_lite::Regex::new(changing).unwrap();
        told = changing.replace_all(&told, instead).into_owned();
    }
    format!("$ deadwax {}\n{told}exit {}\n", arguments.join(" "), output.status.code().unwrap())
}

#[test]
fn help_of_template() {
    let folder = tempfile::tempdir().unwrap();
    for command in ["show", "pack", "verify"] {
        let output = deadwax(folder.path(), &["template", command, "--help"]);
        assert!(output.status.success());
        insta::assert_snapshot!(format!("help_template_{command}"), out(&output));
    }
}

#[test]
fn a_graph_is_packed_looked_at_and_used() {
    let folder = warm();
    let all = [
        &["template", "pack", "warm.ron"][..],
        &["template", "verify", "warm-room-1.2.0.dwx"],
        &["template", "show", "warm-room-1.2.0.dwx"],
        &["check", "warm-room-1.2.0.dwx#hot", "-q"],
    ]
    .map(|arguments| told(folder.path(), arguments));
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn packing_twice_gives_the_same_bytes_wherever_it_is_done() {
    let (one, other) = (warm(), warm());
    let bytes = |folder: &Path| {
        let output = deadwax(folder, &["template", "pack", "warm.ron", "-q", "-o", "x.dwx"]);
        assert_eq!(out(&output).trim_end(), "x.dwx", "{}", err(&output));
        fs::read(folder.join("x.dwx")).unwrap()
    };
    let first = bytes(one.path());
    assert!(first == bytes(other.path()));
    // Unpacked and packed again, too.
    let unpacked = one.path().join("unpacked");
    let package = deadwax::template::Package::from_archive(&first).unwrap();
    package.unpack_to(&unpacked).unwrap();
    let output = deadwax(one.path(), &["template", "pack", "unpacked", "-q", "-o", "y.dwx"]);
    assert!(output.status.success(), "{}", err(&output));
    assert!(first == fs::read(one.path().join("y.dwx")).unwrap());
}

#[test]
fn an_archive_renders_as_its_graph_does() {
    let folder = warm();
    let here = folder.path();
    assert!(deadwax(here, &["template", "pack", "warm.ron", "-o", "w.dwx"]).status.success());
    let render = |graph: &str, more: &[&str], to: &str| {
        let arguments =
            [&["render", "mix.wav", "-q", "--recipe", "none", "-g", graph, "-o", to], more].concat();
        let output = deadwax(here, &arguments);
        assert!(output.status.success(), "{}", err(&output));
        fs::read(here.join(to)).unwrap()
    };
    let plain = render("warm.ron", &[], "a.wav");
    let hot = render("warm.ron", &["--preset", "hot"], "b.wav");
    assert!(plain != hot);
    assert!(plain == render("w.dwx", &[], "c.wav"));
    assert!(hot == render("w.dwx#hot", &[], "d.wav"));
    assert!(hot == render("./w.dwx", &["--preset", "hot"], "e.wav"));
    let hotter = render("w.dwx#hot", &["--set", "heat=9"], "f.wav");
    assert!(hotter == render("warm.ron", &["--set", "heat=9"], "g.wav"));
    // It needs nothing of where it was made.
    fs::remove_dir_all(here.join("assets")).unwrap();
    assert!(plain == render("w.dwx", &[], "h.wav"));
    for command in ["explain", "draw"] {
        assert_eq!(out(&deadwax(here, &[command, "w.dwx"])), {
            fs::create_dir_all(here.join("assets")).unwrap();
            let room = deadwax::template::Package::read(&here.join("w.dwx")).unwrap();
            fs::write(here.join("assets/room.wav"), room.file("assets/room.wav").unwrap()).unwrap();
            out(&deadwax(here, &[command, "warm.ron"]))
        });
    }
}

#[test]
fn what_cannot_be_packed_or_used_is_told_and_nothing_is_left_behind() {
    let folder = warm();
    let at = |path: &str| folder.path().join(path);
    let sections = |more: &str| WARM.replace("    params: {\n", &format!("    {more}\n    params: {{\n"));
    fs::write(at("up.ron"), WARM.replace("parts/tape.ron", "../tape.ron")).unwrap();
    fs::write(at("kind.ron"), WARM.replace("room.wav", "room.aiff")).unwrap();
    fs::write(at("unnamed.ron"), WARM.replace("        version: \"1.2.0\",\n", "")).unwrap();
    fs::write(at("broken.ron"), WARM.replace("Gain(", "Gian(")).unwrap();
    fs::write(at("twice.ron"), sections("use: {},")).unwrap();
    assert!(deadwax(folder.path(), &["template", "pack", "warm.ron", "-o", "w.dwx"]).status.success());
    let whole = fs::read(at("w.dwx")).unwrap();
    fs::write(at("cut.dwx"), &whole[..whole.len() / 2]).unwrap();
    let before = names(folder.path());
    let all = [
        &["template", "pack", "up.ron"][..],
        &["template", "pack", "kind.ron"],
        &["template", "pack", "unnamed.ron"],
        &["template", "pack", "broken.ron"],
        &["template", "pack", "twice.ron"],
        &["template", "pack", "none.ron"],
        &["template", "pack", "warm.ron", "-o", "w.dwx"],
        &["template", "pack", "warm.ron", "-o", "warm.ron", "-f"],
        &["template", "pack", "warm.ron", "-o", "warm.zip"],
        &["template", "pack", "w.dwx", "-o", "w.dwx", "-f"],
        &["template", "verify", "cut.dwx", "w.dwx", "none.dwx", "mix.wav"],
        &["template", "show", "streeming"],
        &["render", "mix.wav", "-g", "cut.dwx"],
        &["explain", "none.dwx"],
        &["check", "w.dwx#hit"],
        &["set", "w.dwx", "heat=3"],
    ]
    .map(|arguments| told(folder.path(), arguments));
    insta::assert_snapshot!(all.join("\n"));
    assert_eq!(names(folder.path()), before);
    assert_eq!(fs::read_to_string(at("warm.ron")).unwrap(), WARM);
}

#[test]
fn json_of_templates() {
    let folder = warm();
    let value = |arguments: &[&str]| -> serde_json::Value {
        let output = deadwax(folder.path(), &[arguments, &["--json"]].concat());
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", err(&output)))
    };
    let packed = value(&["template", "pack", "warm.ron"]);
    assert_eq!(packed["schema"], "deadwax.template-pack/1");
    assert_eq!((&packed["name"], &packed["version"]), (&"warm-room".into(), &"1.2.0".into()));
    let archive = folder.path().join(packed["path"].as_str().unwrap());
    assert_eq!(packed["archive_bytes"], fs::metadata(&archive).unwrap().len());
    let verified = value(&["template", "verify", "warm-room-1.2.0.dwx", "none.dwx"]);
    assert_eq!(verified["ok"], false);
    assert_eq!(verified["templates"][0]["content"], packed["content"]);
    assert_eq!(verified["templates"][0]["files"], packed["files"]);
    assert_eq!(verified["templates"][1]["ok"], false);
    assert_eq!(verified["diagnostics"][0]["code"], "DW0550");
    let mut shown = value(&["template", "show", "warm-room-1.2.0.dwx"]);
    assert!(shown["x_realtime"].as_f64().unwrap() > 0.0);
    for (place, what) in [("/x_realtime", "a number"), ("/content", "a hash"), ("/files/5/bytes", "a number")]
    {
        *shown.pointer_mut(place).unwrap() = what.into();
    }
    insta::assert_json_snapshot!(shown);
}

#[test]
fn what_a_stranger_says_of_a_template_is_letters_and_nothing_else() {
    let folder = warm();
    let text = WARM.replace("A warm room", "A warm\\u{1b}]0;room\\u{7}\\n  content  sha256:other");
    fs::write(folder.path().join("warm.ron"), text).unwrap();
    let said = out(&deadwax(folder.path(), &["template", "show", "warm.ron"]));
    assert!(said.contains("A warm ]0;room    content  sha256:other"), "{said}");
    assert!(!said.contains(['\u{1b}', '\u{7}']));
    assert_eq!(said.lines().filter(|line| line.starts_with("  content  ")).count(), 1);
}
