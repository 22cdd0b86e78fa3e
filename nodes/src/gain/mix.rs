//! Adds signals up.
//!
//! Where branches of a graph come together: the bands of a crossover, a dry path beside a wet one, stems. Every wire
//! counts in full (to weigh one, put a `Gain` into it), and wires are added in the order of the file, so that the sum is
//! the same to the bit wherever the branches ran. The engine aligns the branches; nothing need be delayed by hand.

use deadwax_node::{
    About, Channels, Family, Io, Node, NodeError, Port, Ports, Prepared, Setup, Stream, params,
};

/// Parameters of `Mix`: none.
#[params]
pub struct Mix {}

impl Node for Mix {
    const ABOUT: About = About {
        kind: "Mix",
        family: Family::Gain,
        summary: "Adds up all signals that are wired to it.",
        since: "0.1",
        algorithm: 1,
        example: "Mix",
    };

    fn ports(&self) -> Ports {
        Ports {
            inputs: vec![Port::new("in", Channels::Any, "what is added up").many()],
            outputs: vec![Port::new("out", Channels::AsMain, "the sum")],
        }
    }

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let wires = setup.wires.first().copied().unwrap_or(1);
        Ok(Prepared::stream(Add, 0.3 * wires as f64))
    }
}

/// No state.
struct Add;

impl Stream for Add {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        // The first wire is in the main output already.
        let wires = io.wires(0);
        let mut sum = io.main();
        for wire in wires {
            for (sum, channel) in sum.iter_mut().zip(wire.iter()) {
                for (sum, x) in sum.iter_mut().zip(channel) {
                    *sum += x;
                }
            }
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

    #[test]
    fn wires_are_added_in_order() {
        let mut rig = Rig::new(&Mix {}, Format::stereo(44_100), false).unwrap();
        assert_eq!(rig.wires(), [2, 2]);
        let wires = [vec![vec![0.1, 0.2], vec![0.3, 0.4]], vec![vec![1.0, 2.0], vec![3.0, 4.0]]];
        let out = rig.run(&wires, &[1, 1]).unwrap();
        assert_eq!(out[0], [[0.1 + 1.0, 0.2 + 2.0], [0.3 + 3.0, 0.4 + 4.0]]);
    }
}
