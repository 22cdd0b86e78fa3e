//! Edits by splice: one value of an album changes, and no other byte of its text.

use crate::parts::{ALBUM, Absent, Form, Here, Part, Shape, form};
use deadwax_graph::edit::{EditError, Edited, insert, is_value, splice, tree};
use deadwax_graph::tree::{Call, Entry, Value, ValueKind};

static DOCUMENT: Shape = Shape::Record(&ALBUM);

/// Sets the value at `path`, as in `about.title`, `tracks.one.set.glue.ratio` or `deliver.cd.limit`, to `value`, as one would
/// write it; quotes around a text may be left out. A part that the document does not mention is put where the format has it,
/// with the parts around it where they are not there either; an entry of a map is put behind the others.
///
/// # Errors
/// When the text has errors of its own, the path leads nowhere, or the value is none.
pub fn set(text: &str, path: &str, value: &str) -> Result<Edited, EditError> {
    let root = tree(text)?;
    let missing = || EditError::NoSuchPath { path: path.to_owned() };
    let mut edited = match seek(&root, path).ok_or_else(missing)? {
        Sought::There(found, shape) => return Ok(splice(text, found.span.clone(), &written(shape, value)?)),
        Sought::Missing(outer, here, rest) => {
            let (part, at) = new_part(outer, here, rest, value)?.ok_or_else(missing)?;
            match &outer.kind {
                ValueKind::Word(word) => splice(text, outer.span.clone(), &format!("{word}({part})")),
                _ => insert(text, outer, at, &part),
            }
        }
    };
    // What is told as new is the value, and not the names around it.
    let found = tree(&edited.text).ok().and_then(|root| match seek(&root, path) {
        Some(Sought::There(found, _)) => Some(found.span.clone()),
        _ => None,
    });
    edited.span = found.ok_or_else(missing)?;
    Ok(edited)
}

/// The text of the value at `path`, where a document mentions it, as [`set`] finds it.
///
/// # Errors
/// When the text has errors of its own.
pub fn value_at<'t>(text: &'t str, path: &str) -> Result<Option<&'t str>, EditError> {
    let root = tree(text)?;
    Ok(match seek(&root, path) {
        Some(Sought::There(found, _)) => Some(&text[found.span.clone()]),
        _ => None,
    })
}

/// Where a path leads.
enum Sought<'a, 'p> {
    /// To a value.
    There(&'a Value, Option<&'static Shape>),
    /// Into a value that is there, and from it on to what is not.
    Missing(&'a Value, Here, &'p str),
}

fn seek<'a, 'p>(root: &'a Value, path: &'p str) -> Option<Sought<'a, 'p>> {
    let (mut value, mut shape, mut rest) = (root, &DOCUMENT, path);
    while !rest.is_empty() {
        let here = inside(value, shape)?;
        let Some((inner, key, left)) = step(value, rest) else {
            return Some(Sought::Missing(value, here, rest));
        };
        match here.shape(key) {
            Some(known) => (value, shape, rest) = (inner, known, left),
            // Values for a graph are the graph's business, as deep as they go.
            None => return inner.at_path(left).map(|found| Sought::There(found, None)),
        }
    }
    Some(Sought::There(value, Some(shape)))
}

fn inside(value: &Value, shape: &'static Shape) -> Option<Here> {
    match &value.kind {
        ValueKind::Call(Call { name, .. }) => shape.inside('(', name.as_ref().map(|(name, _)| name.as_str())),
        ValueKind::Word(word) => shape.inside('(', Some(word)),
        ValueKind::Map(_) => shape.inside('{', None),
        ValueKind::List(_) => shape.inside('[', None),
        _ => None,
    }
}

/// The value that a path leads to next, its name where it has one, and what is left of the path.
fn step<'a, 'p>(value: &'a Value, path: &'p str) -> Option<(&'a Value, Option<&'a str>, &'p str)> {
    let left = |entry: &'a Entry| {
        let left = path.strip_prefix(entry.key.as_str())?;
        let whole = left.is_empty() || left.starts_with('.');
        whole.then(|| (&entry.value, Some(entry.key.as_str()), left.trim_start_matches('.')))
    };
    // A name in quotes may have dots of its own: the longest that fits is meant.
    let named = value.entries().iter().filter_map(left).min_by_key(|(.., left)| left.len());
    let (number, left) = path.split_once('.').unwrap_or((path, ""));
    let items: &[Value] = match &value.kind {
        ValueKind::List(items) => items,
        ValueKind::Call(call) if call.fields.is_empty() => &call.items,
        _ => &[],
    };
    named.or_else(|| Some((items.get(number.parse::<usize>().ok()?)?, None, left)))
}

/// A part that is not there yet, as one would write it, and its number among the entries of `outer`.
fn new_part(
    outer: &Value,
    here: Here,
    rest: &str,
    value: &str,
) -> Result<Option<(String, usize)>, EditError> {
    let entries = outer.entries();
    Ok(match here {
        Here::Parts(form) => {
            let name = rest.split('.').next().unwrap_or_default();
            let before = form.parts().take_while(|part| part.name != name);
            let before: Vec<&str> = before.map(|part| part.name).collect();
            let at = entries.iter().rposition(|entry| before.contains(&entry.key.as_str()));
            named(form, rest, value)?.map(|part| (part, at.map_or(0, |at| at + 1)))
        }
        Here::Entries(of, _) if !rest.contains('.') => {
            Some((format!("{}: {}", key(rest), written(Some(of), value)?), entries.len()))
        }
        Here::Values => Some((format!("{}: {}", key(rest), written(None, value)?), entries.len())),
        Here::Entries(..) | Here::One(_) | Here::Items(_) => None,
    })
}

/// `name: value`, for a path that begins with a part of `form`; `None` where it leads nowhere.
fn named(form: &'static Form, path: &str, value: &str) -> Result<Option<String>, EditError> {
    let (name, deeper) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    let Some(part) = form.part(name) else { return Ok(None) };
    let value = match deeper {
        None => Some(written(Some(&part.shape), value)?),
        Some(deeper) => around(part, &part.shape, deeper, value)?,
    };
    Ok(value.map(|value| format!("{name}: {value}")))
}

/// A value of `shape` with nothing in it but what stands at `path`; `None` where there is nothing of the kind.
fn around(
    part: &'static Part,
    shape: &'static Shape,
    path: &str,
    value: &str,
) -> Result<Option<String>, EditError> {
    let in_form =
        |form: &'static Form| Ok(named(form, path, value)?.map(|inside| format!("{}({inside})", form.name)));
    match (shape, part.absent) {
        (Shape::Record(form), _) => in_form(form),
        // What is said of something that is not mentioned is said of its default.
        (Shape::Forms(forms), Absent::Is(default)) => {
            form(forms, default.split('(').next().unwrap_or_default()).map_or(Ok(None), in_form)
        }
        (Shape::Either(shapes), _) => {
            let mut each = shapes.iter().map(|shape| around(part, shape, path, value));
            each.find(|found| !matches!(found, Ok(None))).unwrap_or(Ok(None))
        }
        (Shape::Values, _) => Ok(Some(format!("{{ {}: {} }}", key(path), written(None, value)?))),
        (Shape::Map { of, .. }, _) if !path.contains('.') => {
            Ok(Some(format!("{{ {}: {} }}", key(path), written(Some(of), value)?)))
        }
        _ => Ok(None),
    }
}

/// A name in front of a colon, in quotes where it needs them.
fn key(name: &str) -> String {
    let mut letters = name.bytes();
    let word = letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && letters.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if word { name.to_owned() } else { quoted(name) }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// `value` as it stands in a document. In front of a shell nobody wants to quote twice: what can only be a text becomes one.
fn written(shape: Option<&'static Shape>, value: &str) -> Result<String, EditError> {
    let trimmed = value.trim();
    let is_text = ["\"", "r\"", "r#"].iter().any(|start| trimmed.starts_with(start)) && is_value(trimmed);
    let meant = match shape {
        Some(Shape::Text(_)) => !is_text,
        Some(Shape::Either(shapes)) => {
            let any = shapes.iter().any(|shape| matches!(shape, Shape::Text(_)));
            any && !is_text && !(trimmed.ends_with(')') && is_value(trimmed))
        }
        _ => false,
    };
    match meant {
        true => Ok(quoted(value)),
        false if is_value(trimmed) => Ok(trimmed.to_owned()),
        false => Err(EditError::BadValue { value: value.to_owned() }),
    }
}
