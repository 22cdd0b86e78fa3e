//! Changing a graph file from the command line.

use super::{deadwax, err, names, out};

const GRAPH: &str = "// Mine.
Graph(
    format: 1,
    about: (name: \"warm\", title: \"Warm\"),
    params: { glue: Param(sets: [\"low.ratio\", \"high.ratio\"], max: 4) },
    nodes: {
        split: Crossover(freqs_hz: [200]),
        low:   Compressor(ratio: 2.0), // firm
        high:  Compressor(ratio: 2),
        sum:   Mix,
    },
    wires: [\"input -> split\", \"split.low -> low -> sum\", \"split.high -> high -> sum\", \"sum -> output\"],
)
";

#[test]
fn set_changes_the_bytes_of_a_value_and_no_others() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("warm.ron");
    let set = |values: &[&str]| {
        std::fs::write(&file, GRAPH).unwrap();
        let output = deadwax(folder.path(), &[&["set", "warm.ron"], values].concat());
        assert_eq!(output.status.code(), Some(0), "{values:?}: {}", err(&output));
        (std::fs::read_to_string(&file).unwrap(), out(&output))
    };
    for (values, from, to) in [
        (
            &["low.attack_ms=5", "sum.on=false"][..],
            &["ratio: 2.0)", "Mix,"][..],
            &["ratio: 2.0, attack_ms: 5)", "Mix(on: false),"][..],
        ),
        (&["glue=3.50"], &["ratio: 2.0", "ratio: 2)"], &["ratio: 3.50", "ratio: 3.50)"]),
        (&["params.glue.max=8"], &["max: 4"], &["max: 8"]),
        (&["about.title=A \"warm\" one"], &["\"Warm\""], &["\"A \\\"warm\\\" one\""]),
        (&["about.title=restful"], &["\"Warm\""], &["\"restful\""]),
        (&["about.version=\"1.0.0\""], &["\"Warm\")"], &["\"Warm\", version: \"1.0.0\")"]),
        (&["params.glue.help=\"How firm\""], &["max: 4)"], &["max: 4, help: \"How firm\")"]),
        (&["split.freqs_hz=[150]", "split.freqs_hz=[250]"], &["[200]"], &["[250]"]),
    ] {
        let expected =
            from.iter().zip(to).fold(GRAPH.to_owned(), |text, (from, to)| text.replacen(from, to, 1));
        assert_eq!(set(values).0, expected, "{values:?}");
    }
    insta::assert_snapshot!("set", set(&["glue=3", "low.attack_ms=5"]).1);
}

#[test]
fn the_dial_of_a_macro_is_set_in_the_macro() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("warm.ron");
    let text = GRAPH
        .replace("Param(sets: [\"low.ratio\", \"high.ratio\"], max: 4)", DIAL)
        .replace("low:   Compressor(ratio: 2.0)", "low:   Compressor")
        .replace("high:  Compressor(ratio: 2)", "params: Compressor")
        .replace("-> high ->", "-> params ->");
    std::fs::write(&file, &text).unwrap();
    let output = deadwax(folder.path(), &["set", "warm.ron", "glue=0.75"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert_eq!(out(&output).trim(), "params.glue.default  0.50 → 0.75");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text.replace("0.50", "0.75"));
    // What it makes of its fields is told, and cannot be set beside it.
    let output = deadwax(folder.path(), &["explain", "warm.ron"]);
    assert!(out(&output).contains("ratio 3.25"), "{}", out(&output));
    insta::assert_snapshot!("macro", out(&output).split("\nparams").nth(1).unwrap());
    let output = deadwax(folder.path(), &["set", "warm.ron", "low.ratio=2"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(err(&output).contains("DW0117"), "{}", err(&output));
    let output = deadwax(folder.path(), &["explain", "warm.ron", "--set", "glue=1", "--json"]);
    let told: serde_json::Value = serde_json::from_str(&out(&output)).unwrap();
    assert_eq!(told["params"][0]["value"], "1");
    assert_eq!(told["params"][0]["drives"][0]["path"], "low.ratio");
}

/// A node is called like the part that the macro is in.
const DIAL: &str =
    "Macro(default: 0.50, drives: { \"low.ratio\": (1, 4), \"params.threshold_db\": (0, -30) })";

#[test]
fn what_would_break_a_graph_is_refused_and_leaves_the_file_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("warm.ron");
    std::fs::write(&file, GRAPH).unwrap();
    let mut said = String::new();
    for value in
        ["low.ratio=0.2", "low.ratoi=2", "nowhere=1", "low.ratio=2)", "sum=Mixx", "params.glue.max=1"]
    {
        let output = deadwax(folder.path(), &["set", "warm.ron", value]);
        assert_eq!(output.status.code(), Some(3), "{value}");
        said.push_str(&format!("$ deadwax set warm.ron {value}\n{}\n", err(&output)));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), GRAPH, "{value}");
    }
    let output = deadwax(folder.path(), &["set", "streaming", "loudness=-12"]);
    said.push_str(&format!("$ deadwax set streaming loudness=-12\n{}\n", err(&output)));
    insta::assert_snapshot!("set_refused", said);
    assert_eq!(names(folder.path()), ["warm.ron"]);
}

#[test]
fn a_broken_graph_may_be_mended() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("warm.ron");
    let broken = GRAPH.replace("ratio: 2.0", "ratio: 0.2").replace("[200]", "[2]");
    std::fs::write(&file, &broken).unwrap();
    let output = deadwax(folder.path(), &["set", "warm.ron", "low.ratio=2", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), broken.replace("ratio: 0.2", "ratio: 2"));
    let value: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let changed = &value["changed"][0];
    assert_eq!((&changed["before"], &changed["after"]), (&"0.2".into(), &"2".into()));
}

#[test]
fn a_file_is_laid_out_once_and_then_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("warm.ron");
    std::fs::write(&file, GRAPH).unwrap();
    let check = || deadwax(folder.path(), &["fmt", "warm.ron", "--check"]);
    let wrong = check();
    assert_eq!((wrong.status.code(), out(&wrong).trim()), (Some(1), "warm.ron is not laid out"));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), GRAPH);
    let done = deadwax(folder.path(), &["fmt", "warm.ron"]);
    assert_eq!((done.status.code(), out(&done).trim()), (Some(0), "laid out  warm.ron"));
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("low: Compressor(ratio: 2.0),  // firm"), "{text}");
    assert_eq!((check().status.code(), out(&check())), (Some(0), String::new()));
    std::fs::write(&file, "Graph(format: 1,").unwrap();
    let broken = deadwax(folder.path(), &["fmt", "warm.ron"]);
    assert_eq!(broken.status.code(), Some(3), "{}", err(&broken));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "Graph(format: 1,");
}
