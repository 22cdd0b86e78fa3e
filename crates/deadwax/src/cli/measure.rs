//! `deadwax measure`.

use super::Exit;
use super::args::{Global, MeasureArguments};
use super::show::{self, number};
use comfy_table::{CellAlignment, Table};
use deadwax::diagnostic::{Diagnostic, SourceMap};
use deadwax::{Measured, measure, read_diagnostic};
use serde_json::{Value, json};
use std::path::Path;

/// Measures every file.
pub(super) fn run(arguments: &MeasureArguments, global: &Global) -> Exit {
    let mut rows: Vec<(&Path, Measured)> = Vec::new();
    let mut errors: Vec<Diagnostic> = Vec::new();
    let mut entries: Vec<Value> = Vec::new();
    for path in &arguments.files {
        match measure(path) {
            Ok((info, measured)) => {
                entries.push(json!({
                    "file": path, "codec": info.codec, "bits": info.bits, "channels": info.channels,
                    "seconds": measured.frames as f64 / f64::from(measured.rate_hz), "measured": measured,
                }));
                rows.push((path, measured));
            }
            Err(error) => errors.push(read_diagnostic(&error)),
        }
    }
    let exit = if errors.is_empty() { Exit::Done } else { Exit::Input };
    if global.json {
        show::json(
            "measure",
            errors.is_empty(),
            json!({"files": entries}),
            &[(errors, SourceMap::default())],
        );
        return exit;
    }
    if !rows.is_empty() {
        show::out(&table(&rows));
    }
    show::diagnostics(&errors, &SourceMap::default(), global);
    exit
}

fn table(rows: &[(&Path, Measured)]) -> String {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(["", "LUFS-I", "max S", "max M", "LRA", "dBTP", "dBFS", "PLR", "corr", "length"]);
    for (path, measured) in rows {
        let seconds = measured.frames as f64 / f64::from(measured.rate_hz.max(1));
        table.add_row([
            path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
            number(measured.integrated_lufs),
            number(measured.max_short_term_lufs),
            number(measured.max_momentary_lufs),
            number(measured.loudness_range_lu),
            number(measured.true_peak_dbtp),
            number(measured.sample_peak_dbfs),
            number(measured.plr_lu),
            measured.correlation.map_or_else(|| "–".to_owned(), |correlation| format!("{correlation:.2}")),
            show::time(seconds),
        ]);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.to_string()
}
