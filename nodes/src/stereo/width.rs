//! Makes the stereo image narrower or wider.
//!
//! One reaches for it to make the bass of a multiband graph mono (0), or to open a band a little (1.1 … 1.3). It scales
//! the side signal and leaves the mid: the mono sum is the same at any width. At 1 every sample passes untouched; at 0
//! both channels are equal to the bit. `preserve: Energy` takes back what the change of width adds or takes in loudness (of a mix
//! whose mid and side are equally strong), at the price of a mono sum that changes with it.

use crate::automation::curve;
use deadwax_dsp::automation::Curve;
use deadwax_node::{
    About, Auto, Channels, Family, Io, Node, NodeError, Port, Ports, Prepared, Setup, Stream, params,
};

/// Parameters of `Width`.
#[params]
pub struct Width {
    #[param(default = Auto::Fixed(1.0), range = 0.0..=2.0, help = "0 is mono, 1 as it is, 2 twice the difference")]
    pub amount: Auto,
    #[param(help = "what stays the same at any width")]
    pub preserve: WidthPreserve,
}

/// What a change of width leaves as it is.
#[params]
pub enum WidthPreserve {
    /// the mid, and with it the mono sum
    #[default]
    Mid,
    /// the energy of mid and side together
    Energy,
}

impl WidthPreserve {
    /// The gains of mid and side.
    fn gains(self, amount: f64) -> [f64; 2] {
        match self {
            Self::Mid => [1.0, amount],
            Self::Energy => {
                let mid = (2.0 / (1.0 + amount * amount)).sqrt();
                [mid, mid * amount]
            }
        }
    }
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

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let amount = curve(&self.amount, f64::from(setup.main().rate_hz));
        Ok(Prepared::stream(Scale { amount, preserve: self.preserve }, 0.5))
    }

    fn neutral() -> Option<Self> {
        Some(Self::default())
    }
}

/// The gains follow the number of the frame: no state.
struct Scale {
    amount: Curve,
    preserve: WidthPreserve,
}

/// Mid and side of one frame, each scaled.
fn scale(left: &mut f64, right: &mut f64, [mid, side]: [f64; 2]) {
    let (mid, side) = (mid * ((*left + *right) / 2.0), side * ((*left - *right) / 2.0));
    (*left, *right) = (mid + side, mid - side);
}

impl Stream for Scale {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        let start = io.start();
        let fixed = self.amount.as_fixed();
        if fixed == Some(1.0) {
            return Ok(());
        }
        let mut main = io.main();
        let Some((left, right)) = main.stereo_mut() else {
            return Err(NodeError::field("in", "a width is that of a stereo signal"));
        };
        let frames = left.iter_mut().zip(right);
        match fixed {
            Some(amount) => {
                let gains = self.preserve.gains(amount);
                frames.for_each(|(l, r)| scale(l, r, gains));
            }
            None => frames.enumerate().for_each(|(n, (l, r))| {
                let amount = self.amount.at((start + n as u64) as f64);
                if amount != 1.0 {
                    scale(l, r, self.preserve.gains(amount));
                }
            }),
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
        let node = Width { amount: Auto::Fixed(amount), ..Width::default() };
        let mut rig = Rig::new(&node, Format::stereo(44_100), false).unwrap();
        let out = rig.run(&[vec![vec![left], vec![right]]], &[1]).unwrap();
        (out[0][0][0], out[0][1][0])
    }

    #[test]
    fn energy_is_kept_when_mid_and_side_are_equally_strong() {
        for amount in [0.0, 0.3, 1.0, 1.7, 2.0] {
            let [mid, side] = WidthPreserve::Energy.gains(amount);
            assert!((mid * mid + side * side - 2.0).abs() < 1e-15);
        }
        assert_eq!(WidthPreserve::Energy.gains(1.0), [1.0, 1.0]);
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
