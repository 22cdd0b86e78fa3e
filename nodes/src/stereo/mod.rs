//! Left and right, mid and side.

mod balance;
mod mid_side_decode;
mod mid_side_encode;
mod pan;
mod polarity;
mod width;

pub use balance::{Balance, PanLaw};
pub use mid_side_decode::MidSideDecode;
pub use mid_side_encode::MidSideEncode;
pub use pan::Pan;
pub use polarity::Polarity;
pub use width::{Width, WidthPreserve};
