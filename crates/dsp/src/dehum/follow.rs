//! The frequency of the hum over time: the log harmonic sum of the spectrum's lines.

use super::bands::Bands;
use super::level::{BLOCK, Moment, blocks};
use super::path::{Steps, best_path, smooth};
use crate::math::{cos, ln, sin};
use rustfft::num_complex::Complex;
use std::f64::consts::TAU;

/// A window of two seconds, in hops.
const WINDOW: usize = 32;
/// What is further from its nominal place than this cannot be seen, in Hz.
const SIGHT_HZ: f64 = 5.0;

/// A grid of frequencies.
pub(super) struct Grid {
    /// From one to the next, in Hz at the first harmonic.
    pub(super) step_hz: f64,
    /// How many on either side of the middle.
    pub(super) reach: usize,
    /// The usual change within half a second, in steps.
    pub(super) sigma: f64,
}

/// How far the hum has turned beyond its nominal frequency at each hop, in turns of the first harmonic.
pub(super) type Turns = Vec<f64>;

/// e^(2πi turns).
pub(super) fn turn(turns: f64) -> Complex<f64> {
    let angle = TAU * (turns - turns.floor());
    Complex::new(cos(angle), sin(angle))
}

/// Between the middles of blocks a straight line, outside of them the nearest value: for each hop.
pub(super) fn by_hop(values: &[f64], hops: usize) -> Vec<f64> {
    let middle = (BLOCK as f64 - 1.0) / 2.0;
    let value = |hop: usize| {
        let at = ((hop as f64 - middle) / BLOCK as f64).clamp(0.0, values.len() as f64 - 1.0);
        let index = (at as usize).min(values.len().saturating_sub(2));
        let next = values.get(index + 1).unwrap_or(&values[index]);
        values[index] + (at - index as f64) * (next - values[index])
    };
    (0..hops).map(value).collect()
}

/// The hop's harmonics, turned back.
pub(super) fn turned_back(z: &[Complex<f32>], turns: f64) -> impl Iterator<Item = Complex<f64>> {
    let (unit, mut by) = (turn(-turns), Complex::new(1.0, 0.0));
    z.iter().map(move |z| {
        by *= unit;
        Complex::new(f64::from(z.re), f64::from(z.im)) * by
    })
}

/// Follows the frequency from `turns` on, and gives better turns.
pub(super) fn follow(bands: &Bands, turns: &[f64], grid: &Grid) -> Turns {
    let hops = bands.hops();
    let blocks = hops.div_ceil(BLOCK);
    let states = 2 * grid.reach + 1;
    let mut scores = vec![0.0_f32; blocks * states];
    let mut scene = Scene::new(bands, grid);
    for (block, row) in scores.chunks_mut(states).enumerate() {
        for channel in 0..bands.z.len() {
            scene.score(bands, turns, channel, block, row);
        }
    }
    let path = best_path(&scores, states, &Steps::usual(6, grid.sigma));
    let off: Vec<f64> = path.iter().map(|state| (state - grid.reach as f64) * grid.step_hz).collect();
    let off = by_hop(&off, hops);
    let mut sum = 0.0;
    let mut more = |hop: usize| {
        if hop > 0 {
            sum += 0.5 * (off[hop - 1] + off[hop]) * bands.hop_s;
        }
        sum
    };
    turns.iter().enumerate().map(|(hop, turns)| turns + more(hop)).collect()
}

/// Scratch memory and tables of [`follow`].
struct Scene {
    window: Vec<f64>,
    /// How far the grid's frequencies turn in a hop.
    units: Vec<Complex<f64>>,
    off_hz: Vec<f64>,
    /// `[harmonic][hop in the window]`.
    lines: Vec<Complex<f64>>,
}

impl Scene {
    fn new(bands: &Bands, grid: &Grid) -> Self {
        let off = |state: usize| (state as f64 - grid.reach as f64) * grid.step_hz;
        let off_hz: Vec<f64> = (0..=2 * grid.reach).map(off).collect();
        let window = |n: usize| 0.5 - 0.5 * cos(TAU * (n as f64 + 0.5) / WINDOW as f64);
        Self {
            window: (0..WINDOW).map(window).collect(),
            units: off_hz.iter().map(|hz| turn(-hz * bands.hop_s)).collect(),
            off_hz,
            lines: vec![Complex::default(); WINDOW * bands.harmonics],
        }
    }

    /// Adds to `row` how much each frequency explains: the likelihood ratio of a tone in noise of unknown level.
    fn score(&mut self, bands: &Bands, turns: &[f64], channel: usize, block: usize, row: &mut [f32]) {
        /// Independent values in a window, shared among the windows that overlap.
        const VALUES: f64 = 4.0;
        let first = (block * BLOCK + BLOCK / 2) as i64 - (WINDOW / 2) as i64;
        self.lines.fill(Complex::default());
        let mut total = 0.0;
        for n in 0..WINDOW {
            let Some(hop) = usize::try_from(first + n as i64).ok().filter(|hop| *hop < bands.hops()) else {
                continue;
            };
            total += self.window[n];
            let line = turned_back(bands.at(channel, hop), turns[hop]);
            for (k, z) in line.enumerate() {
                self.lines[k * WINDOW + n] = z;
            }
        }
        for k in 0..bands.harmonics {
            let line = &self.lines[k * WINDOW..(k + 1) * WINDOW];
            let power: f64 = line.iter().zip(&self.window).map(|(z, w)| w * z.norm_sqr()).sum();
            if power < 1e-16 {
                continue;
            }
            for ((unit, off_hz), score) in self.units.iter().zip(&self.off_hz).zip(row.iter_mut()) {
                if (off_hz * (k + 1) as f64).abs() > SIGHT_HZ {
                    continue;
                }
                let by = (0..k).fold(*unit, |by, _| by * unit);
                let sum = line
                    .iter()
                    .zip(&self.window)
                    .rev()
                    .fold(Complex::new(0.0, 0.0), |sum, (z, w)| sum * by + z * *w);
                let share = (sum.norm_sqr() / (power * total)).min(1.0);
                *score -= (VALUES * ln(1.001 - share)) as f32;
            }
        }
    }
}

/// Phases that are told apart.
const STATES: usize = 256;
/// Independent values in a block.
const VALUES: f64 = 3.0;

/// With known amplitudes `a[channel][harmonic]`, of which the first `most` count, follows the phase, and gives better turns.
pub(super) fn lock(bands: &Bands, turns: &[f64], a: &[Vec<Complex<f64>>], most: usize) -> Turns {
    /// How stiff the phase is: its second difference within half a second, in radians, as mains and tapes drift.
    const STIFFNESS: f64 = 1.0 / (0.02 * 0.02);
    let hops = bands.hops();
    let mut scores = vec![0.0_f32; hops.div_ceil(BLOCK) * STATES];
    let mut certainty = vec![0.0; hops.div_ceil(BLOCK)];
    let units: Vec<Complex<f64>> = (0..STATES).map(|state| turn(state as f64 / STATES as f64)).collect();
    for (channel, amplitudes) in a.iter().enumerate() {
        let moments = blocks(bands, turns, channel);
        for ((number, a), moments) in (1..).zip(amplitudes).zip(&moments).take(most) {
            if a.norm_sqr() == 0.0 {
                continue;
            }
            for ((moment, row), certainty) in
                moments.iter().zip(scores.chunks_mut(STATES)).zip(&mut certainty)
            {
                *certainty += add_phases(row, &units, number, *a, moment);
            }
        }
    }
    let steps = Steps { round: true, ..Steps::usual(8, 2.0) };
    let path = best_path(&scores, STATES, &steps);
    let points: Vec<f64> = path.iter().map(|state| TAU * state / STATES as f64).collect();
    let more = by_hop(&smooth(&points, &certainty, STIFFNESS), hops);
    turns.iter().zip(&more).map(|(turns, more)| turns + more / TAU).collect()
}

/// Adds to `row` how likely each phase is by harmonic `number` of amplitude `a` in a block; gives back how certain that is
/// (the inverse of the variance, in radians of the first harmonic).
fn add_phases(
    row: &mut [f32],
    units: &[Complex<f64>],
    number: usize,
    a: Complex<f64>,
    moment: &Moment,
) -> f64 {
    let floor = moment.square + 1.01 * a.norm_sqr();
    let cross = a.conj() * moment.mean * 2.0;
    let mut least = floor;
    for (state, score) in row.iter_mut().enumerate() {
        let by = units[state * number % units.len()];
        let rest = (floor - (cross.re * by.re + cross.im * by.im)).max(1e-30);
        least = least.min(rest);
        *score -= (VALUES * ln(rest)) as f32;
    }
    2.0 * VALUES * (number * number) as f64 * a.norm_sqr() / least
}
