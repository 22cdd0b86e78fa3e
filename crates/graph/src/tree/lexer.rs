//! Text to tokens.

use super::Span;
use crate::diagnostic::{Code, Diagnostic};
use crate::limits;

/// A token; blanks and comments are left out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    Open(char),
    Close(char),
    Comma,
    Colon,
    Number,
    Word,
    Text(String),
    Char,
}

/// Cuts `source` into tokens, and notes what is none.
pub(crate) fn tokens(source: &str, file: usize, errors: &mut Vec<Diagnostic>) -> Vec<Token> {
    let mut lexer = Lexer { source, at: 0, file, errors, tokens: Vec::new(), open_end: false };
    while let Some(next) = lexer.rest().chars().next() {
        lexer.token(next);
    }
    lexer.tokens
}

struct Lexer<'a> {
    source: &'a str,
    at: usize,
    file: usize,
    errors: &'a mut Vec<Diagnostic>,
    tokens: Vec<Token>,
    /// A text without its end was met: the ends of others are looked for in their own line only.
    open_end: bool,
}

/// The bracket that closes `open`.
pub(crate) fn closing(open: char) -> char {
    match open {
        '(' => ')',
        '[' => ']',
        _ => '}',
    }
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.source[self.at..]
    }

    fn push(&mut self, kind: Kind, length: usize) {
        self.tokens.push(Token { kind, span: self.at..self.at + length });
        self.at += length;
    }

    fn error(&mut self, code: Code, message: impl Into<String>, span: Span, label: &str) {
        if self.errors.len() < limits::ERRORS {
            self.errors.push(Diagnostic::new(code, message, (self.file, span), label));
        }
    }

    fn token(&mut self, next: char) {
        match next {
            _ if next.is_whitespace() || next == '\u{feff}' => self.at += next.len_utf8(),
            '(' | '[' | '{' => self.push(Kind::Open(next), 1),
            ')' | ']' | '}' => self.push(Kind::Close(next), 1),
            ',' => self.push(Kind::Comma, 1),
            ':' => self.push(Kind::Colon, 1),
            '/' => self.comment(),
            '"' => self.text(),
            '\'' => self.character(),
            'r' if self.rest()[1..].starts_with(['"', '#']) => self.raw_text(),
            '0'..='9' | '+' | '-' | '.' => self.number(),
            _ if next.is_alphabetic() || next == '_' => self.word(),
            _ => {
                let span = self.at..self.at + next.len_utf8();
                let message = format!("unexpected character `{}`", next.escape_default());
                self.error(Code::UnexpectedCharacter, message, span, "means nothing here");
                self.at += next.len_utf8();
            }
        }
    }

    fn comment(&mut self) {
        let rest = self.rest();
        if rest.starts_with("//") {
            self.at += rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with("/*") {
            self.block_comment();
        } else {
            let span = self.at..self.at + 1;
            self.error(Code::UnexpectedCharacter, "a lone `/`", span, "a comment begins with `//`");
            self.at += 1;
        }
    }

    /// Block comments nest.
    fn block_comment(&mut self) {
        let start = self.at;
        let mut depth = 0_usize;
        while self.at < self.source.len() {
            let rest = self.rest();
            if rest.starts_with("/*") {
                depth += 1;
                self.at += 2;
            } else if rest.starts_with("*/") {
                depth -= 1;
                self.at += 2;
                if depth == 0 {
                    return;
                }
            } else {
                self.at += rest.chars().next().map_or(1, char::len_utf8);
            }
        }
        self.error(
            Code::CommentNotClosed,
            "this comment is never closed",
            start..start + 2,
            "closed by `*/`",
        );
    }

    fn text(&mut self) {
        let start = self.at;
        let mut escaped = false;
        for (offset, next) in self.source[start + 1..].char_indices() {
            match next {
                '\n' if self.open_end => break,
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => return self.closed_text(offset + 2),
                _ => {}
            }
        }
        let line = self.source[start..].find('\n').map_or(self.source.len(), |end| start + end);
        let span = start..start + self.source[start..line].trim_end().len();
        self.error(Code::TextNotClosed, "this text is never closed", span.clone(), "closed by `\"`");
        self.open_end = true;
        self.at = line;
        self.tokens.push(Token { kind: Kind::Text(String::new()), span });
    }

    fn closed_text(&mut self, length: usize) {
        let span = self.at..self.at + length;
        let said = ron::from_str::<String>(&self.source[span.clone()]);
        if said.is_err() {
            let message = "this text has an escape that means nothing";
            self.error(Code::UnexpectedCharacter, message, span, "escapes are \\n \\t \\\" \\\\");
        }
        self.push_text(said.unwrap_or_default(), length);
    }

    fn push_text(&mut self, said: String, length: usize) {
        if said.len() > limits::TEXT_BYTES {
            let span = self.at..self.at + 1;
            let message = format!("this text has {} bytes; {} are allowed", said.len(), limits::TEXT_BYTES);
            self.error(Code::TooLarge, message, span, "begins here");
        }
        self.push(Kind::Text(said), length);
    }

    fn raw_text(&mut self) {
        let hashes = self.rest()[1..].bytes().take_while(|byte| *byte == b'#').count();
        let open = 1 + hashes;
        if !self.rest()[open..].starts_with('"') {
            self.word();
            return;
        }
        let close = format!("\"{}", "#".repeat(hashes));
        let (start, body) = (self.at, self.at + open + 1);
        match self.source[body..].find(&close) {
            Some(end) => {
                let said = self.source[body..body + end].to_owned();
                self.push_text(said, open + 1 + end + close.len());
            }
            None => {
                let label = format!("closed by `{close}`");
                self.error(Code::TextNotClosed, "this text is never closed", start..body, &label);
                self.at = self.source.len();
            }
        }
    }

    fn character(&mut self) {
        // The longest is `'\u{10ffff}'`.
        let mut chars = self.rest().char_indices().take(12).skip(1);
        let mut escaped = false;
        let end = chars.find(|(_, next)| {
            let ends = *next == '\'' && !escaped;
            escaped = *next == '\\' && !escaped;
            ends
        });
        match end {
            Some((end, _)) => self.push(Kind::Char, end + 1),
            _ => {
                let span = self.at..self.at + 1;
                self.error(Code::UnexpectedCharacter, "a lone `'`", span, "text stands in double quotes");
                self.at += 1;
            }
        }
    }

    fn number(&mut self) {
        let part = |(index, next): &(usize, char)| {
            let before = self.rest()[..*index].chars().next_back();
            next.is_alphanumeric()
                || matches!(next, '.' | '_')
                || (matches!(next, '+' | '-') && (*index == 0 || matches!(before, Some('e' | 'E'))))
        };
        let length: usize =
            self.rest().char_indices().take_while(part).map(|(_, next)| next.len_utf8()).sum();
        let span = self.at..self.at + length;
        if ron::from_str::<f64>(&self.source[span.clone()]).is_err() {
            let message = format!("`{}` is no number", &self.source[span.clone()]);
            self.error(Code::UnexpectedCharacter, message, span, "numbers are written like -14, 0.5 or 1e3");
        }
        self.push(Kind::Number, length);
    }

    fn word(&mut self) {
        let length: usize = self
            .rest()
            .chars()
            .take_while(|next| next.is_alphanumeric() || matches!(next, '_' | '#'))
            .map(char::len_utf8)
            .sum();
        if length > limits::NAME_BYTES {
            let message = format!("this name has {length} bytes; {} are allowed", limits::NAME_BYTES);
            self.error(Code::TooLarge, message, self.at..self.at + 1, "begins here");
        }
        let word = &self.rest()[..length];
        let kind = if matches!(word, "inf" | "NaN") { Kind::Number } else { Kind::Word };
        self.push(kind, length.max(1));
    }
}
