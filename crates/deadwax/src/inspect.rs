//! What is broken in a file, and a graph that mends it.

use deadwax_audio::{Decoder, Info, ReadError};
use deadwax_inspect::Inspector;
pub use deadwax_inspect::{Fault, FaultKind, Faults, Place, Remedy, Severity, clock};
use std::fmt::Write as _;
use std::path::Path;

/// Hears the file at `path` in bounded memory; `progress` is told how many seconds it has come.
///
/// # Errors
/// When it cannot be read.
pub fn inspect(path: &Path, progress: &dyn Fn(f64)) -> Result<(Info, Faults), ReadError> {
    let mut decoder = Decoder::open(path)?;
    let mut info = decoder.info().clone();
    let mut inspector = Inspector::new(info.rate_hz, info.channels);
    let mut frames = 0;
    while let Some(planes) = decoder.read()? {
        frames += planes.first().map_or(0, Vec::len) as u64;
        let planes: Vec<&[f64]> = planes.iter().map(Vec::as_slice).collect();
        inspector.push(&planes);
        progress(frames as f64 / f64::from(info.rate_hz));
    }
    info.frames = Some(frames);
    Ok((info, inspector.finish()))
}

/// The text of a graph called `name` that mends `faults`, each node with the reason for it; `None` when nothing is to be
/// mended, or nothing can be. `source` is the file they were found in.
#[must_use]
pub fn mending_graph(name: &str, source: &str, faults: &Faults) -> Option<String> {
    let mended: Vec<(&Fault, &Remedy)> =
        faults.faults.iter().filter_map(|fault| Some((fault, fault.remedy.as_ref()?))).collect();
    if mended.is_empty() {
        return None;
    }
    let mut nodes = String::new();
    for (fault, remedy) in &mended {
        let _ = writeln!(nodes, "        // {}: {}.", fault.kind.name(), commented(&fault.what));
        let _ = writeln!(nodes, "        // {}.", capital(&commented(&remedy.why)));
        let _ = writeln!(nodes, "        {}: {},", remedy.name, remedy.node);
    }
    let chain: Vec<&str> = mended.iter().map(|(_, remedy)| remedy.name).collect();
    let left: String = faults
        .faults
        .iter()
        .filter(|fault| fault.remedy.is_none())
        .map(|fault| format!("// Not mended: {}: {}.\n", fault.kind.name(), commented(&fault.what)))
        .collect();
    let (name, source) = (plain(name), commented(source));
    Some(format!(
        "// Mends what `deadwax inspect` found in {source}. Listen to what is taken away with `--set NAME.audition=true`.\n\
         {left}Graph(\n    format: 1,\n    about: (\n        name: \"{name}\",\n        title: \"Mending of {}\",\n    ),\n\n    \
         nodes: {{\n{nodes}    }},\n\n    wires: [\n        \"input -> {} -> output\",\n    ],\n)\n",
        plain(&source),
        chain.join(" -> ")
    ))
}

/// A text that cannot leave its line.
fn commented(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A text that cannot leave its quotes.
fn plain(text: &str) -> String {
    commented(text).replace(['"', '\\'], "'")
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
