//! Pictures made of letters.

use super::{Link, Picture};
use crate::levels::Levels;
use ascii_dag::RenderOptions;
use deadwax_graph::Graph;
use std::fmt::Write as _;

/// The graph with letters and lines, from top to bottom.
#[must_use]
pub fn terminal(graph: &Graph, levels: &Levels) -> String {
    let picture = Picture::of(graph, levels);
    let labels: Vec<String> =
        picture
            .items
            .iter()
            .map(|item| {
                if item.kind.is_empty() {
                    item.title.clone()
                } else {
                    format!("{}: {}", item.title, item.kind)
                }
            })
            .collect();
    let said: Vec<Option<String>> = picture.links.iter().map(label).collect();
    let mut drawn = ascii_dag::Graph::new();
    for (number, label) in labels.iter().enumerate() {
        drawn.add_node(number + 1, label.as_str());
    }
    for (link, label) in picture.links.iter().zip(&said) {
        drawn.add_edge(link.from + 1, link.to + 1, label.as_deref());
    }
    drawn.compute_layout().render_string(&RenderOptions::plain())
}

/// `low`, `> key`, or `mid > mid`; and how loud it is, where that was heard.
fn label(link: &Link) -> Option<String> {
    let ports = match (link.from_port.as_str(), link.to_port.as_str()) {
        ("", "") => None,
        (from, "") => Some(from.to_owned()),
        ("", to) => Some(format!("> {to}")),
        (from, to) => Some(format!("{from} > {to}")),
    };
    match (ports, &link.level) {
        (Some(ports), Some(level)) => Some(format!("{ports} · {level}")),
        (ports, level) => ports.or_else(|| level.clone()),
    }
}

/// The graph for Graphviz.
#[must_use]
pub fn dot(graph: &Graph, levels: &Levels) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let picture = Picture::of(graph, levels);
    let mut text = format!("digraph {} {{\n", quoted(&graph.name));
    text.push_str("    rankdir=LR;\n    node [shape=box, style=rounded, fontname=\"sans-serif\"];\n");
    for (number, item) in picture.items.iter().enumerate() {
        let label =
            if item.kind.is_empty() { item.title.clone() } else { format!("{}\n{}", item.title, item.kind) };
        let off = if item.on { "" } else { ", style=\"rounded,dashed\"" };
        let _ = writeln!(text, "    n{number} [label={}{off}];", quoted(&label).replace('\n', "\\n"));
    }
    for link in &picture.links {
        let label = label(link).map(|label| format!("label={}", quoted(&label)));
        let dashed = link.side.then(|| "style=dashed".to_owned());
        let marks: Vec<String> = label.into_iter().chain(dashed).collect();
        let marks = if marks.is_empty() { String::new() } else { format!(" [{}]", marks.join(", ")) };
        let _ = writeln!(text, "    n{} -> n{}{marks};", link.from, link.to);
    }
    text.push_str("}\n");
    text
}

/// The graph for Markdown that draws Mermaid.
#[must_use]
pub fn mermaid(graph: &Graph, levels: &Levels) -> String {
    // Mermaid takes HTML entities where a letter would mean something to it.
    let safe = |text: &str| {
        text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
    };
    let picture = Picture::of(graph, levels);
    let mut text = String::from("flowchart LR\n");
    for (number, item) in picture.items.iter().enumerate() {
        let _ = match item.kind.as_str() {
            "" => writeln!(text, "    n{number}([\"{}\"])", safe(&item.title)),
            kind => writeln!(text, "    n{number}[\"<b>{}</b><br/>{}\"]", safe(&item.title), safe(kind)),
        };
    }
    for link in &picture.links {
        let arrow = if link.side { "-.->" } else { "-->" };
        let label = label(link).map_or_else(String::new, |label| format!("|\"{}\"|", safe(&label)));
        let _ = writeln!(text, "    n{} {arrow}{label} n{}", link.from, link.to);
    }
    text
}
