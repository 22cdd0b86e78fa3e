//! Left and right, mid and side.

mod mid_side_decode;
mod mid_side_encode;
mod width;

pub use mid_side_decode::MidSideDecode;
pub use mid_side_encode::MidSideEncode;
pub use width::Width;
