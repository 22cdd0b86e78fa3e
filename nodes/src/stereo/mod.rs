//! Left and right, mid and side.

mod azimuth_align;
mod balance;
mod bass_mono;
mod mid_side_decode;
mod mid_side_encode;
mod pan;
mod phase_rotate;
mod polarity;
mod widener;
mod width;

pub use azimuth_align::{AlignMode, AlignReport, AzimuthAlign};
pub use balance::{Balance, PanLaw};
pub use bass_mono::{BassMono, BassMonoPhase, BassMonoSlope};
pub use mid_side_decode::MidSideDecode;
pub use mid_side_encode::MidSideEncode;
pub use pan::Pan;
pub use phase_rotate::PhaseRotate;
pub use polarity::Polarity;
pub use widener::Widener;
pub use width::{Width, WidthPreserve};
