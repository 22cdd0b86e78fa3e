//! How far one channel is behind the other, from what both have in common.
//!
//! Generalised cross-correlation with phase transform (Knapp and Carter, *The generalized correlation method for
//! estimation of time delay*, 1976) on windows of 2¹⁵ frames. The highest peak, refined by a parabola, gives the delay to
//! a tenth of a frame; the slope of what phase is left after it, over groups of frequencies that count by how well their
//! phases agree, gives it to a thousandth. Of all windows the median counts, or, where the delay drifts, the median
//! line (Theil 1950).

use crate::fft::{Kind, Transform};
use crate::math::{atan, cos, sin};
use rustfft::num_complex::Complex;
use std::f64::consts::{PI, TAU};

/// Frames of a window.
pub const WINDOW: usize = 1 << 15;
const HOP: usize = WINDOW / 2;
/// Frequencies of a group.
const GROUP: usize = 64;
/// Up to here phases count, as a part of the rate.
const TOP_OF_RATE: f64 = 0.45;
/// A window counts when its peak is so high; at 1 all phases agree.
const LEAST_PEAK: f64 = 0.1;
/// A frequency counts when both channels together have so much of the power of the strongest one.
const LEAST_POWER: f64 = 1e-12;
/// Both channels must have so much power for a window to count: −90 dBFS.
const SILENCE: f64 = 1e-9;
/// The most windows that are kept; then every second is let go.
const MOST_WINDOWS: usize = 4096;

/// What one window said.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Measured {
    /// The frame in its middle.
    at: f64,
    late: f64,
    powers: [f64; 2],
}

/// What all of them said: the second channel is `late` + `drift` · n frames behind the first at frame n.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Alignment {
    /// Frames at the start of the programme.
    pub late: f64,
    /// Frames per frame; 0 where it was not asked for.
    pub drift: f64,
    /// What the second channel is multiplied by to be as loud as the first.
    pub gain: f64,
    /// How many windows it is drawn from; 0: the channels have nothing in common, and everything is neutral.
    pub windows: usize,
}

/// Listens to two channels.
#[derive(Clone, Debug)]
pub struct Aligner {
    most_late: usize,
    transform: Transform,
    hann: Vec<f64>,
    /// The last frames of both channels.
    samples: [Vec<f64>; 2],
    fill: usize,
    heard: u64,
    spectrum: Vec<Complex<f64>>,
    phases: Vec<Complex<f64>>,
    measured: Vec<Measured>,
    /// Only every so many windows is kept, and how many have been let go since the last one.
    stride: usize,
    skipped: usize,
}

impl Aligner {
    /// For delays of up to `most_late` frames to either side.
    #[must_use]
    pub fn new(most_late: usize, kind: Kind) -> Self {
        let hann = (0..WINDOW).map(|n| 0.5 - 0.5 * cos(TAU * (n as f64 + 0.5) / WINDOW as f64)).collect();
        Self {
            most_late: most_late.clamp(1, WINDOW / 4),
            transform: Transform::new(WINDOW, kind),
            hann,
            samples: [vec![0.0; WINDOW], vec![0.0; WINDOW]],
            fill: 0,
            heard: 0,
            spectrum: vec![Complex::default(); WINDOW],
            phases: vec![Complex::default(); WINDOW / 2],
            measured: Vec::with_capacity(MOST_WINDOWS),
            stride: 1,
            skipped: 0,
        }
    }

    /// Hears the next frames.
    pub fn hear(&mut self, first: &[f64], second: &[f64]) {
        let frames = first.len().min(second.len());
        let mut begin = 0;
        while begin < frames {
            let count = (WINDOW - self.fill).min(frames - begin);
            for (memory, channel) in self.samples.iter_mut().zip([first, second]) {
                memory[self.fill..self.fill + count].copy_from_slice(&channel[begin..begin + count]);
            }
            self.fill += count;
            self.heard += count as u64;
            begin += count;
            if self.fill == WINDOW {
                self.turn();
                self.samples.iter_mut().for_each(|memory| memory.copy_within(HOP.., 0));
                self.fill = WINDOW - HOP;
            }
        }
    }

    /// What was heard; a programme shorter than a window counts as one.
    #[must_use]
    pub fn finish(mut self, track_drift: bool) -> Alignment {
        if self.heard < WINDOW as u64 {
            self.samples.iter_mut().for_each(|memory| memory[self.fill..].fill(0.0));
            self.measure();
        }
        fit(&self.measured, track_drift)
    }

    fn turn(&mut self) {
        if self.skipped + 1 < self.stride {
            self.skipped += 1;
            return;
        }
        self.skipped = 0;
        if self.measured.len() == MOST_WINDOWS {
            let mut index = 0;
            self.measured.retain(|_| {
                index += 1;
                index % 2 == 1
            });
            self.stride *= 2;
        }
        self.measure();
    }

    fn measure(&mut self) {
        let [first, second] = &self.samples;
        let power = |channel: &[f64]| channel.iter().map(|x| x * x).sum::<f64>() / WINDOW as f64;
        let powers = [power(first), power(second)];
        if powers.iter().any(|power| *power < SILENCE) {
            return;
        }
        for ((bin, window), (a, b)) in self.spectrum.iter_mut().zip(&self.hann).zip(first.iter().zip(second))
        {
            *bin = Complex::new(window * a, window * b);
        }
        self.transform.forward(&mut self.spectrum);
        let counted = self.cross_phases();
        if counted == 0.0 {
            return;
        }
        // The phases as the spectrum of a real signal: its highest value is where they agree.
        self.spectrum.fill(Complex::default());
        for (k, phase) in self.phases.iter().enumerate().skip(1) {
            (self.spectrum[k], self.spectrum[WINDOW - k]) = (*phase, phase.conj());
        }
        self.transform.inverse(&mut self.spectrum);
        let Some((coarse, height)) = self.peak() else { return };
        if height * WINDOW as f64 / (2.0 * counted) < LEAST_PEAK {
            return;
        }
        let late = self.refined(coarse);
        let at = self.heard as f64 - 0.5 * WINDOW as f64;
        if late.abs() <= self.most_late as f64 + 0.5 {
            self.measured.push(Measured { at, late, powers });
        }
    }

    /// Takes the spectra of both channels apart, and keeps of their product the phases. Gives back how many count.
    fn cross_phases(&mut self) -> f64 {
        let cross = |k: usize| {
            let (z, mirrored) = (self.spectrum[k], self.spectrum[WINDOW - k].conj());
            let (first, second) = (z + mirrored, (z - mirrored) * Complex::new(0.0, -1.0));
            first.conj() * second
        };
        for k in 1..WINDOW / 2 {
            self.phases[k] = cross(k);
        }
        let most = self.phases.iter().map(Complex::norm_sqr).fold(0.0, f64::max);
        let mut counted = 0.0;
        for phase in &mut self.phases {
            let power = phase.norm_sqr();
            let counts = power > most * LEAST_POWER && power > 0.0;
            *phase = if counts { *phase / power.sqrt() } else { Complex::default() };
            counted += f64::from(u8::from(counts));
        }
        counted
    }

    /// The highest value of the correlation within reach, with a parabola through it and its neighbours.
    fn peak(&self) -> Option<(f64, f64)> {
        let reach = self.most_late as i64;
        let at = |lag: i64| self.spectrum[lag.rem_euclid(WINDOW as i64) as usize].re;
        let best = (-reach..=reach).max_by(|a, b| at(*a).total_cmp(&at(*b)))?;
        let (before, here, after) = (at(best - 1), at(best), at(best + 1));
        let bend = before - 2.0 * here + after;
        let shift = if bend < 0.0 { (0.5 * (before - after) / bend).clamp(-0.5, 0.5) } else { 0.0 };
        Some((best as f64 + shift, here))
    }

    /// The delay by the slope of the phases, begun near it.
    fn refined(&self, coarse: f64) -> f64 {
        let top = (TOP_OF_RATE * WINDOW as f64) as usize / GROUP;
        let mut late = coarse;
        for _ in 0..4 {
            let (mut slope, mut weights) = (0.0, 0.0);
            for group in 0..top {
                let range = group * GROUP..(group + 1) * GROUP;
                let sum: Complex<f64> = range.map(|k| self.phases[k] * turned(k as f64 * late)).sum();
                let agreement = (sum.norm() / GROUP as f64).min(0.999);
                let weight = agreement * agreement / (1.0 - agreement * agreement);
                let middle = (group as f64 + 0.5) * GROUP as f64 - 0.5;
                slope -= weight * middle * angle(sum);
                weights += weight * middle * middle;
            }
            if weights == 0.0 {
                return coarse;
            }
            late += slope / weights * WINDOW as f64 / TAU;
        }
        if (late - coarse).abs() < 1.0 { late } else { coarse }
    }
}

/// e^(2πi · frames / [`WINDOW`]).
fn turned(frames: f64) -> Complex<f64> {
    let angle = TAU * frames / WINDOW as f64;
    Complex::new(cos(angle), sin(angle))
}

/// The angle of a number, by `libm`.
fn angle(z: Complex<f64>) -> f64 {
    if z.re > 0.0 {
        atan(z.im / z.re)
    } else if z.re < 0.0 {
        atan(z.im / z.re) + PI.copysign(z.im)
    } else {
        (PI / 2.0).copysign(z.im)
    }
}

/// The median line through what the windows said.
fn fit(measured: &[Measured], track_drift: bool) -> Alignment {
    let windows = measured.len();
    let half = windows / 2;
    let drift = if track_drift && half > 0 {
        let later = measured[windows - half..].iter();
        median(measured.iter().zip(later).map(|(a, b)| (b.late - a.late) / (b.at - a.at)).collect())
    } else {
        0.0
    };
    let late = median(measured.iter().map(|window| window.late - drift * window.at).collect());
    let total = |channel: usize| measured.iter().map(|window| window.powers[channel]).sum::<f64>();
    let gain = if windows == 0 { 1.0 } else { (total(0) / total(1)).sqrt() };
    Alignment { late, drift, gain, windows }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => 0.0,
        count if count % 2 == 1 => values[count / 2],
        count => 0.5 * (values[count / 2 - 1] + values[count / 2]),
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;
    use crate::delay::Varying;
    use deadwax_measure::signals::uniform;

    /// Noise, and the same `late(n)` frames behind at `gain`, both under 40 dB of noise of their own. The plain sinc sum,
    /// 800 taps long: nothing of the code under test.
    fn pair(frames: usize, late: impl Fn(usize) -> f64, gain: f64, own_noise: f64) -> [Vec<f64>; 2] {
        let common = uniform(frames + 1_000, 1);
        let first = common[500..frames + 500].to_vec();
        let second = (0..frames).map(|n| {
            let at = n as f64 + 500.0 - late(n);
            let centre = at.floor() as usize;
            let term = |k: usize| {
                let x = std::f64::consts::PI * (at - k as f64);
                let window = (x / 800.0).cos().max(0.0).powi(2);
                common[k] * if x == 0.0 { 1.0 } else { x.sin() / x * window }
            };
            gain * (centre - 399..centre + 400).map(term).sum::<f64>()
        });
        let mut both = [first, second.collect()];
        for (seed, channel) in both.iter_mut().enumerate() {
            let own = uniform(frames, 50 + seed as u64);
            channel.iter_mut().zip(own).for_each(|(x, own)| *x += own_noise * own);
        }
        both
    }

    fn heard(both: &[Vec<f64>; 2], track_drift: bool) -> Alignment {
        let mut aligner = Aligner::new(44, Kind::Portable);
        for (first, second) in both[0].chunks(1_000).zip(both[1].chunks(1_000)) {
            aligner.hear(first, second);
        }
        aligner.finish(track_drift)
    }

    #[test]
    fn a_delay_of_0_37_frames_is_found_within_0_01_at_40_db_of_noise() {
        // DSP specification, 3.6.
        for late in [0.37, -0.37, 17.02, -43.9] {
            let found = heard(&pair(70_000, |_| late, 0.5, 0.01), false);
            assert!((found.late - late).abs() < 0.01, "{late}: {found:?}");
            assert!((20.0 * found.gain.log10() - 6.02).abs() < 0.02 && found.windows == 3, "{found:?}");
        }
    }

    #[test]
    fn without_noise_the_error_is_far_smaller() {
        let found = heard(&pair(40_000, |_| 0.37, 1.0, 0.0), false);
        assert!((found.late - 0.37).abs() < 1e-4, "{found:?}");
    }

    #[test]
    fn a_drift_is_a_line_through_the_windows() {
        let late = |n: usize| -3.0 + 6e-5 * n as f64;
        let found = heard(&pair(100_000, late, 1.0, 0.01), true);
        assert!((found.drift - 6e-5).abs() < 1e-6 && (found.late + 3.0).abs() < 0.05, "{found:?}");
        // What is left of it after it is undone.
        let both = pair(100_000, late, 1.0, 0.0);
        let mut fixed = both[1].clone();
        let delays: Vec<f64> = (0..100_000).map(|n| 60.0 - found.late - found.drift * n as f64).collect();
        Varying::new(120).process(&mut fixed, &delays);
        let after = heard(&[both[0][..99_940].to_vec(), fixed[60..].to_vec()], true);
        assert!(after.late.abs() < 0.02 && after.drift.abs() < 5e-7, "{after:?}");
    }

    #[test]
    fn channels_with_nothing_in_common_and_silence_are_left_alone() {
        let nothing = Alignment { late: 0.0, drift: 0.0, gain: 1.0, windows: 0 };
        assert_eq!(heard(&[uniform(70_000, 1), uniform(70_000, 2)], true), nothing);
        assert_eq!(heard(&[vec![0.0; 70_000], uniform(70_000, 2)], false), nothing);
        assert_eq!(heard(&[vec![], vec![]], true), nothing);
    }

    #[test]
    fn a_programme_shorter_than_a_window_is_heard_too() {
        let found = heard(&pair(9_000, |_| 2.25, 1.0, 0.01), false);
        assert!((found.late - 2.25).abs() < 0.02 && found.windows == 1, "{found:?}");
    }
}
