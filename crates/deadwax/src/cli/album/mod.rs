//! `deadwax album`.

mod check;

use super::Exit;
use super::args::Global;
use check::CheckArguments;
use clap::{Args, Subcommand};

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
}

/// Does what is wanted.
pub(super) fn run(arguments: &AlbumArguments, global: &Global) -> Exit {
    match &arguments.what {
        What::Check(arguments) => check::run(arguments, global),
    }
}
