//! What may be written, what it means and where it is declared: asked at the `|` of a text.

use deadwax_graph::Memory;
use deadwax_lsp::check::check;
use deadwax_lsp::completion::{Suggestion, complete};
use deadwax_lsp::hover::hover;
use deadwax_lsp::names::{RenameError, Target, definition, references, rename};
use deadwax_lsp::outline::World;
use deadwax_node::Registry;
use proptest::prelude::*;
use std::sync::LazyLock;

static REGISTRY: LazyLock<Registry> = LazyLock::new(deadwax_nodes::registry);

const PART: &str = "Graph(format: 1, about: (title: \"A part\"), params: { drive: Param(sets: [\"g.gain_db\"], max: 6, help: \"how hot\") },\n\
                    nodes: { g: Gain }, wires: [\"input -> g -> output\", \"input.side -> g\"])";

fn files() -> Memory {
    Memory::new().with("part.ron", PART.replace(", \"input.side -> g\"", ""))
}

/// Nodes, wires and the rest, into which the case is put.
fn around(case: &str) -> String {
    format!(
        "// 𝄞 first\nGraph(\n    format: 1,\n    use: {{ part: \"part.ron\" }},\n    assets: {{ room: \"room.wav\" }},\n    params: {{ squash: Param(sets: [\"glue.ratio\", \"other.ratio\"], help: \"How firm\") }},\n    \
         presets: {{ \"firm\": {{ squash: 4 }} }},\n    nodes: {{\n        split: Crossover(freqs_hz: [120, 800]),\n        glue: Compressor(ratio: 2, detector: Rms),\n        other: Compressor(ratio: 2),\n        \
         verb: Convolver(asset: \"room\"),\n        sub: part(drive: 3),\n        {case}\n    }},\n    wires: [\n        \"input -> split\",\n        \"split.low -> glue -> output\",\n    ],\n)\n"
    )
}

fn ask<T>(text: &str, answer: impl FnOnce(&str, usize, &World<'_>) -> T) -> T {
    let offset = text.find('|').expect("a place to ask at");
    let (files, text) = (files(), text.replacen('|', "", 1));
    answer(&text, offset, &World { registry: &REGISTRY, loader: &files, shipped: &[] })
}

fn suggestions(text: &str) -> Vec<Suggestion> {
    ask(text, complete)
}

fn labels(text: &str) -> Vec<String> {
    suggestions(text).into_iter().map(|one| one.label).collect()
}

/// The suggestion of that name; it must be there.
fn suggested(text: &str, label: &str) -> Suggestion {
    let all = suggestions(text);
    all.iter().find(|one| one.label == label).unwrap_or_else(|| panic!("no {label} among {all:#?}")).clone()
}

#[test]
fn kinds_are_suggested_where_a_node_is_written_and_so_are_used_graphs() {
    for case in ["new: |", "new: Comp|", "new: | other2: Gain,", "new: |,\n broken: ("] {
        let all = labels(&around(case));
        assert!(all.contains(&"Compressor".into()) && all.contains(&"part".into()), "{case}: {all:?}");
    }
    let one = suggested(&around("new: Comp|"), "Compressor");
    assert_eq!((one.insert.as_str(), one.snippet.as_deref()), ("Compressor()", Some("Compressor($1)")));
    assert_eq!(one.replaces.len(), 4);
    assert!(one.help.contains("quieter"), "{}", one.help);
    assert_eq!(labels(&around("|")), [""; 0], "a new node's name is for people to find");
    assert_eq!(labels(&around("new: Gain, // Comp|")), [""; 0]);
}

#[test]
fn fields_come_with_range_unit_and_default_and_only_once() {
    let all = labels(&around("new: Compressor(ratio: 4, |, knee_db: 3)"));
    assert!(all.contains(&"attack_ms".into()) && all.contains(&"lane".into()));
    assert!(!all.contains(&"ratio".into()) && !all.contains(&"knee_db".into()), "mentioned before or behind");
    let one = suggested(&around("new: Compressor(att|"), "attack_ms");
    assert_eq!((one.detail.as_str(), one.snippet.as_deref()), ("0 … 500 ms", Some("attack_ms: ${1:20}")));
    assert!(
        one.help.contains("how fast the gain goes down") && one.help.contains("default 20"),
        "{}",
        one.help
    );
    // Inside what a node has inside.
    let shelf = labels(&around("new: Equalizer(bands: { air: HighShelf(|) })"));
    assert!(shelf.contains(&"gain_db".into()) && !shelf.contains(&"note".into()), "{shelf:?}");
    let forms = labels(&around("new: Equalizer(bands: { air: |"));
    assert!(forms.contains(&"Bell".into()), "{forms:?}");
    assert_eq!(labels(&around("new: part(|)"))[..1], ["drive"]);
    assert_eq!(suggested(&around("new: part(|)"), "drive").insert, "drive: 0");
}

#[test]
fn values_are_suggested_as_far_as_they_are_known() {
    assert_eq!(labels(&around("new: Compressor(detector: |)")), ["Peak", "PeakHold", "Rms"]);
    assert_eq!(labels(&around("new: Compressor(detector: Pea|")), ["Peak", "PeakHold", "Rms"]);
    assert_eq!(labels(&around("new: Compressor(auto_release: |)")), ["true", "false"]);
    assert_eq!(labels(&around("new: Gain(lane: |)")), ["Both", "Mid", "Side", "Left", "Right"]);
    assert_eq!(labels(&around("new: Gain(on: |)")), ["true", "false"]);
    assert_eq!(labels(&around("new: Compressor(ratio: |)")), ["2"]);
    assert_eq!(labels(&around("new: Gain(note: \"a |\")")), [""; 0]);
}

#[test]
fn wires_are_told_nodes_and_the_ports_of_the_right_side() {
    let wire = |case: &str| around("").replace("\"input -> split\",", case);
    let first = labels(&wire("\"|\","));
    assert_eq!(first, ["input", "split", "glue", "other", "verb", "sub"]);
    let last = labels(&wire("\"input -> |\","));
    assert_eq!(last, ["output", "split", "glue", "other", "verb", "sub"]);
    // With the quote that closes it not there yet, so that it swallows what follows.
    assert_eq!(labels(&wire("\"input -> |")), last);
    assert!(
        !labels(&wire("\"input -> | -> output\",")).contains(&"output".into()),
        "the wire goes on from here"
    );
    assert_eq!(
        labels(&wire("\"split.|\",")),
        ["low", "mid", "high"],
        "as this node has them, with two corners"
    );
    assert_eq!(labels(&wire("\"input -> glue.|\",")), ["in", "key"]);
    assert_eq!(labels(&wire("\"split.mid -> sub.|\",")), ["input"]);
    let port = suggested(&wire("\"input -> glue.k|"), "key");
    assert_eq!(port.replaces.len(), 1);
    assert!(port.detail.contains("may stay open"), "{}", port.detail);
}

#[test]
fn params_and_presets_are_told_what_they_set() {
    let sets = |case: &str| around("").replace("\"glue.ratio\", \"other.ratio\"", case);
    assert_eq!(labels(&sets("\"|\"")), ["split", "glue", "other", "verb", "sub"]);
    assert_eq!(labels(&sets("\"gl|")), ["split", "glue", "other", "verb", "sub"]);
    let field = suggested(&sets("\"glue.rat|\""), "ratio");
    assert_eq!((field.insert.as_str(), field.replaces.len()), ("ratio", 3));
    assert_eq!(labels(&sets("\"sub.|\"")), ["drive"]);
    assert_eq!(suggested(&sets("\"sub.|\""), "drive").insert, "drive");
    let preset = |case: &str| around("").replace("{ squash: 4 }", case);
    assert_eq!(labels(&preset("{ | }")), ["squash"]);
    assert_eq!(labels(&preset("{ squash: 1, | }")), [""; 0]);
    assert_eq!(labels(&preset("{ squash: | }")), ["2"]);
    let tone = around("tone: Equalizer(bands: { air: HighShelf(freq_hz: 9000) }),");
    let air = tone.replace("\"glue.ratio\", \"other.ratio\"", "\"tone.air.|\"");
    assert!(labels(&air).contains(&"gain_db".into()), "{:?}", labels(&air));
}

/// A graph with a macro, a recording that is asked for, and needs.
const DIALS: &str = "Graph(
    format: 1,
    about: (name: \"warm\", requires: (channels: [2])),
    assets: { hall: Ask(help: \"a clap\") },
    params: {
        warmth: Macro(default: 0.3, drives: { \"glue.ratio\": (1, 4), \"tone.air.freq_hz\": (9000, 4000, Log) }, help: \"Warmer\"),
        trim: Param(sets: [\"glue.knee_db\"]),
    },
    presets: { \"cosy\": { warmth: 1 } },
    nodes: { glue: Compressor(attack_ms: 5), tone: Equalizer(bands: { air: HighShelf }), verb: Convolver(asset: \"hall\") },
    wires: [\"input -> glue -> tone -> verb -> output\"],
)";

#[test]
fn macros_questions_and_needs_are_known() {
    let loader = Memory::new().with("a.ron", DIALS);
    let checked = check(&World { registry: &REGISTRY, loader: &loader, shipped: &[] }, "a.ron");
    assert_eq!(checked.diagnostics, []);
    assert!(checked.plan.is_some(), "nobody has to name the recording to write the graph");
    let case = |from: &str, to: &str| {
        assert!(DIALS.contains(from), "{from}");
        DIALS.replacen(from, to, 1)
    };
    let dial = |to: &str| case("warmth: Macro(default: 0.3,", to);
    assert_eq!(labels(&case("trim: Param(sets: [\"glue.knee_db\"])", "trim: |")), ["Param", "Macro"]);
    let one = suggested(&case("trim: Param(sets: [\"glue.knee_db\"])", "trim: M|"), "Macro");
    assert_eq!(one.snippet.as_deref(), Some("Macro(default: 0, drives: { \"$1\": (0, 1) \\})"));
    assert_eq!(labels(&dial("warmth: Macro(|, default: 0.3,")), ["min", "max"]);
    assert_eq!(labels(&case("{ \"glue.ratio\"", "{ \"|\"")), ["glue", "tone", "verb"]);
    assert!(labels(&case("\"glue.ratio\"", "\"glue.|\"")).contains(&"ratio".into()));
    assert_eq!(labels(&case(", Log)", ", |)")), ["Linear", "Log"]);
    assert_eq!(labels(&case("{ warmth: 1 }", "{ warmth: | }")), ["0.3"]);
    assert_eq!(labels(&case("Ask(help: \"a clap\")", "|")), ["Ask"]);
    assert_eq!(labels(&case("help: \"a clap\"", "|")), ["help"]);
    assert_eq!(labels(&case("(channels: [2])", "(|)")), ["deadwax", "channels", "rates_hz", "nodes"]);
    assert!(labels(&case("name: \"warm\"", "|")).contains(&"license".into()));
    // A driven field is not to stand in its node.
    let fields = labels(&case("attack_ms: 5", "attack_ms: 5, |"));
    assert!(fields.contains(&"knee_db".into()) && !fields.contains(&"ratio".into()), "{fields:?}");

    let said = |from: &str, to: &str| told(&case(from, to)).unwrap_or_else(|| panic!("nothing at {to}"));
    let warmth = said("{ warmth: 1", "{ war|mth: 1");
    for part in ["Warmer", "default 0.3", "drives `glue.ratio` (1, 4)", "(9000, 4000, Log)"] {
        assert!(warmth.contains(part), "{part}: {warmth}");
    }
    assert!(said("warmth: Macro", "warmth: Mac|ro").contains("one dial"));
    assert!(said("drives: {", "dri|ves: {").contains("at 0 and at 1"));
    assert!(said("hall: Ask", "hall: A|sk").contains("--asset"));
    assert!(said("(channels", "(chan|nels").contains("numbers of channels"));
    let driven = said("\"glue.ratio\"", "\"glue.rat|io\"");
    assert!(driven.contains("1 … 1000") && !driven.contains("now"), "{driven}");
    // Names in what a macro drives are names like any other.
    let goes = |from: &str, to: &str| goes_to(&case(from, to));
    assert_eq!(goes("\"glue.ratio", "\"gl|ue.ratio").as_deref(), Some("9:glue"));
    let spans =
        ask(&case("glue: Comp", "gl|ue: Comp"), |text, offset, world| rename(text, offset, "press", world));
    assert_eq!(spans.unwrap().len(), 4, "what the macro drives, what the param sets, the node, the wire");
    // What is wrong comes with its fix.
    let wrong = case("attack_ms: 5", "attack_ms: 5, ratio: 2");
    let loader = Memory::new().with("a.ron", &*wrong);
    let checked = check(&World { registry: &REGISTRY, loader: &loader, shipped: &[] }, "a.ron");
    let fix = checked.diagnostics[0].fix.clone().unwrap();
    let mended = format!("{}{}{}", &wrong[..fix.at.1.start], fix.text, &wrong[fix.at.1.end..]);
    assert_eq!(mended, DIALS);
}

#[test]
fn parts_that_are_missing_are_suggested() {
    assert_eq!(
        labels("Graph(|"),
        ["format", "about", "use", "assets", "learned", "params", "presets", "nodes", "wires"]
    );
    assert_eq!(labels("Graph(format: 1, pa|\n nodes: {}, wires: [])").len(), 6);
    assert_eq!(labels("|"), [""; 0]);
}

fn told(text: &str) -> Option<String> {
    ask(text, |text, offset, world| hover(text, offset, world, None)).map(|told| told.text)
}

#[test]
fn hover_tells_kinds_fields_choices_params_and_ports() {
    let text = around("");
    let said =
        |from: &str, to: &str| told(&text.replacen(from, to, 1)).unwrap_or_else(|| panic!("nothing at {to}"));
    let kind = said("glue: Compressor", "glue: Comp|ressor");
    for part in ["**Compressor** · dynamics", "in `in`, `key` · out `out`", "no latency"] {
        assert!(kind.contains(part), "{part}: {kind}");
    }
    let field = said("(ratio: 2, det", "(rat|io: 2, det");
    for part in ["**ratio**", "1 … 1000", "default 2", "set by `squash`"] {
        assert!(field.contains(part), "{part}: {field}");
    }
    assert!(said("Rms", "Rm|s").contains("root of the mean square"));
    assert!(said("ratio: 2,", "ratio: |2,").contains("1 … 1000"));
    let param = said("{ squash: Param", "{ sq|uash: Param");
    assert!(param.contains("How firm") && param.contains("sets `glue.ratio`, now 2"), "{param}");
    assert!(said("{ squash: 4", "{ squas|h: 4").contains("How firm"));
    assert!(said("\"glue.ratio\"", "\"glue.|ratio\"").contains("now 2, of the `Compressor` `glue`"));
    let end = said("split.low -> glue", "split.lo|w -> glue");
    assert!(end.contains("**split**: `Crossover`") && end.contains("out `low`"), "{end}");
    let both = said("-> glue ->", "-> gl|ue ->");
    assert!(both.contains("in `in`") && both.contains("out `out`"), "{both}");
    assert!(said("sub: part", "sub: pa|rt").contains("A part"));
    assert!(said("(drive: 3", "(dr|ive: 3").contains("how hot"));
    assert!(said("glue: Comp", "gl|ue: Comp").contains("params: `squash`"));
    assert_eq!(told(&text.replacen("first", "fi|rst", 1)), None, "a comment is a comment");
}

#[test]
fn hover_tells_what_a_wire_carries_once_the_graph_compiles() {
    let text = "Graph(format: 1, nodes: { a: MidSideEncode, b: MidSideDecode },\n wires: [\"input -> a\", \"a.mid -> b.mid\", \"a.side -> b.side\", \"b -> output\"])";
    let loader = Memory::new().with("a.ron", text);
    let world = World { registry: &REGISTRY, loader: &loader, shipped: &[] };
    let checked = check(&world, "a.ron");
    assert_eq!(checked.diagnostics, []);
    let told = hover(text, text.find("a.mid").unwrap() + 3, &world, checked.plan.as_ref()).unwrap();
    assert!(told.text.contains("carries mono at 44.1 kHz"), "{}", told.text);
    assert_eq!(&text[told.span], "a.mid");
}

fn goes_to(text: &str) -> Option<String> {
    ask(text, |text, offset, world| match definition(text, offset, world)? {
        Target::Here(span) => Some(format!("{}:{}", text[..span.start].matches('\n').count(), &text[span])),
        Target::File(path) => Some(path.display().to_string()),
    })
}

#[test]
fn every_use_of_a_name_leads_to_where_it_is_declared() {
    let text = around("");
    let goes = |from: &str, to: &str| goes_to(&text.replacen(from, to, 1));
    assert_eq!(goes("-> glue ->", "-> gl|ue ->").as_deref(), Some("9:glue"));
    assert_eq!(goes("\"split.low", "\"split.lo|w").as_deref(), None, "a port is declared by its kind");
    assert_eq!(goes("\"split.low", "\"sp|lit.low").as_deref(), Some("8:split"));
    assert_eq!(goes("\"glue.ratio", "\"gl|ue.ratio").as_deref(), Some("9:glue"));
    assert_eq!(goes("\"glue.ratio", "\"glue.ra|tio").as_deref(), Some("9:ratio"));
    assert_eq!(goes("squash: 4", "squ|ash: 4").as_deref(), Some("5:squash"));
    assert_eq!(goes("\"room\"", "\"ro|om\"").as_deref(), Some("4:room"));
    assert_eq!(goes("sub: part", "sub: par|t").as_deref(), Some("3:part"));
    assert_eq!(goes("format: 1", "for|mat: 1"), None);
}

#[test]
fn a_name_is_changed_everywhere_or_not_at_all() {
    let text = around("");
    let spans = ask(&text.replacen("-> glue ->", "-> gl|ue ->", 1), |text, offset, world| {
        let spans = rename(text, offset, "glued", world).unwrap();
        assert_eq!(references(text, offset, true), spans);
        assert_eq!(references(text, offset, false).len() + 1, spans.len());
        spans.into_iter().map(|span| text[span].to_owned()).collect::<Vec<_>>()
    });
    assert_eq!(spans, ["glue"; 3], "what a param sets, the node, the wire");
    let refused = |from: &str, to: &str, new: &str| {
        ask(&text.replacen(from, to, 1), |text, offset, world| rename(text, offset, new, world)).unwrap_err()
    };
    let bad = |name: &str| RenameError::BadName { name: name.into() };
    assert_eq!(refused("glue:", "gl|ue:", "Glue"), bad("Glue"));
    assert_eq!(refused("glue:", "gl|ue:", "input"), bad("input"));
    assert_eq!(refused("glue:", "gl|ue:", "other"), RenameError::Taken { name: "other".into() });
    assert_eq!(refused("squash:", "squ|ash:", "lane"), bad("lane"));
    assert_eq!(refused("format", "for|mat", "a"), RenameError::NoName);
    assert_eq!(refused("\"input ->", "\"inp|ut ->", "a"), RenameError::NoName);
}

#[test]
fn recordings_are_not_read_and_not_missed() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("room.wav"), "no audio at all").unwrap();
    let text = "Graph(format: 1, assets: { room: \"room.wav\" }, nodes: { verb: Convolver(asset: \"room\") },\n wires: [\"input -> verb -> output\"])";
    std::fs::write(folder.path().join("a.ron"), text).unwrap();
    let loader = deadwax_graph::Folder::new(folder.path());
    let world = World { registry: &REGISTRY, loader: &loader, shipped: &[] };
    let checked = check(&world, "a.ron");
    assert_eq!(checked.diagnostics, []);
    assert!(checked.plan.is_some());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever a text is while it is written, every question has an answer at every place, and no answer is a panic.
    #[test]
    fn no_text_however_broken_does_harm(
        cut in 0_usize..1100,
        put in prop::sample::select(vec!["", "\"", "(", ")", "}", "]", ",", ":", ".", "->", "𝄞", "\\", "/*", "'", "r#\""]),
        gone in 0_usize..40,
    ) {
        let text = around("eq: Equalizer(bands: { air: Bell(freq_hz: 900) }),");
        let floor = |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap();
        let (start, end) = (floor(cut), floor(cut + gone));
        let broken = format!("{}{put}{}", &text[..start], &text[end..]);
        let files = files();
        let world = World { registry: &REGISTRY, loader: &files, shipped: &[] };
        let near = start.saturating_sub(3)..=(start + put.len() + 3).min(broken.len());
        for offset in near.filter(|at| broken.is_char_boundary(*at)) {
            for one in complete(&broken, offset, &world) {
                prop_assert!(one.replaces.start <= one.replaces.end && one.replaces.end <= broken.len());
                prop_assert!(broken.get(one.replaces).is_some());
            }
            if let Some(told) = hover(&broken, offset, &world, None) {
                prop_assert!(broken.get(told.span).is_some());
            }
            let _ = definition(&broken, offset, &world);
            for span in references(&broken, offset, true) {
                prop_assert!(broken.get(span).is_some());
            }
            let _ = rename(&broken, offset, "new", &world);
        }
        let _ = check(&World { registry: &REGISTRY, loader: &Memory::new().with("a.ron", &*broken), shipped: &[] }, "a.ron");
    }
}
