//! What was measured of a side, as plain data.

use super::saturation::Saturation;
use crate::side::Edges;
use serde::Serialize;

/// The time between the channels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Azimuth {
    /// How much later the right channel is, in µs.
    pub right_late_us: f64,
    /// From how many windows that was read; 0: the channels have nothing in common, and it says nothing.
    pub windows: usize,
}

/// A side, as a cassette will have it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CassetteFigures {
    /// How long the side is, in seconds.
    pub length_s: f64,
    /// How long it is silent before the music begins, in seconds.
    pub head_s: f64,
    /// The edges of the spectrum.
    pub edges: Edges,
    /// Treble against the middle.
    pub saturation: Saturation,
    /// The time between the channels.
    pub azimuth: Azimuth,
}
