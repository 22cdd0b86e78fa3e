//! Detector, curve, ballistics, and the gain on the delayed signal: compressors, expanders, gates.

use super::ear::{DB_PER_OCTAVE, Ear};
use super::feedback::Loop;
use super::link::levels_to_db;
use super::{Ballistics, Curve, Delay, Detector, Law, LinkLaw, Min, Sliding, Smoothing, Tally};
use crate::math::fast_exp2;
use crate::svf::{Cascade, Section};

/// The most frames between [`Dynamics::hear`] and [`Dynamics::apply`].
pub const CHUNK: usize = 256;

/// Where the detector listens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Topology {
    /// Ahead of the gain.
    #[default]
    FeedForward,
    /// Behind it: it hears the frame that came out before. Works with [`Law::Compress`], without look-ahead and key;
    /// the louder it gets the faster the gain goes down, by the ratio at the most.
    Feedback,
}

/// How dynamics are set. Times in seconds, levels and gains in dB.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The static curve.
    pub law: Law,
    /// What counts as the level.
    pub detector: Detector,
    /// What the key passes before it is heard.
    pub key: Vec<Section>,
    /// Where the detector listens.
    pub topology: Topology,
    /// How attack and release share the work.
    pub smoothing: Smoothing,
    /// The time in which the gain goes 63 % of the way to where a louder signal wants it.
    pub attack_s: f64,
    /// The time in which it comes back by as much.
    pub release_s: f64,
    /// Whether sustained reduction comes back more slowly.
    pub auto_release: bool,
    /// For how long the gain stays before it comes back.
    pub hold_s: f64,
    /// By how much the signal is delayed, so that the gain is there when the peak arrives.
    pub lookahead_s: f64,
    /// How far the channels share their level: 0 not at all, 1 all have the same (then all gains are equal to the bit).
    pub link: f64,
    /// Which level they share.
    pub link_law: LinkLaw,
    /// Whether the two channels are heard and turned as mid and side.
    pub mid_side: bool,
    /// Gain behind the reduction.
    pub makeup_db: f64,
    /// How much of the result is processed: 0 none (the delayed input, untouched), 1 all.
    pub mix: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            law: Law::Compress(Curve::compressor(0.0, 1.0, 0.0, 60.0)),
            detector: Detector::PeakHold { window_s: 0.01 },
            key: Vec::new(),
            topology: Topology::FeedForward,
            smoothing: Smoothing::Decoupled,
            attack_s: 0.02,
            release_s: 0.2,
            auto_release: false,
            hold_s: 0.0,
            lookahead_s: 0.0,
            link: 1.0,
            link_law: LinkLaw::Max,
            mid_side: false,
            makeup_db: 0.0,
            mix: 1.0,
        }
    }
}

/// From targets to gains; one for all channels when they are fully linked.
#[derive(Clone, Debug)]
struct Follower {
    hold: Sliding<Min>,
    ballistics: Ballistics,
    /// Whether an expander counts the level as above its threshold.
    open: bool,
    /// Levels, then targets, then gains of the chunk.
    work: Vec<f64>,
}

impl Follower {
    /// Replaces the levels of the first `frames` frames by gains, in dB.
    fn run(&mut self, law: &Law, frames: usize) {
        let work = &mut self.work[..frames];
        law.run(work, &mut self.open);
        // What opens is what closes, upside down.
        let opens = law.opens();
        if opens {
            work.iter_mut().for_each(|x| *x = -*x);
        }
        self.hold.run(work);
        self.ballistics.run(work);
        if opens {
            work.iter_mut().for_each(|x| *x = 0.0 - *x);
        }
    }
}

/// Dynamics for some channels, keyed by as many or by others.
///
/// A chunk of up to [`CHUNK`] frames takes three steps: [`hear`](Self::hear) each key channel, [`follow`](Self::follow),
/// then [`apply`](Self::apply) to the channels.
#[derive(Clone, Debug)]
pub struct Dynamics {
    law: Law,
    link: f64,
    link_law: LinkLaw,
    mid_side: bool,
    /// log₂ of the make-up gain.
    makeup: f64,
    mix: f64,
    latency: usize,
    filters: Option<Cascade>,
    ears: Vec<Ear>,
    /// What was heard of the chunk, then levels, by key channel.
    levels: Vec<Vec<f64>>,
    feedback: Option<Loop>,
    followers: Vec<Follower>,
    delays: Vec<Delay>,
    scratch: Vec<f64>,
    tally: Tally,
}

impl Dynamics {
    /// At rest. `keys` channels are heard, `channels` are processed; where the numbers differ, all channels share one
    /// level.
    #[must_use]
    pub fn new(settings: &Settings, rate_hz: f64, channels: usize, keys: usize) -> Self {
        let frames = |seconds: f64| (seconds * rate_hz + 0.5) as usize;
        let latency = frames(settings.lookahead_s);
        let rest_db = settings.law.rest_db();
        let times = [settings.attack_s, settings.release_s];
        let ballistics =
            Ballistics::new(settings.smoothing, times[0], times[1], settings.auto_release, rate_hz);
        let mut follower = Follower {
            hold: Sliding::new(1 + latency + frames(settings.hold_s)),
            ballistics: ballistics.resting_at(if settings.law.opens() { -rest_db } else { rest_db }),
            open: false,
            work: vec![0.0; CHUNK],
        };
        let feedback = match settings.law {
            Law::Compress(curve) if settings.topology == Topology::Feedback && keys == channels => {
                // A loop whose gain times its speed is above one would overshoot.
                follower.ballistics.slow_down_to(1.0 / (1.0 + curve.loop_gain()));
                Some(Loop::new(channels, CHUNK))
            }
            _ => None,
        };
        let shared = settings.link >= 1.0 || keys != channels;
        Self {
            law: settings.law,
            link: settings.link.clamp(0.0, 1.0),
            link_law: settings.link_law,
            mid_side: settings.mid_side && channels == 2,
            makeup: settings.makeup_db / DB_PER_OCTAVE,
            mix: settings.mix,
            latency,
            filters: (!settings.key.is_empty()).then(|| Cascade::new(&settings.key, keys)),
            ears: vec![Ear::new(settings.detector, rate_hz); keys],
            levels: vec![vec![0.0; CHUNK]; keys],
            feedback,
            followers: vec![follower; if shared { 1 } else { channels }],
            delays: vec![Delay::new(latency); channels],
            scratch: vec![0.0; CHUNK],
            tally: Tally::new(rate_hz, latency, CHUNK),
        }
    }

    /// The same, for keys that are handed in late by `frames` frames: the gains of the first are not told.
    #[must_use]
    pub(super) fn heard_late(mut self, frames: usize, rate_hz: f64) -> Self {
        self.tally = Tally::new(rate_hz, self.latency + frames, CHUNK);
        self
    }

    /// By how many frames the output is late.
    #[must_use]
    pub fn latency(&self) -> usize {
        self.latency
    }

    /// What the gain did, without make-up.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Back to rest.
    pub fn reset(&mut self) {
        self.filters.iter_mut().for_each(Cascade::reset);
        self.ears.iter_mut().for_each(Ear::reset);
        self.feedback.iter_mut().for_each(Loop::reset);
        for follower in &mut self.followers {
            follower.hold.reset();
            follower.ballistics.reset();
            follower.open = false;
        }
        self.delays.iter_mut().for_each(Delay::reset);
        self.tally.reset();
    }

    /// Hears the next frames, at most [`CHUNK`], of key channel `key`.
    ///
    /// # Panics
    /// When there is no such channel, or the block is too long.
    pub fn hear(&mut self, key: usize, block: &[f64]) {
        let heard = self.feedback.as_mut().map_or(&mut self.levels, |feedback| &mut feedback.heard);
        heard[key][..block.len()].copy_from_slice(block);
    }

    /// Works out the gains of the `frames` frames that were heard.
    ///
    /// # Panics
    /// When there are more than [`CHUNK`].
    pub fn follow(&mut self, frames: usize) {
        let heard = self.feedback.as_mut().map_or(&mut self.levels, |feedback| &mut feedback.heard);
        if let (true, [mid, side]) = (self.mid_side, &mut heard[..]) {
            for (l, r) in mid[..frames].iter_mut().zip(&mut side[..frames]) {
                (*l, *r) = (0.5 * (*l + *r), 0.5 * (*l - *r));
            }
        }
        match self.feedback.take() {
            None => self.listen(frames),
            Some(mut feedback) => {
                self.listen_behind(&mut feedback, frames);
                self.feedback = Some(feedback);
            }
        }
        self.tally.note(frames, self.followers.iter().map(|follower| &follower.work[..frames]));
        let (makeup, mix) = (self.makeup, self.mix);
        for follower in &mut self.followers {
            for value in &mut follower.work[..frames] {
                let gain = fast_exp2(*value * (1.0 / DB_PER_OCTAVE) + makeup);
                // Written so that a gain of one stays one at any mix.
                *value = 1.0 + mix * (gain - 1.0);
            }
        }
    }

    /// From what was heard to gains in dB.
    fn listen(&mut self, frames: usize) {
        if let Some(filters) = &mut self.filters {
            filters.process_all(self.levels.iter_mut().map(|levels| &mut levels[..frames]));
        }
        for (ear, levels) in self.ears.iter_mut().zip(&mut self.levels) {
            ear.run(&mut levels[..frames]);
        }
        let works = self.followers.iter_mut().map(|follower| &mut follower.work[..frames]);
        levels_to_db(&self.levels, self.link_law, self.link, &mut self.scratch[..frames], works);
        for follower in &mut self.followers {
            follower.run(&self.law, frames);
        }
    }

    /// The same, of what comes out: frame by frame, because each depends on the one before.
    fn listen_behind(&mut self, feedback: &mut Loop, frames: usize) {
        let Law::Compress(curve) = self.law else { return };
        let shared = self.followers.len() == 1;
        for index in 0..frames {
            for (channel, levels) in self.levels.iter_mut().enumerate() {
                levels[0] = feedback.last(channel);
                if let Some(filters) = &mut self.filters {
                    filters.process(channel, &mut levels[..1]);
                }
                self.ears[channel].run(&mut levels[..1]);
            }
            let mut rest = [0.0];
            let works = self.followers.iter_mut().map(|follower| &mut follower.work[..1]);
            levels_to_db(&self.levels, self.link_law, self.link, &mut rest, works);
            for follower in &mut self.followers {
                let target = &mut follower.work[..1];
                target[0] = curve.gain_from_output_db(target[0]);
                follower.ballistics.run(target);
            }
            for channel in 0..self.levels.len() {
                let own = if shared { 0 } else { channel };
                feedback.put(channel, index, self.followers[own].work[0]);
            }
            for (follower, gains) in self.followers.iter().zip(&mut feedback.gains_db) {
                gains[index] = follower.work[0];
            }
        }
        for (follower, gains) in self.followers.iter_mut().zip(&feedback.gains_db) {
            follower.work[..frames].copy_from_slice(&gains[..frames]);
        }
    }

    /// The gains, linear and with make-up and mix, that [`follow`](Self::follow) worked out for `channel`.
    #[must_use]
    pub fn gains(&self, channel: usize) -> &[f64] {
        let own = if self.followers.len() == 1 { 0 } else { channel };
        &self.followers[own].work
    }

    /// Delays the frames of all channels and sets them to the gains just worked out.
    ///
    /// # Panics
    /// When there are not as many blocks as channels, or a block is too long.
    pub fn apply<'a>(&mut self, blocks: impl IntoIterator<Item = &'a mut [f64]>) {
        let mut blocks = blocks.into_iter();
        if self.mid_side {
            if let (Some(left), Some(right)) = (blocks.next(), blocks.next()) {
                self.apply_mid_side(left, right);
            }
            return;
        }
        for (channel, block) in blocks.enumerate() {
            self.delays[channel].run(block);
            for (x, gain) in block.iter_mut().zip(self.gains(channel)) {
                *x *= gain;
            }
        }
    }

    /// Of left and right each keeps half the sum of both gains, and takes half the difference of the other: where the
    /// gains are one, both stay as they are, to the bit.
    fn apply_mid_side(&mut self, left: &mut [f64], right: &mut [f64]) {
        self.delays[0].run(left);
        self.delays[1].run(right);
        let (mid, side) = (self.gains(0), self.gains(1));
        for ((l, r), (mid, side)) in left.iter_mut().zip(right).zip(mid.iter().zip(side)) {
            let (own, other) = (0.5 * (mid + side), 0.5 * (mid - side));
            (*l, *r) = (*l * own + *r * other, *r * own + *l * other);
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
            self.apply(channels.iter_mut().map(|channel| &mut channel[range.clone()]));
        }
    }
}
