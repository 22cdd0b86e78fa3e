//! What tests measure of curves: the tones that a sine makes.
#![allow(clippy::disallowed_methods, reason = "an independent reference")]

use crate::fft::{Kind, Transform};
use rustfft::num_complex::Complex;
use std::f64::consts::TAU;

/// The amplitudes of the components at 0, 1, 2 … Hz of what `run` makes of a sine of `hz` and `amplitude`, in a second in
/// which it fits a whole number of times, when `settling` frames have passed.
pub(crate) fn spectrum(
    (rate, hz, amplitude): (usize, usize, f64),
    settling: usize,
    run: impl FnOnce(&mut [f64]),
) -> Vec<f64> {
    let sine = |n: usize| amplitude * (TAU * (n * hz % rate) as f64 / rate as f64).sin();
    let mut signal: Vec<f64> = (0..rate + settling).map(sine).collect();
    run(&mut signal);
    let mut bins: Vec<_> = signal[settling..].iter().map(|x| Complex::new(*x, 0.0)).collect();
    Transform::new(rate, Kind::Fast).forward(&mut bins);
    bins[..rate / 2].iter().map(|bin| 2.0 * bin.norm() / rate as f64).collect()
}

/// The loudest component up to 20 kHz that is no harmonic of `hz`, in dB below the fundamental.
pub(crate) fn worst_alias_dbc(spectrum: &[f64], hz: usize) -> f64 {
    let alias = (1..=20_000).filter(|bin| bin % hz != 0).map(|bin| spectrum[bin]).fold(0.0, f64::max);
    20.0 * (alias / spectrum[hz]).log10()
}
