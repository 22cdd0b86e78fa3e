//! A version promises sound: what changed between two versions of a template says how big the step must be.

#![allow(clippy::disallowed_methods, reason = "an independent reference")]

use deadwax::promise::{HearError, Promise, SAME_DBFS, Step, hear, promise};
use deadwax::{Errors, Graph, Overrides, load, registry};
use deadwax_graph::Memory;
use deadwax_measure::signals::{Demo, demos};

/// Two of them are enough to tell sounds apart, and quick.
fn two() -> Vec<Demo> {
    demos().into_iter().filter(|demo| ["drums and bass", "worn record"].contains(&demo.name)).collect()
}

fn graph(text: &str) -> impl Fn(&Overrides) -> Result<Graph, Errors> {
    let loader = Memory::new().with("graph.ron", text);
    move |overrides| load(&registry(), &loader, "graph.ron", overrides)
}

const GLUE: &str = r#"Graph(
    format: 1,
    about: (name: "glue", version: "1.0.0"),
    params: { ratio: Param(sets: ["glue.ratio"], min: 1, max: 4) },
    presets: { "firm": { ratio: 3 } },
    nodes: { glue: Compressor(threshold_db: -24, ratio: 2), trim: Gain(gain_db: 0) },
    wires: ["input -> glue -> trim -> output"],
)"#;

fn from_glue_to(changes: &[(&str, &str)]) -> Promise {
    let mut text = GLUE.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    promise(&graph(GLUE), &graph(&text), &two()).expect("both run")
}

fn whats(promise: &Promise) -> Vec<&str> {
    promise.reasons.iter().map(|reason| reason.what.as_str()).collect()
}

#[test]
fn words_and_what_nobody_hears_are_a_patch() {
    for changes in [
        &[("\"1.0.0\"", "\"1.0.1\", title: \"Glue\"")][..],
        &[("nodes: {", "nodes: { /* all of them */")],
        &[("gain_db: 0", "gain_db: 0.00001")],
    ] {
        let promise = from_glue_to(changes);
        assert_eq!(promise.needed(), Step::Patch, "{:?}", promise.reasons);
    }
}

#[test]
fn what_is_new_to_turn_is_a_minor_step() {
    for (changes, what) in [
        (
            [(") },\n    presets", "), more: Param(sets: [\"trim.gain_db\"]) },\n    presets")],
            "the param `more` is new",
        ),
        ([("max: 4", "max: 6")], "`ratio` goes from 1 to 6, further than before"),
        ([("{ \"firm\"", "{ \"soft\": { ratio: 1.2 }, \"firm\"")], "the preset \"soft\" is new"),
        ([("-> output\"", "-> output\", \"glue -> output.raw\"")], "the output `raw` is new"),
    ] {
        let promise = from_glue_to(&changes);
        assert_eq!((promise.needed(), whats(&promise)), (Step::Minor, vec![what]));
    }
}

#[test]
fn what_is_gone_or_sounds_different_is_a_major_step() {
    for (changes, what) in [
        ([("ratio: Param", "hold: Param"), ("{ ratio: 3 }", "{ hold: 3 }")], "the param `ratio` is gone"),
        ([("max: 4", "max: 3"), ("min: 1", "min: 1")], "`ratio` went from 1 to 4, and goes from 1 to 3"),
        ([("\"firm\"", "\"hard\""), ("min: 1", "min: 1")], "the preset \"firm\" is gone"),
        ([("gain_db: 0", "gain_db: 0.01"), ("min: 1", "min: 1")], "at its defaults it sounds different"),
        ([("ratio: 3", "ratio: 3.5"), ("min: 1", "min: 1")], "with the preset \"firm\" it sounds different"),
    ] {
        let promise = from_glue_to(&changes);
        assert_eq!(promise.needed(), Step::Major, "{what}");
        assert!(
            promise.beyond(Step::Minor).any(|reason| reason.what.starts_with(what)),
            "{:?}",
            promise.reasons
        );
    }
}

#[test]
fn a_difference_is_measured_where_it_is_highest() {
    // A gain g on a programme leaves (g − 1) of it: at the loudest 50 ms, and nowhere more.
    let promise = from_glue_to(&[("gain_db: 0", "gain_db: 0.01")]);
    let said = &promise.reasons[0].what;
    let level: f64 =
        said.split(": ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap().parse().unwrap();
    let sound = hear(&graph(GLUE)(&Overrides::none()).unwrap(), &two()).unwrap();
    let loudest = sound.iter().filter_map(deadwax::promise::Sound::after).flat_map(|(rate, channels)| {
        let stretch = rate as usize / 20;
        channels.iter().flat_map(move |channel| {
            channel.chunks(stretch).map(|part| part.iter().map(|x| x * x).sum::<f64>() / part.len() as f64)
        })
    });
    let loudest = loudest.fold(0.0, f64::max);
    let expected = 10.0 * loudest.log10() + 20.0 * (10_f64.powf(0.01 / 20.0) - 1.0).log10();
    assert!((level - expected).abs() < 0.06, "{level} dBFS, expected {expected}");
    assert!(level > SAME_DBFS);
}

#[test]
fn figures_tell_what_a_graph_does_to_the_demo_signals() {
    let louder = GLUE.replace("Compressor(threshold_db: -24, ratio: 2)", "Gain(gain_db: -6)").replace(
        "params: { ratio: Param(sets: [\"glue.ratio\"], min: 1, max: 4) },\n    presets: { \"firm\": { ratio: 3 } },",
        "",
    );
    for sound in hear(&graph(&louder)(&Overrides::none()).unwrap(), &demos()).unwrap() {
        let figures = sound.figures();
        let change = figures.after.integrated_lufs.unwrap() - figures.before.integrated_lufs.unwrap();
        assert!((change + 6.0).abs() < 0.02, "{figures:?}");
        assert!(figures.tone_db.iter().all(|(_, change)| change.abs() < 0.02), "{figures:?}");
        assert_eq!(figures.after.side_to_mid_db, figures.before.side_to_mid_db);
    }
    let bright = louder
        .replace("Gain(gain_db: -6)", "Equalizer(bands: { top: HighShelf(freq_hz: 2000, gain_db: 6) })");
    for sound in hear(&graph(&bright)(&Overrides::none()).unwrap(), &demos()).unwrap() {
        let tone = sound.figures().tone_db;
        assert!((tone[2].1 - tone[0].1 - 6.0).abs() < 0.3, "{tone:?}");
    }
}

#[test]
fn a_template_that_does_not_run_says_why() {
    let broken = GLUE.replace("ratio: 2", "ratio: 200");
    let error = promise(&graph(GLUE), &graph(&broken), &two()).expect_err("a ratio of 200");
    assert!(matches!(&error, HearError::Graph(errors) if !errors.diagnostics.is_empty()), "{error}");
}
