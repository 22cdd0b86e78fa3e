//! Clipping, saturation, tape: harmonics on purpose.

mod clipper;
mod oversampling;
mod saturator;

pub use clipper::{ClipAntialias, ClipGuard, ClipReport, ClipShape, Clipper};
pub use oversampling::Oversampling;
pub use saturator::{Saturator, SaturatorCurve};
