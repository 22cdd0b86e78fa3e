//! A compressor: detector, curve, ballistics, and the gain on the delayed signal.

use super::{Ballistics, Curve, Max, Min, Sliding, Sum, Topology};
use crate::math::{fast_exp2, fast_log2};

/// The most frames between [`Compressor::hear`] and [`Compressor::apply`].
pub const CHUNK: usize = 256;

/// 20·log10(2): decibels per octave of amplitude.
const DB_PER_OCTAVE: f64 = 6.020_599_913_279_624;
/// Levels below this count as this (−600 dB).
const LEAST_LEVEL: f64 = 1e-30;

/// What counts as the level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Detector {
    /// The size of the sample.
    Peak,
    /// The largest sample within a window, in seconds: a steady tone whose half period fits in gets a steady gain.
    PeakHold {
        /// The window.
        window_s: f64,
    },
    /// The root of the mean square over a window, in seconds, so that a sine reads 3 dB below its peak.
    Rms {
        /// The window.
        window_s: f64,
    },
}

/// How a compressor is set. Times in seconds, levels and gains in dB.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// The static curve.
    pub curve: Curve,
    /// What counts as the level.
    pub detector: Detector,
    /// How attack and release share the work.
    pub topology: Topology,
    /// The time in which the gain falls by 63 % of a step.
    pub attack_s: f64,
    /// The time in which it comes back by as much.
    pub release_s: f64,
    /// Whether sustained reduction comes back more slowly.
    pub auto_release: bool,
    /// For how long the gain stays down before it comes back.
    pub hold_s: f64,
    /// By how much the signal is delayed, so that the gain is down when the peak arrives.
    pub lookahead_s: f64,
    /// How far the channels share their level: 0 not at all, 1 all have the loudest one's (then all gains are equal to
    /// the bit).
    pub link: f64,
    /// Gain behind the reduction.
    pub makeup_db: f64,
    /// How much of the result is compressed: 0 none (the delayed input, untouched), 1 all.
    pub mix: f64,
}

/// What one channel is heard with.
#[derive(Clone, Debug)]
enum Ear {
    Peak,
    PeakHold(Sliding<Max>),
    Rms(Sliding<Sum>),
}

/// From targets to gains; one for all channels when they are fully linked.
#[derive(Clone, Debug)]
struct Follower {
    hold: Sliding<Min>,
    ballistics: Ballistics,
    /// Levels, then targets, then gains of the chunk.
    work: Vec<f64>,
}

/// A compressor for some channels, keyed by as many or by others.
///
/// A chunk of up to [`CHUNK`] frames takes three steps: [`hear`](Self::hear) each key channel, [`follow`](Self::follow),
/// then [`apply`](Self::apply) to each channel.
#[derive(Clone, Debug)]
pub struct Compressor {
    curve: Curve,
    link: f64,
    /// log₂ of the make-up gain.
    makeup: f64,
    mix: f64,
    latency: usize,
    ears: Vec<Ear>,
    /// What was heard of the chunk, by key channel.
    levels: Vec<Vec<f64>>,
    followers: Vec<Follower>,
    delays: Vec<Vec<f64>>,
    positions: Vec<usize>,
    deepest_db: f64,
}

impl Compressor {
    /// At rest. `keys` channels are heard, `channels` are compressed; where the numbers differ, all channels share the
    /// loudest key.
    #[must_use]
    pub fn new(settings: &Settings, rate_hz: f64, channels: usize, keys: usize) -> Self {
        let frames = |seconds: f64| (seconds * rate_hz + 0.5) as usize;
        let latency = frames(settings.lookahead_s);
        let ear = match settings.detector {
            Detector::Peak => Ear::Peak,
            Detector::PeakHold { window_s } => Ear::PeakHold(Sliding::new(frames(window_s))),
            Detector::Rms { window_s } => Ear::Rms(Sliding::new(frames(window_s))),
        };
        let shared = settings.link >= 1.0 || keys != channels;
        let follower = Follower {
            hold: Sliding::new(1 + latency + frames(settings.hold_s)),
            ballistics: Ballistics::new(
                settings.topology,
                settings.attack_s,
                settings.release_s,
                settings.auto_release,
                rate_hz,
            ),
            work: vec![0.0; CHUNK],
        };
        Self {
            curve: settings.curve,
            link: settings.link.clamp(0.0, 1.0),
            makeup: settings.makeup_db / DB_PER_OCTAVE,
            mix: settings.mix,
            latency,
            ears: vec![ear; keys],
            levels: vec![vec![0.0; CHUNK]; keys],
            followers: vec![follower; if shared { 1 } else { channels }],
            delays: vec![vec![0.0; latency]; channels],
            positions: vec![0; channels],
            deepest_db: 0.0,
        }
    }

    /// By how many frames the output is late.
    #[must_use]
    pub fn latency(&self) -> usize {
        self.latency
    }

    /// The furthest the gain has gone down, in dB (0 or below), without make-up.
    #[must_use]
    pub fn deepest_db(&self) -> f64 {
        self.deepest_db
    }

    /// Back to rest.
    pub fn reset(&mut self) {
        for ear in &mut self.ears {
            match ear {
                Ear::Peak => {}
                Ear::PeakHold(window) => window.reset(),
                Ear::Rms(window) => window.reset(),
            }
        }
        for follower in &mut self.followers {
            follower.hold.reset();
            follower.ballistics.reset();
        }
        self.delays.iter_mut().for_each(|delay| delay.fill(0.0));
        self.positions.fill(0);
        self.deepest_db = 0.0;
    }

    /// Hears the next frames, at most [`CHUNK`], of key channel `key`.
    ///
    /// # Panics
    /// When there is no such channel, or the block is too long.
    pub fn hear(&mut self, key: usize, block: &[f64]) {
        let levels = &mut self.levels[key][..block.len()];
        match &mut self.ears[key] {
            Ear::Peak => {
                for (level, x) in levels.iter_mut().zip(block) {
                    *level = x.abs();
                }
            }
            Ear::PeakHold(window) => {
                for (level, x) in levels.iter_mut().zip(block) {
                    *level = x.abs();
                }
                window.run(levels);
            }
            Ear::Rms(window) => {
                let scale = 1.0 / window.length() as f64;
                for (level, x) in levels.iter_mut().zip(block) {
                    *level = x * x;
                }
                window.run(levels);
                for level in levels {
                    *level = (*level * scale).sqrt();
                }
            }
        }
    }

    /// Works out the gains of the `frames` frames that were heard.
    ///
    /// # Panics
    /// When there are more than [`CHUNK`].
    pub fn follow(&mut self, frames: usize) {
        let (curve, makeup, mix) = (self.curve, self.makeup, self.mix);
        self.levels_to_db(frames);
        for follower in &mut self.followers {
            let work = &mut follower.work[..frames];
            for value in work.iter_mut() {
                *value = curve.gain_db(*value);
            }
            follower.hold.run(work);
            follower.ballistics.run(work);
            let mut deepest = self.deepest_db;
            for value in work.iter_mut() {
                deepest = if *value < deepest { *value } else { deepest };
                let gain = fast_exp2(*value * (1.0 / DB_PER_OCTAVE) + makeup);
                // Written so that a gain of one stays one at any mix.
                *value = 1.0 + mix * (gain - 1.0);
            }
            self.deepest_db = deepest;
        }
    }

    /// The levels in dB that each follower goes by.
    fn levels_to_db(&mut self, frames: usize) {
        let (first, others) = self.levels.split_at_mut(1);
        if let [only] = &mut self.followers[..] {
            let work = &mut only.work[..frames];
            work.copy_from_slice(&first[0][..frames]);
            for other in others {
                for (level, other) in work.iter_mut().zip(other.iter()) {
                    *level = if *other > *level { *other } else { *level };
                }
            }
            to_db(work);
            return;
        }
        for (levels, follower) in self.levels.iter().zip(&mut self.followers) {
            let work = &mut follower.work[..frames];
            work.copy_from_slice(&levels[..frames]);
            to_db(work);
        }
        if self.link > 0.0 {
            // The loudest level of each frame goes into the first channel's heard levels, which are no longer needed.
            let loudest = &mut self.levels[0][..frames];
            loudest.fill(f64::NEG_INFINITY);
            for follower in &self.followers {
                for (most, level) in loudest.iter_mut().zip(&follower.work) {
                    *most = if *level > *most { *level } else { *most };
                }
            }
            for follower in &mut self.followers {
                for (level, most) in follower.work.iter_mut().zip(loudest.iter()) {
                    *level += self.link * (*most - *level);
                }
            }
        }
    }

    /// The gains, linear and with make-up and mix, that [`follow`](Self::follow) worked out for `channel`.
    #[must_use]
    pub fn gains(&self, channel: usize) -> &[f64] {
        let own = if self.followers.len() == 1 { 0 } else { channel };
        &self.followers[own].work
    }

    /// Delays the frames of `channel` and sets them to the gains just worked out.
    ///
    /// # Panics
    /// When there is no such channel, or the block is too long.
    pub fn apply(&mut self, channel: usize, block: &mut [f64]) {
        let own = if self.followers.len() == 1 { 0 } else { channel };
        let gains = &self.followers[own].work[..block.len()];
        let delay = &mut self.delays[channel][..];
        let mut position = self.positions[channel];
        if !delay.is_empty() {
            for x in block.iter_mut() {
                std::mem::swap(x, &mut delay[position]);
                position = if position + 1 == delay.len() { 0 } else { position + 1 };
            }
        }
        self.positions[channel] = position;
        for (x, gain) in block.iter_mut().zip(gains) {
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

/// Amplitudes to decibels.
fn to_db(levels: &mut [f64]) {
    for level in levels {
        let audible = if *level > LEAST_LEVEL { *level } else { LEAST_LEVEL };
        *level = DB_PER_OCTAVE * fast_log2(audible);
    }
}
