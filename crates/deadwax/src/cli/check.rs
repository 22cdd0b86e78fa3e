//! `deadwax check`.

use super::Exit;
use super::args::{CheckArguments, Global};
use super::show;
use deadwax::diagnostic::{Diagnostic, SourceMap};
use deadwax::{FileSource, Format, Plan, Settings, read_diagnostic};
use serde_json::{Value, json};

/// What was found in one graph.
struct Found {
    name: String,
    plan: Option<Plan>,
    diagnostics: Vec<Diagnostic>,
    sources: SourceMap,
}

/// Looks for errors in every graph.
pub(super) fn run(arguments: &CheckArguments, global: &Global) -> Exit {
    let mut frames = None;
    let format = match &arguments.input {
        None => Format::stereo(44_100),
        Some(path) => match FileSource::open(path, false) {
            Ok(source) => {
                frames = source.info().frames;
                deadwax_engine::Source::format(&source)
            }
            Err(error) => {
                let found = vec![(vec![read_diagnostic(&error)], SourceMap::default())];
                if global.json {
                    show::json("check", false, json!({"graphs": []}), &found);
                }
                show::diagnostics(&found[0].0, &found[0].1, global);
                return Exit::Input;
            }
        },
    };
    let found: Vec<Found> =
        arguments.graphs.iter().map(|name| look(name, arguments, format, global)).collect();
    let good = found.iter().all(|found| found.plan.is_some());
    let wrong = found.iter().filter(|found| found.plan.is_none());
    let exit = wrong.map(|found| show::exit(&found.diagnostics)).max().unwrap_or(Exit::Graph);
    if global.json {
        let graphs: Vec<Value> = found
            .iter()
            .map(|found| json!({"graph": found.name, "ok": found.plan.is_some(), "plan": found.plan}))
            .collect();
        let all: Vec<_> = found.into_iter().map(|found| (found.diagnostics, found.sources)).collect();
        show::json("check", good, json!({"graphs": graphs}), &all);
    } else {
        for found in &found {
            show::diagnostics(&found.diagnostics, &found.sources, global);
            if let Some(plan) = found.plan.as_ref().filter(|_| !global.quiet) {
                show::out(&summary(&found.name, plan, frames));
            }
        }
    }
    if good { Exit::Done } else { exit }
}

fn look(name: &str, arguments: &CheckArguments, format: Format, global: &Global) -> Found {
    let name = name.to_owned();
    match show::load(&global.registry(), &name, &arguments.values, global) {
        Err((_, errors)) => {
            Found { name, plan: None, diagnostics: errors.diagnostics, sources: errors.sources }
        }
        Ok((_, graph)) => {
            let settings = Settings { workers: 1, ..Settings::default() };
            let mut diagnostics = graph.warnings.clone();
            // Nobody has named a mix: it is one that the graph is for.
            let requires = graph.about.requires.as_ref().filter(|_| arguments.input.is_none());
            let format = requires.map_or(format, |requires| requires.format(format));
            let plan = match deadwax::plan(&graph, format, &settings) {
                Ok(compiled) => Some(compiled.plan),
                Err(errors) => {
                    diagnostics.extend(errors);
                    None
                }
            };
            Found { name, plan, diagnostics, sources: graph.sources }
        }
    }
}

fn summary(name: &str, plan: &Plan, frames: Option<u64>) -> String {
    let (nodes, passes) = (plan.nodes.len(), plan.passes.len());
    let plural =
        |count: usize, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
    let outputs: Vec<_> = plan.outputs.iter().map(|(_, format)| show::format(*format)).collect();
    let mut text = format!(
        "ok  {name}: {}, {}, {} in, {} out, {} KiB of blocks",
        plural(nodes, "node", "nodes"),
        plural(passes, "pass", "passes"),
        show::format(plan.input),
        outputs.join(" and "),
        plan.block_bytes.div_ceil(1024),
    );
    let spool = plan.spool_bytes(frames.unwrap_or(u64::from(plan.input.rate_hz) * 60));
    if spool > 0 {
        let per = if frames.is_some() { "for this file" } else { "for each minute" };
        text.push_str(&format!(", {} MiB kept between passes {per}", spool.div_ceil(1 << 20)));
    }
    text
}
