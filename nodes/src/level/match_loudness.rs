//! Makes a programme as loud as another one.
//!
//! One reaches for it to compare fairly (louder always seems better), or to put a song beside the one before it. The
//! reference is a recording that the graph declares (`assets: { ref: "song.wav" }`, `reference: "ref"`), or its loudness
//! written down (`reference_lufs`). It is one gain for the whole programme, like that of `Loudness` with `aim: Here`; a
//! true peak above `ceiling_dbtp` is not made for it.

use super::heard::{FullListener, Heard, refused};
use deadwax_dsp::math::db_to_gain;
use deadwax_measure::{Meter, Wanted};
use deadwax_node::{
    About, Analyze, Block, Body, Family, Format, Io, Node, NodeError, Prepared, Problem, Recording, Report,
    Setup, Stream, Tail, Whole, params,
};
use serde::Serialize;

/// Parameters of `MatchLoudness`.
#[params]
pub struct MatchLoudness {
    #[param(default = None, help = "the recording to be as loud as, by the name the graph declares it under")]
    pub reference: Option<String>,
    #[param(default = None, range = -60.0..=0.0, help = "instead: how loud it is, in LUFS")]
    pub reference_lufs: Option<f64>,
    #[param(help = "which loudness")]
    pub metric: MatchMetric,
    #[param(default = 30.0, range = 0.0..=60.0, help = "the most it may turn up")]
    pub max_gain_db: f64,
    #[param(default = Some(-1.0), range = -20.0..=0.0, help = "the true peak that is not exceeded; None leaves peaks to what follows")]
    pub ceiling_dbtp: Option<f64>,
    #[param(default = None, range = -120.0..=60.0, help = "the gain, where it is known already: the programme is not heard then, and nothing else counts")]
    pub gain_db: Option<f64>,
}

/// Which loudness is matched.
#[params]
pub enum MatchMetric {
    /// of the whole programme
    #[default]
    Integrated,
    /// of its loudest 3 s: the chorus against the chorus
    ShortTermMax,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct MatchLoudnessReport {
    /// The loudness of the reference, in LUFS.
    pub reference_lufs: Option<f64>,
    /// The loudness at the node's input. `None` for silence, and for less than 3 s where their maximum counts.
    pub heard_lufs: Option<f64>,
    /// The gain, in dB.
    pub gain_db: f64,
    /// The loudness delivered.
    pub delivered_lufs: Option<f64>,
    /// The true peak delivered, in dBTP, where there is a ceiling.
    pub delivered_dbtp: Option<f64>,
    /// Whether it is as loud as the reference, within 0.05 LU.
    pub reached: bool,
}

impl MatchLoudness {
    fn meter(&self, rate_hz: u32, channels: usize, true_peak: bool) -> Result<Meter, NodeError> {
        let windows = self.metric == MatchMetric::ShortTermMax;
        let wanted = Wanted { windows, true_peak, history: false, psr: false, ..Wanted::ALL };
        Meter::new(rate_hz, channels, wanted).map_err(refused)
    }

    /// The loudness of the reference.
    fn of_reference(&self, setup: &Setup) -> Result<Option<f64>, NodeError> {
        let Some(name) = &self.reference else { return Ok(self.reference_lufs) };
        let recording: &Recording = setup.asset("reference", name)?;
        let mut meter = self.meter(recording.rate_hz, recording.channels.len(), false)?;
        meter.push(&recording.channels.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let measured = meter.finish();
        let lufs = match self.metric {
            MatchMetric::Integrated => measured.integrated_lufs,
            MatchMetric::ShortTermMax => measured.max_short_term_lufs,
        };
        let silent =
            || NodeError::field("reference", format!("`{name}` is silent, or too short to be measured"));
        lufs.map(Some).ok_or_else(silent)
    }
}

impl Node for MatchLoudness {
    const ABOUT: About = About {
        kind: "MatchLoudness",
        family: Family::Level,
        summary: "Makes the programme as loud as a reference.",
        since: "0.2",
        algorithm: 1,
        example: "MatchLoudness(reference_lufs: -11.5)",
    };

    fn check(&self, problems: &mut Vec<Problem>) {
        if self.reference.is_some() && self.reference_lufs.is_some() {
            let reason = "the reference is either a recording or a number";
            problems.push(Problem::rule("reference_lufs", reason, "leave one of the two out"));
        }
    }

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let Format { rate_hz, .. } = setup.main();
        if let Some(gain_db) = self.gain_db {
            let report = MatchLoudnessReport { gain_db, reached: true, ..MatchLoudnessReport::default() };
            let body = Body::Stream(Box::new(Scale { factor: db_to_gain(gain_db), report }));
            return Ok(Prepared { body, latency: 0, tail: Tail::NONE, cost_ns: 0.5 });
        }
        let body = Matcher {
            reference_lufs: self.of_reference(setup)?,
            meter: self.meter(rate_hz, setup.main().channels(), self.ceiling_dbtp.is_some())?,
            params: self.clone(),
        };
        Ok(Prepared { body: Body::Whole(Box::new(body)), latency: 0, tail: Tail::NONE, cost_ns: 0.5 })
    }

    fn neutral() -> Option<Self> {
        Some(Self::default())
    }
}

struct Matcher {
    params: MatchLoudness,
    reference_lufs: Option<f64>,
    meter: Meter,
}

struct Listener {
    listener: FullListener,
    metric: MatchMetric,
}

impl Analyze for Listener {
    fn hear(&mut self, start: u64, block: Block<'_>) -> Result<(), NodeError> {
        self.listener.hear(start, block)
    }

    fn finish(self: Box<Self>) -> Result<Report, NodeError> {
        let measured = self.listener.0.finish();
        let lufs = match self.metric {
            MatchMetric::Integrated => measured.integrated_lufs,
            MatchMetric::ShortTermMax => measured.max_short_term_lufs,
        };
        Ok(Report::new(Heard { lufs, dbtp: measured.true_peak_dbtp, rms_dbfs: None }))
    }
}

impl Whole for Matcher {
    fn listener(&self) -> Box<dyn Analyze> {
        Box::new(Listener { listener: FullListener(self.meter.clone()), metric: self.params.metric })
    }

    fn stream(&mut self, heard: &Report) -> Result<Box<dyn Stream>, NodeError> {
        let heard = heard.get::<Heard>().ok_or(NodeError::ForeignReport)?;
        let wanted = self.reference_lufs.zip(heard.lufs).map(|(reference, own)| reference - own);
        let mut gain_db = wanted.unwrap_or(0.0).min(self.params.max_gain_db);
        if let (Some(ceiling), Some(peak)) = (self.params.ceiling_dbtp, heard.dbtp)
            && gain_db > 0.0
        {
            // What is above the ceiling already is not turned down for it.
            gain_db = gain_db.min((ceiling - peak).max(0.0));
        }
        let report = MatchLoudnessReport {
            reference_lufs: self.reference_lufs,
            heard_lufs: heard.lufs,
            gain_db,
            delivered_lufs: heard.lufs.map(|lufs| lufs + gain_db),
            delivered_dbtp: heard.dbtp.map(|dbtp| dbtp + gain_db),
            reached: wanted.is_some_and(|wanted| (wanted - gain_db).abs() <= 0.05),
        };
        Ok(Box::new(Scale { factor: db_to_gain(gain_db), report }))
    }
}

struct Scale {
    factor: f64,
    report: MatchLoudnessReport,
}

impl Stream for Scale {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        for sample in io.main().iter_mut().flatten() {
            *sample *= self.factor;
        }
        Ok(())
    }

    fn reset(&mut self) {}

    fn report(&self) -> Option<Report> {
        Some(Report::new(self.report.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use deadwax_measure::signals::Music;
    use deadwax_node::{AnyNode, Buffer};
    use std::sync::Arc;

    fn music(rate_hz: u32, seed: u64, gain: f64) -> Vec<Vec<f64>> {
        let mix = Music { rate_hz: f64::from(rate_hz), seconds: 6.0, seed }.render();
        mix.into_iter().map(|channel| channel.into_iter().map(|x| gain * x).collect()).collect()
    }

    fn run(
        node: &MatchLoudness,
        input: &[Vec<f64>],
        reference: Recording,
    ) -> (Vec<Vec<f64>>, MatchLoudnessReport) {
        let mut setup = Setup::plain(node, Format::stereo(44_100)).unwrap();
        setup.assets.insert("ref".into(), Arc::new(reference));
        let Body::Whole(mut whole) = Node::prepare(node, &setup).unwrap().body else { panic!("hears first") };
        let mut outputs = [Buffer::from_channels(input)];
        let frames = input[0].len();
        let mut listener = whole.listener();
        listener.hear(0, outputs[0].block(frames)).unwrap();
        let mut stream = whole.stream(&listener.finish().unwrap()).unwrap();
        stream.process(&mut Io::new(0, frames, &[], &mut outputs)).unwrap();
        let report = stream.report().unwrap().get::<MatchLoudnessReport>().unwrap().clone();
        (outputs[0].block(frames).iter().map(<[f64]>::to_vec).collect(), report)
    }

    #[test]
    fn a_gain_that_is_known_is_the_gain() {
        let node =
            MatchLoudness { reference_lufs: Some(-3.0), gain_db: Some(-6.0), ..MatchLoudness::default() };
        let setup = Setup::plain(&node, Format::stereo(44_100)).unwrap();
        let Body::Stream(mut stream) = Node::prepare(&node, &setup).unwrap().body else {
            panic!("nothing has to be heard")
        };
        let mut outputs = [Buffer::from_channels(&[vec![1.0; 8], vec![-1.0; 8]])];
        stream.process(&mut Io::new(0, 8, &[], &mut outputs)).unwrap();
        assert!((outputs[0].block(8).channel(1)[3] + db_to_gain(-6.0)).abs() < 1e-15);
    }

    #[test]
    fn it_is_as_loud_as_the_reference_within_0_01_lu_by_either_measure() {
        let reference = Recording { rate_hz: 96_000, channels: music(96_000, 2, 0.3) };
        for metric in [MatchMetric::Integrated, MatchMetric::ShortTermMax] {
            let node = MatchLoudness { reference: Some("ref".into()), metric, ..MatchLoudness::default() };
            let (output, report) = run(&node, &music(44_100, 1, 0.8), reference.clone());
            let lufs = |rate_hz: u32, channels: &[Vec<f64>]| {
                let mut meter = Meter::new(rate_hz, 2, Wanted::LOUDNESS).unwrap();
                meter.push(&[&channels[0], &channels[1]]);
                let measured = meter.finish();
                match metric {
                    MatchMetric::Integrated => measured.integrated_lufs.unwrap(),
                    MatchMetric::ShortTermMax => measured.max_short_term_lufs.unwrap(),
                }
            };
            let (is, wanted) = (lufs(44_100, &output), lufs(96_000, &reference.channels));
            assert!((is - wanted).abs() < 0.01 && report.reached, "{metric:?}: {is} and {wanted}");
        }
    }

    #[test]
    fn the_ceiling_and_the_most_gain_are_kept() {
        let input = music(44_100, 1, 0.5);
        let loud = MatchLoudness { reference_lufs: Some(-2.0), ..MatchLoudness::default() };
        let (_, report) = run(&loud, &input, Recording::default());
        assert!(!report.reached && (report.delivered_dbtp.unwrap() + 1.0).abs() < 1e-9, "{report:?}");
        let free = MatchLoudness { ceiling_dbtp: None, ..loud.clone() };
        assert!(run(&free, &input, Recording::default()).1.reached);
        let least = MatchLoudness { max_gain_db: 1.0, ..free };
        assert_eq!(run(&least, &input, Recording::default()).1.gain_db, 1.0);
        let both = MatchLoudness { reference: Some("ref".into()), ..loud };
        assert_eq!(both.problems()[0].path, "reference_lufs");
    }
}
