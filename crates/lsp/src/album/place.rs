//! What may stand at a place of an album, told from what is open there.

use deadwax_album::parts::{Here, Step};
use deadwax_graph::tree::{Bracket, Entry, Open, Value, open_at};

/// A place between brackets that the table knows.
pub(super) struct Spot {
    /// What is open there.
    pub(super) open: Open,
    /// What is between the innermost brackets.
    pub(super) here: Here,
}

/// The place at byte `offset`; `None` in a comment, and where nobody knows what may stand.
pub(super) fn spot(text: &str, offset: usize) -> Option<Spot> {
    let open = open_at(text, offset);
    let step = |bracket: &'_ Bracket| (bracket.key.clone(), bracket.name.clone(), bracket.open);
    let steps: Vec<_> = open.brackets.iter().map(step).collect();
    let steps = steps.iter().map(|(key, name, open)| Step {
        key: key.as_deref(),
        name: name.as_deref(),
        open: *open,
    });
    let here = Here::within(steps).filter(|_| !open.comment)?;
    Some(Spot { open, here })
}

impl Spot {
    /// The name of the track or deliverable around the place, and the part of the album that it is in.
    pub(super) fn owner(&self) -> Option<(&str, &str)> {
        let part = self.open.brackets.get(1)?.key.as_deref()?;
        Some((part, self.open.brackets.get(2)?.key.as_deref()?))
    }
}

/// An entry of a part of the album.
pub(super) fn entry<'v>(root: &'v Value, part: &str, name: &str) -> Option<&'v Entry> {
    root.entry(part)?.value.entry(name)
}
