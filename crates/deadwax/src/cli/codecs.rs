//! `deadwax codecs`.

use super::args::{Global, Show};
use super::measure::quoted;
use super::{Exit, show};
use clap::Args;
use deadwax::codecs::{CodecOutcome, CodecOvers, CodecsError, FileCodecs, codec_overs};
use deadwax::diagnostic::{Code, Diagnostic, SourceMap};
use deadwax::{Existing, read_diagnostic, write_diagnostic, write_text};
use serde_json::json;
use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Places that are named before they are only counted.
const PLACES: usize = 3;

#[derive(Debug, Args)]
pub(super) struct CodecsArguments {
    /// The files.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Write every place above 0 dBTP as comma-separated values.
    #[arg(long, value_name = "FILE")]
    overs: Option<PathBuf>,
    /// Replace that file when it is there. Audio files are never replaced.
    #[arg(short, long)]
    force: bool,
    /// Exit 1 when a true peak behind any coder is over this, in dBTP, or was not measured.
    #[arg(long, value_name = "DB", allow_hyphen_values = true, value_parser = super::args::finite)]
    fail_over: Option<f64>,
    /// How to show progress.
    #[arg(long, value_enum, default_value_t = Show::Auto)]
    progress: Show,
}

/// Sends every file through the coders of services.
pub(super) fn run(arguments: &CodecsArguments, global: &Global) -> Exit {
    let cancel = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&cancel);
    let _ = ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed));
    let counted = counts(arguments.progress, global);
    let progress = |done: usize, all: usize| {
        if counted {
            let end = if done == all { "\n" } else { "" };
            let _ = write!(std::io::stderr(), "\r{done} of {all} codings{end}");
        }
    };
    let work = || codec_overs(&arguments.files, &cancel, &progress);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(global.jobs.map_or(0, usize::from)).build();
    let files = match pool.map_or_else(|_| work(), |pool| pool.install(work)) {
        Ok(files) => files,
        Err(error) => {
            let (exit, diagnostic) = wrong(&error);
            return refuse(exit, diagnostic, global);
        }
    };
    if let Some(path) = &arguments.overs {
        let existing = if arguments.force { Existing::Replace } else { Existing::Keep };
        if let Err(error) = write_text(path, &csv(&files), existing, &arguments.files) {
            return refuse(Exit::Output, write_diagnostic(&error), global);
        }
    }
    let passes =
        |file: &FileCodecs, most: f64| file.complete() && file.highest_dbtp().is_none_or(|peak| peak <= most);
    let failed = arguments.fail_over.is_some_and(|most| !files.iter().all(|file| passes(file, most)));
    let exit = if failed { Exit::No } else { Exit::Done };
    if global.json {
        show::json("codecs", exit == Exit::Done, json!({"files": files}), &[]);
    } else {
        files.iter().for_each(|file| show::out(&told(file)));
    }
    exit
}

/// Whether codings are counted on standard error.
fn counts(show: Show, global: &Global) -> bool {
    match show {
        _ if global.quiet => false,
        Show::Auto => std::io::stderr().is_terminal() && !global.json,
        Show::Bar | Show::Plain => true,
        Show::Json | Show::None => false,
    }
}

fn wrong(error: &CodecsError) -> (Exit, Diagnostic) {
    match error {
        CodecsError::Read(error) => (Exit::Input, read_diagnostic(error)),
        _ => (Exit::Interrupted, Diagnostic::general(Code::Interrupted, error.to_string())),
    }
}

fn refuse(exit: Exit, diagnostic: Diagnostic, global: &Global) -> Exit {
    show::diagnostics(std::slice::from_ref(&diagnostic), &SourceMap::default(), global);
    if global.json {
        let told = [(vec![diagnostic], SourceMap::default())];
        show::json("codecs", false, json!({"files": []}), &told);
    }
    exit
}

fn told(file: &FileCodecs) -> String {
    let mut text =
        format!("{} · true peak {} dBTP\n\n", file.file.display(), show::number(file.true_peak_dbtp));
    let _ = writeln!(text, "  {:<11} {:<11} {:>6} {:>7}", "codec", "encoder", "dBTP", "overs");
    file.codecs.iter().for_each(|one| text.push_str(&row(one)));
    let measured = file.codecs.iter().filter_map(|one| match one.outcome {
        CodecOutcome::Measured { lower_db, .. } => Some(lower_db),
        CodecOutcome::NotMeasured { .. } => None,
    });
    let missing =
        file.codecs.iter().filter(|one| matches!(one.outcome, CodecOutcome::NotMeasured { .. })).count();
    let _ = match (measured.reduce(f64::max), missing) {
        (None, _) => writeln!(text, "\n  not measured: nothing is known of it"),
        (Some(lower), _) if lower > 0.0 => {
            writeln!(text, "\n  a ceiling {lower:.1} dB lower keeps all that was measured below full scale")
        }
        (Some(_), 0) => writeln!(text, "\n  no peak goes beyond full scale"),
        (Some(_), more) => {
            writeln!(text, "\n  no peak goes beyond full scale where it was measured; {more} were not")
        }
    };
    let mut notes: Vec<String> = file
        .codecs
        .iter()
        .filter_map(|one| Some(format!("  {}: {}", one.encoder.as_ref()?, one.note.as_ref()?)))
        .collect();
    notes.dedup();
    notes.iter().for_each(|note| text.push_str(&format!("{note}\n")));
    text
}

fn row(one: &CodecOvers) -> String {
    let encoder = one.encoder.as_deref().unwrap_or("–");
    match &one.outcome {
        CodecOutcome::NotMeasured { reason } => {
            format!("  {:<11} {encoder:<11} not measured: {reason}\n", one.codec)
        }
        CodecOutcome::Measured { true_peak_dbtp, overs, places, .. } => {
            let peak = true_peak_dbtp.map_or_else(|| "–".to_owned(), |peak| format!("{peak:+.1}"));
            let named: Vec<String> = places.iter().take(PLACES).map(|place| show::time(place.at_s)).collect();
            let first = if named.is_empty() { String::new() } else { format!("  at {}", named.join(", ")) };
            let more = overs.saturating_sub(named.len() as u64);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            format!("  {:<11} {encoder:<11} {peak:>6} {overs:>7}{first}{more}\n", one.codec)
        }
    }
}

/// Every place above 0 dBTP, a line each.
fn csv(files: &[FileCodecs]) -> String {
    let mut text = "file,codec,encoder,channel,at_s,frame,frames,peak_dbtp\n".to_owned();
    for file in files {
        let name = quoted(&name(&file.file));
        for one in &file.codecs {
            let CodecOutcome::Measured { places, .. } = &one.outcome else { continue };
            for place in places {
                let _ = writeln!(
                    text,
                    "{name},{},{},{},{:.6},{},{},{:.3}",
                    one.codec,
                    one.encoder.as_deref().unwrap_or_default(),
                    place.channel + 1,
                    place.at_s,
                    place.frame,
                    place.frames,
                    place.peak_dbtp
                );
            }
        }
    }
    text
}

fn name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
