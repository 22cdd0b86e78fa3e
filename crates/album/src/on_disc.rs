//! An album on the grid of a compact disc.

use crate::document::Album;
use crate::sequence::Sequence;
use crate::time::Time;
use deadwax_disc::{Disc, Sectors, Texts, Track};

/// A mark that lay between two sectors, and is earlier now.
#[derive(Clone, Debug, PartialEq)]
pub struct Moved {
    /// The number of the track on the disc, from 1.
    pub track: usize,
    /// The number of its index.
    pub index: usize,
    /// By how much it is earlier.
    pub by: Time,
}

/// The album as a disc, for a timeline of `rate_hz`: marks lie at the sectors that they lie in, and the music ends with a whole
/// sector. The audio itself does not move.
#[must_use]
pub fn disc(album: &Album, sequence: &Sequence, rate_hz: u32, master_id: &str) -> (Disc, Vec<Moved>) {
    let (mut tracks, mut moved) = (Vec::new(), Vec::new());
    for placing in &sequence.placings {
        let Some(track) = placing.track.and_then(|number| album.tracks.get(number)) else { continue };
        let number = tracks.len() + 1;
        let mut at = |time: Time, index: usize| {
            let (sector, by) = time.sector();
            if by > Time::ZERO {
                moved.push(Moved { track: number, index, by });
            }
            sector
        };
        let start = at(placing.mark, 1);
        let gap = placing.gap.map(|gap| at(gap, 0)).filter(|gap| *gap < start);
        let indexes: Vec<Sectors> = track
            .indexes
            .iter()
            .zip(2..)
            .map(|(place, index)| at(placing.mark + place.value.time(rate_hz), index))
            .collect();
        let texts = Texts {
            performer: either(&track.texts.performer, &album.texts.performer),
            ..track.texts.clone()
        };
        let isrc = track.isrc.as_ref().map(|isrc| isrc.value);
        tracks.push(Track { texts, isrc, flags: track.flags, gap, start, indexes });
    }
    moved.sort_by_key(|one| (one.track, one.index));
    let disc = Disc {
        texts: album.texts.clone(),
        barcode: album.barcode.as_ref().map(|code| code.value),
        master_id: master_id.to_owned(),
        tracks,
        lead_out: sequence.end.sector_behind(),
    };
    (disc, moved)
}

fn either(own: &str, otherwise: &str) -> String {
    if own.is_empty() { otherwise.to_owned() } else { own.to_owned() }
}
