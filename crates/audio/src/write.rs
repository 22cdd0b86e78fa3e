//! Writing, whole or not at all.

use crate::container::{Container, Encoding};
use crate::error::WriteError;
use crate::metadata::Metadata;
use crate::pcm::{Order, encode};
use crate::place::{Existing, Place};
use crate::{aiff, flac, programs, riff};
use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// What a file is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spec {
    /// The kind of file.
    pub container: Container,
    /// Frames per second, in Hz.
    pub rate_hz: u32,
    /// The number of channels.
    pub channels: usize,
    /// How samples are written.
    pub encoding: Encoding,
    /// Which loudspeakers the channels are for, as WAV counts them; `None` for the usual ones.
    pub mask: Option<u32>,
}

impl Spec {
    /// Bytes in a frame of plain samples.
    pub(crate) fn frame_bytes(&self) -> u64 {
        self.channels as u64 * u64::from(self.encoding.bits() / 8)
    }

    /// Whether a file like this can be made at `path` on this machine.
    ///
    /// # Errors
    /// When the kind of file does not hold such samples, or is made by a program that is not here.
    pub fn check(&self, path: &Path) -> Result<(), WriteError> {
        let Self { container, rate_hz, channels, encoding, .. } = *self;
        let refused = |reason: String, help: &str| {
            Err(WriteError::Format { path: path.to_owned(), reason, help: help.to_owned() })
        };
        let name = container.name();
        if !container.holds(encoding) && !container.is_lossless() {
            let help = "leave `--bits` away: the encoder is given everything";
            return refused(format!("{name} has no word length of its own"), help);
        }
        if !container.holds(encoding) {
            let help = "write WAV, or 16 or 24 bit integers: `--bits 24`";
            return refused(format!("{name} holds no samples of {encoding}"), help);
        }
        if channels == 0 || channels > container.most_channels() {
            let most = container.most_channels();
            return refused(format!("{name} holds 1 to {most} channels, not {channels}"), "write WAV");
        }
        let most = match container {
            Container::Mp3 => 48_000,
            Container::Aac => 96_000,
            Container::Flac => 655_350,
            _ => u32::MAX,
        };
        if rate_hz == 0 || rate_hz > most {
            let help = "write WAV, or convert with a `Resample` at the end of the graph";
            return refused(format!("{name} does not hold {rate_hz} Hz"), help);
        }
        if container.needs_program() {
            programs::find(container, path)?;
        }
        Ok(())
    }
}

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Frames.
    pub frames: u64,
    /// Samples that were beyond full scale and had to be clipped.
    pub clipped: u64,
    /// What the metadata had and the kind of file has no place for, in words.
    pub left_out: Vec<String>,
    /// The program that made the file, where it was not this one.
    pub program: Option<&'static str>,
}

/// Bytes that are gathered before they go to the disk.
const GATHERED: usize = 1 << 18;

/// What takes the samples.
enum Body {
    Plain(File),
    Flac(Box<flac::Encoder>),
}

/// A file under construction: a temporary file beside its place, until [`finish`](Self::finish).
pub struct Writer {
    /// What is being written: for an encoder program a WAV file in between.
    spec: Spec,
    /// What is wanted.
    container: Container,
    place: Place,
    /// Bytes in front of plain samples.
    room: usize,
    body: Body,
    bytes: Vec<u8>,
    written: Written,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer")
            .field("place", &self.place)
            .field("written", &self.written)
            .finish_non_exhaustive()
    }
}

impl Writer {
    /// Begins a file at `path`. It must not be one of `inputs`, under whatever name. `expected` is about what
    /// [`finish`](Self::finish) will say, for which room is left in front of the samples.
    ///
    /// # Errors
    /// When the file is an input, is there already, or cannot be made; or there are no such files.
    pub fn create(
        path: &Path,
        spec: Spec,
        expected: &Metadata,
        existing: Existing,
        inputs: &[PathBuf],
    ) -> Result<Self, WriteError> {
        spec.check(path)?;
        let place = Place::new(path, existing, inputs)?;
        let container = spec.container;
        let spec =
            Spec { container: if container.needs_program() { Container::Wav } else { container }, ..spec };
        let room = match spec.container {
            Container::Flac => flac::room(expected),
            Container::Aiff => aiff::write::room(&spec),
            _ => riff::write::room(&spec, expected),
        };
        let body = Body::Plain(place.open()?);
        let (bytes, written) = (Vec::new(), Written::default());
        let mut writer = Self { spec, container, place, room, body, bytes, written };
        writer.restart()?;
        Ok(writer)
    }

    /// Begins again: what was written until now is void.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn restart(&mut self) -> Result<(), WriteError> {
        self.written = Written::default();
        self.bytes.clear();
        // The old encoder writes into the file once more when it goes: that must be over before the file is emptied.
        self.body = Body::Plain(self.place.open()?);
        let mut file = self.place.empty()?;
        self.body = if self.spec.container == Container::Flac {
            Body::Flac(Box::new(flac::Encoder::new(file, &self.spec, self.room, &self.place)?))
        } else {
            file.seek(SeekFrom::Start(self.room as u64)).map_err(|cause| self.place.io(cause))?;
            Body::Plain(file)
        };
        Ok(())
    }

    /// Adds frames: `planes` are the channels' samples, all of the same length. Integers are the nearest step, half-way
    /// cases away from zero; what is beyond full scale is clipped, and counted.
    ///
    /// # Errors
    /// When the disk refuses, or the file would go beyond what its kind holds.
    pub fn write(&mut self, planes: &[&[f64]]) -> Result<(), WriteError> {
        let frames = planes.first().map_or(0, |plane| plane.len());
        let bytes = (self.written.frames + frames as u64) * self.spec.frame_bytes();
        if self.spec.container == Container::Aiff && bytes > aiff::write::MOST_BYTES {
            return Err(WriteError::TooLarge { path: self.place.path().to_owned(), bytes });
        }
        match &mut self.body {
            Body::Flac(encoder) => {
                self.written.clipped += encoder.write(planes).map_err(|error| self.place.io(error))?;
            }
            Body::Plain(file) => {
                let order = if self.spec.container == Container::Aiff { Order::Big } else { Order::Little };
                // Bounded, however long the blocks are.
                let most = GATHERED / (self.spec.frame_bytes() as usize).max(1);
                for from in (0..frames).step_by(most.max(1)) {
                    let part: Vec<&[f64]> =
                        planes.iter().map(|plane| &plane[from..frames.min(from + most)]).collect();
                    self.written.clipped += encode(&part, self.spec.encoding, order, &mut self.bytes);
                    if self.bytes.len() >= GATHERED / 2 {
                        file.write_all(&self.bytes).map_err(|cause| self.place.io(cause))?;
                        self.bytes.clear();
                    }
                }
            }
        }
        self.written.frames += frames as u64;
        Ok(())
    }

    /// Adds silence. Plain samples that are nought are not written: where the disk has holes, they take no room.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub fn silence(&mut self, frames: u64) -> Result<(), WriteError> {
        let bytes = frames * self.spec.frame_bytes();
        if let (Body::Plain(file), false) = (&mut self.body, self.spec.container == Container::Aiff) {
            let mut skip = || {
                file.write_all(&self.bytes)?;
                file.seek(SeekFrom::Current(bytes as i64)).map(drop)
            };
            skip().map_err(|cause| self.place.io(cause))?;
            self.bytes.clear();
            self.written.frames += frames;
            return Ok(());
        }
        let nought = vec![0.0; 1 << 14];
        let mut left = frames;
        while left > 0 {
            let count = left.min(1 << 14);
            self.write(&vec![&nought[..count as usize]; self.spec.channels])?;
            left -= count;
        }
        Ok(())
    }

    /// Ends the samples. The file is whole then, and can be read at [`Sealed::path`], but says nothing about the programme.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn seal(mut self) -> Result<Sealed, WriteError> {
        if self.written.frames == 0 && self.spec.container == Container::Flac {
            let (path, reason) = (self.place.path().to_owned(), "FLAC holds no empty programme".to_owned());
            return Err(WriteError::Format { path, reason, help: "write WAV".into() });
        }
        match self.body {
            Body::Flac(encoder) => encoder.finish().map_err(|error| self.place.io(error))?,
            Body::Plain(mut file) => {
                file.write_all(&self.bytes).map_err(|cause| self.place.io(cause))?;
                self.bytes = Vec::new();
            }
        }
        let Self { spec, container, place, room, written, .. } = self;
        let mut sealed = Sealed { spec, container, place, room, written };
        sealed.describe(&Metadata::default())?;
        Ok(sealed)
    }

    /// Puts the finished file in its place, with what is to be said about it.
    ///
    /// # Errors
    /// When the disk refuses, another file has taken the place meanwhile, or an encoder program fails. Nothing is left
    /// behind then.
    pub fn finish(self, metadata: &Metadata) -> Result<Written, WriteError> {
        self.seal()?.finish(metadata)
    }
}

/// A file whose samples are all there, and that has not taken its place yet.
#[derive(Debug)]
pub struct Sealed {
    spec: Spec,
    container: Container,
    place: Place,
    room: usize,
    written: Written,
}

impl Sealed {
    /// Where it can be read. For files that an encoder program makes, this is what the program will be given.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.place.temporary()
    }

    /// Puts the file in its place, with what is to be said about it.
    ///
    /// # Errors
    /// As [`Writer::finish`].
    pub fn finish(mut self, metadata: &Metadata) -> Result<Written, WriteError> {
        self.describe(metadata)?;
        if self.container.needs_program() {
            let made = programs::encode(self.container, &self.place, metadata)?;
            self.written.left_out = made.left_out;
            self.written.program = Some(made.program);
            made.place.take()?;
        } else {
            self.place.take()?;
        }
        Ok(self.written)
    }

    /// Writes what stands in front of the samples and behind them.
    fn describe(&mut self, metadata: &Metadata) -> Result<(), WriteError> {
        let data_bytes = self.written.frames * self.spec.frame_bytes();
        let (head, tail) = match self.spec.container {
            Container::Flac => {
                self.written.left_out = flac::describe(&mut self.place, metadata, self.written.frames)?;
                return Ok(());
            }
            Container::Aiff => {
                self.written.left_out = aiff::write::left_out(metadata);
                aiff::write::ends(&self.spec, data_bytes, metadata)
            }
            _ => {
                self.written.left_out = riff::write::left_out(metadata);
                riff::write::ends(&self.spec, data_bytes, metadata, self.room)
            }
        };
        let write = || -> std::io::Result<()> {
            let mut file = self.place.reopen()?;
            file.write_all(&head)?;
            file.seek(SeekFrom::Start(self.room as u64 + data_bytes))?;
            file.write_all(&tail)?;
            file.set_len(self.room as u64 + data_bytes + tail.len() as u64)
        };
        write().map_err(|cause| self.place.io(cause))
    }
}
