//! Help with albums: the same answers as for graphs, from the table of what may stand in an album.

pub mod check;
pub mod completion;
mod graphs;
pub mod hover;
pub mod names;
mod place;
