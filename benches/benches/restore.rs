//! How fast a broken recording is mended: every node of the family over 20 seconds of music with the damage it is for, all its
//! passes, with one worker and with two.
//!
//! `cargo bench -p deadwax-benches --bench restore` prints times real time; the best of three runs each.

#![allow(clippy::print_stdout, missing_docs, reason = "a bench prints")]

use deadwax_benches::{Bench, RATE_HZ, best, graph};
use deadwax_measure::signals::{Clicks, Hum, Music, hiss};

const SECONDS: f64 = 20.0;

/// Music with hum and hiss, `clicked` with clicks, cut off at `ceiling`.
fn broken(clicked: f64, ceiling: f64) -> Vec<Vec<f64>> {
    let rate = f64::from(RATE_HZ);
    let music = Music { rate_hz: rate, seconds: SECONDS, seed: 1 }.render();
    let hum = Hum::new(-50.0, 3).render(rate, SECONDS);
    let channel = |(channel, samples): (usize, &Vec<f64>)| {
        let clicks = Clicks::new(rate, SECONDS, 10 + channel as u64).samples;
        let hiss = hiss(rate, SECONDS, -60.0, 20 + channel as u64);
        let sample =
            |n: usize| (samples[n] + clicked * clicks[n] + hum[n] + hiss[n]).clamp(-ceiling, ceiling);
        (0..samples.len()).map(sample).collect()
    };
    music.iter().enumerate().map(channel).collect()
}

fn main() {
    println!("| | one worker | two workers |\n|---|---:|---:|");
    for (name, node, clicked, ceiling) in [
        ("DeClick", "DeClick", 1.0, 4.0),
        ("DeCrackle", "DeCrackle", 1.0, 4.0),
        ("DeClip, music clipped at −6 dBFS", "DeClip", 0.0, 0.5),
        ("DeNoise, learnt", "DeNoise(noise_from_s: 0, noise_to_s: 1)", 0.0, 4.0),
        ("DeNoise, adaptive", "DeNoise(profile: Adaptive)", 0.0, 4.0),
        ("DeHum", "DeHum", 0.0, 4.0),
        ("DePlosive", "DePlosive", 0.0, 4.0),
        ("DcRemove", "DcRemove", 0.0, 4.0),
    ] {
        let programme = broken(clicked, ceiling);
        let nodes = [format!("it: {node}")];
        let graph = graph(&nodes, &["input -> it -> output".to_owned()]);
        let times = [1, 2].map(|workers| {
            let mut bench = Bench::of(&graph, programme.clone(), 2048, workers);
            SECONDS / best(3, || bench.run())
        });
        println!("| {name} | {:.0}× | {:.0}× |", times[0], times[1]);
    }
}
