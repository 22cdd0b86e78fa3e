//! What a record or a tape will make of sides.

use super::super::deliver::Making;
use super::super::error::AlbumError;
use super::super::manifest::ManifestFile;
use super::super::slices::Slice;
use super::super::stream::frame;
use deadwax_album::document::Medium;
use deadwax_album::{Fit, Placing};
use deadwax_audio::Decoder;
use deadwax_preflight::cassette::{self, CassetteFigures, CassetteMeter};
use deadwax_preflight::vinyl::{self, Record, Size, Speed, VinylFigures, VinylMeter};
use deadwax_preflight::{Check, Finding, Meeting, Side, SideError, SideTrack};
use rayon::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// A side that was looked through.
pub(in crate::album::render) struct SideSeen {
    /// What it is called.
    pub(in crate::album::render) name: String,
    /// The side, as it was before it was heard.
    pub(in crate::album::render) side: Side,
    /// What was measured; nothing, where it could not be.
    pub(in crate::album::render) figures: SideFigures,
    /// What was found in it.
    pub(in crate::album::render) findings: Vec<Finding>,
}

/// What was measured of a side.
pub(in crate::album::render) enum SideFigures {
    Vinyl(Box<VinylFigures>),
    Cassette(CassetteFigures),
    None,
}

/// What is to be done with a side.
struct Task {
    path: PathBuf,
    side: Side,
}

impl Making<'_> {
    /// Looks all sides through, side by side: `files` in `folder`, which are `slices`, for `medium`.
    pub(in crate::album::render) fn sides_seen(
        &self,
        medium: Medium,
        reference_dbfs: f64,
        folder: &Path,
        files: &[ManifestFile],
        slices: &[Slice],
    ) -> Result<Vec<SideSeen>, AlbumError> {
        let mut tasks = Vec::new();
        for (number, (file, slice)) in files.iter().zip(slices).enumerate() {
            let path = folder.join(&file.path);
            let rate_hz = Decoder::open(&path)?.info().rate_hz;
            tasks.push(Task { path, side: self.side(number, rate_hz, slice, file) });
        }
        let cancel = self.settings.cancel;
        let see = |task: Task| see(task, medium, reference_dbfs, cancel);
        let seen: Result<Vec<_>, AlbumError> =
            match rayon::ThreadPoolBuilder::new().num_threads(self.settings.workers).build() {
                Ok(pool) => pool.install(|| tasks.into_par_iter().map(see).collect()),
                // Without threads, one after the other.
                Err(_) => tasks.into_iter().map(see).collect(),
            };
        let sides = self.sequence.sides.iter();
        Ok(seen?
            .into_iter()
            .zip(files.iter().zip(sides))
            .map(|((side, figures, mut findings), (file, layout))| {
                findings.splice(0..0, length(medium, side.length_s()));
                let findings = findings.into_iter().map(|finding| finding.of(&file.path)).collect();
                SideSeen { name: layout.name.clone(), side, figures, findings }
            })
            .collect())
    }

    /// Side `number`, as the layout has it.
    fn side(&self, number: usize, rate_hz: u32, slice: &Slice, file: &ManifestFile) -> Side {
        let sequence = &self.sequence;
        let placings: Vec<&Placing> =
            sequence.placings.iter().filter(|placing| placing.side == number).collect();
        let track = |placing: &&Placing| SideTrack {
            title: self.title(placing),
            begin: frame(placing.mark, rate_hz).saturating_sub(slice.frames.start),
            meeting: match (&placing.cross, placing.gap) {
                (Some(_), _) => Meeting::Crosses,
                (None, Some(_)) => Meeting::Gap,
                (None, None) => Meeting::Follows,
            },
        };
        Side {
            rate_hz,
            frames: slice.frames.end - slice.frames.start,
            tracks: placings.iter().map(track).collect(),
            plr_lu: file.true_peak_dbtp.zip(file.integrated_lufs).map(|(peak, lufs)| peak - lufs),
        }
    }

    /// What people call what lies there.
    pub(in crate::album::render) fn title(&self, placing: &Placing) -> String {
        match placing.track.map(|number| &self.opened.album.tracks[number]) {
            None => "hidden".to_owned(),
            Some(track) if track.texts.title.is_empty() => track.name.value.clone(),
            Some(track) => track.texts.title.clone(),
        }
    }
}

/// What should be known of all sides together.
pub(super) fn together(medium: Medium, seen: &[SideSeen]) -> Vec<Finding> {
    if !matches!(medium, Medium::Cassette { .. }) {
        return Vec::new();
    }
    let lengths: Vec<(String, f64)> =
        seen.iter().map(|side| (side.name.clone(), side.side.length_s())).collect();
    cassette::balance(&lengths)
}

/// The record that a medium is; `None` for a cassette.
pub(in crate::album::render) fn record(medium: Medium) -> Option<Record> {
    let (size, rpm) = match medium {
        Medium::Lp12 { rpm } => (Size::Inch12, rpm),
        Medium::Lp10 { rpm } => (Size::Inch10, rpm),
        Medium::Lp7 { rpm } => (Size::Inch7, rpm),
        Medium::Cassette { .. } => return None,
    };
    Some(Record { size, speed: if rpm == 45 { Speed::Rpm45 } else { Speed::Rpm33 } })
}

/// Hears a side, and judges it.
fn see(
    task: Task,
    medium: Medium,
    reference_dbfs: f64,
    cancel: &AtomicBool,
) -> Result<(Side, SideFigures, Vec<Finding>), AlbumError> {
    let Task { path, side } = task;
    let (figures, findings) = match record(medium) {
        Some(record) => match VinylMeter::new(side.clone(), record, reference_dbfs) {
            Ok(mut meter) => {
                hear(&path, cancel, |left, right| meter.push(left, right))?;
                let figures = meter.finish();
                let findings = vinyl::findings(&figures);
                (SideFigures::Vinyl(Box::new(figures)), findings)
            }
            Err(error) => unseen(&error),
        },
        None => match CassetteMeter::new(&side) {
            Ok(mut meter) => {
                hear(&path, cancel, |left, right| meter.push(left, right))?;
                let figures = meter.finish();
                (SideFigures::Cassette(figures), cassette::findings(&figures))
            }
            Err(error) => unseen(&error),
        },
    };
    Ok((side, figures, findings))
}

/// A side that could not be looked through is told as such.
fn unseen(error: &SideError) -> (SideFigures, Vec<Finding>) {
    let advice = "leave `rate_hz` out, or ask for 44100 or more";
    (SideFigures::None, vec![Finding::warning(Check::Rate, error.to_string(), advice)])
}

/// Hands the file at `path` on, block by block; a mono one as both channels.
fn hear(path: &Path, cancel: &AtomicBool, mut each: impl FnMut(&[f64], &[f64])) -> Result<(), AlbumError> {
    let mut decoder = Decoder::open(path)?;
    while let Some(planes) = decoder.read()? {
        if cancel.load(Ordering::Relaxed) {
            return Err(AlbumError::Interrupted);
        }
        if let Some(left) = planes.first() {
            each(left, planes.get(1).unwrap_or(left));
        }
    }
    Ok(())
}

/// How long a side is, for what it is cut or copied to.
fn length(medium: Medium, seconds: f64) -> Option<Finding> {
    let is_tape = matches!(medium, Medium::Cassette { .. });
    let what = match medium.fits(seconds) {
        Fit::Good => return None,
        Fit::Fair => "it will have to be cut softer",
        Fit::Tight if is_tape => "no half minute is left, which duplicators ask for",
        Fit::Tight => "it hardly fits, softly",
        Fit::Beyond => "it does not fit",
    };
    let message = format!("{:.1} minutes on a {}: {what}", seconds / 60.0, medium.words());
    let advice = format!(
        "up to {:.1} minutes are good: move a track to another side, or ask who cuts or copies it",
        medium.room().good_s / 60.0
    );
    Some(Finding::warning(Check::SideLength, message, advice))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_side_is_told_when_it_is_longer_than_what_is_good() {
        let lp = Medium::Lp12 { rpm: 33 };
        let minutes = |medium, minutes: f64| length(medium, 60.0 * minutes).map(|finding| finding.message);
        assert_eq!(minutes(lp, 18.0), None);
        assert_eq!(
            minutes(lp, 21.5).as_deref(),
            Some("21.5 minutes on a 12-inch record, 33 rpm: it will have to be cut softer")
        );
        assert!(minutes(lp, 30.0).is_some_and(|message| message.ends_with("it does not fit")));
        let tape = Medium::Cassette { minutes: 46 };
        assert_eq!(minutes(tape, 22.5), None);
        assert!(minutes(tape, 22.8).is_some_and(|message| message.contains("no half minute is left")));
    }
}
