//! Silence costs no more than sound: no filter works on denormal numbers, however long the pause.
//!
//! DSP specification, 1.5: a burst, then a long digital zero; a block takes at most one and a half times what a busy one
//! takes, and what comes out behind the tail is exactly zero (or below the level down to which the node says it rings).

use deadwax_node::{Body, Buffer, Format, Io, Kind, Setup, SideInput, Stream, Tail};
use std::sync::Arc;
use std::time::{Duration, Instant};

const RATE_HZ: u32 = 44_100;
const BLOCK: usize = 1024;
/// The pause is this long, in blocks: filters whose states are not set to zero reach denormal numbers within it.
const PAUSE: usize = 10 * RATE_HZ as usize / BLOCK;
const BURST: usize = 48;

struct Subject {
    stream: Box<dyn Stream>,
    side: Vec<SideInput>,
    outputs: Vec<Buffer>,
    in_place: bool,
    silent_after: usize,
    /// What may be left then.
    most: f64,
    at: u64,
}

impl Subject {
    /// A kind as its example says; `None` where it is no plain stream.
    fn new(kind: &Kind) -> Option<Self> {
        let body = kind.about.example.strip_prefix(kind.name()).map_or("", str::trim);
        let node = kind.from_ron(if body.is_empty() { "()" } else { body }).ok()?;
        let ports = node.ports();
        let mono = ports.inputs[0].channels == deadwax_node::Channels::Exactly(1);
        let layout = if mono { deadwax_node::Layout::Mono } else { deadwax_node::Layout::Stereo };
        let setup = Setup::plain(&*node, Format::new(RATE_HZ, layout)).ok()?;
        let prepared = node.prepare(&setup).ok()?;
        let silent_after = prepared.latency + prepared.tail.max_frames();
        let most = match prepared.tail {
            Tail::Frames(_) => 0.0,
            Tail::UntilBelow { dbfs, .. } => deadwax_dsp::math::db_to_gain(dbfs),
        };
        let Body::Stream(stream) = prepared.body else { return None };
        let in_place = ports.in_place();
        let side =
            setup.inputs.iter().enumerate().skip(usize::from(in_place)).filter_map(|(port, format)| {
                let buffer = Arc::new(Buffer::new((*format)?.channels(), BLOCK));
                Some(SideInput { port, buffer })
            });
        let side = side.collect();
        let outputs = setup.outputs.iter().map(|format| Buffer::new(format.channels(), BLOCK)).collect();
        Some(Self { stream, side, outputs, in_place, silent_after: silent_after as usize, most, at: 0 })
    }

    /// One block of noise, or of silence: how long it took.
    fn block(&mut self, loud: bool) -> Duration {
        let noise = deadwax_dsp::noise::Noise::new(7, 0);
        let fill = |buffer: &mut Buffer, at: u64| {
            for (channel, samples) in buffer.block_mut(BLOCK).iter_mut().enumerate() {
                for (n, sample) in samples.iter_mut().enumerate() {
                    *sample = if loud { 0.5 * noise.uniform(at + (n + 9_999 * channel) as u64) } else { 0.0 };
                }
            }
        };
        for side in &mut self.side {
            fill(Arc::get_mut(&mut side.buffer).unwrap(), self.at + 77);
        }
        if self.in_place {
            fill(&mut self.outputs[0], self.at);
        }
        let begun = Instant::now();
        self.stream.process(&mut Io::new(self.at, BLOCK, &self.side, &mut self.outputs)).unwrap();
        let took = begun.elapsed();
        self.at += BLOCK as u64;
        took
    }

    fn is_silent(&self) -> bool {
        self.outputs
            .iter()
            .all(|buffer| buffer.block(BLOCK).iter().flatten().all(|sample| sample.abs() <= self.most))
    }
}

#[test]
fn a_long_pause_costs_no_more_than_sound() {
    let registry = deadwax_nodes::registry();
    let mut seen = 0;
    for kind in registry.kinds() {
        let Some(mut subject) = Subject::new(kind) else { continue };
        seen += 1;
        let fastest = |times: &mut dyn Iterator<Item = Duration>| times.min().unwrap_or_default();
        let busy = fastest(&mut (0..BURST).map(|_| subject.block(true)));
        let last = PAUSE - BURST;
        for _ in 0..last {
            subject.block(false);
        }
        // The fastest of as many blocks: what else runs on the machine disturbs single ones.
        let pause = fastest(&mut (0..BURST).map(|_| subject.block(false)));
        let most = busy.mul_f64(1.5) + Duration::from_micros(5);
        assert!(pause <= most, "{}: {pause:?} in the pause, {busy:?} while busy", kind.name());
        if !kind.adds_noise && subject.silent_after < last * BLOCK {
            assert!(subject.is_silent(), "{}: still sounds", kind.name());
        }
    }
    assert!(seen >= 20, "{seen} kinds are streams");
}
