//! The outline of a file for people: its parts, and what has a name in them.

use crate::outline::kind_of;
use deadwax_graph::tree::{Entry, Span, Value, ValueKind, parse};

/// What something in an outline is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// A part of the document.
    Part,
    /// Something that has a name: a node, a track, a param.
    Named,
}

/// Something in an outline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// Its name.
    pub name: String,
    /// A few words beside it.
    pub detail: String,
    /// What it is.
    pub sort: Sort,
    /// All of its bytes.
    pub span: Span,
    /// The bytes of its name.
    pub name_span: Span,
    /// What is in it.
    pub inside: Vec<Self>,
}

/// The outline of a graph or an album, as far as its text can be read.
#[must_use]
pub fn symbols(text: &str) -> Vec<Symbol> {
    let root = parse(text, 0, &mut Vec::new());
    root.entries().iter().map(|part| symbol(part, Sort::Part, named(part))).collect()
}

fn symbol(entry: &Entry, sort: Sort, inside: Vec<Symbol>) -> Symbol {
    let title = entry.value.entry("title").map(|title| &title.value.kind);
    let detail = match title {
        Some(ValueKind::Text(title)) => title.clone(),
        _ => kind_of(&entry.value).map(|(kind, _)| kind).unwrap_or_default(),
    };
    Symbol {
        name: entry.key.clone(),
        detail,
        sort,
        span: entry.span(),
        name_span: entry.key_span.clone(),
        inside,
    }
}

/// What has a name in a part: the entries of maps, and of what they hold in turn.
fn named(part: &Entry) -> Vec<Symbol> {
    let maps = |value: &Value| matches!(value.kind, ValueKind::Map(_));
    match &part.value.kind {
        ValueKind::Map(entries) => {
            let inner = |entry: &Entry| {
                entry.value.entries().iter().filter(|inner| maps(&inner.value)).flat_map(named).collect()
            };
            entries.iter().map(|entry| symbol(entry, Sort::Named, inner(entry))).collect()
        }
        _ => Vec::new(),
    }
}
