//! Linear prediction: each sample from the ones before it, or behind it.
//!
//! The predictor of least squares by Levinson's recursion (1947) on the autocorrelation under a Hann window (Makhoul, *Linear
//! Prediction: A Tutorial Review*, 1975). Music is predicted within a few per cent; a click is not.

use crate::math::cos;
use std::f64::consts::TAU;

/// Added to the power, so that silence and pure tones have a predictor too: −90 dB.
const WHITE: f64 = 1e-9;

/// Weights a predictor: x(n) ≈ Σ taps(k) · x(n − 1 − k). All zero for silence.
#[must_use]
pub fn predictor(samples: &[f64], order: usize) -> Vec<f64> {
    levinson(&autocorrelation(samples, order + 1))
}

/// The first `lags` values of the autocorrelation of `samples` under a Hann window.
fn autocorrelation(samples: &[f64], lags: usize) -> Vec<f64> {
    let frames = samples.len().max(2) as f64;
    let window = |n: usize| 0.5 - 0.5 * cos(TAU * (n as f64 + 0.5) / frames);
    let weighed: Vec<f64> = samples.iter().enumerate().map(|(n, x)| x * window(n)).collect();
    (0..lags)
        .map(|lag| dot(&weighed[..weighed.len().saturating_sub(lag)], &weighed[lag.min(weighed.len())..]))
        .collect()
}

/// A sum of products in eight lanes.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut lanes = [0.0; 8];
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    for (a, b) in a.iter().zip(b) {
        for (lane, (a, b)) in lanes.iter_mut().zip(a.iter().zip(b)) {
            *lane += a * b;
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    lanes.iter().sum::<f64>() + rest
}

fn levinson(lags: &[f64]) -> Vec<f64> {
    let order = lags.len().saturating_sub(1);
    let mut taps = vec![0.0; order];
    let mut left = lags.first().copied().unwrap_or(0.0) * (1.0 + WHITE);
    if left <= 0.0 {
        return taps;
    }
    let mut before = vec![0.0; order];
    for step in 0..order {
        let known: f64 = (0..step).map(|i| taps[i] * lags[step - i]).sum();
        let reflection = (lags[step + 1] - known) / left;
        before[..step].copy_from_slice(&taps[..step]);
        for i in 0..step {
            taps[i] = before[i] - reflection * before[step - 1 - i];
        }
        taps[step] = reflection;
        left *= 1.0 - reflection * reflection;
        if left <= 0.0 {
            break;
        }
    }
    taps
}

/// What the predictor misses of each sample, from the samples before it; zero where there are not enough.
pub fn forward_errors(samples: &[f64], taps: &[f64], errors: &mut Vec<f64>) {
    errors.clear();
    errors.resize(samples.len(), 0.0);
    let reversed: Vec<f64> = taps.iter().rev().copied().collect();
    for n in taps.len()..samples.len() {
        errors[n] = samples[n] - dot(&samples[n - taps.len()..n], &reversed);
    }
}

/// The same from the samples behind it.
pub fn backward_errors(samples: &[f64], taps: &[f64], errors: &mut Vec<f64>) {
    errors.clear();
    errors.resize(samples.len(), 0.0);
    for n in 0..samples.len().saturating_sub(taps.len()) {
        errors[n] = samples[n] - dot(&samples[n + 1..=n + taps.len()], taps);
    }
}

/// Fills `gap` of `samples` so that the predictor misses least, over the gap and behind it (Janssen, Veldhuis and Vries,
/// *Adaptive interpolation of discrete-time signals that can be modeled as autoregressive processes*, 1986). On both sides of
/// the gap there must be as many samples as taps.
pub fn interpolate(samples: &mut [f64], gap: std::ops::Range<usize>, taps: &[f64]) {
    let order = taps.len();
    let coefficients: Vec<f64> = std::iter::once(1.0).chain(taps.iter().map(|tap| -tap)).collect();
    let lags: Vec<f64> = (0..=order)
        .map(|lag| coefficients.iter().zip(&coefficients[lag..]).map(|(a, b)| a * b).sum())
        .collect();
    let mut wanted: Vec<f64> = gap
        .clone()
        .map(|i| {
            let known = (i - order..=i + order).filter(|j| !gap.contains(j));
            -known.map(|j| lags[i.abs_diff(j)] * samples[j]).sum::<f64>()
        })
        .collect();
    solve(&lags, &mut wanted);
    samples[gap].copy_from_slice(&wanted);
}

/// Solves the system whose matrix has `lags` beside its diagonal, by Cholesky's method within the band.
fn solve(lags: &[f64], right: &mut [f64]) {
    let (size, band) = (right.len(), lags.len() - 1);
    // Row by row, the band of the lower factor: entry (i, j) at i · (band + 1) + (j + band − i).
    let mut lower = vec![0.0; size * (band + 1)];
    let at = |i: usize, j: usize| i * (band + 1) + (j + band - i);
    for i in 0..size {
        let begin = i.saturating_sub(band);
        for j in begin..=i {
            let from = begin.max(j.saturating_sub(band));
            let known: f64 = (from..j).map(|k| lower[at(i, k)] * lower[at(j, k)]).sum();
            let value = lags[i - j] - known;
            lower[at(i, j)] = if i == j { value.max(1e-30).sqrt() } else { value / lower[at(j, j)] };
        }
    }
    for i in 0..size {
        let known: f64 = (i.saturating_sub(band)..i).map(|k| lower[at(i, k)] * right[k]).sum();
        right[i] = (right[i] - known) / lower[at(i, i)];
    }
    for i in (0..size).rev() {
        let known: f64 = (i + 1..size.min(i + band + 1)).map(|k| lower[at(k, i)] * right[k]).sum();
        right[i] = (right[i] - known) / lower[at(i, i)];
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;
    use crate::noise::Noise;

    /// An autoregressive signal of second order.
    fn ringing(frames: usize) -> Vec<f64> {
        let mut out = vec![0.0; frames];
        for n in 2..frames {
            out[n] = 1.6 * out[n - 1] - 0.81 * out[n - 2] + Noise::new(1, 0).uniform(n as u64);
        }
        out
    }

    #[test]
    fn a_signal_made_by_a_predictor_gives_the_predictor_back() {
        let taps = predictor(&ringing(40_000), 2);
        assert!((taps[0] - 1.6).abs() < 0.01 && (taps[1] + 0.81).abs() < 0.01, "{taps:?}");
        let signal = ringing(1000);
        let mut errors = Vec::new();
        forward_errors(&signal, &[1.6, -0.81], &mut errors);
        for (n, error) in errors.iter().enumerate().skip(2) {
            assert!((error - Noise::new(1, 0).uniform(n as u64)).abs() < 1e-12);
        }
    }

    #[test]
    fn a_gap_in_tones_is_filled() {
        let tones = |n: usize| (0.05 * n as f64).sin() + 0.5 * (0.31 * n as f64).cos();
        let mut signal: Vec<f64> = (0..2000).map(tones).collect();
        let taps = predictor(&signal, 32);
        signal[1000..1060].fill(9.0);
        interpolate(&mut signal, 1000..1060, &taps);
        let worst = (1000..1060).map(|n| (signal[n] - tones(n)).abs()).fold(0.0, f64::max);
        assert!(worst < 1e-2, "{worst}");
    }

    /// The band solver against the sums themselves.
    #[test]
    fn the_filled_gap_is_where_the_errors_are_least() {
        let mut signal = ringing(200);
        let taps = [1.6, -0.81];
        interpolate(&mut signal, 100..110, &taps);
        let energy = |signal: &[f64]| {
            let mut errors = Vec::new();
            forward_errors(signal, &taps, &mut errors);
            errors.iter().map(|e| e * e).sum::<f64>()
        };
        let least = energy(&signal);
        for n in 100..110 {
            for step in [-1e-3, 1e-3] {
                let mut moved = signal.clone();
                moved[n] += step;
                assert!(energy(&moved) > least);
            }
        }
    }

    #[test]
    fn silence_has_no_predictor_and_stays_silent() {
        assert!(predictor(&[0.0; 100], 8).iter().all(|tap| *tap == 0.0));
        let mut silence = [0.0; 100];
        interpolate(&mut silence, 40..50, &[0.0; 8]);
        assert!(silence.iter().all(|x| *x == 0.0));
    }
}
