//! Where frames come from and where they go: the engine is handed these, and opens no file itself.

use deadwax_node::{Block, BlockMut, Format};

/// What went wrong outside the engine.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// A programme that can be read from its start as often as needed.
pub trait Source: Send {
    /// Sample rate and channels.
    fn format(&self) -> Format;

    /// How many frames there are, if that is known before the end.
    fn frames(&self) -> Option<u64>;

    /// Writes the next frames to `into`, as many as fit; fewer only at the end, and 0 behind it.
    ///
    /// # Errors
    /// When the programme cannot be read.
    fn read(&mut self, into: BlockMut<'_>) -> Result<usize, Cause>;

    /// Goes back to the first frame.
    ///
    /// # Errors
    /// When that cannot be done.
    fn rewind(&mut self) -> Result<(), Cause>;
}

/// Where an output goes.
pub trait Sink: Send {
    /// Begins. Called again when the stretch before it runs again: what was written until then is void.
    ///
    /// # Errors
    /// When the sink cannot take this format.
    fn start(&mut self, format: Format) -> Result<(), Cause>;

    /// Takes the next frames.
    ///
    /// # Errors
    /// When they cannot be written.
    fn write(&mut self, block: Block<'_>) -> Result<(), Cause>;
}

/// A programme in memory.
#[derive(Clone, Debug)]
pub struct MemorySource {
    format: Format,
    channels: Vec<Vec<f64>>,
    at: usize,
}

impl MemorySource {
    /// The programme `channels[channel][frame]`, all channels of the same length, at `format`.
    #[must_use]
    pub fn new(format: Format, channels: Vec<Vec<f64>>) -> Self {
        Self { format, channels, at: 0 }
    }
}

impl Source for MemorySource {
    fn format(&self) -> Format {
        self.format
    }

    fn frames(&self) -> Option<u64> {
        self.channels.first().map(|channel| channel.len() as u64)
    }

    fn read(&mut self, mut into: BlockMut<'_>) -> Result<usize, Cause> {
        let left = self.channels.first().map_or(0, Vec::len) - self.at;
        let frames = left.min(into.frames());
        for (to, from) in into.iter_mut().zip(&self.channels) {
            to[..frames].copy_from_slice(&from[self.at..self.at + frames]);
        }
        self.at += frames;
        Ok(frames)
    }

    fn rewind(&mut self) -> Result<(), Cause> {
        self.at = 0;
        Ok(())
    }
}

/// Keeps what it is given.
#[derive(Clone, Debug, Default)]
pub struct MemorySink {
    /// The format, once the sink has been started.
    pub format: Option<Format>,
    /// `[channel][frame]`.
    pub channels: Vec<Vec<f64>>,
}

impl Sink for MemorySink {
    fn start(&mut self, format: Format) -> Result<(), Cause> {
        self.format = Some(format);
        self.channels = vec![Vec::new(); format.channels()];
        Ok(())
    }

    fn write(&mut self, block: Block<'_>) -> Result<(), Cause> {
        for (kept, channel) in self.channels.iter_mut().zip(block.iter()) {
            kept.extend_from_slice(channel);
        }
        Ok(())
    }
}
