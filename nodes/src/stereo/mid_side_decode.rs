//! Puts mid and side together to left and right.
//!
//! The other end of `MidSideEncode`: L = M + S, R = M − S.

use deadwax_node::{
    About, Channels, Family, Io, Node, NodeError, Port, Ports, Prepared, Setup, Stream, params,
};

/// Parameters of `MidSideDecode`: none.
#[params]
pub struct MidSideDecode {}

impl Node for MidSideDecode {
    const ABOUT: About = About {
        kind: "MidSideDecode",
        family: Family::Stereo,
        summary: "Puts mid and side together to a stereo signal.",
        since: "0.1",
        algorithm: 1,
        example: "MidSideDecode",
    };

    fn ports(&self) -> Ports {
        Ports {
            inputs: vec![
                Port::new("mid", Channels::Exactly(1), "what both sides share"),
                Port::new("side", Channels::Exactly(1), "how they differ"),
            ],
            outputs: vec![Port::new("out", Channels::Exactly(2), "left and right")],
        }
    }

    fn prepare(&self, _: &Setup) -> Result<Prepared, NodeError> {
        Ok(Prepared::stream(Decode, 0.5))
    }
}

/// No state.
struct Decode;

impl Stream for Decode {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        let (Some(mid), Some(side)) = (io.input(0), io.input(1)) else {
            return Err(NodeError::field("side", "both mid and side must be connected"));
        };
        let mut out = io.main();
        let Some((left, right)) = out.stereo_mut() else {
            return Err(NodeError::field("out", "left and right need two channels"));
        };
        let lanes = mid.channel(0).iter().zip(side.channel(0));
        for ((l, r), (m, s)) in left.iter_mut().zip(right).zip(lanes) {
            (*l, *r) = (m + s, m - s);
        }
        Ok(())
    }

    fn reset(&mut self) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stereo::MidSideEncode;
    use deadwax_node::Format;
    use deadwax_node::conformance::Rig;

    #[test]
    fn decoding_undoes_encoding() {
        let noise =
            |seed: i32| -> Vec<f64> { (0..500).map(|n| f64::from(n * seed % 1009) / 1009.0 - 0.5).collect() };
        let stereo = vec![noise(7919), noise(104_729)];
        let mut encode = Rig::new(&MidSideEncode {}, Format::stereo(44_100), false).unwrap();
        let lanes = encode.run(std::slice::from_ref(&stereo), &[500]).unwrap();
        assert_eq!(lanes[0][0][1], (stereo[0][1] + stereo[1][1]) / 2.0);
        let mono = Format::new(44_100, deadwax_node::Layout::Mono);
        let mut decode = Rig::new(&MidSideDecode {}, mono, false).unwrap();
        let out = decode.run(&lanes, &[500]).unwrap();
        for (out, expected) in out[0].iter().flatten().zip(stereo.iter().flatten()) {
            assert!((out - expected).abs() <= f64::EPSILON);
        }
    }
}
