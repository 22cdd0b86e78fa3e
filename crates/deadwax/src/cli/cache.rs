//! `deadwax cache`.

use super::Exit;
use super::args::Global;
use super::show;
use clap::Args;
use deadwax::Stages;
use deadwax::diagnostic::{Code, Diagnostic, SourceMap};
use serde_json::json;

#[derive(Debug, Args)]
pub(super) struct CacheArguments {
    /// Take everything away.
    #[arg(long)]
    pub(super) clear: bool,
}

/// Says where rendered stages are kept and how much room they take, or takes them away.
pub(super) fn run(arguments: &CacheArguments, global: &Global) -> Exit {
    let failed = |message: String, help: &str| {
        let found = vec![Diagnostic::general(Code::NotWritten, message).help(help)];
        show::diagnostics(&found, &SourceMap::default(), global);
        if global.json {
            show::json("cache", false, json!({}), &[(found, SourceMap::default())]);
        }
        Exit::Output
    };
    let Some(stages) = Stages::of_user() else {
        let help = "name one with the variable `DEADWAX_CACHE`";
        return failed("this system has no folder for such files".into(), help);
    };
    let (folder, bytes) = (stages.folder().to_owned(), stages.bytes());
    if arguments.clear
        && let Err(cause) = stages.clear()
    {
        return failed(format!("{}: {cause}", folder.display()), "does another program use it?");
    }
    if global.json {
        show::json("cache", true, json!({"folder": folder, "bytes": bytes, "cleared": arguments.clear}), &[]);
        return Exit::Done;
    }
    let size = format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20));
    if arguments.clear {
        show::out(&format!("   freed  {size} in {}", folder.display()));
    } else {
        show::out(&format!("    kept  {size} of rendered stages in {}", folder.display()));
        show::out("    next  deadwax cache --clear");
    }
    Exit::Done
}
