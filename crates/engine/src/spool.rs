//! A wire kept from one pass to a later one: in memory up to a budget, then in a temporary file.
//!
//! The file has no name on systems that allow it, and is removed by the system whatever happens to the process.

use crate::io::Cause;
use deadwax_node::{Block, BlockMut, Format};
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How much memory all spools of a run may take together.
#[derive(Debug)]
pub(crate) struct Budget {
    left: AtomicU64,
}

impl Budget {
    pub(crate) fn new(bytes: u64) -> Arc<Self> {
        Arc::new(Self { left: AtomicU64::new(bytes) })
    }

    fn take(&self, bytes: u64) -> bool {
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(bytes)).is_ok()
    }

    fn give(&self, bytes: u64) {
        self.left.fetch_add(bytes, Ordering::Relaxed);
    }
}

/// One block in memory: its channels one behind the other.
struct Kept {
    samples: Vec<f64>,
    frames: usize,
}

enum Overflow {
    None,
    Writing(BufWriter<File>),
    Reading(BufReader<File>),
}

/// A wire's frames, written once in order and read any number of times in order.
pub(crate) struct Spool {
    format: Format,
    budget: Arc<Budget>,
    kept: Vec<Kept>,
    overflow: Overflow,
    /// Sizes of the blocks in the file.
    in_file: Vec<usize>,
    at: usize,
    bytes: Vec<u8>,
}

impl Spool {
    pub(crate) fn new(format: Format, budget: Arc<Budget>) -> Self {
        let (kept, in_file, bytes) = (Vec::new(), Vec::new(), Vec::new());
        Self { format, budget, kept, overflow: Overflow::None, in_file, at: 0, bytes }
    }

    /// Forgets what was written.
    pub(crate) fn clear(&mut self) {
        for kept in self.kept.drain(..) {
            self.budget.give(kept.samples.len() as u64 * 8);
        }
        self.overflow = Overflow::None;
        self.in_file.clear();
        self.at = 0;
    }

    pub(crate) fn write(&mut self, block: Block<'_>) -> Result<(), Cause> {
        let bytes = (block.frames() * block.channels() * 8) as u64;
        if matches!(self.overflow, Overflow::None) && self.budget.take(bytes) {
            let samples = block.iter().flatten().copied().collect();
            self.kept.push(Kept { samples, frames: block.frames() });
            return Ok(());
        }
        if !matches!(self.overflow, Overflow::Writing(_)) {
            self.overflow = Overflow::Writing(BufWriter::with_capacity(1 << 18, tempfile::tempfile()?));
        }
        if let Overflow::Writing(file) = &mut self.overflow {
            self.bytes.clear();
            self.bytes.extend(block.iter().flatten().flat_map(|sample| sample.to_le_bytes()));
            file.write_all(&self.bytes)?;
            self.in_file.push(block.frames());
        }
        Ok(())
    }

    /// Goes to the first block.
    pub(crate) fn rewind(&mut self) -> Result<(), Cause> {
        self.at = 0;
        self.overflow = match std::mem::replace(&mut self.overflow, Overflow::None) {
            Overflow::None => Overflow::None,
            Overflow::Writing(file) => {
                let mut file = file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
                file.seek(SeekFrom::Start(0))?;
                Overflow::Reading(BufReader::with_capacity(1 << 18, file))
            }
            Overflow::Reading(mut file) => {
                file.seek(SeekFrom::Start(0))?;
                Overflow::Reading(file)
            }
        };
        Ok(())
    }

    /// Reads the next block as it was written; gives back its frames, 0 at the end.
    pub(crate) fn read(&mut self, mut into: BlockMut<'_>) -> Result<usize, Cause> {
        let at = self.at;
        self.at += 1;
        if let Some(kept) = self.kept.get(at) {
            for (to, from) in into.iter_mut().zip(kept.samples.chunks(kept.frames.max(1))) {
                to[..kept.frames].copy_from_slice(from);
            }
            return Ok(kept.frames);
        }
        let (Some(&frames), Overflow::Reading(file)) =
            (self.in_file.get(at - self.kept.len()), &mut self.overflow)
        else {
            return Ok(0);
        };
        self.bytes.resize(frames * self.format.channels() * 8, 0);
        file.read_exact(&mut self.bytes)?;
        let (samples, _) = self.bytes.as_chunks::<8>();
        for (to, from) in into.iter_mut().zip(samples.chunks(frames.max(1))) {
            for (to, from) in to.iter_mut().zip(from) {
                *to = f64::from_le_bytes(*from);
            }
        }
        Ok(frames)
    }

    /// How many bytes went to the file.
    pub(crate) fn bytes_in_file(&self) -> u64 {
        self.in_file.iter().map(|frames| *frames as u64).sum::<u64>() * self.format.channels() as u64 * 8
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        self.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::{Budget, Spool};
    use deadwax_node::{Buffer, Format};

    #[test]
    fn what_goes_in_comes_out_from_memory_and_from_the_file_alike() {
        for budget in [0, 100, 1 << 20] {
            let mut spool = Spool::new(Format::stereo(44_100), Budget::new(budget));
            let blocks: Vec<Buffer> = [5_usize, 5, 5, 3]
                .iter()
                .enumerate()
                .map(|(k, frames)| {
                    let channel =
                        |c: f64| (0..*frames).map(|n| c + k as f64 + n as f64 / 7.0).collect::<Vec<_>>();
                    Buffer::from_channels(&[channel(1.0), channel(-4.0)])
                })
                .collect();
            for block in &blocks {
                spool.write(block.block(block.capacity())).unwrap();
            }
            for _ in 0..2 {
                spool.rewind().unwrap();
                for block in &blocks {
                    let mut read = Buffer::new(2, 5);
                    assert_eq!(spool.read(read.block_mut(5)).unwrap(), block.capacity());
                    for c in 0..2 {
                        assert_eq!(
                            read.block(block.capacity()).channel(c),
                            block.block(block.capacity()).channel(c)
                        );
                    }
                }
                assert_eq!(spool.read(Buffer::new(2, 5).block_mut(5)).unwrap(), 0);
            }
            assert_eq!(spool.bytes_in_file() == 0, budget >= 1 << 20);
        }
    }
}
