//! `deadwax template`.

mod index;
mod pack;
mod show;
mod verify;

use super::Exit;
use super::args::Global;
use super::show::{diagnostics, exit, json};
use clap::{Args, Subcommand};
use deadwax::template::{PackageError, TemplateError};
use index::IndexArguments;
use pack::PackArguments;
use serde_json::json;
use show::ShowArguments;
use verify::VerifyArguments;

#[derive(Debug, Args)]
pub(super) struct TemplateArguments {
    /// What to do.
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Tell what a template does, costs and needs, before it is used.
    #[command(after_help = "Examples:
  deadwax template show streaming
  deadwax template show warm-1.0.0.dwx
  deadwax template show warm-1.0.0.dwx --json")]
    Show(ShowArguments),
    /// Pack a graph and everything it names into one file, to send or to keep.
    #[command(after_help = "Examples:
  deadwax template pack warm.ron
  deadwax template pack warm.ron -o parcels/
  deadwax render mix.wav -g warm-1.0.0.dwx#dense")]
    Pack(PackArguments),
    /// Look for anything wrong in templates: in the archive, its files, its graph.
    #[command(after_help = "Examples:
  deadwax template verify warm-1.0.0.dwx
  deadwax template verify parcels/*.dwx warm/
  deadwax template verify warm-1.0.0.dwx --json")]
    Verify(VerifyArguments),
    /// Make a source of a folder: pack, draw and measure its templates, and hold each against what its version promises.
    #[command(after_help = "Examples:
  deadwax template index
  deadwax template index graphs --dry-run
  deadwax template index graphs --json")]
    Index(IndexArguments),
}

/// Does what is wanted.
pub(super) fn run(arguments: &TemplateArguments, global: &Global) -> Exit {
    match &arguments.what {
        What::Show(arguments) => show::run(arguments, global),
        What::Pack(arguments) => pack::run(arguments, global),
        What::Verify(arguments) => verify::run(arguments, global),
        What::Index(arguments) => index::run(arguments, global),
    }
}

/// Shows what is wrong with a template, and gives back what the program says in the end.
fn fail(schema: &str, error: TemplateError, global: &Global) -> Exit {
    let exit = exit_of(&error);
    let errors = error.told();
    diagnostics(&errors.diagnostics, &errors.sources, global);
    if global.json {
        json(schema, false, json!({}), &[(errors.diagnostics, errors.sources)]);
    }
    exit
}

fn exit_of(error: &TemplateError) -> Exit {
    match error {
        TemplateError::Write(_) | TemplateError::NoRoom(_) => Exit::Output,
        TemplateError::Graph { errors, .. } => exit(&errors.diagnostics),
        TemplateError::Package { cause: PackageError::Graph { errors, .. }, .. } => exit(&errors.diagnostics),
        _ => Exit::Template,
    }
}
