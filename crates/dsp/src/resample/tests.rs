#![allow(clippy::disallowed_methods, reason = "an independent reference")]

use super::*;
use std::f64::consts::TAU;

fn tone(hz: f64, rate: u32, frames: usize) -> Vec<f64> {
    (0..frames).map(|n| (TAU * (hz * n as f64 / f64::from(rate)).fract()).sin()).collect()
}

/// Converts, with the latency taken off.
fn convert(from: u32, to: u32, input: &[f64]) -> Vec<f64> {
    let mut resampler = Resampler::new(from, to).unwrap();
    let (frames_in, frames_out) = resampler.chunk();
    let mut result = Vec::new();
    let mut output = vec![0.0; frames_out];
    for chunk in input.chunks(frames_in) {
        let mut chunk = chunk.to_vec();
        chunk.resize(frames_in, 0.0);
        resampler.process(&chunk, &mut output).unwrap();
        result.extend_from_slice(&output);
    }
    result.split_off(resampler.latency())
}

/// The middle of a converted tone, and the number of its first frame.
fn middle(from: u32, to: u32, hz: f64) -> (usize, Vec<f64>) {
    let (frames, _) = chunk(from, to).unwrap();
    let output = convert(from, to, &tone(hz, from, 14 * frames));
    let begin = output.len() / 3;
    (begin, output[begin..begin + output.len() / 2].to_vec())
}

/// Amplitude, phase in radians, and the rest in dB below the tone, by least squares against sine and cosine.
fn fit(begin: usize, samples: &[f64], turns: f64) -> (f64, f64, f64) {
    let angle = |n: usize| TAU * ((begin + n) as f64 * turns).fract();
    let (mut ss, mut cc, mut sc, mut ys, mut yc) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (n, y) in samples.iter().enumerate() {
        let (s, c) = angle(n).sin_cos();
        (ss, cc, sc, ys, yc) = (ss + s * s, cc + c * c, sc + s * c, ys + y * s, yc + y * c);
    }
    let det = ss * cc - sc * sc;
    let (a, b) = ((ys * cc - yc * sc) / det, (yc * ss - ys * sc) / det);
    let rest = samples.iter().enumerate().map(|(n, y)| {
        let (s, c) = angle(n).sin_cos();
        (y - a * s - b * c).powi(2)
    });
    let rest: f64 = rest.sum::<f64>() / samples.len() as f64;
    let amplitude = a.hypot(b);
    (amplitude, b.atan2(a), 10.0 * (rest / (amplitude * amplitude / 2.0)).log10())
}

#[test]
fn tones_come_through_190_db_clean_in_level_and_in_time() {
    for (from, to) in [(96_000, 44_100), (44_100, 48_000), (48_000, 44_100), (44_100, 192_000)] {
        for hz in [997.0, 10_007.0, 19_001.0] {
            let (begin, samples) = middle(from, to, hz);
            let turns = hz / f64::from(to);
            let (amplitude, phase, rest) = fit(begin, &samples, turns);
            let db = 20.0 * amplitude.log10();
            assert!(db.abs() <= 1e-7, "{from} to {to}, {hz} Hz: {db} dB");
            assert!(rest <= -190.0, "{from} to {to}, {hz} Hz: {rest} dB");
            // 1e-6 sample.
            assert!((phase / TAU / turns).abs() <= 1e-6, "{from} to {to}, {hz} Hz: {phase} late");
        }
    }
}

#[test]
fn the_pass_band_is_flat_to_20_khz() {
    for (from, to) in [(96_000, 44_100), (44_100, 48_000)] {
        for hz in [20.0, 5_000.0, 15_000.0, 19_500.0, 20_000.0] {
            let (begin, samples) = middle(from, to, hz);
            let db = 20.0 * fit(begin, &samples, hz / f64::from(to)).0.log10();
            assert!(db.abs() <= 1e-7, "{from} to {to}, {hz} Hz: {db} dB");
        }
    }
}

#[test]
fn what_lies_above_half_the_new_rate_is_170_db_down() {
    for hz in [22_250.0, 23_000.0, 30_000.0, 44_000.0] {
        let (_, samples) = middle(96_000, 44_100, hz);
        let power = samples.iter().map(|y| y * y).sum::<f64>() / samples.len() as f64;
        let db = 10.0 * (2.0 * power).log10();
        assert!(db <= -170.0, "{hz} Hz: {db} dB");
    }
}

#[test]
fn an_impulse_stays_where_it_was() {
    for (from, to) in [(48_000, 96_000), (96_000, 48_000), (44_100, 48_000), (96_000, 44_100)] {
        // At a frame that both rates have.
        let (at_in, at_out) = ((from / 10) as usize, (to / 10) as usize);
        let mut input = vec![0.0; 60_000];
        input[at_in] = 1.0;
        let output = convert(from, to, &input);
        let peak = (0..output.len()).max_by(|a, b| output[*a].abs().total_cmp(&output[*b].abs())).unwrap();
        assert_eq!(peak, at_out);
        for n in 1..200 {
            let skew = output[at_out + n] - output[at_out - n];
            assert!(skew.abs() < 1e-9, "{from} to {to}: {skew} at {n}");
        }
    }
}

#[test]
fn silence_stays_silence_and_follows_the_tail() {
    let mut resampler = Resampler::new(44_100, 48_000).unwrap();
    let (frames_in, frames_out) = resampler.chunk();
    let mut output = vec![1.0; frames_out];
    resampler.process(&vec![0.0; frames_in], &mut output).unwrap();
    assert!(output.iter().all(|y| *y == 0.0));
    resampler.process(&vec![0.5; frames_in], &mut output).unwrap();
    let before = output.clone();
    for _ in 0..2 {
        resampler.process(&vec![0.0; frames_in], &mut output).unwrap();
    }
    assert!(output.iter().all(|y| *y == 0.0));
    resampler.reset();
    resampler.process(&vec![0.5; frames_in], &mut output).unwrap();
    assert_eq!(output, before, "a reset is like new");
}

#[test]
fn every_usual_pair_of_rates_has_a_whole_delay() {
    let rates =
        [8_000, 11_025, 22_050, 32_000, 44_100, 48_000, 88_200, 96_000, 176_400, 192_000, 384_000, 768_000];
    for from in rates {
        for to in rates {
            let (frames_in, frames_out) = chunk(from, to).unwrap();
            assert_eq!(frames_in as u64 * u64::from(to), frames_out as u64 * u64::from(from));
            assert!(frames_in.min(frames_out) >= 4096 && frames_out.is_multiple_of(2));
        }
    }
}

#[test]
fn odd_pairs_are_refused_with_a_reason() {
    assert!(matches!(chunk(44_100, 4_000), Err(ResampleError::Rate { rate_hz: 4_000 })));
    let error = chunk(767_999, 768_000).unwrap_err();
    assert!(error.to_string().contains("third rate"), "{error}");
}

#[test]
fn a_chunk_of_another_size_is_refused() {
    let mut resampler = Resampler::new(44_100, 48_000).unwrap();
    let mut output = vec![0.0; 100];
    assert!(matches!(resampler.process(&[0.0; 100], &mut output), Err(ResampleError::Size { .. })));
}

#[test]
fn what_is_not_finite_is_refused_and_leaves_nothing_behind() {
    let mut resampler = Resampler::new(44_100, 48_000).unwrap();
    let (frames_in, frames_out) = resampler.chunk();
    let mut output = vec![0.0; frames_out];
    for poison in [f64::NAN, f64::INFINITY, 1e300] {
        let mut input = vec![0.5; frames_in];
        input[100] = poison;
        assert!(matches!(resampler.process(&input, &mut output), Err(ResampleError::NotFinite)));
    }
    resampler.process(&vec![0.0; frames_in], &mut output).unwrap();
    assert!(output.iter().all(|y| *y == 0.0));
}

/// Stereo from 96 to 44.1 kHz, 50 times as fast as it sounds.
#[test]
#[ignore = "timing"]
fn conversion_is_50_times_as_fast_as_real_time() {
    let mut pair = [Resampler::new(96_000, 44_100).unwrap(), Resampler::new(96_000, 44_100).unwrap()];
    let (frames_in, frames_out) = pair[0].chunk();
    let (input, mut output) = (tone(997.0, 96_000, frames_in), vec![0.0; frames_out]);
    let begin = std::time::Instant::now();
    for _ in 0..200 {
        for resampler in &mut pair {
            resampler.process(&input, &mut output).unwrap();
        }
    }
    let times = 200.0 * frames_in as f64 / 96_000.0 / begin.elapsed().as_secs_f64();
    assert!(times >= 50.0, "{times:.0}");
}
