//! Wires: from names to ports, and what they may not do.

use super::document::{Document, EndDecl, WireDecl};
use super::expand::Used;
use super::flatten::see_through;
use super::loops::loops;
use super::{a, did_you_mean, nearest};
use crate::diagnostic::{Code, Diagnostic, Fix};
use crate::limits;
use crate::model::{From, NodeId, Origin, Wire};
use deadwax_node::Ports;
use std::collections::HashMap;

/// What stands behind a node's name.
pub(super) enum Element {
    /// A node.
    Node(NodeId, Ports),
    /// A graph.
    Graph(Used),
    /// A graph that is switched off: its main input is every output.
    Bypassed {
        /// Names of its inputs, main first.
        inputs: Vec<String>,
        /// Names of its outputs, main first.
        outputs: Vec<String>,
    },
    /// Something with errors of its own, whose ports are not known.
    Mistyped,
    /// A node of an unknown kind.
    Unknown,
}

impl Element {
    /// The number of a port by its name; no name is the main one. `None` where there is none; `Err` where none is known.
    fn port(&self, side: Side, name: Option<&str>) -> Result<Option<usize>, ()> {
        let Some(name) = name else {
            return if self.is_known() { Ok(Some(0)) } else { Err(()) };
        };
        let named = |names: &[String]| names.iter().position(|known| known == name);
        Ok(match (self, side) {
            (Self::Node(_, ports), Side::Input) => ports.input(name),
            (Self::Node(_, ports), Side::Output) => ports.output(name),
            (Self::Graph(Used { inputs, .. }) | Self::Bypassed { inputs, .. }, Side::Input) => named(inputs),
            (Self::Graph(Used { outputs, .. }) | Self::Bypassed { outputs, .. }, Side::Output) => {
                named(outputs)
            }
            (Self::Mistyped | Self::Unknown, _) => return Err(()),
        })
    }

    fn names(&self, side: Side) -> Vec<&str> {
        match (self, side) {
            (Self::Node(_, ports), Side::Input) => ports.inputs.iter().map(|port| &*port.name).collect(),
            (Self::Node(_, ports), Side::Output) => ports.outputs.iter().map(|port| &*port.name).collect(),
            (Self::Graph(Used { inputs: names, .. }) | Self::Bypassed { inputs: names, .. }, Side::Input)
            | (
                Self::Graph(Used { outputs: names, .. }) | Self::Bypassed { outputs: names, .. },
                Side::Output,
            ) => names.iter().map(String::as_str).collect(),
            (Self::Mistyped | Self::Unknown, _) => Vec::new(),
        }
    }

    fn is_known(&self) -> bool {
        !matches!(self, Self::Mistyped | Self::Unknown)
    }

    /// Whether several wires may end at the input.
    fn takes_many(&self, port: usize) -> bool {
        match self {
            Self::Node(_, ports) => ports.inputs.get(port).is_some_and(|port| port.many),
            Self::Graph(_) | Self::Bypassed { .. } => false,
            Self::Mistyped | Self::Unknown => true,
        }
    }

    /// The inputs that must have a wire.
    fn needed(&self) -> Vec<usize> {
        match self {
            Self::Node(_, ports) => {
                let needed = ports.inputs.iter().enumerate().filter(|(_, port)| port.required);
                needed.map(|(number, _)| number).collect()
            }
            Self::Graph(used) => (0..used.inputs.len()).filter(|input| used.wired.needs(*input)).collect(),
            Self::Bypassed { .. } => vec![0],
            Self::Mistyped | Self::Unknown => Vec::new(),
        }
    }
}

/// Where a wire begins, before graphs in the place of nodes are seen through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Input(usize),
    Element(usize, usize),
}

/// Where a wire ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Target {
    Output(usize),
    Element(usize, usize),
}

/// A wire's ends inside a file: `None` where a name meant nothing.
pub(super) struct Link {
    pub(super) from: Option<Source>,
    pub(super) to: Option<Target>,
    pub(super) origin: Origin,
}

/// For every target that has a wire, the number of its first.
pub(super) type Feeds = HashMap<Target, usize>;

/// How the inputs and outputs of a file are wired inside.
#[derive(Debug, Default)]
pub(super) struct Wired {
    /// For every input, where its wires end.
    pub(super) uses: Vec<Vec<Ending>>,
    /// For every output, where its wire begins.
    pub(super) sources: Vec<Option<(From, Origin)>>,
}

/// Where a wire from an input of a file ends.
#[derive(Clone, Debug)]
pub(super) struct Ending {
    pub(super) node: NodeId,
    pub(super) port: usize,
    /// Whether the port must have a wire.
    pub(super) required: bool,
    pub(super) origin: Origin,
}

impl Wired {
    /// The wires of the outermost graph's own inputs and outputs.
    pub(super) fn ends(self) -> Vec<Wire> {
        use crate::model::To;
        let mut wires = Vec::new();
        for (input, uses) in self.uses.into_iter().enumerate() {
            let wire = |end: Ending| Wire {
                from: From::Input(input),
                to: To::Node(end.node, end.port),
                origin: end.origin,
            };
            wires.extend(uses.into_iter().map(wire));
        }
        for (output, source) in self.sources.into_iter().enumerate() {
            wires.extend(source.map(|(from, origin)| Wire { from, to: To::Output(output), origin }));
        }
        wires
    }

    /// Whether something behind the input cannot be without it.
    fn needs(&self, input: usize) -> bool {
        self.uses.get(input).is_some_and(|uses| uses.iter().any(|ending| ending.required))
            || self.sources.iter().flatten().any(|(from, _)| *from == From::Input(input))
    }
}

/// Connects the wires of `document`. Wires between nodes go to `wires`; those at the file's own ends are given back.
pub(super) fn connect(
    document: &Document,
    elements: &[Element],
    wires: &mut Vec<Wire>,
    errors: &mut Vec<Diagnostic>,
) -> Used {
    let mut connector = Connector {
        document,
        elements,
        errors,
        inputs: Names::new("input"),
        outputs: Names::new("output"),
        links: Vec::new(),
    };
    for wire in &document.wires {
        connector.wire(wire);
    }
    let feeds = connector.two_wires();
    let onward = connector.onward();
    connector.unconnected(&feeds);
    loops(document, &connector.links, &onward, connector.errors);
    connector.reach(&onward);
    let Connector { inputs, outputs, links, .. } = connector;
    let (inputs, outputs) = (inputs.names, outputs.names);
    let wired = see_through(elements, &links, &feeds, (inputs.len(), outputs.len()), wires);
    Used { inputs, outputs, wired }
}

/// Names of ends, in the order in which wires name them.
struct Names {
    names: Vec<String>,
    numbers: HashMap<String, usize>,
}

impl Names {
    fn new(main: &str) -> Self {
        Self { names: vec![main.to_owned()], numbers: HashMap::from([(main.to_owned(), 0)]) }
    }

    /// The number of an end; a new name is added.
    fn number(&mut self, port: Option<&str>) -> usize {
        let Some(name) = port else { return 0 };
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        self.numbers.insert(name.to_owned(), self.names.len());
        self.names.push(name.to_owned());
        self.names.len() - 1
    }
}

/// For every element, the wires that lead on from it and the elements they lead to.
pub(super) type Onward = Vec<Vec<(usize, usize)>>;

struct Connector<'a> {
    document: &'a Document,
    elements: &'a [Element],
    errors: &'a mut Vec<Diagnostic>,
    inputs: Names,
    outputs: Names,
    links: Vec<Link>,
}

impl Connector<'_> {
    fn error(&mut self, code: Code, message: String, end: &EndDecl, label: &str) -> &mut Diagnostic {
        let at = (self.document.file, end.span.clone());
        self.errors.push(Diagnostic::new(code, message, at, label));
        let last = self.errors.len() - 1;
        &mut self.errors[last]
    }

    fn wire(&mut self, wire: &WireDecl) {
        if self.errors.len() >= limits::ERRORS {
            return;
        }
        let last = wire.ends.len() - 1;
        let middle = wire.ends.iter().take(last).skip(1).filter(|end| end.port.is_some());
        let middle: Vec<&EndDecl> = middle.collect();
        for end in &middle {
            let help = format!("write two wires: one that ends at `{0}`, one that begins there", end.node);
            let message = "a port in the middle of a wire".to_owned();
            self.error(Code::PortInTheMiddle, message, end, "in or out?").help.push(help);
        }
        if !middle.is_empty() {
            return;
        }
        for pair in wire.ends.windows(2) {
            let (from, to) = (self.source(&pair[0]), self.target(&pair[1]));
            let span = pair[0].span.start..pair[1].span.end;
            self.links.push(Link { from, to, origin: Origin { file: self.document.file, span } });
        }
    }

    /// The fix that gives the node or the port of an end another name: only that name changes. `None` where the end's
    /// bytes are not known (its text has escapes).
    fn renamed(&self, end: &EndDecl, node: &str, port: Option<&str>, near: String) -> Option<Fix> {
        let whole = node.len() + end.port.as_ref().map_or(0, |port| 1 + port.len());
        if end.span.len() != whole {
            return None;
        }
        let span = match port {
            None => end.span.start..end.span.start + node.len(),
            Some(port) => end.span.end - port.len()..end.span.end,
        };
        Some(Fix { title: format!("change to `{near}`"), at: (self.document.file, span), text: near })
    }

    fn element(&mut self, end: &EndDecl) -> Option<usize> {
        let found = self.document.node(&end.node);
        if found.is_none() {
            let names = self.document.nodes.iter().map(|node| node.name.as_str()).chain(["input", "output"]);
            let near = nearest(&end.node, names).map(str::to_owned);
            let help = format!("name a node that is there, or add one called `{}`", end.node);
            let message = format!("there is no node `{}`", end.node);
            let label = did_you_mean(near.as_deref(), "unknown");
            let fix = near.and_then(|near| self.renamed(end, &end.node, None, near));
            let diagnostic = self.error(Code::UnknownNode, message, end, &label);
            diagnostic.help.push(help);
            diagnostic.fix = fix;
        }
        found
    }

    fn source(&mut self, end: &EndDecl) -> Option<Source> {
        if end.node == "input" {
            return Some(Source::Input(self.inputs.number(end.port.as_deref())));
        }
        if end.node == "output" {
            let message = "nothing comes out of the output".to_owned();
            let help = "the output stands at the end of a wire, as in `\"a -> output\"`";
            self.error(Code::BadWire, message, end, "a wire ends here").help.push(help.into());
            return None;
        }
        let element = self.element(end)?;
        let port = self.port(element, end, Side::Output)?;
        Some(Source::Element(element, port))
    }

    fn target(&mut self, end: &EndDecl) -> Option<Target> {
        if end.node == "output" {
            return Some(Target::Output(self.outputs.number(end.port.as_deref())));
        }
        if end.node == "input" {
            let message = "nothing goes into the input".to_owned();
            let help = "the input stands at the beginning of a wire, as in `\"input -> a\"`";
            self.error(Code::BadWire, message, end, "a wire begins here").help.push(help.into());
            return None;
        }
        let element = self.element(end)?;
        let port = self.port(element, end, Side::Input)?;
        Some(Target::Element(element, port))
    }

    /// The number of the port that `end` names.
    fn port(&mut self, number: usize, end: &EndDecl, side: Side) -> Option<usize> {
        let element = &self.elements[number];
        let found = element.port(side, end.port.as_deref()).ok()?;
        if found.is_none() {
            let (name, names) = (end.port.as_deref().unwrap_or_default(), element.names(side));
            let near = nearest(name, names.iter().copied());
            let label = did_you_mean(near, "no such port");
            let fix = near.and_then(|near| self.renamed(end, &end.node, Some(name), near.to_owned()));
            let what = if side == Side::Input { "input" } else { "output" };
            let message = format!("`{}` has no {what} called `{name}`", end.node);
            let decl = &self.document.nodes[number];
            let at = (self.document.file, decl.kind_span.clone());
            let listed = format!("`{}` is {}; {what}s: {}", end.node, a(&decl.kind), names.join(", "));
            let diagnostic = self.error(Code::UnknownPort, message, end, &label);
            diagnostic.related.push((at, listed));
            diagnostic.fix = fix;
        }
        found
    }

    /// Refuses a second wire at a port for one. Gives back the first wire at every port.
    fn two_wires(&mut self) -> Feeds {
        let mut feeds = Feeds::with_capacity(self.links.len());
        for (number, link) in self.links.iter().enumerate() {
            let Some(target) = link.to else { continue };
            let first = *feeds.entry(target).or_insert(number);
            let many = match target {
                Target::Output(_) => false,
                Target::Element(element, port) => self.elements[element].takes_many(port),
            };
            if first == number || many || self.errors.len() >= limits::ERRORS {
                continue;
            }
            let file = self.document.file;
            let message = format!("two wires end at `{}`", self.name(target));
            let first = self.links[first].origin.span.clone();
            self.errors.push(
                Diagnostic::new(Code::TwoWires, message, (file, link.origin.span.clone()), "the second")
                    .related((file, first), "the first")
                    .help("wires are only added where you say so: put a `Mix` in front"),
            );
        }
        feeds
    }

    /// A target as one would write it in a wire.
    fn name(&self, target: Target) -> String {
        let (node, port, name) = match target {
            Target::Output(number) => ("output", number, self.outputs.names[number].as_str()),
            Target::Element(element, port) => {
                let names = self.elements[element].names(Side::Input);
                let name = names.get(port).copied().unwrap_or_default();
                (self.document.nodes[element].name.as_str(), port, name)
            }
        };
        if port == 0 { node.to_owned() } else { format!("{node}.{name}") }
    }

    fn unconnected(&mut self, feeds: &Feeds) {
        let mut heard = vec![false; self.elements.len()];
        for link in &self.links {
            if let Some(Source::Element(element, _)) = link.from {
                heard[element] = true;
            }
        }
        for (element, decl) in self.document.nodes.iter().enumerate() {
            if self.errors.len() >= limits::ERRORS {
                return;
            }
            let known = &self.elements[element];
            let at = (self.document.file, decl.name_span.clone());
            for port in known.needed() {
                if feeds.contains_key(&Target::Element(element, port)) {
                    continue;
                }
                let message = format!("nothing is connected to `{}`", decl.name);
                let name = known.names(Side::Input).get(port).copied().unwrap_or_default();
                let label = format!("its input `{name}` needs a wire");
                let end = if port == 0 { decl.name.clone() } else { format!("{}.{name}", decl.name) };
                let help = format!("add a wire that ends there, as in `\"input -> {end}\"`");
                self.errors.push(Diagnostic::new(Code::Unconnected, message, at.clone(), label).help(help));
            }
            if known.is_known() && !heard[element] {
                let message = format!("nobody hears `{}`", decl.name);
                let help = format!("add a wire that begins there, or remove `{}`", decl.name);
                self.errors
                    .push(Diagnostic::new(Code::Unheard, message, at, "no wire begins here").help(help));
            }
        }
    }

    fn onward(&self) -> Onward {
        let mut onward = vec![Vec::new(); self.elements.len()];
        for (number, link) in self.links.iter().enumerate() {
            if let (Some(Source::Element(source, _)), Some(Target::Element(target, _))) = (link.from, link.to)
            {
                onward[source].push((number, target));
            }
        }
        onward
    }

    /// Whether anything from the input reaches the output.
    fn reach(&mut self, onward: &Onward) {
        let unknown = self.elements.iter().any(|element| !element.is_known());
        let broken = self.links.iter().any(|link| link.from.is_none() || link.to.is_none());
        if unknown || broken || self.document.wires.is_empty() && !self.errors.is_empty() {
            return;
        }
        let mut reached = vec![false; self.elements.len()];
        let begins = self.links.iter().filter(|link| matches!(link.from, Some(Source::Input(_))));
        let mut stack: Vec<usize> = begins
            .filter_map(|link| match link.to {
                Some(Target::Element(element, _)) => Some(element),
                _ => None,
            })
            .collect();
        while let Some(element) = stack.pop() {
            if !std::mem::replace(&mut reached[element], true) {
                stack.extend(onward[element].iter().map(|(_, target)| target));
            }
        }
        let arrives = self.links.iter().any(|link| match (link.from, link.to) {
            (Some(Source::Input(_)), Some(Target::Output(0))) => true,
            (Some(Source::Element(element, _)), Some(Target::Output(0))) => reached[element],
            _ => false,
        });
        if !arrives {
            let message = "no way leads from `input` to `output`";
            let diagnostic = Diagnostic::general(Code::NoWay, message)
                .help("a graph has a wire like `\"input -> a -> output\"`");
            let at = self.document.wires.first().and_then(|wire| wire.ends.first());
            let at = at.map(|end| (self.document.file, end.span.clone()));
            let label = if at.is_some() { "the wires begin here".to_owned() } else { String::new() };
            self.errors.push(Diagnostic { at, label, ..diagnostic });
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Input,
    Output,
}
