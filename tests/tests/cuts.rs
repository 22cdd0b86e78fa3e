//! A programme that is cut, padded, faded, crossed and resampled has exactly the frames it should have, whatever the
//! blocks and the workers.

use deadwax_engine::Options;
use deadwax_graph::{Graph, Memory, Overrides, load};
use deadwax_tests::{Channels, mix, run_graph};

fn graph(nodes: &str, wires: &str) -> Graph {
    let text = format!("Graph(format: 1, nodes: {{ {nodes} }}, wires: [{wires}])");
    let loader = Memory::new().with("cuts.ron", text);
    load(&deadwax_nodes::registry(), &loader, "cuts.ron", &Overrides::none())
        .unwrap_or_else(|errors| panic!("{:#?}", errors.diagnostics))
}

/// The programme through the graph, the same for every cut and number of workers.
fn run(graph: &Graph, programme: &Channels) -> Channels {
    let render =
        |options: &Options| run_graph(graph, 44_100, programme, options).unwrap().0.remove(0).channels;
    let expected = render(&Options::default());
    for (workers, block) in [(1, 1), (1, 333), (2, 64), (3, 4096), (2, 1 << 18)] {
        let made = render(&Options { workers, block, ..Options::default() });
        for (made, expected) in made.iter().zip(&expected) {
            assert_eq!(made.len(), expected.len(), "{workers} workers, blocks of {block}");
            let differs = made.iter().zip(expected).position(|(a, b)| a.to_bits() != b.to_bits());
            assert_eq!(differs, None, "{workers} workers, blocks of {block}");
        }
    }
    expected
}

#[test]
fn a_trimmed_programme_is_the_part_and_a_padded_one_has_silence_around() {
    let programme = mix(44_100, 0.3);
    let out = run(
        &graph(
            "part: Trim(from_s: 0.05, to_s: 0.2), late: Limiter(ceiling_dbtp: 0, lookahead_ms: 20), \
             room: Pad(before_s: 0.1, after_s: 0.02)",
            r#""input -> part -> late -> room -> output""#,
        ),
        &programme,
    );
    for (out, programme) in out.iter().zip(&programme) {
        assert_eq!(out.len(), 4410 + 6615 + 882);
        assert!(out[..4410].iter().chain(&out[4410 + 6615..]).all(|x| *x == 0.0));
        assert_eq!(out[4410..4410 + 6615], programme[2205..8820]);
    }
}

#[test]
fn a_pad_before_a_late_node_gives_room_for_what_rings_on() {
    let mut programme = vec![vec![0.0; 3000]; 2];
    programme.iter_mut().for_each(|channel| channel[2999] = 0.5);
    let chain =
        "room: Pad(after_s: 0.1), ring: Equalizer(bands: { a: Bell(freq_hz: 500, gain_db: 12, q: 8) })";
    let out = run(&graph(chain, r#""input -> room -> ring -> output""#), &programme);
    assert_eq!(out[0].len(), 3000 + 4410);
    assert!(out[0][3000..].iter().any(|x| x.abs() > 1e-3));
}

#[test]
fn a_rate_change_behind_a_cut_counts_from_the_cut() {
    let programme = mix(44_100, 0.3);
    let chain = "part: Trim(from_s: 0.1), up: Resample(rate_hz: 48000)";
    let out = run(&graph(chain, r#""input -> part -> up -> output""#), &programme);
    assert_eq!(out[0].len(), (13_230_usize - 4410) * 160 / 147);
    let paths =
        "part: Trim(from_s: 0.1), up: Resample(rate_hz: 96000), down: Resample(rate_hz: 44100), sum: Mix";
    let out = run(
        &graph(paths, r#""input -> part -> sum", "part -> up -> down -> sum", "sum -> output""#),
        &programme,
    );
    assert_eq!(out[0].len(), 13_230 - 4410);
}

#[test]
fn the_end_is_found_by_fades_in_any_place() {
    let programme = vec![vec![1.0; 10_000]; 2];
    let chain =
        "part: Trim(to_s: 0.2), fade: Fade(in_s: 0.01, out_s: 0.05, curve: Linear), room: Pad(after_s: 0.01)";
    let out = run(&graph(chain, r#""input -> part -> fade -> room -> output""#), &programme);
    let left = &out[0];
    assert_eq!(left.len(), 8820 + 441);
    assert_eq!((left[0], left[441], left[6614], left[8819]), (0.0, 1.0, 1.0, 0.0));
    assert!((left[7717] - 1102.0 / 2205.0).abs() < 1e-12);
}

#[test]
fn cuts_at_zero_crossings_are_found_in_a_pass_of_their_own() {
    let programme: Channels =
        vec![(0..9000).map(|n| f64::from((n % 200) - 100) / 100.0).collect::<Vec<_>>(); 2];
    let chain = "part: Trim(from_s: 0.05, to_s: 0.1, zero_crossing_ms: 5)";
    let out = run(&graph(chain, r#""input -> part -> output""#), &programme);
    // Asked for 2205 and 4410; the saw goes through zero at every 100th frame from 100 on.
    assert_eq!(out[0][..], programme[0][2300..4500]);
}

#[test]
fn a_crossing_goes_from_one_treatment_to_another() {
    let programme = mix(44_100, 0.4);
    let chain = "dull: Equalizer(bands: { a: HighShelf(freq_hz: 3000, gain_db: -6) }), cross: Crossfade(at_s: 0.1, \
                 length_s: 0.2)";
    let wires = r#""input -> cross", "input -> dull -> cross.to", "cross -> output""#;
    let out = run(&graph(chain, wires), &programme);
    let dull = run(
        &graph(
            "dull: Equalizer(bands: { a: HighShelf(freq_hz: 3000, gain_db: -6) })",
            r#""input -> dull -> output""#,
        ),
        &programme,
    );
    assert_eq!(out[0][..4410], programme[0][..4410]);
    assert_eq!(out[0][13_230..], dull[0][13_230..]);
    assert_eq!(out[0].len(), programme[0].len());
}

#[test]
fn nothing_left_is_an_empty_programme_and_no_fault() {
    let programme = mix(44_100, 0.1);
    let out = run(&graph("part: Trim(from_s: 5)", r#""input -> part -> output""#), &programme);
    assert!(out.iter().all(Vec::is_empty));
}
