//! `lane`: any node on mid, side, left or right alone.

use crate::{
    AnyNode, Body, Buffer, Channels, Format, Io, Layout, NodeError, Prepared, Report, Setup, Stream,
    ron_options,
};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// Which part of a stereo signal a node works on; every node has it as the common field `lane`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Lane {
    /// All channels.
    #[default]
    Both,
    /// (L + R) / 2.
    Mid,
    /// (L − R) / 2.
    Side,
    /// The first channel.
    Left,
    /// The second channel.
    Right,
}

impl Lane {
    /// The lane's name, as in a file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Both => "Both",
            Self::Mid => "Mid",
            Self::Side => "Side",
            Self::Left => "Left",
            Self::Right => "Right",
        }
    }

    /// All lanes.
    pub const ALL: [Self; 5] = [Self::Both, Self::Mid, Self::Side, Self::Left, Self::Right];

    /// Reads a lane's name.
    ///
    /// # Errors
    /// When it is none.
    pub fn from_ron(text: &str) -> Result<Self, ron::error::SpannedError> {
        ron_options().from_str(text)
    }
}

/// Prepares `node` to work on one lane of its stereo input; the other lane is delayed by the node's latency.
///
/// # Errors
/// When the node does not turn one main input into one main output of the same format, when the input is not stereo, or
/// when the node itself cannot be prepared.
pub fn on_lane(node: &dyn AnyNode, lane: Lane, setup: &Setup) -> Result<Prepared, NodeError> {
    if lane == Lane::Both {
        return node.prepare(setup);
    }
    let ports = node.ports();
    if !ports.in_place() || ports.outputs.len() != 1 || ports.inputs[0].many {
        return Err(NodeError::field(
            "lane",
            "only a node with one main input and one output of the same kind has lanes",
        ));
    }
    if node.cuts() {
        return Err(NodeError::field("lane", "one lane cannot be longer than the other"));
    }
    if setup.main().layout != Layout::Stereo {
        return Err(NodeError::field(
            "lane",
            format!("lanes are those of a stereo signal; here it is {}", setup.main()),
        ));
    }
    let mono = Format::new(setup.main().rate_hz, Layout::Mono);
    let mut inner = Setup { outputs: vec![mono], ..setup.clone() };
    for (port, format) in ports.inputs.iter().zip(&mut inner.inputs) {
        if port.channels == Channels::AsMain || port.name == ports.inputs[0].name {
            *format = format.map(|_| mono);
        }
    }
    let prepared = node.prepare(&inner)?;
    let Body::Stream(stream) = prepared.body else {
        return Err(NodeError::field(
            "lane",
            "a node that changes the rate or hears the whole programme has no lanes",
        ));
    };
    let latency = usize::try_from(prepared.latency).unwrap_or(usize::MAX);
    let body = LaneStream {
        lane,
        inner: stream,
        work: vec![Buffer::new(1, setup.max_frames)],
        other: Delay::new(latency),
        latency,
    };
    Ok(Prepared { body: Body::Stream(Box::new(body)), ..prepared })
}

/// A line that gives back what it was given so many samples ago.
struct Delay(VecDeque<f64>);

impl Delay {
    fn new(samples: usize) -> Self {
        // One place more than the line is long: a sample goes in before one comes out.
        let mut line = VecDeque::with_capacity(samples + 1);
        line.resize(samples, 0.0);
        Self(line)
    }

    fn pass(&mut self, sample: f64) -> f64 {
        self.0.push_back(sample);
        self.0.pop_front().unwrap_or(sample)
    }
}

struct LaneStream {
    lane: Lane,
    inner: Box<dyn Stream>,
    work: Vec<Buffer>,
    other: Delay,
    latency: usize,
}

impl LaneStream {
    fn split(&mut self, left: &mut [f64], right: &mut [f64], frames: usize) {
        let mut work = self.work[0].block_mut(frames);
        let taken = work.channel_mut(0);
        for ((l, r), own) in left.iter_mut().zip(right).zip(taken) {
            let (lane, other) = match self.lane {
                Lane::Mid => ((*l + *r) / 2.0, (*l - *r) / 2.0),
                Lane::Side => ((*l - *r) / 2.0, (*l + *r) / 2.0),
                Lane::Right => (*r, *l),
                Lane::Left | Lane::Both => (*l, *r),
            };
            *own = lane;
            // The untouched lane waits in `left` until the node has done its work.
            *l = self.other.pass(other);
        }
    }

    fn join(&self, left: &mut [f64], right: &mut [f64], frames: usize) {
        let work = self.work[0].block(frames);
        for ((l, r), own) in left.iter_mut().zip(right).zip(work.channel(0)) {
            let other = *l;
            (*l, *r) = match self.lane {
                Lane::Mid => (*own + other, *own - other),
                Lane::Side => (other + *own, other - *own),
                Lane::Right => (other, *own),
                Lane::Left | Lane::Both => (*own, other),
            };
        }
    }
}

impl Stream for LaneStream {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        let (start, frames) = (io.start(), io.frames());
        let side_inputs = io.side_inputs();
        let mut main = io.main();
        let Some((left, right)) = main.stereo_mut() else {
            return Err(NodeError::field("lane", "lanes are those of a stereo signal"));
        };
        self.split(left, right, frames);
        self.inner.process(&mut Io::new(start, frames, side_inputs, &mut self.work))?;
        self.join(left, right, frames);
        Ok(())
    }

    fn reset(&mut self) {
        self.inner.reset();
        self.other = Delay::new(self.latency);
    }

    fn report(&self) -> Option<Report> {
        self.inner.report()
    }
}
