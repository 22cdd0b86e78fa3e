//! Finding clicks, and filling the places where they were.
//!
//! A click is what cannot be predicted, neither from what comes before nor from what comes behind (Godsill and Rayner, *Digital
//! Audio Restoration*, 1998): an error of the prediction that is many times as large as the errors around it. It is filled by
//! the autoregressive interpolation of least squares, with what is left and right of it. All other samples stay to the bit.
//!
//! [`Listener`] hears the whole programme and gives [`Patch`]es; [`Patcher`] puts them in their places. Any cutting of the
//! programme into blocks gives the same bits.

mod detect;
mod ear;

use ear::{Ear, Places};
use rayon::prelude::*;
use std::ops::Range;

/// What counts as a click.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// How many times as large as its surroundings an error of the prediction must be.
    pub threshold: f64,
    /// The longest click, in seconds.
    pub max_s: f64,
    /// Taps of the predictor that finds them.
    pub order: usize,
    /// Whether a click on one channel is filled on all of them.
    pub linked: bool,
    /// Whether errors that come one after the other are left alone, as the pulses of a voice; crackle comes like that, too.
    pub trains: bool,
    /// How often it is looked for clicks: with the first ones gone, smaller ones stand out.
    pub passes: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { threshold: 5.8, max_s: 0.003, order: 32, linked: false, trains: true, passes: 1 }
    }
}

/// What a place is filled with.
#[derive(Clone, Debug, PartialEq)]
pub struct Patch {
    /// The first frame.
    pub start: u64,
    /// The channel.
    pub channel: usize,
    /// The samples.
    pub samples: Vec<f64>,
    /// The largest difference from what was there.
    pub removed: f64,
}

impl Patch {
    /// The first frame behind it.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.start + self.samples.len() as u64
    }
}

/// So many frames on either side of a place are learnt from.
const CONTEXT: usize = 1024;
/// So many hops are looked at together, each channel on a worker of its own.
const BATCH: usize = 8;

/// Hears the whole programme, and fills the places of its clicks.
#[derive(Clone, Debug)]
pub struct Listener {
    ears: Vec<Ear>,
    linked: bool,
    parallel: bool,
}

impl Listener {
    /// Looks for clicks in `channels` channels at `rate_hz`.
    #[must_use]
    pub fn seeking(settings: Settings, rate_hz: f64, channels: usize) -> Self {
        let max_frames = ((settings.max_s * rate_hz) as usize).max(1);
        let margin = max_frames + CONTEXT.max(detect::margin(settings.order));
        let ear = Ear::new(Places::Sought(settings, Box::default()), max_frames, margin);
        Self { ears: vec![ear; channels], linked: settings.linked, parallel: false }
    }

    /// Fills the given places of each channel: the first frame and the one behind the last, in order and apart. The
    /// places that were sought before get the same samples as then.
    #[must_use]
    pub fn given(places: Vec<Vec<Range<u64>>>) -> Self {
        let longest = places.iter().flatten().map(|range| range.end - range.start).max().unwrap_or(1);
        let max_frames = longest as usize;
        let ear = |places| Ear::new(Places::Given(places), max_frames, max_frames + CONTEXT);
        Self { ears: places.into_iter().map(ear).collect(), linked: false, parallel: false }
    }

    /// The same, with the channels on the workers of the thread pool it runs in, if `parallel`. The bits are the same.
    #[must_use]
    pub fn parallel(self, parallel: bool) -> Self {
        Self { parallel: parallel && self.ears.len() > 1, ..self }
    }

    /// Hears the next frames: a slice per channel, all of the same length.
    pub fn push(&mut self, block: &[&[f64]]) {
        for (ear, samples) in self.ears.iter_mut().zip(block) {
            ear.hear(samples);
        }
        if self.ears.first().is_some_and(|ear| ear.hops() >= BATCH) {
            self.look();
        }
    }

    /// What to put where, in order of channels and frames.
    #[must_use]
    pub fn finish(mut self) -> Vec<Patch> {
        let heard = self.ears.first().map_or(0, Ear::heard);
        self.ears.iter_mut().for_each(Ear::end);
        self.look();
        let mut patches = Vec::new();
        for (channel, ear) in self.ears.into_iter().enumerate() {
            patches.extend(ear.patches(channel, heard));
        }
        patches
    }

    /// Looks at all hops that have been heard with what lies around them.
    fn look(&mut self) {
        while self.linked && self.ears.first().is_some_and(|ear| ear.hops() > 0) {
            let found = self.each(Ear::places);
            let all = joined(found.into_iter().flatten().collect());
            self.each(|ear| ear.fill(&all));
        }
        self.each(|ear| {
            while ear.hops() > 0 {
                let places = ear.places();
                ear.fill(&places);
            }
        });
    }

    fn each<T: Send>(&mut self, work: impl Fn(&mut Ear) -> T + Send + Sync) -> Vec<T> {
        match self.parallel {
            true => self.ears.par_iter_mut().map(work).collect(),
            false => self.ears.iter_mut().map(work).collect(),
        }
    }
}

/// Ranges that overlap or touch are one.
fn joined(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| range.start);
    let mut all: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match all.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => all.push(range),
        }
    }
    all
}

/// Puts patches in their places.
#[derive(Clone, Debug)]
pub struct Patcher {
    /// By channel, in order.
    patches: Vec<Vec<Patch>>,
    audition: bool,
}

impl Patcher {
    /// For `channels` channels. With `audition`, what is taken away comes out, and silence elsewhere.
    #[must_use]
    pub fn new(patches: &[Patch], channels: usize, audition: bool) -> Self {
        let own = |channel: usize| patches.iter().filter(|patch| patch.channel == channel).cloned().collect();
        Self { patches: (0..channels).map(own).collect(), audition }
    }

    /// Works on the frames of `channel` from `start` on.
    ///
    /// # Panics
    /// When there is no such channel.
    pub fn process(&self, channel: usize, start: u64, block: &mut [f64]) {
        let end = start + block.len() as u64;
        let patches = &self.patches[channel];
        let mut done = 0;
        for patch in &patches[patches.partition_point(|patch| patch.end() <= start)..] {
            if patch.start >= end {
                break;
            }
            let (from, to) = (patch.start.max(start), patch.end().min(end));
            let place = (from - start) as usize..(to - start) as usize;
            let samples = &patch.samples[(from - patch.start) as usize..(to - patch.start) as usize];
            if self.audition {
                block[done..place.start].fill(0.0);
                done = place.end;
            }
            for (sample, filled) in block[place].iter_mut().zip(samples) {
                *sample = if self.audition { *sample - filled } else { *filled };
            }
        }
        if self.audition {
            block[done..].fill(0.0);
        }
    }
}

#[cfg(test)]
mod tests;
