//! Differences between what is neither node nor wire: params, presets, the files that are named, what the graph says
//! about itself.

use super::change::{Change, Section, What};
use super::units::{Matched, head, renamed};
use super::written;
use crate::load::same_value;
use crate::model::{Drive, Graph, Param};
use deadwax_node::FieldKind;
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// A thing's values by the names of its fields.
type Fields = Vec<(String, String)>;

pub(super) fn changes(matched: &Matched<'_>) -> Vec<Change> {
    let (before, after) = (matched.before.graph, matched.after.graph);
    let (mut all, names) = params(matched, before, after);
    all.extend(presets(before, after, &names));
    for (section, name) in [(Section::Use, "use"), (Section::Asset, "assets"), (Section::Learned, "learned")]
    {
        let of_nodes = HashMap::new();
        let names = if section == Section::Learned { &matched.renamed } else { &of_nodes };
        let old = matched.before.declared.section(name).into_iter();
        let old = old.map(|(name, file)| (renamed(names, &name), vec![(String::new(), file)])).collect();
        let new = matched.after.declared.section(name).into_iter();
        let new = new.map(|(name, file)| (name, vec![(String::new(), file)])).collect();
        all.extend(things(section, old, new));
    }
    for lesson in &before.lessons {
        let name = matched.name_now(&lesson.node);
        if after.lesson(&name).is_some_and(|now| now.text != lesson.text) {
            all.push(Change::new(Section::Learned, name, What::Content));
        }
    }
    all.extend(things(
        Section::About,
        vec![(String::new(), about(before))],
        vec![(String::new(), about(after))],
    ));
    all
}

/// Things that are new or gone, and fields of the others.
fn things(section: Section, before: Vec<(String, Fields)>, after: Vec<(String, Fields)>) -> Vec<Change> {
    let written = |fields: &Fields| {
        let said = fields.iter().filter(|(_, value)| !value.is_empty());
        let each =
            said.map(|(name, value)| if name.is_empty() { value.clone() } else { format!("{name} {value}") });
        each.collect::<Vec<_>>().join(", ")
    };
    let mut all = Vec::new();
    let old: HashMap<&str, &Fields> = before.iter().map(|(name, fields)| (name.as_str(), fields)).collect();
    let new: HashMap<&str, &Fields> = after.iter().map(|(name, fields)| (name.as_str(), fields)).collect();
    for (name, fields) in &after {
        match old.get(name.as_str()) {
            Some(old) => {
                let value = |(field, before, after)| What::Value { field, before, after };
                all.extend(
                    compared(old, fields).into_iter().map(|one| Change::new(section, name, value(one))),
                );
            }
            None => {
                all.push(Change::new(section, name, What::New { is: written(fields), place: None }));
            }
        }
    }
    for (name, fields) in before.iter().filter(|(name, _)| !new.contains_key(name.as_str())) {
        all.push(Change::new(section, name, What::Removed { was: written(fields), place: None }));
    }
    all
}

/// Fields that are other. An empty value is none.
fn compared(before: &Fields, after: &Fields) -> Vec<(String, Option<String>, Option<String>)> {
    let value = |fields: &Fields, name: &str| {
        fields
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.clone())
            .filter(|v| !v.is_empty())
    };
    let gone = before.iter().filter(|(name, _)| !after.iter().any(|(known, _)| known == name));
    let names = after.iter().chain(gone).map(|(name, _)| name);
    let both = names.map(|name| (name.clone(), value(before, name), value(after, name)));
    both.filter(|(_, before, after)| match (before, after) {
        (Some(before), Some(after)) => !same_value(before, after),
        _ => before != after,
    })
    .collect()
}

/// Differences between params, and what those are called now that go by another name.
fn params(matched: &Matched<'_>, before: &Graph, after: &Graph) -> (Vec<Change>, HashMap<String, String>) {
    let sets = |param: &Param| -> Vec<String> {
        let paths = param.sets.iter().map(|path| path_now(&matched.renamed, path));
        let driven =
            param.drives.iter().map(|drive| drive_said(drive, &path_now(&matched.renamed, &drive.path)));
        paths.chain(driven).collect()
    };
    let sets_now = |param: &Param| -> Vec<String> {
        let driven = param.drives.iter().map(|drive| drive_said(drive, &drive.path));
        param.sets.iter().cloned().chain(driven).collect()
    };
    let known = |graph: &'_ Graph| -> HashSet<String> {
        graph.params.iter().map(|param| param.name.clone()).collect()
    };
    let (in_first, in_second) = (known(before), known(after));
    let mut free: HashMap<Vec<String>, &str> = HashMap::new();
    for new in after.params.iter().filter(|new| !in_first.contains(&new.name)) {
        free.entry(sets_now(new)).or_insert(&new.name);
    }
    let mut names: HashMap<String, String> = HashMap::new();
    for old in before.params.iter().filter(|old| !in_second.contains(&old.name)) {
        names.extend(free.remove(&sets(old)).map(|now| (old.name.clone(), now.to_owned())));
    }
    let mut all: Vec<Change> = Vec::new();
    let was: HashMap<&String, &String> = names.iter().map(|(was, now)| (now, was)).collect();
    for new in &after.params {
        if let Some(from) = was.get(&new.name) {
            all.push(Change::new(Section::Param, &new.name, What::Renamed { from: (*from).clone() }));
        }
    }
    let old =
        before.params.iter().map(|param| (renamed(&names, &param.name), param_fields(param, &sets(param))));
    let new = after.params.iter().map(|param| (param.name.clone(), param_fields(param, &sets_now(param))));
    all.extend(things(Section::Param, old.collect(), new.collect()));
    (all, names)
}

/// Whether a difference is only what a macro makes of a field, and the macro is in both graphs: then its dial is what differs.
pub(super) fn is_driven(matched: &Matched<'_>, change: &Change) -> bool {
    let (Section::Node, What::Value { field, .. }) = (change.section, &change.what) else { return false };
    let drives = |graph: &'_ Graph, name: &str, path: &str| -> Option<Drive> {
        let known = graph.params.iter().find(|param| param.name == name)?;
        known.drives.iter().find(|drive| path_now(&matched.renamed, &drive.path) == path).cloned()
    };
    matched.after.graph.params.iter().any(|param| {
        param.drives.iter().any(|drive| {
            let same = |before: Drive| {
                (before.from, before.to, before.is_log) == (drive.from, drive.to, drive.is_log)
            };
            let (node, rest) = drive.path.split_once('.').unwrap_or((&drive.path, ""));
            // The whole path has the map in it, through which the short one leads.
            let here = node == change.name && (field == rest || field.ends_with(&format!(".{rest}")));
            here && drives(matched.before.graph, &param.name, &drive.path).is_some_and(same)
        })
    })
}

/// A path with the node as it is called now.
fn path_now(names: &HashMap<String, String>, path: &str) -> String {
    match path.split_once('.') {
        Some((node, rest)) => format!("{}.{rest}", renamed(names, head(node))),
        None => path.to_owned(),
    }
}

/// A field that a macro drives, as one would write it.
fn drive_said(drive: &Drive, path: &str) -> String {
    let way = if drive.is_log { ", Log" } else { "" };
    format!("{path}: ({}, {}{way})", drive.from, drive.to)
}

/// What a param itself says. Its value is that of the fields, and said with them; a macro has one of its own.
fn param_fields(param: &Param, sets: &[String]) -> Fields {
    let mut fields = if param.drives.is_empty() {
        vec![("sets".to_owned(), format!("[{}]", sets.join(", ")))]
    } else {
        let drives = format!("{{ {} }}", sets.join(", "));
        vec![("default".to_owned(), param.value.clone()), ("drives".to_owned(), drives)]
    };
    if let FieldKind::Number { min, max, .. } = param.kind {
        fields.extend([("min".to_owned(), min.to_string()), ("max".to_owned(), max.to_string())]);
    }
    fields.push(("help".to_owned(), format!("{:?}", param.help)));
    fields
}

fn presets(before: &Graph, after: &Graph, names: &HashMap<String, String>) -> Vec<Change> {
    let old = before.presets.iter().map(|preset| {
        let values = preset.values.iter().map(|(param, value)| (renamed(names, param), value.clone()));
        (preset.name.clone(), values.collect())
    });
    let new = after.presets.iter().map(|preset| (preset.name.clone(), preset.values.clone()));
    things(Section::Preset, old.collect(), new.collect())
}

fn about(graph: &Graph) -> Fields {
    let said = serde_json::to_value(&graph.about).unwrap_or_default();
    let empty = |value: &Value| value.as_str() == Some("") || value.as_array().is_some_and(Vec::is_empty);
    let fields = |fields: &serde_json::Map<String, Value>| {
        let each = fields.iter().map(|(name, value)| format!("{name}: {}", written::plain(value)));
        format!("({})", each.collect::<Vec<_>>().join(", "))
    };
    let text = |value: &Value| match value {
        Value::Object(inner) => fields(inner),
        value if empty(value) => String::new(),
        value => written::plain(value),
    };
    said.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), text(value))).collect()
}
