//! Clipping, saturation, tape: harmonics on purpose.

mod clipper;
mod oversampling;

pub use clipper::{ClipAntialias, ClipGuard, ClipReport, ClipShape, Clipper};
pub use oversampling::Oversampling;
