//! `deadwax render`.

mod args;
mod summary;

pub(super) use args::RenderArguments;

use super::Exit;
use super::args::Global;
use super::learn;
use super::progress::Board;
use super::report;
use super::show;
use args::{Bits, Pass, Place};
use deadwax::diagnostic::Diagnostic;
use deadwax::recipe::Ledger;
use deadwax::{
    Encoding, Existing, Ghosts, Graph, GraphRef, Job, LessonPlace, Outcome, RecipePlace, RenderError,
    Settings, Stages, default_output, render,
};
use rayon::prelude::*;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use summary::{brief, outcome_json};

/// Renders every mix.
pub(super) fn run(arguments: &RenderArguments, global: &Global) -> Exit {
    let ghosts = arguments.ghosts.map_or(Ghosts::Refuse, |Pass::Bypass| Ghosts::Bypass);
    let (name, values) = (&arguments.graph, &arguments.values);
    let loaded = show::load_with_ghosts(&global.registry(), name, values, global, ghosts);
    let (reference, mut graph) = match loaded {
        Ok(loaded) => loaded,
        Err((exit, errors)) => {
            if global.json {
                show::json("render", false, json!({"files": []}), &[(errors.diagnostics, errors.sources)]);
            } else {
                show::diagnostics(&errors.diagnostics, &errors.sources, global);
            }
            return exit;
        }
    };
    if !global.quiet {
        show::diagnostics(&graph.warnings, &graph.sources, global);
    }
    let places = match learn::places(arguments, &reference, &mut graph) {
        Ok(places) => places,
        Err((exit, errors, sources)) => {
            show::diagnostics(&errors, &sources, global);
            if global.json {
                show::json("render", false, json!({"files": []}), &[(errors, sources)]);
            }
            return exit;
        }
    };
    let cancel = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&cancel);
    // The first ctrl-C lets the run stop by itself, so that nothing is left behind.
    let _ = ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed));
    let batch = Batch {
        arguments,
        global,
        reference: &reference,
        graph: &graph,
        places,
        settings: settings(arguments, global),
        board: Board::new(arguments.progress, global),
        cancel: &cancel,
    };
    let results = batch.render();
    batch.conclude(&results)
}

fn settings(arguments: &RenderArguments, global: &Global) -> Settings {
    let defaults = Settings::default();
    let encoding = arguments.bits.map(|bits| match bits {
        Bits::Int16 => Encoding::Int16,
        Bits::Int24 => Encoding::Int24,
        Bits::Int32 => Encoding::Int32,
        Bits::Float => Encoding::Float32,
        Bits::Double => Encoding::Float64,
    });
    Settings {
        workers: global.jobs.map_or(defaults.workers, usize::from),
        block: arguments.block as usize,
        portable: arguments.portable,
        encoding,
        existing: if arguments.force { Existing::Replace } else { Existing::Keep },
        spool_memory: u64::from(arguments.spool_memory) << 20,
        measure: !arguments.no_measure,
        levels: arguments.report,
        range: arguments.range,
        taps: arguments.taps.clone(),
        recipe: match arguments.recipe {
            Some(Place::Embed) => RecipePlace::Embed,
            Some(Place::Sidecar) => RecipePlace::Sidecar,
            Some(Place::None) => RecipePlace::None,
            None if arguments.no_tags => RecipePlace::None,
            None => RecipePlace::Embed,
        },
        ledger: Ledger::of_user(),
        // Whoever renders many mixes seldom renders one again, and the stages of all would fill the disk.
        stages: Stages::of_user().filter(|_| !arguments.no_cache && arguments.mixes.len() == 1),
        keep_tags: !arguments.no_tags,
        tags: arguments.tags.clone(),
        ..defaults
    }
}

struct Batch<'a> {
    arguments: &'a RenderArguments,
    global: &'a Global,
    reference: &'a GraphRef,
    graph: &'a Graph,
    /// Where what nodes learn is kept.
    places: Vec<LessonPlace>,
    settings: Settings,
    board: Board,
    cancel: &'a AtomicBool,
}

type Result = std::result::Result<Outcome, RenderError>;

impl Batch<'_> {
    /// Renders all mixes. With at least as many as there are workers, each file has one worker to itself: the same
    /// bytes, and cheaper.
    fn render(&self) -> Vec<(PathBuf, Result)> {
        let jobs = self.jobs();
        let workers = self.settings.workers;
        if jobs.len() < 2 || jobs.len() < workers {
            return jobs.into_iter().map(|job| self.one(job, &self.settings)).collect();
        }
        let spool_memory = self.settings.spool_memory / workers as u64;
        let settings = Settings { workers: 1, spool_memory, ..self.settings.clone() };
        match rayon::ThreadPoolBuilder::new().num_threads(workers).build() {
            Ok(pool) => pool.install(|| jobs.into_par_iter().map(|job| self.one(job, &settings)).collect()),
            Err(_) => jobs.into_iter().map(|job| self.one(job, &settings)).collect(),
        }
    }

    fn jobs(&self) -> Vec<Job> {
        let mixes = &self.arguments.mixes;
        let name = &self.graph.name;
        let output = |input: &Path| match &self.arguments.output {
            None => default_output(input, name),
            Some(output) if mixes.len() == 1 && !output.is_dir() => output.clone(),
            Some(folder) => {
                let beside = input.with_extension(format!("{name}.wav"));
                folder.join(beside.file_name().unwrap_or_default())
            }
        };
        mixes.iter().map(|input| Job { input: input.clone(), output: output(input) }).collect()
    }

    fn one(&self, job: Job, settings: &Settings) -> (PathBuf, Result) {
        if self.cancel.load(Ordering::Relaxed) {
            return (job.input, Err(RenderError::Interrupted));
        }
        let line = self.board.file(&job.input);
        let result = render(self.graph, &job, settings, self.cancel, &|progress| line.update(progress));
        line.finish();
        if self.arguments.mixes.len() > 1 && !self.global.quiet && !self.global.json {
            self.board.say(&brief(&job.input, &result));
        }
        (job.input, result)
    }

    /// Shows what came of it.
    fn conclude(&self, results: &[(PathBuf, Result)]) -> Exit {
        let exit = results
            .iter()
            .filter_map(|(_, result)| result.as_ref().err())
            .map(exit)
            .max()
            .unwrap_or(Exit::Done);
        let (pages, mut unwritten) = self.pages(results);
        let kept = self.kept(results).unwrap_or_else(|failed| {
            unwritten.push(failed);
            Vec::new()
        });
        let exit = unwritten.iter().map(|failed| failed.0).fold(exit, Exit::max);
        if self.global.json {
            self.conclude_json(results, exit, (&pages, &kept), unwritten);
            return exit;
        }
        for (input, result) in results {
            match result {
                Ok(outcome) if !self.global.quiet && results.len() == 1 => {
                    show::out(&self.summary(input, outcome))
                }
                Ok(outcome) if self.global.quiet => {
                    outcome.files.iter().for_each(|file| show::out(&file.path.display().to_string()));
                }
                Ok(_) => {}
                Err(error) => show::diagnostics(&error.diagnostics(), &self.graph.sources, self.global),
            }
        }
        let label = if self.global.quiet { "" } else { "     page  " };
        pages.iter().for_each(|page| show::out(&format!("{label}{}", page.display())));
        learn::told(&kept, self.global.quiet);
        unwritten.iter().for_each(|(_, errors, sources)| show::diagnostics(errors, sources, self.global));
        exit
    }

    /// The pages about what was rendered, if they are wanted, and why others could not be made.
    fn pages(&self, results: &[(PathBuf, Result)]) -> (Vec<PathBuf>, Vec<report::Failed>) {
        let (mut pages, mut unwritten) = (Vec::new(), Vec::new());
        for (input, result) in results.iter().filter(|_| self.arguments.report) {
            let Ok(outcome) = result else { continue };
            match report::of_render((input, outcome), self.graph, self.arguments) {
                Ok(page) => pages.push(page),
                Err(failed) => unwritten.push(failed),
            }
        }
        (pages, unwritten)
    }

    /// The files with what was learnt.
    fn kept(&self, results: &[(PathBuf, Result)]) -> std::result::Result<Vec<PathBuf>, report::Failed> {
        let outcome = results.iter().find_map(|(_, result)| result.as_ref().ok());
        outcome.map_or(Ok(Vec::new()), |outcome| {
            learn::keep(self.arguments, self.reference, &self.places, outcome)
        })
    }

    fn conclude_json(
        &self,
        results: &[(PathBuf, Result)],
        exit: Exit,
        (pages, kept): (&[PathBuf], &[PathBuf]),
        unwritten: Vec<report::Failed>,
    ) {
        let file = |(input, result): &(PathBuf, Result)| match result {
            Ok(outcome) => outcome_json(input, outcome),
            Err(error) => json!({"input": input, "ok": false, "error": error.to_string()}),
        };
        let files: Vec<Value> = results.iter().map(file).collect();
        let each = results.iter().flat_map(|(_, result)| match result {
            Ok(outcome) => outcome.warnings(self.graph),
            Err(error) => error.diagnostics(),
        });
        let found: Vec<Diagnostic> = self.graph.warnings.iter().cloned().chain(each).collect();
        let mut body = json!({"graph": self.graph.name, "origin": self.reference.origin(), "files": files});
        if self.arguments.report {
            body["pages"] = json!(pages);
        }
        if self.arguments.learn {
            body["learnt"] = json!(kept);
        }
        let found = std::iter::once((found, self.graph.sources.clone()));
        let found: Vec<_> =
            found.chain(unwritten.into_iter().map(|(_, errors, sources)| (errors, sources))).collect();
        show::json("render", exit == Exit::Done, body, &found);
    }
}

pub(super) fn exit(error: &RenderError) -> Exit {
    match error {
        RenderError::Read(_) => Exit::Input,
        RenderError::Write(_) => Exit::Output,
        RenderError::Compile(_) => Exit::Graph,
        RenderError::Beyond { .. } => Exit::Usage,
        RenderError::Interrupted => Exit::Interrupted,
        _ => Exit::Failed,
    }
}
