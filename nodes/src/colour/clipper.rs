//! Cuts off peaks at a ceiling, for loudness that a limiter would pump for.
//!
//! One reaches for it before the limiter: a drum's first millisecond loses its tip, nothing around it moves, and the limiter
//! has less to do. `Hard` leaves everything below the ceiling as it is and sounds most open for a decibel or three;
//! `Knee` bends first, `Tanh` and `Cubic` round everything and colour more.
//!
//! The curve works at eight times the rate, by means over the signal's way between samples, so that hardly a tone folds back.
//! What it takes off is brought back to the programme's rate and subtracted: where `Hard` has nothing to cut, every sample
//! passes to the bit, above 20 kHz too. A cut band-limited signal overshoots its ceiling a little between samples, and
//! at `Hard` in them; `guard: TruePeak` has a true-peak limiter catch that, which keeps the ceiling for every meter.

use super::Oversampling;
use crate::automation::Factor as Drive;
use crate::dynamics::limiter::limit;
use deadwax_dsp::limiter::{self, Limiter};
use deadwax_dsp::math::db_to_gain;
use deadwax_dsp::oversampler::CHUNK;
use deadwax_dsp::waveshaper::{self, Order, Settings, Shape};
use deadwax_node::{
    About, Auto, Family, GainCurve, Io, Node, NodeError, Prepared, Problem, Report, Setup, Stream, Tail,
    params,
};
use serde::Serialize;

/// Parameters of `Clipper`.
#[params]
pub struct Clipper {
    #[param(help = "how peaks are bent")]
    pub shape: ClipShape,
    #[param(default = Auto::Fixed(0.0), range = -24.0..=48.0, help = "how far the signal is driven into the ceiling")]
    pub drive_db: Auto,
    #[param(default = -1.0, range = -24.0..=0.0, help = "what peaks are cut off at")]
    pub ceiling_db: f64,
    #[param(default = 0.5, range = 0.01..=1.0, help = "Knee: the part of the way to the ceiling that bends")]
    pub knee: f64,
    #[param(help = "the rate at which it is done")]
    pub oversampling: Oversampling,
    #[param(help = "what else is done against aliases")]
    pub antialias: ClipAntialias,
    #[param(help = "what is done about peaks that grow back between samples")]
    pub guard: ClipGuard,
}

/// How peaks are bent.
#[params]
pub enum ClipShape {
    /// cut off flat; nothing happens below the ceiling
    #[default]
    Hard,
    /// a parabola around the ceiling; nothing happens below it
    Knee,
    /// the hyperbolic tangent: gentle all the way
    Tanh,
    /// a cubic: like Tanh, and flat in the end
    Cubic,
}

/// What is done against aliases beside the higher rate.
#[params]
pub enum ClipAntialias {
    /// Second for Hard and Knee, None for the curves without corners
    #[default]
    Auto,
    /// nothing
    None,
    /// means over the way between two samples
    First,
    /// means over three samples
    Second,
}

/// What is done about peaks that grow back between samples.
#[params]
pub enum ClipGuard {
    /// nothing
    #[default]
    None,
    /// a true-peak limiter holds the ceiling
    TruePeak,
}

/// What a clipper did.
#[derive(Clone, Debug, Serialize)]
pub struct ClipReport {
    /// The part of the programme whose peaks were above the ceiling, 0 to 1.
    pub clipped_share: f64,
    /// The furthest a peak was taken down, in dB (0 or below).
    pub deepest_db: f64,
    /// Where it first was, in seconds from the programme's start.
    pub deepest_at_s: f64,
    /// The furthest the guard had to go down behind that, in dB; `None` without one.
    pub guard_db: Option<f64>,
    /// How far the peaks were taken down over time.
    pub gain_curve: GainCurve,
}

impl Clipper {
    fn settings(&self) -> Settings {
        let (shape, bends) = match self.shape {
            ClipShape::Hard => (Shape::Hard, true),
            ClipShape::Knee => (Shape::Knee(self.knee), true),
            ClipShape::Tanh => (Shape::Tanh, false),
            ClipShape::Cubic => (Shape::Cubic, false),
        };
        let order = match self.antialias {
            ClipAntialias::Auto if bends => Order::Second,
            ClipAntialias::Auto | ClipAntialias::None => Order::None,
            ClipAntialias::First => Order::First,
            ClipAntialias::Second => Order::Second,
        };
        Settings { shape, order, factor: self.oversampling.factor(), ceiling: db_to_gain(self.ceiling_db) }
    }
}

impl Node for Clipper {
    const ABOUT: About = About {
        kind: "Clipper",
        family: Family::Colour,
        summary: "Cuts off peaks at a ceiling.",
        since: "0.2",
        algorithm: 1,
        example: "Clipper(drive_db: 4, ceiling_db: -1)",
    };

    fn check(&self, problems: &mut Vec<Problem>) {
        if self.shape != ClipShape::Knee && self.knee != Self::default().knee {
            problems.push(Problem::rule(
                "knee",
                "only the shape Knee has a knee",
                "write `shape: Knee`, or leave the knee out",
            ));
        }
        let means = matches!(self.antialias, ClipAntialias::First | ClipAntialias::Second);
        if means && self.oversampling == Oversampling::X1 {
            problems.push(Problem::rule(
                "antialias",
                "means between samples dull the highs, which can be undone only at twice the rate or more",
                "write `oversampling: X2` or more, or `antialias: None`",
            ));
        }
    }

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let format = setup.main();
        let (rate_hz, channels) = (f64::from(format.rate_hz), format.channels());
        let kernel = waveshaper::Clipper::new(self.settings(), rate_hz, channels);
        let guard = (self.guard == ClipGuard::TruePeak).then(|| {
            let settings = limiter::Settings { ceiling_dbtp: self.ceiling_db, ..Default::default() };
            Limiter::new(&settings, rate_hz, channels)
        });
        let latency = kernel.latency() + guard.as_ref().map_or(0, Limiter::latency);
        let tail = Tail::Frames(kernel.tail() as u64);
        let each = 10.0 + 10.0 * self.oversampling.factor().times() as f64;
        let guard_ns = if guard.is_some() { 150.0 } else { 0.0 };
        let cost_ns = (each + guard_ns) * channels as f64;
        let drive = Drive::new(&self.drive_db, rate_hz);
        Ok(Prepared::stream(Clip { drive, kernel, guard, rate_hz }, cost_ns)
            .with_latency(latency as u64)
            .with_tail(tail))
    }

    fn neutral() -> Option<Self> {
        Some(Self::default())
    }
}

/// Drive, curve, guard.
struct Clip {
    drive: Drive,
    kernel: waveshaper::Clipper,
    guard: Option<Limiter>,
    rate_hz: f64,
}

impl Stream for Clip {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        let start = io.start();
        self.drive.scale(start, io.main());
        let mut main = io.main();
        main.each_part(CHUNK, |_, mut part| {
            for (index, channel) in part.iter_mut().enumerate() {
                self.kernel.process(index, channel);
            }
            self.kernel.note(part.frames());
        });
        if let Some(guard) = &mut self.guard {
            limit(guard, main);
        }
        Ok(())
    }

    fn reset(&mut self) {
        self.kernel.reset();
        if let Some(guard) = &mut self.guard {
            guard.reset();
        }
    }

    fn report(&self) -> Option<Report> {
        let (clipped, trace) = (self.kernel.clipped(), self.kernel.trace());
        Some(Report::new(ClipReport {
            clipped_share: clipped.over as f64 / clipped.frames.max(1) as f64,
            deepest_db: clipped.deepest_db,
            deepest_at_s: clipped.deepest_at as f64 / self.rate_hz,
            guard_db: self.guard.as_ref().map(|guard| guard.reduction().deepest_db),
            gain_curve: GainCurve { hop_s: trace.hop_s(), gain_db: trace.points_db() },
        }))
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;
    use deadwax_dsp::true_peak::PeakMeter;
    use deadwax_measure::signals::uniform;
    use deadwax_node::conformance::Rig;
    use deadwax_node::{AnyNode, Body, Format, Layout};
    use std::f64::consts::TAU;

    fn run(node: &Clipper, rate: u32, input: &[f64]) -> (Vec<f64>, usize, ClipReport) {
        let mut rig = Rig::new(node, Format::new(rate, Layout::Mono), false).unwrap();
        let output = rig.run(&[vec![input.to_vec()]], &[input.len()]).unwrap().remove(0).remove(0);
        let Body::Stream(stream) = &rig.prepared().body else { unreachable!() };
        let report = stream.report().unwrap().get::<ClipReport>().unwrap().clone();
        (output, rig.prepared().latency as usize, report)
    }

    /// A burst over the ceiling between two quiet stretches, all at −1 dBFS and above 20 kHz too.
    fn burst(rate: f64) -> Vec<f64> {
        let tone = |n: f64| 0.6 * (TAU * 997.0 / rate * n).sin() + 0.15 * (TAU * 0.49 * n).sin();
        let level = |n: usize| if (3_000..4_000).contains(&n) { 3.0 } else { 1.0 };
        (0..8_000).map(|n| level(n) * tone(n as f64)).collect()
    }

    #[test]
    fn where_nothing_is_over_the_ceiling_every_sample_passes_to_the_bit() {
        for rate in [44_100, 48_000, 88_200, 96_000, 192_000] {
            for shape in [ClipShape::Hard, ClipShape::Knee] {
                let knee = if shape == ClipShape::Knee { 0.1 } else { 0.5 };
                let node = Clipper { shape, knee, ..Clipper::default() };
                let input = burst(f64::from(rate));
                let (output, latency, _) = run(&node, rate, &input);
                let delayed = |n: usize| input[n - latency];
                // The filters reach about their latency to either side of what they take off.
                let quiet = (latency..3_000).chain(4_400..8_000);
                assert!(quiet.into_iter().all(|n| output[n] == delayed(n)), "{shape:?} at {rate} Hz");
                assert!((3_200..3_900).any(|n| output[n] != delayed(n)));
            }
        }
    }

    #[test]
    fn a_guarded_clipper_keeps_its_ceiling_by_both_meters() {
        // DSP specification, 3.5: at most 0.01 dB over. Squares, noise and a step grow most behind the decimator.
        for rate in [44_100, 48_000, 88_200, 96_000, 192_000] {
            let square: Vec<f64> = (0..8_000).map(|n| if n / 22 % 2 == 0 { 0.9 } else { -0.9 }).collect();
            let white: Vec<f64> = uniform(8_000, u64::from(rate)).iter().map(|x| 1.5 * x).collect();
            let quarter: Vec<f64> = (0..8_000).map(|n| [1.0, 1.0, -1.0, -1.0][n % 4]).collect();
            for (name, mut input) in [("square", square), ("white", white), ("quarter", quarter)] {
                // A tone cut off in the middle would have peaks of its own.
                input.extend([0.0; 1_000]);
                for shape in [ClipShape::Hard, ClipShape::Tanh] {
                    let node = Clipper {
                        shape,
                        drive_db: 9.0.into(),
                        guard: ClipGuard::TruePeak,
                        ..Clipper::default()
                    };
                    let (output, _, report) = run(&node, rate, &input);
                    let mut meter = PeakMeter::new();
                    meter.push(&output);
                    let peaks = meter.finish();
                    for peak in [peaks.annex_2, peaks.reference] {
                        let excess = 20.0 * peak.log10() + 1.0;
                        assert!(excess <= 0.01, "{name}, {shape:?} at {rate} Hz: {excess} dB over");
                    }
                    assert!(report.guard_db.is_some_and(|db| (-12.0..=0.0).contains(&db)), "{report:?}");
                }
            }
        }
    }

    #[test]
    fn the_report_says_how_often_how_far_and_when() {
        let tone = |n: usize| if n >= 22_050 { 0.5 * (TAU * 100.0 / 44_100.0 * n as f64).sin() } else { 0.0 };
        let input: Vec<f64> = (0..44_100).map(tone).collect();
        let node = Clipper { ceiling_db: -12.0, ..Clipper::default() };
        let (_, _, report) = run(&node, 44_100, &input);
        // A sine of −6 dB is beyond a ceiling of −12 dB two thirds of the time, here for half a second of one.
        assert!((report.clipped_share - 0.5 * 0.667).abs() < 0.01, "{report:?}");
        assert!((report.deepest_db + 5.98).abs() < 0.01, "{}", report.deepest_db);
        assert!((report.deepest_at_s - 0.5).abs() < 0.02, "{}", report.deepest_at_s);
        let curve = &report.gain_curve;
        assert!(curve.gain_db[..49].iter().all(|db| *db == 0.0) && curve.gain_db[60] < -5.9);
    }

    #[test]
    fn a_mean_at_the_programmes_rate_and_a_knee_without_one_are_refused() {
        let broken = Clipper {
            antialias: ClipAntialias::First,
            oversampling: Oversampling::X1,
            knee: 0.3,
            ..Clipper::default()
        };
        let paths: Vec<_> = broken.problems().into_iter().map(|problem| problem.path.to_string()).collect();
        assert_eq!(paths, ["knee", "antialias"]);
        assert!(Clipper { oversampling: Oversampling::X1, ..Clipper::default() }.problems().is_empty());
    }
}
