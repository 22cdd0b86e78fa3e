//! Where the programme has been cut: frames of wires on different timelines stand for different moments.

use super::error::{CompileError, Place};
use deadwax_graph::model::{From, Graph, Node};

/// Whether a node makes the programme shorter or longer here.
pub(super) fn cuts(node: &Node) -> bool {
    node.on && node.node.cuts()
}

/// The timeline at every node's input: 0 for the programme itself, else 1 + the number of the node that cut it. Adds to
/// `errors` where two of them meet.
pub(super) fn infer(
    graph: &Graph,
    order: &[usize],
    wires_in: &[Vec<Vec<usize>>],
    errors: &mut Vec<CompileError>,
) -> Vec<usize> {
    let mut at_input = vec![0; graph.nodes.len()];
    let behind = |from: From, at_input: &[usize]| match from {
        From::Input(_) => 0,
        From::Node(node, _) if cuts(&graph.nodes[node.0]) => 1 + node.0,
        From::Node(node, _) => at_input[node.0],
    };
    for &id in order {
        let mut arrived =
            wires_in[id].iter().flatten().map(|wire| (*wire, behind(graph.wires[*wire].from, &at_input)));
        let Some(first) = arrived.next() else { continue };
        if let Some(other) = arrived.find(|(_, timeline)| *timeline != first.1) {
            let place = |(wire, timeline): (usize, usize)| Place {
                origin: graph.wires[wire].origin.clone(),
                label: match timeline.checked_sub(1) {
                    None => "as long as the input".to_owned(),
                    Some(node) => format!("cut by `{}`", graph.nodes[node].name),
                },
            };
            let node = graph.nodes[id].name.clone();
            errors.push(CompileError::LengthsMeet { node, first: place(first), second: place(other) });
        }
        at_input[id] = first.1;
    }
    at_input
}
