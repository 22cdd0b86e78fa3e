//! Level and summing.

#[allow(clippy::module_inception, reason = "a file per node, named for the node")]
mod gain;
mod mix;

pub use gain::Gain;
pub use mix::Mix;
