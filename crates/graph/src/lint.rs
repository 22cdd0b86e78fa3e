//! What runs, and is most likely not meant.

use crate::diagnostic::{At, Code, Diagnostic};
use crate::model::{From, Graph, Node, To};
use deadwax_node::{Family, Lane};

/// What is worth a warning in a graph without errors.
pub(crate) fn lint(graph: &Graph) -> Vec<Diagnostic> {
    let dithers = graph.nodes.iter().enumerate().filter(|(_, node)| node.on && node.node.quantizes());
    dithers.filter_map(|(id, _)| undone(graph, id)).collect()
}

fn at(node: &Node) -> At {
    (node.origin.file, node.origin.span.clone())
}

/// Whether the node leaves every sample as it is (or only cuts the programme).
fn leaves_samples(node: &Node) -> bool {
    !node.on || node.node.about().family == Family::Probe || (node.node.cuts() && node.lane == Lane::Both)
}

/// The warning that words made by node `dither` do not stay words.
fn undone(graph: &Graph, dither: usize) -> Option<Diagnostic> {
    let mut seen = vec![false; graph.nodes.len()];
    let mut stack = vec![dither];
    let mut changer: Option<usize> = None;
    while let Some(id) = stack.pop() {
        for wire in &graph.wires {
            let (From::Node(from, _), To::Node(to, _)) = (wire.from, wire.to) else { continue };
            if from.0 != id || std::mem::replace(&mut seen[to.0], true) {
                continue;
            }
            if leaves_samples(&graph.nodes[to.0]) {
                stack.push(to.0);
            } else {
                changer = Some(changer.map_or(to.0, |first| first.min(to.0)));
            }
        }
    }
    let (first, behind) = (&graph.nodes[dither], &graph.nodes[changer?]);
    let twice = behind.node.quantizes();
    let message = if twice {
        format!("`{}` dithers again what `{}` has dithered", behind.name, first.name)
    } else {
        format!("`{}` changes samples behind the dither `{}`", behind.name, first.name)
    };
    let label = if twice { "a second time" } else { "behind this the samples are no words any more" };
    let help = if twice { "keep the last one, and remove the other" } else { "put the dither last" };
    let diagnostic = Diagnostic::new(Code::DitherNotLast, message, at(behind), label);
    Some(diagnostic.related(at(first), "dithered here").help(help))
}
