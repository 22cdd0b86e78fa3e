//! What was measured of a side, as a sheet shows it.

use super::findings::SideFigures;
use deadwax_disc::side_sheet::Figure;
use deadwax_plot::{Axis, Chart, Line};
use deadwax_preflight::cassette::CassetteFigures;
use deadwax_preflight::vinyl::VinylFigures;
use deadwax_preflight::{Edges, Peak};

/// The figures of a side, in the order in which they are read.
pub(super) fn figures(figures: &SideFigures) -> Vec<Figure> {
    match figures {
        SideFigures::Vinyl(figures) => vinyl(figures),
        SideFigures::Cassette(figures) => cassette(figures),
        SideFigures::None => Vec::new(),
    }
}

fn figure(name: &str, value: f64, digits: usize, unit: &str) -> Figure {
    Figure { name: name.to_owned(), value, digits, unit: unit.to_owned(), at_s: None }
}

fn at(name: &str, peak: Peak, digits: usize, unit: &str) -> Figure {
    Figure { at_s: (peak.value > 0.0).then_some(peak.at_s), ..figure(name, peak.value, digits, unit) }
}

/// A figure that may be none.
fn maybe(name: &str, value: Option<f64>, digits: usize, unit: &str) -> Figure {
    figure(name, value.unwrap_or(f64::NAN), digits, unit)
}

fn vinyl(figures: &VinylFigures) -> Vec<Figure> {
    let VinylFigures { land, bass, treble, sibilance, clipping, .. } = figures;
    let [outer, _, inner] = &figures.thirds;
    let mut all = vec![
        figure("5 cm/s at 1 kHz is", figures.reference_dbfs, 1, "dBFS"),
        figure("fits when cut by", land.change_db, 1, "dB"),
        figure("land a turn takes", land.takes_um, 0, "µm"),
        figure("land a turn has", land.has_um, 0, "µm"),
        at("sideways, most", land.lateral_um, 1, "µm"),
        at("upwards, most", land.up_um, 1, "µm"),
        maybe("side to mid < 150 Hz", bass.side_to_mid_db, 1, "dB"),
        maybe("correlation < 150 Hz", bass.correlation, 2, ""),
        at("out of phase < 150 Hz", Peak { value: bass.against.length_s, at_s: bass.against.at_s }, 1, "s"),
        at(
            "stylus to groove, most",
            Peak { value: 100.0 * treble.slope.value, ..treble.slope },
            0,
            "per cent",
        ),
        at("velocity > 5 kHz, most", treble.velocity_cm_s.peak, 1, "cm/s"),
        figure("velocity > 5 kHz, 99.9 %", treble.velocity_cm_s.p999, 1, "cm/s"),
        figure("its part of the groove", 100.0 * treble.treble_slope.p999, 0, "per cent"),
        at("acceleration > 5 kHz, most", treble.acceleration_g.peak, 0, "g"),
        figure("acceleration, 99.9 %", treble.acceleration_g.p999, 0, "g"),
        figure("bends > 5 kHz, 99.9 %", treble.bend_radius_um(), 0, "µm"),
        figure("bursts 6–10 kHz", sibilance.per_minute, 1, "a minute"),
        figure("clipped runs", clipping.runs.runs as f64, 0, ""),
        maybe("peak to loudness", figures.plr_lu, 1, "LU"),
        maybe("outer third", outer.lufs, 1, "LUFS"),
        maybe("inner third", inner.lufs, 1, "LUFS"),
        figure("treble, outer third", outer.treble_cm_s, 2, "cm/s"),
        figure("treble, inner third", inner.treble_cm_s, 2, "cm/s"),
    ];
    all.extend(edges(&figures.edges));
    all
}

fn cassette(figures: &CassetteFigures) -> Vec<Figure> {
    let CassetteFigures { head_s, saturation, azimuth, .. } = figures;
    let late = if azimuth.windows > 0 { azimuth.right_late_us } else { f64::NAN };
    let mut all = vec![
        figure("silence in front", *head_s, 3, "s"),
        figure("peak around 315 Hz", saturation.middle_dbfs, 1, "dBFS"),
        Figure {
            at_s: Some(saturation.treble_at_s),
            ..figure("peak > 10 kHz", saturation.treble_dbfs, 1, "dBFS")
        },
        figure("right channel late by", late, 1, "µs"),
    ];
    all.extend(edges(&figures.edges));
    all
}

fn edges(edges: &Edges) -> Vec<Figure> {
    vec![
        maybe("power < 20 Hz", edges.below_20_hz_db, 1, "dB"),
        maybe("power > 18 kHz", edges.above_18_khz_db, 1, "dB"),
        figure("mean, left", 100.0 * edges.dc[0], 3, "per cent"),
        figure("mean, right", 100.0 * edges.dc[1], 3, "per cent"),
    ]
}

/// The land of a record over its side, as SVG; nothing, where there is none.
pub(super) fn drawing(name: &str, figures: &SideFigures) -> String {
    let SideFigures::Vinyl(figures) = figures else { return String::new() };
    let (record, land) = (figures.record, &figures.land);
    let turn = record.turn_s();
    let points: Vec<(f64, f64)> = land
        .revolutions
        .iter()
        .enumerate()
        .map(|(number, revolution)| (turn * number as f64, revolution.takes_um(1.0)))
        .collect();
    if points.len() < 2 {
        return String::new();
    }
    let takes = points.iter().map(|point| point.1).fold(0.0, f64::max);
    // A short side has more than anybody would draw.
    let most = takes.max(land.has_um.min(2.0 * takes));
    let step = [50.0, 100.0, 200.0, 500.0].into_iter().find(|step| most / step <= 8.0).unwrap_or(1000.0);
    let top = step * (most / step).ceil();
    let radius = |at_s: f64| record.radius_mm(at_s, figures.length_s);
    let mut time = Axis::time(figures.length_s);
    time.label = format!("time, from {:.0} to {:.0} mm", radius(0.0), radius(figures.length_s));
    let has = vec![(0.0, land.has_um), (figures.length_s, land.has_um)];
    Chart::new(format!("Side {name}: land of every turn"), time, Axis::linear("µm", 0.0, top, step))
        .with(Line::new("takes", points))
        .with(Line::new("has, at the mean", has).dashed())
        .svg()
}
