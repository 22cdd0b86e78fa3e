//! Why a run stopped.

use crate::actor::{Failure, What};
use crate::io::Cause;
use deadwax_node::NodeError;
use thiserror::Error;

/// A run that did not come to its end. No output is complete.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RunError {
    /// A node failed.
    #[error("`{node}` failed at {at}: {error}")]
    Node {
        /// Its name.
        node: String,
        /// Where in the programme.
        at: Time,
        /// What it says.
        error: NodeError,
    },
    /// A node panicked: a fault in its code.
    #[error("`{node}` panicked at {at}: {message}")]
    Panic {
        /// Its name.
        node: String,
        /// Where in the programme.
        at: Time,
        /// The panic's message.
        message: String,
    },
    /// A node made a sample that is not a number, or infinite; or the programme has one.
    #[error("`{node}` gave a sample that is not a finite number, at {at}")]
    NotFinite {
        /// Its name; `input` for the programme itself.
        node: String,
        /// Where in the programme.
        at: Time,
    },
    /// The programme could not be read.
    #[error("the input cannot be read at {at}: {cause}")]
    Source {
        /// Where in the programme.
        at: Time,
        /// Why.
        cause: Cause,
    },
    /// An output could not be written.
    #[error("`{output}` cannot be written at {at}: {cause}")]
    Sink {
        /// Which output.
        output: String,
        /// Where in the programme.
        at: Time,
        /// Why.
        cause: Cause,
    },
    /// A wire could not be kept between passes.
    #[error("`{wire}` cannot be kept for the next pass: {cause}")]
    Spool {
        /// Which wire.
        wire: String,
        /// Why.
        cause: Cause,
    },
    /// The wires to be kept between passes would take more than is allowed.
    #[error("{needed} bytes would have to be kept between passes, and {allowed} are allowed")]
    SpoolLimit {
        /// How many bytes.
        needed: u64,
        /// How many are allowed.
        allowed: u64,
    },
    /// Someone asked the run to stop.
    #[error("interrupted")]
    Interrupted,
    /// A goal at the output was neither reached nor given up in a sensible number of rounds.
    #[error("`{node}` comes to no end with its goal")]
    Endless {
        /// The node with the goal.
        node: String,
    },
    /// The number of sinks is not the number of the graph's outputs.
    #[error("the graph has {outputs} outputs, and {sinks} sinks were given")]
    Sinks {
        /// Outputs of the graph.
        outputs: usize,
        /// Sinks given.
        sinks: usize,
    },
    /// Nothing can run and nothing is finished: a fault of the engine.
    #[error("the engine came to a standstill; please report this: {state}")]
    Stalled {
        /// The fill of every edge.
        state: String,
    },
    /// The threads could not be started.
    #[error("no threads to run on: {0}")]
    Threads(#[source] rayon::ThreadPoolBuildError),
}

/// A place in the programme.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Time {
    /// The frame.
    pub frame: u64,
    /// The rate it counts at.
    pub rate_hz: u32,
}

impl Time {
    /// The place in seconds.
    #[must_use]
    pub fn seconds(self) -> f64 {
        self.frame as f64 / f64::from(self.rate_hz.max(1))
    }
}

impl std::fmt::Display for Time {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let millis = (self.seconds() * 1000.0).round() as u64;
        write!(f, "{}:{:02}.{:03} (frame {})", millis / 60_000, millis / 1000 % 60, millis % 1000, self.frame)
    }
}

impl std::convert::From<Failure> for RunError {
    fn from(failure: Failure) -> Self {
        let at = Time { frame: failure.frame, rate_hz: failure.rate_hz };
        match failure.what {
            What::Node(error) => Self::Node { node: failure.who, at, error },
            What::NotFinite => Self::NotFinite { node: failure.who, at },
            What::Source(cause) => Self::Source { at, cause },
            What::Sink(cause) => Self::Sink { output: failure.who, at, cause },
            What::Spool(cause) => Self::Spool { wire: failure.who, cause },
            What::Uneven => {
                Self::Stalled { state: format!("wires of different lengths meet at `{}`", failure.who) }
            }
        }
    }
}
