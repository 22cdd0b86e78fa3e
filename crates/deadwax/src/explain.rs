//! A graph in plain words.

use deadwax_engine::{Plan, PlannedNode};
use deadwax_graph::Graph;
use deadwax_graph::model::{From, Node, NodeId, Param, To};
use deadwax_node::{Field, FieldKind, Unit};
use serde_json::Value;
use std::fmt::Write as _;

/// What the graph does, step by step, and what the engine makes of it.
#[must_use]
pub fn explain(graph: &Graph, plan: &Plan) -> String {
    let mut text = headline(graph);
    let _ = writeln!(text, "{}\n", numbers(plan));
    for (step, node) in plan.nodes.iter().enumerate() {
        steps(&mut text, step + 1, graph, node);
    }
    text.push('\n');
    for (name, format) in &plan.outputs {
        let name = if name == "output" { name.clone() } else { format!("output.{name}") };
        let from = plan.wires.iter().find(|wire| wire.to == name).map_or("?", |wire| &wire.from);
        let _ = writeln!(text, "output  `{name}` is what leaves {from}: {format}");
    }
    params(&mut text, graph);
    asked(&mut text, graph);
    runs(&mut text, graph, plan);
    text
}

fn headline(graph: &Graph) -> String {
    let about = &graph.about;
    let version = if about.version.is_empty() { String::new() } else { format!(" {}", about.version) };
    let title = if about.title.is_empty() { String::new() } else { format!(": {}", about.title) };
    let license = if about.license.is_empty() { String::new() } else { format!("   ({})", about.license) };
    let mut text = format!("{}{version}{title}{license}\n", graph.name);
    if !about.description.is_empty() {
        let _ = writeln!(text, "{}", about.description);
    }
    text
}

fn numbers(plan: &Plan) -> String {
    let count =
        |count: usize, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
    let late = plan.wires.iter().map(|wire| wire.late_ms).fold(0.0, f64::max);
    let late = if late > 0.0 { format!(" · looks {late:.1} ms ahead, aligned") } else { String::new() };
    format!(
        "for {} · {} · {}{late}",
        plan.input,
        count(plan.nodes.len(), "node", "nodes"),
        count(plan.passes.len(), "pass", "passes")
    )
}

/// One node: its name, what it hears, what it does.
fn steps(text: &mut String, step: usize, graph: &Graph, planned: &PlannedNode) {
    let node = &graph.nodes[planned.id];
    let about = node.node.about();
    let heard = hears(graph, planned.id);
    let _ = writeln!(text, "{step:>3}  {}  ({}){heard}", node.name, graph.kind(NodeId(planned.id)));
    if !node.on {
        text.push_str("       switched off: passes its input on\n");
        return;
    }
    if graph.ghost(NodeId(planned.id)).is_some() {
        text.push_str(
            "       unknown to this program: nobody can say here what it does, or how late it is\n",
        );
        return;
    }
    let lane = match node.lane {
        deadwax_node::Lane::Both => String::new(),
        lane => format!(" On the {} alone.", lane.name().to_lowercase()),
    };
    let _ = writeln!(text, "       {}{lane}", about.summary);
    for line in settings(node) {
        let _ = writeln!(text, "       · {line}");
    }
    if let Some(lesson) = graph.lesson(&node.name) {
        let file = graph.sources.get(lesson.file).map_or("a file", |file| file.name.as_str());
        let _ = writeln!(text, "       · has learnt before: {file}");
    }
    if let Some(note) = &node.note {
        let _ = writeln!(text, "       “{note}”");
    }
}

/// What is connected to a node's inputs.
fn hears(graph: &Graph, id: usize) -> String {
    let ports = graph.nodes[id].node.ports().inputs;
    let wires = graph.wires.iter().filter_map(|wire| match wire.to {
        To::Node(node, port) if node == NodeId(id) => Some((port, wire.from)),
        _ => None,
    });
    let name = |from: From| match from {
        From::Input(0) => "input".to_owned(),
        From::Input(index) => format!("input.{}", graph.inputs[index]),
        From::Node(node, port) => {
            let node = &graph.nodes[node.0];
            let ports = node.node.ports().outputs;
            if ports.len() > 1 { format!("{}.{}", node.name, ports[port].name) } else { node.name.clone() }
        }
    };
    let each: Vec<String> = wires
        .map(
            |(port, from)| {
                if port == 0 { name(from) } else { format!("{} at `{}`", name(from), ports[port].name) }
            },
        )
        .collect();
    format!("  hears {}", each.join(", "))
}

/// The fields that are not as they are by default, and those that have no default worth the name.
fn settings(node: &Node) -> Vec<String> {
    let value = node.node.to_json();
    let mut lines = Vec::new();
    let mut plain = Vec::new();
    for field in node.node.fields() {
        let value = &value[field.name];
        match &field.kind {
            FieldKind::Map { item, .. } => entries(value, item, &mut lines),
            _ if *value != field.default => {
                plain.push(format!("{} {}", words(field.name), shown(value, field.unit)))
            }
            _ => {}
        }
    }
    if !plain.is_empty() {
        lines.insert(0, plain.join(", "));
    }
    lines
}

/// The entries of a map, a line each: every number, and of the choices those that are not as they are by default.
fn entries(value: &Value, item: &FieldKind, lines: &mut Vec<String>) {
    for (name, entry) in value.as_object().into_iter().flatten() {
        let form = entry.as_object().and_then(|form| form.iter().next());
        let (form, inner) = form.map_or(("", entry), |(form, inner)| (form.as_str(), inner));
        let fields: &[Field] = match item {
            FieldKind::Variants(variants) => {
                variants.iter().find(|variant| variant.name == form).map_or(&[], |variant| &variant.fields)
            }
            _ => &[],
        };
        let worth_saying = |key: &str, value: &Value| {
            let field = fields.iter().find(|field| field.name == key);
            !field.is_some_and(|f| matches!(f.kind, FieldKind::Choice(_)) && *value == f.default)
        };
        let each: Vec<String> = inner
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(key, value)| worth_saying(key, value))
            .map(|(key, value)| format!("{} {}", words(key), shown(value, Unit::of_field(key))))
            .collect();
        lines.push(format!("{name}: {form} {}", each.join(", ")).trim_end().to_owned());
    }
}

/// `attack_ms` as `attack`.
fn words(name: &str) -> String {
    let unit = ["_db_oct", "_dbtp", "_lufs", "_lu", "_db", "_hz", "_ms", "_s", "_pct", "_deg"];
    let bare = unit.iter().find_map(|unit| name.strip_suffix(unit)).unwrap_or(name);
    bare.replace('_', " ")
}

fn shown(value: &Value, unit: Unit) -> String {
    match value {
        Value::Number(number) => unit.show(number.as_f64().unwrap_or_default()),
        Value::String(word) => word.clone(),
        Value::Array(items) => items.iter().map(|item| shown(item, unit)).collect::<Vec<_>>().join(" and "),
        Value::Null => "none".to_owned(),
        other => other.to_string(),
    }
}

fn params(text: &mut String, graph: &Graph) {
    if graph.params.is_empty() {
        return;
    }
    text.push_str("\nparams  set with --set NAME=VALUE\n");
    let width = graph.params.iter().map(|param| param.name.len()).max().unwrap_or(0);
    for param in &graph.params {
        let line = format!("  {:<width$}  {}  {}", param.name, value_and_range(param), param.help);
        let _ = writeln!(text, "{}", line.trim_end());
        for drive in &param.drives {
            let (from, to, unit) = (drive.from, drive.to, Unit::of_field(&drive.path));
            let _ = writeln!(text, "  {:<width$}  · {} from {from} to {}", "", drive.path, unit.show(to));
        }
    }
    if !graph.presets.is_empty() {
        let names: Vec<_> = graph.presets.iter().map(|preset| preset.name.as_str()).collect();
        let _ = writeln!(text, "presets  {}", names.join(", "));
    }
}

/// What a param is now, and what it may be: `-14 (-20 to -8 LUFS)`.
pub(crate) fn value_and_range(param: &Param) -> String {
    match &param.kind {
        FieldKind::Number { min, max, .. } => {
            format!("{} ({min} to {})", param.value, param.unit.show(*max))
        }
        _ => param.value.clone(),
    }
}

/// The recordings that a person names.
fn asked(text: &mut String, graph: &Graph) {
    let all: Vec<_> = graph.asked().collect();
    if all.is_empty() {
        return;
    }
    text.push_str("\nasks for  named with --asset NAME=FILE\n");
    let width = all.iter().map(|asset| asset.name.len()).max().unwrap_or(0);
    for asset in all {
        let file = asset.location.as_ref().map_or_else(String::new, |file| format!(": {}", file.display()));
        let help = asset.asked.as_deref().filter(|help| !help.is_empty()).unwrap_or("a recording");
        let _ = writeln!(text, "  {:<width$}  {help}{file}", asset.name);
    }
}

/// Why there are several passes.
fn passes(text: &mut String, graph: &Graph, plan: &Plan) {
    let all: Vec<_> = plan.nodes.iter().filter(|node| node.hears_in.is_some()).collect();
    let names: Vec<String> = all.iter().map(|node| format!("`{}`", node.name)).collect();
    let count = plan.passes.len();
    match &names[..] {
        [] => {}
        [one] => {
            let _ = writeln!(text, "  {one} hears the whole programme first, so there are {count} passes");
        }
        [first @ .., last] => {
            let first = first.join(", ");
            let _ =
                writeln!(text, "  {first} and {last} each hear the whole programme first: {count} passes");
        }
    }
    for node in all {
        if graph.nodes[node.id].node.to_json()["aim"].as_str() == Some("Output") {
            let name = &node.name;
            let _ = writeln!(text, "  `{name}` has what is behind it run again until the output is right");
        }
    }
}

/// How the engine runs it.
fn runs(text: &mut String, graph: &Graph, plan: &Plan) {
    text.push_str("\nruns\n");
    passes(text, graph, plan);
    for (number, pass) in plan.passes.iter().enumerate() {
        let chains: Vec<String> = pass
            .clusters
            .iter()
            .map(|cluster| {
                let names: Vec<&str> =
                    cluster.iter().filter_map(|id| plan.node(*id)).map(|node| node.name.as_str()).collect();
                names.join(" → ")
            })
            .collect();
        let side = if chains.len() > 1 { "side by side where nothing waits: " } else { "" };
        let chains = if chains.is_empty() { "only listens".to_owned() } else { chains.join(" | ") };
        let _ = writeln!(text, "  pass {}  {side}{chains}", number + 1);
    }
    let _ = write!(text, "  memory  {} KiB of blocks", plan.block_bytes.div_ceil(1024));
    let minute = plan.spool_bytes(u64::from(plan.input.rate_hz) * 60);
    if minute > 0 {
        let names: Vec<_> = plan.spools.iter().map(|spool| format!("`{}`", spool.label)).collect();
        let _ = write!(
            text,
            ", and {} MiB for each minute: {} {} kept between passes",
            minute.div_ceil(1 << 20),
            names.join(" and "),
            if names.len() == 1 { "is" } else { "are" }
        );
    }
    text.push('\n');
}
