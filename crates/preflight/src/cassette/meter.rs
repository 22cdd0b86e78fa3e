//! Hears a side for a cassette.

use super::figures::{Azimuth, CassetteFigures};
use super::saturation::SaturationMeter;
use crate::side::{Chunks, EdgesMeter, Side, SideError, Silences, check_rate};
use deadwax_dsp::align::Aligner;
use deadwax_dsp::fft::Kind;

/// The channels are looked for each other so far apart, in seconds: more than any azimuth does, less than most microphones.
const MOST_LATE_S: f64 = 0.001;

/// Measures a side for a cassette. Any cutting of it into blocks gives the same bits.
///
/// The time between the channels is their generalised cross-correlation (see [`deadwax_dsp::align`]): every frequency counts
/// alike, so that nearly all of it is treble.
#[derive(Clone, Debug)]
pub struct CassetteMeter {
    chunks: Chunks,
    ears: Ears,
}

impl CassetteMeter {
    /// A meter for `side`.
    ///
    /// # Errors
    /// When the sample rate is too low.
    pub fn new(side: &Side) -> Result<Self, SideError> {
        check_rate(side.rate_hz)?;
        let most_late = (MOST_LATE_S * f64::from(side.rate_hz)) as usize;
        let ears = Ears {
            rate_hz: side.rate_hz,
            length_s: side.length_s(),
            silences: Silences::new(Vec::new(), side.rate_hz),
            edges: EdgesMeter::new(side.rate_hz)?,
            saturation: SaturationMeter::new(side.rate_hz)?,
            aligner: Aligner::new(most_late, Kind::Portable),
        };
        Ok(Self { chunks: Chunks::new(), ears })
    }

    /// Hears the next frames of both channels. A mono side is heard on both.
    pub fn push(&mut self, left: &[f64], right: &[f64]) {
        self.chunks.push(left, right, |left, right| self.ears.hear(left, right));
    }

    /// The figures.
    #[must_use]
    pub fn finish(mut self) -> CassetteFigures {
        self.chunks.end(|left, right| self.ears.hear(left, right));
        self.ears.finish()
    }
}

/// Everything that listens.
#[derive(Clone, Debug)]
struct Ears {
    rate_hz: u32,
    length_s: f64,
    silences: Silences,
    edges: EdgesMeter,
    saturation: SaturationMeter,
    aligner: Aligner,
}

impl Ears {
    fn hear(&mut self, left: &[f64], right: &[f64]) {
        self.silences.hear(left, right);
        self.edges.hear(left, right);
        self.saturation.hear(left, right);
        self.aligner.hear(left, right);
    }

    fn finish(self) -> CassetteFigures {
        let rate = f64::from(self.rate_hz);
        let (head, _) = self.silences.finish();
        let aligned = self.aligner.finish(false);
        CassetteFigures {
            length_s: self.length_s,
            head_s: head as f64 / rate,
            edges: self.edges.finish(),
            saturation: self.saturation.finish(),
            azimuth: Azimuth { right_late_us: 1e6 * aligned.late / rate, windows: aligned.windows },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use deadwax_measure::signals::uniform;

    /// Four seconds of noise behind a second and a half of silence, the right channel so many frames late.
    fn heard(late: usize) -> CassetteFigures {
        let rate_hz = 44_100;
        let noise: Vec<f64> = uniform(4 * 44_100, 1).iter().map(|x| 0.3 * x).collect();
        let silent = vec![0.0; 66_150];
        let left = [&silent[..], &noise, &[0.0; 40]].concat();
        let right = [&silent[..], &vec![0.0; late], &noise, &vec![0.0; 40 - late]].concat();
        let side = Side { rate_hz, frames: left.len() as u64, tracks: Vec::new(), plr_lu: None };
        let mut meter = CassetteMeter::new(&side).unwrap();
        for (left, right) in left.chunks(1000).zip(right.chunks(1000)) {
            meter.push(left, right);
        }
        meter.finish()
    }

    #[test]
    fn a_delay_of_so_many_frames_between_the_channels_reads_as_that() {
        for late in [0, 1, 7, 20] {
            let azimuth = heard(late).azimuth;
            let frames = azimuth.right_late_us * 44_100.0 / 1e6;
            assert!((frames - late as f64).abs() < 0.01 && azimuth.windows > 3, "{late}: {azimuth:?}");
        }
    }

    #[test]
    fn the_silence_in_front_is_as_long_as_it_is() {
        assert!((heard(0).head_s - 1.5).abs() < 0.001);
    }
}
