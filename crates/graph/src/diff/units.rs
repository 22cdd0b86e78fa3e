//! Which parts of two graphs are the same. A part is a node, or all nodes of a graph that stands in a node's place.

use super::change::Place;
use super::declared::Declared;
use super::wiring::Wiring;
use super::written;
use crate::model::{Graph, Node};
use indexmap::IndexMap;
use std::collections::{HashMap, HashSet, VecDeque};

/// A part: its nodes.
pub(super) type Unit<'a> = Vec<&'a Node>;

/// A graph, taken apart.
pub(super) struct Side<'a> {
    pub(super) graph: &'a Graph,
    pub(super) declared: Declared,
    /// The parts by their names.
    pub(super) units: IndexMap<String, Unit<'a>>,
    pub(super) wiring: Wiring,
}

/// Two graphs, and which of their parts are the same.
pub(super) struct Matched<'a> {
    pub(super) before: Side<'a>,
    pub(super) after: Side<'a>,
    /// Names before and names now, of parts that go by another name.
    pub(super) renamed: HashMap<String, String>,
    /// Parts that are only in the first, by their names there.
    pub(super) gone: Vec<String>,
    /// Parts that are only in the second.
    pub(super) new: Vec<String>,
    /// Graphs in a node's place that one of both bypasses, and whether the second one is it.
    pub(super) switched: Vec<(String, bool)>,
}

/// The part that a node belongs to: what stands in front of the first `/`.
pub(super) fn head(name: &str) -> &str {
    name.split_once('/').map_or(name, |(head, _)| head)
}

impl<'a> Side<'a> {
    fn of(graph: &'a Graph) -> Self {
        let mut units: IndexMap<String, Unit<'a>> = IndexMap::new();
        for node in &graph.nodes {
            units.entry(head(&node.name).to_owned()).or_default().push(node);
        }
        Self { graph, declared: Declared::of(graph), units, wiring: Wiring::of(graph) }
    }

    /// The kinds of a part's nodes; with `fields` also everything that is set in them.
    fn signature(&self, unit: &str, fields: bool) -> String {
        let each = self.units[unit].iter().map(|node| {
            let inner = node.name.strip_prefix(unit).unwrap_or_default();
            let said = if fields { written::node(node) } else { node.node.about().kind.to_owned() };
            format!("{inner} {said}")
        });
        each.collect::<Vec<_>>().join("\n")
    }

    /// What a part is, as one would write it.
    pub(super) fn written(&self, unit: &str) -> String {
        match &self.units[unit][..] {
            [node] if node.name == unit => written::node(node),
            nodes => {
                let kind = self.declared.kind(unit).unwrap_or_else(|| "a graph".to_owned());
                let plural = if nodes.len() == 1 { "node" } else { "nodes" };
                format!("{kind} of {} {plural}", nodes.len())
            }
        }
    }
}

impl<'a> Matched<'a> {
    pub(super) fn new(before: &'a Graph, after: &'a Graph) -> Self {
        let (mut before, after) = (Side::of(before), Side::of(after));
        let mut switched = Vec::new();
        let mut gone = only(&before, &after, |unit| switched.push((unit.to_owned(), true)));
        let mut new = only(&after, &before, |unit| switched.push((unit.to_owned(), false)));
        let mut renamed = HashMap::new();
        for (fields, around) in [(true, true), (true, false), (false, true)] {
            let key = |side: &Side<'_>, unit: &String, place: &HashMap<String, Place>| {
                let place = place.get(unit).filter(|_| around).cloned().unwrap_or_default();
                (side.signature(unit, fields), place.hears, place.heard_by)
            };
            let (places, places_now) = (before.wiring.places(&gone), after.wiring.places(&new));
            let mut waiting: HashMap<_, VecDeque<String>> = HashMap::new();
            for unit in &new {
                waiting.entry(key(&after, unit, &places_now)).or_default().push_back(unit.clone());
            }
            for unit in &gone {
                let found = waiting.get_mut(&key(&before, unit, &places)).and_then(VecDeque::pop_front);
                renamed.extend(found.map(|now| (unit.clone(), now)));
            }
            let now: HashSet<&String> = renamed.values().collect();
            gone.retain(|unit| !renamed.contains_key(unit));
            new.retain(|unit| !now.contains(unit));
            // Who stands beside a part that is recognised may be recognised by that.
            before.wiring.rename(&renamed);
        }
        Self { before, after, renamed, gone, new, switched }
    }

    /// What a node of the first graph is called in the second.
    pub(super) fn name_now(&self, name: &str) -> String {
        renamed(&self.renamed, name)
    }
}

/// `name` with its first step as it is called now.
pub(super) fn renamed(names: &HashMap<String, String>, name: &str) -> String {
    let head = head(name);
    names.get(head).map_or_else(|| name.to_owned(), |now| format!("{now}{}", &name[head.len()..]))
}

/// The parts that are in one and not in the other; those that are only bypassed there are noted.
fn only(one: &Side<'_>, other: &Side<'_>, mut bypassed: impl FnMut(&str)) -> Vec<String> {
    let mut found = Vec::new();
    for unit in one.units.keys().filter(|unit| !other.units.contains_key(*unit)) {
        let kind = one.declared.kind(unit);
        if kind.is_some() && other.declared.kind(unit) == kind {
            bypassed(unit);
        } else {
            found.push(unit.clone());
        }
    }
    found
}
