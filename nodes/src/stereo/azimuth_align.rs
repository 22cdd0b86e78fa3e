//! Lines up left and right where one is a few hundredths of a millisecond late.
//!
//! One reaches for it on tape: a head that is not upright, or a second converter, makes one channel late, and mono loses its
//! highs. The whole programme is heard first; what both channels have in common says how far the right one is behind, to a
//! hundredth of a frame, and the right one is moved (and, with `gain_match`, made as loud). The left one is delayed by
//! whole frames alone and keeps every bit. With `track_drift` the delay may change steadily over the programme, as that
//! of a second machine does. `mode: Manual` takes the delay from `delay_us` and `gain_db`.

use deadwax_dsp::align::{Aligner, Alignment};
use deadwax_dsp::delay::{Fraction, HALF, Line, TAPS, Varying};
use deadwax_dsp::fft::Kind;
use deadwax_dsp::math::{db_to_gain, gain_to_db};
use deadwax_node::{
    About, Analyze, Block, Body, Channels, Family, Io, Node, NodeError, Port, Ports, Prepared, Problem,
    Report, Setup, Stream, Tail, Whole, params,
};
use serde::Serialize;

/// Parameters of `AzimuthAlign`.
#[params]
pub struct AzimuthAlign {
    #[param(help = "where the delay comes from")]
    pub mode: AlignMode,
    #[param(default = 1.0, range = 0.05..=10.0, help = "Auto: the longest delay to look for")]
    pub max_ms: f64,
    #[param(default = false, help = "Auto: whether the delay may drift over the programme")]
    pub track_drift: bool,
    #[param(default = true, help = "Auto: whether the right channel is made as loud as the left")]
    pub gain_match: bool,
    #[param(default = 0.0, range = -5000.0..=5000.0, unit = "µs", help = "Manual: how late the right channel is")]
    pub delay_us: f64,
    #[param(default = 0.0, range = -24.0..=24.0, help = "Manual: how much louder the right channel becomes")]
    pub gain_db: f64,
}

/// Where the delay comes from.
#[params]
pub enum AlignMode {
    /// from the programme, which is heard first
    #[default]
    Auto,
    /// from `delay_us` and `gain_db`
    Manual,
}

/// The most a measured gain may be, in dB.
const MOST_GAIN_DB: f64 = 12.0;
/// A delay closer to a whole number of frames than this is one.
const WHOLE: f64 = 1e-6;

/// What was found, and undone.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct AlignReport {
    /// How far the right channel was behind at the start, in frames.
    pub delay_frames: f64,
    /// The same in microseconds.
    pub delay_us: f64,
    /// How much later it got, in microseconds per minute.
    pub drift_us_per_min: f64,
    /// How much louder the right channel was made, in dB.
    pub gain_db: f64,
    /// From how many stretches of the programme this is drawn; 0 where the channels had nothing in common.
    pub windows: usize,
}

impl AzimuthAlign {
    /// The longest delay there may be, in whole frames.
    fn most_late(&self, rate_hz: f64) -> usize {
        let seconds = match self.mode {
            AlignMode::Auto => self.max_ms / 1e3,
            AlignMode::Manual => self.delay_us.abs() / 1e6,
        };
        (seconds * rate_hz).ceil() as usize + 1
    }
}

impl Node for AzimuthAlign {
    const ABOUT: About = About {
        kind: "AzimuthAlign",
        family: Family::Stereo,
        summary: "Lines up left and right where one of them is late.",
        since: "0.2",
        algorithm: 1,
        example: "AzimuthAlign(track_drift: true)",
    };

    fn ports(&self) -> Ports {
        Ports {
            inputs: vec![Port::new("in", Channels::Exactly(2), "left and right")],
            outputs: vec![Port::new("out", Channels::AsMain, "both at the same time")],
        }
    }

    fn check(&self, problems: &mut Vec<Problem>) {
        let manual = [("delay_us", self.delay_us), ("gain_db", self.gain_db)];
        for (name, _) in manual.into_iter().filter(|(_, x)| self.mode == AlignMode::Auto && *x != 0.0) {
            problems.push(Problem::rule(
                name,
                "with `mode: Auto` it is the programme that says this",
                "write `mode: Manual`, or leave it out",
            ));
        }
    }

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let rate_hz = f64::from(setup.main().rate_hz);
        let most_late = self.most_late(rate_hz);
        let latency = most_late + HALF;
        let tail = Tail::Frames((most_late + TAPS) as u64);
        let body = match self.mode {
            AlignMode::Manual => {
                let late = self.delay_us / 1e6 * rate_hz;
                let found = Alignment { late, drift: 0.0, gain: db_to_gain(self.gain_db), windows: 0 };
                Body::Stream(Box::new(Shift::new(found, most_late, rate_hz)))
            }
            AlignMode::Auto => {
                let kind = if setup.portable { Kind::Portable } else { Kind::Fast };
                let aligner = Aligner::new(most_late, kind);
                Body::Whole(Box::new(Align { params: self.clone(), aligner, most_late, rate_hz }))
            }
        };
        Ok(Prepared { body, latency: latency as u64, tail, cost_ns: 60.0 })
    }

    fn neutral() -> Option<Self> {
        Some(Self { mode: AlignMode::Manual, ..Self::default() })
    }
}

/// Hears the whole, then moves the right channel.
struct Align {
    params: AzimuthAlign,
    /// One that has heard nothing.
    aligner: Aligner,
    most_late: usize,
    rate_hz: f64,
}

impl Whole for Align {
    fn listener(&self) -> Box<dyn Analyze> {
        Box::new(Listener { aligner: self.aligner.clone(), track_drift: self.params.track_drift })
    }

    fn stream(&mut self, heard: &Report) -> Result<Box<dyn Stream>, NodeError> {
        let mut found = heard.get::<Heard>().ok_or(NodeError::ForeignReport)?.0;
        let most = db_to_gain(MOST_GAIN_DB);
        found.gain = if self.params.gain_match { found.gain.clamp(1.0 / most, most) } else { 1.0 };
        Ok(Box::new(Shift::new(found, self.most_late, self.rate_hz)))
    }
}

struct Listener {
    aligner: Aligner,
    track_drift: bool,
}

/// What was heard.
#[derive(Clone, Copy, Debug)]
struct Heard(Alignment);

impl Serialize for Heard {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        [self.0.late, self.0.drift, self.0.gain].serialize(serializer)
    }
}

impl Analyze for Listener {
    fn hear(&mut self, _: u64, block: Block<'_>) -> Result<(), NodeError> {
        if let Some((left, right)) = block.stereo() {
            self.aligner.hear(left, right);
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Report, NodeError> {
        Ok(Report::new(Heard(self.aligner.finish(self.track_drift))))
    }
}

/// How the right channel is moved.
enum Move {
    /// By the same all the time: whole frames, and a fraction if there is one.
    Steady(Line, Option<Box<Fraction>>),
    /// Less and less, or more and more.
    Drifting(Varying),
}

/// How many frames are worked on at once.
const CHUNK: usize = 256;

/// The left channel is delayed, the right one by as much less as it is late.
struct Shift {
    found: Alignment,
    most_late: f64,
    latency: f64,
    rate_hz: f64,
    left: Line,
    right: Move,
    delays: [f64; CHUNK],
}

impl Shift {
    fn new(found: Alignment, most_late: usize, rate_hz: f64) -> Self {
        let latency = most_late + HALF;
        let delay = latency as f64 - found.late.clamp(-(most_late as f64), most_late as f64);
        let right = if found.drift != 0.0 {
            Move::Drifting(Varying::new(latency + most_late + 1))
        } else if (delay - delay.round()).abs() < WHOLE {
            Move::Steady(Line::new(delay.round() as usize), None)
        } else {
            let line = Line::new(delay as usize - (HALF - 1));
            Move::Steady(line, Some(Box::new(Fraction::new(delay.fract()))))
        };
        let (most_late, left) = (most_late as f64, Line::new(latency));
        Self { found, most_late, latency: latency as f64, rate_hz, left, right, delays: [0.0; CHUNK] }
    }
}

impl Stream for Shift {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        let start = io.start();
        let mut main = io.main();
        let Some((left, right)) = main.stereo_mut() else {
            return Err(NodeError::field("in", "left and right are those of a stereo signal"));
        };
        self.left.process(left);
        match &mut self.right {
            Move::Steady(line, fraction) => {
                line.process(right);
                if let Some(fraction) = fraction {
                    fraction.process(right);
                }
            }
            Move::Drifting(varying) => {
                for (index, part) in right.chunks_mut(CHUNK).enumerate() {
                    let begin = start + (index * CHUNK) as u64;
                    let delays = &mut self.delays[..part.len()];
                    for (frame, delay) in delays.iter_mut().enumerate() {
                        // The sample that comes out now was heard a latency ago.
                        let at = (begin + frame as u64) as f64 - self.latency;
                        let late = self.found.late + self.found.drift * at;
                        *delay = self.latency - late.clamp(-self.most_late, self.most_late);
                    }
                    varying.process(part, delays);
                }
            }
        }
        if self.found.gain != 1.0 {
            right.iter_mut().for_each(|x| *x *= self.found.gain);
        }
        Ok(())
    }

    fn reset(&mut self) {
        self.left.reset();
        match &mut self.right {
            Move::Steady(line, fraction) => {
                line.reset();
                if let Some(fraction) = fraction {
                    fraction.reset();
                }
            }
            Move::Drifting(varying) => varying.reset(),
        }
    }

    fn report(&self) -> Option<Report> {
        let us = 1e6 / self.rate_hz;
        Some(Report::new(AlignReport {
            delay_frames: self.found.late,
            delay_us: self.found.late * us,
            drift_us_per_min: self.found.drift * 60e6,
            gain_db: gain_to_db(self.found.gain),
            windows: self.found.windows,
        }))
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;
    use deadwax_node::{AnyNode, Buffer, Format};
    use std::f64::consts::TAU;

    /// Many sines up to 16 kHz with phases of their own, the right channel `late` frames behind, half as loud.
    fn programme(rate: f64, frames: usize, late: impl Fn(f64) -> f64) -> Vec<Vec<f64>> {
        let mut channels = [vec![0.0; frames], vec![0.0; frames]];
        for k in 1..=160 {
            let (turns, phase) = (99.7 * f64::from(k) / rate, f64::from(k * k % 89));
            let [left, right] = &mut channels;
            for (n, (left, right)) in left.iter_mut().zip(right).enumerate() {
                let at = n as f64;
                *left += 0.02 * (TAU * turns * at + phase).sin();
                *right += 0.01 * (TAU * turns * (at - late(at)) + phase).sin();
            }
        }
        channels.to_vec()
    }

    /// Both passes; the residue between the channels in dB below the left one, and the report.
    fn aligned(node: &AzimuthAlign, rate: u32, input: &[Vec<f64>]) -> (f64, AlignReport) {
        let setup = Setup::plain(node, Format::stereo(rate)).unwrap();
        let prepared = Node::prepare(node, &setup).unwrap();
        let latency = prepared.latency as usize;
        let (buffer, frames) = (Buffer::from_channels(input), input[0].len());
        let mut stream = match prepared.body {
            Body::Whole(mut whole) => {
                let mut listener = whole.listener();
                listener.hear(0, buffer.block(frames)).unwrap();
                whole.stream(&listener.finish().unwrap()).unwrap()
            }
            Body::Stream(stream) => stream,
            Body::Rate(_) => panic!("the rate stays"),
        };
        let mut outputs = [buffer];
        stream.process(&mut Io::new(0, frames, &[], &mut outputs)).unwrap();
        let block = outputs[0].block(frames);
        let (left, right) = block.stereo().unwrap();
        assert!(left[latency..].iter().zip(&input[0]).all(|(y, x)| y == x));
        let range = latency + 200..frames;
        let power = |x: &mut dyn Iterator<Item = f64>| x.map(|x| x * x).sum::<f64>();
        let rest = power(&mut range.clone().map(|n| left[n] - right[n]));
        let whole = power(&mut range.map(|n| left[n]));
        let report = *stream.report().unwrap().get::<AlignReport>().unwrap();
        (10.0 * (rest / whole).log10(), report)
    }

    #[test]
    fn what_is_left_between_the_channels_is_below_60_db_to_16_khz() {
        // DSP specification, 3.6.
        for (rate, late) in [(44_100, 0.37), (48_000, -5.62), (88_200, 0.37), (96_000, 33.4), (192_000, 0.37)]
        {
            let input = programme(f64::from(rate), 50_000, |_| late);
            let (rest_db, report) = aligned(&AzimuthAlign::default(), rate, &input);
            assert!(rest_db <= -60.0, "{rest_db} dB at {rate} Hz: {report:?}");
            assert!((report.delay_frames - late).abs() < 0.001, "{report:?}");
            assert!((report.delay_us - late * 1e6 / f64::from(rate)).abs() < 0.1);
            assert!((report.gain_db - 6.02).abs() < 0.01 && report.windows > 0);
        }
    }

    #[test]
    fn a_drift_is_followed() {
        let input = programme(44_100.0, 90_000, |at| 1.0 + 2e-5 * at);
        let node = AzimuthAlign { track_drift: true, ..AzimuthAlign::default() };
        let (rest_db, report) = aligned(&node, 44_100, &input);
        assert!(rest_db <= -45.0 && (report.drift_us_per_min - 1200.0).abs() < 20.0, "{rest_db} {report:?}");
        let (left_db, _) = aligned(&AzimuthAlign::default(), 44_100, &input);
        assert!(left_db > -30.0, "{left_db}");
    }

    #[test]
    fn by_hand_it_moves_by_what_it_is_told() {
        let late = 0.5;
        let input = programme(44_100.0, 20_000, |_| late);
        let node = AzimuthAlign {
            mode: AlignMode::Manual,
            delay_us: late / 0.0441,
            gain_db: 20.0 * 2_f64.log10(),
            ..AzimuthAlign::default()
        };
        let (rest_db, report) = aligned(&node, 44_100, &input);
        assert!(rest_db <= -80.0 && (report.delay_frames - late).abs() < 1e-9, "{rest_db} {report:?}");
        let paths: Vec<_> =
            AzimuthAlign { mode: AlignMode::Auto, ..node }.problems().into_iter().map(|p| p.path).collect();
        assert_eq!(paths.iter().map(|path| path.as_str()).collect::<Vec<_>>(), ["delay_us", "gain_db"]);
    }
}
