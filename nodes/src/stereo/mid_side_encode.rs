//! Takes stereo apart into what both sides share (mid) and how they differ (side).
//!
//! One reaches for it where mid and side go different ways through a graph; where one node is to work on one of them,
//! `lane: Mid` or `lane: Side` on that node is shorter. M = (L + R) / 2, S = (L − R) / 2; `MidSideDecode` undoes it.

use deadwax_node::{
    About, Channels, Family, Io, Node, NodeError, Port, Ports, Prepared, Setup, Stream, params,
};

/// Parameters of `MidSideEncode`: none.
#[params]
pub struct MidSideEncode {}

impl Node for MidSideEncode {
    const ABOUT: About = About {
        kind: "MidSideEncode",
        family: Family::Stereo,
        summary: "Takes a stereo signal apart into mid and side.",
        since: "0.1",
        algorithm: 1,
        example: "MidSideEncode",
    };

    fn ports(&self) -> Ports {
        Ports {
            inputs: vec![Port::new("in", Channels::Exactly(2), "left and right")],
            outputs: vec![
                Port::new("mid", Channels::Exactly(1), "half of left plus right"),
                Port::new("side", Channels::Exactly(1), "half of left minus right"),
            ],
        }
    }

    fn prepare(&self, _: &Setup) -> Result<Prepared, NodeError> {
        Ok(Prepared::stream(Encode, 0.5))
    }
}

/// No state.
struct Encode;

impl Stream for Encode {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        let Some((left, right)) = io.input(0).and_then(|block| block.stereo()) else {
            return Err(NodeError::field("in", "mid and side are those of a stereo signal"));
        };
        for (mid, (l, r)) in io.output(0).channel_mut(0).iter_mut().zip(left.iter().zip(right)) {
            *mid = (l + r) / 2.0;
        }
        for (side, (l, r)) in io.output(1).channel_mut(0).iter_mut().zip(left.iter().zip(right)) {
            *side = (l - r) / 2.0;
        }
        Ok(())
    }

    fn reset(&mut self) {}
}
