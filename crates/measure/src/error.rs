//! What cannot be measured.

use thiserror::Error;

/// A meter cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MeasureError {
    /// The sample rate is outside what a meter works at.
    #[error("{rate_hz} Hz: loudness is measured at sample rates from 8000 to 768000 Hz")]
    SampleRate {
        /// The rate, in Hz.
        rate_hz: u32,
    },
    /// No channel at all.
    #[error("there is no channel to measure")]
    NoChannels,
}
