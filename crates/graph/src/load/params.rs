//! Params: what they may be, and values set from outside.

use super::document::{Document, NodeDecl, ParamDecl};
use super::typing::field_at;
use super::{Interfaces, Overrides, a, did_you_mean, nearest};
use crate::diagnostic::{At, Code, Diagnostic, Fix};
use crate::edit::{self, EditError};
use crate::limits;
use crate::model::Param;
use crate::splices::{self, Place};
use crate::tree::{Entry, Span, Value, ValueKind};
use deadwax_node::{FieldKind, Registry, Unit};
use std::collections::{HashMap, HashSet};

/// Everything needed to understand the params of one file.
pub(super) struct Context<'a> {
    pub(super) registry: &'a Registry,
    /// Params of the graphs that the file uses, by the name it uses them by.
    pub(super) used: &'a Interfaces,
    pub(super) source: &'a str,
    pub(super) file: usize,
}

/// A field that a param sets.
pub(super) struct Target {
    pub(super) kind: FieldKind,
    pub(super) unit: Unit,
    pub(super) value: String,
    pub(super) help: String,
}

impl Context<'_> {
    /// The params of `document`, each held against the fields it sets.
    pub(super) fn params(&self, document: &Document, errors: &mut Vec<Diagnostic>) -> Vec<Param> {
        let each = document.params.iter().filter_map(|param| match &param.dial {
            Some(dial) => self.dial(document, (param, dial), errors),
            None => self.param(document, param, errors),
        });
        let params = each.collect();
        self.driven_once(document, errors);
        params
    }

    pub(super) fn at(&self, span: &Span) -> (usize, Span) {
        (self.file, span.clone())
    }

    fn param(&self, document: &Document, decl: &ParamDecl, errors: &mut Vec<Diagnostic>) -> Option<Param> {
        let mut found: Option<Target> = None;
        for (path, span) in &decl.sets {
            if errors.len() >= limits::ERRORS {
                break;
            }
            let Some(target) = self.target(document, path) else {
                if !self.is_unknown_kind(document, path) {
                    errors.push(self.no_target(document, path, self.at(span), (&decl.name, "sets")));
                }
                continue;
            };
            match &mut found {
                None => found = Some(target),
                Some(first) if same_value(&first.value, &target.value) => {
                    first.kind = narrow(&first.kind, &target.kind)
                }
                Some(first) => {
                    let message = format!("the fields that `{}` sets have different values", decl.name);
                    let label = format!("{} here, {} in the first", target.value, first.value);
                    let help = "the default of a param is the number in the node: give all the same";
                    errors.push(
                        Diagnostic::new(Code::TargetsDisagree, message, self.at(span), label).help(help),
                    );
                }
            }
        }
        let target = found?;
        let kind = self.bounds(decl, &target, errors);
        let help = if decl.help.is_empty() { target.help } else { decl.help.clone() };
        let sets = decl.sets.iter().map(|(path, _)| path.clone()).collect();
        let drives = Vec::new();
        Some(Param {
            name: decl.name.clone(),
            sets,
            drives,
            kind,
            unit: target.unit,
            value: target.value,
            help,
        })
    }

    /// The field at `path`, as in `low.ratio`.
    pub(super) fn target(&self, document: &Document, path: &str) -> Option<Target> {
        let mut steps = path.split('.');
        let name = steps.next()?;
        let node = document.node_decl(name)?;
        let steps: Vec<&str> = steps.collect();
        if let (Some(inner), [step]) = (self.used.get(&node.kind), &steps[..]) {
            let param = inner.params.iter().find(|param| param.name == *step)?;
            let value = node.value.entry(step).map_or(param.value.clone(), |entry| self.text(&entry.value));
            return Some(Target {
                kind: param.kind.clone(),
                unit: param.unit,
                value,
                help: param.help.clone(),
            });
        }
        let fields = &self.registry.get(&node.kind)?.fields;
        let (kind, unit, default, help) = field_at(fields, &node.value, &steps)?;
        let value = match place(node, &steps) {
            Some(value) => self.text(value),
            None => plain(default),
        };
        Some(Target { kind: kind.clone(), unit, value, help: help.to_owned() })
    }

    /// Whether the node is there, but of a kind that is not: an error of its own.
    pub(super) fn is_unknown_kind(&self, document: &Document, path: &str) -> bool {
        let node = document.node_decl(path.split('.').next().unwrap_or_default());
        node.is_some_and(|node| {
            self.registry.get(&node.kind).is_none() && !self.used.contains_key(&node.kind)
        })
    }

    fn text(&self, value: &Value) -> String {
        self.source[value.span.clone()].to_owned()
    }

    /// That `param` sets or drives, by the verb, what does not exist.
    pub(super) fn no_target(
        &self,
        document: &Document,
        path: &str,
        at: (usize, Span),
        (param, verb): (&str, &str),
    ) -> Diagnostic {
        let (node, field) = path.split_once('.').unwrap_or((path, ""));
        let message = format!("`{param}` {verb} `{path}`, which does not exist");
        let Some(known) = document.node_decl(node) else {
            let near = nearest(node, document.nodes.iter().map(|node| node.name.as_str()));
            let label = near.map_or_else(
                || format!("no node `{node}`"),
                |near| format!("did you mean the node `{near}`?"),
            );
            let fix = in_text(&at, path, 0..node.len(), near);
            let diagnostic = Diagnostic { fix, ..Diagnostic::new(Code::UnknownTarget, message, at, label) };
            return diagnostic.help("write `node.field`");
        };
        let near = match (self.registry.get(&known.kind), self.used.get(&known.kind)) {
            (Some(kind), _) => nearest(field, kind.fields.iter().map(|field| field.name)),
            (None, Some(inner)) => nearest(field, inner.params.iter().map(|param| param.name.as_str())),
            (None, None) => None,
        };
        let label = near
            .map_or_else(|| "no such field there".into(), |near| format!("did you mean `{node}.{near}`?"));
        let fix = in_text(&at, path, path.len() - field.len()..path.len(), near);
        Diagnostic { fix, ..Diagnostic::new(Code::UnknownTarget, message, at, label) }
            .related(self.at(&known.kind_span), format!("`{node}` is {}", a(&known.kind)))
    }

    /// The field's kind within the param's own bounds.
    pub(super) fn bounds(
        &self,
        decl: &ParamDecl,
        target: &Target,
        errors: &mut Vec<Diagnostic>,
    ) -> FieldKind {
        let FieldKind::Number { min, max, integer, curve } = target.kind else {
            if let Some((_, span)) = decl.min.as_ref().or(decl.max.as_ref()) {
                let message = format!("`{}` sets no number, so it has no bounds", decl.name);
                errors.push(Diagnostic::new(Code::WideBounds, message, self.at(span), "remove this"));
            }
            return target.kind.clone();
        };
        if min > max {
            let message = format!("the fields that `{}` sets have no number in common", decl.name);
            let label = format!("no number is both above {} and below {max}", target.unit.show(min));
            errors.push(
                Diagnostic::new(Code::TargetsDisagree, message, self.at(&decl.span), label)
                    .help("set them by two params"),
            );
            return target.kind.clone();
        }
        for (bound, span) in decl.min.iter().chain(&decl.max) {
            if *bound < min || *bound > max {
                let message = format!("the bounds of `{}` go beyond what the field may be", decl.name);
                let label = format!("the field goes from {min} to {}", target.unit.show(max));
                errors.push(
                    Diagnostic::new(Code::WideBounds, message, self.at(span), label)
                        .within(*bound, min, max)
                        .help("bounds may only narrow"),
                );
            }
        }
        let low = decl.min.as_ref().map_or(min, |(bound, _)| bound.clamp(min, max));
        let high = decl.max.as_ref().map_or(max, |(bound, _)| bound.clamp(min, max));
        let now = deadwax_node::ron_options().from_str::<f64>(&target.value).ok();
        if low > high || now.is_some_and(|now| now < low || now > high) {
            let message = format!("the bounds of `{}` leave out its default, {}", decl.name, target.value);
            let label = format!("goes from {low} to {high}");
            errors.push(Diagnostic::new(Code::WideBounds, message, self.at(&decl.span), label));
        }
        FieldKind::Number { min: low, max: high, integer, curve }
    }

    /// Holds the values of every preset against the params, whether it is asked for or not.
    pub(super) fn presets(&self, document: &Document, params: &[Param], errors: &mut Vec<Diagnostic>) {
        let known = by_name(params);
        let declared: HashSet<&str> = document.params.iter().map(|param| param.name.as_str()).collect();
        for preset in &document.presets {
            for (name, key_span, value_span) in &preset.values {
                if errors.len() >= limits::ERRORS {
                    return;
                }
                let how = format!("preset \"{}\"", preset.name);
                if let Some(param) = known.get(name.as_str()) {
                    let given = Given { at: Some(self.at(value_span)), how };
                    errors.extend(refused(param, &self.source[value_span.clone()], &given));
                } else if !declared.contains(name.as_str()) {
                    let given = Given { at: Some(self.at(key_span)), how };
                    errors.push(unknown(
                        document.params.iter().map(|param| param.name.as_str()),
                        name,
                        &given,
                    ));
                }
            }
        }
    }

    /// What is to be set in the text, in order: a preset's values, then the caller's.
    pub(super) fn changes(
        &self,
        document: &Document,
        params: &[Param],
        overrides: &Overrides,
        errors: &mut Vec<Diagnostic>,
    ) -> Vec<Change> {
        let known = by_name(params);
        let mut all = Vec::new();
        let chosen = overrides.preset.as_deref();
        if let Some(name) = chosen {
            let preset = document.presets.iter().find(|preset| preset.name == name);
            if preset.is_none() {
                errors.push(no_preset(document, name));
            }
            for (param, _, span) in preset.into_iter().flat_map(|preset| &preset.values) {
                if let Some(param) = known.get(param.as_str()) {
                    add(&mut all, param, &param.name, &self.source[span.clone()]);
                }
            }
        }
        for (key, value) in &overrides.values {
            let (value, given) = (value.trim(), Given { at: None, how: format!("--set {key}") });
            match known.get(key.as_str()) {
                Some(param) => match refused(param, value, &given) {
                    Some(refused) => errors.push(refused),
                    None => add(&mut all, param, key, value),
                },
                None if key.contains('.') => match self.driver(document, key) {
                    Some(name) => errors.push(driven(name, key, &given)),
                    None => all.push(Change::field(key, key, value)),
                },
                None => errors.push(unknown(params.iter().map(|param| param.name.as_str()), key, &given)),
            }
        }
        all
    }
}

/// The fix that puts `near` in the place of `part` of the text `said`, which stands in quotes at `at`. `None` where the
/// text has escapes, so that its bytes are not those of what it says.
fn in_text(at: &At, said: &str, part: Span, near: Option<&str>) -> Option<Fix> {
    let (near, inside) = (near?, at.1.start + 1);
    let place = (at.0, inside + part.start..inside + part.end);
    let plain = at.1.len() == said.len() + 2;
    plain.then(|| Fix { title: format!("change to `{near}`"), at: place, text: near.to_owned() })
}

fn by_name(params: &[Param]) -> HashMap<&str, &Param> {
    params.iter().map(|param| (param.name.as_str(), param)).collect()
}

/// What is said where a graph has no such preset.
pub(super) fn no_preset(document: &Document, name: &str) -> Diagnostic {
    let names = || document.presets.iter().map(|preset| preset.name.as_str());
    let help = nearest(name, names()).map_or_else(
        || match names().collect::<Vec<_>>().join(", ") {
            none if none.is_empty() => "this graph has no presets".to_owned(),
            listed => format!("presets: {listed}"),
        },
        |near| format!("did you mean \"{near}\"?"),
    );
    Diagnostic::general(Code::UnknownPreset, format!("there is no preset \"{name}\"")).help(help)
}

/// A value for a field or the dial of a macro, by the param or path that a person wrote.
pub(super) struct Change {
    path: String,
    is_dial: bool,
    key: String,
    value: String,
}

/// Adds what sets a param: each of its fields, or the dial of a macro.
fn add(all: &mut Vec<Change>, param: &Param, key: &str, value: &str) {
    if param.drives.is_empty() {
        all.extend(param.sets.iter().map(|path| Change::field(path, key, value)));
    } else {
        all.push(Change { is_dial: true, ..Change::field(&param.name, key, value) });
    }
}

impl splices::Change for Change {
    fn place(&self) -> Place<'_> {
        if self.is_dial { Place::Default(&self.path) } else { Place::Field(&self.path) }
    }

    fn value(&self) -> &str {
        &self.value
    }
}

impl Change {
    fn field(path: &str, key: &str, value: &str) -> Self {
        Self { path: path.to_owned(), is_dial: false, key: key.to_owned(), value: value.to_owned() }
    }

    /// Why it cannot be made.
    pub(super) fn refused(&self, error: &EditError) -> Diagnostic {
        let code = match error {
            EditError::BadValue { .. } => Code::BadValue,
            _ => Code::UnknownParam,
        };
        Diagnostic::general(code, format!("`{}={}`: {error}", self.key, self.value))
            .help("set a param, or a field as in `glue.ratio=2`")
    }
}

/// Who gives a value.
struct Given {
    at: Option<(usize, Span)>,
    how: String,
}

impl Given {
    fn diagnostic(&self, code: Code, message: String) -> Diagnostic {
        match &self.at {
            Some(at) => Diagnostic::new(code, message, at.clone(), "here"),
            None => Diagnostic::general(code, message),
        }
    }
}

fn unknown<'a>(names: impl Iterator<Item = &'a str> + Clone, key: &str, given: &Given) -> Diagnostic {
    let listed = names.clone().collect::<Vec<_>>().join(", ");
    let near = nearest(key, names);
    let help = did_you_mean(near, &format!("params: {}", if listed.is_empty() { "none" } else { &listed }));
    let message = format!("{}: there is no param `{key}`", given.how);
    given.diagnostic(Code::UnknownParam, message).meant(near).help(help)
}

/// That a field cannot be set, since the macro `name` drives it.
fn driven(name: &str, key: &str, given: &Given) -> Diagnostic {
    let message = format!("{}: the macro `{name}` drives `{key}`", given.how);
    given
        .diagnostic(Code::DrivenTwice, message)
        .help(format!("set `{name}`, or make the field its own again"))
}

/// Why a param refuses a value, if it does.
fn refused(param: &Param, value: &str, given: &Given) -> Option<Diagnostic> {
    let FieldKind::Number { min, max, .. } = param.kind else { return None };
    let number = deadwax_node::ron_options().from_str::<f64>(value).ok().filter(|number| number.is_finite());
    match number {
        None => {
            let message = format!("{}: `{}` takes a number, and `{value}` is none", given.how, param.name);
            Some(given.diagnostic(Code::BadValue, message))
        }
        Some(number) if number < min || number > max => {
            let message = format!("{}: `{}` is out of range", given.how, param.name);
            let help =
                format!("`{}` goes from {min} to {}: {}", param.name, param.unit.show(max), param.help);
            Some(given.diagnostic(Code::OutOfRange, message).within(number, min, max).help(help))
        }
        Some(_) => None,
    }
}

/// The value at `steps` in a node, if the node mentions it.
fn place<'a>(node: &'a NodeDecl, steps: &[&str]) -> Option<&'a Value> {
    if matches!(node.value.kind, ValueKind::Word(_)) {
        return None;
    }
    edit::find(&node.value, &steps.join(".")).ok()
}

/// The entry at `steps` in a node, if the node mentions it, and the brackets that it stands in.
pub(super) fn mentioned<'a>(node: &'a NodeDecl, steps: &[&str]) -> Option<(&'a Value, &'a Entry)> {
    let (last, before) = steps.split_last()?;
    let brackets = if before.is_empty() { &node.value } else { place(node, before)? };
    let maps = || brackets.entries().iter().filter(|entry| matches!(entry.value.kind, ValueKind::Map(_)));
    let direct = brackets.entry(last).map(|entry| (brackets, entry));
    direct.or_else(|| maps().find_map(|map| Some((&map.value, map.value.entry(last)?))))
}

/// A default as one would write it.
fn plain(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(word) => word.clone(),
        serde_json::Value::Null => "None".into(),
        serde_json::Value::Number(number) => {
            number.as_f64().map_or_else(|| number.to_string(), |x| format!("{x}"))
        }
        other => other.to_string(),
    }
}

/// `2` and `2.0` are the same value.
pub(crate) fn same_value(a: &str, b: &str) -> bool {
    let number = |text: &str| deadwax_node::ron_options().from_str::<f64>(text).ok();
    a == b || number(a).is_some_and(|a| number(b) == Some(a))
}

/// What both kinds allow.
fn narrow(a: &FieldKind, b: &FieldKind) -> FieldKind {
    match (a, b) {
        (
            FieldKind::Number { min, max, integer, curve },
            FieldKind::Number { min: low, max: high, integer: whole, curve: drawn },
        ) => FieldKind::Number {
            min: min.max(*low),
            max: max.min(*high),
            integer: *integer || *whole,
            curve: *curve && *drawn,
        },
        _ => a.clone(),
    }
}
