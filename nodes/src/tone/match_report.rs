//! What [`MatchEqualizer`](super::MatchEqualizer) tells: the difference before and behind, and ordinary bands for it.

use super::{BandLane, BellBand, Equalizer, EqualizerBand, ShelfBand};
use deadwax_dsp::equalizer::{Band, Magnitude, fit_bands};
use deadwax_dsp::math::{gain_to_db, pow, power_to_db};
use deadwax_dsp::tone_match::{BANDS, Correction, Tone, band_hz};
use deadwax_node::{AnyNode, Auto};
use indexmap::IndexMap;
use serde::Serialize;

/// The most bands of one lane.
const MOST_BANDS: usize = 12;

/// What a correction does.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MatchEqualizerReport {
    /// Of the whole; or of the middle and of the sides.
    pub lanes: Vec<MatchedLane>,
    /// The correction as an ordinary `Equalizer`, as one would write it in a graph.
    pub equalizer: String,
    /// How far that is from the correction, as a root of the mean square, in dB.
    pub equalizer_error_db: f64,
}

/// What a correction does to one lane. Differences are those of third octaves, the difference in level taken off.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MatchedLane {
    /// `Both`, `Mid` or `Side`.
    pub lane: &'static str,
    /// How far the programme was from the reference: root of the mean square, and most, in dB. `None` for silence.
    pub before_db: Option<(f64, f64)>,
    /// How far it is behind the node.
    pub after_db: Option<(f64, f64)>,
    /// The correction: frequency in Hz, and gain in dB.
    pub gains: Vec<(f64, f64)>,
}

/// The middle frequencies of the third octaves from 25 Hz to 20 kHz, or to near half the rate.
fn thirds(rate_hz: f64) -> impl Iterator<Item = f64> {
    (14..=43).map(|n| pow(10.0, f64::from(n) / 10.0)).filter(move |hz| *hz < 0.45 * rate_hz)
}

/// The distance of two tones.
fn distance_db(own: &Tone, goal: &Tone, rate_hz: f64) -> (f64, f64) {
    let half = pow(10.0, 0.05);
    let level = |tone: &Tone, hz: f64| power_to_db(tone.power(hz / half, hz * half));
    let differences: Vec<f64> =
        thirds(rate_hz).map(|hz| level(own, hz) - level(goal, hz)).filter(|db| db.is_finite()).collect();
    let count = differences.len().max(1) as f64;
    let mean = differences.iter().sum::<f64>() / count;
    let square = differences.iter().map(|db| (db - mean) * (db - mean)).sum::<f64>() / count;
    (square.sqrt(), differences.iter().map(|db| (db - mean).abs()).fold(0.0, f64::max))
}

/// The report on `corrections` of what was `heard`.
pub(super) fn describe(
    corrections: &[Correction],
    heard: &[Option<Tone>],
    goal: &[Tone],
    rate_hz: f64,
) -> MatchEqualizerReport {
    let names: &[(&str, BandLane)] = match corrections {
        [_] => &[("Both", BandLane::Both)],
        _ => &[("Mid", BandLane::Mid), ("Side", BandLane::Side)],
    };
    let (mut bands, mut lanes) = (IndexMap::new(), Vec::new());
    let (mut squares, mut points) = (0.0, 0);
    for (index, (correction, (lane, band_lane))) in corrections.iter().zip(names).enumerate() {
        let own = heard.get(index).and_then(Option::as_ref);
        let pair = own.zip(goal.get(index));
        lanes.push(MatchedLane {
            lane,
            before_db: pair.map(|(own, goal)| distance_db(own, goal, rate_hz)),
            after_db: pair.map(|(own, goal)| distance_db(&correction.applied(own), goal, rate_hz)),
            gains: thirds(rate_hz)
                .map(|hz| (rounded(hz, 1.0), rounded(correction.gain_db(hz), 100.0)))
                .collect(),
        });
        let curve: Vec<(f64, f64)> = (0..BANDS)
            .step_by(2)
            .map(|band| band_hz(band as f64))
            .filter(|hz| (25.0..0.45 * rate_hz).contains(hz))
            .map(|hz| (hz, correction.gain_db(hz)))
            .collect();
        let fitted: Vec<Band> = fit_bands(&curve, MOST_BANDS).iter().map(written).collect();
        let magnitude = Magnitude::new(fitted.iter().flat_map(Band::prototypes).collect());
        squares +=
            curve.iter().map(|(hz, db)| gain_to_db(magnitude.at(*hz)) - db).map(|e| e * e).sum::<f64>();
        points += curve.len();
        for (number, band) in fitted.iter().enumerate() {
            let name = format!("{}_{}", lane.to_lowercase(), number + 1);
            bands.insert(name, as_written(band, *band_lane));
        }
    }
    let equalizer = AnyNode::to_ron(&Equalizer { bands, ..Equalizer::default() });
    let equalizer_error_db = (squares / f64::from(points.max(1) as u32)).sqrt();
    MatchEqualizerReport { lanes, equalizer, equalizer_error_db }
}

fn rounded(x: f64, steps: f64) -> f64 {
    (x * steps).round() / steps
}

/// The band in numbers that one can read.
fn written(band: &Band) -> Band {
    let hz = |hz: f64| if hz < 100.0 { rounded(hz, 10.0) } else { hz.round() };
    let (gain, quality) = (|db: f64| rounded(db, 100.0), |q: f64| rounded(q, 100.0));
    match *band {
        Band::Bell { freq_hz, gain_db, q } => {
            Band::Bell { freq_hz: hz(freq_hz), gain_db: gain(gain_db), q: quality(q) }
        }
        Band::LowShelf { freq_hz, gain_db, q } => {
            Band::LowShelf { freq_hz: hz(freq_hz), gain_db: gain(gain_db), q: quality(q) }
        }
        Band::HighShelf { freq_hz, gain_db, q } => {
            Band::HighShelf { freq_hz: hz(freq_hz), gain_db: gain(gain_db), q: quality(q) }
        }
        other => other,
    }
}

fn as_written(band: &Band, lane: BandLane) -> EqualizerBand {
    let fixed = Auto::Fixed;
    match *band {
        Band::LowShelf { freq_hz, gain_db, q } => EqualizerBand::LowShelf(ShelfBand {
            freq_hz: fixed(freq_hz),
            gain_db: fixed(gain_db),
            q: fixed(q),
            lane,
        }),
        Band::HighShelf { freq_hz, gain_db, q } => EqualizerBand::HighShelf(ShelfBand {
            freq_hz: fixed(freq_hz),
            gain_db: fixed(gain_db),
            q: fixed(q),
            lane,
        }),
        Band::Bell { freq_hz, gain_db, q } => EqualizerBand::Bell(BellBand {
            freq_hz: fixed(freq_hz),
            gain_db: fixed(gain_db),
            q: fixed(q),
            lane,
        }),
        _ => EqualizerBand::Bell(BellBand { lane, ..BellBand::default() }),
    }
}
