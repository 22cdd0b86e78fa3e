//! How far every node is from the arithmetic it needs: `cargo bench -p deadwax-benches --bench arithmetic`.
//!
//! For each kind, as its example says: nanoseconds per stereo frame, the operations that its method takes (the DSP
//! specification's count, for the example), how many of them it does in a nanosecond, and what share that is of a loop that does
//! nothing but multiply and add as the compiler vectorises it for this target.

#![allow(clippy::print_stdout, reason = "a bench that prints")]

use deadwax_benches::{Alone, best, example};
use std::hint::black_box;

/// Operations per frame and channel of each kind's example. Where the example decides (bands, taps, oversampling), it is
/// counted for the example.
const OPERATIONS: &[(&str, f64)] = &[
    ("Gain", 1.0),
    ("Mix", 1.0),
    ("Equalizer", 4.0 * 17.0),
    ("GraphicEqualizer", 800.0),
    ("Baxandall", 52.0),
    ("Emphasis", 52.0),
    ("DynamicEqualizer", 120.0),
    ("Crossover", 2.0 * 36.0 + 9.0),
    ("Compressor", 60.0),
    ("UpwardCompressor", 60.0),
    ("Expander", 60.0),
    ("Gate", 60.0),
    ("DeEsser", 260.0),
    ("TransientShaper", 80.0),
    ("Limiter", 1700.0),
    ("Clipper", 770.0 + 8.0 * 30.0),
    ("Saturator", 770.0 + 8.0 * 30.0),
    ("Tape", 6000.0),
    ("Transformer", 6000.0),
    ("MidSideEncode", 2.0),
    ("MidSideDecode", 1.0),
    ("Width", 3.0),
    ("Balance", 1.0),
    ("Pan", 1.0),
    ("Polarity", 1.0),
    ("BassMono", 26.0),
    ("PhaseRotate", 200.0),
    ("Delay", 128.0),
    ("Widener", 60.0),
    ("Fade", 1.0),
    ("Crossfade", 3.0),
    ("Convolver", 200.0),
];

/// Operations per nanosecond of a loop of independent multiplications and additions.
fn machine() -> f64 {
    const LANES: usize = 16;
    const ROUNDS: usize = 4_000_000;
    let mut lanes = [1.0_f64; LANES];
    let factor = black_box(0.999_999);
    let seconds = best(5, || {
        for _ in 0..ROUNDS {
            for lane in &mut lanes {
                *lane = *lane * factor + 1e-9;
            }
        }
        black_box(&lanes);
    });
    (2 * LANES * ROUNDS) as f64 / (seconds * 1e9)
}

fn main() {
    const FRAMES: usize = 1 << 17;
    let most = machine();
    println!("a loop of multiplications and additions: {most:.2} operations a nanosecond\n");
    println!("| node | ns per frame, 44.1 kHz | 96 kHz | operations | per ns | of the loop's |");
    println!("|---|---:|---:|---:|---:|---:|");
    let registry = deadwax_nodes::registry();
    for kind in registry.kinds() {
        let mut nanos = [44_100, 96_000].map(|rate_hz| {
            let mut alone = Alone::new(&*example(kind), rate_hz, FRAMES)?;
            Some(best(3, || alone.run()) * 1e9 / FRAMES as f64)
        });
        let (Some(low), high) = (nanos[0].take(), nanos[1].take()) else { continue };
        let high = high.map_or_else(|| "—".to_owned(), |high| format!("{high:.1}"));
        let counted = OPERATIONS.iter().find(|(name, _)| *name == kind.name()).map(|(_, count)| 2.0 * count);
        let (count, per_ns, share) = counted.map_or_else(
            || ("—".to_owned(), "—".to_owned(), "—".to_owned()),
            |count| {
                let per_ns = count / low;
                (format!("{count:.0}"), format!("{per_ns:.2}"), format!("{:.0} %", 100.0 * per_ns / most))
            },
        );
        println!("| {} | {low:.1} | {high} | {count} | {per_ns} | {share} |", kind.name());
    }
}
