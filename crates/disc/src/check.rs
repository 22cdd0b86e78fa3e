//! What a disc may not be, and what plants do not like.

use crate::address::{HIGHEST, PAUSE, SHORTEST_TRACK, Sectors};
use crate::disc::{Disc, TextKind};
use crate::latin1;
use std::collections::BTreeMap;
use thiserror::Error;

/// The most letters of a text in a CUE sheet.
pub(crate) const CUE_LETTERS: usize = 80;
/// The most letters of a master's name.
const MASTER_ID: usize = 48;
/// The longest time in front of track 1, beside the pause, that fits the four digits of a DDP fileset.
pub(crate) const DDP_HIDDEN: Sectors = Sectors(9_999 - PAUSE.0);

/// Something wrong with a disc. Tracks are counted from 1; 0 is the disc itself.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Problem {
    /// A disc has 1 to 99 tracks.
    #[error("a disc has 1 to 99 tracks; these are {0}")]
    Tracks(usize),
    /// A track is too short.
    #[error("track {track} is {length} long; a track has at least 4 seconds (00:04:00)")]
    Short {
        /// The track.
        track: usize,
        /// Its length.
        length: Sectors,
    },
    /// Places do not follow each other.
    #[error("the indexes of track {track} do not follow each other: {what}")]
    Order {
        /// The track.
        track: usize,
        /// Which.
        what: String,
    },
    /// Too many indexes.
    #[error("track {track} has {count} indexes; there are 99 at the most")]
    Indexes {
        /// The track.
        track: usize,
        /// How many it has.
        count: usize,
    },
    /// Longer than any address.
    #[error("the disc ends at {0}; there is no address beyond {HIGHEST}")]
    Unaddressable(Sectors),
    /// Longer than a plant takes.
    #[error("the disc ends at {end}, beyond {limit}: plants may refuse it")]
    Long {
        /// Where the lead-out begins, the pause counted.
        end: Sectors,
        /// The limit.
        limit: Sectors,
    },
    /// Flags that exclude each other.
    #[error("track {0} says both that it may be copied and that it may be copied once")]
    CopyFlags(usize),
    /// Pre-emphasis is a property of the audio.
    #[error("track {0} says that it has pre-emphasis: players will take the highs away again")]
    PreEmphasis(usize),
    /// Two tracks have one code.
    #[error("tracks {first} and {second} have the same ISRC, {isrc}")]
    SameIsrc {
        /// One.
        first: usize,
        /// The other.
        second: usize,
        /// The code.
        isrc: String,
    },
    /// A text has a letter that CD-TEXT and CUE sheets do not have.
    #[error("the {} of {} has the letter `{letter}`, which CD-TEXT and CUE sheets do not have: it is left out of them", kind.word().to_lowercase(), of(*track))]
    Letter {
        /// The track.
        track: usize,
        /// Which text.
        kind: TextKind,
        /// The first such letter.
        letter: char,
    },
    /// A text is longer than CUE sheets allow.
    #[error("the {} of {} has {letters} letters; CUE sheets have {CUE_LETTERS} of them", kind.word().to_lowercase(), of(*track))]
    LongText {
        /// The track.
        track: usize,
        /// Which text.
        kind: TextKind,
        /// How many it has.
        letters: usize,
    },
    /// A quote cannot stand in a CUE sheet's text.
    #[error("the {} of {} has double quotes, which CUE sheets cannot have: there they become single", kind.word().to_lowercase(), of(*track))]
    Quotes {
        /// The track.
        track: usize,
        /// Which text.
        kind: TextKind,
    },
    /// A backslash in a CUE sheet's text is the beginning of something else to some readers.
    #[error("the {} of {} has a backslash, which CUE sheets cannot have: there it becomes `/`", kind.word().to_lowercase(), of(*track))]
    Backslash {
        /// The track.
        track: usize,
        /// Which text.
        kind: TextKind,
    },
    /// More is hidden than the field of a DDP fileset has digits for.
    #[error(
        "{0} is hidden in front of track 1; a DDP fileset has room for {DDP_HIDDEN}: none can be made of this disc"
    )]
    Hidden(Sectors),
    /// The master's name is too long, or not plain.
    #[error("`{0}` is no name for a master: 48 plain letters at the most")]
    MasterId(String),
}

fn of(track: usize) -> String {
    if track == 0 { "the disc".to_owned() } else { format!("track {track}") }
}

impl Problem {
    /// Whether no such disc can be made.
    #[must_use]
    pub fn is_error(&self) -> bool {
        !matches!(
            self,
            Self::Long { .. }
                | Self::PreEmphasis(_)
                | Self::Letter { .. }
                | Self::LongText { .. }
                | Self::Quotes { .. }
                | Self::Backslash { .. }
                | Self::Hidden(_)
        )
    }
}

/// Everything that is wrong with `disc`; `limit` is where plants want the lead-out at the latest.
#[must_use]
pub fn check(disc: &Disc, limit: Sectors) -> Vec<Problem> {
    let mut problems = Vec::new();
    if !(1..=99).contains(&disc.tracks.len()) {
        problems.push(Problem::Tracks(disc.tracks.len()));
    }
    let plain = disc.master_id.bytes().all(|byte| (0x20..0x7f).contains(&byte));
    if !plain || disc.master_id.len() > MASTER_ID {
        problems.push(Problem::MasterId(disc.master_id.clone()));
    }
    places(disc, &mut problems);
    if let Some(first) = disc.tracks.first().filter(|first| first.start > DDP_HIDDEN) {
        problems.push(Problem::Hidden(first.start));
    }
    let mut codes = BTreeMap::new();
    for (track, number) in disc.tracks.iter().zip(1..) {
        if track.flags.copy_permitted && track.flags.serial_copy {
            problems.push(Problem::CopyFlags(number));
        }
        if track.flags.pre_emphasis {
            problems.push(Problem::PreEmphasis(number));
        }
        if let Some(isrc) = track.isrc
            && let Some(first) = codes.insert(isrc, number)
        {
            problems.push(Problem::SameIsrc { first, second: number, isrc: isrc.to_string() });
        }
    }
    texts(disc, &mut problems);
    let end = disc.lead_out + PAUSE;
    if end > HIGHEST {
        problems.push(Problem::Unaddressable(end));
    } else if end > limit {
        problems.push(Problem::Long { end, limit });
    }
    problems
}

/// Every place is behind the one before it. Only a gap may be empty: INDEX 01 may be where its INDEX 00 is.
fn places(disc: &Disc, problems: &mut Vec<Problem>) {
    let mut before: Option<Sectors> = None;
    for (track, number) in disc.tracks.iter().zip(1..) {
        let gap = track.gap.filter(|gap| *gap != track.start).map(|gap| (0, gap));
        let rest = (2..).zip(track.indexes.iter().copied());
        for (index, place) in gap.into_iter().chain([(1, track.start)]).chain(rest) {
            if let Some(before) = before.filter(|before| place <= *before) {
                let what = format!("INDEX {index:02} is at {place}, and the index before it at {before}");
                problems.push(Problem::Order { track: number, what });
            }
            before = before.max(Some(place));
        }
        if let Some((_, gap)) = gap.filter(|(_, gap)| number == 1 && *gap != Sectors(0)) {
            let what = format!("INDEX 00 is at {gap}, and not where the disc begins");
            problems.push(Problem::Order { track: number, what });
        }
        if number == disc.tracks.len() && before >= Some(disc.lead_out) {
            let what = format!("the disc ends at {}", disc.lead_out);
            problems.push(Problem::Order { track: number, what });
        }
        let count = track.indexes.len() + 1;
        if count > 99 {
            problems.push(Problem::Indexes { track: number, count });
        }
        let length = disc.length(number);
        if length < SHORTEST_TRACK {
            problems.push(Problem::Short { track: number, length });
        }
    }
}

fn texts(disc: &Disc, problems: &mut Vec<Problem>) {
    let all = std::iter::once(&disc.texts).chain(disc.tracks.iter().map(|track| &track.texts));
    for (texts, track) in all.zip(0..) {
        for kind in TextKind::ALL {
            let text = texts.get(kind);
            if let Err(letter) = latin1::encode(text) {
                problems.push(Problem::Letter { track, kind, letter });
                continue;
            }
            let letters = text.chars().count();
            if letters > CUE_LETTERS {
                problems.push(Problem::LongText { track, kind, letters });
            }
            if text.contains('"') {
                problems.push(Problem::Quotes { track, kind });
            }
            if text.contains('\\') {
                problems.push(Problem::Backslash { track, kind });
            }
        }
    }
}
