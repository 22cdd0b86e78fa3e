//! Moves a signal later, by frames, milliseconds or metres, fractions included.
//!
//! One reaches for it to line up a spot microphone with the main pair (`distance_m`), one channel with the other (with
//! `lane: Right`), or two branches that no meter counts the same. The three add up. A whole number of frames changes no
//! bit; a fraction is within 0.0001 dB and 0.0001 frames up to 0.45 of the sample rate. The programme stays as long as
//! it is: what is pushed beyond its end sounds in the tail.

use deadwax_dsp::delay::{Fraction, HALF, Line, TAPS};
use deadwax_node::{About, Family, Io, Node, NodeError, Prepared, Setup, Stream, Tail, params};

/// Parameters of `Delay`.
#[params]
pub struct Delay {
    #[param(default = 0.0, range = 0.0..=192_000.0, help = "by how much later")]
    pub delay_frames: f64,
    #[param(default = 0.0, range = 0.0..=2000.0, help = "and this")]
    pub delay_ms: f64,
    #[param(default = 0.0, range = 0.0..=600.0, unit = "m", help = "and the time sound takes so far, at 343 m/s")]
    pub distance_m: f64,
}

/// How fast sound is, in metres per second, in air of 20 °C.
const SOUND_M_S: f64 = 343.0;
/// A fraction of a frame closer to a whole one than this is none.
const WHOLE: f64 = 1e-6;

impl Delay {
    /// The whole frames, and the fraction beyond, if there is one.
    fn split(&self, rate_hz: f64) -> (usize, Option<f64>) {
        let seconds = self.delay_ms / 1000.0 + self.distance_m / SOUND_M_S;
        let frames = self.delay_frames + seconds * rate_hz;
        if (frames - frames.round()).abs() < WHOLE {
            return (frames.round() as usize, None);
        }
        (frames as usize, Some(frames.fract()))
    }
}

impl Node for Delay {
    const ABOUT: About = About {
        kind: "Delay",
        family: Family::Time,
        summary: "Moves the signal later, by frames, milliseconds or metres.",
        since: "0.2",
        algorithm: 1,
        example: "Delay(delay_ms: 12.5)",
    };

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let (rate_hz, channels) = (f64::from(setup.main().rate_hz), setup.main().channels());
        let (whole, fraction) = self.split(rate_hz);
        // The taps of a fraction reach ahead; what the delay itself does not give is latency.
        let reach = if fraction.is_some() { HALF - 1 } else { 0 };
        let latency = reach.saturating_sub(whole);
        let ringing = if fraction.is_some() { TAPS } else { 0 };
        let shift = Shift {
            lines: vec![Line::new(whole + latency - reach); channels],
            fractions: fraction.map_or_else(Vec::new, |part| vec![Fraction::new(part); channels]),
        };
        let each = if fraction.is_some() { 20.0 } else { 0.5 };
        Ok(Prepared::stream(shift, each * channels as f64)
            .with_latency(latency as u64)
            .with_tail(Tail::Frames((whole + ringing) as u64)))
    }

    fn neutral() -> Option<Self> {
        Some(Self::default())
    }
}

/// Whole frames, then the fraction.
struct Shift {
    lines: Vec<Line>,
    /// One per channel, or none.
    fractions: Vec<Fraction>,
}

impl Stream for Shift {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        let mut main = io.main();
        for (channel, line) in main.iter_mut().zip(&mut self.lines) {
            line.process(channel);
        }
        for (channel, fraction) in main.iter_mut().zip(&mut self.fractions) {
            fraction.process(channel);
        }
        Ok(())
    }

    fn reset(&mut self) {
        self.lines.iter_mut().for_each(Line::reset);
        self.fractions.iter_mut().for_each(Fraction::reset);
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;
    use deadwax_node::conformance::Rig;
    use deadwax_node::{Format, Layout};
    use std::f64::consts::TAU;

    fn run(node: &Delay, rate: u32, input: &[f64]) -> (Vec<f64>, usize) {
        let mut rig = Rig::new(node, Format::new(rate, Layout::Mono), false).unwrap();
        let output = rig.run(&[vec![input.to_vec()]], &[input.len()]).unwrap().remove(0).remove(0);
        (output, rig.prepared().latency as usize)
    }

    #[test]
    fn whole_frames_change_no_bit() {
        let input: Vec<f64> = (0..3_000).map(|n| f64::from(n * n % 1013) / 512.0 - 1.0).collect();
        for (node, frames) in [
            (Delay { delay_frames: 17.0, ..Delay::default() }, 17),
            (Delay { delay_ms: 10.0, ..Delay::default() }, 480),
            (Delay { distance_m: 3.43, delay_frames: 1.0, ..Delay::default() }, 481),
        ] {
            let (output, latency) = run(&node, 48_000, &input);
            assert_eq!(latency, 0);
            assert!(
                output[..frames].iter().all(|x| *x == 0.0) && output[frames..] == input[..3_000 - frames]
            );
        }
    }

    #[test]
    fn a_fraction_is_as_late_as_it_says_and_as_loud() {
        // DSP specification, 3.6: 1e-4 dB and 1e-4 frames to 0.45 of the rate; of a sine that is an error below
        // 1.2e-5 + 2π·0.45·1e-4.
        for rate in [44_100, 48_000, 88_200, 96_000, 192_000] {
            for frames in [0.5, 3.37, 50.01, 99.9] {
                for turns in [0.01, 0.2, 0.45] {
                    let tone = |n: f64| (TAU * turns * n).sin();
                    let input: Vec<f64> = (0..1_000).map(|n| tone(f64::from(n))).collect();
                    let node = Delay { delay_frames: frames, ..Delay::default() };
                    let (output, latency) = run(&node, rate, &input);
                    let error = |n: usize| (output[n] - tone(n as f64 - latency as f64 - frames)).abs();
                    let worst = (300..1_000).map(error).fold(0.0, f64::max);
                    assert!(worst < 1.2e-5 + TAU * turns * 1e-4, "{frames} at {turns}: {worst:e}");
                }
            }
        }
    }
}
