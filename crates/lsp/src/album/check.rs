//! What is wrong with an album: the document itself, and what it sets in its graphs. No recording is opened.

use super::graphs::{graph, is_known};
use crate::check::Checked;
use crate::outline::World;
use deadwax_album::document::{Kind, Placed};
use deadwax_album::{Album, MOST_BYTES, read};
use deadwax_graph::diagnostic::{Code, Diagnostic, sort};
use deadwax_graph::{Errors, Overrides};
use deadwax_platforms::Platforms;
use std::collections::HashMap;

/// Graphs that are loaded for one album, each with one value set: more takes longer than anyone would wait behind a key press.
const MOST_LOADS: usize = 128;

/// Reads the album `entry`, and sees whether its graphs take what it sets in them.
#[must_use]
pub fn check(world: &World<'_>, entry: &str) -> Checked {
    let text = world.loader.read(entry, MOST_BYTES).unwrap_or_default();
    match read(entry, &text) {
        Err(Errors { diagnostics, sources }) => Checked { diagnostics, sources, plan: None },
        Ok(document) => {
            let (mut diagnostics, sources) = (document.warnings, document.sources);
            diagnostics.extend(in_graphs(&document.album, world));
            sort(&mut diagnostics);
            Checked { diagnostics, sources, plan: None }
        }
    }
}

/// What is asked of a graph, and where.
type Asked<'a> = (&'a Placed<String>, Option<&'a Placed<String>>, &'a [(Placed<String>, Placed<String>)]);

fn in_graphs(album: &Album, world: &World<'_>) -> Vec<Diagnostic> {
    let none: &[(Placed<String>, Placed<String>)] = &[];
    let whole = album.graph.iter().map(|graph| (graph, album.preset.as_ref(), none));
    let tracks = album.tracks.iter().filter_map(|track| {
        let own = track.graph.as_ref();
        let preset = track.preset.as_ref().or(album.preset.as_ref().filter(|_| own.is_none()));
        Some((own.or(album.graph.as_ref())?, preset, &track.values[..]))
    });
    let posts = album
        .deliverables
        .iter()
        .filter_map(|one| Some((one.post.as_ref()?, one.preset.as_ref(), &one.values[..])));
    let mut look = Look { world, known: HashMap::new(), told: Vec::new() };
    whole.chain(tracks).chain(posts).for_each(|asked| look.at(asked));
    look.told.extend(services(album));
    look.told
}

/// Services that there is no rule for.
fn services(album: &Album) -> Vec<Diagnostic> {
    let platforms = Platforms::built_in();
    let checked = album.deliverables.iter().flat_map(|one| match &one.kind {
        Kind::Tracks { check, .. } => &check[..],
        Kind::Disc { .. } | Kind::Sides { .. } => &[],
    });
    let unknown = checked.filter(|name| platforms.get(&name.value.to_lowercase()).is_none());
    let told = |name: &Placed<String>| {
        let message = format!("there is no rule for `{}`", name.value);
        Diagnostic::new(Code::UnknownPlatform, message, (0, name.span.clone()), "unknown")
    };
    unknown.map(told).collect()
}

/// What was set: the graph, its preset, and a value for a name.
type Setting = (String, Option<String>, Option<(String, String)>);

struct Look<'a> {
    world: &'a World<'a>,
    /// What is wrong with a graph when it is loaded so: the code, the message and the help of the first error.
    known: HashMap<Setting, Option<Diagnostic>>,
    told: Vec<Diagnostic>,
}

impl Look<'_> {
    fn at(&mut self, (name, preset, values): Asked<'_>) {
        if !is_known(&name.value, self.world) {
            let message = format!("there is no graph `{}`", name.value);
            let shipped: Vec<&str> = self.world.shipped.iter().map(|(name, _)| *name).collect();
            let help = format!(
                "a file ends in `.ron` or `.dwx`; those that come with the program are {}",
                shipped.join(", ")
            );
            let diagnostic =
                Diagnostic::new(Code::GraphNotRead, message, (0, name.span.clone()), "unknown").help(help);
            return self.tell(diagnostic);
        }
        let bare = (name.value.clone(), None, None);
        if self.wrong(bare, name) {
            return;
        }
        let with_preset = (name.value.clone(), preset.map(|preset| preset.value.clone()), None);
        if let Some(preset) = preset
            && self.wrong(with_preset.clone(), preset)
        {
            return;
        }
        for (key, value) in values {
            let setting = (
                with_preset.0.clone(),
                with_preset.1.clone(),
                Some((key.value.clone(), value.value.clone())),
            );
            self.wrong(setting, key);
        }
    }

    /// Whether a graph cannot be loaded with a setting, which is told at `place`.
    fn wrong(&mut self, setting: Setting, place: &Placed<String>) -> bool {
        if !self.known.contains_key(&setting) {
            if self.known.len() >= MOST_LOADS {
                return false;
            }
            let (name, preset, value) = setting.clone();
            let overrides = Overrides { preset, values: value.into_iter().collect() };
            let errors = graph(&name, &overrides, self.world).and_then(Result::err);
            let first = errors.and_then(|errors| errors.diagnostics.into_iter().find(Diagnostic::is_error));
            self.known.insert(setting.clone(), first);
        }
        let Some(Some(error)) = self.known.get(&setting) else { return false };
        let message = format!("in {}: {}", setting.0, error.message);
        let mut diagnostic =
            Diagnostic::new(error.code, message, (0, place.span.clone()), error.label.clone());
        diagnostic.help.clone_from(&error.help);
        self.tell(diagnostic);
        true
    }

    /// Tells something once for each place.
    fn tell(&mut self, diagnostic: Diagnostic) {
        if !self.told.contains(&diagnostic) {
            self.told.push(diagnostic);
        }
    }
}
