//! What something in an album means.

use super::completion::words;
use super::graphs::graph_at;
use super::names::{Name, occurrence_at};
use super::place::{entry, spot};
use crate::hover::Told;
use crate::outline::{World, mended};
use crate::place::word_around;
use deadwax_album::parts::{ALBUM, Here, Shape, form};
use deadwax_graph::tree::{Value, ValueKind, parse};

/// What stands at byte `offset` of `text`.
#[must_use]
pub fn hover(text: &str, offset: usize, world: &World<'_>) -> Option<Told> {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let root = parse(&mended(text, offset), 0, &mut Vec::new());
    if let Some(found) = occurrence_at(text, offset) {
        let text = match &found.name {
            Name::Track(name) => track(name, &entry(&root, "tracks", name)?.value),
            Name::Version(name) => format!("**{name}**: another mix, of the tracks that have it"),
        };
        return Some(Told { text, span: found.span });
    }
    let span = word_around(text, offset);
    let word = &text[span.clone()];
    let told = |text: String| Some(Told { text, span: span.clone() });
    if word == ALBUM.name && root.span.start == span.start {
        return told(format!("**{word}**: {}", words(&ALBUM)));
    }
    let spot = spot(text, span.start).filter(|_| !word.is_empty())?;
    let is_key = text[span.end..].trim_start_matches('"').trim_start().starts_with(':');
    if is_key {
        return match spot.here {
            Here::Parts(form) => told(format!("**{word}**: {}", form.part(word)?.words())),
            Here::Values => {
                let graph = graph_at(&spot, &root, world)?;
                let param = graph.params.iter().find(|param| param.name == word)?;
                let range = crate::words::range(&param.kind, param.unit);
                told(format!("**{word}**: {}\n\n{range} · default {}", param.help, param.value))
            }
            _ => None,
        };
    }
    let key = spot.open.key.as_deref();
    let shape = spot.here.shape(key)?;
    if let Some(found) = form(shape.forms(), word).filter(|_| spot.open.text.is_none()) {
        return told(format!("**{word}**: {}", words(found)));
    }
    if let Shape::Record(form) = shape
        && form.name == word
    {
        return told(format!("**{word}**: {}", words(form)));
    }
    match key.and_then(|key| spot.here.part(key)) {
        Some(part) => told(format!("**{}**: {}", part.name, part.words())),
        None => told(shape.words()),
    }
}

/// A track in a few lines.
pub(super) fn track(name: &str, value: &Value) -> String {
    let said = |part: &str| match &value.entry(part)?.value.kind {
        ValueKind::Text(text) => Some(text.clone()),
        ValueKind::Call(_) => match &value.entry(part)?.value.entry("path")?.value.kind {
            ValueKind::Text(text) => Some(text.clone()),
            _ => None,
        },
        _ => None,
    };
    let mut lines = vec![format!(
        "**{name}**: {}",
        said("title").unwrap_or_else(|| "a track without a title".to_owned())
    )];
    for part in ["artist", "isrc", "source", "graph"] {
        lines.extend(said(part).map(|text| format!("{part} {text}")));
    }
    lines.join("\n\n")
}
