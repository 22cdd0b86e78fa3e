//! The graph that is run in the place of the one that was asked for.

use super::nodes::Kept;
use super::store::Entry;
use deadwax_graph::Graph;
use deadwax_graph::model::{From, Node, NodeId, Origin, To, Wire};
use deadwax_node::{AnyNode, Lane};
use std::collections::{BTreeMap, BTreeSet};

/// A graph with kept stages in the place of nodes.
pub(super) struct Rewritten {
    pub(super) graph: Graph,
    /// The stages that are read.
    pub(super) used: Vec<Entry>,
    /// The names of the nodes that are not in it any more.
    pub(super) dropped: BTreeSet<String>,
    /// Where a wire of the graph begins in this one.
    pub(super) places: BTreeMap<From, From>,
}

/// A copy of `graph` in which every wire of `known` that something still hears is read, and nothing runs that only such
/// wires hear.
pub(super) fn with_known(graph: &Graph, mut known: BTreeMap<From, Entry>) -> Option<Rewritten> {
    let (needed, read) = needed(graph, &known);
    let mut places = BTreeMap::new();
    let mut nodes = Vec::new();
    let mut dropped = BTreeSet::new();
    for (id, node) in graph.nodes.iter().enumerate() {
        if needed[id] {
            for port in 0..node.node.ports().outputs.len() {
                places.insert(From::Node(NodeId(id), port), From::Node(NodeId(nodes.len()), port));
            }
            nodes.push(node.clone());
        } else {
            dropped.insert(node.name.clone());
        }
    }
    let new_id: BTreeMap<usize, NodeId> = (0..graph.nodes.len())
        .filter(|id| needed[*id])
        .enumerate()
        .map(|(new, old)| (old, NodeId(new)))
        .collect();
    let (mut wires, mut used) = (Vec::new(), Vec::new());
    for from in read {
        let (entry, From::Node(old, _)) = (known.remove(&from)?, from) else { continue };
        let id = NodeId(nodes.len());
        let kept = Kept { file: entry.file.clone(), channels: entry.channels };
        nodes.push(placed(format!("kept {}", id.0), Box::new(kept), graph.nodes[old.0].origin.clone()));
        wires.push(Wire { from: From::Input(0), to: To::Node(id, 0), origin: Origin::default() });
        places.insert(from, From::Node(id, 0));
        used.push(entry);
    }
    for wire in &graph.wires {
        let to = match wire.to {
            To::Output(output) => To::Output(output),
            To::Node(node, port) => match new_id.get(&node.0) {
                Some(new) => To::Node(*new, port),
                None => continue,
            },
        };
        let from = match wire.from {
            From::Input(input) => From::Input(input),
            from => *places.get(&from)?,
        };
        wires.push(Wire { from, to, origin: wire.origin.clone() });
    }
    let graph = Graph { nodes, wires, ..graph.clone() };
    Some(Rewritten { graph, used, dropped, places })
}

/// Which nodes must run, and which known wires are read: all that leads to an output, or to a node that nothing hears.
fn needed(graph: &Graph, known: &BTreeMap<From, Entry>) -> (Vec<bool>, BTreeSet<From>) {
    let mut needed = vec![false; graph.nodes.len()];
    let mut read = BTreeSet::new();
    let heard =
        |id: usize| graph.wires.iter().any(|wire| matches!(wire.from, From::Node(node, _) if node.0 == id));
    let mut stack: Vec<To> = (0..graph.outputs.len()).map(To::Output).collect();
    for id in (0..graph.nodes.len()).filter(|id| !heard(*id)) {
        needed[id] = true;
        stack.extend(inputs(graph, id));
    }
    while let Some(to) = stack.pop() {
        for wire in graph.wires.iter().filter(|wire| wire.to == to) {
            let From::Node(node, _) = wire.from else { continue };
            if known.contains_key(&wire.from) {
                read.insert(wire.from);
            } else if !std::mem::replace(&mut needed[node.0], true) {
                stack.extend(inputs(graph, node.0));
            }
        }
    }
    // A node that runs for one of its outputs gives the others, too.
    read.retain(|from| matches!(from, From::Node(node, _) if !needed[node.0]));
    (needed, read)
}

fn inputs(graph: &Graph, id: usize) -> impl Iterator<Item = To> {
    (0..graph.nodes[id].node.ports().inputs.len()).map(move |port| To::Node(NodeId(id), port))
}

/// Puts `node` behind where all wires from `from` begin.
pub(super) fn behind(graph: &mut Graph, from: From, node: Box<dyn AnyNode>) {
    let id = NodeId(graph.nodes.len());
    graph.nodes.push(placed(format!("keep {}", id.0), node, Origin::default()));
    for wire in graph.wires.iter_mut().filter(|wire| wire.from == from) {
        wire.from = From::Node(id, 0);
    }
    graph.wires.push(Wire { from, to: To::Node(id, 0), origin: Origin::default() });
}

/// A node of no file: no node of a file has a blank in its name.
fn placed(name: String, node: Box<dyn AnyNode>, origin: Origin) -> Node {
    Node { name, node, on: true, lane: Lane::Both, note: None, origin }
}
