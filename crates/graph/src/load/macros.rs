//! Macros: one dial over several fields, each on its way between two ends. A driven field is absent from its node, so
//! that there is one place which says what it is.

use super::a;
use super::document::{DialDecl, Document, DriveDecl, NodeDecl, ParamDecl};
use super::params::{Context, Target, mentioned};
use crate::brackets::span_of_cut;
use crate::diagnostic::{Code, Diagnostic};
use crate::limits;
use crate::model::{Drive, Param};
use crate::tree::Span;
use deadwax_node::{FieldKind, Unit};
use std::collections::HashMap;

/// By node, the fields that macros drive, below the node, and their values as one would write them.
pub(super) type Driven = HashMap<String, Vec<(String, String)>>;

impl Context<'_> {
    /// The macro of a declaration, its ends held against the fields they are for.
    pub(super) fn dial(
        &self,
        document: &Document,
        (decl, dial): (&ParamDecl, &DialDecl),
        errors: &mut Vec<Diagnostic>,
    ) -> Option<Param> {
        let mut drives = Vec::with_capacity(dial.drives.len());
        for drive in &dial.drives {
            if errors.len() >= limits::ERRORS {
                break;
            }
            drives.extend(self.drive(document, decl, drive, errors));
        }
        let (_, default) = dial.default.as_ref()?;
        let value = self.source[default.clone()].to_owned();
        let kind = FieldKind::Number { min: 0.0, max: 1.0, integer: false, curve: false };
        let unit = Unit::named("");
        let target = Target { kind, unit, value, help: String::new() };
        let kind = self.bounds(decl, &target, errors);
        let (name, help, value) = (decl.name.clone(), decl.help.clone(), target.value);
        Some(Param { name, sets: Vec::new(), drives, kind, unit, value, help })
    }

    fn drive(
        &self,
        document: &Document,
        decl: &ParamDecl,
        drive: &DriveDecl,
        errors: &mut Vec<Diagnostic>,
    ) -> Option<Drive> {
        let at = self.at(&drive.span);
        let Some(target) = self.target(document, &drive.path) else {
            if !self.is_unknown_kind(document, &drive.path) {
                errors.push(self.no_target(document, &drive.path, at, (&decl.name, "drives")));
            }
            return None;
        };
        let kind = match &target.kind {
            FieldKind::Optional(inner) => inner,
            kind => kind,
        };
        let refused = |message: String, label: &str, help: &str| {
            Diagnostic::new(Code::NotDriven, message, self.at(&drive.span), label).help(help)
        };
        let FieldKind::Number { min, max, integer, .. } = *kind else {
            let message = format!("`{}` drives `{}`, which is no number", decl.name, drive.path);
            errors.push(refused(message, "a macro drives numbers", "set it by a `Param`"));
            return None;
        };
        if target.value.starts_with("Curve") && self.used_by(document, &drive.path) {
            let message = format!("`{}` drives `{}`, which is a curve", decl.name, drive.path);
            errors.push(refused(message, "this changes over time", "give it a number inside its graph"));
            return None;
        }
        if drive.path.rsplit('.').next().is_some_and(|step| step.parse::<usize>().is_ok()) {
            let message = format!("`{}` drives an entry of a list", decl.name);
            errors.push(refused(message, "an entry cannot be left out", "set it by a `Param`"));
            return None;
        }
        let before = errors.len();
        for (end, span) in &drive.ends {
            if *end < min || *end > max {
                let message = format!("`{}` drives `{}` out of its range", decl.name, drive.path);
                let label = format!("must be between {min} and {}", target.unit.show(max));
                let diagnostic = Diagnostic::new(Code::OutOfRange, message, self.at(span), label);
                errors.push(diagnostic.within(*end, min, max));
            }
        }
        let [(from, _), (to, _)] = drive.ends;
        let path = drive.path.clone();
        (errors.len() == before).then_some(Drive { path, from, to, is_log: drive.is_log, integer })
    }

    /// Whether the path leads to a param of a used graph.
    fn used_by(&self, document: &Document, path: &str) -> bool {
        let node = path.split('.').next().and_then(|name| document.node_decl(name));
        node.is_some_and(|node| self.used.contains_key(&node.kind))
    }

    /// Notes every driven field that something else sets too: its node, another macro, a param.
    pub(super) fn driven_once(&self, document: &Document, errors: &mut Vec<Diagnostic>) {
        let mut known: HashMap<String, (&str, &Span)> = HashMap::new();
        let drives = |decl: &'_ ParamDecl| decl.dial.is_some();
        for decl in document.params.iter().filter(|decl| drives(decl)) {
            for drive in decl.dial.iter().flat_map(|dial| &dial.drives) {
                if errors.len() >= limits::ERRORS {
                    return;
                }
                let Some((node, steps)) = parts(document, &drive.path) else { continue };
                let full = full_path(node, &steps);
                if let Some(first) = known.get(&full) {
                    errors.push(self.twice(&drive.path, (&decl.name, &drive.span), *first));
                } else {
                    errors.extend(self.said_too(node, &steps, decl, drive));
                    known.insert(full, (&decl.name, &drive.span));
                }
            }
        }
        for decl in &document.params {
            for (path, span) in &decl.sets {
                let Some((node, steps)) = parts(document, path) else { continue };
                if let Some(first) = known.get(&full_path(node, &steps)) {
                    errors.push(self.twice(path, (&decl.name, span), *first));
                }
            }
        }
    }

    fn twice(&self, path: &str, (name, span): (&str, &Span), first: (&str, &Span)) -> Diagnostic {
        let message = format!("`{path}` is driven by `{}`, and set by `{name}` too", first.0);
        Diagnostic::new(Code::DrivenTwice, message, self.at(span), "a second time")
            .related(self.at(first.1), format!("driven by `{}`", first.0))
            .help("a field is moved by one dial alone: remove one of the two")
    }

    /// That the node mentions a field which a macro drives, if it does.
    fn said_too(
        &self,
        node: &NodeDecl,
        steps: &[&str],
        decl: &ParamDecl,
        drive: &DriveDecl,
    ) -> Option<Diagnostic> {
        let (brackets, entry) = mentioned(node, steps)?;
        let message = format!("`{}` is driven by `{}`, and the node says it too", drive.path, decl.name);
        let title = format!("remove `{}`", entry.key);
        let cut = span_of_cut(self.source, brackets, entry.span());
        let at = self.at(&entry.span());
        Some(
            Diagnostic::new(Code::DrivenTwice, message, at, format!("`{}` says what this is", decl.name))
                .related(self.at(&drive.span), format!("driven by `{}`", decl.name))
                .related(self.at(&node.kind_span), format!("a field of {}", a(&node.kind)))
                .help("remove it from the node: its two ends stand in the macro")
                .fix(title, self.at(&cut), ""),
        )
    }

    /// The macro that drives the field at `path`, if one does.
    pub(super) fn driver<'d>(&self, document: &'d Document, path: &str) -> Option<&'d str> {
        let (node, steps) = parts(document, path)?;
        let full = full_path(node, &steps);
        let same = |drive: &DriveDecl| {
            parts(document, &drive.path).is_some_and(|(node, steps)| full_path(node, &steps) == full)
        };
        let drives = |decl: &&ParamDecl| decl.dial.iter().flat_map(|dial| &dial.drives).any(same);
        document.params.iter().find(drives).map(|decl| decl.name.as_str())
    }
}

/// What every macro makes of its fields where its dial stands now.
pub(super) fn driven(params: &[Param]) -> Driven {
    let mut all = Driven::new();
    for param in params.iter().filter(|param| !param.drives.is_empty()) {
        let Ok(dial) = deadwax_node::ron_options().from_str::<f64>(&param.value) else { continue };
        for drive in &param.drives {
            if let Some((node, rest)) = drive.path.split_once('.') {
                let value = format!("{}", drive.at(dial));
                all.entry(node.to_owned()).or_default().push((rest.to_owned(), value));
            }
        }
    }
    all
}

fn parts<'d, 'p>(document: &'d Document, path: &'p str) -> Option<(&'d NodeDecl, Vec<&'p str>)> {
    let mut steps = path.split('.');
    let node = document.node_decl(steps.next()?)?;
    Some((node, steps.collect()))
}

/// A path with every step in it, so that two which mean the same field are the same: `tone.air.gain_db` goes through
/// `tone.bands`.
fn full_path(node: &NodeDecl, steps: &[&str]) -> String {
    let (mut path, mut at) = (node.name.clone(), Some(&node.value));
    for step in steps {
        let direct = at.and_then(|value| value.entry(step));
        let maps = || at.iter().flat_map(|value| value.entries());
        let through = || maps().find_map(|map| Some((map, map.value.entry(step)?)));
        let next = match (direct, direct.is_none().then(through).flatten()) {
            (None, Some((map, entry))) => {
                path.push('.');
                path.push_str(&map.key);
                Some(entry)
            }
            (direct, _) => direct,
        };
        path.push('.');
        path.push_str(step);
        at = next.map(|entry| &entry.value);
    }
    path
}
