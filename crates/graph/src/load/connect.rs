//! Wires: from names to ports.

use super::expand::{Used, port_of};
use super::nearest;
use super::sections::{Document, EndDecl, WireDecl};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{From, NodeId, Origin, To, Wire};
use deadwax_node::Ports;

/// What stands behind a node's name.
pub(super) enum Element {
    /// A node.
    Node(NodeId, Ports),
    /// A graph.
    Graph(Used),
    /// A graph that is switched off: its main input is its main output.
    Bypassed,
    /// Something with errors of its own, whose ports are not known.
    Mistyped,
    /// A node of an unknown kind.
    Unknown,
}

/// A port by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Port(pub(super) usize);

/// Where a wire begins, before graphs in the place of nodes are seen through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Input(usize),
    Element(usize, usize),
}

/// A wire's ends inside a file: `None` where a name meant nothing.
struct Link {
    from: Option<Source>,
    to: Option<Target>,
    origin: Origin,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Output(usize),
    Element(usize, usize),
}

/// How the inputs and outputs of a file are wired inside.
#[derive(Debug, Default)]
pub(super) struct Wired {
    /// For every input, where its wires end.
    uses: Vec<Vec<(Ending, Origin)>>,
    /// For every output, where its wire begins.
    sources: Vec<Option<(From, Origin)>>,
}

/// Where a wire from an input ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Node(NodeId, usize),
    Output(usize),
}

impl Wired {
    /// The wires of the outermost graph's own inputs and outputs.
    pub(super) fn ends(self) -> Vec<Wire> {
        let mut wires = Vec::new();
        for (input, uses) in self.uses.into_iter().enumerate() {
            for (ending, origin) in uses {
                if let Ending::Node(node, port) = ending {
                    wires.push(Wire { from: From::Input(input), to: To::Node(node, port), origin });
                }
            }
        }
        for (output, source) in self.sources.into_iter().enumerate() {
            wires.extend(source.map(|(from, origin)| Wire { from, to: To::Output(output), origin }));
        }
        wires
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
        inputs: vec!["input".to_owned()],
        outputs: vec!["output".to_owned()],
        links: Vec::new(),
    };
    for wire in &document.wires {
        connector.wire(wire);
    }
    connector.two_wires();
    connector.unconnected();
    connector.loops();
    connector.reach();
    let Connector { inputs, outputs, links, .. } = connector;
    let wired = see_through(elements, &links, (inputs.len(), outputs.len()), wires);
    Used { inputs, outputs, wired }
}

struct Connector<'a> {
    document: &'a Document,
    elements: &'a [Element],
    errors: &'a mut Vec<Diagnostic>,
    inputs: Vec<String>,
    outputs: Vec<String>,
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

    fn element(&mut self, end: &EndDecl) -> Option<usize> {
        let found = self.document.nodes.iter().position(|node| node.name == end.node);
        if found.is_none() {
            let names = self.document.nodes.iter().map(|node| node.name.as_str()).chain(["input", "output"]);
            let label = nearest(&end.node, names)
                .map_or_else(|| "unknown".into(), |near| format!("did you mean `{near}`?"));
            self.error(Code::UnknownNode, format!("there is no node `{}`", end.node), end, &label);
        }
        found
    }

    fn source(&mut self, end: &EndDecl) -> Option<Source> {
        if end.node == "input" {
            return Some(Source::Input(named(&mut self.inputs, end.port.as_deref())));
        }
        if end.node == "output" {
            let message = "nothing comes out of the output".to_owned();
            self.error(Code::BadWire, message, end, "a wire ends here");
            return None;
        }
        let element = self.element(end)?;
        let port = self.port(element, end, Side::Output)?;
        Some(Source::Element(element, port))
    }

    fn target(&mut self, end: &EndDecl) -> Option<Target> {
        if end.node == "output" {
            return Some(Target::Output(named(&mut self.outputs, end.port.as_deref())));
        }
        if end.node == "input" {
            let message = "nothing goes into the input".to_owned();
            self.error(Code::BadWire, message, end, "a wire begins here");
            return None;
        }
        let element = self.element(end)?;
        let port = self.port(element, end, Side::Input)?;
        Some(Target::Element(element, port))
    }

    /// The number of the port that `end` names.
    fn port(&mut self, element: usize, end: &EndDecl, side: Side) -> Option<usize> {
        let name = end.port.as_deref();
        let names: Vec<String> = match (&self.elements[element], side) {
            (Element::Node(_, ports), Side::Input) => {
                ports.inputs.iter().map(|port| port.name.to_string()).collect()
            }
            (Element::Node(_, ports), Side::Output) => {
                ports.outputs.iter().map(|port| port.name.to_string()).collect()
            }
            (Element::Graph(used), Side::Input) => used.inputs.clone(),
            (Element::Graph(used), Side::Output) => used.outputs.clone(),
            (Element::Bypassed, _) => return Some(0),
            (Element::Mistyped | Element::Unknown, _) => return None,
        };
        let main = names.first().cloned().unwrap_or_default();
        let found = port_of(&names, name, &main);
        if found.is_none() {
            let name = name.unwrap_or_default();
            let label = nearest(name, names.iter().map(String::as_str))
                .map_or_else(|| "no such port".into(), |near| format!("did you mean `{near}`?"));
            let what = if side == Side::Input { "input" } else { "output" };
            let message = format!("`{}` has no {what} called `{name}`", end.node);
            let decl = &self.document.nodes[element];
            let at = (self.document.file, decl.kind_span.clone());
            let listed = format!("`{}` is a `{}`; {what}s: {}", end.node, decl.kind, names.join(", "));
            self.error(Code::UnknownPort, message, end, &label).related.push((at, listed));
        }
        found.map(|port| port.0)
    }

    /// Whether several wires may end at a port.
    fn takes_many(&self, target: Target) -> bool {
        match target {
            Target::Output(_) => false,
            Target::Element(element, port) => match &self.elements[element] {
                Element::Node(_, ports) => ports.inputs.get(port).is_some_and(|port| port.many),
                Element::Graph(_) | Element::Bypassed => false,
                Element::Mistyped | Element::Unknown => true,
            },
        }
    }

    fn two_wires(&mut self) {
        for later in 0..self.links.len() {
            let Some(target) = self.links[later].to else { continue };
            let first = self.links[..later].iter().find(|link| link.to == Some(target));
            let Some(first) = first.filter(|_| !self.takes_many(target)) else { continue };
            let name = match target {
                Target::Output(0) => "output".to_owned(),
                Target::Output(number) => format!("output.{}", self.outputs[number]),
                Target::Element(element, _) => self.document.nodes[element].name.clone(),
            };
            let (file, span) = (self.document.file, self.links[later].origin.span.clone());
            let diagnostic = Diagnostic::new(
                Code::TwoWires,
                format!("two wires end at `{name}`"),
                (file, span),
                "the second",
            )
            .related((file, first.origin.span.clone()), "the first")
            .help("wires are only added where you say so: put a `Mix` in front");
            self.errors.push(diagnostic);
        }
    }

    fn unconnected(&mut self) {
        for (element, decl) in self.document.nodes.iter().enumerate() {
            let Element::Node(_, ports) = &self.elements[element] else { continue };
            for (port, declared) in ports.inputs.iter().enumerate().filter(|(_, port)| port.required) {
                if self.links.iter().any(|link| link.to == Some(Target::Element(element, port))) {
                    continue;
                }
                let message = format!("nothing is connected to `{}`", decl.name);
                let label = format!("its input `{}` needs a wire", declared.name);
                let at = (self.document.file, decl.name_span.clone());
                self.errors.push(Diagnostic::new(Code::Unconnected, message, at, label));
            }
            let heard = self
                .links
                .iter()
                .any(|link| matches!(link.from, Some(Source::Element(from, _)) if from == element));
            if !heard {
                let message = format!("nobody hears `{}`", decl.name);
                let at = (self.document.file, decl.name_span.clone());
                self.errors.push(Diagnostic::new(Code::Unheard, message, at, "no wire begins here"));
            }
        }
    }

    /// Wires from an element to another, by their numbers.
    fn onward(&self, from: usize) -> impl Iterator<Item = (usize, usize)> {
        self.links.iter().enumerate().filter_map(move |(number, link)| match (link.from, link.to) {
            (Some(Source::Element(source, _)), Some(Target::Element(target, _))) if source == from => {
                Some((number, target))
            }
            _ => None,
        })
    }

    /// Finds loops, each once, and names the whole of it.
    fn loops(&mut self) {
        #[derive(Clone, Copy, PartialEq)]
        enum Mark {
            New,
            Open,
            Done,
        }
        let count = self.elements.len();
        let onward: Vec<Vec<(usize, usize)>> =
            (0..count).map(|element| self.onward(element).collect()).collect();
        let mut marks = vec![Mark::New; count];
        let mut found = Vec::new();
        for start in 0..count {
            if marks[start] != Mark::New {
                continue;
            }
            // Depth first without recursion: a graph may have thousands of nodes in a row.
            let mut path: Vec<(usize, usize, Option<usize>)> = vec![(start, 0, None)];
            marks[start] = Mark::Open;
            while let Some((element, next, _)) = path.last().copied() {
                match onward[element].get(next) {
                    None => {
                        marks[element] = Mark::Done;
                        path.pop();
                    }
                    Some(&(wire, target)) => {
                        if let Some(step) = path.last_mut() {
                            step.1 += 1;
                        }
                        if marks[target] == Mark::Open {
                            let begin = path.iter().position(|(element, ..)| *element == target).unwrap_or(0);
                            let wires = path[begin + 1..].iter().filter_map(|(_, _, by)| *by).chain([wire]);
                            found.push(wires.collect::<Vec<_>>());
                        } else if marks[target] == Mark::New {
                            marks[target] = Mark::Open;
                            path.push((target, 0, Some(wire)));
                        }
                    }
                }
            }
        }
        for wires in found {
            self.say_loop(&wires);
        }
    }

    fn say_loop(&mut self, wires: &[usize]) {
        let name = |source: Option<Source>| match source {
            Some(Source::Element(element, _)) => self.document.nodes[element].name.clone(),
            _ => "input".to_owned(),
        };
        let mut names: Vec<String> = wires.iter().map(|wire| name(self.links[*wire].from)).collect();
        names.extend(names.first().cloned());
        let Some((closing, others)) = wires.split_last() else { return };
        let file = self.document.file;
        let at = (file, self.links[*closing].origin.span.clone());
        let message = format!("these wires close a loop: {}", names.join(" -> "));
        let mut diagnostic = Diagnostic::new(Code::Loop, message, at, "feeds the graph back into itself");
        for (number, wire) in others.iter().enumerate() {
            let label = format!("{}: {} to {}", number + 1, names[number], names[number + 1]);
            diagnostic = diagnostic.related((file, self.links[*wire].origin.span.clone()), label);
        }
        let note = "audio runs from input to output once; feedback belongs inside a node";
        self.errors.push(diagnostic.note(note).help("take one of these wires away"));
    }

    /// Whether anything from the input reaches the output.
    fn reach(&mut self) {
        let unknown =
            self.elements.iter().any(|element| matches!(element, Element::Mistyped | Element::Unknown));
        let broken = self.links.iter().any(|link| link.from.is_none() || link.to.is_none());
        if unknown || broken || self.document.wires.is_empty() && !self.errors.is_empty() {
            return;
        }
        let mut reached = vec![false; self.elements.len()];
        let mut stack: Vec<usize> = Vec::new();
        let mut arrives = false;
        for link in self.links.iter().filter(|link| matches!(link.from, Some(Source::Input(_)))) {
            match link.to {
                Some(Target::Element(element, _)) => stack.push(element),
                Some(Target::Output(0)) => arrives = true,
                _ => {}
            }
        }
        while let Some(element) = stack.pop() {
            if std::mem::replace(&mut reached[element], true) {
                continue;
            }
            stack.extend(self.onward(element).map(|(_, target)| target));
            arrives |= self.links.iter().any(|link| {
                matches!((link.from, link.to), (Some(Source::Element(from, _)), Some(Target::Output(0))) if from == element)
            });
        }
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

/// The number of a named end; a new name is added.
fn named(names: &mut Vec<String>, port: Option<&str>) -> usize {
    let name = port.unwrap_or(&names[0]).to_owned();
    match names.iter().position(|known| *known == name) {
        Some(number) => number,
        None => {
            names.push(name);
            names.len() - 1
        }
    }
}

/// Follows wires through graphs in the place of nodes, to the nodes themselves.
fn see_through(
    elements: &[Element],
    links: &[Link],
    (inputs, outputs): (usize, usize),
    wires: &mut Vec<Wire>,
) -> Wired {
    let mut wired = Wired { uses: vec![Vec::new(); inputs], sources: vec![None; outputs] };
    for link in links {
        let (Some(from), Some(to)) = (link.from, link.to) else { continue };
        let Some(from) = origin_of(elements, links, from, 0) else { continue };
        let endings: Vec<Ending> = match to {
            Target::Output(output) => vec![Ending::Output(output)],
            Target::Element(element, port) => match &elements[element] {
                Element::Node(node, _) => vec![Ending::Node(*node, port)],
                Element::Graph(used) => {
                    let inner = used.wired.uses.get(port).into_iter().flatten();
                    inner
                        .map(|(ending, _)| *ending)
                        .filter(|ending| matches!(ending, Ending::Node(..)))
                        .collect()
                }
                _ => Vec::new(),
            },
        };
        for ending in endings {
            let origin = link.origin.clone();
            match (from, ending) {
                (_, Ending::Output(output)) => wired.sources[output] = Some((from, origin)),
                (From::Input(input), ending) => wired.uses[input].push((ending, origin)),
                (from, Ending::Node(node, port)) => {
                    wires.push(Wire { from, to: To::Node(node, port), origin })
                }
            }
        }
    }
    wired
}

/// Where a wire really begins. `None` where something on the way is unknown or goes in a circle.
fn origin_of(elements: &[Element], links: &[Link], source: Source, depth: usize) -> Option<From> {
    let (element, port) = match source {
        Source::Input(input) => return Some(From::Input(input)),
        Source::Element(element, port) => (element, port),
    };
    let feed = |input: usize| {
        let link = links.iter().find(|link| link.to == Some(Target::Element(element, input)))?;
        (depth < elements.len()).then(|| origin_of(elements, links, link.from?, depth + 1))?
    };
    match &elements[element] {
        Element::Node(node, _) => Some(From::Node(*node, port)),
        Element::Bypassed => feed(0),
        Element::Graph(used) => match used.wired.sources.get(port)?.as_ref()?.0 {
            From::Input(input) => feed(input),
            inner => Some(inner),
        },
        Element::Mistyped | Element::Unknown => None,
    }
}
