//! What is told of a render: for people, and as JSON.

use super::{Batch, Result};
use crate::cli::remarks;
use crate::cli::show::{self, number};
use comfy_table::{CellAlignment, Table};
use deadwax::{Measured, Outcome, Rendered};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::Path;

impl Batch<'_> {
    pub(super) fn summary(&self, input: &Path, outcome: &Outcome) -> String {
        let mut text = String::new();
        let seconds = outcome.frames as f64 / f64::from(outcome.input.rate_hz);
        let bits = outcome.input.bits.map_or_else(String::new, |bits| format!(" · {bits} bit"));
        let (name, length) = (input.display(), show::time(seconds));
        let _ = writeln!(
            text,
            "    input  {name} · {length} · {} · {}{bits}",
            show::format(outcome.plan.input),
            outcome.input.codec
        );
        if let Some(range) = self.arguments.range {
            let _ = writeln!(text, "     part  {range}");
        }
        let _ = writeln!(text, "    graph  {} {}", self.graph_line(), self.passes(outcome));
        let speed = seconds / outcome.seconds.max(1e-3);
        let runs =
            if outcome.passes_run == 1 { "1 run".into() } else { format!("{} runs", outcome.passes_run) };
        let _ = writeln!(
            text,
            "     took  {:.1} s for {runs} over the programme · {speed:.0}× real time",
            outcome.seconds
        );
        if !outcome.reused.is_empty() {
            let _ = writeln!(text, "   reused  {}, as rendered before", outcome.reused.join(", "));
        }
        for file in &outcome.files {
            let _ = writeln!(text, "    wrote  {}", wrote(file));
        }
        for line in outcome.files.iter().filter_map(tags) {
            let _ = writeln!(text, "     tags  {line}");
        }
        for file in outcome.files.iter().filter(|file| !file.is_tap()) {
            if let (Some(before), Some(after)) = (&outcome.before, &file.after) {
                let _ = write!(text, "\n{}", table(before, after));
            }
        }
        let made = outcome.files.iter().find_map(|file| Some((file, file.recipe.as_ref()?)));
        if let Some((file, recipe)) = made {
            let _ = writeln!(text, "\n   matrix  {} · deadwax recall {}", recipe.matrix, file.path.display());
        }
        for sidecar in outcome.files.iter().filter_map(|file| file.sidecar.as_ref()) {
            let _ = writeln!(text, "   recipe  {}", sidecar.display());
        }
        for untold in outcome.files.iter().filter_map(|file| file.without_recipe.as_ref()) {
            let _ = writeln!(text, "   recipe  none: {untold}");
        }
        if let Some(reason) = &outcome.not_in_ledger {
            let _ = writeln!(text, "   recipe  not in the ledger: {reason}");
        }
        let remarks = remarks::remarks(&outcome.reports);
        if !remarks.is_empty() {
            let _ = write!(text, "\n{remarks}");
        }
        if let Some(file) = outcome.files.first() {
            let _ = write!(
                text,
                "\n     next  deadwax explain {} · deadwax measure {}",
                self.arguments.graph,
                file.path.display()
            );
        }
        text
    }

    fn graph_line(&self) -> String {
        let about = &self.graph.about;
        let version = if about.version.is_empty() { String::new() } else { format!(" {}", about.version) };
        let mut line = format!("{}{version} ({})", self.graph.name, self.reference.origin());
        if let Some(preset) = &self.arguments.values.preset {
            let _ = write!(line, " · preset {preset}");
        }
        for (key, value) in &self.arguments.values.values {
            let _ = write!(line, " · {key} = {value}");
        }
        line
    }

    fn passes(&self, outcome: &Outcome) -> String {
        let nodes = match outcome.plan.nodes.len() {
            1 => "1 node".to_owned(),
            nodes => format!("{nodes} nodes"),
        };
        let hears: Vec<_> = outcome
            .plan
            .nodes
            .iter()
            .filter(|node| node.hears_in.is_some())
            .map(|node| format!("`{}`", node.name))
            .collect();
        let passes = outcome.plan.passes.len();
        match (&hears[..], passes) {
            ([], _) | (_, 1) => format!("· {nodes} · 1 pass"),
            ([one], _) => {
                format!("· {nodes} · {passes} passes, because {one} hears the whole file first")
            }
            _ => format!(
                "· {nodes} · {passes} passes, because {} hear the whole file first",
                hears.join(" and ")
            ),
        }
    }
}

/// One line about a file of many.
pub(super) fn brief(input: &Path, result: &Result) -> String {
    let name = input.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    match result {
        Ok(outcome) => {
            let after = outcome.files.first().and_then(|file| file.after.as_ref());
            let loudness = number(after.and_then(|after| after.integrated_lufs));
            let peak = number(after.and_then(|after| after.true_peak_dbtp));
            let path = outcome.files.first().map(|file| file.path.display().to_string()).unwrap_or_default();
            format!("✓ {name}  {loudness} LUFS  {peak} dBTP  {:.1} s  {path}", outcome.seconds)
        }
        Err(error) => format!("✗ {name}  {error}"),
    }
}

fn wrote(file: &Rendered) -> String {
    let encoding = match (file.written.program, file.container.is_lossless()) {
        (Some(program), true) => format!("{}, by `{program}`", file.encoding),
        (Some(program), false) => format!("{} by `{program}`, lossy", file.container.name()),
        (None, _) => file.encoding.to_string(),
    };
    let mut line = format!("{} · {} · {encoding}", file.path.display(), show::format(file.format));
    if file.dithered {
        line.push_str(" · triangular dither (the graph has none at its end, so added)");
    }
    if file.written.clipped > 0 {
        let _ = write!(
            line,
            " · {} samples clipped: lower the level, or put a `Limiter` last",
            file.written.clipped
        );
    }
    line
}

/// What a file says about the programme, where the mix or the user said something.
fn tags(file: &Rendered) -> Option<String> {
    let told: Vec<&str> = file
        .metadata
        .tags
        .iter()
        .map(|(key, _)| key.as_str())
        .filter(|key| !key.starts_with("REPLAYGAIN_"))
        .collect();
    let dropped = dropped(file);
    if told.is_empty() && dropped.is_empty() {
        return None;
    }
    let mut line = told.iter().map(|key| key.to_lowercase()).collect::<Vec<_>>().join(", ");
    if line.is_empty() {
        line.push_str("none");
    }
    if !dropped.is_empty() {
        let _ = write!(line, " · not kept: {}", dropped.join(", "));
    }
    Some(line)
}

/// What the mix said and the master does not.
fn dropped(file: &Rendered) -> Vec<&str> {
    file.metadata.dropped.iter().chain(&file.written.left_out).map(String::as_str).collect()
}

/// Before and after.
fn table(before: &Measured, after: &Measured) -> String {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(["", "before", "after", "", ""]);
    for (name, before, after, unit) in [
        ("loudness", before.integrated_lufs, after.integrated_lufs, "LUFS"),
        ("true peak", before.true_peak_dbtp, after.true_peak_dbtp, "dBTP"),
        ("loudest 3 s", before.max_short_term_lufs, after.max_short_term_lufs, "LUFS"),
        ("loudness range", before.loudness_range_lu, after.loudness_range_lu, "LU"),
        ("peak to loudness", before.plr_lu, after.plr_lu, "LU"),
    ] {
        let change = before.zip(after).map(|(before, after)| format!("{:+.1}", after - before));
        table.add_row([
            name.to_owned(),
            number(before),
            number(after),
            unit.to_owned(),
            change.unwrap_or_default(),
        ]);
    }
    for column in [0, 1, 2, 4] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let lines = table.to_string();
    lines.lines().map(|line| format!("     {}\n", line.trim_end())).collect()
}

pub(super) fn outcome_json(input: &Path, outcome: &Outcome) -> Value {
    let files: Vec<Value> = outcome
        .files
        .iter()
        .map(|file| {
            json!({
                "output": file.name, "path": file.path, "rate_hz": file.format.rate_hz,
                "channels": file.format.channels(), "encoding": format!("{:?}", file.encoding),
                "dithered_by_writer": file.dithered, "frames": file.written.frames,
                "clipped_samples": file.written.clipped, "container": file.container.name(),
                "encoder": file.written.program, "not_kept": dropped(file), "after": file.after,
                "matrix": file.recipe.as_ref().map(|recipe| &recipe.matrix),
                "recipe_beside": file.sidecar, "tags": file.metadata.tags.iter().map(|(key, value)| json!([key, value])).collect::<Vec<_>>(),
            })
        })
        .collect();
    let told = |list: &[(String, deadwax_node::Report)]| -> Value {
        list.iter()
            .map(|(name, report)| (name.clone(), report.to_json()))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    json!({
        "input": input, "ok": true, "codec": outcome.input.codec, "rate_hz": outcome.input.rate_hz,
        "frames": outcome.frames, "before": outcome.before, "files": files,
        "reports": told(&outcome.reports), "goals": told(&outcome.goals),
        "reused": outcome.reused, "passes_run": outcome.passes_run, "render_seconds": outcome.seconds,
    })
}
