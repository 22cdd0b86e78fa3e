//! Keeps a part of the programme and leaves out what is before and behind it.
//!
//! One reaches for it to cut the count-in off a mix, or the noise behind its last note. Times are counted from the start of
//! what arrives. `snap_frames: 588` puts both cuts on the grid of a CD at 44.1 kHz. With `zero_crossing_ms` each cut waits
//! for a moment at which the sum of all channels goes through zero, so that it makes no click; this takes one pass more,
//! because the programme must be heard first. The programme becomes shorter, so what was not trimmed cannot be added to it
//! any more.

use deadwax_node::{
    About, Analyze, Block, Body, Cut, Family, Io, Node, NodeError, Prepared, Problem, Report, Setup, Stream,
    Tail, Whole, params,
};
use serde::Serialize;

/// Parameters of `Trim`.
#[params]
pub struct Trim {
    #[param(default = 0.0, range = 0.0..=36000.0, help = "what is before this is left out")]
    pub from_s: f64,
    #[param(default = None, range = 0.0..=36000.0, help = "what is behind this is left out")]
    pub to_s: Option<f64>,
    #[param(default = 1, range = 1..=100_000, help = "cuts lie at multiples of so many frames (CD: 588)")]
    pub snap_frames: u32,
    #[param(default = 0.0, range = 0.0..=100.0, help = "how long a cut may wait for a zero crossing")]
    pub zero_crossing_ms: f64,
}

/// Where the cuts are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct TrimReport {
    /// The first frame that is kept.
    pub from_frame: u64,
    /// The first frame behind it that is not, if there is a cut there.
    pub to_frame: Option<u64>,
}

impl Trim {
    /// Both cuts at a sample rate of `rate_hz`, before any zero crossing is looked for.
    fn cuts(&self, rate_hz: u32) -> TrimReport {
        let snap = f64::from(self.snap_frames);
        let frame = |seconds: f64| ((seconds * f64::from(rate_hz) / snap).round() * snap) as u64;
        TrimReport { from_frame: frame(self.from_s), to_frame: self.to_s.map(frame) }
    }
}

impl TrimReport {
    fn cut(self) -> Cut {
        let keep = self.to_frame.map(|to| to.saturating_sub(self.from_frame));
        Cut { skip: self.from_frame, keep, ..Cut::NOTHING }
    }
}

impl Node for Trim {
    const ABOUT: About = About {
        kind: "Trim",
        family: Family::Time,
        summary: "Keeps a part of the programme and leaves out the rest.",
        since: "0.2",
        algorithm: 1,
        example: "Trim(from_s: 0.01, to_s: 0.15, zero_crossing_ms: 5)",
    };

    const CUTS: bool = true;

    fn check(&self, problems: &mut Vec<Problem>) {
        if let Some(to_s) = self.to_s.filter(|to_s| *to_s <= self.from_s) {
            let reason = format!("nothing is left between {} s and {to_s} s", self.from_s);
            problems.push(Problem::rule("to_s", reason, "let the end be behind the beginning"));
        }
        if self.snap_frames > 1 && self.zero_crossing_ms > 0.0 {
            let reason = "a cut cannot be on a grid and wait for a zero crossing";
            problems.push(Problem::rule("zero_crossing_ms", reason, "leave one of the two out"));
        }
    }

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let rate_hz = setup.main().rate_hz;
        let cuts = self.cuts(rate_hz);
        if self.zero_crossing_ms == 0.0 {
            return Ok(Prepared::stream(Shorter(cuts), 0.1));
        }
        let most = (self.zero_crossing_ms / 1000.0 * f64::from(rate_hz)) as u64;
        let body = Body::Whole(Box::new(ByEar { cuts, most }));
        Ok(Prepared { body, latency: 0, tail: Tail::NONE, cost_ns: 0.5 })
    }

    fn neutral() -> Option<Self> {
        Some(Self::default())
    }
}

/// Finds zero crossings.
struct ByEar {
    cuts: TrimReport,
    most: u64,
}

impl Whole for ByEar {
    fn listener(&self) -> Box<dyn Analyze> {
        Box::new(Crossings { cuts: self.cuts, most: self.most, last: 0.0, from: None, to: None })
    }

    fn stream(&mut self, heard: &Report) -> Result<Box<dyn Stream>, NodeError> {
        let cuts = *heard.get::<TrimReport>().ok_or(NodeError::ForeignReport)?;
        Ok(Box::new(Shorter(cuts)))
    }
}

/// Listens for the first zero crossing behind each cut.
struct Crossings {
    cuts: TrimReport,
    most: u64,
    /// The sum of the channels in the frame before.
    last: f64,
    from: Option<u64>,
    to: Option<u64>,
}

impl Crossings {
    /// Whether a cut that should be at `wanted` may be at `frame`.
    fn near(&self, wanted: u64, frame: u64) -> bool {
        (wanted..=wanted + self.most).contains(&frame)
    }
}

impl Analyze for Crossings {
    fn hear(&mut self, start: u64, block: Block<'_>) -> Result<(), NodeError> {
        let end = start + block.frames() as u64;
        let touches = |wanted: u64| wanted < end && wanted + self.most >= start;
        if !touches(self.cuts.from_frame) && !self.cuts.to_frame.is_some_and(touches) {
            self.last = block.iter().filter_map(|channel| channel.last()).sum();
            return Ok(());
        }
        for n in 0..block.frames() {
            let (frame, sum) = (start + n as u64, block.iter().map(|channel| channel[n]).sum::<f64>());
            if sum == 0.0 || (self.last < 0.0) != (sum < 0.0) {
                if self.from.is_none() && self.near(self.cuts.from_frame, frame) {
                    self.from = Some(frame);
                }
                if self.to.is_none() && self.cuts.to_frame.is_some_and(|to| self.near(to, frame)) {
                    self.to = Some(frame);
                }
            }
            self.last = sum;
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Report, NodeError> {
        // Where nothing crosses zero in time, the cut is where it was asked for.
        Ok(Report::new(TrimReport {
            from_frame: self.from.unwrap_or(self.cuts.from_frame),
            to_frame: self.cuts.to_frame.map(|to| self.to.unwrap_or(to)),
        }))
    }
}

/// No state: the engine leaves the frames out.
struct Shorter(TrimReport);

impl Stream for Shorter {
    fn process(&mut self, _: &mut Io<'_>) -> Result<(), NodeError> {
        Ok(())
    }

    fn reset(&mut self) {}

    fn cut(&self) -> Cut {
        self.0.cut()
    }

    fn report(&self) -> Option<Report> {
        Some(Report::new(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use deadwax_node::{AnyNode, Format};

    #[test]
    fn cuts_lie_on_the_grid_of_a_cd() {
        let node = Trim { from_s: 1.0, to_s: Some(2.02), snap_frames: 588, ..Trim::default() };
        let cuts = node.cuts(44_100);
        assert_eq!(cuts, TrimReport { from_frame: 75 * 588, to_frame: Some(152 * 588) });
        assert_eq!(cuts.cut().keep, Some(77 * 588));
    }

    #[test]
    fn a_cut_waits_for_a_zero_crossing() {
        let node = Trim { from_s: 0.1, to_s: Some(0.2), zero_crossing_ms: 20.0, ..Trim::default() };
        let setup = Setup::plain(&node, Format::stereo(1000)).unwrap();
        let Body::Whole(mut whole) = AnyNode::prepare(&node, &setup).unwrap().body else { unreachable!() };
        // Below zero up to frame 107, above it up to 230.
        let wave: Vec<f64> = (0..300).map(|n| if (108..231).contains(&n) { 0.5 } else { -0.5 }).collect();
        let buffer = deadwax_node::Buffer::from_channels(&[wave.clone(), wave]);
        let mut listener = whole.listener();
        for begin in (0..300).step_by(50) {
            listener.hear(begin as u64, buffer.block(300).part(begin, 50)).unwrap();
        }
        let stream = whole.stream(&listener.finish().unwrap()).unwrap();
        // The end has no crossing within its 20 ms, and stays where it was asked for.
        assert_eq!(stream.cut(), Cut { skip: 108, keep: Some(92), ..Cut::NOTHING });
    }

    #[test]
    fn nothing_left_and_two_wishes_at_once_are_told() {
        let node = Trim { from_s: 3.0, to_s: Some(3.0), snap_frames: 588, zero_crossing_ms: 1.0 };
        let paths: Vec<_> = node.problems().into_iter().map(|problem| problem.path).collect();
        assert_eq!(paths, ["to_s", "zero_crossing_ms"]);
    }
}
