//! Templates of sources: added, locked, used in other folders to the byte, and refused when anything of them was changed.

#[path = "../../crates/template/tests/support/mod.rs"]
mod support;
mod tampering;

use super::{err, folder, out};
use deadwax::template::{Access, Lock, Origin, Package, Shelf, Sources, Store};
use deadwax_tests::{samples, write_wav};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use support::server::Server;
use support::{commit, publish, small};
use tampering::append;
use tempfile::TempDir;

const ROOM: &str = "Graph(
    format: 1,
    about: (name: \"room\", version: \"1.0.0\", title: \"A warm room\", tags: [\"warm\"]),
    use: { tape: \"parts/tape.ron\", inner: \"house/inner@^1\" },
    assets: { room: \"assets/room.wav\" },
    params: { heat: Param(sets: [\"tape.drive\"]), level: Param(sets: [\"trim.gain_db\"]) },
    presets: { \"hot\": { heat: 8 } },
    nodes: {
        tape: tape(drive: 2),
        hall: Convolver(asset: \"room\"),
        inner: inner,
        trim: Gain(gain_db: -6),
    },
    wires: [\"input -> tape -> hall -> inner -> trim -> output\"],
)
";
const TAPE: &str = "Graph(
    format: 1,
    params: { drive: Param(sets: [\"sat.drive_db\"]) },
    nodes: { sat: Saturator(drive_db: 3) },
    wires: [\"input -> sat -> output\"],
)
";

/// A machine of its own: a store, and a folder with a mix and graphs.
struct Machine {
    root: TempDir,
}

impl Machine {
    fn new() -> Self {
        let root = folder();
        fs::create_dir(root.path().join("mine")).unwrap();
        fs::rename(root.path().join("mix.wav"), root.path().join("mine/mix.wav")).unwrap();
        Self { root }
    }

    fn at(&self, path: &str) -> PathBuf {
        self.root.path().join(path)
    }

    fn store(&self) -> Store {
        Store::new(self.at("store"))
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = super::command(&self.at("mine"), arguments);
        command.env("DEADWAX_TEMPLATES", self.at("store")).output().unwrap()
    }

    /// What was said, when all went well.
    fn said(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}{}", out(&output), err(&output));
        out(&output)
    }

    /// Everything that was said, without what differs from machine to machine.
    fn told(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let said = format!("$ deadwax {}\n{}{}", arguments.join(" "), out(&output), err(&output));
        let said = said.replace(self.root.path().canonicalize().unwrap().to_str().unwrap(), "ROOT");
        let said = said.replace(self.root.path().to_str().unwrap(), "ROOT");
        let speed = regex_lite::Regex::new("about [0-9.]+×").unwrap();
        format!("{}exit {}\n", speed.replace_all(&said, "about N×"), output.status.code().unwrap())
    }

    /// The graph that is shared, as its author has it.
    fn author(&self) -> Package {
        publish(&self.at("own"), &[small("inner", "1.0.0", &[])]);
        for folder in ["mine/parts", "mine/assets"] {
            fs::create_dir(self.at(folder)).unwrap();
        }
        fs::write(self.at("mine/room.ron"), ROOM).unwrap();
        fs::write(self.at("mine/parts/tape.ron"), TAPE).unwrap();
        let room: Vec<f64> =
            (0..2000).map(|n| if n % 97 == 0 { 0.5 / f64::from(n + 1) } else { 0.0 }).collect();
        write_wav(&self.at("mine/assets/room.wav"), 44_100, &vec![room.clone(), room]);
        self.said(&["template", "source", "add", "house", self.at("own").to_str().unwrap()]);
        self.said(&["template", "add", "house/inner@^1"]);
        self.said(&["template", "pack", "room.ron"]);
        Package::read(&self.at("mine/room-1.0.0.dwx")).unwrap()
    }

    /// A graph that uses the shared one, which is locked and here.
    fn user(source: &Path) -> Self {
        let machine = Self::new();
        let mut sources = Sources::read(&machine.store()).unwrap();
        sources.add("house", Origin::parse(source.to_str().unwrap()).unwrap()).unwrap();
        machine.graph();
        machine.locks("house/room@^1");
        machine
    }

    /// A graph that uses the shared one.
    fn graph(&self) {
        let graph = "Graph(\n    format: 1,\n    use: { room: \"house/room@^1#hot\" },\n    nodes: { a: room(level: -4) },\n    \
                     wires: [\"input -> a -> output\"],\n)\n";
        fs::write(self.at("mine/main.ron"), graph).unwrap();
    }

    fn shelf(&self) -> Shelf {
        Shelf::new(&self.at("mine"), self.store(), Access { offline: false, anew: true }).unwrap()
    }

    fn locks(&self, wanted: &str) {
        let (shelf, wanted) = (self.shelf(), wanted.parse().unwrap());
        fs::write(shelf.lock_file(), shelf.add(&wanted).unwrap().write()).unwrap();
    }

    fn lock(&self) -> Lock {
        self.shelf().lock().unwrap()
    }

    /// The folder of the store in which a template lies.
    fn kept(&self, name: &str) -> PathBuf {
        self.store().place(&self.lock().pins[&name.parse().unwrap()].content)
    }
}

/// A source with everything that the shared graph needs.
fn source() -> (TempDir, Package) {
    let (folder, author) = (tempfile::tempdir().unwrap(), Machine::new());
    let room = author.author();
    publish(folder.path(), &[small("inner", "1.0.0", &[]), room.clone()]);
    (folder, room)
}

#[test]
fn a_shared_graph_sounds_the_same_from_a_folder_a_repository_and_the_web() {
    let author = Machine::new();
    let room = author.author();
    let lock = String::from_utf8(room.file("deadwax.lock").unwrap().to_vec()).unwrap();
    assert!(
        !lock.contains(author.root.path().to_str().unwrap()),
        "no folder of the author goes along: {lock}"
    );
    let direct = ["render", "mix.wav", "-g", "room.ron", "--preset", "hot", "--set", "level=-4"];
    author.said(&[&direct[..], &["-o", "direct.wav", "-q"]].concat());
    let expected = samples(&author.at("mine/direct.wav"));

    let source = tempfile::tempdir().unwrap();
    publish(source.path(), &[small("inner", "1.0.0", &[]), small("inner", "2.0.0", &[]), room]);
    let server = Server::of(source.path());
    let place = source.path().to_str().unwrap();
    let mut addresses = vec![place.to_owned(), server.address().to_owned()];
    if commit(source.path()) {
        addresses.push(format!("git+file://{place}"));
    }
    let mut files = Vec::new();
    for address in &addresses {
        let machine = Machine::new();
        machine.said(&["template", "source", "add", "house", address]);
        let said = machine.said(&["template", "add", "house/room"]);
        assert!(said.contains("use: { room: \"house/room@^1.0.0\" }"), "{said}");
        assert!(said.contains("house/inner 1.0.0, house/room 1.0.0 in deadwax.lock"), "{said}");
        machine.graph();
        machine.said(&[
            "render",
            "mix.wav",
            "-g",
            "main.ron",
            "--locked",
            "--offline",
            "-o",
            "out.wav",
            "-q",
        ]);
        assert!(samples(&machine.at("mine/out.wav")) == expected, "{address}");
        files.push(fs::read(machine.at("mine/out.wav")).unwrap());
        // The same by its name, without a graph of one's own.
        let named =
            ["render", "mix.wav", "-g", "house/room#hot", "--set", "level=-4", "-o", "named.wav", "-q"];
        machine.said(&named);
        assert!(samples(&machine.at("mine/named.wav")) == expected, "{address}");
        // Copied beside the graph it needs no store, and no source.
        machine.said(&["template", "vendor"]);
        fs::remove_dir_all(machine.at("store")).unwrap();
        machine.said(&[
            "render",
            "mix.wav",
            "-g",
            "main.ron",
            "--locked",
            "--offline",
            "-o",
            "copied.wav",
            "-q",
        ]);
        assert!(fs::read(machine.at("mine/copied.wav")).unwrap() == files[0], "{address}");
    }
    assert!(files.iter().all(|file| *file == files[0]), "the same bytes in every folder");
}

#[test]
fn a_recipe_names_the_templates_and_renders_without_them() {
    let (source, room) = source();
    let machine = Machine::user(source.path());
    machine.said(&["render", "mix.wav", "-g", "main.ron", "-o", "out.wav", "-q"]);
    fs::remove_dir_all(machine.at("store")).unwrap();
    let said = machine.said(&["recall", "out.wav", "-o", "again"]);
    assert!(said.contains(&format!("house/room 1.0.0 ({})", room.content_hash())), "{said}");
    assert!(said.contains("house/inner 1.0.0 (sha256:"), "{said}");
    let mut graph = fs::read_dir(machine.at("mine/again")).unwrap().flatten().map(|entry| entry.path());
    let graph = graph.find(|path| path.extension().is_some_and(|ending| ending == "ron")).unwrap();
    assert!(!fs::read_to_string(graph).unwrap().contains("house/"));
}

#[test]
fn without_tampering_every_one_of_these_commands_is_well() {
    let (source, _) = source();
    let machine = Machine::user(source.path());
    for arguments in [
        &["check", "main.ron"][..],
        &["template", "add"],
        &["template", "update"],
        &["template", "vendor"],
        &["draw", "house/room@^1#hot"],
        &["explain", "house/room"],
        &["diff", "main.ron", "main.ron"],
        &["set", "main.ron", "a.level=-5"],
    ] {
        machine.said(&[arguments, &["--locked", "--offline"]].concat());
    }
}

#[test]
fn an_error_of_a_template_stands_where_the_graph_names_it() {
    let (source, _) = source();
    let machine = Machine::user(source.path());
    append(&machine.kept("house/room").join("graph.ron"));
    let said = machine.told(&["check", "main.ron"]);
    let hash = regex_lite::Regex::new("[0-9a-f]{64}").unwrap();
    insta::assert_snapshot!(hash.replace_all(&said, "HASH"));
}

#[test]
fn what_templates_say_on_the_command_line() {
    let (source, room) = (tempfile::tempdir().unwrap(), small("tape", "1.0.0", &[]));
    let newer = |version: &str, gain: &str| {
        let text = String::from_utf8(room.file("graph.ron").unwrap().to_vec()).unwrap();
        let text = text.replace("1.0.0", version).replace("gain_db: -1", gain);
        room.clone().with("graph.ron", text.into_bytes()).unwrap()
    };
    publish(source.path(), std::slice::from_ref(&room));
    let machine = Machine::new();
    let place = machine.at("source");
    fs::rename(source.path(), &place).unwrap();
    fs::create_dir(source.path()).unwrap();
    let mut all = vec![
        machine.told(&["template", "list"]),
        machine.told(&["template", "add", "house/tape"]),
        machine.told(&["template", "source", "add", "house", place.to_str().unwrap()]),
        machine.told(&["template", "source", "list"]),
        machine.told(&["template", "add", "house/tpae"]),
        machine.told(&["template", "add", "house/tape", "--locked"]),
        machine.told(&["check", "house/tape"]),
        machine.told(&["check", "house/tape", "--locked"]),
        machine.told(&["template", "add", "house/tape"]),
        machine.told(&["template", "add", "house/tape", "--locked", "-q"]),
    ];
    publish(&place, &[room.clone(), newer("1.1.0", "gain_db: -2"), newer("2.0.0", "gain_db: -3")]);
    all.extend([
        machine.told(&["template", "list"]),
        machine.told(&["template", "search", "tape", "--kind", "gain"]),
        machine.told(&["template", "search", "tape", "--tag", "vinyl"]),
        machine.told(&["template", "update", "--dry-run"]),
        machine.told(&["template", "update", "--locked"]),
        machine.told(&["template", "update", "house/tape"]),
        machine.told(&["template", "update"]),
        machine.told(&["template", "add", "house/tape@^3"]),
        machine.told(&["template", "vendor"]),
        machine.told(&["template", "source", "remove", "house"]),
        machine.told(&["template", "add", "House/Tape"]),
    ]);
    insta::assert_snapshot!(all.join("\n"));
    assert!(fs::read_to_string(machine.at("mine/deadwax.lock")).unwrap().contains("version: \"1.1.0\""));
}

#[test]
fn help_of_templates_of_sources() {
    let machine = Machine::new();
    for command in ["list", "search", "add", "update", "vendor", "source"] {
        let said = machine.said(&["template", command, "--help"]);
        insta::assert_snapshot!(format!("help_template_{command}"), said);
    }
}
