//! Magnetisation that lags behind the field: tape, and the cores of transformers.
//!
//! Jiles and Atherton, *Theory of ferromagnetic hysteresis*, 1986, as used for tape by Chowdhury, *Real-time physical
//! modelling for analog tape machines*, DAFx 2019: the magnetisation M follows the anhysteretic curve of Langevin in part
//! at once (c), the rest is held back by the pinning of domain walls (k). Units are chosen so that saturation is 1 and
//! the anhysteretic curve has slope 1 at zero.
//!
//! The model knows no time, only the way of the field H, so each sample is one step along H. The step is implicit, weighed
//! between its beginning and its end as a decaying exponential would have it (½ for short steps, 1 for very long ones),
//! and solved by one step of Newton's method: the equation is all but linear in M. The derivative has no pole, and M
//! is kept within saturation, so the result is finite for any input.

use crate::math::fast_expm1;
use crate::oversampler::{Factor, Oversampler};

/// What the magnet is like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Material {
    /// How firmly domain walls are pinned: half the width of the loop.
    pub pinning: f64,
    /// Which part of the magnetisation follows at once, 0 to 1.
    pub reversible: f64,
}

/// How far the magnetisation helps the field.
const COUPLING: f64 = 1.6e-3;
/// Langevin's curve has slope 1/3; this makes it 1.
const SHAPE: f64 = 1.0 / 3.0;
/// No stronger field counts; everything is saturated long before.
const MOST_FIELD: f64 = 1e3;

/// Where one channel is.
#[derive(Clone, Copy, Debug, PartialEq)]
struct State {
    field: f64,
    magnetisation: f64,
    /// The anhysteretic curve there, and its slope by the field.
    curve: f64,
    bend: f64,
}

impl State {
    const DEMAGNETISED: Self = Self { field: 0.0, magnetisation: 0.0, curve: 0.0, bend: 1.0 };
}

/// The magnet of a number of channels.
#[derive(Clone, Debug)]
pub struct Hysteresis {
    material: Material,
    states: Vec<State>,
}

impl Hysteresis {
    /// Demagnetised. Pinning from 0.01 to 2 and a reversible part from 0 to 0.98 are kept to.
    #[must_use]
    pub fn new(material: Material, channels: usize) -> Self {
        let material = Material {
            pinning: material.pinning.clamp(0.01, 2.0),
            reversible: material.reversible.clamp(0.0, 0.98),
        };
        Self { material, states: vec![State::DEMAGNETISED; channels] }
    }

    /// Demagnetised again.
    pub fn reset(&mut self) {
        self.states.fill(State::DEMAGNETISED);
    }

    /// Replaces the field of `channel` by the magnetisation.
    ///
    /// # Panics
    /// When there is no such channel.
    pub fn process(&mut self, channel: usize, field: &mut [f64]) {
        let mut lanes = [self.states[channel]];
        run(&self.material, &mut lanes, [field]);
        self.states[channel] = lanes[0];
    }

    /// The same for `channel` and the one behind it, side by side: the same bits in less time.
    ///
    /// # Panics
    /// When there is no such pair.
    pub fn process_pair(&mut self, channel: usize, fields: [&mut [f64]; 2]) {
        let mut lanes = [self.states[channel], self.states[channel + 1]];
        run(&self.material, &mut lanes, fields);
        self.states[channel..channel + 2].copy_from_slice(&lanes);
    }

    /// The factor that gives a sine field of this amplitude its amplitude back, once the loop is closed.
    #[must_use]
    pub fn makeup(material: Material, amplitude: f64) -> f64 {
        const STEPS: usize = 512;
        let sine = |n: usize| crate::math::sin(std::f64::consts::TAU * n as f64 / STEPS as f64);
        let mut magnet = Self::new(material, 1);
        let mut loops: Vec<f64> = (0..4 * STEPS).map(|n| amplitude * sine(n)).collect();
        magnet.process(0, &mut loops);
        let cosine = |n: usize| sine(n + STEPS / 4);
        let last = loops[3 * STEPS..].iter().enumerate();
        let (re, im) = last.fold((0.0, 0.0), |(re, im), (n, m)| (re + m * sine(n), im + m * cosine(n)));
        amplitude * STEPS as f64 / 2.0 / (re * re + im * im).sqrt().max(1e-12)
    }
}

/// So many samples have their curve worked out at once.
const PART: usize = 64;

/// Samples of `L` channels side by side.
#[inline(never)]
fn run<const L: usize>(material: &Material, states: &mut [State; L], mut blocks: [&mut [f64]; L]) {
    let frames = blocks.iter().map(|block| block.len()).min().unwrap_or(0);
    let mut work = *states;
    let mut next = [[State::DEMAGNETISED; PART]; L];
    for begin in (0..frames).step_by(PART) {
        let count = PART.min(frames - begin);
        for (next, block) in next.iter_mut().zip(&blocks) {
            for (next, field) in next.iter_mut().zip(&block[begin..begin + count]) {
                let field = field.clamp(-MOST_FIELD, MOST_FIELD);
                let (curve, bend) = langevin(field / SHAPE);
                *next = State { field, magnetisation: 0.0, curve, bend: bend / SHAPE };
            }
        }
        for frame in 0..count {
            for ((state, next), block) in work.iter_mut().zip(&next).zip(&mut blocks) {
                let next = &next[frame];
                // Where the field stands still, so does the magnetisation: silence costs nothing.
                if next.field != state.field {
                    let magnetisation = step(material, state, next);
                    *state = State { magnetisation, ..*next };
                }
                block[begin + frame] = state.magnetisation;
            }
        }
    }
    *states = work;
}

/// The magnetisation at the field of `next`.
#[inline(always)]
fn step(material: &Material, from: &State, next: &State) -> f64 {
    let way = next.field - from.field;
    let direction = if way < 0.0 { -1.0 } else { 1.0 };
    let stiffness = way.abs() / ((1.0 - material.reversible) * material.pinning);
    let late = 0.5 + 0.5 * stiffness / (stiffness + 6.0);
    let begin = from.magnetisation;
    let first = slope(material, from, begin, direction).0;
    let known = begin + way * (1.0 - late) * first;
    let m = (begin + way * first).clamp(-1.0, 1.0);
    let (rate, change) = slope(material, next, m, direction);
    let off = m - known - way * late * rate;
    (m - off / (1.0 - way * late * change)).clamp(-1.0, 1.0)
}

/// dM/dH at a magnetisation `m`, and how it changes with M. The coupling is so weak that the curve is a straight line
/// over what it adds to the field, within 10⁻⁶.
#[inline(always)]
fn slope(material: &Material, state: &State, m: f64, direction: f64) -> (f64, f64) {
    let (c, k) = (material.reversible, material.pinning);
    let coupled = COUPLING * state.bend;
    let away = state.curve - (1.0 - coupled) * m;
    // Walls move only towards equilibrium.
    let moves = if away * direction > 0.0 { 1.0 - c } else { 0.0 };
    let held = (1.0 - c) * k * direction;
    let pinned = 1.0 / (held - COUPLING * away);
    let at_once = c * state.bend;
    // 1 / (1 − coupling), of which no more than three terms count.
    let feedback = c * coupled;
    let feedback = 1.0 + feedback + feedback * feedback;
    let change = moves * held * pinned * pinned * (coupled - 1.0);
    ((moves * away * pinned + at_once) * feedback, change * feedback)
}

/// coth x − 1/x and its derivative.
#[inline(always)]
fn langevin(x: f64) -> (f64, f64) {
    let size = x.abs();
    let square = x * x;
    let near = size < 0.3;
    let large = if near { 1.0 } else { size };
    // coth x − 1 = 2 / (e^2x − 1), without the digits that x would take away.
    let beyond = 2.0 / fast_expm1(2.0 * large);
    let inverse = 1.0 / large;
    let far = ((1.0 - inverse) + beyond, inverse * inverse - beyond * (beyond + 2.0));
    // 2²ⁿ B₂ₙ / (2n)!, of the series of coth.
    const SERIES: [f64; 6] =
        [1.0 / 3.0, -1.0 / 45.0, 2.0 / 945.0, -1.0 / 4725.0, 2.0 / 93_555.0, -1382.0 / 638_512_875.0];
    let (mut value, mut slope) = (0.0, 0.0);
    for (index, term) in SERIES.iter().enumerate().rev() {
        value = value * square + term;
        slope = slope * square + (2 * index + 1) as f64 * term;
    }
    if near { (x * value, slope) } else { (far.0.copysign(x), far.1) }
}

/// The level that a magnet keeps: the amplitude of a sine of −18 dBFS.
pub const NOMINAL: f64 = 0.125_892_541_179_416_73;

/// A magnet at a multiple of the programme's rate. A sine of [`NOMINAL`] amplitude comes out as loud as it went in.
#[derive(Clone, Debug)]
pub struct Magnet {
    oversampler: Oversampler,
    hysteresis: Hysteresis,
    drive: f64,
    makeup: f64,
}

impl Magnet {
    /// Demagnetised. A full-scale sample makes a field of `drive`.
    #[must_use]
    pub fn new(material: Material, drive: f64, factor: Factor, channels: usize) -> Self {
        Self {
            oversampler: Oversampler::new(factor, 0, channels),
            hysteresis: Hysteresis::new(material, channels),
            drive,
            makeup: Hysteresis::makeup(material, NOMINAL * drive) / drive,
        }
    }

    /// By how many frames the output is late.
    #[must_use]
    pub fn latency(&self) -> usize {
        self.oversampler.latency()
    }

    /// How many frames after the last one heard the output, its latency not counted, stays where it is.
    #[must_use]
    pub fn tail(&self) -> usize {
        self.oversampler.tail()
    }

    /// Demagnetised again.
    pub fn reset(&mut self) {
        self.oversampler.reset();
        self.hysteresis.reset();
    }

    /// Replaces the next frames of all channels, in pairs where it can.
    ///
    /// # Panics
    /// When there are more blocks than channels, or they differ in length.
    pub fn process_all<'a>(&mut self, blocks: impl IntoIterator<Item = &'a mut [f64]>) {
        let (hysteresis, drive, makeup) = (&mut self.hysteresis, self.drive, self.makeup);
        let scale = |samples: &mut [f64], factor: f64| samples.iter_mut().for_each(|x| *x *= factor);
        let mut blocks = blocks.into_iter();
        let mut channel = 0;
        while let Some(left) = blocks.next() {
            scale(left, drive);
            match blocks.next() {
                Some(right) => {
                    scale(right, drive);
                    self.oversampler.process_pair(channel, [&mut *left, &mut *right], |pair| {
                        hysteresis.process_pair(channel, pair);
                    });
                    scale(right, makeup);
                }
                None => self.oversampler.process(channel, left, |high| hysteresis.process(channel, high)),
            }
            scale(left, makeup);
            channel += 2;
        }
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests;
