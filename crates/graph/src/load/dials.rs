//! From the tree to the declarations of params, macros and presets.

use super::document::{DialDecl, DriveDecl, ParamDecl, PresetDecl};
use super::sections::Reader;
use super::typing::COMMON;
use crate::diagnostic::Code;
use crate::limits;
use crate::tree::{Call, Entry, Span, Value, ValueKind};
use deadwax_node::ron_options;

/// How the way between the two ends of a field may be named.
const WAYS: [&str; 2] = ["Linear", "Log"];

impl Reader<'_> {
    pub(super) fn param(&mut self, entry: &Entry) -> Option<ParamDecl> {
        let name = match &entry.value.kind {
            ValueKind::Call(Call { name: Some((name, _)), items, .. }) if items.is_empty() => name.as_str(),
            _ => "",
        };
        let is_macro = name == "Macro";
        let shape = if is_macro {
            format!("{}: Macro(default: 0, drives: {{ \"node.field\": (0, 1) }})", entry.key)
        } else {
            format!("{}: Param(sets: [\"node.field\"])", entry.key)
        };
        if !is_macro && name != "Param" {
            self.wrong(entry, &shape);
            return None;
        }
        let (name, span) = (entry.key.clone(), entry.key_span.clone());
        if !crate::edit::is_node_name(&name) || COMMON.contains(&name.as_str()) {
            let help = "names are lower case, begin with a letter, and are not `on`, `lane` or `note`";
            self.say(Code::BadName, format!("`{name}` is no name for a param"), &span, "here", help);
        }
        let (sets, help) = (Vec::new(), String::new());
        let mut param = ParamDecl { name, span, sets, dial: None, min: None, max: None, help };
        let mut dial = DialDecl::default();
        let known: &[&str] = if is_macro {
            &["default", "drives", "min", "max", "help"]
        } else {
            &["sets", "min", "max", "help"]
        };
        for field in entry.value.entries() {
            let number = |reader: &mut Self| Some((reader.number(field)?, field.value.span.clone()));
            match field.key.as_str() {
                "sets" if !is_macro => param.sets = self.targets(field),
                "default" if is_macro => dial.default = number(self),
                "drives" if is_macro => dial.drives = self.drives(field),
                "min" => param.min = number(self),
                "max" => param.max = number(self),
                "help" => param.help = self.text(field).unwrap_or_default(),
                other => {
                    let what = if is_macro { "macro" } else { "param" };
                    let message = format!("a {what} has no field `{other}`");
                    let listed = format!("fields are {}", known.join(", "));
                    self.unknown((Code::UnknownField, message), (other, &field.key_span), known, &listed);
                }
            }
        }
        let needed: &[&str] = if is_macro { &["default", "drives"] } else { &["sets"] };
        if needed.iter().any(|needed| entry.value.entry(needed).is_none()) {
            self.wrong(entry, &shape);
        }
        param.dial = is_macro.then_some(dial);
        Some(param)
    }

    fn targets(&mut self, field: &Entry) -> Vec<(String, Span)> {
        let item = |value: &Value| match &value.kind {
            ValueKind::Text(said) => Some((said.clone(), value.span.clone())),
            _ => None,
        };
        let items = match &field.value.kind {
            ValueKind::Text(_) => std::slice::from_ref(&field.value),
            ValueKind::List(items) => items,
            _ => &[],
        };
        if items.len() > limits::ENTRIES {
            let message = format!("`sets` has {} entries", items.len());
            let label = format!("{} are allowed", limits::ENTRIES);
            self.push(Code::WrongLength, message, &field.key_span, &label);
            return Vec::new();
        }
        let found: Vec<_> = items.iter().filter_map(item).collect();
        if found.is_empty() || found.len() < items.len() {
            self.wrong(field, "sets: [\"node.field\"]");
        }
        found
    }

    /// The fields that a macro drives, each with its two ends.
    fn drives(&mut self, field: &Entry) -> Vec<DriveDecl> {
        let entries = self.at_most(field, limits::ENTRIES);
        if entries.is_empty() && field.value.kind == ValueKind::Map(Vec::new()) {
            self.wrong(field, "drives: { \"node.field\": (0, 1) }");
        }
        entries.iter().filter_map(|entry| self.drive(entry)).collect()
    }

    fn drive(&mut self, entry: &Entry) -> Option<DriveDecl> {
        let parts = match &entry.value.kind {
            ValueKind::Call(Call { name: None, fields, items }) if fields.is_empty() => &items[..],
            _ => &[],
        };
        let shape = format!("\"{}\": (0, 1)", entry.key);
        let (low, high, way) = match parts {
            [low, high] => (low, high, "Linear"),
            [low, high, Value { kind: ValueKind::Word(way), span }] => {
                if !WAYS.contains(&way.as_str()) {
                    let message = format!("`{way}` is no way from one end to the other");
                    let listed = format!("ways are {}", WAYS.join(", "));
                    self.unknown((Code::UnknownChoice, message), (way, span), &WAYS, &listed);
                    return None;
                }
                (low, high, way.as_str())
            }
            _ => {
                self.wrong(entry, &shape);
                return None;
            }
        };
        let mut end = |value: &Value| match self.finite(value) {
            Some(number) => Some((number, value.span.clone())),
            None => {
                self.wrong_value(&entry.key, value, &shape);
                None
            }
        };
        let (low, high) = (end(low), end(high));
        let ends = [low?, high?];
        let is_log = way == "Log";
        if let Some((_, span)) = ends.iter().find(|(number, _)| is_log && *number <= 0.0) {
            let help = "write `Linear`, or ends above 0";
            self.say(Code::OutOfRange, "`Log` goes between numbers above 0", span, "this is none", help);
            return None;
        }
        let (path, span) = (entry.key.clone(), entry.key_span.clone());
        Some(DriveDecl { path, span, ends, is_log })
    }

    fn finite(&self, value: &Value) -> Option<f64> {
        let number = ron_options().from_str::<f64>(&self.source[value.span.clone()]).ok()?;
        (number.is_finite() && value.kind == ValueKind::Number).then_some(number)
    }

    fn number(&mut self, field: &Entry) -> Option<f64> {
        let number = self.finite(&field.value);
        if number.is_none() {
            self.wrong(field, &format!("{}: 1.5", field.key));
        }
        number
    }

    pub(super) fn preset(&mut self, entry: &Entry) -> Option<PresetDecl> {
        let ValueKind::Map(values) = &entry.value.kind else {
            self.wrong(entry, &format!("\"{}\": {{ param: value }}", entry.key));
            return None;
        };
        let values =
            values.iter().map(|v| (v.key.clone(), v.key_span.clone(), v.value.span.clone())).collect();
        Some(PresetDecl { name: entry.key.clone(), values })
    }
}
