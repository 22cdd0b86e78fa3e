//! Hears a side for a record.

use super::bass::BassMeter;
use super::course::Course;
use super::figures::{Clipping, Met, VinylFigures};
use super::geometry::Record;
use super::groove::Groove;
use super::land::LandMeter;
use super::sibilance::SibilanceMeter;
use super::treble::TrebleMeter;
use crate::side::{Chunks, EdgesMeter, Side, SideError, Silences, check_rate};
use deadwax_measure::{ClipRuns, SampleMeter};

/// Measures a side for a record. Any cutting of it into blocks gives the same bits.
#[derive(Clone, Debug)]
pub struct VinylMeter {
    chunks: Chunks,
    ears: Ears,
}

impl VinylMeter {
    /// A meter for `side` on `record`, where a sine whose peak is at `reference_dbfs` is cut at 5 cm/s at 1 kHz.
    ///
    /// # Errors
    /// When the sample rate is too low.
    pub fn new(side: Side, record: Record, reference_dbfs: f64) -> Result<Self, SideError> {
        check_rate(side.rate_hz)?;
        let rate_hz = side.rate_hz;
        let ears = Ears {
            samples: [SampleMeter::new(), SampleMeter::new()],
            first_clipped: None,
            silences: Silences::new(side.marks(), rate_hz),
            edges: EdgesMeter::new(rate_hz)?,
            bass: BassMeter::new(rate_hz)?,
            groove: Groove::new(rate_hz, reference_dbfs)?,
            treble: TrebleMeter::new(rate_hz)?,
            sibilance: SibilanceMeter::new(rate_hz)?,
            land: LandMeter::new(record, rate_hz),
            course: Course::new(rate_hz)?,
            at: 0,
            record,
            reference_dbfs,
            side,
        };
        Ok(Self { chunks: Chunks::new(), ears })
    }

    /// Hears the next frames of both channels. A mono side is heard on both.
    pub fn push(&mut self, left: &[f64], right: &[f64]) {
        self.chunks.push(left, right, |left, right| self.ears.hear(left, right));
    }

    /// The figures.
    #[must_use]
    pub fn finish(mut self) -> VinylFigures {
        self.chunks.end(|left, right| self.ears.hear(left, right));
        self.ears.finish()
    }
}

/// Everything that listens.
#[derive(Clone, Debug)]
struct Ears {
    samples: [SampleMeter; 2],
    first_clipped: Option<u64>,
    silences: Silences,
    edges: EdgesMeter,
    bass: BassMeter,
    groove: Groove,
    treble: TrebleMeter,
    sibilance: SibilanceMeter,
    land: LandMeter,
    course: Course,
    at: u64,
    record: Record,
    reference_dbfs: f64,
    side: Side,
}

impl Ears {
    fn hear(&mut self, left: &[f64], right: &[f64]) {
        for (meter, samples) in self.samples.iter_mut().zip([left, right]) {
            meter.push(samples);
        }
        if self.first_clipped.is_none() && self.clipped().runs > 0 {
            self.first_clipped = Some(self.at);
        }
        self.silences.hear(left, right);
        self.edges.hear(left, right);
        self.groove.cut(left, right);
        let Groove { velocity: [inner, outer], displacement, .. } = &self.groove;
        // In a tenth of a second the radius stays where it is.
        let at_s = (self.at + left.len() as u64 / 2) as f64 / f64::from(self.side.rate_hz);
        let radius = self.record.radius_mm(at_s, self.side.length_s());
        self.treble.see(inner, outer, self.record.groove_cm_s(radius));
        self.sibilance.see(inner, outer);
        self.land.see(&displacement[0], &displacement[1]);
        self.bass.see(&displacement[0], &displacement[1]);
        self.course.hear([left, right], &self.treble.treble);
        self.at += left.len() as u64;
    }

    /// The clipped runs of both channels.
    fn clipped(&self) -> ClipRuns {
        let [left, right] = [&self.samples[0], &self.samples[1]].map(SampleMeter::clipped);
        ClipRuns {
            runs: left.runs + right.runs,
            longest: left.longest.max(right.longest),
            samples: left.samples + right.samples,
        }
    }

    fn finish(self) -> VinylFigures {
        let rate = f64::from(self.side.rate_hz);
        let length_s = self.side.length_s();
        let clipping = Clipping {
            runs: self.clipped(),
            first_at_s: self.first_clipped.unwrap_or_default() as f64 / rate,
        };
        let (_, silences) = self.silences.finish();
        let met = self.side.tracks.iter().skip(1).zip(silences);
        let begins: Vec<f64> = self.side.tracks.iter().map(|track| track.begin as f64 / rate).collect();
        let ends = begins.iter().skip(1).copied().chain([length_s]);
        let tracks = self.side.tracks.iter().zip(begins.iter().zip(ends));
        let third = |number: u32| {
            let [begin, end] = [number, number + 1].map(|third| length_s * f64::from(third) / 3.0);
            self.course.part(["outer", "middle", "inner"][number as usize], begin, end)
        };
        VinylFigures {
            record: self.record,
            reference_dbfs: self.reference_dbfs,
            length_s,
            land: self.land.finish(length_s),
            bass: self.bass.finish(),
            treble: self.treble.finish(),
            sibilance: self.sibilance.finish(self.at as f64 / rate),
            clipping,
            plr_lu: self.side.plr_lu,
            edges: self.edges.finish(),
            meets: met
                .map(|(track, frames)| Met { meeting: track.meeting, silence_s: frames as f64 / rate })
                .collect(),
            tracks: tracks.map(|(track, (begin, end))| self.course.part(&track.title, *begin, end)).collect(),
            thirds: [third(0), third(1), third(2)],
        }
    }
}
