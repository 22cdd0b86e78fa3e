//! Names in a graph file: where each is declared, and where it is used.

use crate::outline::{Outline, World, below, kind_of};
use deadwax_graph::edit::is_node_name;
use deadwax_graph::names_template;
use deadwax_graph::tree::{Entry, Span, Value, ValueKind};
use std::collections::HashSet;
use std::path::PathBuf;
use thiserror::Error;

/// Something that has a name in a graph file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Name {
    /// A node.
    Node(String),
    /// A param.
    Param(String),
    /// A graph in a node's place.
    Used(String),
    /// A recording.
    Asset(String),
    /// A preset.
    Preset(String),
}

impl Name {
    fn text(&self) -> &str {
        match self {
            Self::Node(name)
            | Self::Param(name)
            | Self::Used(name)
            | Self::Asset(name)
            | Self::Preset(name) => name,
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

/// Every name in the file, in no order.
#[must_use]
pub fn occurrences(outline: &Outline<'_>) -> Vec<Occurrence> {
    let mut names = Names { outline, all: Vec::new() };
    names.declarations();
    names.nodes();
    names.wires();
    names.params();
    names.all
}

struct Names<'o, 't> {
    outline: &'o Outline<'t>,
    all: Vec<Occurrence>,
}

impl Names<'_, '_> {
    fn push(&mut self, name: Name, span: &Span, declared: bool) {
        let span = self.outline.bare(span);
        self.all.push(Occurrence { name, span, declared });
    }

    fn declarations(&mut self) {
        let outline = self.outline;
        for part in ["nodes", "params", "use", "assets", "presets"] {
            for entry in outline.part(part) {
                let name = entry.key.clone();
                let name = match part {
                    "nodes" => Name::Node(name),
                    "params" => Name::Param(name),
                    "use" => Name::Used(name),
                    "assets" => Name::Asset(name),
                    _ => Name::Preset(name),
                };
                self.push(name, &entry.key_span, true);
            }
        }
        for entry in outline.part("learned") {
            self.push(Name::Node(entry.key.clone()), &entry.key_span, false);
        }
        for entry in outline.part("presets").iter().flat_map(|preset| preset.value.entries()) {
            self.push(Name::Param(entry.key.clone()), &entry.key_span, false);
        }
    }

    /// Kinds that are graphs, and recordings that nodes ask for.
    fn nodes(&mut self) {
        let outline = self.outline;
        let assets: HashSet<&str> = outline.part("assets").iter().map(|asset| asset.key.as_str()).collect();
        for entry in outline.part("nodes") {
            if let Some((kind, span)) = kind_of(&entry.value)
                && outline.entry("use", &kind).is_some()
            {
                self.push(Name::Used(kind), &span, false);
            }
            for field in entry.value.entries().iter().filter(|field| field.key != "note") {
                self.asset(&field.value, &assets);
            }
        }
    }

    fn asset(&mut self, value: &Value, assets: &HashSet<&str>) {
        match &value.kind {
            ValueKind::Text(said) if assets.contains(said.as_str()) => {
                if let Some(inside) = self.outline.inside(value) {
                    self.push(Name::Asset(said.clone()), &inside, false);
                }
            }
            ValueKind::Call(call) => call.items.iter().for_each(|item| self.asset(item, assets)),
            _ => value.entries().iter().for_each(|entry| self.asset(&entry.value, assets)),
        }
    }

    fn wires(&mut self) {
        for end in self.outline.wire_ends() {
            if !matches!(end.node.as_str(), "" | "input" | "output") {
                self.push(Name::Node(end.node), &end.node_span, false);
            }
        }
    }

    /// The nodes in what params set.
    fn params(&mut self) {
        let outline = self.outline;
        for sets in outline.part("params").iter().filter_map(sets) {
            for (path, inside) in paths(sets, outline) {
                let node = path.split('.').next().unwrap_or_default();
                let span = inside.start..inside.start + node.len();
                self.push(Name::Node(node.to_owned()), &span, false);
            }
        }
    }
}

/// What a param sets, or a macro drives.
fn sets(param: &Entry) -> Option<&Value> {
    let found = param.value.entry("sets").or_else(|| param.value.entry("drives"));
    found.map(|found| &found.value)
}

/// The texts in what a param sets, and their bytes: one text, a list of them, or the names in a map.
fn paths(value: &Value, outline: &Outline<'_>) -> Vec<(String, Span)> {
    match &value.kind {
        ValueKind::Text(said) => {
            outline.inside(value).map(|inside| (said.clone(), inside)).into_iter().collect()
        }
        ValueKind::List(items) => items.iter().flat_map(|item| paths(item, outline)).collect(),
        ValueKind::Map(entries) => {
            let key = |entry: &Entry| (entry.key.clone(), outline.bare(&entry.key_span));
            entries.iter().map(key).filter(|(key, span)| key.len() == span.len()).collect()
        }
        _ => Vec::new(),
    }
}

/// The paths of the fields that a param sets.
#[must_use]
pub fn targets_of(outline: &Outline<'_>, param: &str) -> Vec<String> {
    let sets = outline.entry("params", param).and_then(sets);
    sets.map(|sets| paths(sets, outline).into_iter().map(|(path, _)| path).collect()).unwrap_or_default()
}

/// The paths of all fields that macros drive.
pub(crate) fn driven(outline: &Outline<'_>) -> HashSet<String> {
    let drives = outline.part("params").iter().filter_map(|param| param.value.entry("drives"));
    drives.flat_map(|drives| drives.value.entries()).map(|entry| entry.key.clone()).collect()
}

/// Where to go from a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Bytes of the same file.
    Here(Span),
    /// Another file.
    File(PathBuf),
}

/// Where the name at byte `offset` is declared, or the file that the path there leads to.
#[must_use]
pub fn definition(text: &str, offset: usize, world: &World<'_>) -> Option<Target> {
    let outline = Outline::of(text);
    if let Some(named) = named_at(&outline, offset) {
        return place_of(named, world).map(Target::File);
    }
    if let Some(span) = field_in_target(&outline, offset) {
        return Some(Target::Here(span));
    }
    let all = occurrences(&outline);
    let found = at(&all, offset)?;
    // Behind the name of a graph in a node's place stands a file.
    if let (Name::Used(name), true) = (&found.name, found.declared) {
        return place_of(outline.used_text(name)?, world).map(Target::File);
    }
    let declared = all.iter().find(|other| other.declared && other.name == found.name)?;
    Some(Target::Here(declared.span.clone()))
}

/// The name at a place.
fn at(all: &[Occurrence], offset: usize) -> Option<&Occurrence> {
    all.iter().find(|found| found.span.start <= offset && offset <= found.span.end)
}

/// The file or template that is named at a place.
fn named_at<'o>(outline: &'o Outline<'_>, offset: usize) -> Option<&'o str> {
    let entries = ["use", "assets", "learned"].into_iter().flat_map(|part| outline.part(part));
    let mut here = entries.filter(|entry| entry.value.span.contains(&offset));
    match &here.next()?.value.kind {
        ValueKind::Text(named) => Some(named),
        _ => None,
    }
}

/// The file that a graph names, or the graph of the template.
pub(crate) fn place_of(named: &str, world: &World<'_>) -> Option<PathBuf> {
    if names_template(named) {
        let template = world.loader.template(named).ok()?;
        return template.files.locate(&template.entry).ok();
    }
    world.loader.locate(&below(named)?).ok()
}

/// The field that the part behind the dot of a param's target means, where the node mentions it.
fn field_in_target(outline: &Outline<'_>, offset: usize) -> Option<Span> {
    let params = outline.part("params").iter().filter_map(sets);
    let (path, span) = params
        .flat_map(|sets| paths(sets, outline))
        .find(|(_, span)| span.start <= offset && offset <= span.end)?;
    let (node, field) = path.split_once('.')?;
    if offset <= span.start + node.len() {
        return None;
    }
    let value = &outline.entry("nodes", node)?.value;
    entry_at(value, field).map(|entry| entry.key_span.clone())
}

/// The entry at a short path inside a node, as in `air.gain_db`: a step that is no field is an entry of one of its maps.
pub(crate) fn entry_at<'v>(value: &'v Value, path: &str) -> Option<&'v Entry> {
    let (step, rest) = path.split_once('.').map_or((path, None), |(step, rest)| (step, Some(rest)));
    let maps = || value.entries().iter().filter(|entry| matches!(entry.value.kind, ValueKind::Map(_)));
    let found = value.entry(step).or_else(|| maps().find_map(|map| map.value.entry(step)))?;
    match rest {
        None => Some(found),
        Some(rest) => entry_at(&found.value, rest),
    }
}

/// Everywhere the name at byte `offset` stands; `with_declaration` is whether that counts.
#[must_use]
pub fn references(text: &str, offset: usize, with_declaration: bool) -> Vec<Span> {
    let all = occurrences(&Outline::of(text));
    let Some(found) = at(&all, offset) else { return Vec::new() };
    let same = all.iter().filter(|other| other.name == found.name && (with_declaration || !other.declared));
    let mut spans: Vec<Span> = same.map(|other| other.span.clone()).collect();
    spans.sort_by_key(|span| span.start);
    spans.dedup();
    spans
}

/// The bytes of the name at byte `offset`, if it can have another.
#[must_use]
pub fn renamable(text: &str, offset: usize) -> Option<Span> {
    let all = occurrences(&Outline::of(text));
    let found = at(&all, offset)?;
    let declared = all.iter().any(|other| other.declared && other.name == found.name);
    declared.then(|| found.span.clone())
}

/// A name that cannot be given.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RenameError {
    /// Nothing that has a name stands there.
    #[error("nothing that can have another name stands here")]
    NoName,
    /// The new name is none.
    #[error(
        "`{name}` is no name: names are lower case, begin with a letter, and are not `input` or `output`"
    )]
    BadName {
        /// The new name.
        name: String,
    },
    /// The new name is none that a track of an album can have.
    #[error("`{name}` is no name: small letters and digits, with `-` or `_` between them")]
    BadTrack {
        /// The new name.
        name: String,
    },
    /// Something has the new name already.
    #[error("there is a `{name}` already")]
    Taken {
        /// The new name.
        name: String,
    },
}

/// The bytes to change so that what stands at byte `offset` is called `new` everywhere in the file.
///
/// # Errors
/// When nothing with a name stands there, or it cannot have that name.
pub fn rename(text: &str, offset: usize, new: &str, world: &World<'_>) -> Result<Vec<Span>, RenameError> {
    let outline = Outline::of(text);
    let all = occurrences(&outline);
    let found = at(&all, offset).filter(|_| renamable(text, offset).is_some()).ok_or(RenameError::NoName)?;
    let quoted = |span: &Span| text[..span.start].ends_with('"');
    let good = match found.name {
        Name::Preset(_) => !new.is_empty() && !new.contains(['"', '\\', '\n']) && quoted(&found.span),
        Name::Param(_) => is_node_name(new) && !matches!(new, "on" | "lane" | "note"),
        _ => is_node_name(new),
    };
    if !good {
        return Err(RenameError::BadName { name: new.to_owned() });
    }
    let taken = |other: &Occurrence| {
        other.name.text() == new && std::mem::discriminant(&other.name) == std::mem::discriminant(&found.name)
    };
    let is_kind = matches!(found.name, Name::Used(_)) && world.registry.get(new).is_some();
    if new != found.name.text() && (is_kind || all.iter().any(taken)) {
        return Err(RenameError::Taken { name: new.to_owned() });
    }
    Ok(references(text, offset, true))
}
