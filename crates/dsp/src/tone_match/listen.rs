//! The long-term spectrum of a programme in narrow bands.
//!
//! Welch's method: Hann windows that overlap by half, their powers averaged, over up to nine parts of the programme of no less
//! than nine seconds each. Of the parts the median counts, band by band: an intro of drums alone, or a passage of strings,
//! does not bend the tone of a song, and the notes of a bar are averaged before anything is left out.

use super::{BANDS, BANDS_PER_OCTAVE, band_hz};
use crate::fft::{Kind, Transform};
use crate::math::{cos, db_to_gain, exp2, power_to_db};
use rustfft::num_complex::Complex;
use std::f64::consts::TAU;

/// Windows are about this long, in seconds.
const WINDOW_S: f64 = 0.35;
/// So many windows make a stretch.
const STRETCH: u32 = 8;
/// So many stretches make a part, at the least; and there are no more parts than this.
const LEAST_STRETCHES: usize = 6;
const MOST_PARTS: usize = 9;
/// Stretches quieter than this, in dB of a full-scale square, say nothing.
const SILENCE_DB: f64 = -90.0;

/// The power in every band.
#[derive(Clone, Debug, PartialEq)]
pub struct Tone {
    powers: Vec<f64>,
}

impl Tone {
    pub(super) fn new(powers: Vec<f64>) -> Self {
        Self { powers }
    }

    /// Of several signals together.
    #[must_use]
    pub fn of_all<'a>(tones: impl IntoIterator<Item = &'a Self>) -> Option<Self> {
        tones.into_iter().cloned().reduce(|mut sum, tone| {
            sum.powers.iter_mut().zip(&tone.powers).for_each(|(sum, power)| *sum += power);
            sum
        })
    }

    /// From levels in dB at frequencies in Hz, in order: straight lines between, in octaves. The levels are those of equally wide
    /// bands (third octaves, say).
    #[must_use]
    pub fn of_levels(levels: &[(f64, f64)]) -> Self {
        let at = |hz: f64| {
            let above = levels.iter().position(|(at, _)| *at >= hz);
            match above {
                Some(0) => levels[0].1,
                None => levels.last().map_or(0.0, |(_, db)| *db),
                Some(n) => {
                    let ((low, a), (high, b)) = (levels[n - 1], levels[n]);
                    a + (b - a) * crate::math::log2(hz / low) / crate::math::log2(high / low)
                }
            }
        };
        Self { powers: (0..BANDS).map(|band| db_to_gain(at(band_hz(band as f64)))).map(|g| g * g).collect() }
    }

    /// The same seen in bands around `middles_hz`, each from 1/`ratio` to `ratio` times its middle, with straight lines
    /// between: to be compared with levels that were measured so.
    #[must_use]
    pub fn seen_in(&self, middles_hz: &[f64], ratio: f64) -> Self {
        let level = |hz: &f64| (*hz, power_to_db(self.power(hz / ratio, hz * ratio).max(1e-30)));
        Self::of_levels(&middles_hz.iter().map(level).collect::<Vec<_>>())
    }

    /// The power of every band, from the lowest up. Only their ratios mean something.
    #[must_use]
    pub fn powers(&self) -> &[f64] {
        &self.powers
    }

    /// The power from `from_hz` to `to_hz`.
    #[must_use]
    pub fn power(&self, from_hz: f64, to_hz: f64) -> f64 {
        let half = exp2(0.5 / BANDS_PER_OCTAVE);
        let share = |(band, power): (usize, &f64)| {
            let (low, high) = (band_hz(band as f64) / half, band_hz(band as f64) * half);
            power * ((high.min(to_hz) - low.max(from_hz)) / (high - low)).max(0.0)
        };
        self.powers.iter().enumerate().map(share).sum()
    }
}

/// Listens to one signal, or to two at once (as both halves of one transform).
#[derive(Clone, Debug)]
pub struct ToneMeter {
    transform: Transform,
    window: Vec<f64>,
    held: Vec<Complex<f64>>,
    points: Vec<Complex<f64>>,
    /// First and last bin of every band, and how much of these two lies in it.
    edges: Vec<(f64, f64)>,
    /// The powers of the stretch under way, of both signals, and how many windows it has.
    sums: [Vec<f64>; 2],
    windows: u32,
    /// The powers of all bands of every stretch, by signal.
    stretches: [Vec<f64>; 2],
}

impl ToneMeter {
    /// Nothing heard, at `rate_hz`.
    #[must_use]
    pub fn new(rate_hz: f64, kind: Kind) -> Self {
        let size = ((rate_hz * WINDOW_S) as usize).next_power_of_two();
        let half = exp2(0.5 / BANDS_PER_OCTAVE);
        let bin = |hz: f64| (hz * size as f64 / rate_hz).min(size as f64 / 2.0);
        let edge = |band: usize| (bin(band_hz(band as f64) / half), bin(band_hz(band as f64) * half));
        Self {
            transform: Transform::new(size, kind),
            window: (0..size).map(|n| 0.5 - 0.5 * cos(TAU * n as f64 / size as f64)).collect(),
            held: Vec::with_capacity(size),
            points: vec![Complex::default(); size],
            edges: (0..BANDS).map(edge).collect(),
            sums: [vec![0.0; BANDS], vec![0.0; BANDS]],
            windows: 0,
            stretches: [Vec::new(), Vec::new()],
        }
    }

    /// Hears the next samples of both signals.
    ///
    /// # Panics
    /// When they differ in length.
    pub fn push(&mut self, first: &[f64], second: &[f64]) {
        assert_eq!(first.len(), second.len());
        let size = self.window.len();
        let mut from = 0;
        while from < first.len() {
            let count = (first.len() - from).min(size - self.held.len());
            let both = first[from..from + count].iter().zip(&second[from..from + count]);
            self.held.extend(both.map(|(a, b)| Complex::new(*a, *b)));
            from += count;
            if self.held.len() == size {
                self.look();
                self.held.copy_within(size / 2.., 0);
                self.held.truncate(size / 2);
            }
        }
    }

    fn look(&mut self) {
        let size = self.window.len();
        for (point, (x, weight)) in self.points.iter_mut().zip(self.held.iter().zip(&self.window)) {
            *point = x * weight;
        }
        self.transform.forward(&mut self.points);
        // Both spectra apart, in place: the first half of the points holds the power of one and of the other.
        let scale = 1.0 / (size as f64 * size as f64 * 0.375);
        for bin in 0..=size / 2 {
            let (z, mirror) = (self.points[bin], self.points[(size - bin) % size].conj());
            let (a, b) = (0.5 * (z + mirror), 0.5 * (z - mirror));
            self.points[bin] = Complex::new(2.0 * scale * a.norm_sqr(), 2.0 * scale * b.norm_sqr());
        }
        for (band, (low, high)) in self.edges.iter().enumerate() {
            let mut sum: Complex<f64> = Complex::default();
            for bin in (low + 0.5) as usize..=((high + 0.5) as usize).min(size / 2) {
                let middle = bin as f64;
                let share = (high.min(middle + 0.5) - low.max(middle - 0.5)).max(0.0);
                sum += self.points[bin] * share;
            }
            self.sums[0][band] += sum.re;
            self.sums[1][band] += sum.im;
        }
        self.windows += 1;
        if self.windows == STRETCH {
            self.count();
        }
    }

    /// Ends a stretch.
    fn count(&mut self) {
        for signal in 0..2 {
            let mean = 1.0 / f64::from(self.windows.max(1));
            let total: f64 = self.sums[signal].iter().sum::<f64>() * mean;
            if power_to_db(total) > SILENCE_DB {
                self.stretches[signal].extend(self.sums[signal].iter().map(|sum| sum * mean));
            }
            self.sums[signal].fill(0.0);
        }
        self.windows = 0;
    }

    /// The tones of both signals; `None` for silence.
    #[must_use]
    pub fn finish(mut self) -> [Option<Tone>; 2] {
        let size = self.window.len();
        // A short programme is one stretch, filled up with silence.
        if self.stretches.iter().all(Vec::is_empty) && self.windows == 0 && !self.held.is_empty() {
            self.held.resize(size, Complex::default());
            self.look();
        }
        // A stretch that is at least half full counts; so does any that is the only one.
        if self.windows >= STRETCH / 2 || (self.windows > 0 && self.stretches.iter().all(Vec::is_empty)) {
            self.count();
        }
        self.stretches.map(|stretches| {
            let count = stretches.len() / BANDS;
            let parts = (count / LEAST_STRETCHES).clamp(1, MOST_PARTS);
            let mean = |band: usize, part: usize| {
                let own = part * count / parts..(part + 1) * count / parts;
                let length = own.len() as f64;
                own.map(|stretch| stretches[stretch * BANDS + band]).sum::<f64>() / length
            };
            let median = |band: usize| {
                let mut powers: Vec<f64> = (0..parts).map(|part| mean(band, part)).collect();
                powers.sort_by(f64::total_cmp);
                0.5 * (powers[(parts - 1) / 2] + powers[parts / 2])
            };
            (count > 0).then(|| Tone { powers: (0..BANDS).map(median).collect() })
        })
    }
}
