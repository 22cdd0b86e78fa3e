//! Gives back the peaks that were cut off.
//!
//! One reaches for it when a recording was made too hot, or a mix went over and was printed that way: flat tops, and the crackling
//! and dullness that come with them. What is left of the music says what the peaks must have been like, and they are drawn again,
//! higher than before. All other samples pass to the bit. Without `threshold_db` the whole programme is heard first, and the level
//! at which it was clipped is found, for each side of each channel; a programme that was not clipped passes to the bit.
//!
//! Restored peaks are louder than full scale where the clipped ones were at full scale. Within a graph that is no harm: gain or
//! a limiter behind this node has the last word. `headroom_db` makes everything quieter by so much for what cannot do that.

use deadwax_dsp::declip::{ClipDetector, Declipper, Effort, Levels};
use deadwax_dsp::fft::Kind;
use deadwax_dsp::math::{db_to_gain, gain_to_db};
use deadwax_node::learn::{Hear, Known, Learn, Lesson, LessonProblem, learning};
use deadwax_node::{About, Block, Family, Io, Node, NodeError, Prepared, Report, Setup, Stream, params};
use serde::{Deserialize, Serialize};

/// Parameters of `DeClip`.
#[params]
pub struct DeClip {
    #[param(default = None, range = -60.0..=24.0, help = "as loud as this or louder is clipped, in dBFS; without it, the level is found")]
    pub threshold_db: Option<f64>,
    #[param(default = 2, range = 1..=3, help = "1: quick, for a few clips; 2: for most; 3: twice the work, for what is clipped hard")]
    pub quality: u32,
    #[param(default = 0.0, range = 0.0..=24.0, help = "how much quieter everything is made, for the restored peaks")]
    pub headroom_db: f64,
    #[param(default = false, help = "put out what is taken away: the peaks, upside down")]
    pub audition: bool,
}

/// The levels at which a programme was clipped: what `DeClip` learns, and what a person may edit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClipLevels {
    /// Of each channel.
    pub channels: Vec<ChannelLevels>,
}

/// As loud as this or louder is clipped, in dBFS. `None` where nothing was clipped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelLevels {
    /// Of the positive samples.
    pub above_dbfs: Option<f64>,
    /// Of the negative samples.
    pub below_dbfs: Option<f64>,
}

impl Lesson for ClipLevels {
    const NAME: &'static str = "list of clip levels";
}

/// What was restored.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DeClipReport {
    /// Of each channel.
    pub channels: Vec<RestoredChannel>,
}

/// What was restored of one channel.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RestoredChannel {
    /// As loud as this or louder was clipped, of the positive samples, in dBFS. `None` where nothing was.
    pub above_dbfs: Option<f64>,
    /// The same of the negative samples.
    pub below_dbfs: Option<f64>,
    /// How many runs of clipped samples were restored.
    pub runs: u64,
    /// How many samples they had together.
    pub samples: u64,
    /// The highest restored peak, in dBFS, before `headroom_db`. `None` where nothing was restored.
    pub peak_dbfs: Option<f64>,
}

/// Levels are kept to this many parts of a decibel.
const PARTS_OF_A_DB: f64 = 1e5;
/// Levels that a lesson may have, in dBFS.
const LEVELS_DBFS: std::ops::RangeInclusive<f64> = -80.0..=60.0;
/// Nanoseconds a frame and channel when a part of the music is clipped.
const COST_NS: f64 = 500.0;

impl Node for DeClip {
    const ABOUT: About = About {
        kind: "DeClip",
        family: Family::Repair,
        summary: "Gives back the peaks that were cut off, and touches nothing else.",
        since: "0.2",
        algorithm: 1,
        example: "DeClip(headroom_db: 3)",
    };

    const LEARNS: bool = true;

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let format = setup.main();
        let clipping = Clipping {
            effort: match self.quality {
                1 => Effort::QUICK,
                2 => Effort::NORMAL,
                _ => Effort::THOROUGH,
            },
            rate_hz: f64::from(format.rate_hz),
            channels: format.channels(),
            workers: setup.workers,
            kind: if setup.portable { Kind::Portable } else { Kind::Fast },
            gain: db_to_gain(-self.headroom_db),
            audition: self.audition,
        };
        let latency = clipping.latency();
        let prepared = match self.threshold_db {
            None => learning(Self::ABOUT.kind, clipping, setup)?,
            Some(_) if setup.lesson.is_some() => {
                let reason =
                    "the levels are said twice, by this and by what was learnt; leave one of them out";
                return Err(NodeError::field("threshold_db", reason));
            }
            Some(threshold_db) => {
                let level = db_to_gain(threshold_db);
                let levels = vec![Levels { above: level, below: level }; format.channels()];
                Prepared::stream(clipping.restoring(&levels), 0.0)
            }
        };
        let cost_ns = COST_NS * format.channels() as f64;
        Ok(Prepared { cost_ns, ..prepared.with_latency(latency) })
    }

    fn neutral() -> Option<Self> {
        // What was not clipped is only late.
        Some(Self::default())
    }
}

/// How levels become a stream.
struct Clipping {
    effort: Effort,
    rate_hz: f64,
    channels: usize,
    workers: usize,
    kind: Kind,
    gain: f64,
    audition: bool,
}

impl Clipping {
    fn latency(&self) -> u64 {
        Declipper::latency_of(self.effort, self.rate_hz) as u64
    }

    fn restoring(&self, levels: &[Levels]) -> Restoring {
        let declipper = Declipper::new(levels, self.effort, self.rate_hz, self.workers, self.kind);
        Restoring { declipper: declipper.audition(self.audition), levels: levels.to_vec(), gain: self.gain }
    }
}

impl Learn for Clipping {
    type Lesson = ClipLevels;
    type Found = ClipLevels;

    fn check(&self, lesson: &ClipLevels) -> Result<(), LessonProblem> {
        if lesson.channels.len() != self.channels {
            let (are, here) = (lesson.channels.len(), self.channels);
            return Err(LessonProblem::at(
                "channels",
                format!("there are {here} channels, and levels for {are}"),
            ));
        }
        for (number, channel) in lesson.channels.iter().enumerate() {
            for (field, level) in [("above_dbfs", channel.above_dbfs), ("below_dbfs", channel.below_dbfs)] {
                if level.is_some_and(|dbfs| !LEVELS_DBFS.contains(&dbfs)) {
                    let (from, to) = (LEVELS_DBFS.start(), LEVELS_DBFS.end());
                    let reason = format!("a level from {from} to {to} dBFS");
                    return Err(LessonProblem::at(format!("channels.{number}.{field}"), reason));
                }
            }
        }
        Ok(())
    }

    fn listener(&self, known: Option<&ClipLevels>) -> Box<dyn Hear<ClipLevels>> {
        match known {
            Some(levels) => Box::new(Known(levels.clone())),
            None => Box::new(Hearing { detector: ClipDetector::new(self.channels, 0) }),
        }
    }

    fn lesson(&self, found: &ClipLevels) -> ClipLevels {
        found.clone()
    }

    fn stream(&self, found: &ClipLevels) -> Result<Box<dyn Stream>, NodeError> {
        let level = |dbfs: Option<f64>| dbfs.map_or(f64::INFINITY, db_to_gain);
        let levels = |channel: &ChannelLevels| Levels {
            above: level(channel.above_dbfs),
            below: level(channel.below_dbfs),
        };
        let levels: Vec<Levels> = found.channels.iter().map(levels).collect();
        Ok(Box::new(self.restoring(&levels)))
    }
}

/// Hears at which levels the programme was clipped.
struct Hearing {
    detector: ClipDetector,
}

impl Hear<ClipLevels> for Hearing {
    fn hear(&mut self, _: u64, block: Block<'_>) -> Result<(), NodeError> {
        block.iter().enumerate().for_each(|(channel, samples)| self.detector.push(channel, samples));
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<ClipLevels, NodeError> {
        let channels = self.detector.finish();
        let channels = channels.iter().map(|clips| {
            let Levels { above, below } = Levels::from(clips);
            ChannelLevels { above_dbfs: rounded_down(above), below_dbfs: rounded_down(below) }
        });
        Ok(ClipLevels { channels: channels.collect() })
    }
}

/// A level in dBFS, a trace lower than it is, so that what is as loud as the level is clipped whatever is rounded.
fn rounded_down(level: f64) -> Option<f64> {
    level.is_finite().then(|| ((gain_to_db(level) * PARTS_OF_A_DB).round() - 1.0) / PARTS_OF_A_DB)
}

/// Restores, and makes room.
struct Restoring {
    declipper: Declipper,
    levels: Vec<Levels>,
    gain: f64,
}

impl Stream for Restoring {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        let mut main = io.main();
        let (frames, mut begin) = (main.frames(), 0);
        while begin < frames {
            let count = self.declipper.room().min(frames - begin);
            for (channel, samples) in main.part_mut(begin, count).iter_mut().enumerate() {
                self.declipper.exchange(channel, samples);
                samples.iter_mut().for_each(|sample| *sample *= self.gain);
            }
            self.declipper.advance(count);
            begin += count;
        }
        Ok(())
    }

    fn reset(&mut self) {
        self.declipper.reset();
    }

    fn report(&self) -> Option<Report> {
        let dbfs = |level: f64| (level.is_finite() && level > 0.0).then(|| gain_to_db(level));
        let channel = |(levels, restored): (&Levels, deadwax_dsp::declip::Restored)| RestoredChannel {
            above_dbfs: dbfs(levels.above),
            below_dbfs: dbfs(levels.below),
            runs: restored.runs,
            samples: restored.samples,
            peak_dbfs: dbfs(restored.peak),
        };
        let channels = self.levels.iter().zip(self.declipper.restored()).map(channel).collect();
        Some(Report::new(DeClipReport { channels }))
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;
    use deadwax_measure::signals::Music;
    use deadwax_node::Format;
    use deadwax_node::conformance::Rig;
    use std::sync::Arc;

    type Channels = Vec<Vec<f64>>;

    fn with_lesson(node: &DeClip, lesson: Option<String>) -> Result<Box<dyn Stream>, NodeError> {
        let mut setup = Setup::plain(node, Format::stereo(44_100))?;
        setup.lesson = lesson.map(Arc::from);
        match node.prepare(&setup)?.body {
            deadwax_node::Body::Whole(mut whole) => {
                let mut listener = whole.listener();
                let buffer = deadwax_node::Buffer::from_channels(&broken());
                listener.hear(0, buffer.block(buffer.capacity()))?;
                whole.stream(&listener.finish()?)
            }
            deadwax_node::Body::Stream(stream) => Ok(stream),
            deadwax_node::Body::Rate(_) => unreachable!(),
        }
    }

    fn clean() -> Channels {
        Music { rate_hz: 44_100.0, seconds: 1.0, seed: 5 }.render().into()
    }

    fn broken() -> Channels {
        let clip = |channel: &Vec<f64>| channel.iter().map(|x| x.clamp(-0.5, 0.4)).collect();
        clean().iter().map(clip).collect()
    }

    fn run(node: &DeClip, input: &Channels) -> Channels {
        let mut rig = Rig::new(node, Format::stereo(44_100), false).unwrap();
        let late = rig.prepared().latency as usize;
        let longer: Channels =
            input.iter().map(|x| x.iter().copied().chain(vec![0.0; late]).collect()).collect();
        let frames = longer[0].len();
        let out = rig.run(&[longer], &[frames]).unwrap().remove(0);
        out.into_iter().map(|mut channel| channel.split_off(late)).collect()
    }

    fn error_db(clean: &[f64], out: &[f64]) -> f64 {
        10.0 * clean.iter().zip(out).map(|(x, y)| (x - y) * (x - y)).sum::<f64>().max(1e-30).log10()
    }

    const QUICK: DeClip = DeClip { threshold_db: None, quality: 1, headroom_db: 0.0, audition: false };

    #[test]
    fn both_channels_come_back_and_audition_is_the_rest() {
        let (clean, broken) = (clean(), broken());
        let mended = run(&QUICK, &broken);
        let away = run(&DeClip { audition: true, ..QUICK }, &broken);
        for channel in 0..2 {
            let gain =
                error_db(&clean[channel], &broken[channel]) - error_db(&clean[channel], &mended[channel]);
            assert!(gain > 6.0, "channel {channel}: {gain:.1} dB");
            for n in 0..broken[channel].len() {
                assert!((mended[channel][n] + away[channel][n] - broken[channel][n]).abs() < 1e-15);
            }
        }
    }

    #[test]
    fn what_was_not_clipped_passes_to_the_bit() {
        let mut input = clean();
        let peak = input.iter().flatten().fold(0.0_f64, |most, x| most.max(x.abs()));
        input.iter_mut().flatten().for_each(|x| *x /= peak);
        assert_eq!(run(&DeClip::default(), &input), input);
    }

    #[test]
    fn a_level_that_is_said_does_as_well_as_one_that_is_found() {
        let clean = clean();
        let broken: Channels =
            clean.iter().map(|channel| channel.iter().map(|x| x.clamp(-0.5, 0.5)).collect()).collect();
        let found = run(&QUICK, &broken);
        let said = run(&DeClip { threshold_db: Some(-6.0207), ..QUICK }, &broken);
        let (a, b) = (error_db(&clean[0], &found[0]), error_db(&clean[0], &said[0]));
        assert!((a - b).abs() < 0.5, "{a:.2} and {b:.2} dB");
        let lower = run(&DeClip { headroom_db: 6.0, threshold_db: Some(-6.0207), ..QUICK }, &broken);
        let gain = 10_f64.powf(-6.0 / 20.0);
        assert!(lower[0].iter().zip(&said[0]).all(|(low, x)| (low - gain * x).abs() < 1e-12));
    }

    #[test]
    fn levels_are_learnt_edited_and_used_again() {
        let mut stream = with_lesson(&QUICK, None).unwrap();
        let text = stream.lesson().unwrap().to_owned();
        assert!(text.contains("above_dbfs: Some(-7.9588") || text.contains("above_dbfs: -7.9588"), "{text}");
        let run = |stream: &mut dyn Stream| {
            let mut out = [deadwax_node::Buffer::from_channels(&broken())];
            let frames = out[0].capacity();
            stream.process(&mut Io::new(0, frames, &[], &mut out)).unwrap();
            let out = out[0].block(frames).iter().map(<[f64]>::to_vec).collect::<Channels>();
            (out, stream.report().unwrap().get::<DeClipReport>().unwrap().clone())
        };
        let learnt = run(&mut *stream);
        assert!(
            learnt.1.channels.iter().all(|channel| channel.runs > 10 && channel.peak_dbfs.unwrap() > -7.0)
        );
        let known = run(&mut *with_lesson(&QUICK, Some(text.clone())).unwrap());
        assert_eq!(learnt, known);
        for (from, to, says) in [
            ("kind: \"DeClip\"", "kind: \"DeClick\"", "DeClick"),
            ("-7.9588", "77.9588", "channels.0.above_dbfs"),
            ("rate_hz: 44100", "rate_hz: 48000", "48000"),
        ] {
            let error = with_lesson(&QUICK, Some(text.replacen(from, to, 1))).err().map(|e| e.to_string());
            assert!(error.as_ref().is_some_and(|error| error.contains(says)), "{from}: {error:?}");
        }
        let said = DeClip { threshold_db: Some(-8.0), ..QUICK };
        assert!(with_lesson(&said, Some(text)).err().unwrap().to_string().contains("said twice"));
    }
}
