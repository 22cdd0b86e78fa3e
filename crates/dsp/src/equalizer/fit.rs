//! Digital sections with a given magnitude: damped least squares on the logarithm.
//!
//! The bilinear transform squeezes a response towards half the sample rate. Here the coefficients of a seed are moved
//! until the magnitude on a grid of frequencies is the target's. The unknowns are the logarithms of the polynomials'
//! coefficients in s = (z − 1) / (z + 1): all positive is just what makes a section stable and minimum-phase, so every
//! step of the search is. A coefficient that is zero in the seed (a zero at 0 Hz) stays zero.
//!
//! Method: Levenberg 1944, Marquardt 1963. Everything is plain arithmetic and `libm`: the same result everywhere.

use crate::math::{cos, exp, exp2, ln, log2, sin};
use crate::svf::Section;
use std::f64::consts::PI;

/// Up to here, in Hz, the fit counts in full.
const AUDIBLE_HZ: f64 = 20_000.0;
/// How much the fit counts above.
const INAUDIBLE_WEIGHT: f64 = 0.2;
/// How much the fit counts where the target is below −60 dB, and where it is below −100 dB: there it need only stay
/// sane.
const FAINT_WEIGHTS: [(f64, f64); 2] = [(1e-3, 0.1), (1e-5, 1e-3)];
/// The most steps of the search.
const STEPS: usize = 60;

/// Moves the coefficients of `seed` until its magnitude is that of `target`, a gain (linear, above 0) by frequency in
/// Hz, from 20 Hz to half of `rate_hz`; up to 20 kHz it counts in full, above by a fifth, below −60 dB by a tenth.
/// Frequencies where the target is zero or not finite do not count. The seed's zeros must not lie outside the unit
/// circle, and those on it stay where they are; its level does not matter. The result is stable and minimum-phase, and
/// the same on every machine.
#[must_use]
pub fn fit_magnitude(target: &dyn Fn(f64) -> f64, rate_hz: f64, seed: &[Section]) -> Vec<Section> {
    let points = grid(target, rate_hz, seed);
    let mut best = Unknowns::of(seed);
    if best.values.is_empty() || points.len() < best.values.len() {
        return seed.to_vec();
    }
    best.level_to(&points);
    search(&mut best, &points);
    best.sections().unwrap_or_else(|| seed.to_vec())
}

/// One frequency of the grid.
#[derive(Clone, Copy, Debug)]
struct Point {
    /// sin² and cos² of half the angle on the unit circle: s = j·sin / cos.
    sin2: f64,
    cos2: f64,
    /// Natural logarithm of the target.
    log_gain: f64,
    weight: f64,
}

/// Frequencies that show every bend: even in octaves, even in Hz, and close together around the seed's corners.
fn frequencies(rate_hz: f64, seed: &[Section]) -> Vec<f64> {
    let nyquist = rate_hz / 2.0;
    let octaves = log2(nyquist / 20.0);
    let mut all: Vec<f64> = (0..40).map(|i| 20.0 * exp2(octaves * f64::from(i) / 40.0)).collect();
    all.extend((1..=32).map(|i| nyquist * f64::from(i) / 32.0));
    // Sections of one band bend at the same place: fewer points each will do.
    let around = (24 / seed.len().max(1) as i32).clamp(3, 12);
    for section in seed {
        let [d2, d1, d0] = section.denominator();
        let corner = crate::math::atan((d0 / d2).sqrt()) * rate_hz / PI;
        let width = (d1 / (d0 * d2).sqrt()).clamp(0.05, 2.0);
        let spread =
            (-around..=around).map(|i| corner * exp2(1.5 * width * f64::from(i) / f64::from(around)));
        all.extend(spread.filter(|hz| (10.0..nyquist).contains(hz)));
    }
    all.sort_by(f64::total_cmp);
    all.dedup_by(|a, b| *a - *b < 1e-4 * *b);
    all
}

fn grid(target: &dyn Fn(f64) -> f64, rate_hz: f64, seed: &[Section]) -> Vec<Point> {
    let point = |hz: f64| {
        let gain = target(hz);
        let half = PI * hz / rate_hz;
        let (sin, cos) = (sin(half), cos(half));
        let heard = if hz <= AUDIBLE_HZ { 1.0 } else { INAUDIBLE_WEIGHT };
        let faint = FAINT_WEIGHTS.iter().rev().find(|(below, _)| gain < *below).map_or(1.0, |(_, w)| *w);
        (gain.is_finite() && gain > 1e-100).then(|| Point {
            sin2: sin * sin,
            cos2: cos * cos,
            log_gain: ln(gain),
            weight: heard * faint,
        })
    };
    frequencies(rate_hz, seed).into_iter().filter_map(point).collect()
}

/// The sections as unknowns: logarithms of coefficients, of which one per polynomial is held (it would only change the
/// level), and the level.
#[derive(Clone, Debug)]
struct Unknowns {
    /// Numerator and denominator of each section in turn; highest power of s first.
    polynomials: Vec<[f64; 3]>,
    /// Which coefficient of which polynomial each unknown is the logarithm of.
    places: Vec<(usize, usize)>,
    /// The unknowns; the last one is the logarithm of the overall gain.
    values: Vec<f64>,
}

impl Unknowns {
    fn of(seed: &[Section]) -> Self {
        let mut polynomials = Vec::new();
        let (mut places, mut values) = (Vec::new(), Vec::new());
        for section in seed {
            for polynomial in [section.numerator(), section.denominator()] {
                let (held, largest) = polynomial
                    .iter()
                    .map(|c| c.abs())
                    .enumerate()
                    .fold((0, 0.0), |best, new| if new.1 > best.1 { new } else { best });
                let scaled = polynomial.map(|c| (c / largest).abs());
                // No middle coefficient: both roots on the unit circle (a zero at 0 Hz, a notch).
                let on_circle = scaled[1] == 0.0;
                for (power, coefficient) in scaled.iter().enumerate() {
                    if power != held && *coefficient > 0.0 && !on_circle {
                        places.push((polynomials.len(), power));
                        values.push(ln(*coefficient));
                    }
                }
                polynomials.push(scaled);
            }
        }
        values.push(0.0);
        Self { polynomials, places, values }
    }

    /// Takes the values over into the polynomials.
    fn apply(&mut self) {
        for ((polynomial, power), value) in self.places.iter().zip(&self.values) {
            // Far enough for any filter, and no infinities on the way.
            self.polynomials[*polynomial][*power] = exp(value.clamp(-60.0, 60.0));
        }
    }

    /// The level at which the weighted mean error is zero.
    fn level_to(&mut self, points: &[Point]) {
        let (mut sum, mut weights) = (0.0, 0.0);
        for point in points {
            sum += point.weight * (point.log_gain - self.log_gain(point));
            weights += point.weight;
        }
        if let Some(level) = self.values.last_mut() {
            *level += sum / weights;
        }
    }

    fn level(&self) -> f64 {
        self.values.last().copied().unwrap_or(0.0)
    }

    fn log_gain(&self, point: &Point) -> f64 {
        let mut ratio = 1.0;
        for pair in self.polynomials.chunks(2) {
            ratio *= square(&pair[0], point) / square(&pair[1], point);
        }
        self.level() + 0.5 * ln(ratio)
    }

    /// The derivative of the logarithm of the gain by each unknown.
    fn gradient(&self, point: &Point, into: &mut [f64]) {
        for ((polynomial, power), slot) in self.places.iter().zip(into.iter_mut()) {
            let p = &self.polynomials[*polynomial];
            let even = p[2] * point.cos2 - p[0] * point.sin2;
            let part = match power {
                0 => -even * p[0] * point.sin2,
                1 => p[1] * p[1] * point.sin2 * point.cos2,
                _ => even * p[2] * point.cos2,
            };
            let sign = if polynomial % 2 == 0 { 1.0 } else { -1.0 };
            *slot = sign * part / square(p, point);
        }
        if let Some(level) = into.last_mut() {
            *level = 1.0;
        }
    }

    /// The weighted sum of squared errors.
    fn cost(&self, points: &[Point]) -> f64 {
        points
            .iter()
            .map(|point| {
                let error = point.weight * (point.log_gain - self.log_gain(point));
                error * error
            })
            .sum()
    }

    fn sections(&self) -> Option<Vec<Section>> {
        let mut gain = exp(self.level());
        let mut sections = Vec::new();
        for pair in self.polynomials.chunks(2) {
            sections.push(Section::new(pair[0], pair[1]).ok()?.scaled(gain));
            gain = 1.0;
        }
        Some(sections)
    }
}

/// The squared magnitude of a polynomial in s on the unit circle, times cos⁴.
fn square(p: &[f64; 3], point: &Point) -> f64 {
    let even = p[2] * point.cos2 - p[0] * point.sin2;
    even * even + p[1] * p[1] * point.sin2 * point.cos2
}

/// The damped normal equations.
pub(super) struct Normal {
    size: usize,
    matrix: Vec<f64>,
    right: Vec<f64>,
    factor: Vec<f64>,
    row: Vec<f64>,
}

impl Normal {
    pub(super) fn new(size: usize) -> Self {
        Self {
            size,
            matrix: vec![0.0; size * size],
            right: vec![0.0; size],
            factor: vec![0.0; size * size],
            row: vec![0.0; size],
        }
    }

    fn fill(&mut self, unknowns: &Unknowns, points: &[Point]) {
        self.clear();
        let mut row = std::mem::take(&mut self.row);
        for point in points {
            unknowns.gradient(point, &mut row);
            self.add(&row, point.weight * point.weight, point.log_gain - unknowns.log_gain(point));
        }
        self.row = row;
    }

    /// No equations.
    pub(super) fn clear(&mut self) {
        self.matrix.fill(0.0);
        self.right.fill(0.0);
    }

    /// One more equation: `row` times the unknowns is `error`; it counts by `weight`.
    pub(super) fn add(&mut self, row: &[f64], weight: f64, error: f64) {
        let error = weight * error;
        for i in 0..self.size {
            let scaled = weight * row[i];
            let line = &mut self.matrix[i * self.size..=i * self.size + i];
            for (m, r) in line.iter_mut().zip(row) {
                *m += scaled * r;
            }
            self.right[i] += error * row[i];
        }
    }

    /// Solves with the diagonal enlarged by the factor 1 + `damping` (Cholesky). `None` when that is singular.
    pub(super) fn solve(&mut self, damping: f64) -> Option<Vec<f64>> {
        let n = self.size;
        for i in 0..n {
            for j in 0..=i {
                let mut sum = self.matrix[i * n + j];
                if i == j {
                    sum += damping * sum + 1e-14;
                }
                for k in 0..j {
                    sum -= self.factor[i * n + k] * self.factor[j * n + k];
                }
                if i == j {
                    if sum <= 0.0 {
                        return None;
                    }
                    self.factor[i * n + i] = sum.sqrt();
                } else {
                    self.factor[i * n + j] = sum / self.factor[j * n + j];
                }
            }
        }
        let mut x = self.right.clone();
        for i in 0..n {
            for k in 0..i {
                x[i] -= self.factor[i * n + k] * x[k];
            }
            x[i] /= self.factor[i * n + i];
        }
        for i in (0..n).rev() {
            for k in i + 1..n {
                x[i] -= self.factor[k * n + i] * x[k];
            }
            x[i] /= self.factor[i * n + i];
        }
        Some(x)
    }
}

/// Levenberg–Marquardt: a step that lowers the cost is taken and trusts the model more, any other trusts it less.
fn search(best: &mut Unknowns, points: &[Point]) {
    let mut normal = Normal::new(best.values.len());
    let mut cost = best.cost(points);
    let mut damping = 1e-2;
    normal.fill(best, points);
    for _ in 0..STEPS {
        let Some(step) = normal.solve(damping) else {
            damping *= 10.0;
            continue;
        };
        let mut next = best.clone();
        for (value, step) in next.values.iter_mut().zip(&step) {
            *value += step.clamp(-2.0, 2.0);
        }
        next.apply();
        let new = next.cost(points);
        if new < cost {
            let done = cost - new < 1e-9 * cost;
            (*best, cost) = (next, new);
            if done || cost < 1e-24 {
                break;
            }
            damping = (damping * 0.2).max(1e-12);
            normal.fill(best, points);
        } else {
            damping *= 4.0;
            if damping > 1e12 {
                break;
            }
        }
    }
}
