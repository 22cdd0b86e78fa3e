//! How loud and how bright parts of a side are.

use super::groove::REFERENCE_CM_S;
use deadwax_measure::{COURSE_STEP_S, CourseMeter, MeasureError, power_lufs};
use serde::Serialize;

/// Gates of BS.1770-5: below the first, in LUFS, nothing counts; nor what is so many LU below the rest.
const ABSOLUTE_LUFS: f64 = -70.0;
const RELATIVE_LU: f64 = 10.0;
/// Treble below this is none, in cm/s: −94 dB of the reference.
pub(crate) const LEAST_CM_S: f64 = 2e-5 * REFERENCE_CM_S;

/// A part of a side.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Part {
    /// What it is called.
    pub title: String,
    /// Where it begins, in seconds.
    pub begin_s: f64,
    /// Where it ends.
    pub end_s: f64,
    /// How loud it is, in LUFS, by 100 ms that pass the gates. `None` for silence.
    pub lufs: Option<f64>,
    /// The root of the mean square of the stylus's speed above 5 kHz, at the reference level, in cm/s.
    pub treble_cm_s: f64,
}

/// Measures the course of both.
#[derive(Clone, Debug)]
pub(crate) struct Course {
    loudness: CourseMeter,
    step: u64,
    filled: u64,
    power: f64,
    /// The mean square of the treble, by steps.
    treble: Vec<f64>,
}

impl Course {
    pub(crate) fn new(rate_hz: u32) -> Result<Self, MeasureError> {
        Ok(Self {
            loudness: CourseMeter::new(rate_hz, 2)?,
            step: u64::from(rate_hz / 10),
            filled: 0,
            power: 0.0,
            treble: Vec::new(),
        })
    }

    /// Hears the next frames, and what their treble moves the walls by.
    pub(crate) fn hear(&mut self, samples: [&[f64]; 2], treble: &[Vec<f64>; 2]) {
        self.loudness.push(&samples);
        for (left, right) in treble[0].iter().zip(&treble[1]) {
            self.power += left * left + right * right;
            self.filled += 1;
            if self.filled == self.step {
                self.treble.push(self.power / self.step as f64);
                (self.power, self.filled) = (0.0, 0);
            }
        }
    }

    /// What lies between two times, in seconds.
    pub(crate) fn part(&self, title: &str, begin_s: f64, end_s: f64) -> Part {
        let steps = |all: usize| {
            let step = |at: f64| ((at / COURSE_STEP_S).round().max(0.0) as usize).min(all);
            step(begin_s)..step(end_s).max(step(begin_s))
        };
        let treble = &self.treble[steps(self.treble.len())];
        let powers = self.loudness.powers();
        let mean = |powers: &[f64]| powers.iter().sum::<f64>() / powers.len().max(1) as f64;
        Part {
            title: title.to_owned(),
            begin_s,
            end_s,
            lufs: gated(&powers[steps(powers.len())]),
            treble_cm_s: mean(treble).sqrt(),
        }
    }
}

/// The loudness of so many powers, by both gates.
fn gated(powers: &[f64]) -> Option<f64> {
    let above = |least: f64| {
        let kept = powers.iter().filter(|power| power_lufs(**power) > least);
        let (count, sum) = kept.fold((0_u32, 0.0), |(count, sum), power| (count + 1, sum + power));
        (count > 0).then(|| power_lufs(sum / f64::from(count)))
    };
    above(above(ABSOLUTE_LUFS)? - RELATIVE_LU)
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    #[test]
    fn parts_have_the_loudness_and_treble_that_lie_in_them() {
        let rate = 48_000;
        let mut course = Course::new(rate).unwrap();
        // Six seconds of a tone, of which the second half is 6 dB softer; the treble is there in the second half alone.
        let tone: Vec<f64> = (0..6 * rate)
            .map(|n| {
                let level = if n < 3 * rate { 0.1 } else { 0.05 };
                level * (TAU * 997.0 * f64::from(n) / f64::from(rate)).sin()
            })
            .collect();
        let treble: Vec<f64> = (0..6 * rate).map(|n| if n < 3 * rate { 0.0 } else { 2.0 }).collect();
        course.hear([&tone, &tone], &[treble.clone(), treble]);
        let [first, second] = [(0.0, 3.0), (3.0, 6.0)].map(|(begin, end)| course.part("", begin, end));
        let [loud, soft] = [&first, &second].map(|part| part.lufs.unwrap());
        // −20 dBFS on both sides: −20.0 LUFS at 997 Hz.
        assert!((loud + 20.0).abs() < 0.05 && (loud - soft - 6.02).abs() < 0.1, "{loud} and {soft} LUFS");
        assert_eq!(first.treble_cm_s, 0.0);
        assert!((second.treble_cm_s - 2.0 * 2.0_f64.sqrt()).abs() < 1e-9);
        assert_eq!(course.part("", 9.0, 10.0).lufs, None);
    }
}
