//! A hand on the fader: the slow gain that brings the level of a programme nearer to a target.
//!
//! The whole programme is known, so the gain needs no attack and no release: power and gain are each averaged over a
//! window (half a cosine to either side) whose middle is the moment itself. An average never leaves the bounds of what it
//! averages, so the gain keeps its range; and a change takes as long as the window. What is far below the programme,
//! pauses and tails, is not lifted: there the gain goes straight from that before to that behind.

use crate::math::{cos, log10};
use std::f64::consts::PI;

/// How to ride.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ride {
    /// The power to bring everything to.
    pub target: f64,
    /// The most to go up or down, in dB.
    pub range_db: f64,
    /// How much of the distance to the target is made good, 0 to 1.
    pub amount: f64,
    /// How long a window is, in seconds.
    pub speed_s: f64,
    /// Power below this is a pause.
    pub pause: f64,
}

/// Points lie no nearer than this part of a window.
const POINTS_PER_WINDOW: f64 = 6.0;
/// The most points of a ride.
pub const MOST_POINTS: usize = 4000;
/// A point that is so near to the line between its neighbours, in dB, is left out.
const FLAT_DB: f64 = 0.002;

/// Points (seconds, dB) of the gain, with straight lines between them, for a programme whose power in steps of `step_s`
/// is `powers`. One point at least.
#[must_use]
pub fn ride(powers: &[f64], step_s: f64, how: &Ride) -> Vec<(f64, f64)> {
    let half = (0.5 * how.speed_s / step_s).round().max(1.0) as usize;
    let smooth = averaged(powers, half);
    let gain = |power: &f64| {
        let missing = 10.0 * log10(how.target / power);
        (*power > how.pause).then(|| (how.amount * missing).clamp(-how.range_db, how.range_db))
    };
    // A window that reaches into a pause is quieter than the sound in it: only the sound counts.
    let sounding: Vec<f64> = powers.iter().map(|power| f64::from(u8::from(*power > how.pause))).collect();
    let share = averaged(&sounding, half);
    let loud = smooth
        .iter()
        .zip(&share)
        .zip(&sounding)
        .map(|((power, share), sounds)| if *sounds > 0.0 { gain(&(power / share)) } else { None });
    let gains = averaged(&bridged(&loud.collect::<Vec<_>>()), half);
    let apart = (how.speed_s / POINTS_PER_WINDOW / step_s).max(1.0);
    let apart = apart.max(gains.len() as f64 / (MOST_POINTS - 2) as f64).ceil() as usize;
    let last = gains.len().saturating_sub(1);
    let at = |index: usize| ((index as f64 + 0.5) * step_s, gains[index]);
    let mut points: Vec<(f64, f64)> = (0..last).step_by(apart).map(at).collect();
    points.extend((!gains.is_empty()).then(|| at(last)));
    if points.is_empty() {
        points.push((0.0, 0.0));
    }
    thinned(&points)
}

/// The mean around every value, over `half` to either side, weighted by half a cosine; at the ends over what there is.
fn averaged(values: &[f64], half: usize) -> Vec<f64> {
    let weight = |away: usize| 0.5 + 0.5 * cos(PI * away as f64 / (half + 1) as f64);
    let weights: Vec<f64> = (0..=half).map(weight).collect();
    let mean = |middle: usize| {
        let range = middle.saturating_sub(half)..(middle + half + 1).min(values.len());
        let (mut sum, mut total) = (0.0, 0.0);
        for index in range {
            let weight = weights[index.abs_diff(middle)];
            sum += weight * values[index];
            total += weight;
        }
        sum / total
    };
    (0..values.len()).map(mean).collect()
}

/// Straight lines over what is missing; the nearest value at the ends, 0 where there is none at all.
fn bridged(values: &[Option<f64>]) -> Vec<f64> {
    let mut filled = vec![0.0; values.len()];
    let mut before: Option<(usize, f64)> = None;
    for (index, value) in values.iter().enumerate() {
        let Some(value) = *value else { continue };
        let (from, start) = before.map_or((0, value), |(from, start)| (from + 1, start));
        let gap = (index + 1 - from) as f64;
        for (n, slot) in filled[from..=index].iter_mut().enumerate() {
            *slot = start + (value - start) * (n + 1) as f64 / gap;
        }
        before = Some((index, value));
    }
    if let Some((index, value)) = before {
        filled[index..].fill(value);
    }
    filled
}

/// Without the points that lie on the line from the last one kept to the next.
fn thinned(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut kept: Vec<(f64, f64)> = Vec::with_capacity(points.len());
    let mut begin = 0;
    for end in 1..=points.len() {
        let straight = end < points.len() && {
            let ((t0, g0), (t1, g1)) = (points[begin], points[end]);
            let off = |(t, g): &(f64, f64)| (g0 + (g1 - g0) * (t - t0) / (t1 - t0) - g).abs();
            points[begin..end].iter().all(|point| off(point) <= FLAT_DB)
        };
        if !straight {
            kept.push(points[begin]);
            begin = end - 1;
            if end == points.len() && begin > 0 {
                kept.push(points[begin]);
            }
        }
    }
    kept.dedup();
    match kept.as_slice() {
        [first, last] if (first.1 - last.1).abs() <= FLAT_DB => vec![*first],
        _ => kept,
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;

    const HOW: Ride = Ride { target: 1.0, range_db: 3.0, amount: 1.0, speed_s: 4.0, pause: 1e-3 };

    fn at(points: &[(f64, f64)], time: f64) -> f64 {
        if time <= points[0].0 {
            return points[0].1;
        }
        for pair in points.windows(2) {
            let ((t0, g0), (t1, g1)) = (pair[0], pair[1]);
            if time <= t1 {
                return g0 + (g1 - g0) * (time - t0) / (t1 - t0);
            }
        }
        points[points.len() - 1].1
    }

    fn db(db: f64) -> f64 {
        10_f64.powf(db / 10.0)
    }

    #[test]
    fn a_steady_level_gets_one_gain() {
        let points = ride(&vec![db(-2.0); 600], 0.1, &HOW);
        assert_eq!(points.len(), 1);
        assert!((points[0].1 - 2.0).abs() < 1e-9);
        assert_eq!(ride(&vec![db(-9.0); 600], 0.1, &HOW)[0].1, 3.0);
        assert_eq!(ride(&[], 0.1, &HOW), [(0.0, 0.0)]);
        assert_eq!(ride(&[0.0; 100], 0.1, &HOW)[0].1, 0.0);
        let half = Ride { amount: 0.5, ..HOW };
        assert!((ride(&vec![db(2.0); 600], 0.1, &half)[0].1 + 1.0).abs() < 1e-9);
    }

    #[test]
    fn verse_and_chorus_come_nearer_and_the_fader_moves_no_faster_than_it_may() {
        let powers: Vec<f64> = (0..1200).map(|n| db(if n / 300 % 2 == 0 { -2.5 } else { 1.5 })).collect();
        let points = ride(&powers, 0.1, &HOW);
        for part in 0..4 {
            let middle = at(&points, f64::from(part) * 30.0 + 15.0);
            let wanted = if part % 2 == 0 { 2.5 } else { -1.5 };
            assert!((middle - wanted).abs() < 0.01, "{middle}");
        }
        for pair in points.windows(2) {
            let slope = (pair[1].1 - pair[0].1) / (pair[1].0 - pair[0].0);
            assert!(slope.abs() <= 2.0 * 4.0 / HOW.speed_s, "{slope} dB/s");
            assert!(pair[1].1.abs() <= 3.0);
        }
        // What stands still has no points of its own.
        assert!(points.len() < 60, "{}", points.len());
    }

    #[test]
    fn a_pause_is_not_lifted() {
        let powers: Vec<f64> =
            (0..900).map(|n| if (300..600).contains(&n) { 1e-5 } else { db(1.0) }).collect();
        let points = ride(&powers, 0.1, &HOW);
        assert!(points.iter().all(|(_, gain)| (gain + 1.0).abs() < 0.02), "{points:?}");
    }

    #[test]
    fn a_long_programme_has_no_more_points_than_a_curve_may() {
        let powers: Vec<f64> = (0..36_000 * 3).map(|n| db(3.0 * (f64::from(n) * 0.09).sin())).collect();
        let points = ride(&powers, 0.1, &Ride { speed_s: 1.0, ..HOW });
        assert!(points.len() <= MOST_POINTS && points.len() > 2000, "{}", points.len());
    }
}
