//! The sheet that goes with sides.

use super::deliver::Making;
use super::error::AlbumError;
use super::findings::{Found, SideSeen};
use super::manifest::ManifestFile;
use super::side_figures::{drawing, figures};
use deadwax_album::document::Medium;
use deadwax_album::{Placing, Side, Time};
use deadwax_audio::Encoding;
use deadwax_disc::pq_sheet::{SheetFile, TrackLoudness};
use deadwax_disc::side_sheet::{SheetSide, SheetTrack, SideSheet};
use deadwax_preflight::Finding;
use std::path::Path;

impl Making<'_> {
    /// Writes the sheet of sides that are `files` in `folder` and were seen. Gives back the paths.
    pub(super) fn side_papers(
        &self,
        medium: Medium,
        found: &Found,
        files: &[ManifestFile],
        encoding: Encoding,
        folder: &Path,
    ) -> Result<Vec<String>, AlbumError> {
        let album = &self.opened.album;
        let rate_hz = found.sides.first().map_or(self.opened.rate_hz, |seen| seen.side.rate_hz);
        let sides = self.sequence.sides.iter().enumerate().zip(found.sides.iter().zip(files));
        let sheet = SideSheet {
            title: album.texts.title.clone(),
            performer: album.texts.performer.clone(),
            catalogue: album.catalogue.clone(),
            barcode: album.barcode.as_ref().map(|code| code.value.digits()).unwrap_or_default(),
            engineer: album.engineer.clone(),
            date: album.date.clone(),
            software: format!("deadwax {}", env!("CARGO_PKG_VERSION")),
            medium: medium.words(),
            format: self.format_words(rate_hz, encoding),
            sides: sides
                .map(|((number, side), (seen, file))| self.sheet_side(number, side, seen, file))
                .collect(),
            notes: found.findings.iter().filter(|one| one.file.is_none()).map(words).collect(),
        };
        let mut written = Vec::new();
        for (path, text) in [("pq.csv", sheet.csv()), ("pq.html", sheet.html())] {
            let whole = folder.join(path);
            std::fs::write(&whole, text).map_err(AlbumError::io(&whole))?;
            written.push(path.to_owned());
        }
        Ok(written)
    }

    /// What the audio is, in words.
    fn format_words(&self, rate_hz: u32, encoding: Encoding) -> String {
        let rate = f64::from(rate_hz) / 1000.0;
        if encoding.is_integer() {
            let dither = self.one.dither.unwrap_or_default();
            format!("{rate} kHz, {} bit, {dither:?} dither", encoding.bits())
        } else {
            format!("{rate} kHz, {} bit floating point", encoding.bits())
        }
    }

    fn sheet_side(&self, number: usize, side: &Side, seen: &SideSeen, file: &ManifestFile) -> SheetSide {
        let placings: Vec<&Placing> =
            self.sequence.placings.iter().filter(|placing| placing.side == number).collect();
        let track = |(at, placing): (usize, &&Placing)| self.sheet_track(side, placing, placings.get(at + 1));
        SheetSide {
            name: side.name.clone(),
            file: SheetFile { name: file.path.clone(), md5: file.md5.clone(), bytes: file.bytes },
            length_s: seen.side.length_s(),
            loudness: TrackLoudness {
                integrated_lufs: file.integrated_lufs,
                true_peak_dbtp: file.true_peak_dbtp,
            },
            tracks: placings.iter().enumerate().map(track).collect(),
            figures: figures(&seen.figures),
            notes: seen.findings.iter().map(words).collect(),
            drawing: drawing(&side.name, &seen.figures),
        }
    }

    fn sheet_track(&self, side: &Side, placing: &Placing, next: Option<&&Placing>) -> SheetTrack {
        let album = &self.opened.album;
        let track = placing.track.map(|number| &album.tracks[number]);
        let before = self.sequence.placings.iter().take_while(|other| *other != placing);
        let count = before.filter(|other| other.track.is_some()).count() + 1;
        let end = next.map_or(side.end, |next| next.gap.unwrap_or(next.mark));
        SheetTrack {
            number: track.map(|_| count.to_string()).unwrap_or_default(),
            title: self.title(placing),
            performer: track.map_or_else(String::new, |track| match track.texts.performer.as_str() {
                "" => album.texts.performer.clone(),
                performer => performer.to_owned(),
            }),
            isrc: track
                .and_then(|track| track.isrc.as_ref())
                .map(|isrc| isrc.value.hyphenated())
                .unwrap_or_default(),
            start_s: (placing.mark - side.begin).seconds(),
            length_s: (end - placing.mark).seconds(),
            gap_s: placing.gap.map_or(Time::ZERO, |gap| placing.mark - gap.max(side.begin)).seconds(),
            cross_s: placing.cross.map_or(0.0, |cross| cross.length.seconds()),
        }
    }
}

/// What was found, and what one might do about it, in a line.
fn words(finding: &Finding) -> String {
    let place = finding.at_s.map_or_else(String::new, |at| {
        let tenths = (10.0 * at).round() as u64;
        format!("at {}:{:02}.{}: ", tenths / 600, tenths / 10 % 60, tenths % 10)
    });
    let advice = if finding.advice.is_empty() { String::new() } else { format!(": {}", finding.advice) };
    format!("{place}{}{advice}", finding.message)
}
