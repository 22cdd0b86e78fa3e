//! How many times faster than it plays the kernels work, on one core: `cargo run --release -p deadwax-dsp --example
//! speed [music.raw]`, where the file holds interleaved stereo samples, 32-bit float. Without one, a minute of
//! synthetic music is used.

#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "a program for people")]

use deadwax_dsp::limiter::{Limiter, Settings};
use deadwax_dsp::math::db_to_gain;
use deadwax_dsp::true_peak::PeakMeter;
use std::time::Instant;

const RATE: f64 = 44_100.0;

fn main() {
    let [left, right] = std::env::args().nth(1).map_or_else(synthetic, |path| read(&path));
    let seconds = left.len() as f64 / RATE;
    let show = |what: &str, begin: Instant| {
        let took = begin.elapsed().as_secs_f64();
        println!("{what:40} {:8.0} x real time", seconds / took);
    };
    let begin = Instant::now();
    let mut peak: f64 = 0.0;
    for channel in [&left, &right] {
        let mut meter = PeakMeter::new();
        channel.chunks(4096).for_each(|part| meter.push(part));
        peak = peak.max(meter.finish().largest());
    }
    show("true peak, both meters", begin);
    println!("{:40} {:8.2} dBTP", "", 20.0 * peak.log10());
    for over_db in [-20.0, -1.0, 3.0, 6.0, 12.0] {
        let gain = db_to_gain(over_db - 1.0) / peak;
        let mut output = [&left, &right].map(|x| x.iter().map(|x| x * gain).collect::<Vec<f64>>());
        let mut limiter = Limiter::new(&Settings::default(), RATE, 2);
        let begin = Instant::now();
        let [left, right] = &mut output;
        for (left, right) in left.chunks_mut(4096).zip(right.chunks_mut(4096)) {
            limiter.process(&mut [left, right]);
        }
        show(&format!("limiter, peaks {over_db:+} dB of the ceiling"), begin);
        let begin = Instant::now();
        let held = output.iter().map(|x| {
            let mut meter = PeakMeter::new();
            meter.push(x);
            meter.finish().largest()
        });
        let held = held.fold(0.0, f64::max);
        show("true peak of that", begin);
        println!("{:40} {:8.3} dBTP, {:.2} dB deep", "", 20.0 * held.log10(), limiter.reduction().deepest_db);
    }
}

fn read(path: &str) -> [Vec<f64>; 2] {
    let bytes = std::fs::read(path).unwrap();
    let samples: Vec<f64> =
        bytes.chunks_exact(4).map(|b| f64::from(f32::from_le_bytes([b[0], b[1], b[2], b[3]]))).collect();
    [0, 1].map(|channel| samples.iter().skip(channel).step_by(2).copied().collect())
}

/// Chords with decaying partials and a noisy beat.
fn synthetic() -> [Vec<f64>; 2] {
    let mut state = 1_u64;
    let mut noise = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    };
    let mut channels = [const { Vec::new() }; 2];
    for n in 0..(60.0 * RATE) as usize {
        let time = n as f64 / RATE;
        let beat = time % 0.5;
        let hit = 0.4 * (-beat * 25.0).exp();
        for (index, channel) in channels.iter_mut().enumerate() {
            let tones: f64 = (1..12)
                .map(|k| (std::f64::consts::TAU * time * (55.0 + index as f64) * k as f64).sin() / k as f64)
                .sum();
            channel.push(0.25 * tones + hit * noise() + 0.5 * hit * (400.0 * beat).sin());
        }
    }
    channels
}
