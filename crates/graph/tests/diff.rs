//! What differs between two graphs: nothing where nothing does, exactly one thing after one edit, and words for all else.

use deadwax_graph::diff::{Change, Section, What, diff};
use deadwax_graph::tree::{Value, ValueKind, parse};
use deadwax_graph::{Errors, Graph, Memory, Overrides, edit, format, load};
use std::path::Path;

fn shipped() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../graphs");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let paths = files.filter(|path| path.extension().is_some_and(|ending| ending == "ron"));
    let text = |path: &Path| std::fs::read_to_string(path).unwrap();
    let mut all: Vec<_> = paths.map(|path| (path.display().to_string(), text(&path))).collect();
    all.sort();
    assert!(all.len() > 20);
    all
}

fn try_read(text: &str) -> Result<Graph, Errors> {
    let files = Memory::new().with("a.ron", text).with("stage.ron", STAGE);
    load(&deadwax_nodes::registry(), &files, "a.ron", &Overrides::none())
}

fn read(text: &str) -> Graph {
    try_read(text).unwrap_or_else(|errors| panic!("{:#?}\n{text}", errors.diagnostics))
}

fn words(before: &str, after: &str) -> Vec<String> {
    diff(&read(before), &read(after)).iter().map(|one| format!("{} {one}", one.sign())).collect()
}

/// Paths of all numbers below `value`, and what they are.
fn numbers(value: &Value, path: &str, text: &str, found: &mut Vec<(String, f64)>) {
    match &value.kind {
        ValueKind::Number => found.push((path.to_owned(), text[value.span.clone()].parse().unwrap())),
        ValueKind::List(items) => {
            for (number, item) in items.iter().enumerate() {
                numbers(item, &format!("{path}.{number}"), text, found);
            }
        }
        _ => {
            for entry in value.entries() {
                numbers(&entry.value, &format!("{path}.{}", entry.key), text, found);
            }
        }
    }
}

const STAGE: &str = "Graph(
    format: 1,
    params: { drive: Param(sets: [\"hot.gain_db\"]) },
    nodes: { hot: Gain(gain_db: 6), cold: Gain(gain_db: -6) },
    wires: [\"input -> hot -> cold -> output\"],
)";

#[test]
fn a_graph_does_not_differ_from_itself_however_it_is_laid_out() {
    for (name, text) in shipped() {
        assert_eq!(words(&text, &text), [""; 0], "{name}");
        let other =
            format::format(&text.replace("\n", " \n\n")).unwrap().replace("gain_db: 1)", "gain_db: 1.00)");
        assert_eq!(words(&text, &other), [""; 0], "{name}");
    }
}

#[test]
fn after_one_edit_of_any_number_exactly_that_field_differs() {
    let (mut seen, mut left_out) = (0, Vec::new());
    for (name, text) in shipped() {
        let before = read(&text);
        let root = parse(&text, 0, &mut Vec::new());
        let mut found = Vec::new();
        for node in root.entry("nodes").unwrap().value.entries() {
            numbers(&node.value, &node.key, &text, &mut found);
        }
        for (path, old) in found {
            let tries =
                [old * 0.9, old * 1.1, old + 0.25, old - 0.25, old * 2.0, old / 2.0, old + 1.0, old - 1.0];
            let edited = tries.iter().filter(|new| **new != old).find_map(|new| {
                let text = edit::set(&text, &path, &new.to_string()).unwrap().text;
                Some((*new, try_read(&text).ok()?))
            });
            let Some((new, after)) = edited else {
                left_out.push(format!("{name} {path}"));
                continue;
            };
            let changes = diff(&before, &after);
            let (node, field) = path.split_once('.').unwrap();
            let what = What::Value {
                field: field.to_owned(),
                before: Some(old.to_string()),
                after: Some(new.to_string()),
            };
            let expected = Change { section: Section::Node, name: node.to_owned(), what };
            assert_eq!(changes, [expected], "{name} {path}");
            seen += 1;
        }
    }
    // Those are fields that one param sets together with others.
    assert!(seen > 200 && left_out.len() < 20, "{seen} {left_out:#?}");
}

#[test]
fn a_node_that_is_added_or_removed_is_named_and_nothing_else() {
    for (name, text) in shipped() {
        let before = read(&text);
        let with_node = edit::add_node(&text, "extra", "Gain(gain_db: -1.50)").unwrap().text;
        let with_wire = with_node.replacen("\"input -> ", "\"input -> extra -> ", 1);
        let after = read(&with_wire);
        let added = diff(&before, &after);
        let [Change { section: Section::Node, name: node, what: What::New { is, place: Some(place) } }] =
            &added[..]
        else {
            panic!("{name}: {added:#?}")
        };
        assert_eq!((node.as_str(), is.as_str()), ("extra", "Gain(gain_db: -1.5)"), "{name}");
        assert_eq!(place.hears, ["input"], "{name}");
        let removed = diff(&after, &before);
        assert!(
            matches!(&removed[..], [Change { name, what: What::Removed { .. }, .. }] if name == "extra"),
            "{name}: {removed:#?}"
        );
        // And with the edits alone, where the chain is in two halves again by hand.
        let apart = edit::remove_node(&with_wire, "extra").unwrap().text;
        let wire = with_wire.split('"').find(|wire| wire.starts_with("input -> extra")).unwrap();
        let again = edit::add_wire(&apart, &wire.replace("extra -> ", "")).unwrap().text;
        let left = diff(&after, &read(&again));
        assert!(left.iter().any(|one| one.name == "extra"), "{name}: {left:#?}");
        assert!(
            left.iter().all(|one| one.name == "extra" || matches!(one.what, What::Order { .. })),
            "{name}: {left:#?}"
        );
    }
}

const GRAPH: &str = "Graph(
    format: 1,
    about: (name: \"warm\", title: \"Warm\"),
    use: { stage: \"stage.ron\" },
    params: {
        glue: Param(sets: [\"glue.ratio\"], min: 1, max: 4, help: \"How firm\"),
        level: Param(sets: [\"level.target_lufs\"]),
    },
    presets: { \"dense\": { glue: 3.0, level: -11 }, \"quiet\": { level: -18 } },
    nodes: {
        tone: Equalizer(bands: { low: HighPass(freq_hz: 25), air: HighShelf(freq_hz: 9000, gain_db: 1) }),
        body: stage(drive: 2),
        glue: Compressor(ratio: 1.5, threshold_db: -18),
        level: Loudness(target_lufs: -14),
        peak: Limiter,
    },
    wires: [\"input -> tone -> body -> glue -> level -> peak -> output\"],
)";

/// The graph with pieces of its text replaced.
fn with(pieces: &[(&str, &str)]) -> String {
    pieces.iter().fold(GRAPH.to_owned(), |text, (old, new)| {
        assert!(text.contains(old), "{old}");
        text.replace(old, new)
    })
}

#[test]
fn every_difference_has_words() {
    let cases: &[(&str, &[(&str, &str)])] = &[
        ("digits and defaults", &[("1.5", "1.50"), ("Limiter", "Limiter(ceiling_dbtp: -1.0)"), ("3.0", "3")]),
        ("a field", &[("1.5", "2")]),
        ("a band", &[("low: HighPass(freq_hz: 25)", "body: Bell(freq_hz: 300, gain_db: -1)")]),
        ("a form", &[("low: HighPass(freq_hz: 25)", "low: LowShelf(freq_hz: 25)")]),
        ("on, lane, note", &[("ratio: 1.5", "ratio: 1.5, on: false, lane: Mid, note: \"loud\"")]),
        ("a kind", &[("peak: Limiter", "peak: Clipper")]),
        (
            "a new node",
            &[
                ("peak: Limiter", "peak: Limiter, soft: Gain(gain_db: -1)"),
                ("tone -> body", "tone -> soft -> body"),
            ],
        ),
        ("a removed node", &[("peak: Limiter,", ""), ("-> peak ->", "->")]),
        (
            "two in a row",
            &[
                ("peak: Limiter", "peak: Limiter, a: Gain(gain_db: 1), b: Gain(gain_db: 2)"),
                ("-> glue", "-> a -> b -> glue"),
            ],
        ),
        (
            "another name, same fields",
            &[
                ("glue: Compressor", "press: Compressor"),
                ("-> glue", "-> press"),
                ("glue.ratio", "press.ratio"),
            ],
        ),
        (
            "another name, same wires",
            &[
                ("glue: Compressor(ratio: 1.5", "press: Compressor(ratio: 2"),
                ("-> glue", "-> press"),
                ("glue.ratio", "press.ratio"),
            ],
        ),
        ("a used graph by another name", &[("body: stage", "tape: stage"), ("-> body", "-> tape")]),
        ("moved", &[("body -> glue -> level ->", "body -> level -> glue ->")]),
        ("moved far", &[("tone -> body -> glue -> level -> peak", "body -> glue -> level -> peak -> tone")]),
        ("a used graph moved", &[("tone -> body -> glue", "tone -> glue -> body")]),
        ("a key", &[("-> output\"", "-> output\", \"tone -> glue.key\"")]),
        (
            "a parallel way",
            &[
                ("peak: Limiter", "peak: Limiter, sum: Mix"),
                ("body -> glue -> level", "body -> glue -> sum -> level"),
                ("-> output\"", "-> output\", \"tone -> sum\""),
            ],
        ),
        ("a used graph's param", &[("drive: 2", "drive: 3")]),
        ("a used graph off", &[("drive: 2", "on: false")]),
        (
            "a used graph gone",
            &[("body: stage(drive: 2),", ""), ("-> body ", ""), ("use: { stage: \"stage.ron\" },", "")],
        ),
        ("bounds, sets, help", &[("min: 1, max: 4, help: \"How firm\"", "min: 1.2, help: \"How hard\"")]),
        ("a param's name", &[("glue: Param", "firm: Param"), ("glue: 3.0", "firm: 3")]),
        (
            "a new param",
            &[(
                "level: Param(sets: [\"level.target_lufs\"]),",
                "level: Param(sets: [\"level.target_lufs\"]), air: Param(sets: [\"tone.air.gain_db\"], min: 0, max: 3),",
            )],
        ),
        ("presets", &[("level: -11", "level: -10"), ("\"quiet\"", "\"soft\"")]),
        ("about", &[("title: \"Warm\"", "title: \"Warmer\", tags: [\"tape\"]")]),
    ];
    let mut told = String::new();
    for (name, pieces) in cases {
        told.push_str(&format!("{name}\n"));
        for line in words(GRAPH, &with(pieces)) {
            told.push_str(&format!("    {line}\n"));
        }
    }
    insta::assert_snapshot!("words", told);
}

#[test]
fn a_macro_that_is_turned_is_one_difference() {
    let text = |dial: &str, most: &str| {
        let first = with(&[("gain_db: 1)", "gain_db: 1), x: LowShelf(freq_hz: 90)"), ("(ratio: 1.5, ", "(")]);
        let dial = format!(
            "firm: Macro(default: {dial}, drives: {{ \"glue.ratio\": (1, {most}), \"tone.x.gain_db\": (0, 3) }}),"
        );
        first
            .replace("glue: Param(sets: [\"glue.ratio\"], min: 1, max: 4, help: \"How firm\"),", &dial)
            .replace("glue: 3.0", "firm: 0.75")
    };
    assert_eq!(words(&text("0.25", "3"), &text("0.25", "3.0")), [""; 0]);
    assert_eq!(words(&text("0.25", "3"), &text("0.5", "3")), ["  param firm: default 0.25 → 0.5"]);
    insta::assert_snapshot!("macros", words(&text("0.5", "3"), &text("0.5", "4")).join("\n"));
}

#[test]
fn what_is_said_one_way_is_said_the_other_way_round() {
    let after = with(&[
        ("peak: Limiter", "peak: Limiter, soft: Gain(gain_db: -1)"),
        ("tone -> body", "tone -> soft -> body"),
        ("1.5", "2"),
    ]);
    let told = [words(GRAPH, &after), words(&after, GRAPH)];
    assert_eq!(
        told[0],
        ["  glue: ratio 1.5 → 2", "+ soft: new: Gain(gain_db: -1), between `tone` and `body`"]
    );
    assert_eq!(
        told[1],
        ["  glue: ratio 2 → 1.5", "- soft: removed: Gain(gain_db: -1), was between `tone` and `body`"]
    );
}
