//! What differs between two graphs, asked from the command line.

use super::{command, deadwax, err, out};
use std::path::Path;
use std::process::Command;

const GRAPH: &str = "Graph(
    format: 1,
    params: { glue: Param(sets: [\"glue.ratio\"], max: 4) },
    nodes: { tone: Gain(gain_db: -1), glue: Compressor(ratio: 1.5), peak: Limiter },
    wires: [\"input -> tone -> glue -> peak -> output\"],
)
";

fn changed() -> String {
    GRAPH
        .replace("ratio: 1.5", "ratio: 2.0, note: \"firm\"")
        .replace("peak: Limiter", "deess: DeEsser(freq_hz: 6800), peak: Limiter")
        .replace("-> glue", "-> deess -> glue")
        .replace("max: 4", "max: 3")
}

fn git(folder: &Path, arguments: &[&str]) {
    let mut git = Command::new("git");
    git.args(["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]);
    let output = git.args(arguments).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", err(&output));
}

#[test]
fn two_graphs_differ_in_words_and_the_exit_code_says_so() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.ron"), GRAPH).unwrap();
    std::fs::write(folder.path().join("b.ron"), changed()).unwrap();
    let mut said = String::new();
    for (arguments, code) in [
        (&["a.ron", "b.ron"][..], 1),
        (&["b.ron", "a.ron"], 1),
        (&["a.ron", "a.ron"], 0),
        (&["streaming", "streaming", "-q"], 0),
        (&["a.ron", "nothing.ron"], 3),
        (&["a.ron", "straeming"], 3),
    ] {
        let output = deadwax(folder.path(), &[&["diff"], arguments].concat());
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", err(&output));
        said.push_str(&format!("$ deadwax diff {}\n{}{}\n", arguments.join(" "), out(&output), err(&output)));
    }
    insta::assert_snapshot!("diff", said);
    let output = deadwax(folder.path(), &["diff", "a.ron", "b.ron", "--json"]);
    let value: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &value["schema"]), (Some(1), &"deadwax.diff/1".into()));
    let first = serde_json::json!({
        "section": "node", "name": "deess", "change": "new", "is": "DeEsser(freq_hz: 6800)",
        "place": {"hears": ["tone"], "heard_by": ["glue"]},
        "text": "deess: new: DeEsser(freq_hz: 6800), between `tone` and `glue`",
    });
    let changes = value["changes"].as_array().unwrap();
    assert!(changes.contains(&first), "{changes:#?}");
}

#[test]
fn a_graph_is_read_as_it_was_with_all_that_it_uses() {
    let folder = tempfile::tempdir().unwrap();
    let graphs = folder.path().join("graphs");
    std::fs::create_dir(&graphs).unwrap();
    let stage = |gain: i32| {
        format!("Graph(format: 1, nodes: {{ a: Gain(gain_db: {gain}) }}, wires: [\"input -> a -> output\"])")
    };
    let graph = "Graph(format: 1, use: { stage: \"stage.ron\" }, nodes: { s: stage }, wires: [\"input -> s -> output\"])";
    std::fs::write(graphs.join("warm.ron"), graph).unwrap();
    std::fs::write(graphs.join("stage.ron"), stage(-3)).unwrap();
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-qm", "one"]);
    std::fs::write(graphs.join("stage.ron"), stage(-4)).unwrap();
    let diff = |a: &str| deadwax(folder.path(), &["diff", a, "graphs/warm.ron"]);
    let output = diff("graphs/warm.ron@HEAD");
    assert_eq!(output.status.code(), Some(1), "{}", err(&output));
    assert_eq!(out(&output), "  s/a  gain_db -3 → -4\n");
    for (name, reason) in [
        ("graphs/warm.ron@--output=x", "is no revision"),
        ("graphs/warm.ron@", "is no revision"),
        ("graphs/warm.ron@HEAD:graphs", "is no revision"),
        ("graphs/warm.ron@HEAD~7", "git says"),
        ("graphs/cold.ron@HEAD", "git says"),
        ("nowhere/cold.ron@HEAD", "there is no folder nowhere"),
    ] {
        let output = diff(name);
        assert_eq!(output.status.code(), Some(3), "{name}");
        assert!(err(&output).contains(reason), "{name}: {}", err(&output));
    }
    let mut without = command(folder.path(), &["diff", "graphs/warm.ron@HEAD", "graphs/warm.ron"]);
    let output = without.env("PATH", "").output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(err(&output).contains("needs the program `git`"), "{}", err(&output));
}
