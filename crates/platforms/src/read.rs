//! Reading the file, and looking for what cannot be meant.

use crate::{Kind, Moves, Platforms, Rule};
use ron::Options;
use ron::extensions::Extensions;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use std::fmt;
use thiserror::Error;

/// What is wrong with a file of rules.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PlatformsError {
    /// It cannot be read as rules.
    #[error("line {line}, column {column}: {reason}")]
    Text {
        /// From 1.
        line: usize,
        /// From 1, in characters.
        column: usize,
        /// What is wrong.
        reason: String,
    },
    /// A rule says what cannot be.
    #[error("rule `{rule}`, `{field}`: {reason}")]
    Rule {
        /// The rule's name.
        rule: String,
        /// The field.
        field: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// It is too large to be meant.
    #[error("{bytes} bytes are too many for a file of rules; at most {MOST_BYTES}")]
    TooLarge {
        /// How large it is.
        bytes: usize,
    },
}

/// The largest file that is read.
const MOST_BYTES: usize = 1 << 20;
/// The format that is read.
const FORMAT: u32 = 1;
const BUILT_IN: &str = include_str!("../platforms.ron");

#[derive(serde::Deserialize)]
#[serde(rename = "Platforms", deny_unknown_fields)]
struct File {
    format: u32,
    rules: Rules,
}

/// Rules in the order of the file, no name twice.
struct Rules(Vec<(String, Rule)>);

impl<'de> Deserialize<'de> for Rules {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Rules;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("rules by name")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Rules, A::Error> {
                let mut rules: Vec<(String, Rule)> = Vec::new();
                while let Some(name) = map.next_key::<String>()? {
                    if rules.iter().any(|(known, _)| *known == name) {
                        return Err(A::Error::custom(format!("the rule `{name}` stands twice")));
                    }
                    rules.push((name, map.next_value()?));
                }
                Ok(Rules(rules))
            }
        }
        from.deserialize_map(Pairs)
    }
}

impl Platforms {
    /// The rules that come with the program.
    ///
    /// # Panics
    /// Never: a test reads them.
    #[must_use]
    pub fn built_in() -> Self {
        Self::parse(BUILT_IN).unwrap_or(Self { rules: Vec::new() })
    }

    /// Reads rules.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place.
    pub fn parse(text: &str) -> Result<Self, PlatformsError> {
        if text.len() > MOST_BYTES {
            return Err(PlatformsError::TooLarge { bytes: text.len() });
        }
        let options = Options::default().with_default_extension(Extensions::IMPLICIT_SOME);
        let file: File = options.from_str(text).map_err(|error| PlatformsError::Text {
            line: error.span.start.line,
            column: error.span.start.col,
            reason: error.code.to_string(),
        })?;
        if file.format != FORMAT {
            let reason = format!("format {} is not read here, only {FORMAT}", file.format);
            return Err(PlatformsError::Text { line: 1, column: 1, reason });
        }
        for (name, rule) in &file.rules.0 {
            check(name, rule)?;
        }
        Ok(Self { rules: file.rules.0 })
    }

    /// All rules by name, in the order of the file.
    pub fn rules(&self) -> impl Iterator<Item = (&str, &Rule)> {
        self.rules.iter().map(|(name, rule)| (name.as_str(), rule))
    }

    /// The rule called `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Rule> {
        self.rules().find(|(known, _)| *known == name).map(|(_, rule)| rule)
    }
}

fn check(name: &str, rule: &Rule) -> Result<(), PlatformsError> {
    let wrong = |field, reason: &str| {
        Err(PlatformsError::Rule { rule: name.to_owned(), field, reason: reason.to_owned() })
    };
    let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty() || !name.chars().all(letters) {
        return wrong("name", "names of rules have small letters, digits and `-`");
    }
    for (field, text) in [("name", &rule.name), ("source", &rule.source)] {
        if text.trim().is_empty() {
            return wrong(field, "must say something");
        }
    }
    if !is_date(&rule.checked_on) {
        return wrong("checked_on", "write a date as in 2026-11-22");
    }
    for (field, value) in numbers(rule) {
        if !(-200.0..=200.0).contains(&value) {
            return wrong(field, "must be between -200 and 200");
        }
    }
    let swapped = |range: Option<(f64, f64)>| range.is_some_and(|(low, high)| low > high);
    if swapped(rule.range_lufs) {
        return wrong("range_lufs", "the lower end stands first");
    }
    if swapped(rule.rms_dbfs) {
        return wrong("rms_dbfs", "the lower end stands first");
    }
    if rule.tolerance_lu.is_some_and(|lu| lu < 0.0)
        || rule.tolerance_lu.is_some() && rule.target_lufs.is_none()
    {
        return wrong("tolerance_lu", "a distance of at least 0 from `target_lufs`");
    }
    if rule.range_lufs.is_some() && rule.target_lufs.is_some() {
        return wrong("range_lufs", "stands in place of `target_lufs`");
    }
    let turns = matches!(rule.moves, Moves::Both | Moves::Down | Moves::Up);
    if turns && (rule.target_lufs.is_none() || rule.kind == Kind::Standard) {
        return wrong("moves", "only a service with `target_lufs` turns up or down");
    }
    if rule.louder_than_lufs.is_some() != rule.louder_true_peak_dbtp.is_some() {
        return wrong("louder_than_lufs", "goes with `louder_true_peak_dbtp`");
    }
    Ok(())
}

fn numbers(rule: &Rule) -> Vec<(&'static str, f64)> {
    let ends =
        |field, range: Option<(f64, f64)>| range.into_iter().flat_map(move |(a, b)| [(field, a), (field, b)]);
    let one = [
        ("target_lufs", rule.target_lufs),
        ("tolerance_lu", rule.tolerance_lu),
        ("up_to_dbtp", rule.up_to_dbtp),
        ("limiter_dbfs", rule.limiter_dbfs),
        ("true_peak_dbtp", rule.true_peak_dbtp),
        ("louder_than_lufs", rule.louder_than_lufs),
        ("louder_true_peak_dbtp", rule.louder_true_peak_dbtp),
        ("sample_peak_dbfs", rule.sample_peak_dbfs),
        ("max_short_term_lufs", rule.max_short_term_lufs),
        ("max_momentary_lufs", rule.max_momentary_lufs),
        ("max_loudness_range_lu", rule.max_loudness_range_lu),
        ("max_plr_lu", rule.max_plr_lu),
        ("max_floor_dbfs", rule.max_floor_dbfs),
    ];
    let each = one.into_iter().filter_map(|(field, value)| Some((field, value?)));
    each.chain(ends("range_lufs", rule.range_lufs)).chain(ends("rms_dbfs", rule.rms_dbfs)).collect()
}

/// `2026-11-22`.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts[..] else { return false };
    let number = |part: &str, length: usize, most: u32| {
        part.len() == length && part.parse::<u32>().is_ok_and(|n| (1..=most).contains(&n))
    };
    number(year, 4, 9999) && number(month, 2, 12) && number(day, 2, 31)
}
