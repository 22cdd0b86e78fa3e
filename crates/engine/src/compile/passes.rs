//! In which pass every node runs.
//!
//! A node that must hear the whole programme first runs a pass later than what it hears. Nodes that are free to run
//! early or late are put where the fewest bytes have to be kept between passes: a minimum cut. The programme itself is
//! read again rather than kept, so its wires weigh nothing.

use deadwax_graph::model::{From, Graph, To};
use petgraph::algo::ford_fulkerson;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;
use std::collections::BTreeMap;

/// Heavier than any sum of wires: a cut never goes through it.
const NEVER: u64 = 1 << 50;

/// What decides about passes.
pub(super) struct Wish<'a> {
    pub(super) graph: &'a Graph,
    /// Topological order.
    pub(super) order: &'a [usize],
    /// Whether the node must hear the whole programme first.
    pub(super) whole: &'a [bool],
    /// Bytes per second that an output port gives.
    pub(super) weight: &'a dyn Fn(usize, usize) -> u64,
}

/// The pass of every node, from 0.
pub(super) fn assign(wish: &Wish<'_>) -> Vec<usize> {
    let early = earliest(wish);
    let last = early.iter().copied().max().unwrap_or(0);
    let late = latest(wish, &early, last);
    let mut pass = early.clone();
    // Boundary by boundary: who runs in `boundary` or before? Nodes put before an earlier boundary stay there.
    let mut decided = vec![false; early.len()];
    for boundary in 0..last {
        let before = cut(wish, |node| {
            if decided[node] || late[node] <= boundary {
                Some(true)
            } else if early[node] > boundary {
                Some(false)
            } else {
                None
            }
        });
        for node in 0..early.len() {
            if before[node] && !decided[node] {
                decided[node] = true;
                pass[node] = boundary.max(early[node]);
            }
        }
    }
    for node in 0..early.len() {
        if !decided[node] {
            pass[node] = last;
        }
    }
    pass
}

fn earliest(wish: &Wish<'_>) -> Vec<usize> {
    let mut early: Vec<usize> = wish.whole.iter().map(|whole| usize::from(*whole)).collect();
    let mut heard: Vec<Vec<(usize, usize)>> = vec![Vec::new(); early.len()];
    for wire in &wish.graph.wires {
        if let (From::Node(from, _), To::Node(to, port)) = (wire.from, wire.to) {
            heard[to.0].push((from.0, port));
        }
    }
    for &node in wish.order {
        for &(from, port) in &heard[node] {
            let wait = usize::from(wish.whole[node] && port == 0);
            early[node] = early[node].max(early[from] + wait);
        }
    }
    early
}

/// Nodes that hear the whole programme run as early as they can; what they hear runs before.
fn latest(wish: &Wish<'_>, early: &[usize], last: usize) -> Vec<usize> {
    let mut late = vec![last; early.len()];
    let mut heard_by: Vec<Vec<(usize, usize)>> = vec![Vec::new(); early.len()];
    for wire in &wish.graph.wires {
        if let (From::Node(from, _), To::Node(to, port)) = (wire.from, wire.to) {
            heard_by[from.0].push((to.0, port));
        }
    }
    for &node in wish.order.iter().rev() {
        for &(to, port) in &heard_by[node] {
            let before = if wish.whole[to] && port == 0 { late[to].saturating_sub(1) } else { late[to] };
            late[node] = late[node].min(before);
        }
        if wish.whole[node] {
            late[node] = early[node];
        }
    }
    late
}

/// Divides the nodes in two with the least weight between; `side` says who must be before (`Some(true)`) or behind.
fn cut(wish: &Wish<'_>, side: impl Fn(usize) -> Option<bool>) -> Vec<bool> {
    let nodes = wish.graph.nodes.len();
    let mut net = DiGraph::<(), u64>::new();
    for _ in 0..nodes + 2 {
        net.add_node(());
    }
    let (source, sink) = (NodeIndex::new(nodes), NodeIndex::new(nodes + 1));
    for node in 0..nodes {
        match side(node) {
            Some(true) => {
                net.add_edge(source, NodeIndex::new(node), NEVER);
            }
            Some(false) => {
                net.add_edge(NodeIndex::new(node), sink, NEVER);
            }
            None => {}
        }
    }
    // A port's frames are kept once, however many nodes read them: so each port is a place of its own.
    let mut ports: BTreeMap<(usize, usize), NodeIndex> = BTreeMap::new();
    for wire in &wish.graph.wires {
        let (From::Node(from, port), To::Node(to, _)) = (wire.from, wire.to) else { continue };
        let (from, to) = (from.0, NodeIndex::new(to.0));
        let place = *ports.entry((from, port)).or_insert_with(|| {
            let place = net.add_node(());
            net.add_edge(NodeIndex::new(from), place, (wish.weight)(from, port));
            place
        });
        net.add_edge(place, to, NEVER);
        // What is heard never runs behind who hears it.
        net.add_edge(to, NodeIndex::new(from), NEVER);
    }
    let (_, flows) = ford_fulkerson(&net, source, sink);
    reached(&net, &flows, source)[..nodes].to_vec()
}

/// Who can be reached from `source` where the flow leaves room.
fn reached(net: &DiGraph<(), u64>, flows: &[u64], source: NodeIndex) -> Vec<bool> {
    let mut reached = vec![false; net.node_count()];
    let mut stack = vec![source];
    while let Some(node) = stack.pop() {
        if std::mem::replace(&mut reached[node.index()], true) {
            continue;
        }
        let onward = net
            .edges(node)
            .filter(|edge| flows[edge.id().index()] < *edge.weight())
            .map(|edge| edge.target());
        let back = net.edges_directed(node, petgraph::Incoming);
        let back = back.filter(|edge| flows[edge.id().index()] > 0).map(|edge| edge.source());
        stack.extend(onward.chain(back).filter(|next| !reached[next.index()]));
    }
    reached
}
