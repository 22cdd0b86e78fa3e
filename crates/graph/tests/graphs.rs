//! What a graph file may say: params, presets, values from outside, graphs used as nodes; and what it may not.

use deadwax_graph::model::{From, To};
use deadwax_graph::{Code, Errors, Graph, Memory, Overrides, load};
use deadwax_node::FieldKind;
use std::time::Instant;

fn read(files: &[(&str, &str)], overrides: &Overrides) -> Result<Graph, Errors> {
    let memory = files.iter().fold(Memory::new(), |memory, (name, text)| memory.with(*name, *text));
    load(&deadwax_nodes::registry(), &memory, files[0].0, overrides)
}

fn set(values: &[(&str, &str)]) -> Overrides {
    let values = values.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    Overrides { preset: None, values }
}

fn codes(result: Result<Graph, Errors>) -> Vec<Code> {
    match result {
        Ok(graph) => graph.warnings.iter().map(|d| d.code).collect(),
        Err(errors) => errors.diagnostics.iter().map(|d| d.code).collect(),
    }
}

fn field(graph: &Graph, node: &str, pointer: &str) -> f64 {
    let node = graph.nodes.iter().find(|known| known.name == node).unwrap();
    node.node.to_json().pointer(pointer).and_then(serde_json::Value::as_f64).unwrap()
}

const TONE: &str = "
Graph(
    format: 1,
    params: {
        air: Param(sets: [\"tone.air.gain_db\"], min: -2, max: 4, help: \"Opens the top\"),
        glue: Param(sets: [\"low.ratio\", \"high.ratio\"]),
    },
    presets: { \"bright\": { air: 3 }, \"flat\": { air: 0, glue: 1 } },
    nodes: {
        tone: Equalizer(bands: { air: HighShelf(freq_hz: 9000, gain_db: 1.5) }), // über allem
        low: Compressor(ratio: 2),
        high: Compressor(ratio: 2.0),
    },
    wires: [\"input -> tone -> low -> high -> output\"],
)
";

#[test]
fn the_default_of_a_param_is_the_number_in_the_node_and_its_range_is_narrowed() {
    let graph = read(&[("a.ron", TONE)], &Overrides::none()).unwrap();
    let air = &graph.params[0];
    assert_eq!((air.value.as_str(), air.unit.symbol(), air.help.as_str()), ("1.5", "dB", "Opens the top"));
    assert!(matches!(air.kind, FieldKind::Number { min: -2.0, max: 4.0, .. }));
    let glue = &graph.params[1];
    assert_eq!(glue.value, "2", "2 and 2.0 are the same");
    assert!(matches!(glue.kind, FieldKind::Number { min: 1.0, .. }), "{:?}", glue.kind);
}

#[test]
fn values_are_set_by_preset_then_by_the_caller_and_at_any_field() {
    let preset = |name: &str, values: Overrides| Overrides { preset: Some(name.into()), ..values };
    let graph = read(&[("a.ron", TONE)], &preset("bright", set(&[]))).unwrap();
    assert_eq!(field(&graph, "tone", "/bands/air/HighShelf/gain_db"), 3.0);
    let graph = read(&[("a.ron", TONE)], &preset("bright", set(&[("air", "0.5"), ("glue", "3")]))).unwrap();
    assert_eq!(field(&graph, "tone", "/bands/air/HighShelf/gain_db"), 0.5);
    assert_eq!((field(&graph, "low", "/ratio"), field(&graph, "high", "/ratio")), (3.0, 3.0));
    // A field of a band through the map, one that the node does not mention, and one of the band itself.
    let values = [("tone.air.freq_hz", "8000"), ("low.attack_ms", "7"), ("tone.bands.air.q", "0.5")];
    let graph = read(&[("a.ron", TONE)], &set(&values)).unwrap();
    assert_eq!(field(&graph, "tone", "/bands/air/HighShelf/freq_hz"), 8_000.0);
    assert_eq!(field(&graph, "tone", "/bands/air/HighShelf/q"), 0.5);
    assert_eq!(field(&graph, "low", "/attack_ms"), 7.0);
}

#[test]
fn values_from_outside_are_held_against_their_ranges() {
    for (key, value, code) in [
        ("air", "5", Code::OutOfRange),
        ("air", "loud", Code::BadValue),
        ("air", "NaN", Code::BadValue),
        ("air", "1, glue: 2", Code::BadValue),
        ("ari", "1", Code::UnknownParam),
        ("low.ratio", "0.1", Code::OutOfRange),
        ("low.ratoi", "2", Code::UnknownField),
        ("none.ratio", "2", Code::UnknownParam),
        ("low.ratio", ")", Code::BadValue),
    ] {
        let found = codes(read(&[("a.ron", TONE)], &set(&[(key, value)])));
        assert_eq!(found.first(), Some(&code), "{key}={value}: {found:?}");
    }
    let unknown = Overrides { preset: Some("brihgt".into()), values: Vec::new() };
    assert_eq!(codes(read(&[("a.ron", TONE)], &unknown)), [Code::UnknownPreset]);
}

#[test]
fn all_errors_come_in_one_run_in_reading_order() {
    let text = "
Graph(
    format: 1,
    nodes: {
        \u{fc}ber: Gain(gain_db: -3),
        a: Gian,
        b: Compressor(atack_ms: 30, ratio: 0.5, knee_db: \"wide\"),
        c: Equalizer(bands: { x: Bel(gain_db: 2), y: Bell(gain_db: 99, qq: 1) }),
    },
    wires: [\"input -> a -> b -> c -> output\", \"input -> d\"],
)
";
    let Err(errors) = read(&[("a.ron", text)], &Overrides::none()) else { panic!() };
    let found: Vec<_> = errors
        .diagnostics
        .iter()
        .map(|d| {
            let (file, span) = d.at.clone().unwrap();
            let (line, column) = errors.sources.line_column(file, span.start);
            (d.code.to_string(), line, column)
        })
        .collect();
    let expected = [
        ("DW0106", 5, 9),
        ("DW0101", 6, 12),
        ("DW0102", 7, 23),
        ("DW0103", 7, 44),
        ("DW0104", 7, 58),
        ("DW0109", 8, 34),
        ("DW0103", 8, 68),
        ("DW0102", 8, 72),
        ("DW0202", 10, 57),
    ];
    let expected: Vec<_> =
        expected.iter().map(|(code, line, column)| ((*code).to_owned(), *line, *column)).collect();
    assert_eq!(found, expected);
}

const STAGE: &str = "
Graph(
    format: 1,
    params: { drive: Param(sets: [\"trim.gain_db\"], min: -6, max: 12) },
    nodes: { trim: Gain(gain_db: 1), side: Gain(gain_db: -6), sum: Mix },
    wires: [\"input -> trim -> sum\", \"input.key -> side -> sum\", \"sum -> output\", \"trim -> output.dry\"],
)
";

#[test]
fn a_graph_is_a_node_whose_fields_are_its_params_and_whose_ports_are_its_ends() {
    let outer = "
Graph(
    format: 1,
    use: { stage: \"parts/stage.ron\" },
    params: { push: Param(sets: [\"one.drive\"], max: 6) },
    nodes: { one: stage(drive: 3), two: stage, sum: Mix },
    wires: [
        \"input -> one\", \"input -> one.key\",
        \"one -> two\", \"one.dry -> two.key\",
        \"two -> sum\", \"two.dry -> sum\", \"sum -> output\",
    ],
)
";
    let files = [("main.ron", outer), ("parts/stage.ron", STAGE)];
    let graph = read(&files, &set(&[("push", "4")])).unwrap();
    let names: Vec<_> = graph.nodes.iter().map(|node| node.name.as_str()).collect();
    assert_eq!(names, ["one/trim", "one/side", "one/sum", "two/trim", "two/side", "two/sum", "sum"]);
    assert_eq!(field(&graph, "one/trim", "/gain_db"), 4.0);
    assert_eq!(field(&graph, "two/trim", "/gain_db"), 1.0);
    let push = &graph.params[0];
    assert!(matches!(push.kind, FieldKind::Number { min: -6.0, max: 6.0, .. }));
    let id = |name: &str| names.iter().position(|known| *known == name).unwrap();
    let wired = |from: &str, to: &str| {
        graph.wires.iter().any(|w| {
            matches!(w.from, From::Node(n, _) if n.0 == id(from))
                && matches!(w.to, To::Node(n, _) if n.0 == id(to))
        })
    };
    assert!(wired("one/sum", "two/trim") && wired("one/trim", "two/side"));
    assert!(wired("two/sum", "sum") && wired("two/trim", "sum"));
    assert_eq!(graph.wires.iter().filter(|w| matches!(w.from, From::Input(0))).count(), 2);
    assert_eq!(graph.wires.len(), 2 + 2 + 2 + 2 + 2 + 1, "{:#?}", graph.wires);
    // A value beyond the param's own bounds is shown where it is given.
    let wrong = outer.replace("drive: 3", "drive: 13");
    let found = codes(read(&[("main.ron", &wrong), files[1]], &Overrides::none()));
    assert!(found.contains(&Code::OutOfRange), "{found:?}");
    // Switched off, its input is its output.
    let off = outer
        .replace("two: stage", "two: stage(on: false)")
        .replace("\"two.dry -> sum\", ", "")
        .replace(", \"one.dry -> two.key\"", "");
    let graph = read(&[("main.ron", &off), files[1]], &Overrides::none()).unwrap();
    assert!(graph.wires.iter().any(
        |w| matches!(w.from, From::Node(n, 0) if n.0 == 2) && matches!(w.to, To::Node(n, _) if n.0 == 3)
    ));
}

#[test]
fn a_used_graph_reports_its_own_errors_once() {
    let outer = "Graph(format: 1, use: { stage: \"stage.ron\" }, nodes: { a: stage, b: stage }, wires: [\"input -> a -> b -> output\"])";
    let broken = STAGE.replace("gain_db: -6", "gain_db: 600");
    let found = codes(read(&[("main.ron", outer), ("stage.ron", &broken)], &Overrides::none()));
    assert_eq!(found.iter().filter(|code| **code == Code::OutOfRange).count(), 1, "{found:?}");
}

#[test]
fn no_path_leads_out_of_the_folder() {
    for path in ["../x.ron", "/etc/x.ron", "parts/../../x.ron", "C:\\\\x.ron", "..\\\\x.ron", "", "a\\u{0}b"]
    {
        let text = format!(
            "Graph(format: 1, use: {{ p: \"{path}\" }}, nodes: {{ a: p }}, wires: [\"input -> a -> output\"])"
        );
        let found = codes(read(&[("main.ron", &text)], &Overrides::none()));
        assert!(found.contains(&Code::ForbiddenPath), "{path}: {found:?}");
    }
}

#[cfg(unix)]
#[test]
fn no_link_leads_out_of_the_folder() {
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("secret.ron"), STAGE).unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(outside.path(), folder.path().join("parts")).unwrap();
    let text = "Graph(format: 1, use: { p: \"parts/secret.ron\" }, nodes: { a: p }, wires: [\"input -> a -> output\"])";
    std::fs::write(folder.path().join("main.ron"), text).unwrap();
    let (loader, entry) = deadwax_graph::Folder::of(&folder.path().join("main.ron"));
    let found = codes(load(&deadwax_nodes::registry(), &loader, &entry, &Overrides::none()));
    assert!(found.contains(&Code::ForbiddenPath), "{found:?}");
}

#[test]
fn what_grows_without_end_is_refused_quickly() {
    let begun = Instant::now();
    // Each graph uses the next one nine times: 9^8 nodes, if anyone built them.
    let names: Vec<String> = (0..8).map(|number| format!("g{number}.ron")).collect();
    let layer = |next: &str| {
        let nodes: Vec<String> = (0..9).map(|n| format!("n{n}: next")).collect();
        let chain: Vec<String> = (0..9).map(|n| format!("n{n}")).collect();
        format!(
            "Graph(format: 1, use: {{ next: \"{next}\" }}, nodes: {{ {} }}, wires: [\"input -> {} -> output\"])",
            nodes.join(", "),
            chain.join(" -> ")
        )
    };
    let mut files: Vec<(String, String)> = (0..7).map(|k| (names[k].clone(), layer(&names[k + 1]))).collect();
    files.push((
        names[7].clone(),
        "Graph(format: 1, nodes: { g: Gain }, wires: [\"input -> g -> output\"])".into(),
    ));
    let files: Vec<(&str, &str)> = files.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let found = codes(read(&files, &Overrides::none()));
    assert!(found.contains(&Code::TooManyNodes), "{found:?}");
    // A chain of graphs that use each other beyond the limit.
    let deep: Vec<(String, String)> = (0..12)
        .map(|k| {
            (
                format!("d{k}.ron"),
                layer(&format!("d{}.ron", k + 1))
                    .replace("n0 -> n1 -> n2 -> n3 -> n4 -> n5 -> n6 -> n7 -> n8", "n0"),
            )
        })
        .collect();
    let deep: Vec<(&str, &str)> = deep.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let found = codes(read(&deep, &Overrides::none()));
    assert!(found.contains(&Code::UseTooDeep), "{found:?}");
    assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
}

#[test]
fn graphs_at_the_limits_are_read_quickly() {
    let begun = Instant::now();
    let nodes: String = (0..4_096).map(|n| format!("n{n}: Gain, ")).collect();
    let chain: Vec<String> = (0..4_096).map(|n| format!("n{n}")).collect();
    let text = format!(
        "Graph(format: 1, nodes: {{ {nodes} }}, wires: [\"input -> {} -> output\"])",
        chain.join(" -> ")
    );
    assert_eq!(read(&[("a.ron", &text)], &Overrides::none()).unwrap().nodes.len(), 4_096);
    let wires: String = (0..12_000).map(|_| "\"input -> sum\", ").collect();
    let text = format!("Graph(format: 1, nodes: {{ sum: Mix }}, wires: [{wires} \"sum -> output\"])");
    assert_eq!(read(&[("a.ron", &text)], &Overrides::none()).unwrap().wires.len(), 12_001);
    let wires: String = (0..20_000).map(|_| "\"input -> sum\", ").collect();
    let text = format!("Graph(format: 1, nodes: {{ sum: Mix }}, wires: [{wires} \"sum -> output\"])");
    assert!(codes(read(&[("a.ron", &text)], &Overrides::none())).contains(&Code::TooManyWires));
    assert!(begun.elapsed().as_secs() < 5, "{:?}", begun.elapsed());
}

/// Narrowing the bounds of such a param panicked.
#[test]
fn fields_without_a_number_in_common_are_an_error_whatever_the_bounds() {
    let apart =
        "Graph(format: 1, params: { both: Param(sets: [\"a.x.freq_hz\", \"b.threshold_db\"], min: 1) },
        nodes: { a: Equalizer(bands: { x: Bell(freq_hz: 0) }), b: Compressor(threshold_db: 0) },
        wires: [\"input -> a -> b -> output\"])";
    let found = codes(read(&[("a.ron", apart)], &Overrides::none()));
    assert!(found.contains(&Code::TargetsDisagree), "{found:?}");
}

#[test]
fn a_dither_is_warned_of_when_it_is_not_the_last_and_only_then() {
    let with = |nodes: &str, wires: &str| {
        let text = format!("Graph(format: 1, nodes: {{ {nodes} }}, wires: [{wires}])");
        codes(read(&[("main.ron", &text)], &Overrides::none()))
    };
    let two = "\"input -> a -> b -> output\"";
    assert_eq!(with("a: Dither(), b: Gain(gain_db: -1)", two), [Code::DitherNotLast]);
    assert_eq!(with("a: Dither(bits: 24), b: Dither()", two), [Code::DitherNotLast]);
    assert_eq!(with("a: Gain(gain_db: -1), b: Dither()", two), []);
    assert_eq!(with("a: Dither(), b: Probe()", two), []);
    assert_eq!(with("a: Dither(), b: Gain(gain_db: -1, on: false)", two), []);
    assert_eq!(with("a: Dither(on: false), b: Gain(gain_db: -1)", two), []);
    // Behind a probe, too; and not on another way to another output.
    let three = "\"input -> a -> b -> c -> output\"";
    assert_eq!(with("a: Dither(), b: Probe(), c: Limiter()", three), [Code::DitherNotLast]);
    let ways = "\"input -> a -> output\", \"input -> b -> c -> output.cd\"";
    assert_eq!(with("a: Gain(), b: Gain(), c: Dither()", ways), []);
}

#[test]
fn an_outline_tells_what_a_file_says_and_names_whatever_its_nodes_are() {
    let text =
        "Graph(format: 1, about: (name: \"warm\", version: \"1.0.0\"), use: { tape: \"parts/tape.ron\" },
        assets: { room: \"room.wav\" }, learned: { clean: \"clean.ron\" },
        nodes: { clean: NotOfThisProgram }, wires: [])";
    let outline = deadwax_graph::outline("warm.ron", text).unwrap();
    assert_eq!((outline.about.name.as_str(), outline.about.version.as_str()), ("warm", "1.0.0"));
    assert_eq!(outline.used, ["parts/tape.ron"]);
    assert_eq!(
        (outline.assets, outline.learned),
        (vec!["room.wav".to_owned()], vec!["clean.ron".to_owned()])
    );
    let errors = deadwax_graph::outline("warm.ron", "Graph(format: 1, about: (nam: \"warm\"))").unwrap_err();
    assert!(errors.diagnostics.iter().any(|error| error.message.contains("`about` cannot be read")));
    assert_eq!(errors.sources.get(0).unwrap().name, "warm.ron");
}
