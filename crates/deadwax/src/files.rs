//! Audio files as the engine's source and sink.

use deadwax_audio::{
    Container, Decoder, Encoding, Existing, Metadata, ReadError, Sealed, Spec, WriteError, Writer,
};
use deadwax_dsp::dither::{Dither, Quantizer, Settings, Shape};
use deadwax_engine::{Cause, Sink, Source};
use deadwax_measure::{Measured, Meter, Wanted};
use deadwax_node::{Block, BlockMut, Buffer, Format, Layout};
use std::path::{Path, PathBuf};

/// An audio file that the engine reads, and that is measured while it is read for the first time.
pub struct FileSource {
    path: PathBuf,
    decoder: Decoder,
    format: Format,
    /// How many frames of the decoder's current block are used up.
    held: Buffer,
    filled: usize,
    used: usize,
    meter: Option<Meter>,
    measured: Option<Measured>,
    started: bool,
}

impl FileSource {
    /// Opens the file at `path`; `measure` says whether its loudness and peaks are wanted.
    ///
    /// # Errors
    /// When it cannot be read as audio.
    pub fn open(path: &Path, measure: bool) -> Result<Self, ReadError> {
        let decoder = Decoder::open(path)?;
        let info = decoder.info();
        let layout = Layout::of_channels(info.channels).unwrap_or(Layout::Stereo);
        let format = Format::new(info.rate_hz, layout);
        let meter = if measure { Meter::new(info.rate_hz, info.channels, Wanted::ALL).ok() } else { None };
        let (path, held) = (path.to_owned(), Buffer::default());
        Ok(Self { path, decoder, format, held, filled: 0, used: 0, meter, measured: None, started: false })
    }

    /// What the file says about itself.
    #[must_use]
    pub fn info(&self) -> &deadwax_audio::Info {
        self.decoder.info()
    }

    /// What was measured, once the file has been read to its end.
    #[must_use]
    pub fn measured(&self) -> Option<&Measured> {
        self.measured.as_ref()
    }

    /// Decodes the next block into `held`. `false` at the end.
    fn refill(&mut self) -> Result<bool, ReadError> {
        (self.filled, self.used) = (0, 0);
        let Some(planes) = self.decoder.read()? else {
            if let Some(meter) = self.meter.take() {
                self.measured = Some(meter.finish());
            }
            return Ok(false);
        };
        let frames = planes.first().map_or(0, Vec::len);
        if self.held.capacity() < frames {
            self.held = Buffer::new(planes.len(), frames);
        }
        let mut block = self.held.block_mut(frames);
        for (to, from) in block.iter_mut().zip(planes) {
            to.copy_from_slice(from);
        }
        self.filled = frames;
        if let Some(meter) = &mut self.meter {
            let planes: Vec<&[f64]> = self.held.block(frames).iter().collect();
            meter.push(&planes);
        }
        Ok(true)
    }
}

impl Source for FileSource {
    fn format(&self) -> Format {
        self.format
    }

    fn frames(&self) -> Option<u64> {
        self.decoder.info().frames
    }

    fn read(&mut self, mut into: BlockMut<'_>) -> Result<usize, Cause> {
        self.started = true;
        let mut done = 0;
        while done < into.frames() {
            if self.used == self.filled && !self.refill()? {
                break;
            }
            let count = (self.filled - self.used).min(into.frames() - done);
            into.part_mut(done, count).copy_from(self.held.block(self.filled).part(self.used, count));
            self.used += count;
            done += count;
        }
        Ok(done)
    }

    fn rewind(&mut self) -> Result<(), Cause> {
        if self.started {
            self.decoder = Decoder::open(&self.path)?;
            (self.filled, self.used, self.started) = (0, 0, false);
            // A second reading measures nothing, unless the first never came to its end.
            if self.meter.is_some() {
                self.meter = Meter::new(self.format.rate_hz, self.format.channels(), Wanted::ALL).ok();
            }
        }
        Ok(())
    }
}

/// How an output file is to be.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its place.
    pub path: PathBuf,
    /// The kind of file.
    pub container: Container,
    /// How samples are written.
    pub encoding: Encoding,
    /// Whether the writer dithers: it does where the graph does not.
    pub dither: bool,
    /// What to do when a file is there.
    pub existing: Existing,
    /// Files that are never overwritten.
    pub inputs: Vec<PathBuf>,
    /// Which loudspeakers the channels are for, as WAV counts them; `None` for the usual ones.
    pub mask: Option<u32>,
    /// About what will be said of the programme: room is left for it.
    pub expected: Metadata,
}

impl Target {
    /// The file for a programme of `format`.
    #[must_use]
    pub fn spec(&self, format: Format) -> Spec {
        let Self { container, encoding, mask, .. } = *self;
        Spec { container, rate_hz: format.rate_hz, channels: format.channels(), encoding, mask }
    }
}

/// An audio file that the engine writes.
pub struct FileSink {
    target: Target,
    writer: Option<Writer>,
    quantizer: Option<Quantizer>,
    scratch: Buffer,
    at: u64,
}

impl FileSink {
    /// A file that is made when the engine starts it.
    #[must_use]
    pub fn new(target: Target) -> Self {
        Self { target, writer: None, quantizer: None, scratch: Buffer::default(), at: 0 }
    }

    /// Ends the samples: the file is whole, and has yet to be told what it is and to take its place. `None` when the
    /// engine never started it.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn seal(self) -> Result<Option<Sealed>, WriteError> {
        self.writer.map(Writer::seal).transpose()
    }
}

impl Sink for FileSink {
    fn start(&mut self, format: Format) -> Result<(), Cause> {
        self.at = 0;
        if let Some(quantizer) = &mut self.quantizer {
            quantizer.reset();
        }
        if let Some(writer) = &mut self.writer {
            return Ok(writer.restart()?);
        }
        let Target { path, encoding, dither, existing, inputs, expected, .. } = &self.target;
        let channels = format.channels();
        self.writer = Some(Writer::create(path, self.target.spec(format), expected, *existing, inputs)?);
        self.quantizer = (*dither && encoding.is_integer()).then(|| {
            let settings = Settings {
                bits: u32::from(encoding.bits()),
                dither: Dither::Triangular,
                shape: Shape::None,
                rate_hz: f64::from(format.rate_hz),
                seed: 0,
            };
            Quantizer::new(settings, channels)
        });
        Ok(())
    }

    fn write(&mut self, block: Block<'_>) -> Result<(), Cause> {
        let Some(writer) = &mut self.writer else { return Ok(()) };
        let frames = block.frames();
        let Some(quantizer) = &mut self.quantizer else {
            let planes: Vec<&[f64]> = block.iter().collect();
            return Ok(writer.write(&planes)?);
        };
        if self.scratch.capacity() < frames {
            self.scratch = Buffer::new(block.channels(), frames);
        }
        let mut scratch = self.scratch.block_mut(frames);
        scratch.copy_from(block);
        for (channel, samples) in scratch.iter_mut().enumerate() {
            quantizer.process(channel, self.at, samples);
        }
        self.at += frames as u64;
        let planes: Vec<&[f64]> = self.scratch.block(frames).iter().collect();
        Ok(writer.write(&planes)?)
    }
}
