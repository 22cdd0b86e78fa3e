//! A number that may change over time: `gain_db: -3` or `gain_db: Curve([(0.0, -1.0), (62.5, 0.5)])`.

use crate::field::check_number;
use crate::{FieldKind, FieldPath, Limits, ParamValue, Problem};
use serde::de::{Error, SeqAccess, Visitor};
use serde::ser::SerializeTuple;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// The most points of a curve.
pub const MOST_POINTS: usize = 4096;

/// The names of all [`Shape`]s.
pub const SHAPES: [&str; 4] = ["Linear", "Step", "Log", "Smooth"];

/// A number, or a curve of numbers over the time of the programme. For fields whose processor can follow one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Auto {
    /// The same at all times.
    Fixed(f64),
    /// Drawn through points.
    Drawn(Drawn),
}

/// How a curve is written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Drawn {
    /// Before the first point the value is that of the first, behind the last that of the last.
    Curve(Vec<Breakpoint>),
}

/// A point of a curve, written `(at_s, value)` or `(at_s, value, Shape)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Breakpoint {
    /// Seconds from the start of the programme.
    pub at_s: f64,
    /// The value there.
    pub value: f64,
    /// How the curve comes here from the point before.
    pub shape: Shape,
}

/// How a curve goes from one point to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Shape {
    /// In a straight line.
    #[default]
    Linear,
    /// It stays, and then goes at once (as fast as makes no click).
    Step,
    /// By equal ratios in equal times: for frequencies. Both values must be above zero.
    Log,
    /// Slowly, fast, slowly: half a cosine.
    Smooth,
}

impl Auto {
    /// The points: one, at 0 s, for a fixed number.
    #[must_use]
    pub fn points(&self) -> Vec<Breakpoint> {
        match self {
            Self::Fixed(value) => vec![Breakpoint { at_s: 0.0, value: *value, shape: Shape::Linear }],
            Self::Drawn(Drawn::Curve(points)) => points.clone(),
        }
    }

    /// The number, when it is the same at all times.
    #[must_use]
    pub fn fixed(&self) -> Option<f64> {
        match self {
            Self::Fixed(value) => Some(*value),
            Self::Drawn(Drawn::Curve(points)) => {
                let first = points.first()?.value;
                points.iter().all(|point| point.value == first).then_some(first)
            }
        }
    }
}

impl From<f64> for Auto {
    fn from(value: f64) -> Self {
        Self::Fixed(value)
    }
}

impl Default for Auto {
    fn default() -> Self {
        Self::Fixed(0.0)
    }
}

impl ParamValue for Auto {
    fn describe(limits: &Limits) -> FieldKind {
        let (min, max) = limits.range.unwrap_or((f64::MIN, f64::MAX));
        FieldKind::Number { min, max, integer: false, curve: true }
    }

    fn check(&self, limits: &Limits, path: &mut FieldPath, problems: &mut Vec<Problem>) {
        let points = match self {
            Self::Fixed(value) => return check_number(*value, limits, path, problems),
            Self::Drawn(Drawn::Curve(points)) => points,
        };
        if points.is_empty() || points.len() > MOST_POINTS {
            let reason = format!("a curve has 1 to {MOST_POINTS} points; this one has {}", points.len());
            return problems.push(Problem::rule(path.to_string(), reason, "write `(seconds, value)` points"));
        }
        // In the file a curve is a call with one item, a list.
        path.push("0");
        for (index, point) in points.iter().enumerate() {
            path.push(index.to_string());
            point.check(index.checked_sub(1).map(|before| &points[before]), limits, path, problems);
            path.pop();
        }
        path.pop();
    }
}

impl Breakpoint {
    fn check(
        &self,
        before: Option<&Self>,
        limits: &Limits,
        path: &mut FieldPath,
        problems: &mut Vec<Problem>,
    ) {
        let mut rule = |at: &str, reason: String, help: &str| {
            problems.push(Problem::rule(format!("{path}.{at}"), reason, help));
        };
        let earliest = before.map_or(0.0, |before| before.at_s);
        if !(self.at_s.is_finite() && self.at_s >= earliest && before.is_none_or(|b| self.at_s > b.at_s)) {
            let reason = match before {
                Some(before) => {
                    format!("the points of a curve stand in order of time, after {} s", before.at_s)
                }
                None => "a curve begins at 0 s or later".to_owned(),
            };
            rule("0", reason, "give each point a later time than the one before");
        }
        let low = before.map_or(self.value, |before| before.value.min(self.value));
        if self.shape == Shape::Log && before.is_some() && low <= 0.0 {
            let reason = "between numbers that are not both above zero there are no equal ratios".to_owned();
            rule("2", reason, "take Linear or Smooth");
        }
        path.push("1");
        check_number(self.value, limits, path, problems);
        path.pop();
    }
}

impl Serialize for Breakpoint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let plain = self.shape == Shape::default();
        let mut tuple = serializer.serialize_tuple(if plain { 2 } else { 3 })?;
        tuple.serialize_element(&self.at_s)?;
        tuple.serialize_element(&self.value)?;
        if !plain {
            tuple.serialize_element(&self.shape)?;
        }
        tuple.end()
    }
}

impl<'de> Deserialize<'de> for Breakpoint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Point;

        impl<'de> Visitor<'de> for Point {
            type Value = Breakpoint;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a point of a curve, `(seconds, value)` or `(seconds, value, Shape)`")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Breakpoint, A::Error> {
                let at_s = items.next_element()?.ok_or_else(|| A::Error::invalid_length(0, &self))?;
                let value = items.next_element()?.ok_or_else(|| A::Error::invalid_length(1, &self))?;
                let shape = items.next_element()?.unwrap_or_default();
                Ok(Breakpoint { at_s, value, shape })
            }
        }
        deserializer.deserialize_tuple(3, Point)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ron_options;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Held {
        gain_db: Auto,
    }

    fn read(text: &str) -> Held {
        ron_options().from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn a_curve_stands_where_a_number_may_and_survives_being_written() {
        assert_eq!(read("(gain_db: -3)").gain_db, Auto::Fixed(-3.0));
        let drawn = read("(gain_db: Curve([(0.0, -1.0), (62.5, 1), (70, 2, Step)]))");
        let point = |at_s, value, shape| Breakpoint { at_s, value, shape };
        assert_eq!(
            drawn.gain_db.points(),
            [point(0.0, -1.0, Shape::Linear), point(62.5, 1.0, Shape::Linear), point(70.0, 2.0, Shape::Step)]
        );
        let written = ron_options().to_string(&drawn).unwrap();
        assert_eq!(written, "(gain_db:Curve([(0.0,-1.0),(62.5,1.0),(70.0,2.0,Step)]))");
        assert_eq!(read(&written), drawn);
        let json = serde_json::to_value(&drawn).unwrap();
        assert_eq!(json["gain_db"]["Curve"][2], serde_json::json!([70.0, 2.0, "Step"]));
        assert_eq!(serde_json::from_value::<Held>(json).unwrap(), drawn);
    }

    #[test]
    fn points_out_of_order_out_of_range_or_without_ratio_are_named() {
        let auto = read("(gain_db: Curve([(1, 0), (1, 90), (2, 5, Log), (3, -5, Log)]))").gain_db;
        let mut problems = Vec::new();
        let limits = Limits { range: Some((-30.0, 30.0)), len: None };
        auto.check(&limits, &mut FieldPath::default(), &mut problems);
        let paths: Vec<_> = problems.iter().map(|problem| problem.path.as_str()).collect();
        assert_eq!(paths, ["0.1.0", "0.1.1", "0.3.2"]);
    }
}
