//! The processor contract: what a prepared node does with frames.

use crate::learn::Programme;
use crate::{Block, BlockMut, Format, Io, NodeError, Report};

/// A node made ready for its formats.
pub struct Prepared {
    /// What does the work.
    pub body: Body,
    /// How many frames, at the node's output rate, the output is late. Constant for the whole run.
    pub latency: u64,
    /// How long the node sounds on after silence.
    pub tail: Tail,
    /// A guess at the cost, in nanoseconds per frame: used to balance work among threads, never to change the output.
    pub cost_ns: f64,
}

impl Prepared {
    /// A stream without latency or tail.
    pub fn stream(stream: impl Stream + 'static, cost_ns: f64) -> Self {
        Self { body: Body::Stream(Box::new(stream)), latency: 0, tail: Tail::NONE, cost_ns }
    }

    /// The same with a latency, in frames at the output rate.
    #[must_use]
    pub fn with_latency(self, latency: u64) -> Self {
        Self { latency, ..self }
    }

    /// The same with another guess at the cost, in nanoseconds per frame.
    #[must_use]
    pub fn with_cost(self, cost_ns: f64) -> Self {
        Self { cost_ns, ..self }
    }

    /// The same with a tail.
    #[must_use]
    pub fn with_tail(self, tail: Tail) -> Self {
        Self { tail, ..self }
    }
}

/// How long a node sounds on after its input has gone silent (its latency not counted).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tail {
    /// For so many frames; then the output is exactly zero.
    Frames(u64),
    /// Until it falls below a level, for so many frames at the most.
    UntilBelow {
        /// The level, in dBFS.
        dbfs: f64,
        /// The most frames that takes.
        max_frames: u64,
    },
}

impl Tail {
    /// No tail at all.
    pub const NONE: Self = Self::Frames(0);

    /// The most frames the tail may last.
    #[must_use]
    pub fn max_frames(self) -> u64 {
        match self {
            Self::Frames(frames) | Self::UntilBelow { max_frames: frames, .. } => frames,
        }
    }
}

/// The three kinds of work.
pub enum Body {
    /// As many frames out as in.
    Stream(Box<dyn Stream>),
    /// Frames at another rate.
    Rate(Box<dyn Rate>),
    /// Must hear the whole programme at its main input first.
    Whole(Box<dyn Whole>),
}

/// Which frames of a stream's output are the programme from there on; the engine does the cutting. Frames are counted from
/// the first, the latency not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cut {
    /// Silent frames put in front.
    pub silence_before: u64,
    /// Frames left out at the beginning.
    pub skip: u64,
    /// How many frames are kept behind those; all, if nothing is said.
    pub keep: Option<u64>,
    /// Silent frames put behind.
    pub silence_behind: u64,
}

impl Cut {
    /// Nothing is cut, and nothing added.
    pub const NOTHING: Self = Self { silence_before: 0, skip: 0, keep: None, silence_behind: 0 };
}

/// As many frames out as in, at one or more ports.
pub trait Stream: Send {
    /// Turns the frames of `io` into output. May be called with any number of frames from one on, in order.
    ///
    /// # Errors
    /// When the node cannot go on; the run stops and names it.
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError>;

    /// Goes back to how it was when it was prepared, to the bit.
    fn reset(&mut self);

    /// Which frames go on from here, for a node that declares [`Node::CUTS`](crate::Node::CUTS).
    fn cut(&self) -> Cut {
        Cut::NOTHING
    }

    /// What the node has to tell about the run so far (how far a limiter went down, say).
    fn report(&self) -> Option<Report> {
        None
    }

    /// What the node learnt in this run, as the text of a file; see [`learn`](crate::learn).
    fn lesson(&self) -> Option<&str> {
        None
    }
}

/// Frames in at one rate, out at another, in fixed chunks; mono, stereo or more, channel by channel.
pub trait Rate: Send {
    /// How many frames one call takes and gives. Never changes.
    fn chunk(&self) -> (usize, usize);

    /// Turns one chunk into one chunk.
    ///
    /// # Errors
    /// When the node cannot go on; the run stops and names it.
    fn process(&mut self, input: Block<'_>, output: &mut BlockMut<'_>) -> Result<(), NodeError>;

    /// Goes back to how it was when it was prepared, to the bit.
    fn reset(&mut self);
}

/// Listens, and says in the end what it heard.
pub trait Analyze: Send {
    /// Hears the next frames; `start` is the number of the first.
    ///
    /// # Errors
    /// When the analysis cannot go on; the run stops and names it.
    fn hear(&mut self, start: u64, block: Block<'_>) -> Result<(), NodeError>;

    /// What was heard.
    ///
    /// # Errors
    /// When nothing can be said of it.
    fn finish(self: Box<Self>) -> Result<Report, NodeError>;
}

/// A node that hears the whole programme first, and then works as a stream with what it heard.
pub trait Whole: Send {
    /// What listens to the main input in the first pass.
    fn listener(&self) -> Box<dyn Analyze>;

    /// Told which programme the graph runs on, before [`stream`](Self::stream), where a node of the graph learns.
    ///
    /// # Errors
    /// When the node knows something of another programme.
    fn programme(&mut self, programme: &Programme) -> Result<(), NodeError> {
        let _ = programme;
        Ok(())
    }

    /// The stream of the second pass. Its latency and tail are those of the [`Prepared`] node, whatever was heard.
    ///
    /// # Errors
    /// When what was heard leaves nothing to do it with.
    fn stream(&mut self, heard: &Report) -> Result<Box<dyn Stream>, NodeError>;

    /// The goal at the graph's output, if the node has one: then the stretch from the node to the output runs again
    /// until [`Goal::next`] is content.
    fn goal(&self) -> Option<Box<dyn Goal>> {
        None
    }
}

/// Something to be reached at the graph's output, by running the stretch from the node to the output again.
pub trait Goal: Send {
    /// What listens at the graph's output, whose format is `output`.
    fn listener(&self, output: Format) -> Box<dyn Analyze>;

    /// What to do after a run of which the listener reported `delivered`.
    ///
    /// # Errors
    /// When what was delivered leaves nothing to go on with.
    fn next(&mut self, delivered: &Report) -> Result<Step, NodeError>;
}

/// The answer of a [`Goal`].
pub enum Step {
    /// Run again, with this stream in the node's place.
    Again(Box<dyn Stream>),
    /// The run just made is the one to deliver; this is what to tell about it.
    Done(Report),
}
