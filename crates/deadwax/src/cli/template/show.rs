//! `deadwax template show`.

use super::fail;
use super::pack::told;
use crate::cli::Exit;
use crate::cli::args::Global;
use crate::cli::show;
use clap::Args;
use deadwax::diagnostic::{Code, Diagnostic, SourceMap};
use deadwax::template::{Opened, Portrait, TemplateError, describe, portrait};
use deadwax::{GraphRef, Registry, Settings};
use serde_json::{Value, json};
use std::path::Path;

#[derive(Debug, Args)]
pub(super) struct ShowArguments {
    /// The template: an archive, a graph file, a folder, or one that comes with deadwax.
    #[arg(value_name = "FILE|NAME")]
    template: String,
}

/// Tells about a template.
pub(super) fn run(arguments: &ShowArguments, global: &Global) -> Exit {
    let opened = match open(&arguments.template, &global.registry()) {
        Ok(opened) => opened,
        Err(Wrong::Template(error)) => return fail("template", error, global),
        Err(Wrong::Name(diagnostic)) => {
            let found = vec![*diagnostic];
            show::diagnostics(&found, &SourceMap::default(), global);
            if global.json {
                show::json("template", false, json!({}), &[(found, SourceMap::default())]);
            }
            return Exit::Template;
        }
    };
    let workers = global.jobs.map_or(Settings::default().workers, usize::from);
    let portrait = portrait(&opened, workers);
    if global.json {
        let found = [(opened.graph.warnings.clone(), opened.graph.sources.clone())];
        show::json("template", true, body(&opened, &portrait), &found);
    } else {
        show::out(&describe(&arguments.template, &opened, &portrait));
    }
    Exit::Done
}

enum Wrong {
    Template(TemplateError),
    Name(Box<Diagnostic>),
}

fn open(name: &str, registry: &Registry) -> Result<Opened, Wrong> {
    let path = Path::new(name);
    if path.is_dir() {
        return Opened::read(path, registry).map_err(Wrong::Template);
    }
    let graph = GraphRef::parse(name).map_err(|error| {
        let diagnostic = Diagnostic::general(Code::TemplateNotRead, error.to_string());
        Wrong::Name(Box::new(diagnostic.help(error.help())))
    })?;
    Opened::named(&graph, registry).map_err(Wrong::Template)
}

fn body(opened: &Opened, portrait: &Portrait) -> Value {
    let about = opened.package.about();
    let mut body = told(&opened.package);
    body["about"] = json!(about);
    body["params"] = json!(opened.graph.params);
    body["presets"] = json!(opened.graph.presets);
    body["nodes"] = json!(portrait.nodes);
    body["kinds"] = json!(portrait.kinds);
    body["passes"] = json!(portrait.passes);
    body["latency_ms"] = json!(portrait.late_ms);
    body["block_bytes"] = json!(portrait.block_bytes);
    body["kept_bytes_per_minute"] = json!(portrait.kept_per_minute);
    body["x_realtime"] = json!(portrait.x_realtime);
    body["layouts"] = json!(portrait.takes.layouts);
    body["rates_hz"] = json!(portrait.takes.rates_hz);
    let reads = portrait.reads.iter().map(|(path, bytes)| json!({"path": path, "bytes": bytes}));
    body["reads"] = reads.collect();
    body["writes"] = json!(portrait.writes);
    body
}
