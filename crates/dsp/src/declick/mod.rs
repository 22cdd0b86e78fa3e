//! Finding clicks, and filling the places where they were.
//!
//! A click is what cannot be predicted, neither from what comes before nor from what comes behind (Godsill and Rayner, *Digital
//! Audio Restoration*, 1998): an error of the prediction that is many times as large as the errors around it. It is filled by
//! the autoregressive interpolation of least squares, with what is left and right of it. All other samples stay to the bit.
//!
//! [`Listener`] hears the whole programme and gives [`Patch`]es; [`Patcher`] puts them in their places. Any cutting of the
//! programme into blocks gives the same bits.

mod detect;

use crate::prediction::{interpolate, predictor};
use detect::Finder;
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
}

impl Default for Settings {
    fn default() -> Self {
        Self { threshold: 6.0, max_s: 0.003, order: 32, linked: false }
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
}

impl Patch {
    /// The first frame behind it.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.start + self.samples.len() as u64
    }
}

/// So many frames are looked at for clicks at a time; the grid begins with the first frame.
const HOP: usize = 4096;
/// Taps of the predictor that fills.
const FILL_ORDER: usize = 64;
/// So many frames on either side are learnt from.
const CONTEXT: usize = 1024;
/// How often the predictor is learnt from what it has filled.
const ROUNDS: usize = 2;

/// Where clicks are known from.
#[derive(Clone, Debug)]
enum Places {
    /// They are looked for.
    Sought(Settings, Box<Finder>),
    /// They are given, by channel, in order: the first frame and the one behind the last.
    Given(Vec<Vec<Range<u64>>>),
}

/// Hears the whole programme, and fills the places of its clicks.
#[derive(Clone, Debug)]
pub struct Listener {
    places: Places,
    max_frames: usize,
    /// Frames before and behind the hop that are needed as well.
    margin: usize,
    /// What has been heard from `margin` before the current hop on, by channel, with the patches in place.
    held: Vec<Vec<f64>>,
    /// The first frame of the current hop.
    hop: u64,
    /// Up to where each channel's patches reach.
    covered: Vec<u64>,
    patches: Vec<Patch>,
}

impl Listener {
    /// Looks for clicks in `channels` channels at `rate_hz`.
    #[must_use]
    pub fn seeking(settings: Settings, rate_hz: f64, channels: usize) -> Self {
        let max_frames = ((settings.max_s * rate_hz) as usize).max(1);
        let margin = max_frames + CONTEXT.max(detect::margin(settings.order));
        Self::new(Places::Sought(settings, Box::default()), max_frames, margin, channels)
    }

    /// Fills the given places of each channel: the first frame and the one behind the last, in order and apart.
    #[must_use]
    pub fn given(places: Vec<Vec<Range<u64>>>) -> Self {
        let longest = places.iter().flatten().map(|range| range.end - range.start).max().unwrap_or(1);
        let (max_frames, channels) = (longest as usize, places.len());
        Self::new(Places::Given(places), max_frames, max_frames + CONTEXT, channels)
    }

    fn new(places: Places, max_frames: usize, margin: usize, channels: usize) -> Self {
        Self {
            places,
            max_frames,
            margin,
            held: vec![vec![0.0; margin]; channels],
            hop: 0,
            covered: vec![0; channels],
            patches: Vec::new(),
        }
    }

    /// Hears the next frames: a slice per channel, all of the same length.
    pub fn push(&mut self, block: &[&[f64]]) {
        for (held, samples) in self.held.iter_mut().zip(block) {
            held.extend_from_slice(samples);
        }
        while self.held.first().is_some_and(|held| held.len() >= HOP + 2 * self.margin) {
            self.look();
        }
    }

    /// What to put where, in order of channels and frames.
    #[must_use]
    pub fn finish(mut self) -> Vec<Patch> {
        let heard = self.hop + self.held.first().map_or(0, |held| held.len() - self.margin) as u64;
        while self.hop < heard {
            for held in &mut self.held {
                held.resize(held.len().max(HOP + 2 * self.margin), 0.0);
            }
            self.look();
        }
        // A hard end is no click.
        self.patches.retain(|patch| patch.end() + (FILL_ORDER as u64) <= heard && patch.start > 0);
        self.patches.sort_by_key(|patch| (patch.channel, patch.start));
        self.patches
    }

    /// Looks at the current hop and goes to the next.
    fn look(&mut self) {
        let found: Vec<Vec<Range<usize>>> =
            (0..self.held.len()).map(|channel| self.places(channel)).collect();
        let linked = matches!(&self.places, Places::Sought(settings, _) if settings.linked);
        let all = if linked { Some(joined(found.iter().flatten().cloned().collect())) } else { None };
        for (channel, own) in found.iter().enumerate() {
            for range in all.as_ref().unwrap_or(own) {
                self.fill(channel, range.clone());
            }
        }
        for held in &mut self.held {
            held.drain(..HOP);
        }
        self.hop += HOP as u64;
    }

    /// The places of a channel that begin in the current hop, as ranges of what is held.
    fn places(&mut self, channel: usize) -> Vec<Range<usize>> {
        let (hop, margin) = (self.hop, self.margin);
        let here = |frame: u64| (frame - hop) as usize + margin;
        match &mut self.places {
            Places::Given(places) => {
                let own =
                    places[channel].iter().filter(|range| (hop..hop + HOP as u64).contains(&range.start));
                own.map(|range| here(range.start)..here(range.end)).collect()
            }
            Places::Sought(settings, finder) => {
                let begin = here(self.covered[channel].max(hop));
                let window = &self.held[channel][..HOP + 2 * margin];
                finder.clicks(window, begin..margin + HOP, settings, self.max_frames)
            }
        }
    }

    fn fill(&mut self, channel: usize, range: Range<usize>) {
        let held = &mut self.held[channel];
        let around = &mut held[range.start - CONTEXT..range.end + CONTEXT];
        let gap = CONTEXT..CONTEXT + range.len();
        let (left, right) = (around[gap.start - 1], around[gap.end]);
        let length = (gap.len() + 1) as f64;
        for (n, sample) in around[gap.clone()].iter_mut().enumerate() {
            *sample = left + (right - left) * (n + 1) as f64 / length;
        }
        for _ in 0..ROUNDS {
            let taps = predictor(around, FILL_ORDER);
            interpolate(around, gap.clone(), &taps);
        }
        let start = self.hop + range.start as u64 - self.margin as u64;
        self.covered[channel] = start + range.len() as u64;
        self.patches.push(Patch { start, channel, samples: held[range].to_vec() });
    }
}

/// Ranges that touch are one.
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
