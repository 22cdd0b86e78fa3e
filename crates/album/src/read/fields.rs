//! Reads values of the document's tree, and notes everything that is wrong with them.

use crate::document::Placed;
use crate::time::{Length, Time};
use deadwax_graph::diagnostic::{Code, Diagnostic};
use deadwax_graph::tree::{Call, Entry, Span, Value, ValueKind};
use std::ops::RangeInclusive;

/// The most that is told of one document.
const MOST: usize = 100;

/// The longest name that is looked for among others, in bytes.
const LONGEST: usize = 64;

/// Reads one document.
pub(super) struct Reader<'a> {
    pub(super) source: &'a str,
    pub(super) file: usize,
    pub(super) errors: Vec<Diagnostic>,
}

/// The named parts of a value.
#[derive(Clone, Copy)]
pub(super) struct Fields<'v>(&'v [Entry]);

impl<'v> Fields<'v> {
    pub(super) fn get(self, name: &str) -> Option<&'v Entry> {
        self.0.iter().find(|entry| entry.key == name)
    }
}

/// The name among `names` that is nearest to `word`, if any is near.
pub(crate) fn nearest<'n>(word: &str, names: &[&'n str]) -> Option<&'n str> {
    let word = word.to_lowercase();
    let near = names.iter().filter(|_| word.len() <= LONGEST);
    let scored = near.map(|name| (*name, strsim::jaro_winkler(&word, &name.to_lowercase())));
    scored.filter(|(_, score)| *score > 0.8).max_by(|a, b| a.1.total_cmp(&b.1)).map(|(name, _)| name)
}

impl Reader<'_> {
    pub(super) fn note(&mut self, diagnostic: Diagnostic) {
        if self.errors.len() < MOST {
            self.errors.push(diagnostic);
        }
    }

    pub(super) fn say(
        &mut self,
        code: Code,
        message: impl Into<String>,
        span: &Span,
        label: &str,
        help: &str,
    ) {
        let at = (self.file, span.clone());
        let diagnostic = Diagnostic::new(code, message, at, label);
        self.note(if help.is_empty() { diagnostic } else { diagnostic.help(help) });
    }

    /// Says that something is no such thing, and which there are.
    fn unknown(&mut self, code: Code, message: String, word: &str, span: &Span, known: &[&str]) {
        let near = nearest(word, known);
        let label = near.map_or_else(|| "unknown".to_owned(), |near| format!("did you mean `{near}`?"));
        let listed = format!("there are {}", known.join(", "));
        self.say(code, message, span, &label, if near.is_some() { "" } else { &listed });
    }

    pub(super) fn wrong(&mut self, value: &Value, shape: &str) {
        if value.kind != ValueKind::Broken {
            let message = format!("this is {}", value.describe());
            self.say(
                Code::WrongAlbumPart,
                message,
                &value.span,
                "of another shape",
                &format!("write `{shape}`"),
            );
        }
    }

    /// The named parts of `value`, which is `what` and may have the parts `known`.
    pub(super) fn fields<'v>(&mut self, value: &'v Value, what: &str, known: &[&str]) -> Fields<'v> {
        match &value.kind {
            ValueKind::Call(Call { items, fields, .. }) => {
                if let Some(item) = items.first() {
                    let message = format!("{what} has named parts only");
                    let help = format!("they are {}", known.join(", "));
                    self.say(Code::WrongAlbumPart, message, &item.span, "without a name", &help);
                }
                for entry in fields.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
                    let message = format!("{what} has no part `{}`", entry.key);
                    self.unknown(Code::UnknownField, message, &entry.key, &entry.key_span, known);
                }
            }
            // A bare word is something with nothing said of it.
            ValueKind::Word(_) => {}
            _ => self.wrong(value, "Name(part: value)"),
        }
        Fields(value.entries())
    }

    /// The entries of a map.
    pub(super) fn map<'v>(&mut self, entry: Option<&'v Entry>) -> &'v [Entry] {
        match entry.map(|entry| &entry.value) {
            None => &[],
            Some(Value { kind: ValueKind::Map(entries), .. }) => entries,
            Some(value) => {
                self.wrong(value, "{ name: value }");
                &[]
            }
        }
    }

    /// The items of a list.
    pub(super) fn list<'v>(&mut self, entry: Option<&'v Entry>) -> &'v [Value] {
        match entry.map(|entry| &entry.value) {
            None => &[],
            Some(Value { kind: ValueKind::List(items), .. }) => items,
            Some(value) => {
                self.wrong(value, "[a, b]");
                &[]
            }
        }
    }

    pub(super) fn placed_text(&mut self, entry: Option<&Entry>) -> Option<Placed<String>> {
        entry.and_then(|entry| self.text_of(&entry.value))
    }

    pub(super) fn text_of(&mut self, value: &Value) -> Option<Placed<String>> {
        match &value.kind {
            ValueKind::Text(text) => Some(Placed { value: text.clone(), span: value.span.clone() }),
            _ => {
                self.wrong(value, "\"text\"");
                None
            }
        }
    }

    pub(super) fn text(&mut self, entry: Option<&Entry>) -> String {
        self.placed_text(entry).map(|text| text.value).unwrap_or_default()
    }

    pub(super) fn number(&mut self, entry: Option<&Entry>, range: RangeInclusive<f64>) -> Option<f64> {
        let value = &entry?.value;
        let written = &self.source[value.span.clone()];
        let read =
            written.parse::<f64>().ok().filter(|read| read.is_finite() && value.kind == ValueKind::Number);
        match read {
            None => self.wrong(value, "a number"),
            Some(number) if !range.contains(&number) => {
                let label = format!("from {} to {}", range.start(), range.end());
                self.say(Code::OutOfRange, format!("{written} is out of range"), &value.span, &label, "");
            }
            Some(number) => return Some(number),
        }
        None
    }

    /// A whole number.
    pub(super) fn count(&mut self, entry: Option<&Entry>, range: RangeInclusive<u32>) -> Option<Placed<u32>> {
        let entry = entry?;
        let wide = f64::from(*range.start())..=f64::from(*range.end());
        let number = self.number(Some(entry), wide)?;
        let span = entry.value.span.clone();
        if number.fract() != 0.0 {
            self.wrong(&entry.value, "a whole number");
            return None;
        }
        Some(Placed { value: number as u32, span })
    }

    pub(super) fn flag(&mut self, entry: Option<&Entry>) -> Option<bool> {
        let value = &entry?.value;
        match &value.kind {
            ValueKind::Word(word) if word == "true" => Some(true),
            ValueKind::Word(word) if word == "false" => Some(false),
            _ => {
                self.wrong(value, "true");
                None
            }
        }
    }

    /// Which of `known` a value is, as a bare word or with something said of it: `AsMastered`, `Wav(bits: 24)`.
    pub(super) fn variant(&mut self, value: &Value, known: &[&'static str]) -> Option<&'static str> {
        let (word, span) = match &value.kind {
            ValueKind::Word(word) => (word, &value.span),
            ValueKind::Call(Call { name: Some((name, span)), .. }) => (name, span),
            _ => {
                self.wrong(value, known.first().copied().unwrap_or("Name"));
                return None;
            }
        };
        let found = known.iter().find(|name| *name == word).copied();
        if found.is_none() {
            self.unknown(Code::UnknownChoice, format!("`{word}` is none of the choices"), word, span, known);
        }
        found
    }

    /// The one value in the brackets of `Name(value)`.
    pub(super) fn only<'v>(&mut self, value: &'v Value, shape: &str) -> Option<&'v Value> {
        match &value.kind {
            ValueKind::Call(Call { fields, items, .. }) if fields.is_empty() && items.len() == 1 => {
                items.first()
            }
            _ => {
                self.wrong(value, shape);
                None
            }
        }
    }

    /// `Samples(4800)`, `Seconds(1.5)` or `CdFrames(150)`.
    pub(super) fn length_of(&mut self, value: &Value) -> Option<Length> {
        const SHAPE: &str = "Seconds(1.5)";
        let unit = self.variant(value, &["Seconds", "Samples", "CdFrames"])?;
        let inner = self.only(value, SHAPE)?;
        let written = self.source[inner.span.clone()].to_owned();
        if inner.kind != ValueKind::Number {
            self.wrong(inner, SHAPE);
            return None;
        }
        let whole = written.parse::<u32>().ok();
        let length = match unit {
            "Seconds" => Time::of_seconds(&written).map(Length::Seconds).map_err(|error| error.to_string()),
            "Samples" => {
                whole.map(|frames| Length::Samples(u64::from(frames))).ok_or_else(|| whole_number(&written))
            }
            _ => whole.map(Length::CdFrames).ok_or_else(|| whole_number(&written)),
        };
        match length {
            Ok(length) => Some(length),
            Err(message) => {
                self.say(Code::BadTime, message, &inner.span, "here", "");
                None
            }
        }
    }

    pub(super) fn length(&mut self, entry: Option<&Entry>) -> Option<Length> {
        entry.and_then(|entry| self.length_of(&entry.value))
    }
}

fn whole_number(written: &str) -> String {
    format!("`{written}` is no whole number")
}
