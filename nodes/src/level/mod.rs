//! Loudness of the whole programme.

mod aim;
mod heard;
mod here;
mod leveler;
mod loudness;

pub use leveler::{Leveler, LevelerReport};
pub use loudness::{Loudness, LoudnessAim, LoudnessExceed, LoudnessMetric, LoudnessReport, LoudnessScope};
