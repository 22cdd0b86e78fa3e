//! Edits by splice: only the bytes of what changes change. Comments, digits and order stay as their author left them.

use crate::brackets::{append, cut};
pub use crate::brackets::{insert, reorder};
use crate::splices::{Nodes, Splices};
use crate::tree::{Entry, Span, Value, ValueKind, parse};
use std::ops::Range;
use thiserror::Error;

/// An edit that cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EditError {
    /// The text is no graph that could be edited.
    #[error("the file has errors of its own; mend them first")]
    Broken,
    /// There is nothing at the path.
    #[error("there is nothing at `{path}`")]
    NoSuchPath {
        /// The path.
        path: String,
    },
    /// The new value is no value.
    #[error("`{value}` is no value")]
    BadValue {
        /// The new value.
        value: String,
    },
    /// A node or wire of that name is there already, or the name is none.
    #[error("`{name}` cannot be added: {reason}")]
    BadName {
        /// The name.
        name: String,
        /// Why not.
        reason: &'static str,
    },
}

/// A text after an edit, and where the edit is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edited {
    /// The whole text.
    pub text: String,
    /// What is new.
    pub span: Span,
}

/// The tree of a text that has no errors of its own.
///
/// # Errors
/// When it has some.
pub fn tree(text: &str) -> Result<Value, EditError> {
    let mut errors = Vec::new();
    let root = parse(text, 0, &mut errors);
    if errors.is_empty() { Ok(root) } else { Err(EditError::Broken) }
}

/// Whether `text` is one value and nothing else.
#[must_use]
pub fn is_value(text: &str) -> bool {
    let mut errors = Vec::new();
    let value = parse(text, 0, &mut errors);
    errors.is_empty() && value.kind != ValueKind::Broken && value.span == (0..text.len())
}

/// The text with `new` in the place of the bytes at `span`.
#[must_use]
pub fn splice(text: &str, span: Range<usize>, new: &str) -> Edited {
    let text = format!("{}{new}{}", &text[..span.start], &text[span.end..]);
    Edited { text, span: span.start..span.start + new.len() }
}

/// The value a short path means, as in `sides.air.gain_db`: a step that is no field is looked for among the entries of
/// the node's maps. Gives back the value, or the innermost value that is there and the one step that is missing.
pub(crate) fn find<'a, 'p>(
    nodes: &'a Value,
    path: &'p str,
) -> Result<&'a Value, Option<(&'a Value, &'p str)>> {
    let mut at = nodes;
    let mut steps = path.split('.').peekable();
    while let Some(step) = steps.next() {
        let direct = at.at_path(step);
        let through = || {
            let maps = at.entries().iter().filter(|entry| matches!(entry.value.kind, ValueKind::Map(_)));
            let mut found = maps.filter_map(|map| map.value.entry(step));
            found.next().filter(|_| found.next().is_none()).map(|entry| &entry.value)
        };
        match direct.filter(|_| !step.is_empty()).or_else(through) {
            Some(value) => at = value,
            None if steps.peek().is_none() => return Err(Some((at, step))),
            None => return Err(None),
        }
    }
    Ok(at)
}

/// Sets the value at `path` (`glue.ratio`; below `nodes`) to `value`, as one would write it. A field that the node does
/// not mention is added to it.
///
/// # Errors
/// When the text is no graph, the path leads nowhere, or the value is none.
pub fn set(text: &str, path: &str, value: &str) -> Result<Edited, EditError> {
    let root = tree(text)?;
    let mut splices = Splices::default();
    splices.set(&Nodes::of(&root), path, value)?;
    let span = splices.place_of_only().ok_or_else(|| EditError::NoSuchPath { path: path.to_owned() })?;
    Ok(Edited { text: splices.apply(text), span })
}

/// Sets the value at `path` of the whole document, as in `about.title`, `params.glue.max` or `presets.dense.air`. A part that
/// its brackets do not mention is added to them.
///
/// # Errors
/// When the text is no graph, the path leads nowhere, or the value is none.
pub fn set_part(text: &str, path: &str, value: &str) -> Result<Edited, EditError> {
    let root = tree(text)?;
    let value = value.trim();
    if !is_value(value) {
        return Err(EditError::BadValue { value: value.to_owned() });
    }
    if let Some(found) = root.at_path(path) {
        return Ok(splice(text, found.span.clone(), value));
    }
    let missing = || EditError::NoSuchPath { path: path.to_owned() };
    let (outer, name) = path.rsplit_once('.').ok_or_else(missing)?;
    let outer =
        root.at_path(outer).filter(|outer| is_name(name) && takes_entries(outer)).ok_or_else(missing)?;
    let last = outer.entries().last().map(Entry::span);
    let lead = format!("{name}: ");
    let mut edited = append(text, outer, last, &format!("{lead}{value}"));
    let at = edited.text[edited.span.clone()].find(&lead).map_or(0, |at| at + lead.len());
    edited.span = edited.span.start + at..edited.span.start + at + value.len();
    Ok(edited)
}

fn takes_entries(value: &Value) -> bool {
    match &value.kind {
        ValueKind::Map(_) => true,
        ValueKind::Call(call) => call.items.is_empty(),
        _ => false,
    }
}

/// The text of the value at `path`, where a document mentions it: below `nodes`, as [`set`] finds it, or of the whole
/// document, as [`set_part`] does.
///
/// # Errors
/// When the text is no graph.
pub fn value_at<'t>(text: &'t str, path: &str) -> Result<Option<&'t str>, EditError> {
    let root = tree(text)?;
    let (name, rest) = path.split_once('.').map_or((path, ""), |(name, rest)| (name, rest));
    let node = root.entry("nodes").and_then(|nodes| nodes.value.entry(name));
    let found = match node {
        Some(node) if rest.is_empty() => Some(&node.value),
        Some(node) => find(&node.value, rest).ok(),
        None => root.at_path(path),
    };
    Ok(found.map(|value| &text[value.span.clone()]))
}

/// The text of the value at `path` of the whole document, as [`set_part`] finds it, whatever nodes are called.
///
/// # Errors
/// When the text is no graph.
pub fn part_at<'t>(text: &'t str, path: &str) -> Result<Option<&'t str>, EditError> {
    Ok(tree(text)?.at_path(path).map(|value| &text[value.span.clone()]))
}

fn section<'a>(root: &'a Value, name: &str) -> Result<&'a Value, EditError> {
    root.entry(name).map(|entry| &entry.value).ok_or_else(|| EditError::NoSuchPath { path: name.to_owned() })
}

/// Whether a field may have this name: `[a-z][a-z0-9_]*`.
pub(crate) fn is_name(name: &str) -> bool {
    let mut letters = name.bytes();
    letters.next().is_some_and(|first| first.is_ascii_lowercase())
        && letters.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// Whether a node may have this name: that of a field, and neither `input` nor `output`.
#[must_use]
pub fn is_node_name(name: &str) -> bool {
    is_name(name) && !matches!(name, "input" | "output")
}

/// Adds a node behind the last one; `body` as one would write it, `Gain(gain_db: -3)`.
///
/// # Errors
/// When the text is no graph, the name is taken or none, or the body is no value.
pub fn add_node(text: &str, name: &str, body: &str) -> Result<Edited, EditError> {
    let root = tree(text)?;
    let nodes = section(&root, "nodes")?;
    if !is_value(body) {
        return Err(EditError::BadValue { value: body.to_owned() });
    }
    let refused = |reason| Err(EditError::BadName { name: name.to_owned(), reason });
    if !is_node_name(name) {
        return refused("names are lower case, begin with a letter, and are not `input` or `output`");
    }
    if nodes.entry(name).is_some() {
        return refused("there is such a node already");
    }
    let last = nodes.entries().last().map(Entry::span);
    Ok(append(text, nodes, last, &format!("{name}: {body}")))
}

/// Adds a wire behind the last one, as in `a -> b`.
///
/// # Errors
/// When the text is no graph, or the wire has a quote in it.
pub fn add_wire(text: &str, wire: &str) -> Result<Edited, EditError> {
    let root = tree(text)?;
    let wires = section(&root, "wires")?;
    let ValueKind::List(items) = &wires.kind else {
        return Err(EditError::NoSuchPath { path: "wires".into() });
    };
    if wire.contains(['"', '\\', '\n']) {
        return Err(EditError::BadValue { value: wire.to_owned() });
    }
    Ok(append(text, wires, items.last().map(|item| item.span.clone()), &format!("\"{wire}\"")))
}

/// Lets the graph say that what `node` has learnt lies in the file `path`: in the part `learned`, which is added in front of
/// the nodes when there is none.
///
/// # Errors
/// When the text is no graph, or the name or the path cannot stand in it.
pub fn set_learned(text: &str, node: &str, path: &str) -> Result<Edited, EditError> {
    let root = tree(text)?;
    if path.contains(['"', '\\', '\n']) {
        return Err(EditError::BadValue { value: path.to_owned() });
    }
    if !is_node_name(node) {
        return Err(EditError::NoSuchPath { path: node.to_owned() });
    }
    let new = format!("\"{path}\"");
    if let Some(learned) = root.entry("learned").map(|entry| &entry.value) {
        if let Some(known) = learned.entry(node) {
            return Ok(splice(text, known.value.span.clone(), &new));
        }
        let last = learned.entries().last().map(Entry::span);
        return Ok(append(text, learned, last, &format!("{node}: {new}")));
    }
    let nodes = root.entry("nodes").ok_or_else(|| EditError::NoSuchPath { path: "nodes".into() })?;
    let at = nodes.key_span.start;
    let line_start = text[..at].rfind('\n').map_or(0, |at| at + 1);
    let indent = &text[line_start..at];
    if !indent.trim().is_empty() {
        return Ok(splice(text, at..at, &format!("learned: {{ {node}: {new} }}, ")));
    }
    let part = format!("learned: {{\n{indent}{indent}{node}: {new},\n{indent}}},\n\n{indent}");
    Ok(splice(text, at..at, &part))
}

/// The files that a graph names: graphs, recordings, and what nodes have learnt.
///
/// # Errors
/// When the text is no graph.
pub fn names_of_other_files(text: &str) -> Result<Vec<String>, EditError> {
    let root = tree(text)?;
    let parts = ["use", "assets", "learned"].into_iter().filter_map(|part| root.entry(part));
    let named = parts.flat_map(|part| part.value.entries()).filter_map(|entry| match &entry.value.kind {
        ValueKind::Text(path) => Some(path.clone()),
        _ => None,
    });
    Ok(named.collect())
}

/// Gives the graph another name, where it says one.
///
/// # Errors
/// When the text is no graph, or the name cannot stand in it.
pub fn set_about_name(text: &str, name: &str) -> Result<String, EditError> {
    let root = tree(text)?;
    if name.contains(['"', '\\', '\n']) {
        return Err(EditError::BadValue { value: name.to_owned() });
    }
    let said = root.entry("about").and_then(|about| about.value.entry("name"));
    Ok(match said {
        Some(said) => splice(text, said.value.span.clone(), &format!("\"{name}\"")).text,
        None => text.to_owned(),
    })
}

/// Removes a node and every wire that names it.
///
/// # Errors
/// When the text is no graph, or has no such node.
pub fn remove_node(text: &str, name: &str) -> Result<Edited, EditError> {
    let root = tree(text)?;
    let nodes = section(&root, "nodes")?;
    let entry = nodes.entry(name).ok_or_else(|| EditError::NoSuchPath { path: name.to_owned() })?;
    let mut edited = cut(text, nodes, entry.span());
    while let Some(wire) = wires_naming(&edited.text, name)?.into_iter().next() {
        edited = remove_wire(&edited.text, &wire)?;
    }
    Ok(edited)
}

fn wires_naming(text: &str, name: &str) -> Result<Vec<String>, EditError> {
    let root = tree(text)?;
    let Ok(wires) = section(&root, "wires") else { return Ok(Vec::new()) };
    let ValueKind::List(items) = &wires.kind else { return Ok(Vec::new()) };
    let named = items.iter().filter_map(|item| match &item.kind {
        ValueKind::Text(wire) => Some(wire.clone()),
        _ => None,
    });
    let names = |wire: &String| crate::wire::ends(wire).any(|end| end.node == name);
    Ok(named.filter(names).collect())
}

/// Removes the wire that is written like that.
///
/// # Errors
/// When the text is no graph, or has no such wire.
pub fn remove_wire(text: &str, wire: &str) -> Result<Edited, EditError> {
    let root = tree(text)?;
    let wires = section(&root, "wires")?;
    let ValueKind::List(items) = &wires.kind else {
        return Err(EditError::NoSuchPath { path: "wires".into() });
    };
    let found = items.iter().find(|item| matches!(&item.kind, ValueKind::Text(said) if said == wire));
    let found = found.ok_or_else(|| EditError::NoSuchPath { path: wire.to_owned() })?;
    Ok(cut(text, wires, found.span.clone()))
}
