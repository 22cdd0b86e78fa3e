//! `deadwax template`.

mod add;
mod index;
mod list;
mod pack;
mod show;
mod source;
mod update;
mod verify;

use super::Exit;
use super::args::Global;
use super::show::{diagnostics, exit, json};
use add::AddArguments;
use clap::{Args, Subcommand};
use deadwax::template::{Allowed, Lock, Shelf};
use deadwax::template::{PackageError, TemplateError};
use deadwax::{Existing, write_text};
use index::IndexArguments;
use list::SearchArguments;
use pack::PackArguments;
use serde_json::json;
use show::ShowArguments;
use source::SourceArguments;
use update::UpdateArguments;
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
    /// List what is locked here, and what the sources have.
    #[command(after_help = "Examples:
  deadwax template list
  deadwax template list --offline
  deadwax template list --json")]
    List,
    /// Look for templates among those that sources have told of.
    #[command(after_help = "Examples:
  deadwax template search warm
  deadwax template search tape --tag album
  deadwax template search --kind Compressor")]
    Search(SearchArguments),
    /// Fetch a template, look through it, tell about it, and pin it in deadwax.lock here.
    #[command(after_help = "Examples:
  deadwax template add house/tape
  deadwax template add \"house/tape@^1.2\"
  deadwax template add")]
    Add(AddArguments),
    /// Move deadwax.lock to the newest versions that fit, and tell what that changes.
    #[command(after_help = "Examples:
  deadwax template update --dry-run
  deadwax template update
  deadwax template update house/tape")]
    Update(UpdateArguments),
    /// Copy everything that is locked into `templates/` here, so that nothing is fetched any more.
    #[command(after_help = "Examples:
  deadwax template vendor
  deadwax render mix.wav -g mine.ron --offline --locked
  deadwax template vendor --json")]
    Vendor,
    /// Names of sources on this machine.
    #[command(after_help = "Examples:
  deadwax template source add house https://example.org/graphs/
  deadwax template source add mine git+ssh://git@example.org/graphs?ref=main
  deadwax template source list")]
    Source(SourceArguments),
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
        What::List => list::list(global),
        What::Search(arguments) => list::search(arguments, global),
        What::Add(arguments) => add::run(arguments, global),
        What::Update(arguments) => update::run(arguments, global),
        What::Vendor => add::vendor(global),
        What::Source(arguments) => source::run(arguments, global),
        What::Pack(arguments) => pack::run(arguments, global),
        What::Verify(arguments) => verify::run(arguments, global),
        What::Index(arguments) => index::run(arguments, global),
    }
}

/// What the flags allow.
pub(super) fn allowed(global: &Global) -> Allowed {
    Allowed { offline: global.offline, locked: global.locked }
}

/// Writes the lock, where it changes and may change.
fn relock(shelf: &Shelf, before: &Lock, after: &Lock, global: &Global) -> Result<(), TemplateError> {
    if before == after {
        return Ok(());
    }
    if global.locked {
        return Err(TemplateError::LockWouldChange { changes: before.changes(after) });
    }
    Ok(write_text(&shelf.lock_file(), &after.write(), Existing::Replace, &[])?)
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
