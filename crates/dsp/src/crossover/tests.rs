#![allow(clippy::disallowed_methods, reason = "an independent reference")]

use super::*;
use crate::svf::tests::white;
use rustfft::{FftPlanner, num_complex::Complex};

const SLOPES: [Slope; 4] = [Slope::First, Slope::Lr2, Slope::Lr4, Slope::Lr8];
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

/// A slope, and what it must do at least: one octave out a band is its slope − 0.5 dB down (spec 3.2).
const LEAST_DB: [(Slope, f64); 4] =
    [(Slope::First, 6.0), (Slope::Lr2, 12.0), (Slope::Lr4, 24.0), (Slope::Lr8, 48.0)];
const RATES: [f64; 5] = [44.1e3, 48e3, 88.2e3, 96e3, 192e3];

/// The gain of an impulse response at `hz`, in dB.
fn db_at(impulse: &[f64], hz: f64, rate: f64) -> f64 {
    let turn = |n: usize| Complex::from_polar(1.0, -2.0 * PI * hz / rate * n as f64);
    20.0 * impulse.iter().enumerate().map(|(n, x)| x * turn(n)).sum::<Complex<f64>>().norm().log10()
}

fn assert_leakage(bands: &[Vec<f64>], corners: [f64; 2], least_db: f64, rate: f64, what: &str) {
    let [low, high] = corners;
    for (band, hz) in [(0, 2.0 * low), (1, low / 2.0), (1, 2.0 * high), (2, high / 2.0)] {
        let db = db_at(&bands[band], hz, rate);
        assert!(db <= 0.5 - least_db, "{what}, band {band} at {hz} Hz, rate {rate}: {db} dB");
    }
}

#[test]
fn bands_leak_no_more_than_their_slope() {
    for rate in RATES {
        for (slope, least_db) in LEAST_DB {
            for corners in [[250.0, 4000.0], [80.0, 10_000.0]] {
                let mut crossover = Crossover::new(&corners, slope, rate, 1).unwrap();
                let bands = split(&mut crossover, 0, &impulse((rate / 3.0) as usize));
                assert_leakage(&bands, corners, least_db, rate, &format!("{slope:?}"));
                let wanted = if slope == Slope::First { -3.01 } else { -6.02 };
                let corner = db_at(&bands[0], corners[0], rate);
                assert!((corner - wanted).abs() < 0.2, "{slope:?}: {corner} dB at the corner");
            }
        }
    }
}

/// Bands of the linear crossover, as its node takes them apart.
fn split_linear(crossover: &mut LinearCrossover, input: &[f64]) -> Vec<Vec<f64>> {
    let mut bands = vec![input.to_vec(); crossover.bands()];
    let top = bands.len() - 1;
    for (index, band) in bands[..top].iter_mut().enumerate() {
        crossover.take_below(index, [&mut band[..]]);
    }
    crossover.delay(0, &mut bands[top]);
    for index in (1..=top).rev() {
        let (lower, upper) = bands.split_at_mut(index);
        upper[0].iter_mut().zip(&lower[index - 1]).for_each(|(x, below)| *x -= below);
    }
    bands
}

/// Spec 3.2: linear-phase bands add up to the delayed signal to ≤ −300 dBFS, and leak no more than their slope.
#[test]
fn linear_bands_add_up_to_the_delayed_signal_and_keep_their_slopes() {
    use crate::fft::Kind;
    for rate in RATES {
        for (slope, least_db) in LEAST_DB {
            let corners = [80.0, 4000.0];
            let new =
                |corners: &[f64]| LinearCrossover::new(corners, slope, None, rate, 1, Kind::Fast).unwrap();
            let mut crossover = new(&corners);
            let late = crossover.latency();
            let bands = split_linear(&mut crossover, &impulse(2 * late + 100));
            assert_leakage(&bands, corners, least_db, rate, &format!("linear {slope:?}"));
            let corner = db_at(&bands[0], corners[0], rate);
            assert!((corner + 6.02).abs() < 0.1, "{slope:?}: {corner} dB at the corner");

            let mut crossover = new(&NINE);
            let late = crossover.latency();
            let signal = white(2 * late + 3000, 1);
            let sum = sum(&split_linear(&mut crossover, &signal));
            let worst = sum[late..].iter().zip(&signal).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            let db = 20.0 * worst.log10();
            assert!(db <= -300.0, "{slope:?} at {rate} Hz: {db} dBFS");
        }
    }
}

/// From the lowest corner up a linear low-pass is Linkwitz and Riley's, as deep as it matters.
#[test]
fn a_linear_band_has_the_magnitude_of_the_minimum_phase_one() {
    use crate::fft::Kind;
    for (slope, _) in &LEAST_DB[1..] {
        let mut linear = LinearCrossover::new(&[500.0], *slope, None, 48e3, 1, Kind::Fast).unwrap();
        let frames = 2 * linear.latency();
        let linear = split_linear(&mut linear, &impulse(frames));
        for hz in [20.0, 100.0, 250.0, 400.0, 500.0, 700.0, 1000.0, 2000.0] {
            let low = 1.0 / (1.0 + (hz / 500.0_f64).powi(slope.order() as i32));
            for (band, wanted) in linear.iter().zip([low, 1.0 - low]) {
                let found = 10_f64.powf(db_at(band, hz, 48e3) / 20.0);
                assert!((found - wanted).abs() < 1e-3, "{slope:?} at {hz} Hz: {found}, not {wanted}");
            }
        }
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
