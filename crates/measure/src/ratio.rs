//! Peak to short-term loudness ratio: how far the peaks of 3 s stand out of their loudness.

use crate::gate::{lufs, range_gate};
use deadwax_dsp::math::gain_to_db;

/// The ratios of all windows.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Ratios {
    /// In LU; `None` for silence.
    pub(crate) course_lu: Vec<Option<f64>>,
    /// The median and the least of those that pass the gates of loudness range.
    pub(crate) median_lu: Option<f64>,
    pub(crate) least_lu: Option<f64>,
}

impl Ratios {
    /// Of windows of a power and a peak amplitude each.
    pub(crate) fn new(windows: impl Iterator<Item = (f64, f64)>) -> Self {
        let windows: Vec<(f64, f64)> = windows.collect();
        let powers: Vec<f64> = windows.iter().map(|(power, _)| *power).collect();
        let ratio = |(power, peak): &(f64, f64)| {
            let ratio = gain_to_db(*peak) - lufs(*power);
            ratio.is_finite().then_some(ratio)
        };
        let course_lu: Vec<_> = windows.iter().map(ratio).collect();
        let Some(gate) = range_gate(&powers) else { return Self { course_lu, ..Self::default() } };
        let passed = powers.iter().zip(&course_lu).filter(|(power, _)| **power >= gate);
        let mut passed: Vec<f64> = passed.filter_map(|(_, ratio)| *ratio).collect();
        passed.sort_by(f64::total_cmp);
        let (median_lu, least_lu) = (passed.get(passed.len() / 2).copied(), passed.first().copied());
        Self { course_lu, median_lu, least_lu }
    }
}
