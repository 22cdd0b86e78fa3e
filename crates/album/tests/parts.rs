//! The table of parts says what the reader does: every part is read, ranges and choices are those of the reader, and so is what a
//! part is when nobody says.

use deadwax_album::parts::{ALBUM, Absent, Form, Inside, Part, Shape, Text};
use deadwax_album::{Read, read};
use deadwax_graph::diagnostic::Code;
use deadwax_graph::{Diagnostic, Errors};
use std::collections::BTreeSet;
use std::rc::Rc;

/// A document with a text in the place of something.
type With = Rc<dyn Fn(&str) -> String>;

/// A place in a document, and documents with something in it.
struct Place {
    path: String,
    with: With,
}

/// Everything in the table, each with documents around it.
#[derive(Default)]
struct Places {
    shapes: Vec<(Place, &'static Shape)>,
    /// A part: documents with it, and with its form as it is without it.
    parts: Vec<(Place, &'static Part, String)>,
}

/// Something that may stand there.
fn sample(shape: &Shape) -> String {
    match shape {
        Shape::Text(text) => format!("{:?}", text_sample(*text)),
        Shape::Number { min, .. } => min.to_string(),
        Shape::Count { min, .. } => min.to_string(),
        Shape::OneOf(numbers, _) => numbers[0].to_string(),
        Shape::Flag => "true".into(),
        Shape::Record(form) => with_parts(form, None),
        Shape::Forms(forms) => form_sample(&forms[0]),
        Shape::Either(shapes) => sample(&shapes[0]),
        Shape::List { of, .. } => format!("[{}]", sample(of)),
        Shape::Map { of, .. } => format!("{{ live: {} }}", sample(of)),
        Shape::Values => "{ loudness: -12 }".into(),
    }
}

fn text_sample(text: Text) -> &'static str {
    match text {
        Text::Isrc => "GBAAA2600001",
        Text::Barcode => "0123456789012",
        Text::Sha256 => "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        Text::Address => "70:00:00",
        Text::Track => "a",
        Text::Version => "live",
        _ => "x",
    }
}

fn form_sample(form: &Form) -> String {
    match form.inside {
        Inside::Nothing => form.name.into(),
        Inside::One(shape) => format!("{}({})", form.name, sample(shape)),
        Inside::Parts(_) => with_parts(form, None),
    }
}

/// A form with everything that it cannot be without, and one part more.
fn with_parts(form: &Form, more: Option<(&str, &str)>) -> String {
    let needed = form.parts().filter(|part| part.absent == Absent::Refused);
    let needed = needed.filter(|part| more.is_none_or(|(name, _)| name != part.name));
    let mut all: Vec<String> = needed.map(|part| format!("{}: {}", part.name, sample(&part.shape))).collect();
    all.extend(more.map(|(name, value)| format!("{name}: {value}")));
    format!("{}({})", form.name, all.join(", "))
}

/// A step in a layout in which it can stand.
fn layout(step: &str) -> String {
    let name = step.split('(').next().unwrap();
    match name {
        "Hidden" => format!("[{step}, Side(\"A\"), \"a\", \"b\"]"),
        "Side" => format!("[{step}, \"a\", \"b\"]"),
        "Gap" | "Cross" => format!("[Side(\"A\"), \"a\", {step}, \"b\"]"),
        _ => format!("[Side(\"A\"), {step}, \"b\"]"),
    }
}

const TRACKS: &str =
    "a: Track(source: \"a.wav\"), b: Track(source: \"b.wav\", versions: { live: \"c.wav\" })";

/// The whole document with one part.
fn document(part: &str, value: &str) -> String {
    let base =
        [("format", "1".to_owned()), ("tracks", format!("{{ {TRACKS} }}")), ("layout", layout("\"a\""))];
    let mut all: Vec<String> = base
        .iter()
        .filter(|(name, _)| *name != part)
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    all.push(format!("{part}: {value}"));
    format!("Album({})", all.join(", "))
}

impl Places {
    fn all() -> Self {
        let mut places = Self::default();
        for part in ALBUM.parts() {
            let with: With = Rc::new(move |value| document(part.name, value));
            places.part(part, part.name.to_owned(), &with, document("format", "1"));
        }
        assert!(places.parts.len() > 100, "{}", places.parts.len());
        places
    }

    fn part(&mut self, part: &'static Part, path: String, with: &With, without: String) {
        self.parts.push((Place { path: path.clone(), with: with.clone() }, part, without));
        self.shape(&part.shape, path, with);
    }

    fn shape(&mut self, shape: &'static Shape, path: String, with: &With) {
        self.shapes.push((Place { path: path.clone(), with: with.clone() }, shape));
        let outer = with.clone();
        match shape {
            Shape::Record(form) => self.form(form, &path, with),
            Shape::Forms(forms) => forms.iter().for_each(|form| self.form(form, &path, with)),
            Shape::Either(shapes) => {
                for shape in *shapes {
                    self.shape(shape, path.clone(), with);
                }
            }
            Shape::List { of, .. } if path == "layout" => {
                self.shape(of, path, &(Rc::new(move |step: &str| outer(&layout(step))) as With));
            }
            Shape::List { of, .. } => {
                self.shape(of, path, &(Rc::new(move |item: &str| outer(&format!("[{item}]"))) as With));
            }
            Shape::Map { of, .. } if path == "tracks" => {
                let track = move |track: &str| {
                    outer(&format!("{{ {} }}", TRACKS.replacen("Track(source: \"a.wav\")", track, 1)))
                };
                self.shape(of, path, &(Rc::new(track) as With));
            }
            Shape::Map { of, .. } => {
                self.shape(
                    of,
                    path,
                    &(Rc::new(move |one: &str| outer(&format!("{{ one: {one} }}"))) as With),
                );
            }
            _ => {}
        }
    }

    fn form(&mut self, form: &'static Form, path: &str, with: &With) {
        let path = format!("{path}.{}", form.name);
        if let Inside::One(shape) = form.inside {
            let outer = with.clone();
            let one: With = Rc::new(move |value| outer(&format!("{}({value})", form.name)));
            self.shape(shape, path.clone(), &one);
        }
        for part in form.parts() {
            let outer = with.clone();
            let one: With = Rc::new(move |value| outer(&with_parts(form, Some((part.name, value)))));
            self.part(part, format!("{path}.{}", part.name), &one, with(&with_parts(form, None)));
        }
    }
}

/// Whether a document with `value` at a place is refused, for something in the value.
fn refused(place: &Place, value: &str) -> bool {
    let text = (place.with)(value);
    let start = (place.with)("\u{1}").find('\u{1}').unwrap();
    // In the layout, where something stands depends on what it is.
    let start = if text[start..].starts_with(value) { start } else { text.find(value).unwrap() };
    let within = |error: &Diagnostic| {
        let span = error.at.as_ref().map_or(0..0, |(_, span)| span.clone());
        error.is_error() && span.start < start + value.len() && start < span.end
    };
    matches!(read("album.ron", &text), Err(Errors { diagnostics, .. }) if diagnostics.iter().any(within))
}

fn taken(place: &Place, value: &str) -> Read {
    let text = (place.with)(value);
    read("album.ron", &text)
        .unwrap_or_else(|errors| panic!("{} = {value}: {text}\n{:#?}", place.path, errors.diagnostics))
}

#[test]
fn every_part_is_read_and_refuses_another_shape() {
    for (place, shape) in Places::all().shapes {
        let good = match place.path.as_str() {
            "tracks" if matches!(shape, Shape::Map { .. }) => format!("{{ {TRACKS} }}"),
            "layout" if matches!(shape, Shape::List { .. }) => layout("\"a\""),
            _ => sample(shape),
        };
        taken(&place, &good);
        assert!(refused(&place, "'x'"), "{}: nobody looks at it", place.path);
    }
}

#[test]
fn ranges_are_those_of_the_reader() {
    for (place, shape) in Places::all().shapes {
        let (inside, outside) = match shape {
            Shape::Number { min, max, .. } => {
                ([min.to_string(), max.to_string()], [min - 0.5, max + 0.5].map(|n| n.to_string()))
            }
            Shape::Count { min, max, .. } => (
                [min.to_string(), max.to_string()],
                [i64::from(*min) - 1, i64::from(*max) + 1].map(|n| n.to_string()),
            ),
            _ => continue,
        };
        inside.iter().for_each(|value| drop(taken(&place, value)));
        outside.iter().for_each(|value| assert!(refused(&place, value), "{} = {value}", place.path));
    }
}

#[test]
fn choices_are_those_of_the_reader() {
    for (place, shape) in Places::all().shapes {
        match shape {
            Shape::OneOf(numbers, _) => {
                for number in 0..64 {
                    let value = number.to_string();
                    if numbers.contains(&number) {
                        taken(&place, &value);
                    } else {
                        assert!(refused(&place, &value), "{} = {value}", place.path);
                    }
                }
            }
            Shape::Forms(forms) => {
                forms.iter().for_each(|form| drop(taken(&place, &form_sample(form))));
                assert!(refused(&place, "Nonsense"), "{}", place.path);
            }
            Shape::Record(form) => {
                assert!(refused(&place, &format!("Nonsense{}", &form_sample(form)[form.name.len()..])))
            }
            Shape::Text(text) => {
                let checked = matches!(
                    text,
                    Text::Isrc | Text::Barcode | Text::Sha256 | Text::Address | Text::Track | Text::Version
                );
                assert_eq!(refused(&place, "\"nonsense\""), checked, "{}", place.path);
            }
            _ => {}
        }
    }
}

#[test]
fn lists_and_maps_hold_as_many_as_the_table_says() {
    for (place, shape) in Places::all().shapes {
        let (most, text) = match shape {
            Shape::List { of, most } => (*most, format!("[{}]", vec![sample(of); most + 1].join(", "))),
            Shape::Map { of, most, .. } => {
                let each: Vec<String> = (0..=*most).map(|n| format!("x{n}: {}", sample(of))).collect();
                (*most, format!("{{ {} }}", each.join(", ")))
            }
            _ => continue,
        };
        let errors = read("album.ron", &(place.with)(&text)).unwrap_err();
        let told = errors.diagnostics.iter().filter(|error| error.code == Code::WrongLength);
        let told: Vec<&str> = told.map(|error| error.message.as_str()).collect();
        assert!(
            told.iter().any(|told| told.ends_with(&format!("{most} are allowed"))),
            "{}: {told:?}",
            place.path
        );
    }
}

/// What was read, but for where it stands.
fn meaning(read: &Read) -> String {
    let shown = format!("{:?}", read.album);
    let mut parts = shown.split("span: ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| all + part.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.'))
}

#[test]
fn a_default_is_the_same_as_if_it_were_written() {
    let mut held = 0;
    for (place, part, without) in Places::all().parts {
        let Absent::Is(value) = part.absent else { continue };
        let said = meaning(&taken(&place, value));
        let silent = read("album.ron", &without)
            .unwrap_or_else(|errors| panic!("{without}\n{:#?}", errors.diagnostics));
        assert_eq!(said, meaning(&silent), "{} = {value}", place.path);
        held += 1;
    }
    assert!(held > 50, "{held}");
}

#[test]
fn what_a_document_cannot_be_without_is_asked_for() {
    for (place, part, _) in Places::all().parts {
        if part.absent == Absent::Refused {
            let given = format!("{}: \u{1}", part.name);
            let text = (place.with)("\u{1}").replace(&format!(", {given}"), "").replace(&given, "");
            assert!(!text.contains('\u{1}'), "{text}");
            assert!(read("album.ron", &text).is_err(), "{}: {text}", place.path);
        }
    }
}

#[test]
fn names_are_there_once_and_everything_is_told() {
    let mut forms = BTreeSet::new();
    for (place, part, _) in Places::all().parts {
        assert!(!part.help.is_empty() && !part.help.ends_with('.'), "{}", place.path);
        assert!(forms.insert(place.path.clone()), "{} is there twice", place.path);
        assert!(!part.words().is_empty() && !part.start().is_empty());
    }
}
