#![allow(clippy::disallowed_methods, reason = "an independent reference")]

use super::*;
use std::f64::consts::TAU;

fn tone(hz: f64, rate: u32, frames: usize) -> Vec<f64> {
    (0..frames).map(|n| (TAU * (hz * n as f64 / f64::from(rate)).fract()).sin()).collect()
}

const DEFAULT: Settings =
    Settings { quality: Quality::Mastering, bandwidth: 0.974, phase: Phase::Linear, portable: false };
const STEEPEST: Settings = Settings { bandwidth: 0.995, ..DEFAULT };
const PORTABLE: Settings = Settings { portable: true, ..DEFAULT };

/// Converts, with the latency taken off.
fn convert(from: u32, to: u32, settings: &Settings, input: &[f64]) -> Vec<f64> {
    let mut resampler = Resampler::new(from, to, settings).unwrap();
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
fn middle(from: u32, to: u32, settings: &Settings, hz: f64) -> (usize, Vec<f64>) {
    let (frames, _) = chunk(from, to, settings).unwrap();
    let output = convert(from, to, settings, &tone(hz, from, (14 * frames).max(60_000)));
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

/// All pairs that the specification names, and the way to and from the other usual rates.
const PAIRS: [(u32, u32); 8] = [
    (96_000, 44_100),
    (44_100, 48_000),
    (48_000, 44_100),
    (44_100, 192_000),
    (192_000, 48_000),
    (88_200, 44_100),
    (48_000, 96_000),
    (192_000, 88_200),
];

/// Level, phase and cleanness of three tones; the level at some more.
fn holds(pairs: &[(u32, u32)], settings: &Settings, ripple_db: f64, clean_db: f64) {
    for (from, to) in pairs {
        for hz in [997.0, 10_007.0, 19_001.0] {
            let (begin, samples) = middle(*from, *to, settings, hz);
            let turns = hz / f64::from(*to);
            let (amplitude, phase, rest) = fit(begin, &samples, turns);
            let db = 20.0 * amplitude.log10();
            assert!(db.abs() <= ripple_db, "{from} to {to}, {hz} Hz: {db} dB, {settings:?}");
            assert!(rest <= -clean_db, "{from} to {to}, {hz} Hz: {rest} dB, {settings:?}");
            if settings.phase == Phase::Linear {
                // 1e-6 sample.
                let late = phase / TAU / turns;
                assert!(late.abs() <= 1e-6, "{from} to {to}, {hz} Hz: {late} late");
            }
        }
        for hz in [20.0, 5_000.0, 15_000.0, 19_500.0, 20_000.0] {
            let (begin, samples) = middle(*from, *to, settings, hz);
            let db = 20.0 * fit(begin, &samples, hz / f64::from(*to)).0.log10();
            assert!(db.abs() <= ripple_db, "{from} to {to}, {hz} Hz: {db} dB, {settings:?}");
        }
    }
}

/// The largest level of tones above half the new rate.
fn alias_db(settings: &Settings) -> f64 {
    let level = |hz: f64| {
        let (_, samples) = middle(96_000, 44_100, settings, hz);
        let power = samples.iter().map(|y| y * y).sum::<f64>() / samples.len() as f64;
        10.0 * (2.0 * power).log10()
    };
    [22_250.0, 23_000.0, 30_000.0, 44_000.0].into_iter().map(level).fold(f64::NEG_INFINITY, f64::max)
}

/// Spec 3.9, the default: ripple ≤ 1e-7 dB to 20 kHz, SNR ≥ 190 dB, alias at 22.25 kHz ≤ −170 dB; in time to 1e-6 sample.
#[test]
fn the_default_is_flat_to_1e_7_db_clean_to_190_db_and_in_time_to_1e_6() {
    holds(&PAIRS, &DEFAULT, 1e-7, 190.0);
    let alias = alias_db(&DEFAULT);
    assert!(alias <= -170.0, "{alias} dB");
}

/// Spec 3.9, steep (0.995): ripple ≤ 1e-8 dB, SNR ≥ 200 dB, alias ≤ −195 dB.
#[test]
fn the_steepest_is_flat_to_1e_8_db_and_clean_to_200_db() {
    holds(&PAIRS, &STEEPEST, 1e-8, 200.0);
    let alias = alias_db(&STEEPEST);
    assert!(alias <= -195.0, "{alias} dB");
}

/// Our own filters keep the same figures, with the same bits on every CPU.
#[test]
fn portable_filters_do_as_well() {
    holds(&PAIRS, &PORTABLE, 1e-7, 190.0);
    assert!(alias_db(&PORTABLE) <= -170.0);
    let steep = Settings { bandwidth: 0.995, ..PORTABLE };
    holds(&PAIRS[..2], &steep, 1e-8, 200.0);
    assert!(alias_db(&steep) <= -195.0);
}

#[test]
fn minimum_phase_has_the_same_magnitude_and_nothing_rings_before() {
    let minimum = Settings { phase: Phase::Minimum, ..DEFAULT };
    holds(&PAIRS[..2], &minimum, 1e-6, 170.0);
    let alias = alias_db(&minimum);
    assert!(alias <= -170.0, "{alias} dB");
    for (from, to) in [(96_000, 48_000), (44_100, 48_000)] {
        let mut input = vec![0.0; 40_000];
        input[from as usize / 10] = 1.0;
        let output = convert(from, to, &minimum, &input);
        let at = to as usize / 10;
        let energy = |part: &[f64]| part.iter().map(|y| y * y).sum::<f64>();
        let before = energy(&output[..at - 20]) / energy(&output);
        assert!(before < 1e-12, "{from} to {to}: {before:e}");
        // The low end is where it was, to half a frame.
        let middle = |f: &dyn Fn(usize) -> f64| output.iter().enumerate().map(|(n, y)| f(n) * y).sum::<f64>();
        let delay = middle(&|n| n as f64) / middle(&|_| 1.0);
        assert!((delay - at as f64).abs() <= 0.5, "{from} to {to}: {delay}");
    }
}

#[test]
fn a_gentler_filter_rings_less_and_is_3_db_down_where_it_says() {
    for (bandwidth, portable) in [(0.90, false), (0.95, false), (0.974, true), (0.974, false), (0.995, true)]
    {
        let settings = Settings { bandwidth, portable, ..DEFAULT };
        let hz = bandwidth * 22_050.0;
        let (begin, samples) = middle(96_000, 44_100, &settings, hz);
        let db = 20.0 * fit(begin, &samples, hz / 44_100.0).0.log10();
        // What is not our own may leave a little more of the band.
        let least = if settings.is_own() { 0.5 } else { 3.1 };
        assert!((db + 3.01).abs() < least && db >= -3.5, "{bandwidth}: {db} dB");
    }
    let ringing = |bandwidth: f64| {
        let mut input = vec![0.0; 60_000];
        input[9_600] = 1.0;
        let output = convert(96_000, 44_100, &Settings { bandwidth, ..DEFAULT }, &input);
        output[..4410 - 50].iter().map(|y| y * y).sum::<f64>()
    };
    assert!(ringing(0.90) < 0.1 * ringing(0.974) && ringing(0.974) < 0.5 * ringing(0.995));
}

#[test]
fn fast_is_good_enough_for_16_bits() {
    let fast = Settings { quality: Quality::Fast, ..DEFAULT };
    for settings in [fast, Settings { portable: true, ..fast }] {
        holds(&PAIRS[..2], &settings, 1e-3, 90.0);
        let alias = alias_db(&settings);
        assert!(alias <= -90.0, "{alias} dB, {settings:?}");
    }
}

#[test]
fn an_impulse_stays_where_it_was() {
    for settings in [DEFAULT, STEEPEST, PORTABLE, Settings { bandwidth: 0.92, ..DEFAULT }] {
        for (from, to) in [(48_000, 96_000), (96_000, 48_000), (44_100, 48_000), (96_000, 44_100)] {
            // At a frame that both rates have.
            let (at_in, at_out) = ((from / 10) as usize, (to / 10) as usize);
            let mut input = vec![0.0; 60_000];
            input[at_in] = 1.0;
            let output = convert(from, to, &settings, &input);
            let peak =
                (0..output.len()).max_by(|a, b| output[*a].abs().total_cmp(&output[*b].abs())).unwrap();
            assert_eq!(peak, at_out);
            for n in 1..200 {
                let skew = output[at_out + n] - output[at_out - n];
                assert!(skew.abs() < 1e-9, "{from} to {to}: {skew} at {n}");
            }
        }
    }
}

#[test]
fn silence_stays_silence_and_follows_the_tail() {
    let mut resampler = Resampler::new(44_100, 48_000, &DEFAULT).unwrap();
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
            let (frames_in, frames_out) = chunk(from, to, &STEEPEST).unwrap();
            assert_eq!(frames_in as u64 * u64::from(to), frames_out as u64 * u64::from(from));
            assert!(frames_in.min(frames_out) >= 3000 && frames_out.is_multiple_of(2));
        }
    }
}

#[test]
fn odd_pairs_are_refused_with_a_reason() {
    assert!(matches!(chunk(44_100, 4_000, &DEFAULT), Err(ResampleError::Rate { rate_hz: 4_000 })));
    let error = chunk(767_999, 768_000, &DEFAULT).unwrap_err();
    assert!(error.to_string().contains("third rate"), "{error}");
}

#[test]
fn a_chunk_of_another_size_is_refused() {
    let mut resampler = Resampler::new(44_100, 48_000, &DEFAULT).unwrap();
    let mut output = vec![0.0; 100];
    assert!(matches!(resampler.process(&[0.0; 100], &mut output), Err(ResampleError::Size { .. })));
}

#[test]
fn what_is_not_finite_is_refused_and_leaves_nothing_behind() {
    let mut resampler = Resampler::new(44_100, 48_000, &DEFAULT).unwrap();
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
    let mut pair = [0, 1].map(|_| Resampler::new(96_000, 44_100, &DEFAULT).unwrap());
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
