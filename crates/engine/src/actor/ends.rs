//! Where wires begin and end: sources, sinks, spools, listeners.

use super::{Actor, Failure, Shelf, Stepped, What, all_finite, first_not_finite, nanos};
use crate::io::{Sink, Source};
use crate::ring::{Next, Reader, Writer};
use crate::spool::Spool;
use deadwax_node::learn::ProgrammeHash;
use deadwax_node::{Analyze, Buffer, Report};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A lock that nobody else wants while it is held: it is here for the type system.
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads the programme.
pub(crate) struct ReadSource<'a> {
    pub(crate) source: &'a mut dyn Source,
    pub(crate) output: Writer,
    pub(crate) buffer: Buffer,
    pub(crate) rate_hz: u32,
    /// Told when the end is reached.
    pub(crate) length: Arc<AtomicU64>,
    pub(crate) frames: u64,
    /// Tells which programme it is, where somebody wants to know.
    pub(crate) hash: Option<ProgrammeHash>,
}

impl Actor for ReadSource<'_> {
    fn step(&mut self) -> Result<Stepped, Failure> {
        if !self.output.has_room() {
            return Ok(Stepped::Blocked);
        }
        let fail = |frame, what| Failure { who: "input".into(), frame, rate_hz: self.rate_hz, what };
        let block = self.buffer.capacity();
        let frames =
            self.source.read(self.buffer.block_mut(block)).map_err(|e| fail(self.frames, What::Source(e)))?;
        let read = self.buffer.block(frames);
        if !all_finite(read) {
            return Err(fail(self.frames + first_not_finite(read) as u64, What::NotFinite));
        }
        if let Some(hash) = &mut self.hash {
            hash.push(read);
        }
        self.frames += frames as u64;
        if frames > 0 {
            self.output.publish(&mut self.buffer, frames);
        }
        if frames == block {
            return Ok(Stepped::Worked);
        }
        self.length.store(self.frames, Ordering::Release);
        self.output.close();
        Ok(Stepped::Finished)
    }

    fn place(&self) -> (&str, u64, u32) {
        ("input", self.frames, self.rate_hz)
    }

    fn progress(&self) -> u64 {
        nanos(self.frames, self.rate_hz)
    }

    fn fills(&self) -> Vec<u64> {
        Vec::new()
    }

    fn shelve(self: Box<Self>, shelf: &mut Shelf) {
        shelf.programme = self.hash.map(ProgrammeHash::finish);
    }
}

/// Reads what an earlier pass kept.
pub(crate) struct ReadSpool {
    pub(crate) spool: Arc<Mutex<Spool>>,
    pub(crate) who: String,
    pub(crate) output: Writer,
    pub(crate) buffer: Buffer,
    pub(crate) rate_hz: u32,
    pub(crate) frames: u64,
}

impl Actor for ReadSpool {
    fn step(&mut self) -> Result<Stepped, Failure> {
        if !self.output.has_room() {
            return Ok(Stepped::Blocked);
        }
        let block = self.buffer.capacity();
        let read = lock(&self.spool).read(self.buffer.block_mut(block));
        let frames = read.map_err(|error| Failure {
            who: self.who.clone(),
            frame: self.frames,
            rate_hz: self.rate_hz,
            what: What::Spool(error),
        })?;
        if frames == 0 {
            self.output.close();
            return Ok(Stepped::Finished);
        }
        self.frames += frames as u64;
        self.output.publish(&mut self.buffer, frames);
        Ok(Stepped::Worked)
    }

    fn place(&self) -> (&str, u64, u32) {
        (&self.who, self.frames, self.rate_hz)
    }

    fn progress(&self) -> u64 {
        nanos(self.frames, self.rate_hz)
    }

    fn fills(&self) -> Vec<u64> {
        Vec::new()
    }

    fn shelve(self: Box<Self>, _: &mut Shelf) {}
}

/// What takes blocks at the end of a wire.
trait Taker: Send {
    fn take(&mut self, start: u64, block: deadwax_node::Block<'_>) -> Result<(), What>;
    fn end(&mut self) -> Result<(), What> {
        Ok(())
    }
}

/// The end of a wire.
struct End<T> {
    taker: T,
    who: String,
    input: Reader,
    rate_hz: u32,
    frames: u64,
}

impl<T: Taker> Actor for End<T> {
    fn step(&mut self) -> Result<Stepped, Failure> {
        let done = match self.input.next() {
            Next::Wait => return Ok(Stepped::Blocked),
            Next::Block(block, frames) => {
                let taken = self.taker.take(self.frames, block.block(frames));
                drop(block);
                self.input.release();
                self.frames += frames as u64;
                taken.map(|()| Stepped::Worked)
            }
            Next::End => self.taker.end().map(|()| Stepped::Finished),
        };
        done.map_err(|what| Failure {
            who: self.who.clone(),
            frame: self.frames,
            rate_hz: self.rate_hz,
            what,
        })
    }

    fn place(&self) -> (&str, u64, u32) {
        (&self.who, self.frames, self.rate_hz)
    }

    fn progress(&self) -> u64 {
        nanos(self.frames, self.rate_hz)
    }

    fn fills(&self) -> Vec<u64> {
        vec![self.input.fill()]
    }

    fn shelve(self: Box<Self>, _: &mut Shelf) {}
}

/// Writes an output.
pub(crate) struct WriteSink<'a>(&'a mut dyn Sink);

impl<'a> WriteSink<'a> {
    pub(crate) fn actor(
        sink: &'a mut dyn Sink,
        who: String,
        input: Reader,
        rate_hz: u32,
    ) -> Box<dyn Actor + 'a> {
        Box::new(End { taker: Self(sink), who, input, rate_hz, frames: 0 })
    }
}

impl Taker for WriteSink<'_> {
    fn take(&mut self, _: u64, block: deadwax_node::Block<'_>) -> Result<(), What> {
        self.0.write(block).map_err(What::Sink)
    }
}

/// Keeps a wire for a later pass.
pub(crate) struct WriteSpool(Arc<Mutex<Spool>>);

impl WriteSpool {
    pub(crate) fn actor(
        spool: Arc<Mutex<Spool>>,
        who: String,
        input: Reader,
        rate_hz: u32,
    ) -> Box<dyn Actor> {
        Box::new(End { taker: Self(spool), who, input, rate_hz, frames: 0 })
    }
}

impl Taker for WriteSpool {
    fn take(&mut self, _: u64, block: deadwax_node::Block<'_>) -> Result<(), What> {
        lock(&self.0).write(block).map_err(What::Spool)
    }
}

/// Where a listener leaves what it heard.
pub(crate) type Heard = Arc<Mutex<Option<Report>>>;

/// Listens to a wire.
pub(crate) struct Listen {
    listener: Option<Box<dyn Analyze>>,
    heard: Heard,
}

impl Listen {
    pub(crate) fn actor(
        listener: Box<dyn Analyze>,
        heard: Heard,
        who: String,
        input: Reader,
        rate_hz: u32,
    ) -> Box<dyn Actor> {
        Box::new(End { taker: Self { listener: Some(listener), heard }, who, input, rate_hz, frames: 0 })
    }
}

impl Taker for Listen {
    fn take(&mut self, start: u64, block: deadwax_node::Block<'_>) -> Result<(), What> {
        self.listener.as_mut().map_or(Ok(()), |listener| listener.hear(start, block)).map_err(What::Node)
    }

    fn end(&mut self) -> Result<(), What> {
        if let Some(listener) = self.listener.take() {
            *lock(&self.heard) = Some(listener.finish().map_err(What::Node)?);
        }
        Ok(())
    }
}
