//! Noise followed through the music: minima-controlled recursive averaging (Cohen and Berdugo 2002; improved, Cohen 2003).

use super::HOPS;
use super::profile::Tones;
use crate::math::fast_exp2;

/// How slowly the smoothed power follows, a hop.
const SMOOTHING: f64 = 0.9;
/// How slowly the noise follows where there is only noise.
const FOLLOWING: f64 = 0.98;
/// The minimum is that of so many parts …
const PARTS: usize = 10;
/// … of so many hops each: together ten seconds, so that a held note is no noise.
const PART_HOPS: usize = 86;
/// How far the minimum of smoothed noise is below its mean.
const BIAS: f64 = 2.2;
/// So many times as far the average of the noise may be.
const FURTHEST: f64 = 2.0;
/// Of unsmoothed and smoothed power against the minimum: beyond, it is music; below the lower one it is surely noise.
const SURELY: f64 = 4.6;
const PERHAPS: f64 = 3.0;
const SMOOTHED: f64 = 1.67;
/// What lies under all noise.
const NOTHING: f64 = 1e-20;
/// The noise is a little more than its average over what was taken for noise.
const COMPENSATION: f64 = 1.35;

/// With followed noise, tones are looked for anew after so many hops.
const TONES_HOPS: usize = 32;
/// What is told is smoothed over a bin more to either side every so many bins, and over so many at the most.
const NARROW: usize = 16;
const WIDEST: usize = 12;

/// Noise is wide: it is denser than an octave above by so much at the most (6 dB). What is more is music that never pauses.
const STEEPEST: f64 = 4.0;

/// The running minimum of one smoothing.
#[derive(Clone, Debug)]
struct Minimum {
    smoothed: Vec<f64>,
    current: Vec<f64>,
    part: Vec<f64>,
    parts: Vec<Vec<f64>>,
}

impl Minimum {
    fn new(bins: usize) -> Self {
        let never = vec![f64::INFINITY; bins];
        Self {
            smoothed: vec![0.0; bins],
            current: never.clone(),
            part: never.clone(),
            parts: vec![never; PARTS],
        }
    }

    fn reset(&mut self) {
        self.smoothed.fill(0.0);
        self.current.fill(f64::INFINITY);
        self.part.fill(f64::INFINITY);
        self.parts.iter_mut().for_each(|part| part.fill(f64::INFINITY));
    }

    fn follow(&mut self) {
        for ((current, part), smoothed) in self.current.iter_mut().zip(&mut self.part).zip(&self.smoothed) {
            *current = current.min(*smoothed);
            *part = part.min(*smoothed);
        }
    }

    fn turn(&mut self, number: usize) {
        self.parts[number % PARTS].copy_from_slice(&self.part);
        self.part.fill(f64::INFINITY);
        for (k, current) in self.current.iter_mut().enumerate() {
            *current = self.parts.iter().map(|part| part[k]).fold(f64::INFINITY, f64::min);
        }
    }
}

/// The noise of one channel.
#[derive(Clone, Debug)]
pub(super) struct Follower {
    /// Powers averaged over three bins.
    near: Vec<f64>,
    /// 1 where there is only noise, else 0.
    weights: Vec<f64>,
    /// Of everything, and of what is taken for noise.
    all: Minimum,
    quiet: Minimum,
    /// The average of what was taken for noise, and what is told of it.
    heard: Vec<f64>,
    noise: Vec<f64>,
    tones: Tones,
    /// Of noise and of the number of bins that are no tones, up to each bin.
    sums: Vec<[f64; 2]>,
    hops: usize,
    /// Hops without silence, up to the last.
    whole: usize,
}

impl Follower {
    pub(super) fn new(bins: usize) -> Self {
        Self {
            near: vec![0.0; bins],
            weights: vec![0.0; bins],
            all: Minimum::new(bins),
            quiet: Minimum::new(bins),
            heard: vec![0.0; bins],
            noise: vec![NOTHING; bins],
            tones: Tones::new(bins),
            sums: vec![[0.0; 2]; bins + 1],
            hops: 0,
            whole: 0,
        }
    }

    pub(super) fn reset(&mut self) {
        self.all.reset();
        self.quiet.reset();
        self.heard.fill(0.0);
        self.noise.fill(NOTHING);
        self.tones.reset();
        (self.hops, self.whole) = (0, 0);
    }

    /// The power of the noise in each bin, as far as is known.
    pub(super) fn noise(&self) -> &[f64] {
        &self.noise
    }

    /// Which bins are steady tones.
    pub(super) fn tonal(&self) -> &[bool] {
        self.tones.tonal()
    }

    /// Hears a frame, and whether there was silence in its last hop: frames with silence in them say nothing of the noise.
    pub(super) fn hear(&mut self, powers: &[f64], silent: bool) {
        self.whole = if silent { 0 } else { self.whole + 1 };
        if self.whole < HOPS {
            return;
        }
        self.average(powers);
        let memory = if self.hops == 0 { 0.0 } else { SMOOTHING };
        for (smoothed, near) in self.all.smoothed.iter_mut().zip(&self.near) {
            *smoothed = memory * *smoothed + (1.0 - memory) * near;
        }
        self.all.follow();
        self.smooth_quiet(powers, memory);
        self.quiet.follow();
        self.learn(powers);
        self.hops += 1;
        if self.hops.is_multiple_of(PART_HOPS) {
            let part = self.hops / PART_HOPS;
            self.all.turn(part);
            self.quiet.turn(part);
        }
    }

    /// A triangle over three bins.
    fn average(&mut self, powers: &[f64]) {
        let last = powers.len() - 1;
        for (k, near) in self.near.iter_mut().enumerate() {
            let (below, above) = (powers[k.saturating_sub(1)], powers[(k + 1).min(last)]);
            *near = 0.25 * (below + above) + 0.5 * powers[k];
        }
    }

    /// Smooths only what is taken for noise, by the first minimum.
    fn smooth_quiet(&mut self, powers: &[f64], memory: f64) {
        let bins = powers.len();
        let seen = powers.iter().zip(&self.all.current).zip(&self.all.smoothed);
        for (weight, ((power, least), smoothed)) in self.weights.iter_mut().zip(seen) {
            let least = BIAS * least;
            let noisy = *power < SURELY * least && *smoothed < SMOOTHED * least;
            *weight = f64::from(u8::from(noisy));
        }
        for k in 0..bins {
            let (below, above) = (k.saturating_sub(1), (k + 1).min(bins - 1));
            let weights = [0.25 * self.weights[below], 0.5 * self.weights[k], 0.25 * self.weights[above]];
            let sum: f64 = weights.iter().sum();
            if sum > 0.0 {
                let mean =
                    (weights[0] * powers[below] + weights[1] * powers[k] + weights[2] * powers[above]) / sum;
                let smoothed = &mut self.quiet.smoothed[k];
                *smoothed = memory * *smoothed + (1.0 - memory) * mean;
            } else if self.hops == 0 {
                self.quiet.smoothed[k] = self.near[k];
            }
        }
    }

    /// Averages the noise, the more slowly the likelier it is that there is music.
    fn learn(&mut self, powers: &[f64]) {
        // The first hops are averaged evenly.
        let following = FOLLOWING.min(self.hops as f64 / (self.hops + 1) as f64);
        for (k, power) in powers.iter().enumerate() {
            let least = (BIAS * self.quiet.current[k]).max(NOTHING);
            let (now, smoothed) = (power / least, self.all.smoothed[k] / least);
            let music = if smoothed >= SMOOTHED || now >= SURELY {
                1.0
            } else if now <= 1.0 {
                0.0
            } else {
                // How likely music is, given how likely it was before and how far the bin stands above its noise.
                let absent = if now < PERHAPS { (PERHAPS - now) / (PERHAPS - 1.0) } else { 0.0 };
                let noise = (COMPENSATION * self.heard[k]).max(NOTHING);
                let ratio = (power / noise - 1.0).max(0.003);
                let v = (power / noise).min(500.0) * ratio / (1.0 + ratio);
                let odds = absent / (1.0 - absent).max(1e-6)
                    * (1.0 + ratio)
                    * fast_exp2(-v * std::f64::consts::LOG2_E);
                1.0 / (1.0 + odds)
            };
            let memory = following + (1.0 - following) * music;
            self.heard[k] = memory * self.heard[k] + (1.0 - memory) * power;
            // What is averaged may be far too little where music was heard from the first, and too much where it is heard on and
            // on: it stays near the minimum.
            let least = self.all.current[k];
            self.heard[k] = self.heard[k].clamp(least, FURTHEST * BIAS * least);
        }
        self.tell();
    }

    /// Smooths what is told, where no tone stands out, the more widely the higher the bin: single bins are told too little as
    /// long as their minimum lasts.
    fn tell(&mut self) {
        if self.hops > 0 && self.hops.is_multiple_of(TONES_HOPS) {
            self.tones.look(&self.heard);
        }
        let tonal_bins = self.tones.tonal();
        let (mut sum, mut count) = (0.0, 0.0);
        for (k, (noise, tonal)) in self.heard.iter().zip(tonal_bins).enumerate() {
            if !tonal {
                sum += noise;
                count += 1.0;
            }
            self.sums[k + 1] = [sum, count];
        }
        let bins = self.heard.len();
        for (k, told) in self.noise.iter_mut().enumerate() {
            let reach = (k / NARROW).min(WIDEST);
            let (low, high) = (self.sums[k - reach], self.sums[(k + reach + 1).min(bins)]);
            let smooth = if tonal_bins[k] { self.heard[k] } else { (high[0] - low[0]) / (high[1] - low[1]) };
            *told = (COMPENSATION * smooth).max(NOTHING);
        }
        // From the top down, so that one bound rests on the other.
        for k in (1..bins / 2).rev() {
            if !(tonal_bins[k] && k >= NARROW) {
                self.noise[k] = self.noise[k].min(STEEPEST * self.noise[2 * k]);
            }
        }
        self.noise[0] = self.noise[0].min(STEEPEST * self.noise[1]);
    }
}
