//! `deadwax preflight`.

use super::args::{Global, PlatformArguments, Show};
use super::chosen::Chosen;
use super::progress::{Board, Line};
use super::{Exit, show};
use clap::Args;
use deadwax::diagnostic::{Code, Diagnostic, SourceMap};
use deadwax::preflight::{Finding, PreflightError, Preflighted, Weight, preflight};
use deadwax::read_diagnostic;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[derive(Debug, Args)]
pub(super) struct PreflightArguments {
    /// The files, in the order in which they are played.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// They are played without a gap: their joints are looked at, and ends within the music are no fault.
    #[arg(long)]
    gapless: bool,
    /// The services they are for, whose ceilings they are held against: `spotify,apple-music`, or `all`.
    #[arg(long = "for", value_name = "NAMES", value_delimiter = ',')]
    services: Vec<String>,
    /// How to show progress.
    #[arg(long, value_enum, default_value_t = Show::Auto)]
    progress: Show,
}

/// Looks through every file.
pub(super) fn run(arguments: &PreflightArguments, global: &Global) -> Exit {
    let asked = PlatformArguments { names: arguments.services.clone(), platforms: None };
    let chosen = match Chosen::read(&asked, &[]) {
        Ok(chosen) => chosen,
        Err((exit, error)) => {
            show::diagnostics(std::slice::from_ref(&error), &SourceMap::default(), global);
            if global.json {
                let told = [(vec![*error], SourceMap::default())];
                show::json("preflight", false, json!({"files": []}), &told);
            }
            return exit;
        }
    };
    let cancel = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&cancel);
    let _ = ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed));
    let board = Board::new(arguments.progress, global);
    let lines: Vec<Line<'_>> = arguments.files.iter().map(|path| board.file(path)).collect();
    let progress = |number: usize, seconds: f64| {
        lines[number].update(deadwax::Progress { pass: 1, passes: 1, round: 1, seconds });
    };
    let workers = global.jobs.map_or(0, usize::from);
    let looked = preflight(&arguments.files, arguments.gapless, &chosen.owned(), workers, &cancel, &progress);
    lines.iter().for_each(Line::finish);
    let (mut exit, mut files, mut found) = (Exit::Done, Vec::new(), Vec::new());
    for (path, looked) in arguments.files.iter().zip(looked) {
        match looked {
            Ok(one) => {
                files.push(told_json(path, &one));
                if !global.json {
                    show::out(&told(path, &one, global));
                }
            }
            Err(error) => {
                let (failed, diagnostic) = wrong(&error);
                exit = exit.max(failed);
                files.push(json!({"file": path, "ok": false, "error": diagnostic.message}));
                show::diagnostics(std::slice::from_ref(&diagnostic), &SourceMap::default(), global);
                found.push((vec![diagnostic], SourceMap::default()));
            }
        }
    }
    if global.json {
        show::json("preflight", exit == Exit::Done, json!({"files": files}), &found);
    }
    exit
}

fn wrong(error: &PreflightError) -> (Exit, Diagnostic) {
    match error {
        PreflightError::Read(error) => (Exit::Input, read_diagnostic(error)),
        _ => (Exit::Interrupted, Diagnostic::general(Code::Interrupted, error.to_string())),
    }
}

fn told(path: &Path, one: &Preflighted, global: &Global) -> String {
    let mut text = String::new();
    if global.quiet {
        let _ = writeln!(text, "{}", path.display());
    } else {
        let (time, rate) = (show::time(one.figures.seconds()), f64::from(one.info.rate_hz) / 1000.0);
        let bits = one.info.bits.map_or_else(String::new, |bits| format!(" · {bits} bit"));
        let channels = match one.info.channels {
            1 => "mono".to_owned(),
            2 => "stereo".to_owned(),
            more => format!("{more} channels"),
        };
        let _ = writeln!(text, "{} · {time} · {channels} · {rate} kHz{bits}", path.display());
    }
    if one.findings.is_empty() {
        text.push_str("  nothing to tell\n");
    }
    one.findings.iter().for_each(|finding| text.push_str(&line(finding)));
    text
}

/// What was found, where, and what one might do about it.
fn line(finding: &Finding) -> String {
    let mark = if finding.weight == Weight::Warning { '!' } else { '·' };
    let place = finding.at_s.map_or_else(String::new, |at| format!("{}: ", show::time(at)));
    let advice = if finding.advice.is_empty() { String::new() } else { format!(": {}", finding.advice) };
    format!("  {mark} {place}{}{advice}\n", finding.message)
}

fn told_json(path: &Path, one: &Preflighted) -> Value {
    json!({
        "file": path, "ok": true, "codec": one.info.codec, "bits": one.info.bits,
        "channels": one.info.channels, "seconds": one.figures.seconds(),
        "findings": one.findings, "figures": one.figures,
    })
}
