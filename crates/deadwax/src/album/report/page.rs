//! The page about an album, from what was heard of it and what was made of it.

use super::checks::{AlbumChecks, DeliverableChecked, SourceFound};
use super::{AlbumReport, Aspect, Change, HeardTrack, Remedy};
use crate::album::opened::OpenedAlbum;
use crate::album::services::{ServiceOutcome, services};
use crate::codecs::{CodecOutcome, FileCodecs};
use crate::report::today;
use deadwax_album::consistency::median;
use deadwax_preflight::{Finding, Weight};
use deadwax_report::{AlbumPage, AlbumTrack, Cell, DeliverablePart, Remark, Table, Text};
use serde_json::Value;
use std::path::Path;

/// A page about `report`, and about what the album was made of and what was made of it; `numbers` is all of it as plain data.
#[must_use]
pub fn album_page(
    opened: &OpenedAlbum,
    report: &AlbumReport,
    checks: &AlbumChecks,
    numbers: Value,
) -> AlbumPage {
    let album = &opened.album;
    let title = if album.texts.title.is_empty() { "Untitled album" } else { album.texts.title.as_str() };
    let middle = |aspect| {
        report.consistency.middles.iter().find(|middle| middle.aspect == aspect).map(|middle| middle.median)
    };
    AlbumPage {
        title: Text::new(title),
        artist: Text::new(album.texts.performer.as_str()),
        engineer: Text::new(album.engineer.as_str()),
        made_on: Text::new(today()),
        seconds: opened.sequence.end.seconds(),
        tracks: report.tracks.iter().enumerate().map(|(n, track)| row(report, n, track)).collect(),
        all: report.all.clone(),
        middles: Aspect::all().into_iter().map(middle).collect(),
        remarks: report.changes.iter().map(|change| remark(report, change)).collect(),
        deliverables: checks.deliverables.iter().map(|one| part(opened, one)).collect(),
        sources: sources(checks),
        numbers,
    }
}

fn row(report: &AlbumReport, n: usize, track: &HeardTrack) -> AlbumTrack {
    let odd = |aspect| report.consistency.outliers.iter().any(|one| one.track == n && one.aspect == aspect);
    let cell = |aspect: Aspect| Cell { value: aspect.of(&track.sound), odd: odd(aspect) };
    AlbumTrack {
        number: track.number,
        title: Text::new(track.title.as_str()),
        mark_s: track.mark_s,
        begin_s: track.begin_s,
        gain_db: track.gain_db,
        measured: track.measured.clone(),
        cells: Aspect::all().into_iter().map(cell).collect(),
        tone: against_middle(report, track),
    }
}

/// The tone of a track, less the middle of all tracks in every band.
fn against_middle(report: &AlbumReport, track: &HeardTrack) -> Vec<(f64, f64)> {
    let middle = |hz: f64| {
        let counted = report.tracks.iter().filter(|track| !track.sound.interlude);
        let bands = counted.flat_map(|track| track.sound.tone.bands()).filter(|band| band.0 == hz);
        median(bands.map(|(_, db)| *db))
    };
    track.sound.tone.bands().iter().map(|(hz, db)| (*hz, db - middle(*hz))).collect()
}

fn remark(report: &AlbumReport, change: &Change) -> Remark {
    let track = &report.tracks[change.outlier.track];
    let text = match &change.remedy {
        Remedy::Set { path, now, to } => format!("{path}: {now} → {to}"),
        Remedy::Node { node } => node.clone(),
        Remedy::Nothing => String::new(),
    };
    Remark {
        what: Text::new(format!("{}. {}: {}", track.number, track.title, change.what())),
        change: Text::new(text),
        note: Text::new(change.note.as_str()),
    }
}

/// A deliverable: its files, what services do with them, what was found.
fn part(opened: &OpenedAlbum, checked: &DeliverableChecked) -> DeliverablePart {
    let one = &checked.delivered;
    let shown = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.1}"));
    let bytes: u64 = one.files.iter().map(|file| file.bytes).sum();
    let audio = one.files.iter().filter(|file| file.integrated_lufs.is_some());
    let file = |file: &crate::album::ManifestFile| {
        let texts = [
            file.path.clone(),
            shown(file.integrated_lufs),
            shown(file.range_lu),
            shown(file.true_peak_dbtp),
            file.md5.clone(),
        ];
        (false, texts.map(Text::new).to_vec())
    };
    let mut tables = vec![table("Files", &["file", "LUFS", "LRA", "dBTP", "MD5"], audio.map(file).collect())];
    let played: Vec<_> = services(opened, one).iter().map(service).collect();
    if !played.is_empty() {
        tables.push(table("What services do", &["service", "the album", "the tracks"], played));
    }
    if !one.findings.is_empty() {
        let rows = one.findings.iter().map(found).collect();
        tables.push(table("What was found", &["where", "what", "what one might do"], rows));
    }
    if !checked.codecs.is_empty() {
        let rows = checked.codecs.iter().map(|file| coded(file, &one.folder)).collect();
        let coders = checked.codecs[0].codecs.iter().map(|coder| coder.codec.as_str());
        let columns: Vec<&str> = ["file", "itself"].into_iter().chain(coders).collect();
        tables.push(table("True peaks behind coders, in dBTP", &columns, rows));
    }
    DeliverablePart {
        name: Text::new(one.name.as_str()),
        about: Text::new(format!(
            "{} files · {:.1} MB · {} LUFS · {} dBTP",
            one.files.len(),
            bytes as f64 / 1e6,
            shown(one.integrated_lufs),
            shown(one.true_peak_dbtp)
        )),
        tables,
        notes: notes(&checked.codecs),
    }
}

fn table(title: &str, columns: &[&str], rows: Vec<(bool, Vec<Text>)>) -> Table {
    Table {
        title: Text::from(title),
        columns: columns.iter().map(|column| Text::from(*column)).collect(),
        rows,
    }
}

/// What was found in the mixes.
fn sources(checks: &AlbumChecks) -> Vec<Table> {
    let row = |source: &SourceFound, finding: &Finding| {
        let (look, mut texts) = found(finding);
        let place = finding.at_s.map_or_else(String::new, |at| format!(" at {}", deadwax_inspect::clock(at)));
        texts[0] = Text::new(format!("{}{place}", source.file));
        (look, texts)
    };
    let rows: Vec<_> = checks
        .sources
        .iter()
        .flat_map(|source| source.findings.iter().map(|finding| row(source, finding)))
        .collect();
    let columns = ["mix", "what", "what one might do"];
    if rows.is_empty() { Vec::new() } else { vec![table("What was found in the mixes", &columns, rows)] }
}

/// A file behind every coder.
fn coded(file: &FileCodecs, folder: &Path) -> (bool, Vec<Text>) {
    let peak = |peak: Option<f64>| peak.map_or_else(|| "–".to_owned(), |peak| format!("{peak:+.1}"));
    let name = file.file.strip_prefix(folder).unwrap_or(&file.file).display().to_string();
    let each = file.codecs.iter().map(|one| match &one.outcome {
        CodecOutcome::Measured { true_peak_dbtp, overs: 0, .. } => peak(*true_peak_dbtp),
        CodecOutcome::Measured { true_peak_dbtp, overs, .. } => {
            format!("{} ({overs} over)", peak(*true_peak_dbtp))
        }
        CodecOutcome::NotMeasured { .. } => "not measured".to_owned(),
    });
    let texts = [name, peak(file.true_peak_dbtp)].into_iter().chain(each).map(Text::new).collect();
    (file.highest_dbtp().is_some_and(|peak| peak > 0.0), texts)
}

/// What to know about coders.
fn notes(codecs: &[FileCodecs]) -> Vec<Text> {
    let mut notes: Vec<String> = Vec::new();
    for one in codecs.first().into_iter().flat_map(|file| &file.codecs) {
        let note = match &one.outcome {
            CodecOutcome::NotMeasured { reason } => Some(format!("{}: not measured, {reason}", one.codec)),
            CodecOutcome::Measured { .. } => one.note.as_ref().map(|note| format!("{}: {note}", one.codec)),
        };
        notes.extend(note);
    }
    notes.into_iter().map(Text::new).collect()
}

fn service(outcome: &ServiceOutcome) -> (bool, Vec<Text>) {
    let gain = |db: f64| match (10.0 * db).round() / 10.0 {
        0.0 => "as it is".to_owned(),
        db => format!("{db:+.1} dB"),
    };
    let album = match &outcome.album {
        Some(playback) => {
            let peak =
                playback.true_peak_dbtp.map_or_else(String::new, |peak| format!(", peaks {peak:.1} dBTP"));
            format!("{}{peak}", gain(playback.gain_db))
        }
        None => "track by track, or unknown".to_owned(),
    };
    let gains: Vec<String> = outcome
        .tracks
        .iter()
        .map(|track| track.as_ref().map_or_else(|| "unknown".to_owned(), |playback| gain(playback.gain_db)))
        .collect();
    (false, vec![Text::new(outcome.service.as_str()), Text::new(album), Text::new(gains.join(", "))])
}

fn found(finding: &Finding) -> (bool, Vec<Text>) {
    let place = finding.at_s.map_or_else(String::new, |at| format!(" at {}", deadwax_inspect::clock(at)));
    let place = finding.file.as_ref().map_or_else(|| "all".to_owned(), |file| format!("{file}{place}"));
    let texts = [place, finding.message.clone(), finding.advice.clone()];
    (finding.weight == Weight::Warning, texts.map(Text::new).to_vec())
}
