//! Dynamics: from what a detector hears to a gain.
//!
//! The order is that of Giannoulis, Massberg and Reiss (*Digital dynamic range compressor design*, JAES 2012): level in
//! decibels, static curve, smoothing *behind* the curve. Attack and release are then times of the gain itself, whatever
//! the ratio. All of it runs frame by frame in absolute order, so that blocks leave no trace.

mod ballistics;
mod curve;
mod de_esser;
mod delay;
mod ear;
mod feedback;
mod link;
mod processor;
mod sliding;
mod tally;
mod trace;
mod transient;

pub use ballistics::{Ballistics, Smoothing};
pub use curve::{Curve, Expand, Law, Lift};
pub use de_esser::{DeEss, DeEsser, DeEsserMode};
pub use delay::Delay;
pub use ear::{Detector, KeyFilter};
pub use link::LinkLaw;
pub use processor::{CHUNK, Dynamics, Settings, Topology};
pub use sliding::{Max, Min, Sliding, Sum, Window};
pub use tally::Tally;
pub use trace::{GainTrace, MOST_POINTS};
pub use transient::{Transient, TransientShaper};

#[cfg(test)]
mod tests;
