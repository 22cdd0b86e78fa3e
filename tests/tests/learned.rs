//! What a node learns is kept beside the graph, edited, and used again; what does not fit is refused with its reason.

use deadwax::{
    Existing, Graph, GraphRef, Job, LearnError, Outcome, Overrides, RecipePlace, RenderError, Settings,
    lesson_places, registry, render, write_lessons,
};
use deadwax_measure::signals::Clicks;
use deadwax_tests::{mix, write_wav};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

const RATE_HZ: u32 = 44_100;

/// A folder with a graph and a programme with clicks.
fn folder(nodes: &str, wires: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let graph = format!(
        "// A transfer.\nGraph(\n    format: 1,\n    nodes: {{\n{nodes}    }},\n    wires: [{wires}],\n)\n"
    );
    std::fs::write(folder.path().join("side.ron"), graph).unwrap();
    write_wav(&folder.path().join("side.wav"), RATE_HZ, &broken(3));
    folder
}

fn clicks() -> tempfile::TempDir {
    folder("        clicks: DeClick(sensitivity: 5),\n", "\"input -> clicks -> output\"")
}

fn broken(seed: u64) -> Vec<Vec<f64>> {
    let mut channels = mix(RATE_HZ, 2.0);
    for (channel, samples) in channels.iter_mut().enumerate() {
        let clicks = Clicks::new(f64::from(RATE_HZ), 2.0, seed + channel as u64);
        samples.iter_mut().zip(&clicks.samples).for_each(|(sample, click)| *sample = (*sample + click) * 0.5);
    }
    channels
}

fn load(folder: &Path) -> Result<(GraphRef, Graph), Vec<String>> {
    let reference = GraphRef::File(folder.join("side.ron"));
    match reference.load(&registry(), &Overrides::none()) {
        Ok(graph) => Ok((reference, graph)),
        Err(errors) => {
            Err(errors.diagnostics.iter().map(|error| format!("{}: {}", error.code, error.message)).collect())
        }
    }
}

/// Renders a file of the folder; gives back the bytes of the master.
fn run(folder: &Path, graph: &Graph, mix: &str, workers: usize) -> Result<(Vec<u8>, Outcome), Vec<String>> {
    let output = folder.join("out.wav");
    let job = Job { input: folder.join(mix), output: output.clone() };
    let (existing, encoding) = (Existing::Replace, Some(deadwax::Encoding::Float32));
    // The recipe says which graph it was, and the graph names what was learnt from then on.
    let recipe = RecipePlace::None;
    let settings = Settings { measure: false, existing, workers, encoding, recipe, ..Settings::default() };
    let texts = |error: RenderError| {
        let found = error.diagnostics();
        let at = |error: &deadwax::diagnostic::Diagnostic| match &error.at {
            Some((file, span)) => {
                let (line, _) = graph.sources.line_column(*file, span.start);
                format!("{}:{line}", graph.sources.get(*file).map_or("", |source| &source.name))
            }
            None => String::new(),
        };
        found
            .iter()
            .map(|error| format!("{}: {} {}", error.code, error.message, at(error)))
            .collect::<Vec<_>>()
    };
    let outcome = render(graph, &job, &settings, &AtomicBool::new(false), &|_| {}).map_err(texts)?;
    Ok((std::fs::read(output).unwrap(), outcome))
}

/// Learns, and keeps it.
fn learn(folder: &Path) -> (Vec<u8>, Vec<PathBuf>) {
    let (reference, mut graph) = load(folder).unwrap();
    let places = lesson_places(&reference, &graph, Existing::Keep).unwrap();
    graph.lessons.clear();
    let (bytes, outcome) = run(folder, &graph, "side.wav", 2).unwrap();
    let kept = write_lessons(&folder.join("side.ron"), &places, &outcome.lessons, Existing::Keep).unwrap();
    (bytes, kept.into_iter().map(|place| place.path).collect())
}

#[test]
fn what_was_learnt_gives_the_same_bytes_again_with_any_number_of_workers() {
    let folder = clicks();
    let (bytes, kept) = learn(folder.path());
    assert_eq!(kept, [folder.path().join("side.clicks.ron")]);
    let text = std::fs::read_to_string(folder.path().join("side.ron")).unwrap();
    assert!(text.starts_with("// A transfer.\n") && text.contains("clicks: \"side.clicks.ron\""), "{text}");
    let (_, graph) = load(folder.path()).unwrap();
    for workers in [1, 2, 3] {
        let (again, outcome) = run(folder.path(), &graph, "side.wav", workers).unwrap();
        assert!(again == bytes, "{workers} workers");
        assert!(outcome.lessons.is_empty(), "nothing is learnt anew");
    }
}

#[test]
fn a_line_that_is_struck_is_a_click_that_stays() {
    let folder = clicks();
    let (bytes, kept) = learn(folder.path());
    let map = std::fs::read_to_string(&kept[0]).unwrap();
    let lines: Vec<&str> = map.lines().filter(|line| !line.contains("Click(")).collect();
    assert!(map.lines().count() - lines.len() > 20, "{map}");
    std::fs::write(&kept[0], lines.join("\n")).unwrap();
    let (_, graph) = load(folder.path()).unwrap();
    let (none, outcome) = run(folder.path(), &graph, "side.wav", 1).unwrap();
    assert_eq!(outcome.reports[0].1.to_json()["repaired"], 0);
    assert_ne!(none, bytes);
    let out = hound::WavReader::new(&*none).unwrap().into_samples::<f32>();
    let clean = hound::WavReader::open(folder.path().join("side.wav")).unwrap().into_samples::<i32>();
    for (out, clean) in out.zip(clean) {
        assert_eq!(out.unwrap(), clean.unwrap() as f32 / 8_388_608.0);
    }
}

#[test]
fn a_change_of_one_node_does_not_undo_what_another_has_learnt() {
    let nodes = "        clicks: DeClick(sensitivity: 5),\n        crackle: DeCrackle(strength: 5),\n";
    let folder = folder(nodes, "\"input -> clicks -> crackle -> output\"");
    let (_, kept) = learn(folder.path());
    let map = std::fs::read_to_string(&kept[0]).unwrap();
    let first = map.lines().position(|line| line.contains("Click(")).unwrap();
    let struck: Vec<&str> =
        map.lines().enumerate().filter(|(n, _)| *n != first).map(|(_, line)| line).collect();
    std::fs::write(&kept[0], struck.join("\n")).unwrap();
    let (_, graph) = load(folder.path()).unwrap();
    run(folder.path(), &graph, "side.wav", 2).unwrap();
}

#[test]
fn another_file_another_rate_another_number_of_channels_are_refused() {
    let folder = clicks();
    let (_, kept) = learn(folder.path());
    let there = folder.path();
    write_wav(&there.join("other.wav"), RATE_HZ, &broken(9));
    write_wav(&there.join("short.wav"), RATE_HZ, &mix(RATE_HZ, 1.0));
    write_wav(&there.join("rate.wav"), 48_000, &broken(3));
    write_wav(&there.join("mono.wav"), RATE_HZ, &vec![broken(3).remove(0)]);
    let (_, graph) = load(there).unwrap();
    for (mix, says) in [
        ("other.wav", "other samples"),
        ("short.wav", "that had 88200 frames, and here are 44100"),
        ("rate.wav", "that had 2 channels at 44100 Hz, and here are 2 at 48000 Hz"),
        ("mono.wav", "that had 2 channels at 44100 Hz, and here are 1 at 44100 Hz"),
    ] {
        let errors = run(there, &graph, mix, 1).unwrap_err();
        assert!(errors.len() == 1 && errors[0].starts_with("DW0542"), "{mix}: {errors:?}");
        assert!(errors[0].contains(says) && errors[0].contains("side.clicks.ron:"), "{mix}: {errors:?}");
    }
    // A person says that it is meant for any file like this.
    let map = std::fs::read_to_string(&kept[0]).unwrap();
    let hash = map.split("sha256: \"").nth(1).unwrap().split('"').next().unwrap();
    std::fs::write(&kept[0], map.replace(hash, "any")).unwrap();
    run(there, &load(there).unwrap().1, "other.wav", 1).unwrap();
}

#[test]
fn what_is_edited_badly_is_shown_in_its_line() {
    let folder = clicks();
    let (_, kept) = learn(folder.path());
    let map = std::fs::read_to_string(&kept[0]).unwrap();
    let line = map.lines().position(|line| line.contains("Click(channel: 1")).unwrap();
    let edited = |new: &str| {
        let lines = map.lines().enumerate().map(|(n, old)| if n == line { new } else { old });
        lines.collect::<Vec<_>>().join("\n")
    };
    for (new, says) in [
        ("Click(channel: 2, at_s: 0.1, ms: 1),", "there are channels 0 to 1"),
        ("Click(channel: 1, at_s: -1, ms: 1),", "a time in seconds"),
        ("Click(channel: 1, at_s: NaN, ms: 1),", "a time in seconds"),
        ("Click(channel: 1, at_s: 0.1, ms: 9),", "at most 5 ms"),
        ("Click(channel: 1, at_s: 1.9999, ms: 5),", "it begins before the one above it"),
        ("Click(channel: 1, at: 0.1, ms: 1),", "Unexpected field named `at`"),
        ("Click(channel: 1, at_s: 0.1, ms: 1", "cannot be read"),
        ("Click(channel: 1, at_s: 0.1),", "missing field"),
    ] {
        std::fs::write(&kept[0], edited(new)).unwrap();
        let (_, graph) = load(folder.path()).unwrap();
        let errors = run(folder.path(), &graph, "side.wav", 1).unwrap_err();
        assert!(errors[0].starts_with("DW0541") && errors[0].contains(says), "{new}: {errors:?}");
        let number: usize = errors[0].rsplit(':').next().unwrap().parse().unwrap();
        assert!(number.abs_diff(line + 1) <= 1, "{new}: line {number} instead of {}", line + 1);
    }
    // Behind the end of the programme.
    let last = map.lines().rfind(|line| line.contains("Click(channel: 1")).unwrap();
    std::fs::write(&kept[0], map.replace(last, "Click(channel: 1, at_s: 2.5, ms: 1),")).unwrap();
    let errors = run(folder.path(), &load(folder.path()).unwrap().1, "side.wav", 1).unwrap_err();
    assert!(errors[0].contains("the programme ends before that"), "{errors:?}");
    std::fs::write(&kept[0], map.replace("\"DeClick\"", "\"DeNoise\"")).unwrap();
    let errors = run(folder.path(), &load(folder.path()).unwrap().1, "side.wav", 1).unwrap_err();
    assert!(errors[0].starts_with("DW0542") && errors[0].contains("of a `DeNoise`"), "{errors:?}");
}

#[test]
fn a_graph_that_names_what_is_not_there_or_cannot_learn_says_so() {
    let cases = [
        ("learned: { click: \"side.clicks.ron\" },", "DW0202: there is no node `click`"),
        ("learned: { clicks: \"gone.ron\" },", "DW0501"),
        ("learned: { clicks: \"../side.ron\" },", "DW0506"),
        ("learned: { trim: \"gone.ron\" },", "DW0540: a `Gain` learns nothing"),
    ];
    for (learned, says) in cases {
        let nodes = "        clicks: DeClick,\n        trim: Gain(gain_db: -1),\n";
        let folder = folder(nodes, "\"input -> clicks -> trim -> output\"");
        let path = folder.path().join("side.ron");
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace("    nodes:", &format!("    {learned}\n    nodes:"))).unwrap();
        let errors = load(folder.path()).map(|_| ()).unwrap_err();
        assert!(errors[0].starts_with(says), "{learned}: {errors:?}");
    }
}

#[test]
fn nothing_is_written_over_and_nothing_beside_a_graph_that_has_no_folder() {
    let folder = clicks();
    learn(folder.path());
    let (reference, graph) = load(folder.path()).unwrap();
    assert!(matches!(lesson_places(&reference, &graph, Existing::Keep), Err(LearnError::Write(_))));
    assert!(lesson_places(&reference, &graph, Existing::Replace).is_ok());
    let built_in = GraphRef::parse("streaming").unwrap();
    let graph = built_in.load(&registry(), &Overrides::none()).unwrap();
    assert!(matches!(lesson_places(&built_in, &graph, Existing::Keep), Err(LearnError::BuiltIn { .. })));
}

#[test]
fn a_lesson_cut_short_or_garbled_is_a_clear_error() {
    let folder = clicks();
    let (_, kept) = learn(folder.path());
    let map = std::fs::read_to_string(&kept[0]).unwrap();
    let end = map.rfind(')').unwrap();
    let cut = (0..end).step_by(131).map(|at| map[..at].to_owned());
    let garbled = (0..end).step_by(173).map(|at| format!("{}}}{}", &map[..at], &map[at..]));
    for text in cut.chain(garbled) {
        std::fs::write(&kept[0], &text).unwrap();
        let (_, graph) = load(folder.path()).unwrap();
        // A bracket in the comment harms nobody.
        if let Err(errors) = run(folder.path(), &graph, "side.wav", 1) {
            assert!(errors.len() == 1 && errors[0].starts_with("DW054"), "{errors:?}\n{text}");
        } else {
            assert!(text.split('\n').next().unwrap().contains('}'), "{text}");
        }
    }
}
