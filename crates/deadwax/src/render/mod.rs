//! Rendering: a mix in, masters out.

mod conclude;
mod error;
mod recipes;
mod stretch;
mod taps;
mod target;

pub use error::{RenderError, read_diagnostic, write_diagnostic};
pub use stretch::{Stretch, StretchError};
pub use target::default_output;

use crate::files::{FileSink, FileSource};
use crate::levels::{Levels, metered};
use crate::recipe::{Ledger, Recipe, Untold};
use crate::stages::{Stages, stage};
use conclude::Ending;
use deadwax_audio::{Container, Encoding, Existing, Info, Metadata, Written};
use deadwax_engine::{Compiled, Options, Plan, Progress, RunOptions, Sink, Source, compile, run};
use deadwax_graph::Graph;
use deadwax_graph::diagnostic::{Code, Diagnostic, sort};
use deadwax_measure::Measured;
use deadwax_node::{Format, Report};
pub(crate) use error::stopped;
use recipes::Recipes;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Instant;
use taps::tapped;
use target::targets;

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
    /// The part of the programme that is written, exactly as it is in the whole.
    pub range: Option<Stretch>,
    /// Wires that are written too, each as a file of its own: `glue`, `split.low`, `input`.
    pub taps: Vec<String>,
    /// Where rendered stages are kept, and read again where nothing in front of them has changed. Not used when levels are
    /// heard.
    pub stages: Option<Stages>,
    /// Where the recipes of outputs go. Taps have none.
    pub recipe: RecipePlace,
    /// Where recipes are found again when files have lost them.
    pub ledger: Option<Ledger>,
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
            range: None,
            taps: Vec::new(),
            stages: None,
            recipe: RecipePlace::Embed,
            ledger: None,
            keep_tags: true,
            tags: Vec::new(),
        }
    }
}

/// Where the recipe of a file goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RecipePlace {
    /// Into the file; beside it where its kind has no room.
    #[default]
    Embed,
    /// Beside the file, as NAME.dwr.json.
    Sidecar,
    /// Nowhere.
    None,
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
    /// The recipe, if it has one.
    pub recipe: Option<Recipe>,
    /// Where the recipe lies, if beside the file.
    pub sidecar: Option<PathBuf>,
    /// Why it has none, though one was wanted.
    pub without_recipe: Option<Untold>,
}

impl Rendered {
    /// Whether it is what was on a wire, and no output of the graph.
    #[must_use]
    pub fn is_tap(&self) -> bool {
        self.name.starts_with(taps::TAP)
    }
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
    /// Nodes that did not run, because what they give was kept from an earlier render.
    pub reused: Vec<String>,
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
    /// Why the ledger does not have the recipes, though it should.
    pub not_in_ledger: Option<String>,
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

/// Reads the recordings that `graph` declares, and compiles it for a file of `format`.
///
/// # Errors
/// What is wrong with the recordings, or with the graph at this format, in reading order.
pub fn plan(graph: &Graph, format: Format, settings: &Settings) -> Result<Compiled, Vec<Diagnostic>> {
    let Settings { block, workers, portable, .. } = *settings;
    let unmet = graph.unmet(format);
    if !unmet.is_empty() {
        return Err(unmet);
    }
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
    let tapped = tapped(graph, &settings.taps).map_err(RenderError::Compile)?;
    let mut compiled = plan(&tapped, source.format(), settings).map_err(RenderError::Compile)?;
    let planned = compiled.plan.clone();
    let mut until = None;
    if let Some(stretch) = settings.range {
        until = hear_only(&mut source, stretch, graph, &planned)?;
    }
    let stages = settings.stages.as_ref().filter(|_| !settings.levels);
    let staged = stages.and_then(|stages| stage(stages, &tapped, &planned, settings, &job.input, until));
    if let Some(staged) = &staged {
        compiled = plan(&staged.graph, source.format(), settings).map_err(RenderError::Compile)?;
    }
    let metered = settings.levels.then(|| metered(&tapped));
    if let Some(metered) = &metered {
        compiled = plan(&metered.graph, source.format(), settings).map_err(RenderError::Compile)?;
    }
    let outputs = compiled.plan.outputs.clone();
    let recipes = Recipes::new(graph, &planned, settings, &mut source);
    let mut targets = targets(&tapped, &outputs, job, settings, source.info())?;
    recipes.expect(&mut targets, &outputs);
    let begun = Instant::now();
    let mut sinks: Vec<FileSink> = targets.iter().cloned().map(FileSink::new).collect();
    let mut outcome = {
        let mut taken: Vec<&mut dyn Sink> = sinks.iter_mut().map(|sink| sink as &mut dyn Sink).collect();
        let (spool_memory, spool_limit) = (settings.spool_memory, settings.spool_limit);
        let options = RunOptions { spool_memory, spool_limit, cancel, progress };
        run(&mut compiled, &mut source, &mut taken, &options).map_err(|error| stopped(error, graph))?
    };
    let seconds = begun.elapsed().as_secs_f64();
    let reused = staged.map(|staged| staged.conclude(&mut outcome)).unwrap_or_default();
    let recipes = recipes.heard(&source)?;
    let files = Ending { settings, cancel, recipes }.conclude(sinks, targets, outputs)?;
    let ledger = settings.ledger.iter().flat_map(|ledger| files.iter().map(move |file| (ledger, file)));
    let added = ledger.map(|(ledger, file)| file.recipe.as_ref().map_or(Ok(()), |recipe| ledger.add(recipe)));
    let not_in_ledger = added.filter_map(Result::err).next().map(|error| error.to_string());
    Ok(Outcome {
        input: source.info().clone(),
        before: source.measured().cloned(),
        files,
        plan: planned,
        frames: outcome.frames,
        reused,
        passes_run: outcome.passes_run,
        levels: metered.map(|metered| metered.read(&mut outcome.reports)).unwrap_or_default(),
        reports: outcome.reports,
        goals: outcome.goals,
        lessons: outcome.lessons,
        not_in_ledger,
        seconds,
    })
}

/// What the recipe of a render of the file at `input` through `graph` says before it is rendered: the same for the same work.
pub(crate) fn recipe_before(graph: &Graph, input: &Path, settings: &Settings) -> Result<String, RenderError> {
    let mut source = FileSource::open(input, false)?;
    let planned = plan(graph, source.format(), settings).map_err(RenderError::Compile)?.plan;
    let settings = Settings { recipe: RecipePlace::Embed, measure: false, ..settings.clone() };
    let job = Job { input: input.to_owned(), output: input.with_extension("wav") };
    let targets = targets(graph, &planned.outputs, &job, &settings, source.info())?;
    let recipes = Recipes::new(graph, &planned, &settings, &mut source).heard(&source)?;
    let first = targets.first().zip(planned.outputs.first());
    let recipe = first.and_then(|(target, (_, format))| recipes.of(0, target, *format));
    Ok(match recipe {
        Some(Ok(recipe)) => recipe.to_text(),
        // What cannot be told as one text is never the same.
        Some(Err(_)) | None => format!("{:?} {:?}", std::time::SystemTime::now(), job.input),
    })
}

/// Seconds that are read behind the end of a stretch beyond what the latencies ask for: more than any chunk of a node.
const BEYOND_S: f64 = 1.0;

/// Lets only a stretch of the programme be measured, and no more of it be read than that stretch depends on. A node that
/// hears the whole programme, or cuts it, needs all of it. Gives back where reading ends, if not at the end.
fn hear_only(
    source: &mut FileSource,
    stretch: Stretch,
    graph: &Graph,
    plan: &Plan,
) -> Result<Option<u64>, RenderError> {
    let rate_hz = source.format().rate_hz;
    let frames = stretch.frames(rate_hz);
    if let Some(length) = source.frames().filter(|length| *length <= frames.start) {
        return Err(RenderError::Beyond { stretch, seconds: length as f64 / f64::from(rate_hz) });
    }
    let cut = graph.nodes.iter().any(|node| node.on && node.node.cuts());
    let late_ms = plan.wires.iter().map(|wire| wire.late_ms).fold(0.0, f64::max);
    // What comes later cannot change a frame that has left every node: each is late by its latency, and no later.
    let ahead = ((late_ms / 1000.0 + BEYOND_S) * f64::from(rate_hz)) as u64;
    let until = (plan.passes.len() == 1 && !cut).then(|| frames.end.saturating_add(ahead));
    source.only(frames, until);
    Ok(until)
}
