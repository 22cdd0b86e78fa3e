//! `deadwax template pack`.

use super::fail;
use crate::cli::Exit;
use crate::cli::args::Global;
use crate::cli::show;
use clap::Args;
use deadwax::Existing;
use deadwax::template::{Package, Packed, pack, size};
use serde_json::{Value, json};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct PackArguments {
    /// The graph file, or a folder in which `graph.ron` is the graph.
    #[arg(value_name = "GRAPH")]
    graph: PathBuf,
    /// The archive, or a folder for it [default: beside the graph, as NAME-VERSION.dwx].
    #[arg(short, long, value_name = "FILE.dwx")]
    output: Option<PathBuf>,
    /// Replace an archive that is there.
    #[arg(short, long)]
    force: bool,
}

/// Packs a template.
pub(super) fn run(arguments: &PackArguments, global: &Global) -> Exit {
    let existing = if arguments.force { Existing::Replace } else { Existing::Keep };
    let packed = match pack(&arguments.graph, arguments.output.as_deref(), existing, &global.registry()) {
        Ok(packed) => packed,
        Err(error) => return fail("template-pack", error, global),
    };
    if global.json {
        let mut body = told(&packed.package);
        body["path"] = json!(packed.path);
        body["archive_bytes"] = json!(packed.archive.len());
        body["archive_sha256"] = json!(packed.sha256());
        show::json("template-pack", true, body, &[]);
    } else if global.quiet {
        show::out(&packed.path.display().to_string());
    } else {
        show::out(&summary(&packed));
    }
    Exit::Done
}

/// What a package is and holds.
pub(super) fn told(package: &Package) -> Value {
    let bytes = |path: &str| package.file(path).map_or(0, <[u8]>::len);
    let files: Vec<Value> = package.paths().map(|path| json!({"path": path, "bytes": bytes(path)})).collect();
    json!({
        "name": package.about().name,
        "version": package.version(),
        "content": package.content_hash(),
        "files": files,
    })
}

fn summary(packed: &Packed) -> String {
    let Packed { package, path, archive } = packed;
    let wide = package.paths().map(|path| path.chars().count()).max().unwrap_or(0);
    let mut text = format!(
        " template  {} {}\n    wrote  {} · {}\n  content  {}\n",
        package.about().name,
        package.version(),
        path.display(),
        size(archive.len()),
        package.content_hash()
    );
    for (number, file) in package.paths().enumerate() {
        let label = if number == 0 { "files" } else { "" };
        let bytes = package.file(file).map_or(0, <[u8]>::len);
        text.push_str(&format!("{label:>9}  {file:<wide$}  {:>7}\n", size(bytes)));
    }
    text.push_str(&format!("     next  deadwax template show {}\n", path.display()));
    text
}
