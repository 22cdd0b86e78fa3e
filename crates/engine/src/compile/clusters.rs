//! Which nodes work on a block together, and which rings lie between them.

use crate::plan::{Consumer, Edge, Pass, Plan, Producer, SpoolPlan};
use deadwax_graph::model::{From, Graph, To};
use deadwax_node::Format;
use std::collections::BTreeMap;

/// What is known about a node when passes are drawn up.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    pub(super) pass: usize,
    pub(super) hears_in: Option<usize>,
    /// Turns frames into as many frames: may stand in a chain.
    pub(super) stream: bool,
    pub(super) cost_ns: f64,
    pub(super) outputs: Vec<Format>,
    /// Whether a goal of this node is checked at an output, and which.
    pub(super) goal: Option<usize>,
}

/// Everything that decides about the passes of a plan.
pub(super) struct Draft<'a> {
    pub(super) graph: &'a Graph,
    pub(super) order: &'a [usize],
    pub(super) facts: &'a [Facts],
    pub(super) wires_in: &'a [Vec<Vec<usize>>],
    pub(super) input: Format,
    pub(super) workers: usize,
}

/// All passes, with the wires kept between them. Capacities of the edges come later.
pub(super) fn draw_up(draft: &Draft<'_>) -> (Vec<Pass>, Vec<SpoolPlan>) {
    let last = draft.facts.iter().map(|facts| facts.pass).max().unwrap_or(0);
    let mut spools = Vec::new();
    let mut edges: Vec<BTreeMap<usize, Edge>> = vec![BTreeMap::new(); last + 1];
    let readers = readers(draft, last);
    for (from, uses) in &readers {
        add_edges(draft, *from, uses, &mut edges, &mut spools);
    }
    let passes = edges.into_iter().enumerate().map(|(number, edges)| {
        let edges: Vec<Edge> = edges.into_values().collect();
        Pass { clusters: clusters(draft, number, &edges), edges }
    });
    (passes.collect(), spools)
}

/// Readers of a wire's beginning, each with its pass.
type Uses = Vec<(usize, Consumer)>;

/// Who reads every output port (and the input), in which pass; in the order in which they are made.
fn readers(draft: &Draft<'_>, last: usize) -> Vec<(From, Uses)> {
    let mut uses: BTreeMap<(usize, usize, usize), (From, Uses)> = BTreeMap::new();
    let place: BTreeMap<usize, usize> =
        draft.order.iter().enumerate().map(|(at, id)| (*id, at + 1)).collect();
    for (number, wire) in draft.graph.wires.iter().enumerate() {
        let key = match wire.from {
            From::Input(index) => (0, index, 0),
            From::Node(node, port) => (place[&node.0], 0, port),
        };
        let (_, list) = uses.entry(key).or_insert_with(|| (wire.from, Vec::new()));
        match wire.to {
            To::Node(node, port) => {
                let facts = &draft.facts[node.0];
                if let (0, Some(hears_in)) = (port, facts.hears_in) {
                    list.push((hears_in, Consumer::Listener(node.0)));
                }
                list.push((facts.pass, Consumer::Node { node: node.0, port, wire: number }));
            }
            To::Output(output) => {
                let pass = match wire.from {
                    From::Node(node, _) => draft.facts[node.0].pass,
                    From::Input(_) => last,
                };
                list.push((pass, Consumer::Output(output)));
                for (id, _) in draft.facts.iter().enumerate().filter(|(_, facts)| facts.goal == Some(output))
                {
                    list.push((pass, Consumer::Goal(id)));
                }
            }
        }
    }
    uses.into_values().collect()
}

fn add_edges(
    draft: &Draft<'_>,
    from: From,
    uses: &[(usize, Consumer)],
    edges: &mut [BTreeMap<usize, Edge>],
    spools: &mut Vec<SpoolPlan>,
) {
    let (made_in, format, producer) = match from {
        From::Input(_) => (None, draft.input, Producer::Input),
        From::Node(node, port) => {
            let facts = &draft.facts[node.0];
            (Some(facts.pass), facts.outputs[port], Producer::Node(node.0, port))
        }
    };
    let mut spool = None;
    for (pass, consumer) in uses {
        let producer = match made_in {
            Some(made) if made < *pass => Producer::Spool(*spool.get_or_insert_with(|| {
                spools.push(SpoolPlan {
                    from: port_of(from),
                    label: label(draft.graph, from),
                    format,
                    written_in: made,
                });
                spools.len() - 1
            })),
            _ => producer,
        };
        add_reader(&mut edges[*pass], producer, format, *consumer);
    }
    if let (Some(spool), Some(made)) = (spool, made_in) {
        add_reader(&mut edges[made], producer, format, Consumer::Spool(spool));
    }
}

fn add_reader(edges: &mut BTreeMap<usize, Edge>, from: Producer, format: Format, to: Consumer) {
    let known = edges.values_mut().find(|edge| edge.from == from);
    match known {
        Some(edge) => edge.to.push(to),
        None => {
            let number = edges.len();
            edges.insert(number, Edge { from, to: vec![to], format, capacity: 0 });
        }
    }
}

fn port_of(from: From) -> (usize, usize) {
    match from {
        From::Input(index) => (usize::MAX, index),
        From::Node(node, port) => (node.0, port),
    }
}

/// `name` or `name.port`, for people.
pub(super) fn label(graph: &Graph, from: From) -> String {
    match from {
        From::Input(0) => "input".to_owned(),
        From::Input(index) => format!("input.{}", graph.inputs[index]),
        From::Node(node, port) => {
            let node = &graph.nodes[node.0];
            let ports = node.node.ports().outputs;
            if ports.len() == 1 { node.name.clone() } else { format!("{}.{}", node.name, ports[port].name) }
        }
    }
}

/// Chains of streams: a node joins the one before it when it hears that alone, and is heard by nobody else.
fn clusters(draft: &Draft<'_>, pass: usize, edges: &[Edge]) -> Vec<Vec<usize>> {
    let mut follows: BTreeMap<usize, usize> = BTreeMap::new();
    let mut outputs_used: BTreeMap<usize, usize> = BTreeMap::new();
    for edge in edges {
        if let Producer::Node(node, _) = edge.from {
            *outputs_used.entry(node).or_default() += edge.to.len();
        }
    }
    for edge in edges {
        let (Producer::Node(from, 0), [Consumer::Node { node, port: 0, .. }]) = (edge.from, &edge.to[..])
        else {
            continue;
        };
        let wires: usize = draft.wires_in[*node].iter().map(Vec::len).sum();
        let (a, b) = (&draft.facts[from], &draft.facts[*node]);
        if wires == 1 && outputs_used[&from] == 1 && a.outputs.len() == 1 && a.stream && b.stream {
            follows.insert(from, *node);
        }
    }
    let heard: Vec<usize> = follows.values().copied().collect();
    let here = draft.order.iter().copied().filter(|id| draft.facts[*id].pass == pass);
    let total: f64 = here.clone().map(|id| draft.facts[id].cost_ns).sum();
    let heads = here.filter(|id| !heard.contains(id));
    let mut clusters = Vec::new();
    for head in heads {
        let chain: Vec<usize> = std::iter::successors(Some(head), |id| follows.get(id).copied()).collect();
        clusters.extend(balance(draft, chain, total));
    }
    clusters
}

/// Cuts a chain that has more than its share of the work into at most as many pieces as there are workers.
fn balance(draft: &Draft<'_>, chain: Vec<usize>, total: f64) -> Vec<Vec<usize>> {
    let cost: f64 = chain.iter().map(|id| draft.facts[*id].cost_ns).sum();
    let pieces =
        ((cost / total.max(1e-9) * draft.workers as f64).round() as usize).clamp(1, draft.workers.max(1));
    let share = cost / pieces as f64;
    let (mut cut, mut current, mut spent) = (Vec::new(), Vec::new(), 0.0);
    for id in chain {
        let own = draft.facts[id].cost_ns;
        // The node goes where more than half of it belongs.
        if !current.is_empty() && cut.len() + 1 < pieces && spent + own / 2.0 > share * (cut.len() + 1) as f64
        {
            cut.push(std::mem::take(&mut current));
        }
        current.push(id);
        spent += own;
    }
    cut.push(current);
    cut
}

/// Removes the edges that lie inside a cluster, and counts the bytes of the others.
pub(super) fn drop_inner_edges(passes: &mut [Pass]) {
    for pass in passes {
        let mut inside: Vec<(usize, usize)> = Vec::new();
        for cluster in &pass.clusters {
            inside.extend(cluster.windows(2).map(|pair| (pair[0], pair[1])));
        }
        pass.edges.retain(|edge| match (edge.from, &edge.to[..]) {
            (Producer::Node(from, _), [Consumer::Node { node, .. }]) => !inside.contains(&(from, *node)),
            _ => true,
        });
    }
}

/// Bytes of all rings of the pass that has most.
pub(super) fn block_bytes(plan: &Plan) -> u64 {
    let edge = |edge: &Edge| (edge.capacity * edge.format.channels() * plan.block * 8) as u64;
    plan.passes.iter().map(|pass| pass.edges.iter().map(edge).sum()).max().unwrap_or(0)
}
