//! What all sheets have in common.

mod cells;
mod markup;

pub(crate) use cells::{cell, line};
pub(crate) use markup::{Shown, files, head};
