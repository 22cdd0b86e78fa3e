//! Takes the graphs that a graph uses in its place, and types every node.

use super::connect::{Element, Port, Wired, connect};
use super::loader::{LoadError, Loader, below};
use super::params::Context;
use super::sections::{Document, NodeDecl, UseDecl, read};
use super::typing::{Checker, node};
use super::{Interfaces, Overrides, nearest};
use crate::diagnostic::{At, Code, Diagnostic, SourceMap};
use crate::limits;
use crate::model::{About, Graph, Node, NodeId, Origin, Param, Preset, Wire};
use crate::tree::parse;
use deadwax_node::{Lane, Registry};

/// A graph file while it is being taken in.
pub(super) struct Expansion<'a> {
    registry: &'a Registry,
    loader: &'a dyn Loader,
    diagnostics: Vec<Diagnostic>,
    sources: SourceMap,
    nodes: Vec<Node>,
    wires: Vec<Wire>,
    /// Wires of all files taken in so far.
    links: usize,
    /// Nodes and graphs in the place of nodes, together; beyond the limit nothing more is taken in.
    parts: usize,
    /// Files whose errors have been noted: a graph used twice has them once.
    noted: Vec<(String, Stage)>,
}

/// A file's document, with the values from outside set in it.
struct Read {
    document: Document,
    text: String,
    params: Vec<Param>,
    used: Interfaces,
}

/// What a file is gone through for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// To read its parts.
    Read,
    /// To type its nodes and connect its wires.
    Place,
}

/// A graph in the place of a node.
pub(super) struct Used {
    pub(super) inputs: Vec<String>,
    pub(super) outputs: Vec<String>,
    pub(super) wired: Wired,
}

impl<'a> Expansion<'a> {
    pub(super) fn new(registry: &'a Registry, loader: &'a dyn Loader) -> Self {
        let (diagnostics, sources) = (Vec::new(), SourceMap::default());
        Self {
            registry,
            loader,
            diagnostics,
            sources,
            nodes: Vec::new(),
            wires: Vec::new(),
            links: 0,
            parts: 0,
            noted: Vec::new(),
        }
    }

    pub(super) fn into_parts(self) -> (Vec<Diagnostic>, SourceMap) {
        (self.diagnostics, self.sources)
    }

    /// The whole graph, as far as it can be read.
    pub(super) fn whole(&mut self, entry: &str, overrides: &Overrides) -> Option<Graph> {
        let chain = vec![entry.to_owned()];
        let read = self.read(entry, overrides, &chain, None)?;
        let (about, presets) = (read.document.about.clone(), presets(&read));
        let params = read.params.clone();
        let used = self.place(read, "", &chain)?;
        let name = graph_name(&about, entry);
        let mut wires = std::mem::take(&mut self.wires);
        wires.extend(used.wired.ends());
        let nodes = std::mem::take(&mut self.nodes);
        let (inputs, outputs) = (used.inputs, used.outputs);
        Some(Graph { name, nodes, wires, inputs, outputs, about, params, presets, ..Graph::default() })
    }

    /// Reads a file, and sets values from outside in it. `by` is where it is named, if a graph names it.
    fn read(&mut self, path: &str, overrides: &Overrides, chain: &[String], by: Option<&At>) -> Option<Read> {
        let text = match self.loader.read(path) {
            Ok(text) => text,
            Err(error) => {
                self.not_read(path, &error, by);
                return None;
            }
        };
        let file = self.sources.add(self.loader.name(path), text.clone());
        let mut errors = Vec::new();
        let root = parse(&text, file, &mut errors);
        let syntax = !errors.is_empty();
        let document = read(&text, &root, file, &mut errors);
        let Some(document) = document else {
            self.note(path, Stage::Read, errors);
            return None;
        };
        let used = self.interfaces(&document, chain, path, &mut errors);
        let context = Context { registry: self.registry, used: &used, source: &text, file };
        let params = context.params(&document, &mut errors);
        if syntax {
            // Values are set in a sound text only; what else can be said of this one is said.
            self.note(path, Stage::Read, errors);
            return Some(Read { document, text, params, used });
        }
        let changed = context.set(&document, &params, overrides, &mut errors);
        self.note(path, Stage::Read, errors);
        if changed == text {
            return Some(Read { document, text, params, used });
        }
        // Everything from here on is about the text with the values in it.
        self.sources.replace(file, &changed);
        let mut again = Vec::new();
        let root = parse(&changed, file, &mut again);
        let document = read(&changed, &root, file, &mut again)?;
        let context = Context { registry: self.registry, used: &used, source: &changed, file };
        let params = context.params(&document, &mut Vec::new());
        Some(Read { document, text: changed, params, used })
    }

    /// Notes errors, unless those of this file and stage have been noted.
    fn note(&mut self, path: &str, stage: Stage, errors: Vec<Diagnostic>) {
        if !self.noted.iter().any(|noted| noted.0 == path && noted.1 == stage) {
            self.diagnostics.extend(errors);
        }
    }

    /// From now on the errors of this file and stage are known.
    fn close(&mut self, path: &str, stage: Stage) {
        let key = (path.to_owned(), stage);
        if !self.noted.contains(&key) {
            self.noted.push(key);
        }
    }

    fn not_read(&mut self, path: &str, error: &LoadError, by: Option<&At>) {
        let name = self.loader.name(path);
        let message = format!("{name} cannot be read: {error}");
        let code = match error {
            LoadError::Outside => Code::ForbiddenPath,
            LoadError::TooLarge { .. } => Code::TooLarge,
            LoadError::Io(_) | LoadError::NotText => Code::GraphNotRead,
        };
        self.diagnostics.push(match by {
            Some(at) => Diagnostic::new(code, message, at.clone(), "named here"),
            None => Diagnostic::general(code, message),
        });
    }

    /// The params of every graph that the file uses.
    fn interfaces(
        &mut self,
        document: &Document,
        chain: &[String],
        path: &str,
        errors: &mut Vec<Diagnostic>,
    ) -> Interfaces {
        let mut all = Interfaces::new();
        for used in &document.uses {
            let at = (document.file, used.name_span.clone());
            if self.registry.get(&used.name).is_some() {
                let message = format!("`{}` is the name of a kind of node", used.name);
                errors.push(Diagnostic::new(Code::TakenName, message, at, "take another name"));
                continue;
            }
            if let Some(inner) = self.used_path(document.file, used, chain, path, errors) {
                let mut chain = chain.to_vec();
                chain.push(inner.clone());
                let by = (document.file, used.path_span.clone());
                if let Some(read) = self.read(&inner, &Overrides::none(), &chain, Some(&by)) {
                    all.push((used.name.clone(), read.params));
                }
                self.close(&inner, Stage::Read);
            }
        }
        all
    }

    /// The path below the root of a graph that is used, if it may be used.
    fn used_path(
        &self,
        file: usize,
        used: &UseDecl,
        chain: &[String],
        path: &str,
        errors: &mut Vec<Diagnostic>,
    ) -> Option<String> {
        let at = (file, used.path_span.clone());
        let Some(inner) = below(path, &used.path) else {
            let message = format!("`{}` is no path a graph may use", used.path);
            let help = "a graph uses files below its own folder, as in `\"parts/tape.ron\"`";
            errors
                .push(Diagnostic::new(Code::ForbiddenPath, message, at, "not below this folder").help(help));
            return None;
        };
        if let Some(begin) = chain.iter().position(|known| *known == inner) {
            let mut circle: Vec<&str> = chain[begin..].iter().map(String::as_str).collect();
            circle.push(&inner);
            let message = format!("these graphs use each other in a circle: {}", circle.join(" -> "));
            errors.push(Diagnostic::new(Code::UseLoop, message, at, "closes the circle"));
            return None;
        }
        if chain.len() > limits::NESTING {
            let message = format!("more than {} graphs inside each other", limits::NESTING);
            errors.push(Diagnostic::new(Code::UseTooDeep, message, at, "one too many"));
            return None;
        }
        Some(inner)
    }

    /// Types the nodes of a file and connects its wires; graphs it uses take their nodes' place.
    fn place(&mut self, read: Read, prefix: &str, chain: &[String]) -> Option<Used> {
        let Read { document, text, used, .. } = read;
        let path = chain.last().cloned().unwrap_or_default();
        let mut errors = Vec::new();
        let mut elements = Vec::with_capacity(document.nodes.len());
        for decl in &document.nodes {
            self.parts += 1;
            if self.parts > limits::NODES {
                self.too_many_nodes(&document, decl);
                return None;
            }
            let outer = document.uses.iter().find(|known| known.name == decl.kind);
            let element = match outer {
                Some(outer) => {
                    self.instance(&document, &text, decl, outer, (prefix, chain), &used, &mut errors)
                }
                None => self.node(&document, &text, decl, prefix, &mut errors),
            };
            elements.push(element.unwrap_or(Element::Unknown));
        }
        self.links += document.wires.iter().map(|wire| wire.ends.len() - 1).sum::<usize>();
        if self.links > limits::WIRES {
            let message = format!("more than {} wires", limits::WIRES);
            self.diagnostics.push(Diagnostic::general(Code::TooManyWires, message));
            return None;
        }
        let used = connect(&document, &elements, &mut self.wires, &mut errors);
        self.note(&path, Stage::Place, errors);
        self.close(&path, Stage::Place);
        Some(used)
    }

    fn too_many_nodes(&mut self, document: &Document, decl: &NodeDecl) {
        // Said once, however many graphs are still waiting to be taken in.
        if self.diagnostics.iter().all(|diagnostic| diagnostic.code != Code::TooManyNodes) {
            let message = format!("more than {} nodes", limits::NODES);
            let at = (document.file, decl.name_span.clone());
            self.diagnostics.push(Diagnostic::new(Code::TooManyNodes, message, at, "one too many"));
        }
    }

    fn node(
        &mut self,
        document: &Document,
        text: &str,
        decl: &NodeDecl,
        prefix: &str,
        errors: &mut Vec<Diagnostic>,
    ) -> Option<Element> {
        let Some(kind) = self.registry.get(&decl.kind) else {
            errors.push(self.unknown_kind(document, decl));
            return None;
        };
        let owner = (decl.name.as_str(), decl.name_span.clone());
        let mut checker = Checker { source: text, file: document.file, errors, owner };
        let Some(node) = node(&mut checker, kind, &decl.value) else {
            // Its wires can still be looked at, as far as the ports do not depend on what is wrong.
            return Some(Element::Mistyped);
        };
        let origin = Origin { file: document.file, span: decl.name_span.start..decl.value.span.end };
        let ports = node.ports();
        let name = format!("{prefix}{}", decl.name);
        self.nodes.push(Node { name, node, on: decl.on, lane: decl.lane, note: decl.note.clone(), origin });
        Some(Element::Node(NodeId(self.nodes.len() - 1), ports))
    }

    fn unknown_kind(&self, document: &Document, decl: &NodeDecl) -> Diagnostic {
        let mut names: Vec<&str> = document.uses.iter().map(|used| used.name.as_str()).collect();
        for kind in self.registry.kinds() {
            names.push(kind.name());
        }
        let label = nearest(&decl.kind, names.iter().copied())
            .map_or_else(|| "unknown".into(), |near| format!("did you mean `{near}`?"));
        let message = format!("there is no kind of node `{}`", decl.kind);
        let at = (document.file, decl.kind_span.clone());
        Diagnostic::new(Code::UnknownKind, message, at, label).help("`deadwax nodes` lists them all")
    }

    /// A graph in the place of a node.
    #[allow(clippy::too_many_arguments, reason = "all of it is the place of one node in one file")]
    fn instance(
        &mut self,
        document: &Document,
        text: &str,
        decl: &NodeDecl,
        outer: &UseDecl,
        (prefix, chain): (&str, &[String]),
        used: &Interfaces,
        errors: &mut Vec<Diagnostic>,
    ) -> Option<Element> {
        if self.parts > limits::NODES {
            return None;
        }
        let (_, params) = used.iter().find(|(name, _)| *name == decl.kind)?;
        let owner = (decl.name.as_str(), decl.name_span.clone());
        let before = errors.len();
        Checker { source: text, file: document.file, errors, owner }.params(decl.value.entries(), params);
        if let Some(span) = decl.lane_span.as_ref().filter(|_| decl.lane != Lane::Both) {
            let message = format!("`{}` is a graph of its own, and has no lane", decl.name);
            let at = (document.file, span.clone());
            errors.push(
                Diagnostic::new(Code::BrokenRule, message, at, "here").help("set lanes inside that graph"),
            );
        }
        if errors.len() > before {
            return Some(Element::Mistyped);
        }
        let given =
            decl.value.entries().iter().filter(|entry| params.iter().any(|param| param.name == entry.key));
        let values =
            given.map(|entry| (entry.key.clone(), text[entry.value.span.clone()].to_owned())).collect();
        let inner = self.used_path(document.file, outer, chain, chain.last()?, &mut Vec::new())?;
        let mut chain = chain.to_vec();
        chain.push(inner.clone());
        let by = (document.file, outer.path_span.clone());
        let read = self.read(&inner, &Overrides { preset: None, values }, &chain, Some(&by))?;
        if !decl.on {
            return Some(Element::Bypassed);
        }
        let placed = self.place(read, &format!("{prefix}{}/", decl.name), &chain)?;
        Some(Element::Graph(placed))
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

fn presets(read: &Read) -> Vec<Preset> {
    let values = |preset: &super::sections::PresetDecl| {
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

/// An input or output port of a graph in the place of a node, by name; no name is the main one.
pub(super) fn port_of(names: &[String], port: Option<&str>, main: &str) -> Option<Port> {
    let wanted = port.unwrap_or(main);
    names.iter().position(|name| name == wanted).map(Port)
}
