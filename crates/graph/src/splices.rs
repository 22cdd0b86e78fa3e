//! Values set in a text: many at once, with few readings of it.

use crate::edit::{EditError, find, is_value, tree};
use crate::tree::{Span, Value, ValueKind};
use std::collections::{BTreeMap, HashMap};

/// Where a value stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place<'a> {
    /// At this path below `nodes`.
    Field(&'a str),
    /// The default of the macro of this name.
    Default(&'a str),
}

/// A value for a place.
pub(crate) trait Change {
    /// The place.
    fn place(&self) -> Place<'_>;
    /// The value, as one would write it.
    fn value(&self) -> &str;
}

/// Sets `changes` one after the other. Those that cannot be made are noted in `refused` by their number. `None` when
/// `may_read` forbids to read the text once more, or it is no graph.
pub(crate) fn set_all(
    text: &str,
    changes: &[impl Change],
    refused: &mut Vec<(usize, EditError)>,
    mut may_read: impl FnMut(usize) -> bool,
) -> Option<String> {
    let mut text = text.to_owned();
    let mut next = 0;
    while next < changes.len() {
        if !may_read(text.len()) {
            return None;
        }
        let root = tree(&text).ok()?;
        let nodes = Nodes::of(&root);
        let mut splices = Splices::default();
        // A change inside what an earlier one has changed needs the text with that change in it.
        while let Some(change) = changes.get(next) {
            let set = match change.place() {
                Place::Field(path) => splices.set(&nodes, path, change.value()),
                Place::Default(name) => splices.set_default(&root, name, change.value()),
            };
            match set {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => refused.push((next, error)),
            }
            next += 1;
        }
        text = splices.apply(&text);
    }
    Some(text)
}

/// The nodes of a graph by their names.
pub(crate) struct Nodes<'a>(HashMap<&'a str, &'a Value>);

impl<'a> Nodes<'a> {
    pub(crate) fn of(root: &'a Value) -> Self {
        let nodes = root.entry("nodes").map_or(&[][..], |nodes| nodes.value.entries());
        Self(nodes.iter().map(|entry| (entry.key.as_str(), &entry.value)).collect())
    }

    /// One node alone.
    pub(crate) fn one(name: &'a str, node: &'a Value) -> Self {
        Self(HashMap::from([(name, node)]))
    }
}

/// Fields that are added at one place.
struct Added {
    form: Form,
    fields: Vec<(String, String)>,
}

#[derive(Clone, Copy, PartialEq)]
enum Form {
    /// Behind a bare word, which gets brackets.
    Brackets,
    /// The first in empty brackets.
    First,
    /// Behind another field.
    Behind,
}

/// Changes to a text that do not touch each other.
#[derive(Default)]
pub(crate) struct Splices {
    /// By where the old value begins: its bytes, and the new value.
    replaced: BTreeMap<usize, (Span, String)>,
    /// By where they are added.
    added: BTreeMap<usize, Added>,
}

impl Splices {
    /// Sets the value at `path`. `Ok(false)` when this touches an earlier change.
    pub(crate) fn set(&mut self, nodes: &Nodes<'_>, path: &str, value: &str) -> Result<bool, EditError> {
        let value = value.trim();
        if !is_value(value) {
            return Err(EditError::BadValue { value: value.to_owned() });
        }
        let missing = || EditError::NoSuchPath { path: path.to_owned() };
        let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
        let node = *nodes.0.get(name).ok_or_else(missing)?;
        match rest.map_or(Ok(node), |rest| find(node, rest)) {
            Ok(found) => Ok(self.replace(&found.span, value)),
            Err(Some((at, field))) if crate::edit::is_name(field) => {
                let (offset, form) = place(at).ok_or_else(missing)?;
                Ok(self.add(offset, form, field, value))
            }
            Err(_) => Err(missing()),
        }
    }

    /// Sets the default of a macro, as [`Self::set`] does a field.
    fn set_default(&mut self, root: &Value, name: &str, value: &str) -> Result<bool, EditError> {
        let value = value.trim();
        if !is_value(value) {
            return Err(EditError::BadValue { value: value.to_owned() });
        }
        let dial = root.entry("params").and_then(|params| params.value.entry(name));
        let default = dial.and_then(|dial| dial.value.entry("default"));
        let default = default.ok_or_else(|| EditError::NoSuchPath { path: name.to_owned() })?;
        Ok(self.replace(&default.value.span, value))
    }

    fn replace(&mut self, span: &Span, value: &str) -> bool {
        let touches = |other: &Span| other.start < span.end && span.start < other.end && other != span;
        let before = self.replaced.range(..span.end).next_back();
        if before.is_some_and(|(_, (other, _))| touches(other))
            || self.added.range(span.start + 1..=span.end).next().is_some()
        {
            return false;
        }
        self.replaced.insert(span.start, (span.clone(), value.to_owned()));
        true
    }

    fn add(&mut self, offset: usize, form: Form, field: &str, value: &str) -> bool {
        let before = self.replaced.range(..offset).next_back();
        if before.is_some_and(|(_, (other, _))| other.end >= offset) {
            return false;
        }
        let added = self.added.entry(offset).or_insert(Added { form, fields: Vec::new() });
        if added.form != form {
            return false;
        }
        match added.fields.iter_mut().find(|(known, _)| known == field) {
            Some((_, known)) => value.clone_into(known),
            None => added.fields.push((field.to_owned(), value.to_owned())),
        }
        true
    }

    /// The text with all changes in it.
    pub(crate) fn apply(self, text: &str) -> String {
        self.apply_to(text, &(0..text.len()))
    }

    /// The part `within` of the text, with all changes in it; they are all there.
    pub(crate) fn apply_to(self, text: &str, within: &Span) -> String {
        let mut all: Vec<(Span, String)> = self.replaced.into_values().collect();
        all.extend(self.added.into_iter().map(|(offset, added)| (offset..offset, added.written())));
        all.sort_by_key(|(span, _)| span.start);
        let (mut changed, mut end) = (String::with_capacity(within.len()), within.start);
        for (span, new) in all {
            changed.push_str(&text[end..span.start]);
            changed.push_str(&new);
            end = span.end;
        }
        changed + &text[end..within.end]
    }

    /// Where the value of the only change stands in the text with it.
    pub(crate) fn place_of_only(&self) -> Option<Span> {
        let replaced = self.replaced.values().map(|(span, value)| (span.start, value));
        let added = self.added.iter().filter_map(|(offset, added)| {
            let (name, value) = added.fields.first()?;
            Some((offset + added.form.lead().len() + name.len() + ": ".len(), value))
        });
        replaced.chain(added).next().map(|(start, value)| start..start + value.len())
    }
}

impl Form {
    fn lead(self) -> &'static str {
        match self {
            Self::Brackets => "(",
            Self::First => "",
            Self::Behind => ", ",
        }
    }
}

impl Added {
    fn written(&self) -> String {
        let fields: Vec<String> =
            self.fields.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        let close = if self.form == Form::Brackets { ")" } else { "" };
        format!("{}{}{close}", self.form.lead(), fields.join(", "))
    }
}

/// Where a field is added to `Kind(...)` or to the bare word `Kind`.
fn place(at: &Value) -> Option<(usize, Form)> {
    match &at.kind {
        ValueKind::Word(_) => Some((at.span.end, Form::Brackets)),
        ValueKind::Call(call) if call.items.is_empty() => Some(match call.fields.last() {
            Some(last) => (last.span().end, Form::Behind),
            None => (at.span.end - 1, Form::First),
        }),
        _ => None,
    }
}
