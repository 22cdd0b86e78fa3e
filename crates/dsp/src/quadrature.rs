//! The size of an oscillation, at once and without ripple.
//!
//! Two chains of all-passes turn a signal's phase so that one is always a quarter of a turn behind the other: the root of
//! the sum of their squares is the amplitude of a steady tone, at every sample and any frequency from 20 Hz up to almost
//! half the rate. The chains are those of an elliptic half-band filter, moved by a quarter of the rate (Valenzuela and
//! Constantinides, *Digital signal processing schemes for efficient interpolation and decimation*, IEE Proc. G, 1983).
//! Nothing is delayed by a window; the low end is late by its own phase.

use crate::math::{cos, pow, sin, tan};
use std::f64::consts::PI;

/// The number of all-passes, half of them in each chain.
const COUNT: usize = 14;
/// The lowest frequency at which the chains are a quarter of a turn apart, in Hz.
const LOWEST_HZ: f64 = 18.0;
/// States below this are set to zero, so that none ever is a denormal number.
const SILENT: f64 = 1e-60;

/// All-passes (a − z⁻²) / (1 − a z⁻²), every other one in the same chain.
#[derive(Clone, Debug)]
pub struct Envelope {
    coefficients: [f64; COUNT],
    /// What went into each all-pass one and two frames ago, in turns; behind the last of each chain, what came out.
    states: [[f64; COUNT + 2]; 2],
    /// Which of both is two frames old.
    old: usize,
    /// What came out of the second chain a frame ago.
    late: f64,
}

impl Envelope {
    /// Silent, at a sample rate of `rate_hz`.
    #[must_use]
    pub fn new(rate_hz: f64) -> Self {
        Self {
            coefficients: coefficients(2.0 * LOWEST_HZ / rate_hz),
            states: [[0.0; COUNT + 2]; 2],
            old: 0,
            late: 0.0,
        }
    }

    /// Back to silence.
    pub fn reset(&mut self) {
        (self.states, self.old, self.late) = ([[0.0; COUNT + 2]; 2], 0, 0.0);
    }

    /// Replaces each sample by the amplitude there.
    pub fn run(&mut self, block: &mut [f64]) {
        for x in block {
            let old = &mut self.states[self.old];
            // Even numbers are of the first chain, odd ones of the second.
            let mut pair = [*x, *x];
            for (n, a) in self.coefficients.chunks_exact(2).enumerate() {
                for lane in 0..2 {
                    let at = 2 * n + lane;
                    let y = a[lane] * (pair[lane] + old[at + 2]) - old[at];
                    old[at] = pair[lane];
                    pair[lane] = y;
                }
            }
            old[COUNT..].copy_from_slice(&pair);
            self.old = 1 - self.old;
            let behind = self.late;
            self.late = pair[1];
            *x = (pair[0] * pair[0] + behind * behind).sqrt();
        }
    }

    /// Sets small states to zero.
    pub fn flush(&mut self) {
        for state in self.states.as_flattened_mut() {
            if state.abs() < SILENT {
                *state = 0.0;
            }
        }
        if self.late.abs() < SILENT {
            self.late = 0.0;
        }
    }
}

/// The coefficients, of both chains in turn, of the half-band filter whose transition is so wide, as a part of the rate:
/// by the theta series of the elliptic functions.
fn coefficients(transition: f64) -> [f64; COUNT] {
    let k = tan((1.0 - 2.0 * transition) * PI / 4.0);
    let k = k * k;
    let root = (1.0 - k * k).sqrt().sqrt();
    let e = 0.5 * (1.0 - root) / (1.0 + root);
    let e4 = pow(e, 4.0);
    let q = e * (1.0 + e4 * (2.0 + e4 * (15.0 + 150.0 * e4)));
    let order = (2 * COUNT + 1) as f64;
    std::array::from_fn(|index| {
        let turn = PI * (index + 1) as f64 / order;
        let (mut above, mut below) = (0.0, 0.5);
        for i in 0..24 {
            let i = f64::from(i);
            let sign = if i % 2.0 == 0.0 { 1.0 } else { -1.0 };
            above += sign * pow(q, i * (i + 1.0)) * sin((2.0 * i + 1.0) * turn);
            if i > 0.0 {
                below += sign * pow(q, i * i) * cos(2.0 * i * turn);
            }
        }
        let w = above * pow(q, 0.25) / below;
        let w2 = w * w;
        let x = ((1.0 - w2 * k) * (1.0 - w2 / k)).sqrt() / (1.0 + w2);
        (1.0 - x) / (1.0 + x)
    })
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;

    #[test]
    fn a_steady_tone_has_a_steady_amplitude() {
        for rate in [44.1e3, 48e3, 88.2e3, 96e3, 192e3] {
            for hz in [20.0, 31.7, 100.0, 997.0, 5000.0, rate / 4.0, 16e3, 20e3] {
                let mut envelope = Envelope::new(rate);
                let frames = (rate * 0.6) as usize;
                let mut block: Vec<f64> =
                    (0..frames).map(|n| 0.5 * (2.0 * PI * hz / rate * n as f64 + 0.7).sin()).collect();
                envelope.run(&mut block);
                let settled = &block[frames - frames / 6..];
                let worst = settled.iter().map(|x| (20.0 * (x / 0.5).log10()).abs()).fold(0.0, f64::max);
                assert!(worst <= 0.01, "{hz} Hz at {rate} Hz: {worst} dB");
            }
        }
    }

    #[test]
    fn it_is_silent_again_in_the_end() {
        let mut envelope = Envelope::new(44.1e3);
        let mut block = vec![1.0; 100];
        envelope.run(&mut block);
        let mut silence = vec![0.0; 32];
        for _ in 0..2_000_000 / 32 {
            silence.fill(0.0);
            envelope.run(&mut silence);
            envelope.flush();
        }
        assert!(silence.iter().all(|x| *x == 0.0));
    }
}
