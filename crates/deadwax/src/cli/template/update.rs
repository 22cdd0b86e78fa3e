//! `deadwax template update`.

use super::{allowed, fail, relock};
use crate::cli::Exit;
use crate::cli::args::Global;
use crate::cli::show;
use clap::Args;
use deadwax::Registry;
use deadwax::diff::diff;
use deadwax::template::{Lock, Opened, Shelf, TemplateError, TemplateName, Version, shelf};
use serde_json::{Value, json};
use std::path::Path;

/// Figures that are told of a template; more help nobody.
const MOST_FIGURES: usize = 12;

#[derive(Debug, Args)]
pub(super) struct UpdateArguments {
    /// Only this template, and what it uses.
    #[arg(value_name = "SOURCE/NAME")]
    template: Option<String>,
    /// Only tell what would change.
    #[arg(long)]
    dry_run: bool,
}

/// A template that is in another version now.
struct Moved {
    name: TemplateName,
    before: String,
    after: String,
    /// What differs between the graphs, in words; `None` where the old one is not to be had.
    differs: Option<Vec<String>>,
    /// What measures otherwise, where both were measured.
    measures: Vec<String>,
}

/// Moves the lock to the newest versions that fit, and tells what that changes.
pub(super) fn run(arguments: &UpdateArguments, global: &Global) -> Exit {
    match update(arguments, global) {
        Ok(()) => Exit::Done,
        Err(error) => fail("template-update", error, global),
    }
}

fn update(arguments: &UpdateArguments, global: &Global) -> Result<(), TemplateError> {
    let name = arguments.template.as_ref().map(|name| name.parse::<TemplateName>());
    let name = name.transpose().map_err(TemplateError::name)?;
    let shelf = shelf(Path::new("."), allowed(global))?;
    let before = shelf.lock().map_err(|error| TemplateError::shelf(error.into()))?;
    let after = shelf.update(name.as_ref()).map_err(TemplateError::shelf)?;
    let moved = moved(&shelf, &before, &after, &global.registry())?;
    let changes = before.changes(&after);
    if !arguments.dry_run {
        relock(&shelf, &before, &after, global)?;
    }
    if global.json {
        let each: Vec<Value> = moved
            .iter()
            .map(|one| {
                let (differs, measures) = (&one.differs, &one.measures);
                let (from, to) = (&one.before, &one.after);
                json!({"name": one.name.to_string(), "from": from, "to": to, "changes": differs, "measured": measures})
            })
            .collect();
        let body = json!({"templates": each, "lock": changes, "dry_run": arguments.dry_run});
        show::json("template-update", true, body, &[]);
        return Ok(());
    }
    if changes.is_empty() {
        if !global.quiet {
            show::out("everything is in the newest version that fits");
        }
        return Ok(());
    }
    show::out(&told(&moved, &before, &after, arguments.dry_run));
    Ok(())
}

fn moved(
    shelf: &Shelf,
    before: &Lock,
    after: &Lock,
    registry: &Registry,
) -> Result<Vec<Moved>, TemplateError> {
    let mut all = Vec::new();
    for (name, pin) in &after.pins {
        let Some(old) = before.pins.get(name).filter(|old| old.version != pin.version) else { continue };
        let new = Opened::pinned(name, shelf.pinned_by(after.clone()), registry)?;
        // The old one may be of a store that is gone, or no longer be what it was.
        let then = Opened::pinned(name, shelf.pinned_by(before.clone()), registry).ok();
        let differs =
            then.map(|then| diff(&then.graph, &new.graph).iter().map(ToString::to_string).collect());
        let index = shelf.index(name.source()).map_err(|error| TemplateError::shelf(error.into()))?;
        let versions = index.get(name.name()).map_or(&[][..], |listed| &listed.versions[..]);
        let measured = |version: &str| find(versions, version).and_then(|version| version.measured.as_ref());
        let (from, to) = (old.version.to_string(), pin.version.to_string());
        let mut measures = Vec::new();
        if let (Some(before), Some(after)) = (measured(&from), measured(&to)) {
            figures("", before, after, &mut measures);
        }
        all.push(Moved { name: name.clone(), before: from, after: to, differs, measures });
    }
    Ok(all)
}

fn find<'v>(versions: &'v [Version], version: &str) -> Option<&'v Version> {
    versions.iter().find(|one| one.version.to_string() == version)
}

/// Numbers at the same place that are not the same.
fn figures(at: &str, before: &Value, after: &Value, all: &mut Vec<String>) {
    let path = |step: &str| if at.is_empty() { step.to_owned() } else { format!("{at} {step}") };
    match (before, after) {
        (Value::Object(one), Value::Object(other)) => {
            for (key, value) in one {
                if let Some(after) = other.get(key) {
                    figures(&path(key), value, after, all);
                }
            }
        }
        (Value::Array(one), Value::Array(other)) => {
            for (number, (one, other)) in one.iter().zip(other).enumerate() {
                let named = one["signal"].as_str().map_or_else(|| number.to_string(), str::to_owned);
                figures(&path(&named), one, other, all);
            }
        }
        _ => {
            if let (Some(one), Some(other)) = (before.as_f64(), after.as_f64()) {
                let (one, other) = (format!("{one:.1}"), format!("{other:.1}"));
                if one != other && all.len() < MOST_FIGURES {
                    all.push(format!("{at} {one} → {other}"));
                }
            }
        }
    }
}

fn told(moved: &[Moved], before: &Lock, after: &Lock, dry_run: bool) -> String {
    let mut text = String::new();
    for one in moved {
        text.push_str(&format!("{} {} → {}\n", one.name, one.before, one.after));
        match &one.differs {
            None => text.push_str("  the old one is not here, so nothing can be told of what differs\n"),
            Some(differs) if differs.is_empty() => text.push_str("  the same graph\n"),
            Some(differs) => differs.iter().for_each(|line| text.push_str(&format!("  {line}\n"))),
        }
        one.measures.iter().for_each(|line| text.push_str(&format!("  measures {line}\n")));
    }
    let is_new = |name: &&TemplateName| !before.pins.contains_key(*name);
    for name in after.pins.keys().filter(is_new) {
        text.push_str(&format!("{name} {} is used now\n", after.pins[name].version));
    }
    for (name, pin) in before.pins.iter().filter(|(name, _)| !after.pins.contains_key(*name)) {
        text.push_str(&format!("{name} {} is not used any more\n", pin.version));
    }
    text.push_str(if dry_run { "nothing was written\n" } else { "    wrote  deadwax.lock\n" });
    text
}

#[cfg(test)]
mod tests {
    use super::figures;
    use serde_json::json;

    #[test]
    fn only_what_measures_otherwise_is_told_and_by_the_signal() {
        let of = |loud: f64, peak: f64| {
            json!([
                {"signal": "drums", "after": {"lufs": loud, "dbtp": peak}},
                {"signal": "strings", "after": {"lufs": -14.0, "dbtp": -1.0}},
            ])
        };
        let mut told = Vec::new();
        figures("", &of(-14.0, -1.0), &of(-13.0, -1.01), &mut told);
        assert_eq!(told, ["drums after lufs -14.0 → -13.0"]);
        figures("", &json!([1, {"a": []}]), &json!({"a": 2}), &mut told);
        assert_eq!(told.len(), 1, "what has another shape is not compared");
    }
}
