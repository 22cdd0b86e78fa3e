//! Fields, kinds and ports in words: what completion and hover show beside a name.

use deadwax_node::{Channels, Field, FieldKind, Format, Kind, Port, Setup, Unit};
use serde_json::Value;

/// What a value may be, as in `0.1 … 500 ms`.
pub(crate) fn range(kind: &FieldKind, unit: Unit) -> String {
    match kind {
        FieldKind::Number { min, max, curve, .. } => {
            let more = if *curve { ", or `Curve([(seconds, value), …])`" } else { "" };
            if *min == f64::MIN && *max == f64::MAX {
                return format!("any number{more}");
            }
            format!("{min} … {}{more}", unit.show(*max))
        }
        FieldKind::Bool => "true or false".into(),
        FieldKind::Text => "text in quotes".into(),
        FieldKind::Choice(choices) => choices.iter().map(|choice| choice.name).collect::<Vec<_>>().join(", "),
        FieldKind::List { item, min_len, max_len } => {
            format!("a list of {min_len} to {max_len}, each {}", range(item, unit))
        }
        FieldKind::Map { item, max_len } => {
            format!("up to {max_len} named entries, each {}", range(item, unit))
        }
        FieldKind::Variants(variants) => {
            variants.iter().map(|variant| variant.name).collect::<Vec<_>>().join(", ")
        }
        FieldKind::Optional(inner) => format!("{}, or None", range(inner, unit)),
    }
}

/// A value as one would write it in a graph.
pub(crate) fn written(kind: &FieldKind, value: &Value) -> String {
    match (kind, value) {
        (_, Value::Null) => "None".into(),
        (FieldKind::Optional(inner), value) => written(inner, value),
        (FieldKind::Text, Value::String(text)) => format!("{text:?}"),
        (_, Value::String(word)) => word.clone(),
        (_, Value::Number(number)) => {
            number.as_f64().map_or_else(|| number.to_string(), |number| number.to_string())
        }
        (FieldKind::List { item, .. }, Value::Array(items)) => {
            format!("[{}]", items.iter().map(|value| written(item, value)).collect::<Vec<_>>().join(", "))
        }
        (FieldKind::Map { item, .. }, Value::Object(entries)) => {
            let each = entries.iter().map(|(name, value)| format!("{name}: {}", written(item, value)));
            format!("{{{}}}", each.collect::<Vec<_>>().join(", "))
        }
        (FieldKind::Variants(variants), Value::Object(form)) => {
            let Some((name, Value::Object(given))) = form.iter().next() else { return value.to_string() };
            let fields = variants
                .iter()
                .find(|variant| variant.name == name)
                .map_or(&[][..], |variant| &variant.fields);
            let each = fields.iter().filter_map(|field| {
                given.get(field.name).map(|value| format!("{}: {}", field.name, written(&field.kind, value)))
            });
            format!("{name}({})", each.collect::<Vec<_>>().join(", "))
        }
        (_, other) => other.to_string(),
    }
}

/// A field in a few lines.
pub(crate) fn field(field: &Field) -> String {
    let default = written(&field.kind, &field.default);
    let default = if default == "None" { "not set".to_owned() } else { format!("default {default}") };
    format!("{}\n\n{} · {default}", field.help, range(&field.kind, field.unit))
}

/// A port in a few words.
pub(crate) fn port(port: &Port) -> String {
    let channels = match port.channels {
        Channels::Any => "any number of channels".to_owned(),
        Channels::AsMain => "as many channels as the main input".to_owned(),
        Channels::Exactly(1) => "mono".to_owned(),
        Channels::Exactly(2) => "stereo".to_owned(),
        Channels::Exactly(count) => format!("{count} channels"),
    };
    let optional = if port.required { "" } else { " · may stay open" };
    let many = if port.many { " · takes several wires" } else { "" };
    format!("{} · {channels}{optional}{many}", port.help)
}

/// A kind in a few lines.
pub(crate) fn kind(kind: &Kind) -> String {
    let names =
        |ports: &[Port]| ports.iter().map(|port| format!("`{}`", port.name)).collect::<Vec<_>>().join(", ");
    let ports = kind.default_ports();
    let mut text =
        format!("{}\n\nin {} · out {}", kind.about.summary, names(&ports.inputs), names(&ports.outputs));
    text.push_str(&format!("\n\n```ron\n{}\n```", kind.about.example));
    text
}

/// How late a node is at 44.1 kHz, in words; `None` where that cannot be told without hearing something.
pub(crate) fn latency(node: &dyn deadwax_node::AnyNode) -> Option<String> {
    const RATE_HZ: u32 = 44_100;
    let setup = Setup::plain(node, Format::stereo(RATE_HZ)).ok()?;
    let setup = Setup { max_frames: 1024, ..setup };
    let prepared = node.prepare(&setup).ok()?;
    let frames = prepared.latency;
    if matches!(prepared.body, deadwax_node::Body::Whole(_)) {
        return Some("hears the whole programme before it answers".to_owned());
    }
    Some(match frames {
        0 => "no latency".to_owned(),
        frames => {
            let ms = frames as f64 * 1000.0 / f64::from(RATE_HZ);
            format!("latency {frames} samples ({ms:.1} ms) at 44.1 kHz, made up for")
        }
    })
}
