//! Recordings that graphs declare: found beside the graph that names them, read once, refused when they lie elsewhere.

use deadwax::{GraphRef, Job, NotAsked, Overrides, RenderError, Settings, registry, render};
use deadwax_tests::write_wav;
use std::path::Path;
use std::sync::atomic::AtomicBool;

const NODES: &str = "nodes: { room: Convolver(asset: \"hall\") }, wires: [\"input -> room -> output\"]";

fn impulse(at: usize, level: f64) -> Vec<f64> {
    let mut taps = vec![0.0; 100];
    taps[at] = level;
    taps
}

/// Renders `mix.wav` of a folder through its graph `main.ron`; gives back the samples of the left channel.
fn run(folder: &Path) -> Result<Vec<f64>, Vec<String>> {
    run_with(folder, &[])
}

/// The same with recordings that a person names.
fn run_with(folder: &Path, given: &[(&str, &str)]) -> Result<Vec<f64>, Vec<String>> {
    let path = folder.join("main.ron").display().to_string();
    let texts = |diagnostics: Vec<deadwax::diagnostic::Diagnostic>| {
        diagnostics.into_iter().map(|d| format!("{}: {}", d.code, d.message)).collect::<Vec<_>>()
    };
    let mut graph = GraphRef::parse(&path)
        .map_err(|error| vec![error.to_string()])?
        .load(&registry(), &Overrides::none())
        .map_err(|errors| texts(errors.diagnostics))?;
    let given: Vec<_> = given.iter().map(|(name, file)| ((*name).to_owned(), folder.join(file))).collect();
    graph.bind(&given).map_err(|unknown| texts(unknown.iter().map(NotAsked::diagnostic).collect()))?;
    let output = folder.join("out.wav");
    let job = Job { input: folder.join("mix.wav"), output: output.clone() };
    let settings = Settings {
        encoding: Some(deadwax::Encoding::Float32),
        measure: false,
        existing: deadwax::Existing::Replace,
        ..Settings::default()
    };
    render(&graph, &job, &settings, &AtomicBool::new(false), &|_| {})
        .map_err(|error: RenderError| texts(error.diagnostics()))?;
    let samples = hound::WavReader::open(output).unwrap().into_samples::<f32>();
    Ok(samples.step_by(2).map(|sample| f64::from(sample.unwrap())).collect())
}

fn folder(graph: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("main.ron"), graph).unwrap();
    let mix: Vec<f64> = (0..1000).map(|n| if n == 200 { 0.5 } else { 0.0 }).collect();
    write_wav(&folder.path().join("mix.wav"), 44_100, &vec![mix; 2]);
    folder
}

#[test]
fn a_recording_beside_the_graph_is_convolved() {
    let folder = folder(&format!("Graph(format: 1, assets: {{ hall: \"ir/hall.wav\" }}, {NODES})"));
    std::fs::create_dir(folder.path().join("ir")).unwrap();
    write_wav(&folder.path().join("ir/hall.wav"), 44_100, &vec![impulse(40, 0.5)]);
    let out = run(folder.path()).unwrap();
    assert_eq!(out.len(), 1000);
    for (frame, sample) in out.iter().enumerate() {
        let expected = if frame == 240 { 0.25 } else { 0.0 };
        assert!((sample - expected).abs() < 1e-6, "{frame}: {sample}");
    }
}

#[test]
fn the_same_name_is_another_recording_in_a_used_graph() {
    let folder = folder(
        "Graph(format: 1, use: { inner: \"part/inner.ron\" }, assets: { hall: \"hall.wav\" }, nodes: { \
         room: Convolver(asset: \"hall\"), behind: inner }, wires: [\"input -> room -> behind -> output\"])",
    );
    std::fs::create_dir(folder.path().join("part")).unwrap();
    let inner = format!("Graph(format: 1, assets: {{ hall: \"other.wav\" }}, {NODES})");
    std::fs::write(folder.path().join("part/inner.ron"), inner).unwrap();
    write_wav(&folder.path().join("hall.wav"), 44_100, &vec![impulse(40, 0.5)]);
    write_wav(&folder.path().join("part/other.wav"), 44_100, &vec![impulse(7, -0.5)]);
    let out = run(folder.path()).unwrap();
    assert!((out[247] + 0.125).abs() < 1e-6, "{}", out[247]);
}

#[test]
fn what_is_missing_elsewhere_or_no_audio_is_told_at_its_place() {
    let with = |path: &str| format!("Graph(format: 1, assets: {{ hall: \"{path}\" }}, {NODES})");
    for (path, code) in [("gone.wav", "DW0502"), ("../mix.wav", "DW0506"), ("/etc/passwd", "DW0506")] {
        let errors = run(folder(&with(path)).path()).unwrap_err();
        assert!(errors.len() == 1 && errors[0].starts_with(code), "{path}: {errors:?}");
    }
    let text = folder(&with("main.ron"));
    assert!(run(text.path()).unwrap_err()[0].starts_with("DW0502"));
    let none = folder(&format!("Graph(format: 1, {NODES})"));
    let errors = run(none.path()).unwrap_err();
    assert!(errors[0].contains("no recording is declared"), "{errors:?}");
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_folder_is_refused() {
    let folder = folder(&format!("Graph(format: 1, assets: {{ hall: \"hall.wav\" }}, {NODES})"));
    let outside = tempfile::tempdir().unwrap();
    write_wav(&outside.path().join("hall.wav"), 44_100, &vec![impulse(1, 0.5)]);
    std::os::unix::fs::symlink(outside.path().join("hall.wav"), folder.path().join("hall.wav")).unwrap();
    assert!(run(folder.path()).unwrap_err()[0].starts_with("DW0506"));
}

#[test]
fn a_recording_that_is_asked_for_is_the_one_that_a_person_names_and_no_other() {
    let folder = folder(&format!("Graph(format: 1, assets: {{ hall: Ask(help: \"a clap\") }}, {NODES})"));
    let elsewhere = tempfile::tempdir().unwrap();
    let file = elsewhere.path().join("clap.wav");
    write_wav(&file, 44_100, &vec![impulse(40, 0.5)]);
    // Not even a file that has its name.
    write_wav(&folder.path().join("hall.wav"), 44_100, &vec![impulse(1, 0.5)]);
    let errors = run(folder.path()).unwrap_err();
    assert!(errors.len() == 1 && errors[0].starts_with("DW0512"), "{errors:?}");
    let named = file.display().to_string();
    assert!((run_with(folder.path(), &[("hall", &named)]).unwrap()[240] - 0.25).abs() < 1e-6);
    for (name, file, code) in
        [("hal", &*named, "DW0513"), ("hall", "gone.wav", "DW0502"), ("hall", "main.ron", "DW0502")]
    {
        let errors = run_with(folder.path(), &[(name, file)]).unwrap_err();
        assert!(errors.len() == 1 && errors[0].starts_with(code), "{name}={file}: {errors:?}");
    }
}

#[test]
fn a_recording_that_the_graph_brings_along_is_its_own() {
    let folder = folder(&format!("Graph(format: 1, assets: {{ hall: \"hall.wav\" }}, {NODES})"));
    write_wav(&folder.path().join("hall.wav"), 44_100, &vec![impulse(40, 0.5)]);
    let errors = run_with(folder.path(), &[("hall", "hall.wav")]).unwrap_err();
    assert!(errors[0].starts_with("DW0513"), "{errors:?}");
}

/// One part, used by two graphs with a recording each, one of which a person names; it is used twice by one of them.
#[test]
fn used_graphs_are_given_the_recording_of_their_user() {
    let folder = folder(
        "Graph(format: 1, use: { part: \"part.ron\", other: \"other.ron\" }, assets: { hall: Ask(help: \"a clap\") },
            nodes: { first: part, second: part, third: other, sum: Mix },
            wires: [\"input -> first -> sum\", \"input -> second -> sum\", \"input -> third -> sum\", \"sum -> output\"])",
    );
    let put = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    put("part.ron", &format!("Graph(format: 1, assets: {{ hall: Ask }}, {NODES})"));
    let inner = "nodes: { inner: part }, wires: [\"input -> inner -> output\"]";
    put(
        "other.ron",
        &format!("Graph(format: 1, use: {{ part: \"part.ron\" }}, assets: {{ hall: \"own.wav\" }}, {inner})"),
    );
    write_wav(&folder.path().join("own.wav"), 44_100, &vec![impulse(7, 0.5)]);
    write_wav(&folder.path().join("clap.wav"), 44_100, &vec![impulse(40, -0.25)]);
    let out = run_with(folder.path(), &[("hall", "clap.wav")]).unwrap();
    let found: Vec<_> = out.iter().enumerate().filter(|(_, sample)| sample.abs() > 1e-6).collect();
    assert!(
        matches!(found[..], [(207, own), (240, asked)] if (own - 0.25).abs() < 1e-6 && (asked + 0.25).abs() < 1e-6),
        "{found:?}"
    );
    // What nobody passes on is said where the part is used.
    put("other.ron", &format!("Graph(format: 1, use: {{ part: \"part.ron\" }}, {inner})"));
    let errors = run_with(folder.path(), &[("hall", "clap.wav")]).unwrap_err();
    assert!(errors.len() == 1 && errors[0].starts_with("DW0512: `inner` asks"), "{errors:?}");
}
