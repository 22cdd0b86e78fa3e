//! `deadwax album report`.

use super::work::{Work, WorkArguments};
use super::{open, work};
use crate::cli::Exit;
use crate::cli::args::Global;
use crate::cli::show;
use clap::Args;
use deadwax::album::{
    AlbumChecks, AlbumReport, Aspect, Change, DeliverableChecked, HeardTrack, OpenedAlbum, Region, Remedy,
    album_page, check_album, report_album,
};
use deadwax::codecs::CodecOutcome;
use deadwax::diagnostic::SourceMap;
use deadwax::{Existing, write_diagnostic, write_text};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct ReportArguments {
    /// The album.
    #[arg(value_name = "ALBUM.ron")]
    album: PathBuf,
    /// Write a page about it, to look at, print or send.
    #[arg(short, long, value_name = "FILE.html")]
    page: Option<PathBuf>,
    /// Do not look through the mixes, and leave coders alone: both read everything once more.
    #[arg(long)]
    quick: bool,
    /// Replace a page that is there.
    #[arg(short, long)]
    force: bool,
    #[command(flatten)]
    work: WorkArguments,
}

/// Hears an album, and tells what stands out.
pub(super) fn run(arguments: &ReportArguments, global: &Global) -> Exit {
    let opened = match open(&arguments.album, "album-report", global) {
        Ok(opened) => opened,
        Err(exit) => return exit,
    };
    let work = Work::new(&arguments.work, &arguments.album, global);
    let heard = work.run(|settings| {
        let report = report_album(&opened, &global.registry(), settings)?;
        Ok((report, check_album(&opened, settings, !arguments.quick)?))
    });
    match heard {
        Ok((report, checks)) => {
            if let Some(path) = &arguments.page {
                let page = album_page(&opened, &report, &checks, told(&opened, &report, &checks));
                let existing = if arguments.force { Existing::Replace } else { Existing::Keep };
                if let Err(error) = write_text(path, &page.html(), existing, &opened.inputs()) {
                    show::diagnostics(&[write_diagnostic(&error)], &SourceMap::default(), global);
                    return Exit::Output;
                }
            }
            if global.json {
                show::json("album-report", true, told(&opened, &report, &checks), &[]);
            } else {
                show::out(&(sheet(&opened, &report) + &checked(&opened, &checks, arguments.quick)));
            }
            Exit::Done
        }
        Err(error) => work::failed(&error, "album-report", global),
    }
}

fn told(opened: &OpenedAlbum, report: &AlbumReport, checks: &AlbumChecks) -> Value {
    let made = |one: &DeliverableChecked| {
        let mut told = super::render::told(opened, &one.delivered);
        told["codecs"] = json!(one.codecs);
        told
    };
    let track = |track: &HeardTrack| {
        let regions: serde_json::Map<String, Value> = Region::ALL
            .into_iter()
            .map(|region| (region.words().replace(' ', "_"), json!(track.sound.tone.region_db(region))))
            .collect();
        json!({
            "name": track.name,
            "title": track.title,
            "number": track.number,
            "mark_s": track.mark_s,
            "begin_s": track.begin_s,
            "end_s": track.end_s,
            "gain_db": track.gain_db,
            "integrated_lufs": track.measured.integrated_lufs,
            "max_short_term_lufs": track.measured.max_short_term_lufs,
            "range_lu": track.measured.loudness_range_lu,
            "true_peak_dbtp": track.measured.true_peak_dbtp,
            "plr_lu": track.measured.plr_lu,
            "tone_db": regions,
            "width_db": track.sound.width_db,
            "interlude": track.sound.interlude,
        })
    };
    json!({
        "tracks": report.tracks.iter().map(track).collect::<Vec<_>>(),
        "all": report.all,
        "middles": report.consistency.middles,
        "outliers": report.consistency.outliers,
        "changes": report.changes,
        "sources": checks.sources,
        "deliverables": checks.deliverables.iter().map(made).collect::<Vec<_>>(),
        "missing": checks.missing,
    })
}

/// The album as a table, and what stands out.
fn sheet(opened: &OpenedAlbum, report: &AlbumReport) -> String {
    let mut text = String::new();
    let album = &opened.album;
    let title = if album.texts.title.is_empty() { "untitled" } else { &album.texts.title };
    let _ = writeln!(
        text,
        "    album  {title} · {} · {} LUFS · range {} LU · {} dBTP\n",
        show::time(opened.sequence.end.seconds()),
        show::number(report.all.integrated_lufs),
        show::number(report.all.loudness_range_lu),
        show::number(report.all.true_peak_dbtp),
    );
    text.push_str("        #    LUFS    LU   dBTP   bass   low   mid  high  treble  width  title\n");
    for track in &report.tracks {
        let odd = |aspect| {
            let index = report.tracks.iter().position(|other| std::ptr::eq(other, track));
            report.consistency.outliers.iter().any(|one| Some(one.track) == index && one.aspect == aspect)
        };
        let cell = |aspect: Aspect, wide: usize| {
            let mark = if odd(aspect) { "*" } else { "" };
            let value = aspect.of(&track.sound).map_or_else(|| "–".into(), |value| format!("{value:.1}"));
            format!("{:>wide$}", format!("{mark}{value}"))
        };
        let tones: Vec<String> = Region::ALL
            .into_iter()
            .zip([6, 5, 5, 5, 7])
            .map(|(region, wide)| cell(Aspect::Tone(region), wide))
            .collect();
        let name = if track.track.is_none() { "(hidden)" } else { &track.title };
        let interlude = if track.track.is_some() && track.sound.interlude { " (interlude)" } else { "" };
        let line = format!(
            "       {:>2} {} {:>5} {:>6} {} {}  {name}{interlude}",
            track.number,
            cell(Aspect::Loudness, 7),
            show::number(track.measured.loudness_range_lu),
            show::number(track.measured.true_peak_dbtp),
            tones.join(" "),
            cell(Aspect::Width, 6),
        );
        let _ = writeln!(text, "{}", line.trim_end());
    }
    if !report.consistency.middles.is_empty() {
        let middle = |aspect, wide: usize| {
            let found = report.consistency.middles.iter().find(|middle| middle.aspect == aspect);
            let value = found.map_or_else(|| "–".into(), |middle| format!("{:.1}", middle.median));
            format!("{value:>wide$}")
        };
        let tones: Vec<String> = Region::ALL
            .into_iter()
            .zip([6, 5, 5, 5, 7])
            .map(|(region, wide)| middle(Aspect::Tone(region), wide))
            .collect();
        let loudness = middle(Aspect::Loudness, 7);
        let _ = writeln!(
            text,
            "   middle {loudness}              {} {}",
            tones.join(" "),
            middle(Aspect::Width, 6)
        );
    }
    text.push('\n');
    if report.consistency.middles.is_empty() {
        text.push_str("           with fewer than three tracks there is no middle to hold them against\n");
    } else if report.changes.is_empty() {
        text.push_str("     even  no track stands out in loudness, tone or width\n");
    }
    for change in &report.changes {
        text.push_str(&changed(report, change));
    }
    if report.changes.len() > 1 {
        text.push_str("\n           tone is a balance, and a graph answers to what goes in: change one, and report again\n");
    }
    text
}

/// What stands out, and what one might do.
fn changed(report: &AlbumReport, change: &Change) -> String {
    let track = &report.tracks[change.outlier.track];
    let mut text = format!("       {:>2}  {}: {}\n", track.number, track.title, change.what());
    let _ = match &change.remedy {
        Remedy::Set { path, now, to } => writeln!(text, "           {path}: {now} → {to}"),
        Remedy::Node { node } => writeln!(text, "           a node for its graph: {node}"),
        Remedy::Nothing => Ok(()),
    };
    if !change.note.is_empty() {
        let _ = writeln!(text, "           {}", change.note);
    }
    text
}

/// What was found in the mixes and in what was made of the album.
fn checked(opened: &OpenedAlbum, checks: &AlbumChecks, quick: bool) -> String {
    let mut text = String::new();
    if !checks.sources.is_empty() {
        text.push_str("\n    mixes\n");
    }
    for source in &checks.sources {
        for finding in &source.findings {
            text.push_str(&super::render::found(&finding.clone().of(source.file.as_str())));
        }
    }
    for one in &checks.deliverables {
        text.push_str(&super::render::delivered(opened, &one.delivered, true));
        for file in &one.codecs {
            for finding in file.findings() {
                let name = file.file.strip_prefix(&one.delivered.folder).unwrap_or(&file.file);
                text.push_str(&super::render::found(&finding.of(name.display().to_string())));
            }
        }
        let measured = |file: &deadwax::codecs::FileCodecs| {
            file.codecs.iter().any(|one| matches!(one.outcome, CodecOutcome::Measured { .. }))
        };
        if !one.codecs.is_empty()
            && one.codecs.iter().all(|file| measured(file) && file.findings().is_empty())
        {
            text.push_str("           coders: no peak beyond full scale behind any of them\n");
        }
    }
    if !checks.missing.is_empty() {
        let _ = writeln!(text, "\n      not yet made: {}", checks.missing.join(", "));
    }
    if quick && !checks.deliverables.is_empty() {
        text.push_str("           coders: not measured with `--quick`\n");
    }
    text
}
