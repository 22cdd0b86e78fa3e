//! A lesson as text, and what may be wrong with it.

use super::{Learn, Lesson, Programme};
use crate::registry::ron_options;
use crate::{Format, NodeError};
use ron::ser::PrettyConfig;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::Range;
use thiserror::Error;

/// What [`Learned::format`] is today.
const FORMAT: u32 = 1;

/// The file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "L: Lesson"))]
pub(super) struct Learned<L: Lesson> {
    format: u32,
    kind: String,
    heard: Heard,
    pub(super) programme: Programme,
    pub(super) lesson: L,
}

/// What a node heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Heard {
    rate_hz: u32,
    channels: usize,
}

impl Heard {
    fn of(format: Format) -> Self {
        Self { rate_hz: format.rate_hz, channels: format.channels() }
    }
}

/// A lesson of a node that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LessonError {
    /// The file cannot be read as a lesson of this kind.
    #[error("the {name} cannot be read: {reason}")]
    Unreadable {
        /// What people call such a lesson.
        name: &'static str,
        /// Why not.
        reason: String,
        /// The bytes of the file where that shows.
        span: Range<usize>,
    },
    /// It says something that cannot be.
    #[error("the {name} is wrong: {problem}")]
    Wrong {
        /// What people call such a lesson.
        name: &'static str,
        /// What it says.
        problem: LessonProblem,
    },
    /// It was learnt from something else than what the node hears.
    #[error("the {name} was learnt from something else: {reason}")]
    Foreign {
        /// What people call such a lesson.
        name: &'static str,
        /// How one can tell.
        reason: String,
        /// The part of the file that says so.
        part: &'static str,
    },
}

/// What a lesson says that cannot be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LessonProblem {
    /// The place in the lesson, as in `clicks.3`: fields by name, items of a list by number from 0.
    pub path: String,
    /// What is wrong, in a sentence.
    pub reason: String,
}

impl LessonProblem {
    /// Something wrong at `path`.
    pub fn at(path: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { path: path.into(), reason: reason.into() }
    }
}

impl fmt::Display for LessonProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.path, self.reason)
    }
}

/// Reads the lesson of a node that hears `format`.
pub(super) fn read<L: Learn>(
    kind: &'static str,
    text: &str,
    format: Format,
    learn: &L,
) -> Result<Learned<L::Lesson>, NodeError> {
    let name = L::Lesson::NAME;
    let learned: Learned<L::Lesson> = ron_options().from_str(text).map_err(|error| {
        let span = offset(text, error.span.start)..offset(text, error.span.end);
        LessonError::Unreadable { name, reason: error.code.to_string(), span }
    })?;
    if learned.format != FORMAT {
        let problem = LessonProblem::at("format", format!("this version of deadwax reads {FORMAT}"));
        return Err(LessonError::Wrong { name, problem }.into());
    }
    if learned.kind != kind {
        let reason = format!("it is of a `{}`, and this is a `{kind}`", learned.kind);
        return Err(LessonError::Foreign { name, reason, part: "kind" }.into());
    }
    if learned.heard != Heard::of(format) {
        let Heard { rate_hz, channels } = learned.heard;
        let reason = format!(
            "that had {channels} channels at {rate_hz} Hz, and here are {} at {} Hz",
            format.channels(),
            format.rate_hz
        );
        return Err(LessonError::Foreign { name, reason, part: "heard" }.into());
    }
    learn.check(&learned.lesson).map_err(|problem| {
        let problem = LessonProblem { path: format!("lesson.{}", problem.path), ..problem };
        LessonError::Wrong { name, problem }
    })?;
    Ok(learned)
}

/// The byte of a line and column, as `ron` counts them: from 1, in characters.
fn offset(text: &str, at: ron::error::Position) -> usize {
    let line_start: usize = text.split_inclusive('\n').take(at.line.saturating_sub(1)).map(str::len).sum();
    let line = text[line_start..].split('\n').next().unwrap_or_default();
    line_start + line.chars().take(at.col.saturating_sub(1)).map(char::len_utf8).sum::<usize>()
}

/// The text of a lesson.
pub(super) fn write<L: Lesson>(
    kind: &str,
    format: Format,
    programme: &Programme,
    lesson: L,
) -> Result<String, NodeError> {
    let (heard, programme) = (Heard::of(format), programme.clone());
    let learned = Learned { format: FORMAT, kind: kind.to_owned(), heard, programme, lesson };
    // Items of a list stand on a line each, so that a person can strike one.
    let pretty = PrettyConfig::new().struct_names(true).depth_limit(3).new_line("\n".to_owned());
    let body = ron_options()
        .to_string_pretty(&learned, pretty)
        .map_err(|error| NodeError::failed("what was learnt cannot be written", error))?;
    Ok(format!(
        "// The {} of a {kind}. Lines may be edited or struck; the next render takes what is left.\n{body}\n",
        L::NAME
    ))
}
