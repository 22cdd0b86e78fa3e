//! What symphonia reads: everything that is not plain samples.

use crate::decode::{Info, MAX_CHANNELS};
use crate::error::ReadError;
use crate::mp4;
use crate::ogg::Mended;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
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

/// Why no further packet comes.
pub(crate) enum Broken {
    /// The file ends before it should.
    Short,
    /// It is damaged, in words.
    Damaged(String),
}

/// A file in packets.
pub(crate) struct Packets {
    format: Box<dyn FormatReader>,
    decoder: Box<dyn AudioDecoder>,
    track: u32,
    ended: bool,
}

/// The file at `path`: its packets, what it says about itself, and how many frames to skip at its start.
pub(crate) fn open(path: &Path) -> Result<(Packets, Info, u64), ReadError> {
    let unsupported = || ReadError::Unsupported { path: path.to_owned(), reason: PANICKED.into() };
    let guarded = || catch_unwind(|| probe(path)).unwrap_or_else(|_| Err(unsupported()));
    let (packets, mut info, skip) = guarded()?;
    if info.channels > 0 {
        return Ok((packets, info, skip));
    }
    // Some containers only tell with the first packet.
    let (mut packets, mut planes) = (packets, Vec::new());
    if matches!(packets.next(info.rate_hz, &mut planes), Ok(true)) {
        info.channels = planes.len();
    }
    let (packets, _, skip) = guarded()?;
    Ok((packets, info, skip))
}

/// The container of the file at `path`, for what it says beside the samples.
pub(crate) fn container(path: &Path, file: File) -> Result<Box<dyn FormatReader>, ReadError> {
    let open = |cause| ReadError::Open { path: path.to_owned(), cause };
    let file = Mended::new(file).map_err(open)?;
    let stream = MediaSourceStream::new(Box::new(file), MediaSourceStreamOptions::default());
    let mut hint = Hint::new();
    if let Some(extension) = path.extension().and_then(|extension| extension.to_str()) {
        hint.with_extension(extension);
    }
    symphonia::default::get_probe()
        .probe(&hint, stream, FormatOptions::default(), MetadataOptions::default())
        .map_err(|error| ReadError::Unsupported { path: path.to_owned(), reason: said(&error) })
}

fn probe(path: &Path) -> Result<(Packets, Info, u64), ReadError> {
    let open = |cause| ReadError::Open { path: path.to_owned(), cause };
    let unsupported = |reason: String| ReadError::Unsupported { path: path.to_owned(), reason };
    let mut file = File::open(path).map_err(open)?;
    let edit = mp4::first_edit(&mut file).map_err(open)?;
    let format = container(path, file)?;
    let track = format.default_track(TrackType::Audio).ok_or_else(|| unsupported("no audio track".into()))?;
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
        mask: None,
    };
    let track = track.id;
    Ok((Packets { format, decoder, track, ended: false }, info, skip))
}

impl Packets {
    /// Decodes the next packet of the track into `planes`. `false` at the end.
    pub(crate) fn next(&mut self, rate_hz: u32, planes: &mut Vec<Vec<f64>>) -> Result<bool, Broken> {
        if let Ok(done) = catch_unwind(AssertUnwindSafe(|| self.decode_some(rate_hz, planes))) {
            return done;
        }
        // What the panic left of the decoder is not used again.
        self.ended = true;
        Err(Broken::Damaged(PANICKED.into()))
    }

    fn decode_some(&mut self, rate_hz: u32, planes: &mut Vec<Vec<f64>>) -> Result<bool, Broken> {
        while !self.ended {
            let packet = match self.format.next_packet() {
                Ok(Some(packet)) => packet,
                Ok(None) => {
                    self.ended = true;
                    if self.decoder.finalize().verify_ok == Some(false) {
                        return Err(Broken::Damaged("its checksum says that samples have changed".into()));
                    }
                    break;
                }
                Err(error) => return Err(broken(&error)),
            };
            if packet.track_id != self.track {
                continue;
            }
            match self.decoder.decode(&packet) {
                Ok(buffer) if buffer.spec().rate() != rate_hz => {
                    return Err(Broken::Damaged("the sample rate changes".into()));
                }
                Ok(buffer) => {
                    buffer.copy_to_vecs_planar(planes);
                    return Ok(true);
                }
                Err(error) => return Err(broken(&error)),
            }
        }
        Ok(false)
    }
}

fn broken(error: &Error) -> Broken {
    match error {
        Error::IoError(cause) if cause.kind() == std::io::ErrorKind::UnexpectedEof => Broken::Short,
        Error::ResetRequired => Broken::Damaged("a second stream begins, in another format".into()),
        _ => Broken::Damaged(said(error)),
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
