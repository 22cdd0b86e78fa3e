//! How many blocks every ring must hold.
//!
//! To publish block *k* of a wire, the input must have been read up to the block's end plus a **lead**: what the nodes on
//! the way look ahead, rounded up to whole blocks. Where wires of different lead meet, the ring of the faster one has to
//! hold what comes in until the slower one has delivered: ⌈(longest lead at the node − its own) / block⌉ + 2 blocks. With
//! any constant instead, a graph in which one branch looks far ahead would come to a standstill.

use crate::plan::{Consumer, Edge, Pass, Producer};
use crate::rational::Seconds;
use std::collections::BTreeMap;

/// What a node adds to the lead: at least, and at most (a node that works in chunks waits for up to a whole one).
pub(super) struct Ahead {
    pub(super) least: Seconds,
    pub(super) most: Seconds,
}

/// Sets the capacities of one pass. `ahead` says what a cluster, by its first node, looks ahead.
pub(super) fn size(pass: &mut Pass, ahead: &BTreeMap<usize, Ahead>, block: usize) {
    let first: BTreeMap<usize, usize> =
        pass.clusters.iter().flat_map(|cluster| cluster.iter().map(|id| (*id, cluster[0]))).collect();
    let arrivals = arrivals(pass, &first, ahead);
    let mut needed: Vec<u64> = vec![0; pass.edges.len()];
    for cluster in &pass.clusters {
        let inputs = inputs_of(&pass.edges, &first, cluster[0]);
        let longest = inputs.iter().filter_map(|edge| Some(arrivals[*edge].as_ref()?.most)).max();
        for edge in inputs {
            let (Some(longest), Some(own)) = (longest, &arrivals[edge]) else { continue };
            let skew = (longest - own.least).frames_up(pass.edges[edge].format.rate_hz);
            needed[edge] = needed[edge].max(skew.div_ceil(block as u64));
        }
    }
    for (edge, needed) in pass.edges.iter_mut().zip(needed) {
        edge.capacity = usize::try_from(needed).unwrap_or(usize::MAX).saturating_add(2);
    }
}

/// The edges that end at the cluster whose first node is `head`.
fn inputs_of(edges: &[Edge], first: &BTreeMap<usize, usize>, head: usize) -> Vec<usize> {
    let ends = |edge: &Edge| {
        edge.to.iter().any(|to| matches!(to, Consumer::Node { node, .. } if first.get(node) == Some(&head)))
    };
    (0..edges.len()).filter(|edge| ends(&edges[*edge])).collect()
}

/// The lead of every edge, in the order of the clusters, which is topological.
fn arrivals(
    pass: &Pass,
    first: &BTreeMap<usize, usize>,
    ahead: &BTreeMap<usize, Ahead>,
) -> Vec<Option<Ahead>> {
    let start = || Ahead { least: Seconds::ZERO, most: Seconds::ZERO };
    let mut found: Vec<Option<Ahead>> = pass
        .edges
        .iter()
        .map(|edge| matches!(edge.from, Producer::Input | Producer::Spool(_)).then(start))
        .collect();
    // A cut chain's later pieces stand behind its first in the list, but may stand before others they hear nothing of:
    // so walk until nothing changes, at most once per cluster.
    for _ in 0..pass.clusters.len() {
        let mut changed = false;
        for cluster in &pass.clusters {
            let inputs = inputs_of(&pass.edges, first, cluster[0]);
            if inputs.iter().any(|edge| found[*edge].is_none()) {
                continue;
            }
            let least = inputs.iter().filter_map(|edge| Some(found[*edge].as_ref()?.least)).max();
            let most = inputs.iter().filter_map(|edge| Some(found[*edge].as_ref()?.most)).max();
            let (least, most) = (least.unwrap_or(Seconds::ZERO), most.unwrap_or(Seconds::ZERO));
            let own = &ahead[&cluster[0]];
            for (edge, lead) in pass.edges.iter().zip(&mut found) {
                let from_here =
                    matches!(edge.from, Producer::Node(node, _) if first.get(&node) == Some(&cluster[0]));
                if from_here && lead.is_none() {
                    *lead = Some(Ahead { least: least + own.least, most: most + own.most });
                    changed = true;
                }
            }
        }
        if !changed {
            break;
        }
    }
    found
}
