//! The long-term spectrum, and what changed in it.

use crate::figure::{Figure, Shape};
use crate::page::{Track, Version};
use deadwax_plot::Axis;

pub(crate) fn figures(out: &mut String, track: &Track) {
    out.push_str(&spectrum(track));
    if let Some(before) = &track.before {
        out.push_str(&change(before, &track.after));
    }
}

fn axis() -> Axis {
    Axis::frequency(20.0, 22_000.0)
}

fn spectrum(track: &Track) -> String {
    let levels = |version: &Version| -> Vec<f64> {
        version.portrait.spectrum.iter().filter_map(|band| band.level_db).filter(|db| *db > -120.0).collect()
    };
    let all: Vec<f64> = track.versions().flat_map(levels).collect();
    let high = all.iter().copied().fold(-60.0, f64::max);
    let low = all.iter().copied().fold(high, f64::min).max(high - 70.0);
    let top = (high / 10.0).ceil() * 10.0;
    let bottom = ((low / 10.0).floor() * 10.0).min(top - 10.0);
    let mut figure = Figure::new("Spectrum", axis(), Axis::linear("dB", bottom, top, 10.0), 210)
        .about("average of the whole programme, in third octaves; pink noise is level");
    let line = |version: &Version, class| {
        let points = version.portrait.spectrum.iter().map(|band| (band.hz, band.level_db)).collect();
        Shape::Line { class, points }
    };
    if let Some(before) = &track.before {
        figure = figure.legend("before", "before").legend("after", "after").with(line(before, "before"));
    }
    figure.with(line(&track.after, "after")).html()
}

/// The difference in tone, level aside: as much above as below.
fn change(before: &Version, after: &Version) -> String {
    let pairs: Vec<(f64, f64)> = before
        .portrait
        .spectrum
        .iter()
        .zip(&after.portrait.spectrum)
        .filter_map(|(before, after)| {
            let (from, to) = (before.level_db?, after.level_db?);
            (from > -110.0).then_some((before.hz, to - from))
        })
        .collect();
    let loudness = before.portrait.measured.integrated_lufs.zip(after.portrait.measured.integrated_lufs);
    let louder = loudness.map_or(0.0, |(before, after)| after - before);
    let points: Vec<(f64, f64)> = pairs.iter().map(|(hz, db)| (*hz, db - louder)).collect();
    let most = points.iter().filter(|(hz, _)| *hz >= 30.0).map(|(_, db)| db.abs()).fold(1.0, f64::max);
    let step = [0.5, 1.0, 2.0, 3.0, 6.0, 12.0].into_iter().find(|step| most / step <= 2.0).unwrap_or(24.0);
    let reach = (most / step).ceil() * step;
    let area = points.iter().map(|(hz, db)| (*hz, db.min(0.0), db.max(0.0))).collect();
    Figure::new("Change in tone", axis(), Axis::linear("dB", -reach, reach, step), 130)
        .about("after less before, with the change of loudness taken out")
        .with(Shape::Area { class: "gain", points: area })
        .with(Shape::Line {
            class: "after",
            points: points.iter().map(|(hz, db)| (*hz, Some(*db))).collect(),
        })
        .html()
}
