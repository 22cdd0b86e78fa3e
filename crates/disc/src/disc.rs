//! What is on a disc.

use crate::address::{PAUSE, Sectors};
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
    /// INDEX 00, where the gap in front of it begins, if there is one. What is in front of the first track is its gap, whether
    /// this says so or not; if it does, it says 0.
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

/// A place on a disc that has a number: what CUE sheets and PQ descriptors list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The track, from 1.
    pub track: usize,
    /// The index: 0 for a gap, 1 for the beginning.
    pub index: usize,
    /// Where it is.
    pub at: Sectors,
}

impl Disc {
    /// Every index of every track in order, counted from the first sector behind the pause. A gap without length is none;
    /// what is hidden in front of the first track is its INDEX 00.
    #[must_use]
    pub fn marks(&self) -> Vec<Mark> {
        let mut marks = Vec::new();
        for (track, number) in self.tracks.iter().zip(1..) {
            let gap = if number == 1 { Some(Sectors(0)) } else { track.gap };
            let gap = gap.filter(|gap| *gap != track.start).map(|gap| (0, gap));
            let rest = (2..).zip(track.indexes.iter().copied());
            let all = gap.into_iter().chain([(1, track.start)]).chain(rest);
            marks.extend(all.map(|(index, at)| Mark { track: number, index, at }));
        }
        marks
    }

    /// The same as a disc has them: counted from the beginning of the pause, which is INDEX 00 of the first track.
    #[must_use]
    pub fn marks_on_disc(&self) -> Vec<Mark> {
        let later = |mark: Mark| Mark { at: mark.at + PAUSE, ..mark };
        let rest = self.marks().into_iter().filter(|mark| (mark.track, mark.index) != (1, 0)).map(later);
        let pause = (!self.tracks.is_empty()).then_some(Mark { track: 1, index: 0, at: Sectors(0) });
        pause.into_iter().chain(rest).collect()
    }

    /// How long the track with that number, from 1, is: to the next track's INDEX 01, or to the end.
    #[must_use]
    pub fn length(&self, number: usize) -> Sectors {
        let start = number
            .checked_sub(1)
            .and_then(|at| self.tracks.get(at))
            .map_or(self.lead_out, |track| track.start);
        self.tracks.get(number).map_or(self.lead_out, |next| next.start) - start
    }

    /// The sectors of the file that the track with that number, from 1, is split to, when gaps go to the track before them
    /// and what is hidden in front of the first track to the first.
    #[must_use]
    pub fn split(&self, number: usize) -> (Sectors, Sectors) {
        let begin = if number <= 1 {
            Sectors(0)
        } else {
            self.tracks.get(number - 1).map_or(self.lead_out, |track| track.start)
        };
        (begin, self.tracks.get(number).map_or(self.lead_out, |next| next.start))
    }
}
