//! The text of a graph as a tree in which every value knows its bytes.
//!
//! The source itself is kept beside the tree, so nothing of it is lost; an edit replaces the bytes of one value and
//! leaves all others alone. The grammar is that of RON, less what a graph has no use for (extensions in the file).

pub(crate) mod lexer;
mod open;
mod parser;

pub use open::{Bracket, Open, open_at};
pub use parser::parse;

use std::ops::Range;

/// The name that a text begins with, behind its comments: `Graph`, `Album`. `None` where it begins with something else.
#[must_use]
pub fn first_word(source: &str) -> Option<&str> {
    let within = Some(source).filter(|source| source.len() <= crate::limits::FILE_BYTES)?;
    let first = lexer::tokens(within, 0, &mut Vec::new()).into_iter().next()?;
    (first.kind == lexer::Kind::Word).then(|| &source[first.span])
}

/// Bytes in the source.
pub type Span = Range<usize>;

/// A value, and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// The value's bytes, brackets and name included.
    pub span: Span,
    /// What it is.
    pub kind: ValueKind,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub enum ValueKind {
    /// `-14`, `0.5`, `1e3`, `inf`. Its meaning is ron's business.
    Number,
    /// `"text"`, with what it says.
    Text(String),
    /// A single character in quotes.
    Char,
    /// A bare word: `true`, `None`, `LR4`.
    Word(String),
    /// `[a, b]`.
    List(Vec<Value>),
    /// `{name: value}`.
    Map(Vec<Entry>),
    /// `Name(...)` or `(...)`.
    Call(Call),
    /// Something that is no value; the error is noted elsewhere.
    Broken,
}

/// `Name(field: value, ...)`, `Name(value, ...)`, or the same without a name.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The name in front, and its bytes.
    pub name: Option<(String, Span)>,
    /// Named fields, in order.
    pub fields: Vec<Entry>,
    /// Values without a name, in order.
    pub items: Vec<Value>,
}

/// A name and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The name.
    pub key: String,
    /// Its bytes, quotes included.
    pub key_span: Span,
    /// The value.
    pub value: Value,
}

impl Entry {
    /// The bytes from the name to the end of the value.
    #[must_use]
    pub fn span(&self) -> Span {
        self.key_span.start..self.value.span.end
    }
}

impl Value {
    /// The named parts of a map, or of something in round brackets.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        match &self.kind {
            ValueKind::Map(entries) => entries,
            ValueKind::Call(call) => &call.fields,
            _ => &[],
        }
    }

    /// The part called `name`.
    #[must_use]
    pub fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == name)
    }

    /// The value at `path`, as in `nodes.glue.ratio`; parts of a list by their number, from 0.
    #[must_use]
    pub fn at_path(&self, path: &str) -> Option<&Self> {
        let path = path.trim_start_matches('.');
        if path.is_empty() {
            return Some(self);
        }
        let (step, rest) = path.split_once('.').unwrap_or((path, ""));
        match &self.kind {
            ValueKind::List(items) => items.get(step.parse::<usize>().ok()?)?.at_path(rest),
            ValueKind::Call(call) if call.fields.is_empty() => {
                call.items.get(step.parse::<usize>().ok()?)?.at_path(rest)
            }
            _ => match self.entry(step) {
                Some(entry) => entry.value.at_path(rest),
                // A name in quotes may have dots of its own.
                None => self.entries().iter().filter(|entry| entry.key.contains('.')).find_map(|entry| {
                    let rest = path.strip_prefix(&*entry.key)?;
                    (rest.is_empty() || rest.starts_with('.')).then(|| entry.value.at_path(rest))?
                }),
            },
        }
    }

    /// The path of the innermost value around byte `offset`.
    #[must_use]
    pub fn path_at(&self, offset: usize) -> String {
        let mut path = Vec::new();
        let mut value = self;
        loop {
            let inside = |span: &Span| span.start <= offset && offset <= span.end;
            let items: &[Self] = match &value.kind {
                ValueKind::List(items) => items,
                ValueKind::Call(call) => &call.items,
                _ => &[],
            };
            if let Some(entry) = value.entries().iter().find(|entry| inside(&entry.span())) {
                path.push(entry.key.clone());
                value = &entry.value;
            } else if let Some(at) = items.iter().position(|item| inside(&item.span)) {
                path.push(at.to_string());
                value = &items[at];
            } else {
                return path.join(".");
            }
        }
    }

    /// What it is, for people: `a number`, `a list` …
    #[must_use]
    pub fn describe(&self) -> String {
        match &self.kind {
            ValueKind::Number => "a number".into(),
            ValueKind::Text(_) => "text in quotes".into(),
            ValueKind::Char => "a character".into(),
            ValueKind::Word(word) => format!("the word `{word}`"),
            ValueKind::List(_) => "a list".into(),
            ValueKind::Map(_) => "a map in `{ }`".into(),
            ValueKind::Call(Call { name: Some((name, _)), .. }) => format!("`{name}(…)`"),
            ValueKind::Call(_) => "something in `( )`".into(),
            ValueKind::Broken => "nothing".into(),
        }
    }
}
