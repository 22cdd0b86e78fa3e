//! What is told of a programme.

use serde::{Deserialize, Serialize};

/// What was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// How the file begins: cut into the music, or long silence.
    Head,
    /// How it ends: a cut fade, or long silence.
    Tail,
    /// A mean that is not zero.
    Offset,
    /// Channels against each other.
    Phase,
    /// What is lost in mono.
    Mono,
    /// Peaks between samples.
    TruePeak,
    /// Bits that are declared and not used.
    Bits,
    /// Recorded at a lower rate and converted.
    Upsampled,
    /// Once coded by a lossy coder.
    Lossy,
    /// Words that were cut off without dither.
    Truncated,
    /// Runs of equal extreme samples.
    Clipping,
    /// Silence in the middle of the music.
    Dropout,
    /// A step where one file follows another.
    Seam,
    /// Peaks behind a lossy coder.
    Codec,
    /// How long a side is.
    SideLength,
    /// How much land the grooves take.
    Land,
    /// Bass that is not the same on both sides of the groove.
    BassPhase,
    /// Velocity and acceleration of high frequencies at their radius.
    Treble,
    /// Sharp consonants.
    Sibilance,
    /// How dense the programme is.
    Density,
    /// Energy below hearing.
    Subsonic,
    /// Energy above what the medium takes.
    Ultrasonic,
    /// Silence between the tracks of a side.
    Bands,
    /// Bright or loud tracks towards the middle of a record.
    Order,
    /// Treble that a tape cannot hold at the level of the rest.
    Saturation,
    /// Time between the channels.
    Azimuth,
    /// The lengths of both sides of a cassette.
    Balance,
    /// The silence in front of a side.
    Lead,
    /// A sample rate that nothing is cut or copied from.
    Rate,
    /// One word held where there should be a wave.
    Stuck,
}

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weight {
    /// Good to know.
    Note,
    /// Somebody should look at it before it is sent off.
    Warning,
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// What was looked at.
    pub check: Check,
    /// How much it matters.
    pub weight: Weight,
    /// The file, by its path in the deliverable; `None` for all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Where it is, in seconds from the beginning of the file, if it is at one place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_s: Option<f64>,
    /// What was found, with its figures.
    pub message: String,
    /// What one might do; empty where there is nothing.
    pub advice: String,
}

impl Finding {
    /// Something to look at.
    #[must_use]
    pub fn warning(check: Check, message: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            check,
            weight: Weight::Warning,
            file: None,
            at_s: None,
            message: message.into(),
            advice: advice.into(),
        }
    }

    /// Something good to know.
    #[must_use]
    pub fn note(check: Check, message: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { weight: Weight::Note, ..Self::warning(check, message, advice) }
    }

    /// The same, in a file.
    #[must_use]
    pub fn of(mut self, file: impl Into<String>) -> Self {
        self.file = Some(file.into());
        self
    }

    /// The same, at a place in seconds.
    #[must_use]
    pub fn at(mut self, at_s: f64) -> Self {
        self.at_s = Some(at_s);
        self
    }
}
