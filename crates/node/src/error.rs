//! What a node may complain of.

use crate::learn::LessonError;
use thiserror::Error;

/// A node could not be prepared, or failed while it ran.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NodeError {
    /// A field's value does not work at this format (an equaliser band above half the sample rate, say).
    #[error("`{field}`: {reason}")]
    Field {
        /// The field, as in `bands.air.freq_hz`.
        field: String,
        /// What is wrong with it, in a sentence.
        reason: String,
    },
    /// The node cannot work at this sample rate.
    #[error("{rate_hz} Hz: {reason}")]
    SampleRate {
        /// The rate, in Hz.
        rate_hz: u32,
        /// Why not, in a sentence.
        reason: String,
    },
    /// What the graph says the node has learnt cannot be used.
    #[error(transparent)]
    Lesson(#[from] LessonError),
    /// The node got a report that another kind of analysis made.
    #[error("the analysis handed over a report of another kind")]
    ForeignReport,
    /// The processor itself failed.
    #[error("{reason}")]
    Failed {
        /// What happened, in a sentence.
        reason: String,
        /// The cause, where another library has one.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
}

impl NodeError {
    /// The error of a field that does not work at this format.
    pub fn field(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Field { field: field.into(), reason: reason.into() }
    }

    /// A failure with its cause.
    pub fn failed(reason: impl Into<String>, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Failed { reason: reason.into(), source: Some(Box::new(source)) }
    }
}
