//! Makes the stereo image narrower or wider.
//!
//! One reaches for it to make the bass of a multiband graph mono (0), or to open a band a little (1.1 … 1.3). It scales
//! the side signal and leaves the mid: the mono sum is the same at any width. At 1 every sample passes untouched; at 0
//! both channels are equal to the bit.

use deadwax_node::{
    About, Channels, Family, Io, Node, NodeError, Port, Ports, Prepared, Setup, Stream, params,
};

/// Parameters of `Width`.
#[params]
pub struct Width {
    #[param(default = 1.0, range = 0.0..=2.0, help = "0 is mono, 1 as it is, 2 twice the difference")]
    pub amount: f64,
}

impl Node for Width {
    const ABOUT: About = About {
        kind: "Width",
        family: Family::Stereo,
        summary: "Makes the stereo image narrower or wider.",
        since: "0.1",
        algorithm: 1,
        example: "Width(amount: 0.8)",
    };

    fn ports(&self) -> Ports {
        Ports {
            inputs: vec![Port::new("in", Channels::Exactly(2), "left and right")],
            outputs: vec![Port::new("out", Channels::AsMain, "the same, narrower or wider")],
        }
    }

    fn prepare(&self, _: &Setup) -> Result<Prepared, NodeError> {
        Ok(Prepared::stream(Scale { amount: self.amount }, 0.5))
    }

    fn neutral() -> Option<Self> {
        Some(Self::default())
    }
}

/// No state but the setting.
struct Scale {
    amount: f64,
}

impl Stream for Scale {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        if self.amount == 1.0 {
            return Ok(());
        }
        let mut main = io.main();
        let Some((left, right)) = main.stereo_mut() else {
            return Err(NodeError::field("in", "a width is that of a stereo signal"));
        };
        for (l, r) in left.iter_mut().zip(right) {
            let (mid, side) = ((*l + *r) / 2.0, self.amount * ((*l - *r) / 2.0));
            (*l, *r) = (mid + side, mid - side);
        }
        Ok(())
    }

    fn reset(&mut self) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use deadwax_node::Format;
    use deadwax_node::conformance::Rig;

    fn run(amount: f64, left: f64, right: f64) -> (f64, f64) {
        let mut rig = Rig::new(&Width { amount }, Format::stereo(44_100), false).unwrap();
        let out = rig.run(&[vec![vec![left], vec![right]]], &[1]).unwrap();
        (out[0][0][0], out[0][1][0])
    }

    #[test]
    fn the_side_is_scaled_and_the_mid_is_not() {
        assert_eq!(run(2.0, 0.75, 0.25), (1.0, 0.0));
        assert_eq!(run(0.5, 0.75, 0.25), (0.625, 0.375));
        let (left, right) = run(0.0, 0.1, 0.7);
        assert_eq!(left, right);
        let (left, right) = run(1.0, -0.0, 0.3);
        assert!(left.is_sign_negative() && right == 0.3);
    }
}
