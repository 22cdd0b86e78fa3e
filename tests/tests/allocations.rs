//! Nothing is allocated after the start: a programme four times as long takes no allocation more, in the engine and in
//! the nodes.

use deadwax_engine::{Cause, MemorySource, Options, RunOptions, Sink, compile, run};
use deadwax_graph::{Memory, Overrides, load};
use deadwax_node::{Block, Format};
use deadwax_tests::mix;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;
use std::sync::atomic::AtomicBool;

#[global_allocator]
static GLOBAL: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const GRAPH: &str = "
Graph(
    format: 1,
    nodes: {
        tone: Equalizer(bands: { low: HighPass(freq_hz: 30), air: HighShelf(freq_hz: 9000, gain_db: 2) }),
        split: Crossover(freqs_hz: [120, 2500]),
        low: Compressor(ratio: 3, threshold_db: -30, lookahead_ms: 5),
        sides: Width(amount: 1.2, lane: Both),
        sum: Mix,
        up: Resample(rate_hz: 96000),
        peak: Limiter(ceiling_dbtp: -6),
        words: Dither(bits: 16),
    },
    wires: [
        \"input -> tone -> split\", \"split.low -> low -> sum\", \"split.mid -> sum\", \"split.high -> sides -> sum\",
        \"tone -> low.key\", \"sum -> up -> peak -> words -> output\",
    ],
)
";

/// Takes frames and lets them go.
struct Nowhere(u64);

impl Sink for Nowhere {
    fn start(&mut self, _: Format) -> Result<(), Cause> {
        Ok(())
    }

    fn write(&mut self, block: Block<'_>) -> Result<(), Cause> {
        self.0 += block.frames() as u64;
        Ok(())
    }
}

/// Allocations of one serial run over so many seconds, in blocks of 512.
fn allocations(seconds: f64) -> usize {
    let loader = Memory::new().with("main.ron", GRAPH);
    let graph = load(&deadwax_nodes::registry(), &loader, "main.ron", &Overrides::none()).unwrap();
    let format = Format::stereo(48_000);
    let mut compiled = compile(&graph, format, &Options { block: 512, ..Options::default() }).unwrap();
    let mut source = MemorySource::new(format, mix(48_000, seconds));
    let mut sink = Nowhere(0);
    let cancel = AtomicBool::new(false);
    let options = RunOptions { spool_memory: 0, spool_limit: 0, cancel: &cancel, progress: &|_| {} };
    let region = Region::new(GLOBAL);
    run(&mut compiled, &mut source, &mut [&mut sink], &options).unwrap();
    let made = region.change().allocations;
    assert!(sink.0 > 0);
    made
}

#[test]
fn a_longer_programme_takes_no_allocation_more() {
    let (short, long) = (allocations(2.0), allocations(8.0));
    assert_eq!(short, long, "allocations for 2 and for 8 seconds");
}
