//! The hum of the mains.

use crate::{About, Detector, Fault, FaultKind, Remedy, Severity};
use deadwax_dsp::dehum::{Listener, Settings};

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
        let level =
            (0..about.channels).map(|channel| track.level_dbfs(channel)).fold(f64::NEG_INFINITY, f64::max);
        if level < LEAST_DBFS {
            return Vec::new();
        }
        let (numbers, mean_hz) = (track.numbers(), track.mean_hz());
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
