//! Takes the graphs that a graph uses in its place, and types every node.

use super::connect::{Element, Wired, connect};
use super::document::{Document, NodeDecl};
use super::files::{File, Files};
use super::loader::Loader;
use super::recordings::{Recordings, User};
use super::templates::Place;
use super::typing::{Checker, node};
use super::{Overrides, did_you_mean, nearest};
use crate::diagnostic::{Code, Diagnostic, SourceMap};
use crate::ghost::{Ghost, Ghosts};
use crate::limits;
use crate::model::{About, Graph, Lesson, Node, NodeId, Origin, Preset, Wire};
use deadwax_node::{Lane, Registry};
use std::collections::HashSet;
use std::rc::Rc;

/// A graph while it is being taken in.
pub(super) struct Expansion<'a> {
    pub(super) files: Files<'a>,
    pub(super) nodes: Vec<Node>,
    /// What is done with nodes of unknown kinds, and those that are shown.
    pub(super) unknown: Ghosts,
    pub(super) ghosts: Vec<Ghost>,
    wires: Vec<Wire>,
    recordings: Recordings,
    lessons: Vec<Lesson>,
    /// Wires of all files taken in so far.
    links: usize,
    /// Nodes and graphs in the place of nodes, together; beyond the limit nothing more is taken in.
    parts: usize,
    /// Files whose errors have been noted: a graph used twice has them once.
    failed: HashSet<Place>,
}

/// A graph in the place of a node.
pub(super) struct Used {
    pub(super) inputs: Vec<String>,
    pub(super) outputs: Vec<String>,
    pub(super) wired: Wired,
}

impl<'a> Expansion<'a> {
    pub(super) fn new(registry: &'a Registry, loader: &'a dyn Loader, unknown: Ghosts) -> Self {
        let (files, failed) = (Files::new(registry, loader), HashSet::new());
        Self {
            files,
            nodes: Vec::new(),
            unknown,
            ghosts: Vec::new(),
            wires: Vec::new(),
            recordings: Recordings::default(),
            lessons: Vec::new(),
            links: 0,
            parts: 0,
            failed,
        }
    }

    pub(super) fn into_parts(self) -> (Vec<Diagnostic>, SourceMap) {
        (self.files.diagnostics, self.files.sources)
    }

    /// The whole graph, as far as it can be read.
    pub(super) fn whole(&mut self, entry: &str, overrides: &Overrides) -> Option<Graph> {
        let file = self.files.read(&Place::own(entry), &[Place::own(entry)], None)?;
        let file = self.files.set(&file, overrides, true)?;
        let used = self.place(&file, "", None)?;
        let (about, presets) = (file.document.about.clone(), presets(&file));
        let (name, params) = (graph_name(&about, entry), file.params.clone());
        let mut wires = std::mem::take(&mut self.wires);
        wires.extend(used.wired.ends());
        let nodes = std::mem::take(&mut self.nodes);
        let assets = self.recordings.take();
        let ghosts = std::mem::take(&mut self.ghosts);
        let lessons = std::mem::take(&mut self.lessons);
        let (inputs, outputs) = (used.inputs, used.outputs);
        let templates = self.files.templates();
        Some(Graph {
            name,
            nodes,
            wires,
            inputs,
            outputs,
            about,
            params,
            presets,
            assets,
            ghosts,
            lessons,
            templates,
            ..Graph::default()
        })
    }

    /// Types the nodes of a file and connects its wires; graphs it uses take their nodes' place.
    fn place(&mut self, file: &Rc<File>, prefix: &str, user: Option<&User<'_>>) -> Option<Used> {
        let mut errors = Vec::new();
        let file = &self.recordings.of(&mut self.files, file, user, &mut errors)?;
        let document = &file.document;
        let mut elements = Vec::with_capacity(document.nodes.len());
        for decl in &document.nodes {
            self.parts += 1;
            if self.parts > limits::NODES {
                self.too_many_nodes(document, decl);
                return None;
            }
            let at = (document.file, decl.name_span.clone());
            if !self.files.take(decl.value.span.len(), Some(&at)) {
                return None;
            }
            let element = if errors.len() >= limits::ERRORS {
                None
            } else if document.uses.iter().any(|used| used.name == decl.kind) {
                self.instance(file, decl, prefix, &mut errors)
            } else {
                self.node(file, decl, prefix, &mut errors)
            };
            elements.push(element.unwrap_or(Element::Unknown));
        }
        self.learned(file, &elements, prefix, &mut errors);
        self.links += document.wires.iter().map(|wire| wire.ends.len() - 1).sum::<usize>();
        if self.links > limits::WIRES {
            self.too_many_wires(document);
            return None;
        }
        let used = connect(document, &elements, &mut self.wires, &mut errors);
        if errors.iter().any(Diagnostic::is_error) {
            self.failed.insert(file.place.clone());
        }
        self.files.diagnostics.extend(errors);
        Some(used)
    }

    /// Reads what nodes of the file have learnt before.
    fn learned(&mut self, file: &File, elements: &[Element], prefix: &str, errors: &mut Vec<Diagnostic>) {
        let document = &file.document;
        for decl in &document.learned {
            let at = (document.file, decl.name_span.clone());
            let Some(number) = document.node(&decl.name) else {
                let names = document.nodes.iter().map(|node| node.name.as_str());
                let near = nearest(&decl.name, names);
                let message = format!("there is no node `{}`", decl.name);
                let label = did_you_mean(near, "unknown");
                errors.push(Diagnostic::new(Code::UnknownNode, message, at, label).meant(near));
                continue;
            };
            match &elements[number] {
                Element::Node(id, _) if self.nodes[id.0].node.learns() => {
                    let node = format!("{prefix}{}", decl.name);
                    self.lessons.extend(self.files.lesson(file, decl, node, errors));
                }
                Element::Node(..) | Element::Graph(_) => {
                    let message = format!("{} learns nothing", super::a(&document.nodes[number].kind));
                    let help = "remove the entry; a graph in a node's place has a part `learned` of its own";
                    errors.push(Diagnostic::new(Code::LearnsNothing, message, at, "this node").help(help));
                }
                _ => {}
            }
        }
    }

    fn too_many_nodes(&mut self, document: &Document, decl: &NodeDecl) {
        // Said once, however many graphs are still waiting to be taken in.
        if self.files.diagnostics.iter().all(|diagnostic| diagnostic.code != Code::TooManyNodes) {
            let message = format!("more than {} nodes", limits::NODES);
            let at = (document.file, decl.name_span.clone());
            let help = "render in steps, or use fewer graphs inside each other";
            let diagnostic = Diagnostic::new(Code::TooManyNodes, message, at, "one too many");
            self.files.diagnostics.push(diagnostic.help(help));
        }
    }

    fn too_many_wires(&mut self, document: &Document) {
        if self.files.diagnostics.iter().all(|diagnostic| diagnostic.code != Code::TooManyWires) {
            let message = format!("more than {} wires", limits::WIRES);
            let help = "render in steps, or use fewer graphs inside each other";
            let first = document.wires.first().and_then(|wire| wire.ends.first());
            let at = first.map(|end| (document.file, end.span.clone()));
            let diagnostic = Diagnostic::general(Code::TooManyWires, message).help(help);
            self.files.diagnostics.push(Diagnostic {
                at,
                label: "the wires begin here".into(),
                ..diagnostic
            });
        }
    }

    fn node(
        &mut self,
        file: &File,
        decl: &NodeDecl,
        prefix: &str,
        errors: &mut Vec<Diagnostic>,
    ) -> Option<Element> {
        let document = &file.document;
        let Some(kind) = self.files.registry.get(&decl.kind) else {
            return self.ghost(file, decl, prefix, errors);
        };
        let owner = (decl.name.as_str(), decl.name_span.clone());
        let mut checker = Checker { source: &file.text, file: document.file, errors, owner };
        let driven = file.driven.get(&decl.name).map_or(&[][..], Vec::as_slice);
        let Some(node) = node(&mut checker, kind, &decl.value, driven) else {
            // The names in its wires can still be looked at.
            return Some(Element::Mistyped);
        };
        let origin = Origin { file: document.file, span: decl.name_span.start..decl.value.span.end };
        let ports = node.ports();
        let name = format!("{prefix}{}", decl.name);
        self.nodes.push(Node { name, node, on: decl.on, lane: decl.lane, note: decl.note.clone(), origin });
        Some(Element::Node(NodeId(self.nodes.len() - 1), ports))
    }

    /// A graph in the place of a node.
    fn instance(
        &mut self,
        file: &File,
        decl: &NodeDecl,
        prefix: &str,
        errors: &mut Vec<Diagnostic>,
    ) -> Option<Element> {
        let inner: Rc<File> = file.used.get(&decl.kind)?.clone();
        let (owner, before) = ((decl.name.as_str(), decl.name_span.clone()), errors.len());
        let number = file.document.file;
        let entries = decl.value.entries();
        Checker { source: &file.text, file: number, errors, owner }.params(entries, &inner.params);
        if let Some(span) = decl.lane_span.as_ref().filter(|_| decl.lane != Lane::Both) {
            let message = format!("`{}` is a graph of its own, and has no lane", decl.name);
            let diagnostic = Diagnostic::new(Code::BrokenRule, message, (number, span.clone()), "here");
            errors.push(diagnostic.help("set lanes inside that graph"));
        }
        if errors.len() > before {
            return Some(Element::Mistyped);
        }
        let given = entries.iter().filter(|entry| inner.params.iter().any(|param| param.name == entry.key));
        let value = |entry: &crate::tree::Entry| file.text[entry.value.span.clone()].to_owned();
        let given = given.map(|entry| (entry.key.clone(), value(entry)));
        let driven = file.driven.get(&decl.name).into_iter().flatten().cloned();
        let values = given.chain(driven).collect();
        let inner = self.files.set(&inner, &Overrides { preset: None, values }, false)?;
        if self.failed.contains(&inner.place) {
            return None;
        }
        let (nodes, wires, lessons) = (self.nodes.len(), self.wires.len(), self.lessons.len());
        let user = User { file: number, node: &decl.name, at: (number, decl.name_span.clone()) };
        let used = self.place(&inner, &format!("{prefix}{}/", decl.name), Some(&user))?;
        if decl.on {
            return Some(Element::Graph(used));
        }
        // It has been looked through, but does nothing.
        self.nodes.truncate(nodes);
        self.ghosts.retain(|ghost| ghost.node.0 < nodes);
        self.wires.truncate(wires);
        self.lessons.truncate(lessons);
        Some(Element::Bypassed { inputs: used.inputs, outputs: used.outputs })
    }
}

/// The graph's name, or else its file's.
fn graph_name(about: &About, entry: &str) -> String {
    if !about.name.is_empty() {
        return about.name.clone();
    }
    let file = entry.rsplit('/').next().unwrap_or(entry);
    file.strip_suffix(".ron").unwrap_or(file).to_owned()
}

fn presets(read: &File) -> Vec<Preset> {
    let values = |preset: &super::document::PresetDecl| {
        preset
            .values
            .iter()
            .map(|(param, _, value)| (param.clone(), read.text[value.clone()].to_owned()))
            .collect()
    };
    read.document
        .presets
        .iter()
        .map(|preset| Preset { name: preset.name.clone(), values: values(preset) })
        .collect()
}
