//! Brings the whole programme to a loudness, by one constant gain.
//!
//! The programme is heard from end to end first, so nothing in it moves against anything else: this is a fader set
//! once, not a leveller. With `aim: Output` it is the loudness at the graph's output that counts: put the node before the
//! limiter, and the gain is corrected, by running the rest again, until what comes out behind the limiter is as
//! loud as asked. Loudness is integrated loudness by ITU-R BS.1770-5.
//!
//! A target a limiter cannot give is reported with the best that was achieved; the gain then stays where more of it would
//! only crush. Silence has no loudness and passes untouched.

use super::aim::{Run, Search, Verdict};
use deadwax_dsp::math::db_to_gain;
use deadwax_measure::{IntegratedMeter, MeasureError};
use deadwax_node::{
    About, Analyze, Block, Body, Family, Format, Goal, Io, Node, NodeError, Prepared, Report, Setup, Step,
    Stream, Tail, Whole, params,
};
use serde::Serialize;

/// Parameters of `Loudness`.
#[params]
pub struct Loudness {
    #[param(default = -14.0, range = -36.0..=-5.0, help = "how loud, in LUFS integrated")]
    pub target_lufs: f64,
    #[param(help = "where it is to be so loud")]
    pub aim: LoudnessAim,
    #[param(default = 0.05, range = 0.01..=1.0, help = "how far off the target is near enough, in LU")]
    pub tolerance_lu: f64,
    #[param(default = 30.0, range = 0.0..=60.0, help = "the most it may turn up")]
    pub max_gain_db: f64,
}

/// Where the loudness counts.
#[params]
pub enum LoudnessAim {
    /// at the graph's output, behind everything that follows: runs that stretch again until it fits
    #[default]
    Output,
    /// right here, behind this node
    Here,
}

/// The most it may turn down, in dB.
const MOST_DOWN_DB: f64 = -120.0;

/// What came of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LoudnessReport {
    /// The loudness asked for, in LUFS.
    pub target_lufs: f64,
    /// The loudness at the node's input, in LUFS. `None` for silence.
    pub heard_lufs: Option<f64>,
    /// The loudness delivered where it counts, in LUFS. `None` for silence.
    pub delivered_lufs: Option<f64>,
    /// The gain, in dB.
    pub gain_db: f64,
    /// How often the stretch to the output ran.
    pub rounds: usize,
    /// Whether what is delivered is within the tolerance.
    pub reached: bool,
    /// What one can do about it, if not.
    pub help: Option<String>,
}

impl Node for Loudness {
    const ABOUT: About = About {
        kind: "Loudness",
        family: Family::Level,
        summary: "Brings the whole programme to a loudness, here or at the graph's output.",
        since: "0.1",
        algorithm: 1,
        example: "Loudness(target_lufs: -14)",
    };

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let meter = meter(setup.main())?;
        let body = Normalizer { params: self.clone(), meter, heard: None, gain_db: 0.0 };
        Ok(Prepared { body: Body::Whole(Box::new(body)), latency: 0, tail: Tail::NONE, cost_ns: 0.5 })
    }
}

fn meter(format: Format) -> Result<IntegratedMeter, NodeError> {
    IntegratedMeter::new(format.rate_hz, format.channels()).map_err(|error| match error {
        MeasureError::SampleRate { rate_hz } => {
            NodeError::SampleRate { rate_hz, reason: "loudness is measured from 8 to 768 kHz".into() }
        }
        other => NodeError::failed("loudness cannot be measured here", other),
    })
}

/// Hears the whole, then is a gain.
struct Normalizer {
    params: Loudness,
    /// A meter that has heard nothing.
    meter: IntegratedMeter,
    heard: Option<f64>,
    gain_db: f64,
}

impl Whole for Normalizer {
    fn listener(&self) -> Box<dyn Analyze> {
        Box::new(Listener(Ok(self.meter.clone())))
    }

    fn stream(&mut self, heard: &Report) -> Result<Box<dyn Stream>, NodeError> {
        let heard = heard.get::<Heard>().ok_or(NodeError::ForeignReport)?;
        let params = &self.params;
        self.heard = heard.lufs;
        self.gain_db = heard
            .lufs
            .map_or(0.0, |lufs| (params.target_lufs - lufs).clamp(MOST_DOWN_DB, params.max_gain_db));
        let report = (params.aim == LoudnessAim::Here).then(|| self.here());
        Ok(Box::new(Scale { factor: db_to_gain(self.gain_db), report }))
    }

    fn goal(&self) -> Option<Box<dyn Goal>> {
        let p = &self.params;
        (p.aim == LoudnessAim::Output).then(|| {
            let search = Search::new(p.target_lufs, self.heard, p.tolerance_lu, p.max_gain_db);
            Box::new(AtOutput { search, heard: self.heard, gain_db: self.gain_db }) as Box<dyn Goal>
        })
    }
}

impl Normalizer {
    /// What is delivered right behind the node: a plain sum.
    fn here(&self) -> LoudnessReport {
        let p = &self.params;
        let delivered = self.heard.map(|lufs| lufs + self.gain_db);
        let reached = delivered.is_some_and(|lufs| (lufs - p.target_lufs).abs() <= p.tolerance_lu);
        let help = match delivered {
            _ if reached => None,
            None => Some(SILENCE.to_owned()),
            Some(lufs) => Some(most_gain_help(lufs, p.max_gain_db)),
        };
        LoudnessReport {
            target_lufs: p.target_lufs,
            heard_lufs: self.heard,
            delivered_lufs: delivered,
            gain_db: self.gain_db,
            rounds: 1,
            reached,
            help,
        }
    }
}

const SILENCE: &str =
    "the programme is silent, or shorter than 0.4 s: it has no loudness, and was left as it is";

fn most_gain_help(lufs: f64, most_db: f64) -> String {
    format!("with all {most_db} dB of `max_gain_db` it is {lufs:.2} LUFS: allow more gain, or ask for less")
}

/// Measures a programme's loudness. Holds the error instead where the output's format has none.
struct Listener(Result<IntegratedMeter, NodeError>);

/// What was heard.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
struct Heard {
    lufs: Option<f64>,
}

impl Analyze for Listener {
    fn hear(&mut self, _: u64, block: Block<'_>) -> Result<(), NodeError> {
        let Ok(meter) = &mut self.0 else { return Ok(()) };
        if let Some((left, right)) = block.stereo() {
            meter.push(&[left, right]);
            return Ok(());
        }
        let mut channels: [&[f64]; deadwax_node::MAX_CHANNELS] = [&[]; _];
        for (slot, channel) in channels.iter_mut().zip(block.iter()) {
            *slot = channel;
        }
        meter.push(&channels[..block.channels()]);
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Report, NodeError> {
        Ok(Report::new(Heard { lufs: self.0?.lufs() }))
    }
}

/// One gain for all.
struct Scale {
    factor: f64,
    report: Option<LoudnessReport>,
}

impl Stream for Scale {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        for channel in io.main().iter_mut() {
            for sample in channel {
                *sample *= self.factor;
            }
        }
        Ok(())
    }

    fn reset(&mut self) {}

    fn report(&self) -> Option<Report> {
        self.report.clone().map(Report::new)
    }
}

/// The loudness at the graph's output.
struct AtOutput {
    search: Search,
    heard: Option<f64>,
    gain_db: f64,
}

impl Goal for AtOutput {
    fn listener(&self, output: Format) -> Box<dyn Analyze> {
        Box::new(Listener(meter(output)))
    }

    fn next(&mut self, delivered: &Report) -> Result<Step, NodeError> {
        let delivered = delivered.get::<Heard>().ok_or(NodeError::ForeignReport)?;
        let Some(lufs) = delivered.lufs else {
            return Ok(self.done(None, false, Some(SILENCE.to_owned())));
        };
        Ok(match self.search.after(Run { gain_db: self.gain_db, lufs }) {
            Verdict::Try(gain_db) => {
                self.gain_db = gain_db;
                Step::Again(Box::new(Scale { factor: db_to_gain(gain_db), report: None }))
            }
            Verdict::Reached => self.done(Some(lufs), true, None),
            Verdict::Best(slope) => {
                let help = self.help(lufs, slope);
                self.done(Some(lufs), false, Some(help))
            }
        })
    }
}

impl AtOutput {
    fn done(&self, delivered_lufs: Option<f64>, reached: bool, help: Option<String>) -> Step {
        Step::Done(Report::new(LoudnessReport {
            target_lufs: self.search.target_lufs,
            heard_lufs: self.heard,
            delivered_lufs,
            gain_db: self.gain_db,
            rounds: self.search.runs.len().max(1),
            reached,
            help,
        }))
    }

    fn help(&self, lufs: f64, slope: Option<f64>) -> String {
        let target = self.search.target_lufs;
        if slope.is_none() && self.gain_db >= self.search.most_gain_db && lufs < target {
            return most_gain_help(lufs, self.search.most_gain_db);
        }
        match slope {
            Some(slope) => format!(
                "{lufs:.2} LUFS is the best of {} runs: behind this node something holds the level down, 1 dB more \
                 gain made it {:.1} dB louder. Compress or clip before the limiter, or ask for less",
                self.search.runs.len(),
                slope.max(0.0)
            ),
            None => format!(
                "{lufs:.2} LUFS is the best of {} runs: behind this node something answers unevenly to gain. Ask \
                 for less, allow a larger `tolerance_lu`, or aim `Here`",
                self.search.runs.len()
            ),
        }
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;
    use deadwax_node::{Buffer, Layout};

    fn tone(amplitude: f64, frames: usize) -> Vec<Vec<f64>> {
        let channel: Vec<f64> =
            (0..frames).map(|n| amplitude * (std::f64::consts::TAU * n as f64 / 48.0).sin()).collect();
        vec![channel.clone(), channel]
    }

    fn hear(mut listener: Box<dyn Analyze>, channels: &[Vec<f64>]) -> Report {
        let buffer = Buffer::from_channels(channels);
        listener.hear(0, buffer.block(buffer.capacity())).unwrap();
        listener.finish().unwrap()
    }

    fn whole(node: &Loudness) -> Box<dyn Whole> {
        let format = Format::new(48_000, Layout::Stereo);
        match node.prepare(&Setup::plain(node, format).unwrap()).unwrap().body {
            Body::Whole(whole) => whole,
            _ => panic!("hears the whole first"),
        }
    }

    fn run(stream: &mut dyn Stream, channels: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let mut outputs = [Buffer::from_channels(channels)];
        let frames = channels[0].len();
        stream.process(&mut Io::new(0, frames, &[], &mut outputs)).unwrap();
        outputs[0].block(frames).iter().map(<[f64]>::to_vec).collect()
    }

    #[test]
    fn here_is_within_0_01_lu_of_the_target() {
        let node = Loudness { target_lufs: -18.0, aim: LoudnessAim::Here, ..Loudness::default() };
        let mut whole = whole(&node);
        assert!(whole.goal().is_none());
        let input = tone(0.02, 48_000);
        let mut stream = whole.stream(&hear(whole.listener(), &input)).unwrap();
        let after = hear(whole.listener(), &run(&mut *stream, &input));
        assert!((after.get::<Heard>().unwrap().lufs.unwrap() + 18.0).abs() < 0.01);
        let report = stream.report().unwrap();
        let report = report.get::<LoudnessReport>().unwrap();
        assert!(report.reached && report.help.is_none() && report.rounds == 1);
        assert!((report.delivered_lufs.unwrap() + 18.0).abs() < 1e-9);
    }

    /// Runs the closed loop with `behind` in the rest of the graph.
    fn deliver(node: &Loudness, input: &[Vec<f64>], behind: impl Fn(f64) -> f64) -> (LoudnessReport, f64) {
        let mut whole = whole(node);
        let mut stream = whole.stream(&hear(whole.listener(), input)).unwrap();
        let mut goal = whole.goal().unwrap();
        for _ in 0..9 {
            let mut output = run(&mut *stream, input);
            output.iter_mut().flatten().for_each(|sample| *sample = behind(*sample));
            let delivered = hear(goal.listener(Format::new(48_000, Layout::Stereo)), &output);
            match goal.next(&delivered).unwrap() {
                Step::Again(next) => stream = next,
                Step::Done(report) => {
                    let lufs = delivered.get::<Heard>().unwrap().lufs;
                    return (report.get::<LoudnessReport>().unwrap().clone(), lufs.unwrap_or(f64::NAN));
                }
            }
        }
        panic!("never content");
    }

    #[test]
    fn the_output_is_within_the_tolerance_behind_a_saturator() {
        let (report, lufs) = deliver(&Loudness::default(), &tone(0.02, 48_000), |x| 0.9 * (x / 0.9).tanh());
        assert!(report.reached && report.rounds <= 3, "{report:?}");
        assert!((lufs + 14.0).abs() <= 0.05 && report.delivered_lufs == Some(lufs));
    }

    #[test]
    fn an_unreachable_target_delivers_the_best_run_and_says_so() {
        let node = Loudness { target_lufs: -5.0, ..Loudness::default() };
        let (report, lufs) = deliver(&node, &tone(0.02, 48_000), |x| x.clamp(-0.25, 0.25));
        assert!(!report.reached && report.delivered_lufs == Some(lufs));
        assert!(lufs < -5.05 && report.help.is_some_and(|help| help.contains("Compress or clip")));
    }

    #[test]
    fn silence_is_left_alone() {
        let silence = vec![vec![0.0; 48_000]; 2];
        let (report, _) = deliver(&Loudness::default(), &silence, |x| x);
        assert_eq!((report.gain_db, report.reached, report.delivered_lufs), (0.0, false, None));
        assert!(report.help.is_some());
    }

    #[test]
    fn the_most_gain_is_kept() {
        let node = Loudness { max_gain_db: 6.0, ..Loudness::default() };
        let (report, lufs) = deliver(&node, &tone(0.001, 48_000), |x| x);
        assert_eq!((report.gain_db, report.reached, report.rounds), (6.0, false, 1));
        assert!((lufs + 54.0).abs() < 0.1 && report.help.is_some_and(|help| help.contains("max_gain_db")));
    }
}
