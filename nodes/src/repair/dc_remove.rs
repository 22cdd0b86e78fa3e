//! Takes out a constant offset.
//!
//! One reaches for it when a converter has left the wave off its middle: an offset costs headroom, and clicks where the
//! programme is cut. `Mean` hears the whole programme first and subtracts its mean: nothing else changes. `HighPass` follows an
//! offset that wanders, with a corner so low that 20 Hz loses less than a hundredth of a decibel. `audition: true` puts out the
//! offset.

use deadwax_dsp::math::tan;
use deadwax_dsp::svf::{Cascade, Section, decay_frames};
use deadwax_node::{
    About, Analyze, Block, Body, Family, Io, Node, NodeError, Prepared, Report, Setup, Stream, Tail, Whole,
    params,
};
use serde::Serialize;
use std::f64::consts::PI;

/// Parameters of `DcRemove`.
#[params]
pub struct DcRemove {
    #[param(help = "how the offset is known")]
    pub mode: DcRemoveMode,
    #[param(default = 0.9, range = 0.1..=10.0, help = "HighPass: below this it is an offset")]
    pub corner_hz: f64,
    #[param(default = false, help = "put out what is taken away")]
    pub audition: bool,
}

/// How the offset is known.
#[params]
pub enum DcRemoveMode {
    /// it is the mean of the whole programme
    #[default]
    Mean,
    /// it is what lies below a corner, and may wander
    HighPass,
}

/// The offset that was taken out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DcRemoveReport {
    /// Of each channel, in parts of full scale.
    pub offset: Vec<f64>,
}

/// What rings has fallen by this much when the tail is over …
const DECAY_DB: f64 = 200.0;
/// … which is below this.
const TAIL_DBFS: f64 = -150.0;

impl Node for DcRemove {
    const ABOUT: About = About {
        kind: "DcRemove",
        family: Family::Repair,
        summary: "Takes out a constant offset.",
        since: "0.2",
        algorithm: 1,
        example: "DcRemove(mode: HighPass)",
    };

    // The mean of the whole is taken off its silent stretches, too: they were off the middle only if they were not silent.
    const ADDS_NOISE: bool = true;

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let format = setup.main();
        if self.mode == DcRemoveMode::Mean {
            let whole =
                Body::Whole(Box::new(Middle { channels: format.channels(), audition: self.audition }));
            return Ok(Prepared { body: whole, latency: 0, tail: Tail::NONE, cost_ns: 0.5 });
        }
        let corner = tan(PI * self.corner_hz / f64::from(format.rate_hz));
        let section = Section::first_order([1.0, 0.0], [1.0, corner])
            .map_err(|error| NodeError::field("corner_hz", error.to_string()))?;
        let max_frames = decay_frames(&[section], DECAY_DB);
        let cascade = Cascade::new(&[section], format.channels());
        let filter = Filter { cascade, whole: self.audition.then(|| vec![0.0; setup.max_frames]) };
        Ok(Prepared::stream(filter, 1.5 * format.channels() as f64)
            .with_tail(Tail::UntilBelow { dbfs: TAIL_DBFS, max_frames }))
    }
}

/// One integrator for each channel.
struct Filter {
    cascade: Cascade,
    /// The input of one channel, where what is taken off it is wanted.
    whole: Option<Vec<f64>>,
}

impl Stream for Filter {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        let Some(whole) = &mut self.whole else {
            self.cascade.process_all(io.main().iter_mut());
            return Ok(());
        };
        for (channel, samples) in io.main().iter_mut().enumerate() {
            let whole = &mut whole[..samples.len()];
            whole.copy_from_slice(samples);
            self.cascade.process(channel, samples);
            samples.iter_mut().zip(whole).for_each(|(sample, whole)| *sample = *whole - *sample);
        }
        Ok(())
    }

    fn reset(&mut self) {
        self.cascade.reset();
    }
}

/// Hears the mean.
struct Middle {
    channels: usize,
    audition: bool,
}

impl Whole for Middle {
    fn listener(&self) -> Box<dyn Analyze> {
        Box::new(Means { sums: vec![Sum::default(); self.channels], frames: 0 })
    }

    fn stream(&mut self, heard: &Report) -> Result<Box<dyn Stream>, NodeError> {
        let report = heard.get::<DcRemoveReport>().ok_or(NodeError::ForeignReport)?.clone();
        Ok(Box::new(Less { report, audition: self.audition }))
    }
}

/// A sum that loses nothing to rounding (Neumaier, 1974): added frame by frame, so that no cutting changes it.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    total: f64,
    lost: f64,
}

impl Sum {
    fn add(&mut self, x: f64) {
        let total = self.total + x;
        self.lost +=
            if self.total.abs() >= x.abs() { (self.total - total) + x } else { (x - total) + self.total };
        self.total = total;
    }
}

struct Means {
    sums: Vec<Sum>,
    frames: u64,
}

impl Analyze for Means {
    fn hear(&mut self, _: u64, block: Block<'_>) -> Result<(), NodeError> {
        for (sum, channel) in self.sums.iter_mut().zip(block.iter()) {
            channel.iter().for_each(|x| sum.add(*x));
        }
        self.frames += block.frames() as u64;
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Report, NodeError> {
        let frames = self.frames.max(1) as f64;
        let offset = self.sums.iter().map(|sum| (sum.total + sum.lost) / frames).collect();
        Ok(Report::new(DcRemoveReport { offset }))
    }
}

/// The programme without its mean: no state.
struct Less {
    report: DcRemoveReport,
    audition: bool,
}

impl Stream for Less {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        for (channel, offset) in io.main().iter_mut().zip(&self.report.offset) {
            match self.audition {
                true => channel.fill(*offset),
                false => channel.iter_mut().for_each(|sample| *sample -= offset),
            }
        }
        Ok(())
    }

    fn reset(&mut self) {}

    fn report(&self) -> Option<Report> {
        Some(Report::new(self.report.clone()))
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;
    use deadwax_node::Format;
    use deadwax_node::conformance::Rig;

    fn run(node: &DcRemove, rate: u32, input: &[f64]) -> Vec<f64> {
        let mut rig = Rig::new(node, Format::new(rate, deadwax_node::Layout::Mono), false).unwrap();
        rig.run(&[vec![input.to_vec()]], &[input.len()]).unwrap().remove(0).remove(0)
    }

    fn tone(rate: u32, hz: f64, frames: u32) -> Vec<f64> {
        (0..frames)
            .map(|n| 0.5 * (std::f64::consts::TAU * hz / f64::from(rate) * f64::from(n)).sin())
            .collect()
    }

    /// DSP specification, 3.7: what is left is at most −150 dBFS.
    #[test]
    fn what_is_left_of_an_offset_is_below_150_db() {
        for rate in [44_100, 48_000, 88_200, 96_000, 192_000] {
            let input: Vec<f64> = tone(rate, 100.0, rate * 2).iter().map(|x| x + 0.03).collect();
            let out = run(&DcRemove::default(), rate, &input);
            let mean = out.iter().sum::<f64>() / out.len() as f64;
            assert!(20.0 * mean.abs().max(1e-30).log10() <= -150.0, "{mean:e} at {rate} Hz");
            let steady = vec![0.25; 20 * rate as usize];
            let node = DcRemove { mode: DcRemoveMode::HighPass, ..DcRemove::default() };
            let last = *run(&node, rate, &steady).last().unwrap();
            assert!(20.0 * last.abs().max(1e-30).log10() <= -150.0, "{last:e} at {rate} Hz");
        }
    }

    /// DSP specification, 3.7: at most 0.01 dB at 20 Hz.
    #[test]
    fn at_20_hz_less_than_a_hundredth_of_a_decibel_is_lost() {
        let node = DcRemove { mode: DcRemoveMode::HighPass, ..DcRemove::default() };
        for rate in [44_100, 48_000, 88_200, 96_000, 192_000] {
            let input = tone(rate, 20.0, rate * 4);
            let out = run(&node, rate, &input);
            let power = |x: &[f64]| x[3 * rate as usize..].iter().map(|x| x * x).sum::<f64>();
            let db = 10.0 * (power(&out) / power(&input)).log10();
            assert!(db.abs() <= 0.01, "{db} dB at {rate} Hz");
        }
    }
}
