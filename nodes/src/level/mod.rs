//! Loudness of the whole programme.

mod aim;
mod heard;
mod here;
mod leveler;
mod loudness;
mod match_loudness;

pub use leveler::{Leveler, LevelerReport};
pub use loudness::{Loudness, LoudnessAim, LoudnessExceed, LoudnessMetric, LoudnessReport, LoudnessScope};
pub use match_loudness::{MatchLoudness, MatchLoudnessReport, MatchMetric};
