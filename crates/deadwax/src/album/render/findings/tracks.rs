//! What services and players will make of files.

use super::super::deliver::Making;
use super::super::error::AlbumError;
use super::super::manifest::ManifestFile;
use super::super::slices::Slice;
use super::super::stream::frame;
use crate::preflight::{Expected, Looked, PreflightError, ceilings, look, seam};
use deadwax_album::Placing;
use deadwax_album::document::Kind;
use deadwax_audio::Decoder;
use deadwax_platforms::{Platforms, Rule};
use deadwax_preflight::{Check, Finding};
use rayon::prelude::*;
use std::ops::Range;
use std::path::Path;

/// A file in its place.
struct Part<'a> {
    file: &'a ManifestFile,
    /// Its frames that are no gap.
    music: Range<u64>,
    continues_before: bool,
    continues_behind: bool,
}

impl Making<'_> {
    pub(super) fn findings_of_tracks(
        &self,
        folder: &Path,
        files: &[ManifestFile],
        slices: &[Slice],
    ) -> Result<Vec<Finding>, AlbumError> {
        let Some(first) = files.first() else { return Ok(Vec::new()) };
        let rate_hz = Decoder::open(&folder.join(&first.path))?.info().rate_hz;
        let parts = self.parts(files, slices, rate_hz);
        let look = |part: &Part<'_>| {
            look(&folder.join(&part.file.path), part.music.clone(), self.settings.cancel, &|_| ())
        };
        let all = || parts.par_iter().map(look).collect::<Result<Vec<Looked>, PreflightError>>();
        let looked = match rayon::ThreadPoolBuilder::new().num_threads(self.settings.workers).build() {
            Ok(pool) => pool.install(all),
            Err(_) => parts.iter().map(look).collect(),
        };
        let looked = looked.map_err(|error| match error {
            PreflightError::Read(error) => AlbumError::Read(error),
            PreflightError::Interrupted => AlbumError::Interrupted,
        })?;
        let platforms = Platforms::built_in();
        let rules = self.services(&platforms);
        let mut found = Vec::new();
        // What this deliverable itself does is told once, and not found again in every file.
        let raised = rate_hz > self.opened.rate_hz && matches!(self.one.kind, Kind::Tracks { .. });
        if raised {
            let khz = |hz: u32| f64::from(hz) / 1000.0;
            let message =
                format!("made at {} kHz, and delivered at {}", khz(self.opened.rate_hz), khz(rate_hz));
            let advice = "services ask for the rate it was made at: leave `rate_hz` out";
            found.push(Finding::warning(Check::Upsampled, message, advice));
        }
        for (number, (part, looked_at)) in parts.iter().zip(&looked).enumerate() {
            let expected = Expected {
                bits: looked_at.info.bits,
                continues_before: part.continues_before,
                continues_behind: part.continues_behind,
                ceilings: ceilings(rules.iter().copied(), looked_at.figures.measured.integrated_lufs),
            };
            let mut here = looked_at.figures.findings(&expected);
            if let (true, Some(before)) = (part.continues_before, number.checked_sub(1)) {
                here.extend(seam(&parts[before].file.path, &looked[before], looked_at));
            }
            here.retain(|finding| !(raised && finding.check == Check::Upsampled));
            found.extend(here.into_iter().map(|finding| finding.of(part.file.path.clone())));
        }
        Ok(found)
    }

    /// The rules of the services that the deliverable is for.
    fn services<'a>(&'a self, platforms: &'a Platforms) -> Vec<(&'a str, &'a Rule)> {
        let Kind::Tracks { check, .. } = &self.one.kind else { return Vec::new() };
        let rule = |name: &'a deadwax_album::document::Placed<String>| {
            Some((name.value.as_str(), platforms.get(&name.value.to_lowercase())?))
        };
        check.iter().filter_map(rule).collect()
    }

    /// The files of the tracks, in their places. The image of a disc is all of them again, and is not among them.
    fn parts<'a>(&self, files: &'a [ManifestFile], slices: &[Slice], rate_hz: u32) -> Vec<Part<'a>> {
        let sequence = &self.opened.sequence;
        let tracks: Vec<(usize, &Placing)> =
            sequence.placings.iter().enumerate().filter(|(_, placing)| placing.track.is_some()).collect();
        let each = tracks.iter().enumerate().zip(files.iter().zip(slices));
        each.map(|((number, (at, placing)), (file, slice))| {
            let next = tracks.get(number + 1).map(|(_, next)| *next);
            let joined = |placing: &Placing, next: &Placing| next.gap.is_none() && placing.side == next.side;
            let before = at.checked_sub(1).map(|before| &sequence.placings[before]);
            // What is hidden is part of the first file, if it is there at all.
            let hidden = number == 0 && before.is_some() && slice.frames.start == 0;
            let begin = if hidden { 0 } else { frame(placing.begin, rate_hz).max(slice.frames.start) };
            let end = match next {
                Some(next) => next.gap.map_or(slice.frames.end, |gap| frame(gap, rate_hz)),
                None => frame(sequence.end, rate_hz),
            };
            Part {
                file,
                music: begin - slice.frames.start
                    ..end.clamp(begin, slice.frames.end.max(begin)) - slice.frames.start,
                continues_before: !hidden && before.is_some_and(|before| joined(before, placing)),
                continues_behind: next.is_some_and(|next| joined(placing, next)),
            }
        })
        .collect()
    }
}
