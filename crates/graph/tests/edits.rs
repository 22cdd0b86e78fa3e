//! Edits change just what they are to change; and no text, however broken, does harm.

use deadwax_graph::tree::{Value, ValueKind, parse};
use deadwax_graph::{Memory, Overrides, edit, load};
use proptest::prelude::*;
use std::path::Path;

fn shipped() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../graphs");
    let mut all: Vec<(String, String)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "ron"))
        .map(|path| {
            (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(path).unwrap())
        })
        .collect();
    all.sort();
    all
}

fn tree(text: &str) -> Value {
    let mut errors = Vec::new();
    let tree = parse(text, 0, &mut errors);
    assert!(errors.is_empty(), "{errors:?}");
    tree
}

/// Paths of all numbers below `value`.
fn numbers(value: &Value, path: &str, found: &mut Vec<(String, std::ops::Range<usize>)>) {
    match &value.kind {
        ValueKind::Number => found.push((path.to_owned(), value.span.clone())),
        ValueKind::List(items) => {
            for (number, item) in items.iter().enumerate() {
                numbers(item, &format!("{path}.{number}"), found);
            }
        }
        _ => {
            for entry in value.entries() {
                numbers(&entry.value, &format!("{path}.{}", entry.key), found);
            }
        }
    }
}

#[test]
fn setting_any_number_changes_its_bytes_and_no_others() {
    for (name, text) in shipped() {
        let mut found = Vec::new();
        for node in tree(&text).entry("nodes").unwrap().value.entries() {
            numbers(&node.value, &node.key, &mut found);
        }
        assert!(!found.is_empty(), "{name}");
        for (path, span) in found {
            let edited =
                edit::set(&text, &path, "0.125").unwrap_or_else(|error| panic!("{name} {path}: {error}"));
            let expected = format!("{}0.125{}", &text[..span.start], &text[span.end..]);
            assert_eq!(edited.text, expected, "{name} {path}");
            assert_eq!(&edited.text[edited.span.clone()], "0.125");
            let back = edit::set(&edited.text, &path, &text[span.clone()]).unwrap();
            assert_eq!(back.text, text, "{name} {path}");
        }
    }
}

#[test]
fn a_node_and_a_wire_that_are_added_and_removed_leave_nothing() {
    for (name, text) in shipped() {
        let comments = text.matches("//").count();
        let with_node = edit::add_node(&text, "extra", "Gain(gain_db: -1.50)").unwrap().text;
        assert!(with_node.contains("extra: Gain(gain_db: -1.50)"), "{with_node}");
        let with_wire = edit::add_wire(&with_node, "input -> extra").unwrap().text;
        tree(&with_wire);
        assert_eq!(with_wire.matches("//").count(), comments, "{name}: a comment is lost");
        let added: Vec<&str> =
            with_wire.lines().filter(|line| !text.lines().any(|known| known == *line)).collect();
        assert!(added.len() <= 3, "{name}: more lines changed than need be: {added:?}");
        let removed = edit::remove_node(&with_wire, "extra").unwrap().text;
        tree(&removed);
        let plain = |text: &str| text.replace([',', ' ', '\n'], "");
        assert_eq!(plain(&removed), plain(&text), "{name}");
    }
}

#[test]
fn what_cannot_be_edited_says_why() {
    let text = "Graph(format: 1, nodes: { a: Gain }, wires: [\"input -> a -> output\"])";
    assert_eq!(edit::set(text, "a.gain_db", "-3").unwrap().text, text.replace("Gain", "Gain(gain_db: -3)"));
    for (path, value) in [("b.gain_db", "1"), ("a", ")"), ("a.gain_db", "1, x: 2"), ("", "1")] {
        assert!(edit::set(text, path, value).is_err(), "{path}={value}");
    }
    assert!(edit::add_node(text, "a", "Gain").is_err(), "there is one already");
    assert!(
        edit::add_node(text, "Output", "Gain").is_err() && edit::add_node(text, "output", "Gain").is_err()
    );
    assert!(edit::add_wire(text, "a -> \"b\"").is_err());
    assert!(edit::remove_node(text, "b").is_err() && edit::remove_wire(text, "x -> y").is_err());
    assert!(edit::set("Graph(", "a.b", "1").is_err());
}

/// RON as people write it.
fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        any::<i32>().prop_map(|number| number.to_string()),
        (-1e6_f64..1e6).prop_map(|number| format!("{number:?}")),
        "[A-Z][a-z]{0,6}".prop_filter("no Some or None", |word| word != "Some" && word != "None"),
        Just("true".to_owned()),
        "[ -~äß√]{0,8}".prop_map(|text| format!("{text:?}")),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        let gap = prop_oneof![Just(" "), Just("\n    "), Just(" /* so */ "), Just(" // rest\n")];
        let entries = prop::collection::btree_map("[a-z]{1,5}", inner.clone(), 1..4);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(", "))),
            (entries.clone(), gap.clone()).prop_map(|(entries, gap)| {
                let each: Vec<String> =
                    entries.iter().map(|(key, value)| format!("\"{key}\":{gap}{value}")).collect();
                format!("{{{gap}{}}}", each.join(","))
            }),
            ("[A-Z][a-z]{1,5}", entries, gap).prop_map(|(name, entries, gap)| {
                let each: Vec<String> =
                    entries.iter().map(|(key, value)| format!("{key}: {value}")).collect();
                format!("{name}({gap}{},)", each.join(",\n"))
            }),
        ]
    })
}

/// How many values of each sort there are: what both readers must agree on.
fn census(value: &Value) -> [usize; 4] {
    let mut found = match &value.kind {
        ValueKind::Number => [1, 0, 0, 0],
        ValueKind::Text(_) => [0, 1, 0, 0],
        ValueKind::List(_) => [0, 0, 1, 0],
        ValueKind::Map(entries) => [0, 0, 0, entries.len()],
        ValueKind::Call(call) => [0, 0, 0, call.fields.len()],
        _ => [0; 4],
    };
    let items: &[Value] = if let ValueKind::List(items) = &value.kind { items } else { &[] };
    for inner in items.iter().chain(value.entries().iter().map(|entry| &entry.value)) {
        for (sum, more) in found.iter_mut().zip(census(inner)) {
            *sum += more;
        }
    }
    found
}

fn ron_census(value: &ron::Value) -> [usize; 4] {
    let mut found = match value {
        ron::Value::Number(_) => [1, 0, 0, 0],
        ron::Value::String(_) => [0, 1, 0, 0],
        ron::Value::Seq(_) => [0, 0, 1, 0],
        ron::Value::Map(map) => [0, 0, 0, map.len()],
        _ => [0; 4],
    };
    let inner: Vec<&ron::Value> = match value {
        ron::Value::Seq(items) => items.iter().collect(),
        ron::Value::Map(map) => map.values().collect(),
        _ => Vec::new(),
    };
    for inner in inner {
        for (sum, more) in found.iter_mut().zip(ron_census(inner)) {
            *sum += more;
        }
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn our_reader_and_ron_read_the_same(text in value()) {
        let mut errors = Vec::new();
        let ours = parse(&text, 0, &mut errors);
        prop_assert!(errors.is_empty(), "{text}\n{errors:?}");
        let theirs: ron::Value = ron::from_str(&text).map_err(|e| TestCaseError::fail(format!("{text}\n{e}")))?;
        prop_assert_eq!(census(&ours), ron_census(&theirs), "{}", text);
        prop_assert_eq!(&text[ours.span.clone()], text.trim());
    }

    #[test]
    fn no_text_makes_the_reader_panic_and_every_place_is_in_the_text(
        text in prop_oneof!["\\PC{0,200}", "[\\[\\](){}:,\"'/*#r.a-z0-9 \\n\\\\-]{0,200}"],
    ) {
        let wrapped = format!("Graph(format: 1, nodes: {{ {text} }}, wires: [\"{text}\"])");
        for source in [&text, &wrapped] {
            let loaded = load(
                &deadwax_nodes::registry(), &Memory::new().with("a.ron", source.as_str()), "a.ron", &Overrides::none(),
            );
            let Err(errors) = loaded else { continue };
            prop_assert!(!errors.diagnostics.is_empty());
            for diagnostic in &errors.diagnostics {
                let places = diagnostic.at.iter().chain(diagnostic.related.iter().map(|(at, _)| at));
                for (_, span) in places {
                    prop_assert!(span.start <= span.end && span.end <= source.len());
                    prop_assert!(source.is_char_boundary(span.start) && source.is_char_boundary(span.end));
                }
            }
            let shown = deadwax_graph::diagnostic::render(
                &errors.diagnostics, &errors.sources, deadwax_graph::diagnostic::Style::Plain, 10,
            );
            prop_assert!(!shown.is_empty());
        }
    }
}

/// Paths and bytes of every value below `value`, brackets included.
fn values(value: &Value, path: &str, found: &mut Vec<(String, std::ops::Range<usize>)>) {
    found.push((path.to_owned(), value.span.clone()));
    let below = |step: &str| if path.is_empty() { step.to_owned() } else { format!("{path}.{step}") };
    match &value.kind {
        ValueKind::List(items) => {
            items.iter().enumerate().for_each(|(at, item)| values(item, &below(&at.to_string()), found));
        }
        ValueKind::Call(call) if call.fields.is_empty() => {
            call.items.iter().enumerate().for_each(|(at, item)| values(item, &below(&at.to_string()), found));
        }
        _ => value.entries().iter().for_each(|entry| values(&entry.value, &below(&entry.key), found)),
    }
}

#[test]
fn setting_any_part_of_any_shipped_graph_changes_its_bytes_and_no_others() {
    let mut count = 0;
    for (name, text) in shipped() {
        let mut found = Vec::new();
        values(&tree(&text), "", &mut found);
        // Keys of presets may have blanks and dots in them: those with a dot have no path.
        for (path, span) in found.iter().filter(|(path, _)| !path.is_empty()) {
            for new in ["0.125", "Word", "\"a text\"", "[1, 2]", "Kind(field: -3)"] {
                let expected = format!("{}{new}{}", &text[..span.start], &text[span.end..]);
                let edited =
                    edit::set_part(&text, path, new).unwrap_or_else(|error| panic!("{name} {path}: {error}"));
                assert_eq!(edited.text, expected, "{name} {path}");
                assert_eq!(&edited.text[edited.span], new);
                if let Some(short) = path.strip_prefix("nodes.") {
                    assert_eq!(edit::set(&text, short, new).unwrap().text, expected, "{name} {short}");
                    assert_eq!(
                        edit::value_at(&text, short).unwrap(),
                        Some(&text[span.clone()]),
                        "{name} {short}"
                    );
                }
                count += 1;
            }
        }
    }
    assert!(count > 5_000, "{count}");
}

/// The kinds' own fields are known to the command line and the language server; here: any field not mentioned is put behind the
/// others, and nothing else moves.
#[test]
fn a_field_that_is_not_mentioned_is_added_and_nothing_else_moves() {
    for (name, text) in shipped() {
        for node in tree(&text).entry("nodes").unwrap().value.entries() {
            let edited = edit::set(&text, &format!("{}.some_field", node.key), "0.5").unwrap();
            let added = edited.text.len() - text.len();
            let at = edited.span.end - added;
            let without = (0..=text.len()).find(|cut| {
                edited.text.is_char_boundary(cut + added)
                    && text.is_char_boundary(*cut)
                    && edited.text[..*cut] == text[..*cut]
                    && edited.text[cut + added..] == text[*cut..]
            });
            assert!(without.is_some(), "{name} {}: one insertion, near {at}", node.key);
            assert_eq!(&edited.text[edited.span], "0.5");
        }
    }
}

/// A list of texts with anything around them, and an order for it.
fn list() -> impl Strategy<Value = (String, Vec<usize>)> {
    let gap = prop_oneof![
        4 => Just(String::new()),
        3 => Just(" ".to_owned()),
        3 => Just("\n    ".to_owned()),
        1 => "[a-z ,\\[\\]]{0,6}".prop_map(|said| format!(" // {said}\n")),
        1 => "[a-z ,/\n]{0,6}".prop_map(|said| format!(" /* {said} */")),
    ];
    (prop::collection::vec((gap.clone(), gap.clone()), 0..7), gap, any::<bool>()).prop_flat_map(
        |(gaps, end, comma)| {
            let last = gaps.len();
            let items: String = gaps
                .iter()
                .enumerate()
                .map(|(at, (before, behind))| {
                    let comma = if at + 1 < last || comma { "," } else { "" };
                    format!("{before}\"http://{at}\"{behind}{comma}")
                })
                .collect();
            let order = Just((0..last).collect::<Vec<_>>()).prop_shuffle();
            (Just(format!("A(x: [{items}{end}], y: 1)")), order)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn a_list_in_another_order_has_the_same_items_and_comments((text, order) in list()) {
        let items = |text: &str| -> Vec<String> {
            let root = tree(text);
            let ValueKind::List(items) = &root.entry("x").unwrap().value.kind else { panic!() };
            items.iter().map(|item| text[item.span.clone()].to_owned()).collect()
        };
        let before = items(&text);
        let root = tree(&text);
        let list = &root.entry("x").unwrap().value;
        let edited = edit::reorder(&text, list, &order).unwrap().text;
        let expected: Vec<String> = order.iter().map(|number| before[*number].clone()).collect();
        prop_assert_eq!(items(&edited), expected, "{}\n{}", text, edited);
        let letters = |text: &str| {
            let mut letters: Vec<char> = text.chars().filter(|c| !c.is_whitespace() && *c != ',').collect();
            letters.sort_unstable();
            letters
        };
        prop_assert_eq!(letters(&edited), letters(&text));
        let same: Vec<usize> = (0..order.len()).collect();
        prop_assert_eq!(edit::reorder(&text, list, &same).unwrap().text, text.clone());
        prop_assert_eq!(edit::reorder(&text, list, &order[..order.len().saturating_sub(1)]).is_none(), !order.is_empty());
    }
}
