//! Level and summing.

#[allow(clippy::module_inception, reason = "a file per node, named for the node")]
mod gain;

pub use gain::Gain;
