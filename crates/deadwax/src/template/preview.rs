//! What is made when a template is packed: its drawing with levels, and what it does to the demo signals.

use super::error::TemplateError;
use super::opened::Opened;
use crate::draw;
use crate::levels::levels_of_demo;
use crate::promise::{Sound, SoundFigures, hear};
use crate::render::Settings;
use deadwax_measure::signals::Demo;
use deadwax_template::{Package, PackageError};
use serde_json::{Value, json};
use std::path::Path;

/// The drawing of the graph in a package.
pub const DRAWING: &str = "preview/drawing.svg";

/// What was measured, in a package.
pub const MEASURED: &str = "preview/measured.json";

/// Everything below this in a package is made when it is packed.
pub(super) const PREVIEW: &str = "preview/";

/// What a person has to say about the graph.
const PAGE: &str = "README.md";

/// A template, ready to be packed.
pub(super) struct Previewed {
    /// With its drawing and what was measured.
    pub(super) package: Package,
    /// What was measured.
    pub(super) measured: Value,
    /// The figures of every demo signal.
    pub(super) figures: Vec<SoundFigures>,
}

/// Hears and draws the template that was found at `path`. The same bytes on every machine.
pub(super) fn previewed(opened: &Opened, path: &Path, demos: &[Demo]) -> Result<Previewed, TemplateError> {
    let unheard = |cause| TemplateError::Hear { path: path.to_owned(), cause: Box::new(cause) };
    let figures: Vec<SoundFigures> =
        hear(&opened.graph, demos).map_err(unheard)?.iter().map(Sound::figures).collect();
    let late_ms = opened.plan.wires.iter().map(|wire| wire.late_ms).fold(0.0, f64::max);
    let mut measured = json!({
        "deadwax": env!("CARGO_PKG_VERSION"),
        "passes": opened.plan.passes.len(),
        "late_ms": late_ms,
        "signals": figures,
    });
    let asked: Vec<&str> = opened.asked().collect();
    if !asked.is_empty() {
        measured["stood_in_for"] = json!(asked);
    }
    let text = serde_json::to_string_pretty(&measured).unwrap_or_default() + "\n";
    let settings = Settings { workers: 1, portable: true, ..Settings::default() };
    let levels = demos.first().map(|demo| levels_of_demo(&opened.graph, demo, &settings));
    let drawing = draw::svg(&opened.graph, &levels.and_then(Result::ok).unwrap_or_default());
    let package = with_page(opened.package.clone())
        .and_then(|package| package.with(MEASURED, text.into_bytes()))
        .and_then(|package| package.with(DRAWING, drawing.into_bytes()))
        .map_err(|cause| TemplateError::Package { path: path.to_owned(), cause })?;
    Ok(Previewed { package, measured, figures })
}

/// The same package, in which the page about the graph shows the drawing that is in the package: beside a graph file it
/// shows `pictures/NAME.svg`.
///
/// # Errors
/// When the page gets larger than there is room.
pub(super) fn with_page(package: Package) -> Result<Package, PackageError> {
    let Some(page) = package.file(PAGE).and_then(|page| std::str::from_utf8(page).ok()) else {
        return Ok(package);
    };
    let shown = page.replace(&format!("(pictures/{}.svg)", package.about().name), &format!("({DRAWING})"));
    if shown == page { Ok(package) } else { package.with(PAGE, shown.into_bytes()) }
}
