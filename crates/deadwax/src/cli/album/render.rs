//! `deadwax album render`.

use super::work::{Work, WorkArguments};
use super::{open, work};
use crate::cli::Exit;
use crate::cli::args::Global;
use crate::cli::show;
use clap::Args;
use deadwax::Existing;
use deadwax::album::{
    Delivered, Finding, MASTERS, OpenedAlbum, ServiceOutcome, Weight, render_album, services,
};
use deadwax::platforms::Playback;
use serde_json::json;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub(super) struct RenderArguments {
    /// The album.
    #[arg(value_name = "ALBUM.ron")]
    album: PathBuf,
    #[command(flatten)]
    work: WorkArguments,
    /// Make this deliverable only; may be given several times.
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Replace deliverables that are there and were made of something else.
    #[arg(short, long)]
    force: bool,
}

/// Renders an album.
pub(super) fn run(arguments: &RenderArguments, global: &Global) -> Exit {
    let opened = match open(&arguments.album, "album-render", global) {
        Ok(opened) => opened,
        Err(exit) => return exit,
    };
    let mut work = Work::new(&arguments.work, &arguments.album, global);
    work.only.clone_from(&arguments.only);
    work.existing = if arguments.force { Existing::Replace } else { Existing::Keep };
    match work.run(|settings| render_album(&opened, &global.registry(), settings)) {
        Ok(delivered) => {
            if global.json {
                show::json(
                    "album-render",
                    true,
                    json!({"deliverables": delivered.iter().map(|one| told(&opened, one)).collect::<Vec<_>>()}),
                    &[],
                );
            } else if global.quiet {
                delivered.iter().for_each(|one| show::out(&one.folder.display().to_string()));
            } else {
                show::out(&summary(&opened, &delivered, &work.output));
            }
            Exit::Done
        }
        Err(error) => work::failed(&error, "album-render", global),
    }
}

pub(super) fn told(opened: &OpenedAlbum, one: &Delivered) -> serde_json::Value {
    json!({
        "name": one.name,
        "folder": one.folder,
        "as_it_was": one.as_it_was,
        "integrated_lufs": one.integrated_lufs,
        "true_peak_dbtp": one.true_peak_dbtp,
        "files": one.files,
        "services": services(opened, one),
        "findings": one.findings,
    })
}

fn summary(opened: &OpenedAlbum, delivered: &[Delivered], output: &Path) -> String {
    let title = &opened.album.texts.title;
    let mut text = format!("    album  {}\n", if title.is_empty() { "untitled" } else { title });
    delivered.iter().for_each(|one| text.push_str(&self::delivered(opened, one, false)));
    let masters = output.join(MASTERS);
    text.push_str(&format!(
        "\n     kept  {}: only what changes is rendered again; it may be removed\n",
        masters.display()
    ));
    text
}

/// A deliverable: its files, what services do with it, what was found in it.
/// With `all`, notes are told as well as warnings.
pub(super) fn delivered(opened: &OpenedAlbum, one: &Delivered, all: bool) -> String {
    let mut text = String::new();
    let bytes: u64 = one.files.iter().map(|file| file.bytes).sum();
    let was = if one.as_it_was && !all { " · as it was" } else { "" };
    text.push_str(&format!(
        "\n    {:>5}  {} · {} files, {:.1} MB · {} LUFS, {} dBTP{was}\n",
        one.name,
        one.folder.display(),
        one.files.len(),
        bytes as f64 / 1e6,
        show::number(one.integrated_lufs),
        show::number(one.true_peak_dbtp),
    ));
    for file in one.files.iter().filter(|file| file.integrated_lufs.is_some()) {
        text.push_str(&format!(
            "           {:>6} LUFS  {:>5} dBTP  {}\n",
            show::number(file.integrated_lufs),
            show::number(file.true_peak_dbtp),
            file.path
        ));
    }
    for outcome in services(opened, one) {
        text.push_str(&format!("           {}\n", service(&outcome)));
    }
    let (told, kept): (Vec<_>, Vec<_>) =
        one.findings.iter().partition(|finding| all || finding.weight == Weight::Warning);
    told.iter().for_each(|finding| text.push_str(&found(finding)));
    if !kept.is_empty() {
        text.push_str(&format!("         · {} more to know: `deadwax album report` tells it\n", kept.len()));
    }
    text
}

/// What was found, and what one might do about it.
pub(super) fn found(finding: &Finding) -> String {
    let mark = if finding.weight == Weight::Warning { '!' } else { '·' };
    let place = finding.at_s.map_or_else(String::new, |at| format!(" at {}", show::time(at)));
    let file = finding.file.as_ref().map_or_else(String::new, |file| format!("{file}{place}: "));
    let advice = if finding.advice.is_empty() { String::new() } else { format!(": {}", finding.advice) };
    format!("         {mark} {file}{}{advice}\n", finding.message)
}

/// What a service does, in a line.
fn service(outcome: &ServiceOutcome) -> String {
    // What rounds to nothing has no sign of its own.
    let signed = |db: f64| match (10.0 * db).round() / 10.0 {
        0.0 => "0.0".to_owned(),
        db => format!("{db:+.1}"),
    };
    let played = |playback: &Playback| format!("{} dB", signed(playback.gain_db));
    let album = match &outcome.album {
        Some(playback) => {
            format!("album {}, peaks {} dBTP", played(playback), show::number(playback.true_peak_dbtp))
        }
        None => "album: track by track, or unknown".to_owned(),
    };
    let gains: Vec<f64> = outcome.tracks.iter().flatten().map(|playback| playback.gain_db).collect();
    let tracks = match gains.iter().copied().reduce(f64::min).zip(gains.iter().copied().reduce(f64::max)) {
        Some((low, high)) => format!("tracks {} to {} dB", signed(low), signed(high)),
        None => "tracks: unknown".to_owned(),
    };
    format!("{}: {album} · {tracks}", outcome.service)
}
