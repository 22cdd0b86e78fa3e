//! Codes that need a run, a file or a value from outside: each is brought about for real, and its text is kept.

use deadwax::diagnostic::{Code, Diagnostic, SourceMap, Style, render};
use deadwax::{
    Encoding, Existing, GraphRef, Job, Overrides, Registry, Settings, load, read_diagnostic, registry,
    write_diagnostic,
};
use deadwax_audio::{Container, Decoder, Metadata, Spec, WriteError, Writer};
use deadwax_engine::{MemorySink, MemorySource, Options, RunError, RunOptions, compile, run};
use deadwax_graph::{Errors, Graph, Memory};
use deadwax_node::{About, Family, Format, Io, Node, NodeError, Prepared, Setup, Stream, params};
use deadwax_tests::mix;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// Does something wrong after a second.
#[params]
pub struct Faulty {
    #[param(default = 0, help = "0 panics, 1 makes a NaN, 2 fails")]
    pub how: u32,
}

impl Node for Faulty {
    const ABOUT: About = About {
        kind: "Faulty",
        family: Family::Gain,
        summary: "Does something wrong.",
        since: "0",
        algorithm: 1,
        example: "Faulty(how: 0)",
    };

    fn prepare(&self, _: &Setup) -> Result<Prepared, NodeError> {
        Ok(Prepared::stream(FaultyStream(self.how), 1.0))
    }
}

struct FaultyStream(u32);

impl Stream for FaultyStream {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        if io.start() < 44_100 {
            return Ok(());
        }
        match self.0 {
            0 => panic!("index out of bounds"),
            1 => io.main().channel_mut(0)[0] = f64::NAN,
            _ => return Err(NodeError::field("how", "told to fail")),
        }
        Ok(())
    }

    fn reset(&mut self) {}
}

fn kinds() -> Registry {
    let mut registry = registry();
    registry.register::<Faulty>();
    registry
}

fn read(text: &str, overrides: &Overrides) -> Result<Graph, Errors> {
    load(&kinds(), &Memory::new().with("main.ron", text), "main.ron", overrides)
}

/// Keeps the text of the first diagnostic, which must have the code.
fn keep(code: Code, found: &[Diagnostic], sources: &SourceMap) {
    assert_eq!(found.first().map(|first| first.code), Some(code), "{found:?}");
    insta::assert_snapshot!(code.to_string(), render(&found[..1], sources, Style::Plain, 1));
}

fn run_fault(body: &str, spool_limit: u64, cancelled: bool) -> (Graph, RunError) {
    let text = format!(
        "Graph(\n    format: 1,\n    nodes: {{\n        bad: {body},\n    }},\n    wires: [\"input -> bad -> output\"],\n)\n"
    );
    let graph = read(&text, &Overrides::none()).unwrap();
    let format = Format::stereo(44_100);
    let mut compiled = compile(&graph, format, &Options { block: 2048, ..Options::default() }).unwrap();
    let mut source = MemorySource::new(format, mix(44_100, 2.0));
    let cancel = AtomicBool::new(cancelled);
    let options = RunOptions { spool_memory: 0, spool_limit, cancel: &cancel, progress: &|_| {} };
    let stopped = run(&mut compiled, &mut source, &mut [&mut MemorySink::default()], &options);
    (graph, stopped.unwrap_err())
}

#[test]
fn faults_of_a_run_name_the_node_and_the_time() {
    for (code, body) in [
        (Code::NodePanicked, "Faulty(how: 0)"),
        (Code::NonFiniteSample, "Faulty(how: 1)"),
        (Code::NodeFailed, "Faulty(how: 2)"),
    ] {
        let (graph, error) = run_fault(body, u64::MAX, false);
        keep(code, &[error.diagnostic(&graph)], &graph.sources);
    }
    let (graph, error) = run_fault("Gain", u64::MAX, true);
    keep(Code::Interrupted, &[error.diagnostic(&graph)], &graph.sources);
    // Nobody knows how to bring this about; its text is all that can be kept.
    let stalled = RunError::Stalled { state: "input [], a [2], b [0]".into() };
    keep(Code::Stalled, &[stalled.diagnostic(&graph)], &graph.sources);
    let text =
        "Graph(format: 1, nodes: { a: Gain, level: Loudness }, wires: [\"input -> a -> level -> output\"])";
    let graph = read(text, &Overrides::none()).unwrap();
    let format = Format::stereo(44_100);
    let mut compiled = compile(&graph, format, &Options::default()).unwrap();
    let mut source = MemorySource::new(format, mix(44_100, 2.0));
    let cancel = AtomicBool::new(false);
    let options = RunOptions { spool_memory: 0, spool_limit: 1_000, cancel: &cancel, progress: &|_| {} };
    let stopped = run(&mut compiled, &mut source, &mut [&mut MemorySink::default()], &options).unwrap_err();
    keep(Code::SpoolLimit, &[stopped.diagnostic(&graph)], &graph.sources);
}

#[test]
fn a_goal_that_is_out_of_reach_is_a_warning_and_the_file_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("mix.wav");
    deadwax_tests::write_wav(&input, 44_100, &mix(44_100, 8.0));
    let loud = Overrides {
        preset: None,
        values: vec![("level.target_lufs".into(), "-5".into()), ("peak.ceiling_dbtp".into(), "-12".into())],
    };
    let graph = GraphRef::parse("streaming").unwrap().load(&registry(), &loud).unwrap();
    let job = Job { input, output: folder.path().join("out.wav") };
    let settings = Settings { workers: 1, ..Settings::default() };
    let outcome = deadwax::render(&graph, &job, &settings, &AtomicBool::new(false), &|_| {}).unwrap();
    assert!(job.output.exists());
    keep(Code::Unreached, &outcome.warnings(&graph), &graph.sources);
}

#[test]
fn values_and_texts_from_outside() {
    let streaming = deadwax::BUILT_IN[0].1;
    let wrong = |code, overrides: &Overrides| {
        let errors = read(streaming, overrides).unwrap_err();
        keep(code, &errors.diagnostics, &errors.sources);
    };
    let values = vec![("loudness".to_owned(), "loud".to_owned())];
    wrong(Code::BadValue, &Overrides { preset: None, values });
    wrong(Code::UnknownPreset, &Overrides { preset: Some("dence".into()), values: Vec::new() });
    let refused = |code, text: &str| {
        let errors = read(text, &Overrides::none()).unwrap_err();
        keep(code, &errors.diagnostics, &errors.sources);
    };
    refused(Code::TooLarge, &" ".repeat(1_200_000));
    let many: String = (0..4_097).map(|n| format!("n{n}: Gain, \n")).collect();
    refused(
        Code::TooManyNodes,
        &format!("Graph(format: 1, nodes: {{ {many} }}, wires: [\"input -> n0 -> output\"])"),
    );
    let wires = "\"input -> sum\",\n".repeat(17_000);
    refused(
        Code::TooManyWires,
        &format!("Graph(format: 1, nodes: {{ sum: Mix }}, wires: [{wires} \"sum -> output\"])"),
    );
    let files = (0..12).fold(Memory::new(), |memory, k| {
        let text = format!("Graph(format: 1, use: {{ p: \"g{}.ron\" }}, nodes: {{ a: p }}, wires: [\"input -> a -> output\"])", k + 1);
        memory.with(format!("g{k}.ron"), text)
    });
    let errors = load(&kinds(), &files, "g0.ron", &Overrides::none()).unwrap_err();
    keep(Code::UseTooDeep, &errors.diagnostics, &errors.sources);
    let errors = load(&kinds(), &Memory::new(), "none.ron", &Overrides::none()).unwrap_err();
    keep(Code::GraphNotRead, &errors.diagnostics, &errors.sources);
}

/// Runs `work` in a folder of its own, so that paths in messages are the same everywhere.
fn in_folder(work: impl FnOnce(&Path)) {
    let folder = tempfile::tempdir().unwrap();
    work(folder.path());
}

fn keep_file(code: Code, found: Diagnostic, folder: &Path) {
    let message = found.message.replace(&folder.display().to_string(), "music");
    keep(code, &[Diagnostic { message, ..found }], &SourceMap::default());
}

#[test]
fn files_that_cannot_be_read_or_written() {
    in_folder(|folder| {
        let notes = folder.join("notes.txt");
        std::fs::write(&notes, "no audio").unwrap();
        keep_file(Code::AudioNotRead, read_diagnostic(&Decoder::open(&notes).unwrap_err()), folder);

        let mix_wav = folder.join("mix.wav");
        deadwax_tests::write_wav(&mix_wav, 44_100, &mix(44_100, 1.0));
        let whole = std::fs::read(&mix_wav).unwrap();
        let half = folder.join("half.wav");
        std::fs::write(&half, &whole[..whole.len() / 2]).unwrap();
        let mut decoder = Decoder::open(&half).unwrap();
        let damaged = loop {
            match decoder.read() {
                Ok(Some(_)) => {}
                Ok(None) => panic!("a shorter programme"),
                Err(error) => break error,
            }
        };
        keep_file(Code::AudioDamaged, read_diagnostic(&damaged), folder);

        let create = |path: &Path, existing, encoding| -> Result<Writer, WriteError> {
            let container = Container::of_path(path)?;
            let spec = Spec { container, rate_hz: 44_100, channels: 2, encoding, mask: None };
            Writer::create(path, spec, &Metadata::default(), existing, std::slice::from_ref(&mix_wav))
        };
        let float = Encoding::Float32;
        let refused = |path: &Path, existing| write_diagnostic(&create(path, existing, float).err().unwrap());
        keep_file(Code::WouldOverwriteInput, refused(&mix_wav, Existing::Replace), folder);
        keep_file(Code::Exists, refused(&half, Existing::Keep), folder);
        keep_file(Code::NotWritten, refused(&folder.join("no/such/out.wav"), Existing::Keep), folder);
        keep_file(Code::FormatNotHeld, refused(&folder.join("out.flac"), Existing::Keep), folder);
        let path = folder.join("out.mp3");
        let (format, programs) = ("MP3", vec!["lame", "ffmpeg"]);
        let missing = WriteError::NoEncoder { path: path.clone(), format, programs };
        keep_file(Code::NoEncoder, write_diagnostic(&missing), folder);
        let (program, said) = ("lame", "Could not find \"mix.wav\".".into());
        keep_file(
            Code::EncoderFailed,
            write_diagnostic(&WriteError::Encoder { path, program, said }),
            folder,
        );
        let mut writer = create(&folder.join("long.aiff"), Existing::Keep, Encoding::Int24).unwrap();
        let silence = vec![0.0; 740_000_000];
        let too_large = writer.write(&[&silence, &silence]).unwrap_err();
        keep_file(Code::AudioTooLarge, write_diagnostic(&too_large), folder);
    });
}
