//! The contract, as one function that every kind must pass.
//!
//! [`check`] knows nothing of a kind but what its registry entry says. It runs the node at its defaults, at its example,
//! and with every field at each end of its range, and looks at what comes out.

mod laws;
mod rig;
mod settings;
mod signals;

pub use rig::Rig;

use crate::{AnyNode, Format, Kind, Layout};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Holds `kind` to the contract; gives back what it breaks, a sentence each. Empty: it keeps it.
#[must_use]
pub fn check(kind: &Kind) -> Vec<String> {
    let mut broken = laws::documents_itself(kind);
    let formats = [Format::stereo(44_100), Format::new(48_000, Layout::Mono), Format::stereo(96_000)];
    for (name, node) in settings::main(kind) {
        if !node.problems().is_empty() {
            broken.push(format!("{name}: its own check finds {:?}", node.problems()));
            continue;
        }
        let mut runs = 0;
        for format in formats {
            runs += usize::from(guarded(&name, &mut broken, |broken| {
                laws::whole(kind, &*node, format, &name, broken)
            }));
        }
        if runs == 0 {
            broken.push(format!("{name}: works at none of {formats:?}"));
        }
    }
    for (name, node) in settings::extremes(kind) {
        if node.problems().is_empty() {
            guarded(&name, &mut broken, |broken| laws::short(&*node, formats[0], &name, broken));
        }
    }
    if let Some(node) = kind.neutral_node() {
        guarded("neutral", &mut broken, |broken| laws::latency(&*node, formats[0], broken));
    }
    broken
}

/// Runs a law; a panic breaks it. Gives back whether the node worked at the format at all.
fn guarded(name: &str, broken: &mut Vec<String>, law: impl FnOnce(&mut Vec<String>) -> bool) -> bool {
    catch_unwind(AssertUnwindSafe(|| law(broken))).unwrap_or_else(|_| {
        broken.push(format!("{name}: panicked"));
        true
    })
}

/// A rig for `node`, or `None` where the node says that it does not work at `format`.
fn rig(node: &dyn AnyNode, format: Format, all_ports: bool) -> Option<Rig> {
    Rig::new(node, format, all_ports).ok()
}
