//! Which kinds of files are written, and what they hold.

use crate::error::WriteError;
use std::path::Path;

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
    /// 64 bit floating point: exactly what the graph made.
    Float64,
}

impl Encoding {
    /// Bits in a sample.
    #[must_use]
    pub fn bits(self) -> u16 {
        match self {
            Self::Int16 => 16,
            Self::Int24 => 24,
            Self::Int32 | Self::Float32 => 32,
            Self::Float64 => 64,
        }
    }

    /// Whether samples are integers, so that the word is short and dither has a place.
    #[must_use]
    pub fn is_integer(self) -> bool {
        !matches!(self, Self::Float32 | Self::Float64)
    }
}

impl std::fmt::Display for Encoding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bit{}", self.bits(), if self.is_integer() { "" } else { " float" })
    }
}

/// A kind of file that is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Container {
    /// WAV; beyond 4 GiB it becomes RF64 by itself.
    #[default]
    Wav,
    /// RF64 (EBU Tech 3306) at any size.
    Rf64,
    /// BW64 (ITU-R BS.2088) at any size.
    Bw64,
    /// FLAC.
    Flac,
    /// AIFF; AIFF-C for floating point.
    Aiff,
    /// MP3, by an encoder program.
    Mp3,
    /// Opus, by an encoder program.
    Opus,
    /// AAC in MP4, by an encoder program.
    Aac,
    /// Apple Lossless in MP4, by an encoder program.
    Alac,
}

impl Container {
    /// The endings by which files are written, each with its kind.
    pub const ENDINGS: [(&str, Self); 12] = [
        ("wav", Self::Wav),
        ("wave", Self::Wav),
        ("rf64", Self::Rf64),
        ("bw64", Self::Bw64),
        ("flac", Self::Flac),
        ("aiff", Self::Aiff),
        ("aif", Self::Aiff),
        ("aifc", Self::Aiff),
        ("mp3", Self::Mp3),
        ("opus", Self::Opus),
        ("alac.m4a", Self::Alac),
        ("m4a", Self::Aac),
    ];

    /// What a file called `path` is to be, by its ending.
    ///
    /// # Errors
    /// When nothing is written under that ending.
    pub fn of_path(path: &Path) -> Result<Self, WriteError> {
        let name =
            path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
        let ends = |ending: &str| name.strip_suffix(ending).is_some_and(|front| front.ends_with('.'));
        let found = Self::ENDINGS.iter().find(|(ending, _)| ends(ending)).map(|(_, container)| *container);
        found.ok_or_else(|| {
            let reason = match path.extension() {
                Some(ending) => format!("no kind of file ends in `.{}`", ending.to_string_lossy()),
                None => "the ending says what kind of file it is to be, and there is none".into(),
            };
            let endings: Vec<String> = Self::ENDINGS.iter().map(|(ending, _)| format!(".{ending}")).collect();
            WriteError::Format {
                path: path.to_owned(),
                reason,
                help: format!("one of {}", endings.join(" ")),
            }
        })
    }

    /// Whether a program that is not part of this one makes it.
    #[must_use]
    pub fn needs_program(self) -> bool {
        matches!(self, Self::Mp3 | Self::Opus | Self::Aac | Self::Alac)
    }

    /// Whether what comes out of it are the samples that went in.
    #[must_use]
    pub fn is_lossless(self) -> bool {
        !matches!(self, Self::Mp3 | Self::Opus | Self::Aac)
    }

    /// The name, for people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Wav => "WAV",
            Self::Rf64 => "RF64",
            Self::Bw64 => "BW64",
            Self::Flac => "FLAC",
            Self::Aiff => "AIFF",
            Self::Mp3 => "MP3",
            Self::Opus => "Opus",
            Self::Aac => "AAC",
            Self::Alac => "ALAC",
        }
    }

    /// Whether it holds words of this kind. Lossy codecs are given floating point, and round by themselves.
    #[must_use]
    pub fn holds(self, encoding: Encoding) -> bool {
        match self {
            Self::Wav | Self::Rf64 | Self::Bw64 | Self::Aiff => true,
            Self::Flac | Self::Alac => matches!(encoding, Encoding::Int16 | Encoding::Int24),
            Self::Mp3 | Self::Opus | Self::Aac => encoding == Encoding::Float32,
        }
    }

    /// The most channels it holds.
    #[must_use]
    pub fn most_channels(self) -> usize {
        match self {
            Self::Wav | Self::Rf64 | Self::Bw64 | Self::Aiff => 32,
            Self::Flac | Self::Alac | Self::Opus | Self::Aac => 8,
            Self::Mp3 => 2,
        }
    }
}
