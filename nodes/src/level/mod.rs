//! Loudness of the whole programme.

mod aim;
mod loudness;

pub use loudness::{Loudness, LoudnessAim, LoudnessReport};
