//! Evens out a programme as a slow hand on the fader would: quiet stretches come up a little, loud ones go down.
//!
//! One reaches for it where the parts of a programme stand too far apart, and a compressor would change their sound: a
//! verse that falls off, a talk in which one voice is further away. The whole programme is heard first, so the fader moves
//! before the change comes and not behind it; it moves no faster than `speed_s`, goes no further than `range_db`, and
//! does not lift pauses. Nothing within a beat is touched.
//!
//! Its report has the ride as points of a curve. Write them into a `Gain` (`gain_db: Curve([...])`) in this node's place,
//! and it does the same; then move what you would have done otherwise.

use super::heard::{on_planes, refused};
use crate::automation::Factor;
use deadwax_dsp::math::db_to_gain;
use deadwax_dsp::ride::{Ride, ride};
use deadwax_measure::{COURSE_STEP_S, CourseMeter, power_lufs};
use deadwax_node::auto::Drawn;
use deadwax_node::{
    About, Analyze, Auto, Block, Body, Breakpoint, Family, GainCurve, Io, Node, NodeError, Prepared, Report,
    Setup, Shape, Stream, Tail, Whole, params,
};
use serde::Serialize;

/// Parameters of `Leveler`.
#[params]
pub struct Leveler {
    #[param(default = None, range = -36.0..=-5.0, help = "where everything is brought nearer to, in LUFS; without it, the programme's own loudness")]
    pub target_lufs: Option<f64>,
    #[param(default = 3.0, range = 0.0..=12.0, help = "the most it goes up or down")]
    pub range_db: f64,
    #[param(default = 8.0, range = 1.0..=60.0, help = "how long it listens, and how long a change takes")]
    pub speed_s: f64,
    #[param(default = 1.0, range = 0.0..=1.0, help = "how much of the distance is made good")]
    pub amount: f64,
}

/// What is quieter than the programme by this much is a pause, in LU.
const PAUSE_LU: f64 = -20.0;

/// What a leveller did.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LevelerReport {
    /// The loudness of the programme, in LUFS. `None` for silence.
    pub heard_lufs: Option<f64>,
    /// What it was brought nearer to, in LUFS.
    pub target_lufs: Option<f64>,
    /// The lowest and the highest gain, in dB.
    pub lowest_db: f64,
    /// See `lowest_db`.
    pub highest_db: f64,
    /// The ride: seconds from the start, and dB, with straight lines between.
    pub points: Vec<(f64, f64)>,
    /// The same as a node that can stand in this one's place.
    pub gain_node: String,
    /// The gain over time.
    pub gain_curve: GainCurve,
}

impl Node for Leveler {
    const ABOUT: About = About {
        kind: "Leveler",
        family: Family::Level,
        summary: "Evens out the parts of a programme with a slow fader, and writes down its ride.",
        since: "0.2",
        algorithm: 1,
        example: "Leveler(range_db: 3, speed_s: 8)",
    };

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let format = setup.main();
        let meter = CourseMeter::new(format.rate_hz, format.channels()).map_err(refused)?;
        let body = Rider { params: self.clone(), meter, rate_hz: f64::from(format.rate_hz) };
        Ok(Prepared { body: Body::Whole(Box::new(body)), latency: 0, tail: Tail::NONE, cost_ns: 4.0 })
    }

    fn neutral() -> Option<Self> {
        Some(Self { range_db: 0.0, ..Self::default() })
    }
}

struct Rider {
    params: Leveler,
    meter: CourseMeter,
    rate_hz: f64,
}

/// What was heard.
#[derive(Clone, Debug, Serialize)]
struct Course {
    lufs: Option<f64>,
    powers: Vec<f64>,
}

struct Listener(CourseMeter);

impl Analyze for Listener {
    fn hear(&mut self, _: u64, block: Block<'_>) -> Result<(), NodeError> {
        on_planes(block, |planes| self.0.push(planes));
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Report, NodeError> {
        Ok(Report::new(Course { lufs: self.0.lufs(), powers: self.0.powers().to_vec() }))
    }
}

impl Whole for Rider {
    fn listener(&self) -> Box<dyn Analyze> {
        Box::new(Listener(self.meter.clone()))
    }

    fn stream(&mut self, heard: &Report) -> Result<Box<dyn Stream>, NodeError> {
        let heard = heard.get::<Course>().ok_or(NodeError::ForeignReport)?;
        let target_lufs = heard.lufs.map(|lufs| self.params.target_lufs.unwrap_or(lufs));
        let points = match heard.lufs.zip(target_lufs) {
            Some((lufs, target)) => {
                let how = Ride {
                    target: power(target),
                    range_db: self.params.range_db,
                    amount: self.params.amount,
                    speed_s: self.params.speed_s,
                    pause: power(lufs + PAUSE_LU),
                };
                ride(&heard.powers, COURSE_STEP_S, &how)
            }
            None => vec![(0.0, 0.0)],
        };
        // As they will be read in a file: milliseconds, and thousandths of a decibel.
        let rounded = |x: f64| (x * 1000.0).round() / 1000.0;
        let points: Vec<(f64, f64)> = points.into_iter().map(|(s, db)| (rounded(s), rounded(db))).collect();
        let gain_db = curve_of(&points);
        let report = LevelerReport {
            heard_lufs: heard.lufs,
            target_lufs,
            lowest_db: points.iter().map(|(_, db)| *db).fold(f64::INFINITY, f64::min),
            highest_db: points.iter().map(|(_, db)| *db).fold(f64::NEG_INFINITY, f64::max),
            gain_node: deadwax_node::AnyNode::to_ron(&crate::gain::Gain { gain_db: gain_db.clone() }),
            gain_curve: gain_curve(&gain_db, heard.powers.len()),
            points,
        };
        Ok(Box::new(Fader { factor: Factor::new(&gain_db, self.rate_hz), report }))
    }
}

/// The power of a loudness.
fn power(lufs: f64) -> f64 {
    let gain = db_to_gain(lufs - power_lufs(1.0));
    gain * gain
}

/// The ride as the field of a `Gain`.
fn curve_of(points: &[(f64, f64)]) -> Auto {
    match points {
        [(_, db)] => Auto::Fixed(*db),
        _ => {
            let point =
                |(at_s, value): &(f64, f64)| Breakpoint { at_s: *at_s, value: *value, shape: Shape::Linear };
            Auto::Drawn(Drawn::Curve(points.iter().map(point).collect()))
        }
    }
}

fn gain_curve(gain_db: &Auto, steps: usize) -> GainCurve {
    let curve = crate::automation::curve(gain_db, 1.0 / COURSE_STEP_S);
    let gain_db = (0..steps).map(|step| curve.at(step as f64 + 0.5) as f32).collect();
    GainCurve { hop_s: COURSE_STEP_S, gain_db }
}

struct Fader {
    factor: Factor,
    report: LevelerReport,
}

impl Stream for Fader {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        let start = io.start();
        self.factor.scale(start, io.main());
        Ok(())
    }

    fn reset(&mut self) {}

    fn report(&self) -> Option<Report> {
        Some(Report::new(self.report.clone()))
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;
    use deadwax_dsp::math::power_to_db;
    use deadwax_measure::{Meter, Wanted, signals::Music};
    use deadwax_node::conformance::Rig;
    use deadwax_node::{AnyNode, Format};

    /// A mix whose second and fourth part are 5 dB quieter.
    fn programme(rate_hz: u32) -> Vec<Vec<f64>> {
        let mut mix: Vec<Vec<f64>> =
            Music { rate_hz: f64::from(rate_hz), seconds: 10.0, seed: 5 }.render().into();
        for channel in &mut mix {
            let once = channel.clone();
            (0..3).for_each(|_| channel.extend_from_slice(&once));
            for (n, sample) in channel.iter_mut().enumerate() {
                *sample *= if n / (rate_hz as usize * 10) % 2 == 1 { 0.562_341 } else { 1.0 };
            }
        }
        mix
    }

    fn run(node: &dyn AnyNode, rate_hz: u32, input: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let mut rig = Rig::new(node, Format::stereo(rate_hz), false).unwrap();
        rig.run(&[input.to_vec()], &[input[0].len()]).unwrap().remove(0)
    }

    fn report(node: &Leveler, rate_hz: u32, input: &[Vec<f64>]) -> LevelerReport {
        let Body::Whole(mut whole) =
            Node::prepare(node, &Setup::plain(node, Format::stereo(rate_hz)).unwrap()).unwrap().body
        else {
            panic!("hears the whole first")
        };
        let mut listener = whole.listener();
        let buffer = deadwax_node::Buffer::from_channels(input);
        listener.hear(0, buffer.block(input[0].len())).unwrap();
        let stream = whole.stream(&listener.finish().unwrap()).unwrap();
        stream.report().unwrap().get::<LevelerReport>().unwrap().clone()
    }

    fn range_lu(rate_hz: u32, channels: &[Vec<f64>]) -> f64 {
        let mut meter = Meter::new(rate_hz, 2, Wanted::LOUDNESS).unwrap();
        meter.push(&[&channels[0], &channels[1]]);
        meter.finish().loudness_range_lu.unwrap()
    }

    #[test]
    fn parts_come_nearer_within_the_range_and_without_a_click() {
        for rate_hz in [44_100, 96_000] {
            let input = programme(rate_hz);
            let node = Leveler { speed_s: 4.0, ..Leveler::default() };
            let output = run(&node, rate_hz, &input);
            let (before, after) = (range_lu(rate_hz, &input), range_lu(rate_hz, &output));
            assert!(before > 4.0 && after < before - 2.5, "{rate_hz}: {before} LU to {after} LU");
            let gains: Vec<f64> = input[0]
                .iter()
                .zip(&output[0])
                .filter(|(x, _)| x.abs() > 0.01)
                .map(|(x, y)| 20.0 * (y / x).log10())
                .collect();
            assert!(gains.iter().all(|gain| gain.abs() <= 3.0 + 1e-9));
            // From sample to sample no more than 6 dB in 4 s over a few dozen quiet samples: nothing one could hear as a click.
            let most = gains.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f64::max);
            assert!(most < 0.02, "{most} dB");
        }
    }

    #[test]
    fn a_gain_with_the_reported_curve_does_the_same_within_1e_9() {
        let input = programme(44_100);
        let node = Leveler { speed_s: 3.0, ..Leveler::default() };
        let report = report(&node, 44_100, &input);
        assert!(report.points.len() > 4 && report.lowest_db < -1.0 && report.highest_db > 1.0, "{report:?}");
        let kind = crate::registry();
        let body = report.gain_node.strip_prefix("Gain").unwrap();
        let gain = kind.get("Gain").unwrap().from_ron(body).unwrap();
        assert!(gain.problems().is_empty(), "{:?}", gain.problems());
        let (ours, again) = (run(&node, 44_100, &input), run(&*gain, 44_100, &input));
        let worst = ours.iter().flatten().zip(again.iter().flatten()).map(|(a, b)| (a - b).abs());
        assert!(worst.fold(0.0, f64::max) <= 1e-9);
        assert_eq!(report.gain_curve.gain_db.len(), 400);
    }

    #[test]
    fn silence_and_a_target_of_its_own() {
        let silence = vec![vec![0.0; 44_100]; 2];
        assert_eq!(run(&Leveler::default(), 44_100, &silence), silence);
        let up = Leveler { target_lufs: Some(-5.0), ..Leveler::default() };
        let report = report(&up, 44_100, &programme(44_100));
        assert_eq!((report.points.len(), report.highest_db), (1, 3.0));
        assert!((power_to_db(power(-23.0)) - (-23.0 + 0.691)).abs() < 1e-9);
    }
}
