//! What records and tapes have in common: a side, its edges of the spectrum, and silence in it.

mod butterworth;
mod chunks;
mod edges;
mod judge;
mod silences;

pub(crate) use butterworth::{high_pass, low_pass};
pub(crate) use chunks::{CHUNK, Chunks};
pub use edges::Edges;
pub(crate) use edges::EdgesMeter;
pub(crate) use judge::{offset, seconds, subsonic, tenths};
pub use silences::FLOOR_DBFS;
pub(crate) use silences::Silences;

use deadwax_dsp::equalizer::DesignError;
use deadwax_dsp::svf::Unstable;
use deadwax_measure::MeasureError;
use serde::Serialize;
use thiserror::Error;

/// What is cut or copied has at least this sample rate, in Hz: what plants ask for (delivery sheets of 2026).
pub const LEAST_RATE_HZ: u32 = 44_100;

/// A side that is to be cut or copied, before it is heard.
#[derive(Clone, Debug, PartialEq)]
pub struct Side {
    /// Its sample rate, in Hz.
    pub rate_hz: u32,
    /// How many frames it has.
    pub frames: u64,
    /// Its tracks, in their order.
    pub tracks: Vec<SideTrack>,
    /// Its true peak less its integrated loudness, in LU, if that was measured.
    pub plr_lu: Option<f64>,
}

impl Side {
    /// How long it is, in seconds.
    #[must_use]
    pub fn length_s(&self) -> f64 {
        self.frames as f64 / f64::from(self.rate_hz.max(1))
    }

    /// Where every track but the first begins, in frames.
    pub(crate) fn marks(&self) -> Vec<u64> {
        self.tracks.iter().skip(1).map(|track| track.begin).collect()
    }
}

/// A track of a side.
#[derive(Clone, Debug, PartialEq)]
pub struct SideTrack {
    /// What people call it.
    pub title: String,
    /// The frame of the side at which it begins.
    pub begin: u64,
    /// How it meets the track before it.
    pub meeting: Meeting,
}

/// How a track meets the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Meeting {
    /// The layout puts a gap between them.
    Gap,
    /// The layout puts nothing between them; they may have silence of their own.
    Follows,
    /// They cross.
    Crosses,
}

/// The highest of something, and where it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Peak {
    /// How high.
    pub value: f64,
    /// Where, in seconds from the beginning of the side.
    pub at_s: f64,
}

impl Peak {
    /// Takes `value` at the frame `at`, if it is higher.
    pub(crate) fn take(&mut self, value: f64, at: u64, rate_hz: u32) {
        if value > self.value {
            *self = Self { value, at_s: at as f64 / f64::from(rate_hz) };
        }
    }
}

/// A side that cannot be looked through.
#[derive(Clone, Debug, Error)]
pub enum SideError {
    /// It has too low a sample rate.
    #[error("a side at {0} Hz is not looked through: what is cut or copied has at least {LEAST_RATE_HZ} Hz")]
    Rate(u32),
    /// A filter has no such frequency.
    #[error("a filter cannot be made")]
    Design(#[from] DesignError),
    /// A filter does not come to rest.
    #[error("a filter cannot be made")]
    Unstable(#[from] Unstable),
    /// Loudness cannot be measured.
    #[error("its loudness cannot be measured")]
    Loudness(#[from] MeasureError),
}

/// Whether a side of `rate_hz` can be looked through.
pub(crate) fn check_rate(rate_hz: u32) -> Result<(), SideError> {
    if rate_hz < LEAST_RATE_HZ { Err(SideError::Rate(rate_hz)) } else { Ok(()) }
}
