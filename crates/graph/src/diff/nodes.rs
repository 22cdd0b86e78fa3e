//! Differences between nodes: which there are, of what kind, with what values.

use super::change::{Change, Section, What};
use super::units::Matched;
use super::written;
use crate::model::Node;
use deadwax_node::{Field, FieldKind};
use serde_json::Value;
use std::collections::HashMap;

/// A field's path, and its value in both.
type Found = (String, Option<String>, Option<String>);

pub(super) fn changes(matched: &Matched<'_>) -> Vec<Change> {
    let (before, after) = (&matched.before, &matched.after);
    let was: HashMap<&str, &str> =
        matched.renamed.iter().map(|(was, now)| (now.as_str(), was.as_str())).collect();
    let places = after.wiring.places(&matched.new);
    let mut all = Vec::new();
    for (name, nodes) in &after.units {
        let change = |what| Change::new(Section::Node, name, what);
        let old = was.get(name.as_str()).copied().unwrap_or(name);
        if old != name {
            all.push(change(What::Renamed { from: old.to_owned() }));
        }
        match before.units.get(old).filter(|_| !matched.new.contains(name)) {
            Some(old_nodes) => {
                let single = |nodes: &[&Node], unit: &str| nodes.len() == 1 && nodes[0].name == unit;
                if single(old_nodes, old) == single(nodes, name) {
                    all.extend(unit(matched, old_nodes, nodes));
                } else {
                    all.push(change(What::Kind { was: before.written(old), is: after.written(name) }));
                }
            }
            None if matched.new.contains(name) => {
                let place = places.get(name).cloned();
                all.push(change(What::New { is: after.written(name), place }));
            }
            None => {}
        }
    }
    for (name, off) in &matched.switched {
        let (before, after) = (Some(off.to_string()), Some((!off).to_string()));
        all.push(Change::new(Section::Node, name, What::Value { field: "on".into(), before, after }));
    }
    let places = before.wiring.places(&matched.gone);
    all.extend(matched.gone.iter().map(|name| {
        let what = What::Removed { was: before.written(name), place: places.get(name).cloned() };
        Change::new(Section::Node, name, what)
    }));
    all
}

/// Differences between the nodes of a part.
fn unit(matched: &Matched<'_>, before: &[&Node], after: &[&Node]) -> Vec<Change> {
    let old: HashMap<String, &Node> =
        before.iter().map(|node| (matched.name_now(&node.name), *node)).collect();
    let mut all = Vec::new();
    for node in after {
        match old.get(&node.name) {
            Some(old) => all.extend(both(old, node)),
            None => {
                let what = What::New { is: written::node(node), place: None };
                all.push(Change::new(Section::Node, &node.name, what));
            }
        }
    }
    let known = |name: &str| after.iter().any(|node| node.name == name);
    let gone = before.iter().filter(|node| !known(&matched.name_now(&node.name)));
    all.extend(gone.map(|node| {
        let what = What::Removed { was: written::node(node), place: None };
        Change::new(Section::Node, matched.name_now(&node.name), what)
    }));
    all
}

/// Differences between a node before and now.
fn both(before: &Node, after: &Node) -> Vec<Change> {
    let change = |what| Change::new(Section::Node, &after.name, what);
    let mut all = Vec::new();
    if before.node.about().kind == after.node.about().kind {
        let mut found = Vec::new();
        fields(&after.node.fields(), &before.node.to_json(), &after.node.to_json(), "", &mut found);
        let value = |(field, before, after)| change(What::Value { field, before, after });
        all.extend(found.into_iter().map(value));
        let mut own = |field: &str, before: Option<String>, after: Option<String>| {
            if before != after {
                all.push(change(What::Value { field: field.to_owned(), before, after }));
            }
        };
        own("on", Some(before.on.to_string()), Some(after.on.to_string()));
        own("lane", Some(before.lane.name().to_owned()), Some(after.lane.name().to_owned()));
        let note = |node: &Node| node.note.as_ref().map(|note| format!("{note:?}"));
        own("note", note(before), note(after));
    } else {
        all.push(change(What::Kind { was: before.node.about().kind.to_owned(), is: written::node(after) }));
    }
    all
}

fn fields(known: &[Field], before: &Value, after: &Value, path: &str, found: &mut Vec<Found>) {
    for field in known {
        values(&field.kind, &before[field.name], &after[field.name], &step(path, field.name), found);
    }
}

fn step(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn values(kind: &FieldKind, before: &Value, after: &Value, path: &str, found: &mut Vec<Found>) {
    if before == after {
        return;
    }
    match (kind, before, after) {
        (FieldKind::Map { item, .. }, Value::Object(old), Value::Object(new)) => {
            for (name, value) in new {
                match old.get(name) {
                    Some(before) => values(item, before, value, &step(path, name), found),
                    None => found.push((step(path, name), None, Some(written::value(value, item)))),
                }
            }
            let gone = old.iter().filter(|(name, _)| !new.contains_key(*name));
            found.extend(
                gone.map(|(name, value)| (step(path, name), Some(written::value(value, item)), None)),
            );
        }
        (FieldKind::List { item, .. }, Value::Array(old), Value::Array(new)) if old.len() == new.len() => {
            for (number, (before, after)) in old.iter().zip(new).enumerate() {
                values(item, before, after, &step(path, &number.to_string()), found);
            }
        }
        (FieldKind::Variants(variants), Value::Object(old), Value::Object(new)) => {
            let form = new.iter().next().and_then(|(name, inner)| Some((name, old.get(name)?, inner)));
            let known = form.and_then(|(name, old, new)| {
                Some((variants.iter().find(|variant| variant.name == name)?, old, new))
            });
            match known {
                Some((variant, old, new)) => fields(&variant.fields, old, new, path, found),
                None => found.push(whole(kind, before, after, path)),
            }
        }
        _ => found.push(whole(kind, before, after, path)),
    }
}

fn whole(kind: &FieldKind, before: &Value, after: &Value, path: &str) -> Found {
    (path.to_owned(), Some(written::value(before, kind)), Some(written::value(after, kind)))
}
