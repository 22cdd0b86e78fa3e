//! Conversion by overlap-add, with a filter of our own and either transform.

use super::{Phase, Settings, filter};
use crate::fft::{Kind, Transform};
use rustfft::num_complex::Complex;

/// A chunk is no shorter than this on its shorter side: shorter ones cost more a frame.
pub(super) const LEAST_FRAMES: usize = 512;

/// Converts one channel in chunks.
pub(super) struct Overlap {
    frames_in: usize,
    frames_out: usize,
    latency: usize,
    forward: Transform,
    inverse: Transform,
    /// The filter's spectrum, up to the lower half rate; scaled for the other size.
    filter: Vec<Complex<f64>>,
    input: Vec<Complex<f64>>,
    output: Vec<Complex<f64>>,
    /// The second half of the last chunk's output.
    over: Vec<f64>,
}

impl Overlap {
    pub(super) fn new((frames_in, frames_out): (usize, usize), settings: &Settings) -> Self {
        let kind = if settings.portable { Kind::Portable } else { Kind::Fast };
        let (size_in, size_out) = (2 * frames_in, 2 * frames_out);
        let ratio = (frames_out as f64 / frames_in as f64).min(1.0);
        // A response that begins at once must do so between the samples as well: it is made on a finer grid.
        let fine = if settings.phase == Phase::Minimum { 4 } else { 1 };
        let (taps, late) = filter::taps(settings, ratio / fine as f64, fine * frames_in / 2);
        let late = late / fine as f64;
        let mut points = vec![Complex::default(); fine * size_in];
        points.iter_mut().zip(&taps).for_each(|(point, tap)| point.re = *tap);
        // The filter is the same on every CPU either way.
        Transform::new(fine * size_in, Kind::Portable).forward(&mut points);
        let scale = frames_out as f64 / frames_in as f64;
        let filter = points[..frames_in.min(frames_out)].iter().map(|point| point * scale).collect();
        let late = late * frames_out as f64 / frames_in as f64;
        Self {
            frames_in,
            frames_out,
            latency: if settings.phase == Phase::Linear { frames_out / 2 } else { late.round() as usize },
            forward: Transform::new(size_in, kind),
            inverse: Transform::new(size_out, kind),
            filter,
            input: vec![Complex::default(); size_in],
            output: vec![Complex::default(); size_out],
            over: vec![0.0; frames_out],
        }
    }

    /// By how many output frames the output is late.
    pub(super) fn latency(&self) -> usize {
        self.latency
    }

    /// Turns one chunk into one chunk.
    pub(super) fn process(&mut self, input: &[f64], output: &mut [f64]) {
        if input.iter().all(|x| *x == 0.0) {
            output.copy_from_slice(&self.over);
            self.over.fill(0.0);
            return;
        }
        for (point, x) in self.input.iter_mut().zip(input) {
            *point = Complex::new(*x, 0.0);
        }
        self.input[self.frames_in..].fill(Complex::default());
        self.forward.forward(&mut self.input);
        self.output.fill(Complex::default());
        self.output[0] = self.input[0] * self.filter[0];
        let size = self.output.len();
        for (bin, filter) in self.filter.iter().enumerate().skip(1) {
            let value = self.input[bin] * filter;
            self.output[bin] = value;
            self.output[size - bin] = value.conj();
        }
        self.inverse.inverse(&mut self.output);
        let (now, later) = self.output.split_at(self.frames_out);
        for ((out, now), (over, later)) in output.iter_mut().zip(now).zip(self.over.iter_mut().zip(later)) {
            *out = now.re + *over;
            *over = later.re;
        }
    }

    /// Back to silence.
    pub(super) fn reset(&mut self) {
        self.over.fill(0.0);
    }
}
