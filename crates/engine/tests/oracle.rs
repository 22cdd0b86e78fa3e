//! The engine against a naive whole-buffer interpreter: the same bits for any graph, block size and number of threads.

#[allow(unreachable_pub, reason = "shared by several test files")]
mod support;

use deadwax_engine::{MemorySink, MemorySource, Options, Outcome, RunError, RunOptions, compile, run};
use deadwax_node::Format;
use proptest::prelude::*;
use std::sync::atomic::AtomicBool;
use support::interpreter::interpret;
use support::{Channelled, Divide, Doubled, Late, Normalised, Sketch, Sum, ToMono, noise};

const RATE: u32 = 8_000;

fn engine(
    sketch: &Sketch,
    input: &Channelled,
    options: &Options,
    memory: u64,
) -> Result<(Channelled, Outcome), RunError> {
    let format = Format::stereo(RATE);
    let mut compiled = compile(&sketch.graph, format, options).expect("compiles");
    let mut source = MemorySource::new(format, input.clone());
    let mut sink = MemorySink::default();
    let cancel = AtomicBool::new(false);
    let options =
        RunOptions { spool_memory: memory, spool_limit: u64::MAX, cancel: &cancel, progress: &|_| {} };
    let outcome = run(&mut compiled, &mut source, &mut [&mut sink], &options)?;
    Ok((sink.channels, outcome))
}

fn same(a: &Channelled, b: &Channelled) -> bool {
    let bits = |x: &Channelled| {
        x.iter().map(|c| c.iter().map(|s| s.to_bits()).collect::<Vec<_>>()).collect::<Vec<_>>()
    };
    bits(a) == bits(b)
}

/// What a random graph is grown from: each step names a kind, a latency, and which wires to take.
#[derive(Clone, Debug)]
struct Growth {
    kind: u8,
    latency: u32,
    chunk: u32,
    picks: [usize; 3],
}

fn growth() -> impl Strategy<Value = Growth> {
    (0_u8..8, prop_oneof![Just(0_u32), 1..50_u32, Just(512), 900..1100_u32], 1..40_u32, any::<[usize; 3]>())
        .prop_map(|(kind, latency, chunk, picks)| Growth { kind, latency, chunk, picks })
}

/// A wire's end, with rate and channels.
type Open = (Option<(usize, usize)>, u32, usize);

/// Grows a graph; every step hangs one node on wires that exist.
fn grow(steps: &[Growth]) -> Sketch {
    let mut sketch = Sketch::new();
    let mut open: Vec<Open> = vec![(None, RATE, 2)];
    for (number, step) in steps.iter().enumerate() {
        let name = format!("n{number}");
        let pick = |k: usize, like: Option<Open>| {
            let fits: Vec<Open> = open
                .iter()
                .copied()
                .filter(|w| like.is_none_or(|l: Open| (l.1, l.2) == (w.1, w.2)))
                .collect();
            fits[step.picks[k] % fits.len()]
        };
        let main = pick(0, None);
        let (latency_frames, chunk_frames) = (step.latency, step.chunk);
        let (id, made) = match step.kind {
            0 => (sketch.node(&name, Late { latency_frames }), vec![(0, main.1, main.2)]),
            1 | 2 => {
                let id = sketch.node(&name, Sum {});
                sketch.wire(pick(1, Some(main)).0, Some((id, 0)));
                sketch.wire(pick(2, Some(main)).0, Some((id, 0)));
                (id, vec![(0, main.1, main.2)])
            }
            3 => {
                let id = sketch.node(&name, Divide { latency_frames });
                let key = open.iter().filter(|w| w.1 == main.1).nth(step.picks[1] % 2);
                if let Some(key) = key {
                    sketch.wire(key.0, Some((id, 1)));
                }
                (id, vec![(0, main.1, main.2), (1, main.1, main.2)])
            }
            4 if main.2 == 2 => (sketch.node(&name, ToMono {}), vec![(0, main.1, 1)]),
            5 if main.1 < 4 * RATE => {
                let id = sketch.node(&name, Doubled { halve: false, chunk_frames, latency_frames });
                (id, vec![(0, main.1 * 2, main.2)])
            }
            6 if main.1 > RATE => {
                let id = sketch.node(&name, Doubled { halve: true, chunk_frames, latency_frames });
                (id, vec![(0, main.1 / 2, main.2)])
            }
            7 => (sketch.node(&name, Normalised { latency_frames, aim: None }), vec![(0, main.1, main.2)]),
            _ => (sketch.node(&name, Late { latency_frames: 3 }), vec![(0, main.1, main.2)]),
        };
        sketch.wire(main.0, Some((id, 0)));
        open.extend(made.into_iter().map(|(port, rate, channels)| (Some((id, port)), rate, channels)));
    }
    let (last, ..) = open[open.len() - 1];
    sketch.wire(last, None);
    sketch
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn any_graph_gives_the_bytes_of_the_naive_interpreter(
        steps in prop::collection::vec(growth(), 1..12),
        frames in prop_oneof![Just(1_usize), Just(1_000), 2_000..3_000_usize],
        spare_blocks in 0_usize..3,
        memory in prop_oneof![Just(0_u64), Just(20_000), Just(u64::MAX / 2)],
    ) {
        let sketch = grow(&steps);
        let input = noise(2, frames);
        let expected = interpret(&sketch.graph, &input, Format::stereo(RATE));
        for block in [1, 7, 64, 1_000, 1_024, 4_096, 16_384] {
            for workers in [1, 2, 8] {
                if block == 1 && workers == 8 && frames > 1 {
                    continue;
                }
                let options = Options { block, workers, spare_blocks, ..Options::default() };
                let (made, _) = engine(&sketch, &input, &options, memory)
                    .map_err(|error| TestCaseError::fail(format!("block {block}, workers {workers}: {error}")))?;
                prop_assert!(same(&made, &expected), "block {}, workers {}: other bytes", block, workers);
            }
        }
    }
}

/// The diamond: a split whose branches are late by different amounts, recombined, is null against the unsplit path.
#[test]
fn a_split_with_different_latencies_recombines_to_null() {
    for (a, b) in [(0, 0), (0, 1), (3, 700), (64, 64), (5_000, 0), (1, 10_000), (2_048, 2_047)] {
        let mut sketch = Sketch::new();
        let one = sketch.node("one", Late { latency_frames: a });
        let two = sketch.node("two", Late { latency_frames: b });
        let sum = sketch.node("sum", Sum {});
        sketch.wire(None, Some((one, 0)));
        sketch.wire(None, Some((two, 0)));
        sketch.wire(Some((one, 0)), Some((sum, 0)));
        sketch.wire(Some((two, 0)), Some((sum, 0)));
        sketch.wire(Some((sum, 0)), None);
        let unsplit = Sketch::chain(vec![Box::new(Late { latency_frames: 0 })]);
        let input = noise(2, 12_345);
        let expected = interpret(&unsplit.graph, &input, Format::stereo(RATE));
        for block in [1, 7, 64, 1_000, 1_024, 4_096, 1 << 14] {
            for workers in [1, 2, 8] {
                let options = Options { block, workers, ..Options::default() };
                let (made, _) = engine(&sketch, &input, &options, 1 << 30).unwrap();
                let difference =
                    made.iter().flatten().zip(expected.iter().flatten()).map(|(x, y)| (x - 2.0 * y).abs());
                // The sum node adds noise of its own of at most 2^24 · 1e-12.
                let worst = difference.fold(0.0, f64::max);
                assert!(worst < 1.7e-5, "latencies {a} and {b}, block {block}, {workers} workers: {worst:e}");
                let (again, _) = engine(&sketch, &input, &Options::default(), 1 << 30).unwrap();
                assert!(
                    same(&made, &again),
                    "latencies {a} and {b}, block {block}, {workers} workers: other bytes"
                );
            }
        }
    }
}

#[test]
fn a_goal_is_reached_at_the_output_and_the_sink_holds_the_last_round_only() {
    let normalised = Normalised { latency_frames: 40, aim: Some(0.3) };
    let sketch = Sketch::chain(vec![Box::new(normalised), Box::new(Late { latency_frames: 700 })]);
    let input = noise(2, 9_000);
    for workers in [1, 2] {
        let options = Options { block: 512, workers, ..Options::default() };
        let (made, outcome) = engine(&sketch, &input, &options, 0).unwrap();
        assert_eq!(made[0].len(), 9_000);
        let peak = made.iter().flatten().fold(0.0_f64, |most, x| most.max(x.abs()));
        assert!((peak - 0.3).abs() < 1e-3, "{peak}");
        assert_eq!(outcome.goals.len(), 1);
        assert!(outcome.passes_run > 2, "a first guess cannot have been right");
    }
}
