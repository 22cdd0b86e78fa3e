//! Changes to a text: fixes, and values that are set.

use deadwax_graph::diagnostic::Diagnostic;
use deadwax_graph::edit::{EditError, set};
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
    let (old, new) = (text.as_bytes(), edited.text.as_bytes());
    // What is left of the value and right of it is the same in both, unless the field was added with its name.
    let same = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let start = boundary(text, same.min(edited.span.start), false);
    let most = (old.len() - start).min(new.len() - edited.span.end);
    let behind = old.iter().rev().zip(new.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
    let end = boundary(text, old.len() - behind, true);
    let behind = old.len() - end;
    Ok(Change { span: start..end, text: edited.text[start..new.len() - behind].to_owned() })
}

/// The letter's beginning at `at`: the next one, or the one before.
fn boundary(text: &str, at: usize, next: bool) -> usize {
    let mut at = at;
    while !text.is_char_boundary(at) {
        at = if next { at + 1 } else { at - 1 };
    }
    at
}
