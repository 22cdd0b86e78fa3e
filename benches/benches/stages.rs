//! What a changed number costs when the stages in front of it are kept: a long graph over a minute of music, rendered from nothing,
//! for the first time with stages, and again with one number changed late, in the middle and early. Seconds of wall time of whole
//! renders, decoding and writing included, without measurements; the best of three.
//!
//! `cargo bench -p deadwax-benches --bench stages`

#![allow(clippy::print_stdout, missing_docs, reason = "a bench prints")]

use deadwax::{Existing, Graph, Job, Overrides, RecipePlace, Settings, Stages, load, registry, render};
use deadwax_benches::RATE_HZ;
use deadwax_graph::Memory;
use deadwax_measure::signals::Music;
use deadwax_tests::write_wav;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

const SECONDS: f64 = 60.0;

/// Twenty nodes: what is broken is mended, three bands go their ways, and the delivered file has its loudness.
const GRAPH: &str = "Graph(format: 1, nodes: {
    clicks: DeClick, hum: DeHum, hiss: DeNoise(profile: Adaptive), middle: DcRemove,
    linear: Equalizer(phase: Linear, bands: { air: HighShelf(freq_hz: 9000, gain_db: 1) }),
    esses: DeEsser, split: Crossover(freqs_hz: [120, 2500], phase: Linear),
    centre: Width(amount: 0), low: Compressor(ratio: 2), mid: Compressor(ratio: 1.5), wide: Width(amount: 1.1),
    warm: Saturator(drive_db: 2), sum: Mix, tape: Tape, tone: Equalizer(bands: { body: LowShelf(freq_hz: 200, gain_db: 0.5) }),
    glue: Compressor(ratio: 1.5), punch: TransientShaper, side: BassMono,
    level: Loudness(target_lufs: -14), peak: Limiter(ceiling_dbtp: -1),
}, wires: [
    \"input -> clicks -> hum -> hiss -> middle -> linear -> esses -> split\",
    \"split.low -> centre -> low -> sum\", \"split.mid -> mid -> sum\", \"split.high -> wide -> warm -> sum\",
    \"sum -> tape -> tone -> glue -> punch -> side -> level -> peak -> output\",
])";

fn graph(set: Option<(&str, String)>) -> Graph {
    let values = set.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    let loader = Memory::new().with("long.ron", GRAPH);
    load(&registry(), &loader, "long.ron", &Overrides { preset: None, values }).expect("the graph is sound")
}

/// Seconds of a render, and how many nodes ran.
fn timed(folder: &Path, graph: &Graph, stages: Option<&Stages>) -> (f64, usize) {
    let job = Job { input: folder.join("mix.wav"), output: folder.join("out.wav") };
    let settings = Settings {
        existing: Existing::Replace,
        recipe: RecipePlace::None,
        measure: false,
        stages: stages.cloned(),
        ..Settings::default()
    };
    let begun = Instant::now();
    let outcome = render(graph, &job, &settings, &AtomicBool::new(false), &|_| {}).expect("it renders");
    (begun.elapsed().as_secs_f64(), outcome.plan.nodes.len() - outcome.reused.len())
}

fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let music = Music { rate_hz: f64::from(RATE_HZ), seconds: SECONDS, seed: 1 }.render();
    write_wav(&folder.path().join("mix.wav"), RATE_HZ, &music.to_vec());
    let stages = Stages::new(folder.path().join("stages"));
    println!("| | s | of a render from nothing | nodes that ran |\n|---|---:|---:|---:|");
    let cold = (0..3).map(|_| timed(folder.path(), &graph(None), None).0).fold(f64::INFINITY, f64::min);
    let row = |name: &str, (seconds, ran): (f64, usize)| {
        println!("| {name} | {seconds:.2} | {:.0} % | {ran} |", 100.0 * seconds / cold);
    };
    row("from nothing", (cold, 20));
    row("the first time with stages", timed(folder.path(), &graph(None), Some(&stages)));
    for (name, key, from) in [
        ("`peak.ceiling_dbtp`, the last of twenty", "peak.ceiling_dbtp", -1.1),
        ("`glue.ratio`, the sixteenth", "glue.ratio", 1.6),
        ("`low.ratio`, one band of three", "low.ratio", 2.1),
        ("`hiss.reduction_db`, the third", "hiss.reduction_db", 11.0),
    ] {
        // Another number each time: the same again would be known.
        let times = (1..=3).map(|n| {
            let value = format!("{}", from + f64::from(n) * 0.01);
            timed(folder.path(), &graph(Some((key, value))), Some(&stages))
        });
        row(name, times.min_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or_default());
    }
}
