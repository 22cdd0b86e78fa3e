//! Hearing how loud the wires are changes no byte of a render, and says what is there.

use deadwax::{GraphRef, Job, Outcome, Overrides, Settings, registry, render};
use deadwax_graph::model::From;
use deadwax_tests::{mix, write_wav};
use std::path::Path;
use std::sync::atomic::AtomicBool;

fn run(folder: &Path, graph: &deadwax::Graph, levels: bool, block: usize) -> (Vec<u8>, Outcome) {
    let output = folder.join(format!("out-{levels}-{block}.wav"));
    let job = Job { input: folder.join("mix.wav"), output: output.clone() };
    let existing = deadwax::Existing::Replace;
    let settings = Settings { levels, block, existing, measure: false, ..Settings::default() };
    let outcome = render(graph, &job, &settings, &AtomicBool::new(false), &|_| {}).unwrap();
    (std::fs::read(output).unwrap(), outcome)
}

#[test]
fn meters_on_wires_change_no_byte_and_read_the_levels() {
    let folder = tempfile::tempdir().unwrap();
    let programme = mix(44_100, 4.0);
    write_wav(&folder.path().join("mix.wav"), 44_100, &programme);
    for name in ["three-band-glue", "phone", "cd", "mid-side-eq"] {
        let graph = GraphRef::parse(name).unwrap().load(&registry(), &Overrides::none()).unwrap();
        let (plain, without) = run(folder.path(), &graph, false, 2048);
        let (metered, with) = run(folder.path(), &graph, true, 2048);
        assert_eq!(plain, metered, "{name}");
        assert!(without.levels.is_empty());
        assert_eq!(without.plan, with.plan, "{name}: the plan told is the graph's own");
        assert_eq!(without.reports.len(), with.reports.len(), "{name}");
        let leave: std::collections::BTreeSet<From> = graph.wires.iter().map(|wire| wire.from).collect();
        assert_eq!(with.levels.keys().copied().collect::<std::collections::BTreeSet<_>>(), leave, "{name}");
        let power = programme.iter().flatten().map(|x| x * x).sum::<f64>() / (2 * programme[0].len()) as f64;
        let expected = deadwax_dsp::math::power_to_db(2.0 * power);
        let input = with.levels[&From::Input(0)].unwrap();
        assert!((input - expected).abs() < 1e-3, "{name}: {input} instead of {expected} dB");
        let (_, other) = run(folder.path(), &graph, true, 333);
        assert_eq!(other.levels, with.levels, "{name}: blocks change nothing");
        let drawing = deadwax::draw::svg(&graph, &with.levels);
        assert_eq!(drawing.matches("class=\"level\"").count(), leave.len(), "{name}");
    }
}
