#![allow(clippy::disallowed_methods, reason = "an independent reference")]

use super::*;
use crate::svf::tests::white;
use rustfft::{FftPlanner, num_complex::Complex};

const SLOPES: [Slope; 3] = [Slope::Lr2, Slope::Lr4, Slope::Lr8];
const NINE: [f64; 8] = [20.0, 60.0, 150.0, 400.0, 1000.0, 2500.0, 6300.0, 14_000.0];

fn split(crossover: &mut Crossover, channel: usize, input: &[f64]) -> Vec<Vec<f64>> {
    let mut bands = vec![vec![0.0; input.len()]; crossover.bands()];
    let mut slices: Vec<&mut [f64]> = bands.iter_mut().map(|band| &mut band[..]).collect();
    crossover.process(channel, input, &mut slices);
    bands
}

/// The gain of an impulse response in each bin.
fn spectrum(impulse: &[f64]) -> Vec<f64> {
    let mut bins: Vec<Complex<f64>> = impulse.iter().map(|x| Complex::new(*x, 0.0)).collect();
    FftPlanner::new().plan_fft_forward(bins.len()).process(&mut bins);
    bins.iter().take(bins.len() / 2).map(|bin| bin.norm()).collect()
}

fn impulse(frames: usize) -> Vec<f64> {
    let mut impulse = vec![0.0; frames];
    impulse[0] = 1.0;
    impulse
}

fn sum(bands: &[Vec<f64>]) -> Vec<f64> {
    (0..bands[0].len()).map(|n| bands.iter().map(|band| band[n]).sum()).collect()
}

/// Spec 3.2: the bands add up flat within 1e-9 dB from 10 Hz to 21 kHz, with up to nine of them.
#[test]
fn bands_add_up_flat() {
    let corners: [&[f64]; 4] = [&[1000.0], &[20.0], &[5300.0, 11_600.0, 15_200.0], &NINE];
    for (rate, frames) in
        [(44.1e3, 1 << 16), (48e3, 1 << 16), (88.2e3, 1 << 17), (96e3, 1 << 17), (192e3, 1 << 18)]
    {
        for slope in SLOPES {
            for corners in corners {
                let mut crossover = Crossover::new(corners, slope, rate, 1).unwrap();
                let gains = spectrum(&sum(&split(&mut crossover, 0, &impulse(frames))));
                let bins = (10.0 / rate * frames as f64) as usize..(21e3 / rate * frames as f64) as usize;
                let worst = gains[bins].iter().map(|gain| (20.0 * gain.log10()).abs()).fold(0.0, f64::max);
                assert!(worst <= 1e-9, "{slope:?} {corners:?} at {rate} Hz: {worst:e} dB");
            }
        }
    }
}

/// Spec 3.2: one octave out a band is at least its slope − 0.5 dB down.
#[test]
fn bands_leak_no_more_than_their_slope() {
    for (slope, least_db) in [(Slope::Lr2, 12.0), (Slope::Lr4, 24.0), (Slope::Lr8, 48.0)] {
        let mut crossover = Crossover::new(&[250.0, 4000.0], slope, 48e3, 1).unwrap();
        let bands = split(&mut crossover, 0, &impulse(1 << 14));
        for (band, hz) in [(0, 500.0), (1, 125.0), (1, 8000.0), (2, 2000.0)] {
            let bin = (hz / 48e3 * f64::from(1 << 14)) as usize;
            let db = 20.0 * spectrum(&bands[band])[bin].log10();
            assert!(db <= 0.5 - least_db, "{slope:?}, band {band} at {hz} Hz: {db} dB");
        }
        let corner = 20.0 * spectrum(&bands[0])[(250.0 / 48e3 * f64::from(1 << 14)) as usize].log10();
        assert!((corner + 6.02).abs() < 0.2, "{slope:?}: {corner} dB at the corner");
    }
}

/// What a split adds up to is the all-pass that is handed on to the bands below.
#[test]
fn the_sum_of_a_split_is_its_all_pass() {
    for slope in SLOPES {
        let mut crossover = Crossover::new(&[700.0], slope, 44.1e3, 1).unwrap();
        let signal = white(5000, 1);
        let sum = sum(&split(&mut crossover, 0, &signal));
        let mut expected = signal;
        Cascade::new(&all_passes(700.0, slope, 44.1e3), 1).process(0, &mut expected);
        let worst = sum.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(worst < 1e-13, "{slope:?}: {worst:e}");
    }
}

#[test]
fn any_cutting_alone_or_in_pairs_gives_the_same_bits() {
    let (left, right) = (white(5000, 2), white(5000, 3));
    for slope in SLOPES {
        let mut whole = Crossover::new(&[120.0, 2500.0], slope, 48e3, 2).unwrap();
        let expected = [split(&mut whole, 0, &left), split(&mut whole, 1, &right)];
        for size in [1, 7, 64, 333, 5000] {
            let mut crossover = Crossover::new(&[120.0, 2500.0], slope, 48e3, 2).unwrap();
            for begin in (0..5000).step_by(size) {
                let range = begin..5000.min(begin + size);
                let mut rest = [left[range.clone()].to_vec(), right[range.clone()].to_vec()];
                for index in 0..2 {
                    let mut band = [vec![0.0; range.len()], vec![0.0; range.len()]];
                    let [rest_left, rest_right] = &mut rest;
                    let [band_left, band_right] = &mut band;
                    crossover.take_pair(index, 0, [rest_left, rest_right], [band_left, band_right]);
                    assert!(band.iter().zip(&expected).all(|(b, e)| b[..] == e[index][range.clone()]));
                }
                assert!(rest.iter().zip(&expected).all(|(r, e)| r[..] == e[2][range.clone()]));
            }
        }
    }
}

#[test]
fn corners_that_do_not_ascend_are_refused() {
    let new = |corners: &[f64]| Crossover::new(corners, Slope::Lr4, 44.1e3, 1).map(|_| ());
    assert_eq!(new(&[]), Err(CornerError::Count { count: 0 }));
    assert!(matches!(new(&[100.0, 100.0]), Err(CornerError::Order { index: 1, .. })));
    assert!(matches!(new(&[100.0, 23e3]), Err(CornerError::Frequency { index: 1, .. })));
    assert!(matches!(new(&[f64::NAN]), Err(CornerError::Frequency { .. })));
}

/// Spec 1.5: after the tail the bands are exactly zero.
#[test]
fn bands_fall_silent() {
    let mut crossover = Crossover::new(&NINE, Slope::Lr8, 44.1e3, 1).unwrap();
    let mut signal = white(1_000_000, 5);
    signal[1000..].fill(0.0);
    for band in split(&mut crossover, 0, &signal) {
        assert!(band[900_000..].iter().all(|x| *x == 0.0));
        assert!(band.iter().all(|x| *x == 0.0 || x.is_normal()));
    }
}

#[test]
#[ignore = "a measurement: run with --release --nocapture"]
#[allow(clippy::print_stdout, reason = "a measurement")]
fn nanoseconds_per_frame() {
    for slope in SLOPES {
        for corners in [&[120.0, 2500.0][..], &NINE] {
            let mut crossover = Crossover::new(corners, slope, 48e3, 2).unwrap();
            let signal = [white(2048, 6), white(2048, 7)];
            let mut best = f64::MAX;
            for _ in 0..300 {
                let mut rest = signal.clone();
                let mut band = signal.clone();
                let begin = std::time::Instant::now();
                for index in 0..corners.len() {
                    let ([a, b], [c, d]) = (&mut rest, &mut band);
                    crossover.take_pair(index, 0, [a, b], [c, d]);
                }
                best = best.min(begin.elapsed().as_secs_f64());
            }
            println!(
                "{slope:?}, {} bands: {:.1} ns per stereo frame",
                corners.len() + 1,
                best * 1e9 / 2048.0
            );
        }
    }
}
