//! The engine's budgets: what it costs beside the nodes themselves, per firing, to plan; what a second worker brings.
//!
//! `cargo bench -p deadwax-benches --bench engine` prints the budgets first (best of several runs), then criterion's figures.

#![allow(clippy::print_stdout, missing_docs, reason = "a bench prints; criterion's macros make functions")]

use criterion::{Criterion, criterion_group};
use deadwax_benches::{Bench, ByHand, RATE_HZ, best, branches, chain};
use deadwax_engine::{Options, compile};
use deadwax_node::Format;

const BAND: &str = "Equalizer(bands: { one: Bell(freq_hz: 1000, gain_db: 3) })";
const HEAVY: &str = "Equalizer(bands: { a: Bell(freq_hz: 60, gain_db: 3), b: Bell(freq_hz: 200, gain_db: -3), \
                     c: Bell(freq_hz: 900, gain_db: 3), d: Bell(freq_hz: 3000, gain_db: -3), \
                     e: HighShelf(freq_hz: 9000, gain_db: 2), f: LowShelf(freq_hz: 100, gain_db: 2) })";
const FRAMES: usize = 10 * RATE_HZ as usize;

fn overhead() {
    let graph = chain(20, BAND);
    let (mut engine, mut hand) = (Bench::new(&graph, FRAMES, 2048, 1), ByHand::new(&graph, FRAMES, 2048));
    let mut ratios: Vec<f64> = (0..15).map(|_| best(1, || engine.run()) / best(1, || hand.run())).collect();
    ratios.sort_by(f64::total_cmp);
    println!(
        "overhead: 20 nodes, blocks of 2048, one worker: {:+.1} % (median of 15 pairs; budget 5 %)",
        100.0 * (ratios[7] - 1.0)
    );
}

fn firing() {
    // Nodes that nobody joins to others: every branch of one node is an actor of its own.
    let (wide, count) = (64, 1 << 17);
    let mut bench = Bench::new(&branches(wide, 1, "Gain(gain_db: -1)"), count, 64, 1);
    let seconds = best(7, || bench.run());
    let firings = (count / 64) * (wide + 3);
    let each = seconds / firings as f64 * 1e9;
    println!("firing: {each:.0} ns with its 64 frames of gain, copies and check for NaN (budget 500 ns)");
}

fn planning() {
    for (name, graph) in [("chain", chain(1_000, "Gain")), ("10 branches", branches(10, 100, "Gain"))] {
        let millis = 1e3 * best(5, || drop(compile(&graph, Format::stereo(RATE_HZ), &Options::default())));
        println!("planning: 1,000 nodes, {name}: {millis:.1} ms (budget 50 ms)");
    }
}

fn speed_up() {
    for (name, graph) in
        [("serial chain of 8", chain(8, HEAVY)), ("four branches of 2", branches(4, 2, HEAVY))]
    {
        let (mut one, mut two) = (Bench::new(&graph, FRAMES, 2048, 1), Bench::new(&graph, FRAMES, 2048, 2));
        let mut ratios: Vec<f64> = (0..9).map(|_| best(1, || one.run()) / best(1, || two.run())).collect();
        ratios.sort_by(f64::total_cmp);
        println!(
            "speed-up on two workers, {name}: {:.2}x median, {:.2}x best of 9 pairs (budget 1.8x)",
            ratios[4], ratios[8]
        );
    }
}

fn blocks(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("20 nodes, 1 s");
    group.sample_size(10).measurement_time(std::time::Duration::from_secs(2));
    for block in [64, 256, 1024, 2048, 4096, 16_384] {
        let mut bench = Bench::new(&chain(20, BAND), RATE_HZ as usize, block, 1);
        group.bench_function(format!("blocks of {block}"), |bencher| bencher.iter(|| bench.run()));
    }
    group.finish();
}

criterion_group!(groups, blocks);

fn main() {
    overhead();
    firing();
    planning();
    speed_up();
    groups();
    Criterion::default().configure_from_args().final_summary();
}
