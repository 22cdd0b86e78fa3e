//! Clipping, saturation, tape: harmonics on purpose.

mod clipper;
#[cfg(test)]
mod measure;
mod oversampling;
mod saturator;
mod tape;
mod transformer;

pub use clipper::{ClipAntialias, ClipGuard, ClipReport, ClipShape, Clipper};
pub use oversampling::Oversampling;
pub use saturator::{Saturator, SaturatorCurve};
pub use tape::Tape;
pub use transformer::{Transformer, TransformerCore};
