//! An edge: a ring of blocks with one writer and any number of readers.
//!
//! The writer takes a free block out of its slot, fills it, and publishes it; every reader sees each block once, in
//! order, and releases it; a slot is free again when its slowest reader has released it. The blocks are made once and
//! go round: nothing is allocated while a plan runs, and no lock is held while a node works. (The lock of a slot is held
//! for as long as it takes to move one pointer; the counters say whose turn it is, so it is never waited for.)
//!
//! The protocol is model-checked: `RUSTFLAGS="--cfg loom" cargo test -p deadwax-engine --release ring`.

use deadwax_node::Buffer;
use std::sync::Arc as Shared;

#[cfg(loom)]
use loom::sync::{
    Arc, Mutex, MutexGuard,
    atomic::{AtomicU64, Ordering},
};
#[cfg(not(loom))]
use std::sync::{
    Arc, Mutex, MutexGuard,
    atomic::{AtomicU64, Ordering},
};

/// The number of blocks of a wire that is still being written.
const OPEN: u64 = u64::MAX;

/// A place in the ring. Empty while the writer has the block.
struct Slot {
    block: Option<Shared<Buffer>>,
    frames: usize,
}

struct Ring {
    slots: Box<[Mutex<Slot>]>,
    /// How many blocks are published.
    written: AtomicU64,
    /// How many blocks there are in all; [`OPEN`] until the writer knows.
    end: AtomicU64,
    /// How many blocks each reader has released.
    read: Box<[AtomicU64]>,
}

impl Ring {
    fn slot(&self, index: u64) -> MutexGuard<'_, Slot> {
        let slot = &self.slots[(index % self.slots.len() as u64) as usize];
        // Nothing but moves goes on while a slot is locked, so nobody can have panicked there.
        slot.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Makes a ring of `capacity` blocks of `frames` frames and `channels` channels, with `readers` readers.
pub(crate) fn ring(capacity: usize, channels: usize, frames: usize, readers: usize) -> (Writer, Vec<Reader>) {
    let slot = || Mutex::new(Slot { block: Some(Shared::new(Buffer::new(channels, frames))), frames: 0 });
    let ring = Arc::new(Ring {
        slots: (0..capacity.max(1)).map(|_| slot()).collect(),
        written: AtomicU64::new(0),
        end: AtomicU64::new(OPEN),
        read: (0..readers).map(|_| AtomicU64::new(0)).collect(),
    });
    let readers =
        (0..readers).map(|number| Reader { ring: Arc::clone(&ring), number, released: 0 }).collect();
    (Writer { ring, written: 0 }, readers)
}

/// The one end that blocks come from.
pub(crate) struct Writer {
    ring: Arc<Ring>,
    written: u64,
}

impl Writer {
    /// Whether the next block's slot is free.
    pub(crate) fn has_room(&self) -> bool {
        let slowest = self.ring.read.iter().map(|read| read.load(Ordering::Acquire)).min();
        slowest.is_none_or(|read| self.written - read < self.ring.slots.len() as u64)
    }

    /// Publishes the first `frames` frames of `buffer` as the next block, and leaves a used buffer of the same size in
    /// its place. Call it only when there [is room](Self::has_room).
    pub(crate) fn publish(&mut self, buffer: &mut Buffer, frames: usize) {
        let mut slot = self.ring.slot(self.written);
        // All readers have released the slot's last block, so this is the only pointer to it.
        if let Some(block) = slot.block.as_mut().and_then(Shared::get_mut) {
            std::mem::swap(block, buffer);
        } else {
            debug_assert!(false, "a block was published over one that is still read");
        }
        slot.frames = frames;
        drop(slot);
        self.written += 1;
        self.ring.written.store(self.written, Ordering::Release);
    }

    /// Says that no more blocks will come.
    pub(crate) fn close(&self) {
        self.ring.end.store(self.written, Ordering::Release);
    }
}

/// What a reader finds.
pub(crate) enum Next {
    /// A block, and how many of its frames count.
    Block(Shared<Buffer>, usize),
    /// Nothing yet.
    Wait,
    /// Nothing any more.
    End,
}

/// An end where blocks arrive.
pub(crate) struct Reader {
    ring: Arc<Ring>,
    number: usize,
    released: u64,
}

impl Reader {
    /// The next block, which stays until it is [released](Self::release).
    pub(crate) fn next(&self) -> Next {
        // `end` first: once it is set, `written` stands still.
        let end = self.ring.end.load(Ordering::Acquire);
        if self.ring.written.load(Ordering::Acquire) > self.released {
            let slot = self.ring.slot(self.released);
            return match &slot.block {
                Some(block) => Next::Block(Shared::clone(block), slot.frames),
                None => Next::Wait,
            };
        }
        if end == self.released { Next::End } else { Next::Wait }
    }

    /// Whether a block or the end is there.
    pub(crate) fn ready(&self) -> bool {
        let end = self.ring.end.load(Ordering::Acquire);
        self.ring.written.load(Ordering::Acquire) > self.released || end == self.released
    }

    /// Gives the block back. The caller holds no copy of it any more.
    pub(crate) fn release(&mut self) {
        self.released += 1;
        self.ring.read[self.number].store(self.released, Ordering::Release);
    }

    /// How many blocks lie here.
    pub(crate) fn fill(&self) -> u64 {
        self.ring.written.load(Ordering::Acquire) - self.released
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{Next, ring};
    use deadwax_node::Buffer;

    fn block(value: f64) -> Buffer {
        Buffer::from_channels(&[vec![value; 4]])
    }

    #[test]
    fn a_slot_is_free_only_when_its_slowest_reader_has_released_it() {
        let (mut writer, mut readers) = ring(2, 1, 4, 2);
        writer.publish(&mut block(1.0), 4);
        writer.publish(&mut block(2.0), 3);
        assert!(!writer.has_room());
        let mut slow = readers.pop().unwrap();
        let mut fast = readers.pop().unwrap();
        assert!(matches!(fast.next(), Next::Block(b, 4) if b.block(4).channel(0) == [1.0; 4]));
        fast.release();
        assert!(!writer.has_room());
        drop(slow.next());
        slow.release();
        assert!(writer.has_room());
        writer.close();
        assert!(matches!(fast.next(), Next::Block(b, 3) if b.block(3).channel(0) == [2.0; 3]));
        fast.release();
        assert!(matches!(fast.next(), Next::End));
        assert!(matches!(slow.next(), Next::Block(..)));
        assert_eq!(slow.fill(), 1);
    }
}

#[cfg(all(test, loom))]
mod model {
    use super::{Next, Reader, Writer, ring};
    use deadwax_node::Buffer;

    /// Publishes the next value, if there is room. A thread that waited in a circle could not be explored to the end.
    fn offer(writer: &mut Writer, sent: &mut Vec<f64>) {
        if writer.has_room() {
            let value = sent.len() as f64;
            writer.publish(&mut Buffer::from_channels(&[vec![value]]), 1);
            sent.push(value);
        }
    }

    fn look(reader: &mut Reader, seen: &mut Vec<f64>) -> bool {
        match reader.next() {
            Next::Block(block, frames) => {
                seen.push(block.block(frames).channel(0)[0]);
                drop(block);
                reader.release();
                true
            }
            Next::Wait | Next::End => false,
        }
    }

    #[test]
    fn ring_hands_every_block_to_every_reader_once_in_order() {
        loom::model(|| {
            let (mut writer, readers) = ring(2, 1, 1, 2);
            let threads: Vec<_> = readers
                .into_iter()
                .map(|mut reader| {
                    loom::thread::spawn(move || {
                        let mut seen = Vec::new();
                        look(&mut reader, &mut seen);
                        (reader, seen)
                    })
                })
                .collect();
            let mut sent = Vec::new();
            for _ in 0..3 {
                offer(&mut writer, &mut sent);
            }
            writer.close();
            for thread in threads {
                let (mut reader, mut seen) = thread.join().unwrap();
                while look(&mut reader, &mut seen) {}
                assert_eq!(seen, sent);
                assert!(matches!(reader.next(), Next::End));
            }
        });
    }
}
