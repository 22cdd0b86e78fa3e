//! `deadwax measure`.

use super::Exit;
use super::args::{Global, MeasureArguments};
use super::chosen::Chosen;
use super::show::{self, number};
use comfy_table::{CellAlignment, Table};
use deadwax::diagnostic::{Diagnostic, SourceMap};
use deadwax::platforms::{State, Verdict};
use deadwax::{Album, Pooled, Track, Wanted, album_facts, listen, read_diagnostic};
use rayon::prelude::*;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Measures every file.
pub(super) fn run(arguments: &MeasureArguments, global: &Global) -> Exit {
    let chosen = match Chosen::read(&arguments.platforms, &[]) {
        Ok(chosen) => chosen,
        Err((exit, error)) => return refuse(exit, *error, global),
    };
    let album = hear(&arguments.files, &chosen, global);
    let sheet = Sheet::new(&arguments.files, &album, &chosen);
    let together = sheet.rows.len() > 1 && (arguments.album || !chosen.is_empty());
    let errors: Vec<Diagnostic> =
        album.files.iter().filter_map(|file| file.as_ref().err()).map(read_diagnostic).collect();
    let exit = match errors.is_empty() {
        false => Exit::Input,
        true if sheet.outside() => Exit::No,
        true => Exit::Done,
    };
    if global.json {
        let body = sheet.json(&album.pooled);
        show::json("measure", exit == Exit::Done, body, &[(errors, SourceMap::default())]);
        return exit;
    }
    if !sheet.rows.is_empty() {
        show::out(&match () {
            () if arguments.csv => sheet.csv(),
            () if chosen.is_empty() => sheet.plain(together.then_some(&album.pooled)),
            () => sheet.judged(together.then_some(&album.pooled), exit),
        });
    }
    show::diagnostics(&errors, &SourceMap::default(), global);
    exit
}

fn refuse(exit: Exit, error: Diagnostic, global: &Global) -> Exit {
    if global.json {
        show::json("measure", false, json!({"files": []}), &[(vec![error], SourceMap::default())]);
    } else {
        show::diagnostics(&[error], &SourceMap::default(), global);
    }
    exit
}

/// Hears all files, several at a time.
fn hear(files: &[PathBuf], chosen: &Chosen, global: &Global) -> Album {
    let wanted = Wanted { overs_above_dbtp: chosen.ceiling(), ..Wanted::ALL };
    let workers = global.jobs.map_or(0, usize::from);
    let heard = match rayon::ThreadPoolBuilder::new().num_threads(workers).build() {
        Ok(pool) if files.len() > 1 => {
            pool.install(|| files.par_iter().map(|path| listen(path, wanted)).collect())
        }
        _ => files.iter().map(|path| listen(path, wanted)).collect(),
    };
    Album::of(heard)
}

/// A file with what the rules say about it.
struct Row<'a> {
    path: &'a Path,
    track: &'a Track,
    verdicts: Vec<(&'a str, Verdict)>,
}

struct Sheet<'a> {
    rows: Vec<Row<'a>>,
    chosen: &'a Chosen,
}

/// Rules that have a column of their own in the table; with more they are told below it.
const COLUMNS: usize = 4;
/// Places that are named before they are only counted.
const PLACES: usize = 3;

impl<'a> Sheet<'a> {
    fn new(files: &'a [PathBuf], album: &'a Album, chosen: &'a Chosen) -> Self {
        let row = |(path, file): (&'a PathBuf, &'a Result<Track, _>)| {
            let track = file.as_ref().ok()?;
            let verdicts = chosen.rules().map(|(name, rule)| (name, rule.judge(&track.facts))).collect();
            Some(Row { path, track, verdicts })
        };
        Self { rows: files.iter().zip(&album.files).filter_map(row).collect(), chosen }
    }

    fn outside(&self) -> bool {
        self.rows.iter().any(|row| row.verdicts.iter().any(|(_, verdict)| verdict.state == State::Outside))
    }

    fn json(&self, pooled: &Pooled) -> Value {
        let row = |row: &Row<'_>| {
            let Track { info, measured, facts } = row.track;
            let mut entry = json!({
                "file": row.path, "codec": info.codec, "bits": info.bits, "channels": info.channels,
                "seconds": row.seconds(), "noise_floor_dbfs": facts.floor_dbfs, "measured": measured,
            });
            if !self.chosen.is_empty() {
                entry["verdicts"] = verdicts(row.verdicts.iter().map(|(name, verdict)| (*name, verdict)));
            }
            entry
        };
        let files: Vec<Value> = self.rows.iter().map(row).collect();
        let mut body = json!({"files": files});
        if self.rows.len() > 1 {
            let album = self.album(pooled);
            body["album"] = json!({"measured": pooled});
            if !self.chosen.is_empty() {
                body["album"]["verdicts"] =
                    verdicts(album.iter().filter_map(|(name, v)| Some((*name, v.as_ref()?))));
            }
        }
        let rules: Map<String, Value> =
            self.chosen.rules().map(|(name, rule)| (name.to_owned(), json!(rule))).collect();
        if !rules.is_empty() {
            body["rules"] = rules.into();
        }
        body
    }

    /// What every rule does with all files together, where it does something.
    fn album(&self, pooled: &Pooled) -> Vec<(&str, Option<Verdict>)> {
        let judge = |rule: &deadwax::platforms::Rule| Some(rule.judge(&album_facts(pooled, rule)?));
        self.chosen.rules().map(|(name, rule)| (name, judge(rule))).collect()
    }

    /// Everything about every file, where nothing else was asked.
    fn plain(&self, pooled: Option<&Pooled>) -> String {
        let mut table = table();
        table.set_header(["", "LUFS-I", "max S", "max M", "LRA", "dBTP", "dBFS", "PLR", "corr", "length"]);
        for row in &self.rows {
            let measured = &row.track.measured;
            table.add_row([
                row.name(),
                number(measured.integrated_lufs),
                number(measured.max_short_term_lufs),
                number(measured.max_momentary_lufs),
                number(measured.loudness_range_lu),
                number(measured.true_peak_dbtp),
                number(measured.sample_peak_dbfs),
                number(measured.plr_lu),
                row.correlation(),
                show::time(row.seconds()),
            ]);
        }
        if let Some(pooled) = pooled {
            table.add_row([
                "together".to_owned(),
                number(pooled.integrated_lufs),
                number(pooled.max_short_term_lufs),
                number(pooled.max_momentary_lufs),
                number(pooled.loudness_range_lu),
                number(pooled.true_peak_dbtp),
                number(pooled.sample_peak_dbfs),
                String::new(),
                String::new(),
                show::time(pooled.seconds),
            ]);
        }
        aligned(table, 10)
    }

    /// The figures that rules look at, what the rules say, and why.
    fn judged(&self, pooled: Option<&Pooled>, exit: Exit) -> String {
        let mut table = table();
        let few = self.chosen.rules().count() <= COLUMNS;
        let names = self.chosen.rules().map(|(name, _)| name).filter(|_| few);
        table.set_header(["", "LUFS-I", "max S", "LRA", "dBTP", "PLR", "corr"].into_iter().chain(names));
        for row in &self.rows {
            let measured = &row.track.measured;
            let figures = [
                row.name(),
                number(measured.integrated_lufs),
                number(measured.max_short_term_lufs),
                number(measured.loudness_range_lu),
                number(measured.true_peak_dbtp),
                number(measured.plr_lu),
                row.correlation(),
            ];
            table.add_row(
                figures.into_iter().chain(row.verdicts.iter().filter(|_| few).map(|(_, v)| v.brief.clone())),
            );
        }
        if let Some(pooled) = pooled {
            let figures = [
                "together".to_owned(),
                number(pooled.integrated_lufs),
                number(pooled.max_short_term_lufs),
                number(pooled.loudness_range_lu),
                number(pooled.true_peak_dbtp),
                String::new(),
                String::new(),
            ];
            let briefs = self.album(pooled).into_iter().map(|(_, v)| v.map_or("–".to_owned(), |v| v.brief));
            table.add_row(figures.into_iter().chain(briefs.filter(|_| few)));
        }
        let mut text = aligned(table, 7);
        text.push_str("\n\n");
        for row in self.rows.iter().filter(|_| !few || self.rows.len() == 1) {
            if self.rows.len() > 1 {
                let _ = writeln!(text, "{}", row.name());
            }
            row.verdicts.iter().for_each(|(_, verdict)| text.push_str(&format!("{}\n", verdict.sentence)));
            text.push('\n');
        }
        self.rows.iter().for_each(|row| row.overs(&mut text));
        if few {
            for (name, rule) in self.chosen.rules() {
                let _ = writeln!(text, "{name}: {}", rule.line());
            }
        } else {
            text.push_str("every rule with its source: add --json\n");
        }
        text.push_str(&self.count(exit));
        text
    }

    /// `in spec: 2 of 3 for spotify, 0 of 3 for ebu-r128`.
    fn count(&self, exit: Exit) -> String {
        let exit = if exit == Exit::Done { String::new() } else { format!("   exit {}", exit as u8) };
        if let [row] = &self.rows[..] {
            let of = |state: State, what: &str| {
                let names = row.verdicts.iter().filter(|(_, verdict)| verdict.state == state);
                let names: Vec<&str> = names.map(|(name, _)| *name).collect();
                (!names.is_empty()).then(|| format!("{what}: {}", names.join(", ")))
            };
            let states = [
                (State::Within, "in spec"),
                (State::Outside, "not in spec"),
                (State::Unknown, "cannot be told"),
            ];
            let said: Vec<String> = states.into_iter().filter_map(|(state, what)| of(state, what)).collect();
            return format!("{}{exit}\n", said.join("; "));
        }
        let count = |(at, (name, _)): (usize, (&str, _))| {
            let states = || self.rows.iter().map(|row| row.verdicts[at].1.state);
            let within = states().filter(|state| *state == State::Within).count();
            let unknown = states().filter(|state| *state == State::Unknown).count();
            let more = if unknown > 0 { format!(" ({unknown} cannot be told)") } else { String::new() };
            format!("{within} of {} for {name}{more}", self.rows.len())
        };
        let each: Vec<String> = self.chosen.rules().enumerate().map(count).collect();
        format!("in spec: {}{exit}\n", each.join(", "))
    }

    fn csv(&self) -> String {
        let mut head = vec![
            "file",
            "codec",
            "rate_hz",
            "bits",
            "channels",
            "seconds",
            "integrated_lufs",
            "max_short_term_lufs",
            "max_momentary_lufs",
            "loudness_range_lu",
            "true_peak_dbtp",
            "true_peak_annex_2_dbtp",
            "sample_peak_dbfs",
            "plr_lu",
            "min_psr_lu",
            "correlation",
            "noise_floor_dbfs",
        ]
        .into_iter()
        .map(str::to_owned)
        .collect::<Vec<_>>();
        for (name, _) in self.chosen.rules() {
            head.extend(["state", "gain_db", "says"].map(|what| format!("{name} {what}")));
        }
        let mut text = format!("{}\n", head.join(","));
        let value = |value: Option<f64>| value.map_or_else(String::new, |value| format!("{value:.3}"));
        for row in &self.rows {
            let Track { info, measured, facts } = row.track;
            let mut cells = vec![
                quoted(&row.path.display().to_string()),
                info.codec.clone(),
                info.rate_hz.to_string(),
                info.bits.map_or_else(String::new, |bits| bits.to_string()),
                info.channels.to_string(),
                format!("{:.6}", row.seconds()),
            ];
            cells.extend(
                [
                    measured.integrated_lufs,
                    measured.max_short_term_lufs,
                    measured.max_momentary_lufs,
                    measured.loudness_range_lu,
                    measured.true_peak_dbtp,
                    measured.true_peak_annex_2_dbtp,
                    measured.sample_peak_dbfs,
                    measured.plr_lu,
                    measured.min_psr_lu,
                    measured.correlation,
                    facts.floor_dbfs,
                ]
                .map(value),
            );
            for (_, verdict) in &row.verdicts {
                cells.push(state(verdict.state).to_owned());
                cells.push(value(verdict.playback.map(|playback| playback.gain_db)));
                cells.push(quoted(&verdict.sentence));
            }
            let _ = writeln!(text, "{}", cells.join(","));
        }
        text
    }
}

impl Row<'_> {
    fn name(&self) -> String {
        self.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    fn seconds(&self) -> f64 {
        self.track.measured.frames as f64 / f64::from(self.track.measured.rate_hz.max(1))
    }

    fn correlation(&self) -> String {
        self.track
            .measured
            .correlation
            .map_or_else(|| "–".to_owned(), |correlation| format!("{correlation:.2}"))
    }

    /// Where the true peak is too high.
    fn overs(&self, text: &mut String) {
        let Some(overs) = self.track.measured.overs.as_ref().filter(|overs| overs.count > 0) else { return };
        // Both channels often peak together: that is one place for people.
        let mut times: Vec<f64> = Vec::new();
        for over in &overs.places {
            if times.last().is_none_or(|last| over.at_s - last > 0.01) {
                times.push(over.at_s);
            }
        }
        let named: Vec<String> = times.iter().take(PLACES).map(|at| show::time(*at)).collect();
        let more = times.len().saturating_sub(PLACES);
        let more = match () {
            () if (overs.places.len() as u64) < overs.count => format!(" (+ at least {more} more)"),
            () if more > 0 => format!(" (+{more} more)"),
            () => String::new(),
        };
        let (name, ceiling) = (self.name(), overs.ceiling_dbtp);
        let indent = " ".repeat(name.chars().count());
        let _ = writeln!(text, "{name}  true peak over {ceiling:.1} dBTP at {}{more}", named.join(", "));
        let _ = writeln!(
            text,
            "{indent}  a lossy encoder may clip here: set the ceiling of the last `Limiter` to {ceiling:.1} dBTP\n"
        );
    }
}

fn verdicts<'a>(each: impl Iterator<Item = (&'a str, &'a Verdict)>) -> Value {
    each.map(|(name, verdict)| (name.to_owned(), json!(verdict))).collect::<Map<_, _>>().into()
}

fn state(state: State) -> &'static str {
    match state {
        State::Within => "within",
        State::Outside => "outside",
        State::Unknown => "unknown",
    }
}

/// A text as RFC 4180 wants it; what a spreadsheet would take for a formula is made a text.
pub(super) fn quoted(text: &str) -> String {
    let text =
        if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

fn table() -> Table {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table
}

/// The table with its figures to the right, up to column `figures`.
fn aligned(mut table: Table, figures: usize) -> String {
    for column in table.column_iter_mut().take(figures).skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.to_string()
}
