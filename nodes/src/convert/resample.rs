//! Changes the sample rate.
//!
//! Everything below the lower of both half rates stays as it is, to 0.000 000 1 dB up to 20 kHz at 44.1 kHz; what the new
//! rate cannot hold is taken away, 170 dB and more. The filter is linear in phase: every frequency keeps its time. It
//! is steep, so it rings at the very top of the band, and it can raise peaks: put the limiter behind it, or a `Loudness` with
//! `aim: Here` and `metric: TruePeak`.
//!
//! `bandwidth` says where the slope begins: less of it rings less. `phase: Minimum` lets nothing ring ahead of an attack, and
//! the highest frequencies come a few frames late (the low end is where it was, to half a frame).
//!
//! Work in one rate from input to output and change it once. At the rate that comes in anyway, nothing happens at all.

use deadwax_dsp::resample::{Phase, Quality, ResampleError, Resampler, Settings, chunk};
use deadwax_node::{
    About, Block, BlockMut, Body, Family, Io, Node, NodeError, Prepared, Rate, Setup, Stream, Tail, params,
};

/// Parameters of `Resample`.
#[params]
pub struct Resample {
    #[param(default = 44_100, range = 8_000..=768_000, help = "the new sample rate, in Hz")]
    pub rate_hz: u32,
    #[param(help = "how good the filter is")]
    pub quality: ResampleQuality,
    #[param(default = 0.974, range = 0.90..=0.995, help = "up to which part of the lower half rate the band stays")]
    pub bandwidth: f64,
    #[param(help = "whether attacks ring to both sides, or behind only")]
    pub phase: ResamplePhase,
}

/// How good the filter is.
#[params]
pub enum ResampleQuality {
    /// 190 dB clean and more
    #[default]
    Mastering,
    /// 90 dB clean and more, with half the delay: for previews
    Fast,
}

/// What happens to the phase.
#[params]
pub enum ResamplePhase {
    /// every frequency keeps its time
    #[default]
    Linear,
    /// nothing rings ahead of an attack
    Minimum,
}

impl Resample {
    fn settings(&self, portable: bool) -> Settings {
        Settings {
            quality: match self.quality {
                ResampleQuality::Mastering => Quality::Mastering,
                ResampleQuality::Fast => Quality::Fast,
            },
            bandwidth: self.bandwidth,
            phase: match self.phase {
                ResamplePhase::Linear => Phase::Linear,
                ResamplePhase::Minimum => Phase::Minimum,
            },
            portable,
        }
    }
}

impl Node for Resample {
    const ABOUT: About = About {
        kind: "Resample",
        family: Family::Convert,
        summary: "Changes the sample rate and nothing one can hear.",
        since: "0.1",
        algorithm: 2,
        example: "Resample(rate_hz: 48000)",
    };

    fn output_rate(&self, input_hz: u32) -> Result<u32, NodeError> {
        if input_hz != self.rate_hz {
            // Our own filters take chunks of other sizes: both must be there.
            for portable in [false, true] {
                let settings = self.settings(portable);
                chunk(input_hz, self.rate_hz, &settings).map_err(|error| refused(input_hz, &error))?;
            }
        }
        Ok(self.rate_hz)
    }

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let format = setup.main();
        if format.rate_hz == self.rate_hz {
            return Ok(Prepared::stream(Same, 0.0));
        }
        let one = || Resampler::new(format.rate_hz, self.rate_hz, &self.settings(setup.portable));
        let channels: Result<Vec<_>, _> = (0..format.channels()).map(|_| one()).collect();
        let channels = channels.map_err(|error| refused(format.rate_hz, &error))?;
        let (latency, tail) = channels.first().map_or((0, 0), |first| (first.latency(), first.tail()));
        Ok(Prepared {
            cost_ns: 60.0 * channels.len() as f64,
            body: Body::Rate(Box::new(Converter { channels })),
            latency: latency as u64,
            tail: Tail::Frames(tail as u64),
        })
    }

    fn neutral() -> Option<Self> {
        Some(Self { rate_hz: 48_000, ..Self::default() })
    }
}

fn refused(rate_hz: u32, error: &ResampleError) -> NodeError {
    NodeError::SampleRate { rate_hz, reason: error.to_string() }
}

/// The rate stays: so does every sample.
struct Same;

impl Stream for Same {
    fn process(&mut self, _: &mut Io<'_>) -> Result<(), NodeError> {
        Ok(())
    }

    fn reset(&mut self) {}
}

/// A resampler per channel.
struct Converter {
    channels: Vec<Resampler>,
}

impl Rate for Converter {
    fn chunk(&self) -> (usize, usize) {
        self.channels.first().map_or((1, 1), Resampler::chunk)
    }

    fn process(&mut self, input: Block<'_>, output: &mut BlockMut<'_>) -> Result<(), NodeError> {
        for (index, resampler) in self.channels.iter_mut().enumerate() {
            resampler
                .process(input.channel(index), output.channel_mut(index))
                .map_err(|error| NodeError::failed("the sample rate could not be converted", error))?;
        }
        Ok(())
    }

    fn reset(&mut self) {
        for channel in &mut self.channels {
            channel.reset();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use deadwax_node::{Format, conformance::Rig};

    #[test]
    fn the_rate_that_comes_in_passes_untouched() {
        let mut rig = Rig::new(&Resample::default(), Format::stereo(44_100), false).unwrap();
        let channel: Vec<f64> = (0..500).map(|n| f64::from(n * n % 37) / 37.0).collect();
        let programme = vec![vec![channel.clone(), channel]];
        assert_eq!(rig.run(&programme, &[500]).unwrap(), programme);
        assert_eq!(rig.prepared().latency, 0);
    }

    #[test]
    fn the_output_has_the_new_rate_and_a_whole_delay() {
        let rig = Rig::new(&Resample::default(), Format::stereo(96_000), false).unwrap();
        assert_eq!(rig.outputs()[0], Format::stereo(44_100));
        let Body::Rate(rate) = &rig.prepared().body else { panic!("changes the rate") };
        let (frames_in, frames_out) = rate.chunk();
        assert_eq!(frames_in * 147, frames_out * 320);
        assert_eq!(rig.prepared().latency * 2, frames_out as u64);
    }

    #[test]
    fn a_portable_run_has_the_same_sound_by_other_means() {
        let node = Resample { rate_hz: 48_000, ..Resample::default() };
        let input: Vec<f64> = (0..30_000_u64).map(|n| (n * n * 31 % 1009) as f64 / 1009.0 - 0.5).collect();
        let run = |portable: bool| {
            let setup = Setup::plain(&node, Format::stereo(44_100)).unwrap();
            let prepared = Node::prepare(&node, &Setup { portable, ..setup }).unwrap();
            let Body::Rate(mut rate) = prepared.body else { panic!("changes the rate") };
            let (frames_in, frames_out) = rate.chunk();
            let mut out = Vec::new();
            for part in input.chunks_exact(frames_in) {
                let block = deadwax_node::Buffer::from_channels(&[part.to_vec(), part.to_vec()]);
                let mut made = deadwax_node::Buffer::new(2, frames_out);
                rate.process(block.block(frames_in), &mut made.block_mut(frames_out)).unwrap();
                out.extend_from_slice(made.block(frames_out).channel(1));
            }
            out.split_off(prepared.latency as usize)
        };
        let (fast, portable) = (run(false), run(true));
        // White noise: the slopes of both filters differ at the very top of the band.
        let power = |signal: &mut dyn Iterator<Item = f64>| signal.map(|x| x * x).sum::<f64>();
        let both = || fast.iter().zip(&portable).skip(2000).take(20_000);
        let gap = power(&mut both().map(|(a, b)| a - b)) / power(&mut both().map(|(a, _)| *a));
        assert!(gap < 0.02, "{gap}");
    }

    #[test]
    fn rates_that_do_not_go_together_are_refused_with_a_reason() {
        let error =
            Node::output_rate(&Resample { rate_hz: 767_999, ..Resample::default() }, 768_000).unwrap_err();
        assert!(
            matches!(&error, NodeError::SampleRate { rate_hz: 768_000, reason } if reason.contains("third"))
        );
    }
}
