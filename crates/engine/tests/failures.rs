//! What goes wrong is named: the node, the time, the reason; and nothing hangs.

#[allow(unreachable_pub, reason = "shared by several test files")]
mod support;

use deadwax_engine::{
    CompileError, MemorySink, MemorySource, Options, RunError, RunOptions, Source, compile, run,
};
use deadwax_graph::model::{From, NodeId, To};
use deadwax_node::{About, Family, Format, Io, Node, NodeError, Prepared, Setup, Stream, params};
use std::sync::atomic::{AtomicBool, Ordering};
use support::{Doubled, Late, Normalised, Sketch, Sum, ToMono, noise};

/// Does something wrong at a frame.
#[params]
pub struct Faulty {
    #[param(default = 0, help = "0 panics, 1 makes a NaN, 2 fails")]
    pub how: u32,
    #[param(default = 5000, help = "when")]
    pub at_frame: u32,
}

impl Node for Faulty {
    const ABOUT: About = About {
        kind: "Faulty",
        family: Family::Gain,
        summary: "For tests.",
        since: "0",
        algorithm: 1,
        example: "",
    };

    fn prepare(&self, _: &Setup) -> Result<Prepared, NodeError> {
        Ok(Prepared::stream(FaultyStream(self.clone()), 1.0))
    }
}

struct FaultyStream(Faulty);

impl Stream for FaultyStream {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        let at = u64::from(self.0.at_frame);
        if (io.start()..io.start() + io.frames() as u64).contains(&at) {
            let offset = (at - io.start()) as usize;
            match self.0.how {
                0 => panic!("out of luck"),
                1 => io.main().channel_mut(0)[offset] = f64::NAN,
                _ => return Err(NodeError::field("how", "told to fail")),
            }
        }
        Ok(())
    }

    fn reset(&mut self) {}
}

fn attempt(sketch: &Sketch, workers: usize, limit: u64, cancel: &AtomicBool) -> Result<(), RunError> {
    let format = Format::stereo(48_000);
    let options = Options { workers, block: 512, ..Options::default() };
    let mut compiled = compile(&sketch.graph, format, &options).unwrap();
    let mut source = MemorySource::new(format, noise(2, 20_000));
    let options = RunOptions { spool_memory: 0, spool_limit: limit, cancel, progress: &|_| {} };
    run(&mut compiled, &mut source, &mut [&mut MemorySink::default()], &options).map(drop)
}

fn chain(how: u32) -> Sketch {
    Sketch::chain(vec![
        Box::new(Late { latency_frames: 100 }),
        Box::new(Faulty { how, at_frame: 5_000 }),
        Box::new(Late { latency_frames: 7 }),
    ])
}

#[test]
fn a_node_that_panics_fails_or_makes_a_nan_is_named_with_the_time() {
    let cancel = AtomicBool::new(false);
    for workers in [1, 2] {
        match attempt(&chain(0), workers, u64::MAX, &cancel) {
            Err(RunError::Panic { node, message, at }) => {
                assert_eq!((node.as_str(), message.as_str()), ("n1", "out of luck"));
                assert!(at.frame <= 5_000 && at.frame + 512 > 5_000, "{at:?}");
            }
            other => panic!("{other:?}"),
        }
        match attempt(&chain(1), workers, u64::MAX, &cancel) {
            Err(RunError::NotFinite { node, at }) => {
                assert_eq!((node.as_str(), at.frame, at.rate_hz), ("n1", 5_000, 48_000))
            }
            other => panic!("{other:?}"),
        }
        match attempt(&chain(2), workers, u64::MAX, &cancel) {
            Err(RunError::Node { node, error, .. }) => {
                assert_eq!((node.as_str(), error.to_string().as_str()), ("n1", "`how`: told to fail"));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_nan_in_the_programme_is_the_programmes() {
    let mut samples = noise(2, 3_000);
    samples[1][1_234] = f64::INFINITY;
    let sketch = Sketch::chain(vec![Box::new(Late { latency_frames: 0 })]);
    let format = Format::stereo(44_100);
    let mut compiled = compile(&sketch.graph, format, &Options::default()).unwrap();
    let mut source = MemorySource::new(format, samples);
    assert_eq!(source.frames(), Some(3_000));
    let cancel = AtomicBool::new(false);
    let options = RunOptions { spool_memory: 0, spool_limit: 0, cancel: &cancel, progress: &|_| {} };
    let stopped = run(&mut compiled, &mut source, &mut [&mut MemorySink::default()], &options);
    assert!(matches!(stopped, Err(RunError::NotFinite { node, at }) if node == "input" && at.frame == 1_234));
}

#[test]
fn a_run_stops_when_it_is_asked_to() {
    let sketch = Sketch::chain(vec![Box::new(Late { latency_frames: 10 })]);
    for workers in [1, 2] {
        assert!(matches!(attempt(&sketch, workers, 0, &AtomicBool::new(true)), Err(RunError::Interrupted)));
        let cancel = AtomicBool::new(false);
        let format = Format::stereo(48_000);
        let options = Options { workers, block: 64, ..Options::default() };
        let mut compiled = compile(&sketch.graph, format, &options).unwrap();
        let mut source = MemorySource::new(format, noise(2, 200_000));
        let progress = |at: deadwax_engine::Progress| {
            if at.seconds > 1.0 {
                cancel.store(true, Ordering::Relaxed);
            }
        };
        let options = RunOptions { spool_memory: 0, spool_limit: 0, cancel: &cancel, progress: &progress };
        let mut sink = MemorySink::default();
        let stopped = run(&mut compiled, &mut source, &mut [&mut sink], &options);
        assert!(matches!(stopped, Err(RunError::Interrupted)));
        assert!(sink.channels[0].len() < 200_000);
    }
}

#[test]
fn what_must_be_kept_between_passes_is_known_before_the_first_sample() {
    let sketch = Sketch::chain(vec![
        Box::new(Late { latency_frames: 10 }),
        Box::new(Normalised { latency_frames: 0, aim: None }),
    ]);
    let cancel = AtomicBool::new(false);
    match attempt(&sketch, 1, 1_000, &cancel) {
        Err(RunError::SpoolLimit { needed, allowed }) => {
            assert_eq!((needed, allowed), (20_000 * 2 * 8, 1_000))
        }
        other => panic!("{other:?}"),
    }
    attempt(&sketch, 1, 20_000 * 2 * 8, &cancel).unwrap();
}

/// The programme itself is read again rather than kept: with nothing before the node that hears it first, nothing is.
#[test]
fn nothing_is_kept_that_can_be_read_again() {
    let sketch = Sketch::chain(vec![Box::new(Normalised { latency_frames: 5, aim: None })]);
    attempt(&sketch, 1, 0, &AtomicBool::new(false)).unwrap();
    // A mono branch beside the node is made late, where the programme is read again, and not kept in stereo or mono.
    let mut sketch = Sketch::new();
    let whole = sketch.node("whole", Normalised { latency_frames: 0, aim: None });
    let free = sketch.node("free", Late { latency_frames: 3 });
    let sum = sketch.node("sum", Sum {});
    for (from, to) in [(None, whole), (None, free), (Some(whole), sum), (Some(free), sum)] {
        sketch.wire(from.map(|id| (id, 0)), Some((to, 0)));
    }
    sketch.wire(Some((sum, 0)), None);
    let plan = compile(&sketch.graph, Format::stereo(44_100), &Options::default()).unwrap().plan;
    assert!(plan.spools.is_empty(), "{plan}");
    assert_eq!(plan.passes.len(), 2);
}

/// The cut goes where the fewest bytes cross: behind the node that makes mono of stereo.
#[test]
fn passes_are_cut_where_the_fewest_bytes_cross() {
    let mut sketch = Sketch::new();
    let heard = sketch.node("heard", Late { latency_frames: 1 });
    let mono = sketch.node("mono", ToMono {});
    let thin = sketch.node("thin", Late { latency_frames: 2 });
    let loud = sketch.node("loud", Normalised { latency_frames: 0, aim: None });
    let back = sketch.node("back", ToMono {});
    let sum = sketch.node("sum", Sum {});
    for (from, to) in
        [(None, heard), (Some(heard), mono), (Some(mono), thin), (Some(heard), loud), (Some(loud), back)]
    {
        sketch.wire(from.map(|id| (id, 0)), Some((to, 0)));
    }
    sketch.wire(Some((thin, 0)), Some((sum, 0)));
    sketch.wire(Some((back, 0)), Some((sum, 0)));
    sketch.wire(Some((sum, 0)), None);
    let plan = compile(&sketch.graph, Format::stereo(44_100), &Options::default()).unwrap().plan;
    // `heard` must be kept for `loud` in any case; with it there, nothing else need be.
    let kept: Vec<&str> = plan.spools.iter().map(|spool| spool.label.as_str()).collect();
    assert_eq!(kept, ["heard"], "{plan}");
}

#[test]
fn a_graph_that_does_not_fit_together_says_everything_that_is_wrong() {
    let mut sketch = Sketch::new();
    let up = sketch.node("up", Doubled { halve: false, chunk_frames: 8, latency_frames: 0 });
    let mono = sketch.node("mono", ToMono {});
    let again = sketch.node("again", ToMono {});
    let sum = sketch.node("sum", Sum {});
    for (from, to) in [(None, up), (None, mono), (Some(mono), again), (Some(up), sum), (None, sum)] {
        sketch.wire(from.map(|id| (id, 0)), Some((to, 0)));
    }
    sketch.wire(Some((sum, 0)), None);
    let errors = compile(&sketch.graph, Format::stereo(44_100), &Options::default()).unwrap_err();
    assert!(
        errors.iter().any(|e| matches!(e, CompileError::RatesMeet { node, .. } if node == "sum")),
        "{errors:?}"
    );
    assert!(
        errors.iter().any(|e| matches!(e, CompileError::Channels { port, .. } if port == "again.in")),
        "{errors:?}"
    );
}

#[test]
fn a_loop_is_named_whole() {
    let mut sketch = Sketch::new();
    let names = ["a", "b", "c"];
    let ids: Vec<usize> = names.iter().map(|name| sketch.node(name, Sum {})).collect();
    sketch.wire(None, Some((ids[0], 0)));
    for pair in [(0, 1), (1, 2), (2, 0)] {
        sketch.wire(Some((ids[pair.0], 0)), Some((ids[pair.1], 0)));
    }
    sketch.wire(Some((ids[2], 0)), None);
    assert!(matches!(sketch.graph.wires[1].from, From::Node(NodeId(0), 0)));
    assert!(matches!(sketch.graph.wires[4].to, To::Output(0)));
    match &compile(&sketch.graph, Format::stereo(44_100), &Options::default()).unwrap_err()[..] {
        [CompileError::Loop { path, wires }] => {
            assert_eq!(path, &["a", "b", "c", "a"]);
            assert_eq!(wires.len(), 3);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn long_chains_are_cut_into_balanced_pieces_for_as_many_workers_as_there_are() {
    let nodes = (0..8).map(|_| Box::new(Late { latency_frames: 0 }) as Box<dyn deadwax_node::AnyNode>);
    let sketch = Sketch::chain(nodes.collect());
    for (workers, pieces) in [(1, 1), (2, 2), (4, 4), (16, 8)] {
        let options = Options { workers, ..Options::default() };
        let plan = compile(&sketch.graph, Format::stereo(44_100), &options).unwrap().plan;
        let sizes: Vec<usize> = plan.passes[0].clusters.iter().map(Vec::len).collect();
        assert_eq!(sizes, vec![8 / pieces; pieces], "{workers} workers");
    }
}
