//! Dynamics: from what a detector hears to a gain.
//!
//! The order is that of Giannoulis, Massberg and Reiss (*Digital dynamic range compressor design*, JAES 2012): level in
//! decibels, static curve, smoothing *behind* the curve. Attack and release are then times of the gain itself, whatever
//! the ratio. All of it runs frame by frame in absolute order, so that blocks leave no trace.

mod ballistics;
mod compressor;
mod curve;
mod sliding;
mod trace;

pub use ballistics::{Ballistics, Topology};
pub use compressor::{CHUNK, Compressor, Detector, Settings};
pub use curve::Curve;
pub use sliding::{Max, Min, Sliding, Sum, Window};
pub use trace::{GainTrace, MOST_POINTS};

#[cfg(test)]
mod tests;
