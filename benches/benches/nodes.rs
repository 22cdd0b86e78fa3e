//! Every kind of the roster: nanoseconds per stereo frame, at 44.1 and 96 kHz. A new kind is benched by itself.

#![allow(missing_docs, reason = "criterion's macros make functions")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use deadwax_node::conformance::Rig;
use deadwax_node::{Format, Kind};

const FRAMES: usize = 32_768;

fn node(kind: &Kind) -> Box<dyn deadwax_node::AnyNode> {
    let body = kind.about.example.strip_prefix(kind.name()).map_or("", str::trim);
    kind.from_ron(if body.is_empty() { "()" } else { body }).unwrap_or_else(|_| kind.default_node())
}

fn nodes(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("nodes");
    group.sample_size(10).measurement_time(std::time::Duration::from_millis(800));
    group.warm_up_time(std::time::Duration::from_millis(300)).throughput(Throughput::Elements(FRAMES as u64));
    let registry = deadwax_nodes::registry();
    for kind in registry.kinds() {
        for rate_hz in [44_100, 96_000] {
            let stereo = Rig::new(&*node(kind), Format::stereo(rate_hz), false);
            let mono = || Rig::new(&*node(kind), Format::new(rate_hz, deadwax_node::Layout::Mono), false);
            let Ok(mut rig) = stereo.or_else(|_| mono()) else { continue };
            let noise = deadwax_benches::noise(FRAMES);
            let wires: Vec<_> = rig.wires().iter().map(|channels| noise[..*channels].to_vec()).collect();
            let cuts = vec![2048; FRAMES / 2048];
            group.bench_function(
                format!("{} at {} kHz", kind.name(), f64::from(rate_hz) / 1000.0),
                |bencher| {
                    bencher.iter(|| {
                        rig.reset();
                        rig.run(&wires, &cuts).map(drop)
                    });
                },
            );
        }
    }
    group.finish();
}

criterion_group!(groups, nodes);
criterion_main!(groups);
