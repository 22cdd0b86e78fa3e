//! What is to be heard before the music begins, and behind its end.

use crate::fault::clock;
use crate::{About, Detector, Fault, FaultKind, Place, Remedy, Severity};
use deadwax_dsp::math::power_to_db;

/// Levels are taken over so many seconds.
const HOP_S: f64 = 0.05;
/// The level of the music is what it exceeds for a tenth of the time; noise at its ends lies at least so far below it, in dB …
const BELOW_MUSIC_DB: f64 = 35.0;
/// … and stays within so many of its own middle: a note that dies away does not.
const STEADY_DB: f64 = 4.0;
/// It lasts at least so long, in seconds …
const LEAST_S: f64 = 0.5;
/// … and is at least so loud, in dBFS.
const LEAST_DBFS: f64 = -80.0;
/// What is left in front of the first sound, and how long it takes to come in, in seconds.
const LEAD_S: f64 = 0.1;

pub(crate) struct Ends {
    hop: usize,
    fill: usize,
    power: f64,
    /// The level of every hop, in dBFS.
    levels: Vec<f32>,
}

impl Ends {
    pub(crate) fn new(rate_hz: u32) -> Self {
        let hop = ((HOP_S * f64::from(rate_hz)) as usize).max(1);
        Self { hop, fill: 0, power: 0.0, levels: Vec::new() }
    }
}

/// A stretch of noise at an end: how many hops, and its level.
struct Noise {
    hops: usize,
    dbfs: f64,
}

/// The noise that `levels` begin with. Digital silence in front of it belongs to it.
fn noise(levels: impl Iterator<Item = f32> + Clone, music_dbfs: f64) -> Option<Noise> {
    let most = (music_dbfs - BELOW_MUSIC_DB) as f32;
    let quiet: Vec<f32> = levels.take_while(|level| *level < most).collect();
    let mut heard: Vec<f32> = quiet.iter().copied().filter(|level| f64::from(*level) > LEAST_DBFS).collect();
    if (heard.len() as f64) * HOP_S < LEAST_S {
        return None;
    }
    heard.sort_by(f32::total_cmp);
    let at = |share: f64| f64::from(heard[((heard.len() - 1) as f64 * share) as usize]);
    let steady = at(0.9) - at(0.5) < STEADY_DB && at(0.5) - at(0.1) < STEADY_DB;
    steady.then(|| Noise { hops: quiet.len(), dbfs: at(0.5) })
}

impl Detector for Ends {
    fn hear(&mut self, block: &[&[f64]]) {
        let frames = block.first().map_or(0, |samples| samples.len());
        for frame in 0..frames {
            let power = block.iter().map(|samples| samples[frame] * samples[frame]).fold(0.0, f64::max);
            self.power += power;
            self.fill += 1;
            if self.fill == self.hop {
                self.levels.push(power_to_db((self.power / self.hop as f64).max(1e-20)) as f32);
                (self.power, self.fill) = (0.0, 0);
            }
        }
    }

    fn finish(self: Box<Self>, about: &About) -> Vec<Fault> {
        let mut sorted = self.levels.clone();
        sorted.sort_by(f32::total_cmp);
        let Some(music) = sorted.get(sorted.len() * 9 / 10).map(|level| f64::from(*level)) else {
            return Vec::new();
        };
        let hop_s = self.hop as f64 / f64::from(about.rate_hz);
        let mut faults = Vec::new();
        let severity = |noise: &Noise| Severity::of(noise.dbfs - music, -55.0, -40.0);
        if let Some(noise) = noise(self.levels.iter().copied(), music) {
            let begins = noise.hops as f64 * hop_s;
            let from = (begins - LEAD_S).max(0.0);
            faults.push(Fault {
                kind: FaultKind::Head,
                severity: severity(&noise),
                what: format!(
                    "{:.0} dBFS of noise before the music, which begins at {}",
                    noise.dbfs,
                    clock(begins)
                ),
                count: 1,
                places: vec![Place { channel: None, at_s: 0.0, s: begins }],
                remedy: Some(Remedy {
                    name: "head",
                    node: format!("Trim(from_s: {from:.3})"),
                    why: format!("the music begins at {begins:.2} s; what is in front is noise alone"),
                }),
            });
        }
        if let Some(noise) = noise(self.levels.iter().rev().copied(), music) {
            let ends = about.seconds() - noise.hops as f64 * hop_s;
            let fade = (noise.hops as f64 * hop_s).min(3.0);
            faults.push(Fault {
                kind: FaultKind::Tail,
                severity: severity(&noise),
                what: format!(
                    "{:.0} dBFS of noise behind the music, which ends at {}",
                    noise.dbfs,
                    clock(ends)
                ),
                count: 1,
                places: vec![Place { channel: None, at_s: ends, s: about.seconds() - ends }],
                remedy: Some(Remedy {
                    name: "tail",
                    node: format!("Fade(out_s: {fade:.2})"),
                    why: "the last sound dies away into it; a fade takes both out together".to_owned(),
                }),
            });
        }
        faults
    }
}
