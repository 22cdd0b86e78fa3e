//! Which files a programme is cut into, and what each of them says about itself.

use super::deliver::Making;
use super::papers::WAV;
use super::stream::frame;
use crate::album::opened::OpenedAlbum;
use deadwax_album::document::{Gaps, Kind, Track};
use deadwax_album::{Placing, Time};
use deadwax_audio::Metadata;
use std::ops::Range;

/// One file that is cut from the programme.
pub(super) struct Slice {
    /// Its path in the deliverable, without the ending.
    pub(super) name: String,
    /// Its frames, at the rate of the deliverable.
    pub(super) frames: Range<u64>,
    /// What it says about itself.
    pub(super) metadata: Metadata,
}

impl Making<'_> {
    /// The files of the deliverable, without their endings.
    pub(super) fn slices(&self, rate_hz: u32) -> Vec<Slice> {
        let (OpenedAlbum { album, discs, .. }, sequence) = (self.opened, &self.sequence);
        match &self.one.kind {
            Kind::Sides { .. } => {
                let side = |side: &deadwax_album::Side| Slice {
                    name: format!("side {}", plain(&side.name)),
                    frames: frame(side.begin, rate_hz)..frame(side.end, rate_hz),
                    metadata: self.about(None, Some(&side.name)),
                };
                sequence.sides.iter().map(side).collect()
            }
            Kind::Disc { .. } => {
                let Some(found) = discs.iter().find(|disc| disc.deliverable == self.one.name.value) else {
                    return Vec::new();
                };
                let on_disc = sequence.placings.iter().filter_map(|placing| placing.track);
                let mut slices: Vec<Slice> = on_disc
                    .zip(1..)
                    .map(|(track, number)| {
                        let (begin, end) = found.disc.split(number);
                        Slice {
                            name: format!("tracks/{}", self.file_name(number, &album.tracks[track])),
                            frames: begin.frames()..end.frames(),
                            metadata: self.about(Some((number, &album.tracks[track])), None),
                        }
                    })
                    .collect();
                let image = WAV.trim_end_matches(".wav").to_owned();
                let frames = 0..found.disc.lead_out.frames();
                slices.push(Slice { name: image, frames, metadata: self.about(None, None) });
                slices
            }
            Kind::Tracks { gap, .. } => {
                let placings: Vec<&Placing> =
                    sequence.placings.iter().filter(|placing| placing.track.is_some()).collect();
                let begin = |placing: &Placing| match gap {
                    Gaps::ToNext => placing.gap.unwrap_or(placing.mark),
                    _ => placing.mark,
                };
                let end = |number: usize| match (placings.get(number + 1), gap) {
                    (None, _) => sequence.end,
                    (Some(next), Gaps::Drop) => next.gap.unwrap_or(next.mark),
                    (Some(next), _) => begin(next),
                };
                let one = |(number, placing): (usize, &&Placing)| {
                    let track = &album.tracks[placing.track?];
                    // What is hidden belongs to the first file, unless gaps are dropped.
                    let begin = if number == 0 && *gap != Gaps::Drop { Time::ZERO } else { begin(placing) };
                    Some(Slice {
                        name: self.file_name(number + 1, track),
                        frames: frame(begin, rate_hz)..frame(end(number), rate_hz),
                        metadata: self.about(Some((number + 1, track)), None),
                    })
                };
                placings.iter().enumerate().filter_map(one).collect()
            }
        }
    }

    fn file_name(&self, number: usize, track: &Track) -> String {
        let title = if track.texts.title.is_empty() { &track.name.value } else { &track.texts.title };
        format!("{number:02} {}", plain(title))
    }

    /// What a file says about itself.
    fn about(&self, track: Option<(usize, &Track)>, side: Option<&str>) -> Metadata {
        let album = &self.opened.album;
        let mut metadata = Metadata::default();
        let mut say = |key: &str, value: &str| metadata.add(key, value);
        say("ALBUM", &album.texts.title);
        say("ALBUMARTIST", &album.texts.performer);
        say("BARCODE", &album.barcode.as_ref().map(|code| code.value.to_string()).unwrap_or_default());
        say("CATALOGNUMBER", &album.catalogue);
        say("LABEL", &album.label);
        say("DATE", &album.date);
        say("GENRE", &album.genre);
        match (track, side) {
            (Some((number, track)), _) => {
                say("TITLE", &track.texts.title);
                let performer = &track.texts.performer;
                say("ARTIST", if performer.is_empty() { &album.texts.performer } else { performer });
                say("COMPOSER", &track.texts.composer);
                say("ISRC", &track.isrc.as_ref().map(|isrc| isrc.value.to_string()).unwrap_or_default());
                say("TRACKNUMBER", &number.to_string());
            }
            (None, Some(side)) => say("TITLE", &format!("{} (side {side})", album.texts.title)),
            (None, None) => say("TITLE", &album.texts.title),
        }
        metadata
    }
}

/// What may be part of the name of a file anywhere; at the most sixty letters.
fn plain(text: &str) -> String {
    let safe =
        |letter: char| if letter.is_alphanumeric() || " -_.,()'".contains(letter) { letter } else { '_' };
    let name: String = text.chars().map(safe).take(60).collect();
    name.trim_matches([' ', '.']).to_owned()
}
