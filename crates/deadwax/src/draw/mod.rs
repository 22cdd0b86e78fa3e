//! Pictures of graphs: for the terminal, as SVG, for Graphviz, for Markdown.
//!
//! No graph file holds a position: where things stand is computed here, the same for everyone.

mod layout;
mod svg;
mod text;

pub use svg::svg;
pub use text::{dot, mermaid, terminal};

use crate::levels::Levels;
use deadwax_graph::Graph;
use deadwax_graph::model::{From, NodeId, To};
use std::collections::BTreeSet;

/// A box in a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Item {
    title: String,
    /// The kind; empty for the graph's own ends.
    kind: String,
    on: bool,
}

/// A line between boxes, with the ports' names where a node has several.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Link {
    from: usize,
    to: usize,
    from_port: String,
    to_port: String,
    /// Whether the wire ends at another input than the main one: a side-chain.
    side: bool,
    /// How loud it is, where that was heard. Wires that leave one place together carry the same, so it is said once.
    level: Option<String>,
}

/// The graph as boxes and lines: inputs, nodes, outputs.
struct Picture {
    items: Vec<Item>,
    links: Vec<Link>,
}

impl Picture {
    fn of(graph: &Graph, levels: &Levels) -> Self {
        let end = |name: &String, main: &str| {
            let title = if name == main { name.clone() } else { format!("{main}.{name}") };
            Item { title, kind: String::new(), on: true }
        };
        let mut items: Vec<Item> = graph.inputs.iter().map(|name| end(name, "input")).collect();
        let first_node = items.len();
        items.extend(graph.nodes.iter().enumerate().map(|(id, node)| {
            let lane = if node.lane == deadwax_node::Lane::Both {
                String::new()
            } else {
                format!(" · {}", node.lane.name())
            };
            let off = if node.on { "" } else { " · off" };
            let is_ghost = graph.ghost(NodeId(id)).is_some();
            let unknown = if is_ghost { " · unknown" } else { "" };
            Item {
                title: node.name.clone(),
                kind: format!("{}{unknown}{lane}{off}", graph.kind(NodeId(id))),
                on: node.on && !is_ghost,
            }
        }));
        let first_output = items.len();
        items.extend(graph.outputs.iter().map(|name| end(name, "output")));
        let mut said = BTreeSet::new();
        let links = graph.wires.iter().map(|wire| {
            let (from, from_port) = match wire.from {
                From::Input(index) => (index, String::new()),
                From::Node(node, port) => {
                    let ports = graph.nodes[node.0].node.ports().outputs;
                    let name = if ports.len() > 1 { ports[port].name.to_string() } else { String::new() };
                    (first_node + node.0, name)
                }
            };
            let (to, to_port, side) = match wire.to {
                To::Output(index) => (first_output + index, String::new(), false),
                To::Node(node, port) => {
                    let ports = graph.nodes[node.0].node.ports().inputs;
                    let named = port > 0 || ports.iter().filter(|port| port.required).count() > 1;
                    let name = if named { ports[port].name.to_string() } else { String::new() };
                    (first_node + node.0, name, !ports[port].required)
                }
            };
            let level = levels.get(&wire.from).filter(|_| said.insert(wire.from)).map(|level| shown(*level));
            Link { from, to, from_port, to_port, side, level }
        });
        Self { items, links: links.collect() }
    }
}

/// `−18.3 dB`, below a full-scale sine.
fn shown(level_db: Option<f64>) -> String {
    level_db.map_or_else(|| "silent".to_owned(), |db| format!("{db:.1} dB").replace('-', "\u{2212}"))
}
