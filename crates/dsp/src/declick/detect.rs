//! Where clicks are.

use super::Settings;
use crate::prediction::{backward_errors, forward_errors, predictor};

/// The size of an error is compared with the median of so many on either side.
const HALF: usize = 300;
/// Medians are taken at every so manyth frame.
const GRID: usize = 32;
/// A median of a normal distribution's magnitudes to its standard deviation.
const DEVIATIONS: f64 = 1.0 / 0.674_489_750_196_081_7;
/// Errors beyond so many deviations are cut down before the predictor is fitted again: a click must not be learnt.
const OUTLIER: f64 = 3.0;
/// So many frames before and behind a click may belong to it …
const EDGE: usize = 16;
/// … where the error is so many times its surroundings.
const EDGE_THRESHOLD: f64 = 2.5;
/// The pulses of a train are nearer to each other than this …
const TRAIN: usize = 600;
/// … and at least so large, against the one between them.
const ALIKE: f64 = 0.5;
/// Errors below this never make a click: the last bit of a 24 bit file.
const LEAST_ERROR: f64 = 1.2e-7;

/// How far beyond a click its surroundings are looked at, for a predictor of `order` taps.
pub(super) fn margin(order: usize) -> usize {
    2 * HALF + 2 * order
}

/// Finds clicks in a window of one channel.
#[derive(Clone, Debug, Default)]
pub(super) struct Finder {
    cleaned: Vec<f64>,
    forward: Vec<f64>,
    backward: Vec<f64>,
    sorted: Vec<f64>,
    medians: Vec<f64>,
    /// Whether the errors of a frame stand out, forward and backward.
    hits: Vec<(bool, bool)>,
    /// Whether they would beside a frame that does.
    near: Vec<(bool, bool)>,
}

impl Finder {
    /// The clicks of `window` that begin in `range`, as ranges of the window: from the first error forward to the last one
    /// backward, as far as they hang together.
    pub(super) fn clicks(
        &mut self,
        window: &[f64],
        range: std::ops::Range<usize>,
        settings: &Settings,
        max_frames: usize,
    ) -> Vec<std::ops::Range<usize>> {
        let mut found = Vec::new();
        if window.iter().all(|x| *x == 0.0) {
            return found;
        }
        self.mark(window, settings);
        let mut at = range.start;
        while at < range.end {
            match self.hits[at].0.then(|| self.end_of(at, settings.order, max_frames)).flatten() {
                Some(end) if settings.trains && self.is_of_a_train(&(at..end)) => at = end,
                Some(end) => {
                    let begun = found.last().map_or(range.start, |last: &std::ops::Range<usize>| last.end);
                    let click = self.widened(at..end, begun, max_frames);
                    at = click.end;
                    found.push(click);
                }
                None => at += 1,
            }
        }
        found
    }

    /// The frame behind the click that begins at `begin`; `None` where nothing backward stands out.
    fn end_of(&self, begin: usize, order: usize, max_frames: usize) -> Option<usize> {
        let (mut last, mut end) = (begin, None);
        for n in begin..(begin + max_frames).min(self.hits.len()) {
            if n - last > order {
                break;
            }
            let (forward, backward) = self.hits[n];
            if backward {
                end = Some(n + 1);
            }
            if forward || backward {
                last = n;
            }
        }
        end
    }

    /// A click with its edges, which stand out less than its body: what is left of them would be taken for music when the
    /// place is filled. It begins not before `begun`.
    fn widened(
        &self,
        click: std::ops::Range<usize>,
        begun: usize,
        max_frames: usize,
    ) -> std::ops::Range<usize> {
        let from = click.start.saturating_sub(EDGE).max(begun);
        let start = (from..click.start).find(|n| self.near[*n].0).unwrap_or(click.start);
        let to = (click.end + EDGE).min(self.near.len()).min(start + max_frames);
        let end = (click.end..to).rev().find(|n| self.near[*n].1).map_or(click.end, |last| last + 1);
        start..end
    }

    /// Whether there is another error nearly as large on both sides: the pulses of a reed, a string, a voice come one after the
    /// other, a click comes alone.
    fn is_of_a_train(&self, click: &std::ops::Range<usize>) -> bool {
        let largest = |range: std::ops::Range<usize>| self.forward[range].iter().copied().fold(0.0, f64::max);
        let before = click.start.saturating_sub(TRAIN)..click.start.saturating_sub(EDGE);
        let behind = (click.end + EDGE).min(self.forward.len())..(click.end + TRAIN).min(self.forward.len());
        largest(before).min(largest(behind)) > ALIKE * largest(click.clone())
    }

    /// Marks the frames of `window` whose errors stand out.
    fn mark(&mut self, window: &[f64], settings: &Settings) {
        let mut taps = predictor(window, settings.order);
        forward_errors(window, &taps, &mut self.forward);
        self.sorted.clear();
        self.sorted.extend(self.forward.iter().map(|e| e.abs()));
        let most = OUTLIER * DEVIATIONS * median(&mut self.sorted);
        self.cleaned.clear();
        let cut = |(x, e): (&f64, &f64)| if e.abs() > most { x - (e - most.copysign(*e)) } else { *x };
        self.cleaned.extend(window.iter().zip(&self.forward).map(cut));
        taps = predictor(&self.cleaned, settings.order);
        forward_errors(window, &taps, &mut self.forward);
        backward_errors(window, &taps, &mut self.backward);
        for marks in [&mut self.hits, &mut self.near] {
            marks.clear();
            marks.resize(window.len(), (false, false));
        }
        for forward in [true, false] {
            let errors = if forward { &mut self.forward } else { &mut self.backward };
            errors.iter_mut().for_each(|error| *error = error.abs());
            medians(errors, &mut self.sorted, &mut self.medians);
            for (n, error) in errors.iter().enumerate() {
                // The louder side counts: an attack is loud behind its beginning, a click on neither side.
                let around = surroundings(&self.medians, n);
                for (marks, threshold) in
                    [(&mut self.hits, settings.threshold), (&mut self.near, EDGE_THRESHOLD)]
                {
                    let (f, b) = &mut marks[n];
                    *(if forward { f } else { b }) =
                        *error > (threshold * DEVIATIONS * around).max(LEAST_ERROR);
                }
            }
        }
    }
}

/// The median of the `HALF` values from every `GRID`th place on.
fn medians(values: &[f64], sorted: &mut Vec<f64>, medians: &mut Vec<f64>) {
    medians.clear();
    for begin in (0..values.len().saturating_sub(HALF)).step_by(GRID) {
        sorted.clear();
        sorted.extend_from_slice(&values[begin..begin + HALF]);
        medians.push(median(sorted));
    }
}

/// The larger of the medians before and behind `n`.
fn surroundings(medians: &[f64], n: usize) -> f64 {
    let last = medians.len().saturating_sub(1);
    let before = n.saturating_sub(HALF) / GRID;
    let behind = (n + 1).div_ceil(GRID);
    medians[before.min(last)].max(medians[behind.min(last)])
}

fn median(values: &mut [f64]) -> f64 {
    let middle = values.len() / 2;
    if values.is_empty() { 0.0 } else { *values.select_nth_unstable_by(middle, f64::total_cmp).1 }
}
