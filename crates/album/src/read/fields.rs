//! Reads values of the document's tree, and notes everything that is wrong with them.

use crate::document::Placed;
use crate::parts::{Form, Inside, LENGTHS, Shape, form};
use crate::time::{Length, Time};
use deadwax_graph::diagnostic::{Code, Diagnostic};
use deadwax_graph::tree::{Call, Entry, Span, Value, ValueKind};

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

/// The named parts of a value, and what they may be.
#[derive(Clone, Copy)]
pub(super) struct Fields<'v> {
    entries: &'v [Entry],
    form: &'static Form,
}

impl<'v> Fields<'v> {
    pub(super) fn get(self, name: &str) -> Option<&'v Entry> {
        debug_assert!(self.form.part(name).is_some(), "the table has no `{name}` in {}", self.form.what);
        self.entries.iter().find(|entry| entry.key == name)
    }

    /// The value of a part, and what it may be.
    fn value(self, name: &str) -> Option<(&'v Value, &'static Shape)> {
        Some((&self.get(name)?.value, &self.form.part(name)?.shape))
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
        let diagnostic = Diagnostic::new(code, message, (self.file, span.clone()), label);
        self.note(if near.is_some() { diagnostic.meant(near) } else { diagnostic.help(listed) });
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

    /// The named parts of `value`, which is to be of the form `form`.
    pub(super) fn fields<'v>(&mut self, value: &'v Value, form: &'static Form) -> Fields<'v> {
        let known: Vec<&str> = form.parts().map(|part| part.name).collect();
        let what = form.what;
        match &value.kind {
            ValueKind::Call(Call { name, items, fields }) => {
                if let Some((name, span)) = name.as_ref().filter(|(name, _)| name != form.name) {
                    let message = format!("`{name}(…)` is not {what}");
                    let at = (self.file, span.clone());
                    let diagnostic = Diagnostic::new(Code::WrongAlbumPart, message, at, "another name");
                    let named = Some(form.name).filter(|name| !name.is_empty());
                    self.note(diagnostic.help(format!("write `{}`", form.written())).meant(named));
                }
                if let Some(item) = items.first() {
                    let message = format!("{what} has named parts only");
                    let help = format!("they are {}", known.join(", "));
                    self.say(Code::WrongAlbumPart, message, &item.span, "without a name", &help);
                }
                for entry in fields.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
                    let message = format!("{what} has no part `{}`", entry.key);
                    self.unknown(Code::UnknownField, message, &entry.key, &entry.key_span, &known);
                }
            }
            // A bare word is something with nothing said of it.
            ValueKind::Word(word) if word == form.name => {}
            _ => self.wrong(value, &form.written()),
        }
        Fields { entries: value.entries(), form }
    }

    /// The entries of a map, as many as there may be.
    pub(super) fn map<'v>(&mut self, fields: Fields<'v>, name: &str) -> &'v [Entry] {
        let Some((value, shape)) = fields.value(name) else { return &[] };
        let ValueKind::Map(entries) = &value.kind else {
            self.wrong(value, "{ name: value }");
            return &[];
        };
        let most = if let Shape::Map { most, .. } = shape { *most } else { usize::MAX };
        if let Some(beyond) = entries.get(most) {
            self.too_many(name, entries.len(), most, &beyond.key_span);
        }
        &entries[..entries.len().min(most)]
    }

    /// The items of a list, as many as there may be.
    pub(super) fn list<'v>(&mut self, fields: Fields<'v>, name: &str) -> &'v [Value] {
        let Some((value, shape)) = fields.value(name) else { return &[] };
        let ValueKind::List(items) = &value.kind else {
            self.wrong(value, "[a, b]");
            return &[];
        };
        let most = if let Shape::List { most, .. } = shape { *most } else { usize::MAX };
        if let Some(beyond) = items.get(most) {
            self.too_many(name, items.len(), most, &beyond.span);
        }
        &items[..items.len().min(most)]
    }

    fn too_many(&mut self, name: &str, count: usize, most: usize, beyond: &Span) {
        let message = format!("`{name}` has {count} entries; {most} are allowed");
        self.say(Code::WrongLength, message, beyond, "one too many", "");
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

    /// A number in the range that the part has.
    pub(super) fn number(&mut self, fields: Fields<'_>, name: &str) -> Option<f64> {
        let (value, shape) = fields.value(name)?;
        let (min, max) = match shape {
            Shape::Number { min, max, .. } => (*min, *max),
            Shape::Count { min, max, .. } => (f64::from(*min), f64::from(*max)),
            _ => (f64::MIN, f64::MAX),
        };
        let number = self.number_of(value)?;
        if !(min..=max).contains(&number) {
            self.beyond(value, &format!("from {min} to {max}"));
            return None;
        }
        Some(number)
    }

    fn beyond(&mut self, value: &Value, allowed: &str) {
        let message = format!("{} is out of range", &self.source[value.span.clone()]);
        self.say(Code::OutOfRange, message, &value.span, allowed, "");
    }

    fn number_of(&mut self, value: &Value) -> Option<f64> {
        let written = &self.source[value.span.clone()];
        let read = written.parse::<f64>().ok();
        let read = read.filter(|read| read.is_finite() && value.kind == ValueKind::Number);
        if read.is_none() {
            self.wrong(value, "a number");
        }
        read
    }

    /// A whole number that the part may be.
    pub(super) fn count(&mut self, fields: Fields<'_>, name: &str) -> Option<Placed<u32>> {
        let (value, shape) = fields.value(name)?;
        let number = self.number(fields, name)?;
        if number.fract() != 0.0 {
            self.wrong(value, "a whole number");
            return None;
        }
        if let Shape::OneOf(allowed, _) = shape
            && !allowed.iter().any(|one| f64::from(*one) == number)
        {
            self.beyond(value, &format!("there are {}", shape.words()));
            return None;
        }
        Some(Placed { value: number as u32, span: value.span.clone() })
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

    /// Which of `forms` a value is, as a bare word or with something said of it: `AsMastered`, `Wav(bits: 24)`.
    pub(super) fn variant(&mut self, value: &Value, forms: &'static [Form]) -> Option<&'static Form> {
        let (word, span) = match &value.kind {
            ValueKind::Word(word) => (word, &value.span),
            ValueKind::Call(Call { name: Some((name, span)), .. }) => (name, span),
            _ => {
                let written = forms.first().map(Form::written);
                self.wrong(value, &written.unwrap_or_default());
                return None;
            }
        };
        let found = form(forms, word);
        match (found, &value.kind) {
            (None, _) => {
                let known: Vec<&str> = forms.iter().map(|form| form.name).collect();
                let message = format!("`{word}` is none of the choices");
                self.unknown(Code::UnknownChoice, message, word, span, &known);
            }
            (Some(Form { inside: Inside::Nothing, name, .. }), ValueKind::Call(_)) => {
                self.wrong(value, name);
            }
            _ => {}
        }
        found
    }

    /// The name of the form that a part has.
    pub(super) fn choice(&mut self, fields: Fields<'_>, name: &str) -> Option<&'static str> {
        let (value, shape) = fields.value(name)?;
        self.variant(value, shape.forms()).map(|form| form.name)
    }

    /// The names of the forms that a part lists.
    pub(super) fn choices(&mut self, fields: Fields<'_>, name: &str) -> Vec<&'static str> {
        let Some((_, Shape::List { of, .. })) = fields.value(name) else { return Vec::new() };
        let items = self.list(fields, name).iter();
        items.filter_map(|value| self.variant(value, of.forms())).map(|form| form.name).collect()
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
        let unit = self.variant(value, LENGTHS)?.name;
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
