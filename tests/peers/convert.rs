//! Sample rate, word length, loudness.

use crate::dynamics::distortion_db;
use crate::{Table, ffmpeg, ffmpeg_to, node, sine, sox_to};
use deadwax_dsp::dither::{hearing, itu_r_468};
use deadwax_dsp::fft::{Kind, Transform};
use deadwax_dsp::math::{log10, power_to_db};
use deadwax_engine::Options;
use deadwax_graph::{Memory, Overrides, load};
use deadwax_measure::signals::Music;
use deadwax_measure::{Meter, Wanted};
use deadwax_tests::{Channels, run_graph};
use std::process::Command;

const FROM: u32 = 96_000;
const TO: u32 = 44_100;

/// The middle of two seconds.
fn middle(out: &Channels) -> &[f64] {
    &out[0][out[0].len() / 4..out[0].len() * 3 / 4]
}

/// The level of a signal, in dB of a full-scale sine.
fn level_db(signal: &[f64]) -> f64 {
    10.0 * log10(2.0 * signal.iter().map(|x| x * x).sum::<f64>() / signal.len() as f64)
}

#[test]
#[ignore = "opt-in: compares with ffmpeg and sox"]
fn from_96_to_44_1_khz() {
    let heads = ["ripple to 20 kHz, dB", "22.25 kHz, dB", "SNR 997 Hz", "SNR 10007 Hz", "SNR 19001 Hz"];
    let mut table = Table::new("Sample rate, 96 to 44.1 kHz", &heads);
    let tone = |hz: f64| vec![sine(FROM, hz, 1.0, 2 * FROM as usize)];
    let figures = |run: &dyn Fn(&Channels) -> Option<Channels>| -> Option<Vec<f64>> {
        let mut ripple = 0.0_f64;
        // Half a second holds whole periods of all of these.
        for hz in [40.0, 1000.0, 5000.0, 10_000.0, 15_000.0, 18_000.0, 19_500.0, 20_000.0] {
            let out = run(&tone(hz))?;
            ripple = ripple.max(level_db(&middle(&out)[..22_050]).abs());
        }
        let mut found = vec![ripple, level_db(middle(&run(&tone(22_250.0))?))];
        for hz in [997.0, 10_007.0, 19_001.0] {
            found.push(-distortion_db(middle(&run(&tone(hz))?), hz));
        }
        Some(found)
    };
    for (name, text, bounds) in [
        ("ours", "Resample(rate_hz: 44100)", [1e-7, -170.0, 190.0]),
        ("ours, 0.995", "Resample(rate_hz: 44100, bandwidth: 0.995)", [1e-8, -195.0, 200.0]),
    ] {
        let ours = figures(&|input| Some(node(text, FROM, input).remove(0)));
        let values = ours.clone().unwrap();
        assert!(values[0] <= bounds[0] && values[1] <= bounds[1], "{name}: {values:?}");
        assert!(values[2..].iter().all(|snr| *snr >= bounds[2]), "{name}: {values:?}");
        table.row(name, ours);
    }
    let pair = [FROM, TO];
    for (name, effects) in [("SoX rate -v", "rate -v 44100"), ("SoX rate -h", "rate -h 44100")] {
        table.row(name, figures(&|input| sox_to(effects, pair, input)));
    }
    table.row("ffmpeg swr", figures(&|input| ffmpeg_to("aresample=44100", pair, input)));
    if ffmpeg_to("aresample=44100:resampler=soxr", pair, &vec![vec![0.0; 100]]).is_some() {
        for precision in [28, 33] {
            let filter = format!("aresample=44100:resampler=soxr:precision={precision}");
            table.row(&format!("ffmpeg soxr {precision}"), figures(&|input| ffmpeg_to(&filter, pair, input)));
        }
    }
    table.print();
}

/// Words of 16 bits made by another program; `None` where it is not here.
fn words(program: &str, input: &[f64], arguments: impl Fn(&str, &str) -> Vec<String>) -> Option<Vec<f64>> {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (folder.path().join("in.raw"), folder.path().join("out.raw"));
    std::fs::write(&from, input.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>()).unwrap();
    let arguments = arguments(&from.display().to_string(), &to.display().to_string());
    let done = Command::new(program).args(&arguments).output().ok()?;
    if !done.status.success() {
        return None;
    }
    let bytes = std::fs::read(&to).unwrap();
    Some(
        bytes.as_chunks::<2>().0.iter().map(|word| f64::from(i16::from_le_bytes(*word)) / 32_768.0).collect(),
    )
}

fn sox_words(effect: &str, input: &[f64]) -> Option<Vec<f64>> {
    words("sox", input, |from, to| {
        let raw = format!(
            "-V1 -t raw -e floating-point -b 64 -r 44100 -c 1 {from} -t raw -e signed -b 16 {to} {effect}"
        );
        raw.split(' ').map(str::to_owned).collect()
    })
}

fn ffmpeg_words(dither: &str, input: &[f64]) -> Option<Vec<f64>> {
    words("ffmpeg", input, |from, to| {
        let raw = format!(
            "-v error -y -f f64le -ar 44100 -ac 1 -i {from} -af aresample=osf=s16:dither_method={dither} -f s16le {to}"
        );
        raw.split(' ').map(str::to_owned).collect()
    })
}

/// The noise of `out` against `input`: all, weighted by ITU-R 468, over the threshold of hearing; in dBFS.
fn noise_db(input: &[f64], out: &[f64]) -> Vec<f64> {
    const SIZE: usize = 1 << 14;
    let mut transform = Transform::new(SIZE, Kind::Fast);
    let mut sums = [0.0; 3];
    let mut parts = 0;
    let errors: Vec<f64> = out.iter().zip(input).map(|(y, x)| y - x).collect();
    let hann = |n: usize| 0.5 - 0.5 * deadwax_dsp::math::cos(std::f64::consts::TAU * n as f64 / SIZE as f64);
    for part in errors.chunks_exact(SIZE) {
        let windowed = part.iter().enumerate().map(|(n, x)| hann(n) * x);
        let mut points: Vec<_> = windowed.map(|x| rustfft::num_complex::Complex::new(x, 0.0)).collect();
        transform.forward(&mut points);
        for (bin, point) in points.iter().enumerate().take(SIZE / 2).skip(1) {
            let hz = bin as f64 * f64::from(TO) / SIZE as f64;
            for (sum, weight) in sums.iter_mut().zip([1.0, itu_r_468(hz), hearing(hz)]) {
                *sum += 2.0 * weight * point.norm_sqr();
            }
        }
        parts += 1;
    }
    sums.iter()
        .map(|sum| power_to_db(2.0 * sum / (0.375 * SIZE as f64 * SIZE as f64 * f64::from(parts))))
        .collect()
}

#[test]
#[ignore = "opt-in: compares with ffmpeg and sox"]
fn words_of_16_bits() {
    let heads = ["total, dBFS", "468-weighted", "over the threshold of hearing"];
    let mut table = Table::new("Noise of 16 bits at 44.1 kHz, under music", &heads);
    let music = Music { rate_hz: f64::from(TO), seconds: 8.0, seed: 1 }.render();
    let input: Vec<f64> = music[0].iter().map(|x| 0.5 * x).collect();
    let figures = |out: Option<Vec<f64>>| out.map(|out| noise_db(&input, &out));
    for (name, shape, most) in [
        ("ours, tpdf", "None", [-93.2, -86.3, -97.0]),
        ("ours, mild", "Mild", [-86.0, -92.8, -104.0]),
        ("ours, balanced", "Balanced", [-79.0, -95.1, -106.0]),
        ("ours, deep", "Deep", [-65.0, -83.0, -118.7]),
    ] {
        let out = node(&format!("Dither(shape: {shape})"), TO, &vec![input.clone()]).remove(0).remove(0);
        let ours = figures(Some(out));
        let values = ours.clone().unwrap();
        assert!(values.iter().zip(most).all(|(is, most)| *is <= most), "{name}: {values:?}");
        table.row(name, ours);
    }
    table.row("SoX dither", figures(sox_words("dither", &input)));
    for shape in ["low-shibata", "shibata", "high-shibata", "gesemann", "lipshitz"] {
        table.row(&format!("SoX {shape}"), figures(sox_words(&format!("dither -f {shape}"), &input)));
    }
    for method in ["rectangular", "triangular", "triangular_hp", "shibata", "high_shibata"] {
        table.row(&format!("ffmpeg {method}"), figures(ffmpeg_words(method, &input)));
    }
    table.print();
}

/// Loudness and the higher of both true peaks.
fn measured(channels: &Channels) -> Vec<f64> {
    let wanted = Wanted { windows: false, history: false, psr: false, ..Wanted::ALL };
    let mut meter = Meter::new(TO, 2, wanted).unwrap();
    meter.push(&[&channels[0], &channels[1]]);
    let measured = meter.finish();
    vec![measured.integrated_lufs.unwrap(), measured.true_peak_dbtp.unwrap()]
}

/// ffmpeg's loudnorm, which hears the programme first, and then again with what it heard.
fn loudnorm(target: f64, input: &Channels) -> Option<Channels> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("in.raw");
    let frames = input[0].len();
    let bytes: Vec<u8> =
        (0..frames).flat_map(|n| input.iter().flat_map(move |c| c[n].to_le_bytes())).collect();
    std::fs::write(&path, bytes).unwrap();
    let how = format!("loudnorm=I={target}:TP=-1:LRA=11");
    let text = format!(
        "-hide_banner -f f64le -ar {TO} -ac 2 -i {} -af {how}:print_format=json -f null -",
        path.display()
    );
    let done = Command::new("ffmpeg").args(text.split(' ')).output().ok()?;
    let told = String::from_utf8_lossy(&done.stderr).into_owned();
    let json: serde_json::Value = serde_json::from_str(&told[told.rfind('{')?..=told.rfind('}')?]).ok()?;
    let value = |name: &str| json[name].as_str().map(str::to_owned);
    let (i, tp) = (value("input_i")?, value("input_tp")?);
    let (lra, thresh, offset) = (value("input_lra")?, value("input_thresh")?, value("target_offset")?);
    let again = format!(
        "{how}:measured_I={i}:measured_TP={tp}:measured_LRA={lra}:measured_thresh={thresh}:offset={offset}:linear=true"
    );
    ffmpeg(&again, TO, input)
}

#[test]
#[ignore = "opt-in: compares with ffmpeg"]
fn a_loudness_delivered() {
    let input: Channels = Music { rate_hz: f64::from(TO), seconds: 12.0, seed: 1 }.render().into();
    let mut table = Table::new("Delivered at −1 dBTP", &["LUFS", "true peak, dBTP"]);
    for target in [-14.0, -11.0, -9.0] {
        let text = format!(
            "Graph(format: 1, nodes: {{ level: Loudness(target_lufs: {target}), peak: Limiter(ceiling_dbtp: -1) }}, \
             wires: [\"input -> level -> peak -> output\"])"
        );
        let memory = Memory::new().with("main.ron", text);
        let graph = load(&deadwax_nodes::registry(), &memory, "main.ron", &Overrides::none()).unwrap();
        let (sinks, outcome) = run_graph(&graph, TO, &input, &Options::default()).unwrap();
        let ours = measured(&sinks[0].channels);
        let reached = outcome.goals[0].1.to_json()["reached"] == serde_json::Value::Bool(true);
        assert!(ours[1] <= -0.99 && (!reached || (ours[0] - target).abs() <= 0.05), "{ours:?}");
        let said = if reached { "" } else { " (said to be out of reach)" };
        table.row(&format!("ours, {target} LUFS{said}"), Some(ours));
        table.row(
            &format!("ffmpeg loudnorm, {target} LUFS"),
            loudnorm(target, &input).map(|out| measured(&out)),
        );
    }
    table.print();
}
