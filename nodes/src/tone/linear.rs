//! An equaliser's bands as linear-phase kernels, for every moment at which they change.

use super::bands::Source;
use deadwax_dsp::convolver::{Convolver, FADE, Matrix};
use deadwax_dsp::equalizer::{Band, Kernels, Magnitude, Target};
use deadwax_dsp::fft::Kind;
use deadwax_node::{Lane, NodeError};
use std::collections::HashMap;

/// The most taps of all kernels of one node.
const MOST_TAPS: usize = 1 << 22;
/// While a band moves, its values are taken to the nearest of so many in each dB, octave of frequency and octave of Q.
const FINENESS: [f64; 3] = [8.0, 48.0, 24.0];

/// Bands by magnitude alone, each on its lane.
pub(super) struct Magnitudes {
    bands: Vec<(Lane, Magnitude)>,
}

/// How the bands' lanes lie to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Basis {
    /// All channels alike.
    Same,
    /// Left and right apart.
    LeftRight,
    /// Mid and side apart.
    MidSide,
    /// Both kinds of lane: from every channel to every channel.
    Mixed,
}

impl Magnitudes {
    pub(super) fn new(bands: impl Iterator<Item = (Lane, Band)>) -> Self {
        Self { bands: bands.map(|(lane, band)| (lane, Magnitude::new(band.prototypes()))).collect() }
    }

    fn basis(&self) -> Basis {
        let any = |lanes: [Lane; 2]| self.bands.iter().any(|(lane, _)| lanes.contains(lane));
        match (any([Lane::Left, Lane::Right]), any([Lane::Mid, Lane::Side])) {
            (false, false) => Basis::Same,
            (true, false) => Basis::LeftRight,
            (false, true) => Basis::MidSide,
            (true, true) => Basis::Mixed,
        }
    }

    /// The gain at `hz` on the lanes `own`, and on all.
    fn on(&self, own: Lane, hz: f64) -> f64 {
        let heard = self.bands.iter().filter(|(lane, _)| *lane == Lane::Both || *lane == own);
        heard.map(|(_, magnitude)| magnitude.at(hz)).product()
    }

    /// What goes at `hz` from each channel to each: left to left, right to left, left to right, right to right. Bands work
    /// in their order; between lanes of both kinds it matters.
    pub(super) fn matrix(&self, hz: f64) -> [f64; 4] {
        let mut whole = [1.0, 0.0, 0.0, 1.0];
        for (lane, magnitude) in &self.bands {
            let gain = magnitude.at(hz);
            let (half, rest) = ((gain + 1.0) / 2.0, (gain - 1.0) / 2.0);
            let [a, b, c, d] = match lane {
                Lane::Both => [gain, 0.0, 0.0, gain],
                Lane::Left => [gain, 0.0, 0.0, 1.0],
                Lane::Right => [1.0, 0.0, 0.0, gain],
                Lane::Mid => [half, rest, rest, half],
                Lane::Side => [half, -rest, -rest, half],
            };
            let [e, f, g, h] = whole;
            whole = [a * e + b * g, a * f + b * h, c * e + d * g, c * f + d * h];
        }
        whole
    }

    fn least_log2(&self, rate_hz: f64) -> u32 {
        self.bands.iter().map(|(_, magnitude)| magnitude.least_log2(rate_hz)).max().unwrap_or(0)
    }

    /// The kernels of `basis`: one; of both lanes; of the matrix.
    fn kernels(&self, basis: Basis, design: impl Fn(&[Target<'_>]) -> Kernels) -> Kernels {
        let lane = |lane: Lane| move |hz: f64| [self.on(lane, hz); 2];
        let entry = |index: usize| {
            move |hz: f64| {
                let all = self.matrix(hz);
                let row = &all[index / 2 * 2..][..2];
                [all[index], (row[0] * row[0] + row[1] * row[1]).sqrt()]
            }
        };
        match basis {
            Basis::Same => design(&[&lane(Lane::Both)]),
            Basis::LeftRight => design(&[&lane(Lane::Left), &lane(Lane::Right)]),
            Basis::MidSide => design(&[&lane(Lane::Mid), &lane(Lane::Side)]),
            Basis::Mixed => design(&[&entry(0), &entry(1), &entry(2), &entry(3)]),
        }
    }
}

/// A convolver, and what its kernels are like.
pub(super) struct Linear {
    pub(super) convolver: Convolver,
    pub(super) latency: usize,
    pub(super) taps: usize,
    pub(super) error_db: f64,
    pub(super) pre_echo_db: f64,
}

impl Linear {
    /// `bands` on their lanes, `gain` times as loud.
    pub(super) fn new(
        bands: &[(Lane, Source)],
        gain: f64,
        rate_hz: f64,
        channels: usize,
        kind: Kind,
    ) -> Result<Self, NodeError> {
        let last = bands.iter().filter_map(|(_, source)| match source {
            Source::Drawn(drawn) => drawn.corners().last().copied(),
            Source::Fixed(_) => None,
        });
        let Some(last) = last.max() else {
            let magnitudes =
                Magnitudes::new(bands.iter().map(|(lane, source)| (*lane, band_at(source, 0.0))));
            let basis = magnitudes.basis();
            let least = magnitudes.least_log2(rate_hz);
            let kernels = magnitudes.kernels(basis, |targets| Kernels::new(targets, rate_hz, least));
            let pre_echo_db = kernels.pre_echo_db(rate_hz);
            let responses = Responses::new(kernels.taps, basis, gain);
            let convolver = match basis {
                Basis::Same => Convolver::new(&responses.taps[0], channels, kind),
                _ => Convolver::stereo(&responses.matrix(), kind),
            };
            let taps = responses.taps[0].len();
            let latency = taps / 2 + convolver.latency();
            return Ok(Self { convolver, latency, taps, error_db: kernels.error_db, pre_echo_db });
        };
        Self::moving(bands, last, gain, rate_hz, channels, kind)
    }

    /// Kernels that take turns: between two of them the output fades over, in time with the curves.
    fn moving(
        bands: &[(Lane, Source)],
        last: u64,
        gain: f64,
        rate_hz: f64,
        channels: usize,
        kind: Kind,
    ) -> Result<Self, NodeError> {
        // The settings that ask for the longest kernels, wherever the curves are then, decide how long all are.
        let hardest = [false, true]
            .map(|high| Magnitudes::new(bands.iter().map(|(lane, source)| (*lane, hardest(source, high)))));
        let basis = hardest[0].basis();
        let mut log2 = 0;
        for magnitudes in &hardest {
            log2 = log2.max(magnitudes.least_log2(rate_hz));
            let kernels = magnitudes.kernels(basis, |targets| Kernels::new(targets, rate_hz, log2));
            log2 = (kernels.taps[0].len() + 1).ilog2();
        }
        let taps = (1_usize << log2) - 1;
        let latency = taps / 2 + FADE;
        let (settings, schedule) =
            turns(bands, latency, last, MOST_TAPS / taps).ok_or_else(|| too_many(taps))?;
        let (mut error_db, mut pre_echo_db) = (0.0_f64, f64::NEG_INFINITY);
        let all: Vec<Responses> = settings
            .into_iter()
            .map(|setting| {
                let magnitudes = Magnitudes::new(bands.iter().map(|(lane, _)| *lane).zip(setting));
                let kernels = magnitudes.kernels(basis, |targets| Kernels::of_length(targets, rate_hz, taps));
                error_db = error_db.max(kernels.error_db);
                pre_echo_db = pre_echo_db.max(kernels.pre_echo_db(rate_hz));
                Responses::new(kernels.taps, basis, gain)
            })
            .collect();
        let matrices: Vec<Matrix<'_>> = all.iter().map(Responses::matrix).collect();
        let convolver = Convolver::taking_turns(&matrices, schedule, channels, kind);
        Ok(Self { convolver, latency, taps, error_db, pre_echo_db })
    }

    /// How long it sounds on behind its latency.
    pub(super) fn tail(&self) -> usize {
        self.convolver.tail().saturating_sub(self.taps / 2)
    }
}

/// All settings that the bands take at the turns up to the frame `last`, and which of them each turn has. `None` when
/// there are more than `most`.
fn turns(
    bands: &[(Lane, Source)],
    latency: usize,
    last: u64,
    most: usize,
) -> Option<(Vec<Vec<Band>>, Vec<u32>)> {
    let (mut known, mut settings, mut schedule) = (HashMap::new(), Vec::new(), Vec::new());
    for turn in 0.. {
        let frame = (turn * FADE as u64).saturating_sub(latency as u64);
        let setting: Vec<Band> = bands.iter().map(|(_, source)| band_near(source, frame)).collect();
        let key: Vec<[u64; 3]> = setting.iter().map(bits).collect();
        let number = *known.entry(key).or_insert_with(|| {
            settings.push(setting);
            settings.len() as u32 - 1
        });
        if settings.len() > most {
            return None;
        }
        schedule.push(number);
        if frame > last {
            break;
        }
    }
    Some((settings, schedule))
}

fn too_many(taps: usize) -> NodeError {
    NodeError::field(
        "phase",
        format!(
            "the curves ask for more than {} kernels of {taps} taps: move fewer fields at the same time, or take Minimum",
            MOST_TAPS / taps
        ),
    )
}

/// The band at the lowest or highest of its frequencies, with the furthest of its gains and the highest of its Qs.
fn hardest(source: &Source, high: bool) -> Band {
    match source {
        Source::Fixed(band) => *band,
        Source::Drawn(drawn) => {
            let ((low_hz, high_hz), (least_db, most_db)) = (drawn.freq_hz.range(), drawn.gain_db.range());
            let gain_db = if -least_db > most_db { least_db } else { most_db };
            drawn.kind.band(if high { high_hz } else { low_hz }, gain_db, drawn.q.range().1)
        }
    }
}

fn band_at(source: &Source, frame: f64) -> Band {
    match source {
        Source::Fixed(band) => *band,
        Source::Drawn(drawn) => drawn.at(frame),
    }
}

/// The band at `frame`: just so where it rests, nearly so while it moves.
fn band_near(source: &Source, frame: u64) -> Band {
    match source {
        Source::Drawn(drawn) if drawn.moves(frame, 1) => drawn.nearly_at(frame as f64, FINENESS),
        _ => band_at(source, frame as f64),
    }
}

/// What tells settings of the same bands apart.
fn bits(band: &Band) -> [u64; 3] {
    let q = match *band {
        Band::Bell { q, .. } | Band::LowShelf { q, .. } | Band::HighShelf { q, .. } => q,
        _ => 0.0,
    };
    [band.freq_hz(), band.gain_db().unwrap_or(0.0), q].map(f64::to_bits)
}

/// Kernels as they go from channel to channel.
struct Responses {
    taps: Vec<Vec<f64>>,
    basis: Basis,
}

impl Responses {
    fn new(mut taps: Vec<Vec<f64>>, basis: Basis, gain: f64) -> Self {
        if let (Basis::MidSide, [mid, side]) = (basis, &mut taps[..]) {
            for (m, s) in mid.iter_mut().zip(side) {
                (*m, *s) = ((*m + *s) / 2.0, (*m - *s) / 2.0);
            }
        }
        if gain != 1.0 {
            taps.iter_mut().flatten().for_each(|tap| *tap *= gain);
        }
        Self { taps, basis }
    }

    fn matrix(&self) -> Matrix<'_> {
        let taps = |index: usize| &self.taps[index][..];
        let numbers = match self.basis {
            Basis::Same => {
                return Matrix {
                    first: taps(0),
                    second_to_first: &[],
                    first_to_second: &[],
                    second: taps(0),
                };
            }
            Basis::LeftRight => {
                return Matrix {
                    first: taps(0),
                    second_to_first: &[],
                    first_to_second: &[],
                    second: taps(1),
                };
            }
            Basis::MidSide => [0, 1, 1, 0],
            Basis::Mixed => [0, 1, 2, 3],
        };
        let [first, second_to_first, first_to_second, second] = numbers.map(taps);
        Matrix { first, second_to_first, first_to_second, second }
    }
}
