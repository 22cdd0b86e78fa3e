//! `deadwax album`.

mod check;
mod listen_list;
mod order;
mod render;
mod report;
mod work;

use super::args::Global;
use super::{Exit, show};
use check::CheckArguments;
use clap::{Args, Subcommand};
use deadwax::album::{OpenedAlbum, open_album};
use deadwax::diagnostic::Diagnostic;
use listen_list::ListenArguments;
use order::MoveArguments;
use render::RenderArguments;
use report::ReportArguments;
use serde_json::json;
use std::path::Path;

#[derive(Debug, Args)]
pub(super) struct AlbumArguments {
    /// What to do.
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Look through an album: recordings, graphs, codes, layout, and the discs and sides it is to become.
    #[command(after_help = "Examples:
  deadwax album check album.ron
  deadwax album check album.ron --json
  deadwax new album album.ron mixes/*.wav")]
    Check(CheckArguments),
    /// Make everything that an album is to become: files for streaming, discs, sides.
    #[command(after_help = "Examples:
  deadwax album render album.ron
  deadwax album render album.ron --only cd -o masters
  deadwax album render album.ron --json")]
    Render(RenderArguments),
    /// Hear an album track by track: loudness, tone and width, which tracks stand out, and what brings them in.
    #[command(after_help = "Examples:
  deadwax album report album.ron
  deadwax album report album.ron --json")]
    Report(ReportArguments),
    /// What to listen to before an album is sent off: joints, fades, the loudest and softest moments; with a tape of them.
    #[command(after_help = "Examples:
  deadwax album listen-list album.ron
  deadwax album listen-list album.ron --tape listen.wav")]
    ListenList(ListenArguments),
    /// Move a track to another place in the layout; what lies in front of it goes with it, and nothing else of the file changes.
    #[command(after_help = "Examples:
  deadwax album move album.ron coda --before locked
  deadwax album move album.ron coda --side B")]
    Move(MoveArguments),
    /// Print the JSON schema of albums.
    Schema,
}

/// Does what is wanted.
pub(super) fn run(arguments: &AlbumArguments, global: &Global) -> Exit {
    match &arguments.what {
        What::Check(arguments) => check::run(arguments, global),
        What::Render(arguments) => render::run(arguments, global),
        What::Report(arguments) => report::run(arguments, global),
        What::ListenList(arguments) => listen_list::run(arguments, global),
        What::Move(arguments) => order::run(arguments, global),
        What::Schema => {
            show::out(&format!("{:#}", deadwax::album::schema()));
            Exit::Done
        }
    }
}

/// Opens the album at `path`, and tells what is wrong or worth knowing.
fn open(path: &Path, schema: &str, global: &Global) -> Result<OpenedAlbum, Exit> {
    let found = open_album(path, &global.registry());
    for (diagnostics, sources) in &found.told {
        show::diagnostics(diagnostics, sources, global);
    }
    found.album.ok_or_else(|| {
        let wrong = found.told.iter().filter(|(diagnostics, _)| diagnostics.iter().any(Diagnostic::is_error));
        let exit = wrong.map(|(diagnostics, _)| show::exit(diagnostics)).max().unwrap_or(Exit::Graph);
        if global.json {
            show::json(schema, false, json!({}), &found.told);
        }
        exit
    })
}
