//! JSON Schema (2020-12) of kinds and of graphs, made from the fields.

use crate::{Field, FieldKind, Kind, Lane, Registry};
use serde_json::{Map, Value, json};

/// The schema of one kind's parameters.
#[must_use]
pub fn kind_schema(kind: &Kind) -> Value {
    let mut schema = object(&kind.fields);
    schema["title"] = json!(kind.name());
    schema["description"] = json!(kind.about.summary);
    schema["x-family"] = json!(kind.about.family);
    schema["x-ports"] = json!(kind.default_ports());
    let properties = schema["properties"].as_object_mut();
    if let Some(properties) = properties {
        let lanes: Vec<_> = Lane::ALL.iter().map(|lane| lane.name()).collect();
        properties.insert(
            "on".into(),
            json!({"type": "boolean", "default": true, "description": "false bypasses the node"}),
        );
        properties.insert("lane".into(), json!({"enum": lanes, "default": "Both", "description": "the part of a stereo signal it works on"}));
        properties.insert("note".into(), json!({"type": "string", "description": "a remark for people"}));
    }
    schema
}

/// The schemas of all kinds, by name.
#[must_use]
pub fn graph_schema(registry: &Registry) -> Value {
    let kinds: Map<String, Value> =
        registry.kinds().map(|kind| (kind.name().to_owned(), kind_schema(kind))).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Deadwax node kinds",
        "$defs": kinds,
    })
}

fn object(fields: &[Field]) -> Value {
    let properties: Map<String, Value> =
        fields.iter().map(|field| (field.name.to_owned(), property(field))).collect();
    json!({"type": "object", "additionalProperties": false, "properties": properties})
}

fn property(field: &Field) -> Value {
    let mut schema = of_kind(&field.kind);
    schema["description"] = json!(field.help);
    schema["default"] = field.default.clone();
    if !field.unit.symbol().is_empty() {
        schema["x-unit"] = json!(field.unit);
    }
    schema
}

fn of_kind(kind: &FieldKind) -> Value {
    match kind {
        FieldKind::Number { min, max, integer, curve } => {
            let number =
                json!({"type": if *integer { "integer" } else { "number" }, "minimum": min, "maximum": max});
            if *curve { json!({"anyOf": [number, drawn(&number)]}) } else { number }
        }
        FieldKind::Bool => json!({"type": "boolean"}),
        FieldKind::Text => json!({"type": "string"}),
        FieldKind::Choice(choices) => {
            let each = choices.iter().map(|c| json!({"const": c.name, "description": c.help}));
            json!({"oneOf": each.collect::<Vec<_>>()})
        }
        FieldKind::List { item, min_len, max_len } => {
            json!({"type": "array", "items": of_kind(item), "minItems": min_len, "maxItems": max_len})
        }
        FieldKind::Map { item, max_len } => {
            json!({"type": "object", "additionalProperties": of_kind(item), "maxProperties": max_len})
        }
        FieldKind::Variants(variants) => {
            let each = variants.iter().map(|variant| {
                json!({
                    "type": "object",
                    "description": variant.help,
                    "required": [variant.name],
                    "additionalProperties": false,
                    "properties": {variant.name: object(&variant.fields)},
                })
            });
            json!({"oneOf": each.collect::<Vec<_>>()})
        }
        FieldKind::Optional(inner) => json!({"anyOf": [of_kind(inner), {"type": "null"}]}),
    }
}

/// A curve of numbers over time.
fn drawn(number: &Value) -> Value {
    let point = json!({
        "type": "array",
        "prefixItems": [{"type": "number", "minimum": 0}, number, {"enum": crate::auto::SHAPES}],
        "minItems": 2,
        "maxItems": 3,
    });
    json!({
        "type": "object",
        "required": ["Curve"],
        "additionalProperties": false,
        "properties": {
            "Curve": {"type": "array", "items": point, "minItems": 1, "maxItems": crate::auto::MOST_POINTS},
        },
    })
}
