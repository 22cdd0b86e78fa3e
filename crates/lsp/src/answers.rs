//! Who answers for a text: graphs and albums are asked the same things.

use crate::album;
use crate::check::{self, Checked};
use crate::completion::{self, Suggestion};
use crate::edits::{self, Change};
use crate::hover::{self, Told};
use crate::names::{self, RenameError, Target};
use crate::outline::World;
use deadwax_album::is_album;
use deadwax_engine::Plan;
use deadwax_graph::edit::EditError;
use deadwax_graph::tree::Span;

pub(crate) fn complete(text: &str, offset: usize, world: &World<'_>) -> Vec<Suggestion> {
    if is_album(text) {
        album::completion::complete(text, offset, world)
    } else {
        completion::complete(text, offset, world)
    }
}

pub(crate) fn hover(text: &str, offset: usize, world: &World<'_>, plan: Option<&Plan>) -> Option<Told> {
    if is_album(text) {
        album::hover::hover(text, offset, world)
    } else {
        hover::hover(text, offset, world, plan)
    }
}

pub(crate) fn definition(text: &str, offset: usize, world: &World<'_>) -> Option<Target> {
    if is_album(text) {
        album::names::definition(text, offset, world)
    } else {
        names::definition(text, offset, world)
    }
}

pub(crate) fn references(text: &str, offset: usize, with_declaration: bool) -> Vec<Span> {
    match is_album(text) {
        true => album::names::references(text, offset, with_declaration),
        false => names::references(text, offset, with_declaration),
    }
}

pub(crate) fn renamable(text: &str, offset: usize) -> Option<Span> {
    if is_album(text) { album::names::renamable(text, offset) } else { names::renamable(text, offset) }
}

pub(crate) fn rename(
    text: &str,
    offset: usize,
    new: &str,
    world: &World<'_>,
) -> Result<Vec<Change>, RenameError> {
    if is_album(text) {
        return album::names::rename(text, offset, new);
    }
    let spans = names::rename(text, offset, new, world)?;
    Ok(spans.into_iter().map(|span| Change { span, text: new.to_owned() }).collect())
}

pub(crate) fn check(text: &str, world: &World<'_>, entry: &str) -> Checked {
    if is_album(text) { album::check::check(world, entry) } else { check::check(world, entry) }
}

pub(crate) fn set_value(text: &str, path: &str, value: &str) -> Result<Change, EditError> {
    match is_album(text) {
        true => deadwax_album::edit::set(text, path, value).map(|edited| edits::change_to(text, &edited)),
        false => edits::set_value(text, path, value),
    }
}
