//! Curves that clip, and what they take away without aliasing.
//!
//! A curve is held as its *excess*: what it takes off the signal, v − f(v). That is exactly zero wherever nothing is
//! clipped, so whoever subtracts it from the delayed signal leaves all the rest of it untouched, to the bit.
//!
//! Antiderivative antialiasing (Parker, Zavalishin and Le Bivic, *Reducing the aliasing of nonlinear waveshaping using
//! continuous-time convolution*, DAFx 2016; Bilbao, Esqueda, Parker and Välimäki, *Antiderivative antialiasing for
//! memoryless nonlinearities*, IEEE SPL 2017) takes, in place of the curve at a sample, its mean over the way from the
//! last sample to this one (first order), or over the triangle of the last three (second order). The mean is a divided
//! difference of antiderivatives, which loses all its digits when the samples lie close together. Here each part of a
//! curve has its mean in a form that loses none (`spline`), or by a series where samples are close (`smooth`).
//!
//! The mean dulls the highest frequencies. What dulls is known, so a short filter undoes it (`droop`).

mod clipper;
mod droop;
mod smooth;
mod spline;

pub use clipper::{Clipped, Clipper, Settings};

use crate::math::fast_tanh;
use crate::oversampler::Factor;
use droop::Droop;
use spline::Term;

/// A curve of slope 1 at zero that goes to ±1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// Straight up to ±1, and flat from there.
    Hard,
    /// Straight, then a parabola of this width around 1, then flat; the width is a part of the way to 1, 0 to 1.
    Knee(f64),
    /// v − 4/27·v³ up to 1.5, and flat from there.
    Cubic,
    /// The hyperbolic tangent.
    Tanh,
}

/// How far means are taken in place of values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Values.
    #[default]
    None,
    /// Means over the way from the last sample.
    First,
    /// Means over the triangle of the last three samples.
    Second,
}

impl Shape {
    /// The curve.
    #[must_use]
    pub fn value(self, v: f64) -> f64 {
        v - self.excess(v)
    }

    /// What the curve takes away.
    #[inline]
    #[must_use]
    pub fn excess(self, v: f64) -> f64 {
        let size = v.abs();
        let over = match self {
            Self::Hard => (size - 1.0).max(0.0),
            Self::Knee(width) => {
                let (begin, width) = knee(width);
                let inside = (size - begin).clamp(0.0, width);
                inside * inside / (2.0 * width) + (size - begin - width).max(0.0)
            }
            Self::Cubic => {
                let inside = size.min(1.5);
                4.0 / 27.0 * (inside * inside * inside) + (size - inside)
            }
            Self::Tanh => size - fast_tanh(size),
        };
        over.copysign(v)
    }

    /// Where the curve leaves the straight line.
    #[must_use]
    pub fn corner(self) -> f64 {
        match self {
            Self::Hard => 1.0,
            Self::Knee(width) => knee(width).0,
            Self::Cubic | Self::Tanh => 0.0,
        }
    }

    /// The excess above zero as a sum of truncated powers. None for a curve that is not made of polynomials.
    fn terms(self) -> Vec<Term> {
        match self {
            Self::Hard => vec![Term::new(1.0, 1, 1.0)],
            Self::Knee(width) => {
                let (begin, width) = knee(width);
                let bend = 0.5 / width;
                vec![Term::new(begin, 2, bend), Term::new(begin + width, 2, -bend)]
            }
            Self::Cubic => vec![
                Term::new(0.0, 3, 4.0 / 27.0),
                Term::new(1.5, 2, -2.0 / 3.0),
                Term::new(1.5, 3, -4.0 / 27.0),
            ],
            Self::Tanh => Vec::new(),
        }
    }
}

/// Where a knee begins, and how wide it is: half of it lies below 1. Never so narrow that it cannot be divided by.
fn knee(width: f64) -> (f64, f64) {
    let half = width.clamp(1e-3, 1.0);
    (1.0 - half, 2.0 * half)
}

/// Takes the excess of a curve, on a number of channels at a higher rate.
#[derive(Clone, Debug)]
pub struct Shaper {
    shape: Shape,
    order: Order,
    corner: f64,
    terms: Vec<Term>,
    droop: Droop,
    /// The last two samples of each channel, the newer one first.
    last: Vec<[f64; 2]>,
}

impl Shaper {
    /// A shaper at rest, at a rate that is `factor` times that of the programme. Means need at least twice the rate: at
    /// the programme's own values are taken, whatever `order` says.
    #[must_use]
    pub fn new(shape: Shape, order: Order, factor: Factor, channels: usize) -> Self {
        let order = if factor == Factor::X1 { Order::None } else { order };
        Self {
            shape,
            order,
            corner: shape.corner(),
            terms: shape.terms(),
            droop: Droop::new(order, factor, channels),
            last: vec![[0.0; 2]; channels],
        }
    }

    /// By how many samples of the higher rate the excess is late.
    #[must_use]
    pub fn delay(&self) -> usize {
        self.droop.delay()
    }

    /// Back to silence.
    pub fn reset(&mut self) {
        self.droop.reset();
        self.last.fill([0.0; 2]);
    }

    /// Replaces the next samples of `channel` by the excess.
    ///
    /// # Panics
    /// When there is no such channel.
    pub fn excess(&mut self, channel: usize, samples: &mut [f64]) {
        match self.order {
            Order::None => return self.values(samples),
            Order::First => self.means(channel, samples, |shaper, v, [last, _]| shaper.first([v, last])),
            Order::Second => {
                self.means(channel, samples, |shaper, v, [last, before]| shaper.second([v, last, before]));
            }
        }
        self.droop.process(channel, samples);
    }

    /// Replaces samples by their own excess, the choice of the curve outside the loop.
    fn values(&self, samples: &mut [f64]) {
        fn all(samples: &mut [f64], of: impl Fn(f64) -> f64) {
            samples.iter_mut().for_each(|v| *v = of(*v));
        }
        match self.shape {
            Shape::Hard => all(samples, |v| Shape::Hard.excess(v)),
            Shape::Knee(width) => all(samples, |v| Shape::Knee(width).excess(v)),
            Shape::Cubic => all(samples, |v| Shape::Cubic.excess(v)),
            Shape::Tanh => all(samples, |v| Shape::Tanh.excess(v)),
        }
    }

    /// Replaces samples by `mean` of them and the last two; by zero where none of them has an excess.
    #[inline(always)]
    fn means(&mut self, channel: usize, samples: &mut [f64], mean: impl Fn(&Self, f64, [f64; 2]) -> f64) {
        let mut last = self.last[channel];
        for sample in samples {
            let v = *sample;
            let most = v.abs().max(last[0].abs()).max(last[1].abs());
            *sample = if most <= self.corner { 0.0 } else { mean(self, v, last) };
            last = [v, last[0]];
        }
        self.last[channel] = last;
    }

    fn first(&self, ends: [f64; 2]) -> f64 {
        match self.shape {
            Shape::Tanh => 0.5 * (ends[0] + ends[1]) - smooth::tanh_first(ends),
            _ => spline::first(&self.terms, ends),
        }
    }

    fn second(&self, corners: [f64; 3]) -> f64 {
        match self.shape {
            Shape::Tanh => (corners[0] + corners[1] + corners[2]) / 3.0 - smooth::tanh_second(corners),
            _ => spline::second(&self.terms, corners),
        }
    }
}

#[cfg(test)]
mod tests;
