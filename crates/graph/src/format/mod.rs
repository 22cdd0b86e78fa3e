//! The one way a file is laid out, whether a graph or an album.
//!
//! - Brackets in which the author broke a line stay broken: one part a line, four spaces deeper, a comma behind each. Brackets
//!   without a break stay on one line as long as that line fits in [`WIDTH`] columns; numbers that do not fit are filled in
//!   lines. Round and square brackets around a single part keep it on their own line, however long it is.
//! - One space behind `:` and `,`; nothing is lined up in columns, so that a changed number changes one line.
//! - Comments stay where they are, two spaces behind what stands before them or on lines of their own; of several blank lines
//!   one is left.
//! - Order, digits, quotes and words stay as they were written: the tokens are the same before and after, but for commas.

mod pieces;
mod print;

use crate::diagnostic::Diagnostic;
use crate::tree::parse;
pub(crate) use pieces::comment;

/// The columns of a line.
pub const WIDTH: usize = 120;

/// `text` laid out.
///
/// # Errors
/// What is wrong with the text; a broken text is not touched.
pub fn format(text: &str) -> Result<String, Vec<Diagnostic>> {
    let mut errors = Vec::new();
    let _ = parse(text, 0, &mut errors);
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok(print::print(&pieces::pieces(text)))
}
