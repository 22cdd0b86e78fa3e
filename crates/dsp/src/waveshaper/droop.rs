//! What undoes the dulling of the means.

use super::Order;
use crate::math::cos;
use crate::oversampler::{CHUNK, Factor, PASS_OF_RATE};
use std::f64::consts::PI;

/// How near the pass band comes to flat: a part of the gain.
const FLAT: f64 = 1e-8;

/// A short symmetric filter at the higher rate, flat together with the means up to where the programme ends.
#[derive(Clone, Debug)]
pub(super) struct Droop {
    /// All taps. None where no means are taken.
    taps: Vec<f64>,
    delay: usize,
    channels: Vec<Channel>,
}

#[derive(Clone, Debug)]
struct Channel {
    /// Old samples, as many as taps but one, and those of a block.
    samples: Vec<f64>,
    silent: bool,
}

impl Droop {
    pub(super) fn new(order: Order, factor: Factor, channels: usize) -> Self {
        let (taps, delay) = match order {
            Order::None => (Vec::new(), 0),
            // Half a sample of the mean and half of an even number of taps.
            Order::First => {
                let smooth = inverse(factor, |cosine| 2.0 / (1.0 + cosine));
                let pairs = smooth.iter().chain(&[0.0]).zip([0.0].iter().chain(&smooth));
                (pairs.map(|(a, b)| 0.5 * (a + b)).collect(), smooth.len() / 2 + 1)
            }
            Order::Second => {
                let taps = inverse(factor, |cosine| 3.0 / (1.0 + 2.0 * cosine));
                let delay = taps.len() / 2 + 1;
                (taps, delay)
            }
        };
        let samples = vec![0.0; taps.len().saturating_sub(1) + CHUNK * factor.times()];
        Self { taps, delay, channels: vec![Channel { samples, silent: true }; channels] }
    }

    /// By how many samples mean and filter together are late.
    pub(super) fn delay(&self) -> usize {
        self.delay
    }

    pub(super) fn reset(&mut self) {
        for channel in &mut self.channels {
            channel.samples.fill(0.0);
            channel.silent = true;
        }
    }

    pub(super) fn process(&mut self, channel: usize, block: &mut [f64]) {
        if self.taps.is_empty() {
            return;
        }
        let Channel { samples, silent } = &mut self.channels[channel];
        if *silent && block.iter().all(|x| *x == 0.0) {
            return;
        }
        let before = self.taps.len() - 1;
        let most = samples.len() - before;
        for part in block.chunks_mut(most) {
            samples[before..before + part.len()].copy_from_slice(part);
            part.fill(0.0);
            for (shift, tap) in self.taps.iter().enumerate() {
                for (sum, x) in part.iter_mut().zip(&samples[shift..]) {
                    *sum += tap * x;
                }
            }
            samples.copy_within(part.len()..part.len() + before, 0);
        }
        *silent = samples[..before].iter().all(|x| *x == 0.0);
    }
}

/// An odd number of symmetric taps whose gain, as a function of the cosine of the frequency, is `wanted` between 0 and
/// the end of the pass band: a polynomial through Chebyshev's points, of the lowest degree that is flat enough.
fn inverse(factor: Factor, wanted: impl Fn(f64) -> f64) -> Vec<f64> {
    let edge = cos(2.0 * PI * PASS_OF_RATE / factor.times() as f64);
    let (middle, half) = (0.5 * (1.0 + edge), 0.5 * (1.0 - edge));
    let mut degree = 2;
    loop {
        let series = chebyshev(degree, |x| wanted(middle + half * x));
        let gain = |cosine: f64| clenshaw(&series, (cosine - middle) / half);
        let worst = (0..=100)
            .map(|step| 1.0 - (1.0 - edge) * f64::from(step) / 100.0)
            .map(|cosine| (gain(cosine) / wanted(cosine) - 1.0).abs())
            .fold(0.0, f64::max);
        if worst <= FLAT || degree == 16 {
            return taps(degree, gain);
        }
        degree += 1;
    }
}

/// The taps, from the outermost to the outermost, of a filter whose gain is a polynomial of this degree in the cosine.
fn taps(degree: usize, gain: impl Fn(f64) -> f64) -> Vec<f64> {
    let length = 2 * degree + 1;
    let turn = 2.0 * PI / length as f64;
    let gains: Vec<f64> = (0..length).map(|k| gain(cos(turn * k as f64))).collect();
    let tap = |at: usize| {
        let terms = gains.iter().enumerate().map(|(k, gain)| gain * cos(turn * (k * at) as f64));
        terms.sum::<f64>() / length as f64
    };
    (0..length).map(|index| tap(index.abs_diff(degree))).collect()
}

/// The first `degree` + 1 coefficients of the Chebyshev series of `of` on −1 … 1, by its values at the nodes.
fn chebyshev(degree: usize, of: impl Fn(f64) -> f64) -> Vec<f64> {
    let count = degree + 1;
    let angle = |node: usize| PI * (node as f64 + 0.5) / count as f64;
    let coefficient = |k: usize| {
        let terms = (0..count).map(|node| of(cos(angle(node))) * cos(k as f64 * angle(node)));
        terms.sum::<f64>() * if k == 0 { 1.0 } else { 2.0 } / count as f64
    };
    (0..count).map(coefficient).collect()
}

/// The value of a Chebyshev series.
fn clenshaw(series: &[f64], x: f64) -> f64 {
    let (mut one, mut two) = (0.0, 0.0);
    for coefficient in series[1..].iter().rev() {
        (one, two) = (coefficient + 2.0 * x * one - two, one);
    }
    series[0] + x * one - two
}
