//! What may be wrong with a graph that reads well.

use deadwax_graph::model::{Graph, Origin};
use deadwax_node::learn::LessonError;
use deadwax_node::{Format, NodeError};
use thiserror::Error;

/// A place in a graph, and what is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Where it stands in the file.
    pub origin: Origin,
    /// A few words about it.
    pub label: String,
}

/// Where it shows that what a node has learnt before cannot be used.
pub(crate) fn lesson_place(graph: &Graph, node: &str, error: &LessonError) -> Option<Place> {
    let lesson = graph.lesson(node)?;
    let (span, label) = match error {
        LessonError::Unreadable { span, .. } => (span.clone(), "here"),
        LessonError::Wrong { problem, .. } => (lesson.place_of(&problem.path), "here"),
        LessonError::Foreign { part, .. } => (lesson.place_of(part), "what it was learnt from"),
        _ => (lesson.place_of(""), "here"),
    };
    Some(Place { origin: Origin { file: lesson.file, span }, label: label.into() })
}

/// A graph that does not compile.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CompileError {
    /// Wires run in a circle.
    #[error("these wires close a loop: {}", path.join(" -> "))]
    Loop {
        /// The names of the nodes, the first again at the end.
        path: Vec<String>,
        /// The wires, in the order of the path.
        wires: Vec<Place>,
    },
    /// A wire carries another number of channels than the port takes.
    #[error("`{port}` takes {wanted} and gets {got}")]
    Channels {
        /// The port, as in `join.mid`.
        port: String,
        /// What it takes, in words.
        wanted: String,
        /// What arrives.
        got: Format,
        /// The wire.
        wire: Place,
        /// The node.
        node: Place,
    },
    /// Wires with different numbers of channels meet at one port.
    #[error("{} and {} meet at `{port}`", first.1, second.1)]
    LayoutsMeet {
        /// The port.
        port: String,
        /// The first wire and what it carries.
        first: (Place, Format),
        /// The one that differs.
        second: (Place, Format),
    },
    /// Wires with different sample rates meet at one node.
    #[error("two sample rates meet at `{node}`: {} Hz and {} Hz", first.1.rate_hz, second.1.rate_hz)]
    RatesMeet {
        /// The node.
        node: String,
        /// The first wire and what it carries.
        first: (Place, Format),
        /// The one that differs.
        second: (Place, Format),
    },
    /// Wires of different lengths meet at one node.
    #[error("signals of different lengths meet at `{node}`")]
    LengthsMeet {
        /// The node.
        node: String,
        /// The first wire, and what cut it.
        first: Place,
        /// The one that differs.
        second: Place,
    },
    /// A node does not work with these parameters at this format.
    #[error("`{name}` cannot be prepared: {error}")]
    Node {
        /// The node's name.
        name: String,
        /// The node.
        node: Place,
        /// The place in what it learnt before, where that cannot be used.
        lesson: Option<Place>,
        /// What it says.
        error: NodeError,
    },
    /// A node that is off would leave a wire with another format than the node itself.
    #[error("`{name}` cannot be bypassed: its output is another kind of signal than its input")]
    Bypass {
        /// The node's name.
        name: String,
        /// The node.
        node: Place,
    },
    /// More than one node wants to reach a goal at the same output.
    #[error("`{first}` and `{second}` both aim at the same output")]
    Goals {
        /// The first node's name.
        first: String,
        /// The second node's name.
        second: String,
        /// Both nodes.
        nodes: [Place; 2],
    },
    /// Two wires end at a place for one.
    #[error("two wires end at `{port}`")]
    TwoWires {
        /// The port or output.
        port: String,
        /// Both wires.
        wires: [Place; 2],
    },
    /// A required input has no wire.
    #[error("`{port}` has no wire")]
    Unconnected {
        /// The port, as in `join.mid`.
        port: String,
        /// The node.
        node: Place,
    },
    /// An input beside the main one.
    #[error("`input.{name}` has no file: only a graph used as a node has more inputs than one")]
    ExtraInput {
        /// The input's name.
        name: String,
        /// A wire from it.
        wire: Place,
    },
    /// An output that nothing is connected to.
    #[error("nothing is connected to `{name}`")]
    SilentOutput {
        /// The output's name.
        name: String,
    },
}
