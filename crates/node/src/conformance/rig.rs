//! Runs one node over a whole programme, cut in any way: without an engine.

use crate::learn::ProgrammeHash;
use crate::{
    Analyze, AnyNode, Body, Buffer, Format, Io, NodeError, Prepared, Rate, Setup, SideInput, Stream, Whole,
};
use std::sync::Arc;

/// A prepared node with wires at its inputs.
pub struct Rig {
    prepared: Prepared,
    /// The stream of a node that hears the whole first, once it has heard.
    heard: Option<Box<dyn Stream>>,
    ports: Vec<(usize, Format)>,
    outputs: Vec<Format>,
    in_place: bool,
}

impl Rig {
    /// Prepares `node` for `format` at its main input. Optional ports are connected when `all_ports` says so; a port for
    /// many wires gets two of them.
    ///
    /// # Errors
    /// When the node does not work at that format.
    pub fn new(node: &dyn AnyNode, format: Format, all_ports: bool) -> Result<Self, NodeError> {
        Self::taught(node, format, all_ports, None)
    }

    /// The same for a node that has learnt `lesson` before.
    ///
    /// # Errors
    /// When the node does not work at that format, or with that lesson.
    pub fn taught(
        node: &dyn AnyNode,
        format: Format,
        all_ports: bool,
        lesson: Option<&str>,
    ) -> Result<Self, NodeError> {
        let declared = node.ports();
        let mut setup = Setup::plain(node, format)?;
        setup.lesson = lesson.map(Arc::from);
        let mut ports = Vec::new();
        for (index, port) in declared.inputs.iter().enumerate() {
            if let crate::Channels::Exactly(count) = port.channels
                && index == 0
                && count != format.channels()
            {
                return Err(NodeError::field(port.name.to_string(), "another number of channels"));
            }
            if all_ports && setup.inputs[index].is_none() {
                setup.inputs[index] = Some(Format::new(format.rate_hz, port.layout(format.layout)));
                setup.wires[index] = 1;
            }
            if port.many && setup.inputs[index].is_some() {
                setup.wires[index] = 2;
            }
            ports.extend(setup.inputs[index].into_iter().flat_map(|f| vec![(index, f); setup.wires[index]]));
        }
        let prepared = node.prepare(&setup)?;
        Ok(Self { prepared, heard: None, ports, outputs: setup.outputs, in_place: declared.in_place() })
    }

    /// How many channels each wire at the inputs carries, main first.
    #[must_use]
    pub fn wires(&self) -> Vec<usize> {
        self.ports.iter().map(|(_, format)| format.channels()).collect()
    }

    /// Latency and tail as the node declares them.
    #[must_use]
    pub fn prepared(&self) -> &Prepared {
        &self.prepared
    }

    /// The format at the main input.
    #[must_use]
    pub fn input_format(&self) -> Format {
        self.ports[0].1
    }

    /// The sample rate at the main input, in Hz.
    #[must_use]
    pub fn input_rate(&self) -> f64 {
        f64::from(self.ports[0].1.rate_hz)
    }

    /// The formats at the outputs.
    #[must_use]
    pub fn outputs(&self) -> &[Format] {
        &self.outputs
    }

    /// Runs the programme `wires[wire][channel][frame]` in blocks of the sizes `cuts`; gives back
    /// `[port][channel][frame]`, with the latency still in front.
    ///
    /// # Errors
    /// What the node says.
    pub fn run(&mut self, wires: &[Vec<Vec<f64>>], cuts: &[usize]) -> Result<Vec<Vec<Vec<f64>>>, NodeError> {
        if let Body::Whole(whole) = &mut self.prepared.body {
            self.heard = Some(hear(&mut **whole, &wires[0], cuts)?);
        }
        let stream = match &mut self.prepared.body {
            Body::Rate(rate) => return run_rate(&mut **rate, &wires[0]).map(|output| vec![output]),
            Body::Stream(stream) => stream,
            Body::Whole(_) => self.heard.as_mut().ok_or(NodeError::ForeignReport)?,
        };
        run_stream(&mut **stream, &self.ports, &self.outputs, self.in_place, wires, cuts)
    }

    /// What the node learnt in the last run.
    #[must_use]
    pub fn lesson(&self) -> Option<String> {
        self.heard.as_ref()?.lesson().map(str::to_owned)
    }

    /// Takes the node back to how it was prepared.
    pub fn reset(&mut self) {
        match &mut self.prepared.body {
            Body::Stream(stream) => stream.reset(),
            Body::Rate(rate) => rate.reset(),
            Body::Whole(_) => {
                if let Some(stream) = &mut self.heard {
                    stream.reset();
                }
            }
        }
    }
}

fn hear(whole: &mut dyn Whole, main: &[Vec<f64>], cuts: &[usize]) -> Result<Box<dyn Stream>, NodeError> {
    let mut listener: Box<dyn Analyze> = whole.listener();
    let buffer = Buffer::from_channels(main);
    let mut begin = 0;
    for &frames in cuts {
        let block = buffer.block(buffer.capacity()).part(begin, frames);
        listener.hear(begin as u64, block)?;
        begin += frames;
    }
    let heard = listener.finish()?;
    let mut hash = ProgrammeHash::new(main.len());
    hash.push(buffer.block(buffer.capacity()));
    whole.programme(&hash.finish())?;
    whole.stream(&heard)
}

fn run_stream(
    stream: &mut dyn Stream,
    ports: &[(usize, Format)],
    formats: &[Format],
    in_place: bool,
    wires: &[Vec<Vec<f64>>],
    cuts: &[usize],
) -> Result<Vec<Vec<Vec<f64>>>, NodeError> {
    let mut result: Vec<Vec<Vec<f64>>> =
        formats.iter().map(|format| vec![Vec::new(); format.channels()]).collect();
    let mut begin = 0;
    for &frames in cuts {
        let part = |wire: usize| {
            let channels: Vec<_> =
                wires[wire].iter().map(|channel| channel[begin..begin + frames].to_vec()).collect();
            Buffer::from_channels(&channels)
        };
        let side = ports.iter().enumerate().skip(usize::from(in_place));
        let side: Vec<SideInput> =
            side.map(|(wire, (port, _))| SideInput { port: *port, buffer: Arc::new(part(wire)) }).collect();
        let mut outputs: Vec<Buffer> =
            formats.iter().map(|format| dirty(format.channels(), frames)).collect();
        if in_place {
            outputs[0] = part(0);
        }
        stream.process(&mut Io::new(begin as u64, frames, &side, &mut outputs))?;
        for (kept, output) in result.iter_mut().zip(&outputs) {
            for (kept, channel) in kept.iter_mut().zip(output.block(frames).iter()) {
                kept.extend_from_slice(channel);
            }
        }
        begin += frames;
    }
    Ok(result)
}

/// Memory full of a value that no node may let through.
fn dirty(channels: usize, frames: usize) -> Buffer {
    let mut buffer = Buffer::new(channels, frames);
    buffer.block_mut(frames).fill(f64::NAN);
    buffer
}

/// Whole chunks only; what is left over at the end is padded with silence.
fn run_rate(rate: &mut dyn Rate, main: &[Vec<f64>]) -> Result<Vec<Vec<f64>>, NodeError> {
    let (frames_in, frames_out) = rate.chunk();
    let mut result = vec![Vec::new(); main.len()];
    let mut output = dirty(main.len(), frames_out);
    for begin in (0..main[0].len()).step_by(frames_in) {
        let chunk = main.iter().map(|channel| {
            let mut chunk = channel[begin..channel.len().min(begin + frames_in)].to_vec();
            chunk.resize(frames_in, 0.0);
            chunk
        });
        let input = Buffer::from_channels(&chunk.collect::<Vec<_>>());
        rate.process(input.block(frames_in), &mut output.block_mut(frames_out))?;
        for (kept, channel) in result.iter_mut().zip(output.block(frames_out).iter()) {
            kept.extend_from_slice(channel);
        }
    }
    Ok(result)
}
