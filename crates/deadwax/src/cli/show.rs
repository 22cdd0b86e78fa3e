//! How things are shown.

use super::Exit;
use super::args::{Colour, Global, GraphArguments};
use super::template::allowed;
use deadwax::diagnostic::{Diagnostic, SourceMap, Style, render};
pub(super) use deadwax::inspect::clock as time;
use deadwax::{Errors, Format, Ghosts, Graph, GraphRef, NotAsked, Overrides, Registry};
use serde_json::{Value, json};
use std::io::{IsTerminal, Write};

/// Diagnostics shown before they are only counted.
const MOST: usize = 10;

/// Whether standard error takes colour.
fn style(global: &Global) -> Style {
    let coloured = match global.color {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none(),
    };
    if coloured { Style::Coloured } else { Style::Plain }
}

/// Shows diagnostics on standard error, or notes them for the JSON object.
pub(super) fn diagnostics(diagnostics: &[Diagnostic], sources: &SourceMap, global: &Global) {
    if diagnostics.is_empty() || global.json {
        return;
    }
    let _ = writeln!(std::io::stderr(), "{}", render(diagnostics, sources, style(global), MOST));
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count();
    let codes: Vec<_> = diagnostics.iter().map(|diagnostic| diagnostic.code.to_string()).collect();
    if errors > 0 {
        let what = if errors == 1 { "1 error".to_owned() } else { format!("{errors} errors") };
        let _ = writeln!(std::io::stderr(), "\n{what}; `deadwax explain {}` tells more", codes[0]);
    }
}

/// Prints a line of result; a reader that has gone away is no error of ours.
pub(super) fn out(text: &str) {
    let mut stdout = std::io::stdout().lock();
    let _ = writeln!(stdout, "{}", text.trim_end_matches('\n'));
}

/// Prints the one JSON object of a command: its schema's name, whether all went well, what there is to tell.
pub(super) fn json(schema: &str, ok: bool, mut body: Value, found: &[(Vec<Diagnostic>, SourceMap)]) {
    let each = found.iter().flat_map(|(list, sources)| list.iter().map(move |one| one.to_json(sources)));
    body["schema"] = json!(format!("deadwax.{schema}/1"));
    body["ok"] = json!(ok);
    body["diagnostics"] = Value::Array(each.collect());
    out(&body.to_string());
}

/// Loads the graph that the command line names.
pub(super) fn load(
    registry: &Registry,
    name: &str,
    values: &GraphArguments,
    global: &Global,
) -> Result<(GraphRef, Graph), (Exit, Errors)> {
    load_with_ghosts(registry, name, values, global, Ghosts::Refuse)
}

/// The same, and says what is done with nodes of unknown kinds.
pub(super) fn load_with_ghosts(
    registry: &Registry,
    name: &str,
    values: &GraphArguments,
    global: &Global,
    ghosts: Ghosts,
) -> Result<(GraphRef, Graph), (Exit, Errors)> {
    let overrides = Overrides { preset: values.preset.clone(), values: values.values.clone() };
    let graph = GraphRef::parse(name).map_err(|error| {
        let diagnostic = Diagnostic::general(deadwax::diagnostic::Code::GraphNotRead, error.to_string());
        let diagnostics = vec![diagnostic.help(error.help())];
        (Exit::Graph, Errors { diagnostics, sources: SourceMap::default() })
    })?;
    let graph = graph.allowed(allowed(global));
    let mut loaded = graph
        .load_with_ghosts(registry, &overrides, ghosts)
        .map_err(|errors| (exit(&errors.diagnostics), errors))?;
    if let (GraphRef::Named(named), false) = (&graph, global.quiet)
        && let Some(said) = named.unpinned()
    {
        let _ = writeln!(std::io::stderr(), "note: {said}");
    }
    if let Err(unknown) = loaded.bind(&values.assets) {
        let diagnostics = unknown.iter().map(NotAsked::diagnostic).collect();
        return Err((Exit::Graph, Errors { diagnostics, sources: loaded.sources }));
    }
    Ok((graph, loaded))
}

/// What the program says in the end when this is wrong with a graph or a template.
pub(super) fn exit(found: &[Diagnostic]) -> Exit {
    let of_templates = |found: &Diagnostic| (550..560).contains(&found.code.number());
    if found.iter().any(of_templates) { Exit::Template } else { Exit::Graph }
}

/// `stereo · 44.1 kHz`.
pub(super) fn format(format: Format) -> String {
    format!("{} · {} kHz", format.layout, f64::from(format.rate_hz) / 1000.0)
}

/// A number with one digit behind the point, or a dash.
pub(super) fn number(value: Option<f64>) -> String {
    match value {
        Some(value) if value.abs() < 0.05 => "0.0".to_owned(),
        Some(value) => format!("{value:.1}"),
        None => "–".to_owned(),
    }
}
