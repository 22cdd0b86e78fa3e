//! What a template sounds like, measured on demo signals, and what its version promises of that.

mod sound;
mod verdict;

pub use sound::{Figures, HearError, SAME_DBFS, Sound, SoundFigures, hear};
pub use verdict::{Promise, Reason, Step};

use deadwax_graph::{Errors, Graph, Overrides};
use deadwax_measure::signals::Demo;
use sound::apart;

/// A template that can be loaded with values set in it.
pub type Load<'a> = &'a dyn Fn(&Overrides) -> Result<Graph, Errors>;

/// What changed from `old` to `new` for those who use it: from outside, and to the ear, at the defaults and with every preset
/// that both have.
///
/// # Errors
/// When one of them does not load or run.
pub fn promise(old: Load<'_>, new: Load<'_>, demos: &[Demo]) -> Result<Promise, HearError> {
    let load = |load: Load<'_>, preset: Option<&str>| {
        let overrides = Overrides { preset: preset.map(str::to_owned), values: Vec::new() };
        load(&overrides).map_err(HearError::Graph)
    };
    let (before, after) = (load(old, None)?, load(new, None)?);
    let mut promise = Promise::outside(&before, &after);
    promise.heard("at its defaults", &apart(&hear(&before, demos)?, &hear(&after, demos)?));
    for preset in &before.presets {
        if after.presets.iter().all(|other| other.name != preset.name) {
            continue;
        }
        let (before, after) = (load(old, Some(&preset.name))?, load(new, Some(&preset.name))?);
        let apart = apart(&hear(&before, demos)?, &hear(&after, demos)?);
        promise.heard(&format!("with the preset \"{}\"", preset.name), &apart);
    }
    Ok(promise)
}
