//! Compressors, limiters, saturators.

use crate::{Table, ffmpeg, node, sine, sox};
use deadwax_dsp::true_peak::PeakMeter;
use deadwax_tests::Channels;
use std::f64::consts::TAU;

const RATE: u32 = 44_100;

#[allow(clippy::disallowed_methods, reason = "an independent reference")]
fn db(amplitude: f64) -> f64 {
    20.0 * amplitude.abs().log10()
}

/// What is left of a steady tone when the tone itself is taken out (least squares), in dB below it.
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
pub(crate) fn distortion_db(out: &[f64], hz: f64) -> f64 {
    let angle = |n: usize| TAU * (hz * n as f64 / f64::from(RATE)).fract();
    let mut sums = [0.0; 5];
    for (n, x) in out.iter().enumerate() {
        let (sin, cos) = angle(n).sin_cos();
        for (sum, term) in sums.iter_mut().zip([cos * cos, cos * sin, sin * sin, x * cos, x * sin]) {
            *sum += term;
        }
    }
    let [cc, cs, ss, xc, xs] = sums;
    let (a, b) = ((xc * ss - xs * cs) / (cc * ss - cs * cs), (xs * cc - xc * cs) / (cc * ss - cs * cs));
    let rest: f64 =
        out.iter().enumerate().map(|(n, x)| (x - a * angle(n).cos() - b * angle(n).sin()).powi(2)).sum();
    10.0 * (rest / out.len() as f64 / ((a * a + b * b) / 2.0)).log10()
}

/// Steady: the fourth second of five, which holds whole periods of a whole number of hertz.
fn steady(out: &Channels) -> &[f64] {
    &out[0][3 * RATE as usize..4 * RATE as usize]
}

#[test]
#[ignore = "opt-in: compares with ffmpeg and sox"]
fn tones_through_a_compressor() {
    let heads = ["63 % of the step, ms", "THD+N 50 Hz, dB", "THD+N 1 kHz, dB"];
    let mut table = Table::new("Compressor, −20 dB, 4:1, hard knee, 5/100 ms", &heads);
    let step: Channels =
        vec![(0..2 * RATE as usize).map(|n| if n < RATE as usize { 0.01 } else { 0.562_341 }).collect()];
    let tones = [50.0, 1000.0].map(|hz| vec![sine(RATE, hz, 0.316_227_766, 5 * RATE as usize)]);
    let figures = |run: &dyn Fn(&Channels) -> Option<Channels>| -> Option<Vec<f64>> {
        let out = run(&step)?;
        let gain = |n: usize| db(out[0][n] / step[0][n]);
        let (begin, end) = (gain(RATE as usize - 1), gain(2 * RATE as usize - 1));
        let goal = begin + (end - begin) * 0.632_120_6;
        let at = (RATE as usize..2 * RATE as usize).find(|n| gain(*n) <= goal)?;
        let ms = (at + 1 - RATE as usize) as f64 / f64::from(RATE) * 1000.0;
        let mut found = vec![ms];
        for (tone, hz) in tones.iter().zip([50.0, 1000.0]) {
            found.push(distortion_db(steady(&run(tone)?), hz));
        }
        Some(found)
    };
    let text =
        "Compressor(threshold_db: -20, ratio: 4, knee_db: 0, attack_ms: 5, release_ms: 100, window_ms: 12.5)";
    let ours = figures(&|input| Some(node(text, RATE, input).remove(0)));
    let values = ours.clone().unwrap();
    assert!((values[0] - 5.0).abs() < 0.03 && values[1] <= -120.0 && values[2] <= -120.0, "{values:?}");
    table.row("ours, PeakHold", ours);
    let theirs = "acompressor=threshold=0.1:ratio=4:attack=5:release=100:knee=1:detection=peak:makeup=1";
    table.row("ffmpeg acompressor", figures(&|input| ffmpeg(theirs, RATE, input)));
    table.row("SoX compand", figures(&|input| sox("compand 0.005,0.1 -100,-100,-20,-20,0,-15", RATE, input)));
    table.print();
}

#[test]
#[ignore = "opt-in: compares with ffmpeg"]
fn peaks_behind_a_limiter() {
    let heads = [
        "worst over, Annex 2, dB",
        "worst over, reference, dB",
        "THD+N 50 Hz",
        "THD+N 1 kHz",
        "drums RMS, dBFS",
    ];
    let mut table = Table::new("Limiter at −1 dBTP on signals that limiters fail on", &heads);
    let signals = deadwax_measure::signals::nasty(f64::from(RATE), 2.0);
    let tones = [50.0, 1000.0].map(|hz| vec![sine(RATE, hz, 2.0, 5 * RATE as usize)]);
    let figures = |run: &dyn Fn(&Channels) -> Option<Channels>| -> Option<Vec<f64>> {
        let (mut annex, mut reference, mut drums) = (f64::NEG_INFINITY, f64::NEG_INFINITY, 0.0);
        for (name, signal) in &signals {
            let out = run(&vec![signal.clone()])?;
            let mut meter = PeakMeter::new();
            meter.push(&out[0]);
            let peaks = meter.finish();
            annex = annex.max(db(peaks.annex_2) + 1.0);
            reference = reference.max(db(peaks.reference) + 1.0);
            if *name == "drums" {
                let mean = out[0].iter().map(|x| x * x).sum::<f64>() / out[0].len() as f64;
                drums = db(mean.sqrt());
            }
        }
        let mut found = vec![annex, reference];
        for (tone, hz) in tones.iter().zip([50.0, 1000.0]) {
            found.push(distortion_db(steady(&run(tone)?), hz));
        }
        found.push(drums);
        Some(found)
    };
    let ours = figures(&|input| Some(node("Limiter(ceiling_dbtp: -1)", RATE, input).remove(0)));
    let values = ours.clone().unwrap();
    assert!(values[0] <= 0.01 && values[1] <= 0.01, "{values:?}");
    assert!(values[2] <= -90.0 && values[3] <= -100.0 && values[4] >= -14.5, "{values:?}");
    table.row("ours", ours);
    let plain = "alimiter=limit=0.891251:level=0:attack=5:release=50";
    let over = format!(
        "aresample=176400:resampler=soxr:precision=28,{plain},aresample=44100:resampler=soxr:precision=28"
    );
    let swr = format!("aresample=176400,{plain},aresample=44100");
    table.row("ffmpeg alimiter", figures(&|input| ffmpeg(plain, RATE, input)));
    let soxr = ffmpeg("aresample=44100:resampler=soxr", RATE, &vec![vec![0.0; 100]]).is_some();
    table.row("ffmpeg 4× alimiter", figures(&|input| ffmpeg(if soxr { &over } else { &swr }, RATE, input)));
    table.print();
}

/// The strongest line up to 20 kHz that is no harmonic of `hz`, in dB below the tone, in the third second.
fn alias_dbc(out: &[f64], hz: u32) -> f64 {
    let second = RATE as usize;
    let mut points: Vec<_> =
        out[2 * second..3 * second].iter().map(|x| rustfft::num_complex::Complex::new(*x, 0.0)).collect();
    deadwax_dsp::fft::Transform::new(second, deadwax_dsp::fft::Kind::Fast).forward(&mut points);
    let size = |bin: u32| points[bin as usize].norm_sqr().sqrt();
    let others = (1..=20_000).filter(|bin| bin % hz != 0).map(size).fold(0.0, f64::max);
    db(others / size(hz))
}

#[test]
#[ignore = "opt-in: compares with ffmpeg and sox"]
fn what_saturation_folds_back() {
    let hz = [1244_u32, 4999, 9973];
    let mut table = Table::new(
        "Worst alias up to 20 kHz of a sine 12 dB over the knee, dBc",
        &["1244 Hz", "4999 Hz", "9973 Hz"],
    );
    let figures = |run: &dyn Fn(&Channels) -> Option<Channels>| -> Option<Vec<f64>> {
        let one = |hz: u32| {
            let tone = vec![sine(RATE, f64::from(hz), 1.0, 4 * RATE as usize)];
            run(&tone).map(|out| alias_dbc(&out[0], hz))
        };
        hz.into_iter().map(one).collect()
    };
    let ours = |text: &str, most: [f64; 3], table: &mut Table, name: &str| {
        let found = figures(&|input| Some(node(text, RATE, input).remove(0)));
        let values = found.clone().unwrap();
        assert!(values.iter().zip(most).all(|(is, most)| *is <= most), "{name}: {values:?}");
        table.row(name, found);
    };
    let tanh = "Saturator(curve: Tanh, drive_db: 12.0412, match_loudness: false, dc_block: false)";
    ours(tanh, [-180.0, -150.0, -110.0], &mut table, "ours, tanh 8×");
    let hard = "Clipper(shape: Hard, drive_db: 12.0412, ceiling_db: 0)";
    ours(hard, [-130.0, -105.0, -105.0], &mut table, "ours, hard 8× and ADAA");
    for (name, filter) in [
        ("ffmpeg asoftclip tanh", "volume=4:precision=double,asoftclip=type=tanh"),
        ("ffmpeg asoftclip tanh 4×", "volume=4:precision=double,asoftclip=type=tanh:oversample=4"),
    ] {
        table.row(name, figures(&|input| ffmpeg(filter, RATE, input)));
    }
    table.row("SoX overdrive", figures(&|input| sox("overdrive 12 0", RATE, input)));
    table.print();
}
