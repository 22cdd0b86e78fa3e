//! `deadwax inspect`.

use super::args::{Arguments, Global, InspectArguments};
use super::new::graph_file;
use super::progress::Board;
use super::{Exit, show};
use clap::CommandFactory;
use clap::error::ErrorKind;
use deadwax::diagnostic::{Diagnostic, SourceMap};
use deadwax::inspect::{Fault, Faults, inspect, mending_graph};
use deadwax::{Existing, read_diagnostic, write_diagnostic, write_text};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Places that are shown of each fault, if nobody asks for all.
const PLACES: usize = 5;

/// Tells what is wrong with every file.
pub(super) fn run(arguments: &InspectArguments, global: &Global) -> Exit {
    if arguments.files.len() > 1 && arguments.graph.as_ref().is_some_and(|graph| !graph.is_dir()) {
        let error = Arguments::command()
            .error(ErrorKind::ArgumentConflict, "--graph takes a folder where there are several files");
        let _ = error.print();
        return Exit::Usage;
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(global.jobs.map_or(0, usize::from)).build();
    let work = || arguments.files.iter().map(|path| (path, one(path, arguments, global))).collect::<Vec<_>>();
    let heard = pool.map_or_else(|_| work(), |pool| pool.in_place_scope(|_| pool.install(work)));
    let (mut exit, mut files, mut found) = (Exit::Done, Vec::new(), Vec::new());
    for (path, result) in heard {
        match result {
            Ok((faults, graph)) => {
                files.push(told_json(path, &faults, graph.as_deref()));
                if !global.json {
                    show::out(&told(path, &faults, graph.as_deref(), arguments, global));
                }
            }
            Err((failed, diagnostic)) => {
                exit = exit.max(failed);
                files.push(json!({"file": path, "ok": false, "error": diagnostic.message}));
                show::diagnostics(std::slice::from_ref(&diagnostic), &SourceMap::default(), global);
                found.push((vec![*diagnostic], SourceMap::default()));
            }
        }
    }
    if global.json {
        show::json("inspect", exit == Exit::Done, json!({"files": files}), &found);
    }
    exit
}

type Inspected = Result<(Faults, Option<PathBuf>), (Exit, Box<Diagnostic>)>;

fn one(path: &Path, arguments: &InspectArguments, global: &Global) -> Inspected {
    let board = Board::new(arguments.progress, global);
    let line = board.file(path);
    let update = |seconds| line.update(deadwax::Progress { pass: 1, passes: 1, round: 1, seconds });
    let inspected = inspect(path, &update);
    line.finish();
    let (_, faults) = inspected.map_err(|error| (Exit::Input, Box::new(read_diagnostic(&error))))?;
    let Some(graph) = &arguments.graph else { return Ok((faults, None)) };
    let graph = if graph.is_dir() {
        graph.join(path.with_extension("ron").file_name().unwrap_or_default())
    } else {
        graph_file(graph)
    };
    let name = graph.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let source = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let Some(text) = mending_graph(&name, &source, &faults) else { return Ok((faults, None)) };
    let existing = if arguments.force { Existing::Replace } else { Existing::Keep };
    match write_text(&graph, &text, existing, std::slice::from_ref(&path.to_owned())) {
        Ok(()) => Ok((faults, Some(graph))),
        Err(error) => Err((Exit::Output, Box::new(write_diagnostic(&error)))),
    }
}

fn told(
    path: &Path,
    faults: &Faults,
    graph: Option<&Path>,
    arguments: &InspectArguments,
    global: &Global,
) -> String {
    let mut text = String::new();
    if global.quiet {
        let _ = writeln!(text, "{}", path.display());
    } else {
        let (time, rate) = (show::time(faults.seconds), f64::from(faults.rate_hz) / 1000.0);
        let channels = match faults.channels {
            1 => "mono".to_owned(),
            2 => "stereo".to_owned(),
            more => format!("{more} channels"),
        };
        let _ = writeln!(text, "{} · {time} · {channels} · {rate} kHz\n", path.display());
    }
    if faults.faults.is_empty() {
        let _ = writeln!(text, "  nothing to mend");
    }
    for fault in &faults.faults {
        let (name, severity) = (fault.kind.name(), fault.severity.name());
        let _ = writeln!(text, "  {name:<9} {severity:<7} {}", fault.what);
        let _ = write!(text, "{}", places(fault, if arguments.all { usize::MAX } else { PLACES }));
        let mends = fault.remedy.as_ref();
        let mends = mends.map_or("nothing mends this: copy it again from its source", |remedy| &remedy.node);
        let _ = writeln!(text, "  {:<17} → {mends}", "");
    }
    let _ = match graph {
        Some(graph) => writeln!(
            text,
            "\n    wrote  {0}\n     next  deadwax render {1} -g {0} · deadwax explain {0}",
            graph.display(),
            path.display()
        ),
        None if !faults.faults.iter().any(|fault| fault.remedy.is_some()) || global.quiet => Ok(()),
        None => writeln!(
            text,
            "\n     next  deadwax inspect {} --graph mend.ron   writes a graph that mends it",
            path.display()
        ),
    };
    text
}

/// The places of a fault, in a line.
fn places(fault: &Fault, most: usize) -> String {
    if fault.places.len() < 2 {
        return String::new();
    }
    let shown = fault.places.iter().take(most).map(|place| {
        let side = match place.channel {
            None => String::new(),
            Some(0) => " L".to_owned(),
            Some(1) => " R".to_owned(),
            Some(more) => format!(" {}", more + 1),
        };
        format!("{}{side}", show::time(place.at_s))
    });
    let shown: Vec<String> = shown.collect();
    let rest = fault.count.saturating_sub(shown.len());
    let rest = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    format!("  {:<17} at {}{rest}\n", "", shown.join(", "))
}

fn told_json(path: &Path, faults: &Faults, graph: Option<&Path>) -> Value {
    let mut told = json!(faults);
    told["file"] = json!(path);
    told["ok"] = json!(true);
    told["graph"] = json!(graph);
    told
}
