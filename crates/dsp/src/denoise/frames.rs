//! Cutting channels into windowed frames, and their spectra: two channels to a transform, one as the real part and one as the
//! imaginary part.

use crate::fft::{Kind, Transform};
use crate::math::sin;
use rustfft::num_complex::Complex;
use std::f64::consts::PI;

/// Windowed spectra of `size` points: the root of Hann's window, which at a quarter of its length of hop adds up with its own
/// square to 2.
#[derive(Clone, Debug)]
pub(super) struct Spectra {
    window: Vec<f64>,
    transform: Transform,
}

impl Spectra {
    pub(super) fn new(size: usize, kind: Kind) -> Self {
        let window = (0..size).map(|n| sin(PI * (n as f64 + 0.5) / size as f64)).collect();
        Self { window, transform: Transform::new(size, kind) }
    }

    /// The number of points.
    pub(super) fn size(&self) -> usize {
        self.window.len()
    }

    /// How many bins a real spectrum has: from 0 to half the rate.
    pub(super) fn bins(&self) -> usize {
        self.size() / 2 + 1
    }

    /// What turns |X|² of one bin into the mean square that this bin has in the signal: the sum over all bins is the mean
    /// square of what was framed.
    pub(super) fn to_power(&self) -> f64 {
        // The window's squares sum up to half its length; a bin and its mirror image are one.
        4.0 / (self.size() * self.size()) as f64
    }

    /// The spectrum of `first` + i · `second`.
    pub(super) fn forward(&mut self, first: &[f64], second: Option<&[f64]>, points: &mut [Complex<f64>]) {
        match second {
            Some(second) => {
                let samples = first.iter().zip(second);
                for ((point, (x, y)), w) in points.iter_mut().zip(samples).zip(&self.window) {
                    *point = Complex::new(w * x, w * y);
                }
            }
            None => {
                for ((point, x), w) in points.iter_mut().zip(first).zip(&self.window) {
                    *point = Complex::new(w * x, 0.0);
                }
            }
        }
        self.transform.forward(points);
    }

    /// Back to samples, windowed again and added to `first` and `second`.
    pub(super) fn back_onto(
        &mut self,
        points: &mut [Complex<f64>],
        first: &mut [f64],
        second: Option<&mut [f64]>,
    ) {
        self.transform.inverse(points);
        for ((sum, point), w) in first.iter_mut().zip(&*points).zip(&self.window) {
            *sum += 0.5 * w * point.re;
        }
        if let Some(second) = second {
            for ((sum, point), w) in second.iter_mut().zip(&*points).zip(&self.window) {
                *sum += 0.5 * w * point.im;
            }
        }
    }
}

/// |X|² of both channels of a packed spectrum, scaled by `scale`.
pub(super) fn powers(points: &[Complex<f64>], scale: f64, first: &mut [f64], second: Option<&mut [f64]>) {
    let size = points.len();
    let quarter = 0.25 * scale;
    // Z(k) = X(k) + i Y(k), and conj Z(−k) = X(k) − i Y(k).
    let pair = |k: usize| (points[k], points[(size - k) % size].conj());
    match second {
        None => first.iter_mut().zip(points).for_each(|(power, z)| *power = scale * z.norm_sqr()),
        Some(second) => {
            for (k, (x, y)) in first.iter_mut().zip(second).enumerate() {
                let (z, mirror) = pair(k);
                *x = quarter * (z + mirror).norm_sqr();
                *y = quarter * (z - mirror).norm_sqr();
            }
        }
    }
}

/// Multiplies both channels of a packed spectrum by real gains, a gain a bin.
pub(super) fn scale(points: &mut [Complex<f64>], first: &[f64], second: &[f64]) {
    let size = points.len();
    for (k, (g, h)) in first.iter().zip(second).enumerate() {
        let mirror = (size - k) % size;
        let (sum, difference) = (0.5 * (g + h), 0.5 * (g - h));
        let (z, m) = (points[k], points[mirror]);
        points[k] = z * sum + m.conj() * difference;
        if mirror != k {
            points[mirror] = m * sum + z.conj() * difference;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::noise::Noise;

    #[test]
    fn two_channels_in_one_transform_are_as_two_transforms() {
        let mut spectra = Spectra::new(64, Kind::Portable);
        let draw = |channel| (0..64).map(|n| Noise::new(3, channel).uniform(n)).collect::<Vec<f64>>();
        let (left, right) = (draw(0), draw(1));
        let mut points = vec![Complex::default(); 64];
        let (mut x, mut y) = (vec![0.0; 33], vec![0.0; 33]);
        spectra.forward(&left, Some(&right), &mut points);
        powers(&points, 1.0, &mut x, Some(&mut y));
        let gains =
            [0, 1].map(|channel| (0..33).map(|k| Noise::new(4, channel).uniform(k)).collect::<Vec<_>>());
        scale(&mut points, &gains[0], &gains[1]);
        let mut out = [vec![0.0; 64], vec![0.0; 64]];
        let [first, second] = &mut out;
        spectra.back_onto(&mut points, first, Some(second));
        for (samples, powers_seen, gains, out) in
            [(&left, &x, &gains[0], &out[0]), (&right, &y, &gains[1], &out[1])]
        {
            let mut own = vec![0.0; 33];
            spectra.forward(samples, None, &mut points);
            powers(&points, 1.0, &mut own, None);
            assert!(own.iter().zip(powers_seen).all(|(a, b)| (a - b).abs() < 1e-12));
            scale(&mut points, gains, gains);
            let mut alone = vec![0.0; 64];
            spectra.back_onto(&mut points, &mut alone, None);
            assert!(alone.iter().zip(out).all(|(a, b)| (a - b).abs() < 1e-14));
        }
    }

    #[test]
    fn the_powers_of_all_bins_add_up_to_the_mean_square() {
        let mut spectra = Spectra::new(1024, Kind::Portable);
        let mut points = vec![Complex::default(); 1024];
        let mut power = vec![0.0; 513];
        let mut sum = 0.0;
        for turn in 0..200 {
            let samples: Vec<f64> = (0..1024).map(|n| Noise::new(turn, 0).uniform(n)).collect();
            spectra.forward(&samples, None, &mut points);
            powers(&points, spectra.to_power(), &mut power, None);
            sum += power.iter().sum::<f64>() / 200.0;
        }
        assert!((sum * 3.0 - 1.0).abs() < 0.02, "{sum}");
    }
}
