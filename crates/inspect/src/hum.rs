//! The hum of the mains.

use crate::{About, Detector, Fault, FaultKind, Remedy, Severity};
use deadwax_dsp::dehum::{Listener, Settings};
use deadwax_dsp::math::{db_to_gain, power_to_db};

/// Hum softer than this is heard by nobody, in dBFS.
const LEAST_DBFS: f64 = -85.0;
/// Where it is clear, and severe, in dBFS.
const LEVELS_DBFS: [f64; 2] = [-60.0, -40.0];

pub(crate) struct Hum(Listener);

impl Hum {
    pub(crate) fn new(rate_hz: u32, channels: usize) -> Self {
        Self(Listener::new(Settings::default(), rate_hz, channels))
    }
}

impl Detector for Hum {
    fn hear(&mut self, block: &[&[f64]]) {
        self.0.push(block);
    }

    fn finish(self: Box<Self>, about: &About) -> Vec<Fault> {
        let Some(track) = self.0.finish().track else { return Vec::new() };
        let power = |channel: usize| -> f64 {
            let own = track.harmonics.iter().filter(|harmonic| harmonic.channel == channel);
            own.map(|harmonic| db_to_gain(harmonic.level_db) * db_to_gain(harmonic.level_db) / 2.0).sum()
        };
        let loudest = (0..about.channels).map(power).fold(0.0, f64::max);
        let level = power_to_db(loudest.max(1e-20));
        if level < LEAST_DBFS {
            return Vec::new();
        }
        let mut numbers: Vec<u32> = track.harmonics.iter().map(|harmonic| harmonic.number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let count = track.freq_hz.len().max(1) as f64;
        let mean_hz = track.freq_hz.iter().map(|(_, hz)| hz).sum::<f64>() / count;
        let highest = numbers.last().copied().unwrap_or(1);
        let base = track.base.hz();
        vec![Fault {
            kind: FaultKind::Hum,
            severity: Severity::of(level, LEVELS_DBFS[0], LEVELS_DBFS[1]),
            what: format!(
                "{level:.0} dBFS at {mean_hz:.2} Hz and {} of its multiples, up to {:.0} Hz",
                numbers.len() - usize::from(numbers.first() == Some(&1)),
                f64::from(highest) * mean_hz
            ),
            count: numbers.len(),
            places: Vec::new(),
            remedy: Some(Remedy {
                name: "hum",
                node: format!("DeHum(base: Hz{base:.0}, harmonics: {})", highest.clamp(1, 40)),
                why: "its frequency and its harmonics are followed and subtracted; notes beside them stay"
                    .to_owned(),
            }),
        }]
    }
}
