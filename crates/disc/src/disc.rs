//! What is on a disc.

use crate::address::Sectors;
use crate::barcode::Barcode;
use crate::isrc::Isrc;

/// A disc of music. Places are counted from the first sector behind the pause of two seconds that every disc begins with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Disc {
    /// What is said of the disc.
    pub texts: Texts,
    /// Its bar code.
    pub barcode: Option<Barcode>,
    /// What the house calls the master; does not reach the disc.
    pub master_id: String,
    /// The tracks, the first first.
    pub tracks: Vec<Track>,
    /// Where the music ends.
    pub lead_out: Sectors,
}

/// A track.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Track {
    /// What is said of it.
    pub texts: Texts,
    /// The code of the recording.
    pub isrc: Option<Isrc>,
    /// Its flags.
    pub flags: Flags,
    /// INDEX 00, where the gap in front of it begins, if there is one. In front of the first track: 0, where there is
    /// something hidden.
    pub gap: Option<Sectors>,
    /// INDEX 01, where it begins.
    pub start: Sectors,
    /// INDEX 02 and on.
    pub indexes: Vec<Sectors>,
}

/// What is said of a disc or a track; empty where nothing is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    /// What it is called.
    pub title: String,
    /// Who plays.
    pub performer: String,
    /// Who wrote the words.
    pub songwriter: String,
    /// Who wrote the music.
    pub composer: String,
    /// Who arranged it.
    pub arranger: String,
    /// What else there is to say.
    pub message: String,
}

/// The kinds of text, in the order in which CD-TEXT has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TextKind {
    /// What it is called.
    Title,
    /// Who plays.
    Performer,
    /// Who wrote the words.
    Songwriter,
    /// Who wrote the music.
    Composer,
    /// Who arranged it.
    Arranger,
    /// What else there is to say.
    Message,
}

impl TextKind {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Title, Self::Performer, Self::Songwriter, Self::Composer, Self::Arranger, Self::Message];

    /// As CUE and TOC sheets call it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Title => "TITLE",
            Self::Performer => "PERFORMER",
            Self::Songwriter => "SONGWRITER",
            Self::Composer => "COMPOSER",
            Self::Arranger => "ARRANGER",
            Self::Message => "MESSAGE",
        }
    }
}

impl Texts {
    /// The text of a kind.
    #[must_use]
    pub fn get(&self, kind: TextKind) -> &str {
        match kind {
            TextKind::Title => &self.title,
            TextKind::Performer => &self.performer,
            TextKind::Songwriter => &self.songwriter,
            TextKind::Composer => &self.composer,
            TextKind::Arranger => &self.arranger,
            TextKind::Message => &self.message,
        }
    }
}

/// What a track's subcode says of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// It may be copied digitally.
    pub copy_permitted: bool,
    /// Its audio is encoded with 50/15 µs pre-emphasis. Nothing here encodes it.
    pub pre_emphasis: bool,
    /// It has four channels. No disc of these times has.
    pub four_channels: bool,
    /// It may be copied digitally once.
    pub serial_copy: bool,
}

impl Flags {
    /// The words of CUE sheets, in their usual order.
    #[must_use]
    pub fn words(self) -> Vec<&'static str> {
        let all = [
            (self.copy_permitted, "DCP"),
            (self.pre_emphasis, "PRE"),
            (self.four_channels, "4CH"),
            (self.serial_copy, "SCMS"),
        ];
        all.into_iter().filter_map(|(set, word)| set.then_some(word)).collect()
    }
}

impl Disc {
    /// How long the track with that number, from 1, is: to the next track's INDEX 01, or to the end.
    #[must_use]
    pub fn length(&self, number: usize) -> Sectors {
        let start = number.checked_sub(1).and_then(|at| self.tracks.get(at)).map_or(self.lead_out, |track| track.start);
        self.tracks.get(number).map_or(self.lead_out, |next| next.start) - start
    }

    /// The sectors of the file that the track with that number, from 1, is split to, when gaps go to the track before them
    /// and what is hidden in front of the first track to the first.
    #[must_use]
    pub fn split(&self, number: usize) -> (Sectors, Sectors) {
        let begin = if number <= 1 { Sectors(0) } else { self.tracks.get(number - 1).map_or(self.lead_out, |track| track.start) };
        (begin, self.tracks.get(number).map_or(self.lead_out, |next| next.start))
    }
}
