//! Topological order, the same whatever the order in which wires were added; and, for a loop, the whole of it.

use super::error::{CompileError, Place};
use deadwax_graph::model::{From, Graph, NodeId, To};
use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;
use std::collections::VecDeque;

/// The nodes' numbers, every node behind those it hears; nodes at the same depth in the order of the file.
///
/// O(nodes + wires).
pub(super) fn order(graph: &Graph) -> Result<Vec<usize>, CompileError> {
    let mut net = DiGraph::<(), usize>::with_capacity(graph.nodes.len(), graph.wires.len());
    for _ in &graph.nodes {
        net.add_node(());
    }
    for (number, wire) in graph.wires.iter().enumerate() {
        if let (From::Node(from, _), To::Node(to, _)) = (wire.from, wire.to) {
            net.add_edge(NodeIndex::new(from.0), NodeIndex::new(to.0), number);
        }
    }
    let components = tarjan_scc(&net);
    let looping =
        |component: &&Vec<NodeIndex>| component.len() > 1 || net.contains_edge(component[0], component[0]);
    if let Some(component) =
        components.iter().filter(looping).min_by_key(|c| (c.len(), c.iter().min().copied()))
    {
        return Err(explain_loop(graph, &net, component));
    }
    // Tarjan gives components against the arrows: walking back, every node comes after what it hears.
    let mut depth = vec![0_usize; graph.nodes.len()];
    for node in components.iter().rev().flatten() {
        for edge in net.edges(*node) {
            let next = edge.target().index();
            depth[next] = depth[next].max(depth[node.index()] + 1);
        }
    }
    let mut order: Vec<usize> = (0..graph.nodes.len()).collect();
    order.sort_by_key(|node| (depth[*node], *node));
    Ok(order)
}

/// The shortest loop through the component's first node, wire by wire.
fn explain_loop(graph: &Graph, net: &DiGraph<(), usize>, component: &[NodeIndex]) -> CompileError {
    let start = component.iter().min().copied().unwrap_or_default();
    let mut came_by: Vec<Option<usize>> = vec![None; graph.nodes.len()];
    let mut queue = VecDeque::from([start]);
    let mut closing = None;
    while let (Some(node), None) = (queue.pop_front(), closing) {
        let mut edges: Vec<_> = net.edges(node).collect();
        edges.sort_by_key(|edge| *edge.weight());
        for edge in edges {
            if edge.target() == start {
                closing = Some(*edge.weight());
                break;
            }
            let seen = &mut came_by[edge.target().index()];
            if seen.is_none() {
                *seen = Some(*edge.weight());
                queue.push_back(edge.target());
            }
        }
    }
    let mut wires = Vec::new();
    let mut wire = closing;
    while let Some(number) = wire {
        wires.push(number);
        let From::Node(NodeId(from), _) = graph.wires[number].from else { break };
        wire = if from == start.index() { None } else { came_by[from] };
    }
    wires.reverse();
    let name = |number: usize| match graph.wires[number].from {
        From::Node(node, _) => graph.nodes[node.0].name.clone(),
        From::Input(_) => "input".to_owned(),
    };
    let mut path: Vec<String> = wires.iter().map(|wire| name(*wire)).collect();
    path.extend(path.first().cloned());
    let wires = wires.iter().zip(path.windows(2)).map(|(wire, ends)| Place {
        origin: graph.wires[*wire].origin.clone(),
        label: format!("{} to {}", ends[0], ends[1]),
    });
    let wires = wires.collect();
    CompileError::Loop { path, wires }
}
