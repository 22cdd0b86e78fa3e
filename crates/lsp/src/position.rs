//! Places in a text as editors count them: lines from 0, and in a line the UTF-16 units before the place.

use deadwax_graph::tree::Span;
use lsp_types::{Position, Range};

/// Where the lines of a text begin.
#[derive(Clone, Debug)]
pub struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    /// The lines of `text`; a line ends with `\n`, `\r\n` or `\r`.
    #[must_use]
    pub fn of(text: &'t str) -> Self {
        let mut starts = vec![0];
        let bytes = text.as_bytes();
        for (at, byte) in bytes.iter().enumerate() {
            let ends = *byte == b'\n' || (*byte == b'\r' && bytes.get(at + 1) != Some(&b'\n'));
            if ends {
                starts.push(at + 1);
            }
        }
        Self { text, starts }
    }

    /// The line without what ends it, and where it begins.
    fn line(&self, number: usize) -> (usize, &'t str) {
        let start = self.starts[number];
        let end = self.starts.get(number + 1).copied().unwrap_or(self.text.len());
        (start, self.text[start..end].trim_end_matches(['\r', '\n']))
    }

    /// The byte at a place. Beyond the end of a line it is the line's end, beyond the last line the text's; in the middle
    /// of a letter it is where the letter begins.
    #[must_use]
    pub fn offset(&self, position: Position) -> usize {
        let number = usize::try_from(position.line).unwrap_or(usize::MAX);
        if number >= self.starts.len() {
            return self.text.len();
        }
        let (start, line) = self.line(number);
        let mut left = usize::try_from(position.character).unwrap_or(usize::MAX);
        for (at, letter) in line.char_indices() {
            if left < letter.len_utf16() {
                return start + at;
            }
            left -= letter.len_utf16();
        }
        start + line.len()
    }

    /// The place of a byte.
    #[must_use]
    pub fn position(&self, offset: usize) -> Position {
        let offset = floor(self.text, offset);
        let number = self.starts.partition_point(|start| *start <= offset) - 1;
        let before = &self.text[self.starts[number]..offset];
        let units = before.encode_utf16().count();
        Position { line: count(number), character: count(units) }
    }

    /// The places of a span's ends.
    #[must_use]
    pub fn range(&self, span: &Span) -> Range {
        Range { start: self.position(span.start), end: self.position(span.end) }
    }

    /// The bytes between two places, in whatever order they are.
    #[must_use]
    pub fn span(&self, range: Range) -> Span {
        let (a, b) = (self.offset(range.start), self.offset(range.end));
        a.min(b)..a.max(b)
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The letter's beginning at or before `offset`.
fn floor(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(line: u32, character: u32) -> Position {
        Position { line, character }
    }

    #[test]
    fn letters_beyond_the_basic_plane_count_twice() {
        let text = "a𝄞b\r\nü𝄞\rx\n";
        let lines = Lines::of(text);
        let b = text.find('b').unwrap();
        assert_eq!(lines.position(b), at(0, 3));
        assert_eq!(lines.offset(at(0, 3)), b);
        assert_eq!(lines.offset(at(0, 2)), 1, "the middle of a letter is its beginning");
        assert_eq!(lines.position(text.find('x').unwrap()), at(2, 0));
        assert_eq!(lines.offset(at(1, 3)), text.find('x').unwrap() - 1);
        assert_eq!(lines.position(text.len()), at(3, 0));
    }

    #[test]
    fn places_beyond_the_ends_are_the_ends() {
        let lines = Lines::of("ab\r\ncd");
        assert_eq!(lines.offset(at(0, 99)), 2, "not behind the line's end");
        assert_eq!(lines.offset(at(9, 0)), 6);
        assert_eq!(lines.position(99), at(1, 2));
        assert_eq!(Lines::of("").offset(at(0, 5)), 0);
    }

    #[test]
    fn every_letter_is_found_again() {
        let text = "Graph( // 𝄞 ü\r\n  a: \"🎚️\",\n\n)\r";
        let lines = Lines::of(text);
        for (offset, letter) in text.char_indices() {
            // Between `\r` and `\n` is no place that an editor could name.
            if letter != '\n' || !text[..offset].ends_with('\r') {
                assert_eq!(lines.offset(lines.position(offset)), offset, "{offset}");
            }
        }
    }
}
