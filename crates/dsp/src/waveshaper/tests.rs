#![allow(clippy::disallowed_methods, reason = "an independent reference")]

use super::*;
use crate::oversampler::{CHUNK, alias};
use rustfft::num_complex::Complex;
use std::f64::consts::TAU;

const SHAPES: [Shape; 5] = [Shape::Hard, Shape::Knee(0.5), Shape::Knee(1.0), Shape::Cubic, Shape::Tanh];

fn random(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }
}

/// The curves as one would write them down.
fn curve(shape: Shape, v: f64) -> f64 {
    let size = v.abs();
    let held = match shape {
        Shape::Hard => size.min(1.0),
        Shape::Knee(width) if size <= 1.0 - width => size,
        Shape::Knee(width) if size >= 1.0 + width => 1.0,
        Shape::Knee(width) => 1.0 - (1.0 + width - size).powi(2) / (4.0 * width),
        Shape::Cubic if size >= 1.5 => 1.0,
        Shape::Cubic => size - 4.0 / 27.0 * size.powi(3),
        Shape::Tanh => size.tanh(),
    };
    held.copysign(v)
}

/// The mean of the excess over a triangle, by a fine midpoint rule along Hermite and Genocchi's simplex.
fn mean_over_triangle(shape: Shape, [x, y, z]: [f64; 3]) -> f64 {
    const STEPS: usize = 400;
    let (mut sum, mut weight) = (0.0, 0.0);
    for i in 0..STEPS {
        let a = (i as f64 + 0.5) / STEPS as f64;
        // Rows of the triangle get shorter towards the corner.
        for j in 0..STEPS {
            let b = (j as f64 + 0.5) / STEPS as f64;
            let v = x + a * ((y - x) + b * (z - y));
            sum += a * (v - curve(shape, v));
            weight += a;
        }
    }
    sum / weight
}

#[test]
fn curves_are_what_they_say() {
    let mut draw = random(3);
    for shape in SHAPES {
        for _ in 0..2_000 {
            let v = 4.0 * draw();
            assert!((shape.value(v) - curve(shape, v)).abs() < 2e-15, "{shape:?} at {v}");
            assert_eq!(shape.excess(-v), -shape.excess(v));
            if v.abs() <= shape.corner() {
                assert_eq!(shape.excess(v), 0.0);
            }
        }
    }
    assert!((Shape::Knee(0.0).value(1.0) - 1.0).abs() < 1e-3);
}

#[test]
fn means_are_those_of_a_fine_sum_over_segment_and_triangle() {
    let mut draw = random(5);
    for shape in SHAPES {
        let shaper = Shaper::new(shape, Order::Second, Factor::X8, 1);
        for round in 0..60 {
            let spread = [3.0, 0.3, 0.02][round % 3];
            let centre = 2.0 * draw();
            let points = [0; 3].map(|_| centre + spread * draw());
            let expected = mean_over_triangle(shape, points);
            let error = (shaper.second(points) - expected).abs();
            assert!(error < 1e-5 * spread.max(0.1), "{shape:?} {points:?}: {error:e}");
            let line = [points[0], points[1]];
            let fine = (0..20_000).map(|n| line[0] + (line[1] - line[0]) * (f64::from(n) + 0.5) / 20_000.0);
            let expected = fine.map(|v| v - curve(shape, v)).sum::<f64>() / 20_000.0;
            let error = (shaper.first(line) - expected).abs();
            assert!(error < 1e-7, "{shape:?} {line:?}: {error:e}");
        }
    }
}

#[test]
fn means_lose_no_digits_where_samples_lie_together() {
    // Points that approach each other: the mean goes to the value, smoothly, down to the last step.
    for shape in SHAPES {
        let shaper = Shaper::new(shape, Order::Second, Factor::X8, 1);
        for centre in [0.0, 0.3, 0.999_999_9, 1.0, 1.3, 5.0, 40.0] {
            for exponent in 1..18 {
                let d = 10_f64.powi(-exponent);
                let exact = centre - curve(shape, centre);
                // Second differences of all curves are below 1.4.
                let allowed = 3e-11 + 0.35 * d;
                let error = (shaper.second([centre - d, centre, centre + d]) - exact).abs();
                assert!(error < allowed, "{shape:?}, {d:e} about {centre}: {error:e}");
                let error = (shaper.first([centre + 0.5 * d, centre - 0.5 * d]) - exact).abs();
                assert!(error < allowed, "{shape:?}, {d:e} about {centre}: {error:e}");
            }
            assert!(shaper.second([centre; 3]).is_finite() && shaper.first([centre; 2]).is_finite());
        }
        for wild in [[1e-310, 0.0, -1e-310], [1e9, -1e9, 1.0], [1e-200, 0.0, 0.0], [1e300, 0.0, -1e300]] {
            assert!(shaper.second(wild).is_finite() || wild[0] > 1e100, "{shape:?} {wild:?}");
        }
    }
}

#[test]
fn the_series_and_the_quotient_of_the_hyperbolic_tangent_meet() {
    for centre in [0.0, 0.2, 0.7, 1.5, 4.0] {
        let at = |d: f64| smooth::tanh_second([centre - d, centre + 0.3 * d, centre + d]);
        let jump = at(0.015 - 1e-13) - at(0.015 + 1e-13);
        assert!(jump.abs() < 2e-11, "{jump:e} about {centre}");
        let at = |d: f64| smooth::tanh_first([centre - d, centre + d]);
        let jump = at(0.015 - 1e-13) - at(0.015 + 1e-13);
        assert!(jump.abs() < 1e-12, "{jump:e} about {centre}");
    }
}

#[test]
fn the_droop_of_the_means_is_made_up_for_within_1e_5_db() {
    for factor in &Factor::ALL[1..] {
        for order in [Order::First, Order::Second] {
            let mut droop = Droop::new(order, *factor, 1);
            let mut answer = vec![0.0; 64];
            match order {
                Order::First => answer[..2].fill(0.5),
                _ => answer[..3].fill(1.0 / 3.0),
            }
            droop.process(0, &mut answer);
            for step in 0..=200 {
                let turns = 0.4535 / factor.times() as f64 * f64::from(step) / 200.0;
                let delay = droop.delay() as f64;
                let turned = |n: usize| Complex::from_polar(answer[n], -TAU * turns * (n as f64 - delay));
                let gain: Complex<f64> = (0..64).map(turned).sum();
                let error_db = 20.0 * gain.norm().log10();
                assert!(error_db.abs() <= 1e-5, "{factor:?} {order:?} at {turns}: {error_db:e} dB");
                assert!(gain.arg().abs() < 1e-9, "{factor:?} {order:?}: {} late", gain.arg());
            }
        }
    }
}

/// The worst alias of a sine of `hz` at drive 4.
fn worst_alias_dbc(shape: Shape, order: Order, factor: Factor, rate: usize, hz: usize) -> f64 {
    let settings = Settings { shape, order, factor, ceiling: 1.0 };
    let mut clipper = Clipper::new(settings, rate as f64, 1);
    let run = |signal: &mut [f64]| signal.chunks_mut(CHUNK).for_each(|part| clipper.process(0, part));
    alias::worst_alias_dbc(&alias::spectrum((rate, hz, 4.0), 1_000, run), hz)
}

#[test]
fn aliases_stay_below_the_targets_of_the_specification() {
    // DSP specification, 3.5: worst alias up to 20 kHz for a sine 12 dB over the knee.
    for rate in [44_100, 48_000, 88_200, 96_000, 192_000] {
        for (hz, tanh, hard) in [(1_244, -180.0, -130.0), (4_999, -150.0, -105.0), (9_973, -110.0, -105.0)] {
            let alias = worst_alias_dbc(Shape::Tanh, Order::None, Factor::X8, rate, hz);
            assert!(alias <= tanh, "tanh, {hz} Hz at {rate} Hz: {alias} dBc");
            let alias = worst_alias_dbc(Shape::Hard, Order::Second, Factor::X8, rate, hz);
            assert!(alias <= hard, "hard, {hz} Hz at {rate} Hz: {alias} dBc");
        }
    }
    // Each order and each doubling helps.
    let hard = |order, factor| worst_alias_dbc(Shape::Hard, order, factor, 44_100, 4_999);
    let orders = [Order::None, Order::First, Order::Second].map(|order| hard(order, Factor::X8));
    assert!(orders[1] < orders[0] - 15.0 && orders[2] < orders[1] - 15.0, "{orders:?}");
    assert!(hard(Order::Second, Factor::X16) < -130.0);
}

#[test]
fn blocks_of_any_size_give_the_same_bits_and_a_reset_is_like_new() {
    for shape in SHAPES {
        for order in [Order::None, Order::First, Order::Second] {
            let mut draw = random(9);
            let input: Vec<f64> = (0..600).map(|_| 2.0 * draw()).collect();
            let mut shaper = Shaper::new(shape, order, Factor::X4, 1);
            let mut whole = input.clone();
            shaper.excess(0, &mut whole);
            shaper.excess(0, &mut [f64::NAN; 7]);
            shaper.reset();
            let mut cut = input.clone();
            cut.chunks_mut(17).for_each(|part| shaper.excess(0, part));
            assert!(whole == cut, "{shape:?} {order:?}");
        }
    }
}
