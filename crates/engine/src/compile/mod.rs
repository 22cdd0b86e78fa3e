//! From a graph to a plan. No file is opened here, and no sample touched.
//!
//! In order: topological order → formats → latencies (which takes preparing the nodes) → passes → clusters → edges.

#![allow(clippy::result_large_err, reason = "an error is made once, and says all it knows")]

mod clusters;
mod edges;
mod error;
mod formats;
mod order;
mod passes;
mod timelines;

pub(crate) use error::lesson_place;
pub use error::{CompileError, Place};

use crate::plan::{Plan, PlannedNode, PlannedWire, output_name};
use crate::rational::Seconds;
use clusters::{Draft, Facts};
use deadwax_graph::model::{From, Graph, To, Wire};
use deadwax_node::{Body, Format, Io, NodeError, Prepared, Recording, Setup, Stream, on_lane};
use edges::Ahead;
use formats::{Formats, node_place};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How to compile.
#[derive(Clone, Debug)]
pub struct Options {
    /// Frames in a block. Makes a run faster or slower, never different.
    pub block: usize,
    /// How many workers there will be. Makes a run faster or slower, never different.
    pub workers: usize,
    /// Whether FFTs must give the same bits on every CPU.
    pub portable: bool,
    /// What all random numbers are drawn from.
    pub seed: u64,
    /// Blocks that every edge holds beyond what it must: 0 is enough, and more only costs memory.
    pub spare_blocks: usize,
    /// The recordings of the graph: by the number of the file that declares them, and their name there.
    pub assets: Assets,
}

/// Recordings, by the number of the graph file that declares them, and their name there.
pub type Assets = BTreeMap<(usize, String), Arc<Recording>>;

impl Default for Options {
    fn default() -> Self {
        Self { block: 2048, workers: 1, portable: false, seed: 0, spare_blocks: 0, assets: Assets::new() }
    }
}

/// The most frames a block may have.
pub const MAX_BLOCK: usize = 1 << 24;

/// A plan, with the processors that will run it.
pub struct Compiled {
    /// What will be done.
    pub plan: Plan,
    pub(crate) nodes: Vec<Processor>,
    pub(crate) workers: usize,
}

impl std::fmt::Debug for Compiled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Compiled")
            .field("plan", &self.plan)
            .field("workers", &self.workers)
            .finish_non_exhaustive()
    }
}

/// A node's processor, and what the engine must know to feed it.
pub(crate) struct Processor {
    /// `None` while the node runs.
    pub(crate) body: Option<Body>,
    /// The stream of a node that hears the whole first, once it has heard.
    pub(crate) heard: Option<Box<dyn Stream>>,
    pub(crate) latency: u64,
    /// The timeline its input lies on: 0 for the programme, else 1 + the node that cut it. The node's own is told by
    /// `cuts`.
    pub(crate) timeline: usize,
    pub(crate) cuts: bool,
    /// Whether it learns from the programme, and so wants to know which it is.
    pub(crate) learns: bool,
    pub(crate) in_place: bool,
    pub(crate) outputs: Vec<Format>,
    /// Ports and channels of the wires at its inputs, in the order of ports and of the file; with the wires' numbers.
    pub(crate) wires: Vec<(usize, usize, usize)>,
}

/// Compiles `graph` for a programme of format `input`.
///
/// # Errors
/// Everything that is wrong with the graph at this format.
pub fn compile(graph: &Graph, input: Format, options: &Options) -> Result<Compiled, Vec<CompileError>> {
    let block = options.block.clamp(1, MAX_BLOCK);
    let order = order::order(graph).map_err(|error| vec![error])?;
    let mut errors = ends(graph);
    let formats = formats::infer(graph, input, &order, &mut errors);
    let mut nodes = Vec::with_capacity(graph.nodes.len());
    for id in 0..graph.nodes.len() {
        nodes.push(prepare(graph, id, &formats, block, options, &mut errors));
    }
    let goals = goals(graph, &nodes, &mut errors);
    let timelines = timelines::infer(graph, &order, &formats.wires_in, &mut errors);
    if !errors.is_empty() {
        return Err(errors);
    }
    let nodes: Vec<Prepared> = nodes.into_iter().flatten().collect();
    let whole: Vec<bool> = nodes.iter().map(|node| matches!(node.body, Body::Whole(_))).collect();
    let weight = |node: usize, port: usize| {
        let format = formats.outputs(node).and_then(|formats| formats.get(port));
        format.map_or(0, |format| u64::from(format.rate_hz) * format.channels() as u64 * 8)
    };
    let pass = passes::assign(&passes::Wish { graph, order: &order, whole: &whole, weight: &weight });
    let facts = facts(graph, &nodes, &formats, &pass, &goals);
    let draft = Draft {
        graph,
        order: &order,
        facts: &facts,
        wires_in: &formats.wires_in,
        input,
        workers: options.workers,
    };
    let (mut passes, spools) = clusters::draw_up(&draft);
    clusters::drop_inner_edges(&mut passes);
    for pass in &mut passes {
        let ahead = pass
            .clusters
            .iter()
            .map(|cluster| (cluster[0], look_ahead(cluster, &nodes, &facts, &formats, graph, block)));
        edges::size(pass, &ahead.collect(), block);
        pass.edges.iter_mut().for_each(|edge| edge.capacity += options.spare_blocks);
    }
    let late = arrivals(graph, &order, &nodes, &formats);
    let mut plan = Plan {
        graph: graph.name.clone(),
        input,
        outputs: outputs(graph, &formats),
        block,
        nodes: order.iter().map(|id| planned(graph, *id, &nodes[*id], &facts[*id])).collect(),
        wires: graph.wires.iter().map(|wire| planned_wire(graph, wire, &formats, &late)).collect(),
        passes,
        spools,
        block_bytes: 0,
    };
    plan.block_bytes = clusters::block_bytes(&plan);
    let nodes = nodes.into_iter().enumerate();
    let nodes = nodes.map(|(id, node)| processor(graph, id, node, &formats, timelines[id]));
    Ok(Compiled { plan, nodes: nodes.collect(), workers: options.workers.max(1) })
}

/// What is wrong with where wires begin and end.
fn ends(graph: &Graph) -> Vec<CompileError> {
    let mut errors = Vec::new();
    let mut taken: BTreeMap<To, &Wire> = BTreeMap::new();
    for wire in &graph.wires {
        let port = match wire.to {
            To::Output(index) => output_name(&graph.outputs[index]),
            To::Node(node, port) => {
                let node = &graph.nodes[node.0];
                match node.node.ports().inputs.get(port) {
                    Some(declared) if declared.many => continue,
                    declared => format!("{}.{}", node.name, declared.map_or("?", |port| &port.name)),
                }
            }
        };
        let place = |wire: &Wire, label: &str| Place { origin: wire.origin.clone(), label: label.into() };
        if let Some(first) = taken.insert(wire.to, wire) {
            errors.push(CompileError::TwoWires {
                port,
                wires: [place(first, "one wire"), place(wire, "and another")],
            });
        }
    }
    for (index, name) in graph.inputs.iter().enumerate().skip(1) {
        if let Some(wire) = graph.wires.iter().find(|wire| wire.from == From::Input(index)) {
            let wire = Place { origin: wire.origin.clone(), label: "this wire begins there".into() };
            errors.push(CompileError::ExtraInput { name: name.clone(), wire });
        }
    }
    for (index, name) in graph.outputs.iter().enumerate() {
        if !graph.wires.iter().any(|wire| wire.to == To::Output(index)) {
            errors.push(CompileError::SilentOutput { name: output_name(name) });
        }
    }
    errors
}

/// A number that differs from node to node, and is the same for a node of the same name in every run. A node of a used graph,
/// `outer/inner`, has that of a node `outer__inner`: so a graph makes the same noise when what it uses is put in its place.
fn seed_of(name: &str, seed: u64) -> u64 {
    // FNV-1a.
    name.replace('/', "__").bytes().fold(0xcbf2_9ce4_8422_2325 ^ seed, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn prepare(
    graph: &Graph,
    id: usize,
    formats: &Formats,
    block: usize,
    options: &Options,
    errors: &mut Vec<CompileError>,
) -> Option<Prepared> {
    let node = &graph.nodes[id];
    let outputs = formats.outputs(id)?.to_vec();
    let inputs =
        formats.wires_in[id].iter().map(|wires| formats.of(graph.wires[*wires.first()?].from)).collect();
    let wires = formats.wires_in[id].iter().map(Vec::len).collect();
    let seed = seed_of(&node.name, options.seed);
    let assets = options.assets.iter().filter(|((file, _), _)| *file == node.origin.file);
    let assets = assets.map(|((_, name), recording)| (name.clone(), Arc::clone(recording))).collect();
    let (portable, workers) = (options.portable, options.workers.max(1));
    let lesson = graph.lesson(&node.name).map(|lesson| Arc::clone(&lesson.text));
    let setup = Setup { inputs, wires, outputs, seed, max_frames: block, portable, assets, lesson, workers };
    if !node.on {
        return Some(Prepared::stream(Bypass, 0.1));
    }
    match on_lane(&*node.node, node.lane, &setup) {
        Ok(prepared) => Some(prepared),
        Err(error) => {
            let lesson = match &error {
                NodeError::Lesson(error) => lesson_place(graph, &node.name, error),
                _ => None,
            };
            let (name, node) = (node.name.clone(), node_place(node, "this node"));
            errors.push(CompileError::Node { name, node, lesson, error });
            None
        }
    }
}

/// A node that is off: the main input stays where it is, the other outputs are silent.
struct Bypass;

impl Stream for Bypass {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        let frames = io.frames();
        for output in io.outputs().iter_mut().skip(1) {
            output.block_mut(frames).fill(0.0);
        }
        Ok(())
    }

    fn reset(&mut self) {}
}

/// For every node with a goal, the output at which it is checked: the first that can be reached from the node.
fn goals(graph: &Graph, nodes: &[Option<Prepared>], errors: &mut Vec<CompileError>) -> Vec<Option<usize>> {
    let mut found: Vec<Option<usize>> = vec![None; nodes.len()];
    for (id, prepared) in nodes.iter().enumerate() {
        let Some(Prepared { body: Body::Whole(whole), .. }) = prepared else { continue };
        if whole.goal().is_none() {
            continue;
        }
        let goal = reachable_output(graph, id);
        let rival = goal.and_then(|goal| found.iter().position(|other| *other == Some(goal)));
        if let Some(rival) = rival {
            let (first, second) = (&graph.nodes[rival], &graph.nodes[id]);
            errors.push(CompileError::Goals {
                first: first.name.clone(),
                second: second.name.clone(),
                nodes: [node_place(first, "aims at the output"), node_place(second, "so does this one")],
            });
        }
        found[id] = goal;
    }
    found
}

fn reachable_output(graph: &Graph, from: usize) -> Option<usize> {
    let mut reached = vec![false; graph.nodes.len()];
    let (mut stack, mut outputs) = (vec![from], Vec::new());
    while let Some(id) = stack.pop() {
        if std::mem::replace(&mut reached[id], true) {
            continue;
        }
        for wire in graph.wires.iter().filter(|wire| matches!(wire.from, From::Node(node, _) if node.0 == id))
        {
            match wire.to {
                To::Node(node, _) => stack.push(node.0),
                To::Output(output) => outputs.push(output),
            }
        }
    }
    outputs.into_iter().min()
}

fn facts(
    graph: &Graph,
    nodes: &[Prepared],
    formats: &Formats,
    pass: &[usize],
    goals: &[Option<usize>],
) -> Vec<Facts> {
    let fact = |(id, node): (usize, &Prepared)| {
        let whole = matches!(node.body, Body::Whole(_));
        let heard =
            formats.wires_in[id].first().and_then(|wires| wires.first()).map(|wire| graph.wires[*wire].from);
        let hears_in = whole.then(|| match heard {
            Some(From::Node(from, _)) => pass[from.0],
            _ => pass[id].saturating_sub(1),
        });
        Facts {
            pass: pass[id],
            hears_in,
            stream: !matches!(node.body, Body::Rate(_)),
            cost_ns: node.cost_ns,
            outputs: formats.outputs(id).unwrap_or_default().to_vec(),
            goal: goals[id],
        }
    };
    nodes.iter().enumerate().map(fact).collect()
}

/// What a cluster looks ahead, in whole blocks, because whole blocks go in and out.
fn look_ahead(
    cluster: &[usize],
    nodes: &[Prepared],
    facts: &[Facts],
    formats: &Formats,
    graph: &Graph,
    block: usize,
) -> Ahead {
    let rate_out = facts[cluster[0]].outputs.first().map_or(1, |format| format.rate_hz);
    let latency: u64 = cluster.iter().map(|id| nodes[*id].latency).sum();
    if let Body::Rate(rate) = &nodes[cluster[0]].body {
        let wire = formats.wires_in[cluster[0]].first().and_then(|wires| wires.first());
        let rate_in =
            wire.and_then(|wire| formats.of(graph.wires[*wire].from)).map_or(1, |format| format.rate_hz);
        let least = Seconds::of_frames(latency, rate_out);
        let waits = Seconds::of_frames((rate.chunk().0 + block) as u64, rate_in);
        return Ahead { least, most: least + waits + Seconds::of_frames(block as u64, rate_out) };
    }
    let blocks = latency.div_ceil(block as u64) * block as u64;
    let ahead = Seconds::of_frames(blocks, rate_out);
    Ahead { least: ahead, most: ahead }
}

/// How late every node's output is, exactly; the engine aligns it all.
fn arrivals(
    graph: &Graph,
    order: &[usize],
    nodes: &[Prepared],
    formats: &Formats,
) -> BTreeMap<usize, Seconds> {
    let mut late: BTreeMap<usize, Seconds> = BTreeMap::new();
    for &id in order {
        let inputs =
            formats.wires_in[id].iter().flatten().map(|wire| arrival(&late, graph.wires[*wire].from));
        let longest = inputs.max().unwrap_or(Seconds::ZERO);
        let rate = formats.outputs(id).and_then(|formats| formats.first()).map_or(1, |format| format.rate_hz);
        late.insert(id, longest + Seconds::of_frames(nodes[id].latency, rate));
    }
    late
}

fn arrival(late: &BTreeMap<usize, Seconds>, from: From) -> Seconds {
    match from {
        From::Input(_) => Seconds::ZERO,
        From::Node(node, _) => late.get(&node.0).copied().unwrap_or(Seconds::ZERO),
    }
}

fn outputs(graph: &Graph, formats: &Formats) -> Vec<(String, Format)> {
    let format = |index: usize| {
        graph.wires.iter().find(|wire| wire.to == To::Output(index)).and_then(|wire| formats.of(wire.from))
    };
    let named = graph.outputs.iter().enumerate();
    named.filter_map(|(index, name)| Some((name.clone(), format(index)?))).collect()
}

fn planned(graph: &Graph, id: usize, prepared: &Prepared, facts: &Facts) -> PlannedNode {
    let node = &graph.nodes[id];
    PlannedNode {
        id,
        name: node.name.clone(),
        kind: node.node.about().kind,
        on: node.on,
        lane: node.lane,
        outputs: facts.outputs.clone(),
        latency: prepared.latency,
        pass: facts.pass,
        hears_in: facts.hears_in,
        cost_ns: prepared.cost_ns,
    }
}

fn planned_wire(
    graph: &Graph,
    wire: &Wire,
    formats: &Formats,
    late: &BTreeMap<usize, Seconds>,
) -> PlannedWire {
    let to = match wire.to {
        To::Output(index) => output_name(&graph.outputs[index]),
        To::Node(node, port) => {
            let node = &graph.nodes[node.0];
            let ports = node.node.ports().inputs;
            if ports.len() == 1 { node.name.clone() } else { format!("{}.{}", node.name, ports[port].name) }
        }
    };
    PlannedWire {
        from: clusters::label(graph, wire.from),
        to,
        format: formats.of(wire.from).unwrap_or(Format::stereo(0)),
        late_ms: arrival(late, wire.from).millis(),
    }
}

fn processor(graph: &Graph, id: usize, node: Prepared, formats: &Formats, timeline: usize) -> Processor {
    let by_port = formats.wires_in[id].iter().enumerate();
    let wires = by_port.flat_map(|(port, wires)| wires.iter().map(move |wire| (port, *wire)));
    let channels = |wire: usize| formats.of(graph.wires[wire].from).map_or(0, Format::channels);
    let in_place = !graph.nodes[id].on || graph.nodes[id].node.ports().in_place();
    Processor {
        body: Some(node.body),
        heard: None,
        latency: node.latency,
        timeline,
        cuts: timelines::cuts(&graph.nodes[id]),
        learns: graph.nodes[id].on && graph.nodes[id].node.learns(),
        in_place,
        outputs: formats.outputs(id).unwrap_or_default().to_vec(),
        wires: wires.map(|(port, wire)| (port, channels(wire), wire)).collect(),
    }
}
