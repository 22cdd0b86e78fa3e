//! `deadwax template add` and `vendor`.

use super::{allowed, fail, relock};
use crate::cli::Exit;
use crate::cli::args::Global;
use crate::cli::show;
use clap::Args;
use deadwax::Settings;
use deadwax::template::{
    Lock, Opened, Pin, Shelf, TemplateError, TemplateName, Wanted, describe, portrait, shelf,
};
use serde_json::{Value, json};
use std::path::Path;

#[derive(Debug, Args)]
pub(super) struct AddArguments {
    /// The template, as in `house/tape` or `house/tape@^1.2`; without it, everything that is locked is fetched.
    #[arg(value_name = "SOURCE/NAME[@REQ]")]
    template: Option<String>,
}

/// Fetches a template and pins it, or fetches what is pinned.
pub(super) fn run(arguments: &AddArguments, global: &Global) -> Exit {
    let done = match &arguments.template {
        Some(template) => add(template, global),
        None => fetch(global),
    };
    match done {
        Ok(()) => Exit::Done,
        Err(error) => fail("template-add", error, global),
    }
}

/// Copies everything that is locked beside the graphs.
pub(super) fn vendor(global: &Global) -> Exit {
    let copied = shelf(Path::new("."), allowed(global)).and_then(|shelf| {
        let places = shelf.vendor().map_err(TemplateError::shelf)?;
        Ok((places, shelf.lock().map_err(|error| TemplateError::shelf(error.into()))?))
    });
    let (places, lock) = match copied {
        Ok(copied) => copied,
        Err(error) => return fail("template-vendor", error, global),
    };
    let shown = |place: &Path| place.strip_prefix(".").unwrap_or(place).display().to_string();
    if global.json {
        let each: Vec<Value> = lock
            .pins
            .iter()
            .zip(&places)
            .map(|((name, pin), place)| json!({"template": pinned(name, pin), "path": shown(place)}))
            .collect();
        show::json("template-vendor", true, json!({"templates": each}), &[]);
    } else if places.is_empty() {
        show::out("nothing is locked here, so there is nothing to copy");
    } else if !global.quiet {
        let lines = places.iter().map(|place| format!("   copied  {}\n", shown(place)));
        show::out(
            &(lines.collect::<String>()
                + "     next  keep that folder with the graphs: it is looked at first\n"),
        );
    }
    Exit::Done
}

fn add(template: &str, global: &Global) -> Result<(), TemplateError> {
    let wanted: Wanted = template.parse().map_err(TemplateError::name)?;
    let shelf = shelf(Path::new("."), allowed(global))?;
    let before = shelf.lock().map_err(|error| TemplateError::shelf(error.into()))?;
    let after = shelf.add(&wanted).map_err(TemplateError::shelf)?;
    // What does not compile here is not written down.
    let opened = Opened::pinned(&wanted.name, shelf.pinned_by(after.clone()), &global.registry())?;
    relock(&shelf, &before, &after, global)?;
    let portrait = portrait(&opened, global.jobs.map_or(Settings::default().workers, usize::from));
    if global.json {
        let body = json!({
            "template": after.pins.get(&wanted.name).map(|pin| pinned(&wanted.name, pin)),
            "use": line(&wanted, &after),
            "locked": after.pins.iter().map(|(name, pin)| pinned(name, pin)).collect::<Vec<_>>(),
            "x_realtime": portrait.x_realtime,
            "passes": portrait.passes,
            "nodes": portrait.nodes,
        });
        show::json("template-add", true, body, &[]);
        return Ok(());
    }
    if !global.quiet {
        let mut text = describe(&wanted.to_string(), &opened, &portrait);
        let changes = before.changes(&after);
        match changes.is_empty() {
            true => text.push_str("   locked  deadwax.lock has it already\n"),
            false => {
                let others = changed(&before, &after);
                text.push_str(&format!("   locked  {} in {}\n", others.join(", "), shown(&shelf)));
            }
        }
        show::out(text.trim_end());
    }
    show::out(&format!("    graph  {}", line(&wanted, &after)));
    Ok(())
}

fn shown(shelf: &Shelf) -> String {
    let file = shelf.lock_file();
    file.strip_prefix(".").unwrap_or(&file).display().to_string()
}

/// What is pinned otherwise than before.
fn changed(before: &Lock, after: &Lock) -> Vec<String> {
    let new = after.pins.iter().filter(|(name, pin)| before.pins.get(*name) != Some(*pin));
    new.map(|(name, pin)| format!("{name} {}", pin.version)).collect()
}

/// The line that a graph uses the template by.
fn line(wanted: &Wanted, lock: &Lock) -> String {
    let name = wanted.name.name().replace('-', "_");
    let asked = lock.pins.get(&wanted.name).and_then(|pin| pin.asked.clone());
    let wanted =
        Wanted { requirement: asked.unwrap_or_else(|| wanted.requirement.clone()), ..wanted.clone() };
    format!("use: {{ {name}: \"{wanted}\" }}")
}

fn fetch(global: &Global) -> Result<(), TemplateError> {
    let shelf = shelf(Path::new("."), allowed(global))?;
    let fetched = shelf.fetch().map_err(TemplateError::shelf)?;
    if global.json {
        let each: Vec<Value> = fetched.iter().map(|(name, pin)| pinned(name, pin)).collect();
        show::json("template-add", true, json!({"fetched": each}), &[]);
    } else if !global.quiet {
        let lines = fetched
            .iter()
            .map(|(name, pin)| format!("  fetched  {name} {} from {}\n", pin.version, pin.origin));
        let text: String = lines.collect();
        show::out(if text.is_empty() { "everything that is locked here is on this machine" } else { &text });
    }
    Ok(())
}

/// A pin, for programs.
pub(super) fn pinned(name: &TemplateName, pin: &Pin) -> Value {
    json!({
        "name": name.to_string(),
        "version": pin.version,
        "asked": pin.asked.as_ref().map(ToString::to_string),
        "origin": pin.origin.to_string(),
        "content": pin.content,
    })
}
