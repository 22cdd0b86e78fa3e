//! The sheet for spreadsheets.

use super::{SideSheet, between, clock, tenths};
use crate::paper::{cell, line};

pub(super) fn write(sheet: &SideSheet) -> String {
    let mut out = String::new();
    for (name, value) in sheet.facts() {
        line(&mut out, &[name.to_owned(), cell(value)]);
    }
    table(&mut out, &["side", "file", "length", "loudness LUFS", "true peak dBTP", "MD5", "bytes"]);
    for side in &sheet.sides {
        let file = &side.file;
        // Loudness is a number of ours, whose minus is meant.
        let numbers = [tenths(side.loudness.integrated_lufs), tenths(side.loudness.true_peak_dbtp)];
        let begin = [cell(&side.name), cell(&file.name), clock(side.length_s)];
        let end = [cell(&file.md5), file.bytes.to_string()];
        line(&mut out, &begin.into_iter().chain(numbers).chain(end).collect::<Vec<_>>());
    }
    table(&mut out, &["side", "track", "start", "length", "gap", "ISRC", "title", "artist"]);
    for (side, track) in
        sheet.sides.iter().flat_map(|side| side.tracks.iter().map(move |track| (side, track)))
    {
        line(
            &mut out,
            &[
                cell(&side.name),
                cell(&track.number),
                clock(track.start_s),
                clock(track.length_s),
                between(track),
                cell(&track.isrc),
                cell(&track.title),
                cell(&track.performer),
            ],
        );
    }
    if sheet.sides.iter().any(|side| !side.figures.is_empty()) {
        table(&mut out, &["side", "figure", "value", "unit", "at"]);
    }
    for side in &sheet.sides {
        for figure in &side.figures {
            let [name, unit] = [&figure.name, &figure.unit].map(|text| cell(text));
            line(&mut out, &[cell(&side.name), name, figure.number(), unit, figure.place()]);
        }
    }
    if !sheet.notes.is_empty() || sheet.sides.iter().any(|side| !side.notes.is_empty()) {
        table(&mut out, &["side", "to be known"]);
    }
    for note in &sheet.notes {
        line(&mut out, &[String::new(), cell(note)]);
    }
    for side in &sheet.sides {
        for note in &side.notes {
            line(&mut out, &[cell(&side.name), cell(note)]);
        }
    }
    out
}

/// An empty line, and how the columns behind it are called.
fn table<const N: usize>(out: &mut String, columns: &[&str; N]) {
    out.push_str("\r\n");
    line(out, &columns.map(str::to_owned));
}
