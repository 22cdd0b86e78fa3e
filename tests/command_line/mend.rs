//! `deadwax inspect`, `new graph` and `render --learn`: from a broken file to a mended one.

use super::{deadwax, err, folder, names, out};
use deadwax_tests::{mix, write_wav};
use std::path::Path;

/// A folder with a record that clicks three times on the left, and a clean mix.
fn transfer() -> tempfile::TempDir {
    let folder = folder();
    let mut channels = mix(44_100, 4.0);
    for second in 1..4 {
        for n in 0..12 {
            channels[0][second * 44_100 + 311 * second + n] += if n % 2 == 0 { 0.4 } else { -0.3 };
        }
    }
    write_wav(&folder.path().join("side.wav"), 44_100, &channels);
    folder
}

fn ok(folder: &Path, arguments: &[&str]) -> String {
    let output = deadwax(folder, arguments);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", err(&output));
    out(&output)
}

#[test]
fn what_is_broken_is_found_and_a_graph_written_that_mends_it() {
    let folder = transfer();
    let told = ok(folder.path(), &["inspect", "side.wav", "mix.wav", "-q"]);
    insta::assert_snapshot!("inspect", told);
    let told = ok(folder.path(), &["inspect", "side.wav", "--graph", "mend.ron"]);
    assert!(told.contains("wrote  mend.ron"), "{told}");
    insta::assert_snapshot!(
        "mending_graph",
        std::fs::read_to_string(folder.path().join("mend.ron")).unwrap()
    );
    ok(folder.path(), &["render", "side.wav", "-g", "mend.ron", "-o", "mended.wav", "-q"]);
    assert_eq!(ok(folder.path(), &["inspect", "mended.wav", "-q"]).trim(), "mended.wav\n  nothing to mend");
    let again = deadwax(folder.path(), &["inspect", "side.wav", "--graph", "mend.ron"]);
    assert_eq!(again.status.code(), Some(5));
    assert!(err(&again).contains("DW0511"), "{}", err(&again));
    let over = deadwax(folder.path(), &["inspect", "side.wav", "-f", "--graph", "side.wav"]);
    assert_eq!(over.status.code(), Some(0), "it becomes side.wav.ron: {}", err(&over));
    assert!(names(folder.path()).contains(&"side.wav.ron".to_owned()));
    let two = deadwax(folder.path(), &["inspect", "side.wav", "mix.wav", "--graph", "both.ron"]);
    assert_eq!(two.status.code(), Some(2));
    let missing = deadwax(folder.path(), &["inspect", "gone.wav"]);
    assert_eq!(missing.status.code(), Some(4));
}

#[test]
fn a_program_reads_the_faults() {
    let folder = transfer();
    let value: serde_json::Value =
        serde_json::from_str(&ok(folder.path(), &["inspect", "side.wav", "mix.wav", "--json"])).unwrap();
    assert_eq!(value["schema"], "deadwax.inspect/1");
    let faults = &value["files"][0]["faults"];
    assert_eq!((&faults[0]["kind"], &faults[0]["count"]), (&"clicks".into(), &3.into()), "{value}");
    assert_eq!(faults[0]["places"][0]["channel"], 0);
    assert_eq!(value["files"][1]["faults"].as_array().unwrap().len(), 0);
}

#[test]
fn a_copy_of_a_graph_learns_and_is_used_again() {
    let folder = transfer();
    let built_in = deadwax(folder.path(), &["render", "side.wav", "-g", "clean-mix", "--learn"]);
    assert_eq!(built_in.status.code(), Some(3));
    assert!(err(&built_in).contains("deadwax new graph mine.ron --from clean-mix"), "{}", err(&built_in));
    ok(folder.path(), &["new", "graph", "mine", "--from", "clean-mix"]);
    let text = std::fs::read_to_string(folder.path().join("mine.ron")).unwrap();
    assert!(text.contains("name: \"mine\"") && text.contains("DeClick("), "{text}");
    let told = ok(
        folder.path(),
        &["render", "side.wav", "-g", "mine.ron", "--learn", "-o", "a.wav", "--recipe", "none"],
    );
    assert!(told.contains("learnt  mine.clicks.ron"), "{told}");
    let explained = ok(folder.path(), &["explain", "mine.ron"]);
    assert!(explained.contains("has learnt before: mine.clicks.ron"), "{explained}");
    ok(folder.path(), &["render", "side.wav", "-g", "mine.ron", "-o", "b.wav", "--recipe", "none"]);
    let bytes = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    assert!(bytes("a.wav") == bytes("b.wav"));
    let twice = deadwax(folder.path(), &["render", "side.wav", "-g", "mine.ron", "--learn", "-o", "c.wav"]);
    assert_eq!(twice.status.code(), Some(5));
    let other = deadwax(folder.path(), &["render", "mix.wav", "-g", "mine.ron", "-o", "d.wav"]);
    assert!(err(&other).contains("DW0542"), "{}", err(&other));
    let many = deadwax(folder.path(), &["render", "mix.wav", "side.wav", "-g", "mine.ron", "--learn"]);
    assert_eq!(many.status.code(), Some(2));
    let left = names(folder.path());
    assert!(left.iter().all(|name| name != "c.wav" && name != "d.wav"), "{left:?}");
}
