//! Tokens to a tree; goes on after an error, so that one run finds them all.

use super::lexer::{Kind, Token, closing, tokens};
use super::{Call, Entry, Span, Value, ValueKind};
use crate::diagnostic::{Code, Diagnostic};
use crate::limits;
use std::collections::HashMap;

/// Reads `source` as one value. What is no RON is noted in `errors`, and left out of the tree or marked as broken.
#[must_use]
pub fn parse(source: &str, file: usize, errors: &mut Vec<Diagnostic>) -> Value {
    if source.len() > limits::FILE_BYTES {
        let message = format!("this file has {} bytes; {} are allowed", source.len(), limits::FILE_BYTES);
        errors.push(Diagnostic::new(Code::TooLarge, message, (file, 0..0), "in this file"));
        return Value { span: 0..0, kind: ValueKind::Broken };
    }
    let tokens = tokens(source, file, errors);
    let mut parser =
        Parser { source, tokens, at: 0, file, depth: 0, around: Vec::new(), bracket_fixed: false, errors };
    let value = parser.value();
    if let Some(token) = parser.peek().cloned()
        && parser.errors.is_empty()
    {
        let message = "there is something behind the end";
        parser.error(Code::Unexpected, message, token.span, "it has ended before this");
    }
    value
}

/// What stands between brackets.
#[derive(Default)]
struct Contents {
    entries: Vec<Entry>,
    items: Vec<Value>,
    /// Where in `entries` each name is.
    places: HashMap<String, usize>,
}

struct Parser<'a> {
    source: &'a str,
    tokens: Vec<Token>,
    at: usize,
    file: usize,
    depth: usize,
    /// The brackets that are open, outermost first.
    around: Vec<char>,
    /// Whether a fix for a bracket has been offered. Others that seem to be missing are most likely its consequence.
    bracket_fixed: bool,
    errors: &'a mut Vec<Diagnostic>,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn peek_kind(&self) -> Option<&Kind> {
        self.peek().map(|token| &token.kind)
    }

    fn here(&self) -> Span {
        self.peek().map_or(self.source.len()..self.source.len(), |token| token.span.clone())
    }

    /// The end of the last token that was read.
    fn end(&self) -> usize {
        self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(0, |token| token.span.end)
    }

    fn error(&mut self, code: Code, message: impl Into<String>, span: Span, label: &str) {
        self.push(Diagnostic::new(code, message, (self.file, span), label));
    }

    fn push(&mut self, diagnostic: Diagnostic) {
        if self.errors.len() < limits::ERRORS {
            self.errors.push(diagnostic);
        }
    }

    fn text(&self, span: &Span) -> String {
        self.source[span.clone()].to_owned()
    }

    fn value(&mut self) -> Value {
        let Some(token) = self.peek().cloned() else {
            let end = self.source.trim_end().len();
            self.error(
                Code::Unexpected,
                "the file ends where a value should stand",
                end..end,
                "a value is missing",
            );
            return Value { span: self.here(), kind: ValueKind::Broken };
        };
        let kind = match token.kind {
            Kind::Number => ValueKind::Number,
            Kind::Char => ValueKind::Char,
            Kind::Text(said) => ValueKind::Text(said),
            Kind::Word => return self.word(&token.span),
            Kind::Open(open) => return self.brackets(open, None, token.span.start),
            Kind::Comma | Kind::Colon | Kind::Close(_) => {
                self.error(
                    Code::Unexpected,
                    "a value is missing here",
                    token.span.clone(),
                    "instead of this",
                );
                return Value { span: token.span.start..token.span.start, kind: ValueKind::Broken };
            }
        };
        self.at += 1;
        Value { span: token.span, kind }
    }

    /// A bare word, or the name in front of round brackets.
    fn word(&mut self, span: &Span) -> Value {
        let word = self.text(span);
        self.at += 1;
        if self.peek_kind() == Some(&Kind::Open('(')) {
            return self.brackets('(', Some((word, span.clone())), span.start);
        }
        Value { span: span.clone(), kind: ValueKind::Word(word) }
    }

    fn brackets(&mut self, open: char, name: Option<(String, Span)>, start: usize) -> Value {
        let opened = self.here();
        self.at += 1;
        self.depth += 1;
        if self.depth > limits::DEPTH {
            let message = format!("more than {} brackets inside each other", limits::DEPTH);
            let diagnostic = Diagnostic::new(Code::TooDeep, message, (self.file, opened), "too deep");
            self.push(
                diagnostic.help("a graph needs six at most: is a closing bracket missing before this?"),
            );
            self.at = self.tokens.len();
            self.depth -= 1;
            return Value { span: start..self.source.len(), kind: ValueKind::Broken };
        }
        self.around.push(open);
        let Contents { entries, items, .. } = self.contents(open, &opened);
        self.around.pop();
        self.depth -= 1;
        let span = start..self.end().max(opened.end);
        let kind = match open {
            '[' => ValueKind::List(items),
            '{' => ValueKind::Map(entries),
            _ => ValueKind::Call(Call { name, fields: entries, items }),
        };
        Value { span, kind }
    }

    /// What stands between brackets, up to and with the closing one.
    fn contents(&mut self, open: char, opened: &Span) -> Contents {
        let mut contents = Contents::default();
        loop {
            match self.peek_kind().cloned() {
                None => {
                    let message = format!("this `{open}` is never closed");
                    let label = format!("closed by `{}`", closing(open));
                    let at = (self.file, opened.clone());
                    let diagnostic = Diagnostic::new(Code::NeverClosed, message, at, label);
                    let end = self.end();
                    self.push_bracket(diagnostic, closing(open), end..end);
                    break;
                }
                Some(Kind::Close(close)) if close == closing(open) => {
                    self.at += 1;
                    break;
                }
                Some(Kind::Close(close)) => {
                    self.wrong_close(open, close, opened);
                    break;
                }
                Some(Kind::Comma) => {
                    let span = self.here();
                    self.error(
                        Code::Unexpected,
                        "a value is missing before this comma",
                        span,
                        "nothing before it",
                    );
                    self.at += 1;
                    continue;
                }
                _ => self.part(open, &mut contents),
            }
            self.comma(open);
        }
        contents
    }

    /// A closing bracket of another kind: either it closes something outside, or it is a slip.
    fn wrong_close(&mut self, open: char, close: char, opened: &Span) {
        let span = self.here();
        let message = format!("this `{open}` is closed by `{close}`");
        let diagnostic =
            Diagnostic::new(Code::NeverClosed, message, (self.file, opened.clone()), "opened here")
                .related((self.file, span.clone()), format!("`{}` is expected before this", closing(open)));
        // Where the same bracket follows again, this one was a slip; otherwise it belongs to someone outside.
        let next = self.tokens.get(self.at + 1).map(|token| &token.kind);
        let slip = next == Some(&Kind::Close(closing(open)));
        let end = self.end();
        if slip && self.around.iter().any(|open| closing(*open) == close) {
            // Too many, or the one before it is missing: a person must say.
            self.bracket_fixed = true;
            self.push(diagnostic);
        } else if slip {
            self.push_bracket(diagnostic, close, span);
        } else {
            self.push_bracket(diagnostic, closing(open), end..end);
        }
        if self.depth <= 1 || slip {
            self.at += 1;
        }
    }

    /// Notes a bracket that is missing (where `at` is empty) or too many, with the fix for it.
    fn push_bracket(&mut self, diagnostic: Diagnostic, bracket: char, at: Span) {
        let fixed = std::mem::replace(&mut self.bracket_fixed, true);
        self.push(match at.is_empty() {
            _ if fixed => diagnostic,
            true => diagnostic.fix(format!("put in `{bracket}`"), (self.file, at), bracket),
            false => diagnostic.fix(format!("take out `{bracket}`"), (self.file, at), ""),
        });
    }

    /// One entry or item.
    fn part(&mut self, open: char, contents: &mut Contents) {
        let key = self.peek().cloned();
        let colon = self.tokens.get(self.at + 1).is_some_and(|token| token.kind == Kind::Colon);
        match key {
            Some(Token { kind: Kind::Word, span }) if colon && open != '[' => {
                let name = self.text(&span);
                self.entry(name, span, contents);
            }
            Some(Token { kind: Kind::Text(name), span }) if colon && open == '{' => {
                self.entry(name, span, contents);
            }
            _ if open == '{' => {
                let span = self.here();
                self.error(
                    Code::Unexpected,
                    "a name and `:` are missing here",
                    span,
                    "entries look like `name: value`",
                );
                self.skip_part();
            }
            _ => {
                let before = self.at;
                contents.items.push(self.value());
                if self.at == before {
                    self.skip_part();
                }
            }
        }
    }

    fn entry(&mut self, key: String, key_span: Span, contents: &mut Contents) {
        self.at += 2;
        let value = self.value();
        if let Some(first) = contents.places.get(&key).map(|place| &contents.entries[*place]) {
            let message = format!("`{key}` stands here twice");
            let diagnostic =
                Diagnostic::new(Code::Duplicate, message, (self.file, key_span.clone()), "again")
                    .related((self.file, first.key_span.clone()), "first")
                    .help("remove one, or give it another name");
            self.push(diagnostic);
            return;
        }
        contents.places.insert(key.clone(), contents.entries.len());
        contents.entries.push(Entry { key, key_span, value });
    }

    /// Reads the comma that stands between parts, or notes that it is missing.
    fn comma(&mut self, open: char) {
        match self.peek_kind() {
            Some(Kind::Comma) => self.at += 1,
            None | Some(Kind::Close(_)) => {}
            Some(_) => {
                let end = self.end();
                let last = self.source[..end].char_indices().next_back().map_or(end, |(at, _)| at);
                let found = self.here();
                let mut diagnostic = Diagnostic::new(
                    Code::MissingComma,
                    format!("a comma is missing in this `{open} {}`", closing(open)),
                    (self.file, last..end),
                    "a `,` should follow",
                );
                if !found.is_empty() {
                    diagnostic = diagnostic.related((self.file, found), "before this");
                }
                self.push(diagnostic.fix("put in `,`", (self.file, end..end), ","));
            }
        }
    }

    /// Leaves out what cannot be read, up to the next comma or closing bracket.
    fn skip_part(&mut self) {
        let mut depth = 0_usize;
        while let Some(kind) = self.peek_kind() {
            match kind {
                Kind::Comma if depth == 0 => return,
                Kind::Close(_) if depth == 0 => return,
                Kind::Open(_) => depth += 1,
                Kind::Close(_) => depth -= 1,
                _ => {}
            }
            self.at += 1;
        }
    }
}
