//! `deadwax template index`: a folder becomes a source, and a version keeps what it promises.

use super::{deadwax, err, out};
use serde_json::Value;
use std::path::Path;

const WARM: &str = r#"Graph(
    format: 1,
    about: (name: "warm", version: "1.0.0", license: "CC0-1.0", title: "Warm"),
    params: { body: Param(sets: ["tone.body.gain_db"], min: 0, max: 6) },
    presets: { "more": { body: 4 } },
    nodes: { tone: Equalizer(bands: { body: LowShelf(freq_hz: 200, gain_db: 2) }) },
    wires: ["input -> tone -> output"],
)
"#;

fn write(folder: &Path, text: &str) {
    std::fs::write(folder.join("warm.ron"), text).unwrap();
}

fn json(folder: &Path, arguments: &[&str]) -> Value {
    let output = deadwax(folder, arguments);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", err(&output)))
}

/// A folder in which `warm` 1.0.0 is out.
fn source() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), WARM);
    let output = deadwax(folder.path(), &["template", "index"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    folder
}

#[test]
fn every_shipped_graph_passes_and_passes_again_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let graphs = deadwax_tests::graphs();
    for entry in std::fs::read_dir(&graphs).unwrap().map(Result::unwrap) {
        if entry.path().is_file() {
            std::fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
        }
    }
    let first = json(folder.path(), &["template", "index", "--json"]);
    let templates = first["templates"].as_array().unwrap();
    assert_eq!(templates.len(), deadwax::BUILT_IN.len());
    for template in templates {
        assert_eq!(template["news"]["is"], "new");
        assert_eq!(template["measured"].as_array().map(Vec::len), Some(4), "{template}");
    }
    let index = std::fs::read(folder.path().join("index.json")).unwrap();
    let again = json(folder.path(), &["template", "index", "--json"]);
    assert!(again["templates"].as_array().unwrap().iter().all(|one| one["news"]["is"] == "known"));
    assert_eq!(again["written"].as_array().map(Vec::len), Some(1), "the index alone is written again");
    assert!(index == std::fs::read(folder.path().join("index.json")).unwrap(), "and it is the same");
    // What was packed has a page and a drawing with levels, and the page shows the drawing.
    for template in templates {
        let (name, version) = (template["name"].as_str().unwrap(), template["version"].as_str().unwrap());
        let archive = format!("packs/{name}-{version}.dwx");
        let package = deadwax::template::Package::read(&folder.path().join(&archive)).unwrap();
        let text = |path: &str| String::from_utf8(package.file(path).expect(path).to_vec()).unwrap();
        assert!(text("README.md").contains("(preview/drawing.svg)"), "{name}");
        assert!(text("preview/drawing.svg").contains(" dB</tspan>"), "{name}");
        assert!(text("preview/measured.json").contains("strings and voice"), "{name}");
    }
    let packs: Vec<String> =
        super::names(&folder.path().join("packs")).into_iter().map(|name| format!("packs/{name}")).collect();
    let mut verify = vec!["template", "verify"];
    verify.extend(packs.iter().map(String::as_str));
    let output = deadwax(folder.path(), &verify);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
}

#[test]
fn the_index_and_the_archives_are_the_same_wherever_they_are_made() {
    let (here, there) = (source(), source());
    for file in ["index.json", "packs/warm-1.0.0.dwx"] {
        let bytes = |folder: &Path| std::fs::read(folder.join(file)).unwrap();
        assert!(bytes(here.path()) == bytes(there.path()), "{file}");
    }
}

#[test]
fn a_step_that_is_large_enough_is_taken() {
    for (version, from, to, said) in [
        ("1.0.1", "title: \"Warm\"", "title: \"Warmer\"", "sounds as 1.0.0"),
        ("1.1.0", "max: 6", "max: 9", "minor step from 1.0.0"),
        ("2.0.0", "gain_db: 2", "gain_db: 3", "major step from 1.0.0"),
    ] {
        let folder = source();
        write(folder.path(), &WARM.replace("1.0.0", version).replace(from, to));
        let output = deadwax(folder.path(), &["template", "index"]);
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
        assert!(out(&output).contains(said), "{}", out(&output));
        let index: Value =
            serde_json::from_slice(&std::fs::read(folder.path().join("index.json")).unwrap()).unwrap();
        let versions: Vec<&Value> =
            index["templates"][0]["versions"].as_array().unwrap().iter().map(|one| &one["version"]).collect();
        assert_eq!(versions, ["1.0.0", version], "the version before stays on offer");
    }
}

#[test]
fn a_step_that_is_too_small_is_refused_and_nothing_is_written() {
    let folder = source();
    let before = std::fs::read(folder.path().join("index.json")).unwrap();
    write(folder.path(), &WARM.replace("1.0.0", "1.0.1").replace("gain_db: 2", "gain_db: 2.5"));
    let output = deadwax(folder.path(), &["template", "index"]);
    assert_eq!(output.status.code(), Some(7));
    insta::assert_snapshot!("index_promise_broken", err(&output));
    write(folder.path(), &WARM.replace("1.0.0", "1.1.0").replace("{ body: 4 }", "{ body: 5 }"));
    let output = deadwax(folder.path(), &["template", "index"]);
    assert_eq!(output.status.code(), Some(7));
    assert!(err(&output).contains("with the preset \"more\" it sounds different"), "{}", err(&output));
    assert!(err(&output).contains("call it 2.0.0"), "{}", err(&output));
    assert!(before == std::fs::read(folder.path().join("index.json")).unwrap());
    assert_eq!(super::names(&folder.path().join("packs")), ["warm-1.0.0.dwx"]);
}

#[test]
fn a_version_that_is_out_stays_what_it_was() {
    let folder = source();
    write(folder.path(), &WARM.replace("\"Warm\"", "\"Warmth\""));
    let output = deadwax(folder.path(), &["template", "index"]);
    assert_eq!(output.status.code(), Some(7));
    insta::assert_snapshot!("index_version_out", err(&output));
    // An archive that somebody changed is noticed as well.
    write(folder.path(), WARM);
    let archive = folder.path().join("packs/warm-1.0.0.dwx");
    let other = source();
    write(other.path(), &WARM.replace("1.0.0", "1.5.0"));
    deadwax(other.path(), &["template", "index"]);
    std::fs::copy(other.path().join("packs/warm-1.5.0.dwx"), &archive).unwrap();
    let output = deadwax(folder.path(), &["template", "index"]);
    assert_eq!(output.status.code(), Some(7));
    assert!(err(&output).contains("it is not what index.json lists"), "{}", err(&output));
    std::fs::remove_file(&archive).unwrap();
    assert_eq!(deadwax(folder.path(), &["template", "index"]).status.code(), Some(7));
}

#[test]
fn a_dry_run_writes_nothing_and_a_folder_without_templates_is_no_source() {
    let folder = tempfile::tempdir().unwrap();
    let output = deadwax(folder.path(), &["template", "index"]);
    assert_eq!(output.status.code(), Some(7));
    assert!(err(&output).contains("holds no template"), "{}", err(&output));
    write(folder.path(), WARM);
    let output = deadwax(folder.path(), &["template", "index", "--dry-run"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert_eq!(super::names(folder.path()), ["warm.ron"]);
    // Two of one name.
    std::fs::write(folder.path().join("other.ron"), WARM).unwrap();
    let output = deadwax(folder.path(), &["template", "index"]);
    assert_eq!(output.status.code(), Some(7));
    assert!(err(&output).contains("are both called `warm`"), "{}", err(&output));
}

#[test]
fn a_template_that_asks_for_a_recording_is_heard_with_a_stand_in() {
    let folder = tempfile::tempdir().unwrap();
    let text = WARM
        .replace("    params:", "    assets: { room: Ask(help: \"an impulse response\") },\n    params:")
        .replace("gain_db: 2) }) }", "gain_db: 2) }), room: Convolver(asset: \"room\") }")
        .replace("-> tone ->", "-> tone -> room ->");
    write(folder.path(), &text);
    let told = json(folder.path(), &["template", "index", "--json"]);
    assert_eq!(told["templates"][0]["measured"].as_array().map(Vec::len), Some(4), "{told}");
    let index: Value =
        serde_json::from_slice(&std::fs::read(folder.path().join("index.json")).unwrap()).unwrap();
    let measured = &index["templates"][0]["versions"][0]["measured"];
    assert_eq!(measured["stood_in_for"], serde_json::json!(["room"]));
    // The room is heard: longer, and louder.
    let [before, after] =
        ["before", "after"].map(|when| measured["signals"][0][when]["integrated_lufs"].as_f64().unwrap());
    assert!((after - before).abs() > 3.0, "{before} -> {after}");
}
