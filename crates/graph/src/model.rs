//! The graph, resolved: typed nodes and wires between their ports. What the engine compiles.

use deadwax_node::{AnyNode, Lane};
use std::ops::Range;

/// The number of a node in [`Graph::nodes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub usize);

/// A place in one of the files a graph was read from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The number of the file in the source map; 0 is the graph itself.
    pub file: usize,
    /// Bytes in that file.
    pub span: Range<usize>,
}

/// A node of a resolved graph.
#[derive(Debug)]
pub struct Node {
    /// Its name; `outer/inner` for a node of a graph used as a node.
    pub name: String,
    /// The typed node.
    pub node: Box<dyn AnyNode>,
    /// Whether it works; else it is bypassed.
    pub on: bool,
    /// What part of a stereo signal it works on.
    pub lane: Lane,
    /// A remark for people.
    pub note: Option<String>,
    /// Where it stands.
    pub origin: Origin,
}

/// Where a wire begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum From {
    /// The graph's input, by its number in [`Graph::inputs`].
    Input(usize),
    /// An output port of a node.
    Node(NodeId, usize),
}

/// Where a wire ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum To {
    /// The graph's output, by its number in [`Graph::outputs`].
    Output(usize),
    /// An input port of a node.
    Node(NodeId, usize),
}

/// A wire from an output port to an input port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wire {
    /// Where it begins.
    pub from: From,
    /// Where it ends.
    pub to: To,
    /// Where it stands.
    pub origin: Origin,
}

/// A resolved graph. Nodes and wires are in the order of the file.
#[derive(Debug, Default)]
pub struct Graph {
    /// The graph's own name.
    pub name: String,
    /// The nodes.
    pub nodes: Vec<Node>,
    /// The wires, every one between two ports.
    pub wires: Vec<Wire>,
    /// Names of the inputs: `input` first, then `input.NAME` as `NAME`.
    pub inputs: Vec<String>,
    /// Names of the outputs: `output` first, then `output.NAME` as `NAME`.
    pub outputs: Vec<String>,
}
