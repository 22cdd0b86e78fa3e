//! Reading.

use crate::aiff;
use crate::error::ReadError;
use crate::packets::{self, Broken, Packets};
use crate::pcm::{Order, Word};
use crate::riff::read::{Fault, scan};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// The most channels that are read.
pub(crate) const MAX_CHANNELS: usize = 32;

/// Bytes of plain samples that are read at a time, about.
const GATHERED: u64 = 1 << 16;

/// What a file says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Info {
    /// Frames per second, in Hz.
    pub rate_hz: u32,
    /// The number of channels.
    pub channels: usize,
    /// How many frames there are, if the file says; what an encoder added is not counted.
    pub frames: Option<u64>,
    /// The codec's short name, as in `flac` or `vorbis`.
    pub codec: String,
    /// Bits in a sample, if that means something for the codec.
    pub bits: Option<u32>,
    /// Which loudspeakers the channels are for, as WAV counts them, if the file says.
    pub mask: Option<u32>,
}

/// A file that is read from start to end.
pub struct Decoder {
    path: PathBuf,
    info: Info,
    source: Source,
    /// Frames to drop at the start, which the container does not drop itself.
    skip: u64,
    /// Frames given out so far.
    given: u64,
    planes: Vec<Vec<f64>>,
}

enum Source {
    Plain(Plain),
    Packets(Box<Packets>),
}

/// Plain samples in a file.
struct Plain {
    file: File,
    word: Word,
    order: Order,
    /// Bytes that are still to be read.
    left: u64,
    bytes: Vec<u8>,
}

impl std::fmt::Debug for Decoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decoder").field("path", &self.path).field("info", &self.info).finish_non_exhaustive()
    }
}

impl Decoder {
    /// Opens the file at `path`; its contents decide what it is, not its name.
    ///
    /// # Errors
    /// When it is not there, is no audio of a known kind, or has a header that makes no sense.
    pub fn open(path: &Path) -> Result<Self, ReadError> {
        let open = |cause| ReadError::Open { path: path.to_owned(), cause };
        let mut file = File::open(path).map_err(open)?;
        if file.metadata().map_err(open)?.is_dir() {
            return Err(open(std::io::Error::from(std::io::ErrorKind::IsADirectory)));
        }
        let (source, info, skip) = match plain(&mut file).map_err(|fault| faulty(path, fault))? {
            Found::Plain(info, layout) => (Source::Plain(layout.with(file).map_err(open)?), info, 0),
            Found::Other { frames } => {
                let (packets, info, skip) = packets::open(path)?;
                let info = Info { frames: frames.or(info.frames), ..info };
                (Source::Packets(Box::new(packets)), info, skip)
            }
        };
        let Info { rate_hz, channels, .. } = info;
        let header = |reason| ReadError::Header { path: path.to_owned(), reason };
        if !(1_000..=768_000).contains(&rate_hz) {
            return Err(header(format!("a sample rate of {rate_hz} Hz makes no sense")));
        }
        if channels == 0 || channels > MAX_CHANNELS {
            return Err(header(format!("{channels} channels; 1 to {MAX_CHANNELS} are read")));
        }
        Ok(Self { path: path.to_owned(), info, source, skip, given: 0, planes: Vec::new() })
    }

    /// What the file says about itself.
    #[must_use]
    pub fn info(&self) -> &Info {
        &self.info
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The next frames, `[channel][frame]`, at least one; `None` at the end.
    ///
    /// # Errors
    /// When the file is damaged, changes its format half way, or ends before it should.
    pub fn read(&mut self) -> Result<Option<&[Vec<f64>]>, ReadError> {
        while self.more()? {
            if self.planes.len() != self.info.channels {
                return Err(self.damaged("the number of channels changes".into()));
            }
            self.trim();
            let frames = self.planes.first().map_or(0, Vec::len);
            if frames > 0 {
                self.given += frames as u64;
                return Ok(Some(&self.planes));
            }
        }
        match self.info.frames {
            Some(expected) if self.given < expected => Err(self.short(expected)),
            _ => Ok(None),
        }
    }

    /// Fills `planes` with what comes next, before anything is trimmed. `false` at the end.
    fn more(&mut self) -> Result<bool, ReadError> {
        match &mut self.source {
            Source::Plain(plain) => plain
                .next(self.info.channels, &mut self.planes)
                .map_err(|cause| ReadError::Open { path: self.path.clone(), cause }),
            Source::Packets(packets) => match packets.next(self.info.rate_hz, &mut self.planes) {
                Ok(more) => Ok(more),
                Err(Broken::Damaged(reason)) => Err(self.damaged(reason)),
                Err(Broken::Short) => Err(match self.info.frames {
                    Some(expected) => self.short(expected),
                    None => self.damaged("it ends in the middle".into()),
                }),
            },
        }
    }

    /// Drops what lies in front of and behind the programme.
    fn trim(&mut self) {
        let frames = self.planes.first().map_or(0, Vec::len) as u64;
        let front = self.skip.min(frames);
        self.skip -= front;
        let left = self.info.frames.map_or(u64::MAX, |frames| frames.saturating_sub(self.given));
        let kept = (frames - front).min(left);
        let (front, end) = (front as usize, (front + kept) as usize);
        for plane in &mut self.planes {
            plane.truncate(end);
            plane.drain(..front);
        }
    }

    fn damaged(&self, reason: String) -> ReadError {
        let seconds = self.given as f64 / f64::from(self.info.rate_hz.max(1));
        ReadError::Damaged { path: self.path.clone(), seconds, reason }
    }

    fn short(&self, expected: u64) -> ReadError {
        ReadError::Truncated { path: self.path.clone(), expected, got: self.given }
    }
}

/// What a file turned out to be.
enum Found {
    /// Plain samples.
    Plain(Info, Layout),
    /// Something else, with the number of frames, if the container said so.
    Other { frames: Option<u64> },
}

/// Where plain samples lie.
struct Layout {
    word: Word,
    order: Order,
    at: u64,
    bytes: u64,
}

impl Layout {
    fn with(self, mut file: File) -> std::io::Result<Plain> {
        file.seek(SeekFrom::Start(self.at))?;
        Ok(Plain { file, word: self.word, order: self.order, left: self.bytes, bytes: Vec::new() })
    }
}

/// Looks whether `file` holds plain samples.
fn plain(file: &mut File) -> Result<Found, Fault> {
    if let Some(riff) = scan(file)? {
        let format = riff.format;
        let Some(word) = format.word else { return Ok(Found::Other { frames: riff.fact }) };
        let frames = riff.data_bytes / (format.channels * word.bytes()) as u64;
        let info = Info {
            rate_hz: format.rate_hz,
            channels: format.channels,
            frames: Some(frames),
            codec: word.name(Order::Little),
            bits: Some(format.bits),
            mask: format.mask.filter(|mask| *mask != 0),
        };
        let bytes = frames * (format.channels * word.bytes()) as u64;
        return Ok(Found::Plain(info, Layout { word, order: Order::Little, at: riff.data, bytes }));
    }
    if let Some(aiff) = aiff::read::scan(file)? {
        let Some((word, order)) = aiff.word else { return Ok(Found::Other { frames: None }) };
        let info = Info {
            rate_hz: aiff.rate_hz,
            channels: aiff.channels,
            frames: Some(aiff.frames),
            codec: word.name(order),
            bits: Some(aiff.bits),
            mask: None,
        };
        let bytes = aiff.frames * (aiff.channels * word.bytes()) as u64;
        return Ok(Found::Plain(info, Layout { word, order, at: aiff.data, bytes }));
    }
    Ok(Found::Other { frames: None })
}

pub(crate) fn faulty(path: &Path, fault: Fault) -> ReadError {
    let path = path.to_owned();
    match fault {
        Fault::Io(cause) => ReadError::Open { path, cause },
        Fault::Header(reason) => ReadError::Header { path, reason },
    }
}

impl Plain {
    /// Reads some frames into `planes`. `false` at the end of the samples, or of the file.
    fn next(&mut self, channels: usize, planes: &mut Vec<Vec<f64>>) -> std::io::Result<bool> {
        let frame = (channels * self.word.bytes()) as u64;
        let wanted = (GATHERED / frame * frame).max(frame).min(self.left);
        self.bytes.clear();
        (&mut self.file).take(wanted).read_to_end(&mut self.bytes)?;
        let whole = self.bytes.len() as u64 / frame * frame;
        self.left = if whole < wanted { 0 } else { self.left - whole };
        planes.resize(channels, Vec::new());
        self.word.decode(self.order, &self.bytes[..whole as usize], planes);
        Ok(whole > 0)
    }
}
