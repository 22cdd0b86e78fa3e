//! What a record will make of a side.
//!
//! A [`VinylMeter`] hears the side and gives [`VinylFigures`]; [`findings`] judges them. The side is put through the recording curve
//! (IEC 60098: 3180, 318 and 75 µs) and scaled, which gives the velocity of each wall of the groove; integrated it gives how far
//! the walls move, and with the radius, which falls evenly over the side, how fast the groove passes by. All figures are
//! estimates of an uncompensated cut at a reference level: the one who cuts decides.

mod bass;
mod course;
mod distribution;
mod figures;
mod geometry;
mod groove;
mod judge;
mod land;
mod meter;
mod order;
mod sibilance;
mod treble;

pub use bass::{Bass, Stretch};
pub use course::Part;
pub use figures::{Clipping, Met, VinylFigures};
pub use geometry::{MOST_PITCH_UM, Record, Size, Speed};
pub use groove::REFERENCE_CM_S;
pub use judge::findings;
pub use land::{BASE_WIDTH_UM, Land, Revolution};
pub use meter::VinylMeter;
pub use order::Swap;
pub use sibilance::{Hiss, Sibilance};
pub use treble::{Extreme, Treble};
