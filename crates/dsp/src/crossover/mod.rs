//! Splitting a signal into bands that add up to it again.
//!
//! Linkwitz–Riley filters (Linkwitz and Riley, *Active crossover networks for noncoincident drivers*, JAES 1976): low-
//! and high-pass are the squares of Butterworth filters, in phase at the corner, and their sum is an all-pass. The
//! signal is split from the lowest corner up; a band that has already been split off passes the all-pass of every later
//! corner, so that all bands have the same phase and their sum is flat. The high side of a second-order split is
//! turned over, without which it would leave a hole at the corner. First-order filters add up to the signal itself and
//! need none of that. [`LinearCrossover`] is the one without any turn of phase.

mod linear;

pub use linear::LinearCrossover;

use crate::equalizer::butterworth_dampings;
use crate::math::tan;
use crate::svf::{Cascade, Section, Step, TICK_FRAMES, decay_frames, flush, tick};
use std::f64::consts::PI;
use thiserror::Error;

/// The most corners.
pub const MAX_CORNERS: usize = 15;
/// The highest corner, as a part of the sample rate.
pub const MAX_CORNER_OF_RATE: f64 = 0.49;

/// How steeply the bands part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slope {
    /// 6 dB per octave, −3 dB at the corner.
    First,
    /// 12 dB per octave.
    Lr2,
    /// 24 dB per octave.
    Lr4,
    /// 48 dB per octave.
    Lr8,
}

impl Slope {
    /// How many times 6 dB per octave.
    #[must_use]
    pub fn order(self) -> u32 {
        match self {
            Self::First => 1,
            Self::Lr2 => 2,
            Self::Lr4 => 4,
            Self::Lr8 => 8,
        }
    }

    /// 1/Q of the sections of the Butterworth filter that is squared; one of Q ½ stands for the square of a
    /// first-order filter.
    fn dampings(self) -> Vec<f64> {
        match self {
            Self::First | Self::Lr2 => vec![2.0],
            Self::Lr4 => butterworth_dampings(2).collect(),
            Self::Lr8 => butterworth_dampings(4).collect(),
        }
    }
}

/// Corners at which a signal cannot be split.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
pub enum CornerError {
    /// None, or more than [`MAX_CORNERS`].
    #[error("{count} corners; there may be 1 to {MAX_CORNERS}")]
    Count {
        /// How many.
        count: usize,
    },
    /// A corner is not a usable frequency at this sample rate.
    #[error("{freq_hz} Hz is not between 1 and {max_hz} Hz")]
    Frequency {
        /// Which corner, from 0.
        index: usize,
        /// The corner.
        freq_hz: f64,
        /// The highest one possible.
        max_hz: f64,
    },
    /// A corner is not above the one before it.
    #[error("{freq_hz} Hz follows {before_hz} Hz; corners must ascend")]
    Order {
        /// Which corner, from 0.
        index: usize,
        /// The corner.
        freq_hz: f64,
        /// The one before.
        before_hz: f64,
    },
}

/// A corner: what is below it, and what is above.
#[derive(Clone, Debug)]
struct Split {
    /// The first section, which both sides share; it gives the low side.
    first: Step,
    /// How the same section gives the high side.
    first_high: [f64; 3],
    /// The other sections of the low side, and of the high side.
    low: Vec<Step>,
    high: Vec<Step>,
    /// What the low side still has to pass: the all-passes of all higher corners.
    later: Cascade,
    /// The states of channel c: the first section, those of the low side, those of the high side.
    states: Vec<[[f64; 1]; 2]>,
    /// Frames since the last look for small states, by channel.
    phases: Vec<usize>,
}

/// One signal in, several bands out.
#[derive(Clone, Debug)]
pub struct Crossover {
    splits: Vec<Split>,
    /// All poles that a band may pass.
    poles: Vec<Section>,
}

impl Crossover {
    /// A crossover of `channels` channels with corners at `freqs_hz`, at a sample rate of `rate_hz`.
    ///
    /// # Errors
    /// When there are no corners or too many, or they do not ascend below half the rate.
    pub fn new(freqs_hz: &[f64], slope: Slope, rate_hz: f64, channels: usize) -> Result<Self, CornerError> {
        check(freqs_hz, rate_hz)?;
        let dampings = slope.dampings();
        let splits = freqs_hz.iter().enumerate().map(|(index, freq_hz)| {
            let later: Vec<Section> =
                freqs_hz[index + 1..].iter().flat_map(|hz| all_passes(*hz, slope, rate_hz)).collect();
            let side = |make: fn(f64, f64) -> Section| -> Vec<Step> {
                let g = tan(PI * freq_hz / rate_hz);
                // Squares: each section twice; but the section of Lr2 is a square already.
                let twice = dampings.iter().chain(dampings.iter().filter(|k| **k < 2.0));
                twice.map(|k| Step::of(&make(g, *k))).collect()
            };
            let (low, mut high) = match slope {
                Slope::First => (side(|g, _| low_pass_1(g)), side(|g, _| high_pass_1(g))),
                _ => (side(low_pass), side(high_pass)),
            };
            if slope == Slope::Lr2 {
                high[0].mix = high[0].mix.map(|m| -m);
            }
            Split {
                first: low[0],
                first_high: high[0].mix,
                states: vec![[[0.0]; 2]; channels * (2 * low.len() - 1)],
                low: low[1..].to_vec(),
                high: high[1..].to_vec(),
                later: Cascade::new(&later, channels),
                phases: vec![0; channels],
            }
        });
        // A low- or high-pass is the square of a Butterworth filter, whose poles the all-pass has once.
        let poles = freqs_hz.iter().flat_map(|hz| match slope {
            Slope::First => vec![low_pass_1(tan(PI * hz / rate_hz))],
            _ => all_passes(*hz, slope, rate_hz).repeat(2),
        });
        let poles = poles.collect();
        Ok(Self { splits: splits.collect(), poles })
    }

    /// The number of bands: one more than there are corners.
    #[must_use]
    pub fn bands(&self) -> usize {
        self.splits.len() + 1
    }

    /// A bound for the number of frames until what rings has fallen by `db`.
    #[must_use]
    pub fn decay_frames(&self, db: f64) -> u64 {
        decay_frames(&self.poles, db)
    }

    /// Back to silence.
    pub fn reset(&mut self) {
        for split in &mut self.splits {
            split.states.fill([[0.0]; 2]);
            split.phases.fill(0);
            split.later.reset();
        }
    }

    /// Takes band `index` of the next frames of `channel` off `rest` and writes it to `band`; `rest`, which for the
    /// lowest band is the signal itself, keeps what is above, and is the highest band once all others are taken. To be
    /// called for every band but the highest, from the lowest up.
    ///
    /// # Panics
    /// When there is no such band or channel, or the blocks differ in length.
    pub fn take(&mut self, index: usize, channel: usize, rest: &mut [f64], band: &mut [f64]) {
        let split = &mut self.splits[index];
        split.run(channel, [rest], [&mut *band]);
        split.later.process(channel, band);
    }

    /// The same for `channel` and the one behind it, side by side: the same bits as two calls of
    /// [`take`](Self::take).
    ///
    /// # Panics
    /// As there.
    pub fn take_pair(
        &mut self,
        index: usize,
        channel: usize,
        rest: [&mut [f64]; 2],
        [left, right]: [&mut [f64]; 2],
    ) {
        let split = &mut self.splits[index];
        if split.phases[channel] == split.phases[channel + 1] {
            split.run(channel, rest, [&mut *left, &mut *right]);
        } else {
            let [rest_left, rest_right] = rest;
            split.run(channel, [rest_left], [&mut *left]);
            split.run(channel + 1, [rest_right], [&mut *right]);
        }
        split.later.process_pair(channel, left, right);
    }

    /// Splits the next frames of `channel` into all bands, from the lowest to the highest.
    ///
    /// # Panics
    /// When there are not [`bands`](Self::bands) bands, or a block differs in length.
    pub fn process(&mut self, channel: usize, input: &[f64], bands: &mut [&mut [f64]]) {
        assert_eq!(bands.len(), self.bands());
        let Some((rest, below)) = bands.split_last_mut() else { return };
        rest.copy_from_slice(input);
        for (index, band) in below.iter_mut().enumerate() {
            self.take(index, channel, rest, band);
        }
    }
}

fn check(freqs_hz: &[f64], rate_hz: f64) -> Result<(), CornerError> {
    let max_hz = MAX_CORNER_OF_RATE * rate_hz;
    if freqs_hz.is_empty() || freqs_hz.len() > MAX_CORNERS {
        return Err(CornerError::Count { count: freqs_hz.len() });
    }
    let mut before_hz = 0.0;
    for (index, freq_hz) in freqs_hz.iter().copied().enumerate() {
        if !(1.0..=max_hz).contains(&freq_hz) {
            return Err(CornerError::Frequency { index, freq_hz, max_hz });
        }
        if freq_hz <= before_hz {
            return Err(CornerError::Order { index, freq_hz, before_hz });
        }
        before_hz = freq_hz;
    }
    Ok(())
}

/// g² / (s² + k g s + g²). The corner g is never infinite or zero, so the section is stable.
fn low_pass(g: f64, k: f64) -> Section {
    Section::of_positive([0.0, 0.0, g * g], [1.0, k * g, g * g])
}

/// s² / (s² + k g s + g²).
fn high_pass(g: f64, k: f64) -> Section {
    Section::of_positive([1.0, 0.0, 0.0], [1.0, k * g, g * g])
}

/// g / (s + g), widened by s + g.
fn low_pass_1(g: f64) -> Section {
    Section::of_positive([0.0, g, g * g], [1.0, 2.0 * g, g * g])
}

/// s / (s + g), widened by s + g.
fn high_pass_1(g: f64) -> Section {
    Section::of_positive([1.0, g, 0.0], [1.0, 2.0 * g, g * g])
}

/// What low and high side of a split add up to.
fn all_passes(freq_hz: f64, slope: Slope, rate_hz: f64) -> Vec<Section> {
    if slope == Slope::First {
        return Vec::new();
    }
    let g = tan(PI * freq_hz / rate_hz);
    let section = |k: f64| match slope {
        // (g − s) / (g + s), widened by g + s.
        Slope::First | Slope::Lr2 => Section::of_positive([-1.0, 0.0, g * g], [1.0, 2.0 * g, g * g]),
        Slope::Lr4 | Slope::Lr8 => Section::of_positive([1.0, -k * g, g * g], [1.0, k * g, g * g]),
    };
    slope.dampings().into_iter().map(section).collect()
}

impl Split {
    /// Runs the split on `L` channels from `channel` on, all in the same phase.
    fn run<const L: usize>(&mut self, channel: usize, rest: [&mut [f64]; L], band: [&mut [f64]; L]) {
        let frames = band.iter().map(|block| block.len()).max().unwrap_or(0);
        assert!(rest.iter().chain(&band).all(|block| block.len() == frames));
        let phase = self.phases[channel];
        match self.low.len() {
            0 => self.run_steps::<0, L>(channel, rest, band),
            1 => self.run_steps::<1, L>(channel, rest, band),
            _ => self.run_steps::<3, L>(channel, rest, band),
        }
        self.phases[channel..channel + L].fill((phase + frames) % TICK_FRAMES);
    }

    /// The same, with `N` sections on each side behind the shared one.
    fn run_steps<const N: usize, const L: usize>(
        &mut self,
        channel: usize,
        mut rest: [&mut [f64]; L],
        mut band: [&mut [f64]; L],
    ) {
        let count = 1 + 2 * N;
        let mut first = [[0.0; L]; 2];
        let mut sides = [[[[0.0; L]; 2]; N]; 2];
        let (mut low, mut high) = ([self.first; N], [self.first; N]);
        low.copy_from_slice(&self.low);
        high.copy_from_slice(&self.high);
        for lane in 0..L {
            let stored = &self.states[(channel + lane) * count..];
            for integrator in 0..2 {
                first[integrator][lane] = stored[0][integrator][0];
                for (n, state) in sides.as_flattened_mut().iter_mut().enumerate() {
                    state[integrator][lane] = stored[1 + n][integrator][0];
                }
            }
        }
        let step = Pass { first: self.first, first_high: self.first_high, low, high };
        step.run(self.phases[channel], &mut first, &mut sides, &mut rest, &mut band);
        for lane in 0..L {
            let stored = &mut self.states[(channel + lane) * count..];
            for integrator in 0..2 {
                stored[0][integrator][0] = first[integrator][lane];
                for (n, state) in sides.as_flattened().iter().enumerate() {
                    stored[1 + n][integrator][0] = state[integrator][lane];
                }
            }
        }
    }
}

/// What runs a split over a block, all sizes known.
struct Pass<const N: usize> {
    first: Step,
    first_high: [f64; 3],
    low: [Step; N],
    high: [Step; N],
}

impl<const N: usize> Pass<N> {
    #[inline(never)]
    fn run<const L: usize>(
        &self,
        mut phase: usize,
        first: &mut [[f64; L]; 2],
        [low_states, high_states]: &mut [[[[f64; L]; 2]; N]; 2],
        rest: &mut [&mut [f64]; L],
        band: &mut [&mut [f64]; L],
    ) {
        let frames = band.iter().map(|block| block.len()).min().unwrap_or(0);
        let mut begin = 0;
        while begin < frames {
            let end = frames.min(begin + TICK_FRAMES - phase);
            let highs = rest.each_mut().map(|block| &mut block[begin..end]);
            let lows = band.each_mut().map(|block| &mut block[begin..end]);
            for frame in 0..end - begin {
                let x = highs.each_ref().map(|block| block[frame]);
                let mut high = mixed(&self.first_high, first, x);
                let mut low = tick(&self.first, first, x);
                for n in 0..N {
                    low = tick(&self.low[n], &mut low_states[n], low);
                    high = tick(&self.high[n], &mut high_states[n], high);
                }
                for lane in 0..L {
                    lows[lane][frame] = low[lane];
                    highs[lane][frame] = high[lane];
                }
            }
            phase = (phase + end - begin) % TICK_FRAMES;
            if phase == 0 {
                flush(first);
                low_states.iter_mut().chain(high_states.iter_mut()).for_each(flush);
            }
            begin = end;
        }
    }
}

/// Another output of a section than the one its step gives, before the step is taken.
#[inline(always)]
fn mixed<const L: usize>(mix: &[f64; 3], state: &[[f64; L]; 2], x: [f64; L]) -> [f64; L] {
    let mut y = [0.0; L];
    for lane in 0..L {
        y[lane] = mix[0] * x[lane] + (mix[1] * state[0][lane] + mix[2] * state[1][lane]);
    }
    y
}

#[cfg(test)]
mod tests;
