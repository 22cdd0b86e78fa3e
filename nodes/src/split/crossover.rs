//! Splits the signal into bands that add up to it again.
//!
//! One reaches for it to treat bass, middle and treble apart: each band has an output of its own, and a `Mix` brings them
//! together. The bands left alone, the sum is flat to 10⁻⁹ dB (its phase turns around each corner, as in any crossover
//! without latency); they are Linkwitz–Riley filters, with the all-passes that keep them in phase. At 6 dB per octave the
//! filters are of first order, and the bands add up to the very signal.
//!
//! With `phase: Linear` no phase turns: the bands keep their slopes and add up to the signal itself, delayed. It takes
//! latency, and steep low corners ring a little ahead of beats; a shorter kernel rings less and parts less well.
//!
//! Outputs are `low` and `high` for one corner, `low`, `mid` and `high` for two, `band1`, `band2` … from the lowest up
//! for more.

use deadwax_dsp::crossover::{self, CornerError, LinearCrossover, MAX_CORNERS, Slope};
use deadwax_dsp::fft::Kind;
use deadwax_node::{
    About, Channels, Family, Io, Node, NodeError, Port, Ports, Prepared, Problem, Setup, Stream, Tail, params,
};
use std::borrow::Cow;

/// Parameters of `Crossover`.
#[params]
pub struct Crossover {
    #[param(
        default = vec![120.0, 2500.0],
        range = 10.0..=90000.0,
        len = 1..=15,
        help = "where the bands meet, from low to high"
    )]
    pub freqs_hz: Vec<f64>,
    #[param(help = "how steeply they part")]
    pub slope: CrossoverSlope,
    #[param(help = "whether the phase of the sum turns, or stays")]
    pub phase: CrossoverPhase,
    #[param(
        range = 20.0..=500.0,
        help = "with linear phase: how long the kernels are; left out, as long as the lowest corner asks for"
    )]
    pub kernel_ms: Option<f64>,
}

/// What happens to the phase of the sum.
#[params]
pub enum CrossoverPhase {
    /// turns around each corner; no latency
    #[default]
    Minimum,
    /// stays as it was; adds latency
    Linear,
}

/// How steeply the bands part.
#[params]
pub enum CrossoverSlope {
    /// 6 dB per octave
    First,
    /// 12 dB per octave
    LR2,
    /// 24 dB per octave
    #[default]
    LR4,
    /// 48 dB per octave
    LR8,
}

impl CrossoverSlope {
    fn slope(self) -> Slope {
        match self {
            Self::First => Slope::First,
            Self::LR2 => Slope::Lr2,
            Self::LR4 => Slope::Lr4,
            Self::LR8 => Slope::Lr8,
        }
    }

    /// How many sections a split runs, and how many its all-pass.
    fn sections(self) -> (usize, usize) {
        match self {
            Self::First => (1, 0),
            Self::LR2 => (1, 1),
            Self::LR4 => (3, 1),
            Self::LR8 => (7, 2),
        }
    }
}

/// What rings has fallen by this much when the tail is over.
const DECAY_DB: f64 = 160.0;
/// Below this a tail is over, in dBFS.
const TAIL_DBFS: f64 = -150.0;
/// No tail lasts longer, in seconds.
const MOST_TAIL_S: f64 = 60.0;

impl Node for Crossover {
    const ABOUT: About = About {
        kind: "Crossover",
        family: Family::Split,
        summary: "Splits the signal into frequency bands whose sum is flat.",
        since: "0.1",
        algorithm: 1,
        example: "Crossover(freqs_hz: [120, 2500], slope: LR4)",
    };

    fn ports(&self) -> Ports {
        // A list that is too long is refused elsewhere; ports are asked for before that.
        let bands = self.freqs_hz.len().min(MAX_CORNERS) + 1;
        let name = |index: usize| -> Cow<'static, str> {
            match (bands, index) {
                (2 | 3, 0) => "low".into(),
                (3, 1) => "mid".into(),
                (2, 1) | (3, 2) => "high".into(),
                _ => format!("band{}", index + 1).into(),
            }
        };
        let help = |index: usize| -> Cow<'static, str> {
            match (index.checked_sub(1).and_then(|i| self.freqs_hz.get(i)), self.freqs_hz.get(index)) {
                (None, Some(to)) => format!("below {to} Hz").into(),
                (Some(from), Some(to)) => format!("{from} to {to} Hz").into(),
                (Some(from), None) => format!("above {from} Hz").into(),
                (None, None) => "everything".into(),
            }
        };
        let outputs = (0..bands).map(|index| Port::new(name(index), Channels::AsMain, help(index)));
        Ports { inputs: vec![Port::new("in", Channels::Any, "what is split")], outputs: outputs.collect() }
    }

    fn check(&self, problems: &mut Vec<Problem>) {
        for (index, pair) in self.freqs_hz.windows(2).enumerate() {
            if pair[1] <= pair[0] {
                problems.push(Problem::rule(
                    format!("freqs_hz.{}", index + 1),
                    format!("{} Hz stands behind {} Hz", pair[1], pair[0]),
                    "list the frequencies from low to high, each once",
                ));
            }
        }
    }

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let (format, rate_hz) = (setup.main(), f64::from(setup.main().rate_hz));
        if self.phase == CrossoverPhase::Linear {
            return self.linear(setup);
        }
        let bank = crossover::Crossover::new(&self.freqs_hz, self.slope.slope(), rate_hz, format.channels())
            .map_err(|error| of_corner(&error))?;
        let max_frames = bank.decay_frames(DECAY_DB).min((MOST_TAIL_S * rate_hz) as u64);
        let (split, all_pass) = self.slope.sections();
        let corners = self.freqs_hz.len();
        let sections = corners * split + corners * (corners - 1) / 2 * all_pass;
        Ok(Prepared::stream(Bands { bank }, 1.5 * (sections * format.channels()) as f64)
            .with_tail(Tail::UntilBelow { dbfs: TAIL_DBFS, max_frames }))
    }
}

impl Crossover {
    fn linear(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let (format, rate_hz) = (setup.main(), f64::from(setup.main().rate_hz));
        let kind = if setup.portable { Kind::Portable } else { Kind::Fast };
        let kernel_s = self.kernel_ms.map(|ms| ms / 1000.0);
        let channels = format.channels();
        let bank =
            LinearCrossover::new(&self.freqs_hz, self.slope.slope(), kernel_s, rate_hz, channels, kind)
                .map_err(|error| of_corner(&error))?;
        let (latency, tail) = (bank.latency() as u64, bank.tail() as u64);
        let cost_ns = 9.0 * (self.freqs_hz.len() * channels) as f64;
        Ok(Prepared::stream(LinearBands { bank }, cost_ns)
            .with_latency(latency)
            .with_tail(Tail::Frames(tail)))
    }
}

/// The kernel's complaint, at the field it is about.
fn of_corner(error: &CornerError) -> NodeError {
    match error {
        CornerError::Count { .. } => NodeError::field("freqs_hz", error.to_string()),
        CornerError::Frequency { index, max_hz, .. } => NodeError::field(
            format!("freqs_hz.{index}"),
            format!("at this sample rate bands may meet between 10 and {} Hz", max_hz.floor()),
        ),
        CornerError::Order { index, .. } => NodeError::field(format!("freqs_hz.{index}"), error.to_string()),
    }
}

/// The filters; what is above the bands already taken waits in the highest band's output.
struct Bands {
    bank: crossover::Crossover,
}

impl Stream for Bands {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        let frames = io.frames();
        let Some((highest, bands)) = io.outputs().split_last_mut() else { return Ok(()) };
        let mut rest = highest.block_mut(frames);
        // The main output, which is the lowest band, holds the input.
        if let Some(lowest) = bands.first() {
            rest.copy_from(lowest.block(frames));
        }
        for (index, band) in bands.iter_mut().enumerate() {
            let mut band = band.block_mut(frames);
            let mut channels = rest.iter_mut().zip(band.iter_mut());
            let mut channel = 0;
            while let Some((rest_left, left)) = channels.next() {
                match channels.next() {
                    Some((rest_right, right)) => {
                        self.bank.take_pair(index, channel, [rest_left, rest_right], [left, right]);
                    }
                    None => self.bank.take(index, channel, rest_left, left),
                }
                channel += 2;
            }
        }
        Ok(())
    }

    fn reset(&mut self) {
        self.bank.reset();
    }
}

/// The last hops of the signal, transformed, and the delayed signal.
struct LinearBands {
    bank: LinearCrossover,
}

impl Stream for LinearBands {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        let frames = io.frames();
        let outputs = io.outputs();
        // The main output, which is the lowest band, holds the input.
        for index in (1..outputs.len()).rev() {
            let (lowest, others) = outputs.split_at_mut(1);
            others[index - 1].block_mut(frames).copy_from(lowest[0].block(frames));
        }
        let Some((highest, bands)) = outputs.split_last_mut() else { return Ok(()) };
        for (channel, block) in highest.block_mut(frames).iter_mut().enumerate() {
            self.bank.delay(channel, block);
        }
        for (index, band) in bands.iter_mut().enumerate() {
            self.bank.take_below(index, band.block_mut(frames).iter_mut());
        }
        for index in (1..outputs.len()).rev() {
            let (lower, upper) = outputs.split_at_mut(index);
            let below = lower[index - 1].block(frames);
            for (band, below) in upper[0].block_mut(frames).iter_mut().zip(below.iter()) {
                band.iter_mut().zip(below).for_each(|(x, below)| *x -= below);
            }
        }
        Ok(())
    }

    fn reset(&mut self) {
        self.bank.reset();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use deadwax_node::conformance::Rig;
    use deadwax_node::{AnyNode, Format, Layout};

    fn names(freqs_hz: Vec<f64>) -> Vec<String> {
        let node = Crossover { freqs_hz, ..Crossover::default() };
        Node::ports(&node).outputs.iter().map(|port| port.name.to_string()).collect()
    }

    #[test]
    fn outputs_are_named_for_what_they_carry() {
        assert_eq!(names(vec![500.0]), ["low", "high"]);
        assert_eq!(names(vec![120.0, 2500.0]), ["low", "mid", "high"]);
        assert_eq!(names(vec![100.0, 500.0, 2500.0]), ["band1", "band2", "band3", "band4"]);
    }

    #[test]
    fn frequencies_out_of_order_are_named() {
        let node = Crossover { freqs_hz: vec![500.0, 2500.0, 120.0], ..Crossover::default() };
        let problems = node.problems();
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].path, "freqs_hz.2");
    }

    /// Mono, stereo and more channels take different paths through the kernel.
    #[test]
    fn every_channel_is_split_alike() {
        let noise: Vec<f64> = (0..900).map(|n| f64::from(n * 7919 % 1009) / 1009.0 - 0.5).collect();
        let run = |channels: usize| {
            let format = Format::new(48_000, Layout::of_channels(channels).unwrap());
            let mut rig = Rig::new(&Crossover::default(), format, false).unwrap();
            rig.run(&[vec![noise.clone(); channels]], &[400, 500]).unwrap()
        };
        let (mono, surround) = (run(1), run(5));
        for (band, expected) in surround.iter().zip(&mono) {
            assert!(band.iter().all(|channel| *channel == expected[0]));
        }
    }

    /// Spec 3.2: against the delayed signal, ≤ −300 dBFS.
    #[test]
    fn linear_bands_add_up_to_the_delayed_signal() {
        for (rate_hz, kernel_ms) in
            [(44_100, None), (48_000, Some(20.0)), (88_200, Some(100.0)), (96_000, None), (192_000, None)]
        {
            let node = Crossover {
                freqs_hz: vec![150.0, 1000.0, 6000.0],
                phase: CrossoverPhase::Linear,
                kernel_ms,
                ..Crossover::default()
            };
            let mut rig = Rig::new(&node, Format::stereo(rate_hz), false).unwrap();
            let late = rig.prepared().latency as usize;
            let noise: Vec<f64> = (0..late + 3000).map(|n| (n * 7919 % 1009) as f64 / 1009.0 - 0.5).collect();
            let bands = rig.run(&[vec![noise.clone(); 2]], &[late, 3000]).unwrap();
            for frame in 0..3000 {
                let sum: f64 = bands.iter().map(|band| band[1][late + frame]).sum();
                assert!((sum - noise[frame]).abs() <= 1e-15, "{rate_hz} Hz, frame {frame}");
            }
        }
    }
}
