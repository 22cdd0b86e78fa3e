//! A graph with nodes that this program does not know.

use super::{deadwax, err, folder, out};

const WARM: &str = "Graph(
    format: 1,
    about: (name: \"warm\", requires: (nodes: [\"HouseExciter\"], channels: [2])),
    nodes: { low: Gain(gain_db: -6), glow: HouseExciter(amount: 0.3) },
    wires: [\"input -> low -> glow -> output\"],
)
";

#[test]
fn a_graph_with_a_ghost_is_looked_at_and_rendered_without_it_only_when_asked() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("warm.ron"), WARM).unwrap();
    std::fs::write(
        path("plain.ron"),
        WARM.replace(", glow: HouseExciter(amount: 0.3)", "").replace("-> glow ", ""),
    )
    .unwrap();
    let run = |arguments: &[&str], code: i32| {
        let output = deadwax(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}{}", err(&output), out(&output));
        (out(&output), err(&output))
    };
    insta::assert_snapshot!("drawn", run(&["draw", "warm.ron"], 0).0);
    assert!(run(&["draw", "warm.ron", "--as", "mermaid"], 0).0.contains("HouseExciter · unknown"));
    insta::assert_snapshot!("explained", run(&["explain", "warm.ron"], 0).0);
    let told: serde_json::Value =
        serde_json::from_str(&run(&["explain", "warm.ron", "--json"], 0).0).unwrap();
    assert_eq!(told["ghosts"][0]["kind"], "HouseExciter");
    insta::assert_snapshot!("checked", run(&["check", "warm.ron"], 3).1);
    run(&["render", "mix.wav", "-g", "warm.ron", "-o", "no.wav"], 3);
    assert!(!path("no.wav").exists());
    let said =
        run(&["render", "mix.wav", "-g", "warm.ron", "-o", "out.wav", "--ghosts", "bypass", "--no-tags"], 0)
            .1;
    assert!(said.contains("DW0120") && said.contains("glow"), "{said}");
    run(&["render", "mix.wav", "-g", "plain.ron", "-o", "plain.wav", "-q", "--no-tags"], 0);
    assert!(std::fs::read(path("out.wav")).unwrap() == std::fs::read(path("plain.wav")).unwrap());
    let said =
        run(&["render", "mix.wav", "-g", "warm.ron", "-o", "j.wav", "--ghosts", "bypass", "--json"], 0).0;
    assert!(said.contains("DW0120"), "{said}");
}

#[test]
fn a_mix_that_a_graph_is_not_for_is_refused() {
    let folder = folder();
    let text = WARM.replace("nodes: [\"HouseExciter\"], channels: [2]", "channels: [1], rates_hz: [48000]");
    let text = text.replace(", glow: HouseExciter(amount: 0.3)", "").replace("-> glow ", "");
    std::fs::write(folder.path().join("mono.ron"), text).unwrap();
    // Where nobody names a mix it is one that the graph is for.
    for words in [&["check", "mono.ron"][..], &["explain", "mono.ron"]] {
        let output = deadwax(folder.path(), words);
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
        assert!(out(&output).contains("mono"), "{}", out(&output));
    }
    for words in [&["check", "mono.ron", "--input", "mix.wav"][..], &["render", "mix.wav", "-g", "mono.ron"]]
    {
        let output = deadwax(folder.path(), words);
        assert_eq!(output.status.code(), Some(3), "{}", err(&output));
        assert_eq!(err(&output).matches("DW0119]").count(), 2, "{}", err(&output));
    }
}
