#![allow(clippy::disallowed_methods, clippy::print_stdout, missing_docs)]
use deadwax_dsp::oversampler::*;
use deadwax_dsp::waveshaper::*;
use std::time::Instant;
fn main() {
    let frames = 1 << 17;
    let sig: Vec<f64> = (0..frames).map(|n| 1.5 * (n as f64 * 0.05).sin()).collect();
    for factor in Factor::ALL {
        let mut os = Oversampler::new(factor, 0, 1);
        let mut x = sig.clone();
        let t = Instant::now();
        x.chunks_mut(512).for_each(|c| os.process(0, c, |_| {}));
        println!("{factor:?} {:.1} ns/frame/channel", t.elapsed().as_nanos() as f64 / frames as f64);
    }
    for (shape, order) in [
        (Shape::Hard, Order::None),
        (Shape::Hard, Order::Second),
        (Shape::Knee(0.5), Order::Second),
        (Shape::Tanh, Order::None),
        (Shape::Tanh, Order::Second),
    ] {
        for level in [0.3, 1.0] {
            let s = Settings { shape, order, factor: Factor::X8, ceiling: 1.0 };
            let mut c = Clipper::new(s, 44100.0, 1);
            let mut x: Vec<f64> = sig.iter().map(|x| x * level).collect();
            let t = Instant::now();
            x.chunks_mut(64).for_each(|p| {
                c.process(0, p);
                c.note(p.len());
            });
            println!(
                "{shape:?} {order:?} {level} {:.1} ns/frame/channel",
                t.elapsed().as_nanos() as f64 / frames as f64
            );
        }
    }
}
