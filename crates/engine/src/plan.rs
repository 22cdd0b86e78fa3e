//! The plan: everything about a run that is known before the first sample. It holds no samples, and can be printed.

use crate::rational::Seconds;
use deadwax_node::{Format, Lane};
use serde::Serialize;
use std::fmt;

/// What a compiled graph will do.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Plan {
    /// The graph's name.
    pub graph: String,
    /// The format of the programme.
    pub input: Format,
    /// Names and formats of the outputs.
    pub outputs: Vec<(String, Format)>,
    /// Frames in a block, at every rate.
    pub block: usize,
    /// The nodes in the order they run, passes apart.
    pub nodes: Vec<PlannedNode>,
    /// The wires in the order of the file.
    pub wires: Vec<PlannedWire>,
    /// The passes over the programme.
    pub passes: Vec<Pass>,
    /// The wires that are kept between passes.
    pub spools: Vec<SpoolPlan>,
    /// Memory of all blocks in the pass that has most, in bytes.
    pub block_bytes: u64,
}

/// A node, as planned.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlannedNode {
    /// Its number in the graph.
    pub id: usize,
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: &'static str,
    /// Whether it works, or is bypassed.
    pub on: bool,
    /// What part of the signal it works on.
    pub lane: Lane,
    /// The formats at its outputs.
    pub outputs: Vec<Format>,
    /// By how many frames, at its output's rate, it is late.
    pub latency: u64,
    /// The pass it runs in, from 0.
    pub pass: usize,
    /// The pass in which it hears its input first, if it must hear the whole programme.
    pub hears_in: Option<usize>,
    /// The guess at its cost, in nanoseconds per frame.
    pub cost_ns: f64,
}

/// A wire, as planned.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlannedWire {
    /// Where it begins, as in `split.low`.
    pub from: String,
    /// Where it ends, as in `sum.in`.
    pub to: String,
    /// What it carries.
    pub format: Format,
    /// By how much, in milliseconds, its frames come later than the input's. The engine aligns them.
    pub late_ms: f64,
}

/// One run over the programme.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Pass {
    /// Chains of nodes (by number in the graph) that work on one block together.
    pub clusters: Vec<Vec<usize>>,
    /// The rings between them.
    pub edges: Vec<Edge>,
}

/// What fills a ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub enum Producer {
    /// The programme.
    Input,
    /// A kept wire, by its number in [`Plan::spools`].
    Spool(usize),
    /// An output port of a node.
    Node(usize, usize),
}

/// What empties a ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub enum Consumer {
    /// A wire (by its number in the graph) into a node (by its number) at a port.
    Node {
        /// The node.
        node: usize,
        /// Its input port.
        port: usize,
        /// The wire.
        wire: usize,
    },
    /// An output of the graph.
    Output(usize),
    /// A kept wire.
    Spool(usize),
    /// A node that hears the whole programme first.
    Listener(usize),
    /// The goal of a node, at the graph's output.
    Goal(usize),
}

/// A ring: one producer, any number of consumers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Edge {
    /// What fills it.
    pub from: Producer,
    /// What empties it.
    pub to: Vec<Consumer>,
    /// What it carries.
    pub format: Format,
    /// How many blocks it holds.
    pub capacity: usize,
}

/// A wire kept from one pass to later ones.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SpoolPlan {
    /// The node and the output port whose frames are kept.
    pub from: (usize, usize),
    /// The same for people.
    pub label: String,
    /// What it carries.
    pub format: Format,
    /// The pass that writes it.
    pub written_in: usize,
}

impl SpoolPlan {
    /// Bytes for a programme of `frames` frames at `rate_hz`.
    #[must_use]
    pub fn bytes(&self, frames: u64, rate_hz: u32) -> u64 {
        let here = Seconds::of_frames(frames, rate_hz).frames_up(self.format.rate_hz);
        here.saturating_mul(self.format.channels() as u64 * 8)
    }
}

impl Plan {
    /// Bytes that all spools take together for a programme of `frames` frames.
    #[must_use]
    pub fn spool_bytes(&self, frames: u64) -> u64 {
        self.spools.iter().map(|spool| spool.bytes(frames, self.input.rate_hz)).sum()
    }

    /// The planned node with the number `id` in the graph.
    #[must_use]
    pub fn node(&self, id: usize) -> Option<&PlannedNode> {
        self.nodes.iter().find(|node| node.id == id)
    }

    fn name(&self, id: usize) -> &str {
        self.node(id).map_or("?", |node| &node.name)
    }

    fn consumer(&self, consumer: Consumer) -> String {
        match consumer {
            Consumer::Node { node, .. } => self.name(node).to_owned(),
            Consumer::Output(index) => output_name(&self.outputs[index].0),
            Consumer::Spool(index) => format!("kept {}", self.spools[index].label),
            Consumer::Listener(node) => format!("{} listens", self.name(node)),
            Consumer::Goal(node) => format!("{} checks its goal", self.name(node)),
        }
    }
}

/// `output` for the main one, `output.NAME` for another.
pub(crate) fn output_name(name: &str) -> String {
    if name == "output" { name.to_owned() } else { format!("output.{name}") }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let passes = self.passes.len();
        writeln!(
            f,
            "plan of {} for {}: nodes: {}, passes: {passes}, blocks of {}",
            self.graph,
            self.input,
            self.nodes.len(),
            self.block
        )?;
        for (number, pass) in self.passes.iter().enumerate() {
            writeln!(f, "pass {}", number + 1)?;
            for cluster in &pass.clusters {
                let names: Vec<_> = cluster.iter().map(|id| self.describe(*id)).collect();
                writeln!(f, "  run   {}", names.join(" -> "))?;
            }
            for edge in &pass.edges {
                let from = match edge.from {
                    Producer::Input => "input".to_owned(),
                    Producer::Spool(index) => format!("kept {}", self.spools[index].label),
                    Producer::Node(node, 0) => self.name(node).to_owned(),
                    Producer::Node(node, port) => format!("{}:{port}", self.name(node)),
                };
                let to: Vec<_> = edge.to.iter().map(|consumer| self.consumer(*consumer)).collect();
                writeln!(
                    f,
                    "  edge  {from} => {}  [{}, {} blocks]",
                    to.join(", "),
                    edge.format,
                    edge.capacity
                )?;
            }
        }
        for wire in self.wires.iter().filter(|wire| wire.late_ms > 0.0) {
            writeln!(f, "late  {} -> {} by {:.3} ms, aligned", wire.from, wire.to, wire.late_ms)?;
        }
        write!(f, "memory  {} KiB of blocks", self.block_bytes.div_ceil(1024))
    }
}

impl Plan {
    fn describe(&self, id: usize) -> String {
        let Some(node) = self.node(id) else { return "?".into() };
        let mut text = format!("{} ({}", node.name, node.kind);
        if !node.on {
            text.push_str(", off");
        }
        if node.lane != Lane::Both {
            text.push_str(&format!(", {}", node.lane.name()));
        }
        if node.latency > 0 {
            text.push_str(&format!(", {} late", node.latency));
        }
        text.push(')');
        text
    }
}
