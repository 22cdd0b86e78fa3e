//! The first pass of a node that learns, and what it is taught for the second.

use super::text::{self, Learned};
use super::{Hear, Learn, Lesson, LessonError, Programme};
use crate::{Analyze, Block, Cut, Format, Io, NodeError, Report, Stream, Whole};
use serde::{Serialize, Serializer};
use std::fmt::Debug;

/// A node that learns, or knows.
pub(super) struct Learning<L: Learn> {
    pub(super) kind: &'static str,
    pub(super) learn: L,
    pub(super) known: Option<Learned<L::Lesson>>,
    pub(super) format: Format,
    /// What the graph runs on, once that is known.
    pub(super) programme: Option<Programme>,
}

/// What came of the first pass. People read the stream's own report. A lesson that turns out to be wrong is told later: that
/// it is of another programme would be the better reason.
#[derive(Debug)]
struct Found<F>(Result<F, LessonError>);

impl<F> Serialize for Found<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

impl<L: Learn> Whole for Learning<L> {
    fn listener(&self) -> Box<dyn Analyze> {
        Box::new(Listening(self.learn.listener(self.known.as_ref().map(|known| &known.lesson))))
    }

    fn programme(&mut self, programme: &Programme) -> Result<(), NodeError> {
        self.programme = Some(programme.clone());
        let Some(reason) = self.known.as_ref().and_then(|known| known.programme.differs(programme)) else {
            return Ok(());
        };
        Err(LessonError::Foreign { name: L::Lesson::NAME, reason, part: "programme" }.into())
    }

    fn stream(&mut self, heard: &Report) -> Result<Box<dyn Stream>, NodeError> {
        let Found(found) = heard.get::<Found<L::Found>>().ok_or(NodeError::ForeignReport)?;
        let found = found.as_ref().map_err(Clone::clone)?;
        let lesson = match (&self.known, &self.programme) {
            (None, Some(programme)) => {
                Some(text::write(self.kind, self.format, programme, self.learn.lesson(found))?)
            }
            _ => None,
        };
        Ok(Box::new(Taught { inner: self.learn.stream(found)?, lesson }))
    }
}

struct Listening<F>(Box<dyn Hear<F>>);

impl<F: Debug + Send + Sync + 'static> Analyze for Listening<F> {
    fn hear(&mut self, start: u64, block: Block<'_>) -> Result<(), NodeError> {
        self.0.hear(start, block)
    }

    fn finish(self: Box<Self>) -> Result<Report, NodeError> {
        match self.0.finish() {
            Ok(found) => Ok(Report::new(Found(Ok(found)))),
            Err(NodeError::Lesson(error)) => Ok(Report::new(Found::<F>(Err(error)))),
            Err(error) => Err(error),
        }
    }
}

/// The node's own stream, and what it was taught.
struct Taught {
    inner: Box<dyn Stream>,
    lesson: Option<String>,
}

impl Stream for Taught {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        self.inner.process(io)
    }

    fn reset(&mut self) {
        self.inner.reset();
    }

    fn cut(&self) -> Cut {
        self.inner.cut()
    }

    fn report(&self) -> Option<Report> {
        self.inner.report()
    }

    fn lesson(&self) -> Option<&str> {
        self.lesson.as_deref()
    }
}
