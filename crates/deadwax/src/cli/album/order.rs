//! `deadwax album move`.

use crate::cli::Exit;
use crate::cli::args::Global;
use crate::cli::show;
use clap::Args;
use deadwax::SetError;
use deadwax::album::{To, move_track};
use deadwax::diagnostic::SourceMap;
use serde_json::json;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct MoveArguments {
    /// The album.
    #[arg(value_name = "ALBUM.ron")]
    album: PathBuf,
    /// The track, by the name that the layout calls it by.
    #[arg(value_name = "TRACK")]
    track: String,
    #[command(flatten)]
    to: Place,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Place {
    /// In front of this track.
    #[arg(long, value_name = "TRACK")]
    before: Option<String>,
    /// Behind this track.
    #[arg(long, value_name = "TRACK")]
    after: Option<String>,
    /// To the end of this side.
    #[arg(long, value_name = "SIDE")]
    side: Option<String>,
}

impl Place {
    /// Where it goes, and the same in words.
    fn to(&self) -> (To<'_>, String) {
        match self {
            Self { before: Some(track), .. } => (To::Before(track), format!("in front of {track}")),
            Self { after: Some(track), .. } => (To::After(track), format!("behind {track}")),
            Self { side, .. } => {
                let side = side.as_deref().unwrap_or_default();
                (To::Side(side), format!("at the end of side {side}"))
            }
        }
    }
}

/// Moves a track.
pub(super) fn run(arguments: &MoveArguments, global: &Global) -> Exit {
    let (to, words) = arguments.to.to();
    let (exit, found, sources) = match move_track(&arguments.album, &arguments.track, to) {
        Ok(()) => (Exit::Done, Vec::new(), SourceMap::default()),
        Err(error) => {
            let exit = if matches!(error, SetError::Write(_)) { Exit::Output } else { Exit::Graph };
            let found = error.diagnostics();
            let sources = match error {
                SetError::Album(errors) => errors.sources,
                _ => SourceMap::default(),
            };
            (exit, found, sources)
        }
    };
    show::diagnostics(&found, &sources, global);
    let done = exit == Exit::Done;
    if global.json {
        let body = json!({"album": arguments.album, "track": arguments.track});
        show::json("album-move", done, body, &[(found, sources)]);
    } else if done && !global.quiet {
        show::out(&format!("    moved  {} {words}", arguments.track));
    }
    exit
}
