//! The Deadwax graph document.

pub mod model;
