//! A part of a render is what the whole has there, and what is on a wire can be heard without changing anything.

use deadwax::diagnostic::Code;
use deadwax::{
    BUILT_IN, Encoding, Existing, Graph, GraphRef, Job, Outcome, Overrides, RenderError, Settings, load,
    registry, render,
};
use deadwax_audio::Decoder;
use deadwax_graph::Memory;
use deadwax_graph::model::{From, To};
use deadwax_tests::{Channels, mix, samples, write_wav};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

const RATE: u32 = 48_000;

struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    fn new(seconds: f64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        write_wav(&folder.path().join("mix.wav"), RATE, &mix(RATE, seconds));
        Self { folder }
    }

    fn settings() -> Settings {
        Settings { existing: Existing::Replace, ..Settings::default() }
    }

    fn try_render(&self, graph: &Graph, name: &str, settings: &Settings) -> Result<Outcome, RenderError> {
        let job = Job { input: self.folder.path().join("mix.wav"), output: self.path(name) };
        render(graph, &job, settings, &AtomicBool::new(false), &|_| {})
    }

    fn render(&self, graph: &Graph, name: &str, settings: &Settings) -> Outcome {
        self.try_render(graph, name, settings).unwrap_or_else(|error| panic!("{name}: {error:?}"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

fn built_in(name: &str) -> Graph {
    GraphRef::parse(name).unwrap().load(&registry(), &Overrides::none()).unwrap()
}

/// 16 bit with the writer's own dither, so that its place in the programme counts, too.
#[test]
fn a_part_of_every_shipped_graph_is_bit_for_bit_what_the_whole_has_there() {
    let bench = Bench::new(5.0);
    for (name, _) in BUILT_IN {
        let graph = built_in(name);
        let settings = Settings { encoding: Some(Encoding::Int16), measure: false, ..Bench::settings() };
        bench.render(&graph, "whole.wav", &settings);
        let whole = samples(&bench.path("whole.wav"));
        let rate = f64::from(Decoder::open(&bench.path("whole.wav")).unwrap().info().rate_hz);
        for (range, from, to) in [("0:01.3..0:02.7", 1.3, 2.7), ("4.5..9", 4.5, 9.0)] {
            let range = Some(range.parse().unwrap());
            for block in [2048, 777] {
                let settings = Settings { range, block, ..settings.clone() };
                bench.render(&graph, "part.wav", &settings);
                let part = samples(&bench.path("part.wav"));
                let frames =
                    (from * rate).round() as usize..((to * rate).round() as usize).min(whole[0].len());
                for (part, whole) in part.iter().zip(&whole) {
                    assert!(part[..] == whole[frames.clone()], "{name}, blocks of {block}");
                }
            }
        }
    }
}

/// A graph without a pass is read no further than the part needs.
#[test]
fn a_part_is_measured_by_itself_and_an_early_one_is_soon_done() {
    let bench = Bench::new(20.0);
    let graph = built_in("multiband-compression");
    let settings = Settings { range: Some("1..2".parse().unwrap()), ..Bench::settings() };
    let outcome = bench.render(&graph, "part.wav", &settings);
    assert!(outcome.frames <= 4 * u64::from(RATE), "{} frames were run", outcome.frames);
    assert_eq!(outcome.files[0].written.frames, u64::from(RATE));
    // What the mix measures in that second, when it is a file of its own.
    let input = samples(&bench.path("mix.wav"));
    let second: Channels =
        input.iter().map(|plane| plane[RATE as usize..2 * RATE as usize].to_vec()).collect();
    write_wav(&bench.path("second.wav"), RATE, &second);
    let (_, alone) = deadwax::measure(&bench.path("second.wav")).unwrap();
    let before = outcome.before.unwrap();
    assert_eq!(before.integrated_lufs, alone.integrated_lufs);
    assert_eq!(before.sample_peak_dbfs, alone.sample_peak_dbfs);
}

#[test]
fn a_part_behind_the_end_is_refused() {
    let bench = Bench::new(2.0);
    let settings = Settings { range: Some("0:02..0:03".parse().unwrap()), ..Bench::settings() };
    let error = bench.try_render(&built_in("streaming"), "part.wav", &settings).unwrap_err();
    assert_eq!(error.diagnostics()[0].code, Code::BeyondProgramme);
    insta::assert_snapshot!(error.to_string(), @"--range 0:02..0:03: the programme is only 0:02.000 long");
    assert!(!bench.path("part.wav").exists());
}

#[test]
fn every_wire_of_every_shipped_graph_can_be_heard_and_changes_no_byte() {
    let bench = Bench::new(3.0);
    for (name, _) in BUILT_IN {
        let graph = built_in(name);
        let settings = Settings { encoding: Some(Encoding::Float64), measure: false, ..Bench::settings() };
        bench.render(&graph, "plain.wav", &settings);
        let plain = std::fs::read(bench.path("plain.wav")).unwrap();
        let leave: BTreeSet<From> = graph.wires.iter().map(|wire| wire.from).collect();
        let called = |from: &From| match from {
            From::Input(_) => "input".to_owned(),
            From::Node(id, port) => {
                let node = &graph.nodes[id.0];
                format!("{}.{}", node.name, node.node.ports().outputs[*port].name)
            }
        };
        let taps: Vec<String> = leave.iter().map(called).collect();
        let heard = Settings { taps: taps.clone(), ..settings.clone() };
        let outcome = bench.render(&graph, "heard.wav", &heard);
        assert!(std::fs::read(bench.path("heard.wav")).unwrap() == plain, "{name}: the master is another");
        let files: Vec<_> = outcome.files.iter().filter(|file| file.is_tap()).collect();
        assert_eq!(files.len(), taps.len(), "{name}");
        let of = |from: From| {
            let at = leave.iter().position(|known| *known == from).unwrap();
            samples(&files[at].path)
        };
        if leave.contains(&From::Input(0)) {
            assert!(of(From::Input(0)) == samples(&bench.path("mix.wav")), "{name}: input");
        }
        let last = graph.wires.iter().find(|wire| wire.to == To::Output(0)).unwrap();
        assert!(of(last.from) == samples(&bench.path("plain.wav")), "{name}: the last wire is the output");
        // And a part of a wire is what the whole wire has there.
        let part = Settings { range: Some("1..1.5".parse().unwrap()), ..heard };
        let parts = bench.render(&graph, "part.wav", &part);
        for (whole, part) in outcome.files.iter().zip(&parts.files) {
            let rate = whole.format.rate_hz as usize;
            let (whole, part) = (samples(&whole.path), samples(&part.path));
            for (whole, part) in whole.iter().zip(&part) {
                assert!(whole[rate..rate + rate / 2] == part[..], "{name}");
            }
        }
    }
}

/// A late path and the path beside it lie over each other on every tap.
#[test]
fn what_is_heard_is_aligned_with_the_mix() {
    let text = "Graph(format: 1, nodes: { peak: Limiter(ceiling_dbtp: 0), far: Gain(gain_db: 0) },
        wires: [\"input -> far -> peak -> output\"])";
    let loader = Memory::new().with("a.ron", text);
    let graph = load(&registry(), &loader, "a.ron", &Overrides::none()).unwrap();
    let bench = Bench::new(2.0);
    let quiet: Channels =
        mix(RATE, 2.0).iter().map(|plane| plane.iter().map(|x| x * 0.1).collect()).collect();
    write_wav(&bench.path("mix.wav"), RATE, &quiet);
    let taps = vec!["peak".to_owned(), "far -> peak".to_owned()];
    let settings = Settings { taps, encoding: Some(Encoding::Float64), measure: false, ..Bench::settings() };
    let outcome = bench.render(&graph, "out.wav", &settings);
    assert!(outcome.plan.nodes.iter().any(|node| node.latency > 0), "the limiter looks ahead");
    let input = samples(&bench.path("mix.wav"));
    assert!(samples(&bench.path("out.tap-peak.wav")) == input);
    assert!(samples(&bench.path("out.tap-far.wav")) == input);
}

#[test]
fn a_wire_that_is_not_there_is_refused_with_what_could_be_meant() {
    let bench = Bench::new(1.0);
    let taps = ["centr", "split.lo", "nowhere"].map(str::to_owned).to_vec();
    let settings = Settings { taps, ..Bench::settings() };
    let error = bench.try_render(&built_in("three-band-glue"), "out.wav", &settings).unwrap_err();
    let said: Vec<String> = error
        .diagnostics()
        .iter()
        .map(|diagnostic| {
            format!("{}: {} ({})", diagnostic.code, diagnostic.message, diagnostic.help.join("; "))
        })
        .collect();
    insta::assert_snapshot!(said.join("\n"));
}
