//! Brings the whole programme to a loudness, by one constant gain.
//!
//! The programme is heard from end to end first, so nothing in it moves against anything else: this is a fader set
//! once, not a leveller. With `aim: Output` it is the loudness at the graph's output that counts: put the node before the
//! limiter, and the gain is corrected, by running the rest again, until what comes out behind the limiter is as
//! loud as asked. Loudness is integrated loudness by ITU-R BS.1770-5.
//!
//! With `aim: Here` it is a plain normaliser: to a loudness, to a true peak or to an RMS level. `ceiling_dbtp` is a true
//! peak that it does not exceed, and `on_exceed` says what then: less gain, an error, a limiter, or nothing.
//!
//! As one track of an album (`scope: Album`) it is brought to the target plus `offset_lu`: who renders the album measures
//! all tracks together, and gives every track how much louder than the album it is, so that a quiet song stays quiet.
//!
//! With `gain_db` nothing is heard: the gain is that of another run. So an instrumental gets the gain of the song it belongs
//! to, and the song without its voice stays the song.
//!
//! A target a limiter cannot give is reported with the best that was achieved; the gain then stays where more of it would
//! only crush. Silence has no loudness and passes untouched.

use super::aim::{Run, Search, Verdict};
use super::heard::{Heard, Listener, meter};
use super::here::{Here, Plan};
use deadwax_dsp::math::db_to_gain;
use deadwax_node::{
    About, Analyze, Body, Family, Format, GainCurve, Goal, Io, Node, NodeError, Prepared, Problem, Report,
    Setup, Step, Stream, Tail, Whole, params,
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
    #[param(help = "whether the programme counts by itself or as a part of an album")]
    pub scope: LoudnessScope,
    #[param(default = 0.0, range = -30.0..=30.0, help = "how much louder than the album's target this track is to be")]
    pub offset_lu: f64,
    #[param(help = "what is brought to its target; all but loudness only with `aim: Here`")]
    pub metric: LoudnessMetric,
    #[param(default = -1.0, range = -24.0..=0.0, help = "the target for `metric: TruePeak`")]
    pub target_dbtp: f64,
    #[param(default = -20.0, range = -40.0..=-3.0, help = "the target for `metric: Rms`, against a full-scale sine")]
    pub target_rms_dbfs: f64,
    #[param(default = -1.0, range = -20.0..=0.0, help = "with `aim: Here`: the true peak that is not exceeded")]
    pub ceiling_dbtp: f64,
    #[param(help = "with `aim: Here`: what happens when the target would exceed it")]
    pub on_exceed: LoudnessExceed,
    #[param(default = None, range = -120.0..=60.0, help = "the gain, where it is known already: the programme is not heard then, and nothing above but `on_exceed: Limit` counts")]
    pub gain_db: Option<f64>,
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

/// Whether the programme counts by itself.
#[params]
pub enum LoudnessScope {
    /// the programme is brought to the target
    #[default]
    Track,
    /// the programme is brought to the target plus `offset_lu`, which who renders the album works out
    Album,
}

/// What is brought to its target.
#[params]
pub enum LoudnessMetric {
    /// integrated loudness, to `target_lufs`
    #[default]
    Integrated,
    /// true peak, by the higher of two meters, to `target_dbtp`
    TruePeak,
    /// mean power of all channels, to `target_rms_dbfs`
    Rms,
}

/// What happens when the target takes more than the ceiling allows.
#[params]
pub enum LoudnessExceed {
    /// less gain: it stays quieter than asked, and says so
    #[default]
    Reduce,
    /// the run stops with an error
    Error,
    /// a true-peak limiter holds the ceiling
    Limit,
    /// nothing: something behind this node takes care of peaks
    Allow,
}

/// The most it may turn down, in dB.
pub(super) const MOST_DOWN_DB: f64 = -120.0;

/// What came of it. Only the figures of the metric, and those that were needed on the way, are there.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct LoudnessReport {
    /// The loudness asked for, in LUFS (an album's offset included).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_lufs: Option<f64>,
    /// The true peak asked for, in dBTP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_dbtp: Option<f64>,
    /// The RMS level asked for, in dB below a full-scale sine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_rms_dbfs: Option<f64>,
    /// The loudness at the node's input, in LUFS. `None` for silence.
    pub heard_lufs: Option<f64>,
    /// The true peak at the node's input, in dBTP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heard_dbtp: Option<f64>,
    /// The loudness delivered where it counts, in LUFS. `None` for silence.
    pub delivered_lufs: Option<f64>,
    /// The true peak delivered, in dBTP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivered_dbtp: Option<f64>,
    /// The RMS level delivered, in dB below a full-scale sine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivered_rms_dbfs: Option<f64>,
    /// The gain, in dB.
    pub gain_db: f64,
    /// How often the stretch to the output ran.
    pub rounds: usize,
    /// Whether what is delivered is within the tolerance.
    pub reached: bool,
    /// What one can do about it, if not.
    pub help: Option<String>,
    /// What the limiter did, with `on_exceed: Limit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gain_curve: Option<GainCurve>,
}

impl Loudness {
    /// The loudness asked for.
    pub(super) fn wanted_lufs(&self) -> f64 {
        match self.scope {
            LoudnessScope::Track => self.target_lufs,
            LoudnessScope::Album => self.target_lufs + self.offset_lu,
        }
    }
}

impl Node for Loudness {
    const ABOUT: About = About {
        kind: "Loudness",
        family: Family::Level,
        summary: "Brings the whole programme to a loudness, here or at the graph's output.",
        since: "0.1",
        algorithm: 2,
        example: "Loudness(target_lufs: -14)",
    };

    fn check(&self, problems: &mut Vec<Problem>) {
        if self.offset_lu != 0.0 && self.scope == LoudnessScope::Track {
            let reason = "an offset counts only in an album";
            problems.push(Problem::rule("offset_lu", reason, "write `scope: Album`, or move `target_lufs`"));
        }
        if self.metric != LoudnessMetric::Integrated && self.aim == LoudnessAim::Output {
            let reason = "what is aimed at the output is loudness";
            problems.push(Problem::rule("metric", reason, "write `aim: Here`"));
        }
    }

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let format = setup.main();
        let here = self.aim == LoudnessAim::Here;
        let plan = Plan::new(self, format)?;
        let latency = if here { plan.latency() } else { 0 };
        let cost_ns = if latency > 0 { 15.0 * format.channels() as f64 + 10.0 } else { 0.5 };
        let body = match self.gain_db {
            Some(gain_db) if here => Body::Stream(Box::new(Here::known(self, &plan, gain_db))),
            Some(gain_db) => Body::Stream(Box::new(Scale { factor: db_to_gain(gain_db) })),
            None => {
                let normalizer = Normalizer { params: self.clone(), format, plan, heard: None, gain_db: 0.0 };
                Body::Whole(Box::new(normalizer))
            }
        };
        Ok(Prepared { body, latency, tail: Tail::NONE, cost_ns })
    }
}

/// Hears the whole, then is a gain.
struct Normalizer {
    params: Loudness,
    format: Format,
    plan: Plan,
    heard: Option<f64>,
    gain_db: f64,
}

impl Whole for Normalizer {
    fn listener(&self) -> Box<dyn Analyze> {
        match self.params.aim {
            LoudnessAim::Here => self.plan.listener(),
            LoudnessAim::Output => Box::new(Listener(meter(self.format))),
        }
    }

    fn stream(&mut self, heard: &Report) -> Result<Box<dyn Stream>, NodeError> {
        let heard = *heard.get::<Heard>().ok_or(NodeError::ForeignReport)?;
        let params = &self.params;
        if params.aim == LoudnessAim::Here {
            return Ok(Box::new(Here::new(params, &self.plan, heard)?));
        }
        self.heard = heard.lufs;
        self.gain_db = heard
            .lufs
            .map_or(0.0, |lufs| (params.wanted_lufs() - lufs).clamp(MOST_DOWN_DB, params.max_gain_db));
        Ok(Box::new(Scale { factor: db_to_gain(self.gain_db) }))
    }

    fn goal(&self) -> Option<Box<dyn Goal>> {
        let p = &self.params;
        (p.aim == LoudnessAim::Output).then(|| {
            let search = Search::new(p.wanted_lufs(), self.heard, p.tolerance_lu, p.max_gain_db);
            Box::new(AtOutput { search, heard: self.heard, gain_db: self.gain_db }) as Box<dyn Goal>
        })
    }
}

pub(super) const SILENCE: &str =
    "the programme is silent, or shorter than 0.4 s: it has no loudness, and was left as it is";

pub(super) fn most_gain_help(reached: &str, most_db: f64) -> String {
    format!("with all {most_db} dB of `max_gain_db` it is {reached}: allow more gain, or ask for less")
}

/// One gain for all.
struct Scale {
    factor: f64,
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
                Step::Again(Box::new(Scale { factor: db_to_gain(gain_db) }))
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
            target_lufs: Some(self.search.target_lufs),
            heard_lufs: self.heard,
            delivered_lufs,
            gain_db: self.gain_db,
            rounds: self.search.runs.len().max(1),
            reached,
            help,
            ..LoudnessReport::default()
        }))
    }

    fn help(&self, lufs: f64, slope: Option<f64>) -> String {
        let target = self.search.target_lufs;
        if slope.is_none() && self.gain_db >= self.search.most_gain_db && lufs < target {
            return most_gain_help(&format!("{lufs:.2} LUFS"), self.search.most_gain_db);
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
mod tests;
