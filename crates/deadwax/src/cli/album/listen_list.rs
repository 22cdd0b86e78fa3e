//! `deadwax album listen-list`.

use super::work::{Work, WorkArguments};
use super::{open, work};
use crate::cli::Exit;
use crate::cli::args::Global;
use crate::cli::show;
use clap::Args;
use deadwax::Existing;
use deadwax::album::{Moment, listen_list, listen_tape, report_album};
use serde_json::json;
use std::fmt::Write as _;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct ListenArguments {
    /// The album.
    #[arg(value_name = "ALBUM.ron")]
    album: PathBuf,
    /// Write a tape of all moments, one behind the other: 24-bit WAV.
    #[arg(short, long, value_name = "FILE.wav")]
    tape: Option<PathBuf>,
    /// Replace a tape that is there.
    #[arg(short, long)]
    force: bool,
    #[command(flatten)]
    work: WorkArguments,
}

/// Tells what to listen to.
pub(super) fn run(arguments: &ListenArguments, global: &Global) -> Exit {
    let opened = match open(&arguments.album, "album-listen-list", global) {
        Ok(opened) => opened,
        Err(exit) => return exit,
    };
    let work = Work::new(&arguments.work, &arguments.album, global);
    let registry = global.registry();
    let existing = if arguments.force { Existing::Replace } else { Existing::Keep };
    let listed = work.run(|settings| {
        let moments = listen_list(&opened, &report_album(&opened, &registry, settings)?);
        if let Some(path) = &arguments.tape {
            listen_tape(&opened, &moments, path, existing, &registry, settings)?;
        }
        Ok(moments)
    });
    match listed {
        Ok(moments) => {
            if global.json {
                let body = json!({"moments": moments, "tape": arguments.tape});
                show::json("album-listen-list", true, body, &[]);
            } else {
                show::out(&list(&moments, arguments.tape.is_some()));
            }
            Exit::Done
        }
        Err(error) => work::failed(&error, "album-listen-list", global),
    }
}

fn list(moments: &[Moment], taped: bool) -> String {
    let heard: f64 = moments.iter().map(|moment| moment.end_s - moment.begin_s).sum();
    let mut text = format!("   listen  {} moments, {}\n\n", moments.len(), show::time(heard));
    text.push_str("       from          to");
    text.push_str(if taped { "     on tape  why\n" } else { "  why\n" });
    for moment in moments {
        let tape = if taped { format!("{:>12}", show::time(moment.tape_s)) } else { String::new() };
        let (begin, end) = (show::time(moment.begin_s), show::time(moment.end_s));
        for (n, why) in moment.why.iter().enumerate() {
            let _ = match n {
                0 => writeln!(text, " {begin:>10}  {end:>10}{tape}  {why}"),
                _ => writeln!(text, "{:wide$}  {why}", "", wide = 23 + tape.len()),
            };
        }
    }
    text
}
