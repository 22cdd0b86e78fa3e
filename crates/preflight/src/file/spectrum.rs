//! The loudest spectrum of a file, and the holes in its upper part.

use super::source::{Counts, SourceFigures, judge};
use deadwax_dsp::fft::{Kind, Transform};
use deadwax_dsp::math::{cos, power_to_db};
use rustfft::num_complex::Complex;
use std::f64::consts::TAU;

/// Windows are about this long, in seconds: as long as those of lossy coders, to the next power of two.
const WINDOW_S: f64 = 0.02;
/// Levels are counted in steps of this, in dB, from the lowest up.
const STEP_DB: f64 = 1.0;
const LOWEST_DB: f64 = -180.0;
const LEVELS: usize = 200;
/// The share of windows that the spectrum is not exceeded in.
const SHARE: f64 = 0.99;
/// Holes are looked for from here on, in Hz, in bands of so many bins.
const HOLES_FROM_HZ: f64 = 9000.0;
const HOLES_TO_HZ: f64 = 20_000.0;
const BAND_BINS: usize = 8;
/// A band is a hole when it is so far below both its neighbours, and below itself before and behind, in dB.
const HOLE_DB: f64 = 15.0;
/// Bands whose neighbours are softer than this say nothing, in dB.
const LEAST_DB: f64 = -115.0;
/// Windows before and behind that a hole is held against: two overlap by half, so that the second shares nothing with it.
const APART: usize = 2;

/// A band in a window that has a line in it, and not noise, has a bin of more than so many times its mean.
const MOST_CREST: f64 = 4.0;

/// A band of a window.
#[derive(Clone, Copy, Debug)]
struct CellLevel {
    db: f64,
    /// Whether it is noise: between the lines of a tone everything is a hole.
    noise: bool,
}

/// Gathers spectra.
pub(super) struct Spectrum {
    rate_hz: f64,
    window: Vec<f64>,
    /// One for two channels: the one is the real part, the other the imaginary part.
    transform: Transform,
    held: Vec<Vec<f64>>,
    points: Vec<Complex<f64>>,
    power: Vec<f64>,
    /// How often which level was in which bin, bin by bin.
    counts: Vec<u32>,
    seen: Counts,
    /// Bands of the latest windows, in dB; the newest last.
    latest: Vec<Vec<CellLevel>>,
    first_bin: usize,
    bands: usize,
}

impl Spectrum {
    pub(super) fn new(rate_hz: u32, channels: usize, kind: Kind) -> Self {
        let rate = f64::from(rate_hz);
        let size = ((rate * WINDOW_S) as usize).next_power_of_two().max(64);
        let bin = |hz: f64| ((hz * size as f64 / rate) as usize).min(size / 2);
        let (from, to) = (bin(HOLES_FROM_HZ), bin(HOLES_TO_HZ));
        Self {
            rate_hz: rate,
            window: (0..size).map(|n| 0.5 - 0.5 * cos(TAU * n as f64 / size as f64)).collect(),
            transform: Transform::new(size, kind),
            held: vec![Vec::with_capacity(size); channels],
            points: vec![Complex::default(); size],
            power: vec![0.0; size / 2 + 1],
            counts: vec![0; (size / 2 + 1) * LEVELS],
            seen: Counts::default(),
            latest: Vec::new(),
            first_bin: from,
            bands: (to - from) / BAND_BINS,
        }
    }

    pub(super) fn push(&mut self, planes: &[&[f64]]) {
        let (size, mut at) = (self.window.len(), 0);
        while at < planes[0].len() {
            let count = (size - self.held[0].len()).min(planes[0].len() - at);
            for (held, samples) in self.held.iter_mut().zip(planes) {
                held.extend_from_slice(&samples[at..at + count]);
            }
            at += count;
            if self.held[0].len() == size {
                self.look();
                for held in &mut self.held {
                    held.copy_within(size / 2.., 0);
                    held.truncate(size / 2);
                }
            }
        }
    }

    /// Takes the window that is full: the power of all channels together, that of a full-scale sine being 1.
    fn look(&mut self) {
        let size = self.window.len();
        self.power.fill(0.0);
        let scale = 4.0 / (size as f64 * size as f64);
        for pair in self.held.chunks(2) {
            let (real, imaginary) = (&pair[0], pair.get(1));
            for (n, (point, weight)) in self.points.iter_mut().zip(&self.window).enumerate() {
                let second = imaginary.map_or(0.0, |samples| samples[n]);
                *point = Complex::new(real[n] * weight, second * weight);
            }
            self.transform.forward(&mut self.points);
            for (bin, power) in self.power.iter_mut().enumerate() {
                // What one has above and the other below is the power of both real signals together.
                let (up, down) = (self.points[bin], self.points[(size - bin) % size]);
                *power += 2.0 * scale * (up.norm_sqr() + down.norm_sqr());
            }
        }
        for (power, counts) in self.power.iter().zip(self.counts.chunks_exact_mut(LEVELS)) {
            let level = ((power_to_db(power.max(1e-30)) - LOWEST_DB) / STEP_DB).max(0.0);
            counts[(level as usize).min(LEVELS - 1)] += 1;
        }
        self.seen.windows += 1;
        self.look_for_holes();
    }

    fn look_for_holes(&mut self) {
        let band = |number: usize| {
            let from = self.first_bin + number * BAND_BINS;
            let bins = &self.power[from..from + BAND_BINS];
            let (sum, most) =
                bins.iter().fold((0.0, 0.0), |(sum, most): (f64, f64), p| (sum + p, most.max(*p)));
            let noise = most * BAND_BINS as f64 <= MOST_CREST * sum;
            CellLevel { db: power_to_db(sum.max(1e-30)), noise }
        };
        self.latest.push((0..self.bands).map(band).collect());
        if self.latest.len() <= 2 * APART {
            return;
        }
        let [before, now, behind] = [0, APART, 2 * APART].map(|number| &self.latest[number]);
        for number in 1..self.bands.saturating_sub(1) {
            self.seen.cells += 1;
            let around = [now[number - 1], now[number + 1], before[number], behind[number]];
            let softest = around.iter().map(|cell| cell.db).fold(f64::INFINITY, f64::min);
            if softest > LEAST_DB && around.iter().all(|cell| cell.noise) {
                self.seen.noise += 1;
                self.seen.holes += u64::from(now[number].db < softest - HOLE_DB);
            }
        }
        self.latest.remove(0);
    }

    pub(super) fn finish(self) -> SourceFigures {
        // A window that is seldom reached says little of a file of a few windows.
        let wanted = (self.seen.windows as f64 * SHARE).ceil().max(1.0) as u64;
        let level = |counts: &[u32]| {
            let mut seen = 0;
            let step = counts.iter().position(|count| {
                seen += u64::from(*count);
                seen >= wanted
            });
            LOWEST_DB + step.unwrap_or(0) as f64 * STEP_DB
        };
        let loudest: Vec<f64> = self.counts.chunks_exact(LEVELS).map(level).collect();
        judge(&loudest, self.rate_hz, &self.seen)
    }
}
