//! What is told about a recording.

use serde::Serialize;

/// What is wrong with a recording.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Faults {
    /// Sample rate, in Hz.
    pub rate_hz: u32,
    /// Channels.
    pub channels: usize,
    /// Length, in seconds.
    pub seconds: f64,
    /// The faults, in the order in which they are mended. None: there is nothing to mend.
    pub faults: Vec<Fault>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Fault {
    /// What it is.
    pub kind: FaultKind,
    /// How bad.
    pub severity: Severity,
    /// The same in words, with its numbers.
    pub what: String,
    /// How many places there are, if it has places.
    pub count: usize,
    /// Where, the first hundred of them.
    pub places: Vec<Place>,
    /// What mends it, if anything does.
    pub remedy: Option<Remedy>,
}

/// The most places that are listed.
pub(crate) const MOST_PLACES: usize = 100;

/// Kinds of faults, in the order in which they are mended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The wave is off its middle.
    Offset,
    /// Peaks are cut off.
    Clipping,
    /// Single clicks and pops.
    Clicks,
    /// Many small ticks.
    Crackle,
    /// The mains is to be heard.
    Hum,
    /// Steady noise.
    Hiss,
    /// One channel against the other.
    Phase,
    /// The signal is gone for a moment.
    Dropouts,
    /// Noise before the music begins.
    Head,
    /// Noise behind its end.
    Tail,
}

impl FaultKind {
    /// What people call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Offset => "offset",
            Self::Clipping => "clipping",
            Self::Clicks => "clicks",
            Self::Crackle => "crackle",
            Self::Hum => "hum",
            Self::Hiss => "hiss",
            Self::Phase => "phase",
            Self::Dropouts => "dropouts",
            Self::Head => "head",
            Self::Tail => "tail",
        }
    }
}

/// How bad a fault is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// One has to listen for it.
    Slight,
    /// One hears it.
    Clear,
    /// One hears nothing else.
    Severe,
}

impl Severity {
    /// The severity of something that is clear from `clear` on, and severe from `severe` on.
    pub(crate) fn of(size: f64, clear: f64, severe: f64) -> Self {
        if size >= severe {
            Self::Severe
        } else if size >= clear {
            Self::Clear
        } else {
            Self::Slight
        }
    }

    /// In words.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Slight => "slight",
            Self::Clear => "clear",
            Self::Severe => "severe",
        }
    }
}

/// Where a fault is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Place {
    /// The channel, from 0; none where it is on all of them.
    pub channel: Option<usize>,
    /// Where it begins, in seconds.
    pub at_s: f64,
    /// How long it is, in seconds.
    pub s: f64,
}

/// A node that mends a fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Remedy {
    /// A name for it in a graph.
    pub name: &'static str,
    /// The node, as one writes it in a graph.
    pub node: String,
    /// Why this node, and why these numbers.
    pub why: String,
}

/// The side of a stereo signal that a channel is, or its number.
pub(crate) fn channel_name(channel: usize, channels: usize) -> String {
    match (channels, channel) {
        (1, _) => "mono".to_owned(),
        (2, 0) => "left".to_owned(),
        (2, 1) => "right".to_owned(),
        _ => format!("channel {}", channel + 1),
    }
}

/// A time in seconds as people read it: `3:42.180`.
#[must_use]
pub fn clock(seconds: f64) -> String {
    let millis = (seconds * 1000.0).round() as u64;
    format!("{}:{:02}.{:03}", millis / 60_000, millis / 1000 % 60, millis % 1000)
}
