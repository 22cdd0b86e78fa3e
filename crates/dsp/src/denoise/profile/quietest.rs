//! The quietest steady stretch of a programme, found in one pass: a few numbers are kept of every cell, and spectra of only
//! the quietest.

use super::{Heard, Profile};
use crate::math::{pow, power_to_db};
use std::ops::Range;

/// Frames whose spectra are averaged.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cell {
    /// The first frame of the programme, and the one behind the last.
    pub(super) begin: u64,
    pub(super) end: u64,
    /// By channel and bin: powers added up.
    pub(super) sums: Vec<Vec<f64>>,
    /// How many spectra were added.
    pub(super) frames: usize,
    /// Whether there is digital silence in it.
    pub(super) silent: bool,
}

impl Cell {
    pub(super) fn new(begin: u64, channels: usize, bins: usize) -> Self {
        Self { begin, end: begin, sums: vec![vec![0.0; bins]; channels], frames: 0, silent: false }
    }

    pub(super) fn add(&mut self, powers: &[Vec<f64>], end: u64, silent: bool) {
        for (sums, powers) in self.sums.iter_mut().zip(powers) {
            sums.iter_mut().zip(powers).for_each(|(sum, power)| *sum += power);
        }
        self.frames += 1;
        self.end = end;
        self.silent |= silent;
    }

    fn join(&mut self, other: &Self) {
        for (sums, more) in self.sums.iter_mut().zip(&other.sums) {
            sums.iter_mut().zip(more).for_each(|(sum, power)| *sum += power);
        }
        self.frames += other.frames;
        self.begin = self.begin.min(other.begin);
        self.end = self.end.max(other.end);
    }
}

/// Bands in which levels are compared.
const BANDS: usize = 16;
/// The lowest begins here, in Hz: below, rumble comes and goes.
const LOWEST_HZ: f64 = 120.0;
/// So many of the quietest cells keep their spectra.
const KEPT: usize = 96;
/// How many cells in a row are judged, a second or less, and in how many bands such a stretch must be smooth and steady to be
/// noise: the others may have hum in them. The shorter, the easier a drum is taken for noise.
const STRETCHES: [(usize, usize); 3] = [(4, 9), (3, 12), (2, 14)];
/// The longest stretch that is averaged, in cells: ten seconds.
const LONGEST: usize = 40;
/// Levels of steady noise in the cells of a stretch differ by less, in dB …
const STEADY_DB: f32 = 1.0;
/// … and every dB more costs as much as if it were so many dB louder. A stretch that moves by more than this is music, or a fade.
const COST: f32 = 6.0;
const MOVING_DB: f32 = 2.0;
/// Neighbouring bins of noise, averaged, differ by less than this in dB; those of notes by far more.
const ROUGH_DB: f64 = 1.6;

/// Noise sounds on under everything: in few cells (this share of them) is a band softer than in the stretch, by so many dB.
const SOFTER: f64 = 0.1;
const SOFTER_DB: f32 = 2.0;
/// And music stands above it: so many bands are, in half of all cells, louder by so many dB. Where there is no music anywhere,
/// nearly all bands must be those of noise.
const MUSIC_BANDS: usize = 4;
const ALONE_BANDS: usize = 13;
const MUSIC_DB: f32 = 10.0;

/// The levels of a cell, in dB.
type Levels = [f32; BANDS];

/// Takes cells one after the other.
#[derive(Clone, Debug)]
pub(super) struct Quietest {
    bands: Vec<Range<usize>>,
    /// Of every cell, in order; `None` for one with silence in it.
    levels: Vec<Option<Levels>>,
    /// Number, level and spectra of the quietest.
    kept: Vec<(usize, f32, Cell)>,
}

impl Quietest {
    pub(super) fn new(size: usize, rate_hz: f64) -> Self {
        let bins = size / 2 + 1;
        let highest = (0.45 * rate_hz).min(20_000.0);
        let edge = |band: usize| {
            let hz = LOWEST_HZ * pow(highest / LOWEST_HZ, band as f64 / BANDS as f64);
            ((hz * size as f64 / rate_hz).round() as usize).min(bins - 1)
        };
        let band = |index: usize| edge(index)..edge(index + 1).max(edge(index) + 1).min(bins);
        Self { bands: (0..BANDS).map(band).collect(), levels: Vec::new(), kept: Vec::new() }
    }

    pub(super) fn take(&mut self, cell: Cell) {
        if cell.frames == 0 {
            return;
        }
        let number = self.levels.len();
        if cell.silent {
            self.levels.push(None);
            return;
        }
        let levels = self.levels_of(&cell);
        self.levels.push(Some(levels));
        let level = mean(&levels);
        let place = self.kept.partition_point(|(_, kept, _)| *kept <= level);
        if place < KEPT {
            self.kept.insert(place, (number, level, cell));
            self.kept.truncate(KEPT);
        }
    }

    fn levels_of(&self, cell: &Cell) -> Levels {
        let shared = (cell.frames * cell.sums.len()) as f64;
        let mut levels = [0.0; BANDS];
        for (level, band) in levels.iter_mut().zip(&self.bands) {
            let power: f64 = cell.sums.iter().map(|sums| sums[band.clone()].iter().sum::<f64>()).sum();
            *level = power_to_db(power / shared + 1e-30) as f32;
        }
        levels
    }

    /// The spectra of cell `number`, if they were kept.
    fn cell(&self, number: usize) -> Option<&Cell> {
        self.kept.iter().find(|(kept, _, _)| *kept == number).map(|(_, _, cell)| cell)
    }

    /// These cells as one, if all were kept.
    fn joined(&self, mut cells: Range<usize>) -> Option<Cell> {
        let mut all = self.cell(cells.next()?)?.clone();
        for number in cells {
            all.join(self.cell(number)?);
        }
        Some(all)
    }

    /// By how much the levels of each band move within these cells, in dB, and the level of all.
    fn moving(&self, cells: Range<usize>) -> Option<([f32; BANDS], f32)> {
        let mut ends = [(f32::INFINITY, f32::NEG_INFINITY); BANDS];
        let (mut sum, count) = (0.0, cells.len() as f32);
        for number in cells {
            let levels = self.levels[number].as_ref()?;
            sum += mean(levels);
            for (end, level) in ends.iter_mut().zip(levels) {
                *end = (end.0.min(*level), end.1.max(*level));
            }
        }
        Some((ends.map(|(low, high)| high - low), sum / count))
    }

    /// The level of each band that this share of all cells stays below.
    fn quantile(&self, share: f64) -> Levels {
        let mut quantiles = [0.0; BANDS];
        for (band, quantile) in quantiles.iter_mut().enumerate() {
            let mut all: Vec<f32> = self.levels.iter().flatten().map(|levels| levels[band]).collect();
            all.sort_unstable_by(f32::total_cmp);
            *quantile = all.get((share * all.len() as f64) as usize).copied().unwrap_or_default();
        }
        quantiles
    }

    /// What a stretch costs as the one to learn from: its level, and more if it moves. `None` if it is no noise in at least
    /// `least` bands. Beside it, the levels that few cells of the programme are below, and those that half of them are.
    fn cost(&self, cells: Range<usize>, least: usize, [soft, half]: &[Levels; 2]) -> Option<f32> {
        let (moving, level) = self.moving(cells.clone())?;
        let all = self.joined(cells)?;
        let own = self.levels_of(&all);
        let noisy = (0..BANDS).filter(|band| {
            moving[*band] < MOVING_DB
                && own[*band] < soft[*band] + SOFTER_DB
                && roughness_db(&all.sums, self.bands[*band].clone()) < ROUGH_DB
        });
        let noisy = noisy.count();
        let music = own.iter().zip(half).filter(|(own, half)| **half > **own + MUSIC_DB).count();
        let spread = mean(&moving);
        let is_noise = noisy >= least && (music >= MUSIC_BANDS || noisy >= ALONE_BANDS) && spread < MOVING_DB;
        is_noise.then(|| level + COST * (spread - STEADY_DB).max(0.0))
    }

    pub(super) fn finish(self) -> Option<Heard> {
        let programme = [self.quantile(SOFTER), self.quantile(0.5)];
        let best = STRETCHES.into_iter().find_map(|(length, least)| {
            let last = (self.levels.len() + 1).saturating_sub(length);
            let stretches = (0..last).map(|begin| begin..begin + length);
            let costs = stretches
                .filter_map(|cells| self.cost(cells.clone(), least, &programme).map(|cost| (cost, cells)));
            costs.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, cells)| cells)
        })?;
        let all = self.joined(self.widened(best))?;
        let profile = Profile::smoothed(&all.sums, all.frames as f64);
        Some(Heard { profile, range: all.begin..all.end })
    }

    /// The stretch with the cells before and behind that sound alike.
    fn widened(&self, heart: Range<usize>) -> Range<usize> {
        let alike = |number: usize, edge: usize| {
            let (from, to) = (number.min(edge), number.max(edge));
            let kept = number < self.levels.len() && self.cell(number).is_some();
            let moving =
                if kept { self.moving(from.min(heart.start)..to.max(heart.end - 1) + 1) } else { None };
            moving.is_some_and(|(moving, _)| mean(&moving) < STEADY_DB)
        };
        let mut cells = heart.clone();
        while cells.len() < LONGEST && alike(cells.end, cells.end) {
            cells.end += 1;
        }
        while cells.len() < LONGEST && cells.start > 0 && alike(cells.start - 1, cells.start) {
            cells.start -= 1;
        }
        cells
    }
}

/// By how many dB the powers of neighbouring bins differ, on average.
fn roughness_db(sums: &[Vec<f64>], band: Range<usize>) -> f64 {
    let level = |k: usize| power_to_db(sums.iter().map(|sums| sums[k]).sum::<f64>() + 1e-30);
    let count = band.len() as f64;
    band.map(|k| (level(k) - level(k - 1)).abs()).sum::<f64>() / count
}

fn mean(levels: &Levels) -> f32 {
    levels.iter().sum::<f32>() / BANDS as f32
}
