//! Numbers about audio.
//!
//! [`Meter`] measures everything one writes on a delivery sheet: loudness by ITU-R BS.1770-5 with EBU Tech 3341 and
//! 3342 (integrated, momentary, short-term, range), sample peak and true peak, DC and correlation.
//! [`IntegratedMeter`] measures integrated loudness alone, several times as fast; [`CourseMeter`] the power of every 100 ms.
//! All take planar `f64` in blocks of any size, and the size changes no bit of the result. A [`Pool`] takes the meters of an album's tracks together.
//!
//! Beside these: [`SpectrumMeter`] (third octaves), [`SampleMeter`] (clipped runs, used bits), [`FloorMeter`] (noise floor),
//! [`TranslationMeter`] (how a mix will do in mono, on a phone, in a club).

#![forbid(unsafe_code)]

mod course;
mod error;
mod gate;
mod hops;
mod integrated;
mod lanes;
mod layout;
mod meter;
mod overs;
mod planar;
mod pool;
mod ratio;
mod report;
mod samples;
pub mod signals;
mod spectrum;
mod translation;

pub use course::{COURSE_STEP_S, CourseMeter, power_lufs};
pub use error::MeasureError;
pub use integrated::IntegratedMeter;
pub use layout::{channel_weights, mask_weights, position_weight};
pub use meter::{Meter, Wanted};
pub use pool::{Pool, Pooled};
pub use report::{ChannelMeasured, Measured, Over, Overs, ShortTermHistory};
pub use samples::{ClipRuns, FloorMeter, SampleMeter};
pub use spectrum::{Band, SpectrumMeter};
pub use translation::{Translation, TranslationMeter};
