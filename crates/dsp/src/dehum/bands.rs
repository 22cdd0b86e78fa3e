//! From samples to the complex amplitude of each harmonic, sixteen times a second: a few numbers are all that is kept.

use super::Base;
use crate::math::{cos, sin};
use crate::window::{kaiser, kaiser_beta};
use rustfft::num_complex::Complex;
use std::f64::consts::{PI, TAU};
use std::ops::Range;

/// About so many hops in a second; a window covers four.
const HOPS_PER_S: f64 = 16.0;
/// Harmonics are looked for below this …
const TOP_HZ: f64 = 2450.0;
/// … at a sample rate of at least this.
const LOW_RATE_HZ: f64 = 5500.0;
/// How far what folds into the range is down.
const STOP_DB: f64 = 80.0;

/// Every `factor`-th sample of what a low-pass leaves, sample m standing for frame m · factor.
#[derive(Clone, Debug)]
struct Thinner {
    factor: usize,
    taps: Vec<f64>,
    held: Vec<f64>,
}

impl Thinner {
    fn new(rate_hz: f64) -> Self {
        let factor = ((rate_hz / LOW_RATE_HZ) as usize).max(1);
        if factor == 1 {
            return Self { factor, taps: vec![1.0], held: Vec::new() };
        }
        let stop_hz = rate_hz / factor as f64 - TOP_HZ;
        let width = (stop_hz - TOP_HZ) / rate_hz;
        let reach = ((STOP_DB - 8.0) / (2.285 * TAU * width) / 2.0).ceil() as usize;
        let (cut, beta) = (0.5 * (stop_hz + TOP_HZ) / rate_hz, kaiser_beta(STOP_DB));
        let tap = |n: usize| {
            let at = n as f64 - reach as f64;
            let sinc = if at == 0.0 { 2.0 * cut } else { sin(TAU * cut * at) / (PI * at) };
            sinc * kaiser(at / (reach + 1) as f64, beta)
        };
        Self { factor, taps: (0..=2 * reach).map(tap).collect(), held: vec![0.0; reach] }
    }

    /// Takes samples, and adds what is complete to `out`.
    fn push(&mut self, samples: &[f64], out: &mut Vec<f64>) {
        self.held.extend_from_slice(samples);
        let mut begin = 0;
        while let Some(window) = self.held.get(begin..begin + self.taps.len()) {
            out.push(dot(&self.taps, window));
            begin += self.factor;
        }
        self.held.drain(..begin.min(self.held.len()));
    }

    fn finish(&mut self, out: &mut Vec<f64>) {
        self.push(&vec![0.0; self.taps.len() / 2], out);
    }
}

/// A sum of products in eight lanes.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (a_lanes, a_rest) = a.as_chunks::<8>();
    let (b_lanes, b_rest) = b.as_chunks::<8>();
    for (a, b) in a_lanes.iter().zip(b_lanes) {
        for lane in 0..8 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f64>() + rest
}

/// The amplitudes of one family of harmonics on all channels.
#[derive(Clone, Debug)]
pub(super) struct Bands {
    pub(super) base: Base,
    pub(super) harmonics: usize,
    /// From one hop to the next, in seconds; hop j stands for the time j · hop_s.
    pub(super) hop_s: f64,
    /// The hops whose windows lie in the programme.
    pub(super) whole: Range<usize>,
    /// `[channel][hop · harmonics + k − 1]`: x(t) ≈ Re Σ z · e^(2πi k base t).
    pub(super) z: Vec<Vec<Complex<f32>>>,
    /// The mean square below the top, `[channel][hop]`.
    pub(super) power: Vec<Vec<f32>>,
}

impl Bands {
    pub(super) fn hops(&self) -> usize {
        self.power.first().map_or(0, Vec::len)
    }

    /// The amplitudes of one hop on one channel.
    pub(super) fn at(&self, channel: usize, hop: usize) -> &[Complex<f32>] {
        &self.z[channel][hop * self.harmonics..(hop + 1) * self.harmonics]
    }

    /// What a window makes of a tone `off_hz` beside the harmonic (Hann).
    pub(super) fn response(&self, off_hz: f64) -> f64 {
        let x = off_hz * 4.0 * self.hop_s;
        if x.abs() < 1e-9 {
            return 1.0;
        }
        if (x.abs() - 1.0).abs() < 1e-6 {
            return 0.5;
        }
        sin(PI * x) / (PI * x) / (1.0 - x * x)
    }
}

/// One family's tables.
#[derive(Clone, Debug)]
struct Table {
    base: Base,
    harmonics: usize,
    /// For each harmonic, the window times cosine and times sine, from the middle on.
    waves: Vec<[Vec<f64>; 2]>,
}

impl Table {
    fn new(base: Base, harmonics: usize, low_rate_hz: f64, hop: usize) -> Self {
        let top_hz = TOP_HZ.min(0.45 * low_rate_hz);
        let harmonics = harmonics.min((top_hz / base.hz()) as usize);
        let half = 2 * hop;
        let window = |n: usize| 0.5 + 0.5 * cos(PI * n as f64 / half as f64);
        // The windows' sum is half their length; an amplitude is twice the mean.
        let scale = 2.0 / half as f64;
        let wave = |k: usize| {
            let turn = TAU * k as f64 * base.hz() / low_rate_hz;
            [cos, sin].map(|wave| (0..half).map(|n| scale * window(n) * wave(turn * n as f64)).collect())
        };
        Self { base, harmonics, waves: (1..=harmonics).map(wave).collect() }
    }
}

/// Hears samples, and keeps amplitudes.
#[derive(Clone, Debug)]
pub(super) struct Ear {
    rate_hz: u64,
    factor: u64,
    hop: usize,
    thinners: Vec<Thinner>,
    /// Thinned samples from two hops before the next hop on.
    low: Vec<Vec<f64>>,
    tables: Vec<Table>,
    bands: Vec<Bands>,
    frames: u64,
    /// Scratch: what is even and odd about the middle of a window.
    even: Vec<f64>,
    odd: Vec<f64>,
}

impl Ear {
    pub(super) fn new(bases: &[Base], harmonics: usize, rate_hz: u32, channels: usize) -> Self {
        let thinner = Thinner::new(f64::from(rate_hz));
        let factor = thinner.factor;
        let low_rate_hz = f64::from(rate_hz) / factor as f64;
        let hop = ((low_rate_hz / HOPS_PER_S).round() as usize).max(1);
        let tables: Vec<Table> =
            bases.iter().map(|base| Table::new(*base, harmonics, low_rate_hz, hop)).collect();
        let bands = |table: &Table| Bands {
            base: table.base,
            harmonics: table.harmonics,
            hop_s: hop as f64 / low_rate_hz,
            whole: 0..0,
            z: vec![Vec::new(); channels],
            power: vec![Vec::new(); channels],
        };
        Self {
            rate_hz: u64::from(rate_hz),
            factor: factor as u64,
            hop,
            bands: tables.iter().map(bands).collect(),
            tables,
            thinners: vec![thinner; channels],
            low: vec![vec![0.0; 2 * hop]; channels],
            frames: 0,
            even: vec![0.0; 2 * hop],
            odd: vec![0.0; 2 * hop],
        }
    }

    pub(super) fn push(&mut self, block: &[&[f64]]) {
        for ((thinner, low), samples) in self.thinners.iter_mut().zip(&mut self.low).zip(block) {
            thinner.push(samples, low);
        }
        self.frames += block.first().map_or(0, |samples| samples.len()) as u64;
        self.look();
    }

    pub(super) fn frames(&self) -> u64 {
        self.frames
    }

    pub(super) fn finish(mut self) -> Vec<Bands> {
        let hops = self.frames.div_ceil(self.factor * self.hop as u64) as usize + 1;
        for (thinner, low) in self.thinners.iter_mut().zip(&mut self.low) {
            thinner.finish(low);
            let done = self.bands.first().map_or(0, Bands::hops);
            let needed = (hops.saturating_sub(done) + 3) * self.hop + 1;
            low.resize(low.len().max(needed), 0.0);
        }
        self.look();
        let last = (self.frames / (self.factor * self.hop as u64)) as usize;
        for bands in &mut self.bands {
            bands.whole = 2..last.saturating_sub(1).max(2);
            for (z, power) in bands.z.iter_mut().zip(&mut bands.power) {
                z.truncate(hops * bands.harmonics);
                power.truncate(hops);
            }
        }
        self.bands
    }

    /// Works on all hops whose windows are complete.
    fn look(&mut self) {
        let mut begin = 0;
        while self.low.first().is_some_and(|low| low.len() > begin + 4 * self.hop) {
            for channel in 0..self.low.len() {
                self.hear(channel, begin);
            }
            begin += self.hop;
        }
        self.low.iter_mut().for_each(|low| drop(low.drain(..begin)));
    }

    fn hear(&mut self, channel: usize, begin: usize) {
        let window = &self.low[channel][begin..=begin + 4 * self.hop];
        let middle = 2 * self.hop;
        for n in 1..middle {
            let (before, behind) = (window[middle - n], window[middle + n]);
            self.even[n] = behind + before;
            self.odd[n] = behind - before;
        }
        (self.even[0], self.odd[0]) = (window[middle], 0.0);
        let inner = &window[self.hop..3 * self.hop];
        let power = dot(inner, inner) / inner.len() as f64;
        for (table, bands) in self.tables.iter().zip(&mut self.bands) {
            // The frame in the middle, and the turns of the base up to it: in whole numbers, so that none is lost.
            let frame = bands.power[channel].len() as u64 * self.hop as u64 * self.factor;
            let turns = |k: u64| {
                (k * u64::from(table.base as u8) % self.rate_hz * (frame % self.rate_hz)) % self.rate_hz
            };
            for (k, [cosine, sine]) in (1..).zip(&table.waves) {
                let z = Complex::new(dot(cosine, &self.even), -dot(sine, &self.odd));
                let angle = TAU * turns(k) as f64 / self.rate_hz as f64;
                let z = z * Complex::new(cos(angle), -sin(angle));
                bands.z[channel].push(Complex::new(z.re as f32, z.im as f32));
            }
            bands.power[channel].push(power as f32);
        }
    }
}
