//! What is made of an album.

use super::fields::{Fields, Reader};
use super::tracks::is_name;
use crate::document::{Deliverable, Dither, Format, Gaps, Kind, Medium, Paper, Placed};
use crate::parts::{DELIVERABLES, FORMATS, MEDIA};
use crate::time::{Length, Time};
use deadwax_disc::{PLANT_LIMIT, Sectors};
use deadwax_graph::diagnostic::Code;
use deadwax_graph::tree::{Entry, Value};

impl Reader<'_> {
    pub(super) fn deliverables(&mut self, album: Fields<'_>) -> Vec<Deliverable> {
        self.map(album, "deliver").iter().filter_map(|entry| self.deliverable(entry)).collect()
    }

    fn deliverable(&mut self, entry: &Entry) -> Option<Deliverable> {
        let name = Placed { value: entry.key.clone(), span: entry.key_span.clone() };
        if !is_name(&name.value) {
            let message = format!("`{}` is no name for a deliverable", name.value);
            let help = "small letters, digits, and `-` or `_` between them: it becomes the name of a folder";
            self.say(Code::BadName, message, &name.span, "here", help);
        }
        let value = &entry.value;
        let form = self.variant(value, DELIVERABLES)?;
        let fields = self.fields(value, form);
        let kind = match form.name {
            "Tracks" => self.track_files(fields),
            "Disc" => self.disc(fields),
            _ => self.sides(value, fields)?,
        };
        Some(Deliverable {
            name,
            post: self.placed_text(fields.get("post")),
            preset: self.placed_text(fields.get("preset")),
            values: self.values(fields),
            version: self.placed_text(fields.get("version")),
            dither: self.dither(fields),
            loudness: fields.get("loudness").and_then(|entry| self.loudness(&entry.value)),
            kind,
        })
    }

    fn track_files(&mut self, fields: Fields<'_>) -> Kind {
        let gap = self.choice(fields, "gap");
        let services = self.list(fields, "check");
        Kind::Tracks {
            format: self.format_of(fields),
            rate_hz: self.count(fields, "rate_hz").map(|rate| rate.value),
            gap: match gap {
                Some("ToNext") => Gaps::ToNext,
                Some("Drop") => Gaps::Drop,
                _ => Gaps::ToPrevious,
            },
            check: services.iter().filter_map(|value| self.text_of(value)).collect(),
        }
    }

    fn disc(&mut self, fields: Fields<'_>) -> Kind {
        let words = ["Ddp", "Cue", "Toc", "PqHtml", "PqCsv"];
        let papers = [Paper::Ddp, Paper::Cue, Paper::Toc, Paper::PqHtml, Paper::PqCsv];
        let mut write = papers.to_vec();
        if fields.get("write").is_some() {
            let wanted = self.choices(fields, "write");
            write = papers
                .into_iter()
                .zip(words)
                .filter(|(_, word)| wanted.contains(word))
                .map(|(paper, _)| paper)
                .collect();
        }
        let limit: Option<Placed<Sectors>> = self.code(fields.get("limit"), Code::BadTime);
        let master_id = self.text(fields.get("master_id"));
        Kind::Disc { write, limit: limit.map_or(PLANT_LIMIT, |limit| limit.value), master_id }
    }

    fn sides(&mut self, value: &Value, fields: Fields<'_>) -> Option<Kind> {
        let Some(entry) = fields.get("medium") else {
            self.wrong(value, "Sides(medium: Lp12(rpm: 33))");
            return None;
        };
        let medium = self.medium(&entry.value)?;
        let format = self.format_of(fields);
        let rate_hz = self.count(fields, "rate_hz").map(|rate| rate.value);
        let reference_dbfs = self.number(fields, "reference_dbfs").unwrap_or(crate::medium::REFERENCE_DBFS);
        let usual =
            if matches!(medium, Medium::Cassette { .. }) { Time::of_frames(1, 1) } else { Time::ZERO };
        let lead = self.length(fields.get("lead")).unwrap_or(Length::Seconds(usual));
        Some(Kind::Sides { medium, format, rate_hz, reference_dbfs, lead })
    }

    fn medium(&mut self, value: &Value) -> Option<Medium> {
        let form = self.variant(value, MEDIA)?;
        let fields = self.fields(value, form);
        if form.name == "Cassette" {
            let minutes = self.count(fields, "minutes");
            return Some(Medium::Cassette { minutes: minutes.map_or(60, |minutes| minutes.value) });
        }
        let usual = if form.name == "Lp7" { 45 } else { 33 };
        let rpm = self.count(fields, "rpm").map_or(usual, |rpm| rpm.value);
        Some(match form.name {
            "Lp12" => Medium::Lp12 { rpm },
            "Lp10" => Medium::Lp10 { rpm },
            _ => Medium::Lp7 { rpm },
        })
    }

    fn format_of(&mut self, files: Fields<'_>) -> Format {
        let usual = Format::Wav { bits: 24 };
        let Some(entry) = files.get("format") else { return usual };
        let Some(form) = self.variant(&entry.value, FORMATS) else { return usual };
        let fields = self.fields(&entry.value, form);
        let bits = self.count(fields, "bits").map_or(24, |bits| bits.value);
        if form.name == "Wav" { Format::Wav { bits } } else { Format::Flac { bits } }
    }

    fn dither(&mut self, fields: Fields<'_>) -> Option<Dither> {
        Some(match self.choice(fields, "dither")? {
            "Mild" => Dither::Mild,
            "Balanced" => Dither::Balanced,
            "Deep" => Dither::Deep,
            "Round" => Dither::Round,
            _ => Dither::Tpdf,
        })
    }
}
