//! Everything that can be changed of a template behind one's back, and what is said of it.

use super::support::{publish, small};
use super::{Machine, source};
use crate::{err, out};
use deadwax::template::{Lock, Package};
use std::fs;
use std::path::Path;

/// Puts something else into a file.
fn change(path: &Path, edit: impl Fn(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    edit(&mut bytes);
    fs::write(path, bytes).unwrap();
}

pub(super) fn append(path: &Path) {
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
