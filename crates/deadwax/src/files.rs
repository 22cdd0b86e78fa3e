//! Audio files as the engine's source and sink.

use crate::measure::programme_of;
use deadwax_audio::{
    Container, Decoder, Encoding, Existing, Metadata, ReadError, Sealed, Spec, WriteError, Writer,
};
use deadwax_dsp::dither::{Dither, Quantizer, Settings, Shape};
use deadwax_engine::{Cause, Sink, Source};
use deadwax_measure::{Measured, Meter, Wanted};
use deadwax_node::learn::{Programme, ProgrammeHash};
use deadwax_node::{Block, BlockMut, Buffer, Format, Layout};
use std::ops::Range;
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
    /// Tells which programme it is, where that is wanted.
    hash: Option<ProgrammeHash>,
    programme: Option<Programme>,
    /// Which frames are measured, and where reading ends, if not at the end.
    heard: Range<u64>,
    until: Option<u64>,
    /// How many frames have been decoded.
    decoded: u64,
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
        Ok(Self {
            path: path.to_owned(),
            decoder,
            format,
            held: Buffer::default(),
            filled: 0,
            used: 0,
            meter,
            measured: None,
            hash: None,
            programme: None,
            heard: 0..u64::MAX,
            until: None,
            decoded: 0,
            started: false,
        })
    }

    /// Measures the frames of `heard` only, and reads no further than to the frame `until`.
    pub fn only(&mut self, heard: Range<u64>, until: Option<u64>) {
        (self.heard, self.until) = (heard, until);
    }

    /// Lets the source find out which programme it is while it is read for the first time.
    pub fn identify(&mut self) {
        self.hash = Some(ProgrammeHash::new(self.format.channels()));
    }

    /// Which programme it is, once it has been read to its end; reads it now where it was not.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn programme(&self) -> Result<Programme, ReadError> {
        match &self.programme {
            Some(programme) => Ok(programme.clone()),
            None => Ok(programme_of(&self.path)?.1),
        }
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
        let over = self.until.is_some_and(|until| self.decoded >= until);
        let Some(planes) = (if over { None } else { self.decoder.read()? }) else {
            if let Some(meter) = self.meter.take() {
                self.measured = Some(meter.finish());
            }
            // What was read in part is not known.
            if let Some(hash) = self.hash.take().filter(|_| !over) {
                self.programme = Some(hash.finish());
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
        if let Some(hash) = &mut self.hash {
            hash.push(self.held.block(frames));
        }
        let first = self.decoded;
        self.decoded += frames as u64;
        self.filled = frames;
        if let Some(until) = self.until {
            self.filled = frames.min(usize::try_from(until - first).unwrap_or(usize::MAX));
        }
        if let Some(meter) = &mut self.meter {
            let part = within(&self.heard, first, frames);
            let planes: Vec<&[f64]> =
                self.held.block(frames).iter().map(|plane| &plane[part.clone()]).collect();
            meter.push(&planes);
        }
        Ok(true)
    }
}

/// Which of `frames` frames, from the frame `first` on, lie in `range`.
fn within(range: &Range<u64>, first: u64, frames: usize) -> Range<usize> {
    let place = |at: u64| frames.min(usize::try_from(at.saturating_sub(first)).unwrap_or(usize::MAX));
    place(range.start)..place(range.end).max(place(range.start))
}

impl Source for FileSource {
    fn format(&self) -> Format {
        self.format
    }

    fn frames(&self) -> Option<u64> {
        let until = self.until.unwrap_or(u64::MAX);
        self.decoder.info().frames.map(|frames| frames.min(until))
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
            (self.filled, self.used, self.decoded, self.started) = (0, 0, 0, false);
            // A second reading measures nothing, unless the first never came to its end.
            if self.meter.is_some() {
                self.meter = Meter::new(self.format.rate_hz, self.format.channels(), Wanted::ALL).ok();
            }
            if self.hash.is_some() {
                self.identify();
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
    /// The frames that are written; all of them, if nothing is said.
    pub range: Option<Range<u64>>,
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
    /// Frames that have been handed over.
    seen: u64,
}

impl FileSink {
    /// A file that is made when the engine starts it.
    #[must_use]
    pub fn new(target: Target) -> Self {
        Self { target, writer: None, quantizer: None, scratch: Buffer::default(), seen: 0 }
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
        self.seen = 0;
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
        let first = self.seen;
        self.seen += block.frames() as u64;
        let range = self.target.range.clone().unwrap_or(0..u64::MAX);
        let part = within(&range, first, block.frames());
        if part.is_empty() {
            return Ok(());
        }
        let block = block.part(part.start, part.len());
        let (at, frames) = (first + part.start as u64, part.len());
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
            quantizer.process(channel, at, samples);
        }
        let planes: Vec<&[f64]> = self.scratch.block(frames).iter().collect();
        Ok(writer.write(&planes)?)
    }
}
