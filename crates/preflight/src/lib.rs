//! What a programme will meet where it is sent: on services, on a record, on tape.
//!
//! Everything here warns and nothing blocks: a [`Finding`] says what was measured and what one might do. Records and tape are
//! estimates, and the one who cuts or copies decides.

#![forbid(unsafe_code)]

pub mod cassette;
pub mod file;
mod finding;
mod seam;
mod side;
pub mod vinyl;

pub use finding::{Check, Finding, Weight};
pub use seam::{EDGE_FRAMES, FileEdges, Seam};
pub use side::{Edges, FLOOR_DBFS, LEAST_RATE_HZ, Meeting, Peak, Side, SideError, SideTrack};
