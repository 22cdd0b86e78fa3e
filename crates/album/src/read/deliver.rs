//! What is made of an album.

use super::fields::{Fields, Reader};
use super::tracks::is_name;
use crate::document::{Deliverable, Dither, Format, Gaps, Kind, Medium, Paper, Placed};
use deadwax_disc::{PLANT_LIMIT, Sectors};
use deadwax_graph::diagnostic::Code;
use deadwax_graph::tree::{Entry, Value};

/// Deliverables of an album.
const MOST: usize = 64;

/// Parts that every deliverable may have.
const COMMON: [&str; 6] = ["post", "preset", "set", "version", "dither", "loudness"];

impl Reader<'_> {
    pub(super) fn deliverables(&mut self, entry: Option<&Entry>) -> Vec<Deliverable> {
        let entries = self.map(entry);
        if let Some(beyond) = entries.get(MOST) {
            let message = format!("the album has {} deliverables; {MOST} are allowed", entries.len());
            self.say(Code::WrongLength, message, &beyond.key_span, "one too many", "");
        }
        entries.iter().take(MOST).filter_map(|entry| self.deliverable(entry)).collect()
    }

    fn deliverable(&mut self, entry: &Entry) -> Option<Deliverable> {
        let name = Placed { value: entry.key.clone(), span: entry.key_span.clone() };
        if !is_name(&name.value) {
            let message = format!("`{}` is no name for a deliverable", name.value);
            let help = "small letters, digits, and `-` or `_` between them: it becomes the name of a folder";
            self.say(Code::BadName, message, &name.span, "here", help);
        }
        let value = &entry.value;
        let (own, what): (&[&str], &str) = match self.variant(value, &["Tracks", "Disc", "Sides"])? {
            "Tracks" => (&["format", "rate_hz", "gap", "check"], "`Tracks`"),
            "Disc" => (&["write", "limit", "master_id"], "`Disc`"),
            _ => (&["medium", "format", "rate_hz", "reference_dbfs"], "`Sides`"),
        };
        let known = [&COMMON[..], own].concat();
        let fields = self.fields(value, what, &known);
        let kind = match what {
            "`Tracks`" => self.track_files(fields),
            "`Disc`" => self.disc(fields),
            _ => self.sides(value, fields)?,
        };
        Some(Deliverable {
            name,
            post: self.placed_text(fields.get("post")),
            preset: self.placed_text(fields.get("preset")),
            values: self.values(fields.get("set")),
            version: self.placed_text(fields.get("version")),
            dither: fields.get("dither").and_then(|entry| self.dither(&entry.value)),
            loudness: fields.get("loudness").and_then(|entry| self.loudness(&entry.value)),
            kind,
        })
    }

    fn track_files(&mut self, fields: Fields<'_>) -> Kind {
        let gap =
            fields.get("gap").and_then(|entry| self.variant(&entry.value, &["ToPrevious", "ToNext", "Drop"]));
        let services = self.list(fields.get("check"));
        Kind::Tracks {
            format: self.format_of(fields.get("format")),
            rate_hz: self.count(fields.get("rate_hz"), 8000..=768_000).map(|rate| rate.value),
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
            let wanted = self.list(fields.get("write"));
            let wanted: Vec<&str> = wanted.iter().filter_map(|value| self.variant(value, &words)).collect();
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
        let format = self.format_of(fields.get("format"));
        let rate_hz = self.count(fields.get("rate_hz"), 8000..=768_000).map(|rate| rate.value);
        let reference = self.number(fields.get("reference_dbfs"), -30.0..=0.0);
        let reference_dbfs = reference.unwrap_or(crate::medium::REFERENCE_DBFS);
        Some(Kind::Sides { medium, format, rate_hz, reference_dbfs })
    }

    fn medium(&mut self, value: &Value) -> Option<Medium> {
        let which = self.variant(value, &["Lp12", "Lp10", "Lp7", "Cassette"])?;
        if which == "Cassette" {
            let fields = self.fields(value, "`Cassette`", &["minutes"]);
            let minutes = self.count(fields.get("minutes"), 10..=120);
            return Some(Medium::Cassette { minutes: minutes.map_or(60, |minutes| minutes.value) });
        }
        let fields = self.fields(value, "a record", &["rpm"]);
        let rpm = self.count(fields.get("rpm"), 33..=45);
        if let Some(rpm) = rpm.as_ref().filter(|rpm| !matches!(rpm.value, 33 | 45)) {
            self.say(
                Code::OutOfRange,
                "records turn at 33 or 45",
                &rpm.span,
                "neither",
                "write `rpm: 33` or `rpm: 45`",
            );
        }
        let usual = if which == "Lp7" { 45 } else { 33 };
        let rpm = rpm.map_or(usual, |rpm| rpm.value);
        Some(match which {
            "Lp12" => Medium::Lp12 { rpm },
            "Lp10" => Medium::Lp10 { rpm },
            _ => Medium::Lp7 { rpm },
        })
    }

    fn format_of(&mut self, entry: Option<&Entry>) -> Format {
        let Some(entry) = entry else { return Format::Wav { bits: 24 } };
        let Some(kind) = self.variant(&entry.value, &["Wav", "Flac"]) else {
            return Format::Wav { bits: 24 };
        };
        let fields = self.fields(&entry.value, "a format", &["bits"]);
        let bits = self.count(fields.get("bits"), 16..=32);
        let allowed: &[u32] = if kind == "Wav" { &[16, 24, 32] } else { &[16, 24] };
        if let Some(bits) = bits.as_ref().filter(|bits| !allowed.contains(&bits.value)) {
            let listed: Vec<String> = allowed.iter().map(u32::to_string).collect();
            let label = format!("{kind} has {}", listed.join(", "));
            self.say(Code::OutOfRange, format!("no words of {} bits", bits.value), &bits.span, &label, "");
        }
        let bits = bits.map_or(24, |bits| bits.value);
        if kind == "Wav" { Format::Wav { bits } } else { Format::Flac { bits } }
    }

    fn dither(&mut self, value: &Value) -> Option<Dither> {
        Some(match self.variant(value, &["Tpdf", "Mild", "Balanced", "Deep", "Round"])? {
            "Mild" => Dither::Mild,
            "Balanced" => Dither::Balanced,
            "Deep" => Dither::Deep,
            "Round" => Dither::Round,
            _ => Dither::Tpdf,
        })
    }
}
