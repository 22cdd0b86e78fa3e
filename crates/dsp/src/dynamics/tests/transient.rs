//! Attacks and what follows them, at any level.

use super::*;
use crate::dynamics::{Transient, TransientShaper};

pub(super) fn shape() -> Transient {
    Transient { attack_db: 9.0, sustain_db: 0.0, sensitivity: 0.5, lookahead_s: 0.003, link: 1.0, mix: 1.0 }
}

/// The gain in dB that each frame of a mono signal gets, the latency taken off.
fn gains(shape: &Transient, rate: f64, signal: &[f64]) -> Vec<f64> {
    let mut kernel = TransientShaper::new(shape, rate, 1, 1);
    let mut padded = signal.to_vec();
    padded.extend(vec![0.0; kernel.latency()]);
    let mut gains = Vec::new();
    let mut ones = vec![1.0; CHUNK];
    for chunk in padded.chunks(CHUNK) {
        kernel.hear(0, chunk);
        kernel.follow(chunk.len());
        ones.fill(1.0);
        // Ones come out of the delay as zeros at first.
        kernel.apply(0, &mut ones[..chunk.len()]);
        gains.extend(ones[..chunk.len()].iter().map(|gain| db(*gain)));
    }
    gains.split_off(kernel.latency())
}

/// Notes: an onset every 0.4 s from about −40 dB, a decay of 60 dB/s.
fn notes(rate: f64, seconds: f64, level: f64) -> Vec<f64> {
    (0..(rate * seconds) as usize)
        .map(|n| n as f64 / rate)
        .map(|t| level * (0.01 + 10f64.powf(-3.0 * (t % 0.4))) * (2.0 * PI * 500.0 * t).sin())
        .collect()
}

/// Spec 3.3: level-independent.
#[test]
fn loud_and_soft_notes_are_shaped_alike() {
    let shape = Transient { sustain_db: -6.0, ..shape() };
    let loud = gains(&shape, 44.1e3, &notes(44.1e3, 1.2, 1.0));
    let soft = gains(&shape, 44.1e3, &notes(44.1e3, 1.2, 1e-4));
    let worst = loud.iter().zip(&soft).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(worst < 1e-9, "{worst:e} dB");
    assert!(loud.iter().any(|gain| *gain > 6.0));
}

/// Spec 3.3: the gain is there at the onset. A jump of 30 dB counts 0.96 at a half of 6 dB.
#[test]
fn the_gain_is_there_at_the_onset_and_not_long_before() {
    for rate in RATES {
        for lookahead_s in [0.0, 0.0005, 0.003, 0.02] {
            let begin = (0.3 * rate) as usize;
            let mut signal = vec![10f64.powf(-1.5); begin];
            signal.extend(vec![1.0; (0.3 * rate) as usize]);
            let shape = Transient { lookahead_s, ..shape() };
            let gains = gains(&shape, rate, &signal);
            // The slow envelope has taken its first step too.
            let step = 1.0 - (-1.0 / (0.025 * rate)).exp();
            let ahead = -db(10f64.powf(-1.5) + step * (1.0 - 10f64.powf(-1.5)));
            let expected = 9.0 * ahead * ahead / (ahead * ahead + 36.0);
            let found = gains[begin];
            assert!(
                (found - expected).abs() < 0.01,
                "{lookahead_s} s at {rate} Hz: {found}, not {expected} dB"
            );
            let early = begin - (lookahead_s * rate) as usize - 3;
            assert!(gains[early].abs() < 0.01, "{lookahead_s} s at {rate} Hz: early by {} dB", gains[early]);
            let rise = gains[early..=begin].windows(2).map(|pair| pair[1] - pair[0]).fold(0.0, f64::max);
            let steepest = 9.0 * 2.2 / (lookahead_s * rate).max(1.0);
            assert!(rise <= steepest + 1e-9, "{rise} dB in a frame");
        }
    }
}

#[test]
fn a_steady_tone_is_left_alone() {
    let shape = Transient { attack_db: 24.0, sustain_db: -24.0, sensitivity: 1.0, ..shape() };
    for rate in RATES {
        for hz in [41.0, 997.3] {
            let tone = sine(hz, -10.0, rate, (1.5 * rate) as usize);
            let gains = gains(&shape, rate, &tone);
            let late = &gains[rate as usize..tone.len() - (0.03 * rate) as usize];
            let most = late.iter().fold(0.0, |most: f64, gain| most.max(gain.abs()));
            assert!(most < 0.01, "{hz} Hz at {rate} Hz: {most} dB");
        }
    }
}

#[test]
fn sustain_lifts_what_dies_away_and_leaves_the_attack() {
    let shape = Transient { attack_db: 0.0, sustain_db: 9.0, ..shape() };
    for rate in RATES {
        let at = |gains: &[f64], seconds: f64| gains[(seconds * rate) as usize];
        let gains = gains(&shape, rate, &notes(rate, 1.2, 0.5));
        assert!(at(&gains, 0.402) < 0.05, "at the onset: {} dB", at(&gains, 0.402));
        assert!((4.0..=9.0).contains(&at(&gains, 0.65)), "in the decay: {} dB", at(&gains, 0.65));
        let (least, most) = gains.iter().fold((0.0f64, 0.0f64), |(a, b), gain| (a.min(*gain), b.max(*gain)));
        assert!(least >= -1e-9 && most <= 9.0 + 1e-9, "{least} … {most} dB");
    }
}

/// Spec 3.3: gain traces at 44.1 kHz and other rates within 0.05 dB.
#[test]
fn the_gain_is_the_same_at_any_rate() {
    let shape = Transient { sustain_db: -6.0, ..shape() };
    let smooth = |rate: f64| -> Vec<f64> {
        (0..(1.2 * rate) as usize)
            .map(|n| n as f64 / rate)
            .map(|t| (0.1 + (2.0 * PI * 1.7 * t).sin().powi(2).powi(4)) * (2.0 * PI * 4410.0 * t).sin())
            .collect()
    };
    let low = gains(&shape, 44.1e3, &smooth(44.1e3));
    for rate in [48e3, 88.2e3, 96e3, 192e3] {
        let high = gains(&shape, rate, &smooth(rate));
        let mut worst: f64 = 0.0;
        for ms in 100..1150 {
            let at = |gains: &[f64], rate: f64| {
                let x = f64::from(ms) * rate / 1000.0;
                let (n, part) = (x as usize, x.fract());
                gains[n] * (1.0 - part) + gains[n + 1] * part
            };
            worst = worst.max((at(&low, 44.1e3) - at(&high, rate)).abs());
        }
        assert!(worst <= 0.05, "{rate} Hz: {worst} dB");
    }
}

#[test]
fn a_higher_sensitivity_hears_smaller_attacks() {
    let mut signal = vec![0.5; 10_000];
    signal.extend(vec![0.7; 4410]);
    let at = |sensitivity: f64| gains(&Transient { sensitivity, ..shape() }, 44.1e3, &signal)[10_000];
    // 2.9 dB ahead, against halves of 24, 6 and 1.5 dB.
    assert!(at(0.0) < 0.15 && (1.4..2.0).contains(&at(0.5)) && (6.8..7.3).contains(&at(1.0)));
}

#[test]
fn any_cutting_gives_the_same_bits_and_a_reset_is_like_new() {
    let signal = [notes(44.1e3, 0.1, 1.0), white(4410, 5)];
    for link in [0.4, 1.0] {
        let shape = Transient { sustain_db: 5.0, link, mix: 0.8, ..shape() };
        let run = |kernel: &mut TransientShaper, size: usize| {
            let [mut left, mut right] = signal.clone();
            for (l, r) in left.chunks_mut(size).zip(right.chunks_mut(size)) {
                kernel.process(&mut [l, r]);
            }
            [left, right]
        };
        let mut kernel = TransientShaper::new(&shape, 44.1e3, 2, 2);
        let expected = run(&mut kernel, 4410);
        for size in [1, 7, 64, 333] {
            kernel.process(&mut [&mut [f64::NAN; 500], &mut [3.0; 500]]);
            kernel.reset();
            assert!(run(&mut kernel, size) == expected, "link {link}, blocks of {size}");
        }
    }
}
