//! A shaper of attacks and of what follows them, whatever the level.
//!
//! Two pairs of envelopes follow the held level. In the first the slow one takes its time on the way up: by how many dB
//! the fast one is ahead of it says that an attack is there. In the second the slow one takes its time on the way down:
//! by how much it is above the fast one says that a sound is dying away. (The differential envelopes of the SPL Transient
//! Designer, 1998.) Envelopes are linear filters and maxima of the level, so that their ratio is the same for loud and
//! soft signals; on a steady tone both pairs agree exactly, and the gain is one.

use super::ear::DB_PER_OCTAVE;
use super::link::share;
use super::{CHUNK, Delay, Max, Min, Sliding, Sum, Tally};
use crate::math::{expm1, fast_exp2, fast_log2, pow};

/// How transients are shaped.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Transient {
    /// How much louder attacks get, in dB.
    pub attack_db: f64,
    /// How much louder what follows them gets, in dB.
    pub sustain_db: f64,
    /// How little of an attack is one: from 0, only the hardest, to 1, any.
    pub sensitivity: f64,
    /// By how much the signal is delayed, so that the gain is there when an attack arrives.
    pub lookahead_s: f64,
    /// How far the channels share their level.
    pub link: f64,
    /// How much of the result is shaped; the rest is dry.
    pub mix: f64,
}

/// The level is the largest sample over half a period of 40 Hz.
const HOLD_S: f64 = 0.0125;
/// The slow envelope's way up: about as long as an attack lasts.
const ATTACK_S: f64 = 0.025;
/// The fast envelope's way down …
const FAST_RELEASE_S: f64 = 0.03;
/// … and the slow one's.
const SLOW_RELEASE_S: f64 = 0.3;
/// A pair that differs by this many dB counts half, at a sensitivity of 0; at 1 it is a 16th of it.
const HALF_DB: f64 = 24.0;
const SENSITIVITY_OCTAVES: f64 = 4.0;
/// Envelopes below this count as this.
const LEAST: f64 = 1e-30;

/// The envelopes of one channel, or of all.
#[derive(Clone, Debug)]
struct Envelopes {
    rising: f64,
    fast: f64,
    slow: f64,
    /// The strengths are held for as long as the gain takes to get there, and then smoothed.
    attack_hold: Sliding<Max>,
    sustain_hold: Sliding<Min>,
    attack_means: [Sliding<Sum>; 2],
    sustain_means: [Sliding<Sum>; 2],
    /// Levels, then strengths of attacks, then gains of the chunk.
    work: Vec<f64>,
    sustain: Vec<f64>,
}

/// What part of the way an envelope goes in a frame.
#[derive(Clone, Copy, Debug)]
struct Speeds {
    rise: f64,
    fast_fall: f64,
    slow_fall: f64,
    /// log₂ of the ratio at which a pair counts half.
    half: f64,
}

impl Envelopes {
    fn new(lookahead: usize) -> Self {
        // Two means in a row reach over the sum of their lengths less one.
        let first = lookahead / 2 + 1;
        let second = lookahead + 1 - (first - 1);
        let means = [Sliding::new(first), Sliding::new(second)];
        Self {
            rising: 0.0,
            fast: 0.0,
            slow: 0.0,
            attack_hold: Sliding::new(lookahead + 1),
            sustain_hold: Sliding::new(lookahead + 1),
            attack_means: means.clone(),
            sustain_means: means,
            work: vec![0.0; CHUNK],
            sustain: vec![0.0; CHUNK],
        }
    }

    fn reset(&mut self) {
        (self.rising, self.fast, self.slow) = (0.0, 0.0, 0.0);
        self.attack_hold.reset();
        self.sustain_hold.reset();
        self.attack_means.iter_mut().chain(&mut self.sustain_means).for_each(Sliding::reset);
    }

    /// Replaces the levels of the first `frames` frames by gains in dB.
    fn run(&mut self, frames: usize, speeds: &Speeds, shape: &Transient) {
        let (attack, sustain) = (&mut self.work[..frames], &mut self.sustain[..frames]);
        let (mut rising, mut fast, mut slow) = (self.rising, self.fast, self.slow);
        for (attack, sustain) in attack.iter_mut().zip(sustain.iter_mut()) {
            let level = *attack;
            rising = if level > rising { rising + speeds.rise * (level - rising) } else { level };
            fast = followed(fast, level, speeds.fast_fall);
            slow = followed(slow, level, speeds.slow_fall);
            *attack = strength(level, rising, speeds.half);
            *sustain = strength(slow, fast, speeds.half);
        }
        (self.rising, self.fast, self.slow) = (rising, fast, slow);
        self.attack_hold.run(attack);
        self.sustain_hold.run(sustain);
        for (means, strengths) in
            [(&mut self.attack_means, &mut *attack), (&mut self.sustain_means, &mut *sustain)]
        {
            for mean in means {
                let scale = 1.0 / mean.length() as f64;
                mean.run(strengths);
                strengths.iter_mut().for_each(|x| *x *= scale);
            }
        }
        for (attack, sustain) in attack.iter_mut().zip(sustain.iter()) {
            *attack = shape.attack_db * *attack + shape.sustain_db * *sustain;
        }
    }
}

/// An envelope that rises at once and falls by a part of the way; small ones are none.
#[inline(always)]
fn followed(envelope: f64, level: f64, fall: f64) -> f64 {
    let falling = envelope + fall * (level - envelope);
    if level > envelope {
        level
    } else if falling > LEAST {
        falling
    } else {
        0.0
    }
}

/// From 0 for two equal envelopes to almost 1, one half where log₂ of their ratio is `half`. Small differences count by
/// their square: what trembles is no attack.
#[inline(always)]
fn strength(upper: f64, lower: f64, half: f64) -> f64 {
    if upper <= lower {
        return 0.0;
    }
    let ahead = fast_log2(upper.max(LEAST)) - fast_log2(lower.max(LEAST));
    let square = ahead * ahead;
    square / (square + half * half)
}

/// A transient shaper for some channels, keyed by as many or by others; used as [`Dynamics`](super::Dynamics) are.
#[derive(Clone, Debug)]
pub struct TransientShaper {
    shape: Transient,
    speeds: Speeds,
    latency: usize,
    holds: Vec<Sliding<Max>>,
    levels: Vec<Vec<f64>>,
    envelopes: Vec<Envelopes>,
    delays: Vec<Delay>,
    scratch: Vec<f64>,
    tally: Tally,
}

impl TransientShaper {
    /// At rest. Where the numbers of keys and channels differ, all channels share one level.
    #[must_use]
    pub fn new(shape: &Transient, rate_hz: f64, channels: usize, keys: usize) -> Self {
        let frames = |seconds: f64| (seconds * rate_hz + 0.5) as usize;
        let part = |seconds: f64| -expm1(-1.0 / (seconds * rate_hz));
        let latency = frames(shape.lookahead_s);
        let shared = shape.link >= 1.0 || keys != channels;
        let half_db = HALF_DB * pow(2.0, -SENSITIVITY_OCTAVES * shape.sensitivity);
        Self {
            shape: *shape,
            speeds: Speeds {
                rise: part(ATTACK_S),
                fast_fall: part(FAST_RELEASE_S),
                slow_fall: part(SLOW_RELEASE_S),
                half: half_db / DB_PER_OCTAVE,
            },
            latency,
            holds: vec![Sliding::new(frames(HOLD_S)); keys],
            levels: vec![vec![0.0; CHUNK]; keys],
            envelopes: vec![Envelopes::new(latency); if shared { 1 } else { channels }],
            delays: vec![Delay::new(latency); channels],
            scratch: vec![0.0; CHUNK],
            tally: Tally::new(rate_hz, latency, CHUNK),
        }
    }

    /// By how many frames the output is late.
    #[must_use]
    pub fn latency(&self) -> usize {
        self.latency
    }

    /// What the gain did.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Back to rest.
    pub fn reset(&mut self) {
        self.holds.iter_mut().for_each(Sliding::reset);
        self.envelopes.iter_mut().for_each(Envelopes::reset);
        self.delays.iter_mut().for_each(Delay::reset);
        self.tally.reset();
    }

    /// Hears the next frames, at most [`CHUNK`], of key channel `key`.
    ///
    /// # Panics
    /// When there is no such channel, or the block is too long.
    pub fn hear(&mut self, key: usize, block: &[f64]) {
        let levels = &mut self.levels[key][..block.len()];
        for (level, x) in levels.iter_mut().zip(block) {
            *level = x.abs();
        }
        self.holds[key].run(levels);
    }

    /// Works out the gains of the `frames` frames that were heard.
    ///
    /// # Panics
    /// When there are more than [`CHUNK`].
    pub fn follow(&mut self, frames: usize) {
        let works = self.envelopes.iter_mut().map(|envelopes| &mut envelopes.work[..frames]);
        share(&self.levels, self.shape.link, &mut self.scratch[..frames], works);
        for envelopes in &mut self.envelopes {
            envelopes.run(frames, &self.speeds, &self.shape);
        }
        self.tally.note(frames, self.envelopes.iter().map(|envelopes| &envelopes.work[..frames]));
        for envelopes in &mut self.envelopes {
            for value in &mut envelopes.work[..frames] {
                *value = 1.0 + self.shape.mix * (fast_exp2(*value * (1.0 / DB_PER_OCTAVE)) - 1.0);
            }
        }
    }

    /// Delays the frames of `channel` and sets them to the gains just worked out.
    ///
    /// # Panics
    /// When there is no such channel, or the block is too long.
    pub fn apply(&mut self, channel: usize, block: &mut [f64]) {
        self.delays[channel].run(block);
        let own = if self.envelopes.len() == 1 { 0 } else { channel };
        for (x, gain) in block.iter_mut().zip(&self.envelopes[own].work) {
            *x *= gain;
        }
    }

    /// All three steps for channels that key themselves, of any length.
    ///
    /// # Panics
    /// When there are not as many channels as keys, or they differ in length.
    pub fn process(&mut self, channels: &mut [&mut [f64]]) {
        let frames = channels.first().map_or(0, |channel| channel.len());
        for begin in (0..frames).step_by(CHUNK) {
            let range = begin..frames.min(begin + CHUNK);
            for (key, channel) in channels.iter().enumerate() {
                self.hear(key, &channel[range.clone()]);
            }
            self.follow(range.len());
            for (index, channel) in channels.iter_mut().enumerate() {
                self.apply(index, &mut channel[range.clone()]);
            }
        }
    }
}
