//! From the tree of a graph file to its declarations.

use super::document::{AssetDecl, AssetSource, Document, EndDecl, NodeDecl, UseDecl, WireDecl};
use crate::diagnostic::{Code, Diagnostic};
use crate::limits;
use crate::model::About;
use crate::requires::{Requires, Unmet};
use crate::tree::{Call, Entry, Span, Value, ValueKind};
use crate::wire::{self, End};
use deadwax_node::{Lane, ron_options};

/// The newest format this program reads.
pub(crate) const FORMAT: u32 = 1;

/// Reads the parts of `root`.
pub(super) fn read(
    source: &str,
    root: &Value,
    file: usize,
    errors: &mut Vec<Diagnostic>,
) -> Option<Document> {
    let mut reader = Reader { source, file, errors };
    let ValueKind::Call(Call { name: Some((name, _)), .. }) = &root.kind else {
        return reader.no_graph(root);
    };
    if name != "Graph" {
        return reader.no_graph(root);
    }
    if !reader.format(root) {
        return None;
    }
    let mut document = Document::of(file);
    for entry in root.entries() {
        reader.section(entry, &mut document);
    }
    document.index();
    for needed in ["nodes", "wires"] {
        if root.entry(needed).is_none() {
            let at = root.span.start..root.span.start + "Graph".len();
            let message = format!("the graph has no `{needed}`");
            reader.say(Code::WrongSection, message, &at, "in this graph", &format!("add `{needed}: …`"));
        }
    }
    Some(document)
}

/// Notes what is wrong while it reads.
pub(super) struct Reader<'a> {
    pub(super) source: &'a str,
    file: usize,
    errors: &'a mut Vec<Diagnostic>,
}

impl Reader<'_> {
    pub(super) fn push(&mut self, code: Code, message: impl Into<String>, span: &Span, label: &str) {
        if self.errors.len() < limits::ERRORS {
            self.errors.push(Diagnostic::new(code, message, (self.file, span.clone()), label));
        }
    }

    pub(super) fn say(
        &mut self,
        code: Code,
        message: impl Into<String>,
        span: &Span,
        label: &str,
        help: &str,
    ) {
        if self.errors.len() < limits::ERRORS {
            self.errors.push(Diagnostic::new(code, message, (self.file, span.clone()), label).help(help));
        }
    }

    /// Says that a name means nothing: which one is near, or else which there are.
    pub(super) fn unknown(
        &mut self,
        (code, message): (Code, String),
        (word, span): (&str, &Span),
        known: &[&str],
        listed: &str,
    ) {
        let near = super::nearest(word, known.iter().copied());
        let help = super::did_you_mean(near, listed);
        let diagnostic = Diagnostic::new(code, message, (self.file, span.clone()), "here");
        self.note(diagnostic.meant(near).help(help));
    }

    fn note(&mut self, diagnostic: Diagnostic) {
        if self.errors.len() < limits::ERRORS {
            self.errors.push(diagnostic);
        }
    }

    fn no_graph(&mut self, root: &Value) -> Option<Document> {
        if root.kind != ValueKind::Broken {
            let shown: usize = self.source[root.span.clone()].chars().take(20).map(char::len_utf8).sum();
            let span = root.span.start..root.span.start + shown;
            let help = "a graph file looks like `Graph(format: 1, nodes: { … }, wires: [ … ])`";
            self.say(
                Code::NoGraph,
                "this file is no graph",
                &span,
                &format!("this is {}", root.describe()),
                help,
            );
        }
        None
    }

    /// Whether the file is of a format that can be read.
    fn format(&mut self, root: &Value) -> bool {
        let Some(entry) = root.entry("format") else {
            let span = root.span.start..root.span.start + "Graph".len();
            let help = format!("begin with `Graph(format: {FORMAT}, …`");
            let inside = (self.file, span.end + "(".len()..span.end + "(".len());
            let diagnostic = Diagnostic::new(
                Code::NoFormat,
                "the graph does not say its format",
                (self.file, span),
                "here",
            );
            let title = format!("say `format: {FORMAT}`");
            self.note(diagnostic.help(help).fix(title, inside, format!("format: {FORMAT}, ")));
            return true;
        };
        let text = &self.source[entry.value.span.clone()];
        match text.parse::<u32>() {
            Ok(FORMAT) => true,
            Ok(newer) if newer > FORMAT => {
                self.errors.clear();
                let message = format!("this graph is of format {newer}; this program reads up to {FORMAT}");
                self.say(Code::NewerFormat, message, &entry.value.span, "newer", "update deadwax to read it");
                false
            }
            _ => {
                let message = format!("`{text}` is no format");
                self.say(
                    Code::NoFormat,
                    message,
                    &entry.value.span,
                    "here",
                    &format!("write `format: {FORMAT}`"),
                );
                true
            }
        }
    }

    fn section(&mut self, entry: &Entry, document: &mut Document) {
        match entry.key.as_str() {
            "format" => {}
            "about" => document.about = self.about(&entry.value),
            "use" => {
                for entry in self.at_most(entry, limits::ENTRIES) {
                    document.uses.extend(self.used(entry));
                }
            }
            "assets" => {
                for entry in self.at_most(entry, limits::ASSETS) {
                    document.assets.extend(self.asset(entry));
                }
            }
            "learned" => {
                for entry in self.at_most(entry, limits::ASSETS) {
                    document.learned.extend(self.used(entry));
                }
            }
            "params" => {
                for entry in self.at_most(entry, limits::ENTRIES) {
                    document.params.extend(self.param(entry));
                }
            }
            "presets" => {
                for entry in self.at_most(entry, limits::ENTRIES) {
                    document.presets.extend(self.preset(entry));
                }
            }
            "nodes" => {
                for entry in self.map(entry).iter().take(limits::NODES + 1) {
                    document.nodes.extend(self.node(entry));
                }
            }
            "wires" => self.wires(entry, document),
            other => {
                let known =
                    ["format", "about", "use", "assets", "learned", "params", "presets", "nodes", "wires"];
                let message = format!("a graph has no part `{other}`");
                let listed = format!("parts are {}", known.join(", "));
                self.unknown((Code::UnknownSection, message), (other, &entry.key_span), &known, &listed);
            }
        }
    }

    fn map<'a>(&mut self, entry: &'a Entry) -> &'a [Entry] {
        if let ValueKind::Map(entries) = &entry.value.kind {
            return entries;
        }
        self.wrong(entry, &format!("{}: {{ … }}", entry.key));
        &[]
    }

    /// The entries of a map that may not have more of them than `most`.
    pub(super) fn at_most<'a>(&mut self, entry: &'a Entry, most: usize) -> &'a [Entry] {
        let entries = self.map(entry);
        if entries.len() > most {
            let message = format!("`{}` has {} entries", entry.key, entries.len());
            self.push(Code::WrongLength, message, &entry.key_span, &format!("{most} are allowed"));
        }
        &entries[..entries.len().min(most)]
    }

    pub(super) fn wrong(&mut self, entry: &Entry, shape: &str) {
        self.wrong_value(&entry.key, &entry.value, shape);
    }

    /// Notes that a value of `name` is not as in `shape`.
    pub(super) fn wrong_value(&mut self, name: &str, value: &Value, shape: &str) {
        if value.kind != ValueKind::Broken {
            let message = format!("`{name}` has another shape");
            let label = format!("this is {}", value.describe());
            self.say(Code::WrongSection, message, &value.span, &label, &format!("write `{shape}`"));
        }
    }

    fn about(&mut self, value: &Value) -> About {
        let read = ron_options().from_str::<About>(&self.source[value.span.clone()]);
        let about = read.unwrap_or_else(|error| {
            if value.kind != ValueKind::Broken {
                let fields = "name, version, title, description, authors, license, tags, home, requires";
                let message = format!("`about` cannot be read: {}", error.code);
                let listed = format!("its fields are {fields}");
                self.say(Code::WrongSection, message, &value.span, "here", &listed);
            }
            About::default()
        });
        if let Some(Err(unmet)) = about.requires.as_ref().map(Requires::program) {
            let place = value.at_path("requires.deadwax").unwrap_or(value).span.clone();
            match unmet {
                Unmet::NoRange(_) => {
                    let help = "write `deadwax: \">=0.1\"`";
                    self.say(Code::WrongSection, unmet.to_string(), &place, "here", help);
                }
                Unmet::Version(_) => {
                    let help = "update deadwax; what this one does not know may be an error below";
                    self.say(Code::Unmet, unmet.to_string(), &place, "so it says", help);
                }
            }
        }
        about
    }

    pub(super) fn text(&mut self, entry: &Entry) -> Option<String> {
        if let ValueKind::Text(said) = &entry.value.kind {
            return Some(said.clone());
        }
        self.wrong(entry, &format!("{}: \"…\"", entry.key));
        None
    }

    fn used(&mut self, entry: &Entry) -> Option<UseDecl> {
        let path = self.text(entry)?;
        let (name, name_span) = (self.name_of_file(entry), entry.key_span.clone());
        Some(UseDecl { name, name_span, path, path_span: entry.value.span.clone() })
    }

    /// The name of an entry that stands for a file.
    fn name_of_file(&mut self, entry: &Entry) -> String {
        let name = entry.key.clone();
        if !crate::edit::is_node_name(&name) {
            let help = "names are lower case, begin with a letter, and are not `input` or `output`";
            let message = format!("`{name}` is no name for a graph or a recording");
            self.say(Code::BadName, message, &entry.key_span, "here", help);
        }
        name
    }

    /// A recording: the path of a file, or `Ask(help: "…")`.
    fn asset(&mut self, entry: &Entry) -> Option<AssetDecl> {
        let source = match &entry.value.kind {
            ValueKind::Text(path) => AssetSource::Path(path.clone()),
            ValueKind::Word(word) if word == "Ask" => AssetSource::Ask(String::new()),
            ValueKind::Call(Call { name: Some((name, _)), items, .. })
                if name == "Ask" && items.is_empty() =>
            {
                let mut help = String::new();
                for field in entry.value.entries() {
                    if field.key == "help" {
                        help = self.text(field).unwrap_or_default();
                    } else {
                        let message = format!("`Ask` has no field `{}`", field.key);
                        let found = (field.key.as_str(), &field.key_span);
                        self.unknown((Code::UnknownField, message), found, &["help"], "its field is help");
                    }
                }
                AssetSource::Ask(help)
            }
            _ => {
                self.wrong(entry, &format!("{}: \"…\"` or `{}: Ask(help: \"…\")", entry.key, entry.key));
                return None;
            }
        };
        Some(AssetDecl { name: self.name_of_file(entry), span: entry.value.span.clone(), source })
    }

    fn node(&mut self, entry: &Entry) -> Option<NodeDecl> {
        let (name, name_span) = (entry.key.clone(), entry.key_span.clone());
        if !crate::edit::is_node_name(&name) {
            let help = "names are lower case, begin with a letter, and are not `input` or `output`";
            self.say(Code::BadName, format!("`{name}` is no name for a node"), &name_span, "here", help);
        }
        let (kind, kind_span) = match &entry.value.kind {
            ValueKind::Word(kind) => (kind.clone(), entry.value.span.clone()),
            ValueKind::Call(Call { name: Some((kind, span)), items, .. }) => {
                if let Some(item) = items.first() {
                    let message = format!("a value of `{name}` has no name in front");
                    self.say(
                        Code::WrongType,
                        message,
                        &item.span,
                        "which field is this?",
                        "write `field: value`",
                    );
                }
                (kind.clone(), span.clone())
            }
            _ => {
                self.wrong(entry, &format!("{name}: Kind(field: value)"));
                return None;
            }
        };
        let (value, lane_span) = (entry.value.clone(), None);
        let mut node = NodeDecl {
            name,
            name_span,
            kind,
            kind_span,
            value,
            on: true,
            lane: Lane::Both,
            lane_span,
            note: None,
        };
        self.common(entry, &mut node);
        Some(node)
    }

    /// The fields that every node has.
    fn common(&mut self, entry: &Entry, node: &mut NodeDecl) {
        for field in entry.value.entries() {
            let word = match &field.value.kind {
                ValueKind::Word(word) => word.as_str(),
                _ => "",
            };
            match field.key.as_str() {
                "on" => match word {
                    "true" | "false" => node.on = word == "true",
                    _ => {
                        self.push(Code::WrongType, "`on` takes `true` or `false`", &field.value.span, "here")
                    }
                },
                "lane" => match Lane::ALL.iter().find(|lane| lane.name() == word) {
                    Some(lane) => (node.lane, node.lane_span) = (*lane, Some(field.value.span.clone())),
                    None => {
                        let names = Lane::ALL.map(Lane::name);
                        let message = "there is no such lane".to_owned();
                        let listed = format!("lanes are {}", names.join(", "));
                        let found = (word, &field.value.span);
                        self.unknown((Code::UnknownChoice, message), found, &names, &listed);
                    }
                },
                "note" => node.note = self.text(field),
                _ => {}
            }
        }
    }

    fn wires(&mut self, entry: &Entry, document: &mut Document) {
        let ValueKind::List(items) = &entry.value.kind else {
            self.wrong(entry, "wires: [\"input -> a -> output\"]");
            return;
        };
        for item in items {
            match &item.kind {
                ValueKind::Text(said) => document.wires.extend(self.wire(said, &item.span)),
                ValueKind::Broken => {}
                _ => {
                    let label = format!("this is {}", item.describe());
                    self.say(
                        Code::BadWire,
                        "a wire is a line of text",
                        &item.span,
                        &label,
                        "write `\"a -> b\"`",
                    );
                }
            }
        }
    }

    fn wire(&mut self, said: &str, span: &Span) -> Option<WireDecl> {
        // Places inside the text are known when it is written plainly, without escapes.
        let inside = span.start + 1;
        let plain = self.source[inside..].starts_with(said);
        let (mut ends, mut good) = (Vec::new(), true);
        for End { node, port, span: part } in wire::ends(said) {
            let name = &said[part.clone()];
            let at = if plain { inside + part.start..inside + part.end } else { span.clone() };
            let word = |text: &str| {
                !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            };
            if !word(node) || !port.is_none_or(word) {
                let message = if name.is_empty() {
                    "a wire with a loose end".to_owned()
                } else {
                    format!("`{name}` is no end of a wire")
                };
                let at = if name.is_empty() { span.clone() } else { at };
                self.say(Code::BadWire, message, &at, "here", "wires look like `\"a.port -> b -> c\"`");
                good = false;
                continue;
            }
            ends.push(EndDecl { node: node.to_owned(), port: port.map(str::to_owned), span: at });
        }
        if good && ends.len() < 2 {
            self.say(
                Code::BadWire,
                "a wire has two ends",
                span,
                "here",
                "wires look like `\"a.port -> b -> c\"`",
            );
            good = false;
        }
        good.then_some(WireDecl { ends })
    }
}
