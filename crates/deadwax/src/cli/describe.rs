//! `deadwax explain`, `draw` and `nodes`.

use super::Exit;
use super::args::{DrawArguments, ExplainArguments, Form, Global, GraphArguments, NodesArguments, Show};
use super::progress::Board;
use super::{render, show};
use deadwax::diagnostic::{Code, Diagnostic, SourceMap};
use deadwax::{Existing, Format, Ghosts, Graph, Levels, Settings, hear_levels};
use deadwax_node::Kind;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Explains a graph or an error code.
pub(super) fn explain(arguments: &ExplainArguments, global: &Global) -> Exit {
    if let Ok(code) = arguments.what.parse::<Code>() {
        show::out(deadwax::error_page(code));
        return Exit::Done;
    }
    let graph = match load(&arguments.what, &arguments.values, global) {
        Ok(graph) => graph,
        Err(exit) => return exit,
    };
    let settings = Settings { workers: 1, ..Settings::default() };
    let usual = Format::stereo(44_100);
    let format = graph.about.requires.as_ref().map_or(usual, |requires| requires.format(usual));
    match deadwax::plan(&graph, format, &settings) {
        Ok(compiled) if global.json => {
            let body = json!({"plan": compiled.plan, "about": graph.about, "params": graph.params, "presets": graph.presets, "ghosts": ghosts(&graph)});
            show::json("explain", true, body, &[(graph.warnings.clone(), graph.sources.clone())]);
            Exit::Done
        }
        Ok(compiled) if arguments.plan => {
            show::out(&compiled.plan.to_string());
            Exit::Done
        }
        Ok(compiled) => {
            show::out(&deadwax::explain(&graph, &compiled.plan));
            Exit::Done
        }
        Err(errors) => fail("explain", errors, graph.sources, global),
    }
}

/// Nodes of unknown kinds, by name.
fn ghosts(graph: &Graph) -> serde_json::Value {
    let each =
        graph.ghosts.iter().map(|ghost| json!({"node": graph.nodes[ghost.node.0].name, "kind": ghost.kind}));
    each.collect()
}

fn fail(schema: &str, errors: Vec<Diagnostic>, sources: SourceMap, global: &Global) -> Exit {
    show::diagnostics(&errors, &sources, global);
    if global.json {
        show::json(schema, false, json!({}), &[(errors, sources)]);
    }
    Exit::Graph
}

/// A graph to be looked at, ghosts and all.
fn load(name: &str, values: &GraphArguments, global: &Global) -> Result<Graph, Exit> {
    let loaded = show::load_with_ghosts(&global.registry(), name, values, global, Ghosts::Show);
    loaded.map(|(_, graph)| graph).map_err(|(exit, errors)| {
        fail("graph", errors.diagnostics, errors.sources, global);
        exit
    })
}

/// Draws a graph.
pub(super) fn draw(arguments: &DrawArguments, global: &Global) -> Exit {
    let values = GraphArguments { assets: arguments.assets.clone(), ..GraphArguments::default() };
    let graph = match load(&arguments.graph, &values, global) {
        Ok(graph) => graph,
        Err(exit) => return exit,
    };
    let by_ending =
        arguments.output.as_deref().and_then(Path::extension).and_then(|ending| match ending.to_str() {
            Some("svg") => Some(Form::Svg),
            Some("dot" | "gv") => Some(Form::Dot),
            Some("mmd" | "mermaid" | "md") => Some(Form::Mermaid),
            _ => None,
        });
    let levels = match arguments.levels.as_deref().map(|mix| levels(&graph, mix, global)) {
        None => Levels::new(),
        Some(Ok(levels)) => levels,
        Some(Err(exit)) => return exit,
    };
    let drawing = match arguments.form.or(by_ending).unwrap_or(Form::Terminal) {
        Form::Terminal => deadwax::draw::terminal(&graph, &levels),
        Form::Svg => deadwax::draw::svg(&graph, &levels),
        Form::Dot => deadwax::draw::dot(&graph, &levels),
        Form::Mermaid => deadwax::draw::mermaid(&graph, &levels),
    };
    let Some(path) = &arguments.output else {
        show::out(&drawing);
        return Exit::Done;
    };
    let existing = if arguments.force { Existing::Replace } else { Existing::Keep };
    let inputs: Vec<PathBuf> = arguments.levels.iter().cloned().collect();
    match deadwax::write_text(path, &drawing, existing, &inputs) {
        Ok(()) => Exit::Done,
        Err(error) => {
            show::diagnostics(&[deadwax::write_diagnostic(&error)], &SourceMap::default(), global);
            Exit::Output
        }
    }
}

/// Sends `mix` through the graph, to hear how loud every wire is.
fn levels(graph: &Graph, mix: &Path, global: &Global) -> Result<Levels, Exit> {
    let cancel = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&cancel);
    let _ = ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed));
    let board = Board::new(Show::Auto, global);
    let line = board.file(mix);
    let settings = Settings {
        workers: global.jobs.map_or(Settings::default().workers, usize::from),
        ..Settings::default()
    };
    let heard = hear_levels(graph, mix, &settings, &cancel, &|progress| line.update(progress));
    line.finish();
    heard.map_err(|error| {
        show::diagnostics(&error.diagnostics(), &graph.sources, global);
        render::exit(&error)
    })
}

/// Lists the kinds of nodes, or tells about one.
pub(super) fn nodes(arguments: &NodesArguments, global: &Global) -> Exit {
    let registry = global.registry();
    if arguments.schema {
        show::out(&format!("{:#}", deadwax_graph::schema(&registry)));
        return Exit::Done;
    }
    let Some(name) = &arguments.kind else {
        if global.json {
            show::json("nodes", true, json!({"schema_of_kinds": deadwax_node::graph_schema(&registry)}), &[]);
        } else {
            show::out(&list(registry.kinds()));
        }
        return Exit::Done;
    };
    let found = registry.kinds().find(|kind| kind.name().eq_ignore_ascii_case(name));
    match found {
        Some(kind) if global.json => {
            show::json(
                "node",
                true,
                json!({"kind": kind.about, "schema_of_kind": deadwax_node::kind_schema(kind)}),
                &[],
            );
            Exit::Done
        }
        Some(kind) => {
            show::out(&kind.sheet());
            Exit::Done
        }
        None => {
            let help = registry.nearest(name).map_or_else(
                || "`deadwax nodes` lists them all".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            let diagnostic =
                Diagnostic::general(Code::UnknownKind, format!("there is no kind of node `{name}`"))
                    .help(help);
            fail("node", vec![diagnostic], SourceMap::default(), global);
            Exit::Usage
        }
    }
}

fn list<'a>(kinds: impl Iterator<Item = &'a Kind>) -> String {
    let mut kinds: Vec<&Kind> = kinds.collect();
    kinds.sort_by_key(|kind| kind.about.family);
    let width = kinds.iter().map(|kind| kind.name().len()).max().unwrap_or(0);
    let mut text = String::new();
    let mut family = None;
    for kind in kinds {
        if family.replace(kind.about.family) != Some(kind.about.family) {
            text.push_str(&format!("{}{:?}\n", if text.is_empty() { "" } else { "\n" }, kind.about.family));
        }
        text.push_str(&format!("  {:<width$}  {}\n", kind.name(), kind.about.summary));
    }
    text.push_str("\n`deadwax nodes KIND` tells more about one.");
    text
}
