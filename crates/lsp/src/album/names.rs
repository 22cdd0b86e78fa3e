//! Names in an album: tracks and versions, where each is declared, and where it is used.

use crate::edits::Change;
use crate::names::{RenameError, Target};
use crate::outline::{Outline, World};
use deadwax_album::is_name;
use deadwax_graph::names_template;
use deadwax_graph::tree::{Call, Span, Value, ValueKind};
use std::collections::HashSet;

/// Something that has a name in an album.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Name {
    /// A track.
    Track(String),
    /// Other mixes of tracks.
    Version(String),
}

impl Name {
    fn text(&self) -> &str {
        match self {
            Self::Track(name) | Self::Version(name) => name,
        }
    }
}

/// A place where a name stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// What has the name.
    pub name: Name,
    /// The bytes of the name, without quotes.
    pub span: Span,
    /// Whether it is declared here.
    pub declared: bool,
}

/// Every name in the file, in reading order.
#[must_use]
pub fn occurrences(text: &str) -> Vec<Occurrence> {
    let outline = Outline::of(text);
    let mut all = Vec::new();
    for track in outline.part("tracks") {
        let span = outline.bare(&track.key_span);
        all.push(Occurrence { name: Name::Track(track.key.clone()), span, declared: true });
        for version in track.value.entry("versions").map_or(&[][..], |map| map.value.entries()) {
            let span = outline.bare(&version.key_span);
            all.push(Occurrence { name: Name::Version(version.key.clone()), span, declared: true });
        }
    }
    let used = |value: &Value, name: fn(String) -> Name| match (&value.kind, outline.inside(value)) {
        (ValueKind::Text(said), Some(span)) => {
            Some(Occurrence { name: name(said.clone()), span, declared: false })
        }
        _ => None,
    };
    all.extend(steps(outline.root()).filter_map(|step| used(step, Name::Track)));
    for one in outline.part("deliver") {
        let version = one.value.entry("version").map(|version| &version.value);
        all.extend(version.and_then(|version| used(version, Name::Version)));
    }
    all.sort_by_key(|found| found.span.start);
    all
}

/// The texts in a layout that name tracks.
fn steps(root: &Value) -> impl Iterator<Item = &Value> {
    let items = match root.entry("layout").map(|layout| &layout.value.kind) {
        Some(ValueKind::List(items)) => &items[..],
        _ => &[],
    };
    items.iter().filter_map(|item| match &item.kind {
        ValueKind::Text(_) => Some(item),
        ValueKind::Call(Call { name: Some((name, _)), items, .. }) if name == "Track" => items.first(),
        _ => None,
    })
}

/// The tracks that have a place in the layout.
pub(super) fn laid_out(root: &Value) -> HashSet<String> {
    let name = |step: &Value| match &step.kind {
        ValueKind::Text(name) => Some(name.clone()),
        _ => None,
    };
    steps(root).filter_map(name).collect()
}

/// The name at byte `offset`.
#[must_use]
pub fn occurrence_at(text: &str, offset: usize) -> Option<Occurrence> {
    occurrences(text).into_iter().find(|found| found.span.start <= offset && offset <= found.span.end)
}

/// Where the name at byte `offset` is declared, or the graph that is named there.
#[must_use]
pub fn definition(text: &str, offset: usize, world: &World<'_>) -> Option<Target> {
    if let Some(found) = occurrence_at(text, offset) {
        let declared =
            occurrences(text).into_iter().find(|other| other.declared && other.name == found.name)?;
        return Some(Target::Here(declared.span));
    }
    let outline = Outline::of(text);
    let graphs =
        ["tracks", "deliver"].into_iter().flat_map(|part| outline.part(part)).map(|entry| &entry.value);
    let named =
        graphs.chain([outline.root()]).flat_map(|value| ["graph", "post"].map(|part| value.entry(part)));
    let here = named.flatten().find(|entry| entry.value.span.contains(&offset))?;
    match &here.value.kind {
        ValueKind::Text(name) if names_template(name) || name.ends_with(".ron") => {
            crate::names::place_of(name, world).map(Target::File)
        }
        _ => None,
    }
}

/// Everywhere the name at byte `offset` stands; `with_declaration` is whether that counts.
#[must_use]
pub fn references(text: &str, offset: usize, with_declaration: bool) -> Vec<Span> {
    let Some(found) = occurrence_at(text, offset) else { return Vec::new() };
    let all = occurrences(text).into_iter().filter(|other| other.name == found.name);
    all.filter(|other| with_declaration || !other.declared).map(|other| other.span).collect()
}

/// The bytes of the name at byte `offset`, if it can have another.
#[must_use]
pub fn renamable(text: &str, offset: usize) -> Option<Span> {
    let found = occurrence_at(text, offset)?;
    let declared = occurrences(text).iter().any(|other| other.declared && other.name == found.name);
    declared.then_some(found.span)
}

/// The changes after which what stands at byte `offset` is called `new` everywhere in the file.
///
/// # Errors
/// When nothing with a name stands there, or it cannot have that name.
pub fn rename(text: &str, offset: usize, new: &str) -> Result<Vec<Change>, RenameError> {
    let found = occurrence_at(text, offset).filter(|_| renamable(text, offset).is_some());
    let found = found.ok_or(RenameError::NoName)?;
    if !is_name(new) {
        return Err(RenameError::BadTrack { name: new.to_owned() });
    }
    let all = occurrences(text);
    let taken = |other: &Occurrence| {
        other.name.text() == new && std::mem::discriminant(&other.name) == std::mem::discriminant(&found.name)
    };
    // Versions of several tracks share a name, and each track has it once.
    if new != found.name.text() && all.iter().any(taken) {
        return Err(RenameError::Taken { name: new.to_owned() });
    }
    let change = |span: Span| {
        let quoted = text[..span.start].ends_with('"');
        let needs = !new.starts_with(|first: char| first.is_ascii_lowercase()) || new.contains('-');
        let written = if needs && !quoted { format!("\"{new}\"") } else { new.to_owned() };
        Change { span, text: written }
    };
    Ok(references(text, offset, true).into_iter().map(change).collect())
}
