//! Wires by the ports at which they end, and what is left of them without a part.

use super::change::Place;
use super::units::{head, renamed};
use crate::model::{From, Graph, To};
use deadwax_node::Port;
use indexmap::IndexMap;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;

/// A port. The main one has no name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct End {
    pub(super) node: String,
    pub(super) port: Option<String>,
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.port {
            Some(port) => write!(f, "{}.{port}", self.node),
            None => f.write_str(&self.node),
        }
    }
}

impl End {
    fn new(node: &str, number: usize, name: Option<String>) -> Self {
        Self { node: node.to_owned(), port: name.filter(|_| number > 0) }
    }

    /// The same as somebody sees it who does not look into graphs that stand in a node's place.
    pub(super) fn seen_outside(&self) -> String {
        if self.node.contains('/') { head(&self.node).to_owned() } else { self.to_string() }
    }
}

/// What every port hears, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Wiring {
    pub(super) ports: IndexMap<End, Vec<End>>,
}

fn port(ports: &[Port], number: usize) -> Option<String> {
    ports.get(number).map(|port| port.name.to_string())
}

impl Wiring {
    pub(super) fn of(graph: &Graph) -> Self {
        let ports: Vec<_> = graph.nodes.iter().map(|node| node.node.ports()).collect();
        let mut found: IndexMap<End, Vec<End>> = IndexMap::new();
        for wire in &graph.wires {
            let from = match wire.from {
                From::Input(input) => End::new("input", input, graph.inputs.get(input).cloned()),
                From::Node(id, number) => {
                    End::new(&graph.nodes[id.0].name, number, port(&ports[id.0].outputs, number))
                }
            };
            let to = match wire.to {
                To::Output(output) => End::new("output", output, graph.outputs.get(output).cloned()),
                To::Node(id, number) => {
                    End::new(&graph.nodes[id.0].name, number, port(&ports[id.0].inputs, number))
                }
            };
            found.entry(to).or_default().push(from);
        }
        Self { ports: found }
    }

    /// Calls parts as they are called now.
    pub(super) fn rename(&mut self, names: &HashMap<String, String>) {
        let now = |end: End| End { node: renamed(names, &end.node), port: end.port };
        let ports = std::mem::take(&mut self.ports);
        self.ports =
            ports.into_iter().map(|(to, from)| (now(to), from.into_iter().map(now).collect())).collect();
    }

    /// Where parts stand in the chain, as seen from outside of them.
    pub(super) fn places(&self, units: &[String]) -> HashMap<String, Place> {
        let wanted: HashSet<&str> = units.iter().map(String::as_str).collect();
        let mut found: HashMap<String, (BTreeSet<String>, BTreeSet<String>)> = HashMap::new();
        for (to, sources) in &self.ports {
            for from in sources.iter().filter(|from| head(&from.node) != head(&to.node)) {
                // What a node hears beside its main input says nothing of its place.
                if wanted.contains(head(&to.node)) && (to.port.is_none() || to.node.contains('/')) {
                    found.entry(head(&to.node).to_owned()).or_default().0.insert(from.seen_outside());
                }
                if wanted.contains(head(&from.node)) {
                    found.entry(head(&from.node).to_owned()).or_default().1.insert(to.seen_outside());
                }
            }
        }
        let place = |(hears, heard_by): (BTreeSet<String>, BTreeSet<String>)| Place {
            hears: hears.into_iter().collect(),
            heard_by: heard_by.into_iter().collect(),
        };
        found.into_iter().map(|(unit, both)| (unit, place(both))).collect()
    }

    /// The same without a part: what heard it hears what it heard. `None` where the part is no plain link of a chain, with
    /// one wire into each of its nodes and only main outputs heard.
    pub(super) fn without(&self, nodes: &[String]) -> Option<Self> {
        let mut left = self.clone();
        for node in nodes {
            left = left.without_node(node)?;
        }
        Some(left)
    }

    fn without_node(mut self, node: &str) -> Option<Self> {
        let main = End { node: node.to_owned(), port: None };
        let sources = self.ports.shift_remove(&main)?;
        let [source] = &sources[..] else { return None };
        for heard in self.ports.values_mut().flatten().filter(|heard| heard.node == node) {
            if heard.port.is_some() {
                return None;
            }
            heard.clone_from(source);
        }
        Some(self)
    }
}
