//! Compression, limiting.

mod compressor;

pub use compressor::{Compressor, CompressorDetector, CompressorReport};
