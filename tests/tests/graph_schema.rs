//! The JSON Schemas of graphs and albums: every shipped graph is one, and what is broken is none.

use deadwax::{BUILT_IN, registry};
use deadwax_graph::tree::{Call, Value as Tree, ValueKind, parse};
use regex_lite::Regex;
use serde_json::{Map, Value, json};

/// A graph's text in its JSON form, as the schema describes it.
fn to_json(text: &str) -> Value {
    let mut errors = Vec::new();
    let root = parse(text, 0, &mut errors);
    assert!(errors.is_empty(), "{errors:?}");
    value(text, &root)
}

fn value(text: &str, tree: &Tree) -> Value {
    let said = &text[tree.span.clone()];
    match &tree.kind {
        ValueKind::Number => serde_json::from_str(said.trim_start_matches('+')).unwrap(),
        ValueKind::Text(said) => json!(said),
        ValueKind::Word(word) => match word.as_str() {
            "true" => json!(true),
            "false" => json!(false),
            "None" => Value::Null,
            word => json!(word),
        },
        ValueKind::List(items) => items.iter().map(|item| value(text, item)).collect(),
        ValueKind::Map(_) => fields(text, tree),
        ValueKind::Call(Call { name, items, .. }) => {
            let inside = match &items[..] {
                [] => fields(text, tree),
                [one] if name.is_some() => value(text, one),
                items => items.iter().map(|item| value(text, item)).collect(),
            };
            match name.as_ref().map(|(name, _)| name.as_str()) {
                None | Some("Some") => inside,
                Some(name) => json!({name: inside}),
            }
        }
        ValueKind::Char | ValueKind::Broken => panic!("no graph has {said}"),
    }
}

fn fields(text: &str, tree: &Tree) -> Value {
    let each = tree.entries().iter().map(|entry| (entry.key.clone(), value(text, &entry.value)));
    Value::Object(each.collect::<Map<_, _>>())
}

/// What is wrong with `value`, if anything. Knows the words that the schema uses, and no others.
fn wrong(root: &Value, schema: &Value, value: &Value, at: &str) -> Option<String> {
    let words = schema.as_object().unwrap();
    words.iter().find_map(|(word, wanted)| broken(root, schema, (word, wanted), value, at))
}

fn broken(
    root: &Value,
    schema: &Value,
    (word, wanted): (&str, &Value),
    value: &Value,
    at: &str,
) -> Option<String> {
    let bad = |good: bool| (!good).then(|| format!("{at}: `{word}` is {wanted}"));
    let each = || wanted.as_array().unwrap().iter();
    let fits = |schema: &&Value| wrong(root, schema, value, at).is_none();
    let number = || wanted.as_f64().unwrap();
    let count = || usize::try_from(wanted.as_u64().unwrap()).unwrap();
    let pattern = || Regex::new(wanted.as_str().unwrap()).unwrap();
    match word {
        "$schema" | "title" | "description" | "default" | "$defs" | "x-unit" | "x-family" | "x-ports" => None,
        "$ref" => {
            let path = wanted.as_str().unwrap().strip_prefix('#').unwrap();
            wrong(root, root.pointer(path).unwrap_or_else(|| panic!("{path} is nowhere")), value, at)
        }
        "type" => bad(match wanted.as_str().unwrap() {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "boolean" => value.is_boolean(),
            "number" => value.is_number(),
            "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
            "null" => value.is_null(),
            other => panic!("{other}"),
        }),
        "const" => bad(value == wanted),
        "enum" => bad(each().any(|one| one == value)),
        "anyOf" => bad(each().any(|one| fits(&one))),
        "oneOf" => bad(each().filter(fits).count() == 1),
        "minimum" => bad(value.as_f64().is_none_or(|value| value >= number())),
        "maximum" => bad(value.as_f64().is_none_or(|value| value <= number())),
        "pattern" => bad(value.as_str().is_none_or(|text| pattern().is_match(text))),
        "minItems" => bad(value.as_array().is_none_or(|items| items.len() >= count())),
        "maxItems" => bad(value.as_array().is_none_or(|items| items.len() <= count())),
        "minProperties" => bad(value.as_object().is_none_or(|entries| entries.len() >= count())),
        "maxProperties" => bad(value.as_object().is_none_or(|entries| entries.len() <= count())),
        "required" => bad(value
            .as_object()
            .is_none_or(|entries| each().all(|name| entries.contains_key(name.as_str().unwrap())))),
        _ => inside(root, schema, (word, wanted), value, at),
    }
}

/// The words that are about what is inside an object or a list.
fn inside(
    root: &Value,
    schema: &Value,
    (word, wanted): (&str, &Value),
    value: &Value,
    at: &str,
) -> Option<String> {
    let none = Map::new();
    let entries = value.as_object().unwrap_or(&none);
    let items = value.as_array().map_or(&[][..], |items| items);
    let below = |name: &str| format!("{at}/{name}");
    match word {
        "properties" => {
            entries.iter().find_map(|(name, value)| wrong(root, wanted.get(name)?, value, &below(name)))
        }
        "propertyNames" => entries.keys().find_map(|name| wrong(root, wanted, &json!(name), &below(name))),
        "additionalProperties" => {
            let known = |name: &str| schema.get("properties").is_some_and(|known| known.get(name).is_some());
            entries.iter().filter(|(name, _)| !known(name)).find_map(|(name, value)| match wanted {
                Value::Bool(allowed) => (!allowed).then(|| format!("{} is not known", below(name))),
                schema => wrong(root, schema, value, &below(name)),
            })
        }
        "items" => items
            .iter()
            .enumerate()
            .find_map(|(number, item)| wrong(root, wanted, item, &below(&number.to_string()))),
        "prefixItems" => {
            let pairs = items.iter().zip(wanted.as_array().unwrap()).enumerate();
            pairs
                .into_iter()
                .find_map(|(number, (item, schema))| wrong(root, schema, item, &below(&number.to_string())))
        }
        other => panic!("this test does not know `{other}`"),
    }
}

fn check(text: &str) -> Option<String> {
    let schema = deadwax_graph::schema(&registry());
    wrong(&schema, &schema, &to_json(text), "")
}

#[test]
fn every_shipped_graph_fits_the_schema() {
    for (name, text) in BUILT_IN {
        assert_eq!(check(text), None, "{name}");
    }
}

#[test]
fn every_kinds_example_and_every_default_fits_the_schema() {
    let schema = deadwax_graph::schema(&registry());
    for kind in registry().kinds() {
        let graph = format!(
            "Graph(format: 1, nodes: {{ a: {} }}, wires: [\"input -> a -> output\"])",
            kind.about.example
        );
        assert_eq!(check(&graph), None, "{}", kind.name());
        let node = json!({kind.name(): kind.default_node().to_json()});
        assert_eq!(wrong(&schema, &schema["$defs"]["node"], &node, kind.name()), None);
    }
}

#[test]
fn what_is_broken_does_not_fit() {
    let sound = "Graph(format: 1, about: (requires: (deadwax: \">=0.1\", channels: [2])), assets: { x: Ask, y: Ask(help: \"z\") },\
                 params: { p: Param(sets: [\"a.gain_db\"], min: -6), q: Macro(default: 0.3, drives: { \"a.gain_db\": (0, 4, Log) }) }, presets: { \"x y\": { p: 1 } },\
                 nodes: { a: Gain(gain_db: -3, lane: Mid), t: tape(drive: 1), m: Mix }, wires: [\"input -> a.in\", \"a -> t -> m -> output\"])";
    assert_eq!(check(sound), None);
    for (good, bad) in [
        ("format: 1", "format: 2"),
        ("format: 1,", ""),
        ("presets:", "preset:"),
        ("Param(", "Knob("),
        ("Macro(default: 0.3", "Macro(default: 1.3"),
        ("Macro(default: 0.3, ", "Macro("),
        ("(0, 4, Log)", "(0)"),
        ("(0, 4, Log)", "(0, 4, Steep)"),
        ("\"a.gain_db\": ", "\"gain_db\": "),
        ("Ask(help: ", "Ask(why: "),
        ("channels: [2]", "channels: [0]"),
        ("channels: [2]", "channels: 2"),
        ("deadwax: \">=0.1\"", "deadwax: 1"),
        ("sets: [\"a.gain_db\"]", "sets: [\"gain\"]"),
        ("sets: [\"a.gain_db\"], ", ""),
        ("min: -6", "min: \"low\""),
        ("Gain(", "Gian("),
        ("gain_db: -3", "gian_db: -3"),
        ("gain_db: -3", "gain_db: 300"),
        ("gain_db: -3", "gain_db: \"loud\""),
        ("lane: Mid", "lane: Middle"),
        ("m: Mix", "m: Mixer"),
        ("m: Mix", "M: Mix"),
        ("\"input -> a.in\"", "\"input a\""),
        ("-> t ->", "-> t.in ->"),
        ("wires: [", "wires: [3, "),
    ] {
        let broken = sound.replacen(good, bad, 1);
        assert_ne!(broken, sound, "`{good}` is in the example");
        assert!(check(&broken).is_some(), "`{bad}` fits");
    }
}

fn check_album(text: &str) -> Option<String> {
    let schema = deadwax_album::schema();
    wrong(&schema, &schema, &to_json(text), "")
}

const ALBUM: &str = r#"Album(
    format: 1,
    about: (title: "Run-out", artist: "The Cutters", upc: "0123456789012"),
    rate_hz: 44100,
    loudness: Match(target_lufs: -16, ceiling_dbtp: -1.5),
    tracks: {
        "run-in": Track(
            title: "Run-in",
            isrc: "US-ABC-26-00001",
            flags: [CopyPermitted],
            source: Source(path: "mix/01.wav"),
            set: { "glue.ratio": 2, loudness: -12 },
            trim: (head: Samples(4800), tail: Floor(level_dbfs: -80, hold: Seconds(0.2))),
            fade_out: Fade(length: Seconds(4), curve: Smooth),
            indexes: [Seconds(61)],
            versions: { instrumental: "mix/01i.wav" },
        ),
        coda: (source: "mix/03.wav", interlude: true),
    },
    layout: [Hidden("mix/htoa.wav"), Side("A"), "run-in", Cross(length: Seconds(1.5), mark: End), Track("coda")],
    deliver: {
        web: Tracks,
        stream: Tracks(format: Flac(bits: 16), gap: Drop, check: ["spotify"], loudness: AsMastered),
        cd: Disc(dither: Deep, write: [Ddp, Cue], limit: "79:57:00"),
        lp: Sides(medium: Lp12(rpm: 33), post: "vinyl-premaster"),
        mc: Sides(medium: Cassette),
    },
)"#;

#[test]
fn an_album_fits_its_schema_and_the_reader() {
    assert!(deadwax_album::read("album.ron", ALBUM).is_ok());
    assert_eq!(check_album(ALBUM), None);
    let page = include_str!("../../docs/albums.md");
    let shown = page.split("```ron\n").nth(1).unwrap().split("```").next().unwrap();
    assert_eq!(check_album(shown), None);
}

#[test]
fn what_is_broken_in_an_album_neither_fits_nor_is_read() {
    for (good, bad) in [
        ("format: 1", "format: 2"),
        ("format: 1,", ""),
        ("artist:", "artits:"),
        ("\"0123456789012\"", "\"0123\""),
        ("rate_hz: 44100", "rate_hz: 4410"),
        ("Match(", "Mach("),
        ("-1.5)", "-150)"),
        ("coda: (", "\"Coda!\": ("),
        ("(source: \"mix/03.wav\", interlude", "(interlude"),
        ("US-ABC-26-00001", "USABC"),
        ("[CopyPermitted]", "[CopyForbidden]"),
        ("[CopyPermitted]", "CopyPermitted"),
        ("Samples(4800)", "Samples(-1)"),
        ("Samples(4800)", "4800"),
        ("curve: Smooth", "curve: Steep"),
        ("Source(path: \"mix/01.wav\")", "Source(sha256: \"00\")"),
        ("Cross(length: Seconds(1.5), mark: End)", "Cross(mark: End)"),
        ("Side(\"A\")", "Side(1)"),
        ("web: Tracks", "web: Pages"),
        ("bits: 16", "bits: 32"),
        ("medium: Lp12(rpm: 33)", "medium: Lp12(rpm: 78)"),
        ("medium: Lp12(rpm: 33), ", ""),
        ("79:57:00", "79:57"),
        ("interlude: true", "interlude: 1"),
        ("gap: Drop", "gap: Drop()"),
    ] {
        let broken = ALBUM.replacen(good, bad, 1);
        assert_ne!(broken, ALBUM, "`{good}` is in the example");
        assert!(check_album(&broken).is_some(), "`{bad}` fits");
        assert!(deadwax_album::read("album.ron", &broken).is_err(), "`{bad}` is read");
    }
}
