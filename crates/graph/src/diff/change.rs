//! One difference.

use serde::Serialize;
use std::fmt;

/// One difference between two graphs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The part of the file it is in.
    pub section: Section,
    /// What it is about: a node, a param, a preset, a port as in `glue.key`. Empty for the graph itself.
    pub name: String,
    /// What is other.
    #[serde(flatten)]
    pub what: What,
}

/// The parts of a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Section {
    /// The nodes.
    Node,
    /// The wires, by the port at which they end.
    Wire,
    /// What a user may turn.
    Param,
    /// Values for that.
    Preset,
    /// Other graphs.
    Use,
    /// Recordings.
    Asset,
    /// What nodes have learnt.
    Learned,
    /// What the graph says about itself.
    About,
}

/// What is other. Values are as one would write them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "change", rename_all = "kebab-case")]
pub enum What {
    /// It was not there before.
    New {
        /// What it is.
        is: String,
        /// Where in the chain, if it is a node.
        #[serde(skip_serializing_if = "Option::is_none")]
        place: Option<Place>,
    },
    /// It is not there any more.
    Removed {
        /// What it was.
        was: String,
        /// Where in the chain, if it was a node.
        #[serde(skip_serializing_if = "Option::is_none")]
        place: Option<Place>,
    },
    /// It goes by another name.
    Renamed {
        /// The name before.
        from: String,
    },
    /// It is of another kind.
    Kind {
        /// The kind before.
        was: String,
        /// What it is now.
        is: String,
    },
    /// A field has another value.
    Value {
        /// The field, as in `bands.air.gain_db`; empty when the thing itself is a value.
        field: String,
        /// Its value before; `None` where there was none.
        before: Option<String>,
        /// Its value now; `None` where there is none.
        after: Option<String>,
    },
    /// A port hears something else.
    Hears {
        /// What it heard.
        before: Vec<String>,
        /// What it hears.
        after: Vec<String>,
    },
    /// A port that hears several hears the same in another order.
    Order {
        /// What it hears.
        after: Vec<String>,
    },
    /// A node stands elsewhere in the chain.
    Moved {
        /// Where it stood.
        from: Place,
        /// Where it stands.
        to: Place,
    },
    /// The file of that name holds something else.
    Content,
}

/// Where a node stands in the chain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Place {
    /// What it hears.
    pub hears: Vec<String>,
    /// What hears it.
    pub heard_by: Vec<String>,
}

impl Change {
    pub(super) fn new(section: Section, name: impl Into<String>, what: What) -> Self {
        Self { section, name: name.into(), what }
    }

    /// The sign in front of it: `+` for what is new, `-` for what is gone, a blank for what is other.
    #[must_use]
    pub fn sign(&self) -> char {
        match self.what {
            What::New { .. } => '+',
            What::Removed { .. } => '-',
            _ => ' ',
        }
    }

    /// What it is about, as in `glue` or `preset dense`.
    #[must_use]
    pub fn subject(&self) -> String {
        let section = match self.section {
            Section::Node | Section::Wire => return self.name.clone(),
            Section::Param => "param",
            Section::Preset => "preset",
            Section::Use => "use",
            Section::Asset => "asset",
            Section::Learned => "learned",
            Section::About => "about",
        };
        format!("{section} {}", self.name).trim_end().to_owned()
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.subject(), self.what)
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::New { is, place } => write!(f, "new: {is}{}", stands(place.as_ref(), "")),
            Self::Removed { was, place } => write!(f, "removed: {was}{}", stands(place.as_ref(), "was ")),
            Self::Renamed { from } => write!(f, "was called `{from}`"),
            Self::Kind { was, is } => write!(f, "is now {is}, was {was}"),
            Self::Value { field, before, after } => {
                let field = if field.is_empty() { String::new() } else { format!("{field} ") };
                match (before, after) {
                    (Some(before), Some(after)) => write!(f, "{field}{before} → {after}"),
                    (None, Some(after)) => write!(f, "{field}new: {after}"),
                    (Some(before), None) => write!(f, "{field}removed: {before}"),
                    (None, None) => Ok(()),
                }
            }
            Self::Hears { before, after } => hears(f, before, after),
            Self::Order { after } => write!(f, "hears the same in another order: {}", after.join(", ")),
            Self::Moved { from, to } => {
                write!(f, "moved: was in front of {}, is behind {}", list(&from.heard_by), list(&to.hears))
            }
            Self::Content => f.write_str("the file holds something else"),
        }
    }
}

/// `a`, `b` and `c`.
fn list(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => "nothing".to_owned(),
    }
}

fn stands(place: Option<&Place>, was: &str) -> String {
    let Some(place) = place else { return String::new() };
    match (place.hears.is_empty(), place.heard_by.is_empty()) {
        (true, true) => String::new(),
        (true, false) => format!(", {was}in front of {}", list(&place.heard_by)),
        (false, true) => format!(", {was}behind {}", list(&place.hears)),
        (false, false) if place.hears.len() + place.heard_by.len() == 2 => {
            format!(", {was}between {} and {}", list(&place.hears), list(&place.heard_by))
        }
        (false, false) => {
            format!(", {was}behind {}, in front of {}", list(&place.hears), list(&place.heard_by))
        }
    }
}

fn hears(f: &mut fmt::Formatter<'_>, before: &[String], after: &[String]) -> fmt::Result {
    let only = |these: &[String], those: &[String]| -> Vec<String> {
        these.iter().filter(|name| !those.contains(name)).cloned().collect()
    };
    let (gone, new) = (only(before, after), only(after, before));
    match (gone.is_empty(), new.is_empty()) {
        (true, false) if before.is_empty() => write!(f, "now hears {}", list(&new)),
        (true, false) => write!(f, "now hears {} too", list(&new)),
        (false, true) if after.is_empty() => write!(f, "hears nothing any more, heard {}", list(&gone)),
        (false, true) => write!(f, "no longer hears {}", list(&gone)),
        (false, false) => write!(f, "now hears {} instead of {}", list(&new), list(&gone)),
        // The same names, some of them another number of times.
        (true, true) => write!(f, "now hears {}, heard {}", list(after), list(before)),
    }
}
