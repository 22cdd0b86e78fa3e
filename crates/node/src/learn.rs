//! What a node learns from the whole programme, as plain data: kept in a file, read by people, edited, used again.
//!
//! A node that learns implements [`Learn`] and is prepared by [`learning`]. In the first pass its listener hears the
//! programme; what it found becomes a [`Lesson`], which is written as RON:
//!
//! ```text
//! Learned(
//!     format: 1,
//!     kind: "DeClick",
//!     heard: (rate_hz: 44100, channels: 2),
//!     programme: (frames: 11907000, sha256: "51ab…"),
//!     lesson: ( … ),
//! )
//! ```
//!
//! When the graph names such a file for the node ([`Setup::lesson`]), nothing is learnt anew. The first pass then only makes
//! sure that the graph runs on the programme that was heard, and does what has to be done with the samples at hand (filling
//! the places of a map, say). It is the programme at the graph's input that counts, so that a change of the nodes in between,
//! or of another lesson, costs nobody the work that went into this one.

mod listening;
mod programme;
mod text;

pub use programme::{Programme, ProgrammeHash};
pub use text::{LessonError, LessonProblem};

use crate::{Block, Body, NodeError, Prepared, Setup, Stream, Tail};
use listening::Learning;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Debug;

/// What a node has learnt, as plain data. The same lesson must give the same bytes whether it was just learnt or read
/// from a file: numbers are rounded when they are learnt.
pub trait Lesson: Serialize + DeserializeOwned + Clone + Debug + PartialEq + Send + Sync + 'static {
    /// What people call it, as in `click map`.
    const NAME: &'static str;
}

/// How a node learns, and what it does with it. Made in [`Node::prepare`](crate::Node::prepare).
pub trait Learn: Send + 'static {
    /// What is kept.
    type Lesson: Lesson;
    /// What the second pass works with: the lesson, or more than that.
    type Found: Debug + Send + Sync + 'static;

    /// Whether a lesson can be used at all: badly edited, or of other settings.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    fn check(&self, lesson: &Self::Lesson) -> Result<(), LessonProblem>;

    /// What listens in the first pass. With a lesson given, nothing is learnt anew.
    fn listener(&self, known: Option<&Self::Lesson>) -> Box<dyn Hear<Self::Found>>;

    /// What is kept of that.
    fn lesson(&self, found: &Self::Found) -> Self::Lesson;

    /// The stream of the second pass.
    ///
    /// # Errors
    /// When what was found leaves nothing to do it with.
    fn stream(&self, found: &Self::Found) -> Result<Box<dyn Stream>, NodeError>;
}

/// Listens to the whole programme, and says in the end what it found.
pub trait Hear<Found>: Send {
    /// Hears the next frames; `start` is the number of the first.
    ///
    /// # Errors
    /// When the analysis cannot go on.
    fn hear(&mut self, start: u64, block: Block<'_>) -> Result<(), NodeError>;

    /// What was found.
    ///
    /// # Errors
    /// When nothing can be said of it.
    fn finish(self: Box<Self>) -> Result<Found, NodeError>;
}

/// Listens to nothing, and has found it already: for lessons that need no second look at the programme.
pub struct Known<Found>(pub Found);

impl<Found: Send> Hear<Found> for Known<Found> {
    fn hear(&mut self, _: u64, _: Block<'_>) -> Result<(), NodeError> {
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Found, NodeError> {
        Ok(self.0)
    }
}

/// Prepares a node of kind `kind` that learns by `learn`, or knows what the graph's lesson says. Latency, tail and cost are
/// added with the methods of [`Prepared`].
///
/// # Errors
/// [`NodeError::Lesson`] when the graph names a lesson for the node that cannot be used.
pub fn learning<L: Learn>(kind: &'static str, learn: L, setup: &Setup) -> Result<Prepared, NodeError> {
    let format = setup.main();
    let known = match &setup.lesson {
        Some(text) => Some(text::read(kind, text, format, &learn)?),
        None => None,
    };
    let whole = Learning { kind, learn, known, format, programme: None };
    Ok(Prepared { body: Body::Whole(Box::new(whole)), latency: 0, tail: Tail::NONE, cost_ns: 1.0 })
}
