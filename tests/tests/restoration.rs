//! Restoration in graphs: the same bytes at any number of workers and any block size over a programme that is broken, and as
//! many frames as went in; what is not broken is left alone, to the bit.

use deadwax_engine::Options;
use deadwax_graph::{Graph, Memory, Overrides, load};
use deadwax_measure::signals::{Clicks, Hum, Music, Plosives, hiss};
use deadwax_tests::{Channels, run_graph};

const RATE_HZ: u32 = 44_100;
const SECONDS: f64 = 8.0;
/// Frames before the music begins.
const LEAD: usize = 5 * RATE_HZ as usize / 2;

fn music() -> Channels {
    Music { rate_hz: f64::from(RATE_HZ), seconds: SECONDS, seed: 2 }.render().to_vec()
}

/// Music with what `node` mends, over hiss that begins before it.
fn broken_for(node: &str) -> Channels {
    let rate = f64::from(RATE_HZ);
    let hum = Hum::new(-30.0, 3).render(rate, SECONDS);
    let pops = Plosives::new(rate, SECONDS, 6).samples;
    let amount = |kinds: &[&str]| f64::from(u8::from(kinds.iter().any(|kind| node.starts_with(kind))));
    let (clicked, popped) = (amount(&["DeClick", "DeCrackle"]), amount(&["DePlosive"]));
    let humming = amount(&["DeHum"]);
    // Drums and bass would cover the pops.
    let level = if popped > 0.0 { 0.05 } else { 1.0 };
    let ceiling = if node.starts_with("DeClip") { 0.5 } else { 4.0 };
    let channel = |(channel, samples): (usize, &Vec<f64>)| {
        let clicks = Clicks::new(rate, SECONDS, 10 + channel as u64).samples;
        let hiss = hiss(rate, SECONDS, -55.0, 20 + channel as u64);
        let music = |n: usize| level * samples[n] + clicked * clicks[n] + popped * pops[n];
        let sample = |n: usize| {
            (if n < LEAD { 0.0 } else { music(n) } + humming * hum[n] + hiss[n]).clamp(-ceiling, ceiling)
        };
        (0..samples.len()).map(sample).collect()
    };
    music().iter().enumerate().map(channel).collect()
}

fn graph(node: &str) -> Graph {
    let text = format!("Graph(format: 1, nodes: {{ it: {node} }}, wires: [\"input -> it -> output\"])");
    let loader = Memory::new().with("it.ron", text);
    load(&deadwax_nodes::registry(), &loader, "it.ron", &Overrides::none()).unwrap()
}

fn through(graph: &Graph, programme: &Channels, workers: usize, block: usize) -> Channels {
    let options = Options { workers, block, ..Options::default() };
    run_graph(graph, RATE_HZ, programme, &options).unwrap().0.remove(0).channels
}

fn same(a: &Channels, b: &Channels) -> bool {
    let bits = |channels: &Channels| -> Vec<Vec<u64>> {
        channels.iter().map(|channel| channel.iter().map(|x| x.to_bits()).collect()).collect()
    };
    bits(a) == bits(b)
}

const NODES: [&str; 9] = [
    "DeClick",
    "DeClick(channel_link: true)",
    "DeCrackle",
    "DeClip(quality: 1)",
    "DeNoise(noise_from_s: 0, noise_to_s: 1)",
    "DeNoise(profile: Adaptive)",
    "DeHum",
    "DePlosive",
    "DcRemove",
];

#[test]
fn a_broken_programme_gives_the_same_bytes_with_any_workers_and_blocks() {
    for node in NODES {
        let programme = broken_for(node);
        let graph = graph(node);
        let expected = through(&graph, &programme, 1, 2048);
        assert_eq!(expected[0].len(), programme[0].len(), "{node}");
        assert!(!same(&expected, &programme), "{node} did nothing, so this shows nothing");
        for (workers, block) in [(2, 2048), (3, 333), (1, 65_536)] {
            let other = through(&graph, &programme, workers, block);
            assert!(same(&other, &expected), "{node}: {workers} workers, blocks of {block}");
        }
    }
}

#[test]
fn music_that_is_not_broken_passes_to_the_bit() {
    let programme = music();
    for node in ["DeClick", "DeClip", "DeNoise", "DeHum", "DePlosive"] {
        let out = through(&graph(node), &programme, 2, 2048);
        assert!(same(&out, &programme), "{node}");
    }
}

#[test]
fn audition_and_what_is_left_are_the_whole() {
    for node in NODES.iter().chain(&["DcRemove(mode: HighPass)"]) {
        let programme = broken_for(node);
        let left = through(&graph(node), &programme, 2, 2048);
        let with = match node.split_once('(') {
            Some((kind, fields)) => format!("{kind}(audition: true, {fields}"),
            None => format!("{node}(audition: true)"),
        };
        let away = through(&graph(&with), &programme, 2, 2048);
        for (channel, samples) in programme.iter().enumerate() {
            for (n, sample) in samples.iter().enumerate() {
                let sum = left[channel][n] + away[channel][n];
                assert!((sum - sample).abs() < 1e-14, "{node}, frame {n}: {sum} and {sample}");
            }
        }
    }
}
