//! The example of every kind, as it stands in its reference page, renders in a graph.

use deadwax_engine::Options;
use deadwax_graph::{Memory, Overrides, load};
use deadwax_node::{Channels, Kind};
use deadwax_tests::{mix, run_graph};

/// A graph around the example: every required input gets the mix (its middle, where a port takes one channel).
fn graph_around(kind: &Kind) -> String {
    let body = kind.about.example.strip_prefix(kind.name()).map_or("", str::trim);
    let node = kind.from_ron(if body.is_empty() { "()" } else { body }).unwrap();
    let ports = node.ports();
    let mut wires = String::new();
    let mut lanes = false;
    for (index, port) in ports.inputs.iter().enumerate().filter(|(_, port)| port.required) {
        let mono = port.channels == Channels::Exactly(1);
        lanes |= mono;
        let from = if mono { "lanes.mid" } else { "input" };
        let to = if index == 0 { "it".to_owned() } else { format!("it.{}", port.name) };
        wires += &format!("\"{from} -> {to}\", ");
    }
    let nodes = if lanes { "lanes: MidSideEncode, " } else { "" };
    if lanes {
        wires += "\"input -> lanes\", ";
    }
    // The first output is delivered; a graph may leave the others alone.
    let from = if ports.outputs.len() > 1 { format!("it.{}", ports.outputs[0].name) } else { "it".into() };
    wires += &format!("\"{from} -> output\"");
    format!("Graph(format: 1, nodes: {{ {nodes}it: {} }}, wires: [{wires}])", kind.about.example)
}

#[test]
fn the_example_of_every_kind_renders() {
    let registry = deadwax_nodes::registry();
    let programme = mix(44_100, 1.0);
    let mut seen = 0;
    for kind in registry.kinds() {
        let text = graph_around(kind);
        let loader = Memory::new().with("example.ron", &*text);
        let graph = load(&registry, &loader, "example.ron", &Overrides::none())
            .unwrap_or_else(|errors| panic!("{text}\n{:#?}", errors.diagnostics));
        let (sinks, _) = run_graph(&graph, 44_100, &programme, &Options::default())
            .unwrap_or_else(|error| panic!("{}: {error}", kind.name()));
        let out = &sinks[0].channels;
        assert!(!out[0].is_empty() && out.iter().flatten().all(|x| x.is_finite()), "{}", kind.name());
        assert!(out.iter().flatten().any(|x| *x != 0.0), "{}: silent", kind.name());
        seen += 1;
    }
    assert!(seen >= 39, "{seen} kinds");
}

#[test]
fn every_kind_says_what_it_does_in_one_sentence_without_jargon() {
    for kind in deadwax_nodes::registry().kinds() {
        let summary = kind.about.summary;
        assert!(summary.ends_with('.') && summary.matches('.').count() == 1, "{}: {summary}", kind.name());
        assert!(summary.len() <= 90 && summary.starts_with(char::is_uppercase), "{}: {summary}", kind.name());
        for jargon in ["biquad", "FIR", "IIR", "FFT", "ADAA", "kernel", "LUFS"] {
            assert!(!summary.contains(jargon), "{}: {summary}", kind.name());
        }
    }
}
