//! Work at a higher sample rate, where what a curve adds above half the rate does not fold back.
//!
//! The rate is doubled one to four times by half-band filters in polyphase form (Bellanger, Daguet and Lepagnol,
//! *Interpolation, extrapolation, and reduction of computation speed in digital filters*, 1974), Kaiser-windowed sincs
//! of linear phase for 140 dB: half of the taps are zero and the others symmetric. The first one passes up to 0.4535 of
//! the rate (20 kHz at 44.1) and stops from 0.5465 on, so that what is left can only fold into the band between 20 and
//! 22.05 kHz; the later ones have all the room between the images. The same way back; the delay of both, and of what
//! the work itself delays, is made a whole number of frames.

#[cfg(test)]
pub(crate) mod alias;
mod half_band;

use half_band::{HalfBand, Memory};

/// The most frames that are worked on at once.
pub const CHUNK: usize = 64;

/// How many times the rate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Factor {
    /// The rate as it is: no filters at all.
    X1,
    /// Twice.
    X2,
    /// Four times.
    X4,
    /// Eight times.
    #[default]
    X8,
    /// Sixteen times.
    X16,
}

impl Factor {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::X1, Self::X2, Self::X4, Self::X8, Self::X16];

    /// The number.
    #[must_use]
    pub fn times(self) -> usize {
        1 << self.doublings()
    }

    fn doublings(self) -> usize {
        match self {
            Self::X1 => 0,
            Self::X2 => 1,
            Self::X4 => 2,
            Self::X8 => 3,
            Self::X16 => 4,
        }
    }
}

/// Taps of the filter of each doubling.
const LENGTHS: [usize; 4] = [199, 35, 27, 23];
/// The highest frequency that passes, as a part of the rate.
pub const PASS_OF_RATE: f64 = 0.4535;

/// Runs something at a multiple of the rate, on a number of channels.
#[derive(Clone, Debug)]
pub struct Oversampler {
    factor: Factor,
    stages: Vec<HalfBand>,
    latency: usize,
    /// Samples of the higher rate by which the way back is held up, so that the latency is whole.
    padding: usize,
    /// So many frames after the last sound behind the work all of the way back is silent.
    ringing: usize,
    channels: Vec<Channel>,
    /// The signal between two stages.
    work: [Vec<f64>; 2],
}

#[derive(Clone, Debug)]
struct Channel {
    memories: Vec<Memory>,
    /// `padding` old samples, and those of a chunk.
    high: Vec<f64>,
    /// For how many frames the work has given nothing but zeros.
    silent: usize,
}

impl Oversampler {
    /// For `channels` channels. What is done at the higher rate is late by `extra` samples of that rate.
    #[must_use]
    pub fn new(factor: Factor, extra: usize, channels: usize) -> Self {
        let times = factor.times();
        let stages: Vec<HalfBand> =
            LENGTHS[..factor.doublings()].iter().map(|length| HalfBand::new(*length)).collect();
        // Each filter is passed twice, at twice the rate of the stage before.
        let delays = stages.iter().enumerate().map(|(index, stage)| (stage.delay() * times) >> index);
        let late = delays.sum::<usize>() + extra;
        let latency = late.div_ceil(times);
        let padding = latency * times - late;
        let memories: Vec<Memory> =
            stages.iter().enumerate().map(|(index, stage)| Memory::new(stage, CHUNK << index)).collect();
        let channel = Channel { memories, high: vec![0.0; padding + CHUNK * times], silent: usize::MAX / 2 };
        Self {
            factor,
            ringing: padding + stages.iter().map(|stage| stage.reach() + 1).sum::<usize>(),
            stages,
            latency,
            padding,
            channels: vec![channel; channels],
            work: [vec![0.0; CHUNK * times], vec![0.0; CHUNK * times]],
        }
    }

    /// How many times the rate.
    #[must_use]
    pub fn factor(&self) -> Factor {
        self.factor
    }

    /// By how many frames the output is late: 99, 108, 111 and 113 for 2, 4, 8 and 16 times, without extra.
    #[must_use]
    pub fn latency(&self) -> usize {
        self.latency
    }

    /// How many frames after the last one heard the output, its latency not counted, is exactly silent, if the work
    /// makes nothing of nothing.
    #[must_use]
    pub fn tail(&self) -> usize {
        2 * self.ringing
    }

    /// Back to silence.
    pub fn reset(&mut self) {
        for channel in &mut self.channels {
            channel.memories.iter_mut().for_each(Memory::reset);
            channel.high.fill(0.0);
            channel.silent = usize::MAX / 2;
        }
    }

    /// Replaces the next frames of `channel` by what `work` makes of them in place, at the higher rate, in order and in
    /// parts of up to [`CHUNK`] frames.
    ///
    /// # Panics
    /// When there is no such channel.
    pub fn process(&mut self, channel: usize, block: &mut [f64], mut work: impl FnMut(&mut [f64])) {
        for part in block.chunks_mut(CHUNK) {
            let count = part.len() * self.factor.times();
            self.up(channel, part);
            let high = &mut self.channels[channel].high[self.padding..][..count];
            work(high);
            let silent = !self.stages.is_empty() && high.iter().all(|x| *x == 0.0);
            self.down(channel, part, silent);
        }
    }

    /// The same for `channel` and the one behind it, whose samples `work` gets side by side.
    ///
    /// # Panics
    /// When there is no such pair, or the blocks differ in length.
    pub fn process_pair(
        &mut self,
        channel: usize,
        blocks: [&mut [f64]; 2],
        mut work: impl FnMut([&mut [f64]; 2]),
    ) {
        let [left, right] = blocks;
        assert_eq!(left.len(), right.len());
        for (left, right) in left.chunks_mut(CHUNK).zip(right.chunks_mut(CHUNK)) {
            self.up(channel, left);
            self.up(channel + 1, right);
            let range = self.padding..self.padding + left.len() * self.factor.times();
            let (first, second) = self.channels.split_at_mut(channel + 1);
            work([&mut first[channel].high[range.clone()], &mut second[0].high[range]]);
            self.down(channel, left, false);
            self.down(channel + 1, right, false);
        }
    }

    fn up(&mut self, channel: usize, part: &[f64]) {
        let Channel { memories, high, .. } = &mut self.channels[channel];
        let [from, to] = &mut self.work;
        let (mut from, mut to) = (from, to);
        let high = &mut high[self.padding..][..part.len() * self.factor.times()];
        let Some((last, before)) = self.stages.split_last() else { return high.copy_from_slice(part) };
        let mut frames = part.len();
        from[..frames].copy_from_slice(part);
        for (stage, memory) in before.iter().zip(memories.iter_mut()) {
            memory.up(stage, &from[..frames], &mut to[..2 * frames]);
            (from, to) = (to, from);
            frames *= 2;
        }
        memories[before.len()].up(last, &from[..frames], high);
    }

    fn down(&mut self, channel: usize, part: &mut [f64], silent: bool) {
        let Channel { memories, high, silent: silent_for } = &mut self.channels[channel];
        let mut count = part.len() * self.factor.times();
        if silent {
            if *silent_for > self.ringing {
                // All memory on the way back is zero, and stays so.
                return part.fill(0.0);
            }
            *silent_for += part.len();
        } else {
            *silent_for = 0;
        }
        let [from, to] = &mut self.work;
        let (mut from, mut to) = (from, to);
        from[..count].copy_from_slice(&high[..count]);
        high.copy_within(count..count + self.padding, 0);
        for (stage, memory) in self.stages.iter().zip(memories.iter_mut()).rev() {
            memory.down(stage, &from[..count], to);
            (from, to) = (to, from);
            count /= 2;
        }
        part.copy_from_slice(&from[..count]);
    }
}

#[cfg(test)]
mod tests;
