//! Actors: what runs. Each reads blocks from rings, works, and writes blocks to rings; one step at a time.
//!
//! A step takes at most one block from every input and puts at most one block to every output. An actor never waits: it
//! says that it is blocked, and is called again when a neighbour has moved. So the same actors run under the serial and
//! the parallel executor, and what they compute does not depend on when they are called.

mod cluster;
mod ends;
mod resampler;

pub(crate) use cluster::{Cluster, Stage};
pub(crate) use ends::{Heard, Listen, ReadSource, ReadSpool, WriteSink, WriteSpool, lock};
pub(crate) use resampler::{ProgrammeLength, Resampler};

use crate::io::Cause;
use deadwax_node::learn::Programme;
use deadwax_node::{Block, NodeError, Rate, Stream};

/// What a step came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stepped {
    /// Something was read or written; there may be more to do.
    Worked,
    /// Nothing can be done until a neighbour has moved.
    Blocked,
    /// All is read and written.
    Finished,
}

/// Why a step failed, and in which node.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The node, or `input` or `output`.
    pub(crate) who: String,
    /// The frame of the programme, at `rate_hz`, near which it happened.
    pub(crate) frame: u64,
    pub(crate) rate_hz: u32,
    pub(crate) what: What,
}

#[derive(Debug)]
pub(crate) enum What {
    Node(NodeError),
    NotFinite,
    Source(Cause),
    Sink(Cause),
    Spool(Cause),
    /// Two wires that meet have different lengths: a fault of the engine.
    Uneven,
}

/// Gets back the processors that an actor had, for another run.
#[derive(Default)]
pub(crate) struct Shelf {
    pub(crate) streams: Vec<(usize, Box<dyn Stream>)>,
    pub(crate) rates: Vec<(usize, Box<dyn Rate>)>,
    /// Which programme it was, if that was asked for.
    pub(crate) programme: Option<Programme>,
}

/// Something that can be stepped.
pub(crate) trait Actor: Send {
    /// Does what can be done now.
    fn step(&mut self) -> Result<Stepped, Failure>;

    /// The node at work (after a panic: the one that panicked), and the frame it had come to, at its rate.
    fn place(&self) -> (&str, u64, u32);

    /// How far the actor has come, in nanoseconds of the programme: what lags most goes first.
    fn progress(&self) -> u64;

    /// How many blocks lie at its inputs, for the report of a stall.
    fn fills(&self) -> Vec<u64>;

    /// Puts the processors back.
    fn shelve(self: Box<Self>, shelf: &mut Shelf);
}

/// `frames` at `rate_hz` in nanoseconds.
pub(crate) fn nanos(frames: u64, rate_hz: u32) -> u64 {
    u64::try_from(u128::from(frames) * 1_000_000_000 / u128::from(rate_hz.max(1))).unwrap_or(u64::MAX)
}

/// Whether every sample is finite. The sum of many finite samples is finite, and one NaN or infinity makes it
/// non-finite: so the sum is looked at first, in as many lanes as hide the latency of an addition.
pub(crate) fn all_finite(block: Block<'_>) -> bool {
    block.iter().all(|channel| {
        let (lanes, rest) = channel.as_chunks::<16>();
        let mut sums = [0.0_f64; 16];
        for lane in lanes {
            for (sum, sample) in sums.iter_mut().zip(lane) {
                *sum += sample;
            }
        }
        let total: f64 = sums.iter().sum::<f64>() + rest.iter().sum::<f64>();
        total.is_finite() || channel.iter().all(|sample| sample.is_finite())
    })
}

/// The first frame of `block` with a sample that is not finite.
pub(crate) fn first_not_finite(block: Block<'_>) -> usize {
    block
        .iter()
        .filter_map(|channel| channel.iter().position(|sample| !sample.is_finite()))
        .min()
        .unwrap_or(0)
}
