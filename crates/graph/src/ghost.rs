//! Nodes of a kind that this program does not know. A graph that has some can be looked at, and perhaps be rendered without
//! them; nothing is ever installed.

use crate::model::{Graph, NodeId};
use deadwax_node::{
    About, AnyNode, Channels, Family, Field, Io, NodeError, Port, Ports, Prepared, Problem, Setup, Stream,
};
use serde::Serialize;
use serde_json::Value;

/// What is done with nodes of an unknown kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ghosts {
    /// Each is an error.
    #[default]
    Refuse,
    /// Each is a node with the ports that its wires use, to be looked at: it cannot run.
    Show,
    /// Each that has one input and one output lets everything through, with a warning; others are errors.
    Bypass,
}

/// A node of an unknown kind, in a graph that was loaded to be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ghost {
    /// The node.
    pub node: NodeId,
    /// The name of its kind.
    pub kind: String,
}

impl Graph {
    /// The kind of a node that is not known, if it is not.
    #[must_use]
    pub fn ghost(&self, node: NodeId) -> Option<&Ghost> {
        self.ghosts.iter().find(|ghost| ghost.node == node)
    }

    /// The name of a node's kind, whether it is known or not.
    #[must_use]
    pub fn kind(&self, node: NodeId) -> &str {
        let known = || self.nodes.get(node.0).map_or("", |node| node.node.about().kind);
        self.ghost(node).map_or_else(known, |ghost| &ghost.kind)
    }
}

static UNKNOWN: About = About {
    kind: "Unknown",
    family: Family::Gain,
    summary: "Of a kind that this program does not know.",
    since: "0.2",
    algorithm: 0,
    example: "Unknown",
};

/// Stands for a node of an unknown kind.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct GhostNode {
    ports: Ports,
}

impl GhostNode {
    /// With ports of these names, main ones first.
    pub(crate) fn new(inputs: &[String], outputs: &[String]) -> Self {
        let port = |name: &String, channels| {
            Port::new(name.clone(), channels, "as its wires use it").optional().many()
        };
        let inputs = inputs.iter().map(|name| port(name, Channels::Any));
        let outputs = outputs.iter().map(|name| port(name, Channels::AsMain));
        Self { ports: Ports { inputs: inputs.collect(), outputs: outputs.collect() } }
    }
}

impl AnyNode for GhostNode {
    fn about(&self) -> &'static About {
        &UNKNOWN
    }

    fn ports(&self) -> Ports {
        self.ports.clone()
    }

    fn problems(&self) -> Vec<Problem> {
        Vec::new()
    }

    fn output_rate(&self, input_hz: u32) -> Result<u32, NodeError> {
        Ok(input_hz)
    }

    fn prepare(&self, _: &Setup) -> Result<Prepared, NodeError> {
        Ok(Prepared::stream(Silent, 0.0))
    }

    fn cuts(&self) -> bool {
        false
    }

    fn quantizes(&self) -> bool {
        false
    }

    fn learns(&self) -> bool {
        false
    }

    fn to_json(&self) -> Value {
        Value::Null
    }

    fn to_ron(&self) -> String {
        UNKNOWN.kind.to_owned()
    }

    fn fields(&self) -> Vec<Field> {
        Vec::new()
    }

    fn boxed(&self) -> Box<dyn AnyNode> {
        Box::new(self.clone())
    }
}

/// A plan can be made with it; a run ends with it.
struct Silent;

impl Stream for Silent {
    fn process(&mut self, _: &mut Io<'_>) -> Result<(), NodeError> {
        let reason = "its kind is not known here, so it makes no sound".to_owned();
        Err(NodeError::Failed { reason, source: None })
    }

    fn reset(&mut self) {}
}
