//! `deadwax render`.

use super::Exit;
use super::args::{Bits, Global, RenderArguments};
use super::learn;
use super::progress::Board;
use super::remarks;
use super::report;
use super::show::{self, number};
use comfy_table::{CellAlignment, Table};
use deadwax::diagnostic::Diagnostic;
use deadwax::{
    Encoding, Existing, Graph, GraphRef, Job, LessonPlace, Measured, Outcome, RenderError, Rendered,
    Settings, default_output, registry, render,
};
use rayon::prelude::*;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Renders every mix.
pub(super) fn run(arguments: &RenderArguments, global: &Global) -> Exit {
    let (reference, mut graph) = match show::load(&registry(), &arguments.graph, &arguments.values) {
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

    fn summary(&self, input: &Path, outcome: &Outcome) -> String {
        let mut text = String::new();
        let seconds = outcome.frames as f64 / f64::from(outcome.input.rate_hz);
        let bits = outcome.input.bits.map_or_else(String::new, |bits| format!(" · {bits} bit"));
        let (name, length) = (input.display(), show::time(seconds));
        let _ = writeln!(
            text,
            "    input  {name} · {length} · {} · {}{bits}",
            show::format(outcome.plan.input),
            outcome.input.codec
        );
        let _ = writeln!(text, "    graph  {} {}", self.graph_line(), self.passes(outcome));
        let speed = seconds / outcome.seconds.max(1e-3);
        let runs =
            if outcome.passes_run == 1 { "1 run".into() } else { format!("{} runs", outcome.passes_run) };
        let _ = writeln!(
            text,
            "     took  {:.1} s for {runs} over the programme · {speed:.0}× real time",
            outcome.seconds
        );
        for file in &outcome.files {
            let _ = writeln!(text, "    wrote  {}", wrote(file));
        }
        for line in outcome.files.iter().filter_map(tags) {
            let _ = writeln!(text, "     tags  {line}");
        }
        for file in &outcome.files {
            if let (Some(before), Some(after)) = (&outcome.before, &file.after) {
                let _ = write!(text, "\n{}", table(before, after));
            }
        }
        let remarks = remarks::remarks(&outcome.reports);
        if !remarks.is_empty() {
            let _ = write!(text, "\n{remarks}");
        }
        if let Some(file) = outcome.files.first() {
            let _ = write!(
                text,
                "\n     next  deadwax explain {} · deadwax measure {}",
                self.arguments.graph,
                file.path.display()
            );
        }
        text
    }

    fn graph_line(&self) -> String {
        let about = &self.graph.about;
        let version = if about.version.is_empty() { String::new() } else { format!(" {}", about.version) };
        let mut line = format!("{}{version} ({})", self.graph.name, self.reference.origin());
        if let Some(preset) = &self.arguments.values.preset {
            let _ = write!(line, " · preset {preset}");
        }
        for (key, value) in &self.arguments.values.values {
            let _ = write!(line, " · {key} = {value}");
        }
        line
    }

    fn passes(&self, outcome: &Outcome) -> String {
        let nodes = match outcome.plan.nodes.len() {
            1 => "1 node".to_owned(),
            nodes => format!("{nodes} nodes"),
        };
        let hears: Vec<_> = outcome
            .plan
            .nodes
            .iter()
            .filter(|node| node.hears_in.is_some())
            .map(|node| format!("`{}`", node.name))
            .collect();
        let passes = outcome.plan.passes.len();
        match (&hears[..], passes) {
            ([], _) | (_, 1) => format!("· {nodes} · 1 pass"),
            ([one], _) => {
                format!("· {nodes} · {passes} passes, because {one} hears the whole file first")
            }
            _ => format!(
                "· {nodes} · {passes} passes, because {} hear the whole file first",
                hears.join(" and ")
            ),
        }
    }
}

fn exit(error: &RenderError) -> Exit {
    match error {
        RenderError::Read(_) => Exit::Input,
        RenderError::Write(_) => Exit::Output,
        RenderError::Compile(_) => Exit::Graph,
        RenderError::Interrupted => Exit::Interrupted,
        _ => Exit::Failed,
    }
}

/// One line about a file of many.
fn brief(input: &Path, result: &Result) -> String {
    let name = input.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    match result {
        Ok(outcome) => {
            let after = outcome.files.first().and_then(|file| file.after.as_ref());
            let loudness = number(after.and_then(|after| after.integrated_lufs));
            let peak = number(after.and_then(|after| after.true_peak_dbtp));
            let path = outcome.files.first().map(|file| file.path.display().to_string()).unwrap_or_default();
            format!("✓ {name}  {loudness} LUFS  {peak} dBTP  {:.1} s  {path}", outcome.seconds)
        }
        Err(error) => format!("✗ {name}  {error}"),
    }
}

fn wrote(file: &Rendered) -> String {
    let encoding = match (file.written.program, file.container.is_lossless()) {
        (Some(program), true) => format!("{}, by `{program}`", file.encoding),
        (Some(program), false) => format!("{} by `{program}`, lossy", file.container.name()),
        (None, _) => file.encoding.to_string(),
    };
    let mut line = format!("{} · {} · {encoding}", file.path.display(), show::format(file.format));
    if file.dithered {
        line.push_str(" · triangular dither (the graph has none at its end, so added)");
    }
    if file.written.clipped > 0 {
        let _ = write!(
            line,
            " · {} samples clipped: lower the level, or put a `Limiter` last",
            file.written.clipped
        );
    }
    line
}

/// What a file says about the programme, where the mix or the user said something.
fn tags(file: &Rendered) -> Option<String> {
    let told: Vec<&str> = file
        .metadata
        .tags
        .iter()
        .map(|(key, _)| key.as_str())
        .filter(|key| !key.starts_with("REPLAYGAIN_"))
        .collect();
    let dropped = dropped(file);
    if told.is_empty() && dropped.is_empty() {
        return None;
    }
    let mut line = told.iter().map(|key| key.to_lowercase()).collect::<Vec<_>>().join(", ");
    if line.is_empty() {
        line.push_str("none");
    }
    if !dropped.is_empty() {
        let _ = write!(line, " · not kept: {}", dropped.join(", "));
    }
    Some(line)
}

/// What the mix said and the master does not.
fn dropped(file: &Rendered) -> Vec<&str> {
    file.metadata.dropped.iter().chain(&file.written.left_out).map(String::as_str).collect()
}

/// Before and after.
fn table(before: &Measured, after: &Measured) -> String {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(["", "before", "after", "", ""]);
    for (name, before, after, unit) in [
        ("loudness", before.integrated_lufs, after.integrated_lufs, "LUFS"),
        ("true peak", before.true_peak_dbtp, after.true_peak_dbtp, "dBTP"),
        ("loudest 3 s", before.max_short_term_lufs, after.max_short_term_lufs, "LUFS"),
        ("loudness range", before.loudness_range_lu, after.loudness_range_lu, "LU"),
        ("peak to loudness", before.plr_lu, after.plr_lu, "LU"),
    ] {
        let change = before.zip(after).map(|(before, after)| format!("{:+.1}", after - before));
        table.add_row([
            name.to_owned(),
            number(before),
            number(after),
            unit.to_owned(),
            change.unwrap_or_default(),
        ]);
    }
    for column in [0, 1, 2, 4] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let lines = table.to_string();
    lines.lines().map(|line| format!("     {}\n", line.trim_end())).collect()
}

fn outcome_json(input: &Path, outcome: &Outcome) -> Value {
    let files: Vec<Value> = outcome
        .files
        .iter()
        .map(|file| {
            json!({
                "output": file.name, "path": file.path, "rate_hz": file.format.rate_hz,
                "channels": file.format.channels(), "encoding": format!("{:?}", file.encoding),
                "dithered_by_writer": file.dithered, "frames": file.written.frames,
                "clipped_samples": file.written.clipped, "container": file.container.name(),
                "encoder": file.written.program, "not_kept": dropped(file), "after": file.after,
                "tags": file.metadata.tags.iter().map(|(key, value)| json!([key, value])).collect::<Vec<_>>(),
            })
        })
        .collect();
    let told = |list: &[(String, deadwax_node::Report)]| -> Value {
        list.iter()
            .map(|(name, report)| (name.clone(), report.to_json()))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    json!({
        "input": input, "ok": true, "codec": outcome.input.codec, "rate_hz": outcome.input.rate_hz,
        "frames": outcome.frames, "before": outcome.before, "files": files,
        "reports": told(&outcome.reports), "goals": told(&outcome.goals),
        "passes_run": outcome.passes_run, "render_seconds": outcome.seconds,
    })
}
