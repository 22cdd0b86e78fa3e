//! Listening on a wire: what is on it becomes one more output of the graph, aligned with the input like every other.

use deadwax_graph::Graph;
use deadwax_graph::diagnostic::{Code, Diagnostic};
use deadwax_graph::model::{From, NodeId, Origin, To, Wire};

/// What the names of such outputs begin with.
pub(super) const TAP: &str = "tap-";

/// A copy of `graph` with an output for each of `taps`: `glue`, `split.low`, `input`, or a wire, `split.low -> centre`.
///
/// # Errors
/// Every tap that names nothing in the graph.
pub(super) fn tapped(graph: &Graph, taps: &[String]) -> Result<Graph, Vec<Diagnostic>> {
    let mut graph = graph.clone();
    let mut errors = Vec::new();
    for tap in taps {
        match find(&graph, tap) {
            Ok((from, name)) => {
                if graph.outputs.contains(&name) {
                    continue;
                }
                let to = To::Output(graph.outputs.len());
                graph.outputs.push(name);
                graph.wires.push(Wire { from, to, origin: origin(&graph, from) });
            }
            Err(error) => errors.push(*error),
        }
    }
    if errors.is_empty() { Ok(graph) } else { Err(errors) }
}

fn origin(graph: &Graph, from: From) -> Origin {
    match from {
        From::Node(node, _) => graph.nodes[node.0].origin.clone(),
        From::Input(_) => Origin::default(),
    }
}

/// Where the wire begins that `tap` means, and what its output is called.
fn find(graph: &Graph, tap: &str) -> Result<(From, String), Box<Diagnostic>> {
    let refused = |code, reason: &str, help: String| {
        Box::new(Diagnostic::general(code, format!("--tap {tap}: {reason}")).help(help))
    };
    let end = tap.split("->").next().unwrap_or_default().trim();
    if end == "input" {
        return Ok((From::Input(0), format!("{TAP}input")));
    }
    // Nodes of used graphs have a `/` in their names, never a dot.
    let (name, port) = end.split_once('.').map_or((end, None), |(name, port)| (name, Some(port)));
    let Some(id) = graph.nodes.iter().position(|node| node.name == name) else {
        let names = graph.nodes.iter().map(|node| node.name.as_str());
        return Err(refused(Code::UnknownNode, "there is no such node", one_of(name, names)));
    };
    let outputs = graph.nodes[id].node.ports().outputs;
    let number = match port {
        None => Some(0),
        Some(port) => outputs.iter().position(|known| known.name == port),
    };
    let Some(number) = number else {
        let names = outputs.iter().map(|port| &*port.name);
        let reason = format!("`{name}` has no such output");
        return Err(refused(Code::UnknownPort, &reason, one_of(port.unwrap_or_default(), names)));
    };
    let shown = format!("{TAP}{}", end.replace(['.', '/'], "-"));
    Ok((From::Node(NodeId(id), number), shown))
}

/// What could have been meant.
fn one_of<'a>(name: &str, names: impl Iterator<Item = &'a str> + Clone) -> String {
    let near = names.clone().map(|known| (known, strsim::jaro_winkler(known, name)));
    match near.filter(|(_, score)| *score > 0.8).max_by(|a, b| a.1.total_cmp(&b.1)) {
        Some((near, _)) => format!("did you mean `{near}`?"),
        None => format!("there are {}", names.collect::<Vec<_>>().join(", ")),
    }
}
