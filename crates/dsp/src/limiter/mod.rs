//! Holds the true peak at a ceiling.
//!
//! Per channel the peak between samples is found ([`PeakFinder`]); what it exceeds the ceiling by is the *need*, in
//! logarithmic units. The need is held as long as the gain takes to get there, let go by two branches of which the
//! deeper counts, and made a gain; three running means in a row round its corners and reach full depth just where the
//! peak is. The delayed input is multiplied by it: programme audio itself goes through no filter, and below the ceiling
//! it passes to the bit.
//!
//! The *fast* branch lets go within milliseconds: a single peak leaves no hole. The *slow* one averages, holds over half
//! a period of 40 Hz and takes its time: a steady tone gets a steady gain and is not distorted. Hold and cascaded means
//! follow Signalsmith's writing on limiters (Luff 2022); the two branches are those of dbx-style automatic release.

mod follower;
mod means;
mod reduction;

use crate::dynamics::GainTrace;
use crate::math::{db_to_gain, fast_log2};
use crate::true_peak::{LOOKAHEAD_FRAMES, PeakFinder};
use follower::Follower;
use reduction::Tally;

pub use reduction::Reduction;

/// The most frames one round of [`Limiter::hear`], [`Limiter::follow`] and [`Limiter::apply`] takes.
pub const CHUNK: usize = 512;

/// Frames before a peak, and behind the frame after it, at which the gain is down too: the interpolators see the
/// product of signal and gain, not the signal.
const MARGIN_FRAMES: usize = 2;

/// What counts as a peak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detector {
    /// Samples only.
    Sample,
    /// The reference interpolator.
    TruePeak,
    /// The reference interpolator and that of BS.1770-5, Annex 2.
    Strict,
}

/// How the gain comes back, in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Release {
    /// How long the fast branch stays down.
    pub fast_hold_s: f64,
    /// The time constant with which it comes back.
    pub fast_release_s: f64,
    /// How long the slow branch takes a need for lasting: half the period of the lowest clean tone.
    pub slow_hold_s: f64,
    /// The time constant with which the slow branch goes down.
    pub slow_attack_s: f64,
    /// The time constant with which it comes back.
    pub slow_release_s: f64,
}

impl Default for Release {
    fn default() -> Self {
        Self {
            fast_hold_s: 0.000_5,
            fast_release_s: 0.005,
            slow_hold_s: 0.012_5,
            slow_attack_s: 0.120,
            slow_release_s: 0.500,
        }
    }
}

/// How to limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// What no peak exceeds, in dBTP.
    pub ceiling_dbtp: f64,
    /// How long the gain takes to go down.
    pub lookahead_s: f64,
    /// How it comes back.
    pub release: Release,
    /// How far channels share their gain: 1 all have the same, 0 each has its own.
    pub link: f64,
    /// What counts as a peak.
    pub detector: Detector,
    /// How much further than necessary the gain goes down, in dB: room for what the interpolators make of the product.
    pub margin_db: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            ceiling_dbtp: -1.0,
            lookahead_s: 0.002,
            release: Release::default(),
            link: 1.0,
            detector: Detector::Strict,
            margin_db: 0.003,
        }
    }
}

/// A limiter for some channels. Frames go through it in rounds of up to [`CHUNK`]: every channel is *heard*, the gain
/// *follows*, and is *applied* to every channel. How the rounds are cut changes no bit.
#[derive(Clone, Debug)]
pub struct Limiter {
    ceiling: f64,
    link: f64,
    latency: usize,
    detector: Detector,
    finder: PeakFinder,
    channels: Vec<Channel>,
    /// Where the next samples go, in every channel's memory.
    end: usize,
    /// What each frame's peak, of all channels, exceeds the ceiling by.
    linked: Vec<f64>,
    /// One, or one per channel.
    followers: Vec<Follower>,
    tally: Tally,
}

#[derive(Clone, Debug)]
struct Channel {
    samples: Vec<f64>,
    peaks: Vec<f64>,
    /// Whether any of the peaks is above the ceiling.
    above: bool,
}

impl Limiter {
    /// A limiter at rest.
    #[must_use]
    pub fn new(settings: &Settings, rate_hz: f64, channels: usize) -> Self {
        let attack = (settings.lookahead_s * rate_hz).ceil().max(1.0) as usize;
        let latency = attack + LOOKAHEAD_FRAMES - 1 + MARGIN_FRAMES;
        let memory = Self::memory(latency) + 8 * CHUNK;
        let followers = if settings.link < 1.0 { channels } else { 1 };
        let covered = 2 * MARGIN_FRAMES + 1;
        let follower = Follower::new(attack, attack + covered, &settings.release, rate_hz);
        Self {
            ceiling: db_to_gain(settings.ceiling_dbtp - settings.margin_db),
            link: settings.link,
            latency,
            detector: settings.detector,
            finder: PeakFinder::new(settings.detector == Detector::Strict, CHUNK),
            channels: vec![
                Channel { samples: vec![0.0; memory], peaks: vec![0.0; CHUNK], above: false };
                channels
            ],
            end: Self::memory(latency),
            linked: vec![0.0; CHUNK],
            followers: vec![follower; followers],
            tally: Tally::new(latency, rate_hz),
        }
    }

    /// How many past frames are needed: to find peaks, and to delay the signal.
    fn memory(latency: usize) -> usize {
        latency.max(PeakFinder::BEFORE + PeakFinder::BEHIND)
    }

    /// How many frames the output is late.
    #[must_use]
    pub fn latency(&self) -> usize {
        self.latency
    }

    /// What was done since the last reset.
    #[must_use]
    pub fn reduction(&self) -> Reduction {
        self.tally.reduction()
    }

    /// The gain over the time of the programme, the lowest of all channels.
    #[must_use]
    pub fn trace(&self) -> &GainTrace {
        self.tally.trace()
    }

    /// Back to rest, to the bit.
    pub fn reset(&mut self) {
        for channel in &mut self.channels {
            channel.samples.fill(0.0);
        }
        self.end = Self::memory(self.latency);
        self.followers.iter_mut().for_each(Follower::reset);
        self.tally.reset();
    }

    /// Takes the next frames of one channel, and finds their peaks.
    ///
    /// # Panics
    /// When there is no such channel, or more frames than [`CHUNK`].
    pub fn hear(&mut self, channel: usize, block: &[f64]) {
        let own = &mut self.channels[channel];
        let end = self.end + block.len();
        own.samples[self.end..end].copy_from_slice(block);
        let peaks = &mut own.peaks[..block.len()];
        let reach = PeakFinder::BEFORE + PeakFinder::BEHIND;
        own.above = if self.detector == Detector::Sample {
            let from = self.end - PeakFinder::BEHIND;
            for (peak, sample) in peaks.iter_mut().zip(&own.samples[from..]) {
                *peak = sample.abs();
            }
            peaks.iter().any(|peak| *peak > self.ceiling)
        } else {
            self.finder.find(&own.samples[self.end - reach..end], self.ceiling, peaks)
        };
    }

    /// Works out the gain of the frames that every channel has heard.
    ///
    /// # Panics
    /// When there are more frames than [`CHUNK`].
    pub fn follow(&mut self, frames: usize) {
        let (ceiling, link) = (self.ceiling, self.link);
        let linked = &mut self.linked[..frames];
        let any = self.channels.iter().any(|channel| channel.above);
        if any {
            linked.fill(0.0);
            for channel in self.channels.iter().filter(|channel| channel.above) {
                for (need, peak) in linked.iter_mut().zip(&channel.peaks) {
                    *need = if *peak > *need { *peak } else { *need };
                }
            }
            for need in linked.iter_mut() {
                *need = need_of(*need, ceiling);
            }
        }
        if let [follower] = &mut self.followers[..] {
            follower.follow(any.then_some(linked), frames);
        } else {
            for (follower, channel) in self.followers.iter_mut().zip(&mut self.channels) {
                for (own, all) in channel.peaks.iter_mut().zip(linked.iter()).filter(|_| any) {
                    *own = link * all + (1.0 - link) * need_of(*own, ceiling);
                }
                follower.follow(any.then_some(&mut channel.peaks[..frames]), frames);
            }
        }
        self.take_note(frames);
        self.end += frames;
    }

    /// Counts the gains of this round, the lowest of all channels in each frame.
    fn take_note(&mut self, frames: usize) {
        if let [follower] = &self.followers[..] {
            match follower.gains(frames) {
                Some(gains) => self.tally.reduced(gains),
                None => self.tally.untouched(frames),
            }
            return;
        }
        // The needs have been followed; their memory is free.
        let lowest = &mut self.linked[..frames];
        lowest.fill(1.0);
        for gains in self.followers.iter().filter_map(|follower| follower.gains(frames)) {
            for (lowest, gain) in lowest.iter_mut().zip(gains) {
                *lowest = if *gain < *lowest { *gain } else { *lowest };
            }
        }
        self.tally.reduced(lowest);
    }

    /// Replaces the frames of one channel by the delayed and limited ones.
    ///
    /// # Panics
    /// When there is no such channel.
    pub fn apply(&mut self, channel: usize, block: &mut [f64]) {
        let follower = self.followers.get(channel).unwrap_or(&self.followers[0]);
        let begin = self.end - block.len() - self.latency;
        let delayed = &self.channels[channel].samples[begin..begin + block.len()];
        match follower.gains(block.len()) {
            None => block.copy_from_slice(delayed),
            Some(gains) => {
                for ((out, x), gain) in block.iter_mut().zip(delayed).zip(gains) {
                    *out = x * gain;
                }
            }
        }
        if channel + 1 == self.channels.len() {
            self.make_room();
        }
    }

    /// Moves what is still needed to the front when the memory is nearly full.
    fn make_room(&mut self) {
        let keep = Self::memory(self.latency);
        for channel in &mut self.channels {
            if self.end + CHUNK > channel.samples.len() {
                channel.samples.copy_within(self.end - keep..self.end, 0);
            }
        }
        if self.channels.first().is_some_and(|channel| self.end + CHUNK > channel.samples.len()) {
            self.end = keep;
        }
    }

    /// All three steps, for blocks of any length.
    pub fn process(&mut self, channels: &mut [&mut [f64]]) {
        let frames = channels.first().map_or(0, |channel| channel.len());
        for begin in (0..frames).step_by(CHUNK) {
            let range = begin..frames.min(begin + CHUNK);
            for (index, channel) in channels.iter().enumerate() {
                self.hear(index, &channel[range.clone()]);
            }
            self.follow(range.len());
            for (index, channel) in channels.iter_mut().enumerate() {
                self.apply(index, &mut channel[range.clone()]);
            }
        }
    }
}

/// By what power of two a peak exceeds the ceiling.
#[inline]
fn need_of(peak: f64, ceiling: f64) -> f64 {
    if peak > ceiling { fast_log2(peak / ceiling) } else { 0.0 }
}

#[cfg(test)]
mod tests;
