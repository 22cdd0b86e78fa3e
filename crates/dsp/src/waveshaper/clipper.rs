//! A clipper that takes away what is over, and leaves all else as it is.

use super::{Order, Shape, Shaper};
use crate::delay::Line;
use crate::dynamics::GainTrace;
use crate::math::gain_to_db;
use crate::oversampler::{CHUNK, Factor, Oversampler};

/// How to clip.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// The curve.
    pub shape: Shape,
    /// How far means are taken in place of values.
    pub order: Order,
    /// The rate at which it is done.
    pub factor: Factor,
    /// What the curve goes to.
    pub ceiling: f64,
}

/// What was done since the last reset.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Clipped {
    /// Frames heard, and those of them in which a channel went beyond the ceiling.
    pub frames: u64,
    /// See there.
    pub over: u64,
    /// The furthest a peak was taken down, in dB (0 or below), and the frame in which it first was.
    pub deepest_db: f64,
    /// See there.
    pub deepest_at: u64,
}

/// Clips a number of channels. The signal is heard at the higher rate; what the curve takes off comes back to the
/// programme's rate, and is subtracted from the delayed signal there. So a stretch in which nothing is clipped goes
/// through no filter at all, and the change to one in which something is has no seam.
#[derive(Clone, Debug)]
pub struct Clipper {
    settings: Settings,
    oversampler: Oversampler,
    shaper: Shaper,
    lines: Vec<Line>,
    excess: Vec<f64>,
    /// The highest value of any channel in each frame.
    peaks: Vec<f64>,
    gains_db: Vec<f64>,
    clipped: Clipped,
    trace: GainTrace,
}

impl Clipper {
    /// A clipper at rest.
    #[must_use]
    pub fn new(settings: Settings, rate_hz: f64, channels: usize) -> Self {
        let shaper = Shaper::new(settings.shape, settings.order, settings.factor, channels);
        let oversampler = Oversampler::new(settings.factor, shaper.delay(), channels);
        let latency = oversampler.latency();
        Self {
            settings,
            lines: vec![Line::new(latency); channels],
            excess: vec![0.0; CHUNK],
            peaks: vec![0.0; CHUNK],
            gains_db: vec![0.0; CHUNK],
            clipped: Clipped::default(),
            // A peak is known when it has gone up, which is half of the way.
            trace: GainTrace::new(rate_hz, latency / 2),
            oversampler,
            shaper,
        }
    }

    /// By how many frames the output is late.
    #[must_use]
    pub fn latency(&self) -> usize {
        self.oversampler.latency()
    }

    /// How many frames after the last one heard the output, its latency not counted, is exactly silent.
    #[must_use]
    pub fn tail(&self) -> usize {
        self.oversampler.tail()
    }

    /// What was done.
    #[must_use]
    pub fn clipped(&self) -> Clipped {
        let mut clipped = self.clipped;
        clipped.deepest_at = clipped.deepest_at.saturating_sub(self.latency() as u64 / 2);
        clipped
    }

    /// How far the peaks were taken down over time.
    #[must_use]
    pub fn trace(&self) -> &GainTrace {
        &self.trace
    }

    /// Back to rest, to the bit.
    pub fn reset(&mut self) {
        self.oversampler.reset();
        self.shaper.reset();
        self.lines.iter_mut().for_each(Line::reset);
        self.peaks.fill(0.0);
        self.clipped = Clipped::default();
        self.trace.reset();
    }

    /// Replaces the next frames of `channel` by the delayed and clipped ones. When every channel has had them, call
    /// [`note`](Self::note).
    ///
    /// # Panics
    /// When there is no such channel, or more frames than [`CHUNK`].
    pub fn process(&mut self, channel: usize, block: &mut [f64]) {
        let (up, down) = (1.0 / self.settings.ceiling, self.settings.ceiling);
        let times = self.settings.factor.times();
        let excess = &mut self.excess[..block.len()];
        excess.copy_from_slice(block);
        let (shaper, peaks) = (&mut self.shaper, &mut self.peaks);
        self.oversampler.process(channel, excess, |high| {
            for (peak, samples) in peaks.iter_mut().zip(high.chunks_exact_mut(times)) {
                for v in samples {
                    *v *= up;
                    *peak = if v.abs() > *peak { v.abs() } else { *peak };
                }
            }
            shaper.excess(channel, high);
        });
        self.lines[channel].process(block);
        for (y, excess) in block.iter_mut().zip(excess) {
            *y -= down * *excess;
        }
    }

    /// Takes note of what was clipped in the frames that every channel has had.
    pub fn note(&mut self, frames: usize) {
        let corner = self.settings.shape.corner();
        let peaks = &mut self.peaks[..frames];
        if peaks.iter().any(|peak| *peak > corner) {
            for (index, (gain_db, peak)) in self.gains_db.iter_mut().zip(peaks.iter()).enumerate() {
                *gain_db = match *peak > corner {
                    true => gain_to_db(self.settings.shape.value(*peak) / peak),
                    false => 0.0,
                };
                self.clipped.over += u64::from(*peak > 1.0);
                if *gain_db < self.clipped.deepest_db {
                    self.clipped.deepest_db = *gain_db;
                    self.clipped.deepest_at = self.clipped.frames + index as u64;
                }
            }
            self.trace.push_db(&self.gains_db[..frames]);
        } else {
            self.trace.rest(frames);
        }
        peaks.fill(0.0);
        self.clipped.frames += frames as u64;
    }
}
