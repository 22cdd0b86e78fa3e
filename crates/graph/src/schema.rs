//! JSON Schema (2020-12) of a whole graph file, for the kinds that are installed.

use crate::limits;
use crate::load::FORMAT;
use deadwax_node::{Kind, Registry, kind_schema};
use serde_json::{Map, Value, json};

/// How the text of a graph is read as JSON.
const MAPPING: &str = "A Deadwax graph in its JSON form. A graph is written in RON, which maps to JSON like this: \
    `Name(a: 1)` is {\"Name\": {\"a\": 1}}, and a bare `Name` in the place of a node is \"Name\"; `Name(x)` with one value \
    and no field is {\"Name\": x}; `(a: 1)` and `{a: 1}` are {\"a\": 1}; `(1, 2)` and `[1, 2]` are [1, 2]; a bare word is a \
    string; `true` and `false` are themselves; `None` is null, `Some(x)` is x. Comments are left out. What a schema cannot \
    say (that the names in wires exist, that ports are there, that a limit is within its field's) `deadwax check` says.";

const NAME: &str = "^[a-z][a-z0-9_]*$";
const FIELD: &str = "^[a-z][a-z0-9_]*(\\.[A-Za-z0-9_]+)+$";
/// A name, a port behind it only at the two ends.
const WIRE: &str = "^\\s*[a-z][a-z0-9_]*(\\.[A-Za-z0-9_]+)?(\\s*->\\s*[a-z][a-z0-9_]*)*\\s*->\\s*[a-z][a-z0-9_]*(\\.[A-Za-z0-9_]+)?\\s*$";

/// The schema of a graph file that may use the kinds of `registry`.
#[must_use]
pub fn schema(registry: &Registry) -> Value {
    let kinds: Map<String, Value> =
        registry.kinds().map(|kind| (kind.name().to_owned(), kind_schema(kind))).collect();
    let graph = closed(
        &["format", "nodes", "wires"],
        json!({
            "format": {"const": FORMAT, "description": "the version of the file format"},
            "about": about(),
            "use": named(json!({"type": "string"}), limits::ENTRIES, "other graphs by the names they have here: paths below this graph's folder, or templates as in house/tape@^1"),
            "assets": named(asset(), limits::ASSETS, "recordings that nodes ask for by name: paths below this graph's folder, or `Ask`"),
            "learned": named(json!({"type": "string"}), limits::ASSETS, "what nodes have learnt before, by the node's name: paths below this graph's folder"),
            "params": named(json!({"$ref": "#/$defs/param"}), limits::ENTRIES, "what a user of the graph may turn; the default is the number in the node"),
            "presets": presets(),
            "nodes": named(json!({"$ref": "#/$defs/node"}), limits::NODES, "the nodes by their names"),
            "wires": wires(),
        }),
    );
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Deadwax graph",
        "description": MAPPING,
        "type": "object",
        "required": ["Graph"],
        "additionalProperties": false,
        "properties": {"Graph": graph},
        "$defs": {"node": node(registry), "param": param(), "kinds": kinds},
    })
}

/// An object with these properties, and no others.
fn closed(required: &[&str], properties: Value) -> Value {
    json!({"type": "object", "required": required, "additionalProperties": false, "properties": properties})
}

/// A map from names to something.
fn named(entry: Value, most: usize, description: &str) -> Value {
    json!({
        "type": "object",
        "description": description,
        "maxProperties": most,
        "propertyNames": {"pattern": NAME},
        "additionalProperties": entry,
    })
}

/// A recording: a path, or a question to whoever renders.
fn asset() -> Value {
    let help = json!({"help": {"type": "string", "description": "what is asked for"}});
    json!({"oneOf": [
        {"type": "string", "description": "a path below this graph's folder, or the word `Ask`"},
        closed(&["Ask"], json!({"Ask": closed(&[], help)})),
    ]})
}

fn about() -> Value {
    let text = |description: &str| json!({"type": "string", "description": description});
    let texts =
        |description: &str| json!({"type": "array", "items": {"type": "string"}, "description": description});
    let properties = json!({
        "name": text("its name, in `kebab-case`"),
        "version": text("its version, as in `1.0.0`"),
        "title": text("a title for people"),
        "description": text("what it is for, in a sentence or two"),
        "authors": texts("who made it"),
        "license": text("under which licence, as an SPDX expression"),
        "tags": texts("words to find it by"),
        "home": text("where it comes from"),
        "requires": requires(),
    });
    closed(&[], properties)
}

fn requires() -> Value {
    let texts = json!({"type": "array", "items": {"type": "string"}});
    let numbers = json!({"type": "array", "items": {"type": "integer", "minimum": 1}});
    let told = |mut schema: Value, description: &str| {
        schema["description"] = json!(description);
        schema
    };
    let properties = json!({
        "deadwax": {"type": "string", "description": "versions of deadwax, as in `>=0.1`"},
        "channels": told(numbers.clone(), "numbers of channels of the mix"),
        "rates_hz": told(numbers, "sample rates of the mix, in Hz"),
        "nodes": told(texts, "kinds of nodes that come with another program"),
    });
    told(closed(&[], properties), "what it needs")
}

fn param() -> Value {
    let field = json!({"type": "string", "pattern": FIELD});
    let properties = json!({
        "sets": {
            "description": "the fields it sets, as in `glue.ratio`",
            "anyOf": [field, {"type": "array", "items": field, "minItems": 1, "maxItems": limits::ENTRIES}],
        },
        "min": {"type": "number", "description": "narrows what may be set"},
        "max": {"type": "number", "description": "narrows what may be set"},
        "help": {"type": "string", "description": "what it does"},
    });
    let param = closed(&["Param"], json!({"Param": closed(&["sets"], properties)}));
    json!({"oneOf": [param, dial()]})
}

/// A macro: one dial over several fields.
fn dial() -> Value {
    let number = json!({"type": "number"});
    let part = json!({"anyOf": [number, {"enum": ["Linear", "Log"]}]});
    let ends = json!({"type": "array", "items": part, "minItems": 2, "maxItems": 3});
    let properties = json!({
        "default": {"type": "number", "minimum": 0, "maximum": 1, "description": "where the dial stands"},
        "drives": {
            "type": "object",
            "description": "fields that the nodes do not mention, as in `glue.ratio`: what each is at 0 and at 1, and `Log` where equal steps are to be equal ratios",
            "minProperties": 1,
            "maxProperties": limits::ENTRIES,
            "propertyNames": {"pattern": FIELD},
            "additionalProperties": ends,
        },
        "min": {"type": "number", "minimum": 0, "maximum": 1, "description": "narrows what may be set"},
        "max": {"type": "number", "minimum": 0, "maximum": 1, "description": "narrows what may be set"},
        "help": {"type": "string", "description": "what it does"},
    });
    closed(&["Macro"], json!({"Macro": closed(&["default", "drives"], properties)}))
}

fn presets() -> Value {
    json!({
        "type": "object",
        "description": "values for params, by name",
        "maxProperties": limits::ENTRIES,
        "additionalProperties": {"type": "object", "propertyNames": {"pattern": NAME}},
    })
}

fn wires() -> Value {
    json!({
        "type": "array",
        "description": "how the sound goes; a port is named behind a dot, at the two ends of a wire only",
        "items": {"type": "string", "pattern": WIRE},
    })
}

/// A node: of one of the kinds, or a graph that the file uses.
fn node(registry: &Registry) -> Value {
    let name = |kind: &Kind| kind.name();
    let tagged = |kind: &Kind| {
        let inside = json!({"$ref": format!("#/$defs/kinds/{}", kind.name())});
        let mut schema = closed(&[kind.name()], json!({kind.name(): inside}));
        schema["description"] = json!(kind.about.summary);
        schema
    };
    let bare: Vec<&str> = registry.kinds().map(name).collect();
    let mut forms: Vec<Value> = registry.kinds().map(tagged).collect();
    forms.push(json!({"enum": bare, "description": "a node with every field at its default"}));
    forms.push(json!({
        "type": "object",
        "description": "a graph that this one uses, with values for its params",
        "minProperties": 1,
        "maxProperties": 1,
        "propertyNames": {"pattern": NAME},
        "additionalProperties": {"type": "object"},
    }));
    forms.push(json!({"type": "string", "pattern": NAME, "description": "a graph that this one uses"}));
    json!({"oneOf": forms})
}
