//! A resolved graph as text: used graphs inlined, values from outside in their places, and only what reaches one output.

use super::{RecipeGraph, hash_of_file};
use deadwax_engine::{Consumer, Plan};
use deadwax_graph::Graph;
use deadwax_graph::model::{From, Node, To};
use deadwax_node::Lane;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::File;
use thiserror::Error;

/// A graph that cannot be told as one text.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Untold {
    /// Two graphs in it call different recordings by the same name.
    #[error("two recordings are called `{0}`")]
    Recordings(String),
    /// A recording cannot be read any more.
    #[error("the recording `{0}` cannot be read")]
    Unread(String),
}

/// The output at which each node with a goal aims.
pub(crate) fn aims(plan: &Plan) -> BTreeMap<usize, usize> {
    let edges = plan.passes.iter().flat_map(|pass| &pass.edges);
    let aims = edges.flat_map(|edge| {
        // Of several outputs at one wire, a tap among them, the first is meant.
        let outputs = edge.to.iter().filter_map(|to| match to {
            Consumer::Output(output) => Some(*output),
            _ => None,
        });
        let output = outputs.min();
        edge.to.iter().filter_map(move |to| match to {
            Consumer::Goal(node) => Some((*node, output?)),
            _ => None,
        })
    });
    aims.collect()
}

/// The graph up to its output `number`. Outputs at which a node in front of it aims stay, too.
pub(super) fn inlined(
    graph: &Graph,
    aims: &BTreeMap<usize, usize>,
    number: usize,
) -> Result<RecipeGraph, Untold> {
    let (nodes, outputs) = reaching(graph, aims, number);
    let names = names(graph, &nodes);
    let recordings = recordings(graph, &nodes)?;
    let (mut text, mut algorithms, mut lessons) = (String::new(), BTreeMap::new(), BTreeMap::new());
    let mut learned = String::new();
    for id in &nodes {
        let node = &graph.nodes[*id];
        algorithms.insert(node.node.about().kind.to_owned(), node.node.about().algorithm);
        if let Some(lesson) = graph.lesson(&node.name) {
            let file = format!("{}.learnt.ron", names[id]);
            let _ = writeln!(learned, "        {}: \"{file}\",", names[id]);
            lessons.insert(file, lesson.text.to_string());
        }
    }
    text.push_str("Graph(\n    format: 1,\n");
    about(graph, &mut text);
    if !recordings.is_empty() {
        text.push_str("    assets: {\n");
        for (name, (path, _)) in &recordings {
            let _ = writeln!(text, "        {name}: {},", ron_text(path));
        }
        text.push_str("    },\n");
    }
    if !learned.is_empty() {
        let _ = write!(text, "    learned: {{\n{learned}    }},\n");
    }
    text.push_str("    nodes: {\n");
    for id in &nodes {
        let _ = writeln!(text, "        {}: {},", names[id], body(&graph.nodes[*id]));
    }
    text.push_str("    },\n    wires: [\n");
    wires(graph, &names, &outputs, &mut text);
    text.push_str("    ],\n)\n");
    Ok(RecipeGraph {
        name: graph.name.clone(),
        version: graph.about.version.clone(),
        text,
        algorithms,
        lessons,
        recordings: recordings.into_values().collect(),
    })
}

/// The nodes that reach output `number`, in the file's order, and the outputs that have to stay.
fn reaching(
    graph: &Graph,
    aims: &BTreeMap<usize, usize>,
    number: usize,
) -> (BTreeSet<usize>, BTreeSet<usize>) {
    let (mut nodes, mut outputs) = (BTreeSet::new(), BTreeSet::from([number]));
    let mut stack = vec![To::Output(number)];
    while let Some(to) = stack.pop() {
        for wire in graph.wires.iter().filter(|wire| wire.to == to) {
            let From::Node(id, _) = wire.from else { continue };
            if !nodes.insert(id.0) {
                continue;
            }
            let inputs = graph.nodes[id.0].node.ports().inputs.len();
            stack.extend((0..inputs).map(|port| To::Node(id, port)));
            if let Some(aim) = aims.get(&id.0).filter(|aim| outputs.insert(**aim)) {
                stack.push(To::Output(*aim));
            }
        }
    }
    (nodes, outputs)
}

/// What every node is called in the text: nodes of used graphs have a `/` in their names, which no file may have. Random
/// numbers are drawn alike for both names.
fn names(graph: &Graph, nodes: &BTreeSet<usize>) -> BTreeMap<usize, String> {
    let mut taken = BTreeSet::new();
    let mut names = BTreeMap::new();
    for id in nodes {
        let plain = graph.nodes[*id].name.replace('/', "__");
        let mut name = plain.clone();
        for number in 2.. {
            if taken.insert(name.clone()) {
                break;
            }
            name = format!("{plain}_{number}");
        }
        names.insert(*id, name);
    }
    names
}

/// Recordings by name: where each is to lie beside the graph, and its hash.
fn recordings(graph: &Graph, nodes: &BTreeSet<usize>) -> Result<BTreeMap<String, (String, String)>, Untold> {
    let mut found: BTreeMap<String, (String, String)> = BTreeMap::new();
    let files: BTreeSet<usize> = nodes.iter().map(|id| graph.nodes[*id].origin.file).collect();
    for asset in graph.assets.iter().filter(|asset| files.contains(&asset.origin.file)) {
        let unread = || Untold::Unread(asset.name.clone());
        let location = asset.location.as_ref().ok_or_else(unread)?;
        let hash = hash_of_file(&mut File::open(location).map_err(|_| unread())?).ok_or_else(unread)?;
        let ending = location.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        let path = format!("assets/{}.{}", asset.name, ending.unwrap_or_else(|| "wav".into()));
        let known = found.insert(asset.name.clone(), (path, hash.clone()));
        if known.is_some_and(|(_, known)| known != hash) {
            return Err(Untold::Recordings(asset.name.clone()));
        }
    }
    Ok(found)
}

fn about(graph: &Graph, text: &mut String) {
    let about = &graph.about;
    let said = [
        ("name", if about.name.is_empty() { &graph.name } else { &about.name }),
        ("version", &about.version),
        ("title", &about.title),
        ("license", &about.license),
    ];
    let said = said.into_iter().filter(|(_, value)| !value.is_empty());
    let said: Vec<String> = said.map(|(key, value)| format!("{key}: {}", ron_text(value))).collect();
    if !said.is_empty() {
        let _ = writeln!(text, "    about: ({}),", said.join(", "));
    }
}

/// A text as RON has it.
fn ron_text(text: &str) -> String {
    ron::to_string(text).unwrap_or_else(|_| "\"\"".to_owned())
}

/// The node as one would write it.
fn body(node: &Node) -> String {
    let body = node.node.to_ron();
    let mut common = String::new();
    if !node.on {
        common.push_str("on: false, ");
    }
    if node.lane != Lane::Both {
        let _ = write!(common, "lane: {:?}, ", node.lane);
    }
    match body.split_once('(') {
        Some((kind, fields)) => {
            let fields = format!("{common}{fields}");
            format!("{kind}({}", fields.replace(", )", ")"))
        }
        None if common.is_empty() => body,
        None => format!("{body}({})", common.trim_end_matches(", ")),
    }
}

fn wires(graph: &Graph, names: &BTreeMap<usize, String>, outputs: &BTreeSet<usize>, text: &mut String) {
    for wire in &graph.wires {
        let from = match wire.from {
            From::Input(0) => "input".to_owned(),
            From::Input(input) => format!("input.{}", graph.inputs[input]),
            From::Node(id, port) => {
                let Some(name) = names.get(&id.0) else { continue };
                let port = (port > 0).then(|| graph.nodes[id.0].node.ports().outputs[port].name.clone());
                port.map_or_else(|| name.clone(), |port| format!("{name}.{port}"))
            }
        };
        let to = match wire.to {
            To::Output(output) if !outputs.contains(&output) => continue,
            To::Output(output) => match graph.outputs[output].as_str() {
                "output" => "output".to_owned(),
                name => format!("output.{name}"),
            },
            To::Node(id, port) => {
                let Some(name) = names.get(&id.0) else { continue };
                let port = (port > 0).then(|| graph.nodes[id.0].node.ports().inputs[port].name.clone());
                port.map_or_else(|| name.clone(), |port| format!("{name}.{port}"))
            }
        };
        let _ = writeln!(text, "        \"{from} -> {to}\",");
    }
}
