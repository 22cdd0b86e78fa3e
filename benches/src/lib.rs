//! What the benches share: graphs in text, programmes in memory, and a loop written by hand to compare the engine with.

use deadwax_engine::{Cause, Compiled, MemorySource, Options, RunOptions, Sink, compile, run};
use deadwax_graph::{Graph, Memory, Overrides, load};
use deadwax_node::{Block, Body, Buffer, Format, Io, Setup, SideInput, Stream};
use std::sync::atomic::AtomicBool;

/// Sample rate of the programmes, in Hz.
pub const RATE_HZ: u32 = 44_100;

/// Reads a graph from `nodes` (`name: Kind(...)`) and `wires`.
///
/// # Panics
/// When the text is no graph.
#[must_use]
pub fn graph(nodes: &[String], wires: &[String]) -> Graph {
    let quoted: Vec<String> = wires.iter().map(|wire| format!("\"{wire}\"")).collect();
    let text = format!("Graph(format: 1, nodes: {{ {} }}, wires: [{}])", nodes.join(", "), quoted.join(", "));
    let loader = Memory::new().with("bench.ron", text);
    load(&deadwax_nodes::registry(), &loader, "bench.ron", &Overrides::none()).expect("a graph")
}

/// `count` nodes of the same kind, one behind the other.
#[must_use]
pub fn chain(count: usize, body: &str) -> Graph {
    let nodes: Vec<String> = (0..count).map(|n| format!("n{n}: {body}")).collect();
    let names: Vec<String> = (0..count).map(|n| format!("n{n}")).collect();
    graph(&nodes, &[format!("input -> {} -> output", names.join(" -> "))])
}

/// `branches` chains of `length` nodes side by side, added up.
#[must_use]
pub fn branches(branches: usize, length: usize, body: &str) -> Graph {
    let mut nodes = vec!["sum: Mix".to_owned()];
    let mut wires = vec!["sum -> output".to_owned()];
    for b in 0..branches {
        let names: Vec<String> = (0..length).map(|n| format!("b{b}_{n}")).collect();
        nodes.extend(names.iter().map(|name| format!("{name}: {body}")));
        wires.push(format!("input -> {} -> sum", names.join(" -> ")));
    }
    graph(&nodes, &wires)
}

/// Stereo noise, seeded.
#[must_use]
pub fn noise(frames: usize) -> Vec<Vec<f64>> {
    let noise = |channel| deadwax_dsp::noise::Noise::new(7, channel);
    (0..2).map(|channel| (0..frames as u64).map(|n| noise(channel).uniform(n) * 0.25).collect()).collect()
}

/// Takes frames and lets them go.
struct Nowhere;

impl Sink for Nowhere {
    fn start(&mut self, _: Format) -> Result<(), Cause> {
        Ok(())
    }

    fn write(&mut self, block: Block<'_>) -> Result<(), Cause> {
        std::hint::black_box(block.channel(0));
        Ok(())
    }
}

/// A compiled graph with a programme.
pub struct Bench {
    compiled: Compiled,
    source: MemorySource,
}

impl Bench {
    /// Compiles `graph` for stereo noise of `frames` frames.
    ///
    /// # Panics
    /// When the graph does not compile.
    #[must_use]
    pub fn new(graph: &Graph, frames: usize, block: usize, workers: usize) -> Self {
        Self::of(graph, noise(frames), block, workers)
    }

    /// Compiles `graph` for a stereo programme.
    ///
    /// # Panics
    /// When the graph does not compile.
    #[must_use]
    pub fn of(graph: &Graph, programme: Vec<Vec<f64>>, block: usize, workers: usize) -> Self {
        let format = Format::stereo(RATE_HZ);
        let compiled =
            compile(graph, format, &Options { block, workers, ..Options::default() }).expect("compiles");
        Self { compiled, source: MemorySource::new(format, programme) }
    }

    /// Runs the whole programme once.
    ///
    /// # Panics
    /// When the run fails.
    pub fn run(&mut self) {
        let cancel = AtomicBool::new(false);
        let options =
            RunOptions { spool_memory: 1 << 34, spool_limit: 1 << 40, cancel: &cancel, progress: &|_| {} };
        let mut sinks: Vec<Nowhere> = self.compiled.plan.outputs.iter().map(|_| Nowhere).collect();
        let mut taken: Vec<&mut dyn Sink> = sinks.iter_mut().map(|sink| sink as &mut dyn Sink).collect();
        run(&mut self.compiled, &mut self.source, &mut taken, &options).expect("runs");
    }
}

/// The streams of a chain, called block by block in a loop written by hand: what a program without an engine would do.
pub struct ByHand {
    streams: Vec<Box<dyn Stream>>,
    input: Vec<Vec<f64>>,
    work: Vec<Buffer>,
    block: usize,
}

impl ByHand {
    /// Prepares the nodes of a chain.
    ///
    /// # Panics
    /// When a node is no plain stream.
    #[must_use]
    pub fn new(graph: &Graph, frames: usize, block: usize) -> Self {
        let stream = |node: &deadwax_graph::model::Node| {
            let setup = Setup::plain(&*node.node, Format::stereo(RATE_HZ)).expect("stereo");
            match node.node.prepare(&setup).expect("prepares").body {
                Body::Stream(stream) => stream,
                _ => panic!("not a stream"),
            }
        };
        let streams = graph.nodes.iter().map(stream).collect();
        Self { streams, input: noise(frames), work: vec![Buffer::new(2, block)], block }
    }

    /// Runs the whole programme once.
    ///
    /// # Panics
    /// When a node fails.
    pub fn run(&mut self) {
        self.streams.iter_mut().for_each(|stream| stream.reset());
        let total = self.input[0].len();
        for begin in (0..total).step_by(self.block) {
            let frames = self.block.min(total - begin);
            for (to, from) in self.work[0].block_mut(frames).iter_mut().zip(&self.input) {
                to.copy_from_slice(&from[begin..begin + frames]);
            }
            for stream in &mut self.streams {
                stream.process(&mut Io::new(begin as u64, frames, &[], &mut self.work)).expect("runs");
            }
            std::hint::black_box(self.work[0].block(frames).channel(0));
        }
    }
}

/// A kind's example, or its defaults.
#[must_use]
pub fn example(kind: &deadwax_node::Kind) -> Box<dyn deadwax_node::AnyNode> {
    let body = kind.about.example.strip_prefix(kind.name()).map_or("", str::trim);
    kind.from_ron(if body.is_empty() { "()" } else { body }).unwrap_or_else(|_| kind.default_node())
}

/// One node without an engine: its stream, called block by block over noise that is copied in, as an engine does.
pub struct Alone {
    stream: Box<dyn Stream>,
    main: Vec<Vec<f64>>,
    side: Vec<SideInput>,
    outputs: Vec<Buffer>,
    in_place: bool,
    frames: usize,
}

impl Alone {
    /// Frames in a block.
    const BLOCK: usize = 2048;

    /// Prepares `node` for stereo noise (mono where it takes no more) at `rate_hz`. `None` where it is no plain stream.
    #[must_use]
    pub fn new(node: &dyn deadwax_node::AnyNode, rate_hz: u32, frames: usize) -> Option<Self> {
        let ports = node.ports();
        let mono = ports.inputs[0].channels == deadwax_node::Channels::Exactly(1);
        let layout = if mono { deadwax_node::Layout::Mono } else { deadwax_node::Layout::Stereo };
        let setup = Setup::plain(node, Format::new(rate_hz, layout)).ok()?;
        let Body::Stream(stream) = node.prepare(&setup).ok()?.body else { return None };
        let in_place = ports.in_place();
        let inputs = setup.inputs.iter().enumerate().skip(usize::from(in_place));
        let side = inputs.filter_map(|(port, format)| {
            let channels = noise(Self::BLOCK)[..(*format)?.channels().min(2)].to_vec();
            Some(SideInput { port, buffer: std::sync::Arc::new(Buffer::from_channels(&channels)) })
        });
        let outputs = setup.outputs.iter().map(|format| Buffer::new(format.channels(), Self::BLOCK));
        let main = noise(frames)[..setup.main().channels()].to_vec();
        Some(Self { stream, side: side.collect(), outputs: outputs.collect(), main, in_place, frames })
    }

    /// Runs all frames once, from a fresh start.
    ///
    /// # Panics
    /// When the node fails.
    pub fn run(&mut self) {
        self.stream.reset();
        for begin in (0..self.frames).step_by(Self::BLOCK) {
            let frames = Self::BLOCK.min(self.frames - begin);
            if self.in_place {
                for (to, from) in self.outputs[0].block_mut(frames).iter_mut().zip(&self.main) {
                    to.copy_from_slice(&from[begin..begin + frames]);
                }
            }
            self.stream
                .process(&mut Io::new(begin as u64, frames, &self.side, &mut self.outputs))
                .expect("runs");
        }
        std::hint::black_box(self.outputs[0].block(1).channel(0));
    }
}

/// The shortest of `tries` runs, in seconds: the figure least disturbed by whatever else a machine does.
pub fn best(tries: usize, mut work: impl FnMut()) -> f64 {
    let times = (0..tries).map(|_| {
        let begun = std::time::Instant::now();
        work();
        begun.elapsed().as_secs_f64()
    });
    times.fold(f64::INFINITY, f64::min)
}
