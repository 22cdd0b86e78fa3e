//! Graph files: each is read once, and again only with other values set in it.

use super::document::{AssetSource, Document, UseDecl};
use super::loader::{LoadError, Loader};
use super::macros::{Driven, driven};
use super::params::{Context, no_preset};
use super::sections;
use super::templates::{Packages, Place, allowed};
use super::{Interfaces, Overrides};
use crate::diagnostic::{At, Code, Diagnostic, SourceMap};
use crate::limits;
use crate::model::{Asset, Lesson, Origin, Param, UsedTemplate};
use crate::splices::set_all;
use crate::tree::parse;
use deadwax_node::Registry;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

/// A graph file, with the values from outside set in it.
pub(super) struct File {
    pub(super) place: Place,
    pub(super) document: Document,
    pub(super) text: String,
    pub(super) params: Vec<Param>,
    /// What macros make of fields.
    pub(super) driven: Driven,
    pub(super) used: Interfaces,
    /// How many graphs lie inside each other below this one.
    height: usize,
    /// Whether nothing is wrong with it so far. Values are set in a sound text only.
    sound: bool,
}

/// All files of a graph.
pub(super) struct Files<'a> {
    pub(super) registry: &'a Registry,
    packages: Packages<'a>,
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) sources: SourceMap,
    /// Files by their places; `None` where one is no graph.
    known: HashMap<Place, Option<Rc<File>>>,
    /// Lessons by their places: the file's number, and what stands in it; `None` where one cannot be read.
    lessons: HashMap<Place, Option<(usize, Arc<str>)>>,
    /// Bytes that may still be read.
    left: usize,
}

impl<'a> Files<'a> {
    pub(super) fn new(registry: &'a Registry, loader: &'a dyn Loader) -> Self {
        let (diagnostics, sources) = (Vec::new(), SourceMap::default());
        Self {
            registry,
            packages: Packages::new(loader),
            diagnostics,
            sources,
            known: HashMap::new(),
            lessons: HashMap::new(),
            left: limits::TOTAL_BYTES,
        }
    }

    /// Whether so many bytes more may be read; else that is noted, once.
    pub(super) fn take(&mut self, bytes: usize, by: Option<&At>) -> bool {
        if let Some(left) = self.left.checked_sub(bytes) {
            self.left = left;
            return true;
        }
        if self.left > 0 {
            self.left = 0;
            let message =
                format!("the graphs used here have more than {} bytes together", limits::TOTAL_BYTES);
            let diagnostic = Diagnostic::general(Code::TooLarge, message)
                .help("a graph counts as often as it is used with other values: use fewer or smaller ones");
            self.diagnostics.push(match by {
                Some(at) => Diagnostic { at: Some(at.clone()), label: "one too many".into(), ..diagnostic },
                None => diagnostic,
            });
        }
        false
    }

    /// Reads a file. `chain` are the files that lead to it, itself the last; `by` is where it is named, if a graph
    /// names it.
    pub(super) fn read(&mut self, place: &Place, chain: &[Place], by: Option<&At>) -> Option<Rc<File>> {
        if let Some(known) = self.known.get(place) {
            return known.clone();
        }
        let text = match self.packages.loader(place).read(&place.path, limits::FILE_BYTES) {
            Ok(text) => text,
            Err(error) => {
                self.not_read(place, &error, by);
                return None;
            }
        };
        if !self.take(text.len(), by) {
            return None;
        }
        let number = self.sources.add(self.packages.name(place), text.clone());
        let mut errors = Vec::new();
        let root = parse(&text, number, &mut errors);
        let document = sections::read(&text, &root, number, &mut errors);
        let read = document.map(|document| {
            let (used, height) = self.interfaces(&document, chain, place, &mut errors);
            let context = Context { registry: self.registry, used: &used, source: &text, file: number };
            let params = context.params(&document, &mut errors);
            context.presets(&document, &params, &mut errors);
            let (place, sound, driven) = (place.clone(), errors.is_empty(), driven(&params));
            Rc::new(File { place, document, text, params, driven, used, height, sound })
        });
        self.diagnostics.extend(errors);
        self.known.insert(place.clone(), read.clone());
        read
    }

    /// The file with values from outside set in it. `own` is whether it is the graph itself, whose text they replace in
    /// the source map; a used graph may stand there with several values.
    pub(super) fn set(&mut self, file: &Rc<File>, overrides: &Overrides, own: bool) -> Option<Rc<File>> {
        if !file.sound || *overrides == Overrides::default() {
            return Some(file.clone());
        }
        let number = file.document.file;
        let context = Context { registry: self.registry, used: &file.used, source: &file.text, file: number };
        let mut errors = Vec::new();
        let changes = context.changes(&file.document, &file.params, overrides, &mut errors);
        let mut refused = Vec::new();
        let text = set_all(&file.text, &changes, &mut refused, |bytes| self.take(bytes, None));
        errors.extend(refused.into_iter().map(|(change, error)| changes[change].refused(&error)));
        if !errors.is_empty() {
            self.diagnostics.extend(errors);
            return Some(file.clone());
        }
        let text = text?;
        if text == file.text {
            return Some(file.clone());
        }
        // Everything from here on is about the text with the values in it.
        let number = if own {
            self.sources.replace(number, &text);
            number
        } else {
            self.sources.add(self.packages.name(&file.place), text.clone())
        };
        self.again(file, text, number)
    }

    /// The same file once more, with a number of its own: for other recordings.
    pub(super) fn copy(&mut self, file: &Rc<File>) -> Option<Rc<File>> {
        if !self.take(file.text.len(), None) {
            return None;
        }
        let number = self.sources.add(self.packages.name(&file.place), file.text.clone());
        self.again(file, file.text.clone(), number)
    }

    /// The file with another text or number.
    fn again(&mut self, file: &Rc<File>, text: String, number: usize) -> Option<Rc<File>> {
        let mut errors = Vec::new();
        let root = parse(&text, number, &mut errors);
        let document = sections::read(&text, &root, number, &mut errors);
        let sound = errors.is_empty();
        self.diagnostics.extend(errors);
        let document = document?;
        let used = file.used.clone();
        let context = Context { registry: self.registry, used: &used, source: &text, file: number };
        let mut errors = Vec::new();
        let params = context.params(&document, &mut errors);
        // A whole entry that was set may bring along a field that a macro drives.
        self.diagnostics.extend(errors.into_iter().filter(|error| error.code == Code::DrivenTwice));
        let (place, height, driven) = (file.place.clone(), file.height, driven(&params));
        Some(Rc::new(File { place, document, text, params, driven, used, height, sound }))
    }

    fn not_read(&mut self, place: &Place, error: &LoadError, by: Option<&At>) {
        let name = self.packages.name(place);
        let message = format!("{name} cannot be read: {error}");
        let (code, help) = match error {
            LoadError::Outside => (Code::ForbiddenPath, "copy the file into the folder of the graph"),
            LoadError::TooLarge { .. } => (Code::TooLarge, "a graph file of that size is hardly meant"),
            LoadError::NotText => (Code::GraphNotRead, "a graph file is text; is this an audio file?"),
            LoadError::Io(_) => {
                (Code::GraphNotRead, "look at the path; it begins at the folder of the graph")
            }
        };
        self.diagnostics.push(match by {
            Some(at) => Diagnostic::new(code, message, at.clone(), "named here").help(help),
            None => Diagnostic::general(code, message),
        });
    }

    /// Every graph that the file uses, and how many lie inside each other.
    fn interfaces(
        &mut self,
        document: &Document,
        chain: &[Place],
        place: &Place,
        errors: &mut Vec<Diagnostic>,
    ) -> (Interfaces, usize) {
        let (mut all, mut height) = (Interfaces::new(), 0);
        for used in &document.uses {
            if errors.len() >= limits::ERRORS || self.diagnostics.len() >= limits::ERRORS {
                break;
            }
            let at = (document.file, used.name_span.clone());
            if self.registry.get(&used.name).is_some() {
                let message = format!("`{}` is the name of a kind of node", used.name);
                errors.push(Diagnostic::new(Code::TakenName, message, at, "take another name"));
                continue;
            }
            let Some((inner, preset)) = self.used_place(document.file, used, chain, place, errors) else {
                continue;
            };
            let mut chain = chain.to_vec();
            chain.push(inner.clone());
            let by = (document.file, used.path_span.clone());
            let Some(inner) = self.read(&inner, &chain, Some(&by)) else { continue };
            height = height.max(inner.height + 1);
            if let Some(inner) = self.with_preset(inner, preset, by, errors) {
                all.insert(used.name.clone(), inner);
            }
        }
        (all, height)
    }

    /// A used graph with the values of one of its presets, which are its defaults from then on.
    fn with_preset(
        &mut self,
        inner: Rc<File>,
        preset: Option<String>,
        by: At,
        errors: &mut Vec<Diagnostic>,
    ) -> Option<Rc<File>> {
        let Some(name) = preset else { return Some(inner) };
        if inner.document.presets.iter().any(|known| known.name == name) {
            return self.set(&inner, &Overrides { preset: Some(name), values: Vec::new() }, false);
        }
        let told = no_preset(&inner.document, &name);
        errors.push(Diagnostic { at: Some(by), label: "asked for here".into(), ..told });
        None
    }

    /// The templates that are used by name.
    pub(super) fn templates(&self) -> Vec<UsedTemplate> {
        self.packages.used()
    }

    /// The recordings that a file declares, each with its place on disk; `passed_on` are those that it asks for.
    pub(super) fn assets(
        &self,
        file: &File,
        passed_on: &[Asset],
        errors: &mut Vec<Diagnostic>,
    ) -> Vec<Asset> {
        let mut found = Vec::new();
        for asset in &file.document.assets {
            let origin = Origin { file: file.document.file, span: asset.span.clone() };
            let at = (file.document.file, asset.span.clone());
            let AssetSource::Path(path) = &asset.source else {
                let passed_on = passed_on.iter().find(|passed| passed.name == asset.name);
                found.extend(passed_on.map(|passed| Asset { origin, ..passed.clone() }));
                continue;
            };
            let help = "a recording lies below the graph's own folder, as in `\"parts/room.wav\"`";
            let Some(place) = allowed(&file.place, path, &at, help, errors) else { continue };
            match self.packages.loader(&place).locate(&place.path) {
                Ok(location) => {
                    let (name, location) = (asset.name.clone(), Some(location));
                    found.push(Asset { name, location, asked: None, origin });
                }
                Err(error) => errors.push(not_located(&self.packages.name(&place), &error, at)),
            }
        }
        found
    }

    /// What a node, called `node` in the whole graph, has learnt before.
    pub(super) fn lesson(
        &mut self,
        file: &File,
        decl: &UseDecl,
        node: String,
        errors: &mut Vec<Diagnostic>,
    ) -> Option<Lesson> {
        let at = (file.document.file, decl.path_span.clone());
        let help = "what was learnt lies below the graph's own folder, as in `\"side-a.clicks.ron\"`";
        let place = allowed(&file.place, &decl.path, &at, help, errors)?;
        if !self.lessons.contains_key(&place) {
            let read = match self.packages.loader(&place).read(&place.path, limits::LESSON_BYTES) {
                Ok(text) if self.take(text.len(), Some(&at)) => Some(text),
                Ok(_) => None,
                Err(error) => {
                    self.not_read(&place, &error, Some(&at));
                    None
                }
            };
            let known = read.map(|text| {
                let number = self.sources.add(self.packages.name(&place), text.clone());
                (number, Arc::from(text))
            });
            self.lessons.insert(place.clone(), known);
        }
        let (number, text) = self.lessons.get(&place)?.clone()?;
        let origin = Origin { file: file.document.file, span: decl.path_span.clone() };
        Some(Lesson { node, text, file: number, origin })
    }

    /// The place of a graph that is used, if it may be used, and the preset that it is used with.
    fn used_place(
        &mut self,
        file: usize,
        used: &UseDecl,
        chain: &[Place],
        by: &Place,
        errors: &mut Vec<Diagnostic>,
    ) -> Option<(Place, Option<String>)> {
        let at = (file, used.path_span.clone());
        let (inner, preset) = self.packages.find(by, &used.path, &at, errors)?;
        if let Some(begin) = chain.iter().position(|known| *known == inner) {
            let circle = chain[begin..].iter().chain([&inner]).map(|place| self.packages.shown(place));
            let circle = circle.collect::<Vec<_>>().join(" -> ");
            let message = format!("these graphs use each other in a circle: {circle}");
            let help = "remove one of these `use` entries";
            errors.push(Diagnostic::new(Code::UseLoop, message, at, "closes the circle").help(help));
            return None;
        }
        // What is known already was read from a place less deep, perhaps.
        let height = self.known.get(&inner).and_then(Option::as_ref).map_or(0, |known| known.height);
        if chain.len() + height > limits::NESTING {
            let message = format!("more than {} graphs inside each other", limits::NESTING);
            let help = "put the nodes of the innermost graphs where they are used";
            errors.push(Diagnostic::new(Code::UseTooDeep, message, at, "one too many").help(help));
            return None;
        }
        Some((inner, preset))
    }
}

/// A recording that is not where the graph says.
fn not_located(name: &str, error: &LoadError, at: At) -> Diagnostic {
    let message = format!("{name} cannot be read: {error}");
    let (code, help) = match error {
        LoadError::Outside => (Code::ForbiddenPath, "copy the recording into the folder of the graph"),
        _ => (Code::AudioNotRead, "look at the path; it begins at the folder of the graph"),
    };
    Diagnostic::new(code, message, at, "named here").help(help)
}
