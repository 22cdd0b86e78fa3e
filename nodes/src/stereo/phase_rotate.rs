//! Turns the phase of every frequency by the same angle.
//!
//! One reaches for it to make a lopsided voice or brass symmetric, which gives a limiter decibels back, or to line up two
//! microphones that no delay lines up. Levels stay as they are from 20 Hz to 20 kHz. At 0° the signal is only delayed, at
//! 180° turned over, both to the bit.

use deadwax_dsp::convolver::Convolver;
use deadwax_dsp::delay::Line;
use deadwax_dsp::fft::Kind;
use deadwax_dsp::linear_phase::hilbert;
use deadwax_dsp::math::{cos, sin};
use deadwax_node::{About, Buffer, Family, Io, Node, NodeError, Prepared, Setup, Stream, Tail, params};

/// Parameters of `PhaseRotate`.
#[params]
pub struct PhaseRotate {
    #[param(default = 90.0, range = -180.0..=180.0, unit = "°", help = "by how much; positive is ahead")]
    pub degrees: f64,
}

/// From here up the angle holds.
const LOWEST_HZ: f64 = 20.0;

impl PhaseRotate {
    /// How much of the signal itself, and how much of it a quarter turn behind, makes the angle.
    fn parts(&self) -> (f64, f64) {
        match self.degrees {
            0.0 => (1.0, 0.0),
            90.0 => (0.0, -1.0),
            -90.0 => (0.0, 1.0),
            180.0 | -180.0 => (-1.0, 0.0),
            degrees => (cos(degrees.to_radians()), -sin(degrees.to_radians())),
        }
    }
}

impl Node for PhaseRotate {
    const ABOUT: About = About {
        kind: "PhaseRotate",
        family: Family::Stereo,
        summary: "Turns the phase of every frequency by the same angle.",
        since: "0.2",
        algorithm: 1,
        example: "PhaseRotate(degrees: 60)",
    };

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let (rate_hz, channels) = (f64::from(setup.main().rate_hz), setup.main().channels());
        let kind = if setup.portable { Kind::Portable } else { Kind::Fast };
        let taps = hilbert(LOWEST_HZ, rate_hz);
        let behind = Convolver::new(&taps, channels, kind);
        let latency = behind.latency() + taps.len() / 2;
        let tail = Tail::Frames(behind.tail() as u64);
        let (own, turned) = self.parts();
        let rotate = Rotate {
            own,
            turned,
            lines: vec![Line::new(latency); channels],
            behind: (turned != 0.0).then_some(behind),
            copy: Buffer::new(channels, CHUNK),
        };
        Ok(Prepared::stream(rotate, 25.0 * channels as f64).with_latency(latency as u64).with_tail(tail))
    }

    fn neutral() -> Option<Self> {
        Some(Self { degrees: 0.0 })
    }
}

/// How many frames are worked on at once.
const CHUNK: usize = 256;

struct Rotate {
    own: f64,
    turned: f64,
    lines: Vec<Line>,
    /// None where there is none of it.
    behind: Option<Convolver>,
    copy: Buffer,
}

impl Stream for Rotate {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        io.main().each_part(CHUNK, |_, mut part| {
            if let Some(behind) = &mut self.behind {
                let mut copy = self.copy.block_mut(part.frames());
                copy.copy_from(part.as_block());
                behind.process_all(copy.iter_mut());
            }
            part.iter_mut().zip(&mut self.lines).for_each(|(channel, line)| line.process(channel));
            if self.own != 1.0 {
                part.iter_mut().flatten().for_each(|x| *x *= self.own);
            }
            if self.behind.is_some() {
                let copy = self.copy.block(part.frames());
                for (channel, turned) in part.iter_mut().zip(copy.iter()) {
                    channel.iter_mut().zip(turned).for_each(|(x, turned)| *x += self.turned * turned);
                }
            }
        });
        Ok(())
    }

    fn reset(&mut self) {
        self.lines.iter_mut().for_each(Line::reset);
        if let Some(behind) = &mut self.behind {
            behind.reset();
        }
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;
    use deadwax_node::conformance::Rig;
    use deadwax_node::{Format, Layout};
    use std::f64::consts::TAU;

    fn run(degrees: f64, rate: u32, input: &[f64]) -> (Vec<f64>, usize) {
        let node = PhaseRotate { degrees };
        let mut rig = Rig::new(&node, Format::new(rate, Layout::Mono), false).unwrap();
        let output = rig.run(&[vec![input.to_vec()]], &[input.len()]).unwrap().remove(0).remove(0);
        (output, rig.prepared().latency as usize)
    }

    #[test]
    fn a_tone_is_turned_by_the_angle_and_keeps_its_level() {
        for rate in [44_100, 48_000, 88_200, 96_000, 192_000] {
            for degrees in [-135.0, -90.0, 30.0, 90.0, 170.0_f64] {
                for hz in [21.0, 100.0, 3_000.0, 20_000.0] {
                    let tone = |n: f64, turned: f64| (TAU * hz / f64::from(rate) * n + turned).cos();
                    let input: Vec<f64> = (0..rate).map(|n| tone(f64::from(n), 0.0)).collect();
                    let (output, latency) = run(degrees, rate, &input);
                    let begin = 3 * latency;
                    let error =
                        |n: usize| (output[n] - tone((n - latency) as f64, degrees.to_radians())).abs();
                    let worst = (begin..output.len()).map(error).fold(0.0, f64::max);
                    assert!(worst < 4e-5, "{degrees}° of {hz} Hz at {rate} Hz: {worst:e}");
                }
            }
        }
    }

    #[test]
    fn no_turn_and_half_a_turn_are_exact() {
        let input: Vec<f64> = (0..12_000).map(|n| f64::from(n * n % 1013) / 512.0 - 1.0).collect();
        for (degrees, sign) in [(0.0, 1.0), (180.0, -1.0), (-180.0, -1.0)] {
            let (output, latency) = run(degrees, 44_100, &input);
            assert!(output[latency..].iter().zip(&input).all(|(y, x)| *y == sign * x));
        }
    }
}
