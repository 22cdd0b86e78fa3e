//! Bands whose frequency, gain or Q changes over time, and whose gain follows a signal.
//!
//! A filter is designed at some moments only; between two of them the numbers that run it go in a straight line, frame by
//! frame. Each design begins its search at the one before, so that neighbours are alike and so is what lies between
//! them. The trapezoidal state-variable filter keeps its states' meaning while it moves, and stays stable at any speed
//! ([`Step::toward`]).

use super::{Band, DesignError, distance_db, fit_magnitude, joined, matched};
use crate::automation::Curve;
use crate::math::{exp2, log2, tan};
use crate::svf::{Section, Step, TICK_FRAMES, decay_frames, flush, in_pairs, tick};
use std::collections::HashMap;
use std::f64::consts::PI;
use thiserror::Error;

/// The most filters one [`Plan`] may hold.
pub const MOST_DESIGNS: usize = 32_768;
/// The most moments of all paths of one [`Plan`].
const MOST_KNOTS: usize = 1 << 20;
/// Two moments are no nearer, in frames, than the ends of a curve's stretches …
const LEAST_FRAMES: u64 = 4;
/// … and a band moves no further between them than this: in dB, in octaves of frequency, in octaves of Q.
const FURTHEST: [f64; 3] = [0.5, 1.0 / 48.0, 1.0 / 12.0];
/// Between the ends of a stretch values are taken to the nearest of so many in each dB or octave, so that a way there and
/// back, or the next chorus, needs no new designs.
const FINENESS: [f64; 3] = [128.0, 3072.0, 384.0];
/// Smaller gains have the poles of this one, in dB.
const FLAT_DB: f64 = 0.1;
/// A first design has at least this gain, in dB: there is more to see.
const PLAIN_DB: f64 = 3.0;
/// A design that follows its target this closely, in dB, is kept.
const KEPT_DB: f64 = 0.01;

/// The two sections of a band that moves.
pub(crate) type Pair = [Section; 2];

/// The kinds of band that may move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Gained {
    /// [`Band::Bell`].
    Bell,
    /// [`Band::LowShelf`].
    LowShelf,
    /// [`Band::HighShelf`].
    HighShelf,
    /// [`Band::Tilt`]; has no Q.
    Tilt,
}

impl Gained {
    /// The band of this kind.
    #[must_use]
    pub fn band(self, freq_hz: f64, gain_db: f64, q: f64) -> Band {
        match self {
            Self::Bell => Band::Bell { freq_hz, gain_db, q },
            Self::LowShelf => Band::LowShelf { freq_hz, gain_db, q },
            Self::HighShelf => Band::HighShelf { freq_hz, gain_db, q },
            Self::Tilt => Band::Tilt { freq_hz, gain_db },
        }
    }
}

/// A band drawn over time. Of curves in frames.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// What it is.
    pub kind: Gained,
    /// Its frequency in Hz.
    pub freq_hz: Curve,
    /// Its gain in dB.
    pub gain_db: Curve,
    /// Its Q.
    pub q: Curve,
}

impl Drawn {
    /// The band at `frame`.
    #[must_use]
    pub fn at(&self, frame: f64) -> Band {
        self.kind.band(self.freq_hz.at(frame), self.gain_db.at(frame), self.q.at(frame))
    }

    /// The band, if it is the same at all times.
    #[must_use]
    pub fn as_fixed(&self) -> Option<Band> {
        let (freq_hz, gain_db, q) = (self.freq_hz.as_fixed()?, self.gain_db.as_fixed()?, self.q.as_fixed()?);
        Some(self.kind.band(freq_hz, gain_db, q))
    }

    /// The band at `frame`, each value the nearest of a few.
    #[must_use]
    pub fn nearly_at(&self, frame: f64, fineness: [f64; 3]) -> Band {
        let near = |curve: &Curve, fine: f64, to: fn(f64) -> f64, back: fn(f64) -> f64| {
            let (low, high) = curve.range();
            // What does not move is what it is, and nothing goes further than its curve.
            if low == high { low } else { back((to(curve.at(frame)) * fine).round() / fine).clamp(low, high) }
        };
        let same = |x: f64| x;
        let gain_db = near(&self.gain_db, fineness[0], same, same);
        let freq_hz = near(&self.freq_hz, fineness[1], log2, exp2);
        let q = near(&self.q, fineness[2], log2, exp2);
        self.kind.band(freq_hz, gain_db, q)
    }

    /// Whether the band changes between the frames `start` and `start + frames`.
    #[must_use]
    pub fn moves(&self, start: u64, frames: usize) -> bool {
        [&self.freq_hz, &self.gain_db, &self.q].iter().any(|curve| curve.moves(start, frames))
    }

    /// The frames before and behind the moments at which one of its values begins or ends to move, in order.
    #[must_use]
    pub fn corners(&self) -> Vec<u64> {
        let curves = [&self.freq_hz, &self.gain_db, &self.q];
        let moments = curves.iter().flat_map(|curve| curve.corners());
        let mut corners: Vec<u64> =
            moments.flat_map(|frame| [frame.floor() as u64, frame.ceil() as u64]).collect();
        corners.sort_unstable();
        corners.dedup();
        corners
    }

    /// Gain in dB, frequency and Q in octaves.
    fn place(&self, frame: f64) -> [f64; 3] {
        [self.gain_db.at(frame), log2(self.freq_hz.at(frame)), log2(self.q.at(frame))]
    }
}

/// A band that cannot be designed along its way.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
pub enum PathError {
    /// One of its designs fails.
    #[error(transparent)]
    Design(#[from] DesignError),
    /// The way is too long.
    #[error("it would take more than {MOST_DESIGNS} filters, or a million moments")]
    TooMany,
}

/// All filters of some bands that move.
#[derive(Clone, Debug)]
pub struct Plan {
    rate_hz: f64,
    designs: Vec<[Step; 2]>,
    knots: usize,
    decay_frames: u64,
    decay_db: f64,
}

/// When a band is which of the plan's filters.
#[derive(Clone, Copy, Debug)]
struct Knot {
    frame: u64,
    design: u32,
}

/// The way of one band.
#[derive(Clone, Debug)]
pub struct Path {
    knots: Vec<Knot>,
}

impl Plan {
    /// No filters, at a sample rate of `rate_hz`. What rings is over when it has fallen by `decay_db`.
    #[must_use]
    pub fn new(rate_hz: f64, decay_db: f64) -> Self {
        Self { rate_hz, designs: Vec::new(), knots: 0, decay_frames: 0, decay_db }
    }

    /// The number of filters.
    #[must_use]
    pub fn designs(&self) -> usize {
        self.designs.len()
    }

    /// How long any of the filters rings.
    #[must_use]
    pub fn decay_frames(&self) -> u64 {
        self.decay_frames
    }

    /// Designs the way of `drawn`.
    ///
    /// # Errors
    /// When a design fails or there are too many.
    pub fn path(&mut self, drawn: &Drawn) -> Result<Path, PathError> {
        let mut corners = drawn.corners();
        if corners.first() != Some(&0) {
            corners.insert(0, 0);
        }
        let mut frames = vec![0];
        for pair in corners.windows(2) {
            if drawn.moves(pair[0], (pair[1] - pair[0]) as usize) {
                self.divide(drawn, pair[0], pair[1], &mut frames)?;
            }
            frames.push(pair[1]);
        }
        let mut knots = Vec::with_capacity(frames.len());
        let mut trail = Trail::default();
        for frame in frames {
            let exact = corners.binary_search(&frame).is_ok();
            let band = if exact { drawn.at(frame as f64) } else { drawn.nearly_at(frame as f64, FINENESS) };
            knots.push(Knot { frame, design: self.design(&band, &mut trail)? });
        }
        Ok(Path { knots })
    }

    /// The moments between `begin` and `end`: halves, until nothing moves far in one of them.
    fn divide(&mut self, drawn: &Drawn, begin: u64, end: u64, into: &mut Vec<u64>) -> Result<(), PathError> {
        let middle = begin + (end - begin) / 2;
        let [a, m, b] = [begin, middle, end].map(|frame| drawn.place(frame as f64));
        let far = (0..3).any(|i| {
            let bend = (m[i] - 0.5 * (a[i] + b[i])).abs();
            (b[i] - a[i]).abs() > FURTHEST[i] || 4.0 * bend > FURTHEST[i]
        });
        if !far || end - begin < 2 * LEAST_FRAMES {
            return Ok(());
        }
        self.knots += 1;
        if self.knots > MOST_KNOTS {
            return Err(PathError::TooMany);
        }
        self.divide(drawn, begin, middle, into)?;
        into.push(middle);
        self.divide(drawn, middle, end, into)
    }

    /// The number of the filter of `band`.
    fn design(&mut self, band: &Band, trail: &mut Trail) -> Result<u32, PathError> {
        let q = match *band {
            Band::Bell { q, .. } | Band::LowShelf { q, .. } | Band::HighShelf { q, .. } => q,
            _ => 1.0,
        };
        let gain_db = band.gain_db().unwrap_or(0.0) + 0.0;
        let key = [band.freq_hz(), gain_db, q].map(f64::to_bits);
        if let Some((number, boost)) = trail.known.get(&key) {
            trail.last = Some(Last { boost: *boost, freq_hz: band.freq_hz() });
            return Ok(*number);
        }
        if self.designs.len() >= MOST_DESIGNS {
            return Err(PathError::TooMany);
        }
        let boost = boosted(band, self.rate_hz, trail.last)?;
        let sections = given_sign(&boost, gain_db)?;
        self.decay_frames = self.decay_frames.max(decay_frames(&sections, self.decay_db));
        let number = self.designs.len() as u32;
        self.designs.push(sections.each_ref().map(Step::of));
        trail.known.insert(key, (number, boost));
        trail.last = Some(Last { boost, freq_hz: band.freq_hz() });
        Ok(number)
    }
}

/// What one band's way has passed. The next search begins at the last filter of the same way, known or new, so that
/// neighbours are alike: filters with the same magnitude may have their roots in other sections.
#[derive(Default)]
struct Trail {
    known: HashMap<[u64; 3], (u32, Pair)>,
    last: Option<Last>,
}

/// A filter that was found, and the frequency of its band.
#[derive(Clone, Copy)]
struct Last {
    boost: Pair,
    freq_hz: f64,
}

impl Last {
    /// Where to search for the same band at another frequency: the band's own section goes along, the other one, which
    /// corrects what is near half the rate, stays.
    fn moved_to(&self, freq_hz: f64, rate_hz: f64) -> Pair {
        let part = tan(PI * self.freq_hz / rate_hz) / tan(PI * freq_hz / rate_hz);
        let moved = |[c2, c1, c0]: [f64; 3]| [c2 * part * part, c1 * part, c0];
        let [own, other] = self.boost;
        [Section::of_positive(moved(own.numerator()), moved(own.denominator())), other]
    }
}

/// The pair of sections with the magnitude of `band`, as if its gain were positive and at least [`FLAT_DB`]; the search
/// begins at `before`.
fn boosted(band: &Band, rate_hz: f64, before: Option<Last>) -> Result<Pair, DesignError> {
    band.check(rate_hz)?;
    let gain_db = band.gain_db().unwrap_or(0.0).abs().max(FLAT_DB);
    let up = band.with_gain(gain_db);
    let prototypes = up.prototypes();
    let target = |hz: f64| prototypes.iter().map(|p| p.magnitude(hz)).product::<f64>();
    let follow = |seed: &[Section]| {
        let sections = fit_magnitude(&target, rate_hz, seed);
        let distance = distance_db(&sections, &target, rate_hz);
        (sections, distance)
    };
    let followed = before.map(|last| follow(&last.moved_to(band.freq_hz(), rate_hz)));
    let (sections, _) = match followed {
        Some(near) if near.1 <= KEPT_DB => near,
        _ => {
            let plain = up.with_gain(gain_db.max(PLAIN_DB)).prototypes();
            let plain_target = |hz: f64| plain.iter().map(|p| p.magnitude(hz)).product::<f64>();
            let anew = follow(&joined(&plain_target, rate_hz, matched(&plain, rate_hz)?)?);
            followed.filter(|near| near.1 <= anew.1).unwrap_or(anew)
        }
    };
    let unity = Section::UNITY;
    Ok([sections.first().copied().unwrap_or(unity), sections.get(1).copied().unwrap_or(unity)])
}

/// A boost as it is, its inverse for a cut, its poles alone for 0 dB; the smallest gains lie between.
fn given_sign(boost: &Pair, gain_db: f64) -> Result<Pair, DesignError> {
    let part = (gain_db.abs() / FLAT_DB).min(1.0);
    let section = |section: &Section| {
        let (mut numerator, denominator) = (section.numerator(), section.denominator());
        if part < 1.0 {
            for (n, d) in numerator.iter_mut().zip(denominator) {
                *n = d + part * (*n - d);
            }
        }
        if gain_db < 0.0 {
            Section::new(denominator, numerator)
        } else {
            Section::new(numerator, denominator)
        }
    };
    Ok([section(&boost[0])?, section(&boost[1])?])
}

/// The two integrators of both sections, on `L` channels.
pub(crate) type State<const L: usize> = [[[f64; L]; 2]; 2];

/// The states of two channels as one.
pub(crate) fn side_by_side([a, b]: [State<1>; 2]) -> State<2> {
    [0, 1].map(|section: usize| [0, 1].map(|i: usize| [a[section][i][0], b[section][i][0]]))
}

/// Undoes [`side_by_side`].
pub(crate) fn apart(state: State<2>) -> [State<1>; 2] {
    [0, 1].map(|lane: usize| state.map(|section| section.map(|integrator| [integrator[lane]])))
}

/// Runs both sections for a frame.
#[inline(always)]
pub(crate) fn run_pair<const L: usize>(steps: &[Step; 2], state: &mut State<L>, x: [f64; L]) -> [f64; L] {
    let [first, second] = state;
    let x = tick(&steps[0], first, x);
    tick(&steps[1], second, x)
}

/// A band that moves along a path, on some channels.
#[derive(Clone, Debug)]
pub struct Moving {
    knots: Vec<(u64, [Step; 2])>,
    states: Vec<State<1>>,
}

impl Moving {
    /// Silent filters on `channels` channels.
    #[must_use]
    pub fn new(path: &Path, plan: &Plan, channels: usize) -> Self {
        let knots = path.knots.iter().map(|knot| (knot.frame, plan.designs[knot.design as usize]));
        Self { knots: knots.collect(), states: vec![[[[0.0]; 2]; 2]; channels] }
    }

    /// Back to silence.
    pub fn reset(&mut self) {
        self.states.fill([[[0.0]; 2]; 2]);
    }

    /// Filters the frames from `start` on, of `channel`, in place.
    ///
    /// # Panics
    /// When there is no such channel.
    pub fn process(&mut self, start: u64, channel: usize, block: &mut [f64]) {
        let mut state = self.states[channel];
        self.run(start, &mut state, [block]);
        self.states[channel] = state;
    }

    /// The same for `channel` and the one behind it, side by side, to the same bits.
    ///
    /// # Panics
    /// When there are no such channels.
    pub fn process_pair(&mut self, start: u64, channel: usize, left: &mut [f64], right: &mut [f64]) {
        let mut state = side_by_side([self.states[channel], self.states[channel + 1]]);
        self.run(start, &mut state, [left, right]);
        [self.states[channel], self.states[channel + 1]] = apart(state);
    }

    /// Filters the frames from `start` on, of all channels, in pairs where it can.
    ///
    /// # Panics
    /// When there are more blocks than channels.
    pub fn process_all<'a>(&mut self, start: u64, blocks: impl IntoIterator<Item = &'a mut [f64]>) {
        in_pairs(blocks, |channel, left, right| match right {
            Some(right) => self.process_pair(start, channel, left, right),
            None => self.process(start, channel, left),
        });
    }

    fn run<const L: usize>(&self, start: u64, state: &mut State<L>, mut blocks: [&mut [f64]; L]) {
        let frames = blocks.iter().map(|block| block.len()).min().unwrap_or(0);
        let mut next = self.knots.partition_point(|(frame, _)| *frame <= start);
        let mut begin = 0;
        while begin < frames {
            let now = start + begin as u64;
            while self.knots.get(next).is_some_and(|(frame, _)| *frame <= now) {
                next += 1;
            }
            let to_tick = TICK_FRAMES - (now % TICK_FRAMES as u64) as usize;
            let (from, here) = self.knots[next - 1];
            let ahead = self.knots.get(next);
            let to_knot = ahead.map_or(usize::MAX, |(frame, _)| (*frame - now) as usize);
            let end = frames.min(begin + to_tick.min(to_knot));
            let lanes = blocks.each_mut().map(|block| &mut block[begin..end]);
            match ahead.filter(|(_, there)| *there != here) {
                Some((to, there)) => {
                    let scale = 1.0 / (to - from) as f64;
                    let offset = (now - from) as f64;
                    over(lanes, state, |n| {
                        let t = (offset + n as f64) * scale;
                        [here[0].toward(&there[0], t), here[1].toward(&there[1], t)]
                    });
                }
                None => over(lanes, state, |_| here),
            }
            if end - begin == to_tick {
                state.iter_mut().for_each(flush);
            }
            begin = end;
        }
    }
}

#[inline(always)]
fn over<const L: usize>(
    mut lanes: [&mut [f64]; L],
    state: &mut State<L>,
    steps: impl Fn(usize) -> [Step; 2],
) {
    let frames = lanes.iter().map(|lane| lane.len()).min().unwrap_or(0);
    for frame in 0..frames {
        let x = lanes.each_ref().map(|lane| lane[frame]);
        let y = run_pair(&steps(frame), state, x);
        for (lane, y) in lanes.iter_mut().zip(y) {
            lane[frame] = y;
        }
    }
}

/// A band's filters for every gain from 0 dB to a furthest one.
#[derive(Clone, Debug)]
pub(crate) struct GainTable {
    steps: Vec<[Step; 2]>,
    /// Entries for each decibel; below zero where the furthest gain is.
    per_db: f64,
    pub(crate) decay_frames: u64,
}

impl GainTable {
    /// The filters of `band` for gains from 0 dB to its own, in steps of a quarter of a dB or less.
    pub(crate) fn new(band: &Band, rate_hz: f64, decay_db: f64) -> Result<Self, DesignError> {
        let furthest_db = band.gain_db().unwrap_or(0.0);
        let count = ((furthest_db.abs() * 4.0).ceil() as usize).max(1);
        let mut steps = Vec::with_capacity(count + 1);
        let (mut before, mut longest) = (None, 0);
        for index in (0..=count).rev() {
            let gain_db = furthest_db * index as f64 / count as f64;
            let boost = boosted(&band.with_gain(gain_db), rate_hz, before)?;
            before = Some(Last { boost, freq_hz: band.freq_hz() });
            let sections = given_sign(&boost, gain_db)?;
            longest = longest.max(decay_frames(&sections, decay_db));
            steps.push(sections.each_ref().map(Step::of));
        }
        steps.reverse();
        let per_db = if furthest_db == 0.0 { 0.0 } else { count as f64 / furthest_db };
        Ok(Self { steps, per_db, decay_frames: longest })
    }

    /// The filter of a gain between 0 dB and the furthest.
    #[inline(always)]
    pub(crate) fn at(&self, gain_db: f64) -> [Step; 2] {
        let last = self.steps.len() - 1;
        let place = (gain_db * self.per_db).clamp(0.0, last as f64);
        let below = (place as usize).min(last - 1);
        let t = place - below as f64;
        let (here, there) = (&self.steps[below], &self.steps[below + 1]);
        [here[0].toward(&there[0], t), here[1].toward(&there[1], t)]
    }
}

#[cfg(test)]
mod tests;
