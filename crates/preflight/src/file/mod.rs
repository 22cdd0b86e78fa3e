//! One file, as services and players will get it.
//!
//! A [`FileMeter`] hears a file once, in bounded memory, and gives [`FileFigures`]: plain data, in which nothing is judged.
//! [`FileFigures::findings`] holds them against what is [`Expected`] of the file.

mod ends;
mod grid;
mod judge;
mod offset;
mod phase;
mod source;
mod spectrum;
mod words;

pub use ends::EndFigures;
pub use grid::{Grid, GridCoder};
pub use judge::{Asked, Expected};
pub use offset::OffsetFigures;
pub use phase::{Against, PhaseBand, PhaseFigures};
pub use source::{Confidence, Edge, Origin, SourceFigures};
pub use words::{Stuck, WordFigures};

use crate::seam::FileEdges;
use deadwax_dsp::fft::Kind;
use deadwax_inspect::{Fault, FaultKind, Inspector};
use deadwax_measure::{IntegratedMeter, MeasureError, Measured, Meter, Wanted};
use ends::Ends;
use grid::Stretches;
use offset::Offset;
use phase::Phase;
use serde::Serialize;
use spectrum::Spectrum;
use std::ops::Range;
use words::Words;

/// Frames that are looked at together, whatever blocks they come in.
const CHUNK: usize = 4096;

/// What was measured of a file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FileFigures {
    /// Peaks by two meters, means, correlation and loudness.
    pub measured: Measured,
    /// How it begins and ends. `None` for a file without frames.
    pub ends: Option<EndFigures>,
    /// How far each channel is off its middle.
    pub offset: Vec<OffsetFigures>,
    /// Left against right. `None` for anything but stereo.
    pub phase: Option<PhaseFigures>,
    /// How much loudness is lost in mono, in LU; see [`Translation`](deadwax_measure::Translation).
    pub lost_in_mono_lu: Option<f64>,
    /// What its words tell.
    pub words: WordFigures,
    /// What its spectrum tells of where it comes from.
    pub source: SourceFigures,
    /// Flat tops and moments without a signal, as `deadwax-inspect` finds them.
    pub faults: Vec<Fault>,
    /// Its first and last samples, to be held against its neighbours.
    #[serde(skip)]
    pub edges: FileEdges,
}

impl FileFigures {
    /// How long it is, in seconds.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.measured.frames as f64 / f64::from(self.measured.rate_hz)
    }
}

/// Measures a file. Any cutting of it into blocks gives the same bits.
pub struct FileMeter {
    held: Vec<Vec<f64>>,
    meter: Meter,
    /// The sum of left and right, as loud as both.
    mono: Option<IntegratedMeter>,
    middle: Vec<f64>,
    ends: Ends,
    edges: FileEdges,
    offset: Offset,
    phase: Option<Phase>,
    words: Words,
    spectrum: Spectrum,
    stretches: Stretches,
    inspector: Inspector,
}

impl FileMeter {
    /// A meter for `channels` channels, in WAV order, at `rate_hz`. `kind` says whether spectra are to be the same bits on every
    /// machine.
    ///
    /// # Errors
    /// When loudness cannot be measured at that rate, or there is no channel.
    pub fn new(rate_hz: u32, channels: usize, kind: Kind) -> Result<Self, MeasureError> {
        let wanted = Wanted { windows: false, history: false, psr: false, ..Wanted::ALL };
        Ok(Self {
            held: vec![Vec::with_capacity(CHUNK); channels],
            meter: Meter::new(rate_hz, channels, wanted)?,
            mono: (channels == 2).then(|| IntegratedMeter::new(rate_hz, 2)).transpose()?,
            middle: vec![0.0; CHUNK],
            ends: Ends::new(rate_hz),
            edges: FileEdges::new(channels),
            offset: Offset::new(rate_hz, channels),
            phase: (channels == 2).then(|| Phase::new(rate_hz)).transpose()?,
            words: Words::new(rate_hz, channels),
            spectrum: Spectrum::new(rate_hz, channels, kind),
            stretches: Stretches::new(rate_hz, kind),
            inspector: Inspector::only(rate_hz, channels, &[FaultKind::Clipping, FaultKind::Dropouts]),
        })
    }

    /// The frames of the file that are music: what lies around them is a gap that somebody put there.
    #[must_use]
    pub fn music(mut self, frames: Range<u64>) -> Self {
        self.ends.only(frames);
        self
    }

    /// Hears the next frames: a slice per channel, all of the same length.
    ///
    /// # Panics
    /// When the number of channels is another, or their lengths differ.
    pub fn push(&mut self, block: &[&[f64]]) {
        assert_eq!(block.len(), self.held.len(), "a meter for {} channels", self.held.len());
        let frames = block[0].len();
        assert!(block.iter().all(|channel| channel.len() == frames), "channels of different lengths");
        let mut at = 0;
        while at < frames {
            let count = (CHUNK - self.held[0].len()).min(frames - at);
            for (held, samples) in self.held.iter_mut().zip(block) {
                held.extend_from_slice(&samples[at..at + count]);
            }
            at += count;
            if self.held[0].len() == CHUNK {
                self.hear();
            }
        }
    }

    /// Hands what is held on to every part.
    fn hear(&mut self) {
        let planes: Vec<&[f64]> = self.held.iter().map(Vec::as_slice).collect();
        self.meter.push(&planes);
        if let ([left, right], Some(mono)) = (&planes[..], &mut self.mono) {
            let middle = &mut self.middle[..left.len()];
            for (m, (l, r)) in middle.iter_mut().zip(left.iter().zip(*right)) {
                *m = 0.5 * (l + r);
            }
            mono.push(&[middle, middle]);
        }
        self.ends.push(&planes);
        self.edges.push(&planes);
        self.offset.push(&planes);
        if let ([left, right], Some(phase)) = (&planes[..], &mut self.phase) {
            phase.push(left, right);
        }
        self.words.push(&planes);
        self.spectrum.push(&planes);
        self.stretches.push(planes[0]);
        self.inspector.push(&planes);
        self.held.iter_mut().for_each(Vec::clear);
    }

    /// The figures.
    #[must_use]
    pub fn finish(mut self) -> FileFigures {
        if !self.held[0].is_empty() {
            self.hear();
        }
        let measured = self.meter.finish();
        let mono = self.mono.and_then(|mono| mono.lufs());
        let lost_in_mono_lu = measured.integrated_lufs.zip(mono).map(|(whole, mono)| whole - mono);
        // Silence in mono is all of it lost; the number says no more than that.
        let nothing_left = measured.channels.len() == 2 && mono.is_none();
        let lost_in_mono_lu = lost_in_mono_lu
            .or_else(|| measured.integrated_lufs.filter(|_| nothing_left).map(|whole| whole + 70.0));
        FileFigures {
            ends: self.ends.finish(),
            edges: self.edges,
            offset: self.offset.finish(),
            phase: self.phase.map(Phase::finish),
            lost_in_mono_lu,
            words: self.words.finish(),
            source: self.spectrum.finish().with(self.stretches.finish()),
            faults: self.inspector.finish().faults,
            measured,
        }
    }
}

#[cfg(test)]
mod tests;
