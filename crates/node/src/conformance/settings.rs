//! Parameters to try: defaults, the example, and every field at each end of its range.

use crate::{AnyNode, Field, FieldKind, Kind};
use serde_json::{Value, json};

type Named = (String, Box<dyn AnyNode>);

/// The most settings tried at the ends of ranges.
const MOST: usize = 160;

/// Defaults and the example.
pub(super) fn main(kind: &Kind) -> Vec<Named> {
    let mut all = vec![("default".to_owned(), kind.default_node())];
    if let Some(node) = example(kind) {
        all.push(("example".to_owned(), node));
    }
    all
}

/// The kind's example, typed.
pub(super) fn example(kind: &Kind) -> Option<Box<dyn AnyNode>> {
    let body = kind.about.example.strip_prefix(kind.name())?.trim();
    kind.from_ron(if body.is_empty() { "()" } else { body }).ok()
}

/// Every field at each end, the others as in the example.
pub(super) fn extremes(kind: &Kind) -> Vec<Named> {
    let base = example(kind).unwrap_or_else(|| kind.default_node()).to_json();
    let mut all = Vec::new();
    for field in &kind.fields {
        for value in ends(field) {
            let mut changed = base.clone();
            changed[field.name] = value.clone();
            if let Ok(node) = kind.from_json(changed) {
                all.push((format!("{}: {value}", field.name), node));
            }
        }
    }
    all.truncate(MOST);
    all
}

fn ends(field: &Field) -> Vec<Value> {
    of_kind(&field.kind, &field.default)
}

fn of_kind(kind: &FieldKind, default: &Value) -> Vec<Value> {
    match kind {
        FieldKind::Number { min, max, integer: true, .. } => vec![json!(*min as i64), json!(*max as i64)],
        FieldKind::Number { min, max, curve, .. } => {
            let mut all = vec![json!(min), json!(max)];
            if *curve {
                let start = default.as_f64().unwrap_or(*min);
                all.push(json!({"Curve": [[0.0, start], [0.02, max], [0.03, min, "Smooth"], [0.04, start, "Step"]]}));
            }
            all
        }
        FieldKind::Bool => vec![json!(true), json!(false)],
        FieldKind::Text => vec![json!("")],
        FieldKind::Choice(choices) => choices.iter().map(|choice| json!(choice.name)).collect(),
        FieldKind::List { item, min_len, .. } => {
            let one = default.get(0).cloned().unwrap_or(Value::Null);
            let mut lists: Vec<Value> = of_kind(item, &one).into_iter().map(|x| json!([x])).collect();
            if *min_len == 0 {
                lists.push(json!([]));
            }
            lists
        }
        FieldKind::Map { item, .. } => {
            let mut maps: Vec<Value> =
                of_kind(item, &Value::Null).into_iter().map(|x| json!({"one": x})).collect();
            maps.push(json!({}));
            maps
        }
        FieldKind::Variants(variants) => {
            let each = variants.iter().flat_map(|variant| {
                let fields = variant.fields.iter().flat_map(|field| {
                    ends(field).into_iter().map(|value| json!({variant.name: {field.name: value}}))
                });
                std::iter::once(json!({variant.name: {}})).chain(fields).collect::<Vec<_>>()
            });
            each.collect()
        }
        FieldKind::Optional(inner) => {
            let mut all = of_kind(inner, default);
            all.push(Value::Null);
            all
        }
    }
}
