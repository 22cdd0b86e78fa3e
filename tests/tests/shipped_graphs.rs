//! The graphs that ship: what they do to a programme, in numbers; that they leave it alone when switched off; that any
//! number of workers and any block size give the same bytes.

use deadwax::{BUILT_IN, GraphRef, Overrides, registry};
use deadwax_engine::Options;
use deadwax_graph::Graph;
use deadwax_measure::{Meter, Wanted};
use deadwax_tests::{Channels, mix, run_graph};

fn load(name: &str) -> Graph {
    GraphRef::parse(name)
        .unwrap()
        .load(&registry(), &Overrides::none())
        .unwrap_or_else(|e| panic!("{:#?}", e.diagnostics))
}

fn same(a: &Channels, b: &Channels) -> bool {
    a.len() == b.len()
        && a.iter().zip(b).all(|(a, b)| a.iter().map(|x| x.to_bits()).eq(b.iter().map(|x| x.to_bits())))
}

#[test]
fn every_file_in_graphs_comes_with_the_program_and_none_warns() {
    let mut files: Vec<String> = std::fs::read_dir(deadwax_tests::graphs())
        .unwrap()
        .filter_map(|entry| {
            Some(entry.unwrap().file_name().to_string_lossy().strip_suffix(".ron")?.to_owned())
        })
        .collect();
    files.sort();
    let mut names: Vec<&str> = BUILT_IN.iter().map(|(name, _)| *name).collect();
    names.sort_unstable();
    assert_eq!(files, names);
    for name in names {
        let graph = load(name);
        assert_eq!(graph.name, name);
        assert!(graph.warnings.is_empty(), "{name}: {:?}", graph.warnings);
        assert!(!graph.about.description.is_empty() && !graph.about.license.is_empty(), "{name}");
    }
}

#[test]
fn every_graph_masters_a_programme_as_measured_before() {
    for &(name, _) in BUILT_IN {
        let graph = load(name);
        let (sinks, outcome) = run_graph(&graph, 44_100, &mix(44_100, 16.0), &Options::default()).unwrap();
        let sink = &sinks[0];
        let format = sink.format.unwrap();
        assert_eq!(sink.channels[0].len(), 44_100 * 16, "{name}: as long as the input");
        let mut meter = Meter::new(format.rate_hz, format.channels(), Wanted::ALL).unwrap();
        meter.push(&sink.channels.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let measured = meter.finish();
        let show = |value: Option<f64>| value.map_or("none".into(), |value| format!("{value:.2}"));
        let text = format!(
            "integrated {} LUFS\nloudest 3 s {} LUFS\nrange {} LU\ntrue peak {} dBTP\ncorrelation {}\nruns {}",
            show(measured.integrated_lufs),
            show(measured.max_short_term_lufs),
            show(measured.loudness_range_lu),
            show(measured.true_peak_dbtp),
            show(measured.correlation),
            outcome.passes_run,
        );
        insta::assert_snapshot!(format!("measured_{name}"), text);
        if let Some(loudness) = graph.params.iter().find(|param| param.name == "loudness") {
            let (delivered, wanted) =
                (measured.integrated_lufs.unwrap(), loudness.value.parse::<f64>().unwrap());
            assert!((delivered - wanted).abs() <= 0.05, "{name}: {delivered} LUFS");
        }
        if let Some(limiter) = graph.nodes.iter().find(|node| node.node.about().kind == "Limiter") {
            let ceiling = limiter.node.to_json()["ceiling_dbtp"].as_f64().unwrap();
            let peak = measured.true_peak_dbtp.unwrap();
            assert!(peak <= ceiling + 0.01 || name == "cd", "{name}: {peak} dBTP");
        }
    }
}

#[test]
fn the_same_bytes_at_any_number_of_workers_and_any_block_size() {
    let programme = mix(44_100, 5.0);
    for &(name, _) in BUILT_IN {
        let graph = load(name);
        let (expected, _) = run_graph(&graph, 44_100, &programme, &Options::default()).unwrap();
        for (workers, block) in [(1, 333), (2, 2048), (2, 64), (8, 5_000), (3, 1 << 18)] {
            let options = Options { workers, block, ..Options::default() };
            let (made, _) = run_graph(&graph, 44_100, &programme, &options).unwrap();
            assert!(
                same(&made[0].channels, &expected[0].channels),
                "{name}: {workers} workers, blocks of {block}"
            );
        }
    }
}

/// An impulse through every graph with its processors switched off comes out at its own frame, null to −200 dBFS.
#[test]
fn switched_off_a_graph_leaves_everything_where_it_is() {
    let mut impulse = vec![vec![0.0; 20_000]; 2];
    impulse[0][7_777] = 0.5;
    impulse[1][7_778] = -0.25;
    for &(name, _) in BUILT_IN {
        let mut graph = load(name);
        for node in &mut graph.nodes {
            // What adds wires is no processor; and a parallel graph's wet path is silent when it is off.
            node.on = node.node.about().kind == "Mix" || node.name == "wet";
        }
        let parallel = graph.nodes.iter().any(|node| node.name == "wet");
        if parallel {
            let overrides = Overrides { values: vec![("wet.gain_db".into(), "-120".into())], preset: None };
            graph = GraphRef::parse(name).unwrap().load(&registry(), &overrides).unwrap();
            for node in &mut graph.nodes {
                node.on = matches!(node.name.as_str(), "sum" | "wet");
            }
        }
        let (made, _) = run_graph(&graph, 44_100, &impulse, &Options::default()).unwrap();
        let wet = if parallel { 1e-6 } else { 0.0 };
        for (made, was) in made[0].channels.iter().zip(&impulse) {
            assert_eq!(made.len(), was.len(), "{name}");
            let worst =
                made.iter().zip(was).map(|(made, was)| (made - was * (1.0 + wet)).abs()).fold(0.0, f64::max);
            assert!(worst <= 1e-10, "{name}: {worst:e} is above −200 dBFS");
        }
    }
}

/// What a multiband graph does when its bands do nothing: exactly the crossover and a sum.
#[test]
fn a_multiband_graph_that_does_nothing_is_its_crossover_added_up() {
    let programme = mix(44_100, 3.0);
    for (name, values) in [
        ("multiband-compression", &[("ratio", "1")][..]),
        ("multiband-width", &[("bass", "1"), ("middle", "1"), ("top", "1")]),
        ("multiband-saturation", &[("amount", "0")]),
    ] {
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let graph = GraphRef::parse(name)
            .unwrap()
            .load(&registry(), &Overrides { values, preset: None })
            .unwrap_or_else(|e| panic!("{:#?}", e.diagnostics));
        let mut bare = load(name);
        for node in &mut bare.nodes {
            node.on = matches!(node.node.about().kind, "Mix" | "Crossover");
        }
        let run = |graph: &Graph| run_graph(graph, 44_100, &programme, &Options::default()).unwrap().0;
        let (made, expected) = (run(&graph), run(&bare));
        assert!(same(&made[0].channels, &expected[0].channels), "{name}");
    }
}

#[test]
fn the_plans_of_the_shipped_graphs() {
    for &(name, _) in BUILT_IN {
        let graph = load(name);
        let settings = deadwax::Settings { workers: 1, ..deadwax::Settings::default() };
        let compiled = deadwax::plan(&graph, deadwax::Format::stereo(96_000), &settings).unwrap();
        insta::assert_snapshot!(format!("plan_{name}"), compiled.plan.to_string());
    }
}
