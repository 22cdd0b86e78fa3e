//! A kind on one page: the sheet of `deadwax nodes KIND`, and the page of the reference.

use crate::{Channels, Field, FieldKind, Kind, Port};
use serde_json::Value;
use std::fmt::Write as _;

/// A row of the table of fields.
struct Row {
    name: String,
    unit: String,
    range: String,
    default: String,
    help: String,
}

impl Kind {
    /// The sheet for a terminal: plain text, at most about 100 columns wide.
    #[must_use]
    pub fn sheet(&self) -> String {
        let about = self.about;
        let mut out = String::new();
        let family = format!("{:?}", about.family).to_lowercase();
        let _ = writeln!(
            out,
            "{}   {family} · since {} · algorithm {}",
            about.kind, about.since, about.algorithm
        );
        let _ = writeln!(out, "  {}\n", about.summary);
        let ports = self.default_ports();
        write_ports(&mut out, "in ", &ports.inputs);
        write_ports(&mut out, "out", &ports.outputs);
        let rows = rows(&self.fields, 0);
        if !rows.is_empty() {
            out.push('\n');
            write_rows(&mut out, &rows);
        }
        out.push_str(
            "\n  + fields every node has: on (bool), lane (Both|Mid|Side|Left|Right), note (text)\n",
        );
        let _ = writeln!(out, "  example   name: {}", about.example);
        out
    }

    /// The page of the reference, in Markdown.
    #[must_use]
    pub fn page(&self) -> String {
        let about = self.about;
        let mut out = format!("# {}\n\n{}\n\n", about.kind, about.summary);
        let family = format!("{:?}", about.family).to_lowercase();
        let _ = writeln!(out, "Family: {family} · since {} · algorithm {}\n", about.since, about.algorithm);
        let _ = writeln!(out, "```ron\nname: {}\n```\n", about.example);
        let ports = self.default_ports();
        out.push_str("## Ports\n\n| port | | channels | |\n|---|---|---|---|\n");
        for (side, list) in [("in", &ports.inputs), ("out", &ports.outputs)] {
            for port in list {
                let _ =
                    writeln!(out, "| `{}` | {side} | {} | {} |", port.name, channels(port), port_help(port));
            }
        }
        let rows = rows(&self.fields, 0);
        if !rows.is_empty() {
            out.push_str(
                "\n## Fields\n\n| field | unit | range | default | what it does |\n|---|---|---|---|---|\n",
            );
            for row in rows {
                let name = row.name.trim_start();
                let indent = "&nbsp;&nbsp;".repeat((row.name.len() - name.len()) / 2);
                let range = row.range.replace('|', "\\|");
                let _ = writeln!(
                    out,
                    "| {indent}`{name}` | {} | {range} | {} | {} |",
                    row.unit, row.default, row.help
                );
            }
        }
        out.push_str("\nEvery node also has `on`, `lane` and `note`.\n");
        out
    }
}

fn channels(port: &Port) -> String {
    match port.channels {
        Channels::Any => "any".into(),
        Channels::AsMain => "as the main input".into(),
        Channels::Exactly(1) => "mono".into(),
        Channels::Exactly(2) => "stereo".into(),
        Channels::Exactly(count) => format!("{count}"),
    }
}

fn port_help(port: &Port) -> String {
    let optional = if port.required { "" } else { "optional: " };
    let many = if port.many { " (takes several wires)" } else { "" };
    format!("{optional}{}{many}", port.help)
}

fn write_ports(out: &mut String, side: &str, ports: &[Port]) {
    for (index, port) in ports.iter().enumerate() {
        let side = if index == 0 { side } else { "   " };
        let _ = writeln!(out, "  {side}  {:<10} {:<18} {}", port.name, channels(port), port_help(port));
    }
}

fn write_rows(out: &mut String, rows: &[Row]) {
    let width = |get: fn(&Row) -> &String, least: usize| {
        rows.iter().map(|row| get(row).chars().count()).max().unwrap_or(0).clamp(least, 40)
    };
    let (name, unit) = (width(|r| &r.name, 5), width(|r| &r.unit, 4));
    let (range, default) = (width(|r| &r.range, 5), width(|r| &r.default, 7));
    let _ = writeln!(
        out,
        "  {:<name$}  {:<unit$}  {:<range$}  {:<default$}  what it does",
        "field", "unit", "range", "default"
    );
    for row in rows {
        let line = format!(
            "  {:<name$}  {:<unit$}  {:<range$}  {:<default$}  {}",
            row.name, row.unit, row.range, row.default, row.help
        );
        let _ = writeln!(out, "{}", line.trim_end());
    }
}

fn rows(fields: &[Field], depth: usize) -> Vec<Row> {
    let mut all = Vec::new();
    for field in fields {
        all.push(Row {
            name: format!("{}{}", "  ".repeat(depth), field.name),
            unit: field.unit.symbol().to_owned(),
            range: range(&field.kind),
            default: plain(&field.default),
            help: field.help.to_owned(),
        });
        nested(&field.kind, depth, &mut all);
    }
    all
}

/// The fields inside a field: forms of a map's or list's entries.
fn nested(kind: &FieldKind, depth: usize, all: &mut Vec<Row>) {
    match kind {
        FieldKind::Map { item, .. } | FieldKind::List { item, .. } | FieldKind::Optional(item) => {
            nested(item, depth, all);
        }
        FieldKind::Variants(variants) => {
            for variant in variants {
                let name = format!("{}{}", "  ".repeat(depth + 1), variant.name);
                let (unit, range, default) = (String::new(), String::new(), String::new());
                all.push(Row { name, unit, range, default, help: variant.help.to_owned() });
                all.extend(rows(&variant.fields, depth + 2));
            }
        }
        FieldKind::Choice(choices) => {
            for choice in choices {
                let name = format!("{}{}", "  ".repeat(depth + 1), choice.name);
                let (unit, range, default) = (String::new(), String::new(), String::new());
                all.push(Row { name, unit, range, default, help: choice.help.to_owned() });
            }
        }
        FieldKind::Number { .. } | FieldKind::Bool | FieldKind::Text => {}
    }
}

fn range(kind: &FieldKind) -> String {
    match kind {
        FieldKind::Number { min, max, .. } if *min == f64::MIN && *max == f64::MAX => "any number".into(),
        FieldKind::Number { min, max, curve: true, .. } => format!("{min} … {max}, or Curve"),
        FieldKind::Number { min, max, .. } => format!("{min} … {max}"),
        FieldKind::Bool => "true|false".into(),
        FieldKind::Text => "text".into(),
        FieldKind::Choice(_) => "one of".into(),
        FieldKind::List { item, min_len, max_len } => format!("[{}] {min_len}–{max_len}", range(item)),
        FieldKind::Map { max_len, .. } => format!("{{name: …}} up to {max_len}"),
        FieldKind::Variants(_) => "one of".into(),
        FieldKind::Optional(inner) => range(inner),
    }
}

/// A default as one would write it in a graph.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => "none".into(),
        Value::String(text) => text.clone(),
        Value::Number(number) => number.as_f64().map_or_else(|| number.to_string(), |x| format!("{x}")),
        Value::Array(items) => format!("[{}]", items.iter().map(plain).collect::<Vec<_>>().join(", ")),
        Value::Object(entries) if entries.is_empty() => "{}".into(),
        other => other.to_string(),
    }
}
