//! Parameters: what they are called, what they may be, and what they are when nobody says.
//!
//! # The `params` attribute
//!
//! ```
//! use deadwax_node::{Params, params};
//!
//! #[params]
//! pub struct Gain {
//!     #[param(default = 0.0, range = -120.0..=48.0, help = "how much louder")]
//!     pub gain_db: f64,
//! }
//!
//! assert_eq!(Gain::default().gain_db, 0.0);
//! assert_eq!(Gain::fields()[0].unit.symbol(), "dB");
//! ```
//!
//! `default` is any expression of the field's type (else `Default`), `range` a closed range (numbers, and the numbers in a
//! list), `len` a closed range for the number of entries of a list or map, `unit` overrides the unit that the name ends
//! in, `help` a few words in lower case.

use indexmap::IndexMap;
use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer};
use std::fmt;

/// What a number counts, read off the end of its field's name (`attack_ms` → ms).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit(&'static str);

impl Unit {
    /// Endings of field names and the units they mean; longer endings first.
    const ENDINGS: [(&'static str, &'static str); 13] = [
        ("_db_oct", "dB/oct"),
        ("_frames", "frames"),
        ("_dbtp", "dBTP"),
        ("_lufs", "LUFS"),
        ("_bits", "bit"),
        ("_deg", "°"),
        ("_pct", "%"),
        ("_oct", "oct"),
        ("_lu", "LU"),
        ("_db", "dB"),
        ("_hz", "Hz"),
        ("_ms", "ms"),
        ("_s", "s"),
    ];

    /// The unit that a field's name ends in. A plural (`freqs_hz`) ends the same way.
    #[must_use]
    pub fn of_field(name: &str) -> Self {
        Self::ENDINGS
            .iter()
            .find(|(ending, _)| name.ends_with(ending))
            .map_or(Self(""), |(_, unit)| Self(unit))
    }

    /// A unit by its symbol.
    #[must_use]
    pub const fn named(symbol: &'static str) -> Self {
        Self(symbol)
    }

    /// How it is written behind a number; empty for a plain number.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        self.0
    }

    /// `value` with its unit, as in `-14 LUFS`.
    #[must_use]
    pub fn show(self, value: f64) -> String {
        if self.0.is_empty() { format!("{value}") } else { format!("{value} {}", self.0) }
    }
}

impl Serialize for Unit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

/// One parameter of a node, or of an entry in a map or list of a node.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Field {
    /// The name in the file.
    pub name: &'static str,
    /// What its number counts.
    pub unit: Unit,
    /// What it does, in a few words.
    pub help: &'static str,
    /// What it may be.
    pub kind: FieldKind,
    /// What it is when the file does not say.
    pub default: serde_json::Value,
}

/// What a field may be.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum FieldKind {
    /// A number from `min` to `max`, both included.
    Number {
        /// The least.
        min: f64,
        /// The most.
        max: f64,
        /// Whether only whole numbers are meant.
        integer: bool,
        /// Whether it may change over time: a curve may stand in its place ([`Auto`](crate::Auto)).
        curve: bool,
    },
    /// `true` or `false`.
    Bool,
    /// Text.
    Text,
    /// One of some bare words.
    Choice(Vec<Choice>),
    /// A list.
    List {
        /// What each entry may be.
        item: Box<FieldKind>,
        /// The fewest entries.
        min_len: usize,
        /// The most entries.
        max_len: usize,
    },
    /// A map from names to entries.
    Map {
        /// What each entry may be.
        item: Box<FieldKind>,
        /// The most entries.
        max_len: usize,
    },
    /// One of several forms, each with fields of its own.
    Variants(Vec<Variant>),
    /// Something that may be left out, without a default.
    Optional(Box<FieldKind>),
}

/// One of the bare words of a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// The word.
    pub name: &'static str,
    /// What it does.
    pub help: &'static str,
}

/// One of the forms of an entry.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Variant {
    /// The name in front of the brackets.
    pub name: &'static str,
    /// What it does.
    pub help: &'static str,
    /// The fields between them.
    pub fields: Vec<Field>,
}

/// The limits that stand in a field's attribute.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Limits {
    /// Least and most, of a number or of the numbers in a list.
    pub range: Option<(f64, f64)>,
    /// Fewest and most entries of a list or map.
    pub len: Option<(usize, usize)>,
}

/// The most entries of a list or map that names no limit of its own.
const DEFAULT_MAX_LEN: usize = 64;

/// Where in a node a value stands, as in `bands.air.gain_db`.
#[derive(Clone, Debug, Default)]
pub struct FieldPath(Vec<String>);

impl FieldPath {
    /// Goes one step in.
    pub fn push(&mut self, step: impl Into<String>) {
        self.0.push(step.into());
    }

    /// Goes one step out.
    pub fn pop(&mut self) {
        self.0.pop();
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("."))
    }
}

/// Something about a value that its type does not forbid, but its meaning does.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// Where, as in `bands.air.gain_db` or `freqs_hz.1` (entries of a list count from 0). Empty: the node as a whole.
    pub path: String,
    /// What.
    pub kind: ProblemKind,
}

/// What is wrong with a value.
#[derive(Clone, Debug, PartialEq)]
pub enum ProblemKind {
    /// A number below its least or above its most.
    OutOfRange {
        /// The number.
        value: f64,
        /// The least.
        min: f64,
        /// The most.
        max: f64,
    },
    /// NaN or infinite.
    NotFinite,
    /// Too few or too many entries.
    Length {
        /// How many there are.
        len: usize,
        /// The fewest.
        min: usize,
        /// The most.
        max: usize,
    },
    /// A rule of the node between several fields.
    Rule {
        /// The rule that is broken, in a sentence without a full stop.
        reason: String,
        /// What to do, in a sentence without a full stop.
        help: String,
    },
}

impl Problem {
    /// A broken rule of the node.
    pub fn rule(path: impl Into<String>, reason: impl Into<String>, help: impl Into<String>) -> Self {
        Self { path: path.into(), kind: ProblemKind::Rule { reason: reason.into(), help: help.into() } }
    }
}

/// A struct of parameters. Implemented by the [`params`](crate::params) attribute.
pub trait Params: Default + Serialize + DeserializeOwned {
    /// Every field, in order.
    fn fields() -> Vec<Field>;
    /// Adds what is wrong with the values to `problems`.
    fn check_fields(&self, path: &mut FieldPath, problems: &mut Vec<Problem>);
}

/// Something a field may hold.
pub trait ParamValue: Serialize + DeserializeOwned {
    /// What such a field may be, within `limits`.
    fn describe(limits: &Limits) -> FieldKind;
    /// Adds what is wrong with the value to `problems`.
    fn check(&self, limits: &Limits, path: &mut FieldPath, problems: &mut Vec<Problem>);
    /// The value as plain data.
    fn to_plain(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or(serde_json::Value::Null)
    }
}

pub(crate) fn check_number(value: f64, limits: &Limits, path: &FieldPath, problems: &mut Vec<Problem>) {
    let (min, max) = limits.range.unwrap_or((f64::MIN, f64::MAX));
    let kind = if !value.is_finite() {
        ProblemKind::NotFinite
    } else if value < min || value > max {
        ProblemKind::OutOfRange { value, min, max }
    } else {
        return;
    };
    problems.push(Problem { path: path.to_string(), kind });
}

fn check_length(len: usize, limits: &Limits, path: &FieldPath, problems: &mut Vec<Problem>) {
    let (min, max) = limits.len.unwrap_or((0, DEFAULT_MAX_LEN));
    if len < min || len > max {
        problems.push(Problem { path: path.to_string(), kind: ProblemKind::Length { len, min, max } });
    }
}

macro_rules! number {
    ($type:ty, $integer:expr, $low:expr, $high:expr) => {
        impl ParamValue for $type {
            fn describe(limits: &Limits) -> FieldKind {
                let (min, max) = limits.range.unwrap_or(($low, $high));
                FieldKind::Number { min, max, integer: $integer, curve: false }
            }
            fn check(&self, limits: &Limits, path: &mut FieldPath, problems: &mut Vec<Problem>) {
                check_number(f64::from(*self), limits, path, problems);
            }
        }
    };
}
number!(f64, false, f64::MIN, f64::MAX);
number!(u32, true, 0.0, f64::from(u32::MAX));
number!(i32, true, f64::from(i32::MIN), f64::from(i32::MAX));

impl ParamValue for bool {
    fn describe(_: &Limits) -> FieldKind {
        FieldKind::Bool
    }
    fn check(&self, _: &Limits, _: &mut FieldPath, _: &mut Vec<Problem>) {}
}

impl ParamValue for String {
    fn describe(_: &Limits) -> FieldKind {
        FieldKind::Text
    }
    fn check(&self, _: &Limits, _: &mut FieldPath, _: &mut Vec<Problem>) {}
}

impl<T: ParamValue> ParamValue for Option<T> {
    fn describe(limits: &Limits) -> FieldKind {
        FieldKind::Optional(Box::new(T::describe(limits)))
    }
    fn check(&self, limits: &Limits, path: &mut FieldPath, problems: &mut Vec<Problem>) {
        if let Some(value) = self {
            value.check(limits, path, problems);
        }
    }
}

impl<T: ParamValue> ParamValue for Vec<T> {
    fn describe(limits: &Limits) -> FieldKind {
        let (min_len, max_len) = limits.len.unwrap_or((0, DEFAULT_MAX_LEN));
        FieldKind::List { item: Box::new(T::describe(limits)), min_len, max_len }
    }
    fn check(&self, limits: &Limits, path: &mut FieldPath, problems: &mut Vec<Problem>) {
        check_length(self.len(), limits, path, problems);
        for (index, item) in self.iter().enumerate() {
            path.push(index.to_string());
            item.check(limits, path, problems);
            path.pop();
        }
    }
}

impl<T: ParamValue> ParamValue for IndexMap<String, T> {
    fn describe(limits: &Limits) -> FieldKind {
        let (_, max_len) = limits.len.unwrap_or((0, DEFAULT_MAX_LEN));
        FieldKind::Map { item: Box::new(T::describe(limits)), max_len }
    }
    fn check(&self, limits: &Limits, path: &mut FieldPath, problems: &mut Vec<Problem>) {
        check_length(self.len(), limits, path, problems);
        for (name, item) in self {
            path.push(name.clone());
            item.check(limits, path, problems);
            path.pop();
        }
    }
}
