//! Esses are turned down, and nothing else.

use super::*;
use crate::dynamics::{DeEss, DeEsser, DeEsserMode};
use crate::fft::Kind;

const MODES: [DeEsserMode; 3] = [DeEsserMode::Split, DeEsserMode::Wide, DeEsserMode::Shelf];

pub(super) fn ess(mode: DeEsserMode) -> DeEss {
    DeEss {
        freq_hz: 6500.0,
        width_oct: 2.0,
        mode,
        threshold_db: -12.0,
        range_db: 6.0,
        floor_db: -60.0,
        times: Settings { attack_s: 0.001, release_s: 0.04, lookahead_s: 0.004, ..Settings::default() },
    }
}

/// What comes out, the latency taken off, and the de-esser.
fn through(set: &DeEss, rate: f64, channels: &[Vec<f64>]) -> (Vec<Vec<f64>>, DeEsser) {
    let count = channels.len();
    let mut kernel = DeEsser::new(set, rate, count, count, Kind::Portable).unwrap();
    let late = kernel.latency();
    let mut out: Vec<Vec<f64>> = channels.iter().map(|x| [&x[..], &vec![0.0; late]].concat()).collect();
    kernel.process(&mut out.iter_mut().map(|x| &mut x[..]).collect::<Vec<_>>());
    (out.into_iter().map(|mut x| x.split_off(late)).collect(), kernel)
}

/// Noise without much treble that comes and goes slowly: nothing that hisses.
fn dull(frames: usize, rate: f64) -> Vec<f64> {
    let (pole, mut state) = ((-2.0 * PI * 300.0 / rate).exp(), [0.0; 2]);
    let noise = white(frames, 21);
    let fade = |n: usize| (n.min(frames - n) as f64 / (0.02 * rate)).min(1.0).powi(2);
    noise
        .iter()
        .enumerate()
        .map(|(n, x)| {
            state[0] += (1.0 - pole) * (x - state[0]);
            state[1] += (1.0 - pole) * (state[0] - state[1]);
            fade(n) * state[1]
        })
        .collect()
}

/// The amplitude of a tone in a signal, under a window that keeps all else out.
fn amplitude(signal: &[f64], hz: f64, rate: f64) -> f64 {
    let (mut re, mut im, mut sum) = (0.0, 0.0, 0.0);
    for (n, x) in signal.iter().enumerate() {
        let at = n as f64 / signal.len() as f64 * 2.0 * PI;
        let window = 0.3636 - 0.4892 * at.cos() + 0.1366 * (2.0 * at).cos() - 0.0106 * (3.0 * at).cos();
        let angle = 2.0 * PI * hz / rate * n as f64;
        re += window * x * angle.cos();
        im += window * x * angle.sin();
        sum += window;
    }
    2.0 * f64::hypot(re, im) / sum
}

/// Spec 3.3: idle, what comes out is the delayed input, to the bit; in every mode.
#[test]
fn idle_it_passes_every_bit() {
    for rate in RATES {
        let input = dull(rate as usize / 4, rate);
        for mode in MODES {
            let (out, kernel) = through(&ess(mode), rate, std::slice::from_ref(&input));
            assert_eq!(kernel.tally().deepest_db(), 0.0);
            assert_eq!(out[0], input, "{mode:?} at {rate} Hz");
        }
    }
}

/// Spec 3.3: below 2 kHz it stays within 0.01 dB, however hard it works, wherever the band is.
#[test]
fn a_split_leaves_alone_what_is_below_2_khz() {
    for rate in RATES {
        let frames = (0.5 * rate) as usize;
        for (freq_hz, width_oct) in [(6500.0, 2.0), (2000.0, 4.0)] {
            let hiss = |n: usize| {
                let beat = (2.0 * PI * 7.0 * n as f64 / rate).sin();
                if beat > 0.0 { 0.7 * beat * (2.0 * PI * 7100.0 / rate * n as f64).sin() } else { 0.0 }
            };
            for hz in [60.0, 440.0, 1000.0, 1700.0, 1990.0] {
                let tone = sine(hz, -20.0, rate, frames);
                let input: Vec<f64> = tone.iter().enumerate().map(|(n, x)| x + hiss(n)).collect();
                let set = DeEss { freq_hz, width_oct, range_db: 24.0, ..ess(DeEsserMode::Split) };
                let (out, kernel) = through(&set, rate, std::slice::from_ref(&input));
                assert!(kernel.tally().deepest_db() < -10.0);
                let change = db(amplitude(&out[0], hz, rate) / amplitude(&input, hz, rate));
                assert!(change.abs() <= 0.01, "{hz} Hz at {rate} Hz, band at {freq_hz}: {change} dB");
                let ess = db(amplitude(&out[0], 7100.0, rate) / amplitude(&input, 7100.0, rate));
                assert!(ess < -8.0, "the ess: {ess} dB");
            }
        }
    }
}

/// An ess that sticks out by 4 dB more than the threshold, loud or soft: 4 dB down, in every mode (the shelf gets there
/// above its corner), with the static error of the curve.
#[test]
fn an_ess_is_turned_down_by_how_far_it_sticks_out_at_any_level() {
    for rate in RATES {
        let frames = (0.4 * rate) as usize;
        for mode in MODES {
            for level in [-1.0, -40.0] {
                // A share of −8 dB: 0.158 of the power in the ess.
                let share = 10f64.powf(-0.8);
                let parts = [(500.0, 1.0 - share), (7000.0, share)]
                    .map(|(hz, power)| sine(hz, level + 10.0 * power.log10(), rate, frames));
                let input: Vec<f64> = parts[0].iter().zip(&parts[1]).map(|(a, b)| a + b).collect();
                let set = DeEss { range_db: 12.0, ..ess(mode) };
                let (out, _) = through(&set, rate, std::slice::from_ref(&input));
                let later = frames / 2;
                let found =
                    db(amplitude(&out[0][later..], 7000.0, rate) / amplitude(&input[later..], 7000.0, rate));
                // A shelf with its corner at 3250 Hz is not quite there at 7 kHz, and ripples of the window add.
                assert!((found + 4.0).abs() < 0.35, "{mode:?}, {level} dB at {rate} Hz: {found} dB");
            }
        }
    }
}

#[test]
fn the_range_is_kept_and_a_soft_band_left_alone() {
    let hiss = white(20_000, 5);
    let (_, kernel) = through(&ess(DeEsserMode::Wide), 44.1e3, std::slice::from_ref(&hiss));
    assert!((-6.0 - 1e-9..-5.9).contains(&kernel.tally().deepest_db()));
    let soft: Vec<f64> = hiss.iter().map(|x| 1e-4 * x).collect();
    let (out, _) = through(&ess(DeEsserMode::Split), 44.1e3, std::slice::from_ref(&soft));
    assert_eq!(out[0], soft);
}

/// A held gain makes the shelf that its formula says: (g s² + √2g s + 1) / (s² + √2 s + 1).
#[test]
fn the_shelf_is_one() {
    let set = DeEss { threshold_db: -40.0, range_db: 6.0, ..ess(DeEsserMode::Shelf) };
    let gain = 10f64.powf(-0.3);
    for hz in [300.0f64, 1000.0, 3250.0, 6000.0, 12_000.0] {
        let tone = sine(hz, -20.0, 96e3, 48_000);
        let input: Vec<f64> = tone.iter().zip(sine(6600.0, -3.0, 96e3, 48_000)).map(|(a, b)| a + b).collect();
        let (out, _) = through(&set, 96e3, std::slice::from_ref(&input));
        let found = db(amplitude(&out[0][24_000..], hz, 96e3) / amplitude(&input[24_000..], hz, 96e3));
        // By the bilinear transform, w = tan(π f / rate) in units of the corner's.
        let w = (PI * hz / 96e3).tan() / (PI * 3250.0 / 96e3).tan();
        let (re, im) = (1.0 - w * w, std::f64::consts::SQRT_2 * w);
        let expected = db(f64::hypot(1.0 - gain * w * w, gain.sqrt() * im) / f64::hypot(re, im));
        assert!((found - expected).abs() < 0.01, "{hz} Hz: {found} dB, not {expected} dB");
    }
}

#[test]
fn any_cutting_gives_the_same_bits_and_a_reset_is_like_new() {
    let signal = [white(4000, 4), white(4000, 5)];
    for mode in MODES {
        let mut set = ess(mode);
        set.times.link = 0.4;
        set.times.mix = 0.8;
        let run = |kernel: &mut DeEsser, size: usize| {
            let [mut left, mut right] = signal.clone();
            for (l, r) in left.chunks_mut(size).zip(right.chunks_mut(size)) {
                kernel.process(&mut [l, r]);
            }
            [left, right]
        };
        let mut kernel = DeEsser::new(&set, 44.1e3, 2, 2, Kind::Portable).unwrap();
        let expected = run(&mut kernel, 4000);
        for size in [1, 7, 64, 333] {
            kernel.process(&mut [&mut [f64::NAN; 500], &mut [3.0; 500]]);
            kernel.reset();
            assert!(run(&mut kernel, size) == expected, "{mode:?}, blocks of {size}");
        }
    }
}

/// Spec 3.3: `link` = 1 gives equal gains: the image does not move.
#[test]
fn linked_channels_are_turned_down_alike() {
    let left = white(20_000, 6);
    let right: Vec<f64> = dull(20_000, 44.1e3);
    let (out, _) = through(&ess(DeEsserMode::Wide), 44.1e3, &[left.clone(), right.clone()]);
    for n in 2000..20_000 {
        assert!((out[0][n] / left[n] - out[1][n] / right[n]).abs() < 1e-9, "{n}");
    }
    assert!(out[1][10_000] / right[10_000] < 0.55);
}
