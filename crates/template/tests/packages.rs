//! Templates on disk: as graph files, as folders, unpacked.

use deadwax_graph::{LoadError, Loader};
use deadwax_template::path::PathError;
use deadwax_template::{Package, PackageError, ROOT, limits};
use std::fs;
use std::path::Path;

/// A graph of this name that uses, declares and knows what `sections` says.
fn graph(name: &str, sections: &str) -> String {
    format!(
        "Graph(format: 1, about: (name: \"{name}\", version: \"1.0.0\"), {sections}\n    nodes: {{ trim: Gain }}, wires: [\"input -> trim -> output\"])\n"
    )
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let place = folder.path().join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, text).unwrap();
    }
    folder
}

fn paths(package: &Package) -> Vec<&str> {
    package.paths().collect()
}

fn wrong(path: &Path) -> PackageError {
    Package::read(path).expect_err("it is no template")
}

#[test]
fn a_graph_file_brings_what_it_names_and_nothing_else() {
    let sections = "use: { tape: \"parts/tape.ron\" }, assets: { room: \"rooms/hall.wav\" }, learned: { trim: \"side-a.clicks.ron\" },";
    let folder = folder(&[
        ("warm.ron", &graph("warm", sections)),
        ("warm.md", "what it does\n"),
        ("README.md", "about all graphs in this folder\n"),
        ("LICENSE", "free\n"),
        ("deadwax.lock", "of other graphs\n"),
        ("rooms/hall.wav", "RIFF"),
        ("side-a.clicks.ron", "Clicks()"),
        ("parts/tape.ron", &graph("tape", "use: { inner: \"deep/inner.ron\" },")),
        ("parts/deep/inner.ron", &graph("inner", "")),
        ("mix.wav", "RIFF, and none of anybody's business"),
        ("other.ron", &graph("other", "")),
    ]);
    let package = Package::read(&folder.path().join("warm.ron")).unwrap();
    let expected = [
        "LICENSE",
        "README.md",
        "graph.ron",
        "parts/deep/inner.ron",
        "parts/tape.ron",
        "rooms/hall.wav",
        "side-a.clicks.ron",
    ];
    assert_eq!(paths(&package), expected);
    assert_eq!(package.file("README.md"), Some(&b"what it does\n"[..]));
    assert_eq!(package.about().name, "warm");
    assert_eq!(package.version().to_string(), "1.0.0");
}

#[test]
fn a_graph_that_names_templates_brings_the_lock() {
    let text = graph("warm", "use: { declick: \"house/declick@^1.4\" },");
    let folder = folder(&[("warm.ron", &text), ("deadwax.lock", "pins\n")]);
    let package = Package::from_graph_file(&folder.path().join("warm.ron")).unwrap();
    assert_eq!(paths(&package), ["deadwax.lock", "graph.ron"]);
}

#[test]
fn a_folder_an_archive_and_a_graph_file_of_the_same_files_are_the_same_package() {
    let folder = folder(&[
        ("t/graph.ron", &graph("warm", "use: { tape: \"parts/tape.ron\" },")),
        ("t/parts/tape.ron", &graph("tape", "")),
        ("t/README.md", "warm\n"),
        ("t/.git/config", "not this"),
        ("t/.DS_Store", "nor this"),
    ]);
    let there = folder.path().join("t");
    let package = Package::read(&there).unwrap();
    assert_eq!(Package::read(&there.join("graph.ron")).unwrap(), package);
    fs::write(folder.path().join("warm.dwx"), package.archive()).unwrap();
    assert_eq!(Package::read(&folder.path().join("warm.dwx")).unwrap(), package);
    fs::write(folder.path().join("warm.download"), package.archive()).unwrap();
    assert_eq!(Package::read(&folder.path().join("warm.download")).unwrap(), package);
    assert_eq!(paths(&package), ["README.md", "graph.ron", "parts/tape.ron"]);
}

#[test]
fn nothing_outside_the_folder_of_the_graph_comes_along() {
    let folder = folder(&[
        ("t/up.ron", &graph("up", "use: { tape: \"../tape.ron\" },")),
        ("t/root.ron", &graph("root", "assets: { room: \"/etc/room.wav\" },")),
        ("tape.ron", &graph("tape", "")),
        ("LICENSE", "free\n"),
        ("t/plain.ron", &graph("plain", "")),
        ("t/linked.ron", &graph("linked", "use: { tape: \"link.ron\" },")),
    ]);
    let there = folder.path().join("t");
    assert!(
        matches!(wrong(&there.join("up.ron")), PackageError::Outside { named, .. } if named == "../tape.ron")
    );
    assert!(matches!(wrong(&there.join("root.ron")), PackageError::Outside { .. }));
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("../tape.ron", there.join("link.ron")).unwrap();
        std::os::unix::fs::symlink("../LICENSE", there.join("LICENSE")).unwrap();
        assert!(matches!(wrong(&there.join("linked.ron")), PackageError::Outside { .. }));
        assert!(matches!(wrong(&there.join("plain.ron")), PackageError::Link { .. }));
        assert!(matches!(wrong(&there), PackageError::Link { .. }));
    }
}

#[test]
fn kinds_that_are_not_allowed_are_an_error_that_says_which_are() {
    let text = graph("warm", "assets: { room: \"room.aiff\" },");
    let folder = folder(&[("warm.ron", &text), ("room.aiff", "FORM")]);
    let told = wrong(&folder.path().join("warm.ron")).to_string();
    insta::assert_snapshot!(told, @"`room.aiff` may not be in a package: a package holds files that end in .ron, .md, .txt, .svg, .json, .flac, .wav and LICENSE, README, deadwax.lock, and no others");
}

#[test]
fn what_is_missing_is_named() {
    let folder = folder(&[("warm.ron", &graph("warm", "use: { tape: \"parts/tape.ron\" },"))]);
    let told = wrong(&folder.path().join("warm.ron")).to_string();
    assert_eq!(told, "`warm.ron` names `parts/tape.ron`, which is not there");
    assert!(matches!(wrong(&folder.path().join("none.ron")), PackageError::Io { .. }));
    assert!(matches!(wrong(folder.path()), PackageError::NoGraph));
}

#[test]
fn a_part_cannot_take_the_name_of_the_graph() {
    let folder = folder(&[
        ("warm.ron", &graph("warm", "use: { part: \"graph.ron\" },")),
        ("graph.ron", &graph("part", "")),
    ]);
    assert!(matches!(wrong(&folder.path().join("warm.ron")), PackageError::RootTaken { .. }));
}

#[test]
fn a_template_has_a_name_and_a_version() {
    let told = |about: &str| {
        let text =
            format!("Graph(format: 1, {about} nodes: {{ a: Gain }}, wires: [\"input -> a -> output\"])");
        let folder = folder(&[("graph.ron", &text)]);
        Package::read(folder.path())
            .map(|package| package.version().to_string())
            .map_err(|error| error.to_string())
    };
    assert_eq!(told("about: (name: \"cd-16\", version: \"2.0.0-rc.1\"),"), Ok("2.0.0-rc.1".to_owned()));
    let all: Vec<String> = [
        "",
        "about: (version: \"1.0.0\"),",
        "about: (name: \"Warm Tape\", version: \"1.0.0\"),",
        "about: (name: \"warm--tape\", version: \"1.0.0\"),",
        "about: (name: \"warm\"),",
        "about: (name: \"warm\", version: \"1.0\"),",
        "about: (name: \"warm\", version: \"1.0.0+mine\"),",
    ]
    .iter()
    .map(|about| told(about).unwrap_err())
    .collect();
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn graphs_are_loaded_from_memory_and_recordings_once_they_have_a_place() {
    let text = graph("warm", "use: { tape: \"parts/tape.ron\" }, assets: { room: \"hall.wav\" },");
    let folder =
        folder(&[("t/graph.ron", &text), ("t/parts/tape.ron", &graph("tape", "")), ("t/hall.wav", "RIFF")]);
    let package = Package::read(&folder.path().join("t")).unwrap();
    let loader = package.loader();
    assert_eq!(loader.read(ROOT, 1 << 20).unwrap(), text);
    assert!(matches!(loader.read(ROOT, 10), Err(LoadError::TooLarge { .. })));
    assert!(matches!(loader.read("../t/graph.ron", 1 << 20), Err(LoadError::Io(_))));
    assert!(loader.locate("hall.wav").is_err());
    let place = folder.path().join("kept/here");
    package.unpack_to(&place).unwrap();
    let loader = loader.recordings_in(&place);
    assert_eq!(fs::read(loader.locate("hall.wav").unwrap()).unwrap(), b"RIFF");
    assert!(loader.locate("other.wav").is_err());
    assert_eq!(Package::read(&place).unwrap(), package);
}

#[test]
fn a_package_is_unpacked_as_a_whole_and_never_over_something_else() {
    let folder = folder(&[("t/graph.ron", &graph("warm", "")), ("other/graph.ron", &graph("other", ""))]);
    let package = Package::read(&folder.path().join("t")).unwrap();
    let place = folder.path().join("kept");
    package.unpack_to(&place).unwrap();
    package.unpack_to(&place).unwrap();
    let other = folder.path().join("other");
    assert!(matches!(package.unpack_to(&other), Err(PackageError::Occupied { .. })));
    assert_eq!(fs::read_to_string(other.join("graph.ron")).unwrap(), graph("other", ""));
    fs::write(place.join("graph.ron"), "changed").unwrap();
    assert!(matches!(package.unpack_to(&place), Err(PackageError::Occupied { .. })));
    let mut left: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["kept", "other", "t"], "nothing else is left behind");
}

#[test]
fn a_folder_has_no_more_files_bytes_and_folders_in_each_other_than_allowed() {
    let many = folder(&[("graph.ron", &graph("many", ""))]);
    for number in 1..limits::FILES {
        fs::write(many.path().join(format!("{number}.txt")), "").unwrap();
    }
    assert_eq!(Package::read(many.path()).unwrap().paths().count(), limits::FILES);
    fs::write(many.path().join("more.txt"), "").unwrap();
    assert!(matches!(wrong(many.path()), PackageError::TooManyFiles));
    let deep = folder(&[("graph.ron", &graph("deep", ""))]);
    let inner = |steps: usize| deep.path().join("d/".repeat(steps));
    fs::create_dir_all(inner(limits::DEPTH - 1)).unwrap();
    fs::write(inner(limits::DEPTH - 1).join("a.txt"), "").unwrap();
    assert!(Package::read(deep.path()).is_ok());
    fs::create_dir(inner(limits::DEPTH)).unwrap();
    let told = wrong(deep.path());
    assert!(matches!(told, PackageError::Path { cause: PathError::TooDeep, .. }), "{told:?}");
    // A file that is all holes takes no room on the disk.
    let large = folder(&[("graph.ron", &graph("large", ""))]);
    let holes = fs::File::create(large.path().join("a.txt")).unwrap();
    holes.set_len(limits::ARCHIVE_BYTES as u64 + 1).unwrap();
    assert!(matches!(wrong(large.path()), PackageError::TooLarge));
    fs::rename(large.path().join("a.txt"), large.path().join("a.dwx")).unwrap();
    assert!(matches!(wrong(&large.path().join("a.dwx")), PackageError::TooLarge));
}

#[cfg(unix)]
#[test]
fn a_pipe_is_not_waited_for() {
    let folder = folder(&[("t/graph.ron", &graph("warm", ""))]);
    let pipe = folder.path().join("t/a.txt");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    if made.is_ok_and(|status| status.success()) {
        assert!(matches!(wrong(&folder.path().join("t")), PackageError::NotPlain { .. }));
        assert!(matches!(wrong(&pipe), PackageError::NotPlain { .. }));
    }
}
