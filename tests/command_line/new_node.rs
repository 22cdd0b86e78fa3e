//! A kind of node of one's own, from the first minute.

use super::{deadwax, err, folder, names, out};
use std::path::{Path, PathBuf};
use std::process::Command;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap()
}

/// `cargo` without the network, into the folder that has the most of it already.
fn cargo(home: &Path, words: &[&str]) -> String {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(words).arg("--offline").current_dir(home).env("CARGO_TARGET_DIR", target());
    // Third-party crates as the workspace has them; its own, which are built anew here, as quickly as can be.
    let mut set = |what: &str| _ = command.args(["--config", what]);
    set("profile.dev.opt-level=0");
    set("profile.dev.debug=0");
    set("profile.dev.build-override.opt-level=0");
    set("profile.dev.package.\"*\".opt-level=2");
    set("profile.dev.package.\"*\".debug=false");
    let crates = std::fs::read_dir(workspace().join("crates")).unwrap().map(|entry| entry.unwrap().path());
    for path in crates.chain([workspace().join("nodes")]) {
        let manifest = std::fs::read_to_string(path.join("Cargo.toml")).unwrap();
        let name = manifest.split('"').nth(1).unwrap();
        set(&format!("profile.dev.package.{name}.opt-level=0"));
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{words:?}: {}{}", out(&output), err(&output));
    out(&output)
}

#[test]
fn a_crate_is_the_whole_program_with_one_more_kind_which_keeps_the_contract() {
    let folder = folder();
    let clone = workspace().display().to_string();
    let output =
        deadwax(folder.path(), &["new", "node", "HouseLift", "--family", "tone", "--deadwax", &clone]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    insta::assert_snapshot!("crate", out(&output));
    let home = folder.path().join("house-lift");
    assert_eq!(names(&home), [".gitignore", "Cargo.toml", "src", "try.ron"]);
    // The same versions as here: nothing is fetched.
    std::fs::copy(workspace().join("Cargo.lock"), home.join("Cargo.lock")).unwrap();
    let tested = cargo(&home, &["test"]);
    assert!(tested.contains("the_kind_keeps_the_contract ... ok"), "{tested}");
    cargo(&home, &["build"]);
    let program = target().join("debug").join(format!("house-lift{}", std::env::consts::EXE_SUFFIX));
    let run = |words: &[&str]| {
        let mut command = Command::new(&program);
        command.args(words).current_dir(&home);
        command.env("DEADWAX_CACHE", target().join("tmp/cache"));
        command.env("DEADWAX_LEDGER", target().join("tmp/ledger"));
        let output = command.output().unwrap();
        assert!(output.status.success(), "{words:?}: {}", err(&output));
        out(&output)
    };
    let sheet = run(&["nodes", "HouseLift"]);
    assert!(sheet.contains("what every sample is multiplied by"), "{sheet}");
    let told = run(&["explain", "try.ron"]);
    assert!(told.contains("HouseLift") && told.contains("factor 0.5"), "{told}");
    run(&["render", "../mix.wav", "-g", "try.ron", "-o", "out.wav"]);
    run(&["fmt", "try.ron", "--check"]);
    assert!(home.join("out.wav").is_file());
    // Without it there is no such kind, and a folder that is there is left alone.
    let output = deadwax(&home, &["check", "try.ron"]);
    assert!(err(&output).contains("DW0101"), "{}", err(&output));
    let output = deadwax(folder.path(), &["new", "node", "house-lift", "--deadwax", &clone]);
    assert_eq!(output.status.code(), Some(5));
    assert!(err(&output).contains("DW0511"), "{}", err(&output));
}

#[test]
fn in_a_clone_a_node_is_a_file_of_the_library_and_its_lines() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    for name in ["nodes/src/gain/mod.rs", "nodes/src/tone/mod.rs", "nodes/src/lib.rs"] {
        std::fs::create_dir_all(path(name).parent().unwrap()).unwrap();
        std::fs::copy(workspace().join(name), path(name)).unwrap();
    }
    std::fs::create_dir_all(path("crates/node")).unwrap();
    let output = deadwax(&path("nodes/src"), &["new", "node", "Lift"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let text = |name: &str| std::fs::read_to_string(path(name)).unwrap();
    let was = |name: &str| std::fs::read_to_string(workspace().join(name)).unwrap();
    let added = |name: &str| -> Vec<String> {
        let was = was(name);
        let new: Vec<String> = text(name)
            .lines()
            .filter(|line| !was.lines().any(|known| known == *line))
            .map(|line| line.trim().to_owned())
            .collect();
        assert_eq!(text(name).lines().count(), was.lines().count() + new.len(), "{name}");
        new
    };
    assert_eq!(added("nodes/src/gain/mod.rs"), ["mod lift;", "pub use lift::Lift;"]);
    assert_eq!(added("nodes/src/lib.rs"), [".register::<gain::Lift>()"]);
    assert_eq!(text("nodes/src/tone/mod.rs"), was("nodes/src/tone/mod.rs"));
    // It is the node on which the ten minutes are spent, word for word.
    let contributing = was("CONTRIBUTING.md");
    assert!(contributing.contains(&format!("```rust\n{}```\n", text("nodes/src/gain/lift.rs"))));
    // Once more: the file is there, and nothing is written.
    let before = text("nodes/src/lib.rs");
    let output = deadwax(folder.path(), &["new", "node", "lift"]);
    assert_eq!(output.status.code(), Some(5), "{}", err(&output));
    assert_eq!(text("nodes/src/lib.rs"), before);
}

#[test]
fn names_that_no_node_can_have_are_refused_with_the_reason() {
    let folder = folder();
    let mut said = String::new();
    for name in ["Compressor", "../evil", "loop", "7up", "a b"] {
        let output = deadwax(folder.path(), &["new", "node", name]);
        assert_eq!(output.status.code(), Some(2), "{name}");
        said += &err(&output);
    }
    assert_eq!(names(folder.path()), ["mix.wav"]);
    insta::assert_snapshot!("names", said);
}
