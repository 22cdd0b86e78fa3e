//! Values as one would write them, without what is only the default.

use crate::model::Node;
use deadwax_node::{Field, FieldKind, Lane};
use serde_json::Value;

/// A value of a field.
pub(super) fn value(value: &Value, kind: &FieldKind) -> String {
    match (kind, value) {
        (FieldKind::Choice(_), Value::String(word)) => word.clone(),
        (FieldKind::Optional(inner), _) if !value.is_null() => self::value(value, inner),
        (FieldKind::List { item, .. }, Value::Array(items)) => {
            let each: Vec<String> = items.iter().map(|one| self::value(one, item)).collect();
            format!("[{}]", each.join(", "))
        }
        (FieldKind::Map { item, .. }, Value::Object(entries)) => {
            let each: Vec<String> =
                entries.iter().map(|(name, one)| format!("{name}: {}", self::value(one, item))).collect();
            if each.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", each.join(", ")) }
        }
        (FieldKind::Variants(variants), Value::Object(form)) => {
            let Some((name, inner)) = form.iter().next() else { return plain(value) };
            let known = variants.iter().find(|variant| variant.name == name);
            called(name, known.map_or(Vec::new(), |known| said(inner, &known.fields)))
        }
        (FieldKind::Variants(_), Value::String(name)) => name.clone(),
        _ => plain(value),
    }
}

/// A value of which no more is known than what it holds.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Number(number) => number.as_f64().map_or_else(|| number.to_string(), |x| format!("{x}")),
        Value::Array(items) => format!("[{}]", items.iter().map(plain).collect::<Vec<_>>().join(", ")),
        // A form with a name in front: a curve.
        Value::Object(form) => {
            let each = form.iter().map(|(name, inner)| format!("{name}({})", plain(inner)));
            each.collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

/// The fields that are not as they are by default.
fn said(values: &Value, fields: &[Field]) -> Vec<String> {
    let other = fields.iter().filter(|field| values[field.name] != field.default);
    other.map(|field| format!("{}: {}", field.name, value(&values[field.name], &field.kind))).collect()
}

fn called(name: &str, fields: Vec<String>) -> String {
    if fields.is_empty() { name.to_owned() } else { format!("{name}({})", fields.join(", ")) }
}

/// A node.
pub(super) fn node(node: &Node) -> String {
    let mut fields = said(&node.node.to_json(), &node.node.fields());
    if !node.on {
        fields.push("on: false".to_owned());
    }
    if node.lane != Lane::Both {
        fields.push(format!("lane: {}", node.lane.name()));
    }
    called(node.node.about().kind, fields)
}
