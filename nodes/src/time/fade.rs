//! Fades the programme in at its beginning and out at its end.
//!
//! One reaches for it to bring a track in from silence, or to let it go. The first frame of a fade in and the last of a fade
//! out are exactly silent, and between the fades every sample passes untouched. A fade out ends with the programme, which
//! must be heard once to know where that is; `out_end_s` says another end, saves that pass, and leaves silence behind it.

use deadwax_dsp::automation::Curve;
use deadwax_dsp::math::{cos, db_to_gain, sin};
use deadwax_node::{
    About, Analyze, Auto, Block, BlockMut, Body, Family, Io, Node, NodeError, Prepared, Problem, Report,
    Setup, Stream, Tail, Whole, params,
};
use std::f64::consts::PI;

/// Parameters of `Fade`.
#[params]
pub struct Fade {
    #[param(default = 0.0, range = 0.0..=600.0, help = "how long it takes to come in")]
    pub in_s: f64,
    #[param(default = 0.0, range = 0.0..=600.0, help = "how long it takes to go out")]
    pub out_s: f64,
    #[param(default = None, range = 0.0..=36000.0, help = "where it is out; the programme's end, if nothing is said")]
    pub out_end_s: Option<f64>,
    #[param(help = "how it goes from silence to full level")]
    pub curve: FadeCurve,
    #[param(
        default = None,
        range = 0.0..=1.0,
        unit = "",
        help = "a drawing of one's own: `Curve([(0, 0), (0.4, 0.9), (1, 1)])`, from silence (0) to full (1)"
    )]
    pub custom: Option<Auto>,
}

/// How a fade goes from silence to full level.
#[params]
pub enum FadeCurve {
    /// by equal steps: what fits a beginning
    Linear,
    /// by equal steps of power: a crossing of two different signals keeps its level
    EqualPower,
    /// slowly, fast, slowly: the ear hears neither end
    #[default]
    Smooth,
    /// by equal steps in decibels, over 60 dB: like a hand on a fader
    Log,
}

/// The range of a `Log` fade, in dB.
const LOG_RANGE_DB: f64 = 60.0;

/// The shape of both fades, from 0 to 1 over 0 to 1.
#[derive(Clone, Debug)]
enum Rise {
    Named(FadeCurve),
    Drawn(Curve),
}

impl Rise {
    fn at(&self, part: f64) -> f64 {
        if part <= 0.0 {
            return 0.0;
        }
        if part >= 1.0 {
            return 1.0;
        }
        match self {
            Self::Named(FadeCurve::Linear) => part,
            Self::Named(FadeCurve::EqualPower) => sin(PI / 2.0 * part),
            Self::Named(FadeCurve::Smooth) => 0.5 - 0.5 * cos(PI * part),
            Self::Named(FadeCurve::Log) => {
                let least = db_to_gain(-LOG_RANGE_DB);
                (db_to_gain(LOG_RANGE_DB * (part - 1.0)) - least) / (1.0 - least)
            }
            Self::Drawn(curve) => curve.at(part),
        }
    }
}

impl Fade {
    fn rise(&self) -> Rise {
        self.custom.as_ref().map_or(Rise::Named(self.curve), |drawn| {
            // One "frame" is the whole fade.
            Rise::Drawn(crate::automation::curve(drawn, 1.0))
        })
    }
}

impl Node for Fade {
    const ABOUT: About = About {
        kind: "Fade",
        family: Family::Time,
        summary: "Fades the programme in at its beginning and out at its end.",
        since: "0.2",
        algorithm: 1,
        example: "Fade(in_s: 0.02, out_s: 0.05, curve: EqualPower)",
    };

    fn check(&self, problems: &mut Vec<Problem>) {
        let Some(drawn) = &self.custom else { return };
        let points = drawn.points();
        let end = points.last().map_or((0.0, 0.0), |point| (point.at_s, point.value));
        if points.first().is_none_or(|point| (point.at_s, point.value) != (0.0, 0.0)) || end != (1.0, 1.0) {
            let help = "let it begin with (0, 0) and end with (1, 1)";
            problems.push(Problem::rule("custom", "a fade goes from silence to full level", help));
        }
    }

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let frames = |seconds: f64| (seconds * f64::from(setup.main().rate_hz)).round() as u64;
        let fader = Fader {
            rise: self.rise(),
            in_frames: frames(self.in_s),
            out_frames: frames(self.out_s),
            end: self.out_end_s.map(frames),
        };
        if self.out_s == 0.0 || fader.end.is_some() {
            let end = fader.end.filter(|_| self.out_s > 0.0);
            return Ok(Prepared::stream(Fader { end, ..fader }, 0.5));
        }
        let body = Body::Whole(Box::new(ToTheEnd(fader)));
        Ok(Prepared { body, latency: 0, tail: Tail::NONE, cost_ns: 0.5 })
    }

    fn neutral() -> Option<Self> {
        Some(Self::default())
    }
}

/// Waits to be told where the end is.
struct ToTheEnd(Fader);

impl Whole for ToTheEnd {
    fn listener(&self) -> Box<dyn Analyze> {
        Box::new(Count(0))
    }

    fn stream(&mut self, heard: &Report) -> Result<Box<dyn Stream>, NodeError> {
        let end = *heard.get::<u64>().ok_or(NodeError::ForeignReport)?;
        Ok(Box::new(Fader { end: Some(end), ..self.0.clone() }))
    }
}

/// Counts frames.
struct Count(u64);

impl Analyze for Count {
    fn hear(&mut self, start: u64, block: Block<'_>) -> Result<(), NodeError> {
        self.0 = start + block.frames() as u64;
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Report, NodeError> {
        Ok(Report::new(self.0))
    }
}

/// The gain follows the number of the frame: no state.
#[derive(Clone, Debug)]
struct Fader {
    rise: Rise,
    in_frames: u64,
    out_frames: u64,
    /// The first frame behind the fade out.
    end: Option<u64>,
}

impl Fader {
    /// Scales the frames `begin..end` of the programme, as far as they are in `block`, by `gain`.
    fn scale(start: u64, block: &mut BlockMut<'_>, (begin, end): (u64, u64), gain: impl Fn(u64) -> f64) {
        let frames = block.frames() as u64;
        let (begin, end) = (begin.clamp(start, start + frames), end.clamp(start, start + frames));
        for frame in begin..end {
            let gain = gain(frame);
            let at = (frame - start) as usize;
            for channel in block.iter_mut() {
                channel[at] *= gain;
            }
        }
    }
}

impl Stream for Fader {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        let start = io.start();
        let mut main = io.main();
        let part = |frames: u64, of: u64| frames as f64 / of as f64;
        Self::scale(start, &mut main, (0, self.in_frames), |n| self.rise.at(part(n, self.in_frames)));
        if let Some(end) = self.end {
            let begin = end.saturating_sub(self.out_frames);
            let gain = |n: u64| self.rise.at(part(end - 1 - n, self.out_frames));
            Self::scale(start, &mut main, (begin, end), gain);
            Self::scale(start, &mut main, (end, u64::MAX), |_| 0.0);
        }
        Ok(())
    }

    fn reset(&mut self) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use deadwax_node::conformance::Rig;
    use deadwax_node::{AnyNode, Breakpoint, Format, Shape, auto::Drawn};

    fn ones(node: &Fade) -> Vec<f64> {
        let mut rig = Rig::new(node, Format::stereo(10_000), false).unwrap();
        rig.run(&[vec![vec![1.0; 1000]; 2]], &[333, 333, 334]).unwrap().remove(0).remove(1)
    }

    #[test]
    fn ends_are_exactly_silent_and_the_middle_exactly_untouched() {
        for curve in [FadeCurve::Linear, FadeCurve::EqualPower, FadeCurve::Smooth, FadeCurve::Log] {
            let out = ones(&Fade { in_s: 0.01, out_s: 0.03, curve, ..Fade::default() });
            assert_eq!((out[0], out[100], out[699], out[999]), (0.0, 1.0, 1.0, 0.0), "{curve:?}");
            assert!(out[100..700].iter().all(|gain| *gain == 1.0));
            assert!(out[..101].windows(2).all(|pair| pair[1] > pair[0]));
            assert!(out[699..].windows(2).all(|pair| pair[1] < pair[0]));
        }
    }

    #[test]
    fn half_way_every_curve_is_where_it_says() {
        let middle = |curve| ones(&Fade { in_s: 0.05, curve, ..Fade::default() })[250];
        assert!((middle(FadeCurve::Linear) - 0.5).abs() < 1e-15);
        assert!((middle(FadeCurve::EqualPower) - 0.5_f64.sqrt()).abs() < 1e-15);
        assert!((middle(FadeCurve::Smooth) - 0.5).abs() < 1e-15);
        // Half of 60 dB down, measured from a floor that is taken to silence.
        assert!((middle(FadeCurve::Log) - (0.031_622_776_601_683_8 - 0.001) / 0.999).abs() < 1e-12);
    }

    #[test]
    fn an_end_of_ones_own_leaves_silence_behind() {
        let node = Fade { out_s: 0.02, out_end_s: Some(0.05), curve: FadeCurve::Linear, ..Fade::default() };
        let out = ones(&node);
        assert_eq!((out[299], out[499], out[500], out[999]), (1.0, 0.0, 0.0, 0.0));
        assert!((out[400] - 99.0 / 200.0).abs() < 1e-15);
    }

    #[test]
    fn a_drawing_of_ones_own_counts_and_must_reach_both_ends() {
        let point = |at_s, value| Breakpoint { at_s, value, shape: Shape::Linear };
        let drawn = |points: &[Breakpoint]| Some(Auto::Drawn(Drawn::Curve(points.to_vec())));
        let custom = drawn(&[point(0.0, 0.0), point(0.5, 0.9), point(1.0, 1.0)]);
        let node = Fade { in_s: 0.02, custom, ..Fade::default() };
        let out = ones(&node);
        assert!((out[50] - 0.45).abs() < 1e-15 && (out[100] - 0.9).abs() < 1e-15 && out[200] == 1.0);
        let short = Fade { custom: drawn(&[point(0.0, 0.2), point(1.0, 1.0)]), ..Fade::default() };
        assert_eq!(short.problems()[0].path, "custom");
    }
}
