//! The bound of every filter that has to find out what is music: one that knows it.

use rustfft::num_complex::Complex;
use rustfft::{Fft, FftPlanner};
use std::sync::Arc;

const SIZE: usize = 2048;
const HOP: usize = 512;

/// A Wiener filter over frames of 2048 at every 512th sample that is told the power of the music itself in every bin of every
/// frame, smoothed over so many bins and frames on either side, and the power of the white noise, `noise` a sample. It takes no more than
/// `floor` (a gain) away.
pub(crate) fn wiener(clean: &[f64], noisy: &[f64], noise: f64, floor: f64, smooth: usize) -> Vec<f64> {
    let window = window();
    let fft = FftPlanner::new().plan_fft_forward(SIZE);
    let music: Vec<Vec<f64>> = spectra(clean, &window, &fft)
        .iter()
        .map(|bins| bins.iter().map(Complex::norm_sqr).collect())
        .collect();
    let mut bins = spectra(noisy, &window, &fft);
    let noise = noise * window.iter().map(|w| w * w).sum::<f64>();
    for (frame, bins) in bins.iter_mut().enumerate() {
        for (bin, value) in bins.iter_mut().enumerate() {
            let power = around(&music, frame, bin, smooth);
            *value *= (power / (power + noise)).max(floor);
        }
    }
    joined(&bins, &window, clean.len())
}

/// The square root of a Hann window: once to take apart and once to put together.
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
fn window() -> Vec<f64> {
    let turn = std::f64::consts::TAU / SIZE as f64;
    (0..SIZE).map(|n| (0.5 - 0.5 * (turn * n as f64).cos()).sqrt()).collect()
}

fn spectra(samples: &[f64], window: &[f64], fft: &Arc<dyn Fft<f64>>) -> Vec<Vec<Complex<f64>>> {
    let mut padded = vec![0.0; SIZE];
    padded.extend_from_slice(samples);
    padded.resize(padded.len() + 2 * SIZE, 0.0);
    let frames = padded.windows(SIZE).step_by(HOP);
    let transformed = frames.map(|frame| {
        let mut bins: Vec<Complex<f64>> =
            frame.iter().zip(window).map(|(x, w)| Complex::new(x * w, 0.0)).collect();
        fft.process(&mut bins);
        bins
    });
    transformed.collect()
}

fn around(music: &[Vec<f64>], frame: usize, bin: usize, smooth: usize) -> f64 {
    let frames = frame.saturating_sub(smooth)..(frame + smooth + 1).min(music.len());
    let bins = bin.saturating_sub(smooth)..(bin + smooth + 1).min(SIZE);
    let count = frames.len() * bins.len();
    frames.map(|frame| music[frame][bins.clone()].iter().sum::<f64>()).sum::<f64>() / count as f64
}

fn joined(bins: &[Vec<Complex<f64>>], window: &[f64], length: usize) -> Vec<f64> {
    let fft = FftPlanner::new().plan_fft_inverse(SIZE);
    let mut out = vec![0.0; bins.len() * HOP + SIZE];
    for (frame, bins) in bins.iter().enumerate() {
        let mut frame_bins = bins.clone();
        fft.process(&mut frame_bins);
        for (n, (x, w)) in frame_bins.iter().zip(window).enumerate() {
            // Four windows lie over each sample, and their squares add up to two.
            out[frame * HOP + n] += x.re * w / SIZE as f64 / 2.0;
        }
    }
    out[SIZE..SIZE + length].to_vec()
}
