//! From any render back to its graph and to its samples.

use deadwax::recipe::{Ledger, Recipe, RecipeError, Route, find_recipe, verify, write_recalled};
use deadwax::{
    BUILT_IN, Existing, Graph, GraphRef, Job, Outcome, Overrides, RecipePlace, Settings, load, registry,
    render,
};
use deadwax_graph::Memory;
use deadwax_tests::{mix, write_wav};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::AtomicBool;

const RATE: u32 = 48_000;

struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new(seconds: f64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        write_wav(&folder.path().join("mix.wav"), RATE, &mix(RATE, seconds));
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn ledger(&self) -> Ledger {
        Ledger::new(self.path("ledger"))
    }

    fn render(&self, graph: &Graph, name: &str, settings: Settings) -> Outcome {
        let job = Job { input: self.path("mix.wav"), output: self.path(name) };
        let settings =
            Settings { existing: Existing::Replace, ledger: Some(self.ledger()), measure: false, ..settings };
        render(graph, &job, &settings, &AtomicBool::new(false), &|_| {}).unwrap()
    }

    /// Writes the graph of `recipe` into a folder of its own, renders again, and says whether the samples are the same.
    fn again(&self, recipe: &Recipe, folder: &str) -> bool {
        let recalled = write_recalled(recipe, &self.path(folder), Existing::Keep).unwrap();
        let (cancel, settings) = (AtomicBool::new(false), Settings::default());
        let verdict =
            verify(recipe, &recalled, &self.path("mix.wav"), &registry(), &settings, (&cancel, &|_| {}));
        let verdict = verdict.unwrap_or_else(|error| panic!("{folder}: {error:?}"));
        assert!(!verdict.same || verdict.differences.is_empty(), "{folder}: {verdict:?}");
        verdict.same
    }
}

fn built_in(name: &str) -> Graph {
    GraphRef::parse(name).unwrap().load(&registry(), &Overrides::none()).unwrap()
}

#[test]
fn every_shipped_graph_is_told_by_its_recipe_and_rendered_again_to_the_sample() {
    let desk = Desk::new(3.0);
    for (name, _) in BUILT_IN {
        let outcome = desk.render(&built_in(name), "master.wav", Settings::default());
        for file in &outcome.files {
            let found =
                find_recipe(&file.path, None).unwrap().unwrap_or_else(|why| panic!("{name}: {why:?}"));
            assert_eq!((found.route, found.same_samples), (Route::File, true), "{name}");
            assert_eq!(Some(&found.recipe), file.recipe.as_ref(), "{name}");
            assert!(desk.again(&found.recipe, &format!("{name}-{}", file.name)), "{name}: {}", file.name);
        }
    }
}

/// A graph that uses another with noise in it, a second output with a goal on the way to the first, values from outside,
/// another lane, and a node that is off.
#[test]
fn used_graphs_are_inlined_and_their_noise_is_the_same() {
    let part = "Graph(format: 1, params: { drive: Param(sets: [\"dirt.drive_db\"]) },
        nodes: { dirt: Saturator(drive_db: 3), grain: Dither(bits: 20) },
        wires: [\"input -> dirt -> grain -> output\"])";
    let whole = "Graph(format: 1, use: { dirty: \"part.ron\" }, nodes: {
            first: dirty(drive: 2), second: dirty, both: Mix(gains_db: { first: -3 }),
            side: Equalizer(lane: Side, bands: { air: HighShelf(freq_hz: 9000, gain_db: 2) }),
            asleep: Gain(on: false, gain_db: -20),
            level: Loudness(target_lufs: -18), peak: Limiter(ceiling_dbtp: -1), rate: Resample(rate_hz: 44100),
        }, wires: [
            \"input -> first -> both\", \"input -> second -> both\",
            \"both -> side -> asleep -> level -> peak -> output\", \"level -> rate -> output.cd\",
        ])";
    let whole = whole.replace("Mix(gains_db: { first: -3 })", "Mix");
    let loader = Memory::new().with("whole.ron", whole).with("part.ron", part);
    let overrides = Overrides { preset: None, values: vec![("second.drive".into(), "5.5".into())] };
    let graph = load(&registry(), &loader, "whole.ron", &overrides).unwrap();
    let desk = Desk::new(4.0);
    let outcome = desk.render(&graph, "master.flac", Settings::default());
    let texts: Vec<&str> =
        outcome.files.iter().map(|file| file.recipe.as_ref().unwrap().graph.text.as_str()).collect();
    assert!(texts[0].contains("first__dirt") && !texts[0].contains("use:"), "{}", texts[0]);
    assert!(!texts[0].contains("rate:"), "only what reaches the output:\n{}", texts[0]);
    assert!(
        texts[1].contains("peak"),
        "what `level` aims at stays, or it would aim elsewhere:\n{}",
        texts[1]
    );
    for file in &outcome.files {
        assert!(desk.again(file.recipe.as_ref().unwrap(), &file.name), "{}", file.name);
    }
    insta::assert_snapshot!("inlined", texts[0]);
}

#[test]
fn a_recipe_holds_what_a_macro_made_of_its_fields() {
    let text = BUILT_IN.iter().find(|(name, _)| *name == "tape-warmth").unwrap().1;
    let loader = Memory::new().with("tape.ron", text);
    let overrides = Overrides { preset: Some("worn".into()), values: Vec::new() };
    let graph = load(&registry(), &loader, "tape.ron", &overrides).unwrap();
    let desk = Desk::new(2.0);
    let outcome = desk.render(&graph, "worn.wav", Settings::default());
    let recipe = outcome.files[0].recipe.as_ref().unwrap();
    let text = &recipe.graph.text;
    assert!(text.contains("gap_um:6.6") && !text.contains("Macro"), "{text}");
    assert!(desk.again(recipe, "worn"));
}

#[test]
fn the_same_graph_on_the_same_mix_has_the_same_number_and_nothing_else_has() {
    let desk = Desk::new(2.0);
    let number = |settings: Settings, name: &str| {
        desk.render(&built_in(name), "out.wav", settings).files[0].recipe.clone().unwrap().matrix
    };
    let first = number(Settings::default(), "phone");
    assert!(first.starts_with("DW-") && first.len() == 12, "{first}");
    assert_eq!(number(Settings { workers: 1, block: 333, ..Settings::default() }, "phone"), first);
    assert_ne!(number(Settings::default(), "cd"), first);
    let part = Settings { range: Some("0..1".parse().unwrap()), ..Settings::default() };
    assert_ne!(number(part, "phone"), first);
    write_wav(&desk.path("mix.wav"), RATE, &mix(RATE, 1.9));
    assert_ne!(number(Settings::default(), "phone"), first);
}

/// A tap at the wire of the output at which `level` aims is no output of the graph.
#[test]
fn listening_on_wires_changes_no_recipe() {
    let text = "Graph(format: 1, nodes: { level: Loudness(target_lufs: -18), peak: Limiter, rate: Resample(rate_hz: 44100) },
        wires: [\"input -> level -> peak -> output\", \"level -> rate -> output.cd\"])";
    let graph = load(&registry(), &Memory::new().with("a.ron", text), "a.ron", &Overrides::none()).unwrap();
    let desk = Desk::new(4.0);
    let texts = |taps: &[&str]| {
        let taps = taps.iter().map(|tap| (*tap).to_owned()).collect();
        let outcome = desk.render(&graph, "out.wav", Settings { taps, ..Settings::default() });
        let recipes = outcome.files.into_iter().filter_map(|file| file.recipe);
        recipes.map(|recipe| recipe.to_text()).collect::<Vec<_>>()
    };
    let plain = texts(&[]);
    assert_eq!(plain.len(), 2);
    assert_eq!(texts(&["peak", "level", "input"]), plain);
}

#[test]
fn a_recipe_names_no_folder_and_no_file_of_whoever_rendered() {
    let desk = Desk::new(1.0);
    let outcome = desk.render(&built_in("streaming"), "secret-project.wav", Settings::default());
    let text = outcome.files[0].recipe.as_ref().unwrap().to_text();
    let folder = desk.folder.path().to_string_lossy().into_owned();
    for private in [folder.as_str(), "secret-project", "mix.wav", "/home", "/root", "/tmp"] {
        assert!(!text.contains(private), "{private} in {text}");
    }
}

/// All three routes: in the file, beside it, and by the ledger when everything is lost.
#[test]
fn a_recipe_is_found_in_the_file_beside_it_and_by_its_samples() {
    let desk = Desk::new(2.0);
    let graph = built_in("streaming");
    for name in ["a.wav", "a.flac", "a.aiff"] {
        desk.render(&graph, name, Settings::default());
        let found = find_recipe(&desk.path(name), None).unwrap().unwrap();
        assert_eq!((found.route, found.same_samples), (Route::File, true), "{name}");
    }
    let beside = Settings { recipe: RecipePlace::Sidecar, ..Settings::default() };
    desk.render(&graph, "b.wav", beside);
    assert_eq!(find_recipe(&desk.path("b.wav"), None).unwrap().unwrap().route, Route::Sidecar);
    std::fs::remove_file(desk.path("b.dwr.json")).unwrap();
    let found = find_recipe(&desk.path("b.wav"), Some(&desk.ledger())).unwrap().unwrap();
    assert_eq!((found.route, found.same_samples), (Route::Samples, true));
    assert!(desk.again(&found.recipe, "found"));
    // Without a ledger, and without anything in it, that is said.
    assert_eq!(find_recipe(&desk.path("b.wav"), None).unwrap(), Err(Vec::new()));
    let empty = Ledger::new(desk.path("empty"));
    assert_eq!(find_recipe(&desk.path("mix.wav"), Some(&empty)).unwrap(), Err(Vec::new()));
    let none = Settings { recipe: RecipePlace::None, ..Settings::default() };
    let outcome = desk.render(&built_in("cd"), "c.wav", none);
    assert!(outcome.files[0].recipe.is_none());
    assert_eq!(find_recipe(&desk.path("c.wav"), Some(&desk.ledger())).unwrap(), Err(Vec::new()));
}

/// A master of a master says what made it last, and nothing of what made its mix.
#[test]
fn a_master_of_a_master_has_one_recipe() {
    let desk = Desk::new(2.0);
    for (first, second) in
        [("a.wav", "b.wav"), ("a.flac", "b.flac"), ("a.wav", "b.flac"), ("a.flac", "b.wav")]
    {
        desk.render(&built_in("streaming"), first, Settings::default());
        let job = Job { input: desk.path(first), output: desk.path(second) };
        let settings = Settings { existing: Existing::Replace, ..Settings::default() };
        let outcome = render(&built_in("cd"), &job, &settings, &AtomicBool::new(false), &|_| {}).unwrap();
        let found = find_recipe(&desk.path(second), None).unwrap().unwrap();
        assert_eq!(found.recipe.graph.name, "cd");
        let comment = outcome.files[0].metadata.get("COMMENT").unwrap();
        assert_eq!(comment.matches("DW-").count(), 1, "{comment}");
    }
}

#[test]
fn an_edited_recipe_is_refused_and_a_stranger_s_writes_no_other_file() {
    let desk = Desk::new(1.0);
    let outcome = desk.render(&built_in("streaming"), "a.wav", Settings::default());
    let recipe = outcome.files[0].recipe.clone().unwrap();
    let edited = recipe.to_text().replace("target_lufs:-14.0", "target_lufs:-9.0");
    assert!(edited != recipe.to_text());
    assert!(matches!(Recipe::from_text(&edited), Err(RecipeError::Edited { .. })));
    assert!(matches!(Recipe::from_text("{\"format\": 2}"), Err(RecipeError::Newer)));
    assert!(matches!(Recipe::from_text("no JSON"), Err(RecipeError::Unreadable(_))));
    assert!(matches!(Recipe::from_text(&"x".repeat(5 << 20)), Err(RecipeError::TooLarge { .. })));
    let mut wild = recipe;
    wild.graph.name = "../../outside".into();
    wild.graph.lessons.insert("../../../lesson.ron".into(), "()".into());
    let recalled = write_recalled(&wild, &desk.path("in/side"), Existing::Keep).unwrap();
    for path in recalled.lessons.iter().chain([&recalled.graph]) {
        assert_eq!(path.parent().unwrap(), desk.path("in/side"), "{path:?}");
    }
}

#[test]
fn another_mix_is_told_from_the_one_that_was_rendered() {
    let desk = Desk::new(2.0);
    let outcome = desk.render(&built_in("cd"), "a.wav", Settings::default());
    let recipe = outcome.files[0].recipe.clone().unwrap();
    let recalled = write_recalled(&recipe, &desk.path("back"), Existing::Keep).unwrap();
    write_wav(&desk.path("mix.wav"), RATE, &mix(RATE, 2.1));
    let settings = Settings::default();
    let cancel = AtomicBool::new(false);
    let verdict =
        verify(&recipe, &recalled, &desk.path("mix.wav"), &registry(), &settings, (&cancel, &|_| {}))
            .unwrap();
    assert!(!verdict.same);
    insta::assert_snapshot!(verdict.differences.join("\n"));
}

fn tool(program: &str, arguments: &[&str], folder: &Path) -> bool {
    let run = Command::new(program).args(arguments).current_dir(folder).output();
    run.is_ok_and(|run| run.status.success())
}

/// What ffmpeg does to files. Where it is not installed nothing can be said.
#[test]
fn a_recipe_is_found_after_other_programs_have_had_the_file() {
    let desk = Desk::new(2.0);
    let folder = desk.folder.path();
    if !tool("ffmpeg", &["-version"], folder) {
        return;
    }
    let graph = built_in("streaming");
    let wav = desk.render(&graph, "a.wav", Settings::default());
    desk.render(&graph, "b.flac", Settings::default());
    let recipe = wav.files[0].recipe.clone().unwrap();
    let ledger = desk.ledger();
    let ffmpeg = |from: &str, options: &[&str], to: &str| {
        let arguments = [&["-v", "error", "-y", "-i", from], options, &[to]].concat();
        assert!(tool("ffmpeg", &arguments, folder), "{arguments:?}");
        find_recipe(&desk.path(to), Some(&ledger)).unwrap().unwrap_or_else(|why| panic!("{to}: {why:?}"))
    };
    // Copied, the WAV file loses its own chunk; the FLAC file keeps its field.
    let copied = ffmpeg("a.wav", &["-c", "copy"], "copy.wav");
    assert_eq!((&copied.recipe, copied.route, copied.same_samples), (&recipe, Route::Samples, true));
    let copied = ffmpeg("b.flac", &["-c", "copy"], "copy.flac");
    assert_eq!((copied.route, copied.same_samples), (Route::File, true));
    // To FLAC and back.
    ffmpeg("a.wav", &["-c:a", "flac", "-sample_fmt", "s32"], "between.flac");
    let back = ffmpeg("between.flac", &["-c:a", "pcm_s24le"], "back.wav");
    assert_eq!((&back.recipe, back.same_samples), (&recipe, true));
    // Everything but the samples is taken away.
    let bare = ffmpeg("a.wav", &["-map_metadata", "-1", "-fflags", "+bitexact", "-c:a", "copy"], "bare.wav");
    assert_eq!((&bare.recipe, bare.route, bare.same_samples), (&recipe, Route::Samples, true));
    assert!(desk.again(&bare.recipe, "bare"));
    // Samples that were changed: the comment still has the number, and that they are others is said.
    let quieter = ffmpeg("a.wav", &["-af", "volume=-1dB", "-c:a", "pcm_s24le"], "quieter.wav");
    assert_eq!((&quieter.recipe, quieter.route, quieter.same_samples), (&recipe, Route::Number, false));
    // And when nothing at all is left, so is that.
    let lost = ["-v", "error", "-y", "-i", "quieter.wav", "-map_metadata", "-1", "-fflags", "+bitexact"];
    assert!(tool("ffmpeg", &[&lost[..], &["-c:a", "copy", "lost.wav"]].concat(), folder));
    assert_eq!(find_recipe(&desk.path("lost.wav"), Some(&ledger)).unwrap(), Err(Vec::new()));
}
