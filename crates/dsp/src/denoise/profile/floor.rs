//! Figures of a noise.

use super::{Profile, tones};
use crate::math::{log2, power_to_db};

/// What a noise is like.
#[derive(Clone, Debug, PartialEq)]
pub struct Floor {
    /// Its level, the loudest channel's, in dBFS: the mean square re 1.
    pub level_dbfs: f64,
    /// The same of what lies above 3 kHz: hiss.
    pub hiss_dbfs: f64,
    /// The same of what lies below 120 Hz: rumble and hum.
    pub rumble_dbfs: f64,
    /// How its density rises towards the top, in dB an octave, between 500 Hz and 16 kHz: 0 is white, −3 pink, and tape rises.
    pub tilt_db_per_octave: f64,
    /// Tones that stand out of it, the loudest first: frequency in Hz (to a bin) and level in dBFS.
    pub tones: Vec<(f64, f64)>,
}

/// Where hiss begins, and rumble ends.
const HISS_HZ: f64 = 3000.0;
const RUMBLE_HZ: f64 = 120.0;
/// Where the tilt is measured.
const TILT_HZ: [f64; 2] = [500.0, 16_000.0];
/// The most tones that are listed.
const MOST_TONES: usize = 32;

impl Floor {
    /// The figures of a profile.
    ///
    /// # Panics
    /// When it has no channel, or channels of fewer than two bins.
    #[must_use]
    pub fn of(profile: &Profile, rate_hz: f64) -> Self {
        let bins = profile.powers[0].len();
        let bin_hz = 0.5 * rate_hz / (bins - 1) as f64;
        let loudest = |low: f64, high: f64| {
            let part = |powers: &Vec<f64>| {
                let all = powers.iter().enumerate();
                let inside = all.filter(|(k, _)| (low..=high).contains(&(*k as f64 * bin_hz)));
                inside.map(|(_, power)| power).sum::<f64>()
            };
            power_to_db(profile.powers.iter().map(part).fold(1e-30, f64::max))
        };
        let mean: Vec<f64> = (0..bins)
            .map(|k| profile.powers.iter().map(|powers| powers[k]).sum::<f64>() / profile.powers.len() as f64)
            .collect();
        Self {
            level_dbfs: loudest(0.0, f64::INFINITY),
            hiss_dbfs: loudest(HISS_HZ, f64::INFINITY),
            rumble_dbfs: loudest(0.0, RUMBLE_HZ),
            tilt_db_per_octave: tilt(&mean, bin_hz),
            tones: peaks(&mean, bin_hz),
        }
    }
}

/// The slope of a straight line through the levels over octaves, every octave weighing alike.
fn tilt(mean: &[f64], bin_hz: f64) -> f64 {
    let (mut sw, mut sx, mut sy, mut sxx, mut sxy) = (0.0, 0.0, 0.0, 0.0, 0.0);
    let tonal = tones(mean);
    for (k, power) in mean.iter().enumerate().filter(|(k, _)| !tonal[*k]) {
        let hz = k as f64 * bin_hz;
        if (TILT_HZ[0]..=TILT_HZ[1]).contains(&hz) && *power > 0.0 {
            let (w, x, y) = (1.0 / hz, log2(hz), power_to_db(*power));
            sw += w;
            sx += w * x;
            sy += w * y;
            sxx += w * x * x;
            sxy += w * x * y;
        }
    }
    let spread = sw * sxx - sx * sx;
    if spread > 0.0 { (sw * sxy - sx * sy) / spread } else { 0.0 }
}

/// Runs of tonal bins: the loudest bin's frequency and the level of all.
fn peaks(mean: &[f64], bin_hz: f64) -> Vec<(f64, f64)> {
    let tonal = tones(mean);
    let mut found = Vec::new();
    let mut k = 0;
    while k < mean.len() {
        let count = tonal[k..].iter().take_while(|tonal| **tonal).count();
        if count > 0 {
            let run = k..k + count;
            let loudest = run.clone().max_by(|a, b| mean[*a].total_cmp(&mean[*b])).unwrap_or(k);
            found.push((loudest as f64 * bin_hz, power_to_db(mean[run].iter().sum())));
        }
        k += count + 1;
    }
    found.sort_by(|a, b| b.1.total_cmp(&a.1));
    found.truncate(MOST_TONES);
    found
}
