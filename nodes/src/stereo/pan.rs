//! Puts a mono signal anywhere between left and right.
//!
//! One reaches for it to make stereo of a mono transfer, or to place one of the bands or lanes of a graph. `law` says how
//! loud the middle is against the sides: −3 dB keeps the power in a room, −6 dB the sum of both channels.

use super::balance::PanLaw;
use crate::automation::curve;
use deadwax_dsp::automation::Curve;
use deadwax_node::{
    About, Auto, Channels, Family, Io, Node, NodeError, Port, Ports, Prepared, Setup, Stream, params,
};

/// Parameters of `Pan`.
#[params]
pub struct Pan {
    #[param(default = Auto::Fixed(0.0), range = -1.0..=1.0, help = "−1 is left, 0 the middle, 1 right")]
    pub position: Auto,
    #[param(default = PanLaw::Db3, help = "how loud the middle is")]
    pub law: PanLaw,
}

impl Node for Pan {
    const ABOUT: About = About {
        kind: "Pan",
        family: Family::Stereo,
        summary: "Puts a mono signal anywhere between left and right.",
        since: "0.2",
        algorithm: 1,
        example: "Pan(position: 0.25)",
    };

    fn ports(&self) -> Ports {
        Ports {
            inputs: vec![Port::new("in", Channels::Exactly(1), "what is placed")],
            outputs: vec![Port::new("out", Channels::Exactly(2), "left and right")],
        }
    }

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let position = curve(&self.position, f64::from(setup.main().rate_hz));
        let fixed = position.as_fixed().map(|position| place(self.law, position));
        Ok(Prepared::stream(Place { position, fixed, law: self.law }, 0.7))
    }
}

/// The gains of left and right.
fn place(law: PanLaw, position: f64) -> [f64; 2] {
    law.gains(position).map(|gain| gain * law.middle())
}

/// The gains follow the number of the frame: no state.
struct Place {
    position: Curve,
    fixed: Option<[f64; 2]>,
    law: PanLaw,
}

impl Stream for Place {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        let start = io.start();
        let Some(input) = io.input(0) else {
            return Err(NodeError::field("in", "a mono signal must be connected"));
        };
        let mut main = io.main();
        let Some((left, right)) = main.stereo_mut() else {
            return Err(NodeError::field("out", "left and right need two channels"));
        };
        for (n, (x, (l, r))) in input.channel(0).iter().zip(left.iter_mut().zip(right)).enumerate() {
            let gains =
                self.fixed.unwrap_or_else(|| place(self.law, self.position.at((start + n as u64) as f64)));
            (*l, *r) = (x * gains[0], x * gains[1]);
        }
        Ok(())
    }

    fn reset(&mut self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_is_as_far_down_as_the_law_says() {
        for (law, db) in
            [(PanLaw::Db0, 0.0), (PanLaw::Db3, -3.0103), (PanLaw::Db4_5, -4.5154), (PanLaw::Db6, -6.0206)]
        {
            let [l, r] = place(law, 0.0);
            assert_eq!(l, r);
            assert!((deadwax_dsp::math::gain_to_db(l) - db).abs() < 1e-4);
        }
        let [l, r] = place(PanLaw::Db3, 1.0);
        assert!(l == 0.0 && (r - 1.0).abs() < 1e-15);
    }
}
