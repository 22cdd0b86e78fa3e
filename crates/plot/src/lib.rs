//! Line charts as SVG.
//!
//! A [`Chart`] has two [`Axis`]es and some [`Line`]s. Coordinates are rounded to a tenth of a pixel, so that a chart of
//! measured values is the same file on every machine, and can be kept and compared.
//!
//! ```
//! use deadwax_plot::{Axis, Chart, Line};
//!
//! let chart = Chart::new("Twice as loud", Axis::linear("in, dB", -60.0, 0.0, 10.0), Axis::linear("out, dB", -60.0, 6.0, 6.0))
//!     .with(Line::new("6 dB up", (0..=60).map(|n| (f64::from(n) - 60.0, f64::from(n) - 54.0)).collect()));
//! assert!(chart.svg().starts_with("<svg"));
//! ```

#![forbid(unsafe_code)]

mod axis;
mod chart;

pub use axis::{Axis, Tick};
pub use chart::{Chart, Line};
