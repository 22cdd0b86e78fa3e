use deadwax_graph::{Memory, Overrides, load};
use std::time::Instant;
fn t(name: &str, files: &[(&str, String)]) {
    let m = files.iter().fold(Memory::new(), |m, (n, t)| m.with(*n, t.as_str()));
    let b = Instant::now();
    let r = load(&deadwax_nodes::registry(), &m, files[0].0, &Overrides::none());
    let what = match &r {
        Ok(g) => format!("ok {} nodes {} wires, warn {:?}", g.nodes.len(), g.wires.len(), g.warnings.len()),
        Err(e) => format!(
            "{} errors, first {:?}",
            e.diagnostics.len(),
            e.diagnostics.first().map(|d| (d.code, d.message.chars().take(80).collect::<String>()))
        ),
    };
    eprintln!("{name}: {:?} {what}", b.elapsed());
}
const STAGE: &str = "Graph(format: 1, nodes: { trim: Gain }, wires: [\"input -> trim -> output\"])";
const KEYED: &str = "Graph(format: 1, nodes: { trim: Gain, c: Compressor }, wires: [\"input -> trim -> c -> output\", \"input.key -> c.key\"])";
#[test]
fn probe() {
    t(
        "unconnected graph",
        &[
            (
                "m",
                "Graph(format: 1, use: {s: \"s\"}, nodes: {a: s, b: s}, wires: [\"input -> b -> output\"])"
                    .into(),
            ),
            ("s", STAGE.into()),
        ],
    );
    t("bypassed two ports", &[("m", "Graph(format: 1, use: {s: \"s\"}, nodes: {a: s(on: false)}, wires: [\"input -> a -> output\", \"input -> a.key\"])".into()), ("s", KEYED.into())]);
    let layer = |n: usize| {
        format!(
            "Graph(format: 1, use: {{ a: \"g{n}\", b: \"g{n}\", c: \"g{n}\", d: \"g{n}\", e: \"g{n}\" }}, nodes: {{ x: a }}, wires: [\"input -> x -> output\"])"
        )
    };
    t(
        "5 uses, 6 deep",
        &[
            ("g0", layer(1)),
            ("g1", layer(2)),
            ("g2", layer(3)),
            ("g3", layer(4)),
            ("g4", layer(5)),
            ("g5", STAGE.into()),
        ],
    );
    let many: String = (0..20_000).map(|n| format!("n{n}: Gain, ")).collect();
    t("20000 nodes", &[("m", format!("Graph(format: 1, nodes: {{ {many} }}, wires: [])"))]);
    let many: String = (0..4096).map(|n| format!("n{n}: Mix, ")).collect();
    let wires: String =
        (0..16_300).map(|n| format!("\"n{} -> n{}\", ", n % 4000, n % 4000 + 1 + n / 4000)).collect();
    t(
        "limits",
        &[(
            "m",
            format!(
                "Graph(format: 1, nodes: {{ {many} }}, wires: [\"input -> n0\", {wires} \"n4000 -> output\"])"
            ),
        )],
    );
    let wires: String = (0..40_000).map(|n| format!("\"a{n} -> b\", ")).collect();
    t("40000 bad wires", &[("m", format!("Graph(format: 1, nodes: {{ a: Gain }}, wires: [{wires}])"))]);
    t("quotes", &[("m", "\\\"\n".repeat(10_000))]);
    t("chars", &[("m", "'\\".repeat(20_000))]);
    t("at signs", &[("m", "@".repeat(300_000))]);
}
