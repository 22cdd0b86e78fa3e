//! What may stand at a place of a graph file, told from what is open there.

use crate::fixed::{self, Fixed, Form};
use deadwax_graph::tree::{Bracket, Open, Span, open_at};
use deadwax_node::{Field, FieldKind, Registry, Unit};

/// What may stand at a place.
#[derive(Debug)]
pub(crate) enum Spot<'k> {
    /// Nothing that anyone could know.
    Free,
    /// A part of the graph.
    Part,
    /// A kind of node.
    Kind,
    /// The name of a field.
    FieldName {
        /// The fields that there are.
        fields: &'k [Field],
        /// Whether they are a node's own, which has the common ones beside them.
        node: bool,
    },
    /// The value of a field, or one entry of it.
    FieldValue {
        /// The name in front of it.
        name: String,
        /// What it may be.
        kind: &'k FieldKind,
        /// What its number counts.
        unit: Unit,
        /// What it does.
        help: &'static str,
        /// What it is when nobody says, where it is a field itself.
        field: Option<&'k Field>,
    },
    /// The value of one of the fields that every node has.
    CommonValue(String),
    /// The name of a param of a graph in a node's place, by the name of that graph.
    UsedParam(String),
    /// The value of such a param.
    UsedValue(String, String),
    /// Inside the text of a wire: from behind the quote to the place.
    Wire(Span),
    /// The name of a field in a part whose fields are always these.
    Fixed(&'static [Fixed]),
    /// A value that has one of these forms.
    Form(&'static [Form]),
    /// Inside a text that names a field: from behind the quote to the place.
    Target(Span),
    /// The name of a param, in a preset.
    PresetParam,
    /// The value of a param, in a preset.
    PresetValue(String),
    /// The name of a node, in what has been learnt.
    Learned,
    /// The path of a file, from behind the quote to the place: of a part of the graph.
    Path(String, Span),
}

/// The place at byte `offset`: what is open there, and what may stand there.
pub(crate) fn place<'k>(text: &str, offset: usize, registry: &'k Registry) -> (Open, Spot<'k>) {
    let open = open_at(text, offset);
    let spot = if open.comment { Spot::Free } else { spot(&open, registry) };
    (open, spot)
}

fn spot<'k>(open: &Open, registry: &'k Registry) -> Spot<'k> {
    let key = open.key.clone();
    match &open.brackets[..] {
        [graph] if graph.name.as_deref() == Some("Graph") && key.is_none() => Spot::Part,
        [_, part] => match (part.key.as_deref(), key, &open.text) {
            (Some("nodes"), Some(_), None) => Spot::Kind,
            (Some("wires"), _, Some(text)) => Spot::Wire(text.clone()),
            (Some("learned"), None, None) => Spot::Learned,
            (Some("about"), None, None) => Spot::Fixed(fixed::ABOUT),
            (Some("params"), Some(_), None) => Spot::Form(fixed::PARAMS),
            (Some("assets"), Some(_), None) => Spot::Form(fixed::ASSETS),
            (Some(part @ ("use" | "assets" | "learned")), Some(_), Some(text)) => {
                Spot::Path(part.to_owned(), text.clone())
            }
            _ => Spot::Free,
        },
        [_, part, inner, deeper @ ..] => match part.key.as_deref() {
            Some("nodes") => in_node(inner, deeper, open, registry),
            Some("params") => in_param(inner, deeper, open),
            Some("about") if inner.key.as_deref() == Some("requires") => {
                fields(fixed::REQUIRES, deeper, open)
            }
            Some("assets") => fields(fixed::ASK, deeper, open),
            Some("presets") if deeper.is_empty() => key.map_or(Spot::PresetParam, Spot::PresetValue),
            _ => Spot::Free,
        },
        _ => Spot::Free,
    }
}

/// The fields of a part, in its own brackets.
fn fields<'k>(known: &'static [Fixed], deeper: &[Bracket], open: &Open) -> Spot<'k> {
    match (deeper, &open.key, &open.text) {
        ([], None, None) => Spot::Fixed(known),
        _ => Spot::Free,
    }
}

fn in_param<'k>(param: &Bracket, deeper: &[Bracket], open: &Open) -> Spot<'k> {
    let sets = |key: Option<&str>| key == Some("sets");
    let drives = |bracket: &Bracket| bracket.key.as_deref() == Some("drives");
    match (deeper, &open.key, &open.text) {
        ([], None, None) if param.name.as_deref() == Some("Macro") => Spot::Fixed(fixed::MACRO),
        ([], None, None) => Spot::Fixed(fixed::PARAM),
        ([map], None, Some(text)) if drives(map) => Spot::Target(text.clone()),
        ([map, ends], None, None) if drives(map) && ends.commas == 2 => Spot::Form(fixed::WAYS),
        ([], key, Some(text)) if sets(key.as_deref()) => Spot::Target(text.clone()),
        ([list], None, Some(text)) if sets(list.key.as_deref()) => Spot::Target(text.clone()),
        _ => Spot::Free,
    }
}

/// What may stand between brackets inside a node.
enum Inside<'k> {
    Fields(&'k [Field], bool),
    Entries(&'k FieldKind, Unit, &'static str),
    Items(&'k FieldKind, Unit, &'static str),
}

fn in_node<'k>(node: &Bracket, deeper: &[Bracket], open: &Open, registry: &'k Registry) -> Spot<'k> {
    let Some(name) = &node.name else { return Spot::Free };
    let Some(kind) = registry.get(name) else {
        let (key, used) = (open.key.clone(), name.clone());
        return match deeper {
            [] => key.map_or(Spot::UsedParam(used.clone()), |key| Spot::UsedValue(used, key)),
            _ => Spot::Free,
        };
    };
    let mut inside = Inside::Fields(&kind.fields, true);
    for bracket in deeper {
        match step(&inside, bracket) {
            Some(next) => inside = next,
            None => return Spot::Free,
        }
    }
    match (inside, &open.key) {
        (Inside::Fields(fields, node), None) => Spot::FieldName { fields, node },
        (Inside::Fields(_, true), Some(key)) if matches!(key.as_str(), "on" | "lane" | "note") => {
            Spot::CommonValue(key.clone())
        }
        (Inside::Fields(fields, _), Some(key)) => match fields.iter().find(|field| field.name == key) {
            Some(field) => Spot::FieldValue {
                name: key.clone(),
                kind: &field.kind,
                unit: field.unit,
                help: field.help,
                field: Some(field),
            },
            None => Spot::Free,
        },
        (Inside::Entries(..), None) => Spot::Free,
        (Inside::Entries(kind, unit, help) | Inside::Items(kind, unit, help), key) => {
            Spot::FieldValue { name: key.clone().unwrap_or_default(), kind, unit, help, field: None }
        }
    }
}

/// What is between the brackets that open inside.
fn step<'k>(inside: &Inside<'k>, bracket: &Bracket) -> Option<Inside<'k>> {
    let (mut kind, unit, help) = match (inside, &bracket.key) {
        (Inside::Fields(fields, _), Some(key)) => {
            let field = fields.iter().find(|field| field.name == key)?;
            (&field.kind, field.unit, field.help)
        }
        (Inside::Entries(kind, unit, help), Some(_)) | (Inside::Items(kind, unit, help), _) => {
            (*kind, *unit, *help)
        }
        _ => return None,
    };
    while let FieldKind::Optional(inner) = kind {
        kind = inner;
    }
    match (kind, bracket.open) {
        (FieldKind::Map { item, .. }, '{') => Some(Inside::Entries(item, unit, help)),
        (FieldKind::List { item, .. }, '[') => Some(Inside::Items(item, unit, help)),
        (FieldKind::Variants(variants), '(') => {
            let name = bracket.name.as_deref()?;
            let variant = variants.iter().find(|variant| variant.name == name)?;
            Some(Inside::Fields(&variant.fields, false))
        }
        _ => None,
    }
}

/// The whole word around `offset`.
pub(crate) fn word_around(text: &str, offset: usize) -> Span {
    let part = |letter: &char| letter.is_alphanumeric() || *letter == '_';
    let before: usize = text[..offset].chars().rev().take_while(part).map(char::len_utf8).sum();
    let behind: usize = text[offset..].chars().take_while(part).map(char::len_utf8).sum();
    offset - before..offset + behind
}
