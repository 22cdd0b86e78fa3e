//! Gives a narrow or mono signal width, and takes nothing from its mono sum.
//!
//! One reaches for it on a mono synth, a backing vocal or the top of a mix. What is added to the left is taken from the
//! right: a scattered copy of the mid, in which every frequency above `low_cut_hz` is as loud as before and comes at
//! another time. In mono it is gone, exactly; the bass stays where it was. At `amount: 0.7` a mono signal comes out with a
//! correlation between left and right below 0.6; at 0 every sample passes untouched. A higher `density` is smoother, and
//! smears transients more.

use deadwax_dsp::diffuser::Diffuser;
use deadwax_dsp::equalizer::{Band, Shape};
use deadwax_dsp::svf::{Cascade, decay_frames};
use deadwax_node::{
    About, Channels, Family, Io, Node, NodeError, Port, Ports, Prepared, Setup, Stream, Tail, params,
};

/// Parameters of `Widener`.
#[params]
pub struct Widener {
    #[param(default = 0.3, range = 0.0..=1.0, help = "how loud the scattered copy is beside the signal")]
    pub amount: f64,
    #[param(default = 250.0, range = 20.0..=2000.0, help = "below this nothing is widened")]
    pub low_cut_hz: f64,
    #[param(default = 4, range = 1..=8, help = "how many all-passes scatter the copy")]
    pub density: u32,
}

/// How steep the copy is cut.
const SLOPE_DB_OCT: u32 = 24;
/// How far a tail has fallen when it counts as over.
const TAIL_DBFS: f64 = -200.0;
/// What a tail falls from at the most.
const LOUDEST_DB: f64 = 60.0;

impl Node for Widener {
    const ABOUT: About = About {
        kind: "Widener",
        family: Family::Stereo,
        summary: "Widens a narrow or mono signal without changing its mono sum.",
        since: "0.2",
        algorithm: 1,
        example: "Widener(amount: 0.7, low_cut_hz: 300)",
    };

    fn ports(&self) -> Ports {
        Ports {
            inputs: vec![Port::new("in", Channels::Exactly(2), "left and right")],
            outputs: vec![Port::new("out", Channels::AsMain, "the same, wider")],
        }
    }

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let rate_hz = f64::from(setup.main().rate_hz);
        let band = Band::HighPass {
            freq_hz: self.low_cut_hz,
            slope_db_oct: SLOPE_DB_OCT,
            shape: Shape::Butterworth,
        };
        let cut = band.design(rate_hz).map_err(|error| NodeError::field("low_cut_hz", error.to_string()))?;
        let diffuser = Diffuser::new(self.density as usize, rate_hz);
        let fall = LOUDEST_DB - TAIL_DBFS;
        let frames = decay_frames(&cut, fall) + diffuser.decay_frames(fall);
        let widen = Widen { amount: self.amount, cut: Cascade::new(&cut, 1), diffuser, copy: [0.0; CHUNK] };
        let prepared = Prepared::stream(widen, 12.0 + 3.0 * f64::from(self.density));
        Ok(if self.amount == 0.0 {
            prepared
        } else {
            prepared.with_tail(Tail::UntilBelow { dbfs: TAIL_DBFS, max_frames: frames })
        })
    }

    fn neutral() -> Option<Self> {
        Some(Self { amount: 0.0, ..Self::default() })
    }
}

/// How many frames are worked on at once.
const CHUNK: usize = 256;
/// Added and taken away again, this rounds to multiples of 2⁻⁴⁸: then a sum with samples of up to 24 bits is exact.
const ROUND: f64 = 24.0;

struct Widen {
    amount: f64,
    cut: Cascade,
    diffuser: Diffuser,
    copy: [f64; CHUNK],
}

impl Stream for Widen {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        if self.amount == 0.0 {
            return Ok(());
        }
        let mut main = io.main();
        let Some((left, right)) = main.stereo_mut() else {
            return Err(NodeError::field("in", "a width is that of a stereo signal"));
        };
        for (left, right) in left.chunks_mut(CHUNK).zip(right.chunks_mut(CHUNK)) {
            let copy = &mut self.copy[..left.len()];
            for (copy, (l, r)) in copy.iter_mut().zip(left.iter().zip(right.iter())) {
                *copy = 0.5 * (l + r);
            }
            self.cut.process(0, copy);
            self.diffuser.process(copy);
            for (copy, (l, r)) in copy.iter().zip(left.iter_mut().zip(right.iter_mut())) {
                let side = (self.amount * copy + ROUND) - ROUND;
                *l += side;
                *r -= side;
            }
        }
        Ok(())
    }

    fn reset(&mut self) {
        self.cut.reset();
        self.diffuser.reset();
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;
    use deadwax_measure::signals::uniform;
    use deadwax_node::Format;
    use deadwax_node::conformance::Rig;

    /// About −3 dB per octave: leaky integrators of white noise, added up.
    fn pink(frames: usize) -> Vec<f64> {
        let white = uniform(frames, 5);
        let mut states = [0.0; 5];
        let poles = [0.9985_f64, 0.985, 0.93, 0.75, 0.3];
        let step = |x: &f64| -> f64 {
            for (state, pole) in states.iter_mut().zip(poles) {
                *state = pole * *state + (1.0 - pole).sqrt() * x;
            }
            0.1 * states.iter().sum::<f64>()
        };
        white.iter().map(step).collect()
    }

    fn run(node: &Widener, rate: u32, input: [&[f64]; 2]) -> Vec<Vec<f64>> {
        let mut rig = Rig::new(node, Format::stereo(rate), false).unwrap();
        rig.run(&[input.map(<[f64]>::to_vec).to_vec()], &[input[0].len()]).unwrap().remove(0)
    }

    #[test]
    fn the_mono_sum_is_the_same_within_300_db_at_any_amount_and_exact_to_24_bits() {
        let (left, right) = (uniform(20_000, 1), uniform(20_000, 2));
        let coarse =
            |x: &[f64]| x.iter().map(|x| (x * 8_388_607.0).round() / 8_388_608.0).collect::<Vec<_>>();
        for rate in [44_100, 48_000, 88_200, 96_000, 192_000] {
            for amount in [0.1, 0.3, 0.7, 1.0] {
                let node = Widener { amount, ..Widener::default() };
                let out = run(&node, rate, [&left, &right]);
                let error = |n: usize| ((out[0][n] + out[1][n]) - (left[n] + right[n])).abs();
                let worst_db = 20.0 * (0..left.len()).map(error).fold(1e-20, f64::max).log10();
                assert!(worst_db <= -300.0, "{amount} at {rate} Hz: {worst_db} dBFS");
                let (left, right) = (coarse(&left), coarse(&right));
                let out = run(&node, rate, [&left, &right]);
                assert!((0..left.len()).all(|n| out[0][n] + out[1][n] == left[n] + right[n]));
            }
        }
    }

    #[test]
    fn at_an_amount_of_0_7_the_correlation_of_a_mono_signal_falls_to_0_6() {
        // DSP specification, 3.6.
        for rate in [44_100, 48_000, 88_200, 96_000, 192_000] {
            for (name, mono) in [("white", uniform(100_000, 3)), ("pink", pink(100_000))] {
                let out = run(&Widener { amount: 0.7, ..Widener::default() }, rate, [&mono, &mono]);
                let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
                let (ll, rr) = (product(&out[0], &out[0]), product(&out[1], &out[1]));
                let correlation = product(&out[0], &out[1]) / (ll * rr).sqrt();
                assert!((0.1..=0.6).contains(&correlation), "{name} at {rate} Hz: {correlation}");
                // And neither side is louder.
                assert!((10.0 * (ll / rr).log10()).abs() < 0.3, "{name}: {} dB", 10.0 * (ll / rr).log10());
            }
        }
    }
}
