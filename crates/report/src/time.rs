//! The second page: what happens when. All figures have one time axis, so that eyes can go down from one to the next.

use crate::figure::{Figure, Shape};
use crate::page::{Track, Version};
use crate::text::{number, time};
use deadwax_plot::Axis;
use serde_json::Value;
use std::fmt::Write as _;

/// Points of a curve.
pub(crate) const POINTS: usize = 900;
/// A gain that never went further than this is not drawn, in dB.
const LITTLE_DB: f64 = 0.05;
/// True-peak markers that are drawn at most.
const MARKS: usize = 600;

pub(crate) fn section(out: &mut String, track: &Track) {
    out.push_str("<section class=\"part\"><h2>Over time</h2>\n");
    let seconds =
        track.after.portrait.seconds().max(track.before.as_ref().map_or(0.0, |v| v.portrait.seconds()));
    out.push_str(&waveform(track, seconds));
    overs(out, &track.after);
    out.push_str(&loudness(track, seconds));
    for (name, hop_s, gain_db) in gain_curves(track) {
        if let Some(figure) = reduction(&name, hop_s, &gain_db, seconds) {
            out.push_str(&figure);
        }
    }
    if let Some(figure) = correlation(track, seconds) {
        out.push_str(&figure);
    }
    out.push_str("</section>\n");
}

fn waveform(track: &Track, seconds: f64) -> String {
    let area = |version: &Version, class| {
        let columns = version.portrait.columns(POINTS);
        let points = columns.iter().map(|(at, step)| (*at, step.low, step.high)).collect();
        Shape::Area { class, points }
    };
    let y = Axis::linear("of full scale", -1.0, 1.0, 0.5);
    let mut figure = Figure::new("Waveform", Axis::time(seconds), y, 150);
    if let Some(before) = &track.before {
        figure = figure.legend("before", "before").legend("after", "after").with(area(before, "before"));
    }
    figure = figure.with(area(&track.after, "after"));
    if let Some(overs) = track.after.portrait.measured.overs.as_ref().filter(|overs| overs.count > 0) {
        let stride = overs.places.len().div_ceil(MARKS).max(1);
        let at = overs.places.iter().step_by(stride).map(|over| over.at_s).collect();
        let name = format!("true peak over {} dBTP", number(Some(overs.ceiling_dbtp), 1));
        figure = figure.with(Shape::Marks { class: "alarm", at }).legend("alarm", name);
    }
    figure.html()
}

/// Where the true peak is too high, in a sentence.
fn overs(out: &mut String, version: &Version) {
    let Some(overs) = version.portrait.measured.overs.as_ref().filter(|overs| overs.count > 0) else {
        return;
    };
    let highest = overs.places.iter().max_by(|a, b| a.peak_dbtp.total_cmp(&b.peak_dbtp));
    let Some(highest) = highest else { return };
    let _ = writeln!(
        out,
        "<p class=\"small\">{} places over {} dBTP, the highest {} dBTP at {}: a lossy encoder may clip there.</p>",
        overs.count,
        number(Some(overs.ceiling_dbtp), 1),
        crate::text::signed(Some(highest.peak_dbtp), 1),
        time(highest.at_s)
    );
}

fn loudness(track: &Track, seconds: f64) -> String {
    let top = track.versions().filter_map(|v| v.portrait.measured.max_short_term_lufs).fold(-10.0, f64::max);
    let top = (top / 5.0).ceil() * 5.0;
    let y = Axis::linear("LUFS", top - 35.0, top, 5.0);
    let mut figure = Figure::new("Short-term loudness", Axis::time(seconds), y, 180);
    let after = &track.after.portrait;
    if let Some(before) = &track.before {
        figure = figure
            .legend("before", "before")
            .legend("after", "after")
            .with(Shape::Line { class: "before", points: before.portrait.loudness(POINTS) });
    }
    if let Some(integrated) = after.measured.integrated_lufs {
        let word = format!("integrated {}", number(Some(integrated), 1));
        figure = figure
            .with(Shape::Level { class: "gate", at: integrated - 10.0, word: "gate".into() })
            .with(Shape::Level { class: "mean", at: integrated, word });
    }
    if let Some(target) = track.graph.as_ref().and_then(|graph| graph.target_lufs) {
        let far = after.measured.integrated_lufs.is_none_or(|integrated| (integrated - target).abs() > 0.5);
        if far {
            let word = format!("target {}", number(Some(target), 1));
            figure = figure.with(Shape::Level { class: "target", at: target, word });
        }
    }
    figure.with(Shape::Line { class: "after", points: after.loudness(POINTS) }).html()
}

/// Every gain that a node recorded: the node's name (and the part of it), seconds from point to point, gains in dB.
pub(crate) fn gain_curves(track: &Track) -> Vec<(String, f64, Vec<f64>)> {
    let mut found = Vec::new();
    for (name, report) in track.graph.iter().flat_map(|graph| &graph.reports) {
        look_for_curves(name, report, &mut found);
    }
    found
}

fn look_for_curves(name: &str, value: &Value, found: &mut Vec<(String, f64, Vec<f64>)>) {
    let Some(fields) = value.as_object() else { return };
    for (key, value) in fields {
        if key != "gain_curve" {
            let inner = if ["bands", "reduction"].contains(&key.as_str()) {
                name.to_owned()
            } else {
                format!("{name} {key}")
            };
            look_for_curves(&inner, value, found);
            continue;
        }
        let hop_s = value["hop_s"].as_f64().filter(|hop_s| *hop_s > 0.0);
        let points = value["gain_db"].as_array();
        if let (Some(hop_s), Some(points)) = (hop_s, points) {
            found.push((name.to_owned(), hop_s, points.iter().filter_map(Value::as_f64).collect()));
        }
    }
}

/// A gain, thinned: of points that become one, that which is furthest from 0.
pub(crate) fn thinned(hop_s: f64, gain_db: &[f64], most: usize) -> Vec<(f64, f64)> {
    let together = gain_db.len().div_ceil(most).max(1);
    let point = |(n, points): (usize, &[f64])| {
        let furthest = points.iter().copied().max_by(|a, b| a.abs().total_cmp(&b.abs())).unwrap_or(0.0);
        (n as f64 * together as f64 * hop_s, furthest)
    };
    gain_db.chunks(together).enumerate().map(point).collect()
}

fn reduction(name: &str, hop_s: f64, gain_db: &[f64], seconds: f64) -> Option<String> {
    let (low, high) =
        gain_db.iter().fold((0.0_f64, 0.0_f64), |(low, high), db| (low.min(*db), high.max(*db)));
    if low > -LITTLE_DB && high < LITTLE_DB {
        return None;
    }
    let step = [0.5, 1.0, 2.0, 3.0, 6.0, 12.0, 24.0]
        .into_iter()
        .find(|step| (high - low) / step <= 4.0)
        .unwrap_or(48.0);
    let (bottom, top) = ((low / step).floor() * step, (high / step).ceil() * step);
    let points =
        thinned(hop_s, gain_db, POINTS).into_iter().map(|(at, db)| (at, db.min(0.0), db.max(0.0))).collect();
    let figure = Figure::new("Gain", Axis::time(seconds), Axis::linear("dB", bottom, top, step), 84)
        .about(format!("of `{name}`"))
        .with(Shape::Area { class: "gain", points });
    Some(figure.html())
}

fn correlation(track: &Track, seconds: f64) -> Option<String> {
    let course = |version: &Version| -> Vec<(f64, Option<f64>)> {
        version.portrait.columns(POINTS / 3).iter().map(|(at, step)| (*at, step.correlation())).collect()
    };
    if track.after.channels != 2 {
        return None;
    }
    let mut figure = Figure::new("Correlation", Axis::time(seconds), Axis::linear("", -1.0, 1.0, 0.5), 110)
        .about("left and right: 1 is mono, below 0 is lost when both are added up");
    if let Some(before) = track.before.as_ref().filter(|before| before.channels == 2) {
        figure = figure.with(Shape::Line { class: "before", points: course(before) });
    }
    Some(figure.with(Shape::Line { class: "after", points: course(&track.after) }).html())
}

impl Track {
    /// Before, if there is one, and after.
    pub(crate) fn versions(&self) -> impl Iterator<Item = &Version> {
        self.before.iter().chain([&self.after])
    }
}
