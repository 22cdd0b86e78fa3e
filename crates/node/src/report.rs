//! What an analysis found: typed for the node that reads it, plain data for everyone else.

use serde::Serialize;
use std::any::Any;
use std::fmt::Debug;
use std::sync::Arc;

/// A value that can be a [`Report`]: any `Serialize + Debug` type.
pub trait ReportValue: Any + Debug + Send + Sync {
    /// The value as plain data. Numbers that JSON cannot hold (−∞ LUFS) become `null`.
    fn to_json(&self) -> serde_json::Value;
    /// For [`Report::get`].
    fn as_any(&self) -> &dyn Any;
}

impl<T: Serialize + Any + Debug + Send + Sync> ReportValue for T {
    fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or(serde_json::Value::Null)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// What an analysis found. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Report(Arc<dyn ReportValue>);

impl Report {
    /// Wraps a value.
    pub fn new(value: impl ReportValue) -> Self {
        Self(Arc::new(value))
    }

    /// The value, if it is a `T`.
    #[must_use]
    pub fn get<T: 'static>(&self) -> Option<&T> {
        (*self.0).as_any().downcast_ref()
    }

    /// The value as plain data.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        self.0.to_json()
    }
}

/// A gain over the time of the programme, as reports draw it: the field `gain_curve` of a report that has one.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct GainCurve {
    /// From one point to the next, in seconds; the first point stands for the programme's first hop.
    pub hop_s: f64,
    /// For each hop the gain that was furthest from 0 dB, in dB: below 0 the node made it quieter.
    pub gain_db: Vec<f32>,
}
