//! Means of the hyperbolic tangent.

use crate::math::{exp, log1p, tanh};
use std::f64::consts::{LN_2, PI};

/// Points that lie closer together than this are taken by the series about their middle: its first neglected term and
/// the digits that the quotient loses are both below 10⁻¹¹ here.
const CLOSE: f64 = 0.03;

/// The mean between two points.
pub(super) fn tanh_first([x, y]: [f64; 2]) -> f64 {
    let way = x - y;
    if way.abs() < CLOSE {
        let square = way * way;
        return series(0.5 * (x + y), [square / 24.0, 0.0, square * square / 1920.0]);
    }
    (once(x) - once(y)) / way
}

/// The mean over the triangle of three points.
pub(super) fn tanh_second(points: [f64; 3]) -> f64 {
    let [low, middle, high] = sorted(points);
    if high - low < CLOSE {
        return close_triangle([low, middle, high]);
    }
    // Of the two shorter sides at least one is half as long as the longest; a short one is a mean of its own.
    let side = |a: f64, b: f64| if b - a < CLOSE { short(a, b) } else { (twice(b) - twice(a)) / (b - a) };
    2.0 * (side(middle, high) - side(low, middle)) / (high - low)
}

/// The series about the mean of the points, by the central moments of their triangle.
fn close_triangle([low, middle, high]: [f64; 3]) -> f64 {
    let mean = (low + middle + high) / 3.0;
    let (a, b, c) = (low - mean, middle - mean, high - mean);
    let squares = a * a + b * b + c * c;
    let cubes = a * a * a + b * b * b + c * c * c;
    // Half, a sixth and a 24th of the moments Σ²/12, Σ³/30 and (Σ²)²/60.
    series(mean, [squares / 24.0, cubes / 180.0, squares * squares / 1440.0])
}

/// tanh x with its second to fourth derivative, weighed.
fn series(x: f64, [second, third, fourth]: [f64; 3]) -> f64 {
    let t = tanh(x);
    let slope = 1.0 - t * t;
    let third_derivative = -2.0 * slope * (1.0 - 3.0 * t * t);
    let fourth_derivative = 8.0 * t * slope * (2.0 - 3.0 * t * t);
    t - second * 2.0 * t * slope + third * third_derivative + fourth * fourth_derivative
}

/// The mean of the antiderivative over a short way, by its series about the middle.
fn short(a: f64, b: f64) -> f64 {
    let middle = 0.5 * (a + b);
    let square = (b - a) * (b - a);
    let t = tanh(middle);
    let slope = 1.0 - t * t;
    once(middle) + square / 24.0 * slope - square * square / 1920.0 * 2.0 * slope * (1.0 - 3.0 * t * t)
}

fn sorted(mut points: [f64; 3]) -> [f64; 3] {
    for (a, b) in [(0, 1), (1, 2), (0, 1)] {
        if points[a] > points[b] {
            points.swap(a, b);
        }
    }
    points
}

/// The antiderivative ln cosh x.
fn once(x: f64) -> f64 {
    let size = x.abs();
    size - LN_2 + log1p(exp(-2.0 * size))
}

/// The antiderivative of that, zero at zero: x²/2 − x·ln 2 + (π²/12 + Li₂(−e^(−2x))) / 2 for x ≥ 0, and odd.
fn twice(x: f64) -> f64 {
    let size = x.abs();
    let u = log1p(exp(-2.0 * size));
    // −Li₂(1 − e^u) = u + u²/4 + Σ B₂ₖ u^(2k+1) / (2k+1)! (Debye), which converges fast for u ≤ ln 2.
    const DEBYE: [f64; 8] = [
        1.0,
        1.0 / 36.0,
        -1.0 / 3600.0,
        1.0 / 211_680.0,
        -1.0 / 10_886_400.0,
        1.0 / 526_901_760.0,
        -4.064_761_645_144_225e-11,
        8.921_691_020_456_453e-13,
    ];
    let square = u * u;
    let odd = DEBYE.iter().rev().fold(0.0, |sum, term| sum * square + term);
    let dilogarithm = u * odd + 0.25 * square;
    (0.5 * size * size - LN_2 * size + 0.5 * (PI * PI / 12.0 - dilogarithm)).copysign(x)
}
