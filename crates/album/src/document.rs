//! What stands in an album document.

use crate::time::Length;
use deadwax_disc::{Barcode, Flags, Isrc, Sectors, Texts};
use deadwax_graph::tree::Span;

/// A value, and the bytes in which the document says it.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed<T> {
    /// The value.
    pub value: T,
    /// Its bytes.
    pub span: Span,
}

/// An album.
#[derive(Clone, Debug, Default)]
pub struct Album {
    /// What is said of it.
    pub texts: Texts,
    /// Its bar code.
    pub barcode: Option<Placed<Barcode>>,
    /// The label's number for it.
    pub catalogue: String,
    /// The label.
    pub label: String,
    /// When it came out, as in `2026-11-30`.
    pub date: String,
    /// What kind of music it is.
    pub genre: String,
    /// Who mastered it.
    pub engineer: String,
    /// The sample rate of its timeline, in Hz; that of the tracks, if nothing is said.
    pub rate_hz: Option<Placed<u32>>,
    /// How loud its tracks are beside each other.
    pub loudness: Loudness,
    /// The graph of tracks that name none.
    pub graph: Option<Placed<String>>,
    /// The preset of that graph.
    pub preset: Option<Placed<String>>,
    /// The tracks, in the order of the document.
    pub tracks: Vec<Track>,
    /// What follows what.
    pub layout: Vec<Placed<Element>>,
    /// What is made of it.
    pub deliverables: Vec<Deliverable>,
}

/// A track.
#[derive(Clone, Debug)]
pub struct Track {
    /// The name that the layout calls it by.
    pub name: Placed<String>,
    /// What is said of it.
    pub texts: Texts,
    /// The code of its recording.
    pub isrc: Option<Placed<Isrc>>,
    /// What a disc says of it.
    pub flags: Flags,
    /// The mix.
    pub source: Placed<Source>,
    /// Its graph, if not that of the album.
    pub graph: Option<Placed<String>>,
    /// The preset of its graph.
    pub preset: Option<Placed<String>>,
    /// Values of params and fields of its graph, as they are written.
    pub values: Vec<(Placed<String>, Placed<String>)>,
    /// How much louder it is than the album's loudness makes it, in dB.
    pub offset_db: f64,
    /// What is cut off at its beginning and end.
    pub trim: Trim,
    /// How it comes in.
    pub fade_in: Option<Fade>,
    /// How it goes out.
    pub fade_out: Option<Fade>,
    /// INDEX 02 and on, from its beginning.
    pub indexes: Vec<Placed<Length>>,
    /// Whether it is quieter on purpose, and `Match` leaves it alone.
    pub interlude: bool,
    /// Other mixes of it, by the name of the version.
    pub versions: Vec<(Placed<String>, Placed<Source>)>,
}

/// A recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Where it lies, below the folder of the document or anywhere.
    pub path: String,
    /// SHA-256 of the file, in hexadecimal digits, if the document says it.
    pub sha256: Option<String>,
}

/// What is cut off.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Trim {
    /// At the beginning.
    pub head: Cut,
    /// At the end.
    pub tail: Cut,
}

/// How much is cut off at one end.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Cut {
    /// Nothing.
    #[default]
    Nothing,
    /// So much.
    Length(Length),
    /// What is below a level, but for `hold` beside what is above it.
    Floor {
        /// The level, in dBFS.
        level_dbfs: f64,
        /// What is kept of what is below it.
        hold: Length,
    },
}

/// How a track comes in or goes out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fade {
    /// How long it takes.
    pub length: Length,
    /// How.
    pub curve: Curve,
}

/// The course of a fade, as the node `Fade` has them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Curve {
    /// By equal steps.
    Linear,
    /// By equal steps of power: two different signals that cross keep their level.
    EqualPower,
    /// Slowly, fast, slowly.
    #[default]
    Smooth,
    /// By equal steps in decibels, over 60 dB.
    Log,
}

/// A step of the layout.
#[derive(Clone, Debug, PartialEq)]
pub enum Element {
    /// Something in front of the first track, which a player finds by going back.
    Hidden(Source),
    /// From here on it is another side, called so.
    Side(String),
    /// A track, by its name.
    Track(String),
    /// Silence, from the end of what was before to the beginning of the next track.
    Gap(Length),
    /// The track before goes out while the next comes in.
    Cross {
        /// How long both are heard.
        length: Length,
        /// How they cross.
        curve: Curve,
        /// Where the next track's mark is.
        mark: Mark,
    },
}

/// Where in a crossing the next track begins, for players.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mark {
    /// Where it is first heard.
    Begin,
    /// In the middle.
    #[default]
    Middle,
    /// Where the track before is gone.
    End,
}

/// How loud tracks are beside each other.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Loudness {
    /// As their graphs leave them.
    #[default]
    AsMastered,
    /// One gain for all.
    KeepRelative {
        /// What is brought to the target.
        anchor: Anchor,
        /// How loud it becomes, in LUFS.
        target_lufs: f64,
        /// Whether the album may be turned up.
        up: bool,
    },
    /// Each to the same loudness, by gain alone.
    Match {
        /// How loud they become, in LUFS.
        target_lufs: f64,
        /// What is near enough, in LU.
        tolerance_lu: f64,
        /// The most that one is turned, in dB.
        max_gain_db: f64,
        /// What no true peak may go beyond, in dBTP: a track that would is refused.
        ceiling_dbtp: f64,
    },
}

/// What the album's gain is taken from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Anchor {
    /// All of it, heard as one programme.
    #[default]
    Album,
    /// Its loudest track.
    LoudestTrack,
}

/// One thing that is made of an album.
#[derive(Clone, Debug)]
pub struct Deliverable {
    /// Its name, and that of its folder.
    pub name: Placed<String>,
    /// A graph that all of it goes through, as one programme.
    pub post: Option<Placed<String>>,
    /// The preset of that graph.
    pub preset: Option<Placed<String>>,
    /// Values of its params and fields, as they are written.
    pub values: Vec<(Placed<String>, Placed<String>)>,
    /// The version of the tracks, if not the usual.
    pub version: Option<Placed<String>>,
    /// How words are shortened.
    pub dither: Option<Dither>,
    /// Another loudness than the album's.
    pub loudness: Option<Loudness>,
    /// What it is.
    pub kind: Kind,
}

/// How words are shortened: the shapes of the node `Dither`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dither {
    /// Even hiss.
    #[default]
    Tpdf,
    /// Shaped a little.
    Mild,
    /// Shaped by ITU-R 468.
    Balanced,
    /// Shaped to the threshold of hearing.
    Deep,
    /// None: words are rounded.
    Round,
}

/// What a deliverable is.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// A file for each track.
    Tracks {
        /// The files.
        format: Format,
        /// The sample rate, in Hz; that of the timeline, if nothing is said.
        rate_hz: Option<u32>,
        /// Where gaps go.
        gap: Gaps,
        /// The services that it is held against.
        check: Vec<Placed<String>>,
    },
    /// A compact disc.
    Disc {
        /// What is written beside the audio.
        write: Vec<Paper>,
        /// Where the plant wants the lead-out at the latest.
        limit: Sectors,
        /// What the house calls the master.
        master_id: String,
    },
    /// A file for each side.
    Sides {
        /// What it is cut or copied to.
        medium: Medium,
        /// The files.
        format: Format,
        /// The sample rate, in Hz.
        rate_hz: Option<u32>,
        /// The level that a record is thought to be cut at: of a sine's peak at 1 kHz which moves each wall of the groove at
        /// 5 cm/s, in dBFS. It changes no sample; the pre-flight is told by it.
        reference_dbfs: f64,
        /// The silence in front of each side.
        lead: Length,
    },
}

/// The kind of an audio file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// WAV of so many bits; of 32 as floating point.
    Wav {
        /// Bits of a word.
        bits: u32,
    },
    /// FLAC of so many bits.
    Flac {
        /// Bits of a word.
        bits: u32,
    },
}

/// Where the silence between tracks goes when they become files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Gaps {
    /// To the end of the track before.
    #[default]
    ToPrevious,
    /// To the beginning of the track behind.
    ToNext,
    /// Nowhere.
    Drop,
}

/// What is written beside the audio of a disc.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Paper {
    /// A DDP 2.00 fileset.
    Ddp,
    /// An image with its CUE sheet.
    Cue,
    /// A TOC of cdrdao.
    Toc,
    /// A PQ sheet to print.
    PqHtml,
    /// A PQ sheet to compute with.
    PqCsv,
}

/// What sides are cut or copied to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Medium {
    /// A record of 12 inches.
    Lp12 {
        /// 33 or 45.
        rpm: u32,
    },
    /// A record of 10 inches.
    Lp10 {
        /// 33 or 45.
        rpm: u32,
    },
    /// A record of 7 inches.
    Lp7 {
        /// 33 or 45.
        rpm: u32,
    },
    /// A compact cassette of so many minutes.
    Cassette {
        /// 46, 60 or 90, both sides together.
        minutes: u32,
    },
}
