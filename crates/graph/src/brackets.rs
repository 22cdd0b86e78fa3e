//! Parts of brackets, added, removed and brought into another order, so that commas and comments stay right.

use crate::edit::{Edited, splice};
use crate::format::comment;
use crate::tree::lexer::{Kind, tokens};
use crate::tree::{Span, Value, ValueKind};

/// Adds a part to brackets behind the part at `last`, on a line of its own where that stands on one.
pub(crate) fn append(text: &str, brackets: &Value, last: Option<Span>, new: &str) -> Edited {
    let close = brackets.span.end - 1;
    let Some(last) = last else {
        return splice(text, close..close, new);
    };
    let line_start = text[..last.start].rfind('\n').map_or(0, |at| at + 1);
    let indent = &text[line_start..last.start];
    let own_line = line_start > brackets.span.start && indent.chars().all(char::is_whitespace);
    let mut next = tokens(&text[last.end..close], 0, &mut Vec::new()).into_iter().peekable();
    let comma = next.next_if(|token| token.kind == Kind::Comma).map(|token| token.span.end);
    let at = last.end + comma.unwrap_or(0);
    let comma = comma.is_some();
    let gap = &text[at..next.peek().map_or(close, |token| last.end + token.span.start)];
    let line_end = line_end(gap).map(|end| at + end);
    if !own_line || (line_end.is_none() && next.peek().is_some()) {
        let new = if comma { format!(" {new}") } else { format!(", {new}") };
        // What follows has the comma that was there.
        let more = comma && next.peek().is_some();
        return splice(text, at..at, &if more { format!("{new},") } else { new });
    }
    // A comment behind the last part stays on its line.
    let line_end = line_end.unwrap_or(at);
    if comma {
        return splice(text, line_end..line_end, &format!("\n{indent}{new},"));
    }
    let kept = &text[at..line_end];
    splice(text, at..line_end, &format!(",{kept}\n{indent}{new}"))
}

/// Where the first line ends in a text of blanks and comments, outside the comments.
fn line_end(gap: &str) -> Option<usize> {
    let mut at = 0;
    while let Some(next) = gap[at..].chars().next() {
        match next {
            '\n' => return Some(at),
            '/' => at += comment(&gap[at..]).max(1),
            _ => at += next.len_utf8(),
        }
    }
    None
}

/// Adds a part to the brackets of `brackets`, as the one at number `at` of its entries; at their end, if there are fewer. It
/// stands on a line of its own where its neighbour does, and comments stay with the parts they are about.
#[must_use]
pub fn insert(text: &str, brackets: &Value, at: usize, new: &str) -> Edited {
    let entries = brackets.entries();
    if let Some(before) = at.min(entries.len()).checked_sub(1).and_then(|at| entries.get(at)) {
        return append(text, brackets, Some(before.span()), new);
    }
    let close = brackets.span.end - 1;
    let open = brackets.span.start + text[brackets.span.clone()].find(['(', '{']).unwrap_or(0) + 1;
    let Some(first) = entries.first() else { return only(text, open..close, new) };
    let line_start = text[..first.key_span.start].rfind('\n').map_or(0, |at| at + 1);
    let indent = &text[line_start..first.key_span.start];
    if line_start <= open || !indent.chars().all(char::is_whitespace) {
        return splice(text, first.key_span.start..first.key_span.start, &format!("{new}, "));
    }
    // In front of the comments that the first part has above it.
    let at = line_end(&text[open..line_start]).map_or(line_start, |end| open + end + 1);
    splice(text, at..at, &format!("{indent}{new},\n"))
}

/// The first part in brackets that hold nothing, or comments.
fn only(text: &str, inside: Span, new: &str) -> Edited {
    let held = &text[inside.clone()];
    let line = held.rfind('\n').map(|at| inside.start + at + 1);
    match line {
        Some(line) if text[line..inside.end].trim().is_empty() => {
            let indent = &text[line..inside.end];
            splice(text, line..line, &format!("{indent}    {new},\n"))
        }
        None if held.trim().is_empty() && text[..inside.start].ends_with('{') => {
            splice(text, inside, &format!(" {new} "))
        }
        _ => splice(text, inside.end..inside.end, new),
    }
}

/// Removes a part of brackets with its comma; with its whole line, where nothing else stands there.
pub(crate) fn cut(text: &str, brackets: &Value, part: Span) -> Edited {
    splice(text, span_of_cut(text, brackets, part), "")
}

/// The bytes that go with a part of brackets when it is removed.
pub(crate) fn span_of_cut(text: &str, brackets: &Value, part: Span) -> Span {
    let close = brackets.span.end - 1;
    let blank = |text: &str| text.len() - text.trim_start_matches([' ', '\t']).len();
    let mut end = part.end + blank(&text[part.end..close]);
    let comma = text[end..close].starts_with(',');
    end = if comma { end + 1 } else { part.end };
    let line_start = text[..part.start].rfind('\n').map_or(0, |at| at + 1);
    let rest = end + blank(&text[end..]);
    let alone = text[line_start..part.start].trim().is_empty() && text[rest..].starts_with('\n');
    if alone && line_start > brackets.span.start {
        return line_start..rest + 1;
    }
    let start = if comma { part.start } else { before_comma(text, brackets, part.start) };
    let end = if comma { end + blank(&text[end..close]) } else { end };
    start..end
}

/// Where the comma in front of a last part begins, so that it goes with the part.
fn before_comma(text: &str, brackets: &Value, start: usize) -> usize {
    let before = text[brackets.span.start..start].trim_end();
    before.strip_suffix(',').map_or(start, |kept| brackets.span.start + kept.len())
}

/// An item of a list with what belongs to it.
struct Item<'t> {
    /// Blanks and comments in front of it.
    lead: &'t str,
    /// The item, and what stands between it and its comma.
    body: &'t str,
    /// A comment behind it on its line.
    trail: &'t str,
}

/// Whether a line ends before anything else stands in a text.
fn breaks(text: &str) -> bool {
    text.trim_start_matches([' ', '\t', '\r']).starts_with('\n')
}

/// Brings the items of a list into the order that `order` names by their numbers, each once. Comments go with the items that they
/// stand in front of or behind; everything outside the list is as it was. `None` when `list` is none, or `order` not all of it.
#[must_use]
pub fn reorder(text: &str, list: &Value, order: &[usize]) -> Option<Edited> {
    let ValueKind::List(values) = &list.kind else { return None };
    let mut sorted = order.to_vec();
    sorted.sort_unstable();
    if !sorted.into_iter().eq(0..values.len()) {
        return None;
    }
    let (inside, close) = (list.span.start + 1, list.span.end - 1);
    let mut items = Vec::with_capacity(values.len());
    let (mut at, mut comma_at_end) = (inside, false);
    for (number, value) in values.iter().enumerate() {
        let next = values.get(number + 1).map_or(close, |next| next.span.start);
        let behind = &text[value.span.end..next];
        let comma = tokens(behind, 0, &mut Vec::new()).into_iter().find(|token| token.kind == Kind::Comma);
        comma_at_end = comma.is_some();
        let body = value.span.end + comma.as_ref().map_or(0, |comma| comma.span.start);
        let rest = value.span.end + comma.map_or(0, |comma| comma.span.end);
        // Without a comment there is nothing behind an item that would be its own.
        let end = line_end(&text[rest..next]).map_or(rest, |end| rest + end);
        let end = if text[rest..end].trim().is_empty() { rest } else { end };
        items.push(Item {
            lead: &text[at..value.span.start],
            body: &text[value.span.start..body],
            trail: &text[rest..end],
        });
        at = end;
    }
    let (mut new, mut open) = (String::new(), false);
    for (place, number) in order.iter().enumerate() {
        let Item { lead, body, trail } = items[*number];
        let plain = |lead: &str| lead.trim().is_empty();
        // Blanks between items on one line belong to the line.
        let lead = match lead {
            lead if !plain(lead) || lead.contains('\n') => lead,
            _ if plain(items[place].lead) => items[place].lead,
            _ => " ",
        };
        new.push_str(if open && !breaks(lead) { "\n" } else { "" });
        new.push_str(lead);
        new.push_str(body);
        new.push_str(if place + 1 < order.len() || comma_at_end { "," } else { "" });
        new.push_str(trail);
        // Nothing may stand on a line behind a comment that ends with it.
        open = trail.contains("//");
    }
    new.push_str(if open && !breaks(&text[at..close]) { "\n" } else { "" });
    Some(splice(text, inside..at, &new))
}
