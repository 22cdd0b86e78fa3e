//! The album document: tracks, how loud they are beside each other, what follows what, and what is made of it.
//!
//! [`read`] reads a document in RON like a graph: every value knows its bytes, and everything that is wrong is told at once.
//! [`sequence`] lays the tracks out in exact [`Time`]; [`disc`] puts them on the grid of a compact disc and tells what that moved.
//! [`parts`] is the table of everything that may stand in a document; [`edit`] changes one value of its text, [`move_track`] the
//! order of its tracks. [`consistency`] tells which tracks stand out from the others.
//! Nothing here reads audio: how long tracks are, and what they measure, is told by whoever knows.

mod check;
pub mod consistency;
pub mod document;
pub mod edit;
mod medium;
mod on_disc;
mod order;
pub mod parts;
mod read;
mod schema;
mod sequence;
mod time;

pub use document::Album;
pub use medium::{Fit, REFERENCE_DBFS, Room};
pub use on_disc::{Moved, disc};
pub use order::{MoveError, To, move_track};
pub use read::{MOST_BYTES, Read, is_album, is_name, read};
pub use schema::schema;
pub use sequence::{Cross, Placing, Sequence, Side, sequence};
pub use time::{BadTime, Length, MOST_S, Time};
