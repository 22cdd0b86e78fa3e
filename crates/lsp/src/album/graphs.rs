//! The graphs that an album names.

use super::place::{Spot, entry};
use crate::outline::{World, below};
use deadwax_graph::tree::{Value, ValueKind};
use deadwax_graph::{Errors, Graph, Memory, Overrides, load, names_template};

/// The graph called `name` in an album; `None` where nobody here can know: an archive, or a template that is not locked.
pub(super) fn graph(name: &str, overrides: &Overrides, world: &World<'_>) -> Option<Result<Graph, Errors>> {
    if let Some((_, text)) = world.shipped.iter().find(|(known, _)| *known == name) {
        let file = format!("{name}.ron");
        let files = Memory::new().with(&*file, *text);
        return Some(load(world.registry, &files, &file, overrides));
    }
    if names_template(name) {
        let template = world.loader.template(name).ok()?;
        let preset = overrides.preset.clone().or(template.preset);
        let overrides = Overrides { preset, ..overrides.clone() };
        return Some(load(world.registry, &*template.files, &template.entry, &overrides));
    }
    if !name.ends_with(".ron") {
        return None;
    }
    Some(load(world.registry, world.loader, &below(name)?, overrides))
}

/// Whether a graph may be called so at all.
pub(super) fn is_known(name: &str, world: &World<'_>) -> bool {
    let is_shipped = world.shipped.iter().any(|(known, _)| *known == name);
    is_shipped || names_template(name) || name.ends_with(".ron") || name.ends_with(".dwx")
}

/// The graph that the values, the preset or the name at a place are about, where it can be had.
pub(super) fn graph_at(spot: &Spot, root: &Value, world: &World<'_>) -> Option<Graph> {
    let said = |value: &Value, part: &str| match &value.entry(part)?.value.kind {
        ValueKind::Text(name) => Some(name.clone()),
        _ => None,
    };
    let name = match spot.owner() {
        Some(("tracks", track)) => entry(root, "tracks", track)
            .and_then(|track| said(&track.value, "graph"))
            .or_else(|| said(root, "graph")),
        Some(("deliver", one)) => entry(root, "deliver", one).and_then(|one| said(&one.value, "post")),
        _ => said(root, "graph"),
    };
    graph(&name?, &Overrides::none(), world)?.ok()
}
