//! What only the text of a graph tells: nodes that stand for other graphs, and the files that it names.

use crate::model::Graph;
use crate::tree::{Value, ValueKind, parse};

/// What a graph's own file declares.
pub(super) struct Declared {
    text: String,
    root: Value,
}

impl Declared {
    pub(super) fn of(graph: &Graph) -> Self {
        let text = graph.sources.get(0).map(|source| source.text.clone()).unwrap_or_default();
        let root = parse(&text, 0, &mut Vec::new());
        Self { text, root }
    }

    /// The entries of a section, with what their values say.
    pub(super) fn section(&self, name: &str) -> Vec<(String, String)> {
        let entries = self.root.entry(name).map_or(&[][..], |section| section.value.entries());
        let said = |value: &Value| self.text.get(value.span.clone()).unwrap_or_default().to_owned();
        entries.iter().map(|entry| (entry.key.clone(), said(&entry.value))).collect()
    }

    /// The kind of a node, or the name of the graph that stands in its place.
    pub(super) fn kind(&self, node: &str) -> Option<String> {
        match &self.root.entry("nodes")?.value.entry(node)?.value.kind {
            ValueKind::Word(word) => Some(word.clone()),
            ValueKind::Call(call) => call.name.as_ref().map(|(name, _)| name.clone()),
            _ => None,
        }
    }
}
