//! From the text of an album to what stands in it.

mod deliver;
mod fields;
mod layout;
mod tracks;

use crate::check;
use crate::document::{Album, Anchor, Loudness, Placed};
use crate::parts::{ABOUT, ALBUM, LOUDNESSES};
use deadwax_disc::Texts;
use deadwax_graph::Errors;
use deadwax_graph::diagnostic::{Code, Diagnostic, SourceMap, sort};
use deadwax_graph::tree::{Call, Entry, Value, ValueKind, first_word, parse};
pub(crate) use fields::nearest;
use fields::{Fields, Reader};
use std::str::FromStr;
pub use tracks::is_name;

/// The newest format this program reads.
const FORMAT: u32 = 1;

/// Bytes of a document; more is hardly meant.
pub const MOST_BYTES: usize = 1 << 20;

/// Parts that are texts of a disc or track.
const TEXTS: [&str; 6] = ["title", "artist", "songwriter", "composer", "arranger", "message"];

/// A document that was read, and what is worth knowing of it.
#[derive(Clone, Debug)]
pub struct Read {
    /// What stands in it.
    pub album: Album,
    /// Its text.
    pub sources: SourceMap,
    /// What is worth knowing, though it can be used.
    pub warnings: Vec<Diagnostic>,
}

/// Whether a text means to be an album, however broken it is: its first word says so.
#[must_use]
pub fn is_album(text: &str) -> bool {
    first_word(text) == Some(ALBUM.name)
}

/// Reads the document called `name`.
///
/// # Errors
/// Everything that is wrong with it, in reading order.
pub fn read(name: &str, text: &str) -> Result<Read, Errors> {
    let (mut sources, mut errors) = (SourceMap::default(), Vec::new());
    let file = sources.add(name, text);
    if text.len() > MOST_BYTES {
        let message = format!("the album has {} bytes; {MOST_BYTES} are allowed", text.len());
        return Err(Errors { diagnostics: vec![Diagnostic::general(Code::TooLarge, message)], sources });
    }
    let root = parse(text, file, &mut errors);
    let mut reader = Reader { source: text, file, errors };
    let album = reader.album(&root);
    let mut diagnostics = reader.errors;
    if let Some(album) = &album {
        check::check(album, file, &mut diagnostics);
    }
    sort(&mut diagnostics);
    match album {
        Some(album) if !diagnostics.iter().any(Diagnostic::is_error) => {
            Ok(Read { album, sources, warnings: diagnostics })
        }
        _ => Err(Errors { diagnostics, sources }),
    }
}

impl Reader<'_> {
    fn album(&mut self, root: &Value) -> Option<Album> {
        let name = match &root.kind {
            ValueKind::Call(Call { name: Some((name, _)), .. }) => name.as_str(),
            _ => "",
        };
        if name != "Album" {
            if root.kind != ValueKind::Broken {
                let help = if name == "Graph" {
                    "this is a graph: `deadwax check` looks through it"
                } else {
                    "an album looks like `Album(format: 1, tracks: { … }, layout: [ … ], deliver: { … })`"
                };
                let begin = root.span.start..root.span.start + name.len();
                self.say(Code::NoAlbum, "this file is no album", &begin, "here", help);
            }
            return None;
        }
        let fields = self.fields(root, &ALBUM);
        if !self.format(root, fields) {
            return None;
        }
        let mut album = Album::default();
        if let Some(about) = fields.get("about") {
            self.about(&about.value, &mut album);
        }
        album.rate_hz = self.count(fields, "rate_hz");
        if let Some(loudness) = fields.get("loudness").and_then(|entry| self.loudness(&entry.value)) {
            album.loudness = loudness;
        }
        album.graph = self.placed_text(fields.get("graph"));
        album.preset = self.placed_text(fields.get("preset"));
        album.tracks = self.tracks(fields);
        album.layout = self.layout(fields);
        album.deliverables = self.deliverables(fields);
        for needed in ["tracks", "layout"].into_iter().filter(|name| fields.get(name).is_none()) {
            let begin = root.span.start..root.span.start + name.len();
            let help = format!("add `{needed}: …`");
            self.say(
                Code::WrongAlbumPart,
                format!("the album has no `{needed}`"),
                &begin,
                "in this album",
                &help,
            );
        }
        Some(album)
    }

    /// Whether the document is of a format that can be read.
    fn format(&mut self, root: &Value, fields: Fields<'_>) -> bool {
        let Some(entry) = fields.get("format") else {
            let begin = root.span.start..root.span.start + "Album".len();
            let help = format!("begin with `Album(format: {FORMAT}, …`");
            self.say(Code::NoFormat, "the album does not say its format", &begin, "here", &help);
            return true;
        };
        let span = &entry.value.span;
        let text = &self.source[span.clone()];
        match text.parse::<u32>() {
            Ok(FORMAT) => true,
            Ok(newer) if newer > FORMAT => {
                let message = format!("this album is of format {newer}; this program reads up to {FORMAT}");
                self.errors.clear();
                self.say(Code::NewerFormat, message, span, "newer", "update deadwax to read it");
                false
            }
            _ => {
                let (message, help) = (format!("`{text}` is no format"), format!("write `format: {FORMAT}`"));
                self.say(Code::NoFormat, message, span, "here", &help);
                true
            }
        }
    }

    fn about(&mut self, value: &Value, album: &mut Album) {
        let fields = self.fields(value, &ABOUT);
        album.texts = self.texts(fields);
        album.barcode = self.code(fields.get("upc"), Code::BadBarcode);
        let [catalogue, label, date, genre, engineer] =
            ["catalogue", "label", "date", "genre", "engineer"].map(|name| self.text(fields.get(name)));
        (album.catalogue, album.label, album.date) = (catalogue, label, date);
        (album.genre, album.engineer) = (genre, engineer);
    }

    /// What is said of a disc or track.
    fn texts(&mut self, fields: Fields<'_>) -> Texts {
        let [title, performer, songwriter, composer, arranger, message] =
            TEXTS.map(|name| self.text(fields.get(name)));
        Texts { title, performer, songwriter, composer, arranger, message }
    }

    /// A code of any kind that is read from a text.
    fn code<T: FromStr<Err: std::fmt::Display>>(
        &mut self,
        entry: Option<&Entry>,
        code: Code,
    ) -> Option<Placed<T>> {
        let text = self.placed_text(entry)?;
        match text.value.parse() {
            Ok(value) => Some(Placed { value, span: text.span }),
            Err(error) => {
                self.say(code, error.to_string(), &text.span, "here", "");
                None
            }
        }
    }

    pub(super) fn loudness(&mut self, value: &Value) -> Option<Loudness> {
        let form = self.variant(value, LOUDNESSES)?;
        Some(match form.name {
            "KeepRelative" => {
                let fields = self.fields(value, form);
                let anchor = self.choice(fields, "anchor");
                Loudness::KeepRelative {
                    anchor: if anchor == Some("LoudestTrack") { Anchor::LoudestTrack } else { Anchor::Album },
                    target_lufs: self.number(fields, "target_lufs").unwrap_or(-14.0),
                    up: self.flag(fields.get("up")).unwrap_or(true),
                }
            }
            "Match" => {
                let fields = self.fields(value, form);
                Loudness::Match {
                    target_lufs: self.number(fields, "target_lufs").unwrap_or(-14.0),
                    tolerance_lu: self.number(fields, "tolerance_lu").unwrap_or(0.1),
                    max_gain_db: self.number(fields, "max_gain_db").unwrap_or(12.0),
                    ceiling_dbtp: self.number(fields, "ceiling_dbtp").unwrap_or(-1.0),
                }
            }
            _ => Loudness::AsMastered,
        })
    }
}
