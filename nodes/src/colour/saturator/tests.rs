//! What a saturator promises, measured through the node.

use super::super::measure::{self, amplitude, db};
use super::*;
use deadwax_node::conformance::Rig;
use deadwax_node::{Breakpoint, Format, Layout, Shape, auto::Drawn};

fn run(node: &Saturator, rate: u32, input: &[f64]) -> (Vec<f64>, usize) {
    let mut rig = Rig::new(node, Format::new(rate, Layout::Mono), false).unwrap();
    let output = rig.run(&[vec![input.to_vec()]], &[input.len()]).unwrap().remove(0).remove(0);
    (output, rig.prepared().latency as usize)
}

fn sine(rate: f64, hz: f64, level: f64) -> Vec<f64> {
    measure::sine(rate as u32, hz, level)
}

#[test]
fn the_third_harmonic_of_100_hz_is_the_same_at_any_oversampling() {
    // DSP specification, 3.5: within 0.01 dB between 1 and 16 times.
    for rate in [44_100, 48_000, 88_200, 96_000, 192_000] {
        let input = sine(f64::from(rate), 100.0, 0.5);
        for curve in [SaturatorCurve::Tanh, SaturatorCurve::Tube, SaturatorCurve::Diode, SaturatorCurve::Poly]
        {
            let third = |oversampling| {
                let node = Saturator { curve, oversampling, drive_db: 12.0.into(), ..Saturator::default() };
                db(amplitude(&run(&node, rate, &input).0, f64::from(rate), 300.0))
            };
            let levels = [Oversampling::X1, Oversampling::X4, Oversampling::X16].map(third);
            let most = levels.iter().map(|level| (level - levels[0]).abs()).fold(0.0, f64::max);
            assert!(most <= 0.01, "{curve:?} at {rate} Hz: {levels:?}");
        }
    }
}

#[test]
fn harmonics_are_those_of_the_curve() {
    // At a small level tanh's third harmonic is amplitude³ / 12, and a bias makes a second.
    let node = Saturator { match_loudness: false, drive_db: 0.0.into(), ..Saturator::default() };
    let (out, _) = run(&node, 48_000, &sine(48_000.0, 1_000.0, 0.1));
    let third = amplitude(&out, 48_000.0, 3_000.0);
    assert!((third / (0.001 / 12.0) - 1.0).abs() < 0.01, "{third:e}");
    assert!(amplitude(&out, 48_000.0, 2_000.0) < 1e-9);
    let (out, _) = run(&Saturator { bias: 0.5, ..node.clone() }, 48_000, &sine(48_000.0, 1_000.0, 0.1));
    // f'' at ½ is −2 tanh sech²; the second harmonic is a quarter of it times the amplitude squared.
    let t = 0.5_f64.tanh();
    let expected = 0.25 * 2.0 * t * (1.0 - t * t) * 0.01;
    assert!((amplitude(&out, 48_000.0, 2_000.0) / expected - 1.0).abs() < 0.02);
    let even = |curve| {
        let node = Saturator { curve, drive_db: 12.0.into(), dc_block: false, ..Saturator::default() };
        let (out, _) = run(&node, 48_000, &sine(48_000.0, 1_000.0, 0.25));
        db(amplitude(&out, 48_000.0, 2_000.0) / amplitude(&out, 48_000.0, 1_000.0))
    };
    let (tube, diode) = (even(SaturatorCurve::Tube), even(SaturatorCurve::Diode));
    assert!(tube > -30.0 && diode < -200.0, "{tube} {diode}");
}

#[test]
fn a_mix_is_in_time_and_a_dry_one_passes_to_the_bit() {
    for rate in [44_100, 96_000] {
        let input = sine(f64::from(rate), 997.0, 0.5);
        let (dry, latency) = run(&Saturator { mix: 0.0, ..Saturator::default() }, rate, &input);
        assert!(dry[latency..].iter().zip(&input).all(|(y, x)| y == x));
        // Nothing bends at a low level: dry and wet are the same, and add up without a comb.
        for hz in [30.0, 5_000.0, 19_900.0] {
            let quiet = sine(f64::from(rate), hz, 1e-5);
            let node = Saturator {
                mix: 0.5,
                dc_block: false,
                match_loudness: false,
                drive_db: 0.0.into(),
                ..Saturator::default()
            };
            let (half, latency) = run(&node, rate, &quiet);
            let worst = half[latency + 500..].iter().zip(&quiet[500..]).map(|(y, x)| (y - x).abs());
            assert!(worst.fold(0.0, f64::max) < 1e-5 * 2e-6, "{hz} Hz at {rate} Hz");
        }
    }
}

#[test]
fn direct_current_is_taken_out_and_tilts_undo_each_other() {
    let lopsided = Saturator { bias: 0.7, drive_db: 12.0.into(), ..Saturator::default() };
    let input = [sine(44_100.0, 100.0, 0.5), sine(44_100.0, 100.0, 0.5)].concat();
    let mean = |node: &Saturator| {
        let (out, _) = run(node, 44_100, &input);
        out[44_100..].iter().sum::<f64>() / 44_100.0
    };
    let left = mean(&Saturator { dc_block: false, ..lopsided.clone() });
    assert!(left.abs() > 0.01 && mean(&lopsided).abs() < 1e-4, "{left} {}", mean(&lopsided));
    let tilted = Saturator {
        pre_tilt_db_oct: 3.0,
        post_tilt_db_oct: -3.0,
        match_loudness: false,
        drive_db: 0.0.into(),
        dc_block: false,
        ..Saturator::default()
    };
    for hz in [100.0, 1_000.0, 10_000.0] {
        let (out, _) = run(&tilted, 44_100, &sine(44_100.0, hz, 1e-4));
        let level = db(amplitude(&out, 44_100.0, hz) / 1e-4);
        assert!(level.abs() < 0.05, "{level} dB at {hz} Hz");
    }
}

#[test]
fn a_drive_that_moves_keeps_the_level_of_what_it_drives() {
    let point = |at_s, value| Breakpoint { at_s, value, shape: Shape::Linear };
    let drive_db = Auto::Drawn(Drawn::Curve(vec![point(0.2, 0.0), point(0.8, 24.0)]));
    let moving = Saturator { drive_db, ..Saturator::default() };
    let input = sine(48_000.0, 1_000.0, 0.3);
    let (out, latency) = run(&moving, 48_000, &input);
    for (begin, drive_db) in [(2_400, 0.0), (43_200, 24.0)] {
        let still = Saturator { drive_db: drive_db.into(), ..Saturator::default() };
        let (expected, _) = run(&still, 48_000, &input);
        let range = begin + latency..begin + latency + 2_400;
        let error = out[range.clone()].iter().zip(&expected[range]).map(|(a, b)| (a - b).abs());
        // Behind the high-pass the past is not the same.
        assert!(error.fold(0.0, f64::max) < 1e-3, "at {drive_db} dB");
    }
}
