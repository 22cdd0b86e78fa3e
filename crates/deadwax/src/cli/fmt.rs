//! `deadwax fmt`.

use super::Exit;
use super::args::Global;
use super::show;
use clap::Args;
use deadwax::diagnostic::{Code, Diagnostic, SourceMap};
use deadwax::{Existing, GraphRef, format_graph, write_diagnostic, write_text};
use serde_json::json;
use std::io::Read as _;
use std::path::Path;

/// The most bytes that are read from standard input.
const MOST: u64 = 1 << 24;

#[derive(Debug, Args)]
pub(super) struct FmtArguments {
    /// The graphs and albums: files, or `-` for standard input.
    #[arg(required = true, value_name = "GRAPH")]
    graphs: Vec<String>,
    /// Change nothing, and exit 1 when a file is not laid out.
    #[arg(long)]
    check: bool,
}

/// What came of a file.
enum Came {
    AsItWas,
    Other(String),
}

type Failed = (Exit, Vec<Diagnostic>, SourceMap);

/// Lays graphs and albums out.
pub(super) fn run(arguments: &FmtArguments, global: &Global) -> Exit {
    let (mut exit, mut files, mut found) = (Exit::Done, Vec::new(), Vec::new());
    for name in &arguments.graphs {
        match one(name, arguments.check) {
            Ok(came) => {
                let other = matches!(came, Came::Other(_));
                if other && arguments.check {
                    exit = exit.max(Exit::No);
                }
                // What was asked for on standard output is the result, whoever wants quiet.
                let silent = global.json || (global.quiet && name != "-");
                if let (Came::Other(text), false) = (&came, silent) {
                    show::out(text);
                }
                files.push(json!({"file": name, "laid_out": !other}));
            }
            Err((failed, errors, sources)) => {
                exit = exit.max(failed);
                show::diagnostics(&errors, &sources, global);
                found.push((errors, sources));
            }
        }
    }
    if global.json {
        show::json("fmt", exit == Exit::Done, json!({"files": files}), &found);
    }
    exit
}

fn one(name: &str, check: bool) -> Result<Came, Failed> {
    let failed = |exit, diagnostic| (exit, vec![diagnostic], SourceMap::default());
    let unread = |cause: std::io::Error| {
        failed(Exit::Input, Diagnostic::general(Code::GraphNotRead, format!("{name}: {cause}")))
    };
    let text = if name == "-" {
        let mut text = String::new();
        std::io::stdin().take(MOST).read_to_string(&mut text).map_err(unread)?;
        text
    } else {
        GraphRef::File(name.into()).text().map_err(unread)?
    };
    let laid_out = format_graph(&text).map_err(|errors| {
        let mut sources = SourceMap::default();
        sources.add(name, text.clone());
        (Exit::Graph, errors, sources)
    })?;
    if name == "-" && !check {
        return Ok(Came::Other(laid_out));
    }
    if laid_out == text {
        return Ok(Came::AsItWas);
    }
    if check {
        return Ok(Came::Other(format!("{name} is not laid out")));
    }
    let path = Path::new(name);
    let place = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    write_text(&place, &laid_out, Existing::Replace, &[])
        .map_err(|error| failed(Exit::Output, write_diagnostic(&error)))?;
    Ok(Came::Other(format!("laid out  {name}")))
}
