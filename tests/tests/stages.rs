//! Kept stages: what is made of them is what would be made without them, to the byte; and only what changed runs again.

use deadwax::{
    BUILT_IN, Existing, Graph, GraphRef, Job, Outcome, Overrides, Settings, Stages, load, registry, render,
};
use deadwax_graph::Memory;
use deadwax_tests::{mix, write_wav};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

const RATE: u32 = 48_000;

fn run(folder: &Path, graph: &Graph, stages: Option<&Stages>) -> (Vec<u8>, Outcome) {
    let job = Job { input: folder.join("mix.wav"), output: folder.join("out.wav") };
    let settings = Settings {
        existing: Existing::Replace,
        measure: false,
        stages: stages.cloned(),
        ..Settings::default()
    };
    let outcome = render(graph, &job, &settings, &AtomicBool::new(false), &|_| {}).unwrap();
    (std::fs::read(folder.join("out.wav")).unwrap(), outcome)
}

fn told(outcome: &Outcome) -> serde_json::Value {
    let reports: Vec<_> = outcome.reports.iter().map(|(name, report)| (name, report.to_json())).collect();
    serde_json::json!([reports, outcome.lessons])
}

fn graph(text: &str, values: &[(&str, &str)]) -> Graph {
    let values = values.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let loader = Memory::new().with("a.ron", text);
    load(&registry(), &loader, "a.ron", &Overrides { preset: None, values }).unwrap()
}

fn folder(seconds: f64) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write_wav(&folder.path().join("mix.wav"), RATE, &mix(RATE, seconds));
    folder
}

/// A long graph with a side chain, two paths, a late node, and something that hears the whole first.
const LONG: &str = "Graph(format: 1, nodes: {
    hiss: DeNoise(profile: Adaptive),
    linear: Equalizer(phase: Linear, bands: { air: HighShelf(freq_hz: 9000, gain_db: 1) }),
    split: Crossover(freqs_hz: [200], phase: Linear),
    low: Compressor(ratio: 2), high: Saturator(drive_db: 3, oversampling: X4), sum: Mix,
    glue: Compressor(ratio: 1.5),
    level: Loudness(target_lufs: -16), peak: Limiter(ceiling_dbtp: -1),
}, wires: [
    \"input -> hiss -> linear -> split\", \"split.low -> low -> sum\", \"split.high -> high -> sum\",
    \"sum -> glue -> level -> peak -> output\", \"input -> glue.key\",
])";

#[test]
fn whatever_changes_the_bytes_are_those_of_a_render_from_nothing() {
    let folder = folder(4.0);
    let stages = Stages::new(folder.path().join("stages"));
    let (first, cold) = run(folder.path(), &graph(LONG, &[]), Some(&stages));
    assert!(cold.reused.is_empty() && first == run(folder.path(), &graph(LONG, &[]), None).0);
    for (key, value) in [
        ("peak.ceiling_dbtp", "-2"),
        ("level.target_lufs", "-18"),
        ("glue.ratio", "3"),
        ("high.drive_db", "6"),
        ("low.on", "false"),
        ("linear.bands.air.gain_db", "2"),
        ("hiss.reduction_db", "6"),
    ] {
        let changed = graph(LONG, &[(key, value)]);
        let (expected, cold) = run(folder.path(), &changed, None);
        let (bytes, warm) = run(folder.path(), &changed, Some(&stages));
        assert!(bytes == expected, "{key}");
        assert_eq!(told(&warm), told(&cold), "{key}: what nodes tell is the same, though some did not run");
        let node = key.split('.').next().unwrap().to_owned();
        assert!(!warm.reused.contains(&node), "{key}");
        let runs_late = ["peak.ceiling_dbtp", "level.target_lufs", "glue.ratio"].contains(&key);
        assert!(!runs_late || warm.reused.contains(&"hiss".to_owned()), "{key}: {:?}", warm.reused);
    }
    // And back again: everything is known.
    let (bytes, warm) = run(folder.path(), &graph(LONG, &[]), Some(&stages));
    assert!(bytes == first && warm.reused.len() >= 5, "{:?}", warm.reused);
}

#[test]
fn every_shipped_graph_renders_the_same_from_kept_stages() {
    let folder = folder(3.0);
    let stages = Stages::new(folder.path().join("stages"));
    let mut reused = 0;
    for (name, _) in BUILT_IN {
        let graph = GraphRef::parse(name).unwrap().load(&registry(), &Overrides::none()).unwrap();
        let (expected, cold) = run(folder.path(), &graph, None);
        for _ in 0..2 {
            let (bytes, warm) = run(folder.path(), &graph, Some(&stages));
            assert!(bytes == expected, "{name}");
            assert_eq!(told(&warm), told(&cold), "{name}");
            reused += usize::from(!warm.reused.is_empty());
        }
    }
    assert!(reused > BUILT_IN.len() / 3, "only {reused} graphs had anything worth keeping");
}

#[test]
fn another_programme_or_another_stretch_of_it_reuses_nothing() {
    let folder = folder(4.0);
    let stages = Stages::new(folder.path().join("stages"));
    let text = graph(LONG, &[]);
    run(folder.path(), &text, Some(&stages));
    write_wav(&folder.path().join("mix.wav"), RATE, &mix(RATE, 3.0));
    let (bytes, warm) = run(folder.path(), &text, Some(&stages));
    assert!(warm.reused.is_empty());
    assert!(bytes == run(folder.path(), &text, None).0);
}

fn frames(stages: &Stages) -> Vec<PathBuf> {
    let files = std::fs::read_dir(stages.folder()).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|ending| ending == "frames")).collect()
}

#[test]
fn a_stage_that_is_not_whole_is_made_again() {
    let folder = folder(2.0);
    let stages = Stages::new(folder.path().join("stages"));
    let text = graph(LONG, &[]);
    let (expected, _) = run(folder.path(), &text, Some(&stages));
    for path in frames(&stages) {
        let file = std::fs::File::options().write(true).open(path).unwrap();
        file.set_len(file.metadata().unwrap().len() - 8).unwrap();
    }
    let (bytes, warm) = run(folder.path(), &text, Some(&stages));
    assert!(bytes == expected && warm.reused.is_empty());
    for path in std::fs::read_dir(stages.folder()).unwrap() {
        let path = path.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "json") {
            std::fs::write(path, "no JSON").unwrap();
        }
    }
    let (bytes, warm) = run(folder.path(), &text, Some(&stages));
    assert!(bytes == expected && warm.reused.is_empty());
}

#[test]
fn the_oldest_stages_go_and_a_full_folder_stops_nothing() {
    let folder = folder(2.0);
    let text = graph(LONG, &[]);
    let expected = run(folder.path(), &text, None).0;
    let stage = 2 * u64::from(RATE) * 2 * 8;
    let stages = Stages::new(folder.path().join("stages")).with_room(2 * stage + 1000);
    for target in ["-14", "-15", "-16"] {
        run(folder.path(), &graph(LONG, &[("linear.bands.air.gain_db", target)]), Some(&stages));
        assert!(frames(&stages).len() <= 2, "{:?}", frames(&stages));
    }
    let none = Stages::new(folder.path().join("none")).with_room(10);
    let (bytes, _) = run(folder.path(), &text, Some(&none));
    assert!(bytes == expected && frames(&none).is_empty());
    // No folder can be made there.
    let nowhere = Stages::new(folder.path().join("mix.wav/stages"));
    assert!(run(folder.path(), &text, Some(&nowhere)).0 == expected);
    stages.clear().unwrap();
    assert_eq!(stages.bytes(), 0);
}

#[test]
fn a_render_that_fails_keeps_nothing() {
    let folder = folder(2.0);
    let stages = Stages::new(folder.path().join("stages"));
    let job = Job { input: folder.path().join("mix.wav"), output: folder.path().join("out.wav") };
    let settings = Settings { stages: Some(stages.clone()), ..Settings::default() };
    let cancel = AtomicBool::new(true);
    assert!(render(&graph(LONG, &[]), &job, &settings, &cancel, &|_| {}).is_err());
    assert!(frames(&stages).is_empty());
    assert_eq!(stages.bytes(), 0);
}

#[test]
fn what_a_killed_render_left_behind_goes_after_a_day() {
    let folder = folder(1.0);
    let stages = Stages::new(folder.path().join("stages"));
    std::fs::create_dir_all(stages.folder()).unwrap();
    let left = |name: &str, hours: u64| {
        let path = stages.folder().join(name);
        std::fs::write(&path, "half a stage").unwrap();
        let then = std::time::SystemTime::now() - std::time::Duration::from_secs(hours * 3600);
        std::fs::File::options().write(true).open(&path).unwrap().set_modified(then).unwrap();
        path
    };
    let (old, young, other) = (left("a.part", 25), left("b.part", 1), left("mine.txt", 100));
    run(folder.path(), &graph(LONG, &[]), Some(&stages));
    assert!(!old.exists() && young.exists() && other.exists());
    stages.clear().unwrap();
    assert!(!young.exists() && other.exists(), "only what is ours");
}
