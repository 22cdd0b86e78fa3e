//! Another order of the tracks, by moving what the layout says.

use crate::read::nearest;
use deadwax_graph::edit::{EditError, Edited, reorder, tree};
use deadwax_graph::tree::{Call, Value, ValueKind};
use thiserror::Error;

/// Where a track goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To<'a> {
    /// In front of this track.
    Before(&'a str),
    /// Behind this track.
    After(&'a str),
    /// To the end of this side.
    Side(&'a str),
}

/// A track that cannot be moved.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MoveError {
    /// The text has errors of its own.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// There is no layout to move it in.
    #[error("the album has no layout")]
    NoLayout,
    /// The layout has no such track.
    #[error("the layout has no track `{name}`")]
    NoTrack {
        /// The name.
        name: String,
        /// One that is near.
        near: Option<String>,
    },
    /// The layout has no such side.
    #[error("the layout has no side `{name}`")]
    NoSide {
        /// The name.
        name: String,
        /// One that is near.
        near: Option<String>,
    },
    /// It cannot lie beside itself.
    #[error("`{0}` cannot lie beside itself")]
    Itself(String),
}

/// A step of the layout, as far as it matters here.
enum Step<'v> {
    Track(&'v str),
    Side(&'v str),
    /// A gap or a crossing.
    Between,
    Other,
}

/// Moves `track` to another place in the layout. What lies between it and the track before it goes with it (between it and the one
/// behind, where it is the first of its side), and then lies between it and its new neighbour. Comments go with the steps they are
/// about, and everything outside the layout stays as it is.
///
/// # Errors
/// When the text has errors of its own, or the layout has no such track or side.
pub fn move_track(text: &str, track: &str, to: To<'_>) -> Result<Edited, MoveError> {
    let root = tree(text)?;
    let layout = root.entry("layout").map(|layout| &layout.value).ok_or(MoveError::NoLayout)?;
    let ValueKind::List(items) = &layout.kind else { return Err(MoveError::NoLayout) };
    let steps: Vec<Step<'_>> = items.iter().map(step).collect();
    let at = place_of(&steps, track)?;
    let between = |at: usize| matches!(steps.get(at), Some(Step::Between)).then_some(at);
    let before = at.checked_sub(1);
    let first = before.is_none_or(|before| matches!(steps[before], Step::Side(_) | Step::Other));
    let with = before.and_then(between).or_else(|| between(at + 1).filter(|_| first));
    let mut order: Vec<usize> = (0..steps.len()).filter(|step| *step != at && Some(*step) != with).collect();
    let behind: Vec<usize> = with.into_iter().chain([at]).collect();
    let ahead: Vec<usize> = behind.iter().rev().copied().collect();
    let (place, moved) = match to {
        To::Before(other) | To::After(other) if other == track => {
            return Err(MoveError::Itself(track.to_owned()));
        }
        To::Before(other) => (place_of(&steps, other)?, ahead),
        To::After(other) => (place_of(&steps, other)? + 1, behind),
        To::Side(side) => (end_of(&steps, side)?, behind),
    };
    let place = order.partition_point(|step| *step < place);
    order.splice(place..place, moved);
    reorder(text, layout, &order).ok_or(MoveError::NoLayout)
}

fn step(item: &Value) -> Step<'_> {
    match &item.kind {
        ValueKind::Text(track) => Step::Track(track),
        ValueKind::Call(Call { name: Some((name, _)), items, .. }) => {
            match (name.as_str(), items.first().map(|item| &item.kind)) {
                ("Track", Some(ValueKind::Text(track))) => Step::Track(track),
                ("Side", Some(ValueKind::Text(side))) => Step::Side(side),
                ("Gap" | "Cross", _) => Step::Between,
                _ => Step::Other,
            }
        }
        _ => Step::Other,
    }
}

fn place_of(steps: &[Step<'_>], track: &str) -> Result<usize, MoveError> {
    let found = steps.iter().position(|step| matches!(step, Step::Track(name) if *name == track));
    found.ok_or_else(|| {
        let names =
            steps.iter().filter_map(|step| if let Step::Track(name) = step { Some(*name) } else { None });
        let near = nearest(track, &names.collect::<Vec<_>>()).map(str::to_owned);
        MoveError::NoTrack { name: track.to_owned(), near }
    })
}

/// Where the side has ended.
fn end_of(steps: &[Step<'_>], side: &str) -> Result<usize, MoveError> {
    let begin = steps.iter().position(|step| matches!(step, Step::Side(name) if *name == side));
    let begin = begin.ok_or_else(|| {
        let names =
            steps.iter().filter_map(|step| if let Step::Side(name) = step { Some(*name) } else { None });
        let near = nearest(side, &names.collect::<Vec<_>>()).map(str::to_owned);
        MoveError::NoSide { name: side.to_owned(), near }
    })?;
    let length = steps[begin + 1..].iter().position(|step| matches!(step, Step::Side(_)));
    Ok(length.map_or(steps.len(), |length| begin + 1 + length))
}
