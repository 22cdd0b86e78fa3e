//! One edit through the server changes exactly the bytes of its value: on every shipped graph, for every field.

use deadwax_graph::format::format;
use deadwax_graph::tree::{Span, Value, ValueKind, parse};
use deadwax_graph::{Memory, edit};
use deadwax_lsp::edits::{Change, lay_out, set_value};
use deadwax_lsp::names::{Name, occurrences, references, rename};
use deadwax_lsp::outline::{Outline, World};
use deadwax_node::Registry;
use std::path::Path;

fn shipped() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../graphs");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let graphs = files.filter(|path| path.extension().is_some_and(|ending| ending == "ron"));
    let mut all: Vec<_> =
        graphs.map(|path| (path.display().to_string(), std::fs::read_to_string(path).unwrap())).collect();
    all.sort();
    assert!(all.len() > 20);
    all
}

/// Paths and bytes of every value inside a node, whatever it is: numbers, words, texts, lists, maps, entries.
fn values(value: &Value, path: &str, found: &mut Vec<(String, Span)>) {
    found.push((path.to_owned(), value.span.clone()));
    let items: &[Value] = match &value.kind {
        ValueKind::List(items) => items,
        ValueKind::Call(call) => &call.items,
        _ => &[],
    };
    for (number, item) in items.iter().enumerate() {
        values(item, &format!("{path}.{number}"), found);
    }
    for entry in value.entries() {
        values(&entry.value, &format!("{path}.{}", entry.key), found);
    }
}

#[test]
fn setting_any_value_of_any_shipped_graph_changes_exactly_its_bytes() {
    let mut seen = 0;
    for (name, text) in shipped() {
        let root = parse(&text, 0, &mut Vec::new());
        for node in root.entry("nodes").unwrap().value.entries() {
            let mut found = Vec::new();
            values(&node.value, &node.key, &mut found);
            for (path, span) in found {
                // Another value, the very same, and one that begins and ends as the old one does.
                let old = &text[span.clone()];
                for new in ["0.125", old, &format!("[{old}, {old}]")] {
                    let change =
                        set_value(&text, &path, new).unwrap_or_else(|error| panic!("{name} {path}: {error}"));
                    assert_eq!(change, Change { span: span.clone(), text: new.to_owned() }, "{name} {path}");
                    seen += 1;
                }
            }
        }
    }
    assert!(seen > 1000, "{seen}");
}

#[test]
fn a_field_that_a_node_does_not_mention_is_added_and_nothing_else_changes() {
    let registry = deadwax_nodes::registry();
    for (name, text) in shipped() {
        let root = parse(&text, 0, &mut Vec::new());
        for node in root.entry("nodes").unwrap().value.entries() {
            let (kind, _) = deadwax_lsp::outline::kind_of(&node.value).unwrap();
            for field in &registry.get(&kind).unwrap().fields {
                if node.value.entry(field.name).is_some() {
                    continue;
                }
                let path = format!("{}.{}", node.key, field.name);
                let change = set_value(&text, &path, "0.5").unwrap();
                assert!(change.span.is_empty(), "{name} {path}: nothing goes");
                let within =
                    node.value.span.start < change.span.start && change.span.start <= node.value.span.end;
                assert!(within, "{name} {path}: it is added inside its node");
                assert!(change.text.contains(&format!("{}: 0.5", field.name)), "{}", change.text);
                assert_eq!(change.apply(&text), edit::set(&text, &path, "0.5").unwrap().text);
            }
        }
    }
}

#[test]
fn laying_out_any_shipped_graph_gives_what_the_layout_gives_from_any_blanks() {
    for (name, text) in shipped() {
        assert_eq!(lay_out(&text), Ok(None), "{name}");
        for other in [
            text.replace(": ", ":  "),
            text.replace("    ", "\t"),
            text.replace('\n', "\r\n"),
            format!("\n{text}\n"),
        ] {
            let change = lay_out(&other).unwrap().unwrap();
            assert_eq!(change.apply(&other), format(&other).unwrap(), "{name}");
        }
    }
}

fn world<'a>(registry: &'a Registry, loader: &'a Memory) -> World<'a> {
    World { registry, loader, shipped: &[] }
}

#[test]
fn renaming_any_node_param_or_preset_changes_exactly_its_names_and_comes_back() {
    let (registry, loader) = (deadwax_nodes::registry(), Memory::new());
    let world = world(&registry, &loader);
    for (name, text) in shipped() {
        let outline = Outline::of(&text);
        for found in occurrences(&outline).into_iter().filter(|found| found.declared) {
            let (old, offset) = (&text[found.span.clone()], found.span.start);
            let spans = rename(&text, offset, "zz_new", &world)
                .unwrap_or_else(|error| panic!("{name} {old}: {error}"));
            assert_eq!(spans, references(&text, offset, true));
            let renamed = replaced(&text, &spans, "zz_new");
            let registered = deadwax_graph::load(
                &registry,
                &Memory::new().with("a.ron", &*renamed),
                "a.ron",
                &deadwax_graph::Overrides::none(),
            );
            let graph = registered.unwrap_or_else(|errors| panic!("{name} {old}: {:#?}", errors.diagnostics));
            if matches!(found.name, Name::Node(_)) {
                assert!(
                    graph.nodes.iter().any(|node| node.name == "zz_new")
                        && graph.nodes.iter().all(|node| node.name != old)
                );
            }
            let back = rename(&renamed, spans[0].start, old, &world).unwrap();
            assert_eq!(replaced(&renamed, &back, old), text, "{name} {old}");
        }
    }
}

fn replaced(text: &str, spans: &[Span], new: &str) -> String {
    let mut text = text.to_owned();
    for span in spans.iter().rev() {
        text.replace_range(span.clone(), new);
    }
    text
}
