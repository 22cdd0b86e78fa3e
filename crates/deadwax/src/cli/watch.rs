//! `deadwax watch`: every save of a graph is heard at once.

use super::Exit;
use super::args::{Global, GraphArguments};
use super::show::{self, number};
use clap::Args;
use deadwax::diagnostic::SourceMap;
use deadwax::diff::{Change, diff};
use deadwax::{
    Existing, Graph, GraphRef, Job, Measured, Outcome, RecipePlace, RenderError, Settings, Stages, Stretch,
    default_output, render,
};
use serde_json::json;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

/// How often files are looked at.
const LOOK: Duration = Duration::from_millis(100);

/// How long a file must have been left alone: editors write in steps.
const SETTLED: Duration = Duration::from_millis(40);

/// The most changes of a graph that are told.
const MOST: usize = 6;

#[derive(Debug, Args)]
pub(super) struct WatchArguments {
    /// The graph: a file.
    #[arg(value_name = "GRAPH")]
    graph: PathBuf,
    /// The mix.
    #[arg(value_name = "MIX")]
    mix: PathBuf,
    /// The part of the programme that is rendered: `1:04..1:20` [default: all of it].
    #[arg(long, value_name = "FROM..TO")]
    range: Option<Stretch>,
    /// The file that is written, again at every save [default: beside the mix, as MIX.GRAPH.watch.wav].
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Replace that file when it is there at the start. Inputs are never replaced.
    #[arg(short, long)]
    force: bool,
    #[command(flatten)]
    values: GraphArguments,
}

/// Renders at every change until somebody interrupts.
pub(super) fn run(arguments: &WatchArguments, global: &Global) -> Exit {
    let cancel = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&cancel);
    let _ = ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed));
    let mut watch = Watch { arguments, global, cancel: &cancel, output: None, last: None, seen: Vec::new() };
    loop {
        let exit = watch.once();
        // What is wrong with the command line or the output stays wrong; all else is mended by a save.
        if matches!(exit, Exit::Usage | Exit::Output) {
            return exit;
        }
        if !watch.wait() {
            return Exit::Done;
        }
    }
}

/// What a file looks like from outside: when it was written, and how long it is.
type Look = Option<(SystemTime, u64)>;

struct Watch<'a> {
    arguments: &'a WatchArguments,
    global: &'a Global,
    cancel: &'a AtomicBool,
    /// The file that is written; chosen at the first render.
    output: Option<PathBuf>,
    last: Option<(Measured, Graph)>,
    /// The files that matter, as they were before the last render began.
    seen: Vec<(PathBuf, Look)>,
}

fn look(path: &Path) -> Look {
    let about = std::fs::metadata(path).ok()?;
    Some((about.modified().ok()?, about.len()))
}

impl Watch<'_> {
    /// Loads, renders, and tells what moved.
    fn once(&mut self) -> Exit {
        let paths = [self.arguments.graph.clone(), self.arguments.mix.clone()];
        self.see(&paths);
        let name = self.arguments.graph.to_string_lossy();
        // A file is meant, whatever it is called.
        let name = if name.ends_with(".ron") { name.into_owned() } else { format!("./{name}") };
        let graph = match show::load(&self.global.registry(), &name, &self.arguments.values, self.global) {
            Ok((GraphRef::File(_), graph)) => graph,
            Ok(_) => return Exit::Usage,
            Err((_, errors)) => {
                self.see_sources(&errors.sources);
                self.wrong(&errors.diagnostics, &errors.sources);
                return Exit::Graph;
            }
        };
        self.see_sources(&graph.sources);
        let recordings: Vec<PathBuf> =
            graph.assets.iter().filter_map(|asset| asset.location.clone()).collect();
        self.see(&recordings);
        match self.render(&graph) {
            Ok(outcome) => {
                self.tell(&graph, &outcome);
                Exit::Done
            }
            Err(RenderError::Interrupted) => Exit::Interrupted,
            Err(error) => {
                self.wrong(&error.diagnostics(), &graph.sources);
                match error {
                    RenderError::Write(_) => Exit::Output,
                    RenderError::Beyond { .. } => Exit::Usage,
                    _ => Exit::Failed,
                }
            }
        }
    }

    fn render(&mut self, graph: &Graph) -> Result<Outcome, RenderError> {
        let arguments = self.arguments;
        let first = self.output.is_none();
        let chosen = || default_output(&arguments.mix, &format!("{}.watch", graph.name));
        let output = self.output.clone().or_else(|| arguments.output.clone()).unwrap_or_else(chosen);
        let settings = Settings {
            workers: self.global.jobs.map_or(Settings::default().workers, usize::from),
            existing: if first && !arguments.force { Existing::Keep } else { Existing::Replace },
            range: arguments.range,
            stages: Stages::of_user(),
            // A try is no master.
            recipe: RecipePlace::None,
            ..Settings::default()
        };
        let job = Job { input: arguments.mix.clone(), output: output.clone() };
        let outcome = render(graph, &job, &settings, self.cancel, &|_| {})?;
        self.output = Some(output);
        Ok(outcome)
    }

    fn wrong(&self, found: &[deadwax::diagnostic::Diagnostic], sources: &SourceMap) {
        show::diagnostics(found, sources, self.global);
        if self.global.json {
            show::json("watch", false, json!({}), &[(found.to_vec(), sources.clone())]);
        }
    }

    /// Says what the render measures; from the second on only what moved.
    fn tell(&mut self, graph: &Graph, outcome: &Outcome) {
        let Some(file) = outcome.files.first() else { return };
        let Some(after) = file.after.clone() else { return };
        let moved = self.last.as_ref().map_or_else(Vec::new, |(before, old)| {
            changes(old, graph).into_iter().chain(moved(before, &after)).collect()
        });
        let ran = outcome.plan.nodes.len() - outcome.reused.len();
        if self.global.json {
            let body = json!({
                "path": file.path, "after": after, "moved": moved, "seconds": outcome.seconds,
                "ran": ran, "nodes": outcome.plan.nodes.len(),
            });
            show::json("watch", true, body, &[]);
        } else if self.last.is_none() {
            let mut text = format!("rendered  {} · {:.1} s\n", file.path.display(), outcome.seconds);
            for (name, value, unit) in told(&after) {
                let _ = writeln!(text, "{name:>16}  {} {unit}", number(value));
            }
            text.push_str("   watching; every save renders again, ctrl-C ends");
            show::out(&text);
        } else {
            let what = if moved.is_empty() { "nothing moved".to_owned() } else { moved.join(" · ") };
            let nodes = outcome.plan.nodes.len();
            show::out(&format!("{what}  ({:.1} s, {ran} of {nodes} nodes ran)", outcome.seconds));
        }
        self.last = Some((after, graph.clone()));
    }

    fn see_sources(&mut self, sources: &SourceMap) {
        let paths: Vec<PathBuf> = sources.files().map(|file| PathBuf::from(&file.name)).collect();
        self.see(&paths);
    }

    /// Notes how files look now, where that is not known since this render began.
    fn see(&mut self, paths: &[PathBuf]) {
        for path in paths {
            if !self.seen.iter().any(|(known, _)| known == path) {
                self.seen.push((path.clone(), look(path)));
            }
        }
    }

    /// Waits until a file is another, and has been left alone for a moment. `false` when interrupted.
    fn wait(&mut self) -> bool {
        loop {
            if self.cancel.load(Ordering::Relaxed) {
                return false;
            }
            if self.seen.iter().any(|(path, before)| look(path) != *before) {
                break;
            }
            std::thread::sleep(LOOK);
        }
        loop {
            let now: Vec<Look> = self.seen.iter().map(|(path, _)| look(path)).collect();
            std::thread::sleep(SETTLED);
            let here = look(&self.arguments.graph).is_some() && look(&self.arguments.mix).is_some();
            if here && self.seen.iter().zip(&now).all(|((path, _), now)| look(path) == *now) {
                break;
            }
            if self.cancel.load(Ordering::Relaxed) {
                return false;
            }
        }
        self.seen.clear();
        true
    }
}

fn told(measured: &Measured) -> [(&'static str, Option<f64>, &'static str); 5] {
    [
        ("loudness", measured.integrated_lufs, "LUFS"),
        ("true peak", measured.true_peak_dbtp, "dBTP"),
        ("loudest 3 s", measured.max_short_term_lufs, "LUFS"),
        ("loudness range", measured.loudness_range_lu, "LU"),
        ("peak to loudness", measured.plr_lu, "LU"),
    ]
}

/// What measures otherwise, by a tenth and more.
fn moved(before: &Measured, after: &Measured) -> Vec<String> {
    let pairs = told(before).into_iter().zip(told(after));
    let told = pairs.filter(|(before, after)| number(before.1) != number(after.1));
    told.map(|((name, before, unit), (_, after, _))| {
        format!("{name} {} → {} {unit}", number(before), number(after))
    })
    .collect()
}

/// What is other in the graph.
fn changes(before: &Graph, after: &Graph) -> Vec<String> {
    let mut all: Vec<String> = diff(before, after).iter().map(Change::to_string).collect();
    if all.len() > MOST {
        let more = all.len() - MOST + 1;
        all.truncate(MOST - 1);
        all.push(format!("and {more} more changes"));
    }
    all
}
