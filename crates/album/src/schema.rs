//! JSON Schema (2020-12) of a whole album document, from the table of its parts.

use crate::parts::{ALBUM, Absent, Form, Inside, Part, SHARED, Shape, Text};
use deadwax_graph::tree::{Call, Value as Tree, ValueKind, parse};
use serde_json::{Map, Value, json};

/// How the text of an album is read as JSON.
const MAPPING: &str = "A Deadwax album in its JSON form. An album is written in RON, which maps to JSON like this: `Name(a: 1)` is \
    {\"Name\": {\"a\": 1}}, and a bare `Name` is \"Name\"; `Name(x)` with one value and no name is {\"Name\": x}; `(a: 1)` and \
    `{a: 1}` are {\"a\": 1}; `[1, 2]` is [1, 2]; `true` and `false` are themselves. Comments are left out. What a schema cannot say \
    (that the layout names tracks that are there, that codes are no two times the same, that everything fits on a disc) \
    `deadwax album check` says.";

/// Names of tracks and deliverables.
const NAME: &str = "^[a-z0-9]([a-z0-9_-]*[a-z0-9])?$";

/// The schema of an album.
#[must_use]
pub fn schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Deadwax album",
        "description": MAPPING,
        "type": "object",
        "required": [ALBUM.name],
        "additionalProperties": false,
        "properties": {ALBUM.name: inside(&ALBUM)},
        "$defs": SHARED.iter().map(|(name, of)| ((*name).to_owned(), written_out(of))).collect::<Map<_, _>>(),
    })
}

/// What stands in the brackets of a form.
fn inside(form: &'static Form) -> Value {
    match form.inside {
        Inside::Nothing => Value::Null,
        Inside::One(of) => told(shape(of), form.help),
        Inside::Parts(_) => {
            let needed = form.parts().filter(|part| part.absent == Absent::Refused);
            let needed: Vec<&str> = needed.map(|part| part.name).collect();
            let properties: Map<String, Value> =
                form.parts().map(|one| (one.name.to_owned(), part(one))).collect();
            json!({
                "type": "object",
                "description": form.help,
                "required": needed,
                "additionalProperties": false,
                "properties": properties,
            })
        }
    }
}

fn told(mut schema: Value, description: &str) -> Value {
    schema["description"] = json!(description);
    schema
}

fn part(part: &'static Part) -> Value {
    let mut schema = told(shape(&part.shape), part.help);
    match part.absent {
        Absent::Is(value) => schema["default"] = as_json(value),
        Absent::Means(words) => schema["description"] = json!(format!("{}; otherwise: {words}", part.help)),
        Absent::Refused => {}
    }
    schema
}

/// What may stand there; by its name, where several parts share it.
fn shape(of: &'static Shape) -> Value {
    match SHARED.iter().find(|(_, shared)| shared == of) {
        Some((name, _)) => json!({"$ref": format!("#/$defs/{name}")}),
        None => written_out(of),
    }
}

fn written_out(of: &'static Shape) -> Value {
    match of {
        Shape::Text(text) => match pattern(*text) {
            Some(pattern) => json!({"type": "string", "pattern": pattern}),
            None => json!({"type": "string"}),
        },
        Shape::Number { min, max, unit } => {
            json!({"type": "number", "minimum": min, "maximum": max, "x-unit": unit})
        }
        Shape::Count { min, max, unit } => {
            json!({"type": "integer", "minimum": min, "maximum": max, "x-unit": unit})
        }
        Shape::OneOf(numbers, _) => json!({"enum": numbers}),
        Shape::Flag => json!({"type": "boolean"}),
        Shape::Record(form) if form.name.is_empty() => inside(form),
        Shape::Record(form) => json!({"anyOf": [tagged(form), inside(form)]}),
        Shape::Forms(forms) => json!({"oneOf": all_of(forms)}),
        Shape::Either(shapes) => json!({"anyOf": shapes.iter().map(shape).collect::<Vec<_>>()}),
        Shape::List { of, most } => json!({"type": "array", "maxItems": most, "items": shape(of)}),
        Shape::Map { of, most, plain } => {
            let mut schema =
                json!({"type": "object", "maxProperties": most, "additionalProperties": shape(of)});
            if *plain {
                schema["propertyNames"] = json!({"pattern": NAME});
            }
            schema
        }
        Shape::Values => json!({"type": "object"}),
    }
}

/// A form by its name.
fn tagged(form: &'static Form) -> Value {
    json!({
        "type": "object",
        "required": [form.name],
        "additionalProperties": false,
        "properties": {form.name: inside(form)},
    })
}

/// Every way to write one of `forms`: with brackets, and as a bare word where nothing must be said of it.
fn all_of(forms: &'static [Form]) -> Vec<Value> {
    let bare = |form: &&Form| match form.inside {
        Inside::Nothing => true,
        Inside::One(_) => false,
        Inside::Parts(_) => form.parts().all(|part| part.absent != Absent::Refused),
    };
    let words = forms.iter().filter(bare).map(|form| json!({"const": form.name, "description": form.help}));
    let brackets = forms.iter().filter(|form| form.inside != Inside::Nothing).map(tagged);
    words.chain(brackets).collect()
}

fn pattern(text: Text) -> Option<&'static str> {
    Some(match text {
        Text::Isrc => "^[A-Z]{2}-?[A-Z0-9]{3}-?[0-9]{2}-?[0-9]{5}$",
        Text::Barcode => "^[0-9 ]{12,}$",
        Text::Sha256 => "^[0-9a-f]{64}$",
        Text::Address => "^[0-9]{1,2}:[0-5]?[0-9]:[0-7]?[0-9]$",
        _ => return None,
    })
}

/// A value of the table in its JSON form.
fn as_json(written: &str) -> Value {
    json_of(written, &parse(written, 0, &mut Vec::new()))
}

fn json_of(text: &str, value: &Tree) -> Value {
    let fields = || {
        let each = value.entries().iter().map(|entry| (entry.key.clone(), json_of(text, &entry.value)));
        Value::Object(each.collect())
    };
    match &value.kind {
        ValueKind::Number => serde_json::from_str(&text[value.span.clone()]).unwrap_or_default(),
        ValueKind::Text(said) => json!(said),
        ValueKind::Word(word) => word.parse::<bool>().map_or_else(|_| json!(word), |flag| json!(flag)),
        ValueKind::List(items) => items.iter().map(|item| json_of(text, item)).collect(),
        ValueKind::Map(_) => fields(),
        ValueKind::Call(Call { name, items, .. }) => {
            let inside = items.first().map_or_else(fields, |item| json_of(text, item));
            match name {
                Some((name, _)) => json!({name: inside}),
                None => inside,
            }
        }
        ValueKind::Char | ValueKind::Broken => Value::Null,
    }
}
