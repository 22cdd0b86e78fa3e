//! Makes the bass mono, and leaves what is above it as wide as it was.
//!
//! One reaches for it before cutting a record (a needle cannot follow bass on one side), for clubs that sum the lows, and
//! to firm up a loose low end. The side signal passes a high-pass at `freq_hz`. With `phase: Minimum` the mid passes the
//! all-pass of the same phase, so that what is panned stays where it is, and there is no latency; at 6 dB per octave,
//! whose high-pass has no such all-pass, the mid stays as it is. With `phase: Linear` nothing is shifted at all, at
//! the price of latency and a faint ring before transients.

use deadwax_dsp::convolver::Convolver;
use deadwax_dsp::delay::Line;
use deadwax_dsp::fft::Kind;
use deadwax_dsp::linear_phase::low_pass;
use deadwax_dsp::math::tan;
use deadwax_dsp::svf::{Cascade, Section, Unstable, decay_frames};
use deadwax_node::{
    About, Channels, Family, Io, Node, NodeError, Port, Ports, Prepared, Setup, Stream, Tail, params,
};
use std::f64::consts::{PI, SQRT_2};

/// Parameters of `BassMono`.
#[params]
pub struct BassMono {
    #[param(default = 120.0, range = 20.0..=500.0, help = "below this it is mono")]
    pub freq_hz: f64,
    #[param(help = "how fast it becomes mono below that")]
    pub slope: BassMonoSlope,
    #[param(help = "what happens to the phase")]
    pub phase: BassMonoPhase,
    #[param(default = 1.0, range = 0.0..=1.0, help = "how much of the low side signal is taken away")]
    pub amount: f64,
}

/// How fast the side signal falls.
#[params]
pub enum BassMonoSlope {
    /// 6 dB per octave
    Db6,
    /// 12 dB per octave
    Db12,
    /// 24 dB per octave
    #[default]
    Db24,
}

/// What happens to the phase.
#[params]
pub enum BassMonoPhase {
    /// mid and side are turned alike around the corner; no latency
    #[default]
    Minimum,
    /// nothing is turned; latency of some periods of the corner
    Linear,
}

/// How far a tail has fallen when it counts as over.
const TAIL_DBFS: f64 = -200.0;
/// What a tail falls from at the most.
const LOUDEST_DB: f64 = 40.0;

impl BassMono {
    /// The high-pass of the side signal, and the all-pass with its phase.
    fn sections(&self, rate_hz: f64) -> Result<(Vec<Section>, Vec<Section>), Unstable> {
        let g = tan(PI * self.freq_hz / rate_hz);
        let damped = [1.0, SQRT_2 * g, g * g];
        Ok(match self.slope {
            BassMonoSlope::Db6 => (vec![Section::first_order([1.0, 0.0], [1.0, g])?], Vec::new()),
            // Turned over, it has the phase of the all-pass.
            BassMonoSlope::Db12 => (
                vec![Section::new([-1.0, 0.0, 0.0], [1.0, 2.0 * g, g * g])?],
                vec![Section::first_order([-1.0, g], [1.0, g])?],
            ),
            BassMonoSlope::Db24 => (
                vec![Section::new([1.0, 0.0, 0.0], damped)?; 2],
                vec![Section::new([1.0, -SQRT_2 * g, g * g], damped)?],
            ),
        })
    }

    fn order(&self) -> i32 {
        match self.slope {
            BassMonoSlope::Db6 => 1,
            BassMonoSlope::Db12 => 2,
            BassMonoSlope::Db24 => 4,
        }
    }

    fn minimum(&self, rate_hz: f64) -> Result<Prepared, NodeError> {
        let made = self.sections(rate_hz);
        let (high, all) = made.map_err(|error| NodeError::field("freq_hz", error.to_string()))?;
        let frames = decay_frames(&[&high[..], &all[..]].concat(), LOUDEST_DB - TAIL_DBFS);
        let work = Work::Minimum { all: Cascade::new(&all, 2), high: Cascade::new(&high, 1) };
        let tail = Tail::UntilBelow { dbfs: TAIL_DBFS, max_frames: frames };
        Ok(Prepared::stream(Narrow::new(self.amount, work), 12.0).with_tail(tail))
    }

    fn linear(&self, rate_hz: f64, kind: Kind) -> Prepared {
        let taps = low_pass(self.freq_hz, self.order(), rate_hz);
        let low = Convolver::new(&taps, 1, kind);
        let latency = low.latency() + taps.len() / 2;
        let tail = Tail::Frames(low.tail() as u64);
        let lines = [Line::new(latency), Line::new(latency)];
        let narrow = Narrow::new(self.amount, Work::Linear { low: Box::new(low), lines });
        Prepared::stream(narrow, 40.0).with_latency(latency as u64).with_tail(tail)
    }
}

impl Node for BassMono {
    const ABOUT: About = About {
        kind: "BassMono",
        family: Family::Stereo,
        summary: "Makes the bass mono.",
        since: "0.2",
        algorithm: 1,
        example: "BassMono(freq_hz: 150)",
    };

    fn ports(&self) -> Ports {
        Ports {
            inputs: vec![Port::new("in", Channels::Exactly(2), "left and right")],
            outputs: vec![Port::new("out", Channels::AsMain, "the same, mono in the bass")],
        }
    }

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let rate_hz = f64::from(setup.main().rate_hz);
        match self.phase {
            BassMonoPhase::Minimum if self.amount == 0.0 => {
                Ok(Prepared::stream(Narrow::new(0.0, Work::Nothing), 0.1))
            }
            BassMonoPhase::Minimum => self.minimum(rate_hz),
            BassMonoPhase::Linear => {
                Ok(self.linear(rate_hz, if setup.portable { Kind::Portable } else { Kind::Fast }))
            }
        }
    }

    fn neutral() -> Option<Self> {
        Some(Self { amount: 0.0, phase: BassMonoPhase::Linear, ..Self::default() })
    }
}

/// How many frames are worked on at once.
const CHUNK: usize = 256;

enum Work {
    /// Everything passes.
    Nothing,
    /// Mid and side pass `all`; the side's low part is what `high` leaves out of it.
    Minimum { all: Cascade, high: Cascade },
    /// Left and right are delayed; the side's low part comes out of `low`.
    Linear { low: Box<Convolver>, lines: [Line; 2] },
}

struct Narrow {
    amount: f64,
    work: Work,
    side: [f64; CHUNK],
}

impl Narrow {
    fn new(amount: f64, work: Work) -> Self {
        Self { amount, work, side: [0.0; CHUNK] }
    }

    fn chunk(&mut self, left: &mut [f64], right: &mut [f64]) {
        let amount = self.amount;
        let side = &mut self.side[..left.len()];
        for (side, (l, r)) in side.iter_mut().zip(left.iter().zip(right.iter())) {
            *side = 0.5 * (l - r);
        }
        match &mut self.work {
            Work::Nothing => {}
            Work::Minimum { all, high } => {
                for (l, r) in left.iter_mut().zip(right.iter_mut()) {
                    (*l, *r) = (0.5 * (*l + *r), 0.5 * (*l - *r));
                }
                all.process_pair(0, left, right);
                high.process(0, side);
                for (high, (l, r)) in side.iter().zip(left.iter_mut().zip(right.iter_mut())) {
                    let side = amount * high + (1.0 - amount) * *r;
                    (*l, *r) = (*l + side, *l - side);
                }
            }
            Work::Linear { low, lines: [first, second] } => {
                first.process(left);
                second.process(right);
                low.process_all([&mut *side]);
                if amount > 0.0 {
                    for (low, (l, r)) in side.iter().zip(left.iter_mut().zip(right.iter_mut())) {
                        *l -= amount * low;
                        *r += amount * low;
                    }
                }
            }
        }
    }
}

impl Stream for Narrow {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        let mut main = io.main();
        let Some((left, right)) = main.stereo_mut() else {
            return Err(NodeError::field("in", "mono and wide are those of a stereo signal"));
        };
        for (left, right) in left.chunks_mut(CHUNK).zip(right.chunks_mut(CHUNK)) {
            self.chunk(left, right);
        }
        Ok(())
    }

    fn reset(&mut self) {
        match &mut self.work {
            Work::Nothing => {}
            Work::Minimum { all, high } => {
                all.reset();
                high.reset();
            }
            Work::Linear { low, lines } => {
                low.reset();
                lines.iter_mut().for_each(Line::reset);
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;
    use deadwax_node::Format;
    use deadwax_node::conformance::Rig;
    use std::f64::consts::TAU;

    /// What becomes of an impulse in the mid and of one in the side: gain in dB and phase at `hz`, the latency taken off.
    fn answers(node: &BassMono, rate: u32, freqs: &[f64]) -> Vec<[(f64, f64); 2]> {
        let frames = rate as usize;
        let mut both = Vec::new();
        for sign in [1.0, -1.0] {
            let mut rig = Rig::new(node, Format::stereo(rate), false).unwrap();
            let latency = rig.prepared().latency as usize;
            let mut input = vec![vec![0.0; frames]; 2];
            (input[0][0], input[1][0]) = (1.0, sign);
            let output = rig.run(&[input], &[frames]).unwrap().remove(0);
            let part: Vec<f64> = (0..frames).map(|n| 0.5 * (output[0][n] + sign * output[1][n])).collect();
            both.push(freqs.iter().map(|hz| gain(&part, hz / f64::from(rate), latency)).collect::<Vec<_>>());
        }
        both[0].iter().zip(&both[1]).map(|(mid, side)| [*mid, *side]).collect()
    }

    fn gain(answer: &[f64], turns: f64, latency: usize) -> (f64, f64) {
        let (mut re, mut im) = (0.0, 0.0);
        for (n, x) in answer.iter().enumerate() {
            let angle = TAU * turns * (n as f64 - latency as f64);
            re += x * angle.cos();
            im -= x * angle.sin();
        }
        (10.0 * (re * re + im * im).log10(), im.atan2(re))
    }

    #[test]
    fn the_side_falls_by_24_db_to_half_the_corner_and_the_mid_stays_flat() {
        // DSP specification, 3.6.
        for rate in [44_100, 48_000, 88_200, 96_000, 192_000] {
            for phase in [BassMonoPhase::Minimum, BassMonoPhase::Linear] {
                let node = BassMono { phase, ..BassMono::default() };
                let answers = answers(&node, rate, &[30.0, 60.0, 120.0, 480.0, 5_000.0, 19_000.0]);
                for [(mid_db, _), _] in &answers {
                    assert!(mid_db.abs() <= 1e-9, "{phase:?} at {rate} Hz: mid {mid_db:e} dB");
                }
                let side: Vec<f64> = answers.iter().map(|[_, (db, _)]| *db).collect();
                assert!(side[1] <= -24.0 && side[0] <= -48.0, "{phase:?} at {rate} Hz: {side:?}");
                assert!(
                    (side[2] + 6.02).abs() < 0.01
                        && side[3] > -0.05
                        && side[4..].iter().all(|db| *db > -0.01)
                );
            }
        }
    }

    #[test]
    fn mid_and_side_have_the_same_phase() {
        for phase in [BassMonoPhase::Minimum, BassMonoPhase::Linear] {
            for slope in [BassMonoSlope::Db12, BassMonoSlope::Db24] {
                for amount in [0.4, 1.0] {
                    let node = BassMono { phase, slope, amount, ..BassMono::default() };
                    for [(_, mid), (_, side)] in
                        answers(&node, 48_000, &[60.0, 100.0, 200.0, 1_000.0, 10_000.0])
                    {
                        let apart = (mid - side).sin().abs() + (1.0 - (mid - side).cos());
                        assert!(apart < 1e-6, "{phase:?} {slope:?} {amount}: {mid} {side}");
                    }
                }
            }
        }
    }

    #[test]
    fn gentler_slopes_and_amounts_take_less_away() {
        for (slope, amount, db) in [
            (BassMonoSlope::Db6, 1.0, -6.99),
            (BassMonoSlope::Db12, 1.0, -13.98),
            (BassMonoSlope::Db24, 1.0, -24.61),
            (BassMonoSlope::Db24, 0.5, -5.52),
        ] {
            let node = BassMono { slope, amount, ..BassMono::default() };
            let side = answers(&node, 44_100, &[60.0])[0][1].0;
            assert!((side - db).abs() < 0.02, "{slope:?} {amount}: {side} dB");
        }
    }
}
