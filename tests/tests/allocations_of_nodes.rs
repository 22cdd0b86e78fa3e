//! No node allocates while it works. A file of its own: the count is of the whole process.

use deadwax_node::{Body, Buffer, Channels, Family, Format, Io, Kind, Layout, Setup, SideInput};
use deadwax_tests::mix;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;
use std::sync::Arc;

#[global_allocator]
static GLOBAL: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Allocations of the example of a kind over a hundred blocks, after some to begin with. `None` where it is no plain stream.
fn allocations_of(kind: &Kind) -> Option<usize> {
    const BLOCK: usize = 512;
    let body = kind.about.example.strip_prefix(kind.name()).map_or("", str::trim);
    let node = kind.from_ron(if body.is_empty() { "()" } else { body }).ok()?;
    let ports = node.ports();
    let mono = ports.inputs[0].channels == Channels::Exactly(1);
    let layout = if mono { Layout::Mono } else { Layout::Stereo };
    let setup = Setup::plain(&*node, Format::new(48_000, layout)).ok()?;
    let Body::Stream(mut stream) = node.prepare(&setup).ok()?.body else { return None };
    let noise = mix(48_000, 1.2);
    let in_place = ports.in_place();
    let inputs = setup.inputs.iter().enumerate().skip(usize::from(in_place));
    let side: Vec<SideInput> = inputs
        .filter_map(|(port, format)| {
            let part: Vec<Vec<f64>> =
                noise[..(*format)?.channels()].iter().map(|channel| channel[..BLOCK].to_vec()).collect();
            Some(SideInput { port, buffer: Arc::new(Buffer::from_channels(&part)) })
        })
        .collect();
    let mut outputs: Vec<Buffer> =
        setup.outputs.iter().map(|format| Buffer::new(format.channels(), BLOCK)).collect();
    let mut block = |number: usize| {
        if in_place {
            let begin = number * BLOCK;
            for (to, from) in outputs[0].block_mut(BLOCK).iter_mut().zip(&noise) {
                to.copy_from_slice(&from[begin..begin + BLOCK]);
            }
        }
        stream.process(&mut Io::new((number * BLOCK) as u64, BLOCK, &side, &mut outputs)).unwrap();
    };
    (0..10).for_each(&mut block);
    let region = Region::new(GLOBAL);
    (10..110).for_each(&mut block);
    Some(region.change().allocations)
}

#[test]
fn no_node_allocates_while_it_works() {
    let registry = deadwax_nodes::registry();
    let mut seen = 0;
    // A probe keeps a number for every tenth of a second, which takes memory now and then.
    for kind in registry.kinds().filter(|kind| kind.about.family != Family::Probe) {
        if let Some(allocations) = allocations_of(kind) {
            assert_eq!(allocations, 0, "{}", kind.name());
            seen += 1;
        }
    }
    assert!(seen >= 30, "{seen} kinds are streams");
}
