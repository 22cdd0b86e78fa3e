//! What every wire carries: sample rates and channels, from the input on.

use super::error::{CompileError, Place};
use deadwax_graph::model::{From, Graph, Node, To};
use deadwax_node::{Channels, Format, NodeError, Port};

/// The formats of a graph whose input has a given format.
pub(super) struct Formats {
    /// At every output port of every node; `None` where an error leaves it unknown.
    outputs: Vec<Option<Vec<Format>>>,
    input: Format,
    /// For every node and input port, the wires that end there, in the order of the file.
    pub(super) wires_in: Vec<Vec<Vec<usize>>>,
}

impl Formats {
    /// What leaves `from`.
    pub(super) fn of(&self, from: From) -> Option<Format> {
        match from {
            From::Input(_) => Some(self.input),
            From::Node(node, port) => self.outputs[node.0].as_ref()?.get(port).copied(),
        }
    }

    /// What leaves node `id`.
    pub(super) fn outputs(&self, id: usize) -> Option<&[Format]> {
        self.outputs[id].as_deref()
    }
}

/// Where a node stands.
pub(super) fn node_place(node: &Node, label: impl Into<String>) -> Place {
    Place { origin: node.origin.clone(), label: label.into() }
}

/// Finds all formats, in topological `order`; adds what does not fit to `errors`.
pub(super) fn infer(
    graph: &Graph,
    input: Format,
    order: &[usize],
    errors: &mut Vec<CompileError>,
) -> Formats {
    let mut wires_in: Vec<Vec<Vec<usize>>> =
        graph.nodes.iter().map(|node| vec![Vec::new(); node.node.ports().inputs.len()]).collect();
    for (number, wire) in graph.wires.iter().enumerate() {
        if let To::Node(node, port) = wire.to {
            wires_in[node.0][port].push(number);
        }
    }
    let mut formats = Formats { outputs: vec![None; graph.nodes.len()], input, wires_in };
    for &id in order {
        let found = infer_node(graph, id, &formats, errors);
        formats.outputs[id] = found;
    }
    formats
}

/// The formats at a node's outputs.
fn infer_node(
    graph: &Graph,
    id: usize,
    formats: &Formats,
    errors: &mut Vec<CompileError>,
) -> Option<Vec<Format>> {
    let node = &graph.nodes[id];
    let ports = node.node.ports();
    let before = errors.len();
    let place = |wire: usize, format: Format| Place {
        origin: graph.wires[wire].origin.clone(),
        label: format!("{format} arrives here"),
    };
    let mut arrived: Vec<(usize, usize, Format)> = Vec::new();
    for (port, wires) in formats.wires_in[id].iter().enumerate() {
        if wires.is_empty() && ports.inputs[port].required {
            let port = format!("{}.{}", node.name, ports.inputs[port].name);
            errors.push(CompileError::Unconnected { port, node: node_place(node, "this node") });
        }
        for &wire in wires {
            arrived.push((port, wire, formats.of(graph.wires[wire].from)?));
        }
    }
    let main = arrived.iter().find(|(port, ..)| *port == 0).copied();
    let (_, main_wire, main_format) = main?;
    for &(port, wire, format) in &arrived {
        if format.rate_hz != main_format.rate_hz {
            errors.push(CompileError::RatesMeet {
                node: node.name.clone(),
                first: (place(main_wire, main_format), main_format),
                second: (place(wire, format), format),
            });
            continue;
        }
        let declared = &ports.inputs[port];
        let label = format!("{}.{}", node.name, declared.name);
        let first_here = arrived.iter().find(|(p, ..)| *p == port).map_or((wire, format), |a| (a.1, a.2));
        if let Some(wanted) = mismatch(declared, main_format, format) {
            let node = node_place(node, "this node");
            errors.push(CompileError::Channels {
                port: label,
                wanted,
                got: format,
                wire: place(wire, format),
                node,
            });
        } else if first_here.1.layout != format.layout {
            let first = (place(first_here.0, first_here.1), first_here.1);
            errors.push(CompileError::LayoutsMeet {
                port: label,
                first,
                second: (place(wire, format), format),
            });
        }
    }
    if errors.len() > before {
        return None;
    }
    match outputs(node, main_format) {
        Ok(found) => Some(found),
        Err(error) => {
            errors.push(error);
            None
        }
    }
}

fn outputs(node: &Node, main: Format) -> Result<Vec<Format>, CompileError> {
    let ports = node.node.ports();
    let formats =
        |rate_hz| ports.outputs.iter().map(|port| Format::new(rate_hz, port.layout(main.layout))).collect();
    if !node.on {
        // Bypassed, the main input goes to the main output, and nothing to the others.
        let formats: Vec<Format> = formats(main.rate_hz);
        return match formats.first() {
            Some(first) if *first == main => Ok(formats),
            _ => Err(CompileError::Bypass {
                name: node.name.clone(),
                node: node_place(node, "switched off here"),
            }),
        };
    }
    let rate = node.node.output_rate(main.rate_hz).and_then(|rate_hz| match rate_hz {
        8_000..=768_000 => Ok(rate_hz),
        _ => Err(NodeError::SampleRate { rate_hz, reason: "rates go from 8000 to 768000 Hz".into() }),
    });
    rate.map(formats).map_err(|error| CompileError::Node {
        name: node.name.clone(),
        node: node_place(node, "this node"),
        lesson: None,
        error,
    })
}

/// What the port takes, in words, if that is not what arrives.
fn mismatch(port: &Port, main: Format, got: Format) -> Option<String> {
    let wanted = match port.channels {
        Channels::Any => return None,
        Channels::AsMain => main.channels(),
        Channels::Exactly(count) => count,
    };
    (wanted != got.channels()).then(|| match wanted {
        1 => "a mono signal".to_owned(),
        2 => "a stereo signal".to_owned(),
        count => format!("{count} channels"),
    })
}
