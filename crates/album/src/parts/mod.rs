//! The parts of the album document as data: what each is called, what may stand in it, and what it is when nobody says.
//!
//! This is the one place that knows. The reader takes its names, ranges and choices from here; so do edits (where a part goes
//! that is not there yet), the editor's help, the schema and the reference table. What the reader makes of a part when nobody
//! says it is held against [`Absent`] by a test.

mod deliver;
mod seek;
mod table;
mod words;

pub(crate) use deliver::{DELIVERABLES, FORMATS, LOUDNESSES, MEDIA};
pub use seek::{Here, Step};
pub use table::ALBUM;
pub(crate) use table::{ABOUT, CUTS, FADE, LENGTHS, SHARED, SOURCE, STEPS, TRACK, TRIM};

/// Something in round brackets.
#[derive(Debug, PartialEq)]
pub struct Form {
    /// The name in front of the brackets; empty where there is none.
    pub name: &'static str,
    /// What messages call it.
    pub what: &'static str,
    /// What it means.
    pub help: &'static str,
    /// What stands in the brackets.
    pub inside: Inside,
}

/// What stands in the brackets of a form.
#[derive(Debug, PartialEq)]
pub enum Inside {
    /// Nothing: it is a bare word.
    Nothing,
    /// One value without a name.
    One(&'static Shape),
    /// Named parts, in the order of the format; several slices, for some are shared.
    Parts(&'static [&'static [Part]]),
}

/// A part with a name.
#[derive(Debug, PartialEq)]
pub struct Part {
    /// The name.
    pub name: &'static str,
    /// What may stand in it.
    pub shape: Shape,
    /// What it is when nobody says.
    pub absent: Absent,
    /// What it means.
    pub help: &'static str,
}

/// What a part is when nobody says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absent {
    /// The document cannot be without it.
    Refused,
    /// The same as if this were written.
    Is(&'static str),
    /// In words.
    Means(&'static str),
}

/// What may stand in a part.
#[derive(Debug, PartialEq)]
pub enum Shape {
    /// A text in quotes.
    Text(Text),
    /// A number in a range, ends included.
    Number {
        /// The lowest.
        min: f64,
        /// The highest.
        max: f64,
        /// What it counts.
        unit: &'static str,
    },
    /// A whole number in a range, ends included.
    Count {
        /// The lowest.
        min: u32,
        /// The highest.
        max: u32,
        /// What it counts.
        unit: &'static str,
    },
    /// One of these numbers.
    OneOf(&'static [u32], &'static str),
    /// `true` or `false`.
    Flag,
    /// Named parts in brackets, whose name may be left out.
    Record(&'static Form),
    /// One of these, by its name.
    Forms(&'static [Form]),
    /// Any of these.
    Either(&'static [Shape]),
    /// A list.
    List {
        /// What it lists.
        of: &'static Shape,
        /// The most that it may list.
        most: usize,
    },
    /// A map from names to something.
    Map {
        /// What has a name.
        of: &'static Shape,
        /// The most that it may hold.
        most: usize,
        /// Whether names are plain: small letters and digits, with `-` or `_` between them.
        plain: bool,
    },
    /// A map from params and fields of a graph to values.
    Values,
}

/// What a text says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text {
    /// Anything, for people.
    Words,
    /// The code of a recording.
    Isrc,
    /// A bar code.
    Barcode,
    /// A hash in hexadecimal digits.
    Sha256,
    /// A place on a disc.
    Address,
    /// The path of a recording.
    Recording,
    /// A graph: a path, a template, or one that comes with the program.
    Graph,
    /// A preset of a graph.
    Preset,
    /// A version of tracks.
    Version,
    /// A service.
    Service,
    /// A track, by its name.
    Track,
    /// The name of a side.
    Side,
}

impl Form {
    /// Its named parts, in the order of the format.
    pub fn parts(&self) -> impl Iterator<Item = &'static Part> + use<> {
        let groups = match self.inside {
            Inside::Parts(groups) => groups,
            Inside::Nothing | Inside::One(_) => &[],
        };
        groups.iter().flat_map(|group| group.iter())
    }

    /// The part called `name`.
    #[must_use]
    pub fn part(&self, name: &str) -> Option<&'static Part> {
        self.parts().find(|part| part.name == name)
    }
}

/// The form called `name` among `forms`.
#[must_use]
pub fn form(forms: &'static [Form], name: &str) -> Option<&'static Form> {
    forms.iter().find(|form| form.name == name)
}
