//! What may be written at a place.

use crate::fixed::{Fixed, Form};
use crate::names::driven;
use crate::outline::{Outline, Plug, World, ends, kind_of, mended};
use crate::place::{Spot, place};
use crate::words;
use deadwax_graph::model::Param;
use deadwax_graph::tree::{Open, Span};
use deadwax_node::{Field, FieldKind, Lane, Unit};

/// What a suggestion is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// A part of the graph.
    Part,
    /// A kind of node.
    Kind,
    /// A graph in a node's place.
    Graph,
    /// A field.
    Field,
    /// One of the words of a choice.
    Choice,
    /// A value.
    Value,
    /// A node.
    Node,
    /// A port.
    Port,
    /// A param.
    Param,
    /// A file.
    File,
}

/// Something that may be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// Its name.
    pub label: String,
    /// What it is.
    pub sort: Sort,
    /// A few words beside the name.
    pub detail: String,
    /// More about it, in Markdown.
    pub help: String,
    /// What is put in.
    pub insert: String,
    /// The same with the place in `${1:…}` that one wants to type over, where there is one.
    pub snippet: Option<String>,
    /// The bytes it takes the place of.
    pub replaces: Span,
}

impl Suggestion {
    pub(crate) fn new(label: impl Into<String>, sort: Sort, replaces: &Span) -> Self {
        let label = label.into();
        let (detail, help) = (String::new(), String::new());
        Self { insert: label.clone(), label, sort, detail, help, snippet: None, replaces: replaces.clone() }
    }

    pub(crate) fn told(self, detail: impl Into<String>, help: impl Into<String>) -> Self {
        Self { detail: detail.into(), help: help.into(), ..self }
    }

    /// `before`, a value one may type over, and `behind`.
    pub(crate) fn around(self, before: &str, value: &str, behind: &str) -> Self {
        let typed_over = if value.is_empty() { "$1".to_owned() } else { format!("${{1:{}}}", escape(value)) };
        let snippet = format!("{}{typed_over}{}", escape(before), escape(behind));
        Self { insert: format!("{before}{value}{behind}"), snippet: Some(snippet), ..self }
    }
}

/// Letters that mean something in a snippet.
fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('$', "\\$").replace('}', "\\}")
}

/// What may be written at byte `offset` of `text`.
#[must_use]
pub fn complete(text: &str, offset: usize, world: &World<'_>) -> Vec<Suggestion> {
    let (open, spot) = place(text, offset, world.registry);
    let whole = mended(text, offset);
    let outline = Outline::of(&whole);
    let word = &open.word;
    match spot {
        Spot::Free => Vec::new(),
        Spot::UsedValue(used, param) => used_values(&outline, &used, &param, word, world),
        Spot::Part => parts(&open),
        Spot::Kind => kinds(&outline, word, world),
        Spot::FieldName { fields, node } => field_names(fields, node, &open, &outline),
        Spot::FieldValue { kind, unit, help, field, .. } => values(kind, unit, help, field, word),
        Spot::CommonValue(name) => common_values(&name, word),
        Spot::UsedParam(name) => used_params(&outline, &name, &open, world),
        Spot::Wire(span) => in_wire(text, &span, &outline, world),
        Spot::Fixed(known) => fixed(known, &open),
        Spot::Form(known) => forms(known, word),
        Spot::Target(span) => targets(text, &span, &outline, world),
        Spot::PresetParam => preset_params(&outline, &open),
        Spot::PresetValue(name) => preset_value(&outline, &name, word, world),
        Spot::Learned => learners(&outline, &open, world),
        Spot::Path(part, span) if part == "assets" => files(&["wav", "flac", "aiff", "aif"], &span, world),
        Spot::Path(_, span) => files(&["ron"], &span, world),
    }
}

const PARTS: [(&str, &str, &str); 9] = [
    ("format", "1", "the version of the file format; always the first part"),
    ("about", "(name: \"\", version: \"1.0.0\", title: \"\")", "what the graph says about itself"),
    ("use", "{}", "other graphs, by the names they have here"),
    ("assets", "{}", "recordings that nodes ask for by name"),
    ("learned", "{}", "files with what nodes have learnt before"),
    ("params", "{}", "what a user of the graph may turn"),
    ("presets", "{}", "values for the params, by name"),
    ("nodes", "{}", "the nodes: a name, and `Kind(field: value)`"),
    ("wires", "[]", "how the sound goes: `\"input -> a -> output\"`"),
];

fn parts(open: &Open) -> Vec<Suggestion> {
    let missing = PARTS.iter().filter(|(name, ..)| !open.has(name));
    let suggestion = |(name, value, help): &(&str, &str, &str)| {
        Suggestion::new(*name, Sort::Part, &open.word).told(*help, "").around(&format!("{name}: "), value, "")
    };
    missing.map(suggestion).collect()
}

fn kinds(outline: &Outline<'_>, word: &Span, world: &World<'_>) -> Vec<Suggestion> {
    let used = outline.part("use").iter().map(|entry| {
        let detail = "a graph in a node's place";
        let help = outline.used(&entry.key, world).map(|graph| graph.about.description).unwrap_or_default();
        Suggestion::new(&entry.key, Sort::Graph, word).told(detail, help).around(
            &format!("{}(", entry.key),
            "",
            ")",
        )
    });
    let kinds = world.registry.kinds().map(|kind| {
        let family = format!("{:?}", kind.about.family).to_lowercase();
        let name = kind.name();
        Suggestion::new(name, Sort::Kind, word).told(family, words::kind(kind)).around(
            &format!("{name}("),
            "",
            ")",
        )
    });
    used.chain(kinds).collect()
}

/// The fields that every node has, with a value and what they are for.
pub(crate) const COMMON: [(&str, &str, &str); 3] = [
    ("on", "false", "`false` bypasses the node"),
    ("lane", "Mid", "the part of a stereo signal it works on: Both, Mid, Side, Left or Right"),
    ("note", "\"\"", "a remark for people"),
];

fn field_names(fields: &[Field], node: bool, open: &Open, outline: &Outline<'_>) -> Vec<Suggestion> {
    // What a macro drives must not stand in the node.
    let name = open.brackets.get(2).filter(|_| node).and_then(|bracket| bracket.key.as_deref());
    let driven = driven(outline);
    let is_driven = |field: &str| name.is_some_and(|name| driven.contains(&format!("{name}.{field}")));
    let missing = fields.iter().filter(|field| !open.has(field.name) && !is_driven(field.name));
    let own = missing.map(|field| {
        let value = starting_value(&field.kind, &field.default);
        Suggestion::new(field.name, Sort::Field, &open.word)
            .told(words::range(&field.kind, field.unit), words::field(field))
            .around(&format!("{}: ", field.name), &value, "")
    });
    let common = COMMON.iter().filter(|(name, ..)| node && !open.has(name)).map(|(name, value, help)| {
        Suggestion::new(*name, Sort::Field, &open.word).told("every node has it", *help).around(
            &format!("{name}: "),
            value,
            "",
        )
    });
    own.chain(common).collect()
}

/// The value a field begins with when it is put in: its default, or else something that may stand there.
fn starting_value(kind: &FieldKind, default: &serde_json::Value) -> String {
    match kind {
        FieldKind::Optional(inner) if default.is_null() => match &**inner {
            FieldKind::Number { min, .. } if min.is_finite() && *min != f64::MIN => min.to_string(),
            FieldKind::Choice(choices) => {
                choices.first().map(|choice| choice.name.to_owned()).unwrap_or_default()
            }
            FieldKind::Text => "\"\"".to_owned(),
            _ => "None".to_owned(),
        },
        _ => words::written(kind, default),
    }
}

fn values(kind: &FieldKind, unit: Unit, help: &str, field: Option<&Field>, word: &Span) -> Vec<Suggestion> {
    match kind {
        FieldKind::Bool => ["true", "false"].map(|name| Suggestion::new(name, Sort::Choice, word)).to_vec(),
        FieldKind::Choice(choices) => {
            let choice = |choice: &deadwax_node::Choice| {
                Suggestion::new(choice.name, Sort::Choice, word).told(choice.help, "")
            };
            choices.iter().map(choice).collect()
        }
        FieldKind::Variants(variants) => variants
            .iter()
            .map(|variant| {
                let before = format!("{}(", variant.name);
                Suggestion::new(variant.name, Sort::Choice, word)
                    .told(variant.help, "")
                    .around(&before, "", ")")
            })
            .collect(),
        FieldKind::Optional(inner) => {
            let mut all = values(inner, unit, help, None, word);
            all.push(Suggestion::new("None", Sort::Choice, word).told("not set", ""));
            all
        }
        _ => {
            let default = field.map(|field| words::written(kind, &field.default));
            let told = format!("{help}\n\n{}", words::range(kind, unit));
            let value =
                |default: String| Suggestion::new(default, Sort::Value, word).told("the default", told);
            default.map(value).into_iter().collect()
        }
    }
}

fn common_values(name: &str, word: &Span) -> Vec<Suggestion> {
    let names: Vec<&str> = match name {
        "on" => vec!["true", "false"],
        "lane" => Lane::ALL.iter().map(|lane| lane.name()).collect(),
        _ => Vec::new(),
    };
    names.into_iter().map(|name| Suggestion::new(name, Sort::Choice, word)).collect()
}

fn used_params(outline: &Outline<'_>, name: &str, open: &Open, world: &World<'_>) -> Vec<Suggestion> {
    let Some(graph) = outline.used(name, world) else { return Vec::new() };
    let missing = graph.params.iter().filter(|param| !open.has(&param.name));
    missing.map(|param| param_suggestion(param, &open.word)).collect()
}

fn used_values(
    outline: &Outline<'_>,
    used: &str,
    name: &str,
    word: &Span,
    world: &World<'_>,
) -> Vec<Suggestion> {
    let graph = outline.used(used, world);
    let Some(param) = graph.as_ref().and_then(|graph| graph.params.iter().find(|param| param.name == name))
    else {
        return Vec::new();
    };
    values_of(param, word)
}

/// Values that a param may have.
pub(crate) fn values_of(param: &Param, word: &Span) -> Vec<Suggestion> {
    let mut all = values(&param.kind, param.unit, &param.help, None, word);
    if all.is_empty() {
        all.push(Suggestion::new(&param.value, Sort::Value, word).told("the default", &param.help));
    }
    all
}

pub(crate) fn param_suggestion(param: &Param, word: &Span) -> Suggestion {
    let range = words::range(&param.kind, param.unit);
    Suggestion::new(&param.name, Sort::Param, word)
        .told(&range, format!("{}\n\n{range} · default {}", param.help, param.value))
        .around(&format!("{}: ", param.name), &param.value, "")
}

/// Nodes and ports in the text of a wire that is written up to the end of `span`.
fn in_wire(text: &str, span: &Span, outline: &Outline<'_>, world: &World<'_>) -> Vec<Suggestion> {
    let Some(end) = ends(text, span).pop() else { return Vec::new() };
    let first = !end.target;
    // What follows the place tells whether a wire goes on from here.
    let rest = text[span.end..].split(['"', '\n']).next().unwrap_or_default();
    let goes_on = rest.contains("->");
    if let Some((_, written)) = &end.port {
        let Some((inputs, outputs)) = outline.ports(&end.node, world) else { return Vec::new() };
        let plugs = if first { outputs } else { inputs };
        return plugs.into_iter().map(|plug| port(plug, written)).collect();
    }
    let own = |name: &str, help: &str| Suggestion::new(name, Sort::Node, &end.node_span).told(help, "");
    let mut all = Vec::new();
    if first {
        all.push(own("input", "what the graph hears"));
    } else if !goes_on {
        all.push(own("output", "what the graph gives"));
    }
    for entry in outline.part("nodes") {
        let kind = kind_of(&entry.value).map(|(kind, _)| kind).unwrap_or_default();
        all.push(own(&entry.key, &kind));
    }
    all
}

fn port(plug: Plug, written: &Span) -> Suggestion {
    Suggestion::new(plug.name, Sort::Port, written).told(plug.help, "")
}

/// Fields that a part always has.
fn fixed(known: &[Fixed], open: &Open) -> Vec<Suggestion> {
    let missing = known.iter().filter(|(name, ..)| !open.has(name));
    let suggestion = |(name, value, help): &Fixed| {
        Suggestion::new(*name, Sort::Field, &open.word).told(*help, "").around(
            &format!("{name}: "),
            value,
            "",
        )
    };
    missing.map(suggestion).collect()
}

/// Forms that a value may have.
fn forms(known: &[Form], word: &Span) -> Vec<Suggestion> {
    let suggestion = |(name, [before, value, behind], help): &Form| {
        let plain = Suggestion::new(*name, Sort::Choice, word).told(*help, "");
        if behind.is_empty() { plain } else { plain.around(before, value, behind) }
    };
    known.iter().map(suggestion).collect()
}

/// Nodes, and behind a dot their fields, in a text like `glue.ratio`.
fn targets(text: &str, span: &Span, outline: &Outline<'_>, world: &World<'_>) -> Vec<Suggestion> {
    let written = &text[span.clone()];
    let Some((name, field)) = written.split_once('.') else {
        let node = |entry: &deadwax_graph::tree::Entry| {
            let kind = kind_of(&entry.value).map(|(kind, _)| kind).unwrap_or_default();
            Suggestion::new(&entry.key, Sort::Node, span).told(kind, "")
        };
        return outline.part("nodes").iter().map(node).collect();
    };
    let Some(node) = outline.entry("nodes", name) else { return Vec::new() };
    let Some((kind, _)) = kind_of(&node.value) else { return Vec::new() };
    let last = span.end - field.len()..span.end;
    let Some(kind) = world.registry.get(&kind) else {
        let params = outline.used(&kind, world).map(|graph| graph.params).unwrap_or_default();
        let plain = |param: &Param| {
            let told = param_suggestion(param, &last);
            Suggestion { insert: param.name.clone(), snippet: None, ..told }
        };
        return params.iter().map(plain).collect();
    };
    // Entries of a node's maps, as in `tone.air.gain_db`, come with their own fields.
    let (before, _) = field.rsplit_once('.').map_or((None, field), |(before, last)| (Some(before), last));
    let begin = span.end - field.rsplit('.').next().unwrap_or_default().len();
    let last = begin..span.end;
    let fields = match before {
        None => Some(&kind.fields[..]),
        Some(entry) => fields_of_entry(&kind.fields, &node.value, entry),
    };
    let own = fields.unwrap_or_default().iter().map(|field| {
        Suggestion::new(field.name, Sort::Field, &last)
            .told(words::range(&field.kind, field.unit), words::field(field))
    });
    let maps = node.value.entries().iter().filter(|_| before.is_none()).filter(|entry| {
        kind.fields.iter().any(|field| field.name == entry.key && matches!(field.kind, FieldKind::Map { .. }))
    });
    let entries = maps
        .flat_map(|map| map.value.entries())
        .map(|entry| Suggestion::new(&entry.key, Sort::Field, &last).told("an entry of this node", ""));
    own.chain(entries).collect()
}

/// The fields of the entry called `name` in one of a node's maps.
fn fields_of_entry<'k>(
    fields: &'k [Field],
    node: &deadwax_graph::tree::Value,
    name: &str,
) -> Option<&'k [Field]> {
    let name = name.rsplit('.').next().unwrap_or(name);
    fields.iter().find_map(|field| {
        let FieldKind::Map { item, .. } = &field.kind else { return None };
        let FieldKind::Variants(variants) = &**item else { return None };
        let entry = node.entry(field.name)?.value.entry(name)?;
        let (form, _) = kind_of(&entry.value)?;
        variants.iter().find(|variant| variant.name == form).map(|variant| &variant.fields[..])
    })
}

fn preset_params(outline: &Outline<'_>, open: &Open) -> Vec<Suggestion> {
    let missing = outline.part("params").iter().filter(|param| !open.has(&param.key));
    let suggestion = |param: &deadwax_graph::tree::Entry| {
        Suggestion::new(&param.key, Sort::Param, &open.word).around(&format!("{}: ", param.key), "", "")
    };
    missing.map(suggestion).collect()
}

/// What the param is in the graph itself.
fn preset_value(outline: &Outline<'_>, name: &str, word: &Span, world: &World<'_>) -> Vec<Suggestion> {
    let dial = outline.entry("params", name).and_then(|param| param.value.entry("default"));
    let target = || crate::names::targets_of(outline, name).into_iter().next();
    let found = match dial {
        Some(dial) => Some(outline.written(&dial.value)),
        None => target().and_then(|path| crate::hover::value_at(outline, &path, world.registry)),
    };
    let value =
        |value: String| Suggestion::new(value, Sort::Value, word).told("what it is without a preset", "");
    found.map(value).into_iter().collect()
}

fn learners(outline: &Outline<'_>, open: &Open, world: &World<'_>) -> Vec<Suggestion> {
    let learns = |name: &str| outline.node(name, world.registry).is_some_and(|node| node.learns());
    let nodes = outline.part("nodes").iter().filter(|entry| learns(&entry.key) && !open.has(&entry.key));
    let suggestion = |entry: &deadwax_graph::tree::Entry| {
        let before = format!("{}: \"", entry.key);
        Suggestion::new(&entry.key, Sort::Node, &open.word).around(
            &before,
            &format!("{}.ron", entry.key),
            "\"",
        )
    };
    nodes.map(suggestion).collect()
}

/// Files below the folder of the text that end so.
pub(crate) fn files(endings: &[&str], span: &Span, world: &World<'_>) -> Vec<Suggestion> {
    let Ok(folder) = world.loader.locate(".") else { return Vec::new() };
    let mut found = Vec::new();
    list(&folder, "", endings, &mut found);
    found.sort();
    found.into_iter().map(|path| Suggestion::new(path, Sort::File, span)).collect()
}

/// The most files that are listed: a graph may lie in a folder of thousands.
const MOST_FILES: usize = 200;

/// Notes files of the folder, and of the folders in it.
fn list(folder: &std::path::Path, before: &str, endings: &[&str], found: &mut Vec<String>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten().take(MOST_FILES) {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if name.starts_with('.') || found.len() >= MOST_FILES {
            continue;
        }
        if is_folder && before.is_empty() {
            list(&path, &format!("{name}/"), endings, found);
        } else if path.extension().is_some_and(|ending| endings.iter().any(|known| ending == *known)) {
            found.push(format!("{before}{name}"));
        }
    }
}
