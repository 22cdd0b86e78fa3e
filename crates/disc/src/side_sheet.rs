//! The sheet that goes with the sides of a record or a cassette, for whoever cuts or copies them, and for spreadsheets.
//!
//! Times are those of the file of the side. Every text in a sheet is a stranger's: none becomes markup, and none becomes a formula.

mod csv;
mod html;

use crate::pq_sheet::{SheetFile, TrackLoudness, tenths};

/// What a sheet tells.
#[derive(Clone, Debug, Default)]
pub struct SideSheet {
    /// The title of the release.
    pub title: String,
    /// Who plays.
    pub performer: String,
    /// The label's number of the release.
    pub catalogue: String,
    /// Its UPC or EAN.
    pub barcode: String,
    /// Who has mastered it.
    pub engineer: String,
    /// When, as it is to be read.
    pub date: String,
    /// With what.
    pub software: String,
    /// What the sides are cut or copied to.
    pub medium: String,
    /// What the audio is: rate and bits.
    pub format: String,
    /// The sides.
    pub sides: Vec<SheetSide>,
    /// What should be known of all sides together.
    pub notes: Vec<String>,
}

/// A side.
#[derive(Clone, Debug)]
pub struct SheetSide {
    /// What it is called.
    pub name: String,
    /// Its file.
    pub file: SheetFile,
    /// How long it is, in seconds.
    pub length_s: f64,
    /// How loud it is.
    pub loudness: TrackLoudness,
    /// Its tracks.
    pub tracks: Vec<SheetTrack>,
    /// What was measured of it for its medium.
    pub figures: Vec<Figure>,
    /// What should be known of it.
    pub notes: Vec<String>,
    /// A drawing of it, in SVG, which becomes part of the page as it is; empty for none.
    pub drawing: String,
}

/// Something that was measured of a side.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// What.
    pub name: String,
    /// How much. What is no number is left empty.
    pub value: f64,
    /// Digits behind the point.
    pub digits: usize,
    /// In what.
    pub unit: String,
    /// Where, in seconds, if it is at one place.
    pub at_s: Option<f64>,
}

impl Figure {
    /// The number as it is written; nothing, where it is none.
    fn number(&self) -> String {
        if !self.value.is_finite() {
            return String::new();
        }
        let text = format!("{:.*}", self.digits.min(9), self.value);
        let nothing = text.starts_with('-') && !text.contains(|digit: char| ('1'..='9').contains(&digit));
        if nothing { text[1..].to_owned() } else { text }
    }

    fn place(&self) -> String {
        self.at_s.map(clock).unwrap_or_default()
    }
}

/// A track of a side.
#[derive(Clone, Debug, Default)]
pub struct SheetTrack {
    /// Its number on the release; empty for what has none.
    pub number: String,
    /// Its title.
    pub title: String,
    /// Who plays, where it is not who plays the release.
    pub performer: String,
    /// Its ISRC, as it is to be read.
    pub isrc: String,
    /// Where it begins, in seconds.
    pub start_s: f64,
    /// How long it is, up to where the next gap or track begins, in seconds.
    pub length_s: f64,
    /// The silence in front of it, in seconds.
    pub gap_s: f64,
    /// How long it crosses with the one before it, in seconds.
    pub cross_s: f64,
}

impl SideSheet {
    /// The sheet as CSV (RFC 4180, UTF-8): what is true of the whole, the sides, the tracks, what was measured, what should be
    /// known, with an empty line between them. A text that a spreadsheet might compute has an apostrophe in front of it.
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
    fn facts(&self) -> Vec<(&'static str, &str)> {
        let all = [
            ("title", &self.title),
            ("artist", &self.performer),
            ("medium", &self.medium),
            ("catalogue number", &self.catalogue),
            ("UPC/EAN", &self.barcode),
            ("engineer", &self.engineer),
            ("date", &self.date),
            ("software", &self.software),
            ("format", &self.format),
        ];
        all.into_iter()
            .map(|(name, value)| (name, value.as_str()))
            .filter(|(_, value)| !value.trim().is_empty())
            .collect()
    }
}

/// A time as people read it, to a thousandth of a second: 4:05.250.
fn clock(seconds: f64) -> String {
    let thousandths = (1000.0 * seconds.clamp(0.0, 1e9)).round() as u64;
    format!("{}:{:02}.{:03}", thousandths / 60_000, thousandths / 1000 % 60, thousandths % 1000)
}

/// What lies between a track and the one before it; nothing, where nothing does.
fn between(track: &SheetTrack) -> String {
    if track.cross_s > 0.0 {
        return format!("crosses {:.3}", track.cross_s);
    }
    if track.gap_s > 0.0 { format!("{:.3}", track.gap_s) } else { String::new() }
}
