//! From the powers of a frame and those of the noise to a gain for each bin.
//!
//! The steps are those of Ephraim and Malah (1984, 1985: the decision-directed estimate of how far music stands above noise, and
//! the gain that is best for the logarithm of the amplitude) and of Cohen and Berdugo (2001: how likely it is that there is music
//! at all, seen from the bin's surroundings, and a gain between that of music and the floor).
//!
//! The estimate is made twice. One with a long memory hardly twitches in noise, and says whether there is music. But it comes to
//! music late, and stays low where music is soft; so how much music there is says one with a short memory, whose gain is taken at its
//! word for this very frame (the two steps of Plapous, Marro and Scalart, *Improved signal-to-noise ratio estimation for speech
//! enhancement*, 2006) and settles over a few frames. Where the first finds no music, the twitching of the second is not heard.

use super::lsa::HalfIntegral;
use crate::math::{db_to_gain, fast_exp2, fast_log2};

/// How much of the last frame's music is expected in this one: where it is asked whether there is music, and where how much.
const WHETHER: f64 = 0.98;
const HOW_MUCH: f64 = 0.85;
/// How slowly the ratio that was found with this frame's gain follows.
const SETTLING: f64 = 0.4;
/// The least that music is taken to stand above noise, as a ratio of powers: −25 dB.
const LEAST_RATIO: f64 = 3.2e-3;
/// The most that noise is: ratios are clipped here, where gains have long been 1.
const MOST_RATIO: f64 = 1e12;
/// How slowly the ratio, averaged for the question of presence, follows.
const PRESENCE_MEMORY: f64 = 0.7;
/// Bins to either side that are averaged for a look at the surroundings: near, and wide.
const NEAR: usize = 1;
const WIDE: usize = 15;
/// Below the first averaged ratio there is surely no music, above the second there surely is: −10 and −5 dB.
const ABSENT: f64 = 0.1;
const PRESENT: f64 = 0.316;
/// The averaged ratio is clipped here, so that one loud partial says little about bins far from it.
const LOUD: f64 = 10.0;
/// The most certain that absence ever is: the short memory gives single bins of noise a high ratio, which must not speak for music
/// by itself.
const MOST_ABSENT: f64 = 0.99999;

/// What the gains are made by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Shape {
    /// By how much noise is taken to be louder than it was measured, as a ratio of powers.
    pub(super) over: f64,
    /// How much of an onset is let through, 0 to 1.
    pub(super) protect: f64,
}

/// The gains of one group of channels, and what they remember.
#[derive(Clone, Debug)]
pub(super) struct Gains {
    shape: Shape,
    half: HalfIntegral,
    /// log₂ of the least gain, a bin.
    floor: Vec<f64>,
    /// This frame's ratio of the signal's power to that of the noise.
    posterior: Vec<f64>,
    /// The ratio of music to noise.
    prior: Vec<f64>,
    /// The last frame's music, as a ratio to the noise: found with the long memory, and with the short one.
    steady: Vec<f64>,
    quick: Vec<f64>,
    /// The averaged ratio, the same over near surroundings and over wide ones, and memory for sums.
    averaged: Vec<f64>,
    near: Vec<f64>,
    wide: Vec<f64>,
    sums: Vec<f64>,
    onsets: Onsets,
    /// The gain of this frame.
    gain: Vec<f64>,
}

impl Gains {
    pub(super) fn new(bins: usize, shape: Shape) -> Self {
        let zeros = vec![0.0; bins];
        Self {
            shape,
            half: HalfIntegral::new(),
            floor: zeros.clone(),
            posterior: zeros.clone(),
            prior: zeros.clone(),
            steady: zeros.clone(),
            quick: zeros.clone(),
            averaged: zeros.clone(),
            near: zeros.clone(),
            wide: zeros.clone(),
            sums: vec![0.0; bins + 1],
            onsets: Onsets::new(bins),
            gain: zeros,
        }
    }

    /// Sets the least gain of every bin, in dB of reduction: one of tones, one of everything else.
    pub(super) fn set_floor(&mut self, tonal: &[bool], tonal_db: f64, reduction_db: f64) {
        let [of_tones, others] = [tonal_db, reduction_db].map(|db| fast_log2(db_to_gain(-db)));
        for (floor, tonal) in self.floor.iter_mut().zip(tonal) {
            *floor = if *tonal { of_tones } else { others };
        }
    }

    pub(super) fn reset(&mut self) {
        for memory in [&mut self.prior, &mut self.steady, &mut self.quick, &mut self.averaged] {
            memory.fill(0.0);
        }
        self.onsets.reset();
    }

    /// Begins a frame.
    pub(super) fn clear(&mut self) {
        self.posterior.fill(0.0);
    }

    /// Adds a channel's powers to the frame; `share` is one over the number of channels.
    pub(super) fn add(&mut self, powers: &[f64], noise: &[f64], share: f64) {
        let factor = share / self.shape.over;
        for ((posterior, power), noise) in self.posterior.iter_mut().zip(powers).zip(noise) {
            *posterior += factor * (power / noise).min(MOST_RATIO);
        }
    }

    /// Makes the gains for the frame whose powers were added.
    pub(super) fn frame(&mut self) {
        self.onsets.look(&self.posterior);
        self.expect();
        self.look_around();
        self.decide();
    }

    /// The gain of each bin for the last frame.
    pub(super) fn gains(&self) -> &[f64] {
        &self.gain
    }

    /// The two decision-directed estimates: the average of the one over time, and the ratio by the other.
    fn expect(&mut self) {
        let protect = self.shape.protect;
        let memories = self.steady.iter_mut().zip(&mut self.quick);
        let ratios = self.averaged.iter_mut().zip(&mut self.prior);
        let seen = self.posterior.iter().zip(&self.onsets.strength);
        for (((steady, quick), (averaged, prior)), (posterior, onset)) in memories.zip(ratios).zip(seen) {
            let now = (posterior - 1.0).max(0.0);
            // In an onset the last frame says nothing about this one.
            let lasting = 1.0 - protect * onset;
            let ratio = expected(*steady, now, WHETHER * lasting);
            *averaged += (1.0 - PRESENCE_MEMORY) * (ratio - *averaged);
            *steady = found(ratio, *posterior);
            *quick = found(expected(*quick, now, HOW_MUCH * lasting), *posterior);
            *prior = (SETTLING * *prior + (1.0 - SETTLING) * *quick).max(LEAST_RATIO);
        }
    }

    /// Averages the ratio over the surroundings of each bin.
    fn look_around(&mut self) {
        triangle(&self.averaged, NEAR, &mut self.sums, &mut self.gain, &mut self.near);
        triangle(&self.averaged, WIDE, &mut self.sums, &mut self.gain, &mut self.wide);
    }

    /// In three loops, of which the first and the last are plain arithmetic.
    fn decide(&mut self) {
        let bins = self.gain.len();
        let (posterior, prior) = (&self.posterior[..bins], &self.prior[..bins]);
        // log₂ of the gain of music goes into the memory for sums, log₂ of v into that for the gain.
        let (music, log_v) = (&mut self.sums[..bins], &mut self.gain[..bins]);
        for k in 0..bins {
            let log_wiener = fast_log2(prior[k] / (1.0 + prior[k]));
            music[k] = log_wiener;
            log_v[k] = log_wiener + fast_log2(posterior[k] + 1e-30);
        }
        for (music, log_v) in music.iter_mut().zip(&*log_v) {
            *music = (*music + self.half.at(*log_v)).min(0.0);
        }
        let (near, wide, floor) = (&self.near[..bins], &self.wide[..bins], &self.floor[..bins]);
        let onset = &self.onsets.strength[..bins];
        let (gain, protect) = (&mut self.gain[..bins], self.shape.protect);
        for k in 0..bins {
            let absent = (1.0 - presence(near[k]) * presence(wide[k])).min(MOST_ABSENT);
            let wiener = prior[k] / (1.0 + prior[k]);
            let unlikely = fast_exp2(-std::f64::consts::LOG2_E * wiener * posterior[k]);
            let odds = absent / (1.0 - absent) * (1.0 + prior[k]) * unlikely;
            let sure = (1.0 / (1.0 + odds)).max(protect * onset[k] * wiener);
            gain[k] = fast_exp2((sure * music[k] + (1.0 - sure) * floor[k]).max(floor[k]));
        }
    }
}

/// The ratio to expect between what music was `last` and what is seen `now`.
#[inline]
fn expected(last: f64, now: f64, memory: f64) -> f64 {
    (memory * last + (1.0 - memory) * now).max(LEAST_RATIO)
}

/// The music in a bin of which `ratio` was expected: by Wiener's gain, which needs no logarithm.
#[inline]
fn found(ratio: f64, posterior: f64) -> f64 {
    let wiener = ratio / (1.0 + ratio);
    wiener * wiener * posterior
}

/// How likely music is in surroundings of this averaged ratio.
#[inline]
fn presence(ratio: f64) -> f64 {
    const SCALE: f64 = 1.0 / (PRESENT - ABSENT);
    ((ratio - ABSENT) * SCALE).clamp(0.0, 1.0)
}

/// A triangular average over `reach` bins to either side (two boxes in a row), at the edges over what is there. Of clipped
/// values.
fn triangle(values: &[f64], reach: usize, sums: &mut [f64], between: &mut [f64], out: &mut [f64]) {
    // Two boxes of reach + 1 bins make a triangle that is zero at reach + 1.
    boxed(values, reach / 2, reach.div_ceil(2), sums, between);
    boxed(between, reach.div_ceil(2), reach / 2, sums, out);
}

fn boxed(values: &[f64], below: usize, above: usize, sums: &mut [f64], out: &mut [f64]) {
    let mut sum = 0.0;
    for (to, value) in sums[1..].iter_mut().zip(values) {
        sum += value.min(LOUD);
        *to = sum;
    }
    let bins = values.len();
    for (k, out) in out.iter_mut().enumerate() {
        let (low, high) = (k.saturating_sub(below), (k + above + 1).min(bins));
        *out = (sums[high] - sums[low]) / (high - low) as f64;
    }
}

/// Where something begins: a sudden rise of what stands above the noise, band by band.
#[derive(Clone, Debug)]
struct Onsets {
    /// Bins behind the last of each band.
    ends: Vec<usize>,
    /// Mean of log₂(1 + ratio) over each band, one and two frames ago.
    before: Vec<[f64; 2]>,
    /// From 0, nothing begins, to 1; a bin.
    strength: Vec<f64>,
}

/// A rise, in octaves of power within two hops, from which on it may be an onset, and the one that surely is.
const RISE: [f64; 2] = [1.0, 2.5];

impl Onsets {
    fn new(bins: usize) -> Self {
        // Bands of about half an octave, and of eight bins at least.
        let mut ends = vec![];
        let mut end = 8;
        while end < bins {
            ends.push(end);
            end = (end + 8).max(end * 14 / 10);
        }
        ends.push(bins);
        Self { before: vec![[0.0; 2]; ends.len()], ends, strength: vec![0.0; bins] }
    }

    fn reset(&mut self) {
        self.before.fill([0.0; 2]);
    }

    fn look(&mut self, posterior: &[f64]) {
        let mut begin = 0;
        for (end, before) in self.ends.iter().zip(&mut self.before) {
            let band = &posterior[begin..*end];
            let level = band.iter().map(|ratio| fast_log2(1.0 + ratio)).sum::<f64>() / band.len() as f64;
            let rise = level - before[0].max(before[1]);
            let strength = ((rise - RISE[0]) / (RISE[1] - RISE[0])).clamp(0.0, 1.0);
            self.strength[begin..*end].fill(strength);
            *before = [level, before[0]];
            begin = *end;
        }
    }
}
