//! What noise sounds like: hearing it where nothing else sounds, its tones, and figures of it.

mod floor;
mod quietest;

pub use floor::Floor;

use super::frames::{Spectra, powers};
use super::is_silent;
use crate::fft::Kind;
use crate::math::{pow, power_to_db};
use quietest::{Cell, Quietest};
use rustfft::num_complex::Complex;
use std::ops::Range;

/// The powers of noise: for each channel, the mean square that each bin of a frame has, from 0 to half the rate. Their sum is the
/// mean square of the noise.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// By channel and bin.
    pub powers: Vec<Vec<f64>>,
}

/// A bin is a tone when it stands so far out of its surroundings, as a ratio of powers: 9 dB.
const TONE: f64 = 8.0;
/// Its neighbours belong to it when they stand out so far: 4 dB.
const SKIRT: f64 = 2.5;
/// So many bins to either side are surroundings; the lower half of them counts.
const SURROUNDINGS: usize = 20;
/// What does not stand out is averaged over so many bins to either side.
const SMOOTH: usize = 4;

/// Looks for tones in the powers of noise.
#[derive(Clone, Debug)]
pub(super) struct Tones {
    /// For each bin, whether it is a tone or its skirt.
    tonal: Vec<bool>,
    /// The level of the surroundings of each bin, and memory for them.
    around: Vec<f64>,
    sorted: [f64; 2 * SURROUNDINGS + 1],
}

impl Tones {
    pub(super) fn new(bins: usize) -> Self {
        Self { tonal: vec![false; bins], around: vec![0.0; bins], sorted: [0.0; 2 * SURROUNDINGS + 1] }
    }

    /// What was found.
    pub(super) fn tonal(&self) -> &[bool] {
        &self.tonal
    }

    pub(super) fn reset(&mut self) {
        self.tonal.fill(false);
    }

    /// The mean of the lower half of the surroundings of each bin.
    fn look_around(&mut self, powers: &[f64]) {
        for (k, around) in self.around.iter_mut().enumerate() {
            let range = k.saturating_sub(SURROUNDINGS)..(k + SURROUNDINGS + 1).min(powers.len());
            let sorted = &mut self.sorted[..range.len()];
            sorted.copy_from_slice(&powers[range]);
            sorted.sort_unstable_by(f64::total_cmp);
            let half = sorted.len().div_ceil(2);
            *around = sorted[..half].iter().sum::<f64>() / half as f64;
        }
    }

    pub(super) fn look(&mut self, powers: &[f64]) {
        self.look_around(powers);
        self.tonal.fill(false);
        let around = &self.around;
        let out = |k: usize, ratio: f64| powers[k] > ratio * around[k] && powers[k] > 0.0;
        // Rumble falls steeply from the lowest bins on, and is no tone: a tone has a peak.
        for k in 1..powers.len().saturating_sub(1) {
            if out(k, TONE) && powers[k] >= powers[k - 1] && powers[k] >= powers[k + 1] {
                let below = (1..=k).take_while(|d| out(k - d, SKIRT) && powers[k - d] <= powers[k + 1 - d]);
                let above = (1..powers.len() - k)
                    .take_while(|d| out(k + d, SKIRT) && powers[k + d] <= powers[k + d - 1]);
                let (low, high) = (k - below.count(), k + above.count());
                self.tonal[low..=high].fill(true);
            }
        }
    }
}

/// For each bin of the powers of noise, whether it is a tone or its skirt.
fn tones(powers: &[f64]) -> Vec<bool> {
    let mut tones = Tones::new(powers.len());
    tones.look(powers);
    tones.tonal
}

impl Profile {
    /// The mean of what was measured, smoothed where no tone stands out.
    fn smoothed(sums: &[Vec<f64>], frames: f64) -> Self {
        let of_channel = |sums: &Vec<f64>| {
            let mean: Vec<f64> = sums.iter().map(|sum| sum / frames).collect();
            let tonal = tones(&mean);
            (0..mean.len()).map(|k| if tonal[k] { mean[k] } else { smooth(&mean, &tonal, k) }).collect()
        };
        Self { powers: sums.iter().map(of_channel).collect() }
    }

    /// The bins in dB, to a hundredth.
    #[must_use]
    pub fn to_db(&self) -> Vec<Vec<f64>> {
        let db = |power: &f64| (power_to_db(*power).max(LEAST_DB) * 100.0).round() / 100.0;
        self.powers.iter().map(|powers| powers.iter().map(db).collect()).collect()
    }

    /// Of bins in dB.
    #[must_use]
    pub fn from_db(db: &[Vec<f64>]) -> Self {
        let power = |db: &f64| pow(10.0, db / 10.0);
        Self { powers: db.iter().map(|db| db.iter().map(power).collect()).collect() }
    }
}

/// What silence is said to be.
const LEAST_DB: f64 = -200.0;

/// The mean of a bin and those around it that are no tones; fewer at the bottom, where noise is steep.
fn smooth(mean: &[f64], tonal: &[bool], k: usize) -> f64 {
    let reach = SMOOTH.min(k / 4);
    let range = k - reach..(k + reach + 1).min(mean.len());
    let (mut sum, mut count) = (0.0, 0.0);
    for index in range.filter(|index| !tonal[*index]) {
        sum += mean[index];
        count += 1.0;
    }
    sum / count
}

/// Where noise is to be heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// In these frames of the programme.
    Range(Range<u64>),
    /// Wherever the programme is quietest and steady.
    Quietest,
}

/// The noise that was heard, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Heard {
    /// What it sounds like.
    pub profile: Profile,
    /// The frames of the programme.
    pub range: Range<u64>,
}

/// A cell, within which spectra are averaged, is about so long.
const CELL_S: f64 = 0.25;

/// Hears a programme, and what its noise sounds like.
#[derive(Clone, Debug)]
pub struct Listener {
    wanted: Wanted,
    spectra: Spectra,
    held: Vec<Vec<f64>>,
    points: Vec<Complex<f64>>,
    powers: Vec<Vec<f64>>,
    /// Frames that have been dropped from the front of what is held.
    dropped: u64,
    cell: Cell,
    cell_hops: usize,
    quietest: Quietest,
}

impl Listener {
    /// Hears frames of `size` points, of `channels` channels.
    #[must_use]
    pub fn new(wanted: Wanted, size: usize, rate_hz: f64, channels: usize, kind: Kind) -> Self {
        let spectra = Spectra::new(size, kind);
        let bins = spectra.bins();
        let hop = (size / 2) as f64;
        Self {
            wanted,
            held: vec![Vec::new(); channels],
            points: vec![Complex::default(); size],
            powers: vec![vec![0.0; bins]; channels],
            dropped: 0,
            cell: Cell::new(0, channels, bins),
            cell_hops: ((CELL_S * rate_hz / hop).round() as usize).max(2),
            quietest: Quietest::new(size, rate_hz),
            spectra,
        }
    }

    /// Hears the next frames: a slice per channel, all of the same length.
    pub fn push(&mut self, block: &[&[f64]]) {
        for (held, samples) in self.held.iter_mut().zip(block) {
            held.extend_from_slice(samples);
        }
        let (size, hop) = (self.spectra.size(), self.spectra.size() / 2);
        let held = self.held.first().map_or(0, Vec::len);
        let mut at = 0;
        while held >= at + size {
            self.look(at);
            at += hop;
        }
        for held in &mut self.held {
            held.drain(..at);
        }
        self.dropped += at as u64;
    }

    /// The noise that was heard. `None` when there was none: the programme, or the range, is too short or silent, or there is no
    /// stretch that is not music.
    #[must_use]
    pub fn finish(mut self) -> Option<Heard> {
        let cell = std::mem::replace(&mut self.cell, Cell::new(0, 0, 0));
        let heard = self.dropped + self.held.first().map_or(0, Vec::len) as u64;
        match &self.wanted {
            Wanted::Quietest => {
                self.quietest.take(cell);
                self.quietest.finish()
            }
            Wanted::Range(range) if cell.frames > 0 && !cell.silent => Some(Heard {
                profile: Profile::smoothed(&cell.sums, cell.frames as f64),
                range: range.start..range.end.min(heard),
            }),
            Wanted::Range(_) => None,
        }
    }

    /// Looks at the frame that begins at `at` of what is held.
    fn look(&mut self, at: usize) {
        let size = self.spectra.size();
        let begin = self.dropped + at as u64;
        let frame = begin..begin + size as u64;
        if let Wanted::Range(range) = &self.wanted
            && (frame.start < range.start || frame.end > range.end)
        {
            return;
        }
        let silent = self.is_silent(at);
        let to_power = self.spectra.to_power();
        for (held, power) in self.held.chunks(2).zip(self.powers.chunks_mut(2)) {
            let second = held.get(1).map(|held| &held[at..at + size]);
            self.spectra.forward(&held[0][at..at + size], second, &mut self.points);
            let (first, rest) = power.split_at_mut(1);
            powers(&self.points, to_power, &mut first[0], rest.first_mut().map(|power| &mut power[..]));
        }
        let wanted = matches!(self.wanted, Wanted::Range(_));
        // In a range that a person chose, a silent frame is left out; elsewhere it spoils its cell.
        if !(wanted && silent) {
            if self.cell.frames == 0 {
                self.cell.begin = frame.start;
            }
            self.cell.add(&self.powers, frame.end, silent);
        }
        if !wanted && self.cell.frames >= self.cell_hops {
            let (channels, bins) = (self.held.len(), self.spectra.bins());
            let next = Cell::new(0, channels, bins);
            self.quietest.take(std::mem::replace(&mut self.cell, next));
        }
    }

    /// Whether the frame has digital silence in it, on all channels.
    fn is_silent(&self, at: usize) -> bool {
        let size = self.spectra.size();
        self.held.iter().all(|held| is_silent(&held[at..at + size]))
    }
}
