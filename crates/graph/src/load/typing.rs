//! A node's fields, held against what its kind says they may be: every value, so that every error is found.

use super::{did_you_mean, entries, nearest};
use crate::diagnostic::{Code, Diagnostic};
use crate::limits;
use crate::model::Param;
use crate::splices::{Nodes, Splices};
use crate::tree::{Call, Entry, Span, Value, ValueKind};
use deadwax_node::{AnyNode, Field, FieldKind, Kind, ProblemKind, Unit, ron_options};

/// Fields that every node has, whatever its kind.
pub(super) const COMMON: [&str; 3] = ["on", "lane", "note"];

/// How a curve is written.
const CURVE: &str = "write `Curve([(0.0, -1.0), (62.5, 0.5)])`: seconds, then the value, then if need be Linear, Step, \
                     Log or Smooth";

/// Checks values, and notes what is wrong.
pub(super) struct Checker<'a> {
    pub(super) source: &'a str,
    pub(super) file: usize,
    pub(super) errors: &'a mut Vec<Diagnostic>,
    /// Whose fields these are, and the place of its name.
    pub(super) owner: (&'a str, Span),
}

impl Checker<'_> {
    fn push(&mut self, code: Code, message: impl Into<String>, span: &Span, label: &str) -> &mut Diagnostic {
        let diagnostic = Diagnostic::new(code, message, (self.file, span.clone()), label)
            .related((self.file, self.owner.1.clone()), format!("a field of `{}`", self.owner.0));
        self.errors.push(diagnostic);
        let last = self.errors.len() - 1;
        &mut self.errors[last]
    }

    /// Notes a name that means nothing, and the one that is near it.
    fn unknown(
        &mut self,
        code: Code,
        message: String,
        span: &Span,
        label: &str,
        near: Option<&str>,
        help: String,
    ) {
        let diagnostic = self.push(code, message, span, label);
        *diagnostic = diagnostic.clone().meant(near).help(help);
    }

    /// Checks named values against fields; `what` is what has the fields, for people.
    pub(super) fn fields(&mut self, entries: &[Entry], fields: &[Field], what: &str, more: &[&str]) {
        for entry in entries.iter().filter(|entry| !more.contains(&entry.key.as_str())) {
            if self.errors.len() >= limits::ERRORS {
                return;
            }
            match fields.iter().find(|field| field.name == entry.key) {
                Some(field) => self.value(&entry.value, &field.kind, field.unit, (&entry.key, field.help)),
                None => {
                    let names = || fields.iter().map(|field| field.name).chain(more.iter().copied());
                    let near = nearest(&entry.key, names());
                    let label = did_you_mean(near, "no such field");
                    let listed = names().collect::<Vec<_>>().join(", ");
                    let message = format!("`{what}` has no field `{}`", entry.key);
                    let help = format!("fields: {listed}");
                    self.unknown(Code::UnknownField, message, &entry.key_span, &label, near, help);
                }
            }
        }
    }

    /// Checks values given to the params of a used graph.
    pub(super) fn params(&mut self, entries: &[Entry], params: &[Param]) {
        for entry in entries.iter().filter(|entry| !COMMON.contains(&entry.key.as_str())) {
            if self.errors.len() >= limits::ERRORS {
                return;
            }
            match params.iter().find(|param| param.name == entry.key) {
                Some(param) => self.value(&entry.value, &param.kind, param.unit, (&entry.key, &param.help)),
                None => {
                    let names = || params.iter().map(|param| param.name.as_str());
                    let near = nearest(&entry.key, names());
                    let label = did_you_mean(near, "no such param");
                    let listed = names().collect::<Vec<_>>().join(", ");
                    let message = format!("the graph behind `{}` has no param `{}`", self.owner.0, entry.key);
                    let help = format!("params: {}", if listed.is_empty() { "none" } else { &listed });
                    self.unknown(Code::UnknownField, message, &entry.key_span, &label, near, help);
                }
            }
        }
    }

    /// Checks one value; `name` and `help` are its field's.
    pub(super) fn value(&mut self, value: &Value, kind: &FieldKind, unit: Unit, (name, help): (&str, &str)) {
        if value.kind == ValueKind::Broken {
            return;
        }
        match (kind, &value.kind) {
            (FieldKind::Number { min, max, integer, .. }, ValueKind::Number) => {
                self.number(value, (*min, *max, *integer), unit, (name, help));
            }
            (
                FieldKind::Number { min, max, curve: true, .. },
                ValueKind::Call(Call { name: Some((word, _)), items, fields }),
            ) if word == "Curve" && fields.is_empty() => {
                let number = FieldKind::Number { min: *min, max: *max, integer: false, curve: false };
                self.curve(value, items, &number, unit, (name, help));
            }
            (FieldKind::Bool, ValueKind::Word(word)) if word == "true" || word == "false" => {}
            (FieldKind::Text, ValueKind::Text(_)) => {}
            (FieldKind::Choice(choices), ValueKind::Word(word)) => {
                self.choice(word, &value.span, choices.iter().map(|choice| choice.name), name);
            }
            (FieldKind::List { item, min_len, max_len }, ValueKind::List(items)) => {
                self.length(value, items.len(), (*min_len, *max_len), name);
                for value in items.iter().take(*max_len) {
                    self.value(value, item, unit, (name, help));
                }
            }
            (FieldKind::Map { item, max_len }, ValueKind::Map(entries)) => {
                self.length(value, entries.len(), (0, *max_len), name);
                for entry in entries.iter().take(*max_len) {
                    self.value(&entry.value, item, unit, (&entry.key, help));
                }
            }
            (
                FieldKind::Variants(variants),
                ValueKind::Word(form) | ValueKind::Call(Call { name: Some((form, _)), .. }),
            ) => match variants.iter().find(|variant| variant.name == form) {
                Some(variant) => self.fields(value.entries(), &variant.fields, form, &[]),
                None => {
                    let span = value.span.start..value.span.start + form.len();
                    self.choice(form, &span, variants.iter().map(|variant| variant.name), name);
                }
            },
            (FieldKind::Optional(_), ValueKind::Word(word)) if word == "None" => {}
            (FieldKind::Optional(inner), ValueKind::Call(Call { name: Some((some, _)), items, .. }))
                if some == "Some" && items.len() == 1 =>
            {
                self.value(&items[0], inner, unit, (name, help));
            }
            (FieldKind::Optional(inner), _) => self.value(value, inner, unit, (name, help)),
            _ => {
                let message = format!("`{name}` takes {}", wanted(kind));
                let label = format!("this is {}", value.describe());
                self.push(Code::WrongType, message, &value.span, &label).help.push(about(name, help));
            }
        }
    }

    fn number(
        &mut self,
        value: &Value,
        (min, max, integer): (f64, f64, bool),
        unit: Unit,
        (name, help): (&str, &str),
    ) {
        let text = &self.source[value.span.clone()];
        let Ok(number) = ron_options().from_str::<f64>(text) else {
            self.push(Code::WrongType, format!("`{name}` takes a number"), &value.span, "this is none");
            return;
        };
        if !number.is_finite() {
            self.push(
                Code::NotFinite,
                format!("`{name}` must be a finite number"),
                &value.span,
                "this is not",
            );
        } else if number < min || number > max {
            let label = format!("must be between {min} and {}", unit.show(max));
            let message = format!("`{name}` is out of range");
            let diagnostic = self.push(Code::OutOfRange, message, &value.span, &label);
            diagnostic.help.push(about(name, help));
            *diagnostic = diagnostic.clone().within(number, min, max);
        } else if integer && ron_options().from_str::<i64>(text).is_err() {
            self.push(
                Code::WrongType,
                format!("`{name}` takes a whole number"),
                &value.span,
                "this has a fraction",
            );
        }
    }

    /// Checks that a curve is a list of points; their order is the node's to check.
    fn curve(&mut self, value: &Value, items: &[Value], number: &FieldKind, unit: Unit, names: (&str, &str)) {
        let [Value { kind: ValueKind::List(points), .. }] = items else {
            let message = format!("`{}` has a curve without points", names.0);
            self.push(Code::WrongType, message, &value.span, "here").help.push(CURVE.into());
            return;
        };
        for point in points {
            if self.errors.len() >= limits::ERRORS {
                return;
            }
            self.point(point, number, unit, names);
        }
    }

    /// Checks one point of a curve.
    fn point(&mut self, point: &Value, number: &FieldKind, unit: Unit, (name, help): (&str, &str)) {
        let parts = match &point.kind {
            ValueKind::Call(Call { name: None, fields, items }) if fields.is_empty() => &items[..],
            ValueKind::Broken => return,
            _ => &[],
        };
        let (at, to) = match parts {
            [at, to] | [at, to, _] => (at, to),
            _ => {
                let message = format!("`{name}` has a curve with something that is no point");
                self.push(Code::WrongType, message, &point.span, "this").help.push(CURVE.into());
                return;
            }
        };
        let time = FieldKind::Number { min: 0.0, max: f64::MAX, integer: false, curve: false };
        self.value(at, &time, Unit::named("s"), (name, "the time of a point, in seconds"));
        self.value(to, number, unit, (name, help));
        match parts.get(2).map(|shape| (&shape.kind, &shape.span)) {
            None => {}
            Some((ValueKind::Word(word), span)) => {
                self.choice(word, span, deadwax_node::auto::SHAPES.into_iter(), name);
            }
            Some((_, span)) => {
                let message = format!("`{name}` has a point whose third part is no shape");
                self.push(Code::WrongType, message, span, "this").help.push(CURVE.into());
            }
        }
    }

    fn choice<'n>(
        &mut self,
        word: &str,
        span: &Span,
        names: impl Iterator<Item = &'n str> + Clone,
        field: &str,
    ) {
        if names.clone().any(|name| name == word) {
            return;
        }
        let near = nearest(word, names.clone());
        let label = did_you_mean(near, "none of them");
        let help = format!("choices: {}", names.collect::<Vec<_>>().join(", "));
        let message = format!("`{word}` is no choice for `{field}`");
        self.unknown(Code::UnknownChoice, message, span, &label, near, help);
    }

    fn length(&mut self, value: &Value, len: usize, (min, max): (usize, usize), name: &str) {
        if len < min || len > max {
            let message = format!("`{name}` has {}", entries(len));
            self.push(Code::WrongLength, message, &value.span, &format!("{min} to {max} are allowed"));
        }
    }
}

/// What a field does, for people.
fn about(name: &str, help: &str) -> String {
    if help.is_empty() { format!("change `{name}`") } else { format!("`{name}`: {help}") }
}

/// What a field takes, for people.
fn wanted(kind: &FieldKind) -> String {
    match kind {
        FieldKind::Number { curve: true, .. } => "a number, or a `Curve([…])`".into(),
        FieldKind::Number { integer: false, .. } => "a number".into(),
        FieldKind::Number { .. } => "a whole number".into(),
        FieldKind::Bool => "`true` or `false`".into(),
        FieldKind::Text => "text in quotes".into(),
        FieldKind::Choice(choices) => {
            let names: Vec<_> = choices.iter().map(|choice| choice.name).collect();
            format!("one of the words {}", names.join(", "))
        }
        FieldKind::List { item, .. } => format!("a list in `[ ]`, each entry {}", wanted(item)),
        FieldKind::Map { .. } => "a map in `{ }` from names to entries".into(),
        FieldKind::Variants(variants) => {
            let names: Vec<_> = variants.iter().map(|variant| format!("{}(…)", variant.name)).collect();
            format!("one of {}", names.join(", "))
        }
        FieldKind::Optional(inner) => format!("{}, or `None`", wanted(inner)),
    }
}

/// Reads a node's own fields as its kind; `driven` are fields that macros drive, and their values. `None` when something is
/// wrong with them; it has been noted then.
pub(super) fn node(
    checker: &mut Checker<'_>,
    kind: &Kind,
    value: &Value,
    driven: &[(String, String)],
) -> Option<Box<dyn AnyNode>> {
    let before = checker.errors.len();
    checker.fields(value.entries(), &kind.fields, kind.name(), &COMMON);
    if checker.errors.len() > before {
        return None;
    }
    let body = if driven.is_empty() {
        body(checker.source, value)
    } else {
        let text = with_driven(checker.source, value, driven);
        body(&text, &crate::tree::parse(&text, checker.file, &mut Vec::new()))
    };
    match kind.from_ron(&body) {
        Ok(node) => {
            for problem in node.problems() {
                rule(checker, value, &problem.path, &problem.kind);
            }
            (checker.errors.len() == before).then_some(node)
        }
        Err(error) => {
            let message = format!("`{}` cannot be read: {}", checker.owner.0, error.code);
            checker.push(Code::WrongType, message, &value.span, "this node");
            None
        }
    }
}

/// A node's own fields as its kind reads them.
fn body(source: &str, value: &Value) -> String {
    let own = value.entries().iter().filter(|entry| !COMMON.contains(&entry.key.as_str()));
    let each: Vec<&str> = own.map(|entry| &source[entry.span()]).collect();
    format!("({})", each.join(", "))
}

/// The node's text with the values of driven fields in it, which it does not mention.
fn with_driven(source: &str, value: &Value, driven: &[(String, String)]) -> String {
    let (nodes, mut splices) = (Nodes::one("node", value), Splices::default());
    for (path, value) in driven {
        // What has no place in the node was an error of the macro.
        let _ = splices.set(&nodes, &format!("node.{path}"), value);
    }
    splices.apply_to(source, &value.span)
}

/// Notes what a node finds wrong with its own fields.
fn rule(checker: &mut Checker<'_>, value: &Value, path: &str, kind: &ProblemKind) {
    let found = value.at_path(path).map(|value| value.span.clone());
    let placed = found.is_some();
    let span = found.unwrap_or_else(|| checker.owner.1.clone());
    match kind {
        ProblemKind::Rule { reason, help } => {
            checker.push(Code::BrokenRule, reason.clone(), &span, "here").help.push(help.clone());
        }
        ProblemKind::OutOfRange { value: number, min, max } => {
            let message = format!("`{path}` is out of range");
            let label = format!("must be between {min} and {max}");
            let diagnostic = checker.push(Code::OutOfRange, message, &span, &label);
            if placed {
                *diagnostic = diagnostic.clone().within(*number, *min, *max);
            }
        }
        ProblemKind::NotFinite => {
            checker.push(Code::NotFinite, format!("`{path}` must be a finite number"), &span, "this is not");
        }
        ProblemKind::Length { len, min, max } => {
            let message = format!("`{path}` has {}", entries(*len));
            checker.push(Code::WrongLength, message, &span, &format!("{min} to {max} are allowed"));
        }
    }
}

/// What the field at `steps` inside a node may be, its unit and its default; maps are seen through, as in `air.gain_db`.
pub(super) fn field_at<'k>(
    fields: &'k [Field],
    value: &Value,
    steps: &[&str],
) -> Option<(&'k FieldKind, Unit, &'k serde_json::Value, &'k str)> {
    let (step, rest) = steps.split_first()?;
    if let Some(field) = fields.iter().find(|field| field.name == *step) {
        let inner = value.entry(step).map(|entry| &entry.value);
        return match (rest, inner) {
            ([], _) => Some((&field.kind, field.unit, &field.default, field.help)),
            (rest, Some(inner)) => inside(&field.kind, inner, rest, field.unit),
            _ => None,
        };
    }
    // A step that is no field is the name of an entry in one of the node's maps.
    fields.iter().filter(|field| matches!(field.kind, FieldKind::Map { .. })).find_map(|field| {
        let map = &value.entry(field.name)?.value;
        map.entry(step)?;
        inside(&field.kind, map, steps, field.unit)
    })
}

fn inside<'k>(
    kind: &'k FieldKind,
    value: &Value,
    steps: &[&str],
    unit: Unit,
) -> Option<(&'k FieldKind, Unit, &'k serde_json::Value, &'k str)> {
    const NOTHING: &serde_json::Value = &serde_json::Value::Null;
    let (step, rest) = steps.split_first()?;
    match kind {
        FieldKind::Map { item, .. } => inside(item, &value.entry(step)?.value, rest, unit),
        FieldKind::List { item, .. } if rest.is_empty() => {
            value.at_path(step)?;
            Some((item, unit, NOTHING, ""))
        }
        FieldKind::Variants(variants) => {
            let form = match &value.kind {
                ValueKind::Word(form) | ValueKind::Call(Call { name: Some((form, _)), .. }) => form,
                _ => return None,
            };
            field_at(&variants.iter().find(|variant| variant.name == form)?.fields, value, steps)
        }
        _ => None,
    }
}
