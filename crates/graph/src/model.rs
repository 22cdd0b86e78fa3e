//! The graph, resolved: typed nodes and wires between their ports. What the engine compiles.

use crate::diagnostic::{Code, Diagnostic, SourceMap};
use crate::ghost::Ghost;
use crate::requires::Requires;
use deadwax_node::{AnyNode, FieldKind, Lane, Unit};
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

/// The number of a node in [`Graph::nodes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub usize);

/// A place in one of the files a graph was read from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The number of the file in the source map; 0 is the graph itself.
    pub file: usize,
    /// Bytes in that file.
    pub span: Range<usize>,
}

/// A node of a resolved graph.
#[derive(Debug)]
pub struct Node {
    /// Its name; `outer/inner` for a node of a graph used as a node.
    pub name: String,
    /// The typed node.
    pub node: Box<dyn AnyNode>,
    /// Whether it works; else it is bypassed.
    pub on: bool,
    /// What part of a stereo signal it works on.
    pub lane: Lane,
    /// A remark for people.
    pub note: Option<String>,
    /// Where it stands.
    pub origin: Origin,
}

impl Clone for Node {
    fn clone(&self) -> Self {
        Self {
            name: self.name.clone(),
            node: self.node.boxed(),
            note: self.note.clone(),
            origin: self.origin.clone(),
            ..*self
        }
    }
}

/// Where a wire begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum From {
    /// The graph's input, by its number in [`Graph::inputs`].
    Input(usize),
    /// An output port of a node.
    Node(NodeId, usize),
}

/// Where a wire ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum To {
    /// The graph's output, by its number in [`Graph::outputs`].
    Output(usize),
    /// An input port of a node.
    Node(NodeId, usize),
}

/// A wire from an output port to an input port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wire {
    /// Where it begins.
    pub from: From,
    /// Where it ends.
    pub to: To,
    /// Where it stands.
    pub origin: Origin,
}

/// A resolved graph. Nodes and wires are in the order of the file.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// The graph's own name.
    pub name: String,
    /// The nodes.
    pub nodes: Vec<Node>,
    /// The wires, every one between two ports.
    pub wires: Vec<Wire>,
    /// Names of the inputs: `input` first, then `input.NAME` as `NAME`.
    pub inputs: Vec<String>,
    /// Names of the outputs: `output` first, then `output.NAME` as `NAME`.
    pub outputs: Vec<String>,
    /// What it says about itself.
    pub about: About,
    /// What a user may turn.
    pub params: Vec<Param>,
    /// Values for that, by name.
    pub presets: Vec<Preset>,
    /// Recordings that nodes may ask for, of this graph and of those it uses.
    pub assets: Vec<Asset>,
    /// What nodes have learnt before, of this graph and of those it uses.
    pub lessons: Vec<Lesson>,
    /// The templates that it uses by name, directly or inside others, by name.
    pub templates: Vec<UsedTemplate>,
    /// Nodes whose kind is not known, where it was loaded to be looked at all the same.
    pub ghosts: Vec<Ghost>,
    /// The files it was read from.
    pub sources: SourceMap,
    /// What is worth knowing, though it runs.
    pub warnings: Vec<Diagnostic>,
}

/// A template that a graph uses by its name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UsedTemplate {
    /// Its name, as in `house/tape`.
    pub name: String,
    /// Its version, as in `1.2.0`.
    pub version: String,
    /// The hash of its content, as in `sha256:…`.
    pub content: String,
}

/// A recording that the nodes of a graph file may ask for by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// Its name, known in the file that declares it and nowhere else.
    pub name: String,
    /// Where it lies. `None` where a person is asked for it and has not named a file: see [`Graph::bind`].
    pub location: Option<PathBuf>,
    /// What the person is asked for, in a few words, where the graph brings none along.
    pub asked: Option<String>,
    /// Where it is declared; nodes of the same file ([`Origin::file`]) may ask for it.
    pub origin: Origin,
}

/// What a node has learnt before, as the file says that the graph names for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lesson {
    /// The node's name in the whole graph.
    pub node: String,
    /// What stands in the file.
    pub text: Arc<str>,
    /// The file's number in [`Graph::sources`].
    pub file: usize,
    /// Where it is named.
    pub origin: Origin,
}

impl Lesson {
    /// The bytes of the value at `path`, as in `lesson.clicks.3`; the first line, where that cannot be told.
    #[must_use]
    pub fn place_of(&self, path: &str) -> Range<usize> {
        let tree = crate::tree::parse(&self.text, self.file, &mut Vec::new());
        let found = tree.at_path(path).filter(|_| !path.is_empty()).map(|value| value.span.clone());
        found.unwrap_or_else(|| 0..self.text.lines().next().map_or(0, str::len))
    }
}

impl Graph {
    /// What the node called `name` has learnt before.
    #[must_use]
    pub fn lesson(&self, name: &str) -> Option<&Lesson> {
        self.lessons.iter().find(|lesson| lesson.node == name)
    }
}

/// A recording that a person named and the graph does not ask for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the graph asks for no recording `{name}`")]
pub struct NotAsked {
    /// The name that was given.
    pub name: String,
    /// The names of those that it asks for.
    pub asked: Vec<String>,
    /// Whether it brings one of that name along.
    pub brought: bool,
}

impl NotAsked {
    /// The error for people.
    #[must_use]
    pub fn diagnostic(&self) -> Diagnostic {
        let near = crate::load::nearest(&self.name, self.asked.iter().map(String::as_str));
        let help = match (near, &self.asked[..]) {
            _ if self.brought => format!("the graph brings `{}` along: write `Ask` in its place", self.name),
            (Some(near), _) => format!("did you mean `{near}`?"),
            (None, []) => "it asks for none".to_owned(),
            (None, asked) => format!("it asks for {}", asked.join(", ")),
        };
        Diagnostic::general(Code::NotAsked, self.to_string()).help(help)
    }
}

impl Graph {
    /// Names the files of recordings that the graph asks for.
    ///
    /// # Errors
    /// The names that it does not ask for; the others are bound.
    pub fn bind(&mut self, given: &[(String, PathBuf)]) -> Result<(), Vec<NotAsked>> {
        let mut unknown = Vec::new();
        for (name, file) in given {
            // Used graphs know what is passed on to them by the same name.
            let asked = self.assets.iter_mut().filter(|asset| asset.asked.is_some() && asset.name == *name);
            let bound = asked.map(|asset| asset.location = Some(file.clone())).count();
            if bound == 0 {
                let known = self.asked().map(|asset| asset.name.clone()).collect();
                let brought = self.assets.iter().any(|asset| asset.name == *name && asset.origin.file == 0);
                unknown.push(NotAsked { name: name.clone(), asked: known, brought });
            }
        }
        if unknown.is_empty() { Ok(()) } else { Err(unknown) }
    }

    /// The recordings that the graph asks a person for.
    pub fn asked(&self) -> impl Iterator<Item = &Asset> {
        self.assets.iter().filter(|asset| asset.origin.file == 0 && asset.asked.is_some())
    }
}

/// What a graph says about itself. All of it may be left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct About {
    /// Its name, in `kebab-case`.
    pub name: String,
    /// Its version, as in `1.0.0`.
    pub version: String,
    /// A title for people.
    pub title: String,
    /// What it is for, in a sentence or two.
    pub description: String,
    /// Who made it.
    pub authors: Vec<String>,
    /// Under which licence, as an SPDX expression.
    pub license: String,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Where it comes from.
    pub home: String,
    /// What it needs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requires: Option<Requires>,
}

/// What a user of the graph may turn.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Param {
    /// Its name.
    pub name: String,
    /// The fields it sets, as in `low.ratio`. None where it is a macro.
    pub sets: Vec<String>,
    /// The fields it drives, where it is a macro: then it goes from 0 to 1.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub drives: Vec<Drive>,
    /// What it may be: that of the fields, narrowed by the param's own bounds.
    pub kind: FieldKind,
    /// What its number counts.
    pub unit: Unit,
    /// What it is now, as one would write it.
    pub value: String,
    /// What it does.
    pub help: String,
}

/// A field that a macro drives.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Drive {
    /// The field, as in `low.ratio`.
    pub path: String,
    /// What it is where the macro is at 0.
    pub from: f64,
    /// What it is where the macro is at 1.
    pub to: f64,
    /// Whether equal steps of the macro are equal ratios of the field, not equal differences.
    #[serde(rename = "log")]
    pub is_log: bool,
    /// Whether the field takes whole numbers alone.
    #[serde(skip)]
    pub integer: bool,
}

impl Drive {
    /// What the field is where the macro is at `dial`, from 0 to 1.
    ///
    /// Rounded to ten digits, so that it is short to read, and the same on every machine.
    #[must_use]
    pub fn at(&self, dial: f64) -> f64 {
        let (from, to) = (self.from, self.to);
        if dial <= 0.0 || dial >= 1.0 {
            return if dial <= 0.0 { from } else { to };
        }
        let exact = if self.is_log { from * libm::pow(to / from, dial) } else { from + (to - from) * dial };
        let whole = if self.integer { exact.round() } else { exact };
        let rounded = format!("{whole:.9e}").parse().unwrap_or(whole);
        // Near 0 the digits that are left are those of the rounding alone.
        let near_zero = f64::abs(rounded) < 1e-12 * from.abs().max(to.abs());
        if near_zero { 0.0 } else { rounded.clamp(from.min(to), from.max(to)) }
    }
}

/// A set of values for params.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Preset {
    /// Its name.
    pub name: String,
    /// Names of params, and values as one would write them.
    pub values: Vec<(String, String)>,
}
