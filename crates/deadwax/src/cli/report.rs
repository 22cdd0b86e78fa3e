//! `deadwax report`.

use super::Exit;
use super::args::{Arguments, Global, ReportArguments};
use super::chosen::Chosen;
use super::remarks::remarks;
use super::render::RenderArguments;
use super::show;
use clap::CommandFactory;
use clap::error::ErrorKind;
use deadwax::diagnostic::{Diagnostic, SourceMap};
use deadwax::report::{GraphPart, Page, Sitting, Text, Track, Version, graph_part, sit, today, versions};
use deadwax::{Existing, Format, Graph, Layout, Outcome, read_diagnostic, write_diagnostic, write_text};
use rayon::prelude::*;
use serde_json::json;
use std::path::{Path, PathBuf};

/// The rules that a page asks where nobody says which.
const USUAL: &[&str] =
    &["spotify", "apple-music", "youtube", "tidal", "amazon-music", "deezer", "soundcloud", "cd", "ebu-r128"];

/// Why there is no page.
pub(super) type Failed = (Exit, Vec<Diagnostic>, SourceMap);

/// Writes a page about files.
pub(super) fn run(arguments: &ReportArguments, global: &Global) -> Exit {
    if arguments.before.is_some() && arguments.files.len() > 1 {
        let error = Arguments::command().error(
            ErrorKind::ArgumentConflict,
            "`--before MIX` goes with one file, the one that was made of it",
        );
        let _ = error.print();
        return Exit::Usage;
    }
    match report(arguments, global) {
        Ok(path) if global.json => {
            show::json("report", true, json!({"page": path, "files": arguments.files}), &[]);
            Exit::Done
        }
        Ok(path) => {
            show::out(&path.display().to_string());
            Exit::Done
        }
        Err((exit, errors, sources)) => {
            if global.json {
                show::json("report", false, json!({"files": arguments.files}), &[(errors, sources)]);
            } else {
                show::diagnostics(&errors, &sources, global);
            }
            exit
        }
    }
}

fn report(arguments: &ReportArguments, global: &Global) -> Result<PathBuf, Failed> {
    let plain = |exit, error: Diagnostic| (exit, vec![error], SourceMap::default());
    let chosen = Chosen::read(&arguments.platforms, USUAL).map_err(|(exit, error)| plain(exit, *error))?;
    let path = arguments.output.clone().unwrap_or_else(|| beside(&arguments.files));
    let inputs: Vec<PathBuf> = arguments.files.iter().chain(&arguments.before).cloned().collect();
    let existing = if arguments.force { Existing::Replace } else { Existing::Keep };
    let mut heard = hear(&inputs, &chosen, global)?;
    let before = arguments.before.is_some().then(|| heard.pop()).flatten();
    let (after, album) = versions(heard);
    let mut before = versions(before.into_iter().collect()).0.pop();
    let mut graph = graph(arguments, before.as_ref().or(after.first()), global)?;
    let tracks = after.into_iter().map(|after| Track { after, before: before.take(), graph: graph.take() });
    let page = page(arguments, tracks.collect(), album, &chosen);
    write_text(&path, &page.html(), existing, &inputs)
        .map_err(|error| plain(Exit::Output, write_diagnostic(&error)))?;
    Ok(path)
}

/// Hears all files, several at a time.
fn hear(files: &[PathBuf], chosen: &Chosen, global: &Global) -> Result<Vec<Sitting>, Failed> {
    let ceiling = chosen.ceiling().unwrap_or(-1.0);
    let workers = global.jobs.map_or(0, usize::from);
    let heard: Vec<_> = match rayon::ThreadPoolBuilder::new().num_threads(workers).build() {
        Ok(pool) => pool.install(|| files.par_iter().map(|path| sit(path, ceiling)).collect()),
        Err(_) => files.iter().map(|path| sit(path, ceiling)).collect(),
    };
    let errors: Vec<Diagnostic> =
        heard.iter().filter_map(|file| file.as_ref().err()).map(read_diagnostic).collect();
    if errors.is_empty() {
        Ok(heard.into_iter().flatten().collect())
    } else {
        Err((Exit::Input, errors, SourceMap::default()))
    }
}

/// The graph that was named, at the format of what went into it.
fn graph(
    arguments: &ReportArguments,
    input: Option<&Version>,
    global: &Global,
) -> Result<Option<GraphPart>, Failed> {
    let (Some(name), Some(input)) = (&arguments.graph, input) else { return Ok(None) };
    let (_, graph) = show::load(&global.registry(), name, &arguments.values, global)
        .map_err(|(exit, errors)| (exit, errors.diagnostics, errors.sources))?;
    let layout = Layout::of_channels(input.channels).unwrap_or(Layout::Stereo);
    let format = Format::new(input.portrait.measured.rate_hz, layout);
    let set = settings(arguments.values.preset.as_deref(), &arguments.values.values);
    graph_part(&graph, format, set, &[], Text::default(), &deadwax::Levels::new())
        .map(Some)
        .map_err(|errors| (Exit::Graph, errors, graph.sources.clone()))
}

/// Writes a page about what was rendered, beside the first master; gives back where.
pub(super) fn of_render(
    (input, outcome): (&Path, &Outcome),
    graph: &Graph,
    arguments: &RenderArguments,
) -> Result<PathBuf, Failed> {
    let plain = |exit, error: Diagnostic| (exit, vec![error], SourceMap::default());
    let chosen = Chosen::usual(USUAL);
    let ceiling = chosen.ceiling().unwrap_or(-1.0);
    let Some(master) = outcome.files.first().map(|file| &file.path) else { return Ok(PathBuf::new()) };
    let (before, after) = rayon::join(|| sit(input, ceiling), || sit(master, ceiling));
    let unread = |error| plain(Exit::Input, read_diagnostic(&error));
    let (before, after) = (before.map_err(unread)?, after.map_err(unread)?);
    let one = |sitting| versions(vec![sitting]).0.pop();
    let told: Vec<_> = outcome.reports.iter().chain(&outcome.goals).cloned().collect();
    let set = settings(arguments.values.preset.as_deref(), &arguments.values.values);
    let remarks = Text::new(remarks(&outcome.reports));
    let part = graph_part(graph, outcome.plan.input, set, &told, remarks, &outcome.levels)
        .map_err(|errors| (Exit::Graph, errors, graph.sources.clone()))?;
    let track = one(after).map(|after| Track { after, before: one(before), graph: Some(part) });
    let page = Page::of(track.into_iter().collect(), chosen.owned());
    let page = Page { made_on: Text::new(today()), ..page };
    let path = master.with_extension("report.html");
    let existing = if arguments.force { Existing::Replace } else { Existing::Keep };
    write_text(&path, &page.html(), existing, &[input.to_owned(), master.clone()])
        .map_err(|error| plain(Exit::Output, write_diagnostic(&error)))?;
    Ok(path)
}

/// What was set in a graph, for people.
fn settings(preset: Option<&str>, values: &[(String, String)]) -> Vec<Text> {
    let preset = preset.map(|preset| Text::new(format!("preset {preset}")));
    preset
        .into_iter()
        .chain(values.iter().map(|(key, value)| Text::new(format!("{key} = {value}"))))
        .collect()
}

fn page(
    arguments: &ReportArguments,
    tracks: Vec<Track>,
    album: Option<deadwax::Pooled>,
    chosen: &Chosen,
) -> Page {
    let said = |text: &Option<String>| Text::new(text.clone().unwrap_or_default());
    let page = Page::of(tracks, chosen.owned());
    Page {
        title: arguments.title.as_deref().map_or_else(|| page.title.clone(), Text::from),
        client: said(&arguments.client),
        engineer: said(&arguments.engineer),
        made_on: Text::new(today()),
        notes: said(&arguments.notes),
        album,
        ..page
    }
}

/// Beside the file, or where the first of several is.
fn beside(files: &[PathBuf]) -> PathBuf {
    match files {
        [one] => one.with_extension("report.html"),
        many => many.first().and_then(|first| first.parent()).unwrap_or(Path::new("")).join("report.html"),
    }
}
