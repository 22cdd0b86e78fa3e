//! How much later one file is than the other, to the frame.
//!
//! Cross-correlation with phase transform (Knapp and Carter 1976) over the spectra of many windows added up. A window of
//! the first file is as much shorter than that of the second as the search reaches to either side, so that nothing comes
//! around the ends.

use deadwax_dsp::fft::{Kind, Transform};
use rustfft::num_complex::Complex;

/// The search reaches this far to either side, in seconds.
pub(super) const REACH_S: f64 = 2.0;
/// So many windows are all looked at; of those behind them every second, then every fourth, …
const ALL: u64 = 24;
/// Frequencies weaker than this, against the strongest, say nothing. In amplitude of the cross-spectrum.
const WEAKEST: f64 = 1e-9;
/// With a peak below this the files have nothing in common; at 1 all phases agree.
const LEAST_PEAK: f64 = 0.05;
/// A file with less of the other's energy is silent: what its spectrum says is rounding.
const SILENT: f64 = 1e-20;
/// No offset is preferred to one whose peak is only this much higher.
const CLOSE: f64 = 0.98;

/// How much later the second file is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Found {
    /// Frames; below 0 the first is later.
    pub(super) frames: i64,
    /// Whether one is the other upside down.
    pub(super) inverted: bool,
    /// How surely: 0 to 1.
    pub(super) certainty: f64,
}

/// Listens to two files.
pub(super) struct OffsetFinder {
    reach: usize,
    size: usize,
    /// What has come of either file, from the beginning of the next window on.
    held: [Vec<f64>; 2],
    transform: Option<Transform>,
    points: Vec<Complex<f64>>,
    cross: Vec<Complex<f64>>,
    window: u64,
    energy: [f64; 2],
}

impl OffsetFinder {
    pub(super) fn new(rate_hz: u32) -> Self {
        let reach = (f64::from(rate_hz) * REACH_S) as usize;
        let size = (4 * reach).next_power_of_two();
        // The first window begins so much before the programme that its short part begins with it.
        let held = [vec![0.0; reach], vec![0.0; reach]];
        let (points, cross, energy) = (Vec::new(), Vec::new(), [0.0; 2]);
        Self { reach, size, held, transform: None, points, cross, window: 0, energy }
    }

    /// Hears the next frames of file 0 or 1; channels count differently, so that nothing that is in the sides alone is lost.
    pub(super) fn push(&mut self, file: usize, planes: &[Vec<f64>]) {
        let frames = planes.first().map_or(0, Vec::len);
        let held = &mut self.held[file];
        let begin = held.len();
        held.resize(begin + frames, 0.0);
        for (channel, plane) in planes.iter().enumerate() {
            let weight = 1.0 / (1.0 + 0.4 * channel as f64);
            for (sum, sample) in held[begin..].iter_mut().zip(plane) {
                *sum += weight * sample;
            }
        }
        self.energy[file] += held[begin..].iter().map(|x| x * x).sum::<f64>();
    }

    /// One file has ended: of the other nothing more is kept than can still be compared.
    pub(super) fn settle(&mut self) {
        let short = self.held[0].len().min(self.held[1].len());
        let most = (short + 2 * self.reach).max(self.size);
        self.held.iter_mut().for_each(|held| held.truncate(most));
    }

    /// Looks at the windows that are full in both files.
    pub(super) fn look(&mut self) {
        while self.held.iter().all(|held| held.len() >= self.size) {
            let stride = (self.window / ALL).max(1).next_power_of_two();
            if self.window.is_multiple_of(stride) {
                self.add();
            }
            self.window += 1;
            let hop = self.size - 2 * self.reach;
            for held in &mut self.held {
                held.drain(..hop);
            }
        }
    }

    fn add(&mut self) {
        let (size, reach) = (self.size, self.reach);
        let transform = self.transform.get_or_insert_with(|| Transform::new(size, Kind::Fast));
        self.points.clear();
        self.points.resize(size, Complex::default());
        self.cross.resize(size, Complex::default());
        let short = reach..size - reach;
        for (n, point) in self.points.iter_mut().enumerate() {
            // Two real signals in one transform.
            *point = Complex::new(if short.contains(&n) { self.held[0][n] } else { 0.0 }, self.held[1][n]);
        }
        transform.forward(&mut self.points);
        for k in 0..size {
            let (p, q) = (self.points[k], self.points[(size - k) % size].conj());
            let (a, b) = (0.5 * (p + q), Complex::new(0.0, -0.5) * (p - q));
            self.cross[k] += a.conj() * b;
        }
    }

    /// The offset. `None` when the files have nothing in common.
    pub(super) fn finish(mut self) -> Option<Found> {
        let [a, b] = self.energy;
        if a.min(b) <= SILENT * a.max(b) {
            return None;
        }
        let left = self.held[0].len().max(self.held[1].len());
        if self.held.iter().all(|held| held.len() > self.reach) || self.window == 0 {
            for held in &mut self.held {
                held.resize(left.max(self.size), 0.0);
            }
            self.add();
        }
        let strongest = self.cross.iter().fold(0.0, |most: f64, point| most.max(point.norm()));
        let mut used = 0_u32;
        for point in &mut self.cross {
            let size = point.norm();
            let counts = size > strongest * WEAKEST && size > 0.0;
            used += u32::from(counts);
            *point = if counts { *point / size } else { Complex::default() };
        }
        let transform = self.transform.as_mut()?;
        transform.inverse(&mut self.cross);
        let scale = self.size as f64 / f64::from(used.max(1));
        let at = |lag: i64| self.cross[lag.rem_euclid(self.size as i64) as usize].re * scale;
        let reach = self.reach as i64;
        let best = (-reach..=reach).max_by(|a, b| at(*a).abs().total_cmp(&at(*b).abs()))?;
        let best = if at(0).abs() >= CLOSE * at(best).abs() { 0 } else { best };
        let certainty = at(best).abs().min(1.0);
        (certainty >= LEAST_PEAK).then(|| Found { frames: best, inverted: at(best) < 0.0, certainty })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use deadwax_dsp::noise::Noise;

    const RATE: u32 = 8000;

    fn noise(seed: u64, frames: usize) -> Vec<f64> {
        let noise = Noise::new(seed, 0);
        // A little low-passed, as music is.
        let mut last = 0.0;
        (0..frames)
            .map(|n| {
                last += 0.3 * (noise.uniform(n as u64) - last);
                last
            })
            .collect()
    }

    fn found(a: &[f64], b: &[f64]) -> Option<Found> {
        let mut finder = OffsetFinder::new(RATE);
        let mut chunks = (a.chunks(3000), b.chunks(3000));
        loop {
            let (a, b) = (chunks.0.next(), chunks.1.next());
            if a.is_none() && b.is_none() {
                return finder.finish();
            }
            finder.push(0, &[a.unwrap_or(&[]).to_vec()]);
            finder.push(1, &[b.unwrap_or(&[]).to_vec()]);
            finder.look();
        }
    }

    #[test]
    fn offsets_are_found_to_the_frame_in_long_files_and_short_ones_to_both_sides() {
        for seconds in [1, 5, 40, 300] {
            let a = noise(1, seconds * RATE as usize);
            for late in [0, 1, 37, 3999] {
                let mut b = vec![0.0; late];
                b.extend_from_slice(&a);
                let (there, back) = (found(&a, &b).unwrap(), found(&b, &a).unwrap());
                assert_eq!((there.frames, there.inverted), (late as i64, false), "{seconds} s");
                assert_eq!(back.frames, -(late as i64), "{seconds} s");
            }
        }
    }

    #[test]
    fn level_filter_and_polarity_do_not_matter() {
        let a = noise(1, 20 * RATE as usize);
        let mut last = 0.0;
        let softer = a.iter().map(|x| {
            last += 0.5 * (x - last);
            -0.2 * last
        });
        let b: Vec<f64> = std::iter::repeat_n(0.0, 500).chain(softer).collect();
        let found = found(&a, &b).unwrap();
        assert!(found.inverted && (found.frames - 500).abs() <= 1, "{found:?}");
    }

    #[test]
    fn files_without_anything_in_common_are_not_aligned() {
        let (a, b) = (noise(1, 20 * RATE as usize), noise(2, 20 * RATE as usize));
        assert_eq!(found(&a, &b), None);
        assert_eq!(found(&a, &vec![0.0; 30_000]), None);
        assert_eq!(found(&[], &[]), None);
    }
}
