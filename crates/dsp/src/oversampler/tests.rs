#![allow(clippy::disallowed_methods, reason = "an independent reference")]

use super::*;
use deadwax_measure::signals::uniform;
use rustfft::num_complex::Complex;
use std::f64::consts::{PI, TAU};

fn db(amplitude: f64) -> f64 {
    20.0 * amplitude.log10()
}

/// The taps of a doubling as the specification has them, written out: a half-band sinc under a Kaiser window.
fn all_taps(length: usize) -> Vec<f64> {
    let half = HalfBand::new(length);
    let mut taps = vec![0.0; length];
    for (index, tap) in half.taps().iter().enumerate() {
        (taps[2 * index], taps[length - 1 - 2 * index]) = (*tap, *tap);
    }
    taps[length / 2] = 0.5;
    taps
}

/// A plain filter, sample by sample.
fn filtered(taps: &[f64], input: &[f64]) -> Vec<f64> {
    let at = |n: usize, k: usize| if k <= n { input[n - k] } else { 0.0 };
    (0..input.len()).map(|n| taps.iter().enumerate().map(|(k, tap)| tap * at(n, k)).sum()).collect()
}

/// The signal at the higher rate, and the one that comes back, the slow and obvious way.
fn naive(factor: Factor, input: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let lengths = &LENGTHS[..factor.doublings()];
    let mut high = input.to_vec();
    for length in lengths {
        let stuffed: Vec<f64> = high.iter().flat_map(|x| [2.0 * x, 0.0]).collect();
        high = filtered(&all_taps(*length), &stuffed);
    }
    let padding = Oversampler::new(factor, 0, 1).padding;
    let mut low: Vec<f64> = vec![0.0; padding].into_iter().chain(high.iter().copied()).collect();
    low.truncate(high.len());
    for length in lengths.iter().rev() {
        low = filtered(&all_taps(*length), &low).into_iter().step_by(2).collect();
    }
    (high, low)
}

fn noise(frames: usize) -> Vec<f64> {
    uniform(frames, 7)
}

/// Through `factor` and back, and what it was in between.
fn through(factor: Factor, input: &[f64], cuts: &[usize]) -> (Vec<f64>, Vec<f64>) {
    let mut oversampler = Oversampler::new(factor, 0, 1);
    let (mut high, mut output, mut begin) = (Vec::new(), input.to_vec(), 0);
    for cut in cuts.iter().cycle() {
        let end = output.len().min(begin + cut);
        oversampler.process(0, &mut output[begin..end], |samples| high.extend_from_slice(samples));
        begin = end;
        if begin == output.len() {
            return (high, output);
        }
    }
    unreachable!()
}

fn response(taps: &[f64], turns: f64) -> Complex<f64> {
    taps.iter().enumerate().map(|(n, tap)| Complex::from_polar(*tap, -TAU * turns * n as f64)).sum()
}

#[test]
fn latencies_are_those_of_the_specification() {
    let latencies = Factor::ALL.map(|factor| Oversampler::new(factor, 0, 1).latency());
    assert_eq!(latencies, [0, 99, 108, 111, 113]);
    // What the work delays is made whole too.
    assert_eq!(Oversampler::new(Factor::X8, 2, 1).latency(), 111);
    assert_eq!(Oversampler::new(Factor::X8, 3, 1).latency(), 112);
}

#[test]
fn lanes_and_polyphase_agree_with_the_plain_filters() {
    let input = noise(333);
    for factor in Factor::ALL {
        let (high, low) = naive(factor, &input);
        let (own_high, own_low) = through(factor, &input, &[333]);
        let error = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(error(&own_high, &high) < 1e-14, "{factor:?} up: {:e}", error(&own_high, &high));
        assert!(error(&own_low, &low) < 1e-14, "{factor:?} down: {:e}", error(&own_low, &low));
    }
}

#[test]
fn blocks_of_any_size_give_the_same_bits() {
    let input = noise(1500);
    for factor in Factor::ALL {
        let whole = through(factor, &input, &[1500]);
        for cuts in [&[1][..], &[7], &[64, 0, 3], &[333], &[63, 65, 1, 128]] {
            assert!(whole == through(factor, &input, cuts), "{factor:?}, {cuts:?}");
        }
    }
}

#[test]
fn the_pass_band_is_flat_within_1e_5_db_and_images_are_130_db_down() {
    // Fractions of the rate: it is the same at every rate.
    for factor in &Factor::ALL[1..] {
        let times = factor.times();
        let mut impulse = vec![0.0; 256];
        impulse[0] = 1.0;
        let (up, _) = through(*factor, &impulse, &[256]);
        // The way down, put together from its answers to an impulse at each place within a frame.
        let mut down = vec![0.0; 256 * times];
        for place in 0..times {
            let mut oversampler = Oversampler::new(*factor, 0, 1);
            let (mut output, mut first) = (vec![0.0; 256], true);
            oversampler.process(0, &mut output, |samples| {
                samples[place] = f64::from(u8::from(first));
                first = false;
            });
            for (frame, x) in output.iter().enumerate() {
                if let Some(tap) = (frame * times).checked_sub(place) {
                    down[tap] = *x;
                }
            }
        }
        let (mut ripple, mut images) = (0.0_f64, f64::NEG_INFINITY);
        for step in 0..=400 {
            let turns = PASS_OF_RATE * f64::from(step) / 400.0;
            for (taps, gain) in [(&up, times as f64), (&down, 1.0)] {
                let at = |turns: f64| db(response(taps, turns / times as f64).norm() / gain);
                ripple = ripple.max(at(turns).abs());
                for band in 1..=times / 2 {
                    images = images.max(at(band as f64 - turns)).max(at(band as f64 + turns));
                }
            }
        }
        assert!(ripple <= 1e-5, "{factor:?}: {ripple:e} dB of ripple");
        assert!(images <= -130.0, "{factor:?}: images at {images} dB");
    }
}

#[test]
fn up_and_down_again_nulls_below_115_dbfs_and_is_on_time_by_phase() {
    // DSP specification, 1.8, at every rate: content up to 20 kHz.
    for rate in [44_100.0, 48_000.0, 88_200.0, 96_000.0, 192_000.0] {
        for factor in Factor::ALL {
            let tones = [(20.0, 0.4), (997.0, 0.2), (9_973.0, 0.2), (19_999.0, 0.2)];
            let tone = |n: f64| -> f64 { tones.iter().map(|(hz, a)| a * (TAU * hz / rate * n).sin()).sum() };
            let input: Vec<f64> = (0..4_000).map(|n| tone(f64::from(n))).collect();
            let latency = Oversampler::new(factor, 0, 1).latency();
            let (_, output) = through(factor, &input, &[4_000]);
            let pairs = output[1_000..].iter().zip(&input[1_000 - latency..]);
            let residue = db(pairs.map(|(y, x)| (y - x).abs()).fold(1e-20, f64::max));
            assert!(residue <= -115.0, "{factor:?} at {rate} Hz: {residue} dBFS");
        }
    }
    // A symmetric answer to an impulse has exactly the delay of its middle, at every frequency.
    for factor in &Factor::ALL[1..] {
        let mut impulse = vec![0.0; 400];
        impulse[0] = 1.0;
        let (_, answer) = through(*factor, &impulse, &[400]);
        let latency = Oversampler::new(*factor, 0, 1).latency() as f64;
        for turns in [0.001, 997.0 / 44_100.0, 0.2, 0.45] {
            let late = -(response(&answer, turns) * Complex::from_polar(1.0, TAU * turns * latency)).arg()
                / TAU
                / turns;
            assert!(late.abs() < 1e-6, "{factor:?}: {late:e} frames off at {turns}");
        }
    }
}

#[test]
fn silence_behind_sound_is_exact_and_a_reset_is_like_new() {
    for factor in Factor::ALL {
        let mut oversampler = Oversampler::new(factor, 0, 2);
        let mut block = noise(500);
        oversampler.process(1, &mut block, |_| {});
        let mut rest = vec![0.0; oversampler.latency() + oversampler.tail() + 200];
        oversampler.process(1, &mut rest, |_| {});
        let loud = rest.iter().rposition(|x| *x != 0.0).map_or(0, |last| last + 1);
        assert!(loud <= oversampler.latency() + oversampler.tail(), "{factor:?}: sounds for {loud} frames");
        oversampler.process(1, &mut [f64::NAN; 9], |_| {});
        oversampler.reset();
        let mut again = noise(500);
        oversampler.process(1, &mut again, |_| {});
        assert!(again == block, "{factor:?}");
    }
}

#[test]
fn two_channels_side_by_side_are_the_same_as_alone() {
    let (left, right) = (noise(300), noise(600).split_off(300));
    let mut alone = [left.clone(), right.clone()];
    let mut oversampler = Oversampler::new(Factor::X8, 3, 2);
    for (index, channel) in alone.iter_mut().enumerate() {
        oversampler.process(index, channel, |high| high.iter_mut().for_each(|x| *x *= *x));
    }
    let mut both = [left, right];
    oversampler.reset();
    let [left, right] = &mut both;
    oversampler.process_pair(0, [left, right], |pair| pair.into_iter().flatten().for_each(|x| *x *= *x));
    assert!(alone == both);
}

#[test]
fn a_way_back_that_is_left_out_is_silent_anyway() {
    // What gives nothing but zeros for long is not filtered: the same bits as if it were.
    let input = noise(4_000);
    let gate = |n: usize| if (900..2_500).contains(&n) { 0.0 } else { 1.0 };
    let mut whole = input.clone();
    let (mut oversampler, mut n) = (Oversampler::new(Factor::X4, 0, 1), 0);
    oversampler.process(0, &mut whole, |samples| {
        for x in samples {
            *x *= gate(n / 4);
            n += 1;
        }
    });
    let (mut high, _) = naive(Factor::X4, &input);
    high.iter_mut().enumerate().for_each(|(n, x)| *x *= gate(n / 4));
    let mut low = [vec![0.0; oversampler.padding], high].concat();
    for length in [35, 199] {
        low = filtered(&all_taps(length), &low).into_iter().step_by(2).collect();
    }
    assert!(whole.iter().zip(&low).all(|(a, b)| (a - b).abs() < 1e-14));
    assert!(whole[1_400..2_400].iter().all(|x| *x == 0.0) && whole[3_000] != 0.0);
}

#[test]
fn the_first_stage_is_a_half_band_filter() {
    // At a quarter of its rate, gain ½ by symmetry; taps add up to 1.
    let taps = all_taps(199);
    assert!((response(&taps, 0.25).norm() - 0.5).abs() < 1e-14);
    assert!((taps.iter().sum::<f64>() - 1.0).abs() < 1e-14);
    let sinc = (0.5 * PI * 3.0).sin() / (PI * 3.0);
    assert!((taps[102] / sinc - 1.0).abs() < 0.01);
}
