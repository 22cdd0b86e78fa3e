//! A chain of streams that works on one block while it is warm in the cache.
//!
//! Only the first node of the chain may have several wires at its inputs, only the last several outputs. A node that is
//! late (its latency) has its first frames dropped and is fed as much silence at the end; the next node sees the aligned
//! signal from frame 0 on, as if the late node were not late.

use super::resampler::ProgrammeLength;
use super::{Actor, Failure, Shelf, Stepped, What, all_finite, first_not_finite, nanos};
use crate::ring::{Next, Reader, Writer};
use deadwax_node::{Buffer, Cut, Format, Io, NodeError, SideInput, Stream};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// A node in its place in a cluster.
pub(crate) struct Stage {
    pub(crate) node: usize,
    pub(crate) name: String,
    pub(crate) stream: Box<dyn Stream>,
    pub(crate) in_place: bool,
    pub(crate) latency: u64,
    /// Frames the stream has been given.
    fed: u64,
    to_drop: u64,
    to_flush: u64,
    /// What is still to be left out, kept and added.
    cut: Cut,
    /// Frames that have gone on, and where their number is told at the end: for a node that cuts.
    passed: u64,
    length: Option<ProgrammeLength>,
    side: Vec<SideInput>,
    outputs: Vec<Buffer>,
}

impl Stage {
    /// A node whose wires, at `ports` (with their numbers of channels; the one processed in place left out), and outputs
    /// carry blocks of up to `block` frames.
    pub(crate) fn new(
        (node, name): (usize, String),
        stream: Box<dyn Stream>,
        (in_place, latency): (bool, u64),
        length: Option<ProgrammeLength>,
        ports: &[(usize, usize)],
        outputs: &[Format],
        block: usize,
    ) -> Self {
        let cut = if length.is_some() { stream.cut() } else { Cut::NOTHING };
        let side = |(port, channels): &(usize, usize)| SideInput {
            port: *port,
            buffer: Arc::new(Buffer::new(*channels, block)),
        };
        Self {
            node,
            name,
            stream,
            in_place,
            latency,
            fed: 0,
            to_drop: latency,
            to_flush: latency,
            cut,
            passed: 0,
            length,
            side: ports.iter().map(side).collect(),
            outputs: outputs.iter().map(|format| Buffer::new(format.channels(), block)).collect(),
        }
    }

    /// The buffer of the stage's main input.
    fn main(&mut self) -> Option<&mut Buffer> {
        if self.in_place {
            self.outputs.first_mut()
        } else {
            Arc::get_mut(&mut self.side.first_mut()?.buffer)
        }
    }

    /// Makes every input silent.
    fn silence(&mut self, frames: usize) {
        for side in &mut self.side {
            if let Some(buffer) = Arc::get_mut(&mut side.buffer) {
                buffer.block_mut(frames).fill(0.0);
            }
        }
        if self.in_place {
            self.outputs[0].block_mut(frames).fill(0.0);
        }
    }

    /// Works on `frames` frames; gives back how many are left when those that are late or cut off have been dropped.
    fn work(&mut self, frames: usize) -> Result<usize, NodeError> {
        self.stream.process(&mut Io::new(self.fed, frames, &self.side, &mut self.outputs))?;
        self.fed += frames as u64;
        let dropped = frames.min(usize::try_from(self.to_drop).unwrap_or(usize::MAX));
        if dropped > 0 {
            self.to_drop -= dropped as u64;
            self.outputs.iter_mut().for_each(|output| output.drop_front(dropped, frames));
        }
        Ok(self.cut_off(frames - dropped))
    }

    /// Leaves out of the first `frames` frames what the node leaves out; gives back how many are left.
    fn cut_off(&mut self, frames: usize) -> usize {
        let skipped = frames.min(usize::try_from(self.cut.skip).unwrap_or(usize::MAX));
        if skipped > 0 {
            self.cut.skip -= skipped as u64;
            self.outputs.iter_mut().for_each(|output| output.drop_front(skipped, frames));
        }
        let mut frames = frames - skipped;
        if let Some(keep) = &mut self.cut.keep {
            frames = frames.min(usize::try_from(*keep).unwrap_or(usize::MAX));
            *keep -= frames as u64;
        }
        self.passed += frames as u64;
        frames
    }

    /// Makes up to `most` frames of silence at the outputs, of `left` that are due.
    fn add_silence(&mut self, left: u64, most: usize) -> usize {
        let frames = most.min(usize::try_from(left).unwrap_or(usize::MAX));
        self.outputs.iter_mut().for_each(|output| output.block_mut(frames).fill(0.0));
        self.passed += frames as u64;
        frames
    }
}

/// The chain, its wires, and what waits to be sent.
pub(crate) struct Cluster {
    stages: Vec<Stage>,
    /// The wires at the first stage's inputs, in the order of its ports and of the file.
    inputs: Vec<Reader>,
    /// A wire for each output of the last stage, where anything is connected.
    outputs: Vec<Option<Writer>>,
    /// What the first stage's side inputs hold while they borrow a ring's block.
    spare: Vec<Arc<Buffer>>,
    /// Frames that do not make a whole block yet, for each output; only where something in the chain is late.
    pending: Vec<Buffer>,
    waiting: usize,
    sent: u64,
    late: bool,
    ended: bool,
    at: usize,
    block: usize,
    rate_hz: u32,
}

impl Cluster {
    pub(crate) fn new(
        stages: Vec<Stage>,
        inputs: Vec<Reader>,
        outputs: Vec<Option<Writer>>,
        block: usize,
        rate_hz: u32,
    ) -> Self {
        let late = stages.iter().any(|stage| stage.latency > 0 || stage.length.is_some());
        let last = stages.last().map_or(&[][..], |stage| &stage.outputs);
        let pending = if late {
            last.iter().map(|b| Buffer::new(b.channels(), 2 * block)).collect()
        } else {
            Vec::new()
        };
        let spare = stages[0].side.iter().map(|side| Arc::clone(&side.buffer)).collect();
        Self {
            stages,
            inputs,
            outputs,
            spare,
            pending,
            waiting: 0,
            sent: 0,
            late,
            ended: false,
            at: 0,
            block,
            rate_hz,
        }
    }

    fn has_room(&self) -> bool {
        self.outputs.iter().flatten().all(Writer::has_room)
    }

    fn failure(&self, what: What) -> Failure {
        let stage = &self.stages[self.at];
        Failure { who: stage.name.clone(), frame: stage.fed, rate_hz: self.rate_hz, what }
    }

    /// Takes the next block of every wire into the first stage. `None` at the end.
    fn take(&mut self) -> Result<Option<usize>, Failure> {
        let first = &mut self.stages[0];
        let skip = usize::from(first.in_place);
        let (mut frames, mut ends) = (None, 0);
        for (number, input) in self.inputs.iter().enumerate() {
            match input.next() {
                Next::Block(block, count) => {
                    if frames.is_some_and(|frames| frames != count) {
                        return Err(self.failure(What::Uneven));
                    }
                    frames = Some(count);
                    if number < skip {
                        first.outputs[0].block_mut(count).copy_from(block.block(count));
                    } else {
                        first.side[number - skip].buffer = block;
                    }
                }
                Next::End => ends += 1,
                Next::Wait => {}
            }
        }
        match frames {
            None if ends == self.inputs.len() => Ok(None),
            Some(frames) if ends == 0 => Ok(Some(frames)),
            _ => Err(self.failure(What::Uneven)),
        }
    }

    /// Gives the blocks of the wires back.
    fn release(&mut self) {
        for (side, spare) in self.stages[0].side.iter_mut().zip(&self.spare) {
            side.buffer = Arc::clone(spare);
        }
        for input in &mut self.inputs {
            input.release();
        }
    }

    /// Gives stage `at` what the stage before it has made.
    fn hand_on(&mut self, at: usize) {
        let (before, after) = self.stages.split_at_mut(at);
        if let Some(main) = after.first_mut().and_then(Stage::main) {
            std::mem::swap(main, &mut before[at - 1].outputs[0]);
        }
    }

    /// Sends `frames` frames of silence, which stage `at` has put out, through the stages behind it.
    fn pass_silence_on(&mut self, at: usize, frames: usize) -> Result<(), Failure> {
        self.hand_on(at + 1);
        let frames = self.run(at + 1, frames)?;
        self.keep_waiting(frames);
        Ok(())
    }

    /// Runs the stages from `first` on; gives back how many frames come out at the end.
    fn run(&mut self, first: usize, mut frames: usize) -> Result<usize, Failure> {
        for at in first..self.stages.len() {
            self.at = at;
            if at > first {
                self.hand_on(at);
            }
            let stage = &mut self.stages[at];
            let begin = stage.fed - (stage.latency - stage.to_drop).min(stage.fed);
            frames = match stage.work(frames) {
                Ok(frames) => frames,
                Err(error) => return Err(self.failure(What::Node(error))),
            };
            if let Some(bad) = stage.outputs.iter().map(|o| o.block(frames)).find(|block| !all_finite(*block))
            {
                let frame = begin + first_not_finite(bad) as u64;
                return Err(Failure { frame, ..self.failure(What::NotFinite) });
            }
            if frames == 0 {
                return Ok(0);
            }
        }
        Ok(frames)
    }

    /// Sends the last stage's frames on as one block.
    fn send(&mut self, frames: usize) {
        let Some(last) = self.stages.last_mut() else { return };
        for (writer, output) in self.outputs.iter_mut().zip(&mut last.outputs) {
            if let Some(writer) = writer {
                writer.publish(output, frames);
            }
        }
        self.sent += frames as u64;
    }

    /// Sends a block of what waits on; the last may be short.
    fn send_waiting(&mut self) {
        let frames = self.waiting.min(self.block);
        if let Some(last) = self.stages.last_mut() {
            for (pending, output) in self.pending.iter_mut().zip(&mut last.outputs) {
                output.block_mut(frames).copy_from(pending.block(frames));
                pending.drop_front(frames, self.waiting);
            }
        }
        self.send(frames);
        self.waiting -= frames;
    }

    fn keep_waiting(&mut self, frames: usize) {
        if let Some(last) = self.stages.last() {
            for (pending, output) in self.pending.iter_mut().zip(&last.outputs) {
                pending
                    .block_mut(self.waiting + frames)
                    .part_mut(self.waiting, frames)
                    .copy_from(output.block(frames));
            }
        }
        self.waiting += frames;
    }

    /// Sends the silence on that a stage puts in front: the last such stage first. `false` when there is none.
    fn lead(&mut self) -> Result<bool, Failure> {
        let Some(at) = self.stages.iter().rposition(|stage| stage.cut.silence_before > 0) else {
            return Ok(false);
        };
        let stage = &mut self.stages[at];
        let frames = stage.add_silence(stage.cut.silence_before, self.block);
        stage.cut.silence_before -= frames as u64;
        self.pass_silence_on(at, frames)?;
        Ok(true)
    }

    /// Feeds silence to the first stage that still owes frames, or lets it put its silence behind. `false` when none does.
    fn flush(&mut self) -> Result<bool, Failure> {
        let owes = |stage: &Stage| stage.to_flush > 0 || stage.cut.silence_behind > 0;
        let Some(at) = self.stages.iter().position(owes) else { return Ok(false) };
        if self.stages[at].to_flush == 0 {
            let stage = &mut self.stages[at];
            let frames = stage.add_silence(stage.cut.silence_behind, self.block);
            stage.cut.silence_behind -= frames as u64;
            self.pass_silence_on(at, frames)?;
            return Ok(true);
        }
        let frames = self.block.min(usize::try_from(self.stages[at].to_flush).unwrap_or(usize::MAX));
        self.stages[at].to_flush -= frames as u64;
        self.stages[at].silence(frames);
        let frames = self.run(at, frames)?;
        self.keep_waiting(frames);
        Ok(true)
    }

    fn step_late(&mut self) -> Result<Stepped, Failure> {
        if self.waiting >= self.block {
            if !self.has_room() {
                return Ok(Stepped::Blocked);
            }
            self.send_waiting();
            return Ok(Stepped::Worked);
        }
        if self.ended {
            if self.flush()? {
                return Ok(Stepped::Worked);
            }
            if self.waiting > 0 {
                if !self.has_room() {
                    return Ok(Stepped::Blocked);
                }
                self.send_waiting();
            }
            return Ok(self.close());
        }
        if self.lead()? {
            return Ok(Stepped::Worked);
        }
        if !self.inputs.iter().all(Reader::ready) {
            return Ok(Stepped::Blocked);
        }
        match self.take()? {
            None => self.ended = true,
            Some(frames) => {
                let frames = self.run(0, frames)?;
                self.keep_waiting(frames);
                self.release();
            }
        }
        Ok(Stepped::Worked)
    }

    fn close(&mut self) -> Stepped {
        for stage in &self.stages {
            if let Some(length) = &stage.length {
                length.store(stage.passed, Ordering::Release);
            }
        }
        self.outputs.iter().flatten().for_each(Writer::close);
        Stepped::Finished
    }
}

impl Actor for Cluster {
    fn step(&mut self) -> Result<Stepped, Failure> {
        if self.late {
            return self.step_late();
        }
        if !self.has_room() || !self.inputs.iter().all(Reader::ready) {
            return Ok(Stepped::Blocked);
        }
        let Some(frames) = self.take()? else { return Ok(self.close()) };
        let frames = self.run(0, frames)?;
        self.send(frames);
        self.release();
        Ok(Stepped::Worked)
    }

    fn place(&self) -> (&str, u64, u32) {
        let stage = &self.stages[self.at];
        (&stage.name, stage.fed, self.rate_hz)
    }

    fn progress(&self) -> u64 {
        nanos(self.sent, self.rate_hz)
    }

    fn fills(&self) -> Vec<u64> {
        self.inputs.iter().map(Reader::fill).collect()
    }

    fn shelve(self: Box<Self>, shelf: &mut Shelf) {
        shelf.streams.extend(self.stages.into_iter().map(|stage| (stage.node, stage.stream)));
    }
}
