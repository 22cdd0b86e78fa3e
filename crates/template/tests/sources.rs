//! Folders, git repositories and web folders as sources: what they give, what they are asked, what is refused.

mod support;

use deadwax_template::{
    Access, Lock, Origin, Package, Shelf, ShelfError, SourceError, Sources, Store, TemplateName, Wanted,
};
use std::path::{Path, PathBuf};
use support::server::Server;
use support::{commit, git, publish, small};
use tempfile::TempDir;

const ANEW: Access = Access { offline: false, anew: true };
const KEPT: Access = Access { offline: false, anew: false };
const OFFLINE: Access = Access { offline: true, anew: false };

/// A source folder, a store, and a folder of graphs.
struct World {
    root: TempDir,
}

impl World {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        for name in ["source", "mine"] {
            std::fs::create_dir(root.path().join(name)).unwrap();
        }
        let world = Self { root };
        world.publish(&[small("inner", "1.0.0", &[]), small("tape", "1.2.0", &["house/inner@^1"])]);
        world
    }

    fn publish(&self, packages: &[Package]) {
        publish(&self.source(), packages);
    }

    fn source(&self) -> PathBuf {
        self.root.path().join("source")
    }

    fn mine(&self) -> PathBuf {
        self.root.path().join("mine")
    }

    fn store(&self) -> Store {
        Store::new(self.root.path().join("store"))
    }

    fn name(&self, address: &str) {
        let mut sources = Sources::read(&self.store()).unwrap();
        sources.add("house", Origin::parse(address).unwrap()).unwrap();
    }

    fn shelf(&self, access: Access) -> Shelf {
        Shelf::new(&self.mine(), self.store(), access).unwrap()
    }

    fn add(&self, wanted: &str, access: Access) -> Result<Lock, ShelfError> {
        let shelf = self.shelf(access);
        let lock = shelf.add(&wanted.parse::<Wanted>().unwrap())?;
        std::fs::write(shelf.lock_file(), lock.write()).unwrap();
        Ok(lock)
    }
}

fn folder(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

fn versions(lock: &Lock) -> Vec<String> {
    lock.pins.iter().map(|(name, pin)| format!("{name} {}", pin.version)).collect()
}

fn name(text: &str) -> TemplateName {
    text.parse().unwrap()
}

#[test]
fn the_same_templates_come_from_a_folder_a_repository_and_the_web() {
    let world = World::new();
    let server = Server::of(&world.source());
    let mut addresses = vec![folder(&world.source()), server.address().to_owned()];
    if commit(&world.source()) {
        addresses.push(format!("git+file://{}", folder(&world.source())));
        addresses.push(format!("git+file://{}?ref=main", folder(&world.source())));
    }
    let mut contents = Vec::new();
    for address in &addresses {
        let other = World { root: tempfile::tempdir().unwrap() };
        std::fs::create_dir(other.mine()).unwrap();
        other.name(address);
        let lock = other.add("house/tape@^1", KEPT).unwrap();
        assert_eq!(versions(&lock), ["house/inner 1.0.0", "house/tape 1.2.0"], "{address}");
        assert_eq!(lock.pins[&name("house/tape")].origin, Origin::parse(address).unwrap());
        assert_eq!(lock.pins[&name("house/inner")].asked, None, "only used by the other");
        contents.push(lock.pins.values().map(|pin| pin.content).collect::<Vec<_>>());
    }
    assert!(contents.iter().all(|one| *one == contents[0]));
}

#[test]
fn an_index_that_has_not_changed_is_not_sent_again() {
    let world = World::new();
    let server = Server::of(&world.source());
    world.name(server.address());
    world.add("house/tape", ANEW).unwrap();
    let archives = ["GET /archives/tape-1.2.0.dwx 200", "GET /archives/inner-1.0.0.dwx 200"];
    assert_eq!(server.asked(), [&["GET /index.json 200"][..], &archives].concat());
    world.add("house/tape", ANEW).unwrap();
    assert_eq!(server.asked(), ["GET /index.json 304"]);
    world.add("house/tape", KEPT).unwrap();
    assert_eq!(server.asked(), [""; 0]);
    world.publish(&[small("inner", "1.0.0", &[]), small("tape", "1.3.0", &[])]);
    assert_eq!(versions(&world.shelf(ANEW).update(None).unwrap()), ["house/tape 1.3.0"]);
    assert_eq!(server.asked(), ["GET /index.json 200", "GET /archives/tape-1.3.0.dwx 200"]);
}

#[test]
fn offline_uses_what_is_here_and_says_what_is_not() {
    let world = World::new();
    let server = Server::of(&world.source());
    world.name(server.address());
    let error = world.add("house/tape", OFFLINE).unwrap_err();
    assert!(error.to_string().contains("--offline forbids"), "{error}");
    world.add("house/inner", KEPT).unwrap();
    server.asked();
    world.add("house/inner", OFFLINE).unwrap();
    let error = world.add("house/tape", OFFLINE).unwrap_err();
    assert!(error.to_string().contains("--offline forbids"), "{error}");
    assert_eq!(server.asked(), [""; 0], "nothing is asked");
}

#[test]
fn one_is_led_on_a_few_times_and_never_out() {
    let world = World::new();
    let server = Server::of(&world.source());
    std::fs::create_dir(world.source().join("old")).unwrap();
    world.name(&format!("{}old/", server.address()));
    server.lead("/old/index.json", "/index.json");
    assert_eq!(world.shelf(KEPT).index("house").unwrap().templates.len(), 2);
    let refused = |to: &str, said: &str| {
        server.lead("/old/index.json", to);
        let error = world.shelf(ANEW).index("house").unwrap_err();
        assert!(error.to_string().contains(said), "{error}");
    };
    refused("http://example.org/index.json", "neither https nor this machine");
    refused("file:///etc/passwd", "neither https nor this machine");
    refused("/old/index.json", "more than 5 times");
    refused("/none", "answers 404");
}

#[test]
fn a_repository_is_read_without_running_anything_of_it() {
    let world = World::new();
    let source = world.source();
    let mark = world.root.path().join("ran");
    std::fs::write(source.join(".gitattributes"), "* filter=evil\n").unwrap();
    std::fs::write(source.join(".gitmodules"), "[submodule \"x\"]\n path = x\n url = ext::sh -c id\n")
        .unwrap();
    if !commit(&source) {
        return;
    }
    let hook = format!("#!/bin/sh\ntouch '{}'\n", mark.display());
    for hooks in ["post-checkout", "post-merge", "reference-transaction", "post-index-change"] {
        std::fs::write(source.join(".git/hooks").join(hooks), &hook).unwrap();
    }
    world.name(&format!("git+file://{}", folder(&source)));
    world.add("house/tape", KEPT).unwrap();
    assert!(!mark.exists());
    // A newer commit is seen when the source is asked anew, and a file that was never fetched is not invented.
    world.publish(&[small("tape", "1.3.0", &[])]);
    commit(&source);
    assert_eq!(versions(&world.shelf(KEPT).update(None).unwrap()), ["house/inner 1.0.0", "house/tape 1.2.0"]);
    assert_eq!(versions(&world.shelf(ANEW).update(None).unwrap()), ["house/tape 1.3.0"]);
    // Of what was fetched before, the last is kept for whoever reads it just now.
    world.publish(&[small("tape", "1.4.0", &[])]);
    commit(&source);
    world.shelf(ANEW).index("house").unwrap();
    let kept = std::fs::read_dir(world.store().folder().join("git")).unwrap().next().unwrap().unwrap().path();
    let commits = std::fs::read_dir(kept).unwrap().flatten().filter(|entry| entry.path().is_dir()).count();
    assert_eq!(commits, 2);
    git(&source, &["rm", "--quiet", "index.json"]);
    commit(&source);
    assert!(world.shelf(ANEW).index("house").unwrap_err().to_string().contains("git says"));
}

#[test]
fn a_source_that_gives_something_else_than_it_says_is_refused() {
    let spoil = |how: &dyn Fn(&Path), said: &str| {
        let world = World::new();
        how(&world.source());
        world.name(&folder(&world.source()));
        let error = world.add("house/tape", KEPT).unwrap_err();
        assert!(error.to_string().contains(said), "{said}: {error}");
        let kept = std::fs::read_dir(world.store().folder().join("packages")).map_or(0, Iterator::count);
        assert_eq!(kept, 0, "{said}");
    };
    let archive = |source: &Path| source.join("archives/tape-1.2.0.dwx");
    let index = |source: &Path, from: &str, to: &str| {
        let text = std::fs::read_to_string(source.join("index.json")).unwrap();
        assert!(text.contains(from), "{from}");
        std::fs::write(source.join("index.json"), text.replace(from, to)).unwrap();
    };
    spoil(
        &|source| {
            let mut bytes = std::fs::read(archive(source)).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            std::fs::write(archive(source), bytes).unwrap();
        },
        "the archive has the hash",
    );
    spoil(&|source| std::fs::write(archive(source), "").unwrap(), "the archive has the hash");
    spoil(&|source| std::fs::write(archive(source), vec![0; 1 << 20]).unwrap(), "bytes");
    spoil(&|source| std::fs::remove_file(archive(source)).unwrap(), "tape-1.2.0.dwx");
    let content = |package: &Package| package.content_hash().to_string();
    let (tape, other) =
        (content(&small("tape", "1.2.0", &["house/inner@^1"])), content(&small("tape", "9.0.0", &[])));
    spoil(&|source| index(source, &tape, &other), "its content is");
    spoil(&|source| index(source, "\"format\": 1", "\"format\": 7"), "format 7");
    spoil(&|source| index(source, "archives/tape-1.2.0.dwx", "../mine/x.dwx"), "no path below the index");
    spoil(&|source| std::fs::write(source.join("index.json"), "[]").unwrap(), "cannot be read");
    spoil(&|source| std::fs::remove_file(source.join("index.json")).unwrap(), "index.json");
}

#[cfg(unix)]
#[test]
fn a_link_out_of_a_folder_is_not_followed() {
    let world = World::new();
    let place = world.source().join("archives/tape-1.2.0.dwx");
    let outside = world.root.path().join("elsewhere.dwx");
    std::fs::rename(&place, &outside).unwrap();
    std::os::unix::fs::symlink(&outside, &place).unwrap();
    world.name(&folder(&world.source()));
    let error = world.add("house/tape", KEPT).unwrap_err();
    assert!(error.to_string().contains("outside the folder of the source"), "{error}");
}

#[test]
fn names_of_sources_are_kept_and_told() {
    let world = World::new();
    let mut sources = Sources::read(&world.store()).unwrap();
    assert!(matches!(sources.get("house", KEPT), Err(SourceError::Unknown { .. })));
    let web = Origin::parse("https://example.org/graphs").unwrap();
    sources.add("house", web.clone()).unwrap();
    sources.add("house", web.clone()).unwrap();
    let other = Origin::parse("https://example.org/other").unwrap();
    assert!(matches!(sources.add("house", other), Err(SourceError::Taken { .. })));
    assert!(matches!(sources.add("../x", web.clone()), Err(SourceError::Name(_))));
    let read = Sources::read(&world.store()).unwrap();
    assert_eq!(read.iter().collect::<Vec<_>>(), [("house", &web)]);
    assert_eq!(sources.remove("house").unwrap(), web);
    assert_eq!(Sources::read(&world.store()).unwrap().iter().count(), 0);
    std::fs::write(
        world.store().folder().join("sources.ron"),
        "Sources(sources: [(\"x\", Web(\"ftp://x/\"))])",
    )
    .unwrap();
    assert!(Sources::read(&world.store()).is_err());
}

/// Names mean on each machine what its owner says: what a template was made with is held against that.
#[test]
fn a_template_that_was_made_with_another_source_of_that_name_is_refused() {
    let world = World::new();
    let theirs = small("inner", "1.0.0", &["house/more@^2"]);
    let pin = |package: &Package| {
        let origin = Origin::Web("https://example.org/theirs/".into());
        deadwax_template::Pin {
            version: package.version().clone(),
            asked: None,
            origin,
            content: package.content_hash(),
        }
    };
    let lock = Lock { pins: [(name("house/inner"), pin(&theirs))].into() };
    let tape =
        small("tape", "1.2.0", &["house/inner@^1"]).with("deadwax.lock", lock.write().into_bytes()).unwrap();
    world.publish(&[small("inner", "1.0.0", &[]), tape]);
    world.name(&folder(&world.source()));
    let error = world.add("house/tape", KEPT).unwrap_err();
    assert!(error.to_string().contains("of another source than `house` is here"), "{error}");
    assert!(error.help().unwrap().contains("https://example.org/theirs/"));
    // With the same that its author had, all is well.
    let lock = Lock { pins: [(name("house/inner"), pin(&small("inner", "1.0.0", &[])))].into() };
    let tape =
        small("tape", "1.2.0", &["house/inner@^1"]).with("deadwax.lock", lock.write().into_bytes()).unwrap();
    world.publish(&[small("inner", "1.0.0", &[]), small("inner", "1.1.0", &[]), tape]);
    assert_eq!(versions(&world.add("house/tape", KEPT).unwrap()), ["house/inner 1.1.0", "house/tape 1.2.0"]);
}

#[test]
fn graphs_of_the_folder_have_their_say_when_versions_are_chosen() {
    let world = World::new();
    world.publish(&[small("tape", "1.0.0", &[]), small("tape", "1.1.0", &[]), small("tape", "2.0.0", &[])]);
    world.name(&folder(&world.source()));
    std::fs::create_dir(world.mine().join("parts")).unwrap();
    let graph =
        |used: &str| format!("Graph(format: 1, use: {{ a: \"{used}\" }}, nodes: {{ a: a }}, wires: [])");
    std::fs::write(world.mine().join("main.ron"), graph("parts/side.ron")).unwrap();
    std::fs::write(world.mine().join("parts/side.ron"), graph("house/tape@^1")).unwrap();
    std::fs::write(world.mine().join("broken.ron"), "Graph(").unwrap();
    // Before it is locked, too: the graph would not load with another.
    assert_eq!(
        versions(&world.shelf(KEPT).add(&"house/tape".parse().unwrap()).unwrap()),
        ["house/tape 1.1.0"]
    );
    world.add("house/tape@~1.0.0", KEPT).unwrap();
    assert_eq!(versions(&world.shelf(KEPT).update(None).unwrap()), ["house/tape 1.0.0"]);
    world.add("house/tape@>=1.0.0", KEPT).unwrap();
    assert_eq!(versions(&world.shelf(KEPT).update(None).unwrap()), ["house/tape 1.1.0"]);
    let error = world.add("house/tape@^2", KEPT).unwrap_err();
    assert_eq!(
        error.to_string(),
        "no version of house/tape fits: you ask for ^2, main.ron asks for ^1, and there are 2.0.0, 1.1.0, 1.0.0"
    );
}

#[test]
fn what_is_locked_is_fetched_again_from_where_it_came() {
    let world = World::new();
    world.name(&folder(&world.source()));
    let lock = world.add("house/tape", KEPT).unwrap();
    // Another machine has the lock, and has never heard of the source.
    std::fs::remove_dir_all(world.store().folder()).unwrap();
    let shelf = world.shelf(KEPT);
    let fetched = shelf.fetch().unwrap();
    assert_eq!(fetched.len(), lock.pins.len());
    assert!(shelf.fetch().unwrap().is_empty());
    // The source has given the version other bytes since.
    std::fs::remove_dir_all(world.store().folder()).unwrap();
    world.publish(&[small("inner", "1.0.0", &[]), small("tape", "1.2.0", &[])]);
    let error = world.shelf(KEPT).fetch().unwrap_err();
    assert!(error.to_string().contains("house/tape 1.2.0 has been changed by its source"), "{error}");
    // And the version is gone.
    world.publish(&[small("inner", "1.0.0", &[]), small("tape", "1.3.0", &[])]);
    let error = world.shelf(KEPT).fetch().unwrap_err();
    assert!(error.to_string().contains("does not offer it any more"), "{error}");
}

#[test]
fn copies_beside_the_graph_are_enough_and_are_held_against_the_lock() {
    let world = World::new();
    world.name(&folder(&world.source()));
    world.add("house/tape", KEPT).unwrap();
    let places = world.shelf(KEPT).vendor().unwrap();
    assert!(places[1].ends_with("templates/house/tape-1.2.0"), "{places:?}");
    std::fs::remove_dir_all(world.store().folder()).unwrap();
    std::fs::remove_dir_all(world.source()).unwrap();
    let pinned = world.shelf(OFFLINE).pinned();
    pinned.template("house/tape@^1").map(|_| ()).unwrap();
    assert_eq!(world.shelf(OFFLINE).vendor().unwrap(), places, "again, the same");
    std::fs::write(places[1].join("README.md"), "more").unwrap();
    let error = world.shelf(OFFLINE).pinned().template("house/tape").map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("is not what deadwax.lock pins"), "{error}");
}

#[test]
fn many_at_once_put_the_same_into_the_store() {
    let world = World::new();
    world.name(&folder(&world.source()));
    std::thread::scope(|scope| {
        let all: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| world.shelf(KEPT).add(&"house/tape".parse().unwrap()).unwrap()))
            .collect();
        let locks: Vec<Lock> = all.into_iter().map(|one| one.join().unwrap()).collect();
        assert!(locks.iter().all(|lock| *lock == locks[0]));
    });
    let kept = std::fs::read_dir(world.store().folder().join("packages")).unwrap();
    assert_eq!(kept.count(), 2, "and nothing half done is left");
}
