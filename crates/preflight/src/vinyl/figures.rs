//! What was measured of a side, as plain data.

use super::bass::Bass;
use super::course::Part;
use super::geometry::Record;
use super::land::Land;
use super::sibilance::Sibilance;
use super::treble::Treble;
use crate::side::{Edges, Meeting};
use deadwax_measure::ClipRuns;
use serde::Serialize;

/// Runs of equal extreme samples, in both channels together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Clipping {
    /// How many, and how long.
    pub runs: ClipRuns,
    /// About where the first one is, in seconds.
    pub first_at_s: f64,
}

/// How a track meets the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Met {
    /// What the layout says.
    pub meeting: Meeting,
    /// How long it is silent there, in seconds.
    pub silence_s: f64,
}

/// A side, as a record will have it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VinylFigures {
    /// The record.
    pub record: Record,
    /// The level of a sine's peak that is cut at 5 cm/s, in dBFS.
    pub reference_dbfs: f64,
    /// How long the side is, in seconds.
    pub length_s: f64,
    /// The land.
    pub land: Land,
    /// What is below 150 Hz.
    pub bass: Bass,
    /// What is above 5 kHz.
    pub treble: Treble,
    /// Bursts from 6 to 10 kHz.
    pub sibilance: Sibilance,
    /// Clipped runs.
    pub clipping: Clipping,
    /// True peak less integrated loudness, in LU.
    pub plr_lu: Option<f64>,
    /// The edges of the spectrum.
    pub edges: Edges,
    /// How every track but the first meets the one before it.
    pub meets: Vec<Met>,
    /// The tracks.
    pub tracks: Vec<Part>,
    /// The thirds of its length, from the rim to the label.
    pub thirds: [Part; 3],
}
