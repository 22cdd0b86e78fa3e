//! Brings the tone of a programme near to that of another one.
//!
//! One reaches for it to fit a song to its album, a new mix to the old one, or to learn what a reference has that one's own
//! mix has not. Both are heard as long-term spectra (the median of up to nine parts, so an odd passage does not count), smoothed
//! over `smooth_oct`; the difference, no more than `max_gain_db` of it, becomes a filter. Loudness
//! stays: what one range gains, the others lose.
//!
//! The reference is a recording that the graph declares (`assets: { ref: "song.wav" }`, `reference: "ref"`) or a
//! `profile`: the levels of the third octaves from 25 Hz to 20 kHz, as a `Probe` shows them. With `mid_side: true` the
//! middle and the sides are each brought to those of the reference.
//!
//! The report has the correction as an ordinary `Equalizer`, to be written in this node's place and changed by ear.

use super::match_report::{MatchEqualizerReport, describe};
use deadwax_dsp::convolver::{Convolver, Matrix};
use deadwax_dsp::fft::Kind;
use deadwax_dsp::math::pow;
use deadwax_dsp::tone_match::{Bounds, Correction, Tone, ToneMeter};
use deadwax_node::{
    About, Analyze, Block, Body, Family, Io, Layout, Node, NodeError, Prepared, Problem, Report, Setup,
    Stream, Tail, Whole, params,
};
use serde::Serialize;

/// Parameters of `MatchEqualizer`.
#[params]
pub struct MatchEqualizer {
    #[param(default = None, help = "the recording to come near to, by the name the graph declares it under")]
    pub reference: Option<String>,
    #[param(len = 0..=30, range = -150.0..=20.0, help = "instead: the levels of its third octaves from 25 Hz to 20 kHz")]
    pub profile: Vec<f64>,
    #[param(default = 1.0, range = 0.0..=1.0, help = "how much of the difference is made good")]
    pub amount: f64,
    #[param(default = 0.1667, range = 0.0833..=1.0, help = "over what part of an octave the spectra are smoothed")]
    pub smooth_oct: f64,
    #[param(default = 6.0, range = 0.0..=20.0, help = "the most it raises or lowers any frequency")]
    pub max_gain_db: f64,
    #[param(default = 20.0, range = 10.0..=20_000.0, help = "below this it does nothing")]
    pub from_hz: f64,
    #[param(default = 20_000.0, range = 20.0..=40_000.0, help = "above this it does nothing")]
    pub to_hz: f64,
    #[param(default = false, help = "match the middle and the sides each by themselves")]
    pub mid_side: bool,
    #[param(help = "whether phase turns as in an analog equalizer, or not at all")]
    pub phase: MatchPhase,
}

/// What happens to the phase.
#[params]
pub enum MatchPhase {
    /// turns as in an analog equalizer
    #[default]
    Minimum,
    /// is left alone; adds latency and a faint echo ahead of beats
    Linear,
}

/// The third octaves of a profile: 10^(n/10) Hz is the middle of number n.
const THIRDS: std::ops::RangeInclusive<i32> = 14..=43;

/// Their middles.
fn thirds() -> Vec<f64> {
    THIRDS.map(|n| pow(10.0, f64::from(n) / 10.0)).collect()
}

impl MatchEqualizer {
    fn does_nothing(&self) -> bool {
        (self.reference.is_none() && self.profile.is_empty()) || self.amount == 0.0 || self.max_gain_db == 0.0
    }

    fn bounds(&self) -> Bounds {
        Bounds {
            smooth_oct: self.smooth_oct,
            amount: self.amount,
            max_gain_db: self.max_gain_db,
            range_hz: (self.from_hz, self.to_hz),
        }
    }

    /// What to come near to: one tone, or that of the middle and of the sides.
    fn goal(&self, setup: &Setup, kind: Kind) -> Result<Vec<Tone>, NodeError> {
        let Some(name) = &self.reference else {
            let levels = thirds().into_iter().zip(self.profile.iter().copied());
            return Ok(vec![Tone::of_levels(&levels.collect::<Vec<_>>())]);
        };
        let recording = setup.asset("reference", name)?;
        if self.mid_side && recording.channels.len() != 2 {
            let reason = format!("`{name}` has no middle and sides: it is not stereo");
            return Err(NodeError::field("reference", reason));
        }
        let mut ears = Ears::new(f64::from(recording.rate_hz), recording.channels.len(), self.mid_side, kind);
        let channels: Vec<&[f64]> = recording.channels.iter().map(Vec::as_slice).collect();
        let frames = channels.first().map_or(0, |channel| channel.len());
        for begin in (0..frames).step_by(CHUNK) {
            let end = frames.min(begin + CHUNK);
            ears.hear(&channels.iter().map(|channel| &channel[begin..end]).collect::<Vec<_>>());
        }
        let tones = ears.finish();
        if tones[0].is_none() {
            return Err(NodeError::field("reference", format!("`{name}` is silent")));
        }
        // Sides of a mono recording are silent: there is nothing to bring ours to.
        Ok(tones.into_iter().map_while(|tone| tone).collect())
    }
}

/// So many frames are heard at once.
const CHUNK: usize = 1024;

impl Node for MatchEqualizer {
    const ABOUT: About = About {
        kind: "MatchEqualizer",
        family: Family::Tone,
        summary: "Brings the tone of the programme near to that of a reference.",
        since: "0.2",
        algorithm: 1,
        example: "MatchEqualizer(profile: [-30, -26, -23, -21, -20, -20, -21, -22, -23, -24, -25, -25.5, -26, -26.5, -27, -27.5, \
                  -28, -29, -30, -31, -32, -33, -34, -35.5, -37, -39, -41, -44, -48, -54], smooth_oct: 0.5)",
    };

    fn check(&self, problems: &mut Vec<Problem>) {
        let mut rule = |at: &str, reason: String, help: &str| problems.push(Problem::rule(at, reason, help));
        if self.reference.is_some() && !self.profile.is_empty() {
            let reason = "the reference is either a recording or a profile".to_owned();
            rule("profile", reason, "leave one of the two out");
        }
        let given = self.profile.len();
        if given != 0 && given != THIRDS.count() {
            let reason = format!("{given} levels for the 30 third octaves from 25 Hz to 20 kHz");
            rule("profile", reason, "write 30 levels");
        }
        if self.mid_side && !self.profile.is_empty() {
            let reason = "a profile does not tell the middle from the sides".to_owned();
            rule("mid_side", reason, "take a recording as the reference");
        }
        if self.from_hz >= self.to_hz {
            let reason = format!("from {} to {} Hz there is nothing", self.from_hz, self.to_hz);
            rule("to_hz", reason, "write a frequency above `from_hz`");
        }
    }

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let format = setup.main();
        if self.mid_side && format.layout != Layout::Stereo {
            return Err(NodeError::field(
                "mid_side",
                format!("a middle and sides has only stereo; here it is {format}"),
            ));
        }
        if self.does_nothing() {
            return Ok(Prepared::stream(Through, 0.1));
        }
        let kind = if setup.portable { Kind::Portable } else { Kind::Fast };
        let rate_hz = f64::from(format.rate_hz);
        let length = Correction::length(rate_hz);
        let convolver = Convolver::new(&vec![0.0; length], format.channels(), kind);
        let middle = if self.phase == MatchPhase::Linear { length / 2 } else { 0 };
        let (latency, tail) = ((convolver.latency() + middle) as u64, convolver.tail() as u64);
        let body = Matcher {
            goal: self.goal(setup, kind)?,
            params: self.clone(),
            rate_hz,
            channels: format.channels(),
            kind,
        };
        Ok(Prepared {
            body: Body::Whole(Box::new(body)),
            latency,
            tail: Tail::Frames(tail),
            cost_ns: 15.0 * format.channels() as f64,
        })
    }

    fn neutral() -> Option<Self> {
        Some(Self::default())
    }
}

/// Nothing to come near to: nothing changes.
struct Through;

impl Stream for Through {
    fn process(&mut self, _: &mut Io<'_>) -> Result<(), NodeError> {
        Ok(())
    }

    fn reset(&mut self) {}
}

/// Hears all channels together, or the middle and the sides.
struct Ears {
    meters: Vec<ToneMeter>,
    mid_side: bool,
    work: [Vec<f64>; 2],
}

impl Ears {
    fn new(rate_hz: f64, channels: usize, mid_side: bool, kind: Kind) -> Self {
        let meters = vec![ToneMeter::new(rate_hz, kind); channels.div_ceil(2)];
        Self { meters, mid_side, work: [vec![0.0; CHUNK], vec![0.0; CHUNK]] }
    }

    fn hear(&mut self, channels: &[&[f64]]) {
        let frames = channels.first().map_or(0, |channel| channel.len());
        for begin in (0..frames).step_by(CHUNK) {
            let range = begin..frames.min(begin + CHUNK);
            for (meter, pair) in self.meters.iter_mut().zip(channels.chunks(2)) {
                let [first, second] = &mut self.work;
                let (first, second) = (&mut first[..range.len()], &mut second[..range.len()]);
                first.copy_from_slice(&pair[0][range.clone()]);
                match pair.get(1) {
                    Some(other) => second.copy_from_slice(&other[range.clone()]),
                    None => second.fill(0.0),
                }
                if self.mid_side {
                    for (a, b) in first.iter_mut().zip(second.iter_mut()) {
                        (*a, *b) = (0.5 * (*a + *b), 0.5 * (*a - *b));
                    }
                }
                meter.push(first, second);
            }
        }
    }

    /// One tone, or two.
    fn finish(self) -> Vec<Option<Tone>> {
        let mid_side = self.mid_side;
        let tones: Vec<Option<Tone>> = self.meters.into_iter().flat_map(ToneMeter::finish).collect();
        if mid_side { tones } else { vec![Tone::of_all(tones.iter().flatten())] }
    }
}

/// What was heard.
#[derive(Clone, Debug, Serialize)]
struct Heard {
    #[serde(skip)]
    tones: Vec<Option<Tone>>,
}

struct Listener(Ears);

impl Analyze for Listener {
    fn hear(&mut self, _: u64, block: Block<'_>) -> Result<(), NodeError> {
        let mut planes: [&[f64]; deadwax_node::MAX_CHANNELS] = [&[]; _];
        for (plane, channel) in planes.iter_mut().zip(block.iter()) {
            *plane = channel;
        }
        self.0.hear(&planes[..block.channels()]);
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Report, NodeError> {
        Ok(Report::new(Heard { tones: self.0.finish() }))
    }
}

struct Matcher {
    params: MatchEqualizer,
    goal: Vec<Tone>,
    rate_hz: f64,
    channels: usize,
    kind: Kind,
}

impl Whole for Matcher {
    fn listener(&self) -> Box<dyn Analyze> {
        Box::new(Listener(Ears::new(self.rate_hz, self.channels, self.params.mid_side, self.kind)))
    }

    fn stream(&mut self, heard: &Report) -> Result<Box<dyn Stream>, NodeError> {
        let heard = heard.get::<Heard>().ok_or(NodeError::ForeignReport)?;
        let bounds = self.params.bounds();
        // What is silent here, or there, stays as it is.
        let correction = |lane: usize| match (heard.tones.get(lane), self.goal.get(lane)) {
            (Some(Some(own)), Some(goal)) if self.params.reference.is_none() => {
                // Levels of third octaves know nothing of what is finer.
                Correction::new(&own.seen_in(&thirds(), pow(10.0, 0.05)), goal, &bounds)
            }
            (Some(Some(own)), Some(goal)) => Correction::new(own, goal, &bounds),
            _ => Correction::none(),
        };
        let lanes = if self.params.mid_side { 2 } else { 1 };
        let corrections: Vec<Correction> = (0..lanes).map(correction).collect();
        let linear = self.params.phase == MatchPhase::Linear;
        let taps: Vec<Vec<f64>> = corrections.iter().map(|one| one.taps(self.rate_hz, linear)).collect();
        let convolver = match &taps[..] {
            [mid, side] => {
                let both = mid.iter().zip(side);
                let straight: Vec<f64> = both.clone().map(|(m, s)| 0.5 * (m + s)).collect();
                let cross: Vec<f64> = both.map(|(m, s)| 0.5 * (m - s)).collect();
                let matrix = Matrix {
                    first: &straight,
                    second_to_first: &cross,
                    first_to_second: &cross,
                    second: &straight,
                };
                Convolver::stereo(&matrix, self.kind)
            }
            _ => Convolver::new(&taps[0], self.channels, self.kind),
        };
        let report = describe(&corrections, &heard.tones, &self.goal, self.rate_hz);
        Ok(Box::new(Filter { convolver, report }))
    }
}

struct Filter {
    convolver: Convolver,
    report: MatchEqualizerReport,
}

impl Stream for Filter {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        self.convolver.process_all(io.main().iter_mut());
        Ok(())
    }

    fn reset(&mut self) {
        self.convolver.reset();
    }

    fn report(&self) -> Option<Report> {
        Some(Report::new(self.report.clone()))
    }
}

#[cfg(test)]
mod tests;
