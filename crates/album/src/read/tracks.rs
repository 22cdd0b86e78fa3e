//! The tracks of an album.

use super::fields::{Fields, Reader};
use crate::document::{Curve, Cut, Fade, Placed, Source, Track, Trim};
use crate::parts::{CUTS, FADE, SOURCE, TRACK, TRIM};
use crate::time::{Length, Time};
use deadwax_disc::Flags;
use deadwax_graph::diagnostic::Code;
use deadwax_graph::tree::{Entry, Value, ValueKind};

impl Reader<'_> {
    pub(super) fn tracks(&mut self, album: Fields<'_>) -> Vec<Track> {
        self.map(album, "tracks").iter().filter_map(|entry| self.track(entry)).collect()
    }

    fn track(&mut self, entry: &Entry) -> Option<Track> {
        let name = Placed { value: entry.key.clone(), span: entry.key_span.clone() };
        if !is_name(&name.value) {
            let message = format!("`{}` is no name for a track", name.value);
            let help = "small letters, digits, and `-` or `_` between them; the title may be anything";
            self.say(Code::BadName, message, &name.span, "here", help);
        }
        let fields = self.fields(&entry.value, &TRACK);
        let texts = self.texts(fields);
        let isrc = self.code(fields.get("isrc"), Code::BadIsrc);
        let flags = self.flags(fields);
        let source = match fields.get("source") {
            Some(entry) => self.source(&entry.value),
            None => {
                let help = "add `source: \"mixes/01.wav\"`";
                let message = format!("the track `{}` has no `source`", name.value);
                self.say(Code::WrongAlbumPart, message, &name.span, "this track", help);
                None
            }
        };
        let trim = fields.get("trim").map(|entry| self.trim(&entry.value)).unwrap_or_default();
        let indexes = self.list(fields, "indexes");
        let place = |reader: &mut Self, value: &Value| {
            reader.length_of(value).map(|length| Placed { value: length, span: value.span.clone() })
        };
        let indexes = indexes.iter().filter_map(|value| place(self, value)).collect();
        let versions = self.map(fields, "versions");
        let version = |reader: &mut Self, entry: &Entry| {
            let source = reader.source(&entry.value)?;
            Some((Placed { value: entry.key.clone(), span: entry.key_span.clone() }, source))
        };
        let versions = versions.iter().filter_map(|entry| version(self, entry)).collect();
        // A remark is for people; only that it is a text matters here.
        let _ = self.placed_text(fields.get("note"));
        Some(Track {
            name,
            texts,
            isrc,
            flags,
            source: source?,
            graph: self.placed_text(fields.get("graph")),
            preset: self.placed_text(fields.get("preset")),
            values: self.values(fields),
            offset_db: self.number(fields, "offset_db").unwrap_or(0.0),
            trim,
            fade_in: fields.get("fade_in").and_then(|entry| self.fade(&entry.value)),
            fade_out: fields.get("fade_out").and_then(|entry| self.fade(&entry.value)),
            indexes,
            interlude: self.flag(fields.get("interlude")).unwrap_or(false),
            versions,
        })
    }

    /// Values for a graph, as they are written.
    pub(super) fn values(&mut self, fields: Fields<'_>) -> Vec<(Placed<String>, Placed<String>)> {
        let written = |source: &str, entry: &Entry| {
            let value = source[entry.value.span.clone()].to_owned();
            let key = Placed { value: entry.key.clone(), span: entry.key_span.clone() };
            (key, Placed { value, span: entry.value.span.clone() })
        };
        let source = self.source;
        self.map(fields, "set").iter().map(|entry| written(source, entry)).collect()
    }

    /// `"mixes/01.wav"`, or `Source(path: "mixes/01.wav", sha256: "9f…")`.
    pub(super) fn source(&mut self, value: &Value) -> Option<Placed<Source>> {
        let span = value.span.clone();
        if let ValueKind::Text(path) = &value.kind {
            return Some(Placed { value: Source { path: path.clone(), sha256: None }, span });
        }
        let fields = self.fields(value, &SOURCE);
        let path = self.placed_text(fields.get("path"));
        let sha256 = self.placed_text(fields.get("sha256"));
        if path.is_none() {
            self.wrong(value, "\"mixes/01.wav\"");
        }
        let digits = |text: &str| {
            text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        if let Some(hash) = sha256.as_ref().filter(|hash| !digits(&hash.value)) {
            let help = "`sha256sum FILE` tells it: 64 digits of 0-9 and a-f";
            self.say(Code::WrongAlbumPart, "this is no SHA-256", &hash.span, "here", help);
        }
        let sha256 = sha256.map(|hash| hash.value);
        Some(Placed { value: Source { path: path?.value, sha256 }, span })
    }

    fn flags(&mut self, track: Fields<'_>) -> Flags {
        let mut flags = Flags::default();
        for flag in self.choices(track, "flags") {
            match flag {
                "CopyPermitted" => flags.copy_permitted = true,
                "SerialCopy" => flags.serial_copy = true,
                _ => flags.pre_emphasis = true,
            }
        }
        flags
    }

    fn trim(&mut self, value: &Value) -> Trim {
        let fields = self.fields(value, &TRIM);
        let mut cut = |name: &str| fields.get(name).map(|entry| self.cut(&entry.value)).unwrap_or_default();
        Trim { head: cut("head"), tail: cut("tail") }
    }

    /// A length, or `Floor(level_dbfs: -80, hold: Seconds(0.2))`.
    fn cut(&mut self, value: &Value) -> Cut {
        match self.variant(value, CUTS) {
            Some(form) if form.name == "Floor" => {
                let fields = self.fields(value, form);
                let level_dbfs = self.number(fields, "level_dbfs").unwrap_or(-80.0);
                let hold = self.length(fields.get("hold")).unwrap_or(Length::Seconds(Time::ZERO));
                Cut::Floor { level_dbfs, hold }
            }
            Some(_) => self.length_of(value).map_or(Cut::Nothing, Cut::Length),
            None => Cut::Nothing,
        }
    }

    fn fade(&mut self, value: &Value) -> Option<Fade> {
        let fields = self.fields(value, &FADE);
        let Some(entry) = fields.get("length") else {
            self.wrong(value, "Fade(length: Seconds(4), curve: Smooth)");
            return None;
        };
        let length = self.length_of(&entry.value)?;
        let curve = self.curve(fields).unwrap_or_default();
        Some(Fade { length, curve })
    }

    pub(super) fn curve(&mut self, fields: Fields<'_>) -> Option<Curve> {
        Some(match self.choice(fields, "curve")? {
            "Linear" => Curve::Linear,
            "EqualPower" => Curve::EqualPower,
            "Log" => Curve::Log,
            _ => Curve::Smooth,
        })
    }
}

/// Whether a track or a deliverable may have this name: small letters and digits, with `-` or `_` between them, what can be part
/// of the name of a file anywhere.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let inside = |byte: u8| plain(byte) || matches!(byte, b'-' | b'_');
    let ends = name.bytes().next().is_some_and(plain) && name.bytes().last().is_some_and(plain);
    ends && name.len() <= 64 && name.bytes().all(inside)
}
