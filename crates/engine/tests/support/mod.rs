//! Nodes whose output is easy to predict, graphs made of them, and what to hold the engine against.

#![allow(dead_code, reason = "every test file uses its own part")]

pub mod interpreter;

use deadwax_graph::model::{From, Graph, Node as Placed, NodeId, Origin, To, Wire};
use deadwax_node::{
    About, Analyze, AnyNode, Block, BlockMut, Body, Channels, Family, Format, Goal, Io, Lane, Node,
    NodeError, Port, Ports, Prepared, Rate, Report, Setup, Step, Stream, Tail, Whole, params,
};

const fn about(kind: &'static str) -> About {
    About { kind, family: Family::Gain, summary: "For tests.", since: "0", algorithm: 1, example: "" }
}

/// Half the sample of now and a quarter of the one before, all of it some frames late.
#[params]
pub struct Late {
    #[param(default = 0, help = "frames")]
    pub latency_frames: u32,
}

impl Node for Late {
    const ABOUT: About = about("Late");

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let line = vec![vec![0.0; self.latency_frames as usize + 2]; setup.main().channels()];
        let stream = LateStream { line, at: 0 };
        Ok(Prepared::stream(stream, 1.0)
            .with_latency(u64::from(self.latency_frames))
            .with_tail(Tail::Frames(1)))
    }
}

struct LateStream {
    line: Vec<Vec<f64>>,
    at: usize,
}

impl Stream for LateStream {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        let frames = io.frames();
        let size = self.line[0].len();
        let mut main = io.main();
        for n in 0..frames {
            for (c, line) in self.line.iter_mut().enumerate() {
                line[(self.at + n) % size] = main.channel(c)[n];
                // The oldest sample is the one before the one that is due.
                let (now, before) = (line[(self.at + n + 2) % size], line[(self.at + n + 1) % size]);
                main.channel_mut(c)[n] = 0.5 * now + 0.25 * before;
            }
        }
        self.at = (self.at + frames) % size;
        Ok(())
    }

    fn reset(&mut self) {
        self.line.iter_mut().for_each(|line| line.fill(0.0));
        self.at = 0;
    }
}

/// Adds its wires, and noise that depends on seed and frame only.
#[params]
pub struct Sum {}

impl Node for Sum {
    const ABOUT: About = about("Sum");

    fn ports(&self) -> Ports {
        let mut ports = Ports::through();
        ports.inputs[0] = Port::new("in", Channels::Any, "added").many();
        ports
    }

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        Ok(Prepared::stream(SumStream(setup.seed), 1.0))
    }
}

struct SumStream(u64);

impl Stream for SumStream {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        let (start, seed) = (io.start(), self.0);
        let wires: Vec<_> = io.wires(0).collect();
        let mut main = io.main();
        for c in 0..main.channels() {
            for (n, sample) in main.channel_mut(c).iter_mut().enumerate() {
                for wire in &wires {
                    *sample += wire.channel(c)[n];
                }
                let noise = (start + n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ seed;
                *sample += (noise >> 40) as f64 * 1e-12;
            }
        }
        Ok(())
    }

    fn reset(&mut self) {}
}

/// What is above a level to one output, the rest to the other; hears a key beside it.
#[params]
pub struct Divide {
    #[param(default = 0, help = "frames")]
    pub latency_frames: u32,
}

impl Node for Divide {
    const ABOUT: About = about("Divide");

    fn ports(&self) -> Ports {
        let mut ports = Ports::through().with_input(Port::new("key", Channels::Any, "also heard").optional());
        ports.outputs.push(Port::new("rest", Channels::AsMain, "the rest"));
        ports
    }

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let held = vec![
            std::collections::VecDeque::from(vec![0.0; self.latency_frames as usize]);
            setup.main().channels()
        ];
        Ok(Prepared::stream(DivideStream(held), 1.0).with_latency(u64::from(self.latency_frames)))
    }
}

struct DivideStream(Vec<std::collections::VecDeque<f64>>);

impl Stream for DivideStream {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        let (frames, key) = (io.frames(), io.input(1));
        let (first, second) = io.outputs().split_at_mut(1);
        let (mut main, mut rest) = (first[0].block_mut(frames), second[0].block_mut(frames));
        for (c, held) in self.0.iter_mut().enumerate() {
            for n in 0..frames {
                held.push_back(main.channel(c)[n] + key.map_or(0.0, |key| 0.1 * key.channel(0)[n]));
                let x = held.pop_front().unwrap();
                main.channel_mut(c)[n] = x.clamp(-0.2, 0.2);
                rest.channel_mut(c)[n] = x - x.clamp(-0.2, 0.2);
            }
        }
        Ok(())
    }

    fn reset(&mut self) {
        for held in &mut self.0 {
            held.iter_mut().for_each(|x| *x = 0.0);
        }
    }
}

/// Stereo in, the mean of both out.
#[params]
pub struct ToMono {}

impl Node for ToMono {
    const ABOUT: About = about("ToMono");

    fn ports(&self) -> Ports {
        Ports {
            inputs: vec![Port::new("in", Channels::Exactly(2), "stereo")],
            outputs: vec![Port::new("out", Channels::Exactly(1), "mono")],
        }
    }

    fn prepare(&self, _: &Setup) -> Result<Prepared, NodeError> {
        Ok(Prepared::stream(ToMonoStream, 1.0))
    }
}

struct ToMonoStream;

impl Stream for ToMonoStream {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        let input = io.input(0).unwrap();
        for (n, sample) in io.main().channel_mut(0).iter_mut().enumerate() {
            *sample = 0.5 * (input.channel(0)[n] + input.channel(1)[n]);
        }
        Ok(())
    }

    fn reset(&mut self) {}
}

/// Twice as many frames (each held), or every second one; in chunks, and late.
#[params]
pub struct Doubled {
    #[param(default = false, help = "halve instead")]
    pub halve: bool,
    #[param(default = 6, help = "frames in a chunk at the lower rate")]
    pub chunk_frames: u32,
    #[param(default = 0, help = "frames")]
    pub latency_frames: u32,
}

impl Node for Doubled {
    const ABOUT: About = about("Doubled");

    fn output_rate(&self, input_hz: u32) -> Result<u32, NodeError> {
        Ok(if self.halve { input_hz / 2 } else { input_hz * 2 })
    }

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let held = vec![vec![0.0; self.latency_frames as usize]; setup.main().channels()];
        let rate = DoubledRate { node: self.clone(), held: held.clone(), fresh: held };
        let (body, latency) = (Body::Rate(Box::new(rate)), u64::from(self.latency_frames));
        Ok(Prepared { body, latency, tail: Tail::NONE, cost_ns: 1.0 })
    }
}

struct DoubledRate {
    node: Doubled,
    held: Vec<Vec<f64>>,
    fresh: Vec<Vec<f64>>,
}

impl Rate for DoubledRate {
    fn chunk(&self) -> (usize, usize) {
        let low = self.node.chunk_frames as usize;
        if self.node.halve { (2 * low, low) } else { (low, 2 * low) }
    }

    fn process(&mut self, input: Block<'_>, output: &mut BlockMut<'_>) -> Result<(), NodeError> {
        for (c, held) in self.held.iter_mut().enumerate() {
            let input = input.channel(c);
            let made =
                (0..output.frames()).map(|n| if self.node.halve { input[2 * n] } else { input[n / 2] });
            held.extend(made.collect::<Vec<_>>());
            let frames = output.frames();
            for (to, from) in output.channel_mut(c).iter_mut().zip(held.drain(..frames)) {
                *to = from;
            }
        }
        Ok(())
    }

    fn reset(&mut self) {
        self.held.clone_from(&self.fresh);
    }
}

/// Divides by the loudest sample of the whole programme.
#[params]
pub struct Normalised {
    #[param(default = 0, help = "frames")]
    pub latency_frames: u32,
    #[param(default = None, help = "aim at this loudest sample at the output")]
    pub aim: Option<f64>,
}

impl Node for Normalised {
    const ABOUT: About = about("Normalised");

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let whole = NormalisedWhole {
            aim: self.aim,
            latency: self.latency_frames as usize,
            channels: setup.main().channels(),
        };
        let (body, latency) = (Body::Whole(Box::new(whole)), u64::from(self.latency_frames));
        Ok(Prepared { body, latency, tail: Tail::NONE, cost_ns: 1.0 })
    }
}

struct NormalisedWhole {
    aim: Option<f64>,
    latency: usize,
    channels: usize,
}

struct Peak(f64);

impl Analyze for Peak {
    fn hear(&mut self, _: u64, block: Block<'_>) -> Result<(), NodeError> {
        self.0 = block.iter().flatten().fold(self.0, |most, x| most.max(x.abs()));
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Report, NodeError> {
        Ok(Report::new(self.0))
    }
}

struct Scaled {
    factor: f64,
    held: Vec<std::collections::VecDeque<f64>>,
}

impl NormalisedWhole {
    fn scaled(latency: usize, channels: usize, factor: f64) -> Box<dyn Stream> {
        Box::new(Scaled { factor, held: vec![vec![0.0; latency].into(); channels] })
    }
}

impl Whole for NormalisedWhole {
    fn listener(&self) -> Box<dyn Analyze> {
        Box::new(Peak(0.0))
    }

    fn stream(&mut self, heard: &Report) -> Result<Box<dyn Stream>, NodeError> {
        let peak = heard.get::<f64>().copied().ok_or(NodeError::ForeignReport)?;
        Ok(Self::scaled(self.latency, self.channels, if peak > 0.0 { 1.0 / peak } else { 1.0 }))
    }

    fn goal(&self) -> Option<Box<dyn Goal>> {
        let aim = self.aim?;
        Some(Box::new(PeakGoal { aim, factor: None, latency: self.latency, channels: self.channels }))
    }
}

struct PeakGoal {
    aim: f64,
    factor: Option<f64>,
    latency: usize,
    channels: usize,
}

impl Goal for PeakGoal {
    fn listener(&self, _: Format) -> Box<dyn Analyze> {
        Box::new(Peak(0.0))
    }

    fn next(&mut self, delivered: &Report) -> Result<Step, NodeError> {
        let peak = delivered.get::<f64>().copied().ok_or(NodeError::ForeignReport)?;
        let factor = self.factor.unwrap_or(1.0);
        if (peak - self.aim).abs() < 1e-3 || self.factor.is_some_and(|f| f > 100.0) {
            return Ok(Step::Done(Report::new(peak)));
        }
        // What is downstream may be any filter, so go half the way in the ratio.
        let factor = factor * (self.aim / peak).clamp(0.25, 4.0);
        self.factor = Some(factor);
        Ok(Step::Again(NormalisedWhole::scaled(self.latency, self.channels, factor)))
    }
}

impl Stream for Scaled {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        for (channel, held) in io.main().iter_mut().zip(&mut self.held) {
            for sample in channel {
                held.push_back(*sample);
                *sample = held.pop_front().unwrap() * self.factor;
            }
        }
        Ok(())
    }

    fn reset(&mut self) {
        for held in &mut self.held {
            held.iter_mut().for_each(|x| *x = 0.0);
        }
    }
}

/// A graph under construction.
#[derive(Default)]
pub struct Sketch {
    pub graph: Graph,
}

impl Sketch {
    pub fn new() -> Self {
        let mut graph = Graph { name: "sketch".into(), ..Graph::default() };
        graph.inputs.push("input".into());
        graph.outputs.push("output".into());
        Self { graph }
    }

    pub fn node(&mut self, name: &str, node: impl Node) -> usize {
        self.boxed(name, Box::new(node))
    }

    pub fn boxed(&mut self, name: &str, node: Box<dyn AnyNode>) -> usize {
        let origin = Origin::default();
        self.graph.nodes.push(Placed {
            name: name.into(),
            node,
            on: true,
            lane: Lane::Both,
            note: None,
            origin,
        });
        self.graph.nodes.len() - 1
    }

    pub fn wire(&mut self, from: Option<(usize, usize)>, to: Option<(usize, usize)>) {
        let from = from.map_or(From::Input(0), |(node, port)| From::Node(NodeId(node), port));
        let to = to.map_or(To::Output(0), |(node, port)| To::Node(NodeId(node), port));
        self.graph.wires.push(Wire { from, to, origin: Origin::default() });
    }

    /// Input, these nodes one behind the other, output.
    pub fn chain(nodes: Vec<Box<dyn AnyNode>>) -> Self {
        let mut sketch = Self::new();
        let mut before = None;
        for (number, node) in nodes.into_iter().enumerate() {
            let id = sketch.boxed(&format!("n{number}"), node);
            sketch.wire(before, Some((id, 0)));
            before = Some((id, 0));
        }
        sketch.wire(before, None);
        sketch
    }
}

pub type Channelled = Vec<Vec<f64>>;

/// Seeded noise.
pub fn noise(channels: usize, frames: usize) -> Channelled {
    let mut state = 0x1234_5678_9abc_def1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    };
    (0..channels).map(|_| (0..frames).map(|_| next() * 0.5).collect()).collect()
}
