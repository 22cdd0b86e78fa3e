//! Nodes of kinds that nobody here knows: refused, shown, or passed by. And what a graph says that it needs.

use deadwax_graph::diagnostic::{Style, render};
use deadwax_graph::model::{From, NodeId, To};
use deadwax_graph::{Code, Errors, Ghosts, Graph, Memory, Overrides, load_with_ghosts};
use deadwax_node::{Format, Layout};

const WARM: &str = "Graph(
    format: 1,
    about: (requires: (nodes: [\"house_exciter\"])),
    params: { shine: Param(sets: [\"glow.amount\"]), trim: Param(sets: [\"low.gain_db\"]) },
    presets: { \"dull\": { shine: 0, trim: -2 } },
    nodes: {
        low: Gain(gain_db: -1),
        glow: HouseExciter(amount: 0.3, colour: Warm),
        split: BandThing,
        sum: Mix,
    },
    wires: [
        \"input -> low -> glow -> split\",
        \"split.bass -> sum\",
        \"split.rest -> sum\",
        \"low -> split.key\",
        \"sum -> output\",
    ],
)";

fn read(text: &str, ghosts: Ghosts) -> Result<Graph, Errors> {
    let files = Memory::new().with("a.ron", text).with("part.ron", PART);
    load_with_ghosts(&deadwax_nodes::registry(), &files, "a.ron", &Overrides::none(), ghosts)
}

const PART: &str =
    "Graph(format: 1, nodes: { odd: Odd(x: 1), g: Gain }, wires: [\"input -> odd -> g -> output\"])";

/// The graph without the node that has several ends.
fn plain() -> String {
    let wires = "\"input -> low -> glow -> sum\",";
    let text = WARM.replace("        split: BandThing,\n", "");
    let (begin, end) = (text.find("\"input").unwrap(), text.find("\"sum -> out").unwrap());
    format!("{}{wires}\n        {}", &text[..begin], &text[end..])
}

#[test]
fn unknown_kinds_are_errors_that_say_what_can_be_done() {
    let errors = read(WARM, Ghosts::Refuse).unwrap_err();
    assert!(errors.diagnostics.iter().all(|found| found.code == Code::UnknownKind), "{errors:#?}");
    insta::assert_snapshot!("refused", render(&errors.diagnostics, &errors.sources, Style::Plain, 10));
    // A slip of the pen is none: the fix is the kind that is near.
    let slip = plain().replace("HouseExciter(amount: 0.3, colour: Warm)", "Compresor(ratio: 2)");
    let errors = read(&slip, Ghosts::Refuse).unwrap_err();
    let shown = render(&errors.diagnostics, &errors.sources, Style::Plain, 10);
    assert!(shown.contains("did you mean `Compressor`") && !shown.contains("ghosts"), "{shown}");
    assert_eq!(errors.diagnostics[0].fix.as_ref().unwrap().text, "Compressor");
}

#[test]
fn a_ghost_is_shown_with_the_ports_that_its_wires_use() {
    let graph = read(WARM, Ghosts::Show).unwrap();
    let kinds: Vec<&str> = (0..graph.nodes.len()).map(|id| graph.kind(NodeId(id))).collect();
    assert_eq!(kinds, ["Gain", "HouseExciter", "BandThing", "Mix"]);
    assert_eq!(graph.ghosts.len(), 2);
    assert!(graph.ghost(NodeId(1)).is_some() && graph.ghost(NodeId(0)).is_none());
    let names = |ports: Vec<deadwax_node::Port>| -> Vec<String> {
        ports.into_iter().map(|port| port.name.to_string()).collect()
    };
    let ports = graph.nodes[2].node.ports();
    assert_eq!(
        (names(ports.inputs), names(ports.outputs)),
        (vec!["in".into(), "key".into()], vec!["bass".into(), "rest".into()])
    );
    assert_eq!(graph.wires.len(), 7);
    assert!(graph.warnings.is_empty(), "{:#?}", graph.warnings);
    // All else that is wrong is still said.
    assert!(read(&WARM.replace("gain_db: -1", "gian_db: -1"), Ghosts::Show).is_err());
}

#[test]
fn what_has_one_input_and_one_output_is_passed_by_and_that_is_said() {
    let graph = read(&plain(), Ghosts::Bypass).unwrap();
    let names: Vec<&str> = graph.nodes.iter().map(|node| node.name.as_str()).collect();
    assert_eq!(names, ["low", "sum"]);
    assert!(graph.ghosts.is_empty());
    let through = |wire: &deadwax_graph::model::Wire| {
        wire.from == From::Node(NodeId(0), 0) && wire.to == To::Node(NodeId(1), 0)
    };
    assert!(graph.wires.iter().any(through), "{:#?}", graph.wires);
    assert_eq!(graph.warnings.iter().map(|found| found.code).collect::<Vec<_>>(), [Code::GhostBypassed]);
    let refused = read(WARM, Ghosts::Bypass).unwrap_err();
    let shown = render(&refused.diagnostics, &refused.sources, Style::Plain, 10);
    insta::assert_snapshot!("in_the_way", shown);
    // An end without a wire at the other side is none to pass by.
    let loose = plain().replace("glow -> sum", "glow\", \"low -> sum");
    assert_eq!(read(&loose, Ghosts::Bypass).unwrap_err().diagnostics[0].code, Code::GhostInTheWay);
}

#[test]
fn ghosts_of_used_graphs_are_ghosts_too_unless_the_graph_is_off() {
    let outer = |node: &str| {
        format!(
            "Graph(format: 1, use: {{ part: \"part.ron\" }}, nodes: {{ a: {node}, b: Odd }}, wires: [\"input -> a -> b -> output\"])"
        )
    };
    let shown = read(&outer("part"), Ghosts::Show).unwrap();
    let ghosts: Vec<&str> =
        shown.ghosts.iter().map(|ghost| shown.nodes[ghost.node.0].name.as_str()).collect();
    assert_eq!(ghosts, ["a/odd", "b"]);
    let off = read(&outer("part(on: false)"), Ghosts::Show).unwrap();
    let ghosts: Vec<&str> = off.ghosts.iter().map(|ghost| off.nodes[ghost.node.0].name.as_str()).collect();
    assert_eq!(ghosts, ["b"]);
    assert_eq!(read(&outer("part"), Ghosts::Bypass).unwrap().nodes.len(), 1);
}

#[test]
fn many_ghosts_are_passed_by_in_no_time() {
    let nodes: String = (0..4000).map(|number| format!("n{number}: Odd, ")).collect();
    let chain: String = (0..4000).map(|number| format!("n{number} -> ")).collect();
    let text = format!("Graph(format: 1, nodes: {{ {nodes} }}, wires: [\"input -> {chain}output\"])");
    let begun = std::time::Instant::now();
    // Beyond so many notes nothing more is looked at, as with errors.
    let _ = read(&text, Ghosts::Bypass);
    let shown = read(&text, Ghosts::Show).unwrap();
    assert_eq!(shown.ghosts.len(), 4000);
    assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
}

#[test]
fn what_a_graph_needs_is_looked_at() {
    let with = |requires: &str| plain().replace("nodes: [\"house_exciter\"]", requires);
    let plain_kinds = |requires: &str| {
        with(requires)
            .replace("HouseExciter(amount: 0.3, colour: Warm)", "Gain")
            .replace("shine: Param(sets: [\"glow.amount\"]), ", "")
            .replace("shine: 0, ", "")
    };
    for (requires, code) in [
        ("deadwax: \">=0.1\"", None),
        ("deadwax: \"0.1\"", None),
        ("deadwax: \">=0.0.1, <9\"", None),
        ("deadwax: \">=9.1\"", Some(Code::Unmet)),
        ("deadwax: \"<0.1\"", Some(Code::Unmet)),
        ("deadwax: \"new\"", Some(Code::WrongSection)),
        ("program: \"x\"", Some(Code::WrongSection)),
        ("channels: [0.5]", Some(Code::WrongSection)),
    ] {
        let found =
            read(&plain_kinds(requires), Ghosts::Refuse).err().map(|errors| errors.diagnostics[0].code);
        assert_eq!(found, code, "{requires}");
    }
    let graph = read(&plain_kinds("channels: [1], rates_hz: [96000, 48000]"), Ghosts::Refuse).unwrap();
    let requires = graph.about.requires.clone().unwrap();
    let usual = Format::stereo(44_100);
    assert_eq!(requires.format(usual), Format::new(96_000, Layout::Mono));
    assert_eq!(requires.format(Format::new(48_000, Layout::Mono)), Format::new(48_000, Layout::Mono));
    assert_eq!(graph.unmet(requires.format(usual)), []);
    let odd = read(&plain_kinds("channels: [0, 99], rates_hz: [1, 4000000000]"), Ghosts::Refuse).unwrap();
    assert_eq!(odd.about.requires.unwrap().format(usual), usual, "nobody makes a plan for such a mix");
    let shown = render(&graph.unmet(usual), &graph.sources, Style::Plain, 10);
    insta::assert_snapshot!("unmet", shown);
    assert_eq!(read(&plain_kinds(""), Ghosts::Refuse).unwrap().unmet(usual), []);
}
