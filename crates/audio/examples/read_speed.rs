//! How fast files are written and read: `cargo run --release -p deadwax-audio --example read_speed`.

#![allow(clippy::print_stdout, reason = "an example that prints")]

use deadwax_audio::{Container, Decoder, Encoding, Existing, Metadata, Spec, Writer};
use std::error::Error;
use std::time::Instant;

const RATE_HZ: u32 = 48_000;
const SECONDS: usize = 120;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let frames = RATE_HZ as usize * SECONDS;
    // Something between music and noise: coloured noise, two channels alike.
    let (mut state, mut slow) = (1_u64, 0.0_f64);
    let left: Vec<f64> = (0..frames)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            slow += 0.02 * ((state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0 - slow);
            slow
        })
        .collect();
    let right: Vec<f64> = left.iter().rev().zip(&left).map(|(a, b)| 0.3 * a + 0.7 * b).collect();
    println!(
        "| 120 s, stereo, 48 kHz | write, × real time | read, × real time | MiB |\n|---|---:|---:|---:|"
    );
    for (name, container, encoding) in [
        ("WAV 16 bit", Container::Wav, Encoding::Int16),
        ("WAV 24 bit", Container::Wav, Encoding::Int24),
        ("WAV 32 bit float", Container::Wav, Encoding::Float32),
        ("AIFF 24 bit", Container::Aiff, Encoding::Int24),
        ("FLAC 16 bit", Container::Flac, Encoding::Int16),
        ("FLAC 24 bit", Container::Flac, Encoding::Int24),
    ] {
        let path = folder.path().join(name);
        let spec = Spec { container, rate_hz: RATE_HZ, channels: 2, encoding, mask: None };
        let nothing = Metadata::default();
        let begun = Instant::now();
        let mut writer = Writer::create(&path, spec, &nothing, Existing::Keep, &[])?;
        for from in (0..frames).step_by(2_048) {
            let to = frames.min(from + 2_048);
            writer.write(&[&left[from..to], &right[from..to]])?;
        }
        writer.finish(&nothing)?;
        let written = SECONDS as f64 / begun.elapsed().as_secs_f64();
        let begun = Instant::now();
        let (mut decoder, mut sum) = (Decoder::open(&path)?, 0.0);
        while let Some(planes) = decoder.read()? {
            sum += planes[0][0];
        }
        let read = SECONDS as f64 / begun.elapsed().as_secs_f64();
        assert!(sum.is_finite());
        let size = std::fs::metadata(&path)?.len() as f64 / f64::from(1 << 20);
        println!("| {name} | {written:.0} | {read:.0} | {size:.1} |");
    }
    Ok(())
}
