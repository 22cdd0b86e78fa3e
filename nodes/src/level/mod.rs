//! Loudness of the whole programme.

mod aim;
mod heard;
mod here;
mod loudness;

pub use loudness::{Loudness, LoudnessAim, LoudnessExceed, LoudnessMetric, LoudnessReport, LoudnessScope};
