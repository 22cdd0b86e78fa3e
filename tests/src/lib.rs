//! What the tests across crates share: signals, and rendering in memory.

use deadwax_audio::Decoder;
use deadwax_engine::{MemorySink, MemorySource, Options, Outcome, RunError, RunOptions, compile, run};
use deadwax_graph::Graph;
use deadwax_node::{Format, Layout};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// `[channel][frame]`.
pub type Channels = Vec<Vec<f64>>;

/// The folder of the graphs that ship.
#[must_use]
pub fn graphs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../graphs")
}

/// What stands in an audio file.
///
/// # Panics
/// When it cannot be read.
#[must_use]
pub fn samples(path: &Path) -> Channels {
    let mut decoder = Decoder::open(path).unwrap();
    let mut all = vec![Vec::new(); decoder.info().channels];
    while let Some(planes) = decoder.read().unwrap() {
        all.iter_mut().zip(planes).for_each(|(all, plane)| all.extend_from_slice(plane));
    }
    all
}

/// A small programme with what mixes have: a bass, chords that spread, a kick and a noisy snare, loud and soft parts. The
/// same samples everywhere.
#[must_use]
pub fn mix(rate_hz: u32, seconds: f64) -> Channels {
    use deadwax_dsp::math::{exp, sin};
    let rate = f64::from(rate_hz);
    let frames = (rate * seconds) as usize;
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut noise = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    };
    let turn = std::f64::consts::TAU;
    let mut channels = vec![Vec::with_capacity(frames), Vec::with_capacity(frames)];
    for n in 0..frames {
        let t = n as f64 / rate;
        let bar = (t / 2.0) as usize;
        let root = [55.0, 73.42, 65.41, 49.0][bar % 4];
        let loud = if bar % 4 < 2 { 0.5 } else { 1.0 };
        let beat = t % 0.5;
        let kick = exp(-beat * 18.0) * sin(turn * (50.0 * beat + 9.0 * (1.0 - exp(-beat * 40.0))));
        let snare = exp(-((t + 0.5) % 1.0) * 22.0) * noise();
        let bass = sin(turn * root * t) + 0.3 * sin(turn * 2.0 * root * t);
        let chord = |detune: f64| {
            [2.0, 2.5, 3.0].iter().map(|m| sin(turn * root * m * 2.0 * (1.0 + detune) * t)).sum::<f64>()
        };
        let middle = 0.28 * kick + 0.12 * snare + 0.10 * bass;
        channels[0].push(loud * (middle + 0.045 * chord(0.0013)));
        channels[1].push(loud * (middle + 0.045 * chord(-0.0011)));
    }
    channels
}

/// Writes `channels` as a WAV file of 24 bit.
///
/// # Panics
/// When the disk refuses.
pub fn write_wav(path: &Path, rate_hz: u32, channels: &Channels) {
    let spec = hound::WavSpec {
        channels: u16::try_from(channels.len()).unwrap(),
        sample_rate: rate_hz,
        bits_per_sample: 24,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    for frame in 0..channels[0].len() {
        for channel in channels {
            writer.write_sample((channel[frame] * 8_388_607.0).round() as i32).unwrap();
        }
    }
    writer.finalize().unwrap();
}

/// Runs `channels` through `graph` in memory; gives back every output.
///
/// # Errors
/// What the engine says.
///
/// # Panics
/// When the graph does not compile.
pub fn run_graph(
    graph: &Graph,
    rate_hz: u32,
    channels: &Channels,
    options: &Options,
) -> Result<(Vec<MemorySink>, Outcome), RunError> {
    let format = Format::new(rate_hz, Layout::of_channels(channels.len()).unwrap());
    let mut compiled = compile(graph, format, options).unwrap_or_else(|errors| panic!("{errors:?}"));
    let mut source = MemorySource::new(format, channels.clone());
    let mut sinks = vec![MemorySink::default(); compiled.plan.outputs.len()];
    let cancel = AtomicBool::new(false);
    let options =
        RunOptions { spool_memory: 1 << 30, spool_limit: 1 << 40, cancel: &cancel, progress: &|_| {} };
    let mut taken: Vec<&mut dyn deadwax_engine::Sink> = sinks.iter_mut().map(|sink| sink as _).collect();
    let outcome = run(&mut compiled, &mut source, &mut taken, &options)?;
    drop(taken);
    Ok((sinks, outcome))
}
