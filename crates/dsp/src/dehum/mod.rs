//! Hum of the mains: found under the music, followed, and subtracted.
//!
//! Hum is a family of harmonics of 50 or 60 Hz that lasts as long as the recording. A notch takes out what lies at these
//! frequencies, music and all; here the hum itself is measured, and a copy of it is subtracted.
//!
//! Sixteen times a second the complex amplitude around each harmonic is kept. Their log harmonic sum over two seconds follows
//! the frequency (the likelihood ratio of tones in noise; the path by Viterbi's algorithm). Turned back by that frequency, a
//! harmonic of the hum stands still for the whole programme, and music comes and goes around it: the amplitude that leaves
//! least in the geometric mean over half seconds is the hum's (the likelihood estimate where each half second has a noise of
//! its own; by reweighted means). With amplitudes the phase is followed more closely, and so on in turns. What is found in
//! one part of the programme has to explain the others: a note that happens to lie at 50 Hz does not.
//!
//! [`Listener`] hears the programme and gives a [`Track`]; [`Subtractor`] takes it out. Any cutting of the programme into
//! blocks gives the same bits.

mod bands;
mod find;
mod follow;
mod level;
mod path;
mod subtract;
mod track;

pub use subtract::Subtractor;
pub use track::{Fault, Harmonic, OFF_DB, Track};

use bands::Ear;
use std::ops::Range;

/// The frequency of the mains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// Europe, most of Asia and Africa, Australia.
    Hz50 = 50,
    /// North America, parts of South America and Japan.
    Hz60 = 60,
}

impl Base {
    /// In Hz.
    #[must_use]
    pub fn hz(self) -> f64 {
        f64::from(self as u8)
    }
}

/// Where the amplitudes are learnt from.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// From everywhere, under the music.
    Blind,
    /// From a stretch where the hum stands alone, if there is one; else from everywhere.
    Seek,
    /// From this stretch, in seconds.
    Given(Range<f64>),
}

/// What to look for.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// One base or both.
    pub bases: Vec<Base>,
    /// How many harmonics, the first included.
    pub harmonics: usize,
    /// Where the amplitudes are learnt from.
    pub source: Source,
}

impl Default for Settings {
    fn default() -> Self {
        Self { bases: vec![Base::Hz50, Base::Hz60], harmonics: 20, source: Source::Seek }
    }
}

/// What a listener found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Finding {
    /// The hum, if there is any.
    pub track: Option<Track>,
    /// The stretch, in seconds, where it was heard alone, if its amplitudes come from there.
    pub alone_s: Option<Range<f64>>,
    /// How many harmonics are told apart from the music on average over the channels.
    pub evidence: f64,
}

/// Hears the whole programme, and finds its hum.
#[derive(Clone, Debug)]
pub struct Listener {
    ear: Ear,
    settings: Settings,
    rate_hz: u32,
}

impl Listener {
    /// Listens to `channels` channels at `rate_hz`.
    #[must_use]
    pub fn new(settings: Settings, rate_hz: u32, channels: usize) -> Self {
        let ear = Ear::new(&settings.bases, settings.harmonics, rate_hz, channels);
        Self { ear, settings, rate_hz }
    }

    /// Hears the next frames: a slice per channel, all of the same length.
    pub fn push(&mut self, block: &[&[f64]]) {
        self.ear.push(block);
    }

    /// What hum there is.
    #[must_use]
    pub fn finish(self) -> Finding {
        let seconds = self.ear.frames() as f64 / f64::from(self.rate_hz);
        let found = self.ear.finish();
        let all = found.iter().map(|bands| find::find(bands, seconds, &self.settings.source));
        all.fold(Finding::default(), |best, one| if one.evidence > best.evidence { one } else { best })
    }
}

#[cfg(test)]
mod tests;
