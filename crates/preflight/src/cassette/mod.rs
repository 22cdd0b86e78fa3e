//! What a cassette will make of a side.
//!
//! A [`CassetteMeter`] hears the side and gives [`CassetteFigures`]; [`findings`] judges them, and [`balance`] the sides together.

mod figures;
mod judge;
mod meter;
mod saturation;

pub use figures::{Azimuth, CassetteFigures};
pub use judge::{balance, findings};
pub use meter::CassetteMeter;
pub use saturation::Saturation;
