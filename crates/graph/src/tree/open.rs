//! What is open at a place: for help while someone writes, when the text is broken almost by nature.
//!
//! A tree of a broken text has guesses in it. Here only what stands before the place is read, token by token, so that
//! nothing behind it can mislead.

use super::Span;
use super::lexer::{Kind, Token, closing, tokens};
use crate::diagnostic::{Code, Diagnostic};
use crate::limits;

/// A bracket that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bracket {
    /// `(`, `[` or `{`.
    pub open: char,
    /// Where it stands.
    pub at: usize,
    /// The name with a colon before it, as in `glue: Compressor(`.
    pub key: Option<String>,
    /// The name right in front of it, as in `Compressor(`.
    pub name: Option<String>,
    /// Names with a colon inside it before the place, in order.
    pub keys: Vec<String>,
    /// How many commas are inside it before the place.
    pub commas: usize,
}

/// What is open at a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Open {
    /// The brackets around the place, outermost first.
    pub brackets: Vec<Bracket>,
    /// The name whose value stands, or should stand, at the place.
    pub key: Option<String>,
    /// When the place is inside a text in quotes: from behind the quote to the place.
    pub text: Option<Span>,
    /// The word that ends at the place; empty when none does.
    pub word: Span,
    /// Whether the place is inside a comment.
    pub comment: bool,
    /// Names with a colon that follow behind the place in the innermost bracket.
    pub later: Vec<String>,
}

impl Open {
    /// Whether the innermost bracket has a part of this name, before the place or behind it.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        let before = self.brackets.last().map_or(&[][..], |bracket| &bracket.keys);
        before.iter().chain(&self.later).any(|key| key == name)
    }
}

/// What is open at byte `offset` of `source`. Nothing beyond the limits of a file is looked at.
#[must_use]
pub fn open_at(source: &str, offset: usize) -> Open {
    let mut offset = offset.min(source.len());
    while !source.is_char_boundary(offset) {
        offset -= 1;
    }
    let mut open = Open { word: offset..offset, ..Open::default() };
    if source.len() > limits::FILE_BYTES {
        return open;
    }
    let before = &source[..offset];
    let mut errors = Vec::new();
    let mut found = tokens(before, 0, &mut errors);
    open.comment = in_comment(before, &found, &errors);
    open.text = open_text(before, &found, &errors);
    if open.text.is_some() {
        found.pop();
    } else if let Some(Token { kind: Kind::Word | Kind::Number, span }) = found.last()
        && span.end == offset
        && !open.comment
    {
        open.word = span.clone();
        found.pop();
    }
    let mut scan = Scan::default();
    scan.read(before, &found);
    open.brackets = scan.brackets;
    open.key = scan.key;
    open.later = later(&source[offset..]);
    open
}

/// Whether the end of `before` is inside a comment.
fn in_comment(before: &str, found: &[Token], errors: &[Diagnostic]) -> bool {
    let gap = &before[found.last().map_or(0, |token| token.span.end)..];
    let line = gap.rsplit('\n').next().unwrap_or_default();
    line.contains("//") || errors.iter().any(|error| error.code == Code::CommentNotClosed)
}

/// The text in quotes whose end is not there yet. A quote that was left open on an earlier line is another matter.
fn open_text(before: &str, found: &[Token], errors: &[Diagnostic]) -> Option<Span> {
    let last = found.last().filter(|token| matches!(token.kind, Kind::Text(_)))?;
    let unclosed = errors.iter().any(|error| {
        error.code == Code::TextNotClosed
            && error.at.as_ref().is_some_and(|(_, span)| span.start == last.span.start)
    });
    let here = unclosed && !before[last.span.start..].contains('\n');
    here.then(|| last.span.start + 1..before.len())
}

/// Names with a colon up to the bracket that closes the innermost one.
fn later(behind: &str) -> Vec<String> {
    let found = tokens(behind, 0, &mut Vec::new());
    let (mut depth, mut names) = (0_usize, Vec::new());
    for (token, next) in found.iter().zip(found.iter().skip(1)) {
        match token.kind {
            Kind::Open(_) => depth += 1,
            Kind::Close(_) if depth == 0 => break,
            Kind::Close(_) => depth -= 1,
            Kind::Word if depth == 0 && next.kind == Kind::Colon => {
                names.push(behind[token.span.clone()].to_owned());
            }
            _ => {}
        }
    }
    names
}

#[derive(Default)]
struct Scan {
    brackets: Vec<Bracket>,
    key: Option<String>,
    name: Option<String>,
}

impl Scan {
    fn read(&mut self, source: &str, found: &[Token]) {
        for (number, token) in found.iter().enumerate() {
            let next = found.get(number + 1).map(|next| &next.kind);
            let said = match &token.kind {
                Kind::Text(said) => said.clone(),
                _ => source[token.span.clone()].to_owned(),
            };
            match token.kind {
                Kind::Word | Kind::Text(_) if next == Some(&Kind::Colon) => {
                    if let Some(bracket) = self.brackets.last_mut() {
                        bracket.keys.push(said.clone());
                    }
                    self.key = Some(said);
                }
                Kind::Word if next == Some(&Kind::Open('(')) => self.name = Some(said),
                Kind::Open(open) => self.open(open, token.span.start),
                Kind::Close(close) => self.close(close),
                Kind::Comma => {
                    self.key = None;
                    if let Some(bracket) = self.brackets.last_mut() {
                        bracket.commas += 1;
                    }
                }
                Kind::Colon => {}
                // A whole value: what follows it is no part of it any more.
                _ => self.key = None,
            }
        }
    }

    fn open(&mut self, open: char, at: usize) {
        let (key, name) = (self.key.take(), self.name.take());
        if self.brackets.len() < limits::DEPTH {
            self.brackets.push(Bracket { open, at, key, name, keys: Vec::new(), commas: 0 });
        }
    }

    /// Closes the innermost bracket of this sort; those inside it were never closed.
    fn close(&mut self, close: char) {
        self.key = None;
        if let Some(number) = self.brackets.iter().rposition(|bracket| closing(bracket.open) == close) {
            self.brackets.truncate(number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Open, open_at};

    /// What is open at the `|` in a text.
    fn at(text: &str) -> Open {
        open_at(&text.replace('|', ""), text.find('|').unwrap())
    }

    fn path(open: &Open) -> Vec<String> {
        open.brackets.iter().map(|bracket| bracket.key.clone().unwrap_or_default()).collect()
    }

    #[test]
    fn brackets_and_names_are_known_in_a_text_that_ends_in_the_middle() {
        let open = at("Graph(format: 1, nodes: { a: Gain(gain_db: -3, mu|");
        assert_eq!(path(&open), ["", "nodes", "a"]);
        assert_eq!(open.brackets[2].name.as_deref(), Some("Gain"));
        assert_eq!((open.brackets[2].keys.len(), open.key.clone()), (1, None));
        assert_eq!(open.word.len(), 2);
        let open = at("Graph(nodes: { a: Gain(gain_db:| , invert: true), b: Mix })");
        assert_eq!(open.key.as_deref(), Some("gain_db"));
        assert!(open.has("invert") && open.has("gain_db") && !open.has("b"));
    }

    #[test]
    fn a_quote_left_open_is_a_text_on_its_own_line_only() {
        let open = at("Graph(wires: [\"input -> |\n \"a -> output\"])");
        assert_eq!((path(&open).len(), open.text.map(|text| text.len())), (2, Some(9)));
        let open = at("Graph(wires: [\"input -> \n |a -> output])");
        assert_eq!(open.text, None);
    }

    #[test]
    fn a_closing_bracket_of_another_sort_closes_what_it_can() {
        assert_eq!(path(&at("Graph(nodes: { a: Gain(gain_db: 1 }, wires: [|")), ["", "wires"]);
        assert!(at("Graph( // nodes: |").comment);
        assert!(at("Graph( /* nodes: |").comment);
        assert!(!at("Graph( // nodes:\n|").comment);
    }
}
