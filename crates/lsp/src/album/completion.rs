//! What may be written at a place of an album.

use super::graphs::graph_at;
use super::place::{Spot, spot};
use crate::completion::{Sort, Suggestion, files, param_suggestion, values_of};
use crate::outline::{World, mended};
use deadwax_album::parts::{Absent, Form, Here, Inside, Part, Shape, Text};
use deadwax_graph::tree::{Span, Value, parse};
use deadwax_platforms::Platforms;

/// What may be written at byte `offset` of `text`.
#[must_use]
pub fn complete(text: &str, offset: usize, world: &World<'_>) -> Vec<Suggestion> {
    let Some(spot) = spot(text, offset) else { return Vec::new() };
    let root = parse(&mended(text, offset), 0, &mut Vec::new());
    let place = Place { spot: &spot, root: &root, world };
    match (spot.here, spot.open.key.as_deref()) {
        (Here::Parts(form), None) if spot.open.text.is_none() => place.parts(form),
        (Here::Values, None) => place.params(),
        (Here::Values, Some(name)) => place.param_values(name),
        (here, key) => here.shape(key).map(|shape| place.values(shape, here, key)).unwrap_or_default(),
    }
}

struct Place<'a> {
    spot: &'a Spot,
    root: &'a Value,
    world: &'a World<'a>,
}

impl Place<'_> {
    fn word(&self) -> &Span {
        &self.spot.open.word
    }

    /// Parts that the brackets do not have yet.
    fn parts(&self, form: &'static Form) -> Vec<Suggestion> {
        let missing = form.parts().filter(|part| !self.spot.open.has(part.name));
        let suggestion =
            |part: &Part| {
                Suggestion::new(part.name, Sort::Part, self.word())
                    .told(part.shape.words(), part.words())
                    .around(&format!("{}: ", part.name), &part.start(), "")
            };
        missing.map(suggestion).collect()
    }

    /// Values of a shape, for the part `key` of what is here.
    fn values(&self, shape: &'static Shape, here: Here, key: Option<&str>) -> Vec<Suggestion> {
        let word = self.word();
        let plain = |text: String, sort| Suggestion::new(text, sort, word);
        // Inside quotes only a text makes sense.
        if let Some(span) = &self.spot.open.text {
            return text_of(shape).map(|text| self.texts(text, span)).unwrap_or_default();
        }
        match shape {
            Shape::Flag => ["true", "false"].map(|flag| plain(flag.to_owned(), Sort::Choice)).to_vec(),
            Shape::OneOf(numbers, unit) => {
                numbers.iter().map(|number| plain(number.to_string(), Sort::Choice).told(*unit, "")).collect()
            }
            Shape::Forms(forms) => forms.iter().map(|form| self.form(form)).collect(),
            Shape::Record(form) => vec![self.form(form)],
            Shape::Either(shapes) => shapes.iter().flat_map(|shape| self.values(shape, here, key)).collect(),
            Shape::Text(text) => {
                let named = self.texts(*text, word).into_iter();
                named.map(|one| Suggestion { insert: format!("\"{}\"", one.insert), ..one }).collect()
            }
            Shape::Number { .. }
            | Shape::Count { .. }
            | Shape::List { .. }
            | Shape::Map { .. }
            | Shape::Values => {
                let part = key.and_then(|key| here.part(key));
                let default = part.and_then(|part| match part.absent {
                    Absent::Is(value) => {
                        Some(plain(value.to_owned(), Sort::Value).told("the default", part.words()))
                    }
                    Absent::Refused | Absent::Means(_) => None,
                });
                default.into_iter().collect()
            }
        }
    }

    /// A form with what it cannot be without, and the first place in it to type over.
    fn form(&self, form: &'static Form) -> Suggestion {
        let named = if form.name.is_empty() { "( )" } else { form.name };
        let plain = Suggestion::new(named, Sort::Choice, self.word()).told(form.help, words(form));
        match form.inside {
            Inside::Nothing => plain,
            Inside::One(shape) => plain.around(&format!("{}(", form.name), &shape.start(), ")"),
            Inside::Parts(_) => {
                let needed: Vec<String> = form
                    .parts()
                    .filter(|part| part.absent == Absent::Refused)
                    .map(|part| format!("{}: {}", part.name, part.shape.start()))
                    .collect();
                plain.around(&format!("{}(", form.name), &needed.join(", "), ")")
            }
        }
    }

    /// What a text may say.
    fn texts(&self, text: Text, span: &Span) -> Vec<Suggestion> {
        let each = |names: Vec<String>, sort| {
            names.into_iter().map(|name| Suggestion::new(name, sort, span)).collect()
        };
        match text {
            Text::Track => self.tracks(span),
            Text::Version => {
                let tracks = self.root.entry("tracks").map_or(&[][..], |tracks| tracks.value.entries());
                let versions = tracks.iter().filter_map(|track| track.value.entry("versions"));
                let mut names: Vec<String> =
                    versions.flat_map(|map| map.value.entries()).map(|version| version.key.clone()).collect();
                names.sort();
                names.dedup();
                each(names, Sort::Choice)
            }
            Text::Preset => {
                let graph = graph_at(self.spot, self.root, self.world);
                let presets = graph.map(|graph| graph.presets).unwrap_or_default();
                each(presets.into_iter().map(|preset| preset.name).collect(), Sort::Choice)
            }
            Text::Graph => {
                let shipped = self.world.shipped.iter().map(|(name, _)| {
                    Suggestion::new(*name, Sort::Graph, span).told("comes with the program", "")
                });
                files(&["ron", "dwx"], span, self.world).into_iter().chain(shipped).collect()
            }
            Text::Recording => {
                files(&["wav", "flac", "aiff", "aif", "caf", "mp3", "m4a", "ogg"], span, self.world)
            }
            Text::Service => {
                let names = Platforms::built_in().rules().map(|(name, _)| name.to_owned()).collect();
                each(names, Sort::Choice)
            }
            Text::Words | Text::Isrc | Text::Barcode | Text::Sha256 | Text::Address | Text::Side => {
                Vec::new()
            }
        }
    }

    /// The tracks, those that the layout does not have yet first.
    fn tracks(&self, span: &Span) -> Vec<Suggestion> {
        let laid = super::names::laid_out(self.root);
        let tracks = self.root.entry("tracks").map_or(&[][..], |tracks| tracks.value.entries());
        let mut all: Vec<_> = tracks.iter().map(|track| (laid.contains(&track.key), track)).collect();
        all.sort_by_key(|(laid, _)| *laid);
        let told = |laid: bool| if laid { "laid out already" } else { "in no place yet" };
        all.into_iter()
            .map(|(laid, track)| {
                Suggestion::new(&track.key, Sort::Node, span)
                    .told(told(laid), super::hover::track(&track.key, &track.value))
            })
            .collect()
    }

    /// Params of the graph that the values are for.
    fn params(&self) -> Vec<Suggestion> {
        let Some(graph) = graph_at(self.spot, self.root, self.world) else { return Vec::new() };
        let open = &self.spot.open;
        let missing = graph.params.iter().filter(|param| !open.has(&param.name));
        let quoted = open.text.as_ref();
        missing
            .map(|param| match quoted {
                None => param_suggestion(param, &open.word),
                Some(span) => {
                    Suggestion { insert: param.name.clone(), snippet: None, ..param_suggestion(param, span) }
                }
            })
            .collect()
    }

    fn param_values(&self, name: &str) -> Vec<Suggestion> {
        let graph = graph_at(self.spot, self.root, self.world);
        let params = graph.map(|graph| graph.params).unwrap_or_default();
        params
            .iter()
            .find(|param| param.name == name)
            .map(|param| values_of(param, self.word()))
            .unwrap_or_default()
    }
}

/// What a text of a shape says, if it may be one.
fn text_of(shape: &'static Shape) -> Option<Text> {
    match shape {
        Shape::Text(text) => Some(*text),
        Shape::Either(shapes) => shapes.iter().find_map(text_of),
        _ => None,
    }
}

/// A form and its parts, for people.
pub(super) fn words(form: &Form) -> String {
    let inside: Vec<String> = match form.inside {
        Inside::Nothing => Vec::new(),
        Inside::One(shape) => vec![format!("- {}", shape.words())],
        Inside::Parts(_) => form
            .parts()
            .map(|part| format!("- `{}`: {} ({})", part.name, part.help, part.otherwise()))
            .collect(),
    };
    format!("{}\n\n{}", form.help, inside.join("\n")).trim_end().to_owned()
}
