//! A node that changes the rate: re-blocks its input into the node's own chunks, and their output into blocks.

use super::{Actor, Failure, Shelf, Stepped, What, all_finite, first_not_finite, nanos};
use crate::ring::{Next, Reader, Writer};
use deadwax_node::{Buffer, Rate};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How long the programme is, once the source has come to its end; 0 until then.
pub(crate) type ProgrammeLength = Arc<AtomicU64>;

/// A [`Rate`] and its wires.
pub(crate) struct Resampler {
    pub(crate) node: usize,
    name: String,
    rate: Box<dyn Rate>,
    input: Reader,
    output: Option<Writer>,
    /// Programme's length, its rate, and the rate here: the output has exactly ⌈n·out/programme⌉ frames.
    length: ProgrammeLength,
    rates: (u32, u32),
    block: usize,
    current: Option<(Arc<Buffer>, usize, usize)>,
    chunk_in: Buffer,
    filled: usize,
    chunk_out: Buffer,
    pending: Buffer,
    waiting: usize,
    outgoing: Buffer,
    to_drop: u64,
    produced: u64,
    sent: u64,
    /// The output's length, once the input has ended.
    total: Option<u64>,
}

impl Resampler {
    /// `rates`: of the programme and of the output, in Hz.
    pub(crate) fn new(
        (node, name): (usize, String),
        (rate, latency): (Box<dyn Rate>, u64),
        (input, output): (Reader, Option<Writer>),
        (length, rates): (ProgrammeLength, (u32, u32)),
        channels: usize,
        block: usize,
    ) -> Self {
        let (frames_in, frames_out) = rate.chunk();
        Self {
            node,
            name,
            rate,
            input,
            output,
            length,
            rates,
            block,
            current: None,
            chunk_in: Buffer::new(channels, frames_in),
            filled: 0,
            chunk_out: Buffer::new(channels, frames_out),
            pending: Buffer::new(channels, block + frames_out),
            waiting: 0,
            outgoing: Buffer::new(channels, block),
            to_drop: latency,
            produced: 0,
            sent: 0,
            total: None,
        }
    }

    fn failure(&self, what: What) -> Failure {
        Failure { who: self.name.clone(), frame: self.produced, rate_hz: self.rates.1, what }
    }

    fn convert(&mut self) -> Result<(), Failure> {
        let (frames_in, frames_out) = (self.chunk_in.capacity(), self.chunk_out.capacity());
        let done =
            self.rate.process(self.chunk_in.block(frames_in), &mut self.chunk_out.block_mut(frames_out));
        done.map_err(|error| self.failure(What::Node(error)))?;
        self.filled = 0;
        let whole = self.chunk_out.block(frames_out);
        if !all_finite(whole) {
            let frame = self.produced + first_not_finite(whole) as u64;
            return Err(Failure { frame, ..self.failure(What::NotFinite) });
        }
        let dropped = frames_out.min(usize::try_from(self.to_drop).unwrap_or(usize::MAX));
        self.to_drop -= dropped as u64;
        let wanted = self.total.map_or(u64::MAX, |total| total - self.produced);
        let kept = (frames_out - dropped).min(usize::try_from(wanted).unwrap_or(usize::MAX));
        let part = whole.part(dropped, kept);
        self.pending.block_mut(self.waiting + kept).part_mut(self.waiting, kept).copy_from(part);
        self.waiting += kept;
        self.produced += kept as u64;
        Ok(())
    }

    fn send(&mut self) {
        let frames = self.waiting.min(self.block);
        self.outgoing.block_mut(frames).copy_from(self.pending.block(frames));
        self.pending.drop_front(frames, self.waiting);
        self.waiting -= frames;
        self.sent += frames as u64;
        if let Some(writer) = &mut self.output {
            writer.publish(&mut self.outgoing, frames);
        }
    }

    /// Moves frames of the current block into the chunk.
    fn fill(&mut self) {
        let Some((block, frames, at)) = &mut self.current else { return };
        let count = (*frames - *at).min(self.chunk_in.capacity() - self.filled);
        let part = block.block(*frames).part(*at, count);
        self.chunk_in.block_mut(self.filled + count).part_mut(self.filled, count).copy_from(part);
        self.filled += count;
        *at += count;
        if at == frames {
            self.current = None;
            self.input.release();
        }
    }

    /// Fills the rest of the chunk with silence.
    fn pad(&mut self) {
        let capacity = self.chunk_in.capacity();
        self.chunk_in.block_mut(capacity).part_mut(self.filled, capacity - self.filled).fill(0.0);
    }
}

impl Actor for Resampler {
    fn step(&mut self) -> Result<Stepped, Failure> {
        let all_made = self.total.is_some_and(|total| self.produced >= total);
        if self.waiting >= self.block || (all_made && self.waiting > 0) {
            if !self.output.as_ref().is_none_or(Writer::has_room) {
                return Ok(Stepped::Blocked);
            }
            self.send();
            return Ok(Stepped::Worked);
        }
        if all_made {
            self.output.iter().for_each(Writer::close);
            return Ok(Stepped::Finished);
        }
        if self.total.is_some() {
            self.pad();
            self.convert()?;
            return Ok(Stepped::Worked);
        }
        if self.current.is_none() {
            match self.input.next() {
                Next::Block(block, frames) => self.current = Some((block, frames, 0)),
                Next::Wait => return Ok(Stepped::Blocked),
                Next::End => {
                    let frames = u128::from(self.length.load(Ordering::Acquire));
                    let exact = (frames * u128::from(self.rates.1)).div_ceil(u128::from(self.rates.0.max(1)));
                    self.total = Some(u64::try_from(exact).unwrap_or(u64::MAX).max(self.produced));
                    return Ok(Stepped::Worked);
                }
            }
        }
        self.fill();
        if self.filled == self.chunk_in.capacity() {
            self.convert()?;
        }
        Ok(Stepped::Worked)
    }

    fn place(&self) -> (&str, u64, u32) {
        (&self.name, self.produced, self.rates.1)
    }

    fn progress(&self) -> u64 {
        nanos(self.sent, self.rates.1)
    }

    fn fills(&self) -> Vec<u64> {
        vec![self.input.fill()]
    }

    fn shelve(self: Box<Self>, shelf: &mut Shelf) {
        shelf.rates.push((self.node, self.rate));
    }
}
