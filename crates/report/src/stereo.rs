//! The stereo picture, what other loudspeakers make of it, and how often it is how loud.

use crate::figure::{Figure, Shape};
use crate::page::{Track, Version};
use crate::portrait::FIELD;
use crate::text::{number, signed};
use deadwax_plot::Axis;
use std::fmt::Write as _;

/// Shades of the stereo picture.
const SHADES: usize = 7;

pub(crate) fn figures(out: &mut String, track: &Track) {
    out.push_str("<div class=\"three\">");
    if let Some(before) = track.before.as_ref().filter(|before| !before.portrait.field.is_empty()) {
        goniometer(out, before, "Stereo picture, before", "before");
    }
    if !track.after.portrait.field.is_empty() {
        let title = if track.before.is_some() { "Stereo picture, after" } else { "Stereo picture" };
        goniometer(out, &track.after, title, "after");
    }
    translation(out, track);
    out.push_str("</div>\n<div class=\"two\">");
    out.push_str(&histogram(track, "Short-term loudness, how often", "LUFS", |v| v.portrait.windows()));
    out.push_str(&histogram(track, "True peak of every 3 s, how often", "dBTP", |v| v.portrait.peaks()));
    out.push_str("</div>\n");
}

/// How often the signal is where: the middle upwards, left to the left; in shades of equal steps of the logarithm.
fn goniometer(out: &mut String, version: &Version, title: &str, class: &str) {
    let field = &version.portrait.field;
    let most = field.iter().copied().max().unwrap_or(0).max(1);
    let _ = write!(
        out,
        "<figure class=\"gonio\"><figcaption><b>{title}</b></figcaption><svg viewBox=\"-26 -26 52 52\" role=\"img\" \
         aria-label=\"{title}\"><path class=\"frame\" d=\"M0-24 24 0 0 24-24 0zM0-24V24M-12-12 12 12M12-12-12 12\"/>"
    );
    let shade = |count: u32| {
        (SHADES as f64 * log2(f64::from(count) + 1.0) / log2(f64::from(most) + 1.0)).ceil() as usize
    };
    for wanted in 1..=SHADES {
        let mut path = String::new();
        for (n, count) in field.iter().enumerate() {
            if *count > 0 && shade(*count).min(SHADES) == wanted {
                let (x, y) = ((n % FIELD) as i64 - 24, (n / FIELD) as i64 - 24);
                let _ = write!(path, "M{x} {y}h1v1h-1z");
            }
        }
        if !path.is_empty() {
            let opacity = wanted as f64 / SHADES as f64;
            let _ = write!(out, "<path class=\"dots {class}\" fill-opacity=\"{opacity:.2}\" d=\"{path}\"/>");
        }
    }
    out.push_str(
        "<text x=\"-19\" y=\"-19\">L</text><text x=\"19\" y=\"-19\">R</text><text x=\"3\" y=\"-22\">M</text></svg></figure>\n",
    );
}

#[allow(clippy::disallowed_methods, reason = "a shade of seven")]
fn log2(x: f64) -> f64 {
    x.log2()
}

fn translation(out: &mut String, track: &Track) {
    let versions: Vec<&Version> =
        track.versions().filter(|version| version.portrait.translation.is_some()).collect();
    if versions.is_empty() {
        return;
    }
    out.push_str("<figure class=\"elsewhere\"><figcaption><b>Elsewhere</b></figcaption><table class=\"figures\"><thead><tr><th></th>");
    out.push_str(if versions.len() == 2 { "<th>before</th><th>after</th>" } else { "<th></th>" });
    out.push_str("<th></th></tr></thead><tbody>\n");
    type Value = fn(&deadwax_measure::Translation) -> Option<f64>;
    let rows: [(&str, &str, Value); 3] = [
        ("lost in mono", "LU", |t| t.lost_in_mono_lu),
        ("lost on a phone", "LU", |t| t.lost_on_phone_lu),
        ("30 to 60 Hz, of all", "dB", |t| t.deep_bass_db),
    ];
    for (name, unit, value) in rows {
        let _ = write!(out, "<tr><th>{name}</th>");
        for version in &versions {
            let value = version.portrait.translation.as_ref().and_then(value);
            let _ = write!(out, "<td>{}</td>", number(value, 1));
        }
        let _ = writeln!(out, "<td class=\"of\">{unit}</td></tr>");
    }
    out.push_str("</tbody></table>");
    let lost = track.after.portrait.translation.as_ref().and_then(|t| t.lost_in_mono_lu);
    if let Some(lost) = lost.filter(|lost| *lost > 3.0) {
        let _ = write!(
            out,
            "<p class=\"small\">In mono it is {} LU softer: something lies in the sides that a single loudspeaker cannot play.</p>",
            signed(Some(lost), 1)
        );
    }
    out.push_str("</figure>\n");
}

/// How often values fall into which dB.
pub(crate) fn counts(values: &[f64]) -> Vec<(f64, f64)> {
    let mut bins = std::collections::BTreeMap::new();
    for value in values {
        *bins.entry(value.floor() as i64).or_insert(0_u64) += 1;
    }
    let all = values.len().max(1) as f64;
    bins.into_iter().map(|(from, count)| (from as f64, 100.0 * count as f64 / all)).collect()
}

fn histogram(track: &Track, title: &'static str, unit: &str, values: fn(&Version) -> Vec<f64>) -> String {
    let each: Vec<(&'static str, Vec<(f64, f64)>)> = track
        .before
        .iter()
        .map(|version| ("before", version))
        .chain([("after", &track.after)])
        .map(|(class, version)| (class, counts(&values(version))))
        .collect();
    let all = || each.iter().flat_map(|(_, bins)| bins);
    let high = all().map(|bin| bin.0 + 1.0).fold(-5.0, f64::max);
    let low = all().filter(|bin| bin.1 >= 0.2).map(|bin| bin.0).fold(high - 10.0, f64::min).max(high - 40.0);
    let top = all().map(|bin| bin.1).fold(5.0, f64::max);
    let step = [1.0, 2.0, 5.0].into_iter().find(|step| (high - low) / step <= 8.0).unwrap_or(10.0);
    let up = [5.0, 10.0, 20.0].into_iter().find(|step| top / step <= 4.0).unwrap_or(25.0);
    let y = Axis::linear("%", 0.0, (top / up).ceil() * up, up);
    let mut figure = Figure::new(title, Axis::linear(unit, low, high, step), y, 130)
        .about(format!("in steps of 1 dB, {unit}"));
    for (class, bins) in each {
        let bars = bins
            .iter()
            .filter(|bin| bin.0 >= low)
            .map(|(from, share)| (from + 0.06, from + 0.94, *share))
            .collect();
        figure = figure.with(Shape::Bars { class, bars });
    }
    figure.html()
}
