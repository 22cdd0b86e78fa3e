//! Compression, expansion, limiting.

mod compressor;
mod keyed;
mod limiter;

pub use compressor::{Compressor, CompressorBallistics, CompressorTopology, INFINITE_RATIO};
pub use keyed::{DynamicsDetector, GainReport, LinkLaw};
pub use limiter::{Limiter, LimiterDetector, LimiterRelease, LimiterReport};
