//! What something in a graph file means.

use crate::completion::COMMON;
use crate::names::{driven, entry_at, targets_of};
use crate::outline::{Outline, World, ends, kind_of, mended};
use crate::place::{Spot, place, word_around};
use crate::words;
use deadwax_engine::Plan;
use deadwax_graph::tree::Span;
use deadwax_node::{FieldKind, Registry};

/// What is told about something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// What, in Markdown.
    pub text: String,
    /// The bytes it is about.
    pub span: Span,
}

/// What stands at byte `offset` of `text`. `plan` is the graph compiled, where nothing is wrong with it.
#[must_use]
pub fn hover(text: &str, offset: usize, world: &World<'_>, plan: Option<&Plan>) -> Option<Told> {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let whole = mended(text, offset);
    let outline = Outline::of(&whole);
    let span = word_around(text, offset);
    let word = &text[span.clone()];
    let is_key = text[span.end..].trim_start().starts_with(':');
    let (_, spot) = place(text, span.start, world.registry);
    let told = |text: String| Some(Told { text, span: span.clone() });
    match spot {
        _ if word.is_empty() => None,
        Spot::Wire(_) => wire_end(text, offset, &outline, world, plan),
        Spot::Target(_) => target(text, offset, &outline, world),
        Spot::Kind => told(kind(word, &outline, world, &span)?),
        Spot::FieldName { fields, node } if is_key => {
            let common = COMMON.iter().find(|(name, ..)| node && *name == word);
            let about = match fields.iter().find(|field| field.name == word) {
                Some(field) => words::field(field),
                None => (common?.2).to_owned(),
            };
            told(format!("**{word}**: {about}{}", set_by(&outline, &span)))
        }
        Spot::FieldValue { kind, unit, help, name, .. } => told(
            value(word, kind)
                .unwrap_or_else(|| format!("**{name}**: {help}\n\n{}", words::range(kind, unit))),
        ),
        Spot::UsedParam(used) if is_key => {
            let graph = outline.used(&used, world)?;
            let param = graph.params.iter().find(|param| param.name == word)?;
            told(format!(
                "**{word}**: {}\n\n{} · default {}",
                param.help,
                words::range(&param.kind, param.unit),
                param.value
            ))
        }
        Spot::Fixed(known) if is_key => {
            let (_, _, help) = known.iter().find(|(name, ..)| *name == word)?;
            told(format!("**{word}**: {help}"))
        }
        Spot::Form(known) if !is_key => {
            let (_, _, help) = known.iter().find(|(name, ..)| *name == word)?;
            told(format!("**{word}**: {help}"))
        }
        Spot::PresetParam if is_key => told(param(word, &outline, world)?),
        _ if is_key && outline.entry("params", word).is_some_and(|entry| entry.key_span == span) => {
            told(param(word, &outline, world)?)
        }
        _ if is_key => node(&outline, &span, word, world).and_then(told),
        _ => None,
    }
}

/// One of the words that a value may be.
fn value(word: &str, kind: &FieldKind) -> Option<String> {
    match kind {
        FieldKind::Choice(choices) => choices
            .iter()
            .find(|choice| choice.name == word)
            .map(|choice| format!("**{word}**: {}", choice.help)),
        FieldKind::Variants(variants) => variants
            .iter()
            .find(|variant| variant.name == word)
            .map(|variant| format!("**{word}**: {}", variant.help)),
        FieldKind::Optional(inner) => value(word, inner),
        _ => None,
    }
}

fn kind(word: &str, outline: &Outline<'_>, world: &World<'_>, span: &Span) -> Option<String> {
    let Some(kind) = world.registry.get(word) else {
        let graph = outline.used(word, world)?;
        let about = graph.about;
        let params: Vec<_> = graph.params.iter().map(|param| format!("`{}`", param.name)).collect();
        return Some(format!(
            "**{word}**: {}\n\n{}\n\nparams {}",
            about.title,
            about.description,
            params.join(", ")
        ));
    };
    let family = format!("{:?}", kind.about.family).to_lowercase();
    let mut text = format!("**{word}** · {family}\n\n{}", words::kind(kind));
    let here = outline.part("nodes").iter().find(|entry| entry.value.span.start == span.start);
    let node = here.and_then(|entry| outline.node(&entry.key, world.registry));
    if let Some(latency) = node.and_then(|node| words::latency(&*node)) {
        text.push_str(&format!("\n\n{latency}"));
    }
    Some(text)
}

/// A node, by the name it is declared with.
fn node(outline: &Outline<'_>, span: &Span, word: &str, world: &World<'_>) -> Option<String> {
    let entry = outline.entry("nodes", word).filter(|entry| entry.key_span == *span)?;
    let (kind, _) = kind_of(&entry.value)?;
    let summary = world.registry.get(&kind).map(|kind| kind.about.summary).unwrap_or_default();
    let params = params_of(outline, word, "");
    let set = if params.is_empty() { String::new() } else { format!("\n\nparams: {}", params.join(", ")) };
    Some(format!("**{word}**: `{kind}`\n\n{summary}{set}"))
}

/// Params that set a field of a node, or any field of it when `field` is empty.
fn params_of(outline: &Outline<'_>, node: &str, field: &str) -> Vec<String> {
    let sets = |name: &str| {
        targets_of(outline, name).iter().any(|path| match path.split_once('.') {
            Some((of, rest)) => {
                of == node && (field.is_empty() || rest == field || rest.ends_with(&format!(".{field}")))
            }
            None => false,
        })
    };
    let names = outline.part("params").iter().map(|param| param.key.as_str());
    names.filter(|name| sets(name)).map(|name| format!("`{name}`")).collect()
}

/// The params that set the field whose name stands at `span`.
fn set_by(outline: &Outline<'_>, span: &Span) -> String {
    let setters = outline.part("params").iter().filter(|param| {
        targets_of(outline, &param.key).iter().any(|path| {
            let Some((node, field)) = path.split_once('.') else { return false };
            let node = outline.entry("nodes", node);
            node.and_then(|node| entry_at(&node.value, field)).is_some_and(|entry| entry.key_span == *span)
        })
    });
    let names: Vec<String> = setters.map(|param| format!("`{}`", param.key)).collect();
    if names.is_empty() { String::new() } else { format!("\n\nset by {}", names.join(", ")) }
}

/// What is written at the path of a field, as in `glue.ratio`; the default where the node does not mention it.
pub(crate) fn value_at(outline: &Outline<'_>, path: &str, registry: &Registry) -> Option<String> {
    let (node, field) = path.split_once('.')?;
    let value = &outline.entry("nodes", node)?.value;
    if let Some(entry) = entry_at(value, field) {
        return Some(outline.written(&entry.value));
    }
    let (kind, _) = kind_of(value)?;
    let known = registry.get(&kind)?.fields.iter().find(|known| known.name == field)?;
    Some(words::written(&known.kind, &known.default))
}

fn param(name: &str, outline: &Outline<'_>, world: &World<'_>) -> Option<String> {
    let entry = outline.entry("params", name)?;
    let help = entry.value.entry("help").map(|help| outline.written(&help.value)).unwrap_or_default();
    let mut text = format!("**{name}**: {}", help.trim_matches('"'));
    if let Some(default) = entry.value.entry("default") {
        text.push_str(&format!("\n\nfrom 0 to 1 · default {}", outline.written(&default.value)));
    }
    for drive in entry.value.entry("drives").iter().flat_map(|drives| drives.value.entries()) {
        text.push_str(&format!("\n\ndrives `{}` {}", drive.key, outline.written(&drive.value)));
    }
    let sets = if entry.value.entry("drives").is_some() { Vec::new() } else { targets_of(outline, name) };
    for path in sets {
        let now = value_at(outline, &path, world.registry)
            .map_or_else(String::new, |value| format!(", now {value}"));
        text.push_str(&format!("\n\nsets `{path}`{now}"));
    }
    Some(text)
}

/// A field in the text of what a param sets.
fn target(text: &str, offset: usize, outline: &Outline<'_>, world: &World<'_>) -> Option<Told> {
    let quote = text[..offset].rfind('"')? + 1;
    let end = offset + text[offset..].find(['"', '\n'])?;
    let path = &text[quote..end];
    let (node, field) = path.split_once('.')?;
    let (kind, _) = kind_of(&outline.entry("nodes", node)?.value)?;
    let known = world.registry.get(&kind)?.fields.iter().find(|known| known.name == field);
    let about = known.map(|field| format!("\n\n{}", words::field(field))).unwrap_or_default();
    // What a macro drives is nothing that stands in the node.
    let now = value_at(outline, path, world.registry).filter(|_| !driven(outline).contains(path));
    let now = now.map_or_else(String::new, |value| format!(": now {value}"));
    Some(Told { text: format!("**{path}**{now}, of the `{kind}` `{node}`{about}"), span: quote..end })
}

/// An end of a wire: its port, and what is on the wire where that is known.
fn wire_end(
    text: &str,
    offset: usize,
    outline: &Outline<'_>,
    world: &World<'_>,
    plan: Option<&Plan>,
) -> Option<Told> {
    let begin = text[..offset].rfind('"')? + 1;
    let close = offset + text[offset..].find(['"', '\n'])?;
    let found = ends(text, &(begin..close));
    let end = found.into_iter().find(|end| {
        let last = end.port.as_ref().map_or(end.node_span.end, |(_, span)| span.end);
        end.node_span.start <= offset && offset <= last
    })?;
    let last = end.port.as_ref().map_or(end.node_span.end, |(_, span)| span.end);
    let span = end.node_span.start..last;
    let port = end.port.as_ref().map(|(name, _)| name.as_str());
    let mut lines = Vec::new();
    match end.node.as_str() {
        "input" => lines.push("**input**: what the graph hears".to_owned()),
        "output" => lines.push("**output**: what the graph gives".to_owned()),
        node => {
            let (kind, _) = kind_of(&outline.entry("nodes", node)?.value)?;
            lines.push(format!("**{node}**: `{kind}`"));
            let (inputs, outputs) = outline.ports(node, world)?;
            for (wanted, side, plugs) in [(end.target, "in", inputs), (end.source, "out", outputs)] {
                let plug = plugs
                    .iter()
                    .enumerate()
                    .find(|(number, plug)| port.map_or(*number == 0, |port| plug.name == port));
                if let Some((_, plug)) = plug.filter(|_| wanted) {
                    lines.push(format!("{side} `{}`: {}", plug.name, plug.help));
                }
            }
        }
    }
    lines.extend(plan.and_then(|plan| on_the_wire(plan, &end.node, port, end.source)));
    Some(Told { text: lines.join("\n\n"), span })
}

/// What the plan says of the first wire at an end.
fn on_the_wire(plan: &Plan, node: &str, port: Option<&str>, begins: bool) -> Option<String> {
    let is = |name: &str| match port {
        Some(port) => *name == format!("{node}.{port}"),
        None => name.split('.').next() == Some(node),
    };
    let wire = plan.wires.iter().find(|wire| is(if begins { &wire.from } else { &wire.to }))?;
    let format = wire.format;
    let rate = f64::from(format.rate_hz) / 1000.0;
    let late = if wire.late_ms > 0.0 { format!(", {:.1} ms late", wire.late_ms) } else { String::new() };
    Some(format!("at stereo and 44.1 kHz this carries {} at {rate} kHz{late}", format.layout))
}
