//! Every kind of the roster: nanoseconds per stereo frame, at 44.1 and 96 kHz. A new kind is benched by itself.

#![allow(missing_docs, reason = "criterion's macros make functions")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use deadwax_benches::{Alone, example};

const FRAMES: usize = 32_768;

fn nodes(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("nodes");
    group.sample_size(10).measurement_time(std::time::Duration::from_millis(800));
    group.warm_up_time(std::time::Duration::from_millis(300)).throughput(Throughput::Elements(FRAMES as u64));
    let registry = deadwax_nodes::registry();
    for kind in registry.kinds() {
        for rate_hz in [44_100, 96_000] {
            let Some(mut alone) = Alone::new(&*example(kind), rate_hz, FRAMES) else { continue };
            let name = format!("{} at {} kHz", kind.name(), f64::from(rate_hz) / 1000.0);
            group.bench_function(name, |bencher| bencher.iter(|| alone.run()));
        }
    }
    group.finish();
}

criterion_group!(groups, nodes);
criterion_main!(groups);
