//! The index of a source, read as strictly as it is written.

use deadwax_template::{ContentHash, Index, IndexError, Listed, Version};
use proptest::prelude::*;

fn version(number: &str) -> Version {
    Version {
        version: number.parse().unwrap(),
        archive: format!("archives/warm-{number}.dwx"),
        content: ContentHash::of(&[(number.to_owned(), Vec::new())].into()),
        archive_sha256: "0123456789abcdef".repeat(4),
        bytes: 1000,
        params: vec!["drive".into()],
        presets: vec![],
        kinds: vec!["Gain".into(), "Tape".into()],
        measured: None,
    }
}

fn listed(name: &str, versions: &[&str]) -> Listed {
    Listed {
        name: name.into(),
        title: "Warm tape".into(),
        description: "Adds a little.".into(),
        license: "CC0-1.0".into(),
        tags: vec!["tape".into()],
        versions: versions
            .iter()
            .map(|number| Version { archive: format!("{name}-{number}.dwx"), ..version(number) })
            .collect(),
    }
}

fn index() -> Index {
    let mut warm = listed("warm", &["1.10.0", "1.9.0", "2.0.0-rc.1"]);
    warm.versions[0].measured = Some(serde_json::json!({"loudness_lu": -0.1}));
    Index::new(vec![warm, listed("cd-16", &["1.0.0"])]).unwrap()
}

/// What is wrong with an index after `change`.
fn wrong(change: impl FnOnce(&mut serde_json::Value)) -> String {
    let mut value: serde_json::Value = serde_json::from_str(&index().write()).unwrap();
    change(&mut value);
    Index::read(value.to_string().as_bytes()).unwrap_err().to_string()
}

#[test]
fn an_index_is_put_in_order_and_read_as_it_was_written() {
    let index = index();
    let versions: Vec<String> =
        index.templates[1].versions.iter().map(|one| one.version.to_string()).collect();
    assert_eq!(versions, ["1.9.0", "1.10.0", "2.0.0-rc.1"]);
    let text = index.write();
    assert_eq!(Index::read(text.as_bytes()).unwrap(), index);
    assert_eq!(Index::read(text.as_bytes()).unwrap().write(), text);
    assert_eq!(index.get("cd-16").unwrap().versions.len(), 1);
    assert!(index.get("cd").is_none());
    insta::assert_snapshot!(text);
}

#[test]
fn everything_else_is_refused_and_says_why() {
    let told = [
        wrong(|v| v["format"] = 2.into()),
        wrong(|v| v["more"] = 1.into()),
        wrong(|v| v["templates"][0]["name"] = "CD".into()),
        wrong(|v| v["templates"].as_array_mut().unwrap().reverse()),
        wrong(|v| v["templates"][1]["name"] = "cd-16".into()),
        wrong(|v| v["templates"][1]["versions"].as_array_mut().unwrap().reverse()),
        wrong(|v| v["templates"][1]["versions"][1]["version"] = "1.9.0".into()),
        wrong(|v| v["templates"][1]["versions"][1]["version"] = "1.9".into()),
        wrong(|v| v["templates"][0]["versions"][0]["version"] = "1.0.0+a".into()),
        wrong(|v| v["templates"][0]["versions"] = serde_json::json!([])),
        wrong(|v| v["templates"][0]["versions"][0]["archive"] = "../cd.dwx".into()),
        wrong(|v| v["templates"][0]["versions"][0]["archive"] = "https://else.where/cd.dwx".into()),
        wrong(|v| v["templates"][0]["versions"][0]["archive"] = "cd.zip".into()),
        wrong(|v| v["templates"][0]["versions"][0]["archive"] = "Warm-1.9.0.dwx".into()),
        wrong(|v| v["templates"][0]["versions"][0]["archive_sha256"] = "00".into()),
        wrong(|v| v["templates"][0]["versions"][0]["content"] = "00".into()),
        wrong(|v| v["templates"][0]["versions"][0]["bytes"] = (1_u64 << 40).into()),
        wrong(|v| v["templates"][0]["description"] = "x".repeat(5000).into()),
        wrong(|v| v["templates"][0]["tags"] = vec!["x"; 2000].into()),
    ];
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn an_index_that_is_too_large_is_not_even_parsed() {
    let told = Index::read(&vec![b' '; deadwax_template::limits::INDEX_BYTES + 1]);
    assert!(matches!(told, Err(IndexError::TooLarge { .. })), "{told:?}");
    let deep = format!("{{\"format\": 1, \"templates\": {}", "[".repeat(100_000));
    assert!(matches!(Index::read(deep.as_bytes()), Err(IndexError::Json(_))));
}

#[test]
fn what_cannot_be_read_cannot_be_made() {
    assert!(matches!(Index::new(vec![listed("Warm", &["1.0.0"])]), Err(IndexError::Name(_))));
    assert!(matches!(Index::new(vec![listed("a", &["1.0.0", "1.0.0"])]), Err(IndexError::Order { .. })));
    assert!(matches!(Index::new(vec![listed("a", &[])]), Err(IndexError::NoVersion(_))));
}

proptest! {
    #[test]
    fn an_index_with_other_bytes_is_an_index_or_an_error(
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut text = index().write().into_bytes();
        for (at, byte) in changes {
            let at = at.index(text.len());
            text[at] = byte;
        }
        if let Ok(read) = Index::read(&text) {
            let written = read.write();
            prop_assert_eq!(Index::read(written.as_bytes()).unwrap(), read);
        }
    }
}
