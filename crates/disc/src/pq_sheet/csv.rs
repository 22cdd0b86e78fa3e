//! The sheet for spreadsheets.

use super::{COLUMNS, Row, Sheet};
use crate::paper::{cell, line};

pub(super) fn write(sheet: &Sheet<'_>) -> String {
    let mut out = String::new();
    for (name, value) in sheet.facts() {
        line(&mut out, &[name.to_owned(), cell(&value)]);
    }
    out.push_str("\r\n");
    line(&mut out, &COLUMNS.map(str::to_owned));
    for row in sheet.rows() {
        let Row { track, index, start, length, gap, isrc, flags, .. } = row;
        let texts = [cell(&row.title), cell(&row.performer)];
        let places = [track, index, start, length, gap, isrc, flags];
        // The last two are numbers of ours, whose minus is meant.
        line(&mut out, &places.into_iter().chain(texts).chain([row.lufs, row.dbtp]).collect::<Vec<_>>());
    }
    if !sheet.files.is_empty() {
        out.push_str("\r\n");
        line(&mut out, &["file", "MD5", "bytes"].map(str::to_owned));
        for file in &sheet.files {
            line(&mut out, &[cell(&file.name), cell(&file.md5), file.bytes.to_string()]);
        }
    }
    out
}
