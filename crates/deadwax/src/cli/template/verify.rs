//! `deadwax template verify`.

use super::exit_of;
use super::pack::told;
use crate::cli::Exit;
use crate::cli::args::Global;
use crate::cli::show;
use clap::Args;
use deadwax::template::{Opened, size};
use serde_json::{Value, json};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct VerifyArguments {
    /// Archives, folders in which `graph.ron` is the graph, or graph files.
    #[arg(required = true, value_name = "FILE|FOLDER")]
    templates: Vec<PathBuf>,
}

/// Looks through every template.
pub(super) fn run(arguments: &VerifyArguments, global: &Global) -> Exit {
    let (mut exit, mut all, mut found) = (Exit::Done, Vec::new(), Vec::new());
    for path in &arguments.templates {
        match Opened::read(path, &global.registry()) {
            Ok(opened) => {
                let mut one = told(&opened.package);
                (one["path"], one["ok"]) = (json!(path), Value::Bool(true));
                all.push(one);
                show::diagnostics(&opened.graph.warnings, &opened.graph.sources, global);
                if !global.quiet && !global.json {
                    show::out(&format!("ok  {}: {}", path.display(), line(&opened)));
                }
                found.push((opened.graph.warnings, opened.graph.sources));
            }
            Err(error) => {
                exit = exit.max(exit_of(&error));
                all.push(json!({"path": path, "ok": false}));
                let errors = error.told();
                show::diagnostics(&errors.diagnostics, &errors.sources, global);
                found.push((errors.diagnostics, errors.sources));
            }
        }
    }
    if global.json {
        show::json("template-verify", exit == Exit::Done, json!({"templates": all}), &found);
    }
    exit
}

fn line(opened: &Opened) -> String {
    let package = &opened.package;
    let count = package.paths().count();
    let bytes = package.paths().filter_map(|path| package.file(path)).map(<[u8]>::len).sum();
    let files = if count == 1 { "1 file".to_owned() } else { format!("{count} files") };
    let (about, version) = (package.about(), package.version());
    format!("{} {version} · {files}, {} · {}", about.name, size(bytes), package.content_hash())
}
