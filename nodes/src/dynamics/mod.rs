//! Compression, limiting.

mod compressor;
mod limiter;

pub use compressor::{Compressor, CompressorDetector, CompressorReport};
pub use limiter::{Limiter, LimiterDetector, LimiterRelease, LimiterReport};
