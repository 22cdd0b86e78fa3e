//! Writing WAV, whole or not at all.

use crate::error::WriteError;
use hound::{SampleFormat, WavSpec};
use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// How samples are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// 16 bit integers.
    Int16,
    /// 24 bit integers.
    #[default]
    Int24,
    /// 32 bit integers.
    Int32,
    /// 32 bit floating point: nothing is rounded to steps, nothing clips.
    Float32,
}

impl Encoding {
    /// Bits in a sample.
    #[must_use]
    pub fn bits(self) -> u16 {
        match self {
            Self::Int16 => 16,
            Self::Int24 => 24,
            Self::Int32 | Self::Float32 => 32,
        }
    }

    /// Whether samples are integers, so that the word is short and dither has a place.
    #[must_use]
    pub fn is_integer(self) -> bool {
        self != Self::Float32
    }
}

/// What to do when a file of the name is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Existing {
    /// Refuse.
    #[default]
    Keep,
    /// Replace it, once the new one is whole.
    Replace,
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Frames.
    pub frames: u64,
    /// Samples that were beyond full scale and had to be clipped.
    pub clipped: u64,
}

/// WAV sizes are 32 bit numbers; this much is left for headers.
const MOST_BYTES: u64 = u32::MAX as u64 - 4096;

/// A WAV file under construction: a temporary file beside its place, until [`finish`](Self::finish).
pub struct WavWriter {
    path: PathBuf,
    existing: Existing,
    spec: WavSpec,
    temporary: NamedTempFile,
    writer: Option<hound::WavWriter<BufWriter<File>>>,
    written: Written,
}

impl std::fmt::Debug for WavWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WavWriter")
            .field("path", &self.path)
            .field("written", &self.written)
            .finish_non_exhaustive()
    }
}

/// Whether both paths lead to the same file, through links too. Two paths that lead nowhere are not the same.
#[must_use]
pub fn same_file(a: &Path, b: &Path) -> bool {
    match (a.canonicalize(), b.canonicalize()) {
        (Ok(a), Ok(b)) if a == b => true,
        (Ok(a), Ok(b)) => same_inode(&a, &b),
        _ => false,
    }
}

#[cfg(unix)]
fn same_inode(a: &Path, b: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let id = |path: &Path| path.metadata().ok().map(|data| (data.dev(), data.ino()));
    id(a).is_some() && id(a) == id(b)
}

#[cfg(not(unix))]
fn same_inode(_: &Path, _: &Path) -> bool {
    false
}

impl WavWriter {
    /// Begins a file at `path`. It must not be one of `inputs`, under whatever name.
    ///
    /// # Errors
    /// When the file is an input, is there already, or cannot be made; or WAV does not hold the format.
    pub fn create(
        path: &Path,
        (rate_hz, channels): (u32, usize),
        encoding: Encoding,
        existing: Existing,
        inputs: &[PathBuf],
    ) -> Result<Self, WriteError> {
        if inputs.iter().any(|input| same_file(input, path)) {
            return Err(WriteError::IsInput { path: path.to_owned() });
        }
        if existing == Existing::Keep && path.symlink_metadata().is_ok() {
            return Err(WriteError::Exists { path: path.to_owned() });
        }
        let channels = u16::try_from(channels).ok().filter(|channels| (1..=32).contains(channels));
        let channels = channels.ok_or_else(|| WriteError::Format {
            path: path.to_owned(),
            reason: "WAV is written with 1 to 32 channels".into(),
        })?;
        let sample_format = if encoding.is_integer() { SampleFormat::Int } else { SampleFormat::Float };
        let spec =
            WavSpec { channels, sample_rate: rate_hz, bits_per_sample: encoding.bits(), sample_format };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let temporary = temporary_in(folder).map_err(|error| {
            // The kind alone: the name of the temporary file in the message would help nobody.
            WriteError::Io { path: path.to_owned(), cause: error.kind().into() }
        })?;
        let mut wav = Self {
            path: path.to_owned(),
            existing,
            spec,
            temporary,
            writer: None,
            written: Written::default(),
        };
        wav.restart()?;
        Ok(wav)
    }

    /// Begins again: what was written until now is void.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn restart(&mut self) -> Result<(), WriteError> {
        self.writer = None;
        self.written = Written::default();
        let begin = || -> std::io::Result<File> {
            let mut file = self.temporary.reopen()?;
            file.set_len(0)?;
            file.seek(SeekFrom::Start(0))?;
            Ok(file)
        };
        let file = begin().map_err(|cause| self.io(cause))?;
        let writer = hound::WavWriter::new(BufWriter::with_capacity(1 << 18, file), self.spec);
        self.writer = Some(writer.map_err(|error| self.failed(error))?);
        Ok(())
    }

    /// Adds frames: `planes` are the channels' samples, all of the same length. Integers are the nearest step, half-way
    /// cases away from zero; what is beyond full scale is clipped, and counted.
    ///
    /// # Errors
    /// When the disk refuses, or the file would go beyond 4 GiB.
    pub fn write(&mut self, planes: &[&[f64]]) -> Result<(), WriteError> {
        let frames = planes.first().map_or(0, |plane| plane.len());
        let frame_bytes = u64::from(self.spec.channels) * u64::from(self.spec.bits_per_sample / 8);
        let bytes = (self.written.frames + frames as u64) * frame_bytes;
        if bytes > MOST_BYTES {
            return Err(WriteError::TooLarge { path: self.path.clone(), bytes });
        }
        let Some(writer) = &mut self.writer else { return Ok(()) };
        let full = (1_i64 << (self.spec.bits_per_sample - 1)) as f64;
        let mut clipped = 0;
        let mut write = || -> Result<(), hound::Error> {
            for frame in 0..frames {
                for plane in planes {
                    if self.spec.sample_format == SampleFormat::Float {
                        writer.write_sample(plane[frame] as f32)?;
                        continue;
                    }
                    let step = (plane[frame] * full).round();
                    let held = step.clamp(-full, full - 1.0);
                    clipped += u64::from(held != step);
                    writer.write_sample(held as i32)?;
                }
            }
            Ok(())
        };
        let done = write();
        self.written.frames += frames as u64;
        self.written.clipped += clipped;
        done.map_err(|error| self.failed(error))
    }

    /// Puts the finished file in its place.
    ///
    /// # Errors
    /// When the disk refuses, or another file has taken the place meanwhile. Nothing is left behind then.
    pub fn finish(mut self) -> Result<Written, WriteError> {
        if let Some(writer) = self.writer.take() {
            writer.finalize().map_err(|error| self.failed(error))?;
        }
        let path = self.path.clone();
        let io = |cause| WriteError::Io { path: path.clone(), cause };
        self.temporary.as_file().sync_all().map_err(io)?;
        let placed = match self.existing {
            Existing::Replace => self.temporary.persist(&path),
            Existing::Keep => self.temporary.persist_noclobber(&path),
        };
        match placed {
            Ok(_) => Ok(self.written),
            Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => {
                Err(WriteError::Exists { path })
            }
            Err(error) => Err(WriteError::Io { path: path.clone(), cause: error.error }),
        }
    }

    fn io(&self, cause: std::io::Error) -> WriteError {
        WriteError::Io { path: self.path.clone(), cause }
    }

    fn failed(&self, error: hound::Error) -> WriteError {
        match error {
            hound::Error::IoError(cause) => self.io(cause),
            other => WriteError::Format { path: self.path.clone(), reason: other.to_string() },
        }
    }
}

/// A temporary file with the rights that a new file usually has, instead of those of a private one.
fn temporary_in(folder: &Path) -> std::io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".deadwax-").suffix(".part");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The system's mask takes away from this what it takes from every new file.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}
