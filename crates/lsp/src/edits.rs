//! Changes to a text: fixes, and values that are set.

use deadwax_graph::diagnostic::Diagnostic;
use deadwax_graph::edit::{EditError, Edited, set};
use deadwax_graph::format::format;
use deadwax_graph::tree::Span;

/// A change to a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The bytes that go.
    pub span: Span,
    /// What comes in their place.
    pub text: String,
}

impl Change {
    /// The text with the change in it.
    #[must_use]
    pub fn apply(&self, text: &str) -> String {
        format!("{}{}{}", &text[..self.span.start], self.text, &text[self.span.end..])
    }
}

/// A fix of something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// What it does.
    pub title: String,
    /// What it changes.
    pub change: Change,
}

/// The fix of what is wrong in the graph's own file, where there is just one.
#[must_use]
pub fn action(diagnostic: &Diagnostic) -> Option<Action> {
    let fix = diagnostic.fix.as_ref().filter(|fix| fix.at.0 == 0)?;
    let change = Change { span: fix.at.1.clone(), text: fix.text.clone() };
    Some(Action { title: fix.title.clone(), change })
}

/// The change that sets the field at `path` (`glue.ratio`) to `value`: the bytes of its old value, or the place where the
/// field is added.
///
/// # Errors
/// As [`set`] has them.
pub fn set_value(text: &str, path: &str, value: &str) -> Result<Change, EditError> {
    let edited = set(text, path, value)?;
    Ok(change_to(text, &edited))
}

/// The change from a text to the same with an edit in it.
pub(crate) fn change_to(text: &str, edited: &Edited) -> Change {
    // What is left of the value and right of it is the same in both, unless the field was added with its name.
    narrowed(text, &edited.text, edited.span.start, edited.text.len() - edited.span.end)
}

/// The change that lays a text out, with what is the same at both ends left alone. `None` when it is laid out.
///
/// # Errors
/// What is wrong with the text; a broken text is not touched.
pub fn lay_out(text: &str) -> Result<Option<Change>, Vec<Diagnostic>> {
    let new = format(text)?;
    Ok((new != text).then(|| narrowed(text, &new, text.len(), text.len())))
}

/// The smallest change from `text` to `new`, of which at most so many bytes stay as they are in front and behind.
fn narrowed(text: &str, new: &str, front: usize, behind: usize) -> Change {
    let (old, bytes) = (text.as_bytes(), new.as_bytes());
    let same = old.iter().zip(bytes).take_while(|(a, b)| a == b).count();
    let start = boundary(text, same.min(front), false);
    let most = (old.len() - start).min(bytes.len() - start).min(behind);
    let same = old.iter().rev().zip(bytes.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
    let end = boundary(text, old.len() - same, true);
    Change { span: start..end, text: new[start..bytes.len() - (old.len() - end)].to_owned() }
}

/// The letter's beginning at `at`: the next one, or the one before.
fn boundary(text: &str, at: usize, next: bool) -> usize {
    let mut at = at;
    while !text.is_char_boundary(at) {
        at = if next { at + 1 } else { at - 1 };
    }
    at
}
