//! The first pass of a node that learns: a hash of what is heard, beside its own listener.

use super::text::{self, Learned};
use super::{ANY, Hear, Learn, Lesson, LessonError, Programme};
use crate::{Analyze, Block, Cut, Format, Io, NodeError, Report, Stream, Whole};
use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::sync::Arc;

/// A node that learns, or knows.
pub(super) struct Learning<L: Learn> {
    pub(super) kind: &'static str,
    pub(super) learn: L,
    pub(super) known: Option<Arc<Learned<L::Lesson>>>,
    pub(super) format: Format,
}

/// What came of the first pass. People read the stream's own report.
#[derive(Debug)]
struct Heard<Found> {
    found: Found,
    programme: Programme,
}

impl<Found> Serialize for Heard<Found> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.programme.serialize(serializer)
    }
}

impl<L: Learn> Whole for Learning<L> {
    fn listener(&self) -> Box<dyn Analyze> {
        let known = self.known.as_deref();
        Box::new(Listening {
            inner: self.learn.listener(known.map(|known| &known.lesson)),
            hash: SampleHash::new(self.format.channels()),
            rate_hz: self.format.rate_hz,
            expected: known.map(|known| known.heard.clone()),
            name: L::Lesson::NAME,
        })
    }

    fn stream(&mut self, heard: &Report) -> Result<Box<dyn Stream>, NodeError> {
        let heard = heard.get::<Heard<L::Found>>().ok_or(NodeError::ForeignReport)?;
        let lesson = match self.known {
            Some(_) => None,
            None => Some(text::write(self.kind, heard.programme.clone(), self.learn.lesson(&heard.found))?),
        };
        Ok(Box::new(Taught { inner: self.learn.stream(&heard.found)?, lesson }))
    }
}

struct Listening<Found> {
    inner: Box<dyn Hear<Found>>,
    hash: SampleHash,
    rate_hz: u32,
    /// What the lesson was learnt from.
    expected: Option<Programme>,
    name: &'static str,
}

impl<Found: std::fmt::Debug + Send + Sync + 'static> Analyze for Listening<Found> {
    fn hear(&mut self, start: u64, block: Block<'_>) -> Result<(), NodeError> {
        self.hash.push(block);
        self.inner.hear(start, block)
    }

    fn finish(self: Box<Self>) -> Result<Report, NodeError> {
        let programme = self.hash.finish(self.rate_hz);
        if let Some(expected) = self.expected.filter(|expected| expected.sha256 != ANY) {
            let differs = match expected {
                _ if expected.frames != programme.frames => {
                    Some(format!("that had {} frames, and here are {}", expected.frames, programme.frames))
                }
                _ if expected.sha256 != programme.sha256 => {
                    Some("it had as many frames, but other samples".to_owned())
                }
                _ => None,
            };
            if let Some(reason) = differs {
                return Err(LessonError::Foreign { name: self.name, reason }.into());
            }
        }
        Ok(Report::new(Heard { found: self.inner.finish()?, programme }))
    }
}

/// A hash of samples that does not depend on how they are cut into blocks: of every channel, then of those hashes.
struct SampleHash {
    channels: Vec<Sha256>,
    frames: u64,
    bytes: Vec<u8>,
}

impl SampleHash {
    fn new(channels: usize) -> Self {
        Self { channels: vec![Sha256::new(); channels], frames: 0, bytes: Vec::new() }
    }

    fn push(&mut self, block: Block<'_>) {
        for (hash, samples) in self.channels.iter_mut().zip(block.iter()) {
            self.bytes.clear();
            self.bytes.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
            hash.update(&self.bytes);
        }
        self.frames += block.frames() as u64;
    }

    fn finish(self, rate_hz: u32) -> Programme {
        let channels = self.channels.len();
        let mut all = Sha256::new();
        for channel in self.channels {
            all.update(channel.finalize());
        }
        let mut sha256 = String::new();
        for byte in all.finalize() {
            let _ = write!(sha256, "{byte:02x}");
        }
        Programme { rate_hz, channels, frames: self.frames, sha256 }
    }
}

/// The node's own stream, and what it was taught.
struct Taught {
    inner: Box<dyn Stream>,
    lesson: Option<String>,
}

impl Stream for Taught {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        self.inner.process(io)
    }

    fn reset(&mut self) {
        self.inner.reset();
    }

    fn cut(&self) -> Cut {
        self.inner.cut()
    }

    fn report(&self) -> Option<Report> {
        self.inner.report()
    }

    fn lesson(&self) -> Option<&str> {
        self.lesson.as_deref()
    }
}
