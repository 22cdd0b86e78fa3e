//! The album as one programme: what is heard where, and how loud.

use super::error::AlbumError;
use super::gains::{gains, measure};
use super::masters::Master;
use super::stream::{AlbumSource, Clip, frame};
use crate::album::opened::OpenedAlbum;
use deadwax_album::document::{Loudness, Track};
use deadwax_album::{Placing, Sequence, Time};
use std::ops::Range;
use std::sync::atomic::AtomicBool;

/// An album at a loudness.
#[derive(Clone, Copy)]
pub(in crate::album) struct Programme<'a> {
    pub(in crate::album) opened: &'a OpenedAlbum,
    /// Where everything is.
    pub(in crate::album) sequence: &'a Sequence,
    /// How loud its tracks are beside each other.
    pub(in crate::album) loudness: Loudness,
    /// The silence behind it.
    pub(in crate::album) behind: Time,
}

impl<'a> Programme<'a> {
    pub(in crate::album) fn track(&self, placing: &Placing) -> Option<&'a Track> {
        placing.track.map(|number| &self.opened.album.tracks[number])
    }

    /// Every recording in its place, each turned by its gain.
    pub(in crate::album) fn clips(&self, masters: &[Option<Master>], gains: &[f64]) -> Vec<Clip> {
        let OpenedAlbum { album, rate_hz, tracks, hidden, .. } = self.opened;
        let rate = *rate_hz;
        let mut clips: Vec<Clip> = Vec::new();
        for (placing, gain_db) in self.sequence.placings.iter().zip(gains) {
            let number = placing.track.unwrap_or(tracks.len());
            let found = tracks.get(number).map_or(hidden.as_ref(), Option::as_ref);
            let (Some(master), Some(found)) = (&masters[number], found) else { continue };
            let at = frame(placing.begin, rate);
            let mut clip = Clip {
                path: master.path.clone(),
                first: frame(Time::of_frames(found.kept.start, found.info.rate_hz), rate),
                at,
                frames: frame(placing.end, rate) - at,
                gain_db: *gain_db,
                rises: Vec::new(),
                falls: Vec::new(),
            };
            if let Some(track) = placing.track.map(|number| &album.tracks[number]) {
                let fade =
                    |fade: deadwax_album::document::Fade| (frame(fade.length.time(rate), rate), fade.curve);
                clip.rises.extend(track.fade_in.map(fade));
                clip.falls.extend(track.fade_out.map(fade));
            }
            if let (Some(cross), Some(before)) = (placing.cross, clips.last_mut()) {
                let length = (before.at + before.frames).saturating_sub(at);
                before.falls.push((length, cross.curve));
                clip.rises.push((length, cross.curve));
            }
            clips.push(clip);
        }
        clips
    }

    /// How many frames of the timeline are heard, the silence behind it among them.
    pub(in crate::album) fn frames(&self) -> u64 {
        let end = self.sequence.end;
        frame(end + self.behind, self.opened.rate_hz) + u64::from(!end.frame(self.opened.rate_hz).1)
    }

    /// The stretch that belongs to each recording: from its mark to the next.
    pub(super) fn stretches(&self, rate_hz: u32) -> Vec<Range<u64>> {
        let placings = &self.sequence.placings;
        let marks = placings.iter().map(|placing| frame(placing.mark, rate_hz));
        let ends = placings.iter().skip(1).map(|placing| frame(placing.mark, rate_hz));
        marks.zip(ends.chain([frame(self.sequence.end, rate_hz)])).map(|(begin, end)| begin..end).collect()
    }

    /// The gain of every recording, in dB: what the album's loudness asks for, and what the track is offset by.
    ///
    /// # Errors
    /// What is refused, and when it is interrupted.
    pub(in crate::album) fn gains(
        &self,
        masters: &[Option<Master>],
        cancel: &AtomicBool,
    ) -> Result<Vec<f64>, AlbumError> {
        let placings = &self.sequence.placings;
        let offsets: Vec<f64> =
            placings.iter().map(|placing| self.track(placing).map_or(0.0, |track| track.offset_db)).collect();
        if self.loudness == Loudness::AsMastered {
            return Ok(offsets);
        }
        let rate_hz = self.opened.rate_hz;
        let mut source = AlbumSource::new(self.clips(masters, &offsets), rate_hz, self.frames());
        let heard = measure(&mut source, &self.stretches(rate_hz), cancel)?;
        let tracks: Vec<Option<&Track>> = placings.iter().map(|placing| self.track(placing)).collect();
        let gains = gains(self.loudness, &heard, &tracks)?;
        Ok(offsets.iter().zip(gains).map(|(offset, gain)| offset + gain).collect())
    }
}
