//! Templates of sources: added, locked, used in other folders to the byte, and refused when anything of them was changed.

#[path = "../../crates/template/tests/support/mod.rs"]
mod support;

use super::{err, folder, out};
use deadwax::template::{Access, Lock, Origin, Package, Shelf, Sources, Store};
use deadwax_tests::{samples, write_wav};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use support::server::Server;
use support::{commit, publish, small};
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
    let graph = fs::read_dir(machine.at("mine/again")).unwrap().flatten().map(|entry| entry.path());
    let graph = graph.filter(|path| path.extension().is_some_and(|ending| ending == "ron")).next().unwrap();
    assert!(!fs::read_to_string(graph).unwrap().contains("house/"));
}

/// Puts something else into a file.
fn change(path: &Path, edit: impl Fn(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    edit(&mut bytes);
    fs::write(path, bytes).unwrap();
}

fn append(path: &Path) {
    change(path, |bytes| bytes.extend(b"\n// more\n"));
}

fn replace(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{from} in {text}");
    fs::write(path, text.replace(from, to)).unwrap();
}

/// Everything that can be changed behind one's back, what is asked then, and what is said.
#[test]
fn every_tampering_is_refused_with_its_reason() {
    type Change = fn(&Machine, &Path);
    const CHECK: &[&str] = &["check", "main.ron"];
    const RENDER: &[&str] = &["render", "mix.wav", "-g", "main.ron", "-o", "no.wav"];
    const BY_NAME: &[&str] = &["render", "mix.wav", "-g", "house/room", "-o", "no.wav"];
    const ADD: &[&str] = &["template", "add", "house/room"];
    const FETCH: &[&str] = &["template", "add"];
    const UPDATE: &[&str] = &["template", "update"];
    const VENDOR: &[&str] = &["template", "vendor"];
    let lost = "has been changed: its content is";
    let cases: &[(&str, Change, &[&str], &str, &str)] = &[
        ("store: graph", |m, _| append(&m.kept("house/room").join("graph.ron")), CHECK, "DW0556", lost),
        (
            "store: graph, rendered",
            |m, _| append(&m.kept("house/room").join("graph.ron")),
            RENDER,
            "DW0556",
            lost,
        ),
        (
            "store: graph, by name",
            |m, _| append(&m.kept("house/room").join("graph.ron")),
            BY_NAME,
            "DW0556",
            lost,
        ),
        ("store: graph, added", |m, _| append(&m.kept("house/room").join("graph.ron")), ADD, "DW0556", lost),
        ("store: part", |m, _| append(&m.kept("house/room").join("parts/tape.ron")), CHECK, "DW0556", lost),
        (
            "store: lock of the template",
            |m, _| append(&m.kept("house/room").join("deadwax.lock")),
            CHECK,
            "DW0556",
            lost,
        ),
        (
            "store: asset",
            |m, _| {
                change(&m.kept("house/room").join("assets/room.wav"), |bytes| *bytes.last_mut().unwrap() ^= 1)
            },
            RENDER,
            "DW0556",
            lost,
        ),
        (
            "store: nested template",
            |m, _| append(&m.kept("house/inner").join("graph.ron")),
            CHECK,
            "DW0556",
            "house/inner 1.0.0",
        ),
        (
            "store: one file more",
            |m, _| fs::write(m.kept("house/room").join("README.md"), "more").unwrap(),
            CHECK,
            "DW0556",
            lost,
        ),
        (
            "store: one file less",
            |m, _| fs::remove_file(m.kept("house/room").join("parts/tape.ron")).unwrap(),
            CHECK,
            "DW0556",
            "is not what deadwax.lock pins",
        ),
        (
            "copy: graph",
            |m, _| append(&m.shelf().vendor().unwrap()[1].join("graph.ron")),
            CHECK,
            "DW0556",
            "templates/house/room-1.0.0 has been changed",
        ),
        (
            "copy: nested template",
            |m, _| append(&m.shelf().vendor().unwrap()[0].join("graph.ron")),
            RENDER,
            "DW0556",
            "templates/house/inner-1.0.0 has been changed",
        ),
        (
            "copy: asset",
            |m, _| change(&m.shelf().vendor().unwrap()[1].join("assets/room.wav"), |bytes| bytes[60] ^= 1),
            VENDOR,
            "DW0556",
            "has been changed",
        ),
        (
            "lock: content",
            |m, _| {
                let content = m.lock().pins[&"house/room".parse().unwrap()].content.to_string();
                replace(&m.at("mine/deadwax.lock"), &content, &format!("sha256:{}", "0".repeat(64)));
            },
            CHECK,
            "DW0555",
            "house/room 1.0.0 is locked, and not on this machine",
        ),
        (
            "lock: content, copied",
            |m, _| {
                m.shelf().vendor().unwrap();
                let content = m.lock().pins[&"house/room".parse().unwrap()].content.to_string();
                replace(&m.at("mine/deadwax.lock"), &content, &format!("sha256:{}", "0".repeat(64)));
            },
            CHECK,
            "DW0556",
            "is not what deadwax.lock pins",
        ),
        (
            "lock: content, fetched",
            |m, _| {
                let content = m.lock().pins[&"house/room".parse().unwrap()].content.to_string();
                replace(&m.at("mine/deadwax.lock"), &content, &format!("sha256:{}", "0".repeat(64)));
            },
            FETCH,
            "DW0556",
            "has been changed by its source",
        ),
        (
            "lock: another template's content",
            |m, _| {
                let lock = m.lock();
                let [inner, room] =
                    ["house/inner", "house/room"].map(|name| lock.pins[&name.parse().unwrap()].content);
                replace(&m.at("mine/deadwax.lock"), &room.to_string(), &inner.to_string());
            },
            CHECK,
            "DW0556",
            "calls itself inner 1.0.0",
        ),
        (
            "lock: version",
            |m, _| replace(&m.at("mine/deadwax.lock"), "version: \"1.0.0\"", "version: \"1.0.1\""),
            CHECK,
            "DW0556",
            "calls itself room 1.0.0",
        ),
        (
            "lock: origin",
            |m, _| replace(&m.at("mine/deadwax.lock"), "origin: Folder(\"", "origin: Git(\"file://"),
            UPDATE,
            "DW0556",
            "was locked from git+file://",
        ),
        (
            "lock: an origin that runs something",
            |m, _| replace(&m.at("mine/deadwax.lock"), "origin: Folder(\"", "origin: Git(\"ext::sh -c id "),
            FETCH,
            "DW0559",
            "sources are read by https",
        ),
        (
            "lock: no lock",
            |m, _| fs::write(m.at("mine/deadwax.lock"), "Lock(").unwrap(),
            CHECK,
            "DW0559",
            "deadwax.lock",
        ),
        (
            "lock: without its entry",
            |m, _| fs::write(m.at("mine/deadwax.lock"), Lock::default().write()).unwrap(),
            CHECK,
            "DW0555",
            "deadwax template add house/room",
        ),
        (
            "lock: gone",
            |m, _| fs::remove_file(m.at("mine/deadwax.lock")).unwrap(),
            CHECK,
            "DW0555",
            "there is no deadwax.lock",
        ),
        (
            "graph: another requirement",
            |m, _| replace(&m.at("mine/main.ron"), "@^1", "@^2"),
            CHECK,
            "DW0555",
            "and ^2 is asked for",
        ),
        (
            "source: archive",
            |m, source| {
                fs::remove_dir_all(m.at("store/packages")).unwrap();
                change(&source.join("archives/room-1.0.0.dwx"), |bytes| bytes[100] ^= 1);
            },
            FETCH,
            "DW0556",
            "the archive has the hash",
        ),
        (
            "source: archive of another template",
            |m, source| {
                fs::remove_dir_all(m.at("store/packages")).unwrap();
                fs::copy(source.join("archives/inner-1.0.0.dwx"), source.join("archives/room-1.0.0.dwx"))
                    .unwrap();
            },
            FETCH,
            "DW0556",
            "the archive has the hash",
        ),
        (
            "source: hash in the index",
            |m, source| {
                let content = m.lock().pins[&"house/room".parse().unwrap()].content.to_string();
                replace(&source.join("index.json"), &content, &format!("sha256:{}", "0".repeat(64)));
            },
            ADD,
            "DW0556",
            "has been changed by its source",
        ),
        (
            "source: hash in the index, nothing locked",
            |m, source| {
                let content = m.lock().pins[&"house/room".parse().unwrap()].content.to_string();
                replace(&source.join("index.json"), &content, &format!("sha256:{}", "0".repeat(64)));
                fs::remove_file(m.at("mine/deadwax.lock")).unwrap();
                fs::remove_dir_all(m.at("store/packages")).unwrap();
            },
            ADD,
            "DW0556",
            "is not what its source says: its content is",
        ),
        (
            "source: other bytes for a version",
            |_, source| publish(source, &[small("inner", "1.0.0", &[]), small("room", "1.0.0", &[])]),
            UPDATE,
            "DW0556",
            "house/room 1.0.0 has been changed by its source",
        ),
        (
            "source: other bytes for a version of a nested template",
            |m, source| {
                fs::remove_dir_all(m.at("store/packages")).unwrap();
                let room = Package::read(&source.join("archives/room-1.0.0.dwx")).unwrap();
                let inner = small("inner", "1.0.0", &[]).with("README.md", b"more".to_vec()).unwrap();
                publish(source, &[inner, room]);
            },
            FETCH,
            "DW0556",
            "house/inner 1.0.0 has been changed by its source",
        ),
        (
            "source: index",
            |_, source| fs::write(source.join("index.json"), "{}").unwrap(),
            ADD,
            "DW0554",
            "the index cannot be read",
        ),
    ];
    let (kept, _) = source();
    let mut wrong = Vec::new();
    for (what, tamper, arguments, code, said) in cases {
        let source = tempfile::tempdir().unwrap();
        fs::create_dir(source.path().join("archives")).unwrap();
        for file in ["index.json", "archives/inner-1.0.0.dwx", "archives/room-1.0.0.dwx"] {
            fs::copy(kept.path().join(file), source.path().join(file)).unwrap();
        }
        let machine = Machine::user(source.path());
        let before = fs::read(machine.at("mine/deadwax.lock")).unwrap();
        tamper(&machine, source.path());
        let now = fs::read(machine.at("mine/deadwax.lock")).ok();
        let output = machine.run(arguments);
        let told = out(&output) + &err(&output);
        let plain = told.split_whitespace().collect::<Vec<_>>().join(" ");
        if output.status.code() != Some(7) || !told.contains(code) || !plain.contains(said) {
            wrong.push(format!("{what}: exit {:?}\n{told}", output.status.code()));
        }
        let after = fs::read(machine.at("mine/deadwax.lock")).ok();
        assert!(after == now || after.as_ref() == Some(&before), "{what}: the lock was written");
        assert!(!machine.at("mine/no.wav").exists(), "{what}: something was rendered");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
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
    publish(source.path(), &[room.clone()]);
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
