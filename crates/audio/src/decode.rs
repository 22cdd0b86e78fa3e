//! Reading.

use crate::error::ReadError;
use crate::mp4;
use crate::ogg::Mended;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::{MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::meta::MetadataOptions;

/// Damaged files make libraries panic now and then; that is an error like any other.
const PANICKED: &str = "it is damaged in a way that the decoder cannot cope with";

/// The most frames that a packet may hold. Codecs go up to 65 536.
const MAX_PACKET_FRAMES: u64 = 1 << 18;

/// The most channels that are read.
const MAX_CHANNELS: usize = 32;

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
}

/// A file that is read from start to end.
pub struct Decoder {
    path: PathBuf,
    info: Info,
    format: Box<dyn FormatReader>,
    decoder: Box<dyn AudioDecoder>,
    track: u32,
    /// Frames to drop at the start, which the container does not drop itself.
    skip: u64,
    /// Frames given out so far.
    given: u64,
    planes: Vec<Vec<f64>>,
    ended: bool,
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
        let mut file = Self::begin(path)?;
        if file.info.channels == 0 {
            // Some containers only tell with the first packet.
            let channels = if file.decode_packet()? { file.planes.len() } else { 0 };
            file = Self::begin(path)?;
            file.info.channels = channels;
        }
        let Info { rate_hz, channels, .. } = file.info;
        let header = |reason| ReadError::Header { path: path.to_owned(), reason };
        if !(1_000..=768_000).contains(&rate_hz) {
            return Err(header(format!("a sample rate of {rate_hz} Hz makes no sense")));
        }
        if channels == 0 || channels > MAX_CHANNELS {
            return Err(header(format!("{channels} channels; 1 to {MAX_CHANNELS} are read")));
        }
        Ok(file)
    }

    fn begin(path: &Path) -> Result<Self, ReadError> {
        let unsupported = || ReadError::Unsupported { path: path.to_owned(), reason: PANICKED.into() };
        catch_unwind(|| Self::probe(path)).unwrap_or_else(|_| Err(unsupported()))
    }

    fn probe(path: &Path) -> Result<Self, ReadError> {
        let open = |cause| ReadError::Open { path: path.to_owned(), cause };
        let mut file = File::open(path).map_err(open)?;
        if file.metadata().map_err(open)?.is_dir() {
            return Err(open(std::io::Error::from(std::io::ErrorKind::IsADirectory)));
        }
        let edit = mp4::first_edit(&mut file).map_err(open)?;
        let unsupported = |reason: String| ReadError::Unsupported { path: path.to_owned(), reason };
        let file = Mended::new(file).map_err(open)?;
        let stream = MediaSourceStream::new(Box::new(file), MediaSourceStreamOptions::default());
        let mut hint = Hint::new();
        if let Some(extension) = path.extension().and_then(|extension| extension.to_str()) {
            hint.with_extension(extension);
        }
        let format = symphonia::default::get_probe()
            .probe(&hint, stream, FormatOptions::default(), MetadataOptions::default())
            .map_err(|error| unsupported(said(&error)))?;
        let track =
            format.default_track(TrackType::Audio).ok_or_else(|| unsupported("no audio track".into()))?;
        let parameters = track.codec_params.as_ref().and_then(|parameters| parameters.audio());
        let parameters = parameters.ok_or_else(|| unsupported("an unknown codec".into()))?;
        plausible(path, parameters)?;
        let decoder = symphonia::default::get_codecs()
            .make_audio_decoder(parameters, &AudioDecoderOptions::default().verify(true))
            .map_err(|error| unsupported(said(&error)))?;
        let rate_hz = parameters.sample_rate.unwrap_or(0);
        let (skip, frames) = match edit.map(|edit| edit.in_frames(rate_hz)) {
            Some((skip, frames)) => (skip, Some(frames)),
            None => (0, track.num_frames),
        };
        let info = Info {
            rate_hz,
            channels: parameters.channels.as_ref().map_or(0, |channels| channels.count()),
            frames,
            codec: decoder.codec_info().short_name.to_owned(),
            bits: parameters.bits_per_sample,
        };
        let (path, track, planes) = (path.to_owned(), track.id, Vec::new());
        Ok(Self { path, info, format, decoder, track, skip, given: 0, planes, ended: false })
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
        while self.decode_packet()? {
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
            Some(expected) if self.given < expected => {
                Err(ReadError::Truncated { path: self.path.clone(), expected, got: self.given })
            }
            _ => Ok(None),
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

    /// Decodes the next packet of the track into `planes`. `false` at the end.
    fn decode_packet(&mut self) -> Result<bool, ReadError> {
        if let Ok(done) = catch_unwind(AssertUnwindSafe(|| self.decode_some())) {
            return done;
        }
        // What the panic left of the decoder is not used again.
        self.ended = true;
        Err(self.damaged(PANICKED.into()))
    }

    fn decode_some(&mut self) -> Result<bool, ReadError> {
        while !self.ended {
            let packet = match self.format.next_packet() {
                Ok(Some(packet)) => packet,
                Ok(None) => {
                    self.ended = true;
                    if self.decoder.finalize().verify_ok == Some(false) {
                        return Err(self.damaged("its checksum says that samples have changed".into()));
                    }
                    break;
                }
                Err(error) => return Err(self.broken(&error)),
            };
            if packet.track_id != self.track {
                continue;
            }
            let rate_hz = self.info.rate_hz;
            match self.decoder.decode(&packet) {
                Ok(buffer) if buffer.spec().rate() != rate_hz => {
                    return Err(self.damaged("the sample rate changes".into()));
                }
                Ok(buffer) => {
                    buffer.copy_to_vecs_planar(&mut self.planes);
                    return Ok(true);
                }
                Err(error) => return Err(self.broken(&error)),
            }
        }
        Ok(false)
    }

    fn damaged(&self, reason: String) -> ReadError {
        let seconds = self.given as f64 / f64::from(self.info.rate_hz.max(1));
        ReadError::Damaged { path: self.path.clone(), seconds, reason }
    }

    fn broken(&self, error: &Error) -> ReadError {
        match (error, self.info.frames) {
            (Error::IoError(cause), Some(expected)) if cause.kind() == std::io::ErrorKind::UnexpectedEof => {
                ReadError::Truncated { path: self.path.clone(), expected, got: self.given }
            }
            (Error::ResetRequired, _) => self.damaged("a second stream begins, in another format".into()),
            _ => self.damaged(said(error)),
        }
    }
}

/// Whether what the header asks for is of this world: decoders take memory for it before they have seen a sample.
fn plausible(path: &Path, parameters: &AudioCodecParameters) -> Result<(), ReadError> {
    let header = |reason| Err(ReadError::Header { path: path.to_owned(), reason });
    let channels = parameters.channels.as_ref().map_or(0, |channels| channels.count());
    if channels > MAX_CHANNELS {
        return header(format!("{channels} channels; 1 to {MAX_CHANNELS} are read"));
    }
    let frames = parameters.max_frames_per_packet.unwrap_or(0).max(parameters.frames_per_block.unwrap_or(0));
    if frames > MAX_PACKET_FRAMES {
        return header(format!("packets of {frames} frames make no sense"));
    }
    Ok(())
}

/// What symphonia says, for people.
fn said(error: &Error) -> String {
    match error {
        Error::Unsupported(what) => format!("unsupported: {what}"),
        Error::DecodeError(what) => (*what).to_owned(),
        other => other.to_string(),
    }
}
