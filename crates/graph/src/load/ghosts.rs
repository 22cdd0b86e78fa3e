//! Nodes of kinds that the program does not know: refused, shown, or passed by.

use super::connect::Element;
use super::document::{Document, NodeDecl};
use super::expand::Expansion;
use super::files::File;
use super::{did_you_mean, nearest};
use crate::diagnostic::{Code, Diagnostic};
use crate::ghost::{Ghost, GhostNode, Ghosts};
use crate::model::{Node, NodeId, Origin};
use deadwax_node::AnyNode;

impl Expansion<'_> {
    pub(super) fn ghost(
        &mut self,
        file: &File,
        decl: &NodeDecl,
        prefix: &str,
        errors: &mut Vec<Diagnostic>,
    ) -> Option<Element> {
        let document = &file.document;
        let at = (document.file, decl.kind_span.clone());
        let (inputs, outputs) = ports_of(document, &decl.name);
        match self.unknown {
            Ghosts::Refuse => {
                errors.push(self.unknown_kind(document, decl, (&inputs, &outputs)));
                None
            }
            Ghosts::Show => {
                let ghost = GhostNode::new(&inputs, &outputs);
                let (name, ports) = (format!("{prefix}{}", decl.name), ghost.ports());
                let origin = Origin { file: document.file, span: decl.name_span.start..decl.value.span.end };
                let (on, lane, note) = (decl.on, decl.lane, decl.note.clone());
                self.nodes.push(Node { name, node: Box::new(ghost), on, lane, note, origin });
                let node = NodeId(self.nodes.len() - 1);
                self.ghosts.push(Ghost { node, kind: decl.kind.clone() });
                Some(Element::Node(node, ports))
            }
            Ghosts::Bypass if inputs.len() == 1 && outputs.len() == 1 => {
                let message =
                    format!("`{}` is passed by: there is no kind of node `{}`", decl.name, decl.kind);
                let label = "what it does is missing in the sound";
                errors.push(Diagnostic::new(Code::GhostBypassed, message, at, label));
                Some(Element::Bypassed { inputs, outputs })
            }
            Ghosts::Bypass => {
                let message = format!("`{}` cannot be passed by: {}", decl.name, ends(&inputs, &outputs));
                let label = "unknown, and its wires do not say what goes where";
                let help = "take it out of the wires, or put nodes that are known in its place";
                errors.push(Diagnostic::new(Code::GhostInTheWay, message, at, label).help(help));
                None
            }
        }
    }

    fn unknown_kind(
        &self,
        document: &Document,
        decl: &NodeDecl,
        (inputs, outputs): (&[String], &[String]),
    ) -> Diagnostic {
        let mut names: Vec<&str> = document.uses.iter().map(|used| used.name.as_str()).collect();
        for kind in self.files.registry.kinds() {
            names.push(kind.name());
        }
        let near = nearest(&decl.kind, names.iter().copied());
        let label = did_you_mean(near, "unknown");
        let message = format!("there is no kind of node `{}`", decl.kind);
        let at = (document.file, decl.kind_span.clone());
        let diagnostic = Diagnostic::new(Code::UnknownKind, message, at, label)
            .meant(near)
            .help("`deadwax nodes` lists them all");
        let said = document.about.requires.as_ref().is_some_and(|requires| requires.names(&decl.kind));
        let diagnostic = if said {
            diagnostic.note(format!(
                "the graph says so itself: it needs `{}`, which comes with another program",
                decl.kind
            ))
        } else {
            diagnostic
        };
        // A slip of the pen is mended; what comes from elsewhere is replaced or done without.
        match (near, inputs.len(), outputs.len()) {
            (Some(_), ..) if !said => diagnostic,
            (_, 1, 1) => diagnostic
                .help("put a kind that is here in its place, or render without it: `--ghosts bypass`"),
            _ => diagnostic.help(format!(
                "put kinds that are here in its place; it cannot be passed by, with {}",
                ends(inputs, outputs)
            )),
        }
    }
}

/// How many ends a node has, as far as its wires tell.
fn ends(inputs: &[String], outputs: &[String]) -> String {
    let count = |count: usize, one: &str| match count {
        1 => format!("1 {one}"),
        count => format!("{count} {one}s"),
    };
    format!("{} and {}", count(inputs.len(), "input"), count(outputs.len(), "output"))
}

/// The inputs and outputs of a node as its wires use them, main ones first.
fn ports_of(document: &Document, name: &str) -> (Vec<String>, Vec<String>) {
    let (mut inputs, mut outputs) = (Vec::new(), Vec::new());
    for wire in &document.wires {
        let last = wire.ends.len() - 1;
        for (place, end) in wire.ends.iter().enumerate().filter(|(_, end)| end.node == name) {
            let is_end = place == 0 || place == last;
            let port = end.port.as_deref().filter(|_| is_end);
            if place > 0 {
                add(&mut inputs, port.filter(|_| place == last), "in");
            }
            if place < last {
                add(&mut outputs, port.filter(|_| place == 0), "out");
            }
        }
    }
    (inputs, outputs)
}

fn add(ports: &mut Vec<String>, port: Option<&str>, main: &str) {
    let name = port.unwrap_or(main);
    if ports.iter().any(|known| known == name) {
        return;
    }
    let at = if name == main { 0 } else { ports.len() };
    ports.insert(at, name.to_owned());
}
