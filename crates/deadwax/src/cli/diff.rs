//! `deadwax diff`.

use super::Exit;
use super::args::{Global, GraphArguments};
use super::show;
use clap::Args;
use deadwax::diff::{Change, diff};
use deadwax::{Errors, Graph, Registry, Revision};
use serde_json::{Value, json};

#[derive(Debug, Args)]
pub(super) struct DiffArguments {
    /// The first graph: a file, a file as it was (`warm.ron@HEAD~1`, through git), or one that comes with deadwax.
    #[arg(value_name = "A")]
    a: String,
    /// The second graph.
    #[arg(value_name = "B")]
    b: String,
}

/// Says what differs between two graphs.
pub(super) fn run(arguments: &DiffArguments, global: &Global) -> Exit {
    let registry = global.registry();
    match [&arguments.a, &arguments.b].map(|name| graph(name, &registry, global)) {
        [Ok(before), Ok(after)] => {
            let changes = diff(&before, &after);
            if global.json {
                let each: Vec<Value> = changes.iter().map(told).collect();
                let body = json!({"a": arguments.a, "b": arguments.b, "changes": each});
                show::json("diff", changes.is_empty(), body, &[]);
            } else if changes.is_empty() {
                if !global.quiet {
                    show::out("no difference");
                }
            } else {
                show::out(&lines(&changes));
            }
            if changes.is_empty() { Exit::Done } else { Exit::No }
        }
        both => {
            let found: Vec<Errors> = both.into_iter().filter_map(Result::err).collect();
            let exit =
                found.iter().map(|errors| show::exit(&errors.diagnostics)).max().unwrap_or(Exit::Graph);
            found.iter().for_each(|errors| show::diagnostics(&errors.diagnostics, &errors.sources, global));
            if global.json {
                let found: Vec<_> =
                    found.into_iter().map(|errors| (errors.diagnostics, errors.sources)).collect();
                show::json("diff", false, json!({"a": arguments.a, "b": arguments.b}), &found);
            }
            exit
        }
    }
}

fn graph(name: &str, registry: &Registry, global: &Global) -> Result<Graph, Errors> {
    if let Some(revision) = Revision::parse(name) {
        return revision.load(registry);
    }
    let nothing = GraphArguments::default();
    show::load(registry, name, &nothing, global).map(|(_, graph)| graph).map_err(|(_, errors)| errors)
}

/// A line for each, with what they are about in a column, said once.
fn lines(changes: &[Change]) -> String {
    let wide = changes.iter().map(|change| change.subject().chars().count()).max().unwrap_or(0);
    let mut last = None;
    let mut all = Vec::new();
    for change in changes {
        let subject = (change.sign(), change.subject());
        let (sign, name) = if last.as_ref() == Some(&subject) { (' ', "") } else { (subject.0, &*subject.1) };
        all.push(format!("{sign} {name:wide$}  {}", change.what));
        last = Some(subject);
    }
    all.join("\n")
}

fn told(change: &Change) -> Value {
    let mut plain = serde_json::to_value(change).unwrap_or_default();
    plain["text"] = json!(change.to_string());
    plain
}
