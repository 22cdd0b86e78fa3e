//! The parts of a graph file as declarations; nothing is looked up yet.

use crate::model::About;
use crate::tree::{Span, Value};
use deadwax_node::Lane;
use std::collections::HashMap;

/// A graph file, part by part.
#[derive(Debug, Default)]
pub(super) struct Document {
    pub(super) file: usize,
    pub(super) about: About,
    pub(super) uses: Vec<UseDecl>,
    pub(super) assets: Vec<AssetDecl>,
    /// What nodes have learnt, declared by the node's name as used graphs are.
    pub(super) learned: Vec<UseDecl>,
    pub(super) params: Vec<ParamDecl>,
    pub(super) presets: Vec<PresetDecl>,
    pub(super) nodes: Vec<NodeDecl>,
    pub(super) wires: Vec<WireDecl>,
    /// Where in `nodes` each name is.
    places: HashMap<String, usize>,
}

impl Document {
    /// An empty file of that number.
    pub(super) fn of(file: usize) -> Self {
        Self { file, ..Self::default() }
    }

    /// Notes where each node is, once all are there.
    pub(super) fn index(&mut self) {
        let places = self.nodes.iter().enumerate().map(|(number, node)| (node.name.clone(), number));
        self.places = places.collect();
    }

    /// The number of the node called `name`.
    pub(super) fn node(&self, name: &str) -> Option<usize> {
        self.places.get(name).copied()
    }

    /// The node called `name`.
    pub(super) fn node_decl(&self, name: &str) -> Option<&NodeDecl> {
        self.node(name).map(|number| &self.nodes[number])
    }
}

#[derive(Debug)]
pub(super) struct UseDecl {
    pub(super) name: String,
    pub(super) name_span: Span,
    pub(super) path: String,
    pub(super) path_span: Span,
}

/// A recording.
#[derive(Debug)]
pub(super) struct AssetDecl {
    pub(super) name: String,
    pub(super) span: Span,
    pub(super) source: AssetSource,
}

/// Where a recording comes from.
#[derive(Debug)]
pub(super) enum AssetSource {
    /// The file at this path.
    Path(String),
    /// Whoever uses the graph, who is told this.
    Ask(String),
}

/// A param, or a macro: then it sets nothing, and has a dial.
#[derive(Debug)]
pub(super) struct ParamDecl {
    pub(super) name: String,
    pub(super) span: Span,
    pub(super) sets: Vec<(String, Span)>,
    pub(super) dial: Option<DialDecl>,
    pub(super) min: Option<(f64, Span)>,
    pub(super) max: Option<(f64, Span)>,
    pub(super) help: String,
}

/// What only a macro has.
#[derive(Debug, Default)]
pub(super) struct DialDecl {
    pub(super) default: Option<(f64, Span)>,
    pub(super) drives: Vec<DriveDecl>,
}

/// A field that a macro drives: its path, and its values at 0 and at 1.
#[derive(Debug)]
pub(super) struct DriveDecl {
    pub(super) path: String,
    pub(super) span: Span,
    pub(super) ends: [(f64, Span); 2],
    /// Whether equal steps of the dial are equal ratios of the field.
    pub(super) is_log: bool,
}

#[derive(Debug)]
pub(super) struct PresetDecl {
    pub(super) name: String,
    /// Params, where they are named, and the values' bytes.
    pub(super) values: Vec<(String, Span, Span)>,
}

#[derive(Debug)]
pub(super) struct NodeDecl {
    pub(super) name: String,
    pub(super) name_span: Span,
    pub(super) kind: String,
    pub(super) kind_span: Span,
    pub(super) value: Value,
    pub(super) on: bool,
    pub(super) lane: Lane,
    pub(super) lane_span: Option<Span>,
    pub(super) note: Option<String>,
}

#[derive(Debug)]
pub(super) struct WireDecl {
    pub(super) ends: Vec<EndDecl>,
}

#[derive(Debug)]
pub(super) struct EndDecl {
    pub(super) node: String,
    pub(super) port: Option<String>,
    pub(super) span: Span,
}
