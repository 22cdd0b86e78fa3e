//! What is wrong with a graph: where, what, and what to do about it.

pub use crate::code::{Code, Severity, UnknownCode};

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde::Serialize;
use std::ops::Range;

/// A place in a file of a [`SourceMap`].
pub type At = (usize, Range<usize>);

/// The files that a graph was read from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceMap {
    files: Vec<Source>,
}

/// A file, as it was read (with values from outside set in it).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// What people call it.
    pub name: String,
    /// What stands in it.
    pub text: String,
}

impl SourceMap {
    /// Adds a file, and gives back its number.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> usize {
        self.files.push(Source { name: name.into(), text: text.into() });
        self.files.len() - 1
    }

    /// The files, in the order in which they were read.
    pub fn files(&self) -> impl ExactSizeIterator<Item = &Source> {
        self.files.iter()
    }

    /// The file with that number.
    #[must_use]
    pub fn get(&self, file: usize) -> Option<&Source> {
        self.files.get(file)
    }

    /// Changes what stands in a file: for values set from outside.
    pub(crate) fn replace(&mut self, file: usize, text: &str) {
        if let Some(source) = self.files.get_mut(file) {
            text.clone_into(&mut source.text);
        }
    }

    /// Line and column, both from 1, columns counted in characters; a byte order mark is none.
    #[must_use]
    pub fn line_column(&self, file: usize, offset: usize) -> (usize, usize) {
        let text = self.get(file).map_or("", |source| &source.text);
        let before = &text[..floor(text, offset)];
        let line_start = before.rfind('\n').map_or(mark(before), |at| at + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }
}

/// The bytes of a byte order mark at the beginning.
fn mark(text: &str) -> usize {
    if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 }
}

/// The character boundary at or before `offset`.
fn floor(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its stable code.
    pub code: Code,
    /// What is wrong, in a sentence without a full stop.
    pub message: String,
    /// Where. `None` when it is about no place in a graph file.
    pub at: Option<At>,
    /// A few words at that place.
    pub label: String,
    /// Other places that matter, with a few words each.
    pub related: Vec<(At, String)>,
    /// What to do.
    pub help: Vec<String>,
    /// What else to know.
    pub notes: Vec<String>,
    /// The change that mends it, where there is just one.
    pub fix: Option<Fix>,
}

/// A change to the text that mends what is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as in ``change to `ratio` ``.
    pub title: String,
    /// The bytes that go.
    pub at: At,
    /// What comes in their place.
    pub text: String,
}

impl Diagnostic {
    /// Something wrong at a place.
    pub fn new(code: Code, message: impl Into<String>, at: At, label: impl Into<String>) -> Self {
        Self { at: Some(at), label: label.into(), ..Self::general(code, message) }
    }

    /// Something wrong at no place in a graph file.
    pub fn general(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            at: None,
            label: String::new(),
            related: Vec::new(),
            help: Vec::new(),
            notes: Vec::new(),
            fix: None,
        }
    }

    /// Adds another place that matters.
    #[must_use]
    pub fn related(mut self, at: At, label: impl Into<String>) -> Self {
        self.related.push((at, label.into()));
        self
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// Adds what else to know.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Says which change mends it.
    #[must_use]
    pub fn fix(self, title: impl Into<String>, at: At, text: impl Into<String>) -> Self {
        Self { fix: Some(Fix { title: title.into(), at, text: text.into() }), ..self }
    }

    /// Says that what stands at its place should be `near`, if there is such a thing.
    #[must_use]
    pub fn meant(self, near: Option<&str>) -> Self {
        match (near, self.at.clone()) {
            (Some(near), Some(at)) => self.fix(format!("change to `{near}`"), at, near),
            _ => self,
        }
    }

    /// Says that the number at its place should go to the nearest end of its range.
    #[must_use]
    pub(crate) fn within(self, number: f64, min: f64, max: f64) -> Self {
        let Some(at) = self.at.clone() else { return self };
        let nearest = if number < min { min } else { max };
        self.fix(format!("change to {nearest}"), at, nearest.to_string())
    }

    /// Whether it stops the graph from running.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.code.severity() == Severity::Error
    }

    /// The order in which people want to read: by file, then by place, then by code.
    fn order(&self) -> (usize, usize, Code) {
        let (file, span) = self.at.clone().unwrap_or((usize::MAX, 0..0));
        (file, span.start, self.code)
    }

    /// The diagnostic as plain data.
    #[must_use]
    pub fn to_json(&self, sources: &SourceMap) -> serde_json::Value {
        #[derive(Serialize)]
        struct Plain<'a> {
            code: Code,
            severity: Severity,
            message: &'a str,
            #[serde(flatten)]
            place: Option<PlainPlace<'a>>,
            label: &'a str,
            related: Vec<PlainPlace<'a>>,
            help: &'a [String],
            notes: &'a [String],
        }
        let related = self.related.iter().map(|(at, label)| PlainPlace::new(sources, at, label));
        let plain = Plain {
            code: self.code,
            severity: self.code.severity(),
            message: &self.message,
            place: self.at.as_ref().map(|at| PlainPlace::new(sources, at, "")),
            label: &self.label,
            related: related.collect(),
            help: &self.help,
            notes: &self.notes,
        };
        serde_json::to_value(plain).unwrap_or(serde_json::Value::Null)
    }
}

#[derive(Serialize)]
struct PlainPlace<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    start_byte: usize,
    end_byte: usize,
    #[serde(skip_serializing_if = "str::is_empty")]
    text: &'a str,
}

impl<'a> PlainPlace<'a> {
    fn new(sources: &'a SourceMap, (file, span): &At, text: &'a str) -> Self {
        let (line, column) = sources.line_column(*file, span.start);
        let name = sources.get(*file).map_or("", |source| source.name.as_str());
        Self { file: name, line, column, start_byte: span.start, end_byte: span.end, text }
    }
}

/// Puts diagnostics in reading order, and leaves out what is said twice.
pub fn sort(diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.sort_by_key(Diagnostic::order);
    diagnostics.dedup();
}

/// How diagnostics are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// Without colour.
    #[default]
    Plain,
    /// With colour, for a terminal.
    Coloured,
}

/// Shows the first `most` diagnostics with their lines, and says how many there are beyond.
#[must_use]
pub fn render(diagnostics: &[Diagnostic], sources: &SourceMap, style: Style, most: usize) -> String {
    let mut shown = String::new();
    for diagnostic in diagnostics.iter().take(most) {
        if !shown.is_empty() {
            shown.push_str("\n\n");
        }
        shown.push_str(&render_one(diagnostic, sources, style));
    }
    if diagnostics.len() > most {
        let more = diagnostics.len() - most;
        shown.push_str(&format!("\n\n… and {more} more"));
    }
    shown
}

/// Lines longer than this are shown in part.
const LONG_LINE: usize = 240;

fn render_one(diagnostic: &Diagnostic, sources: &SourceMap, style: Style) -> String {
    let level = if diagnostic.is_error() { Level::ERROR } else { Level::WARNING };
    let id = diagnostic.code.to_string();
    let mut group = Group::with_title(level.primary_title(&*diagnostic.message).id(&*id));
    let mut files: Vec<usize> = diagnostic.at.iter().map(|(file, _)| *file).collect();
    for ((file, _), _) in &diagnostic.related {
        if !files.contains(file) {
            files.push(*file);
        }
    }
    for file in files {
        if let Some(source) = sources.get(file) {
            group = group.element(snippet(diagnostic, file, source));
        }
    }
    for help in &diagnostic.help {
        group = group.element(Level::HELP.message(&**help));
    }
    for note in &diagnostic.notes {
        group = group.element(Level::NOTE.message(&**note));
    }
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Coloured => Renderer::styled(),
    };
    renderer.decor_style(DecorStyle::Unicode).render(&[group])
}

/// The lines of one file that the diagnostic points at.
fn snippet<'a>(
    diagnostic: &'a Diagnostic,
    file: usize,
    source: &'a Source,
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let text = &source.text;
    let primary = diagnostic.at.as_ref().filter(|(at, _)| *at == file).map(|(_, span)| span);
    let related = diagnostic.related.iter().filter(|((at, _), _)| *at == file);
    // Of a line of a megabyte only what is near the place is marked, so that only that is shown.
    let (window, long) = window(text, primary);
    let line = text[..window.start].matches('\n').count() + 1;
    let fit = |span: &Range<usize>| {
        let start = floor(text, span.start).clamp(window.start, window.end);
        let end = if long { span.end.min(start + LONG_LINE) } else { span.end };
        start - window.start..floor(text, end).clamp(start, window.end) - window.start
    };
    let at = primary.map_or(window.start, |span| span.start);
    let mut snippet = Snippet::source(&text[window.clone()]).path(&source.name).line_start(line).fold(true);
    if let Some(span) = primary {
        snippet = snippet.annotation(AnnotationKind::Primary.span(fit(span)).label(&diagnostic.label));
    }
    for ((_, span), label) in related {
        if window.contains(&span.start) && !(long && span.start.abs_diff(at) > LONG_LINE / 2) {
            snippet = snippet.annotation(AnnotationKind::Context.span(fit(span)).label(label));
        }
    }
    snippet
}

/// The whole text, unless it has a long line: then the line of the place, and `true`.
fn window(text: &str, primary: Option<&Range<usize>>) -> (Range<usize>, bool) {
    let begin = mark(text);
    if text.lines().all(|line| line.len() <= LONG_LINE) {
        return (begin..text.len(), false);
    }
    let at = floor(text, primary.map_or(0, |span| span.start));
    let line_start = text[..at].rfind('\n').map_or(begin, |start| start + 1);
    let line_end = text[at..].find('\n').map_or(text.len(), |end| at + end);
    (line_start..line_end.max(line_start), true)
}
