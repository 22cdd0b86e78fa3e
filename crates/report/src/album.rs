//! The page about an album: all tracks beside each other, what stands out, and what was made of it.

use crate::figure::{Figure, Shape};
use crate::page::{MARK, STYLE};
use crate::text::{Text, number, script_json, sentence, signed, time};
use deadwax_measure::{Measured, Pooled};
use deadwax_plot::Axis;
use serde_json::Value;
use std::fmt::Write as _;

/// Points of the course of an album.
const POINTS: usize = 1200;

/// A figure of a track, and whether it stands out.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cell {
    /// In LUFS or dB.
    pub value: Option<f64>,
    /// Whether it stands out.
    pub odd: bool,
}

/// A track of an album.
#[derive(Clone, Debug)]
pub struct AlbumTrack {
    /// Its number, from 1; 0 for what is hidden.
    pub number: usize,
    /// What people call it.
    pub title: Text,
    /// Where players find it, in seconds from the beginning of the album.
    pub mark_s: f64,
    /// Where it is first heard.
    pub begin_s: f64,
    /// How much the album turns it, in dB.
    pub gain_db: f64,
    /// What it measures.
    pub measured: Measured,
    /// Loudness, the regions of its tone from low to high, and width; as many as there are [`COLUMNS`].
    pub cells: Vec<Cell>,
    /// Its tone: frequency in Hz, distance from the middle of the album in dB.
    pub tone: Vec<(f64, f64)>,
}

/// What [`AlbumTrack::cells`] are.
pub const COLUMNS: [&str; 7] = ["LUFS", "bass", "low mids", "mids", "high mids", "treble", "width"];

/// Something that stands out.
#[derive(Clone, Debug, Default)]
pub struct Remark {
    /// What.
    pub what: Text,
    /// The change that one might make, as one writes it; empty where there is none.
    pub change: Text,
    /// What else to know.
    pub note: Text,
}

/// A table of texts.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// What it is.
    pub title: Text,
    /// What its columns are.
    pub columns: Vec<Text>,
    /// Its rows, and whether somebody should look at them.
    pub rows: Vec<(bool, Vec<Text>)>,
}

/// Something that was made of an album.
#[derive(Clone, Debug, Default)]
pub struct DeliverablePart {
    /// Its name.
    pub name: Text,
    /// How much of it there is, and how loud it is.
    pub about: Text,
    /// Files, services, findings, codecs.
    pub tables: Vec<Table>,
    /// What was not measured, and why.
    pub notes: Vec<Text>,
}

/// A page about an album.
#[derive(Clone, Debug)]
pub struct AlbumPage {
    /// The album.
    pub title: Text,
    /// Who it is by.
    pub artist: Text,
    /// Who mastered it.
    pub engineer: Text,
    /// When the page was made.
    pub made_on: Text,
    /// How long the album is, in seconds.
    pub seconds: f64,
    /// Its tracks.
    pub tracks: Vec<AlbumTrack>,
    /// All of it as one programme.
    pub all: Pooled,
    /// The middle of every column; `None` where there is none.
    pub middles: Vec<Option<f64>>,
    /// What stands out.
    pub remarks: Vec<Remark>,
    /// What was found in what it was made of.
    pub sources: Vec<Table>,
    /// What was made of it.
    pub deliverables: Vec<DeliverablePart>,
    /// All of it once more, as plain data.
    pub numbers: Value,
}

impl Table {
    fn html(&self, out: &mut String) {
        let _ = write!(
            out,
            "<h3>{}</h3><div class=\"scroll\"><table class=\"playback plain\"><thead><tr>",
            self.title
        );
        self.columns.iter().for_each(|column| out.push_str(&format!("<th>{column}</th>")));
        out.push_str("</tr></thead><tbody>\n");
        for (look, row) in &self.rows {
            out.push_str(if *look { "<tr class=\"no\">" } else { "<tr class=\"ok\">" });
            for (n, text) in row.iter().enumerate() {
                let text = sentence(text.plain());
                let _ = match n {
                    0 => write!(out, "<th>{text}</th>"),
                    _ => write!(out, "<td class=\"words\">{text}</td>"),
                };
            }
            out.push_str("</tr>\n");
        }
        out.push_str("</tbody></table></div>\n");
    }
}

impl AlbumPage {
    /// The page, as HTML.
    #[must_use]
    pub fn html(&self) -> String {
        let made_by = concat!("deadwax ", env!("CARGO_PKG_VERSION"));
        let mut out = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
             content=\"width=device-width,initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
             <meta name=\"generator\" content=\"{made_by}\">\n<title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n",
            self.title
        );
        self.head(&mut out, made_by);
        self.verdict(&mut out);
        self.tracks(&mut out);
        self.course(&mut out);
        self.figures(&mut out);
        self.made(&mut out);
        let _ = write!(
            out,
            "<footer><p class=\"small\">A track stands out where it is far from the middle of all, and farther than tracks of \
             this album usually are. What is odd on purpose stays as it is.</p><p class=\"sign\"><span>approved</span>\
             <span>date</span></p></footer>\n<script type=\"application/json\" id=\"deadwax\">{}</script>\n</body>\n</html>\n",
            script_json(&self.numbers)
        );
        out
    }

    fn head(&self, out: &mut String, made_by: &str) {
        let tracks = self.tracks.iter().filter(|track| track.number > 0).count();
        let _ = write!(
            out,
            "<header>{MARK}<div><h1>{}</h1><p class=\"sub\">{}{tracks} tracks · {} · {} LUFS · {} dBTP</p></div><dl>",
            self.title,
            if self.artist.is_empty() { String::new() } else { format!("{} · ", self.artist) },
            time(self.seconds),
            number(self.all.integrated_lufs, 1),
            number(self.all.true_peak_dbtp, 1),
        );
        for (what, text) in [("made", &self.made_on), ("by", &self.engineer), ("with", &Text::from(made_by))]
        {
            if !text.is_empty() {
                let _ = write!(out, "<div><dt>{what}</dt><dd>{text}</dd></div>");
            }
        }
        out.push_str("</dl></header>\n");
    }

    fn verdict(&self, out: &mut String) {
        out.push_str("<p class=\"verdict\">");
        let known = self.middles.iter().any(Option::is_some);
        out.push_str(match (known, self.remarks.is_empty()) {
            (false, _) => "<span class=\"unknown\">With fewer than three tracks there is no middle.</span>",
            (true, true) => "<span class=\"ok\">No track stands out in loudness, tone or width.</span>",
            (true, false) => "<span class=\"no\">Some tracks stand out.</span>",
        });
        out.push_str("</p>\n");
        if self.remarks.is_empty() {
            return;
        }
        out.push_str("<table class=\"rules\"><tbody>\n");
        for Remark { what, change, note } in &self.remarks {
            let change = if change.is_empty() { String::new() } else { format!("<code>{change}</code>") };
            let between = if change.is_empty() || note.is_empty() { "" } else { "<br>" };
            let note = sentence(note.plain());
            let _ = writeln!(
                out,
                "<tr><th>{}</th><td class=\"words\">{change}{between}<i>{note}</i></td></tr>",
                sentence(what.plain())
            );
        }
        out.push_str("</tbody></table>\n");
    }

    fn tracks(&self, out: &mut String) {
        out.push_str("<section><h2>Track by track</h2><div class=\"scroll\"><table class=\"figures\"><thead><tr><th></th><th>at</th>");
        let _ = write!(out, "<th>turned</th><th>{}</th><th>LRA</th><th>dBTP</th><th>PLR</th>", COLUMNS[0]);
        COLUMNS[1..].iter().for_each(|column| out.push_str(&format!("<th>{column}</th>")));
        out.push_str("</tr></thead><tbody>\n");
        let cell = |cell: &Cell| {
            let class = if cell.odd { " class=\"odd\"" } else { "" };
            format!("<td{class}>{}</td>", number(cell.value, 1))
        };
        for track in &self.tracks {
            let measured = &track.measured;
            let _ = write!(
                out,
                "<tr><th>{}. {}</th><td>{}</td><td>{}</td>{}<td>{}</td><td>{}</td><td>{}</td>",
                track.number,
                track.title,
                time(track.mark_s),
                signed(Some(track.gain_db), 1),
                track.cells.first().map(cell).unwrap_or_default(),
                number(measured.loudness_range_lu, 1),
                number(measured.true_peak_dbtp, 1),
                number(measured.plr_lu, 1),
            );
            track.cells.iter().skip(1).for_each(|one| out.push_str(&cell(one)));
            out.push_str("</tr>\n");
        }
        let middle = |n: usize| number(self.middles.get(n).copied().flatten(), 1);
        let _ = write!(
            out,
            "<tr class=\"sum\"><th>middle</th><td></td><td></td><td>{}</td><td></td><td></td><td></td>",
            middle(0)
        );
        (1..COLUMNS.len()).for_each(|n| out.push_str(&format!("<td>{}</td>", middle(n))));
        let _ = writeln!(
            out,
            "</tr>\n<tr class=\"sum\"><th>together</th><td>{}</td><td></td><td>{}</td><td>{}</td><td>{}</td><td></td>{}</tr>",
            time(self.seconds),
            number(self.all.integrated_lufs, 1),
            number(self.all.loudness_range_lu, 1),
            number(self.all.true_peak_dbtp, 1),
            "<td></td>".repeat(COLUMNS.len() - 1)
        );
        out.push_str("</tbody></table></div></section>\n");
    }

    /// Short-term loudness from the beginning of the album to its end, and where tracks begin.
    fn course(&self, out: &mut String) {
        let top = self.all.max_short_term_lufs.unwrap_or(-10.0);
        let top = (top / 5.0).ceil() * 5.0;
        let y = Axis::linear("LUFS", top - 35.0, top, 5.0);
        let marks = self.tracks.iter().map(|track| track.mark_s).collect();
        let mut figure = Figure::new("The album over time", Axis::time(self.seconds), y, 200)
            .about("short-term loudness; strokes are where tracks begin");
        for track in &self.tracks {
            let Some(history) = &track.measured.history else { continue };
            let all = (self.seconds / history.step_s).ceil() as usize;
            let together = all.div_ceil(POINTS).max(1);
            let point = |(n, values): (usize, &[Option<f64>])| {
                let at = track.begin_s + history.first_s + history.step_s * (n * together) as f64;
                (at, values.iter().flatten().copied().reduce(f64::max))
            };
            let points = history.lufs.chunks(together).enumerate().map(point).collect();
            figure = figure.with(Shape::Line { class: "after", points });
        }
        if let Some(lufs) = self.all.integrated_lufs {
            let word = format!("album {}", number(Some(lufs), 1));
            figure = figure.with(Shape::Level { class: "mean", at: lufs, word });
        }
        out.push_str("<section class=\"part\"><h2>One sound</h2>\n");
        out.push_str(&figure.with(Shape::Marks { class: "begin", at: marks }).html());
    }

    fn figures(&self, out: &mut String) {
        out.push_str("<div class=\"two\">");
        out.push_str(&self.strip("Loudness of each track", "LUFS", 0, 12.0));
        out.push_str(&self.strip("Width of each track", "side over middle, dB", COLUMNS.len() - 1, 24.0));
        out.push_str("</div>\n");
        let most =
            self.tracks.iter().flat_map(|track| &track.tone).map(|(_, db)| db.abs()).fold(3.0, f64::max);
        let reach = ((most / 3.0).ceil() * 3.0).min(18.0);
        let y = Axis::linear("dB", -reach, reach, if reach > 6.0 { 6.0 } else { 3.0 });
        let mut figure =
            Figure::new("Tone of each track, against the middle", Axis::frequency(40.0, 16_000.0), y, 220)
                .about("third octaves, loudness taken out; the level line is the middle of the album");
        let tone_is_odd = |track: &AlbumTrack| track.cells[1..COLUMNS.len() - 1].iter().any(|cell| cell.odd);
        for odd in [false, true] {
            for track in self.tracks.iter().filter(|track| tone_is_odd(track) == odd) {
                let class = if odd { "alarm" } else { "before" };
                let points = track.tone.iter().map(|(hz, db)| (*hz, Some(*db))).collect();
                figure = figure.with(Shape::Line { class, points });
                if odd {
                    figure = figure.legend("alarm", format!("{}. {}", track.number, track.title.plain()));
                }
            }
        }
        out.push_str(&figure.html());
        out.push_str("</section>\n");
    }

    /// A bar for each track, `reach` dB from top to bottom.
    fn strip(&self, title: &'static str, unit: &str, column: usize, reach: f64) -> String {
        let values = || self.tracks.iter().filter_map(|track| track.cells.get(column)?.value);
        let top = (values().fold(f64::MIN, f64::max).clamp(-60.0, 20.0) / 3.0 + 0.2).ceil() * 3.0;
        let last = self.tracks.iter().map(|track| track.number).max().unwrap_or(1) as f64;
        let step = (last / 12.0).ceil().max(1.0);
        let x = Axis::linear("track", 0.0, last + 1.0, step);
        let mut figure = Figure::new(title, x, Axis::linear(unit, top - reach, top, reach / 4.0), 170);
        for (class, odd) in [("after", false), ("alarm", true)] {
            let cells =
                self.tracks.iter().filter_map(|track| Some((track.number as f64, track.cells.get(column)?)));
            let bars = cells
                .filter(|(_, cell)| cell.odd == odd)
                .filter_map(|(number, cell)| Some((number - 0.3, number + 0.3, cell.value?)))
                .collect::<Vec<_>>();
            figure = figure.with(Shape::Standing { class, bars });
        }
        if let Some(middle) = self.middles.get(column).copied().flatten() {
            let word = format!("middle {}", number(Some(middle), 1));
            figure = figure.with(Shape::Level { class: "target", at: middle, word });
        }
        figure.html()
    }

    fn made(&self, out: &mut String) {
        if !self.sources.is_empty() {
            out.push_str("<section class=\"part\"><h2>The mixes</h2>\n");
            self.sources.iter().for_each(|table| table.html(out));
            out.push_str("</section>\n");
        }
        for part in &self.deliverables {
            let _ = writeln!(
                out,
                "<section class=\"part\"><h2>{}</h2><p class=\"sub\">{}</p>",
                part.name,
                sentence(part.about.plain())
            );
            part.tables.iter().for_each(|table| table.html(out));
            for note in &part.notes {
                let _ = writeln!(out, "<p class=\"small\">{}</p>", sentence(note.plain()));
            }
            out.push_str("</section>\n");
        }
    }
}
