//! The sheet that goes with a master: what is on it and where, for people and for spreadsheets.
//!
//! Times are those of the disc, from the beginning of the pause of two seconds; they are the times of the
//! [PQ descriptor](crate::ddp). Every text in a sheet is a stranger's: none becomes markup, and none becomes a formula.

mod csv;
mod html;

use crate::address::{PAUSE, Sectors};
use crate::disc::Disc;

/// What a sheet tells.
#[derive(Clone, Debug)]
pub struct Sheet<'a> {
    /// The disc.
    pub disc: &'a Disc,
    /// The label's number of the release.
    pub catalogue: String,
    /// Who has mastered it.
    pub engineer: String,
    /// When, as it is to be read.
    pub date: String,
    /// With what.
    pub software: String,
    /// What the audio is: rate, bits, dither.
    pub format: String,
    /// The files that the sheet is for.
    pub files: Vec<SheetFile>,
    /// How loud each track is, in their order. May be shorter than the list of tracks.
    pub loudness: Vec<TrackLoudness>,
}

/// A file that a sheet is for.
#[derive(Clone, Debug)]
pub struct SheetFile {
    /// Its name.
    pub name: String,
    /// Its MD5, in hexadecimal.
    pub md5: String,
    /// How many bytes it has.
    pub bytes: u64,
}

/// How loud a track is. Nothing, where there is nothing to measure.
#[derive(Clone, Copy, Debug, Default)]
pub struct TrackLoudness {
    /// Its integrated loudness.
    pub integrated_lufs: Option<f64>,
    /// Its true peak.
    pub true_peak_dbtp: Option<f64>,
}

impl Sheet<'_> {
    /// The sheet as CSV (RFC 4180, UTF-8): what is true of the whole, the list of indexes, the files, with an empty line between
    /// them. A text that a spreadsheet might compute has an apostrophe in front of it.
    #[must_use]
    pub fn csv(&self) -> String {
        csv::write(self)
    }

    /// The sheet as one page of HTML, which needs nothing beside it and prints on A4.
    #[must_use]
    pub fn html(&self) -> String {
        html::write(self)
    }

    /// What is true of the whole: names and values, those that are there.
    fn facts(&self) -> Vec<(&'static str, String)> {
        let disc = self.disc;
        let all = [
            ("title", disc.texts.title.clone()),
            ("artist", disc.texts.performer.clone()),
            ("catalogue number", self.catalogue.clone()),
            ("UPC/EAN", disc.barcode.map(|code| code.digits()).unwrap_or_default()),
            ("master", disc.master_id.clone()),
            ("engineer", self.engineer.clone()),
            ("date", self.date.clone()),
            ("software", self.software.clone()),
            ("format", self.format.clone()),
            ("tracks", disc.tracks.len().to_string()),
            ("total", (disc.lead_out + PAUSE).to_string()),
        ];
        all.into_iter().filter(|(_, value)| !value.trim().is_empty()).collect()
    }

    /// A row for each index, and one for the end. Gaps and lengths of all rows add up to the total.
    fn rows(&self) -> Vec<Row> {
        let disc = self.disc;
        let marks = disc.marks_on_disc();
        let end = disc.lead_out + PAUSE;
        let next = |at: usize, other: bool| {
            let later = marks.iter().skip(at + 1).find(|mark| !other || mark.track != marks[at].track);
            later.map_or(end, |mark| mark.at)
        };
        let mut rows = Vec::new();
        for (at, mark) in marks.iter().enumerate() {
            let track = &disc.tracks[mark.track - 1];
            let mut row = Row {
                track: mark.track.to_string(),
                index: format!("{:02}", mark.index),
                start: mark.at.to_string(),
                ..Row::default()
            };
            match mark.index {
                0 => row.gap = (next(at, false) - mark.at).to_string(),
                1 => {
                    let loudness = self.loudness.get(mark.track - 1).copied().unwrap_or_default();
                    row.begins = true;
                    row.length = (next(at, true) - mark.at).to_string();
                    row.isrc = track.isrc.map(|isrc| isrc.hyphenated()).unwrap_or_default();
                    row.flags = track.flags.words().join(" ");
                    row.title.clone_from(&track.texts.title);
                    row.performer.clone_from(&track.texts.performer);
                    row.lufs = tenths(loudness.integrated_lufs);
                    row.dbtp = tenths(loudness.true_peak_dbtp);
                }
                _ => {}
            }
            rows.push(row);
        }
        let lead_out =
            Row { track: "AA".into(), index: "01".into(), start: end.to_string(), ..Row::default() };
        rows.push(lead_out);
        rows
    }
}

/// An index.
#[derive(Default)]
struct Row {
    /// Whether the track begins here, and what is said of tracks is said.
    begins: bool,
    track: String,
    index: String,
    start: String,
    length: String,
    gap: String,
    isrc: String,
    flags: String,
    title: String,
    performer: String,
    lufs: String,
    dbtp: String,
}

/// A number with one digit; nothing for none.
pub(crate) fn tenths(value: Option<f64>) -> String {
    let text = value.filter(|value| value.is_finite()).map(|value| format!("{value:.1}")).unwrap_or_default();
    if text == "-0.0" { "0.0".to_owned() } else { text }
}

/// How the columns of the list are called.
const COLUMNS: [&str; 11] = [
    "track",
    "index",
    "start",
    "length",
    "gap",
    "ISRC",
    "flags",
    "title",
    "artist",
    "loudness LUFS",
    "true peak dBTP",
];

/// A length as people say it: `3:42`.
fn spoken(length: Sectors) -> String {
    let (minutes, seconds, _) = length.parts();
    format!("{minutes}:{seconds:02}")
}
