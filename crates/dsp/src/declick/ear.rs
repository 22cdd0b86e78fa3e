//! One channel: what has been heard of it, and the places filled so far.

use super::detect::Finder;
use super::{CONTEXT, Patch, Settings, joined};
use crate::prediction::{interpolate, predictor};
use std::ops::Range;

/// So many frames are looked at for clicks at a time; the grid begins with the first frame.
const HOP: usize = 4096;
/// Taps of the predictor that fills.
const FILL_ORDER: usize = 128;
/// How often the predictor is learnt from what it has filled.
const ROUNDS: usize = 2;

/// Where clicks are known from.
#[derive(Clone, Debug)]
pub(super) enum Places {
    /// They are looked for.
    Sought(Settings, Box<Finder>),
    /// They are given, in order: the first frame and the one behind the last.
    Given(Vec<Range<u64>>),
}

/// One channel.
#[derive(Clone, Debug)]
pub(super) struct Ear {
    places: Places,
    max_frames: usize,
    /// Frames before and behind the hop that are needed as well.
    margin: usize,
    /// What has been heard from `margin` before the current hop on, with the patches in place.
    held: Vec<f64>,
    /// The first frame of the current hop.
    hop: u64,
    /// Up to where the patches reach.
    covered: u64,
    /// The first frame, the samples, and the largest difference from what was there.
    patches: Vec<(u64, Vec<f64>, f64)>,
}

impl Ear {
    pub(super) fn new(places: Places, max_frames: usize, margin: usize) -> Self {
        let held = vec![0.0; margin];
        Self { places, max_frames, margin, held, hop: 0, covered: 0, patches: Vec::new() }
    }

    pub(super) fn hear(&mut self, samples: &[f64]) {
        self.held.extend_from_slice(samples);
    }

    /// How many frames have been heard in all.
    pub(super) fn heard(&self) -> u64 {
        self.hop + (self.held.len() - self.margin) as u64
    }

    /// How many hops have been heard with what lies around them.
    pub(super) fn hops(&self) -> usize {
        self.held.len().saturating_sub(2 * self.margin) / HOP
    }

    /// Nothing comes any more: silence fills the last hop, and what lies behind it.
    pub(super) fn end(&mut self) {
        let frames = self.held.len() - self.margin;
        self.held.resize(frames.div_ceil(HOP) * HOP + 2 * self.margin, 0.0);
    }

    /// The places that begin in the current hop, as ranges of what is held.
    pub(super) fn places(&mut self) -> Vec<Range<usize>> {
        let (hop, margin) = (self.hop, self.margin);
        let here = |frame: u64| (frame - hop) as usize + margin;
        match &mut self.places {
            Places::Given(places) => {
                let from = places.partition_point(|range| range.start < hop);
                let own = places[from..].iter().take_while(|range| range.start < hop + HOP as u64);
                own.map(|range| here(range.start)..here(range.end)).collect()
            }
            Places::Sought(settings, finder) => {
                let begin = here(self.covered.max(hop));
                let look = begin..margin + HOP;
                let window = &mut self.held[..HOP + 2 * margin];
                let mut found = finder.clicks(window, look.clone(), settings, self.max_frames);
                if settings.passes > 1 && !found.is_empty() {
                    // The places are filled again at the end, as they lie then.
                    let heard = window.to_vec();
                    for _ in 1..settings.passes {
                        found.iter().for_each(|range| interpolated(window, range));
                        let more = finder.clicks(window, look.clone(), settings, self.max_frames);
                        found = with(found, more, self.max_frames);
                    }
                    window.copy_from_slice(&heard);
                }
                found
            }
        }
    }

    /// Fills places of the current hop, and goes to the next.
    pub(super) fn fill(&mut self, places: &[Range<usize>]) {
        let before: Vec<Vec<f64>> = places.iter().map(|range| self.held[range.clone()].to_vec()).collect();
        // The first time the clicks behind a place still disturb what is learnt around it.
        for range in places.iter().chain(places) {
            interpolated(&mut self.held, range);
        }
        for (range, before) in places.iter().zip(before) {
            let start = self.hop + range.start as u64 - self.margin as u64;
            self.covered = start + range.len() as u64;
            let samples = self.held[range.clone()].to_vec();
            let removed = samples.iter().zip(&before).map(|(new, old)| (new - old).abs()).fold(0.0, f64::max);
            self.patches.push((start, samples, removed));
        }
        self.held.drain(..HOP);
        self.hop += HOP as u64;
    }

    /// What to put where, in a programme of `heard` frames.
    pub(super) fn patches(self, channel: usize, heard: u64) -> impl Iterator<Item = Patch> {
        let patch = move |(start, samples, removed)| Patch { start, channel, samples, removed };
        let patches = self.patches.into_iter().map(patch);
        // A hard end is no click.
        patches.filter(move |patch| patch.start > 0 && patch.end() + (FILL_ORDER as u64) <= heard)
    }
}

/// What was found before and what is found now, as far as nothing grows beyond the longest click.
fn with(before: Vec<Range<usize>>, now: Vec<Range<usize>>, longest: usize) -> Vec<Range<usize>> {
    let all = joined(before.iter().cloned().chain(now).collect());
    if all.iter().all(|range| range.len() <= longest) {
        return all;
    }
    let inside = |range: &Range<usize>| {
        before.iter().filter(|old| range.start <= old.start && old.end <= range.end).cloned().collect()
    };
    all.iter()
        .flat_map(|range| if range.len() <= longest { vec![range.clone()] } else { inside(range) })
        .collect()
}

/// Fills a place from what is left and right of it.
fn interpolated(held: &mut [f64], range: &Range<usize>) {
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
}
