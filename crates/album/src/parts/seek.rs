//! From a place in a document to what may stand there.

use super::{Form, Inside, Part, Shape, form};

/// What is between two brackets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Here {
    /// The named parts of a form.
    Parts(&'static Form),
    /// One value without a name.
    One(&'static Shape),
    /// The items of a list.
    Items(&'static Shape),
    /// The entries of a map, of which each is such a value; the flag is whether their names are plain.
    Entries(&'static Shape, bool),
    /// Values for a graph.
    Values,
}

/// A bracket that opens inside another.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// The name with a colon before it.
    pub key: Option<&'a str>,
    /// The name right in front of it.
    pub name: Option<&'a str>,
    /// `(`, `[` or `{`.
    pub open: char,
}

impl Here {
    /// What is between the brackets that a document opens one inside the other, the outermost first; `None` where nobody knows.
    pub fn within<'a>(steps: impl IntoIterator<Item = Step<'a>>) -> Option<Self> {
        let mut steps = steps.into_iter();
        let first = steps.next()?;
        let is_album = first.open == '(' && first.name == Some(super::ALBUM.name);
        let album = is_album.then_some(Self::Parts(&super::ALBUM));
        steps.try_fold(album?, |here, step| here.shape(step.key)?.inside(step.open, step.name))
    }

    /// What may stand behind `key`, or in the brackets themselves where there is none.
    #[must_use]
    pub fn shape(self, key: Option<&str>) -> Option<&'static Shape> {
        match (self, key) {
            (Self::Parts(form), Some(key)) => form.part(key).map(|part| &part.shape),
            (Self::Entries(of, _), Some(_)) => Some(of),
            (Self::One(of) | Self::Items(of), None) => Some(of),
            _ => None,
        }
    }

    /// The part called `key`.
    #[must_use]
    pub fn part(self, key: &str) -> Option<&'static Part> {
        match self {
            Self::Parts(form) => form.part(key),
            _ => None,
        }
    }
}

impl Shape {
    /// What is between the brackets of such a value, which open with `open` behind `name`.
    #[must_use]
    pub fn inside(&'static self, open: char, name: Option<&str>) -> Option<Here> {
        match (self, open) {
            (Self::Record(form), '(') if name.is_none_or(|name| name == form.name) => form.opened(),
            (Self::Forms(forms), '(') => form(forms, name?)?.opened(),
            (Self::Either(shapes), _) => shapes.iter().find_map(|shape| shape.inside(open, name)),
            (Self::List { of, .. }, '[') => Some(Here::Items(of)),
            (Self::Map { of, plain, .. }, '{') => Some(Here::Entries(of, *plain)),
            (Self::Values, '{') => Some(Here::Values),
            _ => None,
        }
    }

    /// The forms that such a value may have by their names.
    #[must_use]
    pub fn forms(&'static self) -> &'static [Form] {
        match self {
            Self::Forms(forms) => forms,
            Self::Either(shapes) => {
                shapes.iter().map(Self::forms).find(|forms| !forms.is_empty()).unwrap_or(&[])
            }
            _ => &[],
        }
    }
}

impl Form {
    fn opened(&'static self) -> Option<Here> {
        match self.inside {
            Inside::Parts(_) => Some(Here::Parts(self)),
            Inside::One(shape) => Some(Here::One(shape)),
            Inside::Nothing => None,
        }
    }
}
