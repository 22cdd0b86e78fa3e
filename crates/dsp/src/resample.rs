//! Sample-rate conversion, in fixed chunks.
//!
//! Each chunk is transformed, its spectrum multiplied by that of a filter and cut or extended to the other rate, and
//! transformed back; chunks overlap and add. The chunk is chosen here once for a pair of rates and for both sides at once,
//! so the result never depends on how the programme is cut, and the delay is a whole number of output frames.
//!
//! The usual filter is that of `rubato`'s synchronous resampler: a sinc as long as a chunk, under a Blackman–Harris window
//! squared. Gentler and steeper ones, those of minimum phase, and those that give the same bits on every CPU, are our own
//! (`overlap`): a sinc under a Kaiser window.

mod filter;
mod overlap;

use overlap::Overlap;
use rubato::audioadapter_buffers::direct::SequentialSlice;
use rubato::{Fft, FixedSync, Resampler as _, WindowFunction};
use thiserror::Error;

/// The frames of a chunk's shorter side, times the part of the band that the filter takes to come down.
const FRAMES_OF_SLOPE: f64 = 20.0;
/// The narrowest and the widest band that is left, as parts of the lower of both half rates.
pub const BANDWIDTHS: std::ops::RangeInclusive<f64> = 0.90..=0.995;
/// Bandwidths for which `rubato` does best; below it has nothing so gentle, and above its window's side lobes show.
const RUBATO: std::ops::RangeInclusive<f64> = 0.974..=0.985;
/// The longest chunk there may be, on either side.
const MOST_FRAMES: usize = 1 << 19;
/// No sample may be as large as this: sums over a chunk stay finite.
const LARGEST: f64 = 1e150;
/// Rates that can be converted, in Hz.
const RATES_HZ: std::ops::RangeInclusive<u32> = 8_000..=768_000;

/// Rates that cannot be converted into each other, or a failure on the way.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ResampleError {
    /// A rate outside 8 to 768 kHz.
    #[error("{rate_hz} Hz: sample rates from 8000 to 768000 Hz can be converted")]
    Rate {
        /// The rate, in Hz.
        rate_hz: u32,
    },
    /// The ratio of the rates, reduced, takes chunks that are too long.
    #[error(
        "from {from_hz} to {to_hz} Hz there are only chunks of {frames} frames: convert by way of a third rate"
    )]
    Ratio {
        /// The rate at the input, in Hz.
        from_hz: u32,
        /// The rate at the output, in Hz.
        to_hz: u32,
        /// How long a chunk would be.
        frames: usize,
    },
    /// The resampler could not be made.
    #[error("the resampler could not be made")]
    Construction(#[from] rubato::ResamplerConstructionError),
    /// The resampler refused a chunk.
    #[error("the resampler refused a chunk")]
    Chunk(#[from] rubato::ResampleError),
    /// A sample that no transform survives.
    #[error("a sample at the input is not a number, or beyond all bounds")]
    NotFinite,
    /// A chunk of another size than [`Resampler::chunk`].
    #[error("a chunk has {expected_in} frames in and {expected_out} out, not {given_in} and {given_out}")]
    Size {
        /// Frames in, as they should be.
        expected_in: usize,
        /// Frames out, as they should be.
        expected_out: usize,
        /// Frames in, as they were.
        given_in: usize,
        /// Frames out, as they were.
        given_out: usize,
    },
}

/// How good a filter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quality {
    /// Beyond what 32 bits hold: 190 dB and more.
    Mastering,
    /// Beyond what 16 bits hold, over shorter stretches: 90 dB and more.
    Fast,
}

/// What a filter does to the phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Nothing: all frequencies keep their time, and sharp attacks ring before and behind.
    Linear,
    /// Nothing rings before an attack; high frequencies come a little late.
    Minimum,
}

/// How to convert.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// How good the filter is.
    pub quality: Quality,
    /// Up to which part of the lower half rate the band stays, from 0.90 to 0.995: there it is 3 dB down, or less.
    pub bandwidth: f64,
    /// What the filter does to the phase.
    pub phase: Phase,
    /// Whether it gives the same bits on every CPU.
    pub portable: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { quality: Quality::Mastering, bandwidth: 0.974, phase: Phase::Linear, portable: false }
    }
}

impl Settings {
    fn is_own(&self) -> bool {
        self.portable || self.phase == Phase::Minimum || !RUBATO.contains(&self.bandwidth)
    }
}

/// Frames of one chunk at the rates `from_hz` and `to_hz`.
///
/// # Errors
/// When the rates cannot be converted into each other.
pub fn chunk(from_hz: u32, to_hz: u32, settings: &Settings) -> Result<(usize, usize), ResampleError> {
    for rate_hz in [from_hz, to_hz] {
        if !RATES_HZ.contains(&rate_hz) {
            return Err(ResampleError::Rate { rate_hz });
        }
    }
    let divisor = greatest_common_divisor(from_hz, to_hz);
    let (unit_in, unit_out) = ((from_hz / divisor) as usize, (to_hz / divisor) as usize);
    let (short, long) = (unit_in.min(unit_out), unit_in.max(unit_out));
    let slope = 1.0 - settings.bandwidth.clamp(*BANDWIDTHS.start(), *BANDWIDTHS.end());
    let least = if settings.is_own() {
        filter::room(settings, slope).max(overlap::LEAST_FRAMES)
    } else if settings.quality == Quality::Fast {
        (0.6 * FRAMES_OF_SLOPE / slope) as usize
    } else {
        (FRAMES_OF_SLOPE / slope) as usize
    };
    // Even, so that half of it is whole.
    let units = least.div_ceil(short).next_multiple_of(2);
    if units * long > MOST_FRAMES {
        return Err(ResampleError::Ratio { from_hz, to_hz, frames: units * long });
    }
    Ok((units * unit_in, units * unit_out))
}

fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

/// Converts one channel.
pub struct Resampler {
    inner: Inner,
    chunk: (usize, usize),
    latency: usize,
}

enum Inner {
    Rubato(Box<Fft<f64>>),
    Own(Box<Overlap>),
}

impl std::fmt::Debug for Resampler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Resampler").field("chunk", &self.chunk).finish_non_exhaustive()
    }
}

impl Resampler {
    /// A converter from `from_hz` to `to_hz`.
    ///
    /// # Errors
    /// When the rates cannot be converted into each other.
    pub fn new(from_hz: u32, to_hz: u32, settings: &Settings) -> Result<Self, ResampleError> {
        let chunk = chunk(from_hz, to_hz, settings)?;
        if settings.is_own() {
            let own = Overlap::new(chunk, settings);
            return Ok(Self { latency: own.latency(), inner: Inner::Own(Box::new(own)), chunk });
        }
        let window = match settings.quality {
            Quality::Mastering => WindowFunction::BlackmanHarris2,
            Quality::Fast => WindowFunction::BlackmanHarris,
        };
        let (from, to) = (from_hz as usize, to_hz as usize);
        let inner = Fft::new_custom(from, to, chunk.0, 1, 1, window, FixedSync::Both)?;
        Ok(Self { inner: Inner::Rubato(Box::new(inner)), chunk, latency: chunk.1 / 2 })
    }

    /// How many frames one call takes and gives.
    #[must_use]
    pub fn chunk(&self) -> (usize, usize) {
        self.chunk
    }

    /// By how many output frames the output is late.
    #[must_use]
    pub fn latency(&self) -> usize {
        self.latency
    }

    /// For how many output frames, its latency not counted, it sounds on when the input has gone silent.
    #[must_use]
    pub fn tail(&self) -> usize {
        2 * self.chunk.1 - self.latency()
    }

    /// Turns one chunk into one chunk.
    ///
    /// # Errors
    /// When the slices are not a chunk long, or a sample is not finite; then nothing has happened.
    pub fn process(&mut self, input: &[f64], output: &mut [f64]) -> Result<(), ResampleError> {
        let wrong = ResampleError::Size {
            expected_in: self.chunk.0,
            expected_out: self.chunk.1,
            given_in: input.len(),
            given_out: output.len(),
        };
        if (input.len(), output.len()) != self.chunk {
            return Err(wrong);
        }
        // rubato panics on what is no longer finite after the transform.
        if !input.iter().all(|sample| sample.abs() < LARGEST) {
            return Err(ResampleError::NotFinite);
        }
        let inner = match &mut self.inner {
            Inner::Own(own) => {
                own.process(input, output);
                return Ok(());
            }
            Inner::Rubato(inner) => inner,
        };
        let Ok(from) = SequentialSlice::new(input, 1, self.chunk.0) else { return Err(wrong) };
        let Ok(mut to) = SequentialSlice::new_mut(output, 1, self.chunk.1) else { return Err(wrong) };
        inner.process_into_buffer(&from, &mut to, None)?;
        Ok(())
    }

    /// Back to silence.
    pub fn reset(&mut self) {
        match &mut self.inner {
            Inner::Rubato(inner) => inner.reset(),
            Inner::Own(own) => own.reset(),
        }
    }
}

#[cfg(test)]
mod tests;
