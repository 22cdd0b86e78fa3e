//! Where one file follows another without a gap.
//!
//! A wave that goes on across a joint changes there from one sample to the next no more than it does around it. So the step at the
//! joint, and the change of its slope, are held against the root of the mean square of those nearby; six times that is
//! a click. And zeros at the joint, amid sound, are what a coder or a careless export has put there.

use crate::{Check, Finding};
use serde::Serialize;

/// Frames of either end of a file that are kept.
pub const EDGE_FRAMES: usize = 4096;
/// Steps that the one at the joint is held against, on each side.
const LOCAL: usize = 1024;
/// As many times their size is a click.
const SIGMAS: f64 = 6.0;
/// A step below this is none: two of 16 bit.
const LEAST_STEP: f64 = 2.0 / 32_768.0;
/// So many zeros in a row at a joint are no accident, where the sound around is as loud as this, as a mean square: −60 dBFS.
const ZEROS: usize = 16;
const LOUD_POWER: f64 = 1e-6;

/// The ends of a file: a list of samples for each channel, at the most [`EDGE_FRAMES`] each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FileEdges {
    /// The first frames.
    pub first: Vec<Vec<f64>>,
    /// The last frames.
    pub last: Vec<Vec<f64>>,
}

impl FileEdges {
    /// Of `channels` channels, nothing heard.
    #[must_use]
    pub fn new(channels: usize) -> Self {
        Self { first: vec![Vec::new(); channels], last: vec![Vec::new(); channels] }
    }

    /// Hears the next frames: a slice per channel.
    pub fn push(&mut self, block: &[&[f64]]) {
        for (first, samples) in self.first.iter_mut().zip(block) {
            let room = EDGE_FRAMES - first.len();
            first.extend_from_slice(&samples[..room.min(samples.len())]);
        }
        for (last, samples) in self.last.iter_mut().zip(block) {
            let new = &samples[samples.len().saturating_sub(EDGE_FRAMES)..];
            let over = (last.len() + new.len()).saturating_sub(EDGE_FRAMES);
            last.drain(..over);
            last.extend_from_slice(new);
        }
    }
}

/// What a joint is like, in the channel where it is worst.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Seam {
    /// The step from the last sample to the first: 1 is full scale.
    pub step: f64,
    /// The same, in times the steps around.
    pub step_sigmas: f64,
    /// The change of slope there, from one sample to the next.
    pub slope: f64,
    /// The same, in times those around.
    pub slope_sigmas: f64,
    /// Frames of exact silence at the joint, amid sound.
    pub zeros: usize,
}

impl Seam {
    /// The joint of a file and the one behind it. `None` where there is nothing to hold it against: other numbers of channels,
    /// files of a few samples.
    #[must_use]
    pub fn between(before: &FileEdges, behind: &FileEdges) -> Option<Self> {
        if before.last.len() != behind.first.len() {
            return None;
        }
        let each = before.last.iter().zip(&behind.first).map(|(last, first)| channel(last, first));
        let each: Vec<Self> = each.collect::<Option<_>>()?;
        let zeros = each.iter().map(|seam| seam.zeros).min()?;
        let worst = each.into_iter().max_by(|a, b| a.worst().total_cmp(&b.worst()))?;
        Some(Self { zeros, ..worst })
    }

    fn worst(&self) -> f64 {
        self.step_sigmas.max(self.slope_sigmas)
    }

    /// What somebody should know of it; it is where the file behind begins. `before` is the name of the file in front.
    #[must_use]
    pub fn finding(&self, before: &str) -> Option<Finding> {
        let advice = "cut both from one render, and deliver no lossy file";
        if self.zeros >= ZEROS {
            let message = format!("{} frames of silence where it follows {before} without a gap", self.zeros);
            return Some(Finding::warning(Check::Seam, message, advice).at(0.0));
        }
        let (what, size, sigmas) = match self.step_sigmas > SIGMAS {
            true => ("step", self.step, self.step_sigmas),
            false => ("kink", self.slope, self.slope_sigmas),
        };
        (sigmas > SIGMAS && size > LEAST_STEP).then(|| {
            let message = format!(
                "a {what} where it follows {before}: {size:.4} of full scale, {sigmas:.0} times those around"
            );
            Finding::warning(Check::Seam, message, advice).at(0.0)
        })
    }
}

/// The joint in one channel.
fn channel(last: &[f64], first: &[f64]) -> Option<Seam> {
    let trailing = last.iter().rev().take_while(|x| **x == 0.0).count();
    let leading = first.iter().take_while(|x| **x == 0.0).count();
    let loud = |samples: &[f64]| {
        let power = samples.iter().map(|x| x * x).sum::<f64>() / samples.len().max(1) as f64;
        !samples.is_empty() && power > LOUD_POWER
    };
    let near_last = &last[..last.len() - trailing];
    let near_last = &near_last[near_last.len().saturating_sub(LOCAL)..];
    let near_first = &first[leading..];
    let near_first = &near_first[..near_first.len().min(LOCAL)];
    let zeros = if loud(near_last) && loud(near_first) { trailing + leading } else { 0 };
    let local = [&last[last.len().saturating_sub(LOCAL)..], &first[..first.len().min(LOCAL)]];
    if local.iter().any(|side| side.len() < LOCAL / 4) {
        return None;
    }
    let size = |each: &dyn Fn(&[f64]) -> f64, wide: usize| {
        let squares = local.iter().flat_map(|side| side.windows(wide)).map(|near| each(near) * each(near));
        let count: usize = local.iter().map(|side| side.len() + 1 - wide).sum();
        (squares.sum::<f64>() / count as f64).sqrt()
    };
    let (step, bend) = (|near: &[f64]| near[1] - near[0], |near: &[f64]| near[2] - 2.0 * near[1] + near[0]);
    let (a, b, c, d) = (last[last.len() - 2], last[last.len() - 1], first[0], first[1]);
    let sigmas = |value: f64, size: f64| if value == 0.0 { 0.0 } else { value / size.max(f64::MIN_POSITIVE) };
    let (jump, turn) = ((c - b).abs(), bend(&[a, b, c]).abs().max(bend(&[b, c, d]).abs()));
    Some(Seam {
        step: jump,
        step_sigmas: sigmas(jump, size(&step, 2)),
        slope: turn,
        slope_sigmas: sigmas(turn, size(&bend, 3)),
        zeros,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use deadwax_dsp::math::sin;
    use deadwax_measure::signals::gaussian;

    /// The ends of two files that were cut from `whole` at `at`, in blocks of a thousand.
    fn cut(whole: &[f64], at: usize) -> (FileEdges, FileEdges) {
        let edges = |samples: &[f64]| {
            let mut edges = FileEdges::new(1);
            samples.chunks(1000).for_each(|block| edges.push(&[block]));
            edges
        };
        (edges(&whole[..at]), edges(&whole[at..]))
    }

    fn tone(frames: usize) -> Vec<f64> {
        let note = |n: usize| 0.3 * sin(0.03 * n as f64) + 0.1 * sin(0.2 * n as f64);
        (0..frames).map(note).collect()
    }

    fn finding((before, behind): &(FileEdges, FileEdges)) -> Option<Finding> {
        Seam::between(before, behind).and_then(|seam| seam.finding("a.wav"))
    }

    #[test]
    fn what_goes_on_is_no_seam_wherever_it_is_cut() {
        let noise: Vec<f64> = gaussian(30_000, 5).iter().map(|x| 0.1 * x).collect();
        for at in (9000..12_000).step_by(37) {
            assert_eq!(finding(&cut(&tone(30_000), at)), None, "{at}");
            assert_eq!(finding(&cut(&noise, at)), None, "{at}");
        }
    }

    #[test]
    fn a_step_a_kink_and_silence_are_told() {
        let mut stepped = tone(20_000);
        stepped[10_000..].iter_mut().for_each(|x| *x += 0.1);
        assert!(finding(&cut(&stepped, 10_000)).is_some_and(|told| told.message.starts_with("a step")));
        // The wave turns back in time where it is steep.
        let half = tone(10_000);
        let steep = |at: &usize| (half[*at] - half[at - 1]).abs();
        let at = (9000..10_000).max_by(|a, b| steep(a).total_cmp(&steep(b))).unwrap_or(9500);
        let kinked: Vec<f64> = half[..=at].iter().chain(half[..=at].iter().rev()).copied().collect();
        assert!(finding(&cut(&kinked, at + 1)).is_some_and(|told| told.message.starts_with("a kink")));
        let mut padded = tone(10_000);
        padded.extend(vec![0.0; 576]);
        let (before, _) = cut(&padded, 10_576);
        let (_, behind) = cut(&tone(20_000), 10_000);
        assert!(
            finding(&(before, behind)).is_some_and(|told| told.message.contains("576 frames of silence"))
        );
    }

    #[test]
    fn silence_on_either_side_and_other_channels_are_nothing_to_compare() {
        let mut ends = tone(10_000);
        ends.extend(vec![0.0; 10_000]);
        assert_eq!(finding(&cut(&ends, 15_000)), None);
        assert_eq!(Seam::between(&FileEdges::new(1), &FileEdges::new(2)), None);
        assert_eq!(Seam::between(&FileEdges::new(1), &FileEdges::new(1)), None);
    }
}
