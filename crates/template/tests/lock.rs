//! `deadwax.lock`: it is read as it is written, and nothing else is read.

use deadwax_template::{Lock, Origin, Pin};
use proptest::prelude::*;

const HASH: &str = "sha256:434a213138bd6bdd8a8c13fb9fb55ec95f7077171c7d3dc0f5852cf812514bb2";

fn pin(version: &str, asked: Option<&str>, origin: Origin) -> Pin {
    Pin {
        version: version.parse().unwrap(),
        asked: asked.map(|asked| asked.parse().unwrap()),
        origin,
        content: HASH.parse().unwrap(),
    }
}

fn lock() -> Lock {
    let web = Origin::Web("https://example.org/graphs/".into());
    let git = Origin::Git("https://example.org/g.git?ref=v2".into());
    let folder = Origin::Folder("C:\\Users\\a \"b\"".into());
    let pins = [
        ("house/tape", pin("1.2.0", Some("^1"), web)),
        ("house/air", pin("0.3.1-rc.1", None, git)),
        ("mine/glue", pin("2.0.0", Some(">=1, <3"), folder)),
    ];
    Lock { pins: pins.into_iter().map(|(name, pin)| (name.parse().unwrap(), pin)).collect() }
}

#[test]
fn a_lock_is_sorted_text_with_a_line_for_each_value() {
    insta::assert_snapshot!(lock().write());
    assert_eq!(Lock::read(&lock().write()).unwrap(), lock());
    assert_eq!(Lock::read(&Lock::default().write()).unwrap(), Lock::default());
}

#[test]
fn what_was_edited_badly_is_told() {
    let good = lock().write();
    for (from, to, said) in [
        ("format: 1", "format: 2", "format 2"),
        ("\"house/tape\"", "\"house/aaa\"", "not in order"),
        ("\"house/tape\"", "\"house/air\"", "stands twice"),
        ("\"house/tape\"", "\"tape\"", "is no template"),
        ("\"house/tape\"", "\"../tape\"", "is no name of a source"),
        ("\"1.2.0\"", "\"1.2\"", "is no version"),
        ("\"^1\"", "\"newest\"", "is no requirement"),
        (HASH, "sha256:00", "is no hash"),
        ("https://example.org/graphs/", "http://example.org/graphs/", "http from this machine only"),
        ("g.git?ref=v2", "g.git?ref=--upload-pack=id", "no branch or tag"),
        ("https://example.org/g.git", "ext::sh -c id", "read by https"),
        ("asked:", "hook: \"rm\", asked:", "cannot be read"),
        ("Lock(", "Graph(", "cannot be read"),
    ] {
        assert!(good.contains(from), "{from}");
        let error = Lock::read(&good.replacen(from, to, 1)).unwrap_err();
        assert!(error.to_string().contains(said), "{from} -> {to}: {error}");
    }
    assert!(Lock::read(&" ".repeat(2 << 20)).is_err());
    assert!(Lock::read(&"(".repeat(100_000)).is_err());
}

#[test]
fn changes_are_told_by_template() {
    let (before, mut after) = (lock(), lock());
    after.pins.remove(&"mine/glue".parse().unwrap());
    after.pins.get_mut(&"house/tape".parse().unwrap()).unwrap().version = "1.3.0".parse().unwrap();
    let new = pin("1.0.0", None, Origin::Web("https://example.org/".into()));
    after.pins.insert("house/new".parse().unwrap(), new);
    assert_eq!(
        before.changes(&after),
        ["house/new 1.0.0 is not in it", "house/tape 1.2.0 -> 1.3.0", "mine/glue 2.0.0 is not used any more"]
    );
    assert!(before.changes(&before).is_empty());
}

proptest! {
    /// Whatever a stranger writes into a lock, it is read or refused.
    #[test]
    fn any_change_of_a_lock_ends_well(at in any::<prop::sample::Index>(), new in "[ -~é]{0,6}", cut in 0..8_usize) {
        let good = lock().write();
        let places: Vec<usize> = good.char_indices().map(|(at, _)| at).collect();
        let from = *at.get(&places);
        let to = (from..=good.len()).filter(|to| good.is_char_boundary(*to)).nth(cut).unwrap_or(good.len());
        let text = format!("{}{new}{}", &good[..from], &good[to..]);
        if let Ok(read) = Lock::read(&text) {
            prop_assert_eq!(Lock::read(&read.write()).unwrap(), read);
        }
    }
}
