//! Splitting into bands.

mod crossover;

pub use crossover::{Crossover, CrossoverPhase, CrossoverSlope};
