//! The filter: a sinc under a Kaiser window, or what has its magnitude and no pre-ringing.

use super::{Phase, Quality, Settings};
use crate::fft::{Kind, Transform};
use crate::math::{cos, exp, ln, sin};
use crate::window::{kaiser, kaiser_beta};
use rustfft::num_complex::Complex;
use std::f64::consts::PI;

/// How far down the filter is beyond its slope, in dB.
fn attenuation_db(quality: Quality) -> f64 {
    match quality {
        Quality::Mastering => 222.0,
        Quality::Fast => 112.0,
    }
}

/// From −3 dB to the stop band, as a part of the whole from −3 dB to the half rate's end: a Kaiser window's slope is that
/// of its integral, whose middle is 6 dB down.
fn half_slope(slope: f64) -> f64 {
    slope / 1.112
}

/// How long the filter is at the lower of both rates, in frames (Kaiser's formula).
fn frames(settings: &Settings, slope: f64) -> usize {
    let width = 2.0 * PI * half_slope(slope);
    ((attenuation_db(settings.quality) - 7.95) / (2.285 * width)).ceil() as usize + 2
}

/// The frames that the taps take: what has its energy at the front rings on longer behind.
pub(super) fn room(settings: &Settings, slope: f64) -> usize {
    frames(settings, slope) * if settings.phase == Phase::Minimum { 3 } else { 1 }
}

/// The taps at the input rate, of which the lower rate is the part `ratio` (1 where it is the input's own). Gives back how
/// many frames late they are; in the middle for linear phase, where the taps are 2 · `delay` + 1.
pub(super) fn taps(settings: &Settings, ratio: f64, delay: usize) -> (Vec<f64>, f64) {
    let slope = 1.0 - settings.bandwidth;
    let half = half_slope(slope);
    let reach = (0.5 * frames(settings, slope) as f64 / ratio).min(delay as f64 + 0.5);
    // The middle of the slope, as a part of the input rate.
    let cut = 0.5 * ratio * (1.0 - half);
    let beta = kaiser_beta(attenuation_db(settings.quality));
    let tap = |n: usize| {
        let at = n as f64 - delay as f64;
        let x = 2.0 * PI * cut * at;
        let sinc = if at == 0.0 { 1.0 } else { sin(x) / x };
        2.0 * cut * sinc * kaiser(at / reach, beta)
    };
    let mut linear: Vec<f64> = (0..=2 * delay).map(tap).collect();
    let sum: f64 = linear.iter().sum();
    linear.iter_mut().for_each(|tap| *tap /= sum);
    match settings.phase {
        Phase::Linear => (linear, delay as f64),
        Phase::Minimum => minimum_phase(&linear, attenuation_db(settings.quality)),
    }
}

/// Taps of the same magnitude that come as early as can be, from the cepstrum folded to the right (Oppenheim and Schafer,
/// *Discrete-Time Signal Processing*, ch. 13); and how late the low end is. The stop band gets a floor, so that the
/// logarithm stays smooth.
fn minimum_phase(linear: &[f64], floor_db: f64) -> (Vec<f64>, f64) {
    let length = linear.len();
    let size = (8 * length).next_power_of_two();
    let mut transform = Transform::new(size, Kind::Portable);
    let mut points = vec![Complex::default(); size];
    points.iter_mut().zip(linear).for_each(|(point, tap)| point.re = *tap);
    transform.forward(&mut points);
    let floor = exp(-2.0 * floor_db / 8.685_889_638_065_037);
    for point in &mut points {
        *point = Complex::new(0.5 * ln(point.norm_sqr() + floor), 0.0);
    }
    transform.inverse(&mut points);
    for (n, point) in points.iter_mut().enumerate() {
        let fold = if n == 0 || n == size / 2 { 1.0 } else { 2.0 * f64::from(u8::from(n < size / 2)) };
        *point = Complex::new(fold * point.re, 0.0);
    }
    transform.forward(&mut points);
    for point in &mut points {
        let gain = exp(point.re);
        *point = Complex::new(gain * cos(point.im), gain * sin(point.im));
    }
    transform.inverse(&mut points);
    let mut taps: Vec<f64> = points[..length].iter().map(|point| point.re).collect();
    let sum: f64 = taps.iter().sum();
    taps.iter_mut().for_each(|tap| *tap /= sum);
    let late = taps.iter().enumerate().map(|(n, tap)| n as f64 * tap).sum();
    (taps, late)
}
