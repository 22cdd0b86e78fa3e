//! Measures, and leaves the sound alone.

#[allow(clippy::module_inception, reason = "a file per node, named for the node")]
mod probe;

pub use probe::{
    LevelsReport, LoudnessFigures, NoiseReport, Probe, ProbeReport, ProbeShow, ReductionReport, StereoReport,
};
