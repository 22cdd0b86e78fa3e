//! Shifts the weight of a stereo mix to one side.
//!
//! One reaches for it when a mix leans to one side. It changes the level of the two channels and mixes nothing across: at 0
//! every sample passes untouched, at −1 only the left is left. `law` says what the side that is favoured does meanwhile.

use crate::automation::curve;
use deadwax_dsp::automation::Curve;
use deadwax_dsp::math::{cos, pow, sin};
use deadwax_node::{
    About, Auto, Channels, Family, Io, Node, NodeError, Port, Ports, Prepared, Setup, Stream, params,
};
use std::f64::consts::{FRAC_PI_4, SQRT_2};

/// Parameters of `Balance`.
#[params]
pub struct Balance {
    #[param(default = Auto::Fixed(0.0), range = -1.0..=1.0, help = "−1 is left, 0 the middle, 1 right")]
    pub position: Auto,
    #[param(help = "how the level of both sides is shared")]
    pub law: PanLaw,
}

/// How a position becomes the levels of both sides.
#[params]
pub enum PanLaw {
    /// the favoured side stays as it is, the other goes down in a straight line
    #[default]
    Db0,
    /// both together keep their power
    Db3,
    /// between power and amplitude
    Db4_5,
    /// both together keep their amplitude
    Db6,
}

impl PanLaw {
    /// The gains of left and right at `position`, at which both are 1 in the middle.
    pub(super) fn gains(self, position: f64) -> [f64; 2] {
        let exponent = match self {
            Self::Db0 => return [(1.0 - position).min(1.0), (1.0 + position).min(1.0)],
            Self::Db3 => 1.0,
            Self::Db4_5 => 1.5,
            Self::Db6 => 2.0,
        };
        if position == 0.0 {
            return [1.0, 1.0];
        }
        let angle = (1.0 + position) * FRAC_PI_4;
        let side = |part: f64, gone: bool| if gone { 0.0 } else { pow(part * SQRT_2, exponent) };
        [side(cos(angle), position >= 1.0), side(sin(angle), position <= -1.0)]
    }

    /// What a mono signal is scaled by in the middle, so that it is as loud as anywhere else.
    pub(super) fn middle(self) -> f64 {
        match self {
            Self::Db0 => 1.0,
            Self::Db3 => std::f64::consts::FRAC_1_SQRT_2,
            Self::Db4_5 => pow(2.0, -0.75),
            Self::Db6 => 0.5,
        }
    }
}

impl Node for Balance {
    const ABOUT: About = About {
        kind: "Balance",
        family: Family::Stereo,
        summary: "Shifts the weight of a stereo mix to one side.",
        since: "0.2",
        algorithm: 1,
        example: "Balance(position: -0.1)",
    };

    fn ports(&self) -> Ports {
        Ports {
            inputs: vec![Port::new("in", Channels::Exactly(2), "left and right")],
            outputs: vec![Port::new("out", Channels::AsMain, "the same, weighed")],
        }
    }

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let position = curve(&self.position, f64::from(setup.main().rate_hz));
        let fixed = position.as_fixed().map(|position| self.law.gains(position));
        Ok(Prepared::stream(Weigh { position, fixed, law: self.law }, 0.7))
    }

    fn neutral() -> Option<Self> {
        Some(Self::default())
    }
}

/// The gains follow the number of the frame: no state.
struct Weigh {
    position: Curve,
    fixed: Option<[f64; 2]>,
    law: PanLaw,
}

impl Stream for Weigh {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        let start = io.start();
        let mut main = io.main();
        let Some((left, right)) = main.stereo_mut() else {
            return Err(NodeError::field("in", "a balance is that of a stereo signal"));
        };
        if let Some([l, r]) = self.fixed {
            left.iter_mut().for_each(|sample| *sample *= l);
            right.iter_mut().for_each(|sample| *sample *= r);
            return Ok(());
        }
        for (n, (l, r)) in left.iter_mut().zip(right).enumerate() {
            let gains = self.law.gains(self.position.at((start + n as u64) as f64));
            *l *= gains[0];
            *r *= gains[1];
        }
        Ok(())
    }

    fn reset(&mut self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_law_is_untouched_in_the_middle_and_one_sided_at_the_ends() {
        for law in [PanLaw::Db0, PanLaw::Db3, PanLaw::Db4_5, PanLaw::Db6] {
            assert_eq!(law.gains(0.0), [1.0, 1.0]);
            assert_eq!((law.gains(-1.0)[1], law.gains(1.0)[0]), (0.0, 0.0));
            let [l, r] = law.gains(0.3);
            let mirrored = law.gains(-0.3);
            assert!((l - mirrored[1]).abs() < 1e-15 && (r - mirrored[0]).abs() < 1e-15 && r > l);
        }
    }

    #[test]
    fn what_a_law_keeps_it_keeps_anywhere() {
        for step in -10..=10 {
            let position = f64::from(step) / 10.0;
            let [l, r] = PanLaw::Db3.gains(position);
            assert!((l * l + r * r - 2.0).abs() < 1e-14);
            let [l, r] = PanLaw::Db6.gains(position);
            assert!((l + r - 2.0).abs() < 1e-14);
            assert_eq!(PanLaw::Db0.gains(position).into_iter().fold(0.0, f64::max), 1.0);
        }
    }
}
