//! Compact discs on paper: what is on a disc, whether it may be, and the files that say so.
//!
//! A [`Disc`] is a list of tracks with their places in sectors. [`check`] holds it against the rules of the medium (IEC 60908,
//! the Red Book) and of plants. From the same disc come a [CUE sheet](cue), a [cdrdao TOC](toc), [CD-TEXT](cd_text), the texts of
//! a [DDP 2.00 fileset](ddp) and a [PQ sheet](pq_sheet) for people. Sides of records and cassettes have [such a sheet](side_sheet) as
//! well. Nothing here reads or writes audio or files: every function gives back bytes, or says why [there can be none](Refused).

mod address;
mod barcode;
pub mod cd_text;
mod check;
pub mod checksum;
pub mod cue;
pub mod ddp;
mod disc;
mod isrc;
pub mod latin1;
mod paper;
pub mod pq_sheet;
mod refused;
pub mod side_sheet;
pub mod toc;

pub use address::{
    BYTES_PER_SECTOR, BadAddress, FRAMES_PER_SECTOR, HIGHEST, PAUSE, PLANT_LIMIT, RATE_HZ, SECTORS_PER_S,
    SHORTEST_TRACK, Sectors,
};
pub use barcode::{BadBarcode, Barcode};
pub use check::{Problem, check};
pub use disc::{Disc, Flags, Mark, TextKind, Texts, Track};
pub use isrc::{BadIsrc, Isrc};
pub use refused::Refused;
