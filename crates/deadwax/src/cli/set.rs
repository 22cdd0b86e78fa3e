//! `deadwax set`.

use super::Exit;
use super::args::{Global, key_value};
use super::show;
use clap::Args;
use deadwax::diagnostic::{Code, Diagnostic, SourceMap};
use deadwax::{GraphRef, SetError, set_values};
use serde_json::json;

#[derive(Debug, Args)]
pub(super) struct SetArguments {
    /// The graph or album: a file.
    #[arg(value_name = "GRAPH")]
    graph: String,
    /// What is set: a param (`loudness=-12`), a field (`glue.ratio=2`), or a part (`about.title=Warm`,
    /// `tracks.one.isrc=GBAAA2600001`).
    #[arg(required = true, value_name = "PATH=VALUE", value_parser = key_value)]
    values: Vec<(String, String)>,
}

/// Sets values in a file.
pub(super) fn run(arguments: &SetArguments, global: &Global) -> Exit {
    let refused = |exit: Exit, found: Vec<Diagnostic>, sources: SourceMap| {
        show::diagnostics(&found, &sources, global);
        if global.json {
            show::json("set", false, json!({"changed": []}), &[(found, sources)]);
        }
        exit
    };
    let graph = match GraphRef::parse(&arguments.graph) {
        Ok(graph) => graph,
        Err(error) => {
            let found = Diagnostic::general(Code::GraphNotRead, error.to_string()).help(error.help());
            return refused(Exit::Graph, vec![found], SourceMap::default());
        }
    };
    match set_values(&graph, &arguments.values, &global.registry()) {
        Ok(changed) if global.json => {
            let changed: Vec<_> = changed
                .iter()
                .map(|one| json!({"path": one.path, "before": one.before, "after": one.after}))
                .collect();
            show::json("set", true, json!({"graph": arguments.graph, "changed": changed}), &[]);
            Exit::Done
        }
        Ok(changed) => {
            let wide = changed.iter().map(|one| one.path.len()).max().unwrap_or(0);
            for one in changed.iter().filter(|_| !global.quiet) {
                let told = match &one.before {
                    Some(before) if *before == one.after => format!("{before}, as it was"),
                    Some(before) => format!("{before} → {}", one.after),
                    None => format!("{}, where nothing was said", one.after),
                };
                show::out(&format!("  {:wide$}  {told}", one.path));
            }
            Exit::Done
        }
        Err(error) => {
            let exit = if matches!(error, SetError::Write(_)) { Exit::Output } else { Exit::Graph };
            let found = error.diagnostics();
            let sources = match error {
                SetError::Graph(errors) | SetError::Album(errors) => errors.sources,
                _ => SourceMap::default(),
            };
            refused(exit, found, sources)
        }
    }
}
