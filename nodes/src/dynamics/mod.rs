//! Compression, expansion, de-essing, transients, limiting.

mod compressor;
mod de_esser;
mod expander;
mod gate;
mod keyed;
mod limiter;
mod transient_shaper;
mod upward_compressor;

pub use compressor::{Compressor, CompressorBallistics, CompressorTopology, INFINITE_RATIO};
pub use de_esser::{DeEsser, DeEsserMode};
pub use expander::Expander;
pub use gate::Gate;
pub use keyed::{DynamicsDetector, GainReport, LinkLaw};
pub use limiter::{Limiter, LimiterDetector, LimiterRelease, LimiterReport};
pub use transient_shaper::TransientShaper;
pub use upward_compressor::UpwardCompressor;
