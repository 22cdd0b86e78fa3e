//! What a wire carries, as a hash: of its node's kind and algorithm, of every parameter, of what the node has learnt and which
//! recordings it may ask for, of the input file, and of the same for everything in front of it.

use crate::recipe::{cpu, hash_of_file, hex};
use crate::render::Settings;
use deadwax_engine::{Consumer, Plan};
use deadwax_graph::Graph;
use deadwax_graph::model::{From, NodeId, To};
use deadwax_node::Format;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::File;
use std::path::Path;

/// A stage that costs less than this, in nanoseconds a frame, is made again sooner than read.
const LEAST_NS: f64 = 100.0;

/// Of everything that a graph costs, a stage worth keeping costs at least one part in so many.
const PARTS: f64 = 6.0;

/// The keys of all wires of a graph.
pub(super) struct Keys<'a> {
    graph: &'a Graph,
    input: Format,
    node_keys: Vec<String>,
    formats: BTreeMap<From, Format>,
    /// Nodes behind one that cuts: their frames are not those of the input.
    cut: Vec<bool>,
    /// Nodes at and behind a goal: what they give depends on everything behind them, too.
    aiming: Vec<bool>,
    goals: BTreeSet<usize>,
}

impl<'a> Keys<'a> {
    pub(super) fn new(
        graph: &'a Graph,
        plan: &Plan,
        settings: &Settings,
        input: &Path,
        until: Option<u64>,
    ) -> Option<Self> {
        let mut file = File::open(input).ok()?;
        let programme = format!("{} until {until:?} of {}", hash_of_file(&mut file)?, plan.input);
        let edges = plan.passes.iter().flat_map(|pass| &pass.edges).flat_map(|edge| &edge.to);
        let goals = edges.filter_map(|to| match to {
            Consumer::Goal(node) => Some(*node),
            _ => None,
        });
        let mut keys = Self {
            graph,
            input: plan.input,
            node_keys: vec![String::new(); graph.nodes.len()],
            formats: BTreeMap::new(),
            cut: vec![false; graph.nodes.len()],
            aiming: vec![false; graph.nodes.len()],
            goals: goals.collect(),
        };
        for (wire, planned) in graph.wires.iter().zip(&plan.wires) {
            keys.formats.insert(wire.from, planned.format);
        }
        let surroundings = surroundings(graph, settings, &programme)?;
        for id in plan.nodes.iter().map(|node| node.id) {
            keys.node(id, &surroundings);
        }
        Some(keys)
    }

    /// Works out the key of a node whose inputs have theirs.
    fn node(&mut self, id: usize, surroundings: &str) {
        let mut hash = Sha256::new();
        hash.update(surroundings);
        hash.update(description(self.graph, id));
        for wire in self.graph.wires.iter().filter(|wire| matches!(wire.to, To::Node(to, _) if to.0 == id)) {
            let To::Node(_, port) = wire.to else { continue };
            match wire.from {
                From::Input(input) => hash.update(format!("\nport {port} hears input {input}")),
                From::Node(from, output) => {
                    hash.update(format!("\nport {port} hears {output} of {}", self.node_keys[from.0]));
                    self.cut[id] |= self.cut[from.0];
                    self.aiming[id] |= self.aiming[from.0];
                }
            }
        }
        self.cut[id] |= self.graph.nodes[id].on && self.graph.nodes[id].node.cuts();
        if self.goals.contains(&id) {
            self.aiming[id] = true;
            for (id, _) in self.graph.nodes.iter().enumerate() {
                hash.update(description(self.graph, id));
            }
            for wire in &self.graph.wires {
                hash.update(format!("\n{:?} -> {:?}", wire.from, wire.to));
            }
        }
        self.node_keys[id] = hex(&hash.finalize());
    }

    /// The key of what leaves a node's port. The input has none: it is there already.
    pub(super) fn of(&self, from: From) -> Option<String> {
        let From::Node(node, port) = from else { return None };
        Some(format!("{}-{port}", self.node_keys[node.0]))
    }

    pub(super) fn format(&self, from: From) -> Option<Format> {
        self.formats.get(&from).copied()
    }

    /// Whether the wire's frames are those of the input, one for one.
    pub(super) fn in_step(&self, from: From) -> bool {
        let From::Node(node, _) = from else { return false };
        !self.cut[node.0] && self.format(from).is_some_and(|format| format.rate_hz == self.input.rate_hz)
    }

    /// The names of the node and of all in front of it.
    pub(super) fn in_front(&self, from: From) -> Vec<String> {
        let mut found = BTreeSet::new();
        if let From::Node(node, _) = from {
            self.gather(node.0, &mut found);
        }
        found.into_iter().map(|id| self.graph.nodes[id].name.clone()).collect()
    }

    fn gather(&self, id: usize, found: &mut BTreeSet<usize>) {
        let mut stack = vec![id];
        while let Some(id) = stack.pop() {
            if found.insert(id) {
                stack.extend(self.heard(id));
            }
        }
    }

    /// The nodes that a node hears.
    fn heard(&self, id: usize) -> impl Iterator<Item = usize> {
        let wires = self.graph.wires.iter();
        wires.filter_map(move |wire| match (wire.from, wire.to) {
            (From::Node(from, _), To::Node(to, _)) if to.0 == id => Some(from.0),
            _ => None,
        })
    }

    /// The wires worth keeping, of those that are made: behind every stretch of the graph that costs enough, and in front
    /// of a node with a goal, from which on everything may run several times.
    pub(super) fn worth_keeping(&self, plan: &Plan, dropped: &BTreeSet<String>) -> Vec<From> {
        let cost = |id: usize| plan.node(id).map_or(0.0, |node| node.cost_ns);
        let total: f64 = (0..self.graph.nodes.len()).map(cost).sum();
        let least = LEAST_NS.max(total / PARTS);
        // What would have to be made again, of everything in front of a node.
        let mut again: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); self.graph.nodes.len()];
        let mut worth = Vec::new();
        for planned in &plan.nodes {
            let id = planned.id;
            if dropped.contains(&planned.name) {
                continue;
            }
            let mut fresh: BTreeSet<usize> = self.heard(id).flat_map(|from| again[from].clone()).collect();
            let before: f64 = fresh.iter().map(|id| cost(*id)).sum();
            if self.goals.contains(&id) && before >= LEAST_NS / 2.0 {
                worth.extend(self.main_input(id).filter(|from| self.in_step(*from)));
            }
            fresh.insert(id);
            // A node that hears everything first costs a run of its own, whatever it costs then.
            let hears = planned.hears_in.is_some();
            let ports = planned.outputs.len();
            let step = (0..ports).all(|port| {
                let from = From::Node(NodeId(id), port);
                self.format(from).is_none() || self.in_step(from)
            });
            if (hears || before + cost(id) >= least) && step && !self.aiming[id] {
                worth.extend((0..ports).map(|port| From::Node(NodeId(id), port)));
                fresh.clear();
            }
            again[id] = fresh;
        }
        worth.sort();
        worth.dedup();
        worth.retain(|from| self.formats.contains_key(from));
        worth
    }

    fn main_input(&self, id: usize) -> impl Iterator<Item = From> {
        let wires = self.graph.wires.iter();
        wires.filter(move |wire| wire.to == To::Node(NodeId(id), 0)).map(|wire| wire.from)
    }
}

/// What everything depends on: the program itself, the CPU's class, the settings that change samples, the programme.
fn surroundings(graph: &Graph, settings: &Settings, programme: &str) -> Option<String> {
    let program = std::env::current_exe().ok()?;
    let program = program.metadata().ok()?;
    let built = program.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    let mut text = format!(
        "deadwax {} {} {} {}\nprogramme {programme}\nportable {}",
        env!("CARGO_PKG_VERSION"),
        program.len(),
        built.as_nanos(),
        cpu(),
        settings.portable,
    );
    for asset in &graph.assets {
        let hash = hash_of_file(&mut File::open(asset.location.as_ref()?).ok()?)?;
        let _ = write!(text, "\nasset {} of {}: {hash}", asset.name, asset.origin.file);
    }
    Some(text)
}

/// All of a node that changes what it gives. Its name does, where it makes noise.
fn description(graph: &Graph, id: usize) -> String {
    let node = &graph.nodes[id];
    let about = node.node.about();
    let lesson = graph.lesson(&node.name).map_or("", |lesson| &*lesson.text);
    format!(
        "\nnode {} {} algorithm {} on {} lane {:?} file {} {}\nlesson {lesson}",
        node.name,
        about.kind,
        about.algorithm,
        node.on,
        node.lane,
        node.origin.file,
        node.node.to_json(),
    )
}
