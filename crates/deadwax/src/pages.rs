//! The page of every error code, for `deadwax explain DW0102`.

use deadwax_graph::Code;

/// The page of `code`, in Markdown.
#[must_use]
pub fn error_page(code: Code) -> &'static str {
    code.title()
}
