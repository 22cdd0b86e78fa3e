//! Rendered stages, kept by content: a wire whose node, parameters and everything in front of it are what they were in an
//! earlier render is read from the disk instead of being made again. What is made of it is the same to the bit.
//!
//! The engine knows nothing of this. A copy of the graph gets a node that reads in the place of everything in front of a
//! wire that is known, and a node that writes behind a wire worth keeping.

mod key;
mod nodes;
mod rewrite;
mod store;

pub use store::Stages;

use crate::render::Settings;
use deadwax_engine::{Outcome, Plan};
use deadwax_graph::Graph;
use deadwax_graph::model::From;
use deadwax_node::Report;
use key::Keys;
use nodes::Keeping;
use rewrite::Rewritten;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use store::{Entry, Told};

/// What a render does with stages that were kept, and which it keeps.
pub(crate) struct Staged {
    /// The graph that is run in the place of the one that was asked for.
    pub(crate) graph: Graph,
    /// Nodes that do not run, by name.
    reused: Vec<String>,
    told: Vec<Told>,
    keeping: Vec<(String, Vec<String>, Keeping)>,
    stages: Stages,
    order: Vec<String>,
}

/// Prepares a render of `graph`, planned as `plan`, from the file `input`, of which frames up to `until` are read.
///
/// `None` when the file cannot be told from others, or nothing is known and nothing worth keeping.
pub(crate) fn stage(
    stages: &Stages,
    graph: &Graph,
    plan: &Plan,
    settings: &Settings,
    input: &Path,
    until: Option<u64>,
) -> Option<Staged> {
    let keys = Keys::new(graph, plan, settings, input, until)?;
    let froms: BTreeSet<From> = graph.wires.iter().map(|wire| wire.from).collect();
    let mut known: BTreeMap<From, Entry> = BTreeMap::new();
    for from in froms {
        if let Some(key) = keys.of(from).filter(|_| keys.in_step(from)) {
            known.extend(stages.find(key).map(|entry| (from, entry)));
        }
    }
    let Rewritten { mut graph, used, dropped, mut places } = rewrite::with_known(graph, known)?;
    let told = used.into_iter().map(|entry| entry.told).collect();
    let mut keeping = Vec::new();
    for from in keys.worth_keeping(plan, &dropped) {
        let (Some(key), Some(format)) = (keys.of(from), keys.format(from)) else { continue };
        let Some(at) = places.remove(&from) else { continue };
        let Some(file) = stages.begin() else { break };
        let (node, kept) = nodes::keep(file, format.channels());
        rewrite::behind(&mut graph, at, node);
        keeping.push((key.to_owned(), keys.in_front(from), kept));
    }
    if dropped.is_empty() && keeping.is_empty() {
        return None;
    }
    let order: Vec<String> = plan.nodes.iter().map(|node| node.name.clone()).collect();
    let reused = order.iter().filter(|name| dropped.contains(*name)).cloned().collect();
    Some(Staged { graph, reused, told, keeping, stages: stages.clone(), order })
}

impl Staged {
    /// Keeps what was made, and adds to `outcome` what the nodes that did not run told when they did. Gives back the names of
    /// those.
    pub(crate) fn conclude(self, outcome: &mut Outcome) -> Vec<String> {
        for (key, nodes, keeping) in self.keeping {
            let told = Told::of(outcome, &self.told, &nodes);
            self.stages.keep(&key, keeping, outcome.frames, &told);
        }
        self.stages.trim();
        for told in self.told {
            for (name, report) in told.reports {
                if !outcome.reports.iter().any(|(known, _)| *known == name) {
                    outcome.reports.push((name, Report::new(report)));
                }
            }
            for (name, lesson) in told.lessons {
                if !outcome.lessons.iter().any(|(known, _)| *known == name) {
                    outcome.lessons.push((name, lesson));
                }
            }
        }
        let place = |name: &String| self.order.iter().position(|known| known == name);
        outcome.reports.sort_by_key(|(name, _)| place(name));
        outcome.lessons.sort_by_key(|(name, _)| place(name));
        self.reused
    }
}
