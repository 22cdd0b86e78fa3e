//! Rendering: a mix in, masters out.

use crate::files::{FileSink, FileSource, Target};
use crate::levels::{Levels, metered};
use crate::measure::measure;
use deadwax_audio::{
    Container, Encoding, Existing, Info, Loudness, Metadata, ReadError, WriteError, Written, read_metadata,
};
use deadwax_engine::{Compiled, Options, Plan, Progress, RunError, RunOptions, Sink, Source, compile, run};
use deadwax_graph::Graph;
use deadwax_graph::diagnostic::{Code, Diagnostic, sort};
use deadwax_graph::model::{From, To};
use deadwax_measure::Measured;
use deadwax_node::{Format, Report};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use thiserror::Error;

/// How to render.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Workers for one file. The result is the same for any number.
    pub workers: usize,
    /// Frames in a block. The result is the same for any number.
    pub block: usize,
    /// Whether FFTs must give the same bits on every CPU.
    pub portable: bool,
    /// How samples are written; `None` leaves it to the graph: 16 bit behind a 16 bit `Dither`, otherwise 24 bit.
    pub encoding: Option<Encoding>,
    /// What to do when an output file is there.
    pub existing: Existing,
    /// Bytes that wires kept between passes may take in memory.
    pub spool_memory: u64,
    /// Bytes that wires kept between passes may take at all.
    pub spool_limit: u64,
    /// Whether to measure the file before and after.
    pub measure: bool,
    /// Whether to hear how loud every wire is; see [`Outcome::levels`].
    pub levels: bool,
    /// Whether the master says what the mix says, and what it measures.
    pub keep_tags: bool,
    /// What the master says beside that: keys and values, of which an empty one takes the key away.
    pub tags: Vec<(String, String)>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            workers: std::thread::available_parallelism().map_or(1, usize::from),
            block: Options::default().block,
            portable: false,
            encoding: None,
            existing: Existing::Keep,
            spool_memory: 512 << 20,
            spool_limit: 64 << 30,
            measure: true,
            levels: false,
            keep_tags: true,
            tags: Vec::new(),
        }
    }
}

/// What is to be rendered.
#[derive(Clone, Debug)]
pub struct Job {
    /// The mix.
    pub input: PathBuf,
    /// The master; further outputs of the graph get their name in front of the ending.
    pub output: PathBuf,
}

/// One file that was written.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// The graph's output.
    pub name: String,
    /// The file.
    pub path: PathBuf,
    /// Rate and channels.
    pub format: Format,
    /// The kind of file.
    pub container: Container,
    /// How samples are written.
    pub encoding: Encoding,
    /// Whether the writer added dither, because the graph has none.
    pub dithered: bool,
    /// What was written.
    pub written: Written,
    /// What it says about the programme.
    pub metadata: Metadata,
    /// What the finished file measures, read back from the disk; of what a lossy encoder makes, what it was given.
    pub after: Option<Measured>,
}

/// What came of a job.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What the mix says about itself.
    pub input: Info,
    /// What the mix measures.
    pub before: Option<Measured>,
    /// The files.
    pub files: Vec<Rendered>,
    /// The plan that was run.
    pub plan: Plan,
    /// Frames of the mix.
    pub frames: u64,
    /// How many passes were run, rounds to a goal included.
    pub passes_run: usize,
    /// What nodes had to tell.
    pub reports: Vec<(String, Report)>,
    /// What nodes learnt, by name: texts for [`write_lessons`](crate::write_lessons).
    pub lessons: Vec<(String, String)>,
    /// How loud every wire was, if that was asked for.
    pub levels: Levels,
    /// What came of goals.
    pub goals: Vec<(String, Report)>,
    /// Seconds that the passes took.
    pub seconds: f64,
}

impl Outcome {
    /// What is worth knowing, though the files are there: goals of nodes of `graph` that were not reached.
    #[must_use]
    pub fn warnings(&self, graph: &Graph) -> Vec<Diagnostic> {
        self.goals.iter().filter_map(|(name, report)| unreached(name, &report.to_json(), graph)).collect()
    }
}

/// The warning of a goal that was not reached; its report says `reached`, and may say what was delivered and what helps.
fn unreached(name: &str, told: &serde_json::Value, graph: &Graph) -> Option<Diagnostic> {
    if told["reached"] != serde_json::Value::Bool(false) {
        return None;
    }
    let lufs = |key: &str| {
        told[key].as_f64().map_or_else(|| "nothing".to_owned(), |value| format!("{value:.1} LUFS"))
    };
    let message =
        format!("`{name}` did not reach {}; delivered: {}", lufs("target_lufs"), lufs("delivered_lufs"));
    let node = graph.nodes.iter().find(|node| node.name == name);
    let diagnostic = match node {
        Some(node) => {
            let at = (node.origin.file, node.origin.span.clone());
            Diagnostic::new(Code::Unreached, message, at, "this goal")
        }
        None => Diagnostic::general(Code::Unreached, message),
    };
    Some(match told["help"].as_str() {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    })
}

/// Why a job came to nothing. No output file is there then.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RenderError {
    /// The mix cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// An output cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The graph does not work for this mix.
    #[error("the graph does not work for this file")]
    Compile(Vec<Diagnostic>),
    /// The run stopped.
    #[error("{error}")]
    Run {
        /// Why.
        error: RunError,
        /// The same, with its place in the graph.
        diagnostic: Box<Diagnostic>,
    },
    /// Somebody asked to stop.
    #[error("interrupted")]
    Interrupted,
}

impl RenderError {
    /// The error as diagnostics.
    #[must_use]
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        match self {
            Self::Compile(diagnostics) => diagnostics.clone(),
            Self::Run { diagnostic, .. } => vec![(**diagnostic).clone()],
            Self::Read(error) => vec![read_diagnostic(error)],
            Self::Write(error) => vec![write_diagnostic(error)],
            Self::Interrupted => vec![Diagnostic::general(Code::Interrupted, self.to_string())],
        }
    }
}

/// An input that cannot be read, for people.
#[must_use]
pub fn read_diagnostic(error: &ReadError) -> Diagnostic {
    let message = error.to_string();
    match error {
        ReadError::Open { .. } => Diagnostic::general(Code::AudioNotRead, message).help("is the name right?"),
        ReadError::Damaged { .. } | ReadError::Truncated { .. } => {
            Diagnostic::general(Code::AudioDamaged, message)
                .help("nothing is rendered from a damaged file; export or copy it again")
        }
        _ => Diagnostic::general(Code::AudioNotRead, message)
            .help("WAV, RF64, W64, AIFF, FLAC, MP3, AAC and ALAC in MP4, Ogg Vorbis and CAF are read"),
    }
}

/// An output that cannot be written, for people.
#[must_use]
pub fn write_diagnostic(error: &WriteError) -> Diagnostic {
    let message = error.to_string();
    match error {
        WriteError::IsInput { .. } => {
            Diagnostic::general(Code::WouldOverwriteInput, message).help("choose another name with `-o`")
        }
        WriteError::Exists { .. } => Diagnostic::general(Code::Exists, message)
            .help("choose another name with `-o`, or replace it with `-f`"),
        WriteError::TooLarge { .. } => Diagnostic::general(Code::AudioTooLarge, message)
            .help("write WAV, which grows to RF64, or render at fewer bits or a lower rate"),
        WriteError::Format { help, .. } => Diagnostic::general(Code::FormatNotHeld, message).help(help),
        WriteError::NoEncoder { programs, .. } => Diagnostic::general(Code::NoEncoder, message)
            .help(format!("install {}, or write .wav or .flac", programs.join(" or "))),
        WriteError::Encoder { .. } => Diagnostic::general(Code::EncoderFailed, message)
            .help("does it run by itself? a .wav or .flac needs no other program"),
        _ => Diagnostic::general(Code::NotWritten, message)
            .help("is the folder there, and is there room on the disk?"),
    }
}

/// Reads the recordings that `graph` declares, and compiles it for a file of `format`.
///
/// # Errors
/// What is wrong with the recordings, or with the graph at this format, in reading order.
pub fn plan(graph: &Graph, format: Format, settings: &Settings) -> Result<Compiled, Vec<Diagnostic>> {
    let Settings { block, workers, portable, .. } = *settings;
    let assets = crate::assets::read_assets(graph)?;
    let options = Options { block, workers, portable, assets, ..Options::default() };
    compile(graph, format, &options).map_err(|errors| {
        let mut diagnostics = errors.iter().map(deadwax_engine::CompileError::diagnostic).collect();
        sort(&mut diagnostics);
        diagnostics
    })
}

/// Renders `job` through `graph`.
///
/// # Errors
/// The first thing that went wrong; no output file is there then.
pub fn render(
    graph: &Graph,
    job: &Job,
    settings: &Settings,
    cancel: &AtomicBool,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Outcome, RenderError> {
    let mut source = FileSource::open(&job.input, settings.measure)?;
    let mut compiled = plan(graph, source.format(), settings).map_err(RenderError::Compile)?;
    let planned = compiled.plan.clone();
    let metered = settings.levels.then(|| metered(graph));
    if let Some(metered) = &metered {
        compiled = plan(&metered.graph, source.format(), settings).map_err(RenderError::Compile)?;
    }
    let outputs = compiled.plan.outputs.clone();
    let mut targets = Vec::new();
    for (number, (name, format)) in outputs.iter().enumerate() {
        let mut target = target(graph, number, name, job, settings)?;
        target.mask = source.info().mask.filter(|_| format.channels() == source.info().channels);
        target.spec(*format).check(&target.path)?;
        target.expected =
            said(graph, job, settings, f64::from(format.rate_hz) / f64::from(source.info().rate_hz));
        targets.push(target);
    }
    let begun = Instant::now();
    let mut sinks: Vec<FileSink> = targets.iter().cloned().map(FileSink::new).collect();
    let mut outcome = {
        let mut taken: Vec<&mut dyn Sink> = sinks.iter_mut().map(|sink| sink as &mut dyn Sink).collect();
        let (spool_memory, spool_limit) = (settings.spool_memory, settings.spool_limit);
        let options = RunOptions { spool_memory, spool_limit, cancel, progress };
        run(&mut compiled, &mut source, &mut taken, &options).map_err(|error| stopped(error, graph))?
    };
    let seconds = begun.elapsed().as_secs_f64();
    let files = conclude(sinks, targets, outputs, settings, cancel)?;
    Ok(Outcome {
        input: source.info().clone(),
        before: source.measured().cloned(),
        files,
        plan: planned,
        frames: outcome.frames,
        passes_run: outcome.passes_run,
        levels: metered.map(|metered| metered.read(&mut outcome.reports)).unwrap_or_default(),
        reports: outcome.reports,
        goals: outcome.goals,
        lessons: outcome.lessons,
        seconds,
    })
}

/// Measures what was written, says it, and puts all files in their places: none before the last one is whole.
fn conclude(
    sinks: Vec<FileSink>,
    targets: Vec<Target>,
    outputs: Vec<(String, Format)>,
    settings: &Settings,
    cancel: &AtomicBool,
) -> Result<Vec<Rendered>, RenderError> {
    let mut sealed = Vec::new();
    for (sink, target) in sinks.into_iter().zip(&targets) {
        let Some(file) = sink.seal()? else { continue };
        let after = settings.measure.then(|| measure(file.path())).transpose();
        let after = after.map_err(|error| unreadable(error, &target.path))?;
        sealed.push((file, after.map(|measured| measured.1)));
    }
    let mut files = Vec::new();
    for (((file, after), target), (name, format)) in sealed.into_iter().zip(targets).zip(outputs) {
        let Target { path, container, encoding, dither: dithered, expected: mut metadata, .. } = target;
        if let Some(after) = after.as_ref().filter(|_| settings.keep_tags) {
            metadata.measured(Loudness {
                integrated_lufs: after.integrated_lufs,
                range_lu: after.loudness_range_lu,
                true_peak_dbtp: after.true_peak_dbtp,
                max_momentary_lufs: after.max_momentary_lufs,
                max_short_term_lufs: after.max_short_term_lufs,
            });
        }
        let written = file.finish(&metadata).map_err(|error| {
            // Ctrl-C reaches the encoder program, too, which is no failure of its own.
            if cancel.load(Ordering::Relaxed) { RenderError::Interrupted } else { error.into() }
        })?;
        files.push(Rendered { name, path, format, container, encoding, dithered, written, metadata, after });
    }
    Ok(files)
}

/// A master that cannot be read back was not written well; under its own name, not that of the file in between.
fn unreadable(error: ReadError, path: &Path) -> WriteError {
    let cause = match error {
        ReadError::Open { cause, .. } => cause,
        other => std::io::Error::other(format!("it cannot be read back: {other}")),
    };
    WriteError::Io { path: path.to_owned(), cause }
}

/// What a master at `ratio` times the rate of the mix is to say about the programme.
fn said(graph: &Graph, job: &Job, settings: &Settings, ratio: f64) -> Metadata {
    let mut metadata = Metadata::default();
    if settings.keep_tags {
        // A mix that can be heard is rendered, whatever its tags are like.
        metadata = read_metadata(&job.input).unwrap_or_default();
        metadata.pass_on(ratio, graph.nodes.iter().any(|node| node.on && node.node.cuts()));
    }
    for (key, value) in &settings.tags {
        metadata.set(key, value);
    }
    metadata
}

/// Errors of files come through the engine wrapped up: takes them out again.
fn stopped(error: RunError, graph: &Graph) -> RenderError {
    match error {
        RunError::Interrupted => RenderError::Interrupted,
        RunError::Source { at, cause } => match cause.downcast::<ReadError>() {
            Ok(error) => RenderError::Read(*error),
            Err(cause) => located(RunError::Source { at, cause }, graph),
        },
        RunError::Sink { output, at, cause } => match cause.downcast::<WriteError>() {
            Ok(error) => RenderError::Write(*error),
            Err(cause) => located(RunError::Sink { output, at, cause }, graph),
        },
        error => located(error, graph),
    }
}

fn located(error: RunError, graph: &Graph) -> RenderError {
    let diagnostic = Box::new(error.diagnostic(graph));
    RenderError::Run { error, diagnostic }
}

/// How output `number` of the graph is to be written.
fn target(
    graph: &Graph,
    number: usize,
    name: &str,
    job: &Job,
    settings: &Settings,
) -> Result<Target, WriteError> {
    let path = if number == 0 { job.output.clone() } else { with_name(&job.output, name) };
    let container = Container::of_path(&path)?;
    let bits = dithered_to(graph, number);
    let encoding = settings.encoding.unwrap_or(match bits {
        _ if !container.is_lossless() => Encoding::Float32,
        Some(..=16) => Encoding::Int16,
        _ => Encoding::Int24,
    });
    let dither = encoding.is_integer() && bits.is_none_or(|bits| bits > u64::from(encoding.bits()));
    let (existing, inputs) = (settings.existing, vec![job.input.clone()]);
    let expected = Metadata::default();
    Ok(Target { path, container, encoding, dither, existing, inputs, mask: None, expected })
}

/// The word length that the graph itself dithers an output to, if the last node before it is a `Dither`.
fn dithered_to(graph: &Graph, output: usize) -> Option<u64> {
    let wire = graph.wires.iter().find(|wire| wire.to == To::Output(output))?;
    let From::Node(node, _) = wire.from else { return None };
    let node = &graph.nodes[node.0];
    (node.on && node.node.about().kind == "Dither").then(|| node.node.to_json()["bits"].as_u64())?
}

/// `mix.wav` and `cd` make `mix.cd.wav`.
fn with_name(path: &Path, name: &str) -> PathBuf {
    let ending = path.extension().map_or("wav".into(), |ending| ending.to_string_lossy());
    path.with_extension(format!("{name}.{ending}"))
}

/// Where the master of `input` through the graph called `graph` goes when nobody says: beside the input, and never in
/// the place of another file (`mix.streaming.wav`, then `mix.streaming.r2.wav`, …).
#[must_use]
pub fn default_output(input: &Path, graph: &str) -> PathBuf {
    let stem = input.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let named = |take: usize| match take {
        1 => input.with_file_name(format!("{stem}.{graph}.wav")),
        take => input.with_file_name(format!("{stem}.{graph}.r{take}.wav")),
    };
    (1..).map(named).find(|path| path.symlink_metadata().is_err()).unwrap_or_else(|| named(1))
}
