//! Pieces to text.

use super::WIDTH;
use super::pieces::{Before, Group, Part, Piece, Whole};

/// Columns that a level of brackets is set in.
const STEP: usize = 4;

/// Prints a whole text.
pub(super) fn print(whole: &Whole) -> String {
    let mut printer = Printer { out: String::new() };
    let mut before = &whole.part.before[..];
    while let [Before::Blank, rest @ ..] = before {
        before = rest;
    }
    printer.before(before, 0);
    printer.part(&whole.part, 0, 0);
    printer.behind(whole.part.behind.as_deref());
    printer.out.push('\n');
    printer.before(&whole.rest, 0);
    printer.out
}

struct Printer {
    out: String,
}

fn width(text: &str) -> usize {
    text.chars().count()
}

/// Whether a part, or something in it, takes several lines whatever its length.
fn tall(part: &Part) -> bool {
    match &part.value {
        Piece::Atom(text) => text.contains('\n'),
        Piece::Group(group) => breaks(group) || group.parts.iter().any(tall),
    }
}

/// Whether the brackets themselves are broken, whatever the length.
fn breaks(group: &Group) -> bool {
    let comments = |part: &Part| part.behind.is_some() || !part.before.is_empty();
    let map = group.brackets.0 == '{';
    (group.broken && !group.parts.is_empty())
        || !group.rest.is_empty()
        || group.parts.iter().any(|part| comments(part) || (map && tall(part)))
}

/// A part on one line.
fn flat(part: &Part) -> String {
    let key = part.key.as_ref().map_or_else(String::new, |key| format!("{key}: "));
    match &part.value {
        Piece::Atom(text) => key + text,
        Piece::Group(group) => {
            let parts: Vec<String> = group.parts.iter().map(flat).collect();
            let inside = parts.join(", ");
            // A map breathes.
            let inside = match group.brackets.0 {
                '{' if !inside.is_empty() => format!(" {inside} "),
                _ => inside,
            };
            format!("{key}{}{}{inside}{}", group.name, group.brackets.0, group.brackets.1)
        }
    }
}

/// Whether these are numbers and words alone, which are filled in lines.
fn plain(group: &Group) -> bool {
    let plain =
        |part: &Part| part.key.is_none() && matches!(&part.value, Piece::Atom(text) if !text.contains('"'));
    group.parts.len() > 1 && group.parts.iter().all(plain)
}

impl Printer {
    fn indent(&mut self, indent: usize) {
        self.out.extend(std::iter::repeat_n(' ', indent));
    }

    /// Blank lines and comments on lines of their own.
    fn before(&mut self, before: &[Before], indent: usize) {
        for one in before {
            if let Before::Comment(said) = one {
                self.indent(indent);
                self.out.push_str(said);
            }
            self.out.push('\n');
        }
    }

    fn behind(&mut self, behind: Option<&str>) {
        if let Some(said) = behind {
            self.out.push_str("  ");
            self.out.push_str(said);
        }
    }

    fn column(&self) -> usize {
        width(self.out.rsplit('\n').next().unwrap_or_default())
    }

    /// A part, its line already begun; `after` columns are needed behind it.
    fn part(&mut self, part: &Part, indent: usize, after: usize) {
        if let Some(key) = &part.key {
            self.out.push_str(key);
            self.out.push_str(": ");
        }
        match &part.value {
            Piece::Atom(text) => self.out.push_str(text),
            Piece::Group(group) => self.group(group, indent, after),
        }
    }

    fn group(&mut self, group: &Group, indent: usize, after: usize) {
        self.out.push_str(&group.name);
        if breaks(group) {
            return if plain(group) && !commented(group) {
                self.filled(group, indent)
            } else {
                self.tall(group, indent)
            };
        }
        let alone =
            Part { value: Piece::Group(Group { name: String::new(), ..group.clone() }), ..Part::default() };
        if group.parts.iter().any(tall) {
            return self.beside(group, indent, after);
        }
        let line = flat(&alone);
        if self.column() + width(&line) + after <= WIDTH || group.parts.is_empty() {
            self.out.push_str(&line);
        } else if plain(group) {
            self.filled(group, indent);
        } else if let ([Part { value: Piece::Group(_), .. }], false) =
            (&group.parts[..], group.brackets.0 == '{')
        {
            self.beside(group, indent, after);
        } else {
            self.tall(group, indent);
        }
    }

    /// The brackets on the lines of what they hold.
    fn beside(&mut self, group: &Group, indent: usize, after: usize) {
        self.out.push(group.brackets.0);
        for (at, part) in group.parts.iter().enumerate() {
            self.out.push_str(if at > 0 { ", " } else { "" });
            self.part(part, indent, after + 1);
        }
        self.out.push(group.brackets.1);
    }

    /// One part a line.
    fn tall(&mut self, group: &Group, indent: usize) {
        self.out.push(group.brackets.0);
        self.out.push('\n');
        for part in &group.parts {
            self.before(&part.before, indent + STEP);
            self.indent(indent + STEP);
            self.part(part, indent + STEP, 1);
            self.out.push(',');
            self.behind(part.behind.as_deref());
            self.out.push('\n');
        }
        self.before(&group.rest, indent + STEP);
        self.indent(indent);
        self.out.push(group.brackets.1);
    }

    /// As many parts a line as fit.
    fn filled(&mut self, group: &Group, indent: usize) {
        self.out.push(group.brackets.0);
        self.out.push('\n');
        self.indent(indent + STEP);
        for (at, part) in group.parts.iter().enumerate() {
            let text = flat(part);
            if at > 0 && self.column() + 1 + width(&text) + 1 > WIDTH {
                self.out.push('\n');
                self.indent(indent + STEP);
            } else if at > 0 {
                self.out.push(' ');
            }
            self.out.push_str(&text);
            self.out.push(',');
        }
        self.out.push('\n');
        self.indent(indent);
        self.out.push(group.brackets.1);
    }
}

/// Whether there are comments or blank lines between the parts.
fn commented(group: &Group) -> bool {
    !group.rest.is_empty() || group.parts.iter().any(|part| part.behind.is_some() || !part.before.is_empty())
}
