//! `deadwax compare`.

use super::Exit;
use super::args::{CompareArguments, Global};
use super::show::{self, number};
use comfy_table::{CellAlignment, Table};
use deadwax::diagnostic::SourceMap;
use deadwax::{CompareError, CompareSettings, Comparison, Existing, Format, Layout, Measured, Side, compare};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Compares two files.
pub(super) fn run(arguments: &CompareArguments, global: &Global) -> Exit {
    let cancel = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&cancel);
    // The first ctrl-C lets the comparison stop by itself, so that nothing is left behind.
    let _ = ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed));
    let settings = CompareSettings {
        match_loudness: !arguments.no_match,
        null: arguments.null.clone(),
        existing: if arguments.force { Existing::Replace } else { Existing::Keep },
    };
    let found = match compare(&arguments.a, &arguments.b, &settings, &cancel) {
        Ok(found) => found,
        Err(error) => {
            let told = [error.diagnostic()];
            if global.json {
                show::json("compare", false, json!({}), &[(told.to_vec(), SourceMap::default())]);
            } else {
                show::diagnostics(&told, &SourceMap::default(), global);
            }
            return exit(&error);
        }
    };
    let null = found.difference.null_db;
    let over = arguments.max_diff.is_some_and(|most| null.is_some_and(|null| null > most));
    let exit = if over { Exit::No } else { Exit::Done };
    if global.json {
        show::json("compare", !over, body(arguments, &found), &[]);
        return exit;
    }
    let mut text = text(arguments, &found);
    if let (Some(most), true) = (arguments.max_diff, over) {
        let _ = writeln!(text, "\nmore than {most} dB of A is different   exit 1");
    }
    show::out(&text);
    exit
}

fn exit(error: &CompareError) -> Exit {
    match error {
        CompareError::Write(_) => Exit::Output,
        CompareError::Interrupted => Exit::Interrupted,
        _ => Exit::Input,
    }
}

fn body(arguments: &CompareArguments, found: &Comparison) -> Value {
    let side = |path: &std::path::Path, side: &Side| {
        let mut measured = json!(side.measured);
        // The course over time belongs to `measure`.
        if let Some(measured) = measured.as_object_mut() {
            measured.shift_remove("history");
        }
        json!({
            "file": path, "codec": side.info.codec, "bits": side.info.bits, "seconds": seconds(&side.measured),
            "crest_db": crest(&side.measured), "measured": measured,
        })
    };
    json!({
        "a": side(&arguments.a, &found.a), "b": side(&arguments.b, &found.b), "aligned": found.aligned,
        "match_gain_db": found.match_gain_db, "difference": found.difference,
        "null_file": found.written.as_ref().and(arguments.null.as_ref()),
        "null_clipped_samples": found.written.as_ref().map(|written| written.clipped),
    })
}

fn seconds(measured: &Measured) -> f64 {
    measured.frames as f64 / f64::from(measured.rate_hz.max(1))
}

/// Sample peak over root mean square, where a full-scale sine has 0 dB of both.
fn crest(measured: &Measured) -> Option<f64> {
    let rms = measured.channels.iter().filter_map(|channel| channel.rms_dbfs).reduce(f64::max)?;
    Some(measured.sample_peak_dbfs? - rms)
}

fn text(arguments: &CompareArguments, found: &Comparison) -> String {
    let mut text = String::new();
    for (name, path, side) in [("A", &arguments.a, &found.a), ("B", &arguments.b, &found.b)] {
        let format = Layout::of_channels(side.info.channels).map_or_else(
            || format!("{} channels at {} Hz", side.info.channels, side.info.rate_hz),
            |layout| show::format(Format::new(side.info.rate_hz, layout)),
        );
        let _ = writeln!(
            text,
            "{name:>11}  {} · {} · {format}",
            path.display(),
            show::time(seconds(&side.measured))
        );
    }
    let _ = writeln!(text, "{:>11}  {} · {}\n", "over", aligned(found), matched(arguments, found));
    text.push_str(&table(&found.a.measured, &found.b.measured, found));
    text.push('\n');
    let tone = tone(found);
    if !tone.is_empty() {
        let _ = writeln!(text, "{:>11}  {tone}", "tone B − A");
    }
    let _ = writeln!(text, "{:>11}  {}", "difference", difference(found));
    match (&arguments.null, &found.written) {
        (Some(path), Some(written)) => {
            let clipped = match written.clipped {
                0 => String::new(),
                clipped => format!(" · {clipped} samples clipped"),
            };
            let _ = writeln!(text, "{:>11}  {} · 24 bit{clipped}", "wrote", path.display());
        }
        _ if found.difference.null_db.is_none() => {}
        _ => {
            let _ = writeln!(
                text,
                "{:>11}  hear what is left: deadwax compare {} {} --null difference.wav",
                "next",
                arguments.a.display(),
                arguments.b.display()
            );
        }
    }
    text
}

fn aligned(found: &Comparison) -> String {
    let aligned = &found.aligned;
    let (frames, ms) = (aligned.offset_frames.unsigned_abs(), aligned.offset_s.abs() * 1000.0);
    let place = match aligned.offset_frames {
        _ if aligned.certainty == 0.0 => "nothing in common was found, so from their beginnings".to_owned(),
        0 => "offset 0".to_owned(),
        late => format!("{} is {frames} frames ({ms:.1} ms) later", if late > 0 { "B" } else { "A" }),
    };
    if aligned.inverted { format!("{place} · one is upside down, and left so") } else { place }
}

fn matched(arguments: &CompareArguments, found: &Comparison) -> String {
    match found.match_gain_db {
        _ if arguments.no_match => "levels as they are".to_owned(),
        gain if gain.abs() < 0.005 => "as loud as each other".to_owned(),
        gain if gain > 0.0 => format!("B {gain:.2} dB up, to be as loud as A"),
        gain => format!("B {:.2} dB down, to be as loud as A", -gain),
    }
}

fn table(a: &Measured, b: &Measured, found: &Comparison) -> String {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(["", "A", "B", "B − A", ""]);
    let difference = &found.difference;
    let rows = [
        ("loudness", a.integrated_lufs, b.integrated_lufs, "LUFS"),
        ("loudest 3 s", a.max_short_term_lufs, b.max_short_term_lufs, "LUFS"),
        ("loudness range", a.loudness_range_lu, b.loudness_range_lu, "LU"),
        ("true peak", a.true_peak_dbtp, b.true_peak_dbtp, "dBTP"),
        ("peak to loudness", a.plr_lu, b.plr_lu, "LU"),
        ("crest", crest(a), crest(b), "dB"),
        ("sides to middle", difference.a_side_to_mid_db, difference.b_side_to_mid_db, "dB"),
    ];
    for (name, a, b, unit) in rows {
        let change = a.zip(b).map_or_else(String::new, |(a, b)| signed(b - a));
        table.add_row([name.to_owned(), number(a), number(b), change, unit.to_owned()]);
    }
    let two = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.2}"));
    let apart =
        |(a, b): (f64, f64)| if (b - a).abs() < 0.005 { "0.00".to_owned() } else { format!("{:+.2}", b - a) };
    let change = a.correlation.zip(b.correlation).map_or_else(String::new, apart);
    table.add_row(["correlation".to_owned(), two(a.correlation), two(b.correlation), change, String::new()]);
    for column in 0..4 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.to_string().lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// `+0.3`, and `0.0` for what is less than one sees.
fn signed(db: f64) -> String {
    if db.abs() < 0.05 { "0.0".to_owned() } else { format!("{db:+.1}") }
}

/// An octave apart, and only where there is something to hear.
fn tone(found: &Comparison) -> String {
    let bands = found.difference.tone.iter().filter(|band| {
        let octave = [63.0, 125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0, 16_000.0].contains(&band.hz);
        octave && band.a_db.is_some_and(|db| db > -100.0)
    });
    let shown = bands.filter_map(|band| Some(format!("{} {}", hz(band.hz), signed(band.change_db?))));
    let shown: Vec<String> = shown.collect();
    if shown.is_empty() { String::new() } else { format!("{} dB", shown.join(" · ")) }
}

fn hz(hz: f64) -> String {
    if hz >= 1000.0 { format!("{:.0} k", hz / 1000.0) } else { format!("{hz:.0}") }
}

/// `150–600 Hz`, `2.8–5.6 kHz`.
fn range(from: f64, to: f64) -> String {
    match to {
        to if to < 1000.0 => format!("{from:.0}–{to:.0} Hz"),
        to if from < 1000.0 => format!("{from:.0} Hz–{:.1} kHz", to / 1000.0),
        to => format!("{:.1}–{:.1} kHz", from / 1000.0, to / 1000.0),
    }
}

fn difference(found: &Comparison) -> String {
    let difference = &found.difference;
    let Some(null) = difference.null_db else {
        return if difference.overlap_s > 0.0 && difference.peak_dbfs.is_none() {
            "none: sample for sample the same".to_owned()
        } else {
            "nothing to compare it with: A is silent there".to_owned()
        };
    };
    let mut text =
        if null <= 0.0 { format!("{:.1} dB under A", -null) } else { format!("{null:.1} dB over A") };
    if let Some((from, to)) = difference.mostly_hz {
        let _ = write!(text, ", mostly {}", range(from, to));
    }
    if let Some((from, to)) = difference.largest_s {
        let _ = write!(text, ", largest {}–{}", show::time(from), show::time(to));
    }
    text
}
