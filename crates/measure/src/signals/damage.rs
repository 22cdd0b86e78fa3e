//! What records, tapes, mains and microphones add: clicks, hiss, hum, plosives.

use super::gaussian;
use deadwax_dsp::math::{cos, pow, sin};
use deadwax_dsp::noise::Noise;
use std::f64::consts::{PI, TAU};
use std::ops::Range;

/// Clicks in a second.
const CLICKS_PER_S: f64 = 20.0;
/// The shortest and the longest, in samples at 44.1 kHz; a click lasts as long at every rate.
const CLICK_SAMPLES: [f64; 2] = [1.0, 60.0];
/// The softest and the loudest.
const CLICK_PEAKS: [f64; 2] = [0.05, 0.6];

/// One click.
#[derive(Clone, Debug, PartialEq)]
pub struct Click {
    /// The frames it covers.
    pub frames: Range<usize>,
    /// Its largest sample, the first, without sign.
    pub peak: f64,
}

/// Clicks, 20 in a second, each somewhere in its own twentieth, 1 to 60 samples long (at 44.1 kHz), of amplitudes from
/// 0.05 to 0.6: bursts of noise that begin at their peak.
#[derive(Clone, Debug, PartialEq)]
pub struct Clicks {
    /// Nothing but the clicks: to be added to a programme.
    pub samples: Vec<f64>,
    /// Where they are.
    pub clicks: Vec<Click>,
}

impl Clicks {
    /// The clicks of one channel.
    #[must_use]
    pub fn new(rate_hz: f64, seconds: f64, seed: u64) -> Self {
        let frames = (seconds * rate_hz) as usize;
        let (lot, burst) = (Noise::new(seed, 0), Noise::new(seed, 1));
        let between = |[low, high]: [f64; 2], draw: u64| low + (high - low) * (0.5 + 0.5 * lot.uniform(draw));
        let mut made = Self { samples: vec![0.0; frames], clicks: Vec::new() };
        let slot = rate_hz / CLICKS_PER_S;
        for index in 0..(seconds * CLICKS_PER_S) as u64 {
            let samples = between([CLICK_SAMPLES[0] - 0.5, CLICK_SAMPLES[1] + 0.5], 4 * index);
            let length = ((samples.round() * rate_hz / 44_100.0) as usize).max(1);
            let peak = between(CLICK_PEAKS, 4 * index + 1);
            let sign = lot.uniform(4 * index + 2).signum();
            let room = (slot as usize).saturating_sub(length + 1) as f64;
            let begin = (index as f64 * slot + between([0.0, room], 4 * index + 3)) as usize;
            let range = begin..(begin + length).min(frames);
            for frame in range.clone() {
                let shape = if frame == begin { sign } else { burst.uniform(frame as u64) };
                made.samples[frame] = peak * shape;
            }
            if !range.is_empty() {
                made.clicks.push(Click { frames: range, peak });
            }
        }
        made
    }

    /// For each frame, whether a click covers it.
    #[must_use]
    pub fn mask(&self) -> Vec<bool> {
        let mut mask = vec![false; self.samples.len()];
        for click in &self.clicks {
            mask[click.frames.clone()].fill(true);
        }
        mask
    }
}

/// Noise that gets louder towards the top, as tape hiss does after its equalisation: the difference of each sample of
/// white Gaussian noise from the one before, with a mean square of `rms_dbfs` (re 1).
#[must_use]
pub fn hiss(rate_hz: f64, seconds: f64, rms_dbfs: f64, seed: u64) -> Vec<f64> {
    let white = gaussian((seconds * rate_hz) as usize + 1, seed);
    // The difference of two independent numbers has twice the power of one.
    let scale = pow(10.0, rms_dbfs / 20.0) / std::f64::consts::SQRT_2;
    white.windows(2).map(|pair| scale * (pair[1] - pair[0])).collect()
}

/// The middle of the mains frequency, in Hz …
pub const HUM_HZ: f64 = 50.03;
/// … and how far it drifts to either side.
pub const HUM_DRIFT_HZ: f64 = 0.05;
/// How many harmonics hum has, the first included.
pub const HUM_HARMONICS: usize = 20;
/// How long a drift there and back takes, in seconds.
const DRIFT_S: f64 = 9.0;

/// Mains hum: 20 harmonics of 50.03 Hz, drifting by ±0.05 Hz.
#[derive(Clone, Debug, PartialEq)]
pub struct Hum {
    drift_phase: f64,
    /// Amplitude and phase of each harmonic.
    harmonics: Vec<(f64, f64)>,
}

impl Hum {
    /// Harmonics drawn by lot, weaker towards the top, odd ones stronger, with a mean square of `rms_dbfs` (re 1)
    /// together.
    #[must_use]
    pub fn new(rms_dbfs: f64, seed: u64) -> Self {
        let lot = Noise::new(seed, 0);
        let weight = |k: u64| {
            let odd = if k % 2 == 1 { 1.0 } else { 0.5 };
            odd * pow(k as f64, -0.8) * (1.0 + 0.5 * lot.uniform(2 * k))
        };
        let drawn: Vec<(f64, f64)> =
            (1..=HUM_HARMONICS as u64).map(|k| (weight(k), PI * lot.uniform(2 * k + 1))).collect();
        let power: f64 = drawn.iter().map(|(weight, _)| weight * weight / 2.0).sum();
        let scale = pow(10.0, rms_dbfs / 20.0) / power.sqrt();
        let harmonics = drawn.into_iter().map(|(weight, phase)| (scale * weight, phase)).collect();
        Self { drift_phase: PI * lot.uniform(0), harmonics }
    }

    /// The frequency of the first harmonic at a time, in Hz.
    #[must_use]
    pub fn freq_hz(&self, at_s: f64) -> f64 {
        HUM_HZ + HUM_DRIFT_HZ * sin(TAU * at_s / DRIFT_S + self.drift_phase)
    }

    /// The amplitude of harmonic `number`, from 1.
    #[must_use]
    pub fn amplitude(&self, number: usize) -> f64 {
        number.checked_sub(1).and_then(|index| self.harmonics.get(index)).map_or(0.0, |(level, _)| *level)
    }

    /// The samples.
    #[must_use]
    pub fn render(&self, rate_hz: f64, seconds: f64) -> Vec<f64> {
        let sample = |n: usize| {
            let time = n as f64 / rate_hz;
            // The integral of the frequency, in turns.
            let drift = HUM_DRIFT_HZ * DRIFT_S / TAU
                * (cos(self.drift_phase) - cos(TAU * time / DRIFT_S + self.drift_phase));
            let turns = HUM_HZ * time + drift;
            let harmonics = self.harmonics.iter().zip(1_u32..);
            harmonics.map(|((level, phase), k)| level * sin(TAU * f64::from(k) * turns + phase)).sum()
        };
        (0..(seconds * rate_hz) as usize).map(sample).collect()
    }
}

/// The lowest and the highest frequency of a plosive, about, in Hz.
const POP_HZ: [f64; 2] = [20.0, 90.0];
/// The shortest and the longest, in seconds; the softest and the loudest.
const POP_S: [f64; 2] = [0.04, 0.12];
const POP_PEAKS: [f64; 2] = [0.2, 0.6];
/// One in each slot of so many seconds.
const POP_SLOT_S: f64 = 1.5;

/// Pops of breath on a microphone: bursts of noise between 20 and 90 Hz that rise fast and die away within 40 to 120 ms, one
/// somewhere in every second and a half, of peaks from 0.2 to 0.6.
#[derive(Clone, Debug, PartialEq)]
pub struct Plosives {
    /// Nothing but the pops: to be added to a programme.
    pub samples: Vec<f64>,
    /// The frames they cover.
    pub bursts: Vec<Range<usize>>,
}

impl Plosives {
    /// The pops of one channel.
    #[must_use]
    pub fn new(rate_hz: f64, seconds: f64, seed: u64) -> Self {
        let frames = (seconds * rate_hz) as usize;
        let (lot, breath) = (Noise::new(seed, 0), Noise::new(seed, 1));
        let between = |[low, high]: [f64; 2], draw: u64| low + (high - low) * (0.5 + 0.5 * lot.uniform(draw));
        let mut made = Self { samples: vec![0.0; frames], bursts: Vec::new() };
        for index in 0..(seconds / POP_SLOT_S) as u64 {
            let length_s = between(POP_S, 3 * index);
            let at_s = POP_SLOT_S * index as f64 + between([0.1, POP_SLOT_S - 0.3], 3 * index + 1);
            let (begin, length) = ((at_s * rate_hz) as usize, (length_s * rate_hz) as usize);
            // The same partials at any rate: noise is a sum of many.
            let partials: Vec<[f64; 2]> = (0..12)
                .map(|n| 32 * index + 2 * n)
                .map(|draw| [breath.uniform(draw), breath.uniform(draw + 1)])
                .map(|[hz, phase]| [POP_HZ[0] + (POP_HZ[1] - POP_HZ[0]) * (0.5 + 0.5 * hz), PI * phase])
                .collect();
            let sample = |n: usize| {
                let (time, part) = (n as f64 / rate_hz, n as f64 / length as f64);
                // Fast up, slowly down, 0 at both ends.
                let shape = sin(PI * pow(part, 0.6));
                let wave: f64 = partials.iter().map(|[hz, phase]| sin(TAU * hz * time + phase)).sum();
                shape * shape * wave
            };
            let burst: Vec<f64> = (0..length).map(sample).collect();
            let scale =
                between(POP_PEAKS, 3 * index + 2) / burst.iter().fold(1e-9, |most: f64, x| most.max(x.abs()));
            let range = begin..(begin + length).min(frames);
            for (sample, x) in made.samples[range.clone()].iter_mut().zip(&burst) {
                *sample += scale * x;
            }
            made.bursts.push(range);
        }
        made
    }
}
