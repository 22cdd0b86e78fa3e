//! Where a file comes from, as far as its spectrum tells.
//!
//! *Upsampled*: whoever converts from a lower rate filters everything away above half of it. The loudest spectrum then has an edge
//! there that falls by 40 dB and more within a kHz, and nothing behind it.
//!
//! *Lossy*: coders filter at 16 to 19.4 kHz at low rates of bits, as steeply, and about 20 kHz at high ones; and where they run out of
//! bits they leave out a band for a moment, so that single bands are missing amid noise that is there before, behind, above
//! and below. The edge of 20 kHz alone proves nothing, for converters have it too, and a hole alone nothing either.
//!
//! And AAC and Vorbis of any rate of bits leave a [grid](super::Grid).
//!
//! What this does not see: MP3 and Opus of many bits, a lossy file that was equalised, limited or mixed with something else
//! afterwards and has no edge, a converter whose filter is slow, and a file with so little treble that its edge is not
//! 40 dB high. What it may mistake: a recording that once went through 32 kHz or FM (15 to 16 kHz), and a low-pass of linear
//! phase that is as steep as a converter's; hence a confidence. The slopes of the equaliser here, up to 96 dB per octave, fall by 9 dB in
//! that kHz and are not told.

use super::grid::Grid;
use serde::Serialize;

/// An edge falls by so many dB …
const DROP_DB: f64 = 40.0;
/// … within so many Hz, or this part of its frequency where that is more.
const SPAN_HZ: f64 = 1000.0;
const SPAN_OF_HZ: f64 = 0.05;
/// What comes back behind it by more, in dB, shows that it is none.
const RETURN_DB: f64 = 10.0;
/// The spectrum is looked at in steps of this, in Hz, from here on.
const STEP_HZ: f64 = 250.0;
const FROM_HZ: f64 = 10_000.0;
/// The edge is where it has fallen by this, in dB.
const AT_DB: f64 = 20.0;
/// Rates that files are converted from, in Hz, and the least rate of the file that the edge is believed for.
const OLD_RATES_HZ: [(u32, u32); 4] =
    [(44_100, 48_000), (48_000, 88_200), (88_200, 176_400), (96_000, 176_400)];
/// Where edges of converters lie, as parts of half the old rate. Where two rates come into question it is the first.
const EDGES_OF_HALF: [f64; 2] = [0.9, 1.003];
/// Edges of lossy coders, in Hz: of few bits, and of many. From the second on, converters have them too.
const LOSSY_HZ: [f64; 3] = [15_000.0, 19_400.0, 20_800.0];
/// So many holes, and such a part of all places where one might be, are no accident …
const LEAST_HOLES: u64 = 20;
const HOLES_OF_CELLS: f64 = 1e-4;
/// … if at least this part of the treble is noise, in which they can be seen.
const NOISE_OF_CELLS: f64 = 0.25;
/// A file of fewer windows says nothing.
const LEAST_WINDOWS: u64 = 200;

/// How sure that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// Something else may look like it.
    Fair,
    /// Hardly anything else does.
    High,
}

/// What a file seems to have been before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// A file of a lower sample rate.
    Upsampled {
        /// That rate, in Hz.
        from_hz: u32,
    },
    /// A file of a lossy coder.
    Lossy,
}

/// Where the spectrum ends.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Edge {
    /// Where it has fallen by 20 dB, in Hz.
    pub hz: f64,
    /// By how much it falls within a kHz, in dB.
    pub drop_db: f64,
}

/// What the spectrum tells.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SourceFigures {
    /// Where it ends; `None` where it falls off gently, or not at all.
    pub edge: Option<Edge>,
    /// Bands of the treble, moment by moment, in which a hole would be seen, as a part of all.
    pub noise_share: f64,
    /// Holes that were seen.
    pub holes: u64,
    /// The same, as a part of those bands.
    pub hole_share: f64,
    /// The grid of a transform coder, if its samples lie on one.
    pub grid: Option<Grid>,
    /// What the file seems to have been before, and how sure that is.
    pub origin: Option<(Origin, Confidence)>,
}

impl SourceFigures {
    /// The same, with the grid of a coder, which nothing else leaves.
    pub(super) fn with(self, grid: Option<Grid>) -> Self {
        let origin = grid.map_or(self.origin, |_| Some((Origin::Lossy, Confidence::High)));
        Self { grid, origin, ..self }
    }
}

/// What a spectrum meter has counted.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) windows: u64,
    /// Bands of the treble in all windows; those in which a hole would be seen; holes.
    pub(super) cells: u64,
    pub(super) noise: u64,
    pub(super) holes: u64,
}

/// Judges the loudest spectrum, `loudest` in dB from 0 Hz to half of `rate_hz`, and what was counted.
pub(super) fn judge(loudest: &[f64], rate_hz: f64, counts: &Counts) -> SourceFigures {
    let edge = if counts.windows < LEAST_WINDOWS { None } else { edge(loudest, rate_hz) };
    let part = |some: u64, all: u64| if all == 0 { 0.0 } else { some as f64 / all as f64 };
    let (noise_share, hole_share) = (part(counts.noise, counts.cells), part(counts.holes, counts.noise));
    let holes = counts.holes >= LEAST_HOLES && hole_share >= HOLES_OF_CELLS && noise_share >= NOISE_OF_CELLS;
    let origin = edge.and_then(|edge| origin(edge.hz, rate_hz, holes));
    SourceFigures { edge, noise_share, holes: counts.holes, hole_share, grid: None, origin }
}

fn origin(hz: f64, rate_hz: f64, holes: bool) -> Option<(Origin, Confidence)> {
    let [few, many, most] = LOSSY_HZ;
    if (few..many).contains(&hz) {
        return Some((Origin::Lossy, if holes { Confidence::High } else { Confidence::Fair }));
    }
    if (many..most).contains(&hz) && holes {
        return Some((Origin::Lossy, Confidence::Fair));
    }
    let near = |(old, least): &&(u32, u32)| {
        let half = f64::from(*old) / 2.0;
        rate_hz >= f64::from(*least) && (EDGES_OF_HALF[0] * half..=EDGES_OF_HALF[1] * half).contains(&hz)
    };
    OLD_RATES_HZ.iter().find(near).map(|(from_hz, _)| {
        // About 20 kHz it may as well be somebody's low-pass.
        let confidence = if hz < most { Confidence::Fair } else { Confidence::High };
        (Origin::Upsampled { from_hz: *from_hz }, confidence)
    })
}

/// The steepest edge of the spectrum, if it is one.
fn edge(loudest: &[f64], rate_hz: f64) -> Option<Edge> {
    let bin_hz = rate_hz / 2.0 / (loudest.len().saturating_sub(1)).max(1) as f64;
    let per_step = ((STEP_HZ / bin_hz).round() as usize).max(1);
    let first = (FROM_HZ / bin_hz) as usize / per_step;
    // The last bins of all lie at half the rate, where nothing is to be expected.
    let steps: Vec<f64> =
        loudest.chunks_exact(per_step).map(|step| step.iter().sum::<f64>() / per_step as f64).collect();
    let step_hz = per_step as f64 * bin_hz;
    let span = |from: usize| {
        let hz = from as f64 * step_hz;
        ((SPAN_HZ.max(SPAN_OF_HZ * hz) / step_hz).round() as usize).max(1)
    };
    let drops = (first..steps.len()).filter_map(|from| {
        let behind = *steps.get(from + span(from))?;
        Some((from, steps[from] - behind))
    });
    let (from, drop_db) = drops.max_by(|a, b| a.1.total_cmp(&b.1))?;
    let behind = &steps[from + span(from)..];
    let returns = behind.iter().fold(f64::MIN, |most, level| most.max(*level)) - behind[0];
    if drop_db < DROP_DB || returns > RETURN_DB {
        return None;
    }
    let fallen = steps[from..].iter().position(|level| *level <= steps[from] - AT_DB)?;
    // Between the step that had not fallen so far and the one that has.
    let (above, below) = (steps[from + fallen - 1], steps[from + fallen]);
    let part = (above - (steps[from] - AT_DB)) / (above - below).max(1e-9);
    let hz = ((from + fallen) as f64 - 0.5 + part) * step_hz;
    Some(Edge { hz, drop_db })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A spectrum of bins of 43 Hz with these levels.
    fn spectrum(rate_hz: f64, level_db: impl Fn(f64) -> f64) -> Vec<f64> {
        (0..=(rate_hz / 86.0) as usize).map(|bin| level_db(bin as f64 * 43.0)).collect()
    }

    const PLENTY: Counts = Counts { windows: 5000, cells: 100_000, noise: 80_000, holes: 0 };
    const HOLES: Counts = Counts { holes: 100, ..PLENTY };

    fn brick(at_hz: f64) -> impl Fn(f64) -> f64 {
        move |hz| if hz < at_hz { -50.0 } else { -120.0 }
    }

    #[test]
    fn an_edge_is_found_where_it_is_and_told_by_its_place() {
        let upsampled = |from_hz| Some((Origin::Upsampled { from_hz }, Confidence::High));
        let cases = [
            (96_000.0, 21_400.0, PLENTY, upsampled(44_100)),
            (96_000.0, 23_400.0, PLENTY, upsampled(48_000)),
            (192_000.0, 43_000.0, PLENTY, upsampled(88_200)),
            (192_000.0, 47_000.0, PLENTY, upsampled(96_000)),
            (48_000.0, 21_400.0, PLENTY, upsampled(44_100)),
            (96_000.0, 20_100.0, PLENTY, Some((Origin::Upsampled { from_hz: 44_100 }, Confidence::Fair))),
            (44_100.0, 16_500.0, HOLES, Some((Origin::Lossy, Confidence::High))),
            (44_100.0, 16_500.0, PLENTY, Some((Origin::Lossy, Confidence::Fair))),
            (44_100.0, 20_100.0, HOLES, Some((Origin::Lossy, Confidence::Fair))),
            // What every converter to 44.1 kHz leaves.
            (44_100.0, 20_100.0, PLENTY, None),
            (44_100.0, 21_400.0, HOLES, None),
            (48_000.0, 23_300.0, PLENTY, None),
            (96_000.0, 43_500.0, PLENTY, None),
            (96_000.0, 30_000.0, HOLES, None),
        ];
        for (rate_hz, at_hz, counts, expected) in cases {
            let found = judge(&spectrum(rate_hz, brick(at_hz)), rate_hz, &counts);
            let hz = found.edge.map(|edge| edge.hz);
            assert!(hz.is_some_and(|hz| (hz - at_hz).abs() < 300.0), "{rate_hz} {at_hz}: {hz:?}");
            assert_eq!(found.origin, expected, "{rate_hz} {at_hz}");
        }
    }

    #[test]
    fn slopes_floors_and_what_comes_back_are_no_edges() {
        let slope = |corner: f64, db_oct: f64| {
            move |hz: f64| -50.0 - db_oct * deadwax_dsp::math::power_to_db((hz / corner).max(1.0)) / 3.0103
        };
        for rate_hz in [44_100.0, 96_000.0] {
            for db_oct in [6.0, 24.0, 48.0, 96.0] {
                for corner in [8000.0, 12_000.0, 16_000.0, 18_000.0, 20_000.0] {
                    let found = judge(&spectrum(rate_hz, slope(corner, db_oct)), rate_hz, &HOLES);
                    assert_eq!(found.edge, None, "{rate_hz} {db_oct} {corner}");
                }
            }
            // Little treble above a floor, and a band that is missing from the middle.
            let dull = |hz: f64| if hz < 16_000.0 { -95.0 } else { -125.0 };
            assert_eq!(judge(&spectrum(rate_hz, dull), rate_hz, &HOLES).edge, None);
            let gap = |hz: f64| if (15_000.0..17_000.0).contains(&hz) { -120.0 } else { -50.0 };
            assert_eq!(judge(&spectrum(rate_hz, gap), rate_hz, &HOLES).edge, None);
        }
        let short = Counts { windows: 100, ..HOLES };
        assert_eq!(judge(&spectrum(44_100.0, brick(16_000.0)), 44_100.0, &short).origin, None);
    }

    #[test]
    fn holes_between_the_lines_of_tones_are_not_believed() {
        let tones = Counts { noise: 10_000, ..HOLES };
        let found = judge(&spectrum(44_100.0, brick(16_500.0)), 44_100.0, &tones);
        assert_eq!(found.origin, Some((Origin::Lossy, Confidence::Fair)));
        let found = judge(&spectrum(44_100.0, brick(20_100.0)), 44_100.0, &tones);
        assert_eq!(found.origin, None);
    }
}
