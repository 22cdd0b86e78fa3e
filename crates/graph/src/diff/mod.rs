//! What differs between two graphs, in words and as plain data.
//!
//! Graphs are compared as they run: digits (`2` and `2.0`), a default that is only written out, order and comments are no
//! difference. A node that goes by another name is recognised, and one that moved along its chain is said to have moved.

mod change;
mod declared;
mod nodes;
mod parts;
mod units;
mod wires;
mod wiring;
mod written;

pub use change::{Change, Place, Section, What};

use crate::model::Graph;
use units::Matched;

/// What of `after` is not as in `before`: nodes first, in the order of the file, then wires, then the other parts.
#[must_use]
pub fn diff(before: &Graph, after: &Graph) -> Vec<Change> {
    let matched = Matched::new(before, after);
    let mut all = nodes::changes(&matched);
    all.retain(|change| !parts::is_driven(&matched, change));
    all.extend(wires::changes(&matched));
    all.extend(parts::changes(&matched));
    all
}
