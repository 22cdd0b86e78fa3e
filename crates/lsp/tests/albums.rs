//! Help with albums: asked at the `|` of a text.

use deadwax_album::parts::ALBUM;
use deadwax_graph::Memory;
use deadwax_lsp::album::check::check;
use deadwax_lsp::album::completion::complete;
use deadwax_lsp::album::hover::hover;
use deadwax_lsp::album::names::{definition, occurrences, references, rename};
use deadwax_lsp::completion::Suggestion;
use deadwax_lsp::edits::Change;
use deadwax_lsp::names::{RenameError, Target};
use deadwax_lsp::outline::World;
use deadwax_lsp::symbols::symbols;
use deadwax_node::Registry;
use proptest::prelude::*;
use std::sync::LazyLock;

static REGISTRY: LazyLock<Registry> = LazyLock::new(deadwax_nodes::registry);

const HOUSE: &str = "Graph(format: 1, params: { drive: Param(sets: [\"g.gain_db\"], max: 6, help: \"how hot\") },\n\
                     presets: { hot: { drive: 3 } }, nodes: { g: Gain }, wires: [\"input -> g -> output\"])";

const PLAIN: &str = "Graph(format: 1, params: { level: Param(sets: [\"g.gain_db\"], help: \"how loud\") },\n\
                     nodes: { g: Gain }, wires: [\"input -> g -> output\"])";

const TEXT: &str = r#"// 𝄞 first
Album(
    format: 1,
    about: (title: "Run-out"),
    graph: "house.ron",
    tracks: {
        one: Track(title: "Opening", source: "mixes/01.wav", set: { drive: 2 }),
        "run-in": Track(title: "Run-in", source: Source(path: "mixes/02.wav"), versions: { live: "mixes/02l.wav" }),
        coda: Track(source: "mixes/03.wav", graph: "plain"),
    },
    layout: ["one", Gap(Seconds(2)), Track("run-in")],
    deliver: {
        stream: Tracks(format: Wav(bits: 24), check: ["spotify"]),
        live: Tracks(version: "live"),
    },
)
"#;

fn ask<T>(text: &str, answer: impl FnOnce(&str, usize, &World<'_>) -> T) -> T {
    let offset = text.find('|').expect("a place to ask at");
    let text = text.replacen('|', "", 1);
    let files = Memory::new().with("house.ron", HOUSE).with("album.ron", &*text);
    answer(&text, offset, &World { registry: &REGISTRY, loader: &files, shipped: &[("plain", PLAIN)] })
}

/// The album with something else in it, where the `|` is.
fn with(from: &str, to: &str) -> String {
    assert!(TEXT.contains(from), "{from}");
    TEXT.replacen(from, to, 1)
}

fn suggestions(text: &str) -> Vec<Suggestion> {
    ask(text, complete)
}

fn labels(text: &str) -> Vec<String> {
    suggestions(text).into_iter().map(|one| one.label).collect()
}

fn suggested(text: &str, label: &str) -> Suggestion {
    let all = suggestions(text);
    all.iter().find(|one| one.label == label).unwrap_or_else(|| panic!("no {label} among {all:#?}")).clone()
}

fn told(text: &str) -> String {
    ask(text, hover).unwrap_or_else(|| panic!("nothing is told: {text}")).text
}

#[test]
fn parts_are_suggested_where_they_may_stand_and_only_once() {
    assert_eq!(labels(&with("    graph:", "    |\n    graph:")), ["rate_hz", "loudness", "preset"]);
    let track = labels(&with("source: \"mixes/01.wav\"", "|, source: \"mixes/01.wav\""));
    assert!(track.contains(&"isrc".into()) && track.contains(&"fade_out".into()), "{track:?}");
    assert!(
        !track.contains(&"title".into())
            && !track.contains(&"source".into())
            && !track.contains(&"set".into())
    );
    let gain = suggested(&with("title: \"Opening\"", "off|"), "offset_db");
    assert_eq!((gain.insert.as_str(), gain.detail.as_str()), ("offset_db: 0", "-40 … 40 dB"));
    assert_eq!(gain.replaces.len(), 3);
    assert!(gain.help.contains("louder") && gain.help.contains("default `0`"), "{}", gain.help);
    assert_eq!(labels(&with("Wav(bits: 24)", "Match(|")), [""; 0], "no format is called so");
    assert_eq!(labels(&with("Wav(bits: 24)", "Wav(|)")), ["bits"]);
    assert_eq!(
        labels(&with("    graph:", "    loudness: Match(|),\n    graph:"))[..2],
        ["target_lufs", "tolerance_lu"]
    );
    assert_eq!(labels(&with("Seconds(2)", "Seconds(2)), Cross(|)")), ["length", "curve", "mark"]);
    assert_eq!(labels(&with("title: \"Opening\"", "trim: (|)")), ["head", "tail"]);
    assert_eq!(labels(&with("title: \"Opening\"", "// |")), [""; 0]);
}

#[test]
fn values_are_suggested_as_the_table_has_them() {
    assert_eq!(
        labels(&with("    graph:", "    loudness: |,\n    graph:")),
        ["AsMastered", "KeepRelative", "Match"]
    );
    assert_eq!(labels(&with("title: \"Opening\"", "interlude: |")), ["true", "false"]);
    assert_eq!(labels(&with("bits: 24", "bits: |")), ["16", "24", "32"]);
    assert_eq!(
        labels(&with("title: \"Opening\"", "fade_in: Fade(curve: |)")),
        ["Smooth", "Linear", "EqualPower", "Log"]
    );
    assert_eq!(labels(&with("title: \"Opening\"", "offset_db: |")), ["0"]);
    assert_eq!(
        labels(&with("version: \"live\"", "dither: |")),
        ["Tpdf", "Mild", "Balanced", "Deep", "Round"]
    );
    let kinds = labels(&with("Tracks(version: \"live\")", "|"));
    assert_eq!(kinds, ["Tracks", "Disc", "Sides"]);
    let sides = suggested(&with("Tracks(version: \"live\")", "Si|"), "Sides");
    assert_eq!(sides.insert, "Sides(medium: Lp12())");
    let track = suggested(&with("Track(source: \"mixes/03.wav\", graph: \"plain\")", "|"), "Track");
    assert_eq!(track.snippet.as_deref(), Some("Track(${1:source: \"\"})"));
    assert_eq!(labels(&with("Seconds(2)", "|")), ["Seconds", "Samples", "CdFrames"]);
}

#[test]
fn names_are_suggested_inside_quotes_and_with_quotes() {
    // Tracks that have no place yet come first; steps of other sorts are there where no quote is open.
    assert_eq!(labels(&with("\"one\",", "\"|\",")), ["one", "coda", "run-in"]);
    assert_eq!(labels(&with("Track(\"run-in\")", "Track(\"|\")")), ["run-in", "coda", "one"]);
    let step = suggestions(&with("\"one\",", "|,"));
    let inserts: Vec<&str> = step.iter().map(|one| one.insert.as_str()).collect();
    assert_eq!(inserts[..3], ["\"one\"", "\"coda\"", "\"run-in\""]);
    assert!(inserts.contains(&"Gap(Seconds(0))") && inserts.contains(&"Side(\"\")"), "{inserts:?}");
    assert_eq!(labels(&with("version: \"live\"", "version: \"|\"")), ["live"]);
    assert!(labels(&with("\"spotify\"", "\"|\"")).contains(&"spotify".into()));
    assert!(labels(&with("\"plain\"", "\"|\"")).contains(&"plain".into()));
    assert_eq!(labels(&with("title: \"Opening\"", "preset: \"|\"")), ["hot"]);
    assert_eq!(labels(&with("\"Opening\"", "\"|\"")), [""; 0], "a title is for people");
}

#[test]
fn params_are_those_of_the_tracks_graph() {
    let drive = suggested(&with("{ drive: 2 }", "{ | }"), "drive");
    assert_eq!(drive.insert, "drive: 0");
    assert!(drive.help.contains("how hot"), "{}", drive.help);
    assert_eq!(labels(&with("graph: \"plain\"", "graph: \"plain\", set: { | }")), ["level"]);
    assert_eq!(labels(&with("drive: 2", "drive: |")), ["0"]);
    assert!(told(&with("{ drive: 2 }", "{ dri|ve: 2 }")).contains("how hot"));
}

#[test]
fn hover_tells_what_a_part_means_with_its_range_and_default() {
    assert!(told(&with("title: \"Opening\"", "offset|_db: 1")).contains("-40 … 40 dB · default `0`"));
    assert!(told(&with("title: \"Opening\"", "offset_db: 1|")).contains("-40 … 40 dB"));
    assert!(told(&with("    graph:", "    gra|ph:")).contains("every track that names none"));
    assert!(
        told(&with("    graph:", "    loudness: Ma|tch(target_lufs: -16),\n    graph:"))
            .contains("by gain alone")
    );
    assert!(told(&with("Track(title: \"Opening\"", "Tra|ck(title: \"Opening\"")).contains("`source`"));
    assert!(told(&with("Wav(", "Wa|v(")).contains("bits"));
    assert!(told(&TEXT.replacen("Album(", "Alb|um(", 1)).contains("`layout`"));
    for place in [with("[\"one\"", "[\"o|ne\""), with("        one:", "        o|ne:")] {
        let track = told(&place);
        assert!(track.contains("Opening") && track.contains("mixes/01.wav"), "{track}");
    }
    assert!(told(&with("Track(\"run-in\")", "Track(\"run-|in\")")).contains("mixes/02.wav"));
    assert!(ask(&with("// 𝄞 first", "// 𝄞 fi|rst"), hover).is_none());
}

#[test]
fn a_track_is_found_and_gets_another_name_everywhere() {
    let found = |text: &str| ask(text, definition);
    let Some(Target::Here(span)) = found(&with("[\"one\"", "[\"o|ne\"")) else { panic!() };
    assert_eq!(span.start, TEXT.find("one: Track").unwrap());
    let Some(Target::Here(span)) = found(&with("version: \"live\"", "version: \"li|ve\"")) else { panic!() };
    assert_eq!(&TEXT[span.clone()], "live");
    assert!(span.start < TEXT.find("layout").unwrap());
    let applied = |text: &str, new: &str| -> Result<String, RenameError> {
        let changes: Vec<Change> = ask(text, |text, offset, _| rename(text, offset, new))?;
        let plain = text.replacen('|', "", 1);
        Ok(changes.iter().rev().fold(plain, |text, change| change.apply(&text)))
    };
    for place in [with("[\"one\"", "[\"o|ne\""), with("        one:", "        |one:")] {
        assert_eq!(
            applied(&place, "first").unwrap(),
            TEXT.replace("one: Track", "first: Track").replace("\"one\"", "\"first\"")
        );
        // A name that needs quotes gets them where it has none.
        assert_eq!(
            applied(&place, "the-1st").unwrap(),
            TEXT.replace("one: Track", "\"the-1st\": Track").replace("\"one\"", "\"the-1st\"")
        );
        assert_eq!(applied(&place, "coda"), Err(RenameError::Taken { name: "coda".into() }));
        assert_eq!(applied(&place, "One"), Err(RenameError::BadTrack { name: "One".into() }));
    }
    assert_eq!(applied(&with("\"Opening\"", "\"Open|ing\""), "x"), Err(RenameError::NoName));
    assert_eq!(references(TEXT, TEXT.find("run-in").unwrap(), true).len(), 2);
    assert_eq!(references(TEXT, TEXT.find("run-in").unwrap(), false).len(), 1);
    assert_eq!(occurrences(TEXT).len(), 7);
}

#[test]
fn what_is_wrong_in_the_document_and_in_what_it_sets_is_told() {
    let wrong = |text: &str| -> Vec<(String, String)> {
        let checked = ask(&format!("{text}|"), |_, _, world| check(world, "album.ron"));
        let told = checked.diagnostics.iter().filter(|one| one.is_error());
        told.map(|one| {
            let (_, span) = one.at.clone().unwrap();
            (one.code.to_string(), text[span].to_owned())
        })
        .collect()
    };
    assert_eq!(wrong(TEXT), []);
    for (from, to, code, at) in [
        ("[\"one\"", "[\"two\"", "DW0702", "\"two\""),
        ("\"spotify\"", "\"spotfy\"", "DW0532", "\"spotfy\""),
        ("drive: 2", "drve: 2", "DW0113", "drve"),
        ("drive: 2", "drive: 200", "DW0103", "drive"),
        ("\"plain\"", "\"plian\"", "DW0501", "\"plian\""),
        ("\"house.ron\"", "\"hous.ron\"", "DW0501", "\"hous.ron\""),
        ("title: \"Opening\"", "preset: \"cold\"", "DW0115", "\"cold\""),
    ] {
        assert_eq!(wrong(&with(from, to)), [(code.to_owned(), at.to_owned())]);
    }
}

#[test]
fn the_outline_has_the_parts_and_what_is_called_by_a_name() {
    let all = symbols(TEXT);
    let names: Vec<&str> = all.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["format", "about", "graph", "tracks", "layout", "deliver"]);
    let tracks: Vec<(&str, &str)> =
        all[3].inside.iter().map(|one| (one.name.as_str(), one.detail.as_str())).collect();
    assert_eq!(tracks, [("one", "Opening"), ("run-in", "Run-in"), ("coda", "Track")]);
    assert_eq!(&TEXT[all[3].inside[0].name_span.clone()], "one");
    let graph =
        symbols("Graph(format: 1, nodes: { a: Gain, b: Equalizer(bands: { air: Bell() }) }, wires: []");
    assert_eq!((graph[1].inside[1].name.as_str(), graph[1].inside[1].inside[0].name.as_str()), ("b", "air"));
}

#[test]
fn every_part_of_the_table_is_suggested_in_its_place_and_told() {
    for part in ALBUM.parts() {
        let text = format!("Album({}|", &part.name[..1]);
        let one = suggested(&text, part.name);
        let whole = format!("Album({}: {})", part.name, part.start());
        assert!(whole.contains(&one.insert), "{}", one.insert);
        let at = format!("Album(|{}: {})", part.name, part.start());
        assert!(told(&at).contains(part.help), "{}", part.name);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// In a text that is broken anywhere: answers, and spans that are in the text.
    #[test]
    fn any_place_of_any_broken_album_is_answered(at in 0..TEXT.len(), end in 0..TEXT.len(), with in "[a-z\"({,:})|]{0,3}", place in any::<prop::sample::Index>()) {
        let near = |mut at: usize| { while !TEXT.is_char_boundary(at) { at -= 1; } at };
        let (at, end) = (near(at.min(end)), near(at.max(end).min(at + 12)));
        let mut text = TEXT.to_owned();
        text.replace_range(at..end.max(at), &with);
        let mut offset = place.index(text.len() + 1);
        while !text.is_char_boundary(offset) { offset -= 1; }
        let files = Memory::new().with("house.ron", HOUSE).with("album.ron", &*text);
        let world = World { registry: &REGISTRY, loader: &files, shipped: &[("plain", PLAIN)] };
        for one in complete(&text, offset, &world) {
            prop_assert!(text.get(one.replaces.clone()).is_some(), "{:?}", one);
        }
        if let Some(told) = hover(&text, offset, &world) {
            prop_assert!(text.get(told.span).is_some());
        }
        let _ = definition(&text, offset, &world);
        for span in references(&text, offset, true) {
            prop_assert!(text.get(span).is_some());
        }
        let _ = check(&world, "album.ron");
        let _ = symbols(&text);
    }
}
