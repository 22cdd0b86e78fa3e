//! `deadwax recall`, as someone uses it who has found an old file.

use super::{deadwax, err, folder, names, out};

#[test]
fn a_master_tells_what_made_it_and_is_made_again() {
    let folder = folder();
    let made = deadwax(folder.path(), &["render", "mix.wav", "--set", "loudness=-17", "-o", "old.flac"]);
    let number =
        out(&made).lines().find_map(|line| line.trim().strip_prefix("matrix  ")).unwrap()[..12].to_owned();
    let told = deadwax(folder.path(), &["recall", "old.flac", "--verify", "mix.wav"]);
    assert_eq!(told.status.code(), Some(0), "{}{}", out(&told), err(&told));
    let said = out(&told);
    for part in [number.as_str(), "the recipe in the file", "as they were rendered", "the same samples"] {
        assert!(said.contains(part), "`{part}` is missing in:\n{said}");
    }
    assert!(names(folder.path()).contains(&"recalled".to_owned()));
    // The recalled graph is one like any other.
    let text = std::fs::read_to_string(folder.path().join("recalled/streaming.ron")).unwrap();
    assert!(text.contains("target_lufs: -17"), "{text}");
    assert!(deadwax(folder.path(), &["fmt", "--check", "recalled/streaming.ron"]).status.success(), "{text}");
    let json = deadwax(folder.path(), &["recall", "old.flac", "--json"]);
    let value: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!((&value["ok"], &value["found_by"]), (&true.into(), &"file".into()), "{value}");
    assert_eq!(value["recipe"]["matrix"], number.as_str());
    // Another mix is no mistake of the program, and the answer is no.
    let other = deadwax(folder.path(), &["recall", "old.flac", "--verify", "old.flac"]);
    assert_eq!(other.status.code(), Some(1), "{}", out(&other));
    assert!(out(&other).contains("another mix"), "{}", out(&other));
    let nothing = deadwax(folder.path(), &["recall", "mix.wav"]);
    assert_eq!(nothing.status.code(), Some(1));
    insta::assert_snapshot!("recall_nothing", err(&nothing));
}

#[test]
fn a_recipe_goes_where_it_is_wanted() {
    let folder = folder();
    deadwax(folder.path(), &["render", "mix.wav", "-q", "-g", "cd", "-o", "a.wav", "--recipe", "sidecar"]);
    deadwax(folder.path(), &["render", "mix.wav", "-q", "-g", "cd", "-o", "b.wav", "--recipe", "none"]);
    deadwax(folder.path(), &["render", "mix.wav", "-q", "-g", "cd", "-o", "c.wav", "--no-tags"]);
    assert_eq!(names(folder.path()), ["a.dwr.json", "a.wav", "b.wav", "c.wav", "mix.wav"]);
    let bytes = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    let has = |bytes: &[u8]| bytes.windows(4).any(|four| four == b"dwxr");
    assert!(!has(&bytes("a.wav")) && !has(&bytes("b.wav")) && !has(&bytes("c.wav")));
    let told = deadwax(folder.path(), &["recall", "a.wav"]);
    assert!(out(&told).contains("the recipe beside the file"), "{}", out(&told));
}
