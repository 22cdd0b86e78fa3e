//! A text without errors as nested pieces that keep every token and every comment.

use crate::tree::lexer::{Kind, Token, tokens};

/// What stands in front of a part, or behind the last.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Before {
    /// A blank line, or several.
    Blank,
    /// A comment with its slashes.
    Comment(String),
}

/// A part of brackets: a value, perhaps with a name.
#[derive(Clone, Debug, Default)]
pub(super) struct Part {
    pub(super) before: Vec<Before>,
    pub(super) key: Option<String>,
    pub(super) value: Piece,
    /// A comment behind it on the same line.
    pub(super) behind: Option<String>,
}

/// A value.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    /// One token.
    Atom(String),
    /// Brackets.
    Group(Group),
}

impl Default for Piece {
    fn default() -> Self {
        Self::Atom(String::new())
    }
}

/// Brackets, perhaps with a name in front, and what stands in them.
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) brackets: (char, char),
    pub(super) parts: Vec<Part>,
    /// What stands behind the last part.
    pub(super) rest: Vec<Before>,
    /// Whether the author broke a line between its parts.
    pub(super) broken: bool,
}

/// A whole text: a value, and comments around it.
#[derive(Clone, Debug, Default)]
pub(super) struct Whole {
    pub(super) part: Part,
    pub(super) rest: Vec<Before>,
}

/// What stands between two tokens.
#[derive(Clone, Debug, Default)]
struct Gap {
    /// A comment that begins on the line of the token before.
    same_line: Option<String>,
    before: Vec<Before>,
    /// Whether a line ends in it.
    line: bool,
}

/// Takes a text apart that [`parse`](crate::tree::parse) finds no fault with.
pub(super) fn pieces(source: &str) -> Whole {
    let tokens = tokens(source, 0, &mut Vec::new());
    let mut gaps = Vec::with_capacity(tokens.len() + 1);
    let mut end = 0;
    for token in &tokens {
        gaps.push(gap(&source[end..token.span.start]));
        end = token.span.end;
    }
    gaps.push(gap(&source[end..]));
    let mut reader = Reader { source, tokens, gaps, at: 0 };
    let mut part = reader.part();
    let mut last = reader.gaps.pop().unwrap_or_default();
    part.behind = last.same_line.take();
    while last.before.last() == Some(&Before::Blank) {
        last.before.pop();
    }
    Whole { part, rest: last.before }
}

/// Reads blanks and comments.
fn gap(text: &str) -> Gap {
    let (mut gap, mut rest) = (Gap::default(), text);
    let mut lines = 0;
    loop {
        let blank =
            rest.len() - rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}').len();
        let breaks = rest[..blank].matches('\n').count();
        lines += breaks;
        gap.line |= breaks > 0;
        if lines > 1 {
            gap.before.push(Before::Blank);
        }
        rest = &rest[blank..];
        let length = comment(rest);
        if length == 0 {
            return gap;
        }
        let said = rest[..length].trim_end().to_owned();
        rest = &rest[length..];
        if !gap.line && gap.same_line.is_none() {
            gap.same_line = Some(said);
        } else {
            gap.before.push(Before::Comment(said));
        }
        lines = 0;
    }
}

/// The length of the comment that `text` begins with; block comments nest.
pub(crate) fn comment(text: &str) -> usize {
    if text.starts_with("//") {
        return text.find('\n').unwrap_or(text.len());
    }
    if !text.starts_with("/*") {
        return 0;
    }
    let (mut depth, mut at) = (0_usize, 0);
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest.starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    at
}

struct Reader<'a> {
    source: &'a str,
    tokens: Vec<Token>,
    /// What stands in front of each token, and at the end.
    gaps: Vec<Gap>,
    at: usize,
}

impl Reader<'_> {
    fn kind(&self, ahead: usize) -> Option<&Kind> {
        self.tokens.get(self.at + ahead).map(|token| &token.kind)
    }

    fn text(&self) -> String {
        self.tokens.get(self.at).map_or("", |token| &self.source[token.span.clone()]).to_owned()
    }

    /// All comments of the gap in front of the next token.
    fn comments(&mut self, into: &mut Vec<Before>) {
        let gap = std::mem::take(&mut self.gaps[self.at]);
        into.extend(gap.same_line.map(Before::Comment));
        into.extend(gap.before);
    }

    /// A part. Comments inside it, where nobody expects any, go in front of it.
    fn part(&mut self) -> Part {
        let mut part = Part::default();
        self.comments(&mut part.before);
        if matches!(self.kind(0), Some(Kind::Word | Kind::Text(_))) && self.kind(1) == Some(&Kind::Colon) {
            part.key = Some(self.text());
            for _ in 0..2 {
                self.at += 1;
                let mut inside = Vec::new();
                self.comments(&mut inside);
                part.before.extend(inside.into_iter().filter(|before| *before != Before::Blank));
            }
        }
        let mut name = String::new();
        if self.kind(0) == Some(&Kind::Word) && self.kind(1) == Some(&Kind::Open('(')) {
            name = self.text();
            self.at += 1;
            let mut inside = Vec::new();
            self.comments(&mut inside);
            part.before.extend(inside.into_iter().filter(|before| *before != Before::Blank));
        }
        part.value = match self.kind(0) {
            Some(Kind::Open(open)) => {
                let open = *open;
                Piece::Group(self.group(name, open))
            }
            _ => {
                let atom = Piece::Atom(self.text());
                self.at += 1;
                atom
            }
        };
        part
    }

    fn group(&mut self, name: String, open: char) -> Group {
        self.at += 1;
        let mut group = Group { name, brackets: (open, '\0'), ..Group::default() };
        loop {
            let first = group.parts.is_empty();
            group.broken |= self.gaps[self.at].line;
            if let Some(Kind::Close(close)) = self.kind(0) {
                group.brackets.1 = *close;
                let mut rest = Vec::new();
                self.behind(&mut group, first);
                self.comments(&mut rest);
                while rest.last() == Some(&Before::Blank) {
                    rest.pop();
                }
                if first {
                    while rest.first() == Some(&Before::Blank) {
                        rest.remove(0);
                    }
                }
                group.rest = rest;
                self.at += 1;
                return group;
            }
            self.behind(&mut group, first);
            let mut part = self.part();
            while first && part.before.first() == Some(&Before::Blank) {
                part.before.remove(0);
            }
            group.parts.push(part);
            if self.kind(0) == Some(&Kind::Comma) {
                // A comment in front of the comma belongs to the part.
                let gap = std::mem::take(&mut self.gaps[self.at]);
                group.broken |= gap.line;
                self.at += 1;
                let comments = gap.same_line.map(Before::Comment).into_iter().chain(gap.before);
                let comments = comments.filter(|before| *before != Before::Blank);
                if let Some(last) = group.parts.last_mut() {
                    last.before.extend(comments);
                }
            }
        }
    }

    /// A comment on the line of the part before belongs to that part; on the line of the opening bracket, to what follows.
    fn behind(&mut self, group: &mut Group, first: bool) {
        if !first
            && let Some(said) = self.gaps[self.at].same_line.take()
            && let Some(last) = group.parts.last_mut()
        {
            last.behind = Some(said);
        }
    }
}
