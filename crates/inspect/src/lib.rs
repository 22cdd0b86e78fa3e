//! What is broken in a recording, where, how badly, and which node mends it.
//!
//! An [`Inspector`] hears a programme once, in bounded memory, and gives [`Faults`]: clicks, crackle, clipped runs, hum, hiss, an
//! offset, dropouts, channels against each other, noise before and behind the music. It is made to say nothing of a clean mix:
//! every limit lies beyond what clean music does, and what is told is told with its numbers.

mod clicks;
mod clipping;
mod dropouts;
mod ends;
mod fault;
mod hiss;
mod hum;

mod offset;
mod phase;

pub use fault::{Fault, FaultKind, Faults, Place, Remedy, Severity, clock};

use rayon::prelude::*;

/// The programme, as far as detectors need to know it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct About {
    pub(crate) rate_hz: u32,
    pub(crate) channels: usize,
    pub(crate) frames: u64,
}

impl About {
    pub(crate) fn seconds(&self) -> f64 {
        self.at_s(self.frames)
    }

    pub(crate) fn at_s(&self, frame: u64) -> f64 {
        frame as f64 / f64::from(self.rate_hz)
    }
}

/// Hears the programme, and says what is wrong with it.
trait Detector: Send {
    /// Hears the next frames: a slice per channel, all of the same length.
    fn hear(&mut self, block: &[&[f64]]);
    /// What is wrong.
    fn finish(self: Box<Self>, about: &About) -> Vec<Fault>;
}

/// Listens to a programme.
pub struct Inspector {
    about: About,
    detectors: Vec<Box<dyn Detector>>,
    /// What has not been heard by the detectors yet.
    held: Vec<Vec<f64>>,
}

/// Detectors hear so many frames at a time, each on a worker of its own.
const BATCH: usize = 1 << 16;

impl Inspector {
    /// For `channels` channels at `rate_hz`, everything looked for.
    #[must_use]
    pub fn new(rate_hz: u32, channels: usize) -> Self {
        Self::only(
            rate_hz,
            channels,
            &[
                FaultKind::Clicks,
                FaultKind::Crackle,
                FaultKind::Clipping,
                FaultKind::Hum,
                FaultKind::Hiss,
                FaultKind::Offset,
                FaultKind::Dropouts,
                FaultKind::Phase,
                FaultKind::Head,
            ],
        )
    }

    /// The same, for faults of these kinds only. Either end stands for both.
    #[must_use]
    pub fn only(rate_hz: u32, channels: usize, kinds: &[FaultKind]) -> Self {
        let detector = |kind: &FaultKind| -> Box<dyn Detector> {
            match kind {
                FaultKind::Clicks => Box::new(clicks::Clicks::new(rate_hz, channels)),
                FaultKind::Crackle => Box::new(clicks::Crackle::new(rate_hz, channels)),
                FaultKind::Clipping => Box::new(clipping::Clipping::new(channels)),
                FaultKind::Hum => Box::new(hum::Hum::new(rate_hz, channels)),
                FaultKind::Hiss => Box::new(hiss::Hiss::new(rate_hz, channels)),
                FaultKind::Offset => Box::new(offset::Offset::new(channels)),
                FaultKind::Dropouts => Box::new(dropouts::Dropouts::new(rate_hz, channels)),
                FaultKind::Phase => Box::new(phase::Phase::new(rate_hz, channels)),
                FaultKind::Head | FaultKind::Tail => Box::new(ends::Ends::new(rate_hz)),
            }
        };
        Self {
            about: About { rate_hz, channels, frames: 0 },
            detectors: kinds.iter().map(detector).collect(),
            held: vec![Vec::new(); channels],
        }
    }

    /// Hears the next frames: a slice per channel, all of the same length.
    pub fn push(&mut self, block: &[&[f64]]) {
        for (held, samples) in self.held.iter_mut().zip(block) {
            held.extend_from_slice(samples);
        }
        self.about.frames += block.first().map_or(0, |samples| samples.len()) as u64;
        if self.held.first().is_some_and(|held| held.len() >= BATCH) {
            self.pass_on();
        }
    }

    fn pass_on(&mut self) {
        let planes: Vec<&[f64]> = self.held.iter().map(Vec::as_slice).collect();
        self.detectors.par_iter_mut().for_each(|detector| detector.hear(&planes));
        self.held.iter_mut().for_each(Vec::clear);
    }

    /// What is wrong, in the order in which it is mended.
    #[must_use]
    pub fn finish(mut self) -> Faults {
        self.pass_on();
        let about = self.about;
        let found: Vec<Vec<Fault>> =
            self.detectors.into_par_iter().map(|detector| detector.finish(&about)).collect();
        let mut faults: Vec<Fault> = found.into_iter().flatten().collect();
        faults.sort_by_key(|fault| fault.kind);
        Faults { rate_hz: about.rate_hz, channels: about.channels, seconds: about.seconds(), faults }
    }
}
