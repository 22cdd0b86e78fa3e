//! What a graph file declares, as far as its text can be read.

use deadwax_graph::tree::{Call, Entry, Span, Value, ValueKind, open_at, parse};
use deadwax_graph::{Graph, Loader, Overrides, load, names_template, wire};
use deadwax_node::{AnyNode, Ports, Registry};
use std::borrow::Cow;

/// What there is around a graph file: the kinds, and the files it may use.
#[derive(Clone, Copy)]
pub struct World<'a> {
    /// The installed kinds.
    pub registry: &'a Registry,
    /// Where other files come from.
    pub loader: &'a dyn Loader,
    /// Graphs that come with the program: their names and texts.
    pub shipped: &'a [(&'a str, &'a str)],
}

/// The parts of a graph file.
#[derive(Debug)]
pub struct Outline<'t> {
    text: &'t str,
    root: Value,
}

/// A name in a wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WireEnd {
    /// The node, or `input` or `output`.
    pub node: String,
    /// Where it stands in the file.
    pub node_span: Span,
    /// The port, if one is named, and where that stands.
    pub port: Option<(String, Span)>,
    /// Whether a wire ends here.
    pub target: bool,
    /// Whether a wire begins here.
    pub source: bool,
}

impl<'t> Outline<'t> {
    /// The parts of `text`.
    #[must_use]
    pub fn of(text: &'t str) -> Self {
        Self { text, root: parse(text, 0, &mut Vec::new()) }
    }

    /// The whole.
    #[must_use]
    pub fn root(&self) -> &Value {
        &self.root
    }

    /// The entries of a part of the graph.
    #[must_use]
    pub fn part(&self, name: &str) -> &[Entry] {
        self.root.entry(name).map_or(&[], |entry| entry.value.entries())
    }

    /// The entry called `name` in a part of the graph.
    #[must_use]
    pub fn entry(&self, part: &str, name: &str) -> Option<&Entry> {
        self.part(part).iter().find(|entry| entry.key == name)
    }

    /// The bytes of a name, without quotes around it.
    #[must_use]
    pub fn bare(&self, span: &Span) -> Span {
        let said = &self.text[span.clone()];
        let quoted = said.len() >= 2 && said.starts_with('"') && said.ends_with('"');
        if quoted { span.start + 1..span.end - 1 } else { span.clone() }
    }

    /// The bytes inside a text in quotes; `None` where it has escapes, so that they do not say what the text says.
    #[must_use]
    pub fn inside(&self, value: &Value) -> Option<Span> {
        let ValueKind::Text(said) = &value.kind else { return None };
        let inside = self.bare(&value.span);
        (self.text[inside.clone()] == **said).then_some(inside)
    }

    /// A value as it is written.
    #[must_use]
    pub fn written(&self, value: &Value) -> String {
        self.text[value.span.clone()].to_owned()
    }

    /// Every name in every wire.
    #[must_use]
    pub fn wire_ends(&self) -> Vec<WireEnd> {
        let wires = self.root.entry("wires").map(|entry| &entry.value.kind);
        let Some(ValueKind::List(items)) = wires else { return Vec::new() };
        items
            .iter()
            .filter_map(|item| self.inside(item))
            .flat_map(|inside| ends(self.text, &inside))
            .collect()
    }

    /// The graph that is used under a name, if it has no errors.
    #[must_use]
    pub fn used(&self, name: &str, world: &World<'_>) -> Option<Graph> {
        let named = self.used_text(name)?;
        if names_template(named) {
            let template = world.loader.template(named).ok()?;
            let overrides = Overrides { preset: template.preset, values: Vec::new() };
            return load(world.registry, &*template.files, &template.entry, &overrides).ok();
        }
        load(world.registry, world.loader, &below(named)?, &Overrides::none()).ok()
    }

    /// What stands for the graph that is used under a name: a path below the folder of this one, or a template.
    #[must_use]
    pub fn used_text(&self, name: &str) -> Option<&str> {
        match &self.entry("use", name)?.value.kind {
            ValueKind::Text(named) => Some(named),
            _ => None,
        }
    }

    /// The node as its kind, with what can be read of its fields.
    #[must_use]
    pub fn node(&self, name: &str, registry: &Registry) -> Option<Box<dyn AnyNode>> {
        let value = &self.entry("nodes", name)?.value;
        let (kind, _) = kind_of(value)?;
        let kind = registry.get(&kind)?;
        let own =
            value.entries().iter().filter(|entry| kind.fields.iter().any(|field| field.name == entry.key));
        let body: Vec<&str> = own.map(|entry| &self.text[entry.span()]).collect();
        let read = kind.from_ron(&format!("({})", body.join(", "))).ok();
        Some(read.filter(|node| node.problems().is_empty()).unwrap_or_else(|| kind.default_node()))
    }

    /// Names of the inputs and outputs of a node, each with a few words on what it is; the main ones first.
    #[must_use]
    pub fn ports(&self, name: &str, world: &World<'_>) -> Option<(Vec<Plug>, Vec<Plug>)> {
        if let Some(node) = self.node(name, world.registry) {
            let Ports { inputs, outputs } = node.ports();
            let plugs = |ports: &[deadwax_node::Port]| ports.iter().map(Plug::of).collect();
            return Some((plugs(&inputs), plugs(&outputs)));
        }
        let (kind, _) = kind_of(&self.entry("nodes", name)?.value)?;
        let used = self.used(&kind, world)?;
        let plugs = |names: &[String]| {
            names
                .iter()
                .map(|name| Plug { name: name.clone(), help: format!("of the graph `{}`", used.name) })
                .collect()
        };
        Some((plugs(&used.inputs), plugs(&used.outputs)))
    }
}

/// A port, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plug {
    /// Its name.
    pub name: String,
    /// What it is, how many channels it has, whether it may stay open.
    pub help: String,
}

impl Plug {
    fn of(port: &deadwax_node::Port) -> Self {
        Self { name: port.name.to_string(), help: crate::words::port(port) }
    }
}

/// The kind of a node, and where it stands.
#[must_use]
pub fn kind_of(value: &Value) -> Option<(String, Span)> {
    match &value.kind {
        ValueKind::Word(kind) => Some((kind.clone(), value.span.clone())),
        ValueKind::Call(Call { name, .. }) => name.clone(),
        _ => None,
    }
}

/// The names in the wire that stands at `inside`, between its quotes.
#[must_use]
pub fn ends(text: &str, inside: &Span) -> Vec<WireEnd> {
    let wire = &text[inside.clone()];
    let count = wire::ends(wire).count();
    let end = |(number, end): (usize, wire::End<'_>)| {
        let start = inside.start + end.span.start;
        let node_span = start..start + end.node.len();
        let port = end.port.map(|port| {
            let begin = node_span.end + ".".len();
            (port.to_owned(), begin..begin + port.len())
        });
        let (target, source) = (number > 0, number + 1 < count);
        WireEnd { node: end.node.to_owned(), node_span, port, target, source }
    };
    wire::ends(wire).enumerate().map(end).collect()
}

/// A path as a graph names it, below the folder of the graph; `None` where it would lead elsewhere.
#[must_use]
pub fn below(path: &str) -> Option<String> {
    let steps: Vec<&str> = path.split('/').filter(|step| *step != ".").collect();
    let plain = |step: &&str| !step.is_empty() && *step != ".." && !step.contains(['\\', ':', '\0']);
    (!steps.is_empty() && steps.iter().all(plain)).then(|| steps.join("/"))
}

/// The text as it most likely will be: a text in quotes that is being written at `offset` is closed there, so that it
/// does not swallow what follows.
#[must_use]
pub fn mended(text: &str, offset: usize) -> Cow<'_, str> {
    let rest = text.get(offset..).unwrap_or_default();
    let line = rest.lines().next().unwrap_or_default();
    if open_at(text, offset).text.is_none() || !line.matches('"').count().is_multiple_of(2) {
        return Cow::Borrowed(text);
    }
    let mut closed = text.to_owned();
    closed.insert(offset, '"');
    Cow::Owned(closed)
}
