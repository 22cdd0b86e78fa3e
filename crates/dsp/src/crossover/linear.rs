//! A crossover that turns no phase.
//!
//! At each corner a linear-phase low-pass takes all below it; a band is what one low-pass lets through beyond the one
//! before, and the highest is the delayed signal without what the last one lets through. So the bands add up to the
//! delayed signal whatever the kernels are. Their magnitude is that of Linkwitz and Riley's low-pass, 1 / (1 + xⁿ),
//! whose complement is their high-pass.

use super::{CornerError, Slope, check};
use crate::convolver::Convolver;
use crate::equalizer::Kernels;
use crate::fft::Kind;
use crate::math::{pow, sin};
use std::f64::consts::PI;

/// A kernel that chooses its length reaches so many times the time in which it falls by e to each side …
const REACH: f64 = 10.0;
/// … but is no longer than this and no shorter than that, in seconds.
const LONGEST_S: f64 = 0.5;
const SHORTEST_S: f64 = 0.02;

/// One signal in, several bands out, all late by the same time.
#[derive(Clone, Debug)]
pub struct LinearCrossover {
    below: Vec<Convolver>,
    delays: Vec<Vec<f64>>,
    positions: Vec<usize>,
    taps: usize,
}

impl LinearCrossover {
    /// A crossover of `channels` channels with corners at `freqs_hz`, at a sample rate of `rate_hz`. Kernels are `kernel_s`
    /// seconds long, or as long as the lowest corner asks for.
    ///
    /// # Errors
    /// When there are no corners or too many, or they do not ascend below half the rate.
    pub fn new(
        freqs_hz: &[f64],
        slope: Slope,
        kernel_s: Option<f64>,
        rate_hz: f64,
        channels: usize,
        kind: Kind,
    ) -> Result<Self, CornerError> {
        check(freqs_hz, rate_hz)?;
        let kernel_s = kernel_s.unwrap_or_else(|| needed_s(freqs_hz[0], slope));
        let half = ((kernel_s * rate_hz / 2.0) as usize).max(1);
        let taps = 2 * half - 1;
        let below: Vec<Convolver> = freqs_hz
            .iter()
            .map(|freq_hz| Convolver::new(&low_pass(*freq_hz, slope, rate_hz, taps), channels, kind))
            .collect();
        let latency = taps / 2 + below[0].latency();
        Ok(Self { below, delays: vec![vec![0.0; latency]; channels], positions: vec![0; channels], taps })
    }

    /// The number of bands: one more than there are corners.
    #[must_use]
    pub fn bands(&self) -> usize {
        self.below.len() + 1
    }

    /// By how many frames the bands are late.
    #[must_use]
    pub fn latency(&self) -> usize {
        self.taps / 2 + self.below[0].latency()
    }

    /// How many frames after the last one heard the bands, their latency not counted, are exactly silent.
    #[must_use]
    pub fn tail(&self) -> usize {
        self.below[0].tail() - self.taps / 2
    }

    /// Back to silence.
    pub fn reset(&mut self) {
        self.below.iter_mut().for_each(Convolver::reset);
        self.delays.iter_mut().for_each(|delay| delay.fill(0.0));
        self.positions.fill(0);
    }

    /// Turns the next frames of all channels into all that is below corner `index`. Band `index` is that, less what is
    /// below the corner before.
    ///
    /// # Panics
    /// When there is no such corner, there are too many blocks, or they differ in length.
    pub fn take_below<'a>(&mut self, index: usize, blocks: impl IntoIterator<Item = &'a mut [f64]>) {
        self.below[index].process_all(blocks);
    }

    /// Delays the next frames of `channel`: the highest band is that, less what is below the last corner.
    ///
    /// # Panics
    /// When there is no such channel.
    pub fn delay(&mut self, channel: usize, block: &mut [f64]) {
        let (delay, position) = (&mut self.delays[channel], &mut self.positions[channel]);
        for x in block {
            std::mem::swap(x, &mut delay[*position]);
            *position = if *position + 1 == delay.len() { 0 } else { *position + 1 };
        }
    }
}

/// The length that lets a kernel at `freq_hz` die down.
fn needed_s(freq_hz: f64, slope: Slope) -> f64 {
    let fall_s = match slope {
        // 1 / (1 + |x|) has a bend at 0 Hz, which takes its time.
        Slope::First => 8.0 / (2.0 * PI * freq_hz),
        // The pole of 1 / (1 + xⁿ) that is nearest to the frequencies one hears is this far from them.
        _ => 1.0 / (2.0 * PI * freq_hz * sin(PI / f64::from(slope.order()))),
    };
    (2.0 * REACH * fall_s).clamp(SHORTEST_S, LONGEST_S)
}

fn low_pass(freq_hz: f64, slope: Slope, rate_hz: f64, length: usize) -> Vec<f64> {
    let order = f64::from(slope.order());
    let target = |hz: f64| [1.0 / (1.0 + pow(hz / freq_hz, order)); 2];
    let mut taps = Kernels::of_length(&[&target], rate_hz, length).taps.remove(0);
    // No band but the lowest has any part of a constant.
    let sum: f64 = taps.iter().sum();
    taps.iter_mut().for_each(|tap| *tap /= sum);
    taps
}
