//! Macros: one dial over several fields. What it makes of them is what one would have written by hand.

use deadwax_graph::diagnostic::{Style, render};
use deadwax_graph::model::Drive;
use deadwax_graph::{Code, Errors, Graph, Memory, Overrides, edit, load};
use deadwax_node::FieldKind;
use proptest::prelude::*;

const PART: &str = "Graph(
    format: 1,
    params: {
        heat: Macro(default: 0.5, drives: { \"hot.gain_db\": (-4, 8) }, max: 0.8, help: \"How hot\"),
        trim: Param(sets: [\"cold.gain_db\"], min: -12, max: 0),
    },
    nodes: { hot: Gain, cold: Gain(gain_db: -6) },
    wires: [\"input -> hot -> cold -> output\"],
)";

const MIDDLE: &str = "Graph(
    format: 1,
    use: { part: \"part.ron\" },
    params: { fire: Param(sets: [\"inner.heat\"]), trim: Param(sets: [\"inner.trim\"]) },
    nodes: { inner: part(heat: 0.25) },
    wires: [\"input -> inner -> output\"],
)";

fn read(text: &str, preset: Option<&str>, values: &[(&str, &str)]) -> Result<Graph, Errors> {
    let files = Memory::new().with("a.ron", text).with("part.ron", PART).with("middle.ron", MIDDLE);
    let values = values.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let overrides = Overrides { preset: preset.map(str::to_owned), values };
    load(&deadwax_nodes::registry(), &files, "a.ron", &overrides)
}

fn field(graph: &Graph, node: &str, pointer: &str) -> f64 {
    let node = graph.nodes.iter().find(|known| known.name == node).unwrap();
    node.node.to_json().pointer(pointer).and_then(serde_json::Value::as_f64).unwrap()
}

fn refused(text: &str, values: &[(&str, &str)]) -> (Code, String) {
    let errors = read(text, None, values).err().unwrap_or_else(|| panic!("no error:\n{text}"));
    (errors.diagnostics[0].code, render(&errors.diagnostics, &errors.sources, Style::Plain, 9))
}

const WARM: &str = "Graph(
    format: 1,
    use: { middle: \"middle.ron\" },
    params: {
        warmth: Macro(
            default: 0.3,
            drives: {
                \"body.fire\": (0, 0.5),
                \"tone.air.gain_db\": (0, -4),
                \"tone.air.freq_hz\": (8000, 2000, Log),
                \"press.ratio\": (1, 3),
            },
            help: \"Warmer\",
        ),
    },
    presets: { \"cosy\": { warmth: 1 } },
    nodes: {
        body: middle(trim: -3),
        tone: Equalizer(bands: { air: HighShelf }), // no numbers of its own
        press: Compressor,
    },
    wires: [\"input -> body -> tone -> press -> output\"],
)";

#[test]
fn every_field_is_on_its_way_between_its_ends() {
    for (preset, values, dial) in [
        (None, &[][..], 0.3),
        (None, &[("warmth", "0.5")], 0.5),
        (None, &[("warmth", "0")], 0.0),
        (Some("cosy"), &[], 1.0),
        (Some("cosy"), &[("warmth", "0.25")], 0.25),
    ] {
        let graph = read(WARM, preset, values).unwrap();
        let near = |found: f64, wanted: f64| assert!((found - wanted).abs() < 1e-6, "{found} {wanted}");
        near(field(&graph, "tone", "/bands/air/HighShelf/gain_db"), -4.0 * dial);
        near(field(&graph, "tone", "/bands/air/HighShelf/freq_hz"), 8000.0 * libm::pow(0.25, dial));
        near(field(&graph, "press", "/ratio"), 1.0 + 2.0 * dial);
        // Through two graphs: `fire` is 0.5 × dial, and that moves `hot` from -4 to 8.
        near(field(&graph, "body/inner/hot", "/gain_db"), -4.0 + 12.0 * 0.5 * dial);
        near(field(&graph, "body/inner/cold", "/gain_db"), -3.0);
        assert_eq!(graph.params[0].value.parse::<f64>().unwrap(), dial);
    }
    let graph = read(WARM, None, &[]).unwrap();
    assert_eq!(field(&graph, "press", "/ratio"), 1.6, "short, not 1.5999999999999999");
    let warmth = &graph.params[0];
    assert_eq!((warmth.help.as_str(), warmth.unit.symbol(), warmth.drives.len()), ("Warmer", "", 4));
    assert!(matches!(warmth.kind, FieldKind::Number { min: 0.0, max: 1.0, .. }));
    // Nothing moves in the text: what is said of it stands where its author wrote it.
    assert_eq!(graph.sources.get(0).unwrap().text, WARM);
    assert_eq!(&WARM[graph.nodes[3].origin.span.clone()], "press: Compressor");
}

#[test]
fn a_macro_of_a_used_graph_is_a_param_like_any_other() {
    // Its range is what it says, through any number of graphs.
    let middle = read(MIDDLE, None, &[]).unwrap();
    assert!(matches!(middle.params[0].kind, FieldKind::Number { min: 0.0, max: 0.8, .. }));
    assert_eq!(field(&middle, "inner/hot", "/gain_db"), -1.0, "as the field of the node that uses it");
    assert_eq!(field(&read(MIDDLE, None, &[("fire", "0.75")]).unwrap(), "inner/hot", "/gain_db"), 5.0);
    assert_eq!(field(&read(MIDDLE, None, &[("inner.heat", "0")]).unwrap(), "inner/hot", "/gain_db"), -4.0);
    assert_eq!(refused(MIDDLE, &[("fire", "0.9")]).0, Code::OutOfRange);
    assert_eq!(refused(&WARM.replace("(0, 0.5)", "(0, 0.9)"), &[]).0, Code::OutOfRange);
    let beyond = read(&MIDDLE.replace("0.25", "0.81"), None, &[]).unwrap_err();
    assert!(beyond.diagnostics.iter().any(|found| found.code == Code::OutOfRange), "{beyond:#?}");
}

#[test]
fn a_driven_field_is_said_in_one_place_and_the_fix_takes_it_from_the_node() {
    for (said, with) in [
        ("press: Compressor", "press: Compressor(threshold_db: -20, ratio: 2, knee_db: 3)"),
        ("press: Compressor", "press: Compressor(ratio: 2)"),
        ("air: HighShelf ", "air: HighShelf(gain_db: 1) "),
        ("middle(trim: -3)", "middle(fire: 0.1, trim: -3)"),
    ] {
        let spoilt = WARM.replacen(said, with, 1);
        let errors = read(&spoilt, None, &[]).unwrap_err();
        let [error] = &errors.diagnostics[..] else { panic!("{:#?}", errors.diagnostics) };
        assert_eq!(error.code, Code::DrivenTwice, "{with}");
        let fix = error.fix.clone().unwrap();
        let mended = format!("{}{}{}", &spoilt[..fix.at.1.start], fix.text, &spoilt[fix.at.1.end..]);
        read(&mended, None, &[]).unwrap_or_else(|errors| panic!("{:#?}\n{mended}", errors.diagnostics));
    }
    // From outside as well, and as a part of something larger that is set.
    let (code, said) = refused(WARM, &[("tone.bands.air.gain_db", "2")]);
    assert_eq!(code, Code::DrivenTwice);
    assert!(said.contains("set `warmth`"), "{said}");
    assert_eq!(refused(WARM, &[("tone.air", "HighShelf(gain_db: 2)")]).0, Code::DrivenTwice);
    let other = read(WARM, None, &[("tone.air", "Bell(q: 2)"), ("press.attack_ms", "3")]).unwrap();
    assert_eq!(field(&other, "tone", "/bands/air/Bell/gain_db"), -1.2);
}

#[test]
fn a_field_has_one_dial() {
    let also = |what: &str| WARM.replacen("params: {", &format!("params: {{ also: {what},"), 1);
    for what in [
        "Param(sets: [\"press.ratio\"])",
        "Param(sets: [\"press.knee_db\", \"tone.bands.air.gain_db\"])",
        "Macro(default: 0, drives: { \"tone.bands.air.gain_db\": (0, 1) })",
    ] {
        let errors = read(&also(what), None, &[]).unwrap_err();
        assert!(errors.diagnostics.iter().any(|d| d.code == Code::DrivenTwice), "{what}: {errors:#?}");
    }
    read(&also("Param(sets: [\"press.knee_db\"])"), None, &[]).unwrap();
}

#[test]
fn what_a_macro_cannot_do_is_said_where_it_stands() {
    let one = |what: &str| {
        format!(
            "Graph(format: 1, use: {{ part: \"part.ron\" }}, params: {{ m: Macro({what}) }}, nodes: {{
    a: Compressor, b: Crossover(freqs_hz: [200]), c: part, d: Gain(gain_db: Curve([(0, 1), (9, 2)])), e: Mix }},
    wires: [\"input -> a -> c -> d -> b\", \"b.low -> e\", \"b.high -> e\", \"e -> output\"])"
        )
    };
    let mut told = String::new();
    for (what, code) in [
        ("default: 0, drives: { \"a.detector\": (0, 1) }", Code::NotDriven),
        ("default: 0, drives: { \"b.freqs_hz.0\": (100, 200) }", Code::NotDriven),
        ("default: 0, drives: { \"d.gain_db\": (0, 1) }", Code::DrivenTwice),
        ("default: 0, drives: { \"a.ratoi\": (1, 2) }", Code::UnknownTarget),
        ("default: 0, drives: { \"x.ratio\": (1, 2) }", Code::UnknownTarget),
        ("default: 0, drives: { \"c.heat\": (0, 1) }", Code::OutOfRange),
        ("default: 0, drives: { \"a.ratio\": (1, 2000) }", Code::OutOfRange),
        ("default: 0, drives: { \"a.ratio\": (0, 2, Log) }", Code::OutOfRange),
        ("default: 0, drives: { \"a.ratio\": (1, 2, Lgo) }", Code::UnknownChoice),
        ("default: 0, drives: { \"a.ratio\": 2 }", Code::WrongSection),
        ("default: 0, drives: {}", Code::WrongSection),
        ("default: 0, drives: [\"a.ratio\"]", Code::WrongSection),
        ("drives: { \"a.ratio\": (1, 2) }", Code::WrongSection),
        ("default: 2, drives: { \"a.ratio\": (1, 2) }", Code::WideBounds),
        ("default: 0, min: 0.5, drives: { \"a.ratio\": (1, 2) }", Code::WideBounds),
        ("default: 0, max: 1.5, drives: { \"a.ratio\": (1, 2) }", Code::WideBounds),
        ("default: 0, sets: [\"a.ratio\"], drives: { \"a.ratio\": (1, 2) }", Code::UnknownField),
    ] {
        let (found, shown) = refused(&one(what), &[]);
        assert_eq!(found, code, "{what}\n{shown}");
        told.push_str(&format!("{shown}\n\n"));
    }
    insta::assert_snapshot!("macros", told);
}

#[test]
fn tape_warmth_at_its_default_is_what_it_was_before_it_had_a_macro() {
    let text = include_str!("../../../graphs/tape-warmth.ron");
    let graph = read(text, None, &[]).unwrap();
    let plain = "Graph(format: 1, nodes: { tape: Tape(drive_db: 0) }, wires: [\"input -> tape -> output\"])";
    let plain = read(plain, None, &[]).unwrap();
    assert_eq!(graph.nodes[0].node.to_json(), plain.nodes[0].node.to_json());
    let worn = read(text, Some("worn"), &[]).unwrap();
    assert_eq!(field(&worn, "tape", "/gap_um"), 6.6);
}

#[test]
fn a_thousand_drives_are_read_in_no_time_and_no_more_are_taken() {
    let macros = |count: usize| -> String {
        let each = (0..count).map(|number| format!("\"n{number}.gain_db\": (0, 1)"));
        let nodes: String = (0..count).map(|number| format!("n{number}: Gain, ")).collect();
        let chain: String = (0..count).map(|number| format!("n{number} -> ")).collect();
        format!(
            "Graph(format: 1, params: {{ m: Macro(default: 0.5, drives: {{ {} }}) }}, nodes: {{ {nodes} }}, wires: [\"input -> {chain}output\"])",
            each.collect::<Vec<_>>().join(", ")
        )
    };
    let begun = std::time::Instant::now();
    let graph = read(&macros(1000), None, &[]).unwrap();
    assert_eq!(field(&graph, "n999", "/gain_db"), 0.5);
    assert!(begun.elapsed().as_secs() < 5, "{:?}", begun.elapsed());
    assert_eq!(refused(&macros(1100), &[]).0, Code::WrongLength);
}

proptest! {
    #[test]
    fn a_driven_value_is_short_and_between_its_ends(
        from in -1e4_f64..1e4, to in -1e4_f64..1e4, dial in 0.0_f64..=1.0, whole in any::<bool>()
    ) {
        let (from, to) = if whole { (from.round(), to.round()) } else { (from, to) };
        let drive = Drive { path: String::new(), from, to, is_log: false, integer: whole };
        let value = drive.at(dial);
        prop_assert!(value >= from.min(to) && value <= from.max(to));
        prop_assert_eq!((drive.at(0.0), drive.at(1.0)), (from, to));
        let exact = from + (to - from) * dial;
        if whole {
            prop_assert!(value.fract() == 0.0 && (value - exact).abs() <= 0.5 + 1e-4);
        } else {
            prop_assert!((value - exact).abs() <= 1e-9 * from.abs().max(to.abs()), "{} {}", value, exact);
        }
        // Turning it back to front is the same way from the other end.
        let back = Drive { path: String::new(), from: to, to: from, is_log: false, integer: whole };
        prop_assert!((back.at(1.0 - dial) - value).abs() <= 1e-8 * from.abs().max(to.abs()) + f64::from(u8::from(whole)));
    }

    #[test]
    fn a_macro_is_what_one_would_have_written_by_hand(dial in 0.0_f64..=1.0) {
        let driven = read(WARM, None, &[("warmth", &dial.to_string())]).unwrap();
        let drives = driven.params[0].drives.clone();
        let begin = WARM.find("    params").unwrap();
        let end = WARM.find("    nodes").unwrap();
        let mut plain = format!("{}{}", &WARM[..begin], &WARM[end..]);
        for drive in &drives {
            plain = edit::set(&plain, &drive.path, &drive.at(dial).to_string()).unwrap().text;
        }
        let by_hand = read(&plain, None, &[]).unwrap();
        for (one, other) in driven.nodes.iter().zip(&by_hand.nodes) {
            prop_assert_eq!(&one.name, &other.name);
            prop_assert_eq!(one.node.to_json(), other.node.to_json());
        }
    }
}
