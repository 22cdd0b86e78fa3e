//! What a document says must go together.

use crate::document::{Album, Element, Kind, Placed};
use deadwax_graph::diagnostic::{Code, Diagnostic};
use deadwax_graph::tree::Span;
use std::collections::BTreeMap;

/// Notes everything in `album`, which stands in `file`, that does not go together.
pub(crate) fn check(album: &Album, file: usize, errors: &mut Vec<Diagnostic>) {
    let mut check = Check { album, file, errors };
    check.codes();
    check.tracks();
    check.order();
    check.sides();
    check.deliverables();
}

struct Check<'a> {
    album: &'a Album,
    file: usize,
    errors: &'a mut Vec<Diagnostic>,
}

impl Check<'_> {
    fn say(&mut self, code: Code, message: impl Into<String>, span: &Span, label: &str, help: &str) {
        let diagnostic = Diagnostic::new(code, message, (self.file, span.clone()), label);
        self.errors.push(if help.is_empty() { diagnostic } else { diagnostic.help(help) });
    }

    /// What is said of a name in quotes that nothing has, and the fix where one is near.
    fn meant(&self, message: String, near: Option<&str>, span: &Span, label: &str) -> Diagnostic {
        let at = (self.file, span.clone());
        let diagnostic = Diagnostic::new(Code::UnknownTrack, message, at.clone(), label);
        match near {
            Some(near) => diagnostic.fix(format!("change to `{near}`"), at, format!("\"{near}\"")),
            None => diagnostic,
        }
    }

    /// No two recordings have one code.
    fn codes(&mut self) {
        let mut seen = BTreeMap::new();
        let codes = self.album.tracks.iter().filter_map(|track| Some((track, track.isrc.as_ref()?)));
        for (track, isrc) in codes {
            if let Some((first, span)) = seen.insert(isrc.value, (&track.name.value, isrc.span.clone())) {
                let message =
                    format!("`{first}` and `{}` have the same ISRC, {}", track.name.value, isrc.value);
                let at = (self.file, isrc.span.clone());
                let diagnostic = Diagnostic::new(Code::SameIsrc, message, at, "the same");
                let diagnostic = diagnostic.related((self.file, span), "as here");
                self.errors
                    .push(diagnostic.help("every recording has a code of its own; ask who gave them out"));
            }
        }
    }

    /// The layout names tracks that are there, each once.
    fn tracks(&mut self) {
        let mut laid: BTreeMap<&str, &Span> = BTreeMap::new();
        let album = self.album;
        for step in &album.layout {
            let Element::Track(name) = &step.value else { continue };
            if !album.tracks.iter().any(|track| track.name.value == *name) {
                let names: Vec<&str> = album.tracks.iter().map(|track| track.name.value.as_str()).collect();
                let near = crate::read::nearest(name, &names);
                let label = near.map_or_else(|| "unknown".into(), |near| format!("did you mean `{near}`?"));
                let message = format!("there is no track `{name}`");
                self.errors.push(self.meant(message, near, &step.span, &label));
            } else if let Some(first) = laid.insert(name, &step.span) {
                let at = (self.file, step.span.clone());
                let message = format!("`{name}` is laid out twice");
                let diagnostic = Diagnostic::new(Code::TrackTwice, message, at, "again");
                let help = "a track that comes twice is two tracks of one source";
                self.errors.push(diagnostic.related((self.file, first.clone()), "first here").help(help));
            }
        }
        for track in album.tracks.iter().filter(|track| !laid.contains_key(track.name.value.as_str())) {
            let message = format!("`{}` is nowhere in the layout", track.name.value);
            self.say(
                Code::Unlaid,
                message,
                &track.name.span,
                "left out",
                "name it in `layout`, or remove it",
            );
        }
        if laid.is_empty() && album.layout.iter().all(|step| !matches!(step.value, Element::Track(_))) {
            let span = album.layout.first().map_or(0..0, |step| step.span.clone());
            self.say(Code::BadLayout, "the layout has no track", &span, "", "name the tracks in their order");
        }
    }

    /// Gaps and crossings lie between tracks; what is hidden comes first.
    fn order(&mut self) {
        let steps: Vec<&Placed<Element>> = self.album.layout.iter().collect();
        for (at, step) in steps.iter().enumerate() {
            let before = at.checked_sub(1).map(|at| &steps[at].value);
            let after = steps.get(at + 1).map(|step| &step.value);
            let is_track = |step: Option<&Element>| matches!(step, Some(Element::Track(_)));
            let mut bad = |message: &str, help: &str| {
                self.say(Code::BadLayout, message, &step.span, "here", help);
            };
            match &step.value {
                Element::Hidden(_) if at > 0 => {
                    bad(
                        "what is hidden comes before everything else",
                        "make it the first step of the layout",
                    );
                }
                Element::Cross { .. }
                    if matches!(before, Some(Element::Side(_)))
                        || matches!(after, Some(Element::Side(_))) =>
                {
                    bad(
                        "a crossing cannot reach across sides",
                        "let the track fade out, and the next begin on its side",
                    );
                }
                Element::Cross { .. } if !is_track(before) || !is_track(after) => {
                    bad("a crossing lies between two tracks", "write it between them, without a gap");
                }
                Element::Gap(_) if matches!(after, Some(Element::Gap(_))) => {
                    bad("two gaps behind each other", "write one that is as long as both");
                }
                Element::Gap(_) if after.is_none() => {
                    bad(
                        "a gap in front of nothing",
                        "silence at the end belongs to the last track: `trim` says how much of it stays",
                    );
                }
                _ => {}
            }
        }
    }

    /// Sides have names of their own, and tracks.
    fn sides(&mut self) {
        let mut seen: BTreeMap<&str, ()> = BTreeMap::new();
        let album = self.album;
        let mut begun = false;
        for (at, step) in album.layout.iter().enumerate() {
            match &step.value {
                Element::Side(name) => {
                    begun = true;
                    if seen.insert(name, ()).is_some() {
                        let message = format!("there are two sides `{name}`");
                        self.say(Code::BadLayout, message, &step.span, "again", "give it another name");
                    }
                    let rest = album.layout[at + 1..].iter().map(|step| &step.value);
                    let next = rest.take_while(|step| !matches!(step, Element::Side(_)));
                    if !next.into_iter().any(|step| matches!(step, Element::Track(_))) {
                        let message = format!("there is no track on side `{name}`");
                        self.say(Code::BadLayout, message, &step.span, "this side", "");
                    }
                }
                Element::Track(name)
                    if !begun && album.layout.iter().any(|step| matches!(step.value, Element::Side(_))) =>
                {
                    let message = format!("`{name}` is on no side");
                    let help = "begin the layout with `Side(\"A\")`";
                    self.say(Code::BadLayout, message, &step.span, "before the first side", help);
                }
                _ => {}
            }
        }
    }

    fn deliverables(&mut self) {
        let album = self.album;
        let sides = album.layout.iter().any(|step| matches!(step.value, Element::Side(_)));
        for one in &album.deliverables {
            if matches!(one.kind, Kind::Sides { .. }) && !sides {
                let message = format!("`{}` is made of sides, and the layout has none", one.name.value);
                let help = "write `Side(\"A\")` and `Side(\"B\")` into the layout, in front of their tracks";
                self.say(Code::BadLayout, message, &one.name.span, "here", help);
            }
            if let Some(version) = &one.version {
                let versions: Vec<&str> = album
                    .tracks
                    .iter()
                    .flat_map(|track| &track.versions)
                    .map(|(name, _)| name.value.as_str())
                    .collect();
                if !versions.contains(&version.value.as_str()) {
                    let near = crate::read::nearest(&version.value, &versions);
                    let label =
                        near.map_or_else(|| "unknown".into(), |near| format!("did you mean `{near}`?"));
                    let message = format!("no track has a version `{}`", version.value);
                    self.errors.push(self.meant(message, near, &version.span, &label));
                }
            }
        }
    }
}
